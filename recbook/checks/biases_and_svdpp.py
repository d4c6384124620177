"""Checks of chapter 3.2, biases and SVD++."""

import numpy as np

from recbook.checks import call, exercise, exercise_function, exercise_value, same


def _pencil():
    mu, bu, bi, p, q, r, lr, reg = 3.5, 0.3, -0.5, 0.5, -1.0, 1.0, 0.1, 0.2
    e = r - (mu + bu + bi + p * q)
    new = (bu, e), (bi, e), (p, e * q), (q, e * p)
    return [old + lr * (slope - reg * old) for old, slope in new]


exercise_value("3.2-step", _pencil, "[b_u, b_i, p, q]", atol=0.002)
exercise_value("3.2-choice", lambda: [2.5, 0.5, 1.0, 2.0], "the list", atol=0.005)


def _tables():
    """(users, items, values, n_users, n_items); the last has strangers."""
    rng = np.random.default_rng(32)
    made = []
    for m, n, share in [(4, 3, 0.8), (5, 7, 0.5), (8, 6, 0.6)]:
        users, items = np.nonzero(rng.random((m, n)) < share)
        if m == 8:
            kept = (users != 2) & (items != 1)
            users, items = users[kept], items[kept]
        mixed = rng.permutation(users.size)
        values = rng.integers(1, 6, users.size).astype(float)
        made.append((users[mixed], items[mixed], values, m, n))
    return made


def _item_biases(users, items, values, mu, bu, n_items, reg, reg_power):
    found = np.zeros(n_items)
    for i in range(n_items):
        mine = items == i
        if n := int(mine.sum()):
            left = sum(values[mine] - mu - bu[users[mine]])
            found[i] = left / (n + reg * float(n) ** reg_power)
    return found


def _bias_cases():
    rng = np.random.default_rng(321)
    powers = (3.0, 0.0), (0.5, 0.5), (0.2, 1.0)
    return [
        (users, items, values, 3.4, rng.normal(0, 0.4, m), n, reg, power)
        for (users, items, values, m, n), (reg, power) in zip(
            _tables(), powers, strict=True
        )
    ]


exercise_function("3.2-ridge", _item_biases, _bias_cases, "the items' biases")


def _balanced(bu, bi, nu, ni):
    """By bisection on the slope of the penalty: no formula to share."""
    low, high = -10.0, 10.0
    for _ in range(200):
        c = (low + high) / 2
        slope = (nu * (bu + c)).sum() - (ni * (bi - c)).sum()
        low, high = (low, c) if slope > 0 else (c, high)
    return bu + c, bi - c


def _balance_cases():
    rng = np.random.default_rng(322)
    return [
        (
            rng.normal(1, 0.5, m),
            rng.normal(-0.3, 0.5, n),
            rng.integers(1, 30, m).astype(float),
            rng.integers(1, 30, n).astype(float),
        )
        for m, n in [(3, 5), (6, 2), (4, 4)]
    ]


exercise_function("3.2-balance", _balanced, _balance_cases, "(bu, bi)", atol=1e-6)


@exercise("3.2-longer")
def longer(answer):
    """The order of the columns is free; the product is not."""
    if not callable(answer):
        return f"a function is asked for, this is a {type(answer).__name__}"
    for m, n, f in [(3, 4, 2), (5, 2, 1), (2, 6, 3)]:
        rng = np.random.default_rng(m)
        bu, bi = rng.normal(size=m), rng.normal(size=n)
        P, Q = rng.normal(size=(m, f)), rng.normal(size=(n, f))
        new = call(answer, bu, bi, P, Q)
        if not isinstance(new, tuple | list) or len(new) != 2:
            return "two arrays are asked for, (A, B)"
        for name, x, rows in (("A", new[0], m), ("B", new[1], n)):
            if np.shape(x) != (rows, f + 2):
                return f"{name} has shape {np.shape(x)}, not {(rows, f + 2)}"
        A, B = (np.asarray(x, dtype=float) for x in new)
        expected = bu[:, None] + bi + P @ Q.T
        if problem := same(A @ B.T, expected, "the product A Bᵀ", atol=1e-8):
            return problem


def _implied(users, items, Y, n_users):
    Z = np.zeros((n_users, Y.shape[1]))
    for u in range(n_users):
        mine = items[users == u]
        if mine.size:
            Z[u] = sum(Y[j] for j in mine) / np.sqrt(mine.size)
    return Z


def _implied_cases():
    rng = np.random.default_rng(323)
    return [
        (users, items, rng.normal(size=(n, f)), m)
        for f, (users, items, _, m, n) in enumerate(_tables(), start=1)
    ]


exercise_function("3.2-implied", _implied, _implied_cases, "Z")
exercise_function(
    "3.2-cost",
    lambda counts: float(sum(int(n) ** 2 for n in counts) / sum(counts)),
    lambda: [
        (np.array(counts),) for counts in ([4, 4, 4], [1, 2, 3, 10], [737, 20, 20])
    ],
    "the ratio",
)


def _block(p, Q, Y, items, d, lr, reg):
    """The naive way: every y of the user moves at every rating."""
    p, Q, Y = (np.array(x) for x in (p, Q, Y))
    share = len(items) ** -0.5
    for i, target in zip(items, d, strict=True):
        z = share * sum(Y[j] for j in items)
        q, old = Q[i].copy(), p.copy()
        e = target - q @ (old + z)
        p = old + lr * (e * q - reg * old)
        Q[i] = q + lr * (e * (old + z) - reg * q)
        for j in items:
            Y[j] = Y[j] + lr * share * e * q
    return p, Q, Y


def _block_cases():
    rng = np.random.default_rng(324)
    cases = []
    for n, f, rated, lr, reg in [(5, 2, 3, 0.1, 0.0), (6, 3, 4, 0.05, 0.2)]:
        items, d = rng.permutation(n)[:rated], rng.normal(0, 1, rated)
        Q, Y = rng.normal(0, 0.7, (n, f)), rng.normal(0, 0.7, (n, f))
        cases.append((rng.normal(0, 0.7, f), Q, Y, items, d, lr, reg))
    return cases


exercise_function("3.2-block", _block, _block_cases, "(p, Q, Y)", atol=1e-8)


def _newcomer(mu, bi, Q, Y, choices, films, stars, reg, reg_bias):
    """By descent on the newcomer's bowl until nothing moves."""
    z = sum(Y[j] for j in choices) / np.sqrt(len(choices))
    b, p = 0.0, np.zeros(Q.shape[1])
    lr = 0.5 / (len(films) * (1 + np.square(Q[films]).sum()) + reg + reg_bias)
    for _ in range(20_000):
        e = stars - mu - bi[films] - b - Q[films] @ (p + z)
        b, p = (
            b + lr * (e.sum() - reg_bias * b),
            p + lr * (Q[films].T @ e - reg * p),
        )
    return mu + bi + b + Q @ (p + z)


def _newcomers():
    rng = np.random.default_rng(325)
    cases = []
    for n, f, seen, starred in [(6, 2, 4, 2), (9, 3, 5, 3), (5, 1, 3, 0)]:
        choices = rng.permutation(n)[:seen]
        films = choices[:starred]
        stars = rng.integers(1, 6, starred).astype(float)
        tables = rng.normal(0, 0.7, (n, f)), rng.normal(0, 0.5, (n, f))
        bi = rng.normal(0, 0.5, n)
        cases.append((3.5, bi, *tables, choices, films, stars, 2.0, 3.0))
    return cases


exercise_function("3.2-newcomer", _newcomer, _newcomers, "the predictions", atol=1e-6)
