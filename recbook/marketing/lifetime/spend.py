"""What a customer's order is worth: the gamma–gamma model."""

import numpy as np
from scipy.special import digamma, gammaln

from recbook._core.validate import check_fitted
from recbook.base import Estimator
from recbook.marketing.base import check_counts, check_rows, check_values
from recbook.marketing.lifetime.base import (
    at_limit,
    check_weights,
    maximize,
    steps_of,
)


def log_likelihood(parameters, x, z, weights=None):
    """Return the log-likelihood of mean values z of x orders, and its gradient.

    ``weights`` (n,) are how often each customer counts, by default once.
    """
    return _Sums(x, z, np.ones(len(x)) if weights is None else weights)(parameters)


class _Sums:
    """The log-likelihood of customers: what no parameter changes is summed once.

    Few customers differ in x, and what only depends on it is computed for each
    different x, whose sums of weights are ``people``.
    """

    def __init__(self, x, z, weights):
        self.k, place = np.unique(x, return_inverse=True)
        self.people = np.bincount(place, weights)
        self.x, self.weights, self.total = x, weights, x * z
        self.weighted = weights * x
        log = np.log(self.total)
        self.log_z, self.x_log = weights @ np.log(z), self.weighted @ log

    def __call__(self, parameters):
        """Return the value and the gradient in p, q, v."""
        p, q, v = parameters
        shape, n = p * self.k, self.people.sum()
        sums = self.total + v
        log, inverse = np.log(sums), 1 / sums
        x_log, w_log = self.weighted @ log, self.weights @ log
        value = self.people @ (gammaln(shape + q) - gammaln(shape))
        value += n * (q * np.log(v) - gammaln(q)) - self.log_z
        value += p * (self.x_log - x_log) - q * w_log
        up = digamma(shape + q)
        slope = p * (self.weighted @ inverse) + q * (self.weights @ inverse)
        gradient = [
            (self.people * self.k) @ (up - digamma(shape)) + self.x_log - x_log,
            self.people @ up + n * (np.log(v) - digamma(q)) - w_log,
            n * q / v - slope,
        ]
        return value, np.array(gradient)


class GammaGamma(Estimator):
    r"""The gamma–gamma model: what a customer's orders are worth on average.

    The value of an order is gamma distributed with shape p and rate :math:`\nu`, and
    :math:`\nu` differs between people by a gamma distribution of shape q and rate v. A
    customer's own mean is :math:`p / \nu`, unrelated to how often they order.

    .. math::
       f(\bar z \mid x) = \frac{\Gamma(px + q)}{\Gamma(px)\, \Gamma(q)}
       \frac{v^q\, \bar z^{px - 1} x^{px}}{(v + x \bar z)^{px + q}}

    Attributes
    ----------
    p_, q_ : float
        Shapes.
    v_ : float
        Rate of the second gamma distribution, in euros.
    log_likelihood_ : float
        At these parameters.
    at_limit_ : tuple of str
        The parameters that ended at a limit; most often none.

    Notes
    -----
    Where a few people say nothing about a parameter, it ends at a limit, 10,000 or its
    inverse (v times the typical value), and fit warns.

    References
    ----------
    Fader, Hardie and Lee (2005), RFM and CLV; Fader and Hardie (2013).

    Examples
    --------
    >>> x, z = [1, 1, 2, 2, 3, 3, 4, 4], [10, 90, 22, 80, 25, 150, 28, 45]
    >>> model = GammaGamma().fit(x, z)
    >>> model.expected_spend([0, 1, 20], [0.0, 80.0, 80.0]).round(0).tolist()
    [57.0, 67.0, 78.0]
    """

    def fit(self, frequency, monetary, weights=None, start=None):
        """Estimate p, q and v by maximum likelihood.

        Parameters
        ----------
        frequency : (n,) array_like
            How many orders the mean is over. Rows with 0 are left out.
        monetary : (n,) array_like
            Mean value of these orders, above 0 in euros.
        weights : (n,) array_like, optional
            How often each customer counts, at least 0. By default once.
        start : GammaGamma, optional
            A fitted model, at whose parameters the search begins.

        Raises
        ------
        ValueError
            If nobody has an order, or a mean of orders is 0.
        """
        check_rows(frequency=frequency, monetary=monetary)
        x = check_counts("frequency", frequency)
        z = check_values("monetary", monetary, len(x), low=0)
        weights, kept = check_weights(weights, len(x))
        x, z = x[kept], z[kept]
        if not x.any():
            raise ValueError(
                "frequency is 0 in all rows: there is no value to learn from"
            )
        _check_positive(x, z)
        x, z, weights = x[x > 0], z[x > 0], weights[x > 0]
        # Values around 1: the currency changes nothing.
        scale = np.exp(np.average(np.log(z), weights=weights))
        begin, self._steps = np.ones(3), None
        if start is not None:
            begin = [start.p_, start.q_, start.v_ / scale]
            self._steps = start._steps
        sums = _Sums(x, z / scale, weights)
        theta = maximize(sums, begin, weights.sum(), self._steps)
        if start is None:
            self._steps = steps_of(sums, theta, weights.sum())
        reached = dict(zip(("p", "q", "v"), theta.tolist(), strict=True))
        self.at_limit_ = at_limit("GammaGamma", reached, len(x))
        self.p_, self.q_, self.v_ = (theta * [1, 1, scale]).tolist()
        value, _ = sums(theta)
        self.log_likelihood_ = float(value - weights.sum() * np.log(scale))
        return self

    def expected_spend(self, frequency, monetary):
        r"""Return the expected value of each customer's next order.

        .. math::
           \mathbb{E}[Z \mid x, \bar z] = \frac{p\,(v + x \bar z)}{px + q - 1}
           = (1 - w)\, \frac{p v}{q - 1} + w\, \bar z,
           \qquad w = \frac{p x}{p x + q - 1}

        Parameters
        ----------
        frequency, monetary : (n,) array_like
            As in fit. Where frequency is 0, the answer is the mean of all people.

        Returns
        -------
        (n,) array
            Euros.

        Raises
        ------
        ValueError
            If q is at most 1: values so uneven have no mean.
        """
        check_fitted(self, "q_")
        check_rows(frequency=frequency, monetary=monetary)
        x = check_counts("frequency", frequency)
        z = check_values("monetary", monetary, len(x), low=0)
        _check_positive(x, z)
        if self.q_ <= 1:
            raise ValueError(
                f"q_ is {self.q_:.3f}, at most 1: values so uneven have no mean; look "
                "at the largest values of monetary, and fit without them"
            )
        return self.p_ * (self.v_ + x * z) / (self.p_ * x + self.q_ - 1)


def _check_positive(x, z):
    wrong = (x > 0) & (z == 0)
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"monetary[{row}] is 0.0 with frequency {x[row]:.0f}: give a mean value "
            "above 0, or leave orders without a value out"
        )
