"""What people see and do in a month: ads on five channels, visits, orders."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from recbook._core import draws
from recbook._core.validate import (
    check_choice,
    check_number,
    check_positive_int,
    generator,
)

__all__ = ["CHANNELS", "Holdout", "JourneyTruth", "Journeys", "journeys"]

CHANNELS = ("display", "social", "e-mail", "search", "retargeting")  # their daily order
ADDS = np.array([0.40, 0.32, 0.24, 0.05, 0.02])  # to the log odds, by one touch
N_DAYS = 30
KEEPS = 0.8  # share of what ads have added that is left a day later
FADES = 0.85  # and of an interest of one's own
LEVEL = -6.1  # log odds of an order on a day without interest and ads


@dataclass(frozen=True)
class JourneyTruth:
    """What the shop cannot know: the same month with some of its ads switched off.

    Parameters
    ----------
    n, seed : int
        Number and seed of the journeys.
    off : tuple of str
        Channels that were off already.
    """

    n: int
    seed: int
    off: tuple[str, ...]

    def orders(self, off=CHANNELS):
        """Return how many orders there would be with these channels off, too.

        Everybody meets the same chance as before, so that the difference from the
        orders that were seen is what the channels caused, without any noise.
        """
        off = (off,) if isinstance(off, str) else tuple(off)
        silent = tuple(c for c in CHANNELS if c in {*_checked(off), *self.off})
        return int((_month(self.n, self.seed, silent)[1] >= 0).sum())


@dataclass(frozen=True)
class Holdout:
    """A trial in which a random part of the people is never shown one channel.

    Parameters
    ----------
    treated : (n,) bool array
        Who may be shown the channel's ads.
    converted : (n,) bool array
        Who ordered.
    reached : (n,) bool array
        Who was shown such an ad or, among those held out, would have been: the log of
        ghost ads.

    Examples
    --------
    >>> trial = journeys(1000).holdout("display")
    >>> trial.treated.shape == trial.reached.shape
    True
    """

    treated: np.ndarray
    converted: np.ndarray
    reached: np.ndarray


@dataclass(frozen=True)
class Journeys:
    """A month of people who may buy: what each of them saw, and who ordered.

    Parameters
    ----------
    paths : list of tuples of str
        For each person, the channels of the ads that were seen, in the order of time,
        up to the order or to the end of the month. Empty for those who saw none.
    days : list of tuples of int
        For each person, the day of each ad in the path, from 0 to 29.
    ordered_on : (n,) int array
        Day of the order, -1 without one.
    truth : JourneyTruth
        What only the generator knows.

    Examples
    --------
    >>> world = journeys(1000, seed=1)
    >>> world.n_people, world.paths[1][:3], bool(world.converted[1])
    (1000, ('display', 'display', 'social'), False)
    >>> world.days[1][:3]
    (1, 7, 10)
    """

    paths: list
    days: list
    ordered_on: np.ndarray
    truth: JourneyTruth

    @property
    def converted(self):
        """Who ordered (n,), as bool."""
        return self.ordered_on >= 0

    @property
    def n_people(self):
        """Number of people."""
        return len(self.converted)

    @property
    def channels(self):
        """Names of all five channels, in the order of a day."""
        return CHANNELS

    def holdout(self, channel, share=0.5, seed=0):
        """Run the month again, with one channel kept from a random part of the people.

        Parameters
        ----------
        channel : str
            One of ``channels`` that is on.
        share : float
            Chance of each person to be held out, inside (0, 1).
        seed : int
            Seed of the assignment; each channel has its own.

        Returns
        -------
        Holdout
            Nobody's ads change what others do.

        Raises
        ------
        ValueError
            If the channel is none, or was off already, or share is 0 or 1.
        """
        running = tuple(c for c in CHANNELS if c not in self.truth.off)
        channel = check_choice("channel", channel, running)
        share = check_number("share", share)
        if not 0 < share < 1:
            raise ValueError(
                f"share is {share}: give a number between 0 and 1, both excluded, "
                "since an effect needs people on either side"
            )
        draw = draws.stream(seed, "holdout", 1 + CHANNELS.index(channel))
        treated = draw.random(self.n_people) >= share
        truth = self.truth
        _, silent = _month(truth.n, truth.seed, (*truth.off, channel))
        reached = np.array([channel in path for path in self.paths])
        ordered = np.where(treated, self.converted, silent >= 0)
        return Holdout(treated, ordered, reached)


def journeys(n=60_000, off=(), seed=0):
    r"""Draw a month of journeys: half a second for 60,000.

    On each of 30 days a person orders with the log odds

    .. math:: -6.1 + 1.25\, i + \sum_{\text{touches}} a_c\, .8^{\text{days since}}

    with an interest i that comes to some people at some day, and fades. Display, social
    and e-mail reach people by chance; search and retargeting reach those who are
    interested, *because* they are. The channels are worth :math:`a_c` = .40, .32, .24,
    .05 and .02. A person who has ordered is seen no more.

    Parameters
    ----------
    n : int
        How many people.
    off : sequence of str
        Names of channels that are switched off, or one. All others draw the same random
        numbers as before. Who would have clicked on a search ad comes without it.
    seed : int
        The same journeys for the same seed, on every machine.

    Returns
    -------
    Journeys
        Paths, orders and truth.

    Raises
    ------
    ValueError
        If n is below 1, seed below 0, or a channel does not exist.

    Examples
    --------
    >>> on, silent = journeys(2000), journeys(2000, off=("display", "social"))
    >>> bool(on.converted.sum() >= silent.converted.sum())
    True
    """
    n = check_positive_int("n", n)
    generator(seed)  # refuses what is no seed
    off = _checked((off,) if isinstance(off, str) else tuple(off))
    person, day, channel, ordered_on = _touched(n, seed, off)
    names = np.array(CHANNELS, dtype=object)[channel].tolist()
    ends = np.cumsum(np.bincount(person, minlength=n)).tolist()
    spans = list(zip([0, *ends[:-1]], ends, strict=True))
    day = day.tolist()
    paths, days = ([tuple(of[a:b]) for a, b in spans] for of in (names, day))
    return Journeys(paths, days, ordered_on, JourneyTruth(n, seed, off))


def _checked(off):
    for channel in off:
        check_choice("off", channel, CHANNELS)
    return off


def _touched(n, seed, off):
    """Return person, day, channel of each touch, by person and time, and order days."""
    touches, ordered_on = _month(n, seed, off)
    person = np.concatenate([who for who, _, _ in touches])
    sizes = [len(who) for who, _, _ in touches]
    day, channel = (np.repeat([t[k] for t in touches], sizes) for k in (1, 2))
    order = np.argsort(person, kind="stable")
    return person[order], day[order], channel[order], ordered_on


def _month(n, seed, off):
    """Return the touches in time, as people, a day and a channel; and days of orders.

    Each day draws the same random numbers, whatever is switched off and whoever has
    ordered already.
    """
    rng = generator(seed)
    online = draws.gamma(rng, n, 1.5, 1.5)  # how much a person is on other sites
    reader = rng.random(n) < 0.5  # of the shop's e-mails
    begins = 45 * rng.random(n) - 15  # day on which an interest comes, if one does
    height = np.where(rng.random(n) < 0.55, draws.gamma(rng, n, 4.0, 1.6), 0.0)
    added, visited = np.zeros(n), np.zeros(n, dtype=bool)
    touches, ordered_on = [], np.full(n, -1)
    for day in range(N_DAYS):
        draw = rng.random((len(CHANNELS) + 2, n))
        interest = np.where(day >= begins, height * FADES ** (day - begins), 0.0)
        interest = np.round(interest, 9)
        visits = draw[5] < 0.50 * np.clip(interest, 0, 2)
        meets = (
            draw[0] < np.minimum(0.056 * online, 0.5),
            draw[1] < np.minimum(0.054 * online, 0.5),
            reader & (draw[2] < 0.11),
            visits & (draw[3] < 0.45),
            visited & (draw[4] < 0.70 * np.clip(interest, 0.1, 1.3)),
        )
        seen = ordered_on < 0
        added *= KEEPS
        for channel, met in enumerate(meets):
            met = met & seen & (CHANNELS[channel] not in off)
            touches.append((np.flatnonzero(met), day, channel))
            added += ADDS[channel] * met
        visited |= visits
        odds = np.round(expit(LEVEL + 1.25 * interest + added), 9)
        ordered_on[seen & (draw[6] < odds)] = day
    return touches, ordered_on
