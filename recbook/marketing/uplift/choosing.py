r"""Settings of learners chosen from a trial, without knowing any effect.

People are cut into folds. Each learner estimates the effects of a fold's people from
all other folds, and two scores judge the estimates by what the people of the fold did:
the R-loss, by how close the effects are, and the profit of the list that they make.
"""

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from recbook._core.validate import check_choice, check_number, check_positive_int
from recbook.marketing.base import (
    NORMAL_975,
    check_features,
    check_propensity,
    check_rows,
    check_treated,
    check_values,
    folds_of,
)
from recbook.marketing.uplift.bins import Bins
from recbook.marketing.uplift.models import (
    _arms,
    _check_enough,
    _check_learner,
    _outcome,
    _predicted,
)
from recbook.marketing.uplift.trials import average_effect, pseudo_outcome

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Choice", "choose", "r_loss"]

BASELINE = "constant"
SCORES = ("r", "profit")


def r_loss(y, treated, effect, propensity, mean):
    r"""Return the R-loss of estimated effects on people from whom they were not learnt.

    .. math::
       \frac1n \sum_i \bigl( y_i - m(x_i) - (t_i - e_i)\, \hat\tau(x_i) \bigr)^2

    On average it is a number that is the same for all estimates, plus
    :math:`\mathbb{E}[e (1 - e) (\hat\tau - \tau)^2]`: of two estimates, the one with
    the lower loss is closer to the effect. That holds for any function m of the
    features if the propensity is known. A poor m adds noise.

    Parameters
    ----------
    y : (n,) array_like
        Outcomes, any finite numbers.
    treated : (n,) array_like
        True or 1 for people who were treated; both arms must occur.
    effect : (n,) array_like
        Estimated effect of each, :math:`\hat\tau(x_i)`.
    propensity : float or (n,) array_like
        Probability of treatment :math:`e_i`, inside (0, 1).
    mean : float or (n,) array_like
        Mean outcome of both arms together, :math:`m(x_i)`, estimated from other people.

    Returns
    -------
    float
        In squared units of the outcome, at least 0.

    Raises
    ------
    ValueError
        If a value is not finite, lengths differ, an arm is empty, or a propensity is 0
        or 1.

    References
    ----------
    Nie and Wager (2021); Schuler et al. (2018).

    Examples
    --------
    >>> y, treated = [1, 0, 1, 0], [1, 1, 0, 0]
    >>> r_loss(y, treated, [1, 0, -1, 0], 0.5, 0.5)
    0.125
    >>> r_loss(y, treated, [0, 0, 0, 0], 0.5, 0.5)
    0.25
    """
    check_rows(y=y, treated=treated, effect=effect, propensity=propensity, mean=mean)
    y = check_values("y", y)
    treated = check_treated(treated, len(y))
    effect = check_values("effect", effect, len(y))
    e = check_propensity(propensity, len(y))
    mean = np.full(len(y), mean) if np.ndim(mean) == 0 else mean
    mean = check_values("mean", mean, len(y))
    return float(_losses(y - mean, treated - e, effect).mean())


def _losses(left_of_y, left_of_t, effect):
    return (left_of_y - left_of_t * effect) ** 2


@dataclass(frozen=True)
class Choice:
    """What :func:`~recbook.marketing.uplift.choose` found.

    Attributes
    ----------
    table : DataFrame
        A row for each learner, and first the baseline "constant", which takes the
        average effect for everybody: ``gain`` by the R-loss and its standard error
        ``gain_error``; with a margin, the ``profit`` of the list in euros per person,
        its ``profit_error``, and ``letters``, the fraction of people on it. ``behind``
        is the score of the chosen learner less that of the row, with the standard error
        ``behind_error``. ``tied`` marks rows whose 95 % interval of that difference
        contains 0, and ``chosen`` the one that was chosen.
    chosen : str
        The name of the best by the score; of several, the first.
    score : str
        What chose: "r" or "profit".

    Examples
    --------
    >>> import pandas as pd
    >>> Choice(pd.DataFrame(), "constant", "r").model() is None
    True
    """

    table: "pd.DataFrame"
    chosen: str
    score: str
    _learners: dict = field(default_factory=dict, repr=False)

    def model(self):
        """Return the chosen learner, unfitted: fit it to the whole trial.

        None for the baseline: no learner is better than the average effect.
        """
        return copy.deepcopy(self._learners.get(self.chosen))


