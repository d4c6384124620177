"""Checks of chapter 2.2, user-based collaborative filtering."""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _babe():
    """Cem's Babe by Bob alone, and by Bob and Dee, clipped at the end."""
    cem, theirs = 10 / 3, 17 / 5
    w, d = np.array([0.674, -0.757]), np.array([1.0, 5.0]) - theirs
    both = w @ d / np.abs(w).sum()
    return [float(np.clip(cem + x, 1, 5)) for x in (d[0], both)]


exercise_value("2.2-babe", _babe, "[Bob alone, Bob and Dee]", atol=0.01)
exercise_value("2.2-leak", lambda: 6 * 3.5 - 5 * 4.0, "the rating", atol=1e-6)
exercise_value("2.2-explode", lambda: [1.0, 1.9 / 0.1], "[Σ|w|, Σw]", atol=0.05)


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


exercise_function("2.2-audible", _audible, _crowds, "the list of codes")


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


exercise_function("2.2-zscore", _zscore, _zscore_cases, "the prediction")


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


exercise_function("2.2-pull", _pull, _pull_cases, "the move")


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


exercise_function("2.2-top-list", _top_list, _shelves, "the list")


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
    return cases[::-1]  # the small one first: its message shows all of it


def _lookalike(W, seed, K, size):
    scores = []
    for v in range(len(W)):
        best = sorted((max(W[v, c], 0.0) for c in seed), reverse=True)[:K]
        if v not in seed and sum(best) > 0:
            scores.append((-sum(best) / K, v))
    return np.array([v for _, v in sorted(scores)[:size]], dtype=int)


exercise_function("2.2-lookalike", _lookalike, _campaigns, "the audience")
