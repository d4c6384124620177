"""An epoch of matrix factorization on u1's train, beside Surprise's SVD.

``rows()`` takes 20 epochs on both sides, divided by 20, in two ways. *Equal work* is
what an epoch of Surprise does: every rating updates once, in one order that never
changes. Surprise's order is user by user, where each step waits for the one before to
have stored the same p; ours is one random order, as in ``fit``. On our side it is only
the kernel, from the same start. *Whole fit* is ``fit`` as it stands: ours also draws a
new order of the ratings every epoch, and takes a second pass over all of them for the
train error of ``history_``; theirs does neither. Both ways, theirs includes its start
and the reading of the ratings from its trainset.

``parity()`` raises unless our kernel, given their start and their order, comes to the
same parameters up to rounding, and unless both models, each with its own start and
order, have about the same error on u1's test.
"""

import functools
import time

import numpy as np
from surprise import SVD, Dataset, Reader

from recbook import datasets, metrics
from recbook.factorization import MatrixFactorization
from recbook.factorization.descent import in_lines
from recbook.factorization.sgd import epoch
from tests.benchmarks.peers.clock import medians

TARGETS = {100: 5.0, 32: 8.0}
EPOCHS = 20
LR, REG, STD = 0.005, 0.02, 0.1  # Surprise's defaults


@functools.cache
def data():
    """Return (train, test, name) of u1, and Surprise's form of train."""
    import pandas as pd

    movielens = datasets.load_ml100k()
    train, test = movielens.fold(1)
    columns = (train.users, train.items, train.values)
    frame = pd.DataFrame(dict(zip(("user", "item", "rating"), columns, strict=True)))
    reader = Reader(rating_scale=(train.values.min(), train.values.max()))
    trainset = Dataset.load_from_df(frame, reader).build_full_trainset()
    return train, test, movielens.name, trainset


def ours(n_factors, n_epochs=EPOCHS):
    """Fit at Surprise's defaults."""
    model = MatrixFactorization(
        n_factors=n_factors,
        n_epochs=n_epochs,
        lr=LR,
        lr_decay=1.0,
        reg=REG,
        reg_power=1.0,
        reg_bias=REG,
        init_std=STD,
    )
    return model.fit(data()[0])


def theirs(n_factors, n_epochs=EPOCHS):
    """Fit Surprise's SVD at its defaults."""
    model = SVD(n_factors, n_epochs, init_std_dev=STD, random_state=0)
    return model.fit(data()[-1])


@functools.cache
def given():
    """Return Surprise's users, items (its inner ids) and ratings, in its order."""
    columns = zip(*data()[-1].all_ratings(), strict=True)
    users, items, values = map(np.array, columns)
    return users.astype(np.uint32), items.astype(np.uint32), values


@functools.cache
def shuffled():
    """Return the same in one random order."""
    order = np.random.default_rng(0).permutation(given()[0].size)
    return tuple(column[order] for column in given())


def by_our_kernel(n_factors, ratings, n_epochs=EPOCHS):
    """Return bu, bi, P, Q from Surprise's start, after ``ratings`` in their order."""
    trainset = data()[-1]
    rng = np.random.RandomState(0)
    P = in_lines(rng.normal(0.0, STD, (trainset.n_users, n_factors)))
    Q = in_lines(rng.normal(0.0, STD, (trainset.n_items, n_factors)))
    bu, bi = np.zeros(trainset.n_users), np.zeros(trainset.n_items)
    per_rating = [np.full(b.size, REG) for b in (bu, bi, bu, bi)]
    for _ in range(n_epochs):
        epoch(*ratings, trainset.global_mean, bu, bi, P, Q, LR, LR, *per_rating)
    return bu, bi, P[:, :n_factors], Q[:, :n_factors]


def parity():
    """Raise unless parameters agree to 1e-10 and errors to 0.005; return the errors."""
    other = theirs(20, n_epochs=3)
    for mine, name in zip(
        by_our_kernel(20, given(), 3), ("bu", "bi", "pu", "qi"), strict=True
    ):
        np.testing.assert_allclose(mine, getattr(other, name), rtol=0, atol=1e-10)
    _, test, *_ = data()
    model, other = ours(100), theirs(100)
    pairs = zip(test.users.tolist(), test.items.tolist(), strict=True)
    predicted = (
        model.predict(test.users, test.items),
        np.array([other.predict(u, i).est for u, i in pairs]),
    )
    errors = [metrics.rmse(test.values, p) for p in predicted]
    np.testing.assert_allclose(*errors, rtol=0, atol=0.005)
    return errors


def rows():
    """Measure an epoch at both ranks, compiled before the clock starts."""
    start = time.process_time()
    ours(2, n_epochs=1)
    compiling = time.process_time() - start
    by_our_kernel(2, shuffled(), n_epochs=1)
    train, _, name, _ = data()
    notes = {
        "equal work": "the updates of every rating in one order",
        "whole fit": "ours shuffles and takes the train error, theirs does neither; "
        f"first calls, compiling or from the compiler's cache, {compiling:.1f} s",
    }
    table = []
    for k, target in TARGETS.items():
        kernel, fit, other = medians(
            lambda k=k: by_our_kernel(k, shuffled()),
            lambda k=k: ours(k),
            lambda k=k: theirs(k),
        )
        for way, mine in [("equal work", kernel), ("whole fit", fit)]:
            table.append(
                {
                    "benchmark": f"SGD epoch, {k} factors, {way}",
                    "size": f"u1: {train.n_ratings}",
                    "ours_s": mine / EPOCHS,
                    "peer": "Surprise SVD",
                    "peer_s": other / EPOCHS,
                    "ratio": other / mine,
                    "target": target,
                    "note": f"{name}; {notes[way]}",
                }
            )
    return table