def choose(
    models, X, treated, y, propensity=0.5, score="r", margin=None, cost=None,
    n_folds=5, outcome_model=None, seed=0,
):  # fmt: skip
    r"""Choose a learner and its settings by people whom it has not seen.

    Each learner is fitted to all folds but one and asked for the effects of that one.
    With :math:`\ell` the R-loss of a person, see :func:`r_loss`, and
    :math:`\bar\tau` the average effect in the other folds, the score "r" is the

    .. math::
       \text{gain} = \frac{\sum_i \ell_i(\bar\tau) - \sum_i \ell_i(\hat\tau)}
       {\sum_i (t_i - e_i)^2}

    It estimates how much smaller the mean squared error of the effects is than that of
    one number for everybody, with weights :math:`e (1 - e)`. On average it is at most
    the variance of the effects. The score "profit" is that of the list of people with
    :math:`g\, \hat\tau > c`, per person and with the pseudo-outcome :math:`\psi` in
    place of the effect, which nobody knows:

    .. math::
       \frac1n \sum_i \mathbb{1}[g\, \hat\tau(x_i) > c]\, (g\, \psi_i - c)

    Parameters
    ----------
    models : dict of str to learner
        Anything with ``fit(X, treated, y, propensity)`` and ``effect(X)``. A learner is
        copied before each fit and stays as it is. The baseline always takes part.
    X : (n, d) array_like
        Features, known before the treatment.
    treated : (n,) array_like
        True or 1 for people who were treated.
    y : (n,) array_like
        Outcomes, finite numbers; True or 1 for yes and False or 0 for no.
    propensity : float or (n,) array_like
        Probability of treatment, inside (0, 1).
    score : {"r", "profit"}
        What chooses.
    margin : float, optional
        Euros earned by a unit of the outcome, :math:`g`, at least 0.
    cost : float, optional
        Euros for a treatment, :math:`c`, at least 0. Margin and cost are given both or
        not at all; without them there is no profit.
    n_folds : int
        At least 2.
    outcome_model : model, optional
        Of m and of :math:`\mu_0, \mu_1` in the scores, on features in ``Bins(8)``.
        ``Logistic(20)`` by default, which takes yes and no only.
    seed : int
        Seed of the folds.

    Returns
    -------
    Choice
        Its ``model()`` is the chosen learner, still to be fitted.

    Raises
    ------
    ValueError
        If models is empty, has something that is no learner or takes the name of the
        baseline, the score asks for a margin and a cost that are not given, an arm has
        fewer than two people per fold, or a value is refused as by a learner's ``fit``.

    Notes
    -----
    Standard errors are those of single people, with the estimates taken as given. The
    folds share people from whom they learn, which these errors do not know: intervals
    of 95 % held the truth in 90 to 93 % of 500 trials (``data/results/choosing.csv``).
    The score of the one that was chosen is too good: it is the best of several.

    From large trials of a shop, the choice by profit earned more than that by the
    R-loss, which likes effects that are all too small: they are close to the truth, and
    their lists are too short.

    References
    ----------
    Nie and Wager (2021), Quasi-oracle estimation of heterogeneous treatment effects,
    Biometrika. Schuler, Baiocchi, Tibshirani and Shah (2018), A comparison of methods
    for model selection when estimating individual treatment effects.

    Examples
    --------
    The effect is .4 where x is 1, and 0 elsewhere. A strong penalty hides that.

    >>> from recbook.marketing.uplift import TransformedOutcome
    >>> from recbook.marketing.regression import Ridge
    >>> rng = np.random.default_rng(0)
    >>> X, treated = rng.integers(0, 2, (9000, 1)), rng.random(9000) < 0.5
    >>> y = rng.random(9000) < 0.2 + 0.4 * treated * X[:, 0]
    >>> models = {reg: TransformedOutcome(Ridge(reg)) for reg in (1.0, 1e6)}
    >>> choice = choose(models, X, treated, y)
    >>> choice.chosen, choice.table["gain"].round(2).abs().tolist()
    (1.0, [0.0, 0.04, 0.0])
    """
    learners = _checked_learners(models)
    check_choice("score", score, SCORES)
    prices = _prices(score, margin, cost)
    n_folds = check_positive_int("n_folds", n_folds, minimum=2)
    check_rows(X=X, treated=treated, y=y, propensity=propensity)
    X = check_features("X", X)
    treated = check_treated(treated, len(X))
    y = check_values("y", y, len(X))
    _check_enough(treated, y)
    e = check_propensity(propensity, len(X))
    fold = folds_of(treated, n_folds, seed, least=2)
    people = _People(len(y), learners)
    for k in range(n_folds):
        people.fill(X, treated, y, e, fold != k, fold == k, outcome_model)
    return _chosen(people, learners, treated, y, e, score, prices)


