"""Checks of chapter 1.4, evaluation."""

import math

import numpy as np
from scipy import sparse

from recbook import datasets, metrics
from recbook.checks import exercise_function, exercise_value

exercise_value("1.4-two-errors", lambda: [3 / 4, 3 / 2], "[MAE, RMSE] of B", atol=0.005)
exercise_value("1.4-how-many", lambda: (2 * 0.07 / 0.003) ** 2, "n", atol=25)


def _bob():
    """Precision, average precision and nDCG at 3 of popularity, Bob being new."""
    toy = datasets.load_toy()
    bob = toy.user_ids.tolist().index("Bob")
    counts = np.bincount(toy.items[toy.users != bob], minlength=toy.n_items)
    ranked = np.argsort(-counts, kind="stable")[None]
    relevant = sparse.csr_array(toy.csr[[bob]].toarray() >= 4)
    measures = metrics.precision, metrics.average_precision, metrics.ndcg
    return [float(measure(ranked, relevant, 3)[0]) for measure in measures]


exercise_value("1.4-bob", _bob, "[P@3, AP@3, nDCG@3]", atol=0.005)


def _hit_lists():
    rng = np.random.default_rng(14)
    cases = [((rng.random(k) < 0.4).astype(int), k + 2) for k in (3, 5, 8)]
    return [*cases, (np.array([1, 0, 1, 0, 0]), 2), (np.array([0, 0, 0]), 4)]


def _average_precision(hits, n_relevant):
    hits = np.asarray(hits)
    precisions = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return (hits * precisions).sum() / min(len(hits), n_relevant)


exercise_function("1.4-average-precision", _average_precision, _hit_lists, "AP")


def _logs():
    rng = np.random.default_rng(41)
    cases = []
    for n_users, n, n_days in [(3, 11, 30), (5, 17, 4), (4, 14, 2)]:
        cases.append((rng.integers(0, n_users, n), rng.integers(0, n_days, n)))
    return [*cases, (np.array([0, 1, 1]), np.array([5, 5, 5]))]


def _last_of_each(users, timestamps):
    mask = np.zeros(len(users), dtype=bool)
    for user in np.unique(users):
        rows = np.flatnonzero(users == user)
        newest = rows[timestamps[rows] == timestamps[rows].max()]
        mask[newest[-1]] = len(rows) > 1  # a tie goes to what stands last
    return mask


exercise_function("1.4-last-one", _last_of_each, _logs, "the mask")


def _user_values():
    rng = np.random.default_rng(3)
    cases = []
    for n in (4, 9, 20):
        values = rng.random(n)
        values[rng.integers(n)] = np.nan
        cases.append(values)
    return [*cases, np.array([1.0, np.nan, 0.0])]


def _summary(values):
    real = values[~np.isnan(values)]
    return real.mean(), real.std(ddof=1) / np.sqrt(len(real)), len(real)


exercise_function("1.4-summary", _summary, _user_values, "(mean, SE, n)")


def _chance(above, n_candidates, n_sampled, k):
    ways = [
        math.comb(above, j) * math.comb(n_candidates - above, n_sampled - j)
        for j in range(min(k, n_sampled + 1))
    ]
    return sum(ways) / math.comb(n_candidates, n_sampled)


exercise_function(
    "1.4-chance",
    _chance,
    [(150, 1600, 100, 10), (3, 10, 4, 2), (0, 50, 10, 1), (400, 1600, 20, 5)],
    "the probability",
)
