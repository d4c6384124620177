"""Checks of chapter 3.1, matrix factorization by gradient descent."""

import numpy as np

from recbook.checks import call, exercise, exercise_function, same

CLOSE = 1e-5  # an answer in single precision passes; the slips are far larger


def _tables():
    """(P, Q, users, items, values), with a user and an item that have no rating."""
    rng = np.random.default_rng(31)
    P, Q = np.array([[1.0], [0.5]]), np.array([[1.2], [0.8]])  # a message can show it
    codes = np.array([0, 0, 1]), np.array([0, 1, 1])
    made = [(P, Q, *codes, np.array([5.0, 3.0, 1.0]))]
    for m, n, f, share in [(3, 4, 2, 0.8), (6, 5, 3, 0.5), (4, 7, 1, 0.6)]:
        users, items = np.nonzero(rng.random((m, n)) < share)
        mixed = rng.permutation(users.size)
        users, items = users[mixed], items[mixed]
        values = rng.integers(1, 6, users.size).astype(float)
        P, Q = rng.normal(1, 0.5, (m, f)), rng.normal(1, 0.5, (n, f))
        made.append((P, Q, users, items, values))
    P, Q, users, items, values = made[2]
    kept = (users != users[0]) & (items != items[0])
    return [*made, (P, Q, users[kept], items[kept], values[kept])]


def _objective(P, Q, users, items, values, reg, reg_power, silent=False):
    total = sum(
        (r - P[u] @ Q[i]) ** 2 for u, i, r in zip(users, items, values, strict=True)
    )
    for X, codes in ((P, users), (Q, items)):
        for row, x in enumerate(X):
            n = int((codes == row).sum())
            total += reg * float(n) ** reg_power * (x @ x) if n or silent else 0.0
    return float(total)


_OBJECTIVE_SLIPS = {
    "a row without ratings pays nothing for any ρ, yet Python's 0.0 ** 0 is 1": (
        lambda *case: _objective(*case, silent=True)
    ),
    "the power ρ of the counts is missing": (lambda *case: _objective(*case[:-1], 1.0)),
    "a row pays by its number of ratings, to the power ρ": (
        lambda *case: _objective(*case[:-1], 0.0)
    ),
    "you average the squared errors: add them up": (
        lambda *case: (
            _objective(*case) - _objective(*case[:5], 0.0, 0.0) * (1 - 1 / len(case[4]))
        )
    ),
}


def _with(*settings):
    return [(*table, *s) for table in _tables() for s in settings]


exercise_function(
    "3.1-objective",
    _objective,
    lambda: _with((0.0, 1.0), (0.5, 0.0), (0.2, 1.0), (0.3, 0.5)),
    "the objective",
    atol=CLOSE,
    slips=_OBJECTIVE_SLIPS,
)


def _gradient(P, Q, users, items, values, reg):
    gradient = [2 * reg * p for p in P]
    for u, i, r in zip(users, items, values, strict=True):
        gradient[u] = gradient[u] - 2 * (r - P[u] @ Q[i]) * Q[i]
    return np.array(gradient)


def _last_alone(P, Q, users, items, values, reg):
    gradient, e = 2 * reg * P, values - (P[users] * Q[items]).sum(axis=1)
    gradient[users] += -2 * e[:, None] * Q[items]
    return gradient


_GRADIENT_SLIPS = {
    "where an index comes twice, += keeps only the last": _last_alone,
    "the 2s are missing": lambda *case: _gradient(*case) / 2,
    "the penalty has a 2 as well": lambda *case: _gradient(*case[:-1], case[-1] / 2),
    "the errors push the other way: what is the derivative of r - pq in p?": (
        lambda *case: 4 * case[-1] * case[0] - _gradient(*case)
    ),
    "a row pays its penalty once here, not at each of its ratings": (
        lambda P, Q, users, items, values, reg: (
            _gradient(P, Q, users, items, values, 0.0)
            + 2 * reg * np.bincount(users, minlength=len(P))[:, None] * P
        )
    ),
}
exercise_function(
    "3.1-gradient",
    _gradient,
    lambda: _with((0.0,), (0.4,)),
    "the gradient",
    atol=CLOSE,
    slips=_GRADIENT_SLIPS,
)


def _epoch(P, Q, users, items, values, lr, reg, reg_power, late=False, batch=False):
    P, Q, old = np.array(P), np.array(Q), (P, Q)
    for u, i, r in zip(users, items, values, strict=True):
        n_u, n_i = (users == u).sum(), (items == i).sum()
        p, q = (old[0][u], old[1][i]) if batch else (P[u].copy(), Q[i].copy())
        e = r - p @ q
        P[u] += lr * (e * q - reg * float(n_u) ** (reg_power - 1) * p)
        p = P[u] if late else p
        Q[i] += lr * (e * p - reg * float(n_i) ** (reg_power - 1) * q)
    return P, Q


