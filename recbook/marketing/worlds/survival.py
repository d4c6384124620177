"""Members of a subscription, each of whom leaves at the end of some month."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import betaln

from recbook._core import draws
from recbook._core.validate import check_positive_int, generator
from recbook.marketing.base import check_values

__all__ = ["MemberTruth", "Members", "members"]

CHANNELS = ("search", "friend", "portal")
SHARES = (0.45, 0.25, 0.3)  # of the channels by which members come
FAMILY = 0.4  # share of members with a family plan
A, B = 0.9, 9.0  # beta distribution of a lone member's churn who came by search
TIMES = {"friend": 0.55, "portal": 1.8, "family": 0.65}  # factors on A
LEAST = 1e-6  # of anybody's churn probability


@dataclass(frozen=True)
class MemberTruth:
    """What the company cannot know.

    Parameters
    ----------
    a : (n,) array
        First parameter of the beta distribution of churn probabilities, by channel and
        plan. The second is 9 for all.
    churn : (n,) array
        Each member's own probability of leaving at the end of a month, always the same.
    left : (n,) array
        The month at whose end each leaves, counted from the first, also where that is
        after the data end.
    """

    a: np.ndarray
    churn: np.ndarray
    left: np.ndarray

    def survival(self, months):
        """Return the probability of staying through each of months (m,): (n, m).

        By channel and plan, as a model could know it, and not by each member's own
        churn probability.
        """
        months = check_values("months", months, low=0)
        a = self.a[:, None]
        return np.exp(betaln(a, B + months) - betaln(a, B))


@dataclass(frozen=True)
class Members:
    """All who ever joined, on the day on which the data end.

    Parameters
    ----------
    table : DataFrame
        One row for each member: ``channel`` by which they came, ``plan`` (``"solo"`` or
        ``"family"``), ``joined`` (month of the first payment, from 0 on), ``months``
        observed and ``churned`` (1 if they left at the end of the last of these).
    truth : MemberTruth
        What only the generator knows.

    Examples
    --------
    >>> world = members(1000)
    >>> world.features().columns.tolist()
    ['friend', 'portal', 'family']
    """

    table: pd.DataFrame
    truth: MemberTruth

    def features(self):
        """Return channel and plan as zeros and ones; search and solo are all 0."""
        columns = {
            "friend": self.table["channel"] == "friend",
            "portal": self.table["channel"] == "portal",
            "family": self.table["plan"] == "family",
        }
        return pd.DataFrame(columns).astype(np.float64)


def members(n=4000, window=36, seed=0):
    r"""Draw members who joined in the last months, and who of them has left.

    .. math:: p_i \sim B(a_i, 9), \qquad \Pr(T_i = k \mid p_i) = p_i (1 - p_i)^{k-1}

    with :math:`a_i` = .9, times .55 for those sent by a friend, 1.8 for those of a
    portal, and .65 for a family plan. As many join in each month, of the same mix.

    Parameters
    ----------
    n : int
        Members who ever joined.
    window : int
        Months until the data end. Members joined at the beginning of one of them.
    seed : int
        The same members for the same seed, on every machine.

    Returns
    -------
    Members
        Table and truth.

    Raises
    ------
    ValueError
        If n, window or seed is too small.

    Examples
    --------
    >>> world = members(1000, seed=1)
    >>> bool(world.table["months"].max() <= 36), world.truth.survival([0, 12]).shape
    (True, (1000, 2))
    """
    n, window = check_positive_int("n", n), check_positive_int("window", window)
    rng = generator(seed)
    edges = np.cumsum(SHARES)[:-1]
    channel = np.searchsorted(edges, rng.random(n), side="right")
    family = rng.random(n) < FAMILY
    joined = (rng.random(n) * window).astype(np.int64)
    times = np.array([TIMES.get(name, 1.0) for name in CHANNELS])
    a = A * times[channel] * np.where(family, TIMES["family"], 1.0)
    churn = np.maximum(draws.beta(rng, n, a, B), LEAST)
    # The number of months is geometric: an exponential time, rounded up.
    left = np.ceil(np.round(np.log1p(-rng.random(n)) / np.log1p(-churn), 9))
    left = np.maximum(left, 1.0)
    seen = window - joined
    table = pd.DataFrame({
        "channel": np.array(CHANNELS)[channel],
        "plan": np.where(family, "family", "solo"),
        "joined": joined,
        "months": np.minimum(left, seen).astype(np.int64),
        "churned": (left <= seen).astype(np.int64),
    })  # fmt: skip
    return Members(table, MemberTruth(a, churn, left))
