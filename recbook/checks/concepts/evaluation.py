"""Checks of chapter 1.4, evaluation."""

import math

import numpy as np
from scipy import sparse

from recbook import datasets, metrics
from recbook.checks import exercise_function, exercise_value

_OFF = np.array([0, 0, 0, 3])  # model B's errors
exercise_value(
    "1.4-two-errors",
    lambda: [_OFF.mean(), (_OFF**2).mean() ** 0.5],
    "[MAE, RMSE] of B",
    atol=0.005,
    slips={
        "RMSE has a root: this is the mean of the squares": (
            lambda: [_OFF.mean(), (_OFF**2).mean()]
        ),
        "the root comes last, after the mean": (
            lambda: [_OFF.mean(), (_OFF**2).sum() ** 0.5 / 4]
        ),
        "the ratings that B hits count, too: divide by how many there are": (
            lambda: [_OFF.sum(), (_OFF**2).sum() ** 0.5]
        ),
        "MAE comes first, RMSE second": (
            lambda: [(_OFF**2).mean() ** 0.5, _OFF.mean()]
        ),
        "those are the two numbers of A": lambda: [1.0, 1.0],
    },
)


def _users_needed(deviation, difference, errors=2, power=2):
    return (errors * deviation / difference) ** power


exercise_value(
    "1.4-how-many",
    _users_needed,
    "n",
    atol=lambda **own: 0.0115 * _users_needed(**own),
    slips={
        "that many put it one standard error away: how many are asked for?": (
            lambda **own: _users_needed(**own, errors=1)
        ),
        "n stands under a root: square both sides": (
            lambda **own: _users_needed(**own, power=1)
        ),
        "square the number of standard errors as well": (
            lambda **own: 2 * _users_needed(**own, errors=1)
        ),
        "the deviation is that of the differences already: nothing doubles": (
            lambda **own: 2 * _users_needed(**own)
        ),
        "two standard errors are asked for, not 1.96": (
            lambda **own: _users_needed(**own, errors=1.96)
        ),
    },
    numbers={
        "deviation": [0.07, 0.04, 0.05, 0.06, 0.08, 0.09, 0.10, 0.12, 0.15],
        "difference": [0.003, 0.002, 0.004, 0.005, 0.006, 0.008, 0.010],
    },
    where=lambda **own: 100 < _users_needed(**own) < 25_000,
)


def _bob(new=True, liked=4):
    """Precision, average precision and nDCG at 3 of popularity, Bob being new."""
    toy = datasets.load_toy()
    bob = toy.user_ids.tolist().index("Bob")
    others = toy.items[(toy.users != bob) | (not new)]
    ranked = np.argsort(-np.bincount(others, minlength=toy.n_items), kind="stable")[
        None
    ]
    relevant = sparse.csr_array(toy.csr[[bob]].toarray() >= liked)
    measures = metrics.precision, metrics.average_precision, metrics.ndcg
    return [float(measure(ranked, relevant, 3)[0]) for measure in measures]


def _bob_by_hits(ap=True, ndcg=True):
    """The same, divided by the hits that there were in place of those possible."""
    p, right, gain = _bob()
    best = 1 + 1 / np.log2(3)
    return [
        p,
        right * 3 / 2 if ap else right,
        gain * (best + 0.5) / best if ndcg else gain,
    ]


exercise_value(
    "1.4-bob",
    _bob,
    "[P@3, AP@3, nDCG@3]",
    atol=0.005,
    slips={
        "AP divides by how many hits were possible, not by how many there were": (
            lambda: _bob_by_hits(ndcg=False)
        ),
        "nDCG compares with the best list: is there more that Bob likes?": (
            lambda: _bob_by_hits(ap=False)
        ),
        "AP and nDCG divide by what was possible, not by the hits there were": (
            _bob_by_hits
        ),
        "Bob's own ratings do not count when the films are ranked": (
            lambda: _bob(new=False)
        ),
        "Bob likes what he gave four stars, too": lambda: _bob(liked=5),
    },
)


def _hit_lists():
    rng = np.random.default_rng(14)
    cases = [((rng.random(k) < 0.4).astype(int), k + 2) for k in (3, 5, 8)]
    return [*cases, (np.array([1, 0, 1, 0, 0]), 2), (np.array([0, 0, 0]), 4)]


def _average_precision(hits, n_relevant):
    hits = np.asarray(hits)
    precisions = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return (hits * precisions).sum() / min(len(hits), n_relevant)


