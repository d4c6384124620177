"""Precisions of people and films that are alike, how much being drawn as well."""

import numpy as np
from scipy.special import gammaln

__all__ = ["LEAST", "SHAPES", "Levels"]

SHAPES = np.geomspace(0.5, 50.0, 40)  # where the shape may lie
LEAST = 1e-6  # no noise or chain has a smaller variance, in variances of train


class Levels:
    r"""Precisions of many rows, drawn together to a common level.

    .. math:: a_u \sim \Gamma(s,\ s \beta), \qquad
        a_u \mid \cdot \sim \Gamma(s + n_u / 2,\ s \beta + S_u / 2)

    with :math:`S_u` the row's sum of squares; :math:`1/\beta` is their mean and s,
    sampled on a grid, says how alike they are. Where ``factor`` is true the values
    multiply others, which have a level already: :math:`\beta` stays 1 / start.

    Their priors are flat in :math:`\ln \beta` and on the grid, which is flat in
    :math:`\ln s`. For chains in time that is improper where all variances go to 0: data
    that know no moods may drive them there, and ``LEAST`` alone is the end of that way.
    """

    def __init__(self, start, n, factor=False):
        self.values, self.beta, self.shape = np.full(n, start), 1.0 / start, 5.0
        self.factor = factor

    def draw(self, counts, squares, rng):
        """Draw values, beta and shape; a row without counts gets the mean."""
        known = counts > 0
        n, some = known.sum(), (counts[known], squares[known])
        rate = self.shape * self.beta + some[1] / 2
        a = rng.gamma(self.shape + some[0] / 2, 1 / rate)
        a = np.minimum(a, 1 / LEAST)
        if not self.factor:
            self.beta = rng.gamma(n * self.shape, 1 / (self.shape * a.sum()))
        s = SHAPES
        log_p = n * (s * np.log(s * self.beta) - gammaln(s))
        log_p += (s - 1) * np.log(a).sum() - s * self.beta * a.sum()
        p = np.exp(log_p - log_p.max())
        self.shape = s[np.searchsorted(np.cumsum(p / p.sum()), rng.random())]
        self.values[:] = 1 / self.beta
        self.values[known] = a
