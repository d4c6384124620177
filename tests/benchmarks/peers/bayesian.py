"""Gibbs sampling to equal RMSE on u1, beside myfm.

A sweep is not the same work on both sides: myfm draws a number at a time, ours a whole
vector. So ``rows()`` measures the seconds to an equal error. The error after t sweeps
is that on u1's test of the mean of draws burn-in + 1 to t, clipped once. The *level* is
myfm's own: the median, over ``SEEDS``, of its error after all ``SWEEPS``, plus
``SLACK``. A run is there at the first t from which on its error never rises above the
level again. Each side has, of ``BURN_INS``, the one with which the median of its runs
is there first; then whole fits of so many sweeps, set-up included, take turns on the
clock. Errors are taken in runs of their own, off the clock.

Both sides have the same rank and the same columns, in the same groups: ids, and where
``history`` is told also who rated what in train, both ways. Where there are only ids
they have the same model, up to the priors of the precisions; elsewhere myfm, as a
factorization machine, also lets a user's own columns meet each other. ``parity()``
raises unless the draws looked at are those that both models predict with, and unless,
from the ids alone, both predict about the same.
"""

import contextlib
import functools
import io
import time
from unittest import mock

import numpy as np
from myfm import MyFMGibbsRegressor, RelationBlock
from scipy import sparse
from threadpoolctl import threadpool_limits

from recbook import BayesianMF, datasets, metrics
from recbook.bayesian import gibbs
from recbook.bayesian.features import sides
from tests.benchmarks.peers.clock import medians

TARGET = 2.5
FACTORS, SWEEPS, SEEDS = 10, 400, range(5)
BURN_INS = (5, 10, 20, 40)  # 5 is myfm's own
SLACK = 0.0005
LOOSER = (0.001, 0.002)  # reported beside, so that nothing hangs on SLACK
SETTINGS = {
    # Prior 1: there is little to say about ids, and it is myfm's number.
    "ids": {"history": False, "raters": False, "prior": 1.0},
    "ids and who rated what": {"history": True, "raters": True},
}


@functools.cache
def data():
    """Return (train, test, name) of u1."""
    movielens = datasets.load_ml100k()
    return *movielens.fold(1), movielens.name


def ours(name, n_sweeps, burn_in=BURN_INS[0], seed=0):
    """Fit ours with one noise for all and small vectors at first, as myfm has both."""
    model = BayesianMF(
        FACTORS,
        n_sweeps,
        burn_in,
        noise="shared",
        init_std=0.1,
        seed=seed,
        **SETTINGS[name],
    )
    return model.fit(data()[0])


def theirs(name, n_sweeps, burn_in=BURN_INS[0], seed=0):
    """Fit myfm's, on the form of the columns that is the faster for it."""
    train = data()[0]
    both = columns(name)
    X, blocks = told(name, both, train)
    model = MyFMGibbsRegressor(rank=FACTORS, random_seed=seed)
    with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
        model.fit(
            X,
            train.values,
            blocks,
            n_iter=n_sweeps,
            n_kept_samples=n_sweeps - burn_in,
            group_shapes=[n for side in both for n in np.bincount(side.group)],
        )
    return model


def columns(name):
    """Return our columns of people and of films, which both sides get."""
    chosen = SETTINGS[name]
    return sides(data()[0], None, None, chosen["history"], chosen["raters"])


def told(name, both, ratings):
    """Return what myfm reads of each rating: (X, relation blocks).

    Two ids are quicker as plain columns, anything more as a row of a block a rating.
    """
    parts = [sparse.csr_matrix(side.X) for side in both]
    codes = ratings.users, ratings.items
    if name == "ids":
        rows = [part[code] for part, code in zip(parts, codes, strict=True)]
        return sparse.hstack(rows, format="csr"), []
    pairs = zip(codes, parts, strict=True)
    return None, [RelationBlock(code.tolist(), part) for code, part in pairs]


@functools.cache
def our_draws(name, seed):
    """Return each sweep's predictions of u1's test, (SWEEPS, n) float32, of a fit."""
    train, test, _ = data()
    seen = []

    class Watched(gibbs.Chain):
        def sweep(self):
            super().sweep()
            w, h = (b.W[c] for b, c in zip(self.blocks, pairs, strict=True))
            dots = (w[:, 1:] * h[:, 1:]).sum(axis=1)
            seen.append((self.mu + w[:, 0] + h[:, 0] + dots).astype(np.float32))

    pairs = test.users, test.items
    with mock.patch("recbook.bayesian.model.Chain", Watched):
        ours(name, SWEEPS, seed=seed)
    return train.values.mean() + train.values.std() * np.array(seen)


