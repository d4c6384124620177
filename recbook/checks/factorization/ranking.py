"""Checks of chapter 3.4, ranking from pairs."""

import numpy as np

from recbook.checks import exercise, exercise_function, same
from recbook.checks.guard import Patient
from recbook.checks.inside import used_by


def _log(x):
    """ln sigma(x) and sigma(-x), each margin by the branch that cannot overflow."""
    small = np.exp(-np.abs(x))  # at most 1
    slope = np.where(x > 0, small, 1.0) / (1.0 + small)
    return np.minimum(x, 0.0) - np.log1p(small), slope


@exercise("3.4-log")
def log(answer):
    """Values, slopes, no warning of numpy's on the way, and no scipy."""
    for x in (
        np.array([-2.0, 0.0, 0.5, 3.0]),
        np.array([-1e4, -800.0, 40.0, 1e4]),
        np.array([-37.5, 36.0, 710.0, -745.0]),
    ):
        with np.errstate(all="raise", under="ignore"):
            got = answer(x)
        if problem := same(got, _log(x), "(value, slope)", atol=1e-12):
            turned = _log(x)[0], _log(-x)[1]
            sigma = same(got, turned, atol=1e-12) is None
            return "the slope at x is not σ(x)" if sigma else problem
        if not np.all(np.asarray(got[1])[(x > 0) & (x < 700)] > 0):
            return "a slope has been rounded to 0: do not subtract from 1"
    if {"expit", "log_expit"} & used_by(answer):
        return "the values are right: now without scipy"
    return None


def _area(scores, positive, tie=0.5):
    pairs = [
        (i, j)
        for i in np.flatnonzero(positive)
        for j in np.flatnonzero(~np.asarray(positive))
    ]
    won = [
        1.0 if scores[i] > scores[j] else tie if scores[i] == scores[j] else 0.0
        for i, j in pairs
    ]
    return float(np.mean(won))


