"""Effects at a threshold: from it on everybody was treated, below it nobody."""

from dataclasses import dataclass

import numpy as np

from recbook._core.validate import check_choice, check_number
from recbook.marketing.base import (
    Effect,
    check_rows,
    check_values,
    normal_effect,
)

__all__ = ["Jump", "density_jump", "discontinuity", "jump_bandwidth"]

KERNELS = {
    "triangular": lambda u: np.maximum(1 - np.abs(u), 0.0),
    "uniform": lambda u: (np.abs(u) <= 1).astype(np.float64),
}
CONSTANT = {"triangular": 3.4375, "uniform": 2.7019}  # 480 and 144, to the power .2
FEWEST, VALUES = 5, 4  # people with weight on a side, and values of running
LARGEST = 1e100  # whose squares still add up


@dataclass(frozen=True)
class Jump(Effect):
    """A jump at a threshold, with its uncertainty and what it was estimated from.

    Parameters
    ----------
    value, standard_error, interval, p
        As of :class:`recbook.marketing.Effect`. The interval is not centred at the
        value: see :func:`discontinuity`.
    bandwidth : float
        How far from the threshold people count, in units of the running variable.
    n : tuple of int
        People within the bandwidth below the threshold, and from it on.

    Examples
    --------
    >>> Jump(1.2, 0.4, (0.3, 2.1), 0.01, 15.0, (410, 380)).n
    (410, 380)
    """

    bandwidth: float
    n: tuple[int, int]


def discontinuity(y, running, cutoff, bandwidth=None, kernel="triangular"):
    r"""Return the jump of the outcome at a threshold, by two local lines.

    On either side a line is fitted to people near the threshold c, with weights that
    fall with the distance:

    .. math::
       \min_{a, b} \sum_i K\Bigl(\frac{x_i - c}{h}\Bigr)
       \bigl( y_i - a - b\, (x_i - c) \bigr)^2, \qquad
       \hat\tau = \hat a_{\text{from } c \text{ on}} - \hat a_{\text{below}}

    with :math:`K(u) = \max(0, 1 - |u|)`. Where the outcome is curved, a line misses it
    by about a bandwidth squared. The interval and p allow for that: they are those of
    a local parabola at the same bandwidth, the robust bias-corrected interval.

    Parameters
    ----------
    y : (n,) array_like
        Outcomes, any finite numbers.
    running : (n,) array_like
        What decides on the treatment, known before it: last year's spending, an age.
    cutoff : float
        The threshold c. People at it count as above.
    bandwidth : float, optional
        h, in units of ``running``, above 0. Without it :func:`jump_bandwidth`.
    kernel : {"triangular", "uniform"}
        Weights by distance, or equal weights.

    Returns
    -------
    Jump
        ``value`` and ``standard_error`` of the lines, with errors that are robust to
        unequal variances (HC2); ``interval`` and ``p`` of the parabolas. All 0, and p
        1, where the outcome never varies.

    Raises
    ------
    ValueError
        If lengths differ, a value is not finite, the bandwidth is not above 0, the
        kernel is unknown, or a side has fewer than five people, or four different
        values of ``running``, within the bandwidth.

    References
    ----------
    Hahn, Todd and van der Klaauw (2001); Calonico, Cattaneo and Titiunik (2014).

    Examples
    --------
    >>> x = np.arange(-10, 10) + 0.5
    >>> effect = discontinuity(2 * x + 3 * (x > 0), x, cutoff=0, bandwidth=8)
    >>> round(effect.value, 9), effect.n
    (3.0, (8, 8))
    """
    y, x = _checked(y, running, cutoff)
    check_choice("kernel", kernel, list(KERNELS))
    if bandwidth is None:
        bandwidth = _bandwidth(y, x, kernel)
    bandwidth = check_number("bandwidth", bandwidth, above=0)
    weight = KERNELS[kernel](x / bandwidth)
    sides = _sides(x, weight, bandwidth)
    line, parabola = (
        normal_effect(*_gap(y, x, weight, sides, bandwidth, order)) for order in (1, 2)
    )
    return Jump(
        line.value,
        line.standard_error,
        parabola.interval,
        parabola.p,
        bandwidth,
        tuple(int(side.sum()) for side in sides),
    )


