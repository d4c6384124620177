"""What the kernels compute on a whole data set: natively and in a browser the same.

Usage: python tests/page_python/equality.py [NAME ...]

Prints a line of JSON: for each name numbers of its result. In a browser a kernel that
is not compiled for the types of a call would run as plain Python: here it is an error.
"""

import json
import sys
import time
from functools import cache

import numpy as np

import recbook
from recbook import datasets, evaluation, metrics, similarity
from recbook.marketing import bandits, ctr, pacing, worlds
from recbook.marketing.retrieval import merge

SHORT = {"n_iterations": 6, "burn_in": 2, "n_chains": 1}


@cache
def fold():
    """The first fold of the embedded data, which is as large as the real one."""
    return datasets.load_ml100k(source="embedded").fold(1)


def rated(model, **test):
    """Predictions of a fitted model for the test ratings."""
    test = fold()[1]
    return model.fit(fold()[0]).predict(test.users, test.items)


def scored(model):
    return model.fit(fold()[0]).scores(np.arange(0, 943, 9))


def ranked():
    train, test = fold()
    model, users = recbook.Popularity().fit(train), np.arange(train.n_users)
    lists = model.recommend(users, k=10, exclude=train)
    some = lists[:, :5], test.csr, 5
    report = evaluation.ranking_report(model, train, test)
    values = [metrics.ndcg(lists, test.csr, 10), metrics.recall(*some)]
    return [*values, report["mean"].to_numpy()]


def over_time():
    train, test = fold()
    model = recbook.BayesianMF(time=(3.6e3, 8.64e4), **SHORT).fit(train)
    return model.predict(test.users, test.items, timestamps=test.timestamps)


def clicks(make):
    rng = np.random.default_rng(0)
    X = rng.integers(2000, size=(20_000, 4))
    y = rng.random(20_000) < 1 / (2 + X[:, 0] % 5)
    return make(2000).fit(X, y).predict(X)


def calibrated():
    rng = np.random.default_rng(0)
    p = rng.random(20_000)
    return ctr.Isotonic().fit(p, (rng.random(20_000) < p**2) * 1.0).predict(p)


def played(policy, contexts=None):
    """Regret of a policy, which is then asked for a choice and told its outcome."""
    means = np.random.default_rng(0).random((6, policy.n_actions)) / 10
    regret = bandits.simulate(
        policy, means, 3000, n_repeats=2, contexts=contexts, batch=1
    )
    late = bandits.simulate(policy, means, 500, contexts=contexts, batch=50)
    told = []
    for _ in range(50):
        action = policy.choose(np.ones(3))[0]
        policy.update(action, float(action % 2), np.ones(3))
        told.append(action)
    return [regret, late, np.array(told)]


def seen():
    return np.random.default_rng(1).random((6, 3))


def bounds():
    policy = bandits.UCB1(4)
    return [*played(policy), np.asarray(policy.bounds())]


def market():
    played = worlds.market(4).play()
    parts = played if isinstance(played, tuple) else vars(played).values()
    return [np.asarray(part, float) for part in parts if np.ndim(part)]


def paced():
    day = worlds.day(20_000)
    run = pacing.pace(day.values, day.prices, budget=20.0, step=0.5)
    return [run.multipliers, np.array([run.spend, run.value])]


def merged():
    lists = np.argsort(np.random.default_rng(0).random((500, 60)), axis=1)
    return merge([lists[:, :20], lists[:, 15:40], lists[:, :30]], 25)


def measures(over, **more):
    """All entries of each similarity between people."""
    R, whole = fold()[0].csr, []
    for measure in ("cosine", "pearson", "adjusted_cosine"):
        whole.append(getattr(similarity, measure)(R, over=over, **more))
    return whole


CASES = {
    "similarities": lambda: measures("corated"),
    "similarities over all": lambda: measures("all", min_support=3, shrinkage=10.0),
    "similarities of items": lambda: similarity.pearson(fold()[0].csr.T.tocsr()),
    "jaccard": lambda: similarity.jaccard(fold()[0].csr),
    "ranking metrics": ranked,
    "UserKNN": lambda: rated(recbook.UserKNN()),
    "ItemKNN": lambda: rated(recbook.ItemKNN()),
    "ItemKNN scores": lambda: scored(recbook.ItemKNN(feedback="implicit")),
    "MatrixFactorization": lambda: rated(recbook.MatrixFactorization()),
    "SVDpp": lambda: rated(recbook.SVDpp()),
    "ALS": lambda: rated(recbook.ALS()),
    "ImplicitALS": lambda: scored(recbook.ImplicitALS()),
    "BPR": lambda: scored(recbook.BPR()),
    "EASE": lambda: scored(recbook.EASE()),
    "EDLAE": lambda: scored(recbook.EDLAE()),
    "SLIM": lambda: scored(recbook.SLIM()),
    "BayesianMF": lambda: rated(recbook.BayesianMF(**SHORT)),
    "BayesianMF in time": over_time,
    "FTRL": lambda: clicks(ctr.FTRL),
    "HashedFM": lambda: clicks(ctr.HashedFM),
    "Isotonic": calibrated,
    "BetaThompson": lambda: played(bandits.BetaThompson(4)),
    "EpsilonGreedy": lambda: played(bandits.EpsilonGreedy(4)),
    "LinUCB": lambda: played(bandits.LinUCB(4, 3), seen()),
    "LinThompson": lambda: played(bandits.LinThompson(4, 3), seen()),
    "UCB1": bounds,
    "market": market,
    "pacing": paced,
    "InBatchTowers": lambda: scored(recbook.InBatchTowers(n_epochs=2)),
    "merge": merged,
}


def digest(result):
    """Some numbers of each array: its shape, sums and evenly spread entries."""
    out = []
    for array in result if isinstance(result, list | tuple) else [result]:
        values = np.nan_to_num(np.asarray(array, dtype=float).ravel(), nan=-1.0)
        some = values[np.linspace(0, values.size - 1, 60).astype(np.int64)]
        out.append([*np.shape(array), values.sum(), values @ values, *some])
    return [[float(value) for value in numbers] for numbers in out]


def results(names=()):
    """Return the digest of each case, or of some, and its seconds."""
    found, seconds = {}, {}
    for name in names or CASES:
        start = time.perf_counter()
        found[name] = digest(CASES[name]())
        seconds[name] = round(time.perf_counter() - start, 2)
    return found, seconds


def forbid_plain_python():
    """Make it an error that a kernel is not compiled for the types of a call."""
    if "pyodide" in sys.modules:
        from recbook._core import wasm

        wasm.fallback = False


if __name__ == "__main__":
    forbid_plain_python()
    found, seconds = results(sys.argv[1:])
    print(json.dumps(seconds), file=sys.stderr)
    print(json.dumps(found))
