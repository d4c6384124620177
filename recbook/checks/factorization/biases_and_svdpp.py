"""Checks of chapter 3.2, biases and SVD++."""

import functools

import numpy as np
from scipy import sparse

from recbook.checks import call, exercise, exercise_function, exercise_value, same

CLOSE = 1e-5  # an answer in single precision passes; the slips are far larger


def _pencil(reg=0.2, late=False, sign=1, mu=3.5):
    bu, bi, p, q, r, lr = 0.3, -0.5, 0.5, -1.0, 1.0, 0.1
    e = sign * (r - (mu + bu + bi + p * q))
    by = p + lr * (e * q - reg * p) if late else p
    new = (bu, e), (bi, e), (p, e * q), (q, e * by)
    return [old + lr * (slope - reg * old) for old, slope in new]


def _choice(below=2.0, z_and_p=False):
    z = np.array([2 + 1 + 1 + 1, 1 - 1 + 0 + 1]) / below
    p, q = np.array([3, -1]), np.array([0.5, -0.5])
    return [*z, q @ (z + z_and_p * p), q @ p]


STEP = {
    "the line for q takes the p from before the step": lambda: _pencil(late=True),
    "the penalties are missing": lambda: _pencil(reg=0.0),
    "the penalties pull towards 0: they have a minus": lambda: _pencil(reg=-0.2),
    "the error is the rating less the prediction, not the other way round": (
        lambda: _pencil(sign=-1)
    ),
    "the prediction begins with μ": lambda: _pencil(mu=0.0),
}
CHOICE = {
    "the sum of the y is not yet divided by a root": lambda: _choice(below=1.0),
    "z is no mean: divide by the root of the count": lambda: _choice(below=4.0),
    "z first, then what choice adds, then what p adds": (
        lambda: [*_choice()[:2], *_choice()[:1:-1]]
    ),
    "choice adds its own stars, without those of p": lambda: _choice(z_and_p=True),
}
exercise_value("3.2-step", _pencil, "[b_u, b_i, p, q]", atol=0.005, slips=STEP)
exercise_value("3.2-choice", _choice, "the list", atol=0.005, slips=CHOICE)


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
    biases = np.zeros(n_items)
    for i in range(n_items):
        rated = items == i
        if n := int(rated.sum()):
            residuals = sum(values[rated] - mu - bu[users[rated]])
            biases[i] = residuals / (n + reg * float(n) ** reg_power)
    return biases


def _bias_cases():
    rng = np.random.default_rng(321)
    powers = (3.0, 0.0), (0.5, 0.5), (0.2, 1.0)
    return [
        (users, items, values, 3.4, rng.normal(0, 0.4, m), n, reg, power)
        for (users, items, values, m, n), (reg, power) in zip(
            _tables(), powers, strict=True
        )
    ]


RIDGE = {
    "the user's b has not been taken off the stars": (
        lambda *case: _item_biases(*case[:4], 0 * case[4], *case[5:])
    ),
    "reg goes times n to the power": lambda *case: _item_biases(*case[:-1], 0.0),
}
exercise_function("3.2-ridge", _item_biases, _bias_cases, "b", atol=CLOSE, slips=RIDGE)


def _balanced(bu, bi, nu, ni):
    """By bisection on the slope of the penalty: no formula to share."""
    low, high = -10.0, 10.0
    for _ in range(200):
        c = (low + high) / 2
        slope = (nu * (bu + c)).sum() - (ni * (bi - c)).sum()
        low, high = (low, c) if slope > 0 else (c, high)
    return bu + c, bi - c


def _balance_cases():
    """With the counts of tables, so that both sum to the number of ratings."""
    rng = np.random.default_rng(322)
    return [
        (
            rng.normal(1, 0.5, m),
            rng.normal(-0.3, 0.5, n),
            np.bincount(users, minlength=m).astype(float),
            np.bincount(items, minlength=n).astype(float),
        )
        for users, items, _, m, n in _tables()
    ]


def _turned(bu, bi, nu, ni):
    up, down = _balanced(bu, bi, nu, ni)
    return 2 * bu - up, 2 * bi - down


BALANCE = {
    "the shift goes the wrong way": _turned,
    "someone with n ratings counts n times in the penalty": (
        lambda bu, bi, *n: _balanced(bu, bi, *map(np.ones_like, n))
    ),
    "two shifts change the predictions: one c, up here and down there": (
        lambda bu, bi, nu, ni: (bu - nu @ bu / nu.sum(), bi - ni @ bi / ni.sum())
    ),
}
exercise_function(
    "3.2-balance", _balanced, _balance_cases, "(bu, bi)", atol=CLOSE, slips=BALANCE
)


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
        A, B = (x.toarray() if sparse.issparse(x) else np.asarray(x) for x in new)
        expected = bu[:, None] + bi + P @ Q.T
        if problem := same(A @ B.T, expected, "the product A Bᵀ", atol=CLOSE):
            return f"{problem}; each bias must meet a 1 in the other row"


