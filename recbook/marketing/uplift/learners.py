r"""Six ways to estimate whom a treatment changes, each from any regressions.

A learner splits the question :math:`\tau(x) = \mathbb{E}[y \mid x, t = 1] -
\mathbb{E}[y \mid x, t = 0]` into regressions. ``outcome_model`` estimates an outcome
from features, a probability where the outcome is yes or no; ``effect_model`` estimates
an effect. Any object with ``fit(X, y)`` and ``predict(X)`` will do, and of one that has
``predict_proba``, as scikit-learn's classifiers, that is used. A model is copied before
each fit and stays as it is.
"""

import numpy as np

from recbook._core.arrays import column_names
from recbook._core.validate import check_fitted
from recbook.base import Estimator, anything, check_settings, count
from recbook.marketing.base import (
    check_features,
    check_propensity,
    check_rows,
    check_treated,
    check_values,
    folds_of,
)
from recbook.marketing.regression import Logistic
from recbook.marketing.uplift.models import (
    A_MODEL,
    REG_EFFECT,
    _arms,
    _check_enough,
    _Constant,
    _outcome,
    _predicted,
    _regressed,
)
from recbook.marketing.uplift.trials import pseudo_outcome, transformed_outcome

__all__ = [
    "DRLearner",
    "RLearner",
    "SLearner",
    "TLearner",
    "TransformedOutcome",
    "XLearner",
]


class _Learner(Estimator):
    """What the six share: checked data in, effects out."""

    _ranges = {"outcome_model": A_MODEL, "effect_model": A_MODEL}

    def fit(self, X, treated, y, propensity=0.5):
        """Estimate the effect from a trial.

        Parameters
        ----------
        X : (n, d) array_like
            Features, known before the treatment. The names of a frame's columns are
            kept: ``effect`` takes those of a frame by name, and refuses others.
        treated : (n,) array_like
            True or 1 for people who were treated; both arms must occur.
        y : (n,) array_like
            Outcomes, finite numbers; True or 1 for yes and False or 0 for no.
        propensity : float or (n,) array_like
            Probability of treatment of each, inside (0, 1).

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a setting is out of its range, a value is not finite, lengths or the row
            labels of two pandas objects differ, an arm is empty, y never varies, a
            propensity is 0 or 1, or an outcome model answers with labels in place of
            probabilities.

        Warns
        -----
        UserWarning
            If fewer than five people of an arm have either answer of a yes-or-no
            outcome: so few cannot tell people apart.
        """
        check_settings(self)
        check_rows(X=X, treated=treated, y=y, propensity=propensity)
        names = column_names(X)
        X = check_features("X", X)
        treated = check_treated(treated, len(X))
        y = check_values("y", y, len(X))
        _check_enough(treated, y)
        self._fit(X, treated, y, check_propensity(propensity, len(X)))
        self.n_columns_, self.columns_ = X.shape[1], names
        return self

    def effect(self, X):
        """Return the estimated effect (n,) of people with features X (n, d)."""
        check_fitted(self, "n_columns_")
        return self._effect(check_features("X", X, self.n_columns_, self.columns_))

    def _effect(self, X):
        return self.model_.predict(X)


class _CrossFitted(_Learner):
    """A learner whose outcome models predict people whom they have not seen."""

    _ranges = {"n_folds": count(2)}

    def __init__(self, outcome_model=None, effect_model=None, n_folds=2, seed=0):
        self.outcome_model = outcome_model
        self.effect_model = effect_model
        self.n_folds = n_folds
        self.seed = seed

    def _rest_and_fold(self, treated):
        """Yield masks of the people to fit on and of those to predict."""
        fold = folds_of(treated, self.n_folds, self.seed)
        for k in range(self.n_folds):
            yield fold != k, fold == k


