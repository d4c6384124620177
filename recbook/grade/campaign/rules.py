"""Rules for who gets what in a campaign, from what a shop knows and a trial shows."""

from dataclasses import dataclass

import numpy as np

from recbook.marketing import lifetime, uplift
from recbook.marketing.base import Estimate
from recbook.marketing.ope.support import weight_sizes
from recbook.marketing.regression import Logistic
from recbook.marketing.worlds.campaign import (
    ACTIONS,
    BUDGET,
    COSTS,
    EMAIL,
    LETTER,
    NOTHING,
    SHARE,
    TAKEN,
    WEEKS,
)

__all__ = [
    "Books",
    "books",
    "effects",
    "forecast",
    "letters_to",
    "planned",
    "reads",
    "response",
    "width_of_trial",
]

OPENED = 5  # of the last eight e-mails: by whom the readers' plan goes


@dataclass(frozen=True, eq=False)
class Books:
    """What the shop knows of each customer before the campaign.

    Parameters
    ----------
    X : (n, d) array
        Features in bins, zeros and ones.
    consent : (n,) bool array
        To letters.
    margin : (n,) array
        Expected margin of an order, in euros, by the gamma-gamma model.
    year : (n,) array
        Expected margin of the coming year, in euros, by the BG/NBD model.
    rfm : (n,) array
        Recency score times frequency score, 1 to 25.
    """

    X: np.ndarray
    consent: np.ndarray
    margin: np.ndarray
    year: np.ndarray
    rfm: np.ndarray


def books(table, features):
    """Return the books of a shop from its table and its features, both DataFrames."""
    x, last, age = table["frequency"], table["recency"], table["T"]
    orders = (
        lifetime.BetaGeo().fit(x, last, age).expected_purchases(WEEKS, x, last, age)
    )
    values = lifetime.GammaGamma().fit(x + 1, table["spend"])
    margin = SHARE * values.expected_spend(x + 1, table["spend"])
    scores = lifetime.rfm(age - last, x, table["spend"])
    return Books(
        uplift.Bins(8).fit(features).transform(features),
        table["consent"].to_numpy(dtype=bool),
        margin,
        margin * orders,
        (scores["recency"] * scores["frequency"]).to_numpy(dtype=float),
    )


def reads(table):
    """Return who opened at least five of the last eight e-mails, (n,) bool."""
    return table["opens"].to_numpy() >= OPENED


def width_of_trial(task):
    """Return how wide the trial's 95 % interval for the readers' plan is, in euros.

    By the plain comparison of the e-mail with nothing among those readers, for whom the
    trial drew both with the same chance. What it says of lost readers is far surer.
    """
    is_reader, trial = reads(task.customers), task.trial
    some = is_reader[trial["customer_id"].to_numpy()]
    arms = [trial["euros"][some & (trial["action"] == word)] for word in ACTIONS[:2]]
    error = np.sqrt(sum(euros.var(ddof=1) / len(euros) for euros in arms))
    return float(2 * 1.96 * error * is_reader.sum())


def letters_to(key, consent):
    """Return actions: letters for the whole budget, down a list, the rest nothing."""
    order = np.argsort(-np.where(consent, key, -np.inf), kind="stable")
    n = min(int(BUDGET / COSTS[LETTER] + 1e-9), int(consent.sum()))
    actions = np.full(len(key), NOTHING)
    actions[order[:n]] = LETTER
    return actions


def response(shop, people, action, ordered):
    """Return the expected orders (n,) of each customer with a letter."""
    X, got = shop.X[people], action == LETTER
    return Logistic(20).fit(X[got], ordered[got]).predict(shop.X)


def effects(shop, people, action, ordered, learner=uplift.TLearner):
    """Return the expected effect of e-mail and letter on each customer, (n, 2).

    Each is learnt against nothing, from those among whom the draw gave one or the
    other: with even chances, as both have the same chance for everybody who may get
    both.
    """
    columns = []
    for arm in (EMAIL, LETTER):
        some = (action == NOTHING) | (action == arm)
        if arm == LETTER:
            some &= shop.consent[people]
        X, y = shop.X[people[some]], ordered[some]
        columns.append(learner().fit(X, action[some] == arm, y).effect(shop.X))
    return np.stack(columns, axis=1)


