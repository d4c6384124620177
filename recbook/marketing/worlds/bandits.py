"""Banners on the shop's first page, and sixteen kinds of visitors who see them."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from recbook._core import draws
from recbook._core.validate import check_codes, check_positive_int, generator

__all__ = ["FEATURES", "BannerTruth", "Banners", "banners"]

FEATURES = ("phone", "evening", "young", "returning")


@dataclass(frozen=True)
class BannerTruth:
    """What the shop cannot know.

    Parameters
    ----------
    clicks : (n_segments, n_banners) array
        Probability of a click.
    minutes : (n_segments, n_banners) array
        Mean minutes that a visitor then stays on the page.
    """

    clicks: np.ndarray
    minutes: np.ndarray


@dataclass(frozen=True)
class Banners:
    """Banners and segments of visitors, all equally frequent.

    Parameters
    ----------
    segments : (n_segments, n_features) array
        A row of zeros and ones for each segment, with the columns ``FEATURES``.
    truth : BannerTruth
        What only the generator knows.

    Examples
    --------
    >>> world = banners()
    >>> world.segments.shape, world.truth.clicks.shape
    ((16, 4), (16, 8))
    >>> world.impressions(3, seed=0).tolist()
    [10, 4, 0]
    """

    segments: np.ndarray
    truth: BannerTruth

    @property
    def n_banners(self):
        """Number of banners."""
        return self.truth.clicks.shape[1]

    def impressions(self, n, seed=0):
        """Return the segments (n,) of the visitors of n page views."""
        n = check_positive_int("n", n)
        return (generator(seed).random(n) * len(self.segments)).astype(np.int64)

    def clicks(self, segments, shown, seed=0):
        """Return 1.0 where the visitor clicked on the banner shown (n,), else 0.0."""
        chance = self.truth.clicks[self._cells(segments, shown)]
        clicked = draws.stream(seed, "clicks").random(len(chance)) < chance
        return clicked.astype(np.float64)

    def minutes(self, segments, shown, seed=0):
        """Return how many minutes (n,) each visitor stayed, noise included."""
        mean = self.truth.minutes[self._cells(segments, shown)]
        return mean + 0.3 * draws.normal(draws.stream(seed, "minutes"), len(mean))

    def _cells(self, segments, shown):
        """Return the pairs of codes, once both lists are known to fit."""
        n_segments, n_banners = self.truth.clicks.shape
        segments = check_codes("segments", segments, n_segments)
        shown = check_codes("shown", shown, n_banners)
        if len(segments) != len(shown):
            raise ValueError(
                f"segments has {len(segments)} impressions and shown {len(shown)}: "
                "give one banner for each impression"
            )
        return segments, shown


def banners(n_banners=8, seed=0):
    r"""Draw banners whose click rates differ between segments.

    The log odds of a click are :math:`-3.4 + a_k + \sum_f b_{kf} x_f`, with a level for
    each banner and a leaning for each feature, normal with deviations .2 and .55. The
    mean stay in minutes is :math:`4 + a_k + \sum_f b_{kf} x_f`: what draws clicks also
    holds people.

    Parameters
    ----------
    n_banners : int
        Number of banners, of which one is shown at an impression.
    seed : int
        The same banners for the same seed.

    Returns
    -------
    Banners
        Sixteen segments, one for each combination of four features.

    Examples
    --------
    >>> banners(3, seed=1).truth.clicks.shape
    (16, 3)
    """
    n_banners = check_positive_int("n_banners", n_banners, minimum=2)
    rng = generator(seed)
    n_features = len(FEATURES)
    codes = np.arange(2**n_features)
    segments = (codes[:, None] >> np.arange(n_features) & 1).astype(np.float64)
    level = 0.2 * draws.normal(rng, n_banners)
    leaning = 0.55 * draws.normal(rng, n_banners * n_features)
    leaning = leaning.reshape(n_features, n_banners)
    clicks = np.round(expit(-3.4 + level + segments @ leaning), 9)
    minutes = np.round(4 + level + segments @ leaning, 9)
    return Banners(segments, BannerTruth(clicks, minutes))