def _implied(users, items, Y, n_users):
    Z = np.zeros((n_users, Y.shape[1]))
    for u in range(n_users):
        rated = items[users == u]
        if rated.size:
            Z[u] = sum(Y[j] for j in rated) / np.sqrt(rated.size)
    return Z


def _implied_cases():
    rng = np.random.default_rng(323)
    return [
        (users, items, rng.normal(size=(n, f)), m)
        for f, (users, items, _, m, n) in enumerate(_tables(), start=1)
    ]


def _rescaled(users, items, Y, n_users, power):
    n = np.maximum(np.bincount(users, minlength=n_users), 1)
    return _implied(users, items, Y, n_users) * (n**power)[:, None]


IMPLIED = {
    "the sums lack their root": lambda *case: _rescaled(*case, 0.5),
    "this is a mean, not yet z": lambda *case: _rescaled(*case, -0.5),
}
exercise_function(
    "3.2-implied", _implied, _implied_cases, "Z", atol=CLOSE, slips=IMPLIED
)
COST = {
    "here a y is moved once a person": lambda n: (n**2).sum() / n.sum() / 2,
    "each of n ratings moves n vectors": lambda n: n.mean(),
}
exercise_function(
    "3.2-cost",
    lambda counts: float(sum(int(n) ** 2 for n in counts) / sum(counts)),
    lambda: [
        (np.array(counts),) for counts in ([4, 4, 4], [1, 2, 3, 10], [737, 20, 20])
    ],
    "the ratio",
    slips=COST,
)


def _block(p, Q, Y, items, d, lr, reg, late=False, alone=False, back=1.0):
    """The naive way: every y of the user moves at every rating. Or a slip."""
    p, Q, Y = (np.array(x) for x in (p, Q, Y))
    share = len(items) ** -0.5
    begin = Y.copy()
    for i, target in zip(items, d, strict=True):
        z = share * sum(Y[j] for j in items)
        q, old = Q[i].copy(), p.copy()
        e = target - q @ (old + z)
        p = old + lr * (e * q - reg * old)
        taste = (p if late else old) + (0 * z if alone else z)
        Q[i] = q + lr * (e * taste - reg * q)
        for j in items:
            Y[j] = Y[j] + lr * share * e * q
    return p, Q, begin + back * (Y - begin)


def _block_cases():
    rng = np.random.default_rng(324)
    cases = []
    for n, f, rated, lr, reg in [(5, 2, 3, 0.1, 0.0), (6, 3, 4, 0.05, 0.2)]:
        items, d = rng.permutation(n)[:rated], rng.normal(0, 1, rated)
        Q, Y = rng.normal(0, 0.7, (n, f)), rng.normal(0, 0.7, (n, f))
        cases.append((rng.normal(0, 0.7, f), Q, Y, items, d, lr, reg))
    return cases


BLOCK = {
    "the line for q takes the p from before the step": functools.partial(
        _block, late=True
    ),
    "q meets p + z, not p alone": functools.partial(_block, alone=True),
    "the y have not moved": functools.partial(_block, back=0.0),
    "Δ needs the weight": lambda *case: _block(*case, back=len(case[3]) ** 0.5),
}
exercise_function(
    "3.2-block", _block, _block_cases, "(p, Q, Y)", atol=CLOSE, slips=BLOCK
)


def _newcomer(mu, bi, Q, Y, choices, films, stars, reg, reg_bias):
    """By least squares, each penalty as one more row whose rating is 0."""
    z = sum(Y[j] for j in choices) / np.sqrt(len(choices))
    features = np.column_stack([np.ones(len(Q)), Q])  # of b and of p
    penalties = np.diag(np.sqrt([reg_bias] + [reg] * Q.shape[1]))
    rows = np.vstack([features[films], penalties])
    left = stars - mu - bi[films] - Q[films] @ z
    ratings = np.append(left, np.zeros(len(penalties)))
    b_and_p = np.linalg.lstsq(rows, ratings, rcond=None)[0]
    return mu + bi + Q @ z + features @ b_and_p


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


def _only_rated(mu, bi, Q, Y, choices, films, *rest):
    choices = films if len(films) else choices
    return _newcomer(mu, bi, Q, Y, choices, films, *rest)


def _z_too_late(mu, bi, Q, Y, choices, *rest):
    z = sum(Y[j] for j in choices) / np.sqrt(len(choices))
    return _newcomer(mu, bi, Q, 0 * Y, choices, *rest) + Q @ z


NEWCOMER = {
    "z is a sum over all choices, not over the rated films": _only_rated,
    "what is left for b and p is what z does not explain": _z_too_late,
    "the bias pays reg_bias": lambda *case: _newcomer(*case[:-1], case[-2]),
}
exercise_function(
    "3.2-newcomer", _newcomer, _newcomers, "the row", atol=CLOSE, slips=NEWCOMER
)