@functools.cache
def their_draws(name, seed):
    """Return the same of myfm's fit."""
    X, blocks = told(name, columns(name), data()[1])
    X = sparse.csr_matrix((data()[1].n_ratings, 0)) if X is None else X
    samples = theirs(name, SWEEPS, burn_in=0, seed=seed).predictor_.samples
    return np.array([fm.predict_score(X, blocks) for fm in samples], dtype=np.float32)


@functools.cache
def errors(draws, name, seed, burn_in):
    """Return the error of the mean of draws burn_in + 1 to t, infinite before."""
    train, test, _ = data()
    sums, found = np.zeros(test.n_ratings), np.full(SWEEPS, np.inf)
    for t in range(burn_in, SWEEPS):
        sums += draws(name, seed)[t]
        mean = np.clip(sums / (t + 1 - burn_in), train.values.min(), train.values.max())
        found[t] = metrics.rmse(test.values, mean)
    return found


def there(found, level):
    """Return after how many sweeps the errors stay at the level; infinite: never."""
    above = np.flatnonzero(found > level)
    first = above[-1] + 2 if above.size else 1
    return first if first <= found.size else np.inf


def parity():
    """Raise unless the draws are the models', and the models agree; return errors.

    Two runs of either side differ by .06 to .08 stars, and so do the two sides.
    """
    train, test, _ = data()
    low, high = train.values.min(), train.values.max()
    pairs, X = (test.users, test.items), told("ids", columns("ids"), test)[0]
    found = []
    for draws, fit, asked in [(our_draws, ours, pairs), (their_draws, theirs, (X,))]:
        mean = draws("ids", 0)[BURN_INS[0] :].mean(axis=0, dtype=np.float64)
        found.append(np.clip(mean, low, high))
        predicted = fit("ids", SWEEPS).predict(*asked)
        np.testing.assert_allclose(
            np.clip(predicted, low, high), found[-1], rtol=0, atol=1e-5
        )
    both = [metrics.rmse(test.values, mean) for mean in found]
    if metrics.rmse(*found) > 0.1 or abs(both[0] - both[1]) > 0.003:
        raise AssertionError(f"ours and myfm's means are apart: errors {both}")
    return both


def needed(name, slack):
    """Return (level, and a side's burn-in and sweeps to the level, ours, theirs)."""
    ends = [errors(their_draws, name, seed, BURN_INS[0])[-1] for seed in SEEDS]
    level = float(np.median(ends)) + slack
    return level, *(soonest(draws, name, level) for draws in (our_draws, their_draws))


def soonest(draws, name, level):
    """Return the burn-in with which a side is there first, and after how many sweeps.

    A median of runs that takes in one that is never there is infinite.
    """
    found = []
    for burn_in in BURN_INS:
        runs = [there(errors(draws, name, seed, burn_in), level) for seed in SEEDS]
        found.append((float(np.median(runs)), burn_in))
    sweeps, burn_in = min(found)
    if not np.isfinite(sweeps):
        raise RuntimeError(
            f"{name}: half of the runs of {draws.__name__} do not reach {level:.4f} "
            f"in {SWEEPS} sweeps"
        )
    return burn_in, int(sweeps)


def rows():
    """Measure both settings, compiled before the clock starts."""
    start = time.process_time()
    ours("ids", BURN_INS[0] + 1)
    compiling = time.process_time() - start
    with threadpool_limits(1):
        return [row(name, compiling) for name in SETTINGS]


def row(name, compiling):
    """Measure one setting."""
    level, mine, other = needed(name, SLACK)
    seconds = medians(
        lambda: ours(name, mine[1], mine[0]), lambda: theirs(name, other[1], other[0])
    )
    sweep = [s / n for s, (_, n) in zip(seconds, (mine, other), strict=True)]
    ratios = []
    for slack in LOOSER:
        _, (_, n), (_, m) = needed(name, slack)
        ratios.append(f"{m * sweep[1] / (n * sweep[0]):.1f} at {slack:g}")
    return {
        "benchmark": f"Gibbs to equal RMSE, {name}, {FACTORS} factors",
        "size": f"u1: {data()[0].n_ratings}",
        "ours_s": seconds[0],
        "peer": "myfm MyFMGibbsRegressor",
        "peer_s": seconds[1],
        "ratio": seconds[1] / seconds[0],
        "target": TARGET,
        "note": f"{data()[2]}; to {level:.4f}, myfm's own after {SWEEPS} sweeps and "
        f"{SLACK:g} (ratio {', '.join(ratios)}): {mine[1]} sweeps of "
        f"{1e3 * sweep[0]:.1f} ms beside {other[1]} of {1e3 * sweep[1]:.1f}; first "
        f"call, compiling or from the compiler's cache, {compiling:.1f} s",
    }
