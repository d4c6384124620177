"""Checks of chapter 3.3, alternating least squares."""

import functools
import inspect
import tracemalloc

import numpy as np
from scipy.sparse import csr_array

from recbook.checks import call, exercise, exercise_function, exercise_value, same

CLOSE = 1e-5  # an answer in single precision passes; the slips are far larger
PLACES = np.array([1.0, 1.0, 0.5, -1.0, -1.0, -1.0])
DEE = {0: 1, 2: 2, 3: 5, 4: 4, 5: 5}  # film -> stars


def _dee():
    q = PLACES[list(DEE)]
    d = np.array(list(DEE.values())) - 3.5
    tilt = q @ d / (q @ q + 1.0)
    return [tilt, 3.5 + tilt * PLACES[1]]


exercise_value("3.3-dee", _dee, "[p, stars for Dune]", atol=0.005)
exercise_value("3.3-even", lambda: 6 * 1e9 / (1e8 + 1e6), "f", atol=1.0)


def _solve(A, a):
    return np.linalg.solve(A, a)


def _weighted_cases():
    rng = np.random.default_rng(33)
    cases = []
    for n, f, reg, power in [(6, 2, 1.5, 0.0), (4, 3, 0.2, 1.0), (9, 4, 0.7, 0.5)]:
        stars = rng.integers(1, 6, n).astype(float)
        cases.append((rng.normal(size=(n, f)), stars, reg, power))
    for power in (0.0, 1.0):
        cases.append((np.empty((0, 3)), np.empty(0), 0.5, power))
    return cases


def _weighted_row(Q_u, r_u, reg, reg_power):
    n, f = Q_u.shape
    penalty = reg * max(n, 1) ** reg_power
    return _solve(Q_u.T @ Q_u + penalty * np.eye(f), Q_u.T @ r_u)


exercise_function("3.3-row", _weighted_row, _weighted_cases, "p", atol=CLOSE)


def _joint_cases():
    rng = np.random.default_rng(34)
    cases = []
    for n, f, mu, reg in [(5, 2, 3.5, 1.0), (3, 3, 3.1, 0.2), (8, 1, 2.9, 4.0)]:
        stars = rng.integers(1, 6, n).astype(float)
        offsets = rng.normal(0, 0.4, n)
        cases.append((rng.normal(size=(n, f)), offsets, stars, mu, reg))
    return cases


def _biased_row(Q_u, b_items, r_u, mu, reg):
    Z = np.column_stack([np.ones(len(r_u)), Q_u])
    residuals = np.asarray(r_u) - mu - np.asarray(b_items)
    solution = _solve(Z.T @ Z + reg * np.eye(Z.shape[1]), Z.T @ residuals)
    return float(solution[0]), solution[1:]


exercise_function("3.3-joint", _biased_row, _joint_cases, "(b, p)", atol=CLOSE)


def _newcomers():
    rng = np.random.default_rng(35)
    cases = []
    for n, f, seen, reg, alpha in [(7, 2, 2, 1.0, 1.0), (9, 3, 4, 0.3, 10.0)]:
        items = np.sort(rng.permutation(n)[:seen])
        behaviour = rng.integers(1, 6, seen).astype(float)
        cases.append((rng.normal(size=(n, f)), items, behaviour, reg, alpha))
    return cases


def _newcomer(Q, items, r, reg, alpha):
    C, x = np.ones(len(Q)), np.zeros(len(Q))
    C[items], x[items] = 1 + alpha * np.asarray(r), 1.0
    p = _solve((Q.T * C) @ Q + reg * np.eye(Q.shape[1]), Q.T @ (C * x))
    scores = Q @ p
    scores[items] = -np.inf
    return scores


@exercise("3.3-newcomer")
def newcomer(answer):
    """Scores are compared among the other articles; those that are known are -inf."""
    if not callable(answer):
        return f"a function is asked for, this is a {type(answer).__name__}"
    for case in _newcomers():
        got, expected = call(answer, *case), _newcomer(*case)
        if np.shape(got) != expected.shape:
            return f"the result has shape {np.shape(got)}; an array of len(Q) is asked"
        got, other = np.asarray(got, dtype=float), np.isfinite(expected)
        if not np.isneginf(got[~other]).all():
            return "an article in items must have the score -inf"
        theirs, ours = np.where(other, got, 0), np.where(other, expected, 0)
        if problem := same(theirs, ours, "the array of scores", CLOSE):
            return problem


