"""What all matrix factorizations share: predictions, scores and penalties."""

import numpy as np

from recbook._core.validate import check_codes, check_fitted, check_pairs
from recbook.base import Recommender

__all__ = [
    "Predictor",
    "Ranker",
    "all_finite",
    "decay_of",
    "penalties",
    "row_penalties",
    "start",
]


def decay_of(model, tuned, n_epochs):
    """Return ``lr_decay``, or a default that depends on the number of epochs.

    ``tuned`` was chosen for ``n_epochs`` epochs. For another number of epochs the
    default changes so that the learning rate shrinks by the same total factor.

    >>> from recbook import MatrixFactorization
    >>> decay_of(MatrixFactorization(n_epochs=80), tuned=0.81, n_epochs=40)
    0.9
    """
    if model.lr_decay is not None:
        return float(model.lr_decay)
    return tuned ** (n_epochs / max(model.n_epochs, 1))


def all_finite(*arrays):
    """Return whether the squares of each array have a finite sum.

    Then no product of two of their entries overflows, and no sum of such products.
    """
    return all(np.isfinite(np.vdot(x, x)) for x in arrays)


def start(rng, shape, std, rows):
    """Return factors drawn from N(0, std²), with zeros where ``rows`` is False."""
    return rng.normal(0.0, abs(std), shape) * rows[:, None]  # -0.0 is 0, too


def penalties(reg, reg_power, counts):
    r"""Return the share of a row's penalty that each of its n ratings pays, (n_rows,).

    A row with n ratings pays :math:`\lambda n^{p}\,\|x\|^2` in total, where p is
    ``reg_power``. SGD visits the row n times per epoch, so each visit takes
    :math:`\lambda n^{p - 1}`. With p = 1 the penalty is inside the sum over ratings,
    with p = 0 it is outside and the same for every row.
    """
    return reg * np.maximum(counts, 1.0) ** (reg_power - 1.0)


def row_penalties(model, counts):
    r"""Return the total penalty :math:`\lambda n^{p}` of each row, 0 without ratings.

    >>> from recbook.factorization import ALS
    >>> row_penalties(ALS(reg=3.0, reg_power=1.0), np.array([0, 1, 4])).tolist()
    [0.0, 3.0, 12.0]
    """
    return counts * penalties(model.reg, model.reg_power, counts)


class Predictor(Recommender):
    r"""Predictions :math:`\hat r_{ui} = \mu + b_u + b_i + p_u^\top q_i`, in stars.

    A subclass sets in fit: ``mu_`` (the mean of train, whether the model uses it or
    not), ``bu_`` and ``bi_`` (zeros for a model without biases), ``Q_``, ``scale_``
    (the lowest and highest rating of train), ``_offset`` (``mu_`` if the model uses it,
    else 0) and ``_known`` (see :func:`recbook.base.known`). ``_user_vectors`` returns
    the user factors, which are ``P_`` by default.
    """

    _fitted = "Q_"

    @property
    def _shape(self):
        return self.bu_.size, self.bi_.size

    def _user_vectors(self):
        return self.P_

    def _raw(self, users, items):
        """Return the predictions of the pairs before clipping, (n,)."""
        biases = self.bu_[users] + self.bi_[items]
        dots = (self._user_vectors()[users] * self.Q_[items]).sum(axis=1)
        both = self._known[0][users] & self._known[1][items]
        return np.where(both, self._offset + dots, self.mu_) + biases

    def predict(self, users, items) -> np.ndarray:
        r"""Return the predicted rating :math:`\hat r_{ui}` of each pair.

        A pair whose user or item has no training rating gets :math:`\mu` plus the bias
        of the known side.

        Parameters
        ----------
        users, items : (n,) int arrays
            Codes of the pairs.

        Returns
        -------
        (n,) float64 array
            Stars, clipped to the lowest and highest rating of train.
        """
        check_fitted(self, "Q_")
        users, items = check_pairs(users, items, self.bu_.size, self.bi_.size)
        return np.clip(self._raw(users, items), *self.scale_)

    def scores(self, users) -> np.ndarray:
        """Return the predictions for all items, without clipping.

        Clipping would tie the best items.

        Parameters
        ----------
        users : (n,) int array
            User codes.

        Returns
        -------
        (n, n_items) float64 array
            One row for each user.
        """
        check_fitted(self, "Q_")
        users = check_codes("users", users, self.bu_.size)
        dots = self._user_vectors()[users] @ self.Q_.T  # (len(users), n_items)
        both = self._known[0][users][:, None] & self._known[1]
        raw = np.where(both, self._offset + dots, self.mu_)
        return raw + self.bu_[users][:, None] + self.bi_


class Ranker(Recommender):
    r"""Scores :math:`\hat s_{ui} = b_i + p_u^\top q_i`, which only order items.

    A subclass sets in fit: ``P_``, ``Q_``, ``bi_`` (zeros for a model without biases),
    ``counts_`` (the number of ratings of each item in train) and ``_known`` (see
    :func:`recbook.base.known`).
    """

    _fitted = "Q_"

    @property
    def _shape(self):
        return self.P_.shape[0], self.Q_.shape[0]

    def scores(self, users) -> np.ndarray:
        """Return a score for every item.

        A user without training ratings gets the items' numbers of ratings (popularity).

        Parameters
        ----------
        users : (n,) int array
            User codes.

        Returns
        -------
        (n, n_items) float64 array
            One row for each user.
        """
        check_fitted(self, "Q_")
        users = check_codes("users", users, self.P_.shape[0])
        scores = self.P_[users].astype(np.float64) @ self.Q_.T + self.bi_
        scores[~self._known[0][users]] = self.counts_
        return scores
