"""What the models of two factor matrices share: their checks, answers and fallbacks."""

import numpy as np

from recbook._ranking import recommend
from recbook._validate import (
    check_codes,
    check_fitted,
    check_number,
    check_pairs,
    check_positive_int,
)

__all__ = ["DivergenceError", "Predictor", "Ranker", "check_ratings", "check_settings"]
__all__ += ["all_finite", "decay_of", "diverged", "known", "penalties"]
__all__ += ["row_penalties", "start"]

LARGEST = 1e30  # products of a few such numbers, and sums of them, are finite

# Hyper-parameter -> what it must be. A model is checked for those that it has.
FROM_ZERO_TO = dict.fromkeys(("alpha", "init_std", "reg", "reg_bias"), LARGEST)
FROM_ZERO_TO["reg_power"] = 10.0  # a power of a number of ratings
ABOVE_ZERO = ("lr", "lr_decay")
COUNTS = {"n_factors": 1, "n_epochs": 0, "n_iterations": 1, "cg_steps": 1, "seed": 0}


class DivergenceError(ValueError, FloatingPointError):
    """Training left the finite numbers; the message names lr and the epoch.

    A model that was fitted before is as it was.

    >>> raise DivergenceError("lr=5.0 is too high")
    Traceback (most recent call last):
    ...
    recbook.factorization._shared.DivergenceError: lr=5.0 is too high
    """


def check_settings(model):
    """Raise a ValueError for the first hyper-parameter out of its range, by name."""
    settings = vars(model)
    for name, most in FROM_ZERO_TO.items():
        if name in settings:
            check_number(name, settings[name], 0.0, most)
    for name in ABOVE_ZERO:
        if settings.get(name) is None and name != "lr":
            continue  # not a setting of this model, or left to decay_of
        if name in settings and check_number(name, settings[name], 0.0) == 0.0:
            raise ValueError(f"{name} must be more than 0, got {settings[name]!r}")
    for name, minimum in COUNTS.items():
        if name in settings:
            check_positive_int(name, settings[name], minimum=minimum)


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


def check_ratings(train):
    """Raise a ValueError where the stars are so many that squares would overflow."""
    furthest = train.values[np.abs(train.values).argmax()]
    if abs(furthest) > LARGEST:
        raise ValueError(
            f"train holds a rating of {furthest:g}, further from 0 than {LARGEST:g}; "
            "divide the ratings by a number"
        )


def all_finite(*arrays):
    """Whether the squares of each array have a finite sum.

    Then no product of two of their entries overflows, nor a sum of such products.
    """
    return all(np.isfinite(np.vdot(x, x)) for x in arrays)


def diverged(model, epoch):
    """Return what to raise after an epoch, the first being 1, of a model with ``lr``.

    >>> from recbook import MatrixFactorization
    >>> raise diverged(MatrixFactorization(lr=5.0, n_epochs=20), epoch=3)
    Traceback (most recent call last):
    ...
    recbook.factorization._shared.DivergenceError: lr=5.0 is too high: in epoch 3 of \
20 the parameters left the finite numbers; try lr=0.5
    """
    growing = " and lr_decay=1.0" if (model.lr_decay or 0) > 1 else ""
    return DivergenceError(
        f"lr={model.lr} is too high: in epoch {epoch} of {model.n_epochs} the "
        f"parameters left the finite numbers; try lr={model.lr / 10:.2g}{growing}"
    )


def known(train):
    """Return which users, and which items, have a rating in train: two bool arrays."""
    return (
        np.bincount(train.users, minlength=train.n_users) > 0,
        np.bincount(train.items, minlength=train.n_items) > 0,
    )


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


class Predictor:
    r"""Answers of :math:`\hat r_{ui} = \mu + b_u + b_i + p_u^\top q_i`, in stars.

    A fitted model has ``mu_`` (mean of train, whether the model uses it or not),
    ``bu_`` and ``bi_`` (zeros where it has none), ``Q_``, what ``_user_vectors``
    returns (``P_`` unless the model says otherwise), ``scale_`` (lowest and highest
    rating of train), ``_offset`` (``mu_`` where it is a part of the model, else 0)
    and ``_known`` (see :func:`known`).
    """

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

    def recommend(self, users, k=10, exclude=None):
        """Return (len(users), k) item codes less ``exclude``'s, -1 pads."""
        check_fitted(self, "Q_")
        return recommend(self, users, k, exclude, (self.bu_.size, self.bi_.size))


class Ranker:
    r"""Answers of :math:`\hat s_{ui} = b_i + p_u^\top q_i`, which only orders items.

    A fitted model has ``P_``, ``Q_``, ``bi_`` (zeros where it has none), ``counts_``
    (ratings of each item in train) and ``_known`` (see :func:`known`).
    """

    def scores(self, users):
        """Return a score for every item, (len(users), n_items) float64.

        For a user without training ratings, the items' number of ratings.
        """
        check_fitted(self, "Q_")
        users = check_codes("users", users, self.P_.shape[0])
        scores = self.P_[users].astype(np.float64) @ self.Q_.T + self.bi_
        scores[~self._known[0][users]] = self.counts_
        return scores

    def recommend(self, users, k=10, exclude=None):
        """Return (len(users), k) item codes less ``exclude``'s, -1 pads."""
        check_fitted(self, "Q_")
        shape = self.P_.shape[0], self.Q_.shape[0]
        return recommend(self, users, k, exclude, shape)
