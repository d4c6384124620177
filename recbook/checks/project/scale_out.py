"""Checks of chapter 5.7, the same factorization on many machines."""

import math

import numpy as np

from recbook import datasets
from recbook.checks import exercise_function, exercise_value


def _copies(receivers, things, n_blocks):
    """Pairs of a thing and a block in which somebody asks for it, one by one."""
    pairs = zip(things.tolist(), receivers.tolist(), strict=True)
    return {(thing, receiver % n_blocks) for thing, receiver in pairs}


def _three_blocks():
    toy = datasets.load_toy()
    return len(_copies(toy.users, toy.items, 3))


exercise_value("5.7-three", _three_blocks, "the number of vectors")


def _imbalance(counts, n_blocks):
    work = [0.0] * n_blocks
    for code, count in enumerate(counts):
        work[code % n_blocks] += count
    return max(work) / (sum(work) / n_blocks)


def _counts():
    rng = np.random.default_rng(571)
    return [(rng.integers(1, 40, 23), n) for n in (2, 5, 30)] + [(np.ones(6), 3)]


exercise_function("5.7-imbalance", _imbalance, _counts, what="the ratio")


def _crossing(users, items, n_blocks, n_factors):
    out = [(i, b) for i, b in _copies(users, items, n_blocks) if b != i % n_blocks]
    back = [(u, b) for u, b in _copies(items, users, n_blocks) if b != u % n_blocks]
    return 4 * n_factors * (len(out) + len(back))


def _tables():
    rng = np.random.default_rng(572)
    cases = []
    for m, n, n_blocks, f in [(9, 7, 2, 10), (8, 12, 3, 4), (6, 5, 1, 3), (5, 5, 9, 2)]:
        users, items = (rng.random((m, n)) < 0.4).nonzero()
        cases.append((users, items, n_blocks, f))
    return cases


exercise_function("5.7-bytes", _crossing, _tables, what="the number of bytes")


def _from_sums(parts, reg):
    n = sum(count for _, _, count in parts)
    f = len(parts[0][1])
    if n == 0:
        return np.zeros(f)
    A = sum((A for A, _, _ in parts), np.zeros((f, f)))
    a = sum((a for _, a, _ in parts), np.zeros(f))
    return np.linalg.solve(A + reg * n * np.eye(f), a)


def _sums():
    rng = np.random.default_rng(573)
    cases = []
    for sizes, f, reg in [((3, 2), 2, 0.1), ((4, 0, 5), 3, 0.7), ((0, 0), 2, 0.5)]:
        sums = []
        for n in sizes:
            q, r = rng.normal(size=(n, f)), rng.integers(1, 6, n).astype(float)
            sums.append((q.T @ q, q.T @ r, n))
        cases.append((sums, reg))
    return cases


exercise_function("5.7-sums", _from_sums, _sums, what="p", atol=1e-6)


def _merged(lists, k):
    everything = [pair for one in lists for pair in one]
    best = sorted(everything, key=lambda pair: (-pair[1], pair[0]))[:k]
    return [code for code, _ in best]


def _shards():
    rng = np.random.default_rng(574)
    cases = []
    for n_shards, n, k in [(2, 5, 3), (4, 3, 5), (3, 2, 9)]:  # the last has too few
        codes = rng.permutation(50)[: n_shards * n].tolist()
        scores = (rng.integers(0, 6, n_shards * n) / 2).tolist()  # with ties
        pairs = list(zip(codes, scores, strict=True))
        shards = [pairs[s::n_shards] for s in range(n_shards)]
        shards = [sorted(own, key=lambda p: (-p[1], p[0])) for own in shards]
        shards[0] = shards[0][: len(shards[0]) // 2]  # a short list
        cases.append((shards, k))
    cases.append(([[], [(7, 3.0), (2, 2.5), (9, 2.0)], [(4, 1.0)]], 3))  # all of one
    return cases


exercise_function("5.7-merge", _merged, _shards, what="the list of codes")


def _join(small, large, n_blocks):
    broadcast, shuffle = n_blocks * small, small + large
    return ("broadcast", broadcast) if broadcast <= shuffle else ("shuffle", shuffle)


exercise_function(
    "5.7-join",
    _join,
    [
        (100, 10_000, 4),
        (100, 10_000, 200),
        (5_000, 6_000, 2),
        (5_000, 6_000, 3),
        (200, 600, 4),  # both cost the same
    ],
    what="(plan, bytes)",
)


def _n_shards(n_rows, n_factors, copies, memory, share):
    per_row = 4 * n_factors * copies
    return max(1, math.ceil(n_rows / (share * memory // per_row)))


exercise_function(
    "5.7-shards",
    _n_shards,
    [
        (2_000_000_000, 64, 1, 64e9, 0.5),
        (2_000_000_000, 64, 3, 64e9, 0.5),
        (1_682, 50, 3, 1e9, 0.5),
        (10, 2, 1, 16.0, 1.0),
        (9, 1, 1, 10.0, 1.0),  # a row is not cut in two
        (5, 1, 1, 14.0, 0.5),  # nor a half of the whole machine's rows
    ],
    what="the number of machines",
)
