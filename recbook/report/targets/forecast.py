r"""What a list will earn, judged on people from whom it was not learnt.

The trial is dealt into K folds. In turn, each fold is judged by a plan and by outcome
models that the other folds made. For plan :math:`\pi`, everybody's features
:math:`x_j`, margins :math:`g` and a letter's cost c, fold k estimates

.. math::
   \hat V_k = \sum_j \pi_k(x_j) \bigl( g_j\, \hat\tau_k(x_j) - c \bigr)
   + \frac{N}{n_k} \sum_{i \in k} \pi_k(x_i)\, g_i
   \Bigl( \frac{t_i}{e} (y_i - \hat\mu_{1k}(x_i))
   - \frac{1 - t_i}{1 - e} (y_i - \hat\mu_{0k}(x_i)) \Bigr)

with :math:`\hat\tau = \hat\mu_1 - \hat\mu_0`: the first sum runs over all N people who
may be written to, so that the list's own length is in it, and the second corrects the
outcome models by what the fold did. The forecast is the mean over folds.

Its variance has two parts. One is that of the corrections of single people. The other
comes from the folds leaning on each other: what happens in fold l moves the plan that
judges fold k, and the other way round. With :math:`D_{kl}` the part of
:math:`\hat V_k` that is there only because its plan had seen fold l, the covariance of
two folds is about :math:`\mathbb{E}[D_{kl} D_{lk}]`, and

.. math::
   \mathrm{se}^2 = \frac{N^2}{n} s^2(\text{corrections}) + 2 \sum_{k < l} D_{kl} D_{lk}

with the second part never below 0.
"""

from dataclasses import dataclass

import numpy as np

from recbook._core import progress
from recbook._core.validate import generator
from recbook.marketing.base import normal_effect
from recbook.marketing.regression import Ridge
from recbook.marketing.uplift import DRLearner, TLearner
from recbook.marketing.uplift.models import REG_EFFECT

__all__ = ["LENGTHS", "Judged", "judge", "learner"]

FOLDS = 10  # with three, plans of two thirds of the people are judged
REG_AMOUNT = 200.0  # of amounts, as the effects' own: rows are worth 1 in either
DIGITS = 10  # of a euro, to which scores are rounded: equal people have equal scores
LENGTHS = np.array([0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100])
LENGTHS = LENGTHS / 100  # of everybody


class ForgetfulRidge:
    """A ridge regression that can leave out a fold without seeing the rows again.

    Parameters
    ----------
    fold : (n,) int array
        The fold of each row that ``fit`` will see.
    reg : float
        As of :class:`~recbook.marketing.regression.Ridge`.
    """

    def __init__(self, fold, reg=REG_EFFECT):
        self.fold, self.reg = fold, reg

    def fit(self, X, y):
        """Fit to all rows, and keep the sums of products of each fold."""
        Z = np.column_stack([np.ones(len(X)), X])
        self.parts_ = {}
        for k in np.unique(self.fold):
            rows = Z[self.fold == k]
            self.parts_[k] = rows.T @ rows, rows.T @ y[self.fold == k]
        self.coef_ = self.without(None)
        return self

    def predict(self, X):
        """Return the estimated mean of each row."""
        return self.coef_[0] + X @ self.coef_[1:]

    def without(self, fold):
        """Return the coefficients, the intercept first, without a fold."""
        parts = [part for k, part in self.parts_.items() if k != fold]
        A = sum(product for product, _ in parts)
        penalty = np.full(len(A), float(self.reg))
        penalty[0] = 0.0
        return np.linalg.solve(A + np.diag(penalty), sum(sums for _, sums in parts))


