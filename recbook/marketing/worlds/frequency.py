"""People who come often or seldom, the ad that they see, and a trial of caps."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

from recbook._core import draws
from recbook._core.arrays import check_reals
from recbook._core.validate import check_number, check_positive_int, generator
from recbook.marketing.base import check_values
from recbook.marketing.frequency import reach

__all__ = ["CAPS", "Audience", "AudienceTruth", "audience"]

CAPS = (0, 1, 2, 4, np.inf)  # of the trial
MEAN, SHAPE = 5.0, 0.8  # opportunities of a person in a month, and how unequal they are
LEVEL, RISE = 0.008, 0.012  # probability of an order without ads: LEVEL + RISE z
FIRST, RATIO = 0.010, 0.5  # of the first impression, and of each over the one before
FAR = 400  # impressions that nobody receives


@dataclass(frozen=True)
class AudienceTruth:
    """What nobody can know who has only a log.

    Parameters
    ----------
    intensity : (n,) array
        Opportunities that each person has in a month, on average.
    base : (n,) array
        Probability of an order in a month without an ad.
    first, ratio : float
        What the first impression adds to that probability, and each further one over
        the one before it.
    mean, shape : float
        Of the gamma distribution of intensities.
    """

    intensity: np.ndarray
    base: np.ndarray
    first: float = FIRST
    ratio: float = RATIO
    mean: float = MEAN
    shape: float = SHAPE

    def marginal(self, n=10):
        """Return what the first to the n-th impression of a person adds, (n,)."""
        return self.first * self.ratio ** np.arange(check_positive_int("n", n))

    def effect(self, impressions):
        """Return what so many impressions (n,) add to the probability of an order."""
        n = check_values("impressions", impressions, low=0)
        return self.first * (1 - self.ratio**n) / (1 - self.ratio)

    def impressions(self, cap=np.inf):
        """Return the impressions per person at a cap, in expectation.

        >>> round(audience(10).truth.impressions(), 3)
        5.0
        """
        return float(self._reached(cap).sum())

    def orders(self, cap=np.inf):
        """Return the orders per person that the ad adds at a cap, in expectation."""
        reached = self._reached(cap)
        return float(reached @ self.marginal(FAR)[: len(reached)]) if cap else 0.0

    def profit(self, cap=np.inf, price=0.03, margin=20.0, people=100_000):
        """Return what the ad truly earns in a month at a cap, in euros.

        Parameters
        ----------
        cap : float
            Most impressions of a person; ``np.inf`` for no cap.
        price, margin : float
            Euros for an impression, and margin of an order.
        people : float
            How many people there are.
        """
        earned = margin * self.orders(cap) - price * self.impressions(cap)
        return float(people * earned)

    def _reached(self, cap):
        """Return the share of people with at least 1, 2, … impressions."""
        if cap != np.inf:
            cap = check_number("cap", cap, 0)
        most = int(min(cap, FAR))
        return (
            reach(self.mean, self.shape, np.arange(1, most + 1))
            if most
            else np.zeros(0)
        )


@dataclass(frozen=True)
class Audience:
    """A month of an ad without a cap, and people of whom a trial can be made.

    Parameters
    ----------
    log : DataFrame
        A row for each person: ``impressions`` received in a month without a cap, and
        ``ordered``, 1 or 0.
    truth : AudienceTruth
        What only the generator knows.

    Examples
    --------
    >>> world = audience(1000, seed=1)
    >>> world.n_people, world.log.columns.tolist()
    (1000, ['impressions', 'ordered'])
    """

    log: pd.DataFrame
    truth: AudienceTruth

    @property
    def n_people(self):
        """Number of people."""
        return len(self.log)

    def trial(self, caps=CAPS, seed=0):
        """Draw the next month, with a random cap for each person.

        Parameters
        ----------
        caps : (k,) array_like
            Whole numbers of at least 0, or ``np.inf`` for no cap. Each has the same
            probability.
        seed : int
            The same month for the same seed.

        Returns
        -------
        DataFrame
            A row for each person: ``cap``, ``impressions`` received, ``opportunities``
            (what would have been received without a cap) and ``ordered``.

        Raises
        ------
        ValueError
            If a cap is negative or no number.

        Examples
        --------
        >>> trial = audience(1000).trial(caps=[0, 3])
        >>> bool((trial["impressions"] <= trial["cap"]).all())
        True
        """
        caps = check_reals("caps", caps)
        check_values("caps", np.where(np.isposinf(caps), 0.0, caps), low=0)
        rng = draws.stream(seed, "caps")
        cap = caps[(rng.random(self.n_people) * len(caps)).astype(np.int64)]
        came, ordered = _month(rng, self.truth, cap)
        seen = np.minimum(came, np.floor(cap)).astype(np.int64)
        columns = {"cap": cap, "impressions": seen, "opportunities": came}
        return pd.DataFrame(columns | {"ordered": ordered})


def audience(n=200_000, seed=0):
    r"""Draw people, and a month of an ad that they saw as often as they came.

    A person has :math:`\lambda` opportunities in a month on average, gamma with mean 5
    and shape .8, and in a month a Poisson number of them. The probability of an order
    is .008 + .012 λ/5 without the ad: those who come often order often. The first
    impression adds one point, and each further one half of the one before it, to
    everybody.

    Parameters
    ----------
    n : int
        How many people.
    seed : int
        The same people for the same seed.

    Returns
    -------
    Audience
        Log and truth.

    Raises
    ------
    ValueError
        If n is below 1 or seed below 0.

    Examples
    --------
    >>> audience(1000, seed=1).truth.profit(cap=3) > audience(1000).truth.profit()
    True
    """
    n = check_positive_int("n", n)
    rng = generator(seed)
    z = np.round(gammaincinv(SHAPE, rng.random(n)) / SHAPE, 9)
    truth = AudienceTruth(MEAN * z, LEVEL + RISE * z)
    came, ordered = _month(rng, truth, np.inf)
    return Audience(pd.DataFrame({"impressions": came, "ordered": ordered}), truth)


def _month(rng, truth, cap):
    """Draw each person's opportunities (n,), and who orders with at most cap ads."""
    came = draws.poisson(rng, truth.intensity)
    chance = truth.base + truth.effect(np.minimum(came, np.floor(cap)))
    return came, (rng.random(len(came)) < chance).astype(np.int64)
