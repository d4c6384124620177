"""What a firm's earlier tests say about the next: a prior, and shrunk effects."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, ndtr, ndtri

from recbook._core.validate import check_number
from recbook.marketing.base import check_rows, check_values

__all__ = ["Prior", "Shrunk", "effect_prior", "shrink"]

FEWEST = 10  # tests, below which their spread is anybody's guess
LARGEST, SMALLEST = 1e100, 1e-100  # whose squares are numbers


@dataclass(frozen=True)
class Prior:
    """How true effects spread from test to test.

    Parameters
    ----------
    mean : float
        Mean of the true effects, in their units: a normal distribution.
    deviation : float
        Their standard deviation. 0 where the tests differ no more than noise makes
        them.
    null : float
        The fraction of tests without any effect, which the normal distribution leaves
        out.

    Examples
    --------
    >>> Prior(0.0, 0.2)
    Prior(mean=0.0, deviation=0.2, null=0.0)
    """

    mean: float
    deviation: float
    null: float = 0.0


@dataclass(frozen=True)
class Shrunk:
    """Effects of tests, each averaged with what the firm's other tests found.

    Parameters
    ----------
    value : (m,) array
        In the units of the effects: the mean of the true effect, given the estimate.
    interval : tuple of two (m,) arrays
        Low and high ends between which the true effect is with 95 %, given the
        estimate. An end may be exactly 0 where there may be no effect.
    real : (m,) array
        Probability that there is an effect, given the estimate. 1 for all under a prior
        without tests that have none.
    weight : (m,) array
        Of the test's own estimate if there is an effect, from 0 to 1.
    prior : Prior
        What the estimates were averaged with.

    Examples
    --------
    >>> found = shrink([0.6], [0.2], Prior(0.0, 0.2))
    >>> found.value.round(2).tolist(), found.interval[0].round(2).tolist()
    ([0.3], [0.02])
    """

    value: np.ndarray
    interval: tuple[np.ndarray, np.ndarray]
    real: np.ndarray
    weight: np.ndarray
    prior: Prior


def effect_prior(effects, standard_errors, null=False):
    r"""Return the prior under which a firm's archive of tests is likeliest.

    If true effects are spread like :math:`N(\mu, \tau^2)`, an estimate with standard
    error :math:`s_i` is spread like :math:`N(\mu, \tau^2 + s_i^2)`. If a fraction
    :math:`\pi_0` of the tests has none, it has the density

    .. math::
       \pi_0\, \varphi(d_i;\, 0,\, s_i^2)
       + (1 - \pi_0)\, \varphi(d_i;\, \mu,\, \tau^2 + s_i^2)

    The prior maximises the product of these densities, over :math:`\mu` and
    :math:`\tau` with :math:`\pi_0 = 0`, or over all three.

    Parameters
    ----------
    effects : (m,) array_like
        Estimated effects :math:`d_i` of at least 10 tests, in the same units. *All*
        tests of the firm: an archive of winners has a prior of winners.
    standard_errors : (m,) array_like
        Their standard errors, above 0.
    null : bool
        Whether some tests may have no effect at all. It takes a hundred tests or more
        to tell how many.

    Returns
    -------
    Prior
        Its deviation is 0 where the estimates differ no more than their errors say.

    Raises
    ------
    ValueError
        If lengths differ, there are fewer than 10 tests or a number is out of its
        range.

    References
    ----------
    Efron and Morris (1975); Deng (2015).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> true = rng.normal(0.1, 0.2, 2000)
    >>> prior = effect_prior(true + rng.normal(0, 0.2, 2000), np.full(2000, 0.2))
    >>> round(prior.mean, 1), round(prior.deviation, 1)
    (0.1, 0.2)
    """
    d, s = _archive(effects, standard_errors)
    if len(d) < FEWEST:
        raise ValueError(
            f"effects has {len(d)} tests: with fewer than {FEWEST} nobody knows their "
            "spread; give shrink a Prior that you can defend"
        )
    unit = max(np.abs(d).max(), s.max())
    d, s = d / unit, s / unit

    def surprise(of):
        mean, deviation, null = of
        return -np.logaddexp(*_parts(d, s, mean, deviation, null)).sum()

    ends = [(-1.0, 1.0), (0.0, 2.0), (0.0, 0.999 if null else 0.0)]
    starts = [(d.mean(), d.std() * k, pi) for k in (0.01, 0.5, 1) for pi in (0.0, 0.7)]
    found = [
        minimize(surprise, start, bounds=ends, method="L-BFGS-B", tol=1e-12)
        for start in starts
        if null or not start[2]
    ]
    mean, deviation, null = min(found, key=lambda one: one.fun).x.tolist()
    return Prior(float(unit * mean), float(unit * deviation), null)


def shrink(effects, standard_errors, prior=None):
    r"""Return each effect averaged with the prior of the firm's tests.

    If there is an effect,

    .. math::
       \mathbb{E}[\delta_i \mid d_i] = \mu + w_i\,(d_i - \mu), \qquad
       w_i = \frac{\tau^2}{\tau^2 + s_i^2}, \qquad
       \operatorname{var}(\delta_i \mid d_i) = w_i\, s_i^2

    and the mean is multiplied by the probability that there is one,

    .. math::
       r_i = \frac{(1 - \pi_0)\, \varphi(d_i;\, \mu,\, \tau^2 + s_i^2)}
       {\pi_0\, \varphi(d_i;\, 0,\, s_i^2)
       + (1 - \pi_0)\, \varphi(d_i;\, \mu,\, \tau^2 + s_i^2)}

    Both hold for *any* choice of tests made by their estimates, such as the significant
    ones: what is chosen by d is already given.

    Parameters
    ----------
    effects : (m,) array_like
        Estimated effects :math:`d_i`.
    standard_errors : (m,) array_like
        Their standard errors :math:`s_i`, above 0.
    prior : Prior, optional
        Without it, that of :func:`effect_prior` of the same tests, ``null=False``.

    Returns
    -------
    Shrunk
        In the sequence of the effects. The intervals take the prior as known.

    Raises
    ------
    ValueError
        As :func:`effect_prior`, or if the prior is none.

    References
    ----------
    Efron and Morris (1975); Deng (2015).

    Examples
    --------
    A gain of 4 standard errors, in a firm whose tests spread as much as their noise:

    >>> found = shrink([0.8], [0.2], Prior(0.0, 0.2))
    >>> found.weight.tolist(), found.value.tolist()
    ([0.5], [0.4])
    """
    d, s = _archive(effects, standard_errors)
    prior = effect_prior(d, s) if prior is None else _prior(prior)
    largest = np.maximum(prior.deviation, s)
    weight = (prior.deviation / largest) ** 2
    weight = weight / (weight + (s / largest) ** 2)
    mean, error = prior.mean + weight * (d - prior.mean), np.sqrt(weight) * s
    no, yes = _parts(d, s, prior.mean, prior.deviation, prior.null)
    real = expit(yes - no)
    ends = [_quantile(q, real, mean, error) for q in (0.025, 0.975)]
    return Shrunk(real * mean, (ends[0], ends[1]), real, weight, prior)


def _parts(d, s, mean, deviation, null):
    """Return the log densities of d, each times its fraction: no effect, an effect."""
    total = np.hypot(deviation, s)
    with np.errstate(divide="ignore"):
        shares = np.log(null), np.log1p(-null)
    return (
        shares[0] - np.log(s) - (d / s) ** 2 / 2,
        shares[1] - np.log(total) - ((d - mean) / total) ** 2 / 2,
    )


def _quantile(q, real, mean, error):
    """Return where the distribution of an effect that may be 0 passes q.

    >>> _quantile(0.975, np.array([1.0, 0.01]), np.zeros(2), np.ones(2)).round(2)
    array([1.96, 0.  ])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        below = real * np.where(error > 0, ndtr(-mean / error), mean < 0)
        inside = (below < q) & (q <= below + 1 - real)
        z = ndtri((q - (1 - real) * (q > below)) / real)
    return np.where(inside, 0.0, mean + np.where(inside, 0.0, z) * error)


def _archive(effects, standard_errors):
    check_rows(effects=effects, standard_errors=standard_errors)
    d = check_values("effects", effects, low=-LARGEST, high=LARGEST)
    s = check_values(
        "standard_errors", standard_errors, len(d), low=SMALLEST, high=LARGEST
    )
    return d, s


def _prior(prior):
    if not isinstance(prior, Prior):
        raise ValueError(f"prior is {prior!r}: give a Prior(mean, deviation)")
    return Prior(
        check_number("prior.mean", prior.mean, -LARGEST, LARGEST),
        check_number("prior.deviation", prior.deviation, 0, LARGEST),
        check_number("prior.null", prior.null, 0, 1),
    )
