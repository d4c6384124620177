"""The regressions into which a learner splits its question, and their folds."""

import copy
import warnings

import numpy as np

from recbook.base import Range, optional
from recbook.marketing.base import check_values
from recbook.marketing.regression import Logistic, Ridge

__all__ = ["A_LEARNER", "A_MODEL", "REG_EFFECT"]

REG_OUTCOME, REG_EFFECT = 20.0, 200.0  # for columns of zeros and ones
FEWEST = 5  # people with either answer in an arm, below which a learner warns
MANY = 30  # people of whom no regression predicts exactly 0 or 1


def _check_model(name, model):
    """Raise unless ``model`` can be copied, fitted and asked."""
    is_model = hasattr(model, "fit") and hasattr(model, "predict")
    if not is_model or isinstance(model, type):
        raise ValueError(
            f"{name} must be a model with fit and predict, such as Ridge(), got "
            f"{model!r}"
        )


A_MODEL = optional(Range(_check_model, ("ridge", 3)))


def _check_learner(name, learner):
    """Raise unless ``learner`` can be copied, fitted to a trial and asked."""
    is_learner = hasattr(learner, "fit") and hasattr(learner, "effect")
    if not is_learner or isinstance(learner, type):
        raise ValueError(
            f"{name} must be a learner with fit and effect, such as TLearner(), got "
            f"{learner!r}"
        )


A_LEARNER = Range(_check_learner, ("dr", 3, None))


class _Constant:
    """The model of an outcome that never varies."""

    def __init__(self, value):
        self.value = value

    def predict(self, X):
        return np.full(len(X), self.value)


def _outcome(model, X, y):
    """Fit a copy of an outcome model; an outcome without variation is a constant."""
    if (y == y[0]).all():
        return _Constant(y[0])
    amounts = y[(y != 0) & (y != 1)]
    if model is None and len(amounts):
        raise ValueError(
            f"y has {amounts[0]}, but the default outcome model is one of yes or no: "
            "for amounts, such as euros, give outcome_model=Ridge()"
        )
    model = Logistic(REG_OUTCOME) if model is None else copy.deepcopy(model)
    return model.fit(X, y)


def _regressed(model, X, effect, *weight, reg=REG_EFFECT):
    """Fit a copy of an effect model to numbers whose mean is the effect."""
    model = Ridge(reg) if model is None else copy.deepcopy(model)
    return model.fit(X, effect, *weight)


def _predicted(model, X):
    """Predict outcomes, and refuse a classifier that answers with labels."""
    if hasattr(model, "predict_proba"):
        return check_values("predict_proba(X)", model.predict_proba(X)[:, 1], len(X))
    values = check_values("outcome_model.predict(X)", model.predict(X), len(X))
    many = len(X) >= MANY and not isinstance(model, _Constant)
    if many and np.isin(values, (0, 1)).all():
        raise ValueError(
            "outcome_model.predict answers 0 or 1 for everybody: those are labels, and "
            "their difference is no effect; give a model whose predict is a probability"
        )
    return values


def _arms(model, X, treated, y):
    """Return an outcome model of the untreated and one of the treated."""
    return [_outcome(model, X[arm], y[arm]) for arm in (~treated, treated)]


def _check_enough(treated, y):
    """Refuse an outcome that never varies, and warn of a yes or no that hardly does."""
    if (y == y[0]).all():
        raise ValueError(
            f"y never varies, it is {y[0]} for everybody: there is nothing to learn; "
            "see how the outcome was joined to the people"
        )
    if not np.isin(y, (0, 1)).all():
        return
    for name, arm in (("treated", treated), ("untreated", ~treated)):
        yes = int(y[arm].sum())
        if min(yes, int(arm.sum()) - yes) < FEWEST:
            warnings.warn(
                f"y is 1 for {yes} of {arm.sum()} {name} people: it hardly varies, "
                "so a ranking means nothing; use the average effect alone",
                stacklevel=3,
            )
