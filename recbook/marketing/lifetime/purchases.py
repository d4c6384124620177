"""How often a customer will order: the BG/NBD model."""

import numpy as np
from scipy.special import betaincinv, digamma, expit, gammaln, hyp2f1

from recbook._core.validate import check_fitted
from recbook.base import Estimator
from recbook.marketing.base import check_rows, check_values
from recbook.marketing.lifetime.base import (
    at_limit,
    check_history,
    check_weights,
    maximize,
    steps_of,
)

NEAR = 1e-4  # so near to a = 1 the mean of both sides is taken


def log_likelihood(parameters, x, t_x, T, weights=None):
    """Return the log-likelihood of all histories, and its gradient in r, α, a, b.

    ``weights`` (n,) are how often each counts, by default once.
    """
    weights = np.ones(len(x)) if weights is None else weights
    return _Sums(x, t_x, T, weights)(parameters)


class _Sums:
    """The log-likelihood of histories, each part of it as few times as can be.

    Those without a repeat order differ in T alone, and of all others few differ in x,
    T or t_x, which are whole days: a logarithm is taken once for each different value.
    """

    def __init__(self, x, t_x, T, weights):
        self.k, place = np.unique(x, return_inverse=True)
        self.people = np.bincount(place, weights)
        some = x > 0
        self.T_0, zero = np.unique(T[~some], return_inverse=True)
        self.n_0 = np.bincount(zero, weights[~some], len(self.T_0))
        self.x, self.weights, self.place = x[some], weights[some], place[some]
        self.T, self.of_T = np.unique(T[some], return_inverse=True)
        self.t, self.of_t = np.unique(t_x[some], return_inverse=True)

    def __call__(self, parameters):
        """Return the value and the gradient in r, α, a, b."""
        r, alpha, a, b = parameters
        k, people, total = self.k, self.people, self.people.sum()
        log_T = np.log(alpha + self.T)[self.of_T]
        later = log_T - np.log(alpha + self.t)[self.of_t]
        log_0, n = np.log(alpha + self.T_0), self.weights * (r + self.x)
        left = np.log(a) - np.log(b + np.maximum(k, 1) - 1)
        odds = left[self.place] + (r + self.x) * later
        gone = expit(odds)  # 1 - P(alive); nobody leaves before a repeat order
        inverse = (1 / (alpha + self.T))[self.of_T]
        slow = inverse + gone * ((1 / (alpha + self.t))[self.of_t] - inverse)
        wait = self.weights @ log_T - (self.weights * gone) @ later
        leaving = np.bincount(self.place, self.weights * gone, len(k))
        value = people @ (gammaln(r + k) - gammaln(r))
        value += people @ (gammaln(a + b) - gammaln(a + b + k))
        value += people @ (gammaln(b + k) - gammaln(b)) + total * r * np.log(alpha)
        value += (
            self.weights @ np.logaddexp(0, odds) - n @ log_T - r * (self.n_0 @ log_0)
        )
        both = people @ (digamma(a + b) - digamma(a + b + k))
        gradient = [
            people @ (digamma(r + k) - digamma(r)) + total * np.log(alpha)
            - wait - self.n_0 @ log_0,
            total * r / alpha - n @ slow - r * (self.n_0 @ (1 / (alpha + self.T_0))),
            both + leaving.sum() / a,
            both + people @ (digamma(b + k) - digamma(b))
            - leaving @ (1 / (b + np.maximum(k, 1) - 1)),
        ]  # fmt: skip
        return value, np.array(gradient)