def jump_bandwidth(y, running, cutoff, kernel="triangular"):
    r"""Return the bandwidth with the least squared error of the jump, by a plug-in.

    .. math::
       h = C_K \left( \frac{2\, \hat\sigma^2}{\hat f \, \bigl[ (\hat m''_+ - \hat
       m''_-)^2 + \hat r_+ + \hat r_- \bigr]} \right)^{1/5} n^{-1/5}

    with the outcome's variance :math:`\hat\sigma^2` and the density :math:`\hat f` at
    the threshold, the curvatures :math:`\hat m''` on its two sides, and terms
    :math:`\hat r` that keep h from growing where the curvatures happen to be equal.

    Parameters
    ----------
    y, running, cutoff, kernel
        As for :func:`discontinuity`.

    Returns
    -------
    float
        In units of ``running``, at most the distance to the furthest person.

    Raises
    ------
    ValueError
        As :func:`discontinuity`.

    References
    ----------
    Imbens and Kalyanaraman (2012).

    Examples
    --------
    >>> x = np.linspace(-1, 1, 400)
    >>> y = x**2 + (x > 0) + 0.1 * np.sin(97 * np.arange(400))
    >>> bool(0.2 < jump_bandwidth(y, x, 0) < 1)
    True
    """
    y, x = _checked(y, running, cutoff)
    check_choice("kernel", kernel, list(KERNELS))
    return _bandwidth(y, x, kernel)


def density_jump(running, cutoff, bandwidth=None):
    r"""Return by how much the number of people jumps at the threshold: a warning.

    A histogram has bars that end at the threshold, of width :math:`s / (2 \sqrt{n})`
    with the deviation s of ``running``; of whole euros or years, of so many of their
    steps that it is at least as wide. Their heights, over the mean height near the
    threshold, are the outcome of :func:`discontinuity`. The treatment comes after
    ``running`` was fixed, so a jump here means that people, or those who keep the
    books, moved across the threshold.

    Parameters
    ----------
    running, cutoff
        As for :func:`discontinuity`.
    bandwidth : float, optional
        As for :func:`discontinuity`.

    Returns
    -------
    Jump
        0 for as many people on both sides, 1 for a jump of as many as there are at the
        threshold on average; ``n`` counts bars.

    Raises
    ------
    ValueError
        As :func:`discontinuity`, or if ``running`` never varies.

    References
    ----------
    McCrary (2008).

    Examples
    --------
    Twice as many from the threshold on: a jump of 1 around a mean of 1.5.

    >>> x = np.concatenate([np.linspace(-1, 0, 500, False), np.linspace(0, 1, 1000)])
    >>> round(density_jump(x, 0).value, 1)
    0.7
    """
    x = check_values("running", running)
    x = x - check_number("cutoff", cutoff)
    width = x.std() / (2 * np.sqrt(len(x)))
    if width == 0:
        raise ValueError("running never varies: there is nobody to compare")
    x, width = _on_grid(x, width)
    bars = np.floor(x / width).astype(np.int64)
    counts = np.bincount(bars - bars.min()).astype(np.float64)
    middle = (np.arange(len(counts)) + bars.min() + 0.5) * width
    # The first and the last bar may be cut off by the range of the data.
    counts, middle = counts[1:-1], middle[1:-1]
    level = counts[np.abs(middle) < x.std() / 2]
    if not (level.any() and (middle < 0).any() and (middle > 0).any()):
        raise ValueError(
            f"cutoff is {cutoff}, and running has hardly anybody on one side of it"
        )
    return discontinuity(counts / level.mean(), middle, 0.0, bandwidth)


def _on_grid(x, width):
    """Return distances and a bar's width, so that each bar has as many values.

    Of whole euros or years, bars would be full and empty by turns. They get a whole
    number of steps, with edges halfway between values.
    """
    values = np.unique(x)
    step = np.diff(values).min()
    if step < width / 20:
        return x, width
    first = values[values >= 0].min(initial=np.inf)
    shift = first - step / 2 if np.isfinite(first) else 0.0
    return x - shift, step * np.ceil(width / step - 1e-9)


