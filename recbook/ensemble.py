"""Ensembles: the weighted sum of several models' standardised scores."""

import copy
from typing import Self

import numpy as np

from recbook._core.arrays import check_reals
from recbook._core.validate import check_codes, check_fitted, check_number
from recbook.base import Recommender, anything, check_train

__all__ = ["Ensemble", "standardize"]


def standardize(scores):
    r"""Scale each row of scores to mean 0 and standard deviation 1.

    .. math:: z_j = \frac{s_j - \bar s}{\sigma_s}

    :math:`\bar s` and :math:`\sigma_s` are the mean and the population standard
    deviation over all items of the row. Models score in different units, such as sums
    of weights or numbers of ratings. Afterwards all scores are in standard deviations
    from the user's mean score.

    Parameters
    ----------
    scores : (n, n_items) array
        Finite scores, one row for each user.

    Returns
    -------
    (n, n_items) float64 array
        Standardised scores. A row whose scores are equal up to rounding is all zeros.

    Raises
    ------
    ValueError
        If ``scores`` is no table of finite numbers.

    Examples
    --------
    >>> standardize(np.array([[1.0, 2.0, 3.0], [7.0, 7.0, 7.0]])).round(3).tolist()
    [[-1.225, 0.0, 1.225], [0.0, 0.0, 0.0]]
    """
    scores = check_reals("scores", scores)
    if scores.ndim != 2 or not np.isfinite(scores).all():
        raise ValueError(
            "scores must be finite numbers, one row for each user; got shape "
            f"{scores.shape}"
        )
    centred = scores - scores.mean(axis=1, keepdims=True)
    spread = scores.std(axis=1, keepdims=True)
    flat = spread <= 1e-12 * np.abs(scores).max(axis=1, keepdims=True, initial=0.0)
    return np.where(flat, 0.0, centred / np.where(flat, 1.0, spread))


class Ensemble(Recommender):
    r"""Rank items by a weighted sum of several models' standardised scores.

    .. math:: \hat s_{ui} = \sum_m w_m\, z^{(m)}_{ui}

    :math:`z^{(m)}` are the scores of model m after
    :func:`~recbook.ensemble.standardize`, and :math:`w_m` is the model's weight. Errors
    that two models make for different reasons partly cancel, so the sum can be better
    than each model. The weights are given, not fitted. Standardised scores are not
    stars, so there is no ``predict``. A user without ratings gets the sum of the
    models' fallbacks.

    Parameters
    ----------
    models : sequence of models
        Models to combine, not yet fitted. Each needs ``fit`` and ``scores``. ``fit``
        works on copies of them.
    weights : sequence of float, optional
        One weight :math:`w_m \ge 0` for each model, not all 0. The default is all 1.

    Attributes
    ----------
    models_ : list
        Fitted copies of the models.

    References
    ----------
    Jahrer, Töscher & Legenstein, "Combining Predictions for Accurate Recommender
    Systems", KDD 2010.

    Examples
    --------
    >>> from recbook import ItemKNN, Popularity
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> model = Ensemble([ItemKNN(feedback="implicit"), Popularity()]).fit(toy)
    >>> model.recommend([2], k=3, exclude=toy).tolist()
    [[3, 1, 5]]
    """

    def __init__(self, models=(), weights=None):
        self.models = models
        self.weights = weights

    _fitted = "models_"
    _ranges = {
        "models": anything("EASE", [3]),
        "weights": anything([1.0, -1.0], 3.0),
    }

    def fit(self, train) -> Self:
        """Fit a copy of each model to ``train``, and return the ensemble.

        Parameters
        ----------
        train : Ratings
            The training ratings.

        Raises
        ------
        ValueError
            If there are no models, one has no ``fit`` or ``scores``, or the weights do
            not match the models.
        """
        train = check_train(train)
        weights = self._check_arguments()
        self.models_ = [copy.deepcopy(model).fit(train) for model in self.models]
        self._weights, self.shape_ = weights, train.csr.shape
        return self

    def scores(self, users) -> np.ndarray:
        """Return a score for every item, (len(users), n_items) float64."""
        check_fitted(self, "models_")
        users = check_codes("users", users, self.shape_[0])
        scores = np.zeros((users.size, self.shape_[1]))
        for weight, model in zip(self._weights, self.models_, strict=True):
            scores += weight * standardize(model.scores(users))
        return scores

    def _reasons(self, user, items):
        """Add up the reasons of the models that have some, each in its own spread."""
        total = np.zeros((self.shape_[1], len(items)))
        for weight, model in zip(self._weights, self.models_, strict=True):
            if not weight or not isinstance(model, Recommender):
                continue
            own, added = model._reasons(user, items)
            if own.size:
                spread = model.scores(np.array([user]))[0].std()
                total[own] += weight * added / (spread or np.inf)
        own = np.flatnonzero(total.any(axis=1))
        return own, total[own]

    def _check_arguments(self):
        """Return the weights as an array with one number for each model."""
        models = self.models if isinstance(self.models, list | tuple) else ()
        is_model = [hasattr(m, "scores") and not isinstance(m, type) for m in models]
        if not models or not all(is_model):
            raise ValueError(
                "models must be a list of one or more unfitted models, each with fit "
                f"and scores, got {self.models!r}"
            )
        given = [1.0] * len(models) if self.weights is None else self.weights
        if np.ndim(given) != 1 or len(given) != len(models):
            raise ValueError(
                f"weights must be one number for each of {len(models)} models, "
                f"got {self.weights!r}"
            )
        weights = np.array([check_number("weights", w, 0.0, 1e30) for w in given])
        if weights.sum() == 0.0:
            raise ValueError(f"weights must not all be 0, got {self.weights!r}")
        return weights
