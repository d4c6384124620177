"""Doubly robust: two models, of which one may be wrong, fitted on other people."""

import copy

import numpy as np

from recbook._core.validate import (
    check_choice,
    check_number,
    check_positive_int,
)
from recbook.marketing.base import (
    check_arms,
    check_features,
    check_rows,
    check_values,
    folds_of,
    normal_effect,
)
from recbook.marketing.regression import Logistic, Ridge
from recbook.marketing.uplift import pseudo_outcome

__all__ = ["doubly_robust"]


def doubly_robust(
    X,
    y,
    treated,
    n_folds=5,
    seed=0,
    target="all",
    outcome_model=None,
    propensity_model=None,
    clip=0.01,
):
    r"""Return the mean effect from an outcome model and its weighted errors.

    .. math::
       \begin{aligned}
       \psi_i &= \mu_1(x_i) - \mu_0(x_i) + \frac{t_i (y_i - \mu_1(x_i))}{e(x_i)}
       - \frac{(1 - t_i) (y_i - \mu_0(x_i))}{1 - e(x_i)}, \\
       \hat\tau &= \bar\psi, \qquad \mathrm{se} = \frac{s(\psi)}{\sqrt n}
       \end{aligned}

    (augmented inverse propensity weighting). For the treated

    .. math::
       \hat\tau = \frac{1}{n_1} \sum_i \Bigl( t_i - (1 - t_i)
       \frac{e(x_i)}{1 - e(x_i)} \Bigr) (y_i - \mu_0(x_i))

    Each person's predictions come from models that were fitted on the other folds
    (cross-fitting), so a model cannot hide its errors by learning them by heart.

    Parameters
    ----------
    X : (n, d) array_like
        Columns, known before the treatment.
    y : (n,) array_like
        Outcomes, finite numbers.
    treated : (n,) array_like
        True or 1 for those who was treated; at least two people in either arm, and one
        in each fold.
    n_folds : int
        Number of folds. 1: everybody is predicted by models that saw them, which is
        right only for models with few parameters.
    seed : int
        Seed that deals people to folds, each with its share of both arms.
    target : {"all", "treated"}
        Of whom the effect is the mean.
    outcome_model, propensity_model : model, optional
        Any objects with ``fit(X, y)`` and ``predict(X)``; of one with
        ``predict_proba``, that is used. ``Logistic(1)`` by default, and ``Ridge(1)``
        for outcomes other than 0 and 1. A model is copied before each fit.
    clip : float
        Estimated propensities are kept this far from 0 and 1, 0 to .5.

    Returns
    -------
    Effect
        In the units of the outcome. An outcome that never varies in an arm is
        predicted as it is.

    Raises
    ------
    ValueError
        If lengths differ, an arm has fewer people than two or than folds, a value is
        not finite, or a model predicts a propensity that is not inside (0, 1).

    References
    ----------
    Robins, Rotnitzky and Zhao (1994); Chernozhukov et al. (2018).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=4000)
    >>> treated = rng.random(4000) < 1 / (1 + np.exp(-x))
    >>> y = x + 2 * treated + rng.normal(size=4000)
    >>> effect = doubly_robust(x[:, None], y, treated)
    >>> round(effect.value, 1), round(float(y[treated].mean() - y[~treated].mean()), 1)
    (2.0, 2.8)
    """
    check_rows(X=X, y=y, treated=treated)
    check_choice("target", target, ("all", "treated"))
    clip = check_number("clip", clip, 0, below=0.5)
    X = check_features("X", X)
    y = check_values("y", y, len(X))
    t = check_arms(treated, len(y))[0]
    n_folds = check_positive_int("n_folds", n_folds)
    fold = folds_of(t, n_folds, seed)
    e, means = np.empty(len(y)), np.zeros((2, len(y)))
    for k in range(n_folds):
        here = fold == k
        rest = ~here if n_folds > 1 else here
        chance = _predicted(propensity_model, X[rest], t[rest] * 1.0, X[here])
        e[here] = np.clip(chance, clip, 1 - clip)
        for arm in (0, 1) if target == "all" else (0,):
            seen = rest & (t == arm)
            means[arm, here] = _predicted(outcome_model, X[seen], y[seen], X[here])
    _check_inside(e)
    return _averaged(y, t, e, means, target)


def _averaged(y, t, e, means, target):
    """Return the mean of the scores, with its error."""
    without, with_ = means
    if target == "treated":
        share = t.mean()
        score = np.where(t, 1.0, -e / (1 - e)) * (y - without) / share
        value = score.mean()
        left = score - t * value / share
        return normal_effect(value, np.sqrt(left @ left) / len(y))
    score = pseudo_outcome(y, t, without, with_, e)
    return normal_effect(score.mean(), score.std(ddof=1) / np.sqrt(len(y)))


def _predicted(model, X, y, asked):
    """Fit a copy of a model, and return what it predicts for others."""
    if (y == y[0]).all():
        return np.full(len(asked), y[0])
    if model is None:
        model = Logistic(1.0) if np.isin(y, (0, 1)).all() else Ridge(1.0)
    model = copy.deepcopy(model).fit(X, y)
    if hasattr(model, "predict_proba"):
        return check_values("predict_proba(X)", model.predict_proba(asked)[:, 1])
    return check_values("model.predict(X)", model.predict(asked), len(asked))


def _check_inside(e):
    """Raise where a propensity model is sure."""
    wrong = (e <= 0) | (e >= 1)
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"the propensity model gives row {row} the probability {e[row]}: nothing "
            "is learned where all or none are treated; give clip above 0, or leave "
            "these people out"
        )
