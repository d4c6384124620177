"""Letters that a clerk chose to send: nothing was randomised, the truth is known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from recbook._core import draws
from recbook._core.validate import check_choice, check_number

__all__ = ["Mailing", "MailingTruth", "mailing"]

NOTED = 0.2  # of the files have a note
NOTE = 1.0  # that it adds to the log odds of an order
TARGETS = ("all", "treated", "overlap")


@dataclass(frozen=True)
class MailingTruth:
    """What the shop cannot know of the customers: arrays (n,).

    Parameters
    ----------
    propensity : (n,) array
        Probability with which the clerk sent a letter.
    response, effect : (n,) arrays
        Probability of an order without the letter, and what the letter adds.
    other : (n,) array
        Probability of an order of anything else, with or without the letter.
    warmth : (n,) array
        What the clerk heard on the phone, and nobody wrote down: mean 0, deviation 1.
    treated : (n,) bool array
        Who got a letter.
    """

    propensity: np.ndarray
    response: np.ndarray
    effect: np.ndarray
    other: np.ndarray
    warmth: np.ndarray
    treated: np.ndarray

    def average(self, target="all"):
        r"""Return the mean effect among the people of a target.

        Parameters
        ----------
        target : {"all", "treated", "overlap"}
            Everybody, those who got a letter, or everybody with the weight
            :math:`e (1 - e)`, e the true propensity.
        """
        check_choice("target", target, TARGETS)
        e = self.propensity
        weights = {"all": np.ones(len(e)), "treated": self.treated * 1.0}
        return float(np.average(self.effect, weights=weights.get(target, e * (1 - e))))


@dataclass(frozen=True)
class Mailing:
    """Customers with consent, to some of whom a clerk sent a letter.

    Parameters
    ----------
    customers : (n,) int array
        Codes of the customers, in ascending order.
    X : DataFrame
        What the shop knows, one row for each: ``orders`` (logarithm of 1 + repeat
        orders), ``quiet`` (weeks since the last), ``spend`` (mean value of an order, at
        most 100 €), ``opens``, ``thrift``, ``phone``, ``age 30-44``, ``age 45-59``,
        ``age 60+`` (0 or 1), ``note`` (1 where the file has one).
    treated : (n,) bool array
        Who got a letter.
    y : (n,) array
        1 for those who ordered what the letter offers within two weeks, else 0.
    other : (n,) array
        1 for those who ordered anything else in these weeks, else 0. The letter does
        not change it.
    truth : MailingTruth
        What only the generator knows.

    Examples
    --------
    >>> from recbook.marketing import worlds
    >>> letters = worlds.mailing(worlds.customers(3000), n=2000)
    >>> letters.X.shape, letters.treated.sum() < 1000
    ((2000, 10), np.True_)
    """

    customers: np.ndarray
    X: pd.DataFrame
    treated: np.ndarray
    y: np.ndarray
    other: np.ndarray
    truth: MailingTruth


def known(table, note):
    """Return what the shop knows of the customers of a table, and of their notes."""
    columns = {
        "orders": np.log1p(table["frequency"]),
        "quiet": table["T"] - table["recency"],
        "spend": np.minimum(table["spend"], 100),
        "opens": table["opens"],
        "thrift": table["thrift"],
        "phone": table["phone"],
        **{f"age {age}": table["age"] == age for age in ("30-44", "45-59", "60+")},
        "note": note,
    }
    return pd.DataFrame(columns).astype(np.float64).reset_index(drop=True)


def rule(X):
    """Return what the clerk looks at, as log odds: orders, silence, spend, the note."""
    orders, quiet, spend = (X[name].to_numpy() for name in ("orders", "quiet", "spend"))
    note = X["note"].to_numpy()
    score = 0.6 * orders - 0.04 * quiet + 0.012 * spend + 1.2 * note
    return score - 0.08  # about 0 in the middle of the shop's customers


def mailing(shop, seed=0, n=20_000, hidden=0.0, steep=1.0):
    """Let a clerk choose who among ``n`` customers of a shop gets a letter, and wait.

    Parameters
    ----------
    shop : Customers
        The shop, as ``worlds.customers`` draws it.
    seed : int
        Seed that decides who is in the file, who gets a letter and who orders.
    n : int
        How many customers with consent there are in the file, drawn at random.
    hidden : float
        How strong the hidden cause is, 0 to 2: what one deviation of a customer's
        warmth adds to the log odds of a letter, of an order, and to the logarithm of
        how often other things are ordered. 0: all that matters is in ``X``.
    steep : float
        How strictly the clerk follows the rule, 0 to 5. 0 is chance alone; from about
        2 on, many have hardly a chance of the other arm.

    Returns
    -------
    Mailing
        The log, and its truth.

    Raises
    ------
    ValueError
        If a number is outside of its range, or n is more than there are customers with
        consent.

    Examples
    --------
    >>> from recbook.marketing import worlds
    >>> letters = worlds.mailing(worlds.customers(5000), n=4000, hidden=0.5)
    >>> letters.truth.average("treated") < float(letters.truth.response.mean())
    True
    """
    hidden = check_number("hidden", hidden, 0, 2)
    steep = check_number("steep", steep, 0, 5)
    rng = draws.stream(seed, "mailing")
    allowed = np.flatnonzero(shop.table["consent"].to_numpy())
    people = allowed[draws.sample(rng, len(allowed), n)]
    X = known(shop.table.iloc[people], rng.random(len(people)) < NOTED)
    warmth = draws.normal(rng, len(people))
    propensity = np.round(expit(steep * rule(X) + hidden * warmth - 1.2), 9)
    treated = rng.random(len(people)) < propensity
    world, note = shop.truth, X["note"].to_numpy()
    odds = np.log(world.response[people] / (1 - world.response[people]))
    response = np.round(expit(odds + NOTE * note + hidden * warmth), 9)
    effect = np.maximum(world.effect[people], np.round(-0.6 * response, 9))
    rate = world.rate[people] * np.exp(hidden * warmth - hidden**2 / 2)
    other = np.round(world.alive[people] * -np.expm1(-2 * rate), 9)
    y = (rng.random(len(people)) < response + treated * effect).astype(np.float64)
    bought = (rng.random(len(people)) < other).astype(np.float64)
    truth = MailingTruth(propensity, response, effect, other, warmth, treated)
    return Mailing(people, X, treated, y, bought, truth)
