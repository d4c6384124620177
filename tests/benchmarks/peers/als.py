"""ImplicitALS by conjugate gradients, beside implicit's AlternatingLeastSquares.

``rows()`` measures equal work: the same confidences 1 + r, factors, rounds and steps,
in float64 on one thread. ``parity()`` raises unless the two are equally good: both get
within a thousandth of the lowest objective, our own exact solver's, and with one start
in common one round of many steps gives the same factors to 1e-6.
"""

import functools
import time

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse
from threadpoolctl import threadpool_limits

from recbook import Ratings, datasets
from recbook.factorization import ImplicitALS, implicit_objective
from tests.benchmarks.peers.clock import medians

TARGET = 2.0
REG = 10.0
FACTORS = (32, 64)
STEPS = 3  # implicit's own number


@functools.cache
def tables():
    """Return (ratings, size, rounds): MovieLens 100K's, and a generated table."""
    movielens = datasets.load_ml100k()
    large = generated(6040, 3706, 1_000_000)
    return [
        (movielens.ratings, f"{movielens.name}: {movielens.ratings.n_ratings}", 10),
        (large, f"generated: {large.n_ratings}", 3),
    ]


def generated(n_users, n_items, n_ratings, seed=0):
    """Return a table of some n_ratings; users and items are of unequal renown."""
    rng = np.random.default_rng(seed)
    shares = [rng.gamma(0.8, size=n) for n in (n_users, n_items)]
    codes = [rng.choice(s.size, 2 * n_ratings, p=s / s.sum()) for s in shares]
    cells = np.unique(codes[0] * n_items + codes[1])
    cells = rng.permutation(cells)[:n_ratings]
    values = rng.integers(1, 6, cells.size).astype(float)
    names = np.arange(n_users), np.arange(n_items)
    return Ratings(cells // n_items, cells % n_items, values, None, *names)


def ours(train, n_factors, n_iterations, **options):
    """Fit ours."""
    model = ImplicitALS(
        n_factors, n_iterations, reg=REG, alpha=1.0, cg_steps=STEPS, **options
    )
    return model.fit(train)


def theirs(train, n_factors, n_iterations, begin=None, cg_steps=STEPS):
    """Fit implicit's, from a start of its own or from ``begin``, a pair (P, Q)."""
    confidence = sparse.csr_matrix(train.csr, dtype=np.float64)
    confidence.data = 1.0 + confidence.data
    model = AlternatingLeastSquares(
        factors=n_factors,
        regularization=REG,
        alpha=1.0,
        dtype=np.float64,
        use_native=True,
        use_cg=True,
        iterations=n_iterations,
        num_threads=1,
        random_state=0,
    )
    model.cg_steps = cg_steps
    if begin is not None:
        model.user_factors, model.item_factors = (X.copy() for X in begin)
    model.fit(confidence, show_progress=False)
    return model


def objective(train, model):
    """Return our objective of implicit's factors."""
    shell = ImplicitALS(reg=REG, alpha=1.0)
    shell.P_, shell.Q_ = model.user_factors, model.item_factors
    return implicit_objective(shell, train)


def parity():
    """Raise unless both minimise the same; return both objectives over the lowest."""
    train = tables()[0][0]
    with threadpool_limits(1):
        best = implicit_objective(ours(train, 8, 40, solver="cholesky"), train)
        mine = implicit_objective(ours(train, 8, 40), train)
        other = objective(train, theirs(train, 8, 40))
        np.testing.assert_allclose([mine, other], best, rtol=1e-3)
        rng = np.random.default_rng(0)
        begin = [rng.normal(0, 0.1, (n, 8)) for n in train.csr.shape]
        peer = theirs(train, 8, 1, begin, cg_steps=40)
        model = ImplicitALS(8, reg=REG, alpha=1.0, cg_steps=40)
        P, Q = one_round(model, train, *begin)
        np.testing.assert_allclose(P, peer.user_factors, atol=1e-6)
        np.testing.assert_allclose(Q, peer.item_factors, atol=1e-6)
    return mine / best, other / best


def one_round(model, train, P, Q):
    """Return the factors after one round of ours from a start of our choice."""
    P, Q = P.copy(), Q.copy()
    R = train.csr
    model._solve(R.indptr, R.indices, 1.0 + R.data, P, Q)
    R = R.T.tocsr()
    model._solve(R.indptr, R.indices, 1.0 + R.data, Q, P)
    return P, Q


def rows():
    """Measure both tables at both sizes, compiled before the clock starts."""
    start = time.process_time()
    ours(tables()[0][0], 4, 1)
    compiling = time.process_time() - start
    table = []
    with threadpool_limits(1):
        for train, size, rounds in tables():
            for n_factors in FACTORS:
                setting = (train, n_factors, rounds)
                mine, other = medians(
                    lambda s=setting: ours(*s), lambda s=setting: theirs(*s)
                )
                table.append(
                    {
                        "benchmark": f"ImplicitALS cg, {n_factors} factors, "
                        f"{rounds} rounds of {STEPS} steps",
                        "size": size,
                        "ours_s": mine,
                        "peer": "implicit AlternatingLeastSquares",
                        "peer_s": other,
                        "ratio": other / mine,
                        "target": TARGET,
                        "note": "float64 on both sides; first call, compiling or from "
                        f"the compiler's cache, {compiling:.1f} s",
                    }
                )
    return table