def planned(shop, effect, lost, budget=BUDGET):
    """Return actions that earn the most on a budget, and the price of a euro.

    Parameters
    ----------
    shop : Books
        What is known of each customer.
    effect : (n, 2) array
        Expected effects of e-mail and letter.
    lost : float or (n,) array
        Probability that an e-mail loses a reader; 0 to forget about it.
    budget : float
        Euros.

    Returns
    -------
    actions : (n,) int array
        0, 1 or 2 for each.
    multiplier : float
        What the next euro would earn beyond itself.
    """
    worth = effect * shop.margin[:, None]
    worth[:, 0] -= TAKEN * lost * shop.year
    worth[~shop.consent, 1] = -1.0  # never worth its price
    choice, multiplier = uplift.spend(worth, [COSTS[1:]], budget)
    return choice + 1, multiplier


def forecast(shop, trial, learner=uplift.DRLearner, n_folds=10, seed=0):
    r"""Return what a plan made this way will earn, judged on people it has not seen.

    .. math::
       \psi_{ia} = \hat r_a(x_i)
       + \frac{\mathbb{1}[a_i = a]}{\mu_a(x_i)} \bigl( r_i - \hat r_a(x_i) \bigr),
       \qquad \hat V = \frac{N}{n} \sum_i (\psi_{i c_i} - \psi_{i0})

    In turn each fold is judged by models and a plan of the other folds. The reward r is
    the expected margin of an order, less the price, less the expected loss of a reader:
    what an order was worth by chance says nothing about the plan.

    Parameters
    ----------
    shop : Books
        What is known of each of N customers.
    trial : Campaign
        The trial of n people.
    learner : callable
        Makes a learner of effects.
    n_folds, seed : int
        Number and seed of the folds. The fewer there are, the less a fold's plan has
        learnt than the final one.

    Returns
    -------
    Estimate
        In euros for all customers. The final plan knows more than those of the folds,
        so the forecast is a little low. Each fold is judged by a plan that the others
        made, so that their errors go together and the standard error, which takes them
        as independent, is a little small.

    References
    ----------
    Bengio and Grandvalet (2004).
    """
    n = len(trial.action)
    fold = np.random.default_rng(seed).permutation(n) % n_folds
    gain, weight = np.empty(n), np.empty(n)
    for k in range(n_folds):
        rest, here = fold != k, np.flatnonzero(fold == k)
        gain[here], weight[here] = _gains(shop, trial, rest, here, learner)
    scale = len(shop.margin)
    value, error = gain.mean(), gain.std(ddof=1) / np.sqrt(n)
    return Estimate(scale * float(value), scale * float(error), *weight_sizes(weight))


def _gains(shop, trial, rest, here, learner):
    """Return psi of the plan less psi of nothing, learnt from the rest, and weights.

    Both have the shape (len(here),). A weight is 0 where the trial did not do what the
    plan would have done, and else one by the chance of it.
    """
    people, action, ordered = (
        column[rest] for column in (trial.customers, trial.action, trial.ordered)
    )
    judged = trial.customers[here]
    few = Books(*(column[judged] for column in vars(shop).values()))
    lost = lost_share(action, trial.left[rest])
    effect = effects(shop, people, action, ordered, learner)[judged]
    plan = planned(few, effect, lost, BUDGET * len(judged) / len(shop.margin))[0]
    X = shop.X[people]
    arms = [Logistic(20).fit(X[action == a], ordered[action == a]) for a in range(3)]
    expected = np.stack([arm.predict(few.X) for arm in arms], axis=1)
    fixed = -np.array(COSTS) - np.outer(TAKEN * lost * few.year, [0, 1, 0])
    rows, done = np.arange(len(here)), trial.action[here]
    psi = expected * few.margin[:, None] + fixed
    error = (trial.ordered[here] - expected[rows, done]) * few.margin
    psi[rows, done] += error / trial.propensity[here, done]
    weight = (plan == done) / trial.propensity[here, done]
    return psi[rows, plan] - psi[:, NOTHING], weight


def lost_share(action, left):
    """Return the share of readers whom an e-mail loses, half a person added.

    >>> lost_share(np.array([1, 1, 1, 0]), np.array([True, False, False, False]))
    0.375
    """
    return float((left.sum() + 0.5) / ((action == EMAIL).sum() + 1))
