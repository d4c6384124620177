"""A firm's tests: an archive of many, and the people of one that is rolled out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from recbook._core import draws
from recbook._core.validate import check_choice, check_positive_int, generator

__all__ = ["Archive", "ArchiveTruth", "Launch", "LaunchTruth", "archive", "launch"]

RATE = 4.0  # orders of 100 customers in two weeks, without any change
NULL, SPREAD = 0.7, 0.3  # tests without an effect; deviation of the others' effects
FEWEST_PEOPLE, DOUBLINGS = 5000, 3.3  # people in an arm: 5,000 to 49,000
N_DAYS, N_SINCE = 21, 14  # days of arrival; days of each person that are seen
SHARES = np.repeat([0.01, 0.05, 0.5], [3, 4, 14])  # who is treated, by day of arrival
FASTER = 8.0  # days until a person of mean activity has come, if nobody was cut off
MET, LASTING, NOVELTY, HALF_LIFE = 0.2, 0.1, 0.4, 2.0


@dataclass(frozen=True)
class ArchiveTruth:
    """What a firm cannot know of its tests.

    Parameters
    ----------
    effect : (n,) array
        True effect of each test, in orders of 100 customers.
    """

    effect: np.ndarray


@dataclass(frozen=True)
class Archive:
    """The tests of a firm, with what each of them found.

    Parameters
    ----------
    table : DataFrame
        One row for each test: ``people`` (in each arm), ``effect`` (in orders of 100
        customers in two weeks), ``standard_error``, ``p``.
    truth : ArchiveTruth
        What only the generator knows.

    Examples
    --------
    >>> world = archive(n=5)
    >>> world.table.columns.tolist()
    ['people', 'effect', 'standard_error', 'p']
    """

    table: pd.DataFrame
    truth: ArchiveTruth


def archive(n=300, kind="mixture", seed=0):
    r"""Draw the tests of a firm, most of which changed nothing.

    An arm has 5,000 to 49,000 people, evenly on the scale of its logarithm, and
    4 of 100 people order in two weeks. True effects have a standard deviation of
    :math:`.3 \sqrt{.3} = .164` orders of 100 customers, whatever their kind.

    Parameters
    ----------
    n : int
        Number of tests.
    kind : {"mixture", "normal", "heavy"}
        Seven in ten tests without any effect and the others normal; all normal; or
        Student's t with 3 degrees of freedom, where a few effects are large.
    seed : int
        The same tests for the same seed, on every machine.

    Returns
    -------
    Archive
        Table and truth.

    Raises
    ------
    ValueError
        If n is below 1, seed below 0 or the kind another.

    Examples
    --------
    >>> world = archive(seed=1)
    >>> round(float((world.table["p"] < 0.05).mean()), 2)
    0.11
    """
    n = check_positive_int("n", n)
    check_choice("kind", kind, ("mixture", "normal", "heavy"))
    rng = generator(seed)
    people = np.floor(FEWEST_PEOPLE * 2 ** (DOUBLINGS * rng.random(n))).astype(np.int64)
    u, some, noise = rng.random(n), rng.random(n) >= NULL, draws.normal(rng, n)
    spread = SPREAD * np.sqrt(1 - NULL)
    if kind == "heavy":
        true = spread / np.sqrt(3) * special.stdtrit(3, u)
    else:
        normal = special.ndtri(u)
        true = spread * normal if kind == "normal" else SPREAD * normal * some
    true = np.round(true, 9)
    rates = np.array([np.full(n, RATE), RATE + np.clip(true, 0.1 - RATE, 90)]) / 100
    error = np.round(100 * np.sqrt((rates * (1 - rates)).sum(axis=0) / people), 9)
    effect = np.round(true + error * noise, 9)
    table = pd.DataFrame({
        "people": people,
        "effect": effect,
        "standard_error": error,
        "p": 2 * special.ndtr(-np.abs(effect) / error),
    })  # fmt: skip
    return Archive(table, ArchiveTruth(true))


@dataclass(frozen=True)
class LaunchTruth:
    """What the firm cannot know of a change that it rolls out.

    Parameters
    ----------
    lasting, novelty, half_life : float
        The effect on a person who meets the change, in minutes a day: what stays, what
        there is more on the first day, and after how many days half of that is gone.
    activity : (n,) array
        Minutes a day of each person without the change, on average.
    """

    lasting: float
    novelty: float
    half_life: float
    activity: np.ndarray

    def effect(self, n_days=N_SINCE):
        """Return the mean effect of a person's first days, for one who meets it."""
        since = np.arange(check_positive_int("n_days", n_days))
        return float(
            self.lasting + (self.novelty * 0.5 ** (since / self.half_life)).mean()
        )


@dataclass(frozen=True)
class Launch:
    """The people of one test, who come day by day while its share is raised.

    Parameters
    ----------
    table : DataFrame
        One row for each person: ``day`` of arrival (0 to 20), ``share`` (of the people
        of that day who are treated: 1, 5, then 50 %), ``treated``, ``met`` (came where
        the change is, or would have been).
    daily : (n, 14) array
        Minutes of each person on the days since arrival.
    truth : LaunchTruth
        What only the generator knows.

    Examples
    --------
    >>> world = launch(n=1000)
    >>> world.daily.shape, world.table["share"].unique().tolist()
    ((1000, 14), [0.01, 0.05, 0.5])
    """

    table: pd.DataFrame
    daily: np.ndarray
    truth: LaunchTruth


def launch(n=40_000, seed=0):
    r"""Draw a test that starts with 1 % of the people, goes on with 5 and ends with 50.

    A person spends minutes at a rate of their own, and the active come first: a day of
    arrival is exponential with a mean of 8 days over the activity, cut off at 21. One
    person in five meets the change. It adds .1 minutes a day for good, and .4 more on
    the first day, half of which is gone after two days.

    Parameters
    ----------
    n : int
        People.
    seed : int
        The same people for the same seed, on every machine.

    Returns
    -------
    Launch
        Table, daily outcomes and truth.

    Raises
    ------
    ValueError
        If n is below 1 or seed below 0.

    Examples
    --------
    >>> world = launch(n=2000, seed=1)
    >>> bool(world.table["met"].mean() < 0.25), world.truth.lasting
    (True, 0.1)
    """
    n = check_positive_int("n", n)
    rng = generator(seed)
    activity = draws.gamma(rng, n, 2.0, 2.0)
    rate = activity / FASTER
    comes = -np.log1p(rng.random(n) * np.expm1(-N_DAYS * rate)) / rate
    day = np.minimum(np.round(comes, 9), N_DAYS - 1).astype(np.int64)
    treated, met = rng.random(n) < SHARES[day], rng.random(n) < MET
    fade = 0.5 ** (np.arange(N_SINCE) / HALF_LIFE)
    added = (treated & met)[:, None] * (LASTING + NOVELTY * fade)
    daily = -np.log1p(-rng.random((n, N_SINCE))) * activity[:, None] + added
    table = pd.DataFrame({
        "day": day,
        "share": SHARES[day],
        "treated": treated,
        "met": met,
    })  # fmt: skip
    rows = np.argsort(day, kind="stable")
    table = table.iloc[rows].reset_index(drop=True)
    truth = LaunchTruth(LASTING, NOVELTY, HALF_LIFE, activity[rows])
    return Launch(table, np.round(daily[rows], 6), truth)