def _peak(answer, *args):
    """Bytes that a function holds at most, beyond its arguments."""
    function = inspect.unwrap(answer)  # without the guard, which copies arguments
    peak = []

    @functools.wraps(function)
    def measured(*copies):
        traced = tracemalloc.is_tracing()
        if not traced:
            tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        try:
            result = function(*copies)
            peak.append(tracemalloc.get_traced_memory()[1] - before)
        finally:
            if not traced:
                tracemalloc.stop()
        return result

    call(measured, *args)
    return peak[0]


def _frugal(large, limit, complaint):
    """A check that a function needs at most ``limit`` bytes for a large case."""
    return lambda answer: complaint if _peak(answer, *large()) > limit else None


def _tables():
    rng = np.random.default_rng(36)
    cases = []
    for m, n, f, reg, alpha in [(4, 5, 2, 0.5, 1.0), (6, 3, 3, 0.0, 4.0)]:
        R = rng.integers(1, 6, (m, n)) * (rng.random((m, n)) < 0.4)
        P, Q = rng.normal(size=(m, f)), rng.normal(size=(n, f))
        cases.append((P, Q, csr_array(R.astype(float)), reg, alpha))
    return cases


def _objective(P, Q, R, reg, alpha):
    """Cell by cell of the definition, one user after the other."""
    J = reg * ((P**2).sum() + (Q**2).sum())
    for u, p in enumerate(P):
        r = R[[u]].toarray()[0]
        J += ((1 + alpha * r) * ((r > 0) - Q @ p) ** 2).sum()
    return float(J)


def _wide_table():
    rng = np.random.default_rng(360)
    cells = rng.integers(0, 1000, (2, 300))
    R = csr_array((np.ones(300), tuple(cells)), shape=(1000, 1000))
    return rng.normal(size=(1000, 2)), rng.normal(size=(1000, 2)), R, 0.5, 1.0


exercise_function(
    "3.3-cells",
    _objective,
    _tables,
    "J",
    atol=CLOSE,
    then=_frugal(
        _wide_table,
        1000 * 1000 / 2,  # half of what a table of booleans takes
        "the values are right, but an array of m × n cells is built on the way",
    ),
)


def _cg_cases():
    rng = np.random.default_rng(37)
    cases = []
    for n, f, seen, reg, steps in [
        (9, 4, 3, 0.5, 1),
        (9, 4, 5, 2.0, 2),
        (8, 3, 3, 1, 3),
    ]:
        Q = rng.normal(size=(n, f))
        c = 1.0 + rng.integers(1, 6, seen)
        cases.append((Q.T @ Q, Q[:seen], c, reg, rng.normal(size=f), steps))
    return cases


def _cg_row(G, q, c, reg, p, steps):
    """Minimise over the span of A's powers at the first residual, by solving."""

    def times_A(h):
        return G @ h + q.T @ ((c - 1) * (q @ h)) + reg * h

    span = [q.T @ c - times_A(p)]
    for _ in range(steps - 1):
        span.append(times_A(span[-1]))
    K = np.linalg.qr(np.array(span).T)[0]  # (f, steps)
    AK = np.array([times_A(k) for k in K.T]).T
    return p + K @ _solve(K.T @ AK, K.T @ span[0])


def _many_factors():
    rng = np.random.default_rng(370)
    Q = rng.normal(size=(400, 300))
    return Q.T @ Q, Q[:4], np.array([2.0, 6.0, 3.0, 5.0]), 1.0, rng.normal(size=300), 2


exercise_function(
    "3.3-cg",
    _cg_row,
    _cg_cases,
    "p",
    atol=CLOSE,
    then=_frugal(
        _many_factors,
        300 * 300 * 2,  # a quarter of what an f × f matrix takes
        "the values are right, but a matrix of f × f numbers is built beside G",
    ),
)