@dataclass(frozen=True, eq=False)
class Judged:
    """Forecasts of several plans for one list's people, from one trial.

    Parameters
    ----------
    names : list
        Of the plans: words, and shares of everybody for lists of that length.
    value : (p,) array
        Forecast of each plan in euros.
    corrections : (n, p) array
        Corrections of single people, times N, less their fold's mean.
    extra : (p,) array
        The variance that comes from the folds leaning on each other.
    listed : (n,) array
        How likely each person of the trial was on the DR list of the other folds.
    letters : (p,) array
        Length of each plan's list, mean over the folds.
    """

    names: list
    value: np.ndarray
    corrections: np.ndarray
    extra: np.ndarray
    listed: np.ndarray
    letters: np.ndarray

    def length(self, name):
        """Return how many letters a plan has, on average over the folds."""
        return float(self.letters[self.names.index(name)])

    def forecast(self, name, less=None):
        """Return a plan's profit, or how much more it is than another's, in euros."""
        one = self.names.index(name)
        value, rows, extra = self.value[one], self.corrections[:, one], self.extra[one]
        if less is not None:
            other = self.names.index(less)
            value, rows = value - self.value[other], rows - self.corrections[:, other]
            extra = max(extra, self.extra[other])
        variance = rows @ rows / (len(rows) - 1) / len(rows)
        return normal_effect(value, np.sqrt(variance + extra))


def learner(amounts, fold=None, seed=0):
    """Return the learner of effects: of yes or no, or of amounts."""
    effect_model = None if fold is None else ForgetfulRidge(fold)
    return DRLearner(Ridge(REG_AMOUNT) if amounts else None, effect_model, seed=seed)


def deal(treated, n_folds, seed):
    """Return the fold (n,) of each person; each fold has its share of both arms.

    >>> fold = deal(np.array([True] * 4 + [False] * 2), 2, 0)
    >>> np.bincount(fold[:4]).tolist(), np.bincount(fold[4:]).tolist()
    ([2, 2], [1, 1])
    """
    rng, fold = generator(seed), np.empty(len(treated), dtype=np.int64)
    for arm in (treated, ~treated):
        fold[arm] = rng.permutation(int(arm.sum())) % n_folds
    return fold


def edge(ranked, floor, most):
    """Return above which score one is on a list, and the share of those right at it.

    Parameters
    ----------
    ranked : (N,) array
        Everybody's scores, rising.
    floor : float
        Only who is above it may be on the list.
    most : int
        How many may be.

    Examples
    --------
    Two of four, of whom the second and the third are equal:

    >>> edge(np.array([1.0, 2.0, 2.0, 3.0]), 0.0, 2)
    (2.0, 0.5)
    """
    n = len(ranked)
    if most >= n or ranked[n - most - 1] <= floor:
        return floor, 0.0
    bar = ranked[n - most - 1]
    low, high = (int(np.searchsorted(ranked, bar, side)) for side in ("left", "right"))
    return float(bar), (most - (n - high)) / (high - low)


def on_list(score, bar, share):
    """Return how likely each is on the list: 1 above the bar, ``share`` right at it."""
    return (score > bar) + share * (score == bar)


def judge(trial, everyone, cost, most, seed=0, n_folds=FOLDS):
    """Return the forecasts of all plans, learnt from a trial, for everybody.

    Parameters
    ----------
    trial : Trial
        Its people, and what they did.
    everyone : People
        All who may be written to.
    cost : float
        Euros for a letter.
    most : int
        How many letters the budget pays.
    seed, n_folds : int
        Of the folds.

    Returns
    -------
    Judged
        Of "everybody", "response", "T", "DR", "spend" where it is known, and of the
        lengths ``LENGTHS`` of the DR list.
    """
    fold = deal(trial.treated, n_folds, seed)
    rounds = [
        judge_fold(trial, everyone, cost, most, fold, k, seed)
        for k in progress.bar(range(n_folds), "folds")
    ]
    names = rounds[0].names
    n, size = len(fold), np.bincount(fold, minlength=n_folds)
    corrections = np.empty((n, len(names)))
    value, listed = np.zeros(len(names)), np.empty(n)
    letters = np.mean([one.letters for one in rounds], axis=0)
    leaning = np.zeros((n_folds, n_folds, len(names)))
    for k, one in enumerate(rounds):
        mean = one.corrections.mean(axis=0)
        value += size[k] / n * (one.base + mean)
        corrections[fold == k] = one.corrections - mean
        leaning[k], listed[fold == k] = one.leaning / n, one.listed
    pairs = np.triu_indices(n_folds, 1)
    extra = 2 * (leaning * leaning.swapaxes(0, 1))[pairs].sum(axis=0)
    return Judged(names, value, corrections, np.maximum(extra, 0.0), listed, letters)


