"""What the models of two factor matrices share: their checks, answers and fallbacks."""

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
    """Return ``lr_decay``, or where that is None the tuned one, stretched or pressed.

    ``tuned`` is what was good with ``n_epochs``; over the model's own number of epochs
    the steps then shrink by the same share in all, instead of ever further.

    >>> from recbook import MatrixFactorization
    >>> decay_of(MatrixFactorization(n_epochs=80), tuned=0.81, n_epochs=40)
    0.9
    """
    if model.lr_decay is not None:
        return float(model.lr_decay)
    return tuned ** (n_epochs / max(model.n_epochs, 1))


def all_finite(*arrays):
    """Whether the squares of each array have a finite sum.

    Then no product of two of their entries overflows, nor a sum of such products.
    """
    return all(np.isfinite(np.vdot(x, x)) for x in arrays)


def start(rng, shape, std, rows):
    """Return factors drawn from N(0, std²); zeros in rows that are not in ``rows``."""
    return rng.normal(0.0, std, shape) * rows[:, None]


def penalties(reg, reg_power, counts):
    r"""Return each row's share of its penalty at one of its n ratings, (rows,).

    A row with n ratings pays :math:`\lambda n^{p}\,\|x\|^2` in all, p being
    ``reg_power``; SGD meets the row n times a pass and takes
    :math:`\lambda n^{p - 1}` each time. 1 shrinks at every rating alike, the
    penalty inside the sum; 0 shrinks every row alike, the penalty outside.
    """
    return reg * np.maximum(counts, 1.0) ** (reg_power - 1.0)


def row_penalties(model, counts):
    r"""Return what each row pays in all, :math:`\lambda n^{p}`, 0 without ratings.

    >>> from recbook.factorization import ALS
    >>> row_penalties(ALS(reg=3.0, reg_power=1.0), np.array([0, 1, 4])).tolist()
    [0.0, 3.0, 12.0]
    """
    return counts * penalties(model.reg, model.reg_power, counts)


class Predictor(Recommender):
    r"""Answers of :math:`\hat r_{ui} = \mu + b_u + b_i + p_u^\top q_i`, in stars.

    A fitted model has ``mu_`` (mean of train, whether the model uses it or not),
    ``bu_`` and ``bi_`` (zeros where it has none), ``Q_``, what ``_user_vectors``
    returns (``P_`` unless the model says otherwise), ``scale_`` (lowest and highest
    rating of train), ``_offset`` (``mu_`` where it is a part of the model, else 0)
    and ``_known`` (see :func:`recbook.base.known`).
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

    def predict(self, users, items):
        """Return :math:`\\hat r_{ui}` of each pair, (n,) float64, in stars.

        Clipped, at the very end, to the lowest and highest rating of train. A user
        or an item without training ratings: :math:`\\mu` and the known bias.
        """
        check_fitted(self, "Q_")
        users, items = check_pairs(users, items, self.bu_.size, self.bi_.size)
        return np.clip(self._raw(users, items), *self.scale_)

    def scores(self, users):
        """Return the predictions before clipping, (len(users), n_items) float64."""
        check_fitted(self, "Q_")
        users = check_codes("users", users, self.bu_.size)
        dots = self._user_vectors()[users] @ self.Q_.T  # (len(users), n_items)
        both = self._known[0][users][:, None] & self._known[1]
        raw = np.where(both, self._offset + dots, self.mu_)
        return raw + self.bu_[users][:, None] + self.bi_


class Ranker(Recommender):
    r"""Answers of :math:`\hat s_{ui} = b_i + p_u^\top q_i`, which only orders items.

    A fitted model has ``P_``, ``Q_``, ``bi_`` (zeros where it has none), ``counts_``
    (ratings of each item in train) and ``_known`` (of :func:`recbook.base.known`).
    """

    _fitted = "Q_"

    @property
    def _shape(self):
        return self.P_.shape[0], self.Q_.shape[0]

    def scores(self, users):
        """Return a score for every item, (len(users), n_items) float64.

        For a user without training ratings, the items' number of ratings.
        """
        check_fitted(self, "Q_")
        users = check_codes("users", users, self.P_.shape[0])
        scores = self.P_[users].astype(np.float64) @ self.Q_.T + self.bi_
        scores[~self._known[0][users]] = self.counts_
        return scores