_AP_SLIPS = {
    "a perfect list would score less than 1 for a user who likes more than k items": (
        lambda hits, n_relevant: (
            _average_precision(hits, n_relevant)
            * min(len(hits), n_relevant)
            / n_relevant
        )
    ),
    "a perfect list would score less than 1 for a user who likes fewer than k items": (
        lambda hits, n_relevant: _average_precision(hits, len(hits))
    ),
    "divide by how many hits were possible, not by how many there were": (
        lambda hits, n_relevant: (
            _average_precision(hits, 1) / hits.sum() if hits.any() else 0.0
        )
    ),
    "the first position is 1, not 0": (
        lambda hits, n_relevant: (
            (hits * np.cumsum(hits) / np.arange(len(hits))).sum()
            / min(len(hits), n_relevant)
        )
    ),
    "your sum takes in positions without a hit: count only those with one": (
        lambda hits, n_relevant: (
            (np.cumsum(hits) / np.arange(1, len(hits) + 1)).sum()
            / min(len(hits), n_relevant)
        )
    ),
}
exercise_function(
    "1.4-average-precision", _average_precision, _hit_lists, "AP", slips=_AP_SLIPS
)


def _logs():
    rng = np.random.default_rng(41)
    cases = []
    for n_users, n, n_days in [(3, 11, 30), (5, 17, 4), (4, 14, 2)]:
        cases.append((rng.integers(0, n_users, n), rng.integers(0, n_days, n)))
    return [*cases, (np.array([0, 1, 1]), np.array([5, 5, 5]))]


def _last_of_each(users, timestamps, of_tie=-1, least=2):
    mask = np.zeros(len(users), dtype=bool)
    for user in np.unique(users):
        rows = np.flatnonzero(users == user)
        newest = rows[timestamps[rows] == timestamps[rows].max()]
        mask[newest[of_tie]] = len(rows) >= least  # a tie goes to the last row
    return mask


_LAST_SLIPS = {
    "only one rating of a user is the last, even if several have its timestamp": (
        lambda *case: _last_of_each(*case, of_tie=slice(None))
    ),
    "of equal timestamps the one that comes last in the log is the last": (
        lambda *case: _last_of_each(*case, of_tie=0)
    ),
    "a user with a single rating keeps it for training": (
        lambda *case: _last_of_each(*case, least=1)
    ),
    "the log is not sorted by time: the timestamps show what came last": (
        lambda users, timestamps: _last_of_each(users, 0 * timestamps)
    ),
}
exercise_function("1.4-last-one", _last_of_each, _logs, "the mask", slips=_LAST_SLIPS)


def _user_values():
    rng = np.random.default_rng(3)
    cases = []
    for n in (4, 9, 20):
        values = rng.random(n)
        values[rng.integers(n)] = np.nan
        cases.append(values)
    return [*cases, np.array([1.0, np.nan, 0.0])]


def _summary(values, ddof=1, power=0.5):
    real = values[~np.isnan(values)]
    return real.mean(), real.std(ddof=ddof) / len(real) ** power, len(real)


_SUMMARY_SLIPS = {
    "NumPy's std divides by n unless ddof is given": (
        lambda values: _summary(values, ddof=0)
    ),
    "n is the number of users in the mean, not the length of the array": (
        lambda values: (
            np.nanmean(values),
            np.nanstd(values, ddof=1) / np.sqrt(len(values)),
            len(values),
        )
    ),
    "users with nothing relevant are left out: theirs is not a 0": (
        lambda values: _summary(np.nan_to_num(values))
    ),
    "that is how far users are apart: the error of their mean is smaller": (
        lambda values: _summary(values, power=0.0)
    ),
}
exercise_function(
    "1.4-summary", _summary, _user_values, "(mean, SE, n)", slips=_SUMMARY_SLIPS
)


def _chance(above, n_candidates, n_sampled, k):
    ways = [
        math.comb(above, j) * math.comb(n_candidates - above, n_sampled - j)
        for j in range(min(k, n_sampled + 1))
    ]
    return sum(ways) / math.comb(n_candidates, n_sampled)


def _with_return(above, n_candidates, n_sampled, k):
    p, n = above / n_candidates, n_sampled
    ways = [math.comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(min(k, n + 1))]
    return sum(ways)


_CHANCE_SLIPS = {
    "with k of them above it the item itself has rank k + 1": (
        lambda above, n_candidates, n_sampled, k: _chance(
            above, n_candidates, n_sampled, k + 1
        )
    ),
    "a sample with none of those above is a hit too: where does the sum start?": (
        lambda *case: _chance(*case) - _chance(*case[:-1], 1)
    ),
    "that is the binomial, but here no item is drawn twice": _with_return,
}
exercise_function(
    "1.4-chance",
    _chance,
    [(150, 1600, 100, 10), (3, 10, 4, 2), (0, 50, 10, 1), (400, 1600, 20, 5)],
    "the probability",
    slips=_CHANCE_SLIPS,
)
