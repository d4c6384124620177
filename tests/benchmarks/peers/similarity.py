"""All-pairs similarity beside Surprise: time, peak memory and equal numbers.

Both sides get their own structure ready-made (Surprise: its dict of
lists; we: a csr array); neither starts a second thread, so the processor time
that is counted hardly depends on what else the machine does. Real MovieLens-100K
where it can be had, and a seeded draw of MovieLens-1M's size.
"""

import subprocess
import sys
import time

import numpy as np
from scipy import sparse

from recbook import datasets, similarity
from tests.benchmarks.peers.clock import medians

MEASURES = {
    "cosine": similarity.cosine,
    "pearson": lambda X, **options: similarity.pearson(X, mean="corated", **options),
}
TARGETS = {"100K": 9.0, "1M": 20.0}
MEMORY_TARGET = 2.0  # times the size of the result


def like_ml1m(n_users=6040, n_items=3706, n_ratings=1_000_209, seed=0):
    """Ratings of MovieLens-1M's size: few popular items, few busy users."""
    rng = np.random.default_rng(seed)
    activity = rng.lognormal(0, 1, n_users)
    popularity = 1 / (np.arange(n_items) + 60) ** 1.1
    cells = np.zeros(0, dtype=np.int64)
    while len(cells) < n_ratings:
        users = rng.choice(n_users, n_ratings, p=activity / activity.sum())
        items = rng.choice(n_items, n_ratings, p=popularity / popularity.sum())
        cells = np.unique(np.concatenate([cells, users * n_items + items]))
    users, items = np.divmod(rng.permutation(cells)[:n_ratings], n_items)
    P, Q = rng.normal(size=(n_users, 4)), rng.normal(size=(n_items, 4))
    values = 3.5 + 0.4 * (P[users] * Q[items]).sum(axis=1)
    values = np.rint(values + 0.5 * rng.normal(size=n_ratings)).clip(1, 5)
    return sparse.csr_array((values, (users, items)), shape=(n_users, n_items))


def tables():
    """Yield (size, what the rows are, matrix)."""
    small = datasets.load_ml100k().ratings.csr
    for size, R in (("100K", small), ("1M", like_ml1m())):
        yield size, "users", R
        yield size, "items", sparse.csr_array(R.T)


def peer_lists(X):
    """Surprise's input: for each column the list of its (row, rating)."""
    columns = sparse.csc_array(X)
    ends = columns.indptr
    return {
        i: list(
            zip(
                columns.indices[ends[i] : ends[i + 1]].tolist(),
                columns.data[ends[i] : ends[i + 1]].tolist(),
                strict=True,
            )
        )
        for i in range(X.shape[1])
    }


def parity(tolerance=1e-6):
    """Raise unless we and Surprise give the same numbers off the diagonal."""
    from surprise import similarities as peer

    R = datasets.load_ml100k().ratings.csr
    for X in (R, sparse.csr_array(R.T)):
        lists = peer_lists(X)
        for name, measure in MEASURES.items():
            for min_support in (1, 5):
                theirs = getattr(peer, name)(X.shape[0], lists, min_support)
                ours = measure(X, min_support=min_support)
                np.fill_diagonal(ours, 0)
                np.fill_diagonal(theirs, 0)
                np.testing.assert_allclose(ours, theirs, atol=tolerance, rtol=0)


MEMORY_SCRIPT = """
from tests.benchmarks.peers.similarity import MEASURES, like_ml1m
measure = MEASURES[{name!r}]
X = like_ml1m()
measure(X[:50])  # compiled, or read from its cache
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # the peak is counted from here
def status(key):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(key))
before = status("VmRSS")
S = measure(X)
print((status("VmHWM") - before) * 1024 / S.nbytes)
"""


def peak_memory(name):
    """Peak of resident memory, in a process of its own, over the result's size."""
    script = MEMORY_SCRIPT.format(name=name)
    run = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    return float(run.stdout)


def first_call(name):
    """Seconds of the first call in this process: compilation, or its cache."""
    start = time.process_time()
    MEASURES[name](np.eye(3))
    return time.process_time() - start


def rows():
    """Measure; each row is a dict with the keys that every benchmark shares."""
    from surprise import similarities as peer

    compiled = {name: first_call(name) for name in MEASURES}
    found = []
    for size, side, X in tables():
        lists = peer_lists(X)
        for name, measure in MEASURES.items():
            theirs = getattr(peer, name)
            ours_s, peer_s = medians(
                lambda m=measure, X=X: m(X),
                lambda f=theirs, X=X, y=lists: f(X.shape[0], y, 1),
            )
            found.append(
                {
                    "benchmark": f"similarity: {name}, {side}",
                    "size": f"{size} {X.shape[0]}×{X.shape[1]}",
                    "ours_s": ours_s,
                    "peer": "Surprise",
                    "peer_s": peer_s,
                    "ratio": peer_s / ours_s,
                    "target": TARGETS[size],
                    "note": f"first call {compiled[name]:.1f} s more",
                }
            )
    for name in MEASURES:
        found.append(
            {
                "benchmark": f"similarity: {name}, peak memory over result",
                "size": "1M 6040×3706",
                "ours_s": None,
                "peer": "size of the result",
                "peer_s": None,
                "ratio": peak_memory(name),
                "target": MEMORY_TARGET,
                "note": "at most the target; resident memory of the call",
            }
        )
    return found
