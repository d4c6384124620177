"""Checks of chapter 5.7, the same factorization on many machines."""

import functools
import math

import numpy as np

from recbook import datasets
from recbook.checks import exercise_function, exercise_value


def _copies(receivers, things, n_blocks):
    """Pairs of a thing and a block in which somebody asks for it, one by one."""
    pairs = zip(things.tolist(), receivers.tolist(), strict=True)
    return {(thing, receiver % n_blocks) for thing, receiver in pairs}


def _three_blocks(of_people=False, in_runs=False, at_home=True):
    toy = datasets.load_toy()
    people = toy.users // 2 if in_runs else toy.users
    sides = (toy.items, people) if of_people else (people, toy.items)
    return sum(at_home or thing % 3 != to for thing, to in _copies(*sides, 3))


exercise_value(
    "5.7-three",
    _three_blocks,
    "the number of vectors",
    slips={
        "one vector serves all people of a block": lambda: 20,
        "a film is sent to each block in which somebody rated it": lambda: 6,
        "a block in which nobody rated a film does not need it": lambda: 6 * 3,
        "that is the other half, in which the films are solved": (
            lambda: _three_blocks(of_people=True)
        ),
        "people are dealt one by one, not in runs": lambda: _three_blocks(in_runs=True),
        "those that stay at home are counted, too": lambda: _three_blocks(
            at_home=False
        ),
    },
)


def _work(counts, n_blocks):
    work = np.zeros(n_blocks)
    for code, count in enumerate(counts):
        work[code % n_blocks] += count
    return work


def _busiest_share(work):
    return work.max() / work.mean()


def _imbalance(counts, n_blocks):
    return _busiest_share(_work(counts, n_blocks))


def _by_ranges(counts, n_blocks):
    stretches = np.array_split(counts, n_blocks)
    return _busiest_share(np.array([stretch.sum() for stretch in stretches]))


IMBALANCE = {
    "an idle block is a block, too, and belongs in the mean": (
        lambda *case: _busiest_share(_work(*case)[_work(*case) > 0])
    ),
    "the work is the number of ratings, not the number of codes": (
        lambda counts, n: _imbalance(np.ones_like(counts), n)
    ),
    "codes are dealt one by one: a block is no stretch of neighbours": _by_ranges,
    "that is the work of the busiest block alone": lambda *case: _work(*case).max(),
    "divide by the mean of all blocks, not by the least busy one": (
        lambda *case: _work(*case).max() / max(_work(*case).min(), 1)
    ),
    "that is the busiest block's fraction of all the work": (
        lambda *case: _work(*case).max() / _work(*case).sum()
    ),
}


def _counts():
    rng = np.random.default_rng(571)
    return [(rng.integers(1, 40, 23), n) for n in (2, 5, 30)] + [(np.ones(6), 3)]


exercise_function(
    "5.7-imbalance", _imbalance, _counts, what="the ratio", slips=IMBALANCE
)


def _trips(receivers, things, n_blocks):
    return {
        (thing, block)
        for thing, block in _copies(receivers, things, n_blocks)
        if block != thing % n_blocks
    }


def _crossing(users, items, n_blocks, n_factors, trips=_trips, size=4):
    """With other ``trips`` or bytes in a number: a slip."""
    out, back = trips(users, items, n_blocks), trips(items, users, n_blocks)
    return size * n_factors * (len(out) + len(back))


def _every_time(receivers, things, n_blocks):
    return np.flatnonzero(receivers % n_blocks != things % n_blocks)


BYTES = {
    "a vector that is asked for in its own block counts here: it does not cross": (
        functools.partial(_crossing, trips=_copies)
    ),
    "a vector counts for each who asks: it is sent to a block once": (
        functools.partial(_crossing, trips=_every_time)
    ),
    "a round has two halves: the people's vectors travel as well": (
        lambda users, items, n, f: 4 * f * len(_trips(users, items, n))
    ),
    "a round has two halves: the films' vectors travel as well": (
        lambda users, items, n, f: 4 * f * len(_trips(items, users, n))
    ),
    "that is a number of numbers: each has 4 bytes": (
        functools.partial(_crossing, size=1)
    ),
    "a number has 4 bytes here, not 8": functools.partial(_crossing, size=8),
    "that is a number of vectors: each has n_factors numbers of 4 bytes": (
        lambda users, items, n, f: _crossing(users, items, n, 1, size=1)
    ),
}


def _tables():
    rng = np.random.default_rng(572)
    cases = []
    for m, n, n_blocks, f in [(9, 7, 2, 10), (8, 12, 3, 4), (6, 5, 1, 3), (5, 5, 9, 2)]:
        users, items = (rng.random((m, n)) < 0.4).nonzero()
        cases.append((users, items, n_blocks, f))
    return cases


