"""Checks of chapter 2.2, user-based collaborative filtering."""

import numpy as np

from recbook.checks import exercise_function


def _crowds():
    rng = np.random.default_rng(22)
    cases = []
    for n, K, min_support in [(8, 3, 2), (12, 5, 1), (12, 2, 3), (6, 10, 1)]:
        s = rng.integers(-4, 6, n) / 5  # with ties
        u = int(rng.integers(n))
        s[u] = 1.0
        raters = np.append(rng.permutation(np.delete(np.arange(n), u))[: n - 3], u)
        cases.append((u, s, rng.integers(1, 5, n), raters, K, min_support))
    nobody = np.array([1.0, -0.5, 0.0]), np.array([4, 3, 2]), np.array([1, 2])
    equal = np.array([1.0, 0.5, 0.5, 0.2, 0.5]), np.array([6, 2, 3, 4, 2])
    unsorted = np.array([4, 2, 3, 1])  # so that their order does not break the ties
    return [*cases, (0, *nobody, 2, 1), (0, *equal, unsorted, 2, 1)]


def _audible(u, s, support, raters, K, min_support):
    may = [
        (-s[v], v) for v in raters if v != u and s[v] > 0 and support[v] >= min_support
    ]
    return np.array([v for _, v in sorted(may)[:K]], dtype=int)


def _as_they_come(u, s, support, raters, K, min_support, places=None):
    """Ties in the order of the raters, of whom the first ``places`` are looked at."""
    first = sorted(raters, key=lambda v: -s[v])[:places]
    may = _audible(u, s, support, raters, len(s), min_support)
    return np.array([v for v in first if v in may][:K], dtype=int)


_AUDIBLE_SLIPS = {
    "u may be among the raters, and is no neighbour of u": (
        lambda u, *rest: _audible(-1, *rest)
    ),
    "the neighbours are among those who rated the item": (
        lambda u, s, support, raters, *rest: _audible(
            u, s, support, range(len(s)), *rest
        )
    ),
    "you fill the K positions before you filter: who may speak?": (
        lambda u, s, support, raters, K, min_support: _as_they_come(
            u, s, support, np.sort(raters), K, min_support, places=K
        )
    ),
    "ties go to the lower code, however the raters are sorted": _as_they_come,
    "a support of exactly `min_support` is enough": (
        lambda *case: _audible(*case[:-1], case[-1] + 1)
    ),
    "a similarity of 0 is no evidence: only those above 0 may speak": (
        lambda u, s, *rest: _audible(u, s + 1e-9, *rest)
    ),
}
exercise_function(
    "2.2-audible", _audible, _crowds, "the list of codes", slips=_AUDIBLE_SLIPS
)


def _votes(rng, n, negative=True):
    w = rng.uniform(-1 if negative else 0.1, 1, n)
    return w, rng.integers(1, 6, n).astype(float)


def _zscore_cases():
    rng = np.random.default_rng(23)
    cases = []
    for n, mean, std in [(2, 3.1, 0.7), (4, 3.6, 1.2), (6, 2.5, 0.4), (3, 4.8, 1.9)]:
        votes = *_votes(rng, n), rng.uniform(2, 4, n), rng.uniform(0.3, 1.5, n)
        cases.append((*votes, mean, std))
    cases[1][3][2] = 0.0  # one without spread among four
    still = np.array([0.5]), np.array([4.0]), np.array([4.0]), np.array([0.0])
    return [*cases, (*still, 3.25, 1.0)]


def _zscore(w, r, means, stds, mean_u, std_u):
    above, below = 0.0, 0.0
    for weight, stars, mean, std in zip(w, r, means, stds, strict=True):
        if std > 0:
            above += weight * (stars - mean) / std
            below += abs(weight)
    return min(5.0, max(1.0, mean_u + std_u * above / below)) if below else mean_u


def _zscore_with(size=np.abs, silent=0.0, ends=(1, 5)):
    """With another size of a weight, a say of those left out, or other ends."""

    def predict(w, r, means, stds, mean_u, std_u):
        has = stds > 0
        z = np.where(has, (r - means) / np.where(has, stds, 1.0), 0.0)
        below = (size(w) * np.where(has, 1.0, silent)).sum()
        return np.clip(mean_u + std_u * (w @ z) / below, *ends) if below else mean_u

    return predict


_ZSCORE_SLIPS = {
    "the weights in the denominator need their absolute values": (
        _zscore_with(size=np.positive)
    ),
    "neighbours who are left out have no part in the denominator either": (
        _zscore_with(silent=1.0)
    ),
    "the mean of the neighbours has no unit yet: turn it into stars of u": (
        lambda *case: _zscore(*case[:-1], 1.0)
    ),
    "divide each deviation by its neighbour's standard deviation": (
        lambda w, r, means, stds, *u: _zscore(w, r, means, np.sign(stds), *u)
    ),
    "clip the prediction to the scale": _zscore_with(ends=(-np.inf, np.inf)),
    "subtract each neighbour's own mean": (
        lambda w, r, means, stds, *u: _zscore(w, r, 0 * means, stds, *u)
    ),
}
exercise_function(
    "2.2-zscore", _zscore, _zscore_cases, "the prediction", slips=_ZSCORE_SLIPS
)