_EPOCH_SLIPS = {
    "the line for q takes the p from before the step": (
        lambda *case: _epoch(*case, late=True)
    ),
    "the penalty does not yet depend on how many ratings a row has": (
        lambda *case: _epoch(*case[:-1], 1.0)
    ),
    "a row pays at each of its ratings: split its penalty among them": (
        lambda *case: _epoch(*case[:-1], case[-1] + 1)
    ),
    "each rating sees the rows as the ratings before it have left them": (
        lambda *case: _epoch(*case, batch=True)
    ),
    "the penalty is missing": lambda *case: _epoch(*case[:-2], 0.0, 1.0),
    "your steps are twice as long: η has absorbed the 2s of the gradient": (
        lambda *case: _epoch(*case[:5], 2 * case[5], *case[6:])
    ),
}
exercise_function(
    "3.1-epoch",
    _epoch,
    lambda: _with((0.05, 0.1, 1.0), (0.1, 0.5, 0.0), (0.02, 0.0, 0.5)),
    "(P, Q)",
    atol=CLOSE,
    slips=_EPOCH_SLIPS,
)


def _newcomer(Q, items, values, reg):
    """By least squares, each penalty as one more row whose rating is 0."""
    penalties = np.sqrt(reg * len(items)) * np.eye(Q.shape[1])
    rows = np.vstack([Q[items], penalties])
    ratings = np.append(values, np.zeros(Q.shape[1]))
    return Q @ np.linalg.lstsq(rows, ratings, rcond=None)[0]


def _newcomers():
    rng = np.random.default_rng(312)
    cases = []
    for n, f, seen, reg in [(6, 2, 3, 0.1), (9, 3, 2, 0.2), (5, 1, 1, 0.5)]:
        items = rng.permutation(n)[:seen]
        values = rng.integers(1, 6, seen).astype(float)
        cases.append((rng.normal(1, 1, (n, f)), items, values, reg))
    return cases


_NEWCOMER_SLIPS = {
    "with ρ = 1 the penalty is paid at each rating": (
        lambda Q, items, values, reg: _newcomer(Q, items, values, reg / len(items))
    ),
    "the penalty is missing": (
        lambda Q, items, values, reg: (
            Q @ np.linalg.lstsq(Q[items], values, rcond=None)[0]
        )
    ),
    "an item without a rating is no evidence: only those in `items` count": (
        lambda Q, items, values, reg: (
            Q
            @ np.linalg.solve(
                Q.T @ Q + reg * len(items) * np.eye(Q.shape[1]), Q[items].T @ values
            )
        )
    ),
    "predictions for all items are asked for, not the factors": (
        lambda Q, *rest: np.linalg.pinv(Q) @ _newcomer(Q, *rest)
    ),
}
exercise_function(
    "3.1-newcomer",
    _newcomer,
    _newcomers,
    "the list of predictions",
    atol=CLOSE,
    slips=_NEWCOMER_SLIPS,
)


@exercise("3.1-turn")
def turn(answer):
    """Many pairs are right: what they have in common is tested."""
    if not callable(answer):
        return f"a function is asked for, this is a {type(answer).__name__}"
    for m, n, f, scale in [(7, 5, 3, 10.0), (4, 6, 2, 0.1), (9, 8, 1, 3.0)]:
        rng = np.random.default_rng(m)
        P, Q = scale * rng.normal(size=(m, f)), rng.normal(size=(n, f)) / scale
        new = call(answer, P, Q)
        if not isinstance(new, tuple | list) or len(new) != 2:
            return "two arrays are asked for, (P, Q)"
        for name, x, old in (("P", new[0], P), ("Q", new[1], Q)):
            if np.shape(x) != old.shape:
                return f"{name} has shape {np.shape(x)}; it came in {old.shape}"
        new = [np.asarray(x, dtype=float) for x in new]
        product = new[0] @ new[1].T
        if problem := same(product, P @ Q.T, "the product P Qᵀ", CLOSE):
            return problem
        least = 2 * np.linalg.svd(P @ Q.T, compute_uv=False).sum()
        if (total := (new[0] ** 2).sum() + (new[1] ** 2).sum()) > least * (1 + 1e-6):
            return f"the product is right, but ‖P‖² + ‖Q‖² = {total:.4g} can be less"