exercise_function(
    "5.7-bytes", _crossing, _tables, what="the number of bytes", slips=BYTES
)


def _from_sums(parts, reg, penalty=lambda n, n_parts: n):
    """With a penalty that grows otherwise: a slip."""
    A, a, n = (sum(column) for column in zip(*parts, strict=True))
    if n == 0:
        return np.zeros(len(a))
    return np.linalg.solve(A + reg * penalty(n, len(parts)) * np.eye(len(a)), a)


def _part_by_part(parts, reg):
    found = [_from_sums([part], reg) for part in parts]
    return np.mean(found, axis=0)


def _weighted_parts(parts, reg):
    counts = [n for *_, n in parts]
    found = [_from_sums([part], reg) * part[2] for part in parts]
    return np.sum(found, axis=0) / max(sum(counts), 1)


SUMS = {
    "the penalty lacks the number of ratings": (
        functools.partial(_from_sums, penalty=lambda n, n_parts: 1)
    ),
    "each part brings the whole penalty here: it is to come once": (
        functools.partial(_from_sums, penalty=lambda n, n_parts: n * n_parts)
    ),
    "the penalty counts parts here: it is to count ratings": (
        functools.partial(_from_sums, penalty=lambda n, n_parts: n_parts)
    ),
    "the penalty is missing": (
        functools.partial(_from_sums, penalty=lambda n, n_parts: 0)
    ),
    "add the sums up first and solve once: a mean of solutions is none": _part_by_part,
    "add the sums up first and solve once: weights do not fix a mean of solutions": (
        _weighted_parts
    ),
}


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


exercise_function("5.7-sums", _from_sums, _sums, what="p", atol=1e-6, slips=SUMS)


def _best_pairs(lists, k, tie=lambda code: code):
    """With another order of equal scores: a slip."""
    everything = [pair for one in lists for pair in one]
    return sorted(everything, key=lambda pair: (-pair[1], tie(pair[0])))[:k]


def _merged(*case, **slip):
    return [code for code, _ in _best_pairs(*case, **slip)]


MERGE = {
    "equal scores come by smaller code, not by the shard they are from": (
        functools.partial(_merged, tie=lambda code: 0)
    ),
    "of equal scores the smaller code goes first: yours has the larger one first": (
        functools.partial(_merged, tie=lambda code: -code)
    ),
    "all of the best may come from one shard: do not take as many from each": (
        lambda lists, k: _merged([one[: -(-k // len(lists))] for one in lists], k)
    ),
    "one list after the other is not best first": (
        lambda lists, k: [code for one in lists for code, _ in one][:k]
    ),
    "only the codes are asked for, not their scores": _best_pairs,
}


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


exercise_function("5.7-merge", _merged, _shards, what="the list of codes", slips=MERGE)


def _cheaper(broadcast, shuffle):
    return ("broadcast", broadcast) if broadcast <= shuffle else ("shuffle", shuffle)


def _join(small, large, n_blocks):
    return _cheaper(n_blocks * small, small + large)


def _shuffled_if_equal(small, large, n_blocks):
    broadcast, shuffle = n_blocks * small, small + large
    return ("broadcast", broadcast) if broadcast < shuffle else ("shuffle", shuffle)


JOIN = {
    "where both cost the same this shuffles: it is to broadcast": _shuffled_if_equal,
    "broadcasting gives all of the small table to every block": (
        lambda small, large, n_blocks: _cheaper(small, small + large)
    ),
    "shuffling moves the small table, too": (
        lambda small, large, n_blocks: _cheaper(n_blocks * small, large)
    ),
    "the large table stays where it is when the small one is broadcast": (
        lambda small, large, n_blocks: _cheaper(n_blocks * small + large, small + large)
    ),
}


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
    slips=JOIN,
)


def _n_shards(n_rows, n_factors, copies, memory, share, size=4, rounded=math.ceil):
    """With numbers of another ``size``, or rounded otherwise: a slip."""
    per_row = size * n_factors * copies
    return max(1, rounded(n_rows / (share * memory // per_row)))


def _rows_cut(n_rows, n_factors, copies, memory, share):
    return max(1, math.ceil(n_rows * 4 * n_factors * copies / (share * memory)))


MACHINES = {
    "rounded down, the last rows have no machine": (
        functools.partial(_n_shards, rounded=math.floor)
    ),
    "a row is not cut in two: how many whole rows has a machine room for?": _rows_cut,
    "each number is kept once here: it is to be kept several times": (
        lambda n_rows, n_factors, copies, *rest: _n_shards(n_rows, n_factors, 1, *rest)
    ),
    "all of a machine's memory goes to the table here: only a share may": (
        lambda *case: _n_shards(*case[:-1], 1.0)
    ),
    "that counts numbers as bytes: each number has 4": functools.partial(
        _n_shards, size=1
    ),
}


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
    slips=MACHINES,
)