@dataclass(frozen=True, eq=False)
class Round:
    """What one fold adds. ``leaning`` (n_folds, p) sums D over its people."""

    names: list
    base: np.ndarray
    corrections: np.ndarray
    leaning: np.ndarray
    listed: np.ndarray
    letters: np.ndarray


def judge_fold(trial, everyone, cost, most, fold, k, seed):
    """Judge one fold by what the others have learnt."""
    rest, here = fold != k, fold == k
    seen = trial.X[rest], trial.treated[rest], trial.y[rest]
    arms = TLearner(Ridge(REG_AMOUNT) if trial.amounts else None).fit(*seen).models_
    effects = learner(trial.amounts, fold[rest], seed).fit(*seen, trial.chance).model_
    own, all_ = (
        Scores(people, rows, arms, effects)
        for people, rows in ((trial, here), (everyone, slice(None)))
    )
    plans = rules(all_, cost, most)
    gain = everyone.margin * (all_.means[1] - all_.means[0]) - cost
    t, y, e, g = trial.treated[here], trial.y[here], trial.chance, trial.margin[here]
    error = y - np.where(t, own.means[1], own.means[0])
    error = g * error * np.where(t, 1 / e, -1 / (1 - e))
    n_all = len(everyone.margin)
    chances, (base, letters) = np.empty((len(t), len(plans))), np.empty((2, len(plans)))
    for column, (kind, _, bar) in enumerate(plans.values()):
        chances[:, column] = on_list(own.by[kind], *bar)
        plan = on_list(all_.by[kind], *bar)
        base[column], letters[column] = plan @ gain, plan.sum()
    psi = g * (own.means[1] - own.means[0]) - cost + error
    leaning = np.zeros((fold.max() + 1, len(plans)))
    for other in np.unique(fold[rest]):
        alone = (s.by_effect(effects.without(other)) for s in (own, all_))
        leaning[other] = leans(plans, chances, *alone, psi) * n_all
    names = list(plans)
    return Round(
        names, base, n_all * chances * error[:, None], leaning,
        chances[:, names.index("DR")], letters,
    )  # fmt: skip


class Scores:
    """Scores of some people by each rule, in euros of a letter before its cost."""

    def __init__(self, people, rows, arms, effects):
        self.X, self.margin = people.X[rows], people.margin[rows]
        self.means = [model.predict(self.X) for model in arms]
        without, with_ = self.means
        self.by = {
            "everybody": np.zeros(len(self.X)),
            "response": np.round(self.margin * with_, DIGITS),
            "T": np.round(self.margin * (with_ - without), DIGITS),
            "DR": self.by_effect(effects.coef_),
        }
        if people.spend is not None:
            self.by["spend"] = people.spend[rows]

    def by_effect(self, w):
        """Return the euros that a letter adds by coefficients w of the effect."""
        return np.round(self.margin * (w[0] + self.X @ w[1:]), DIGITS)


def rules(scores, cost, most):
    """Return each plan's kind of score, its floor and length, and its edge.

    The list by spend has as many letters as the DR list.
    """
    ranked = {kind: np.sort(score) for kind, score in scores.by.items()}
    plans = {}

    def add(name, kind, floor, length):
        plans[name] = kind, (floor, length), edge(ranked[kind], floor, length)

    add("everybody", "everybody", -np.inf, most)
    for kind in ("response", "T", "DR"):
        add(kind, kind, cost, most)
    if "spend" in scores.by:
        length = round(on_list(scores.by["DR"], *plans["DR"][2]).sum())
        add("spend", "spend", -np.inf, length)
    for share in LENGTHS:
        length = round(share * len(scores.margin))
        add(share, "DR", -np.inf, length)
    return plans


def leans(plans, chances, own, all_, psi):
    """Return what the DR lists owe to a fold that these scores have not seen, (p,)."""
    ranked, owed = np.sort(all_), np.zeros(len(plans))
    for column, (kind, (floor, length), _) in enumerate(plans.values()):
        if kind == "DR":
            alone = on_list(own, *edge(ranked, floor, length))
            owed[column] = (chances[:, column] - alone) @ psi
    return owed