class SLearner(_Learner):
    r"""One outcome model of features and treatment: :math:`\mu(x, 1) - \mu(x, 0)`.

    Parameters
    ----------
    outcome_model : model, optional
        ``Logistic(20)`` by default.
    interactions : bool
        Whether the model also sees each feature times the treatment. Without them, a
        linear model has the same effect for everybody, and a logistic one an effect
        that grows with the response.

    References
    ----------
    Künzel et al. (2019).

    Examples
    --------
    >>> from recbook.marketing.regression import Ridge
    >>> X, treated, y = [[0.0], [0], [1], [1]], [0, 1, 0, 1], [1.0, 1, 1, 3]
    >>> SLearner(Ridge(reg=0)).fit(X, treated, y).effect([[0.0], [1]]).round(6).tolist()
    [0.0, 2.0]
    """

    _ranges = {"interactions": anything()}

    def __init__(self, outcome_model=None, *, interactions=True):
        self.outcome_model = outcome_model
        self.interactions = interactions

    def _columns(self, X, treated):
        t = np.asarray(treated, dtype=np.float64)[:, None]
        return np.hstack([X, t, X * t] if self.interactions else [X, t])

    def _fit(self, X, treated, y, propensity):
        self.model_ = _outcome(self.outcome_model, self._columns(X, treated), y)

    def _effect(self, X):
        with_, without = (
            _predicted(self.model_, self._columns(X, np.full(len(X), arm)))
            for arm in (1, 0)
        )
        return with_ - without


class TLearner(_Learner):
    r"""Two outcome models, one for each arm: :math:`\mu_1(x) - \mu_0(x)`.

    Parameters
    ----------
    outcome_model : model, optional
        ``Logistic(20)`` by default.

    References
    ----------
    Künzel et al. (2019).

    Examples
    --------
    >>> from recbook.marketing.regression import Ridge
    >>> X, treated, y = [[0.0], [0], [1], [1]], [0, 1, 0, 1], [1.0, 1, 1, 3]
    >>> TLearner(Ridge(reg=0)).fit(X, treated, y).effect([[0.0], [1]]).round(6).tolist()
    [0.0, 2.0]
    """

    def __init__(self, outcome_model=None):
        self.outcome_model = outcome_model

    def _fit(self, X, treated, y, propensity):
        self.models_ = _arms(self.outcome_model, X, treated, y)

    def _effect(self, X):
        without, with_ = (_predicted(model, X) for model in self.models_)
        return with_ - without


class XLearner(_Learner):
    r"""Impute each person's other outcome, then regress the difference.

    .. math::
       \begin{aligned}
       d^1_i &= y_i - \mu_0(x_i) \ (\text{treated}), \qquad
       d^0_i = \mu_1(x_i) - y_i \ (\text{untreated}), \\
       \tau(x) &= e(x)\, \tau^0(x) + (1 - e(x))\, \tau^1(x)
       \end{aligned}

    with :math:`\tau^a` regressions of :math:`d^a`. So the outcome model of the larger
    arm, which is the better one, has the greater say. Where the propensity differs
    between people, :math:`e(x)` is a logistic regression of the treatment.

    Parameters
    ----------
    outcome_model : model, optional
        ``Logistic(20)`` by default.
    effect_model : model, optional
        ``Ridge(200)`` by default.

    References
    ----------
    Künzel et al. (2019).

    Examples
    --------
    >>> from recbook.marketing.regression import Ridge
    >>> X, treated, y = [[0.0], [0], [1], [1]], [0, 1, 0, 1], [1.0, 1, 1, 3]
    >>> learner = XLearner(Ridge(reg=0), Ridge(reg=0)).fit(X, treated, y)
    >>> learner.effect([[0.0], [1]]).round(6).tolist()
    [0.0, 2.0]
    """

    def __init__(self, outcome_model=None, effect_model=None):
        self.outcome_model = outcome_model
        self.effect_model = effect_model

    def _fit(self, X, treated, y, propensity):
        without, with_ = _arms(self.outcome_model, X, treated, y)
        one, other = X[treated], X[~treated]
        gained = y[treated] - _predicted(without, one)
        missed = _predicted(with_, other) - y[~treated]
        self.models_ = [
            _regressed(self.effect_model, other, missed),
            _regressed(self.effect_model, one, gained),
        ]
        same = (propensity == propensity[0]).all()
        self.propensity_ = (
            _Constant(propensity[0]) if same else Logistic(1.0).fit(X, treated)
        )

    def _effect(self, X):
        e = self.propensity_.predict(X)
        untreated, treated = (model.predict(X) for model in self.models_)
        return e * untreated + (1 - e) * treated


