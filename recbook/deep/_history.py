"""What DIN, GRU4Rec and SASRec share: they answer from a window of the latest items."""

import numpy as np

from recbook._validate import check_fitted
from recbook.deep import _sequences
from recbook.deep._model import BLOCK, RankingModel

__all__ = ["HistoryModel"]


class HistoryModel(RankingModel):
    """Order the catalogue after a sequence of items, of train's users or of anybody.

    Besides what :class:`RankingModel` needs, a fitted model has ``n_steps``,
    ``_sequences`` (of train, see :func:`recbook.deep._sequences.ordered`) and
    ``_answers(table)``, the network's scores of all items after each window of
    ``table``, (len(table), n_items).
    """

    def _score(self, users):
        return self._answers(
            _sequences.last_windows(*self._sequences, users, self.n_steps)
        )

    def score_histories(self, histories):
        """Return a score for every item after each history.

        Parameters
        ----------
        histories : iterable of (length,) array_like of int
            Item codes, oldest first, of anybody. Of a history longer than the window
            the last ``n_steps`` count; an empty one gets the items' number of ratings.

        Returns
        -------
        (len(histories), n_items) float64 array
            Higher is better. An item of the history is scored like any other.

        Raises
        ------
        ValueError
            Naming the history, the place in it and the value that is no item code.
        """
        check_fitted(self, "weights_")
        items, bounds = _sequences.check_histories(histories, self.counts_.size)
        scores = np.tile(self.counts_.astype(np.float64), (bounds.size - 1, 1))
        some = np.flatnonzero(np.diff(bounds))
        for first in range(0, some.size, BLOCK):
            rows = some[first : first + BLOCK]
            table = _sequences.last_windows(items, bounds, rows, self.n_steps)
            scores[rows] = self._answers(table)
        return scores
