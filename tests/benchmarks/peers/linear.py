"""EASE of the whole of MovieLens 100K, beside the general inverse of its Gram matrix.

The peer is ``np.linalg.inv`` of :math:`X^\\top X + \\lambda I` alone, the matrix made
before the clock starts. Ours is timed twice: the whole of ``EASE.fit``, from the table
of ratings to B, and the inverse of the same matrix by Cholesky, alone as well. The fit
is the quicker of the two where there are fewer users than items, because it goes
through the matrix of users; both have to agree with the peer to 1e-10.
"""

import time

import numpy as np

from recbook import datasets
from recbook.linear import EASE, kernels
from tests.benchmarks.peers.clock import medians

TARGET = 3.8
REG = 500.0


def data():
    """Return the ratings, the name of the set and X'X + reg I."""
    movielens = datasets.load_ml100k()
    X = (movielens.ratings.csr > 0).astype(np.float64)
    A = (X.T @ X).toarray() + REG * np.eye(X.shape[1])
    return movielens.ratings, movielens.name, A


def parity():
    """Raise unless B, and the inverse, are what the general inverse gives."""
    ratings, _, A = data()
    P = np.linalg.inv(A)
    np.testing.assert_allclose(kernels.inverse(A.copy())[0], P, rtol=0, atol=1e-13)
    B = P / -np.diag(P)
    np.fill_diagonal(B, 0.0)
    np.testing.assert_allclose(EASE(reg=REG).fit(ratings).B_, B, rtol=0, atol=1e-10)


def rows():
    """Measure both, compiled before the clock starts."""
    ratings, name, A = data()
    start = time.process_time()
    EASE(reg=REG).fit(ratings)
    compiling = time.process_time() - start
    fit, inverse, peer = medians(
        lambda: EASE(reg=REG).fit(ratings),
        lambda: kernels.inverse(A.copy()),
        lambda: np.linalg.inv(A),
    )
    size = f"{ratings.n_users}×{ratings.n_items}, {ratings.n_ratings} ratings"
    common = {"size": size, "peer": "numpy.linalg.inv of X'X + λI", "peer_s": peer}
    return [
        {
            "benchmark": "EASE: the whole fit, from the ratings to B",
            "ours_s": fit,
            "ratio": peer / fit,
            "target": TARGET,
            "note": f"{name}; the peer has its matrix given; first call, compiled or "
            f"from the compiler's cache, {compiling:.1f} s",
            **common,
        },
        {
            "benchmark": "EASE: the same inverse by Cholesky, for n_users ≥ n_items",
            "ours_s": inverse,
            "ratio": peer / inverse,
            "note": "no target: n³ operations beside 8/3 n³",
            **common,
        },
    ]