def _checked(y, running, cutoff):
    """Return outcomes and distances from the threshold."""
    check_rows(y=y, running=running)
    y = check_values("y", y, low=-LARGEST, high=LARGEST)
    x = check_values("running", running, len(y), low=-LARGEST, high=LARGEST)
    x = x - check_number("cutoff", cutoff)
    y = y - np.median(y)  # so that one that never varies is 0, and not rounding
    for name, side in (("below it", x < 0), ("from it on", x >= 0)):
        values = len(np.unique(x[side]))
        if side.sum() < FEWEST or values < VALUES:
            raise ValueError(
                f"cutoff is {cutoff}, with {side.sum()} people and {values} values of "
                f"running {name}: curves need {FEWEST} people and {VALUES} values"
            )
    return y, x


def _sides(x, weight, bandwidth):
    """Return who counts below the threshold, and from it on."""
    sides = (x < 0) & (weight > 0), (x >= 0) & (weight > 0)
    for name, side in zip(("below", "above"), sides, strict=True):
        values = len(np.unique(x[side]))
        if side.sum() < FEWEST or values < VALUES:
            raise ValueError(
                f"bandwidth is {bandwidth}, and leaves {side.sum()} people with "
                f"{values} values of running {name} the cutoff: choose a larger one"
            )
    return sides


def _gap(y, x, weight, sides, bandwidth, order):
    """Return the gap of the two fits at the threshold, and its standard error."""
    below, above = (_edge(y[s], x[s] / bandwidth, weight[s], order) for s in sides)
    return above[0] - below[0], np.sqrt(above[1] + below[1])


def _edge(y, u, weight, order):
    """Return the fit at u = 0 by weighted least squares, and its variance (HC2)."""
    root = np.sqrt(weight)
    X = np.vander(u, order + 1, increasing=True) * root[:, None]
    Q, R = np.linalg.qr(X)
    at_edge = np.linalg.solve(R.T, np.eye(order + 1)[0])  # a row of weights on Q'y
    pull = Q @ at_edge  # each person's pull on the fit at the edge
    left = root * y - Q @ (Q.T @ (root * y))
    free = np.maximum(1 - (Q**2).sum(axis=1), 1e-12)
    return pull @ (root * y), (pull**2 * left**2 / free).sum()


def _bandwidth(y, x, kernel):
    """Return the plug-in of Imbens and Kalyanaraman, in units of x."""
    scale = x.std()
    most = float(np.abs(x).max())
    if scale == 0:
        raise ValueError("running never varies: there is nobody to compare")
    x, n = x / scale, len(x)
    pilot = 1.84 * n**-0.2
    below, above = x < 0, x >= 0
    near = [side & (np.abs(x) <= pilot) for side in (below, above)]
    while min(side.sum() for side in near) < FEWEST:
        pilot *= 1.5
        near = [side & (np.abs(x) <= pilot) for side in (below, above)]
    density = sum(side.sum() for side in near) / (2 * n * pilot)
    variance = [y[side].var(ddof=1) for side in near]
    cubic = np.column_stack([np.ones(n), above, x, x**2, x**3])
    third = 6 * np.linalg.lstsq(cubic, y)[0][4]
    curves, ridge = [], 0.0
    for side, noise in zip((below, above), variance, strict=True):
        wide = np.inf
        if third:
            wide = 3.56 * (noise / (density * third**2)) ** (1 / 7)
            wide *= side.sum() ** (-1 / 7)
        values = np.unique(np.abs(x[side]))
        wide = max(wide, values[min(9, len(values) - 1)])
        wide = min(wide, values[-1])
        inside = side & (np.abs(x) <= wide)
        parabola = np.vander(x[inside], 3, increasing=True)
        curves.append(2 * np.linalg.lstsq(parabola, y[inside])[0][2])
        ridge += 2160 * noise / (inside.sum() * wide**4)
    bend = (curves[1] - curves[0]) ** 2 + ridge
    if bend == 0 or sum(variance) == 0:
        return most
    h = CONSTANT[kernel] * (sum(variance) / (density * bend)) ** 0.2 * n**-0.2
    return min(float(h * scale), most)
