"""Fit and predict of u1 by neighbours, beside Surprise's KNNBasic and KNNWithMeans.

``rows()`` measures, ``parity()`` raises where the two disagree by more than 1e-6. They
are held equal where the definitions are: at least one neighbour of positive weight
(with none, Surprise says the mean and we add the known biases), and no tie between the
last neighbour counted and the first left out. Such ties are common, because one
co-rated item makes every cosine 1; both sides then take the first in their own order,
but a difference in the last digit is enough to change who that is.
"""

import functools
import time

import numpy as np
from surprise import Dataset, KNNBasic, KNNWithMeans, Reader

from recbook import datasets, similarity
from recbook.neighbors import ItemKNN, UserKNN
from tests.benchmarks.peers.clock import medians

TARGET = 20.0
K = 40


def corated_pearson(X):
    """Return Surprise's Pearson: the means are over the co-rated entries."""
    return similarity.pearson(X, mean="corated")


MEASURES = {"cosine": "cosine", "pearson": corated_pearson}
CENTERS = {"none": KNNBasic, "mean": KNNWithMeans}
MODELS = {True: UserKNN, False: ItemKNN}


@functools.cache
def data():
    """Return (train, test, name) of u1, and Surprise's form of the two."""
    import pandas as pd

    movielens = datasets.load_ml100k()
    train, test = movielens.fold(1)
    order = np.lexsort((train.items, train.users))  # so that inner ids follow codes
    columns = (train.users[order], train.items[order], train.values[order])
    frame = pd.DataFrame(dict(zip(("user", "item", "rating"), columns, strict=True)))
    low, high = train.values.min(), train.values.max()
    trainset = Dataset.load_from_df(
        frame, Reader(rating_scale=(low, high))
    ).build_full_trainset()
    pairs = (test.users.tolist(), test.items.tolist(), test.values.tolist())
    return train, test, movielens.name, trainset, list(zip(*pairs, strict=True))


def ours(measure, center, by_user):
    """Fit and predict; return the predictions and the model."""
    train, test, *_ = data()
    model = MODELS[by_user](K, MEASURES[measure], center).fit(train)
    return model.predict(test.users, test.items), model


def theirs(measure, center, by_user):
    """Fit and predict with Surprise."""
    *_, trainset, testset = data()
    options = {"name": measure, "user_based": by_user}
    model = CENTERS[center](k=K, sim_options=options, verbose=False).fit(trainset)
    return np.array([model.predict(u, i).est for u, i, _ in testset])


def comparable(model, by_user):
    """Return where there is a neighbour and no tie at the edge of the k nearest."""
    train, test, *_ = data()
    raters = train.csr.tocsc() if by_user else train.csr
    pairs = (test.users, test.items) if by_user else (test.items, test.users)
    out = np.zeros(test.n_ratings, dtype=bool)
    for n, (row, column) in enumerate(zip(*pairs, strict=True)):
        start, stop = raters.indptr[column : column + 2]
        weights = np.sort(model.similarity_[row, raters.indices[start:stop]])[::-1]
        edge = weights[K - 1] - weights[K] if weights.size > K else np.inf
        clear = edge > 1e-9 or weights[K] == 0.0
        out[n] = weights.size > 0 and weights[0] > 1e-9 and clear
    return out


def parity():
    """Raise unless ours and Surprise's predictions agree to 1e-6; return the shares."""
    shares = {}
    for measure in MEASURES:
        for center in CENTERS:
            for by_user in MODELS:
                mine, model = ours(measure, center, by_user)
                where = comparable(model, by_user)
                other = theirs(measure, center, by_user)
                np.testing.assert_allclose(mine[where], other[where], atol=1e-6)
                shares[measure, center, by_user] = float(where.mean())
    return shares


def rows():
    """Measure every pair of models, compiled before the clock starts."""
    start = time.process_time()
    for by_user in MODELS:
        ours("cosine", "none", by_user)
        ours("pearson", "mean", by_user)
    compiling = time.process_time() - start
    train, test, name, *_ = data()
    table = []
    for measure in MEASURES:
        for center, peer in CENTERS.items():
            for by_user, model in MODELS.items():
                setting = (measure, center, by_user)
                mine, other = medians(
                    lambda s=setting: ours(*s), lambda s=setting: theirs(*s)
                )
                table.append(
                    {
                        "benchmark": f"{model.__name__} {measure} {center} fit+predict",
                        "size": f"u1: {train.n_ratings} + {test.n_ratings}",
                        "ours_s": mine,
                        "peer": f"Surprise {peer.__name__}",
                        "peer_s": other,
                        "ratio": other / mine,
                        "target": TARGET,
                        "note": f"{name}; first calls, compiling or from the "
                        f"compiler's cache, {compiling:.1f} s",
                    }
                )
    return table
