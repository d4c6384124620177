"""Looking before the end: what it does to the error rate, and two ways to keep it."""

from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from recbook._core.arrays import check_reals
from recbook._core.validate import check_choice, check_number, check_positive_int
from recbook.marketing.base import NORMAL_975, check_values

__all__ = [
    "always_valid",
    "bounds",
    "confidence_sequence",
    "crossing",
    "false_positives",
]

MOST_LOOKS = 500
WITHIN = 1e100  # the largest number, and one over the smallest variance
FAR = 9.0  # standard deviations beyond which a normal has no weight that counts
# The shape of the bounds, to be multiplied by one constant: the k-th of K looks.
SHAPES = {
    "pocock": lambda k, n_looks: np.ones(n_looks),
    "obrien-fleming": lambda k, n_looks: np.sqrt(n_looks / k),
}


def crossing(n_looks, bound=NORMAL_975, drift=0.0, fractions=None):
    r"""Return the probability that each of several looks is the first beyond a bound.

    After the k-th of K equal parts of the data the test statistic is
    :math:`Z_k = S_k / \sqrt k`, where the parts add independent normals of variance 1
    to S. Those not stopped have a density, which one step carries on:

    .. math::
       f_1 = \varphi, \qquad
       f_k(s) = \int_{|u| \le b_{k-1} \sqrt{k-1}} f_{k-1}(u)\, \varphi(s - u)\, du

    and what lies beyond :math:`\pm b_k \sqrt k` stops at look k. The integrals are sums
    over Gauss and Legendre's nodes, right to some 1e-12.

    Parameters
    ----------
    n_looks : int
        K, from 1 to 500, equally spaced in people unless ``fractions`` are given.
    bound : float or (K,) array_like
        The test stops where :math:`|Z_k| > b_k`; above 0. One number stands for all
        looks.
    drift : float
        Mean of Z at all planned people: the true effect over its standard error there.
    fractions : (K,) array_like, optional
        Where the looks are: fractions of the planned people, rising by at least .002,
        at most 1. A part then adds a normal whose variance is in proportion to it.

    Returns
    -------
    (K,) array
        Its sum is the probability of stopping at all: the false positives without
        drift, the power with one.

    Raises
    ------
    ValueError
        If a number is out of its range or there is not one bound for each look.

    References
    ----------
    Armitage, McPherson and Rowe (1969).

    Examples
    --------
    >>> crossing(2).round(4).tolist()
    [0.05, 0.0331]
    >>> crossing(1, drift=2.8).round(3).tolist()
    [0.8]
    >>> crossing(2, fractions=[0.2, 1.0]).round(4).tolist()
    [0.05, 0.0421]
    """
    n_looks = _looks(n_looks)
    b = check_reals("bound", bound)
    b = check_values("bound", np.full(n_looks, b) if not b.ndim else b, n_looks, low=0)
    if not b.all():
        raise ValueError(
            f"bound[{int((b == 0).argmax())}] is 0, which every test is beyond: give "
            "a number above 0, such as 1.96"
        )
    drift = check_number("drift", drift)
    walk = Walk(n_looks) if fractions is None else Walk(fractions)
    if len(walk.variances) != n_looks:
        raise ValueError(
            f"fractions has {len(walk.variances)} rows, but n_looks is {n_looks}"
        )
    stopped = np.zeros(n_looks)
    for k, end in enumerate(b * np.sqrt(walk.variances)):
        stopped[k] = walk.beyond(k, end, drift)
        if not walk.on(k, end, drift):
            break
    return stopped


def false_positives(n_looks, bound=NORMAL_975):
    r"""Return the probability of a false alarm at one of several looks.

    .. math:: \Pr\Bigl(\max_{k \le K} |Z_k| > b\Bigr)

    Parameters
    ----------
    n_looks : int
        K, from 1 to 500, equally spaced in people.
    bound : float or (K,) array_like
        As for :func:`crossing`.

    Returns
    -------
    float
        Without any effect.

    Raises
    ------
    ValueError
        As :func:`crossing`.

    References
    ----------
    Armitage, McPherson and Rowe (1969).

    Examples
    --------
    >>> [round(100 * false_positives(k), 1) for k in (1, 2, 5)]
    [5.0, 8.3, 14.2]
    """
    return float(crossing(n_looks, bound).sum())


