"""Checks of chapter 3.6, Bayesian factorization."""

import numpy as np
from scipy.sparse import issparse
from scipy.special import ndtri

from recbook.checks import call, exercise, exercise_function, same

CLOSE = 1e-6  # an answer in double precision, whatever the order of its sums


def _rows():
    rng = np.random.default_rng(36)
    cases = []
    for n, K in [(5, 2), (3, 4), (0, 3)]:
        X, d = rng.normal(size=(n, K)), rng.normal(size=n)
        lam = rng.uniform(0.5, 2, K)
        cases.append((X, d, rng.uniform(0.5, 3, n), rng.normal(size=K), lam))
    return cases


def _row(X, d, alpha, m, lam):
    A, a = np.diag(lam), lam * m
    for x, d_j, alpha_j in zip(X, d, alpha, strict=True):
        A, a = A + alpha_j * np.outer(x, x), a + alpha_j * d_j * x
    return np.linalg.solve(A, a), np.linalg.inv(A)


def _row_with_precision(X, d, alpha, m, lam):
    mean, covariance = _row(X, d, alpha, m, lam)
    return mean, np.linalg.inv(covariance)


_ROW_SLIPS = {
    "the mean is right; the second is the precision, its inverse is asked for": (
        _row_with_precision
    ),
    "the prior's mean is missing: λ m belongs to the right-hand side": (
        lambda X, d, alpha, m, lam: _row(X, d, alpha, 0 * m, lam)
    ),
}
exercise_function("3.6-row", _row, _rows, "(mean, covariance)", CLOSE, slips=_ROW_SLIPS)


def _noisy_people():
    rng = np.random.default_rng(37)
    cases = []
    for n_users, n, s, beta in [(4, 9, 2.0, 0.8), (6, 7, 0.5, 1.5)]:
        users = rng.integers(0, n_users - 1, n)  # the last one has no ratings
        cases.append((users, rng.normal(size=n), n_users, s, beta))
    return cases


def _noise(users, e, n_users, s, beta):
    first, second = np.full(n_users, s), np.full(n_users, s * beta)
    for u, error in zip(users, e, strict=True):
        first[u] += 0.5
        second[u] += error**2 / 2
    return first, second


def _noise_of_all(users, e, n_users, s, beta):
    first = np.full(n_users, s + len(e) / 2)
    return first, np.full(n_users, s * beta + np.sum(e**2) / 2)


_NOISE_SLIPS = {
    "that is one noise for all: count and add up person by person": _noise_of_all,
    "the squares are halved: e^(-α e²/2) is the density of one error": (
        lambda *case: (_noise(*case)[0], 2 * _noise(*case)[1] - case[3] * case[4])
    ),
}
exercise_function(
    "3.6-noise", _noise, _noisy_people, "(first, second)", CLOSE, slips=_NOISE_SLIPS
)


def _draws():
    rng = np.random.default_rng(38)
    cases = []
    for S, m, n, f in [(4, 3, 5, 2), (3, 4, 2, 3)]:
        P, Q = rng.normal(size=(S, m, f)), rng.normal(size=(S, n, f))
        P[1::2], Q[1::2] = -P[1::2], -Q[1::2]  # mirror images
        cases.append((P, Q))
    return cases


def _plain(factors):
    factors = np.asarray(factors.toarray() if issparse(factors) else factors)
    return factors.astype(float, casting="same_kind")  # no texts, no complex numbers


@exercise("3.6-store")
def store(answer):
    """Any two arrays of the shapes asked for, whose product is the mean."""
    if not callable(answer):
        return f"a function is asked for, this is a {type(answer).__name__}"
    for P, Q in _draws():
        got = call(answer, P, Q)
        if not isinstance(got, tuple | list) or len(got) != 2:
            return "two arrays are asked for: (long_P, long_Q)"
        try:
            got = [_plain(array) for array in got]
        except (TypeError, ValueError):
            return "two arrays of numbers are asked for: (long_P, long_Q)"
        (S, m, f), n = P.shape, Q.shape[1]
        factors = P.mean(axis=0) @ Q.mean(axis=0).T
        shapes = [array.shape for array in got]
        if shapes == [(m, f), (n, f)] and np.allclose(got[0] @ got[1].T, factors):
            return "those are means of factors: draws are mirror images of each other"
        if shapes != [(m, S * f), (n, S * f)]:
            return f"the shapes are {shapes}; (m, S f) and (n, S f) are asked for"
        product = got[0] @ got[1].T
        mean = np.mean([p @ q.T for p, q in zip(P, Q, strict=True)], axis=0)
        if np.allclose(product, S * mean):
            return "that is the sum over the draws: the mean is asked for"
        if problem := same(product, mean, "long_P @ long_Q.T", CLOSE):
            return problem


def _predictions():
    """No rating is near an end: over S or over S - 1, the variance tells the same."""
    rng = np.random.default_rng(43)
    cases, settings = [], [(40, 400, 0.9, 0.6), (30, 300, 0.5, 1), (50, 400, 0.8, 2)]
    for S, n, level, noise in settings:
        draws = 3.5 + rng.normal(size=n) + 0.5 * rng.normal(size=(S, n))
        alpha = rng.uniform(0.3, 3, S) / noise
        truth = draws[0] + np.sqrt(noise) * rng.normal(size=n)
        cases.append((truth, draws, alpha, level))
    return cases


