"""Four ranking metrics at k = 10 beside ranx: same lists, same relevance, same machine.

``rows()`` measures, ``parity()`` raises where the two disagree. ranx works on its own
``Qrels`` and ``Run`` objects, ours on arrays; the time to build either is reported
apart and is not in the ratio.
"""

import functools
import time

import numpy as np
from ranx import Qrels, Run, evaluate
from scipy import sparse

from recbook import metrics
from tests.benchmarks.peers.clock import medians

K = 10
REPEATS = 7
TARGET = 9.0
SIZES = {"100K-shaped": (943, 1682, 100), "1M-shaped": (6040, 3706, 100)}
OURS = {
    "precision": metrics.precision,
    "recall": metrics.recall,
    "ndcg": metrics.ndcg,
    "reciprocal_rank": metrics.reciprocal_rank,
}
THEIRS = ["precision@10", "recall@10", "ndcg@10", "mrr@10"]


def make(n_users, n_items, width, seed=0):
    """Random lists of ``width`` items, and from 1 to 39 relevant items a user."""
    rng = np.random.default_rng(seed)
    order = [rng.permutation(n_items)[: width + 40] for _ in range(n_users)]
    ranked = np.array([row[:width] for row in order])
    # Half of what is relevant comes from the list, so that there are hits to count.
    liked = [rng.choice(row, rng.integers(1, 40), replace=False) for row in order]
    users = np.repeat(np.arange(n_users), [len(row) for row in liked])
    pairs = (np.ones(users.size), (users, np.concatenate(liked)))
    return ranked, sparse.csr_array(pairs, shape=(n_users, n_items))


def to_ranx(ranked, relevant):
    """Write the same in ranx's form, with scores that fall from place to place."""
    names = np.arange(relevant.shape[1]).astype(str)
    qrels = {
        str(u): dict.fromkeys(names[relevant.indices[start:stop]].tolist(), 1)
        for u, (start, stop) in enumerate(
            zip(relevant.indptr[:-1], relevant.indptr[1:], strict=True)
        )
    }
    scores = np.arange(ranked.shape[1], 0, -1, dtype=float).tolist()
    run = {
        str(u): dict(zip(names[row].tolist(), scores, strict=True))
        for u, row in enumerate(ranked)
    }
    return Qrels(qrels), Run(run)


def ours(ranked, relevant):
    return [metric(ranked, relevant, K) for metric in OURS.values()]


def theirs(qrels, run):
    return evaluate(qrels, run, THEIRS, return_mean=False)


def seconds(call):
    start = time.perf_counter()
    result = call()
    return result, time.perf_counter() - start


@functools.cache
def first_calls():
    """Seconds of the first call of each, with what numba has to compile."""
    ranked, relevant = make(20, 200, 20)
    qrels, run = to_ranx(ranked, relevant)
    return (
        seconds(lambda: ours(ranked, relevant))[1],
        seconds(lambda: theirs(qrels, run))[1],
    )


def parity():
    """Raise unless each metric agrees with ranx for each user to 1e-12."""
    first_calls()
    ranked, relevant = make(*SIZES["100K-shaped"])
    qrels, run = to_ranx(ranked, relevant)
    peer = theirs(qrels, run)
    place = [list(run.keys()).index(str(u)) for u in range(len(ranked))]
    for name, metric in zip(THEIRS, OURS.values(), strict=True):
        np.testing.assert_allclose(
            metric(ranked, relevant, K), peer[name][place], atol=1e-12, err_msg=name
        )


def rows():
    """One dict a size: seconds of both, their ratio and the ratio aimed at."""
    compiled = "ours {:.1f} s, ranx {:.1f} s".format(*first_calls())
    table = []
    for size, shape in SIZES.items():
        ranked, relevant = make(*shape)
        (qrels, run), building = seconds(lambda r=ranked, s=relevant: to_ranx(r, s))
        ours_s, peer_s = medians(
            lambda r=ranked, s=relevant: ours(r, s),
            lambda q=qrels, r=run: theirs(q, r),
            repetitions=REPEATS,
        )
        table.append(
            {
                "benchmark": f"precision, recall, nDCG and MRR at {K}",
                "size": f"{size}: {shape[0]} lists of {shape[2]}",
                "ours_s": ours_s,
                "peer": "ranx",
                "peer_s": peer_s,
                "ratio": peer_s / ours_s,
                "target": TARGET,
                "note": (
                    f"ranx's objects built in {building:.2f} s, not counted; first "
                    f"call, compiled or from the cache: {compiled}"
                ),
            }
        )
    return table