def bounds(n_looks, kind="pocock", alpha=0.05):
    r"""Return a bound for each look, so that all looks together keep the error rate.

    Pocock's bounds are the same at all looks, those of O'Brien and Fleming fall:

    .. math:: b_k = c \qquad \text{or} \qquad b_k = c \sqrt{K / k}

    with the one c for which :func:`false_positives` is alpha.

    Parameters
    ----------
    n_looks : int
        K, from 1 to 500, equally spaced in people.
    kind : {"pocock", "obrien-fleming"}
        Pocock's stop early more often. O'Brien and Fleming's hardly cost power, since
        the last is near that of a test without looks.
    alpha : float
        Probability of a false alarm at any look, from 1e-6 to 0.5.

    Returns
    -------
    (K,) array
        To be compared with :math:`|Z_k|`.

    Raises
    ------
    ValueError
        If a number is out of its range or the kind is another.

    References
    ----------
    Pocock (1977); O'Brien and Fleming (1979).

    Examples
    --------
    >>> bounds(5).round(3).tolist()
    [2.413, 2.413, 2.413, 2.413, 2.413]
    >>> bounds(5, "obrien-fleming").round(3).tolist()
    [4.562, 3.226, 2.634, 2.281, 2.04]
    """
    n_looks = _looks(n_looks)
    check_choice("kind", kind, SHAPES)
    alpha = check_number("alpha", alpha, 1e-6, 0.5)
    shape = SHAPES[kind](np.arange(1, n_looks + 1), n_looks)
    if n_looks == 1:
        return -ndtri(alpha / 2) * shape
    c = brentq(lambda c: false_positives(n_looks, c * shape) - alpha, 0.5, 9.0)
    return c * shape


def always_valid(x, tau2, variance):
    r"""Return p-values that may be looked at after every row, and acted upon.

    The likelihood of the rows so far under effects spread like :math:`N(0, \tau^2)`,
    over that without an effect, is

    .. math::
       \Lambda_n = \sqrt{\frac{\sigma^2}{\sigma^2 + n \tau^2}}\,
       \exp \frac{\tau^2 \bigl(\sum_{i \le n} x_i\bigr)^2}
       {2 \sigma^2 (\sigma^2 + n \tau^2)}, \qquad
       p_n = \min_{k \le n} \min(1, 1 / \Lambda_k)

    Without an effect its mean is always 1, and by Ville's inequality it *ever* exceeds
    :math:`1 / \alpha` with a probability of at most alpha.

    Parameters
    ----------
    x : (n,) array_like
        In the order of arrival: numbers whose mean is the effect, such as the outcome
        of the i-th treated person less that of the i-th untreated.
    tau2 : float
        :math:`\tau^2`, at least 1e-100: the square of an effect that one expects. It
        changes how soon an effect is seen, never the error rate.
    variance : float
        :math:`\sigma^2` of x, at least 1e-100; with rates near p in both arms
        2 p (1 - p).

    Returns
    -------
    (n,) array
        Never rising, from 0 to 1. All 1 where x is 0.

    Raises
    ------
    ValueError
        If a number is not finite or out of its range.

    References
    ----------
    Robbins (1970); Johari, Koomen, Pekelis and Walsh (2022).

    Examples
    --------
    >>> always_valid([1.0, 1.0, -1.0], tau2=1.0, variance=1.0).round(3).tolist()
    [1.0, 0.889, 0.889]
    """
    x, tau2, variance = _stream(x, tau2, variance)
    n = np.arange(1, len(x) + 1)
    total = np.cumsum(x) / np.sqrt(variance)  # in units of sigma
    spread = tau2 / variance
    with np.errstate(over="ignore"):
        gain = spread * total**2 / (2 * (1 + n * spread))
    log_ratio = np.maximum(gain - np.log1p(n * spread) / 2, 0.0)
    return np.exp(-np.maximum.accumulate(log_ratio))


def confidence_sequence(x, tau2, variance, alpha=0.05):
    r"""Return intervals around the running mean that hold the truth at *all* times.

    .. math::
       \bar x_n \pm \sqrt{\frac{\sigma^2 (\sigma^2 + n \tau^2)}{n^2 \tau^2}
       \ln \frac{\sigma^2 + n \tau^2}{\sigma^2 \alpha^2}}

    Those effects for which :math:`1 / \Lambda_n` of :func:`always_valid` would be above
    alpha.

    Parameters
    ----------
    x, tau2, variance : array_like, float, float
        As for :func:`always_valid`.
    alpha : float
        Probability that the truth is *ever* outside, inside (0, 1).

    Returns
    -------
    low, high : (n,) arrays
        Wider than the intervals of a single look.

    Raises
    ------
    ValueError
        As :func:`always_valid`.

    References
    ----------
    Robbins (1970); Howard, Ramdas, McAuliffe and Sekhon (2021).

    Examples
    --------
    >>> low, high = confidence_sequence([1.0, 1.0, -1.0], tau2=1.0, variance=1.0)
    >>> high.round(2).tolist()
    [4.66, 3.31, 2.14]
    """
    x, tau2, variance = _stream(x, tau2, variance)
    alpha = check_number("alpha", alpha, above=0, below=1)
    n = np.arange(1, len(x) + 1, dtype=np.int64)  # whose square has more than 32 bits
    spread = tau2 / variance
    logs = np.log1p(n * spread) - 2 * np.log(alpha)
    reach = np.sqrt(variance * (1 / n + 1 / (n * n * spread)) * logs)
    mean = np.cumsum(x) / n
    return mean - reach, mean + reach