def _pull_cases():
    rng = np.random.default_rng(24)
    cases = []
    for n, reg in [(3, 0.0), (5, 2.0), (1, 3.0), (4, 0.5)]:
        w, stars = _votes(rng, n)
        cases.append((w, stars - 3.4, reg))
    nobody = np.array([]), np.array([])
    return [*cases, (*nobody, 0.0), (np.zeros(2), np.ones(2), 0.0), (*nobody, 1.0)]


def _pull(w, e, reg):
    below = sum(abs(w)) + reg
    return sum(w * e) / below if below else 0.0


_PULL_SLIPS = {
    "the weights in the denominator need their absolute values": (
        lambda w, e, reg: w @ e / below if (below := w.sum() + reg) else 0.0
    ),
    "the pull of `reg` is missing": lambda w, e, reg: _pull(w, e, 0.0),
    "a neighbour of negative weight pulls the other way": (
        lambda w, e, reg: _pull(abs(w), e, reg)
    ),
    "with nobody to listen to the move is 0, yours is 0/0": (
        lambda w, e, reg: w @ e / (np.abs(w).sum() + reg)
    ),
}
exercise_function("2.2-pull", _pull, _pull_cases, "the move", slips=_PULL_SLIPS)


def _shelves():
    rng = np.random.default_rng(25)
    cases = []
    for n, n_rated, k in [(8, 3, 4), (6, 4, 5), (10, 0, 3), (4, 4, 2)]:
        scores = rng.integers(2, 14, n) / 2  # ties, and some above five
        cases.append((scores, rng.permutation(n)[:n_rated], k))
    low = np.array([-1.5, 0.2, -3.0, 5.5]), np.array([3]), 4
    return [*cases, low]


def _top_list(scores, rated, k):
    unrated = sorted(
        set(range(len(scores))) - set(rated), key=lambda i: (-scores[i], i)
    )
    return np.array((unrated + [-1] * k)[:k])


def _turned(scores, rated, k):
    order = np.argsort(scores, kind="stable")[::-1]
    best = order[~np.isin(order, rated)][:k]
    return np.append(best, np.full(k - len(best), -1))


def _with_low_score(low):
    """The rated ones pushed down, not dropped."""

    def listed(scores, rated, k):
        scores = np.where(np.isin(np.arange(len(scores)), rated), low, scores)
        return np.argsort(-scores, kind="stable")[:k]

    return listed


_LIST_SLIPS = {
    "positions that cannot be filled hold -1": (
        lambda *case: (codes := _top_list(*case))[codes >= 0]
    ),
    "a rated item comes back where positions are left to fill": _with_low_score(
        -np.inf
    ),
    "a low score does not keep the rated out: a prediction may be lower still": (
        _with_low_score(0.0)
    ),
    "leave out what is rated": lambda scores, rated, k: _top_list(scores, [], k),
    "ties go to the lower code: reversing a list reverses them, too": _turned,
    "the predictions stay unclipped: clipped ones tie": (
        lambda scores, *rest: _top_list(np.clip(scores, 1, 5), *rest)
    ),
}
exercise_function("2.2-top-list", _top_list, _shelves, "the list", slips=_LIST_SLIPS)


def _campaigns():
    rng = np.random.default_rng(26)
    cases = []
    for m, n_seed, K, size in [
        (7, 2, 1, 3),
        (9, 4, 2, 5),
        (8, 2, 3, 4),
        (6, 3, 2, 9),
        (4, 2, 1, 2),
    ]:
        half = np.triu(rng.integers(-5, 6, (m, m)) / 5, 1)
        seed = rng.permutation(m)[:n_seed]
        cases.append((half + half.T + np.eye(m), seed, K, size))
    opposite = np.array([[1.0, 0.4, -0.2], [0.4, 1.0, 0.0], [-0.2, 0.0, 1.0]])
    return [*cases, (opposite, np.array([0]), 1, 3)]


def _lookalike(W, seed, K, size, out=None, largest=True, least=0.0, floor=0.0):
    scores = []
    for v in range(len(W)):
        best = sorted((max(W[v, c], floor) for c in seed), reverse=largest)[:K]
        if v not in (seed if out is None else out) and sum(best) > least:
            scores.append((-sum(best) / K, v))
    return np.array([v for _, v in sorted(scores)[:size]], dtype=int)


_LOOKALIKE_SLIPS = {
    "the mean of the K largest is asked for, not of all": (
        lambda W, seed, K, size: _lookalike(W, seed, len(seed), size)
    ),
    "np.sort goes upwards: the largest are at its end": (
        lambda *case: _lookalike(*case, largest=False)
    ),
    "the members of the seed are customers already: leave them out": lambda *case: (
        _lookalike(*case, out=())
    ),
    "leave out everybody whose score is 0": lambda *case: _lookalike(*case, least=-1.0),
    "a similarity below 0 counts as 0": lambda *case: _lookalike(*case, floor=-np.inf),
}
exercise_function(
    "2.2-lookalike", _lookalike, _campaigns, "the audience", slips=_LOOKALIKE_SLIPS
)