def _share(truth, draws, alpha, level, tail=None, noise=None):
    noise = np.mean(1 / alpha) if noise is None else noise
    half = ndtri((1 + level) / 2 if tail is None else tail)
    sd = np.sqrt(draws.var(axis=0) + noise)
    return float(np.mean(np.abs(truth - draws.mean(axis=0)) <= half * sd))


_SHARE_SLIPS = {
    "the noise is missing: that interval is for the mean, not for a rating": (
        lambda *case: _share(*case, noise=0.0)
    ),
    "half of what is outside lies on either side: which quantile ends it?": (
        lambda *case: _share(*case, tail=case[3])
    ),
    "average the variances 1/α of the draws, not their precisions": (
        lambda *case: _share(*case, noise=1 / np.mean(case[2]))
    ),
}
exercise_function(
    "3.6-coverage", _share, _predictions, "the fraction", CLOSE, slips=_SHARE_SLIPS
)


def _shelves():
    mean = np.array([4.6, 4.2, 3.9, 4.5, 3.2, 4.2, 4.4])
    sd = np.array([1.4, 0.5, 0.2, 1.8, 0.3, 0.5, 0.4])
    cases = [(mean, sd, 4.0, 4), (mean, sd, 3.5, 3), (mean[::-1], sd, 4.0, 5)]
    return [*cases, (mean, sd, 4.3, 6)]  # of these films three are above the bar


def _promised(mean, sd, bar, k, later=1):
    short = [(bar - m) / s for m, s in zip(mean, sd, strict=True)]
    return np.lexsort([later * np.arange(len(mean)), short])[:k]


_PROMISE_SLIPS = {
    "that is the ranking by means: the deviation has no part in it": (
        lambda mean, sd, bar, k: np.argsort(-mean, kind="stable")[:k]
    ),
    "mean less deviation does not use the bar: how many deviations away is it?": (
        lambda mean, sd, bar, k: np.argsort(-(mean - sd), kind="stable")[:k]
    ),
    "compare with the bar itself: nothing is rounded to half a star here": (
        lambda mean, sd, bar, k: _promised(mean, sd, bar - 0.5, k)
    ),
    "of equal probabilities the smaller number comes first: see kind= of argsort": (
        lambda *case: _promised(*case, later=-1)
    ),
    "best first is asked for": lambda *case: _promised(*case)[::-1],
}
exercise_function(
    "3.6-promise", _promised, _shelves, "the list", CLOSE, slips=_PROMISE_SLIPS
)


def _moments():
    return [
        (0.8, -0.4, 20.0, 50.0, 60.0, 0.5),
        (-0.3, 0.6, 5.0, 1.0, 3.0, 1.2),
        (0.7, 0.1, 0.0, 30.0, 60.0, 0.5),
        (0.9, 0.0, 45.0, np.inf, 60.0, 0.4),
    ]


def _bridge(left, right, since, until, tau, kappa2):
    """By the joint Gaussian of the three moments, given the outer two."""
    r1, r2 = np.exp(-since / tau), np.exp(-until / tau)
    c, K = np.array([r1, r2]), np.array([[1, r1 * r2], [r1 * r2, 1]])
    weights = np.linalg.solve(K, c)
    return float(weights @ [left, right]), float(kappa2 * (1 - weights @ c))


def _forecast(left, right, since, until, tau, kappa2):
    r1 = np.exp(-since / tau)
    return float(r1 * left), float(kappa2 * (1 - r1**2))


def _straight(left, right, since, until, tau, kappa2):
    share = since / (since + until)
    mean = left + (share * (right - left) if np.isfinite(until) else 0.0)
    return float(mean), _bridge(left, right, since, until, tau, kappa2)[1]


_BRIDGE_SLIPS = {
    "the value on the right has no part in it: it tells of that number, too": _forecast,
    "the variance fits, but your mean is a straight line: it has to forget": _straight,
    "the mean is right; the second is a deviation, the variance is asked for": (
        lambda *case: (_bridge(*case)[0], _bridge(*case)[1] ** 0.5)
    ),
}
exercise_function(
    "3.6-bridge", _bridge, _moments, "(mean, variance)", CLOSE, slips=_BRIDGE_SLIPS
)


def _columns():
    rng = np.random.default_rng(41)
    cases = []
    for n, K in [(4, 2), (6, 3)]:
        roots = rng.normal(size=(n, K + 2, K))
        x = rng.uniform(0.2, 1, n) * (np.arange(n) % 3 > 0)
        G = roots.transpose(0, 2, 1) @ roots
        g, v = rng.normal(size=(n, K)), rng.normal(size=K)
        cases.append((x, G, g, v, rng.normal(size=K), rng.uniform(0.5, 2, K)))
    return cases


def _column(x, G, g, v, m, lam, power=2, back=1.0):
    A, a = np.diag(lam), lam * m
    for x_u, G_u, g_u in zip(x, G, g, strict=True):
        A = A + x_u**power * G_u
        a = a + x_u * g_u + back * x_u**power * G_u @ v
    return np.linalg.solve(A, a), A


_COLUMN_SLIPS = {
    "the mean is right; the second is the covariance, its inverse is asked for": (
        lambda *case: (_column(*case)[0], np.linalg.inv(_column(*case)[1]))
    ),
    "the old v is still taken off the errors: give its part back first": (
        lambda *case: _column(*case, back=0.0)
    ),
    "an entry counts squared in the precision: what does a rating see of v?": (
        lambda *case: _column(*case, power=1)
    ),
}
exercise_function(
    "3.6-column", _column, _columns, "(mean, precision)", CLOSE, slips=_COLUMN_SLIPS
)