class Walk:
    """The sum S at one look after another, with its density among tests still running.

    The unit is such that S has the variance :math:`K t_k` at the k-th of K looks, with
    :math:`t_k` the fraction of the planned people: k where looks are evenly spaced.

    Parameters
    ----------
    looks : int or (K,) array_like
        A number of evenly spaced looks, or their fractions.

    Examples
    --------
    >>> walk = Walk(2)
    >>> round(float(walk.beyond(0, 1.96, 0.0)), 3)
    0.05
    """

    def __init__(self, looks):
        if np.ndim(looks):
            self.variances = len(looks) * check_fractions(looks)
        else:
            self.variances = np.arange(1.0, looks + 1)
        self.steps = np.sqrt(np.diff(self.variances, prepend=0.0))
        self.nodes, self.density = np.zeros(1), np.ones(1)  # all start at 0

    def mean(self, k, drift):
        """Return what look k adds to the mean of S, if Z has the mean drift at 1."""
        return drift * self.steps[k] ** 2 / np.sqrt(len(self.steps))

    def beyond(self, k, end, drift=0.0):
        """Return the probability of being first outside of ± end at look k."""
        middle, step = self.nodes + self.mean(k, drift), self.steps[k]
        return self.density @ (
            ndtr((middle - end) / step) + ndtr((-middle - end) / step)
        )

    def on(self, k, end, drift=0.0):
        """Carry the density past look k, where ± end stops; False if none is left."""
        middle = drift * self.variances[k] / np.sqrt(len(self.steps))
        reach = FAR * np.sqrt(self.variances[k])
        # Where the sum may be: no further than the bound, or than a normal goes.
        low, high = max(-end, middle - reach), min(end, middle + reach)
        if low >= high:
            return False
        before, step = self.nodes + self.mean(k, drift), self.steps[k]
        self.nodes, weights = _nodes(low, high, self.steps[k : k + 2].min())
        self.density = weights * _carried(
            self.nodes / step, before / step, self.density
        )
        self.density = self.density / step
        return True


def check_fractions(fractions):
    """Return the fractions of the planned people at which one looks, (K,).

    >>> check_fractions([0.5, 0.4])
    Traceback (most recent call last):
    ...
    ValueError: fractions[1] is 0.4, after 0.5: looks come one after another, at ...
    """
    fractions = check_values("fractions", fractions, high=1, above=0)
    gaps = np.diff(fractions, prepend=0.0)
    if (gaps < 1 / MOST_LOOKS - 1e-9).any():
        row = int((gaps < 1 / MOST_LOOKS - 1e-9).argmax())
        before = fractions[row - 1] if row else 0.0
        raise ValueError(
            f"fractions[{row}] is {fractions[row]}, after {before}: looks come one "
            f"after another, at least {1 / MOST_LOOKS} of the planned people apart"
        )
    return fractions


def _looks(n_looks):
    n_looks = check_positive_int("n_looks", n_looks)
    if n_looks > MOST_LOOKS:
        raise ValueError(
            f"n_looks is {n_looks}, more than {MOST_LOOKS}: for looks without end use "
            "always_valid"
        )
    return n_looks


def _nodes(low, high, step):
    """Return places and weights of an integral from low to high, fine beside step."""
    places, weights = _legendre(24 + 8 * int((high - low) / (4 * step)))
    half = (high - low) / 2
    return (low + high) / 2 + half * places, half * weights


@lru_cache(maxsize=64)
def _legendre(n):
    return np.polynomial.legendre.leggauss(n)


def _carried(places, means, weighted):
    """Return the density at the places after one more part of the data."""
    gaps = places[:, None] - means
    return np.exp(-gaps * gaps / 2) @ weighted / np.sqrt(2 * np.pi)


def _stream(x, tau2, variance):
    """Return the three arguments, checked. What is within reach cannot overflow."""
    x = check_values("x", x, low=-WITHIN, high=WITHIN)
    return (
        x,
        check_number("tau2", tau2, 1 / WITHIN, WITHIN),
        check_number("variance", variance, 1 / WITHIN, WITHIN),
    )
