"""Checks of chapter 3.3, alternating least squares."""

import numpy as np
from scipy.sparse import csr_array

from recbook.checks import exercise_function, exercise_value

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


exercise_function("3.3-row", _weighted_row, _weighted_cases, "p", atol=1e-8)


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
    left = np.asarray(r_u) - mu - np.asarray(b_items)
    solution = _solve(Z.T @ Z + reg * np.eye(Z.shape[1]), Z.T @ left)
    return float(solution[0]), solution[1:]


exercise_function("3.3-joint", _biased_row, _joint_cases, "(b, p)", atol=1e-8)


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


exercise_function("3.3-newcomer", _newcomer, _newcomers, "the scores", atol=1e-8)


def _tables():
    rng = np.random.default_rng(36)
    cases = []
    for m, n, f, reg, alpha in [(4, 5, 2, 0.5, 1.0), (6, 3, 3, 0.0, 4.0)]:
        R = rng.integers(1, 6, (m, n)) * (rng.random((m, n)) < 0.4)
        P, Q = rng.normal(size=(m, f)), rng.normal(size=(n, f))
        cases.append((P, Q, csr_array(R.astype(float)), reg, alpha))
    return cases


def _objective(P, Q, R, reg, alpha):
    r = R.toarray()
    squares = (1 + alpha * r) * ((r > 0) - P @ Q.T) ** 2
    return float(squares.sum() + reg * ((P**2).sum() + (Q**2).sum()))


exercise_function("3.3-cells", _objective, _tables, "J", atol=1e-8)


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
    A = G + (q.T * (c - 1)) @ q + reg * np.eye(len(G))
    span = [q.T @ c - A @ p]
    for _ in range(steps - 1):
        span.append(A @ span[-1])
    K = np.linalg.qr(np.array(span).T)[0]  # (f, steps)
    return p + K @ _solve(K.T @ A @ K, K.T @ span[0])


exercise_function("3.3-cg", _cg_row, _cg_cases, "p", atol=1e-7)