class BetaGeo(Estimator):
    r"""The BG/NBD model: orders at a customer's own rate, until they leave.

    While a customer, a person orders at random at the rate :math:`\lambda`; after each
    repeat order they leave for good with probability :math:`p`; rates differ between
    people by a gamma distribution of shape r and *rate* :math:`\alpha`, and
    probabilities by a beta distribution:

    .. math::
       L = \frac{\Gamma(r + x)\, \alpha^r}{\Gamma(r)}
       \frac{B(a, b + x)}{B(a, b)} \Bigl( (\alpha + T)^{-(r + x)}
       + \mathbb{1}[x > 0] \frac{a}{b + x - 1} (\alpha + t_x)^{-(r + x)} \Bigr)

    with frequency x, recency :math:`t_x` and age T.

    Attributes
    ----------
    r_, alpha_ : float
        Shape and rate of the customers' rates, whose mean is r / α orders per unit of
        time; ``alpha_`` itself is in units of time.
    a_, b_ : float
        Parameters of the probabilities of leaving, whose mean is a / (a + b).
    log_likelihood_ : float
        At these parameters, in the unit of time that was given.
    at_limit_ : tuple of str
        The parameters that ended at a limit, such as ``("b",)``; most often none.

    Notes
    -----
    Where a few people say nothing about a parameter, it ends at a limit, 10,000 or its
    inverse (α times the longest T): people are then as good as equal in that respect.
    Then fit warns, and the answers for single customers are worth little.

    References
    ----------
    Fader, Hardie and Lee (2005): "Counting your customers" the easy way.

    Examples
    --------
    >>> model = BetaGeo().fit([0, 0, 1, 9, 2, 6, 1], [0, 0, 2, 36, 6, 9, 4], [38] * 7)
    >>> model.p_alive([2, 2], [36, 4], [38, 38]).round(2).tolist()
    [0.73, 0.03]
    """

    def fit(self, frequency, recency, T, weights=None, start=None):
        """Estimate r, α, a and b by maximum likelihood.

        Parameters
        ----------
        frequency : (n,) array_like
            Orders after the first.
        recency : (n,) array_like
            Time from the first order to the last, 0 without a repeat order.
        T : (n,) array_like
            Time from the first order until today, in the same unit.
        weights : (n,) array_like, optional
            How often each history counts, at least 0: of customers who were drawn again
            with replacement, or where equal histories are one row. By default once.
        start : BetaGeo, optional
            A fitted model, at whose parameters the search begins.

        Raises
        ------
        ValueError
            For what cannot be a history, and if nobody has a repeat order.
        """
        check_rows(frequency=frequency, weights=weights)
        x, t_x, T = check_history(frequency, recency, T)
        weights, kept = check_weights(weights, len(x))
        x, t_x, T = x[kept], t_x[kept], T[kept]
        if not x.any():
            raise ValueError(
                "frequency is 0 in all rows: without a repeat order nothing says how "
                "often people come back"
            )
        scale = T.max()  # times between 0 and 1: the unit changes nothing
        sums = _Sums(x, t_x / scale, T / scale, weights)
        begin, self._steps = np.ones(4), None
        if start is not None:
            begin = [start.r_, start.alpha_ / scale, start.a_, start.b_]
            self._steps = start._steps
        found = maximize(sums, begin, weights.sum(), self._steps)
        if start is None:
            self._steps = steps_of(sums, found, weights.sum())
        r, alpha, a, b = found.tolist()
        reached = {"r": r, "alpha": alpha, "a": a, "b": b}
        self.at_limit_ = at_limit("BetaGeo", reached, len(x))
        self.r_, self.alpha_, self.a_, self.b_ = r, alpha * float(scale), a, b
        fitted = (self.r_, self.alpha_, a, b)
        self.log_likelihood_ = float(log_likelihood(fitted, x, t_x, T, weights)[0])
        return self

    def p_alive(self, frequency, recency, T):
        r"""Return the probability that each is still a customer, given the history.

        .. math::
           \Pr(\text{alive}) = \Bigl( 1 + \frac{a}{b + x - 1}
           \Bigl( \frac{\alpha + T}{\alpha + t_x} \Bigr)^{r + x} \Bigr)^{-1},

        and 1 where x = 0: in this model nobody leaves before a repeat order.

        Parameters
        ----------
        frequency, recency, T : (n,) array_like
            As in fit.

        Returns
        -------
        (n,) array
        """
        check_fitted(self, "r_")
        return self._alive(*check_history(frequency, recency, T))

    def _alive(self, x, t_x, T):
        odds = np.log(self.a_ / (self.b_ + np.maximum(x, 1) - 1))
        odds += (self.r_ + x) * np.log((self.alpha_ + T) / (self.alpha_ + t_x))
        return np.where(x > 0, np.exp(-np.logaddexp(0, odds)), 1.0)

    def expected_purchases(self, t, frequency, recency, T):
        r"""Return how many orders to expect of each within t from today, in all.

        .. math::
           \mathbb{E}[X(t)] = \Pr(\text{alive})\, \frac{a + b + x - 1}{a - 1}
           \Bigl( 1 - {}_2F_1\bigl(r + x,\ a - 1;\ a + b + x - 1;\
           -\tfrac{t}{\alpha + T}\bigr) \Bigr)

        Parameters
        ----------
        t : float or (m,) array_like
            How far to look ahead, at least 0. The answer is *cumulative*: that for 2
            months has the first month's orders in it.
        frequency, recency, T : (n,) array_like
            As in fit.

        Returns
        -------
        (n,) array, or (n, m) for m horizons
        """
        check_fitted(self, "r_")
        x, t_x, T = check_history(frequency, recency, T)
        single = np.ndim(t) == 0
        horizon = check_values("t", [t] if single else t, low=0)
        expected = per_customer(
            self.r_ + x[:, None],
            horizon / (self.alpha_ + T[:, None]),
            self.a_,
            self.b_ + x[:, None],
        )
        expected = self._alive(x, t_x, T)[:, None] * expected
        return expected[:, 0] if single else expected