def _lists():
    rng = np.random.default_rng(34)
    scores = np.array([1.0, 0.5, 0.5, 0.0, -0.5])
    cases = [(scores, np.array([False, True, False, True, False]))]
    for n, n_levels in ((5, 50), (12, 4), (30, 8)):
        positive = np.zeros(n, dtype=bool)
        positive[rng.choice(n, n // 3, replace=False)] = True
        cases.append((rng.integers(0, n_levels, n) / 4, positive))
    cases.append((np.zeros(6), np.arange(6) < 2))  # all tied: one half
    return cases


_AUC_SLIPS = {
    "a tie counts one half": lambda *case: _area(*case, tie=0.0),
    "a tie counts one half, not as won": lambda *case: _area(*case, tie=1.0),
    "a pair is won when the positive stands above the negative": (
        lambda *case: 1.0 - _area(*case)
    ),
}
exercise_function("3.4-auc", _area, _lists, "the area", atol=1e-12, slips=_AUC_SLIPS)


def _tables():
    """0/1 tables, one with a person who rated everything, one who rated nothing."""
    rng = np.random.default_rng(341)
    tables = [
        (rng.random(shape) < share).astype(float)
        for shape, share in (((4, 6), 0.5), ((9, 5), 0.3), ((7, 15), 0.2))
    ]
    full = np.array([[1.0, 1, 1, 1], [0, 0, 0, 0], [1, 0, 0, 1], [0, 0, 1, 0]])
    return [*tables, full]


def _collisions(table, other=False):
    """Sum over rated pairs (u, i) and films j of the probability to draw them."""
    n_ratings, n_films = table.sum(), table.shape[1]
    uniform = popular = 0.0
    for u, i in np.argwhere(table > 0):
        for j in np.flatnonzero(table[u]):
            if other and j == i:
                continue
            uniform += 1 / n_ratings / n_films
            popular += 1 / n_ratings * table[:, j].sum() / n_ratings
    return float(uniform), float(popular)


def _user_by_user(table):
    """The means over people who rated something, each as heavy as another."""
    n, n_ratings = table.sum(axis=1), table.sum()
    hit = table @ table.sum(axis=0) / n_ratings
    return float(n[n > 0].mean() / table.shape[1]), float(hit[n > 0].mean())


_COLLISION_SLIPS = {
    "a rated pair is drawn, not a person: people with many ratings come more often": (
        _user_by_user
    ),
    "the draw does not look: j may be the film i itself": lambda table: _collisions(
        table, 1
    ),
    "that is the density of the table: who is likely to be in the pair drawn?": (
        lambda table: (float(table.mean()), _collisions(table)[1])
    ),
}
exercise_function(
    "3.4-collisions",
    _collisions,
    lambda: [(t,) for t in _tables()],
    "the probabilities",
    slips=_COLLISION_SLIPS,
)


@exercise("3.4-draw")
def draw(answer):
    """Never a rated film, -1 for full rows, every free film about equally often."""
    nearly_full = np.arange(600)[None] != 345
    crowds = [(table > 0, 2000) for table in _tables()]
    for seed, (seen, times) in enumerate([*crowds, (nearly_full, 50)]):
        users = np.repeat(np.arange(len(seen)), times)
        negatives = answer(Patient(seed, 2 * users.size + 9), seen, users)
        if problem := _drawn(negatives, seen, users):
            return problem
    return _of_rng(answer, _tables()[2] > 0)


def _of_rng(answer, seen):
    """What is wrong with where the random numbers come from, if anything is."""
    users = np.repeat(np.arange(len(seen)), 20)
    first, other, twin = (
        answer(Patient(seed, 2 * users.size + 9), seen, users) for seed in (7, 8, 7)
    )
    if np.array_equal(first, other):
        return "each call draws the same: do you make a generator of your own?"
    if not np.array_equal(first, twin):
        return "equal seeds draw different films: let all draws come from rng"
    return None


def _drawn(negatives, seen, users):
    """What is wrong with these negatives, if anything is."""
    negatives = np.asarray(negatives)
    whole = negatives.dtype.kind in "iuf" and (negatives == np.round(negatives)).all()
    if negatives.shape != users.shape or not whole:
        return "give one whole number, a code, for each of users"
    negatives = negatives.astype(int)
    full = seen.all(axis=1)[users]
    if (negatives[full] != -1).any():
        return "somebody who rated everything should get -1"
    users, negatives = users[~full], negatives[~full]
    if (negatives < 0).any() or (negatives >= seen.shape[1]).any():
        return "a code is outside of the catalogue"
    if seen[users, negatives].any():
        return "a negative is a film that its user has rated"
    counts = np.zeros(seen.shape)
    np.add.at(counts, (users, negatives), 1)
    drawn = counts.sum(axis=1, keepdims=True)
    expected = drawn * ~seen / np.maximum((~seen).sum(axis=1, keepdims=True), 1)
    if (np.abs(counts - expected) > 6 * np.sqrt(expected) + 1e-9).any():
        return "some unrated films come far more often than others"
    return None


def _block(P, Q, users, items, negatives, sign=1, push=-1):
    dP, dQ = np.zeros_like(P), np.zeros_like(Q)
    for u, i, j in zip(users, items, negatives, strict=True):
        e = 1.0 / (1.0 + np.exp(sign * (P[u] @ (Q[i] - Q[j]))))
        dP[u] += e * (Q[i] - Q[j])
        dQ[i] += e * P[u]
        dQ[j] += push * e * P[u]
    return dP, dQ


def _once_each(P, Q, users, items, negatives):
    difference = Q[items] - Q[negatives]
    e = 1.0 / (1.0 + np.exp((P[users] * difference).sum(axis=1)))[:, None]
    dP, dQ = np.zeros_like(P), np.zeros_like(Q)
    dP[users] += e * difference
    dQ[items] += e * P[users]
    dQ[negatives] -= e * P[users]
    return dP, dQ


_BLOCK_SLIPS = {
    "where an index comes twice, += keeps only the last": _once_each,
    "that is σ(x): a pair that is ranked well already needs less of a push": (
        lambda *case: _block(*case, sign=-1)
    ),
    "the negative film is pushed the wrong way": lambda *case: _block(*case, push=1),
    "the negative film moves, too": lambda *case: _block(*case, push=0),
    "the sum over the triples is asked for, not the mean": (
        lambda *case: tuple(d / len(case[2]) for d in _block(*case))
    ),
    "those are gradients of the loss: the sum of ln σ has the other sign": (
        lambda *case: tuple(-d for d in _block(*case))
    ),
}


def _blocks():
    rng = np.random.default_rng(342)
    P, Q = np.array([[1.0, 0], [0, 1]]), np.array([[1.0, 0], [0, 1], [1, 1]])
    twice = np.array([0, 0]), np.array([0, 0]), np.array([1, 2])
    cases = [(P, Q, *twice)]  # small enough to be written out in a message
    for n_users, n_items, n_triples in ((3, 4, 1), (4, 5, 12), (6, 9, 60)):
        P, Q = rng.normal(size=(n_users, 3)), rng.normal(size=(n_items, 3))
        users = rng.integers(n_users, size=n_triples)
        items = rng.integers(n_items, size=n_triples)
        negatives = (items + rng.integers(1, n_items, size=n_triples)) % n_items
        cases.append((P, Q, users, items, negatives))
    return cases


exercise_function("3.4-block", _block, _blocks, "(dP, dQ)", slips=_BLOCK_SLIPS)


def _ndcg(hits):
    weights = 1.0 / np.log2(np.arange(2, len(hits) + 2))
    ideal = np.sort(hits)[::-1] @ weights
    return hits @ weights / ideal if ideal > 0 else 0.0


def _exchange(hits, measure=_ndcg, size=abs):
    n = len(hits)
    out = np.zeros((n, n))
    for s in range(n):
        for t in range(n):
            after = np.array(hits, dtype=float)
            after[s], after[t] = hits[t], hits[s]
            out[s, t] = size(measure(after) - measure(np.asarray(hits, dtype=float)))
    return out


def _dcg(hits):
    return hits @ (1.0 / np.log2(np.arange(2, len(hits) + 2)))


_SWAP_SLIPS = {
    "that is the change of DCG: nDCG is a fraction of the best there is": (
        lambda hits: _exchange(hits, _dcg)
    ),
    "the bars are missing: the size of the change is asked for, not its sign": (
        lambda hits: _exchange(hits, size=float)
    ),
    "the best list has only as many hits as this one, all at the top": (
        lambda hits: _exchange(hits, _dcg) / _dcg(np.ones(len(hits)))
    ),
    "with no hit at all nDCG stays 0, yours is 0/0": (
        lambda hits: (
            _exchange(hits) if hits.any() else np.full((len(hits),) * 2, np.nan)
        )
    ),
}


def _hit_lists():
    rng = np.random.default_rng(343)
    lists = [(rng.random(n) < 0.4).astype(float) for n in (4, 9, 15)]
    return [(hits,) for hits in [np.array([1.0, 0, 0, 1]), *lists, np.zeros(5)]]


exercise_function("3.4-swap", _exchange, _hit_lists, "the matrix", slips=_SWAP_SLIPS)