class TransformedOutcome(_Learner):
    r"""One regression, of an outcome whose mean is the effect.

    .. math:: z_i = y_i\, \frac{t_i - e_i}{e_i (1 - e_i)}

    Parameters
    ----------
    effect_model : model, optional
        ``Ridge(200)`` by default.

    References
    ----------
    Athey and Imbens (2016); Gutierrez and Gérardy (2017).

    Examples
    --------
    >>> from recbook.marketing.regression import Ridge
    >>> X, treated, y = [[0.0], [0], [1], [1]], [0, 1, 0, 1], [1.0, 1, 1, 3]
    >>> learner = TransformedOutcome(Ridge(reg=0)).fit(X, treated, y)
    >>> learner.effect([[0.0], [1]]).round(6).tolist()
    [0.0, 2.0]
    """

    def __init__(self, effect_model=None):
        self.effect_model = effect_model

    def _fit(self, X, treated, y, propensity):
        z = transformed_outcome(y, treated, propensity)
        self.model_ = _regressed(self.effect_model, X, z)


class RLearner(_CrossFitted):
    r"""Explain what is left of the outcome by what is left of the treatment.

    .. math::
       \min_\tau \sum_i \bigl( (y_i - m(x_i)) - (t_i - e_i)\, \tau(x_i) \bigr)^2

    with :math:`m(x) = \mathbb{E}[y \mid x]` fitted on the other folds. That is a
    regression of :math:`(y - m)/(t - e)` with weights :math:`(t - e)^2`, so the effect
    model's ``fit`` takes weights third.

    Parameters
    ----------
    outcome_model : model, optional
        ``Logistic(20)`` by default.
    effect_model : model, optional
        ``Ridge(50)`` by default: at a propensity of a half the weights are a quarter,
        which makes it the ``Ridge(200)`` of the other learners.
    n_folds : int
        At least 2.
    seed : int
        Seed of the folds.

    References
    ----------
    Robinson (1988); Nie and Wager (2021).

    Examples
    --------
    >>> from recbook.marketing.regression import Ridge
    >>> X, treated, y = [[0.0], [0], [1], [1]] * 2, [0, 1, 0, 1] * 2, [1.0, 1, 1, 3] * 2
    >>> learner = RLearner(Ridge(reg=0), Ridge(reg=0)).fit(X, treated, y)
    >>> learner.effect([[0.0], [1]]).shape
    (2,)
    """

    def _fit(self, X, treated, y, propensity):
        m = np.empty(len(y))
        for rest, inside in self._rest_and_fold(treated):
            model = _outcome(self.outcome_model, X[rest], y[rest])
            m[inside] = _predicted(model, X[inside])
        left = treated - propensity
        self.model_ = _regressed(
            self.effect_model, X, (y - m) / left, left**2, reg=REG_EFFECT / 4
        )


class DRLearner(_CrossFitted):
    r"""Two outcome models, corrected by the transformed outcome of their errors.

    .. math::
       \psi_i = \mu_1(x_i) - \mu_0(x_i)
       + \frac{t_i - e_i}{e_i (1 - e_i)} \bigl( y_i - \mu_{t_i}(x_i) \bigr)

    is regressed on the features, with outcome models fitted on the other folds. Its
    mean is the effect where either the propensity or the outcome models are right.

    Parameters
    ----------
    outcome_model : model, optional
        ``Logistic(20)`` by default.
    effect_model : model, optional
        ``Ridge(200)`` by default.
    n_folds : int
        At least 2.
    seed : int
        Seed of the folds.

    References
    ----------
    Kennedy (2023).

    Examples
    --------
    >>> from recbook.marketing.regression import Ridge
    >>> X, treated, y = [[0.0], [0], [1], [1]] * 2, [0, 1, 0, 1] * 2, [1.0, 1, 1, 3] * 2
    >>> learner = DRLearner(Ridge(reg=0), Ridge(reg=0)).fit(X, treated, y)
    >>> learner.effect([[0.0], [1]]).shape
    (2,)
    """

    def _fit(self, X, treated, y, propensity):
        psi = np.empty(len(y))
        for rest, inside in self._rest_and_fold(treated):
            models = _arms(self.outcome_model, X[rest], treated[rest], y[rest])
            without, with_ = (_predicted(model, X[inside]) for model in models)
            psi[inside] = pseudo_outcome(
                y[inside], treated[inside], without, with_, propensity[inside]
            )
        self.model_ = _regressed(self.effect_model, X, psi)
