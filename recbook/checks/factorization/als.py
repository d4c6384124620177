"""Checks of chapter 3.3, alternating least squares."""

import numpy as np
from scipy.sparse import csr_array

from recbook.checks import exercise_function
from recbook.checks.inside import peak_of

CLOSE = 1e-5  # an answer in single precision passes; the slips are far larger


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


_ROW_SLIPS = {
    "the penalty has to grow with the number of ratings, to the power ρ": (
        lambda *case: _weighted_row(*case[:-1], 0.0)
    ),
    "the power ρ of the number of ratings is missing": (
        lambda *case: _weighted_row(*case[:-1], 1.0)
    ),
}
exercise_function(
    "3.3-row", _weighted_row, _weighted_cases, "p", atol=CLOSE, slips=_ROW_SLIPS
)


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


def _one_after_the_other(Q_u, b_items, r_u, mu, reg):
    left = r_u - mu - b_items
    b = left.sum() / (len(left) + reg)
    return b, _weighted_row(Q_u, left - b, reg, 0.0)


def _free_bias(Q_u, b_items, r_u, mu, reg):
    Z = np.column_stack([np.ones(len(r_u)), Q_u])
    penalty = np.diag([0.0] + [reg] * Q_u.shape[1])
    solution = _solve(Z.T @ Z + penalty, Z.T @ (r_u - mu - b_items))
    return solution[0], solution[1:]


_JOINT_SLIPS = {
    "first b and then p is another answer: solve for both at once": (
        _one_after_the_other
    ),
    "b pays the penalty, too": _free_bias,
    "the films' biases are not yet taken off the stars": (
        lambda Q_u, b_items, *rest: _biased_row(Q_u, 0 * b_items, *rest)
    ),
    "μ is not yet taken off the stars": (
        lambda Q_u, b_items, r_u, mu, reg: _biased_row(Q_u, b_items, r_u, 0.0, reg)
    ),
}
exercise_function(
    "3.3-joint", _biased_row, _joint_cases, "(b, p)", atol=CLOSE, slips=_JOINT_SLIPS
)


def _newcomers():
    rng = np.random.default_rng(35)
    cases = []
    for n, f, seen, reg, alpha in [(7, 2, 2, 1.0, 1.0), (9, 3, 4, 0.3, 10.0)]:
        items = np.sort(rng.permutation(n)[:seen])
        behaviour = rng.integers(1, 6, seen).astype(float)
        cases.append((rng.normal(size=(n, f)), items, behaviour, reg, alpha))
    return cases


def _newcomer(Q, items, r, reg, alpha, silent=1.0, aim=np.ones_like, known=-np.inf):
    C, x = np.full(len(Q), silent), np.zeros(len(Q))
    C[items], x[items] = 1 + alpha * r, aim(r)
    p = _solve((Q.T * C) @ Q + reg * np.eye(Q.shape[1]), Q.T @ (C * x))
    scores = Q @ p
    scores[items] += known
    return scores


_NEWCOMER_SLIPS = {
    "an article in `items` must have the score -inf": (
        lambda *case: _newcomer(*case, known=0.0)
    ),
    "silence counts as well: an article not looked at has the confidence 1": (
        lambda *case: _newcomer(*case, silent=0.0)
    ),
    "the confidence of a known article begins at 1 and grows from there": (
        lambda Q, items, r, reg, alpha: _newcomer(Q, items, r - 1 / alpha, reg, alpha)
    ),
    "what is to be hit is a 1, however strong the behaviour": (
        lambda *case: _newcomer(*case, aim=np.positive)
    ),
    "alpha is missing": lambda *case: _newcomer(*case[:-1], 1.0),
}
exercise_function(
    "3.3-newcomer",
    _newcomer,
    _newcomers,
    "the array of scores",
    atol=CLOSE,
    slips=_NEWCOMER_SLIPS,
)


def _frugal(large, limit, complaint):
    """A check that a function needs at most ``limit`` bytes for a large case."""
    return lambda answer: complaint if peak_of(answer, *large()) > limit else None


def _tables():
    rng = np.random.default_rng(36)
    cases = []
    for m, n, f, reg, alpha in [(4, 5, 2, 0.5, 1.0), (6, 3, 3, 0.0, 4.0)]:
        R = rng.integers(1, 6, (m, n)) * (rng.random((m, n)) < 0.4)
        P, Q = rng.normal(size=(m, f)), rng.normal(size=(n, f))
        cases.append((P, Q, csr_array(R.astype(float)), reg, alpha))
    return cases


def _objective(P, Q, R, reg, alpha, silent=1.0, twice=0.0):
    """Cell by cell of the definition, one user after the other."""
    J = reg * ((P**2).sum() + (Q**2).sum())
    for u, p in enumerate(P):
        r, s = R[[u]].toarray()[0], Q @ p
        c = np.where(r > 0, 1 + alpha * r, silent)
        J += (c * ((r > 0) - s) ** 2).sum() + twice * s[r > 0] @ s[r > 0]
    return float(J)


_CELLS_SLIPS = {
    "the silent cells are missing: each has the confidence 1": (
        lambda *case: _objective(*case, silent=0.0)
    ),
    "a known cell is not silent: take out what it adds as a silent one": (
        lambda *case: _objective(*case, twice=1.0)
    ),
    "the penalty is missing": lambda P, Q, R, _, alpha: _objective(P, Q, R, 0.0, alpha),
}


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
    slips=_CELLS_SLIPS,
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


def _cg_row(G, q, c, reg, p, steps, silent=1.0):
    """Minimise over the span of A's powers at the first residual, by solving."""

    def times_A(h):
        return G @ h + q.T @ ((c - silent) * (q @ h)) + reg * h

    span = [q.T @ c - times_A(p)]
    for _ in range(steps - 1):
        span.append(times_A(span[-1]))
    K = np.linalg.qr(np.array(span).T)[0]  # (f, steps)
    AK = np.array([times_A(k) for k in K.T]).T
    return p + K @ _solve(K.T @ AK, K.T @ span[0])


def _steepest(G, q, c, reg, p, steps):
    """Each step along the slope alone: the first of conjugate gradients, repeated."""
    for _ in range(steps):
        p = _cg_row(G, q, c, reg, p, 1)
    return p


_CG_SLIPS = {
    "each step follows its gradient alone: a direction keeps some of the last one": (
        _steepest
    ),
    "G counts each known cell once already": (lambda *case: _cg_row(*case, silent=0.0)),
    "the penalty is missing from the product": (
        lambda G, q, c, _, *rest: _cg_row(G, q, c, 0.0, *rest)
    ),
    "begin at the p that is given, not at 0": (
        lambda G, q, c, reg, p, steps: _cg_row(G, q, c, reg, 0 * p, steps)
    ),
    "one step too many": lambda *case: _cg_row(*case[:-1], case[-1] + 1),
}


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
    slips=_CG_SLIPS,
    then=_frugal(
        _many_factors,
        300 * 300 * 2,  # a quarter of what an f × f matrix takes
        "the values are right, but a matrix of f × f numbers is built beside G",
    ),
)
