"""The letter: who would order without it, what it changes, and trials of it."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from recbook._core import draws
from recbook._core.validate import check_choice
from recbook.marketing.worlds.dials import Dials

__all__ = ["Trial", "TrialTruth", "odds", "send"]

ASSIGN = ("half", "nine-tenths", "by-score")


@dataclass(frozen=True)
class TrialTruth:
    """What the shop cannot know of the trial's people.

    Parameters
    ----------
    response, effect : (n,) arrays
        Probability of an order without the letter, and what the letter adds.
    """

    response: np.ndarray
    effect: np.ndarray


@dataclass(frozen=True)
class Trial:
    """A trial of the letter: who took part, who got it, who ordered.

    Parameters
    ----------
    customers : (n,) int array
        Codes of those who took part, in ascending order.
    X : (n, d) array
        Their features, as ``Customers.features`` has them.
    treated : (n,) bool array
        Who got a letter.
    y : (n,) array
        1 for those who ordered what the letter offers within two weeks, else 0.
    propensity : (n,) array
        The probability by which each was to get a letter.
    truth : TrialTruth
        What only the generator knows.

    Examples
    --------
    >>> from recbook.marketing import worlds
    >>> trial = worlds.customers(1000).letters(n=500)
    >>> len(trial.y), trial.propensity[0]
    (500, np.float64(0.5))
    """

    customers: np.ndarray
    X: np.ndarray
    treated: np.ndarray
    y: np.ndarray
    propensity: np.ndarray
    truth: TrialTruth


def score_of(table):
    """Return the log odds of an order by what the shop sees, as its last model did."""
    quiet = table["T"] - table["recency"]
    return (
        -5.4
        + 1.2 * np.log1p(table["frequency"])
        - 0.03 * quiet
        + 0.006 * np.minimum(table["spend"], 100)
        + 0.25 * (table["age"] == "30-44")
        + 0.06 * table["opens"]
    ).to_numpy()


def odds(table, thrift, dials=None):
    r"""Return the probability of an order without a letter, and what the letter adds.

    .. math::
       \pi^0 = \sigma(s), \qquad
       \tau = .13\, e^{-((s + 4.7)/.55)^2}\, \min(1, 4\,(t - .4)_+)\, d
       - .02\, [\text{opens} \le 3]\, \sigma(2 (s + 3.6))

    with s the score less .6 t, t the true thrift, d = .75 for those who order by phone
    and 1.15 for others; never below :math:`-.6\, \pi^0`. So the letter moves thrifty
    people who hesitate, and annoys good customers who do not read the shop's mail.
    """
    dials = Dials() if dials is None else dials
    s = table["score"].to_numpy() - 0.6 * thrift
    response = expit(s)
    persuaded = dials.height * np.exp(-(((s - dials.centre) / dials.width) ** 2))
    thrifty = 1 - thrift if dials.spenders else thrift
    persuaded *= np.clip(4 * (thrifty - 0.4), 0, 1)
    persuaded *= np.where(table["phone"], dials.phone, dials.other)
    persuaded *= np.array(dials.ages)[table["age"].cat.codes]
    few = (table["opens"] <= 3).to_numpy()
    annoyed = dials.annoyed * (few != dials.readers) * expit(2 * (s + 3.6))
    effect = np.maximum(persuaded - annoyed, -0.6 * response)
    return np.round(response, 9), np.round(effect, 9)


def send(world, seed, n, assign):
    """Send letters to some of ``n`` customers of a world; see ``Customers.letters``."""
    check_choice("assign", assign, ASSIGN)
    rng = draws.stream(seed, "letters")
    people = draws.sample(rng, world.n_customers, n)
    n = len(people)
    if assign == "by-score":
        score = world.table["score"].to_numpy()[people]
        propensity = np.round(0.05 + 0.9 * expit(1.5 * (score + 4.2)), 9)
    else:
        propensity = np.full(n, 0.5 if assign == "half" else 0.9)
    treated = rng.random(n) < propensity
    response, effect = world.truth.response[people], world.truth.effect[people]
    y = (rng.random(n) < response + treated * effect).astype(np.float64)
    X = world.features().to_numpy()[people]
    return Trial(people, X, treated, y, propensity, TrialTruth(response, effect))