def per_customer(s, tau, a, b):
    r"""Return the mean of :math:`(1 - (1 + p \tau)^{-s}) / p` over p ~ B(a, b).

    These are the expected orders of somebody who is a customer today, with s = r + x
    and :math:`\tau = t / (\alpha + T)`. By Pfaff's identity

    .. math:: \tfrac{a + b - 1}{a - 1} \Bigl( 1 - (1 + \tau)^{1 - a}
       {}_2F_1\bigl(a + b - 1 - s,\ a - 1;\ a + b - 1;\
       \tfrac{\tau}{1 + \tau}\bigr) \Bigr),

    where s and b, which grow with x, have cancelled. Without it, SciPy's function loses
    all digits for customers with forty orders.
    """
    sides = (
        [1 - NEAR, 1 + NEAR] if abs(a - 1) < NEAR else [a]
    )  # at 1: 0 / 0, but smooth
    mean = 0.0
    with np.errstate(all="ignore"):
        for side in sides:
            c = side + b - 1
            rest = hyp2f1(c - s, side - 1, c, tau / (1 + tau))
            rest = (1 + tau) ** (1 - side) * rest
            mean = mean + c / (side - 1) * (1 - rest) / len(sides)
    lost = ~np.isfinite(mean)
    if lost.any():
        s, tau, b = (np.broadcast_to(array, mean.shape)[lost] for array in (s, tau, b))
        mean[lost] = by_quantiles(s, tau, a, b)
    return np.maximum(mean, 0.0)


def by_quantiles(s, tau, a, b):
    """Return the same mean (n,) to about six digits: a sum over quantiles of p."""
    points, weights = np.polynomial.legendre.leggauss(200)
    level = (points + 1) / 2
    weights = 1.5 * weights * level**2  # most of them at small p: the level is cubed
    b, place = np.unique(b, return_inverse=True)  # of few values, as x is
    p = np.maximum(betaincinv(a, b[:, None], level**3), 1e-300)[place]
    return -np.expm1(-s[:, None] * np.log1p(p * tau[:, None])) / p @ weights
