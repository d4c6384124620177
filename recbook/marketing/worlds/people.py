"""The shop's customers: what it knows of each, all orders, and the truth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from recbook._core import draws
from recbook._core.validate import check_number, check_positive_int, generator
from recbook.marketing.worlds import campaign, uplift
from recbook.marketing.worlds.dials import turned

__all__ = ["AGES", "CustomerTruth", "Customers", "customers"]

AGES = ("18-29", "30-44", "45-59", "60+")
AGE_SHARES = (0.29, 0.35, 0.24, 0.12)
N_REGIONS = 40
SHORTEST, LONGEST = 13.0, 104.0  # weeks since the first order


@dataclass(frozen=True)
class CustomerTruth:
    """What the shop cannot know: arrays with a value for each customer.

    Parameters
    ----------
    rate : (n,) array
        Orders a week while a customer.
    leaving : (n,) array
        Probability of leaving after an order.
    alive : (n,) bool array
        Whether the person is still a customer today.
    mean_value : (n,) array
        Mean value of an order in euros.
    thrift : (n,) array
        How much a voucher counts, 0 to 1.
    response, effect : (n,) arrays
        Probability of an order of what the letter offers, within two weeks, without a
        letter, and what the letter adds to it. The other orders go on as ever.
    email, lost : (n,) arrays
        What an e-mail adds to the probability of an order, and the probability that it
        loses the reader, with nine tenths of what the person would have ordered.
    """

    rate: np.ndarray
    leaving: np.ndarray
    alive: np.ndarray
    mean_value: np.ndarray
    thrift: np.ndarray
    response: np.ndarray
    effect: np.ndarray
    email: np.ndarray
    lost: np.ndarray

    def profit(self, chosen, margin=20.0, cost=0.60):
        r"""Return what letters to the chosen customers truly earn, in euros.

        .. math:: \sum_{u\ \text{chosen}} (\tau_u\, g - c)

        Parameters
        ----------
        chosen : (n,) bool array
            Who gets a letter.
        margin, cost : float
            Margin of an order and cost of a letter, in euros.
        """
        return float((self.effect[np.asarray(chosen)] * margin - cost).sum())

    def future(self, weeks, seed=0):
        """Draw what the customers order in the coming weeks, without a letter.

        Parameters
        ----------
        weeks : float
            How far to look ahead, at least 0.
        seed : int
            The same future for the same seed.

        Returns
        -------
        DataFrame
            ``customer``, ``week`` (from today) and ``value`` in euros, in the order of
            customers and weeks.
        """
        weeks, rng = check_number("weeks", weeks, 0), draws.stream(seed, "future")
        here = np.flatnonzero(self.alive).astype(np.int64)
        ends = np.full(len(here), weeks)
        place, week, _ = orders_of(rng, self.rate[here], self.leaving[here], ends)
        customer = here[place]
        value = draws.gamma(rng, len(place), 6.25, 6.25) * self.mean_value[customer]
        frame = {"customer": customer, "week": week, "value": np.round(value, 2)}
        order = np.lexsort([week, customer])
        return pd.DataFrame(frame).iloc[order].reset_index(drop=True)


@dataclass(frozen=True)
class Customers:
    """The customers of the shop on the day of the letter.

    Parameters
    ----------
    table : DataFrame
        What the shop knows, one row for each customer, whose code is the row's number:
        ``age`` (band), ``phone`` (orders by phone), ``region`` (0 to 39), ``consent``
        (to direct mail), ``T`` (weeks since the first order), ``frequency`` (orders
        after the first), ``recency`` (weeks from the first order to the last),
        ``spend`` (mean value of an order, euros), ``opens`` (of the last eight
        e-mails), ``thrift`` (share of orders with a voucher, a noisy look at the
        trait), ``score`` (log odds of an order by the model of last year's campaign).
    orders : DataFrame
        The log behind it: ``customer``, ``week`` (since the first customer's first
        order, today is 104), ``value`` in euros; in the order of customers and weeks.
    truth : CustomerTruth
        What only the generator knows.

    Examples
    --------
    >>> shop = customers(1000)
    >>> shop.n_customers, shop.features().shape
    (1000, (1000, 11))
    """

    table: pd.DataFrame
    orders: pd.DataFrame
    truth: CustomerTruth

    @property
    def n_customers(self):
        """Number of customers."""
        return len(self.table)

    def features(self):
        """Return what the shop knows as numbers, a DataFrame with a row per customer.

        Frequency, ``quiet`` (weeks since the last order), spend, opens, thrift, score,
        phone, and a column of zeros and ones for each age band.
        """
        table = self.table
        columns = {
            "frequency": table["frequency"],
            "quiet": table["T"] - table["recency"],
            "spend": table["spend"],
            "opens": table["opens"],
            "thrift": table["thrift"],
            "score": table["score"],
            "phone": table["phone"],
            **{f"age {age}": table["age"] == age for age in AGES},
        }
        return pd.DataFrame(columns).astype(np.float64)

    def letters(self, seed=0, n=50_000, assign="half"):
        """Send letters to some of ``n`` customers and wait: a trial.

        Parameters
        ----------
        seed : int
            Seed that decides who takes part, who gets a letter and who orders.
        n : int
            How many customers take part, drawn at random.
        assign : {"half", "nine-tenths", "by-score"}
            Who gets a letter: a random half, a random nine tenths, or by a probability
            between .05 and .95 that rises with the number of orders and falls with the
            weeks since the last, as a shop would choose.

        Returns
        -------
        Trial
            With the probabilities by which the letters were given out.
        """
        return uplift.send(self, seed, n, assign)

    def campaign(self, seed=0, n=30_000):
        """Try nothing, an e-mail or a letter on ``n`` customers, at random.

        Parameters
        ----------
        seed : int
            Seed that decides who takes part, what each gets and what they do.
        n : int
            How many customers take part, drawn at random.

        Returns
        -------
        Campaign
            The trial, and the season that it is for.
        """
        return campaign.plan(self, seed, n)


def orders_of(rng, rate, leaving, weeks):
    """Return customer and week of each repeat order, and who is a customer at the end.

    Orders come at a rate while a person is a customer, and after each repeat order
    some leave: the model of Fader, Hardie and Lee (2005).
    """
    customer, week = [], []
    here = np.arange(len(rate))
    time = np.zeros(len(rate))
    alive = np.ones(len(rate), dtype=bool)
    while len(here):
        time[here] += draws.exponential(rng, rate[here])
        here = here[time[here] < weeks[here]]
        customer.append(here)
        week.append(time[here])
        gone = rng.random(len(here)) < leaving[here]
        alive[here[gone]] = False
        here = here[~gone]
    return np.concatenate(customer), np.concatenate(week), alive


def customers(n=100_000, seed=0, jitter=0.0):
    """Draw the shop's customers: half a second for 100,000.

    Parameters
    ----------
    n : int
        Number of customers.
    seed : int
        The same customers for the same seed, on every machine.
    jitter : float
        0 for the effects that the card describes, and up to .25: by how much the seed
        turns their dials. A class gets .2, so that the card says little of its world.

    Returns
    -------
    Customers
        Table, orders and truth.

    Raises
    ------
    ValueError
        If n is below 1, seed below 0, or jitter outside of 0 to .25.

    Examples
    --------
    >>> shop = customers(2000, seed=1)
    >>> shop.table.columns[:3].tolist(), len(shop.truth.effect)
    (['age', 'phone', 'region'], 2000)
    """
    n = check_positive_int("n", n)
    rng, dials = generator(seed), turned(seed, jitter)
    edges = np.cumsum(AGE_SHARES)[:-1]
    age = np.searchsorted(edges, rng.random(n), side="right")
    phone = rng.random(n) < 0.65 - 0.12 * age
    region = (rng.random(n) * N_REGIONS).astype(np.int64)
    consent = rng.random(n) < 0.88
    weeks = np.round(SHORTEST + (LONGEST - SHORTEST) * rng.random(n), 9)
    rate = np.maximum(draws.gamma(rng, n, 0.55, 9.0), 1e-6)
    leaving = draws.beta(rng, n, 0.9, 2.8)
    customer, week, alive = orders_of(rng, rate, leaving, weeks)
    orders, mean_value = valued(rng, customer, week, weeks)
    thrift = draws.beta(rng, n, 2.0, 3.0)
    table = pd.DataFrame({
        "age": pd.Categorical.from_codes(age, AGES, ordered=True),
        "phone": phone,
        "region": region,
        "consent": consent,
        "T": weeks,
        "frequency": np.bincount(customer, minlength=n).astype(np.int64),
        "recency": last_orders(customer, week, n),
        "spend": spent(orders, n),
        "opens": np.floor(9 * rng.random(n) ** 1.2).astype(np.int64),
        "thrift": np.clip(thrift + 0.05 * draws.normal(rng, n), 0, 1),
    })  # fmt: skip
    table["score"] = np.round(uplift.score_of(table), 9)
    hidden = (rate, leaving, alive, mean_value, thrift)
    response, effect = uplift.odds(table, thrift, dials)
    email, lost = campaign.effects(table, thrift, dials)
    truth = CustomerTruth(*hidden, response, effect, email, lost)
    return Customers(table, orders, truth)


def valued(rng, customer, week, weeks):
    """Return all orders, first ones included, with values; and each mean value."""
    n = len(weeks)
    mean_value = np.round(6.25 / draws.gamma(rng, n, 3.75, 24.6), 9)
    everyone = np.concatenate([np.arange(n, dtype=np.int64), customer])
    since = np.concatenate([np.zeros(n), week])
    value = draws.gamma(rng, len(everyone), 6.25, 6.25) * mean_value[everyone]
    order = np.lexsort([since, everyone])
    calendar = LONGEST - weeks[everyone] + since
    frame = {"customer": everyone, "week": calendar, "value": np.round(value, 2)}
    return pd.DataFrame(frame).iloc[order].reset_index(drop=True), mean_value


def last_orders(customer, week, n):
    """Return the week of each customer's last order, counted from the first."""
    last = np.zeros(n)
    np.maximum.at(last, customer, week)
    return last


def spent(orders, n):
    """Return each customer's mean value of an order, the first among them."""
    total = np.bincount(orders["customer"], orders["value"], n)
    return np.round(total / np.bincount(orders["customer"], minlength=n), 2)