class _People:
    """What models of the other folds predict for each person."""

    def __init__(self, n, learners):
        self.learners = learners
        self.effects = {name: np.empty(n) for name in (BASELINE, *learners)}
        self.mean, self.without, self.with_ = np.empty((3, n))

    def fill(self, X, treated, y, e, rest, inside, outcome_model):
        """Predict the people inside a fold by the rest."""
        seen = X[rest], treated[rest], y[rest]
        self.effects[BASELINE][inside] = average_effect(y[rest], seen[1], e[rest]).value
        for name, learner in self.learners.items():
            fitted = copy.deepcopy(learner).fit(*seen, e[rest])
            found = check_values(
                f"models[{name!r}].effect(X)", fitted.effect(X[inside]), inside.sum()
            )
            self.effects[name][inside] = found
        bins = Bins().fit(X[rest])
        seen, here = (bins.transform(X[rows]) for rows in (rest, inside))
        whole = _outcome(outcome_model, seen, y[rest])
        both = _arms(outcome_model, seen, treated[rest], y[rest])
        columns = (self.mean, self.without, self.with_)
        for column, model in zip(columns, (whole, *both), strict=True):
            column[inside] = _predicted(model, here)


def _chosen(people, learners, treated, y, e, score, prices):
    """Return the choice, by scores of single people."""
    import pandas as pd

    each = _gains(people, y, treated - e)
    rows = {name: _mean_and_error("gain", values) for name, values in each.items()}
    if prices:
        psi = pseudo_outcome(y, treated, people.without, people.with_, e)
        profits = _profits(people.effects, psi, *prices)
        for name, (values, letters) in profits.items():
            rows[name] |= _mean_and_error("profit", values) | {"letters": letters}
        if score == "profit":
            each = {name: values for name, (values, _) in profits.items()}
    means = {name: float(values.mean()) for name, values in each.items()}
    best = max(means, key=means.__getitem__)  # a tie: the first
    for name, values in each.items():
        rows[name] |= _mean_and_error("behind", each[best] - values)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")
    table["tied"] = table["behind"] <= NORMAL_975 * table["behind_error"]
    table["chosen"] = table.index == best
    return Choice(table, best, score, learners)


def _gains(people, y, left):
    """Return {name: (n,) gains of single people}; ``left`` is what e leaves of t."""
    losses = {
        name: _losses(y - people.mean, left, effect)
        for name, effect in people.effects.items()
    }
    weight = (left**2).mean()
    return {name: (losses[BASELINE] - each) / weight for name, each in losses.items()}


def _profits(effects, psi, margin, cost):
    """Return {name: ((n,) profits of single people, fraction on the list)}."""
    lists = {name: effect * margin > cost for name, effect in effects.items()}
    return {
        name: (np.where(on, margin * psi - cost, 0.0), float(on.mean()))
        for name, on in lists.items()
    }


def _mean_and_error(name, values):
    error = float(values.std(ddof=1) / np.sqrt(len(values)))
    return {name: float(values.mean()), f"{name}_error": error}


def _checked_learners(models):
    """Return a copy of {name: learner}, checked."""
    if not isinstance(models, dict) or not models:
        raise ValueError("models must be {name: learner} with at least one learner")
    if BASELINE in models:
        raise ValueError(
            f"models has {BASELINE!r}, which takes part anyway: give it another name"
        )
    for name, learner in models.items():
        _check_learner(f"models[{name!r}]", learner)
    return copy.deepcopy(models)


def _prices(score, margin, cost):
    """Return margin and cost, or None where neither is given."""
    if (margin is None) != (cost is None) or (score == "profit" and margin is None):
        raise ValueError(
            f"margin is {margin} and cost is {cost}: the profit of a list needs both, "
            "such as margin=20, cost=0.60"
        )
    if margin is None:
        return None
    return check_number("margin", margin, 0), check_number("cost", cost, 0)
