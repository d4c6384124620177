"""Mix models beside their definitions and scipy's optimisers.

Adstock is held to the definition that PyMC-Marketing documents for its
``GeometricAdstock(normalize=True)``, and Meridian for its adstock: weights a to the
power of the lag, up to a last lag, divided by their sum; here as one convolution for
each channel. The fit is held to scipy's BFGS, which minimises the joint objective in
parameters and noise by differences, and the split of a budget to SLSQP. Data are two
years of the world's weeks.
"""

import numpy as np
from scipy.optimize import minimize

from recbook.marketing import mix, worlds
from recbook.marketing.mix.rows import Rows
from tests.benchmarks.peers.clock import medians

FIT, SPLIT = 1.0, 1.0  # no slower than general solvers


def by_convolution(spend, carry, length):
    """Return normalised geometric adstock (n_weeks, C), a convolution a channel."""
    out = []
    for x, a in zip(spend.T, carry, strict=True):
        weights = a ** np.arange(length)
        out.append(np.convolve(x, weights / weights.sum())[: len(x)])
    return np.array(out).T


def curves_agree():
    """Compare adstock with a last lag, and without one, with the convolution."""
    spend = worlds.weeks().spend
    carry = np.array([0.7, 0.4, 0.1])
    for length in (4, 8, 13, 104):
        ours = mix.adstock(spend, carry, length=length)
        peer = by_convolution(spend, carry, length)
        np.testing.assert_allclose(ours, peer, rtol=1e-12, atol=1e-9)
    endless = mix.adstock(spend, carry)
    long = by_convolution(spend, carry, 400)  # .7 to the power of 400 is 1e-62
    np.testing.assert_allclose(endless, long, rtol=1e-12, atol=1e-9)


def data():
    """Return a world, its lift test, and the rows of the model's defaults."""
    world = worlds.weeks()
    tests = [world.lift_test("search")]
    model = mix.MediaMix()
    design = model._design(np.arange(len(world.sales)), None)
    beliefs = model._beliefs(world.spend)
    return world, tests, Rows(world.sales, world.spend, design, tests, *beliefs)


def by_bfgs(problem):
    """Return the objective and the point (3C + 1,) that a general solver finds."""
    start = np.append(problem.center.ravel(), np.log(0.05 * problem.sales.mean()))
    found = minimize(
        lambda point: problem.objective(point[:-1], np.exp(point[-1])),
        start,
        method="BFGS",
        options={"gtol": 1e-5},
    )
    return found.fun, found.x


def fits_agree():
    """Compare the optimum: its height, and where it is."""
    world, tests, problem = data()
    model = mix.MediaMix().fit(world.sales, world.spend, tests)
    ours = np.concatenate([
        np.log(model.mean_returns().value),
        np.log(model.carry_ / (1 - model.carry_)),
        np.log(model.half_),
    ])  # fmt: skip
    height, point = by_bfgs(problem)
    assert problem.objective(ours, model.sigma_) <= height + 1e-6
    np.testing.assert_allclose(ours, point[:-1], rtol=0, atol=0.005)
    np.testing.assert_allclose(model.sigma_, np.exp(point[-1]), rtol=1e-3)


def by_slsqp(peak, half, budget):
    """Return the split of a budget by a general solver."""
    n = len(peak)
    return minimize(
        lambda x: -(peak * x / (x + half)).sum() / 1000,
        np.full(n, budget / n),
        jac=lambda x: -peak * half / (x + half) ** 2 / 1000,
        bounds=[(0, None)] * n,
        constraints={"type": "eq", "fun": lambda x: (x.sum() - budget) / 1000},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 1000},
    ).x


def channels(n):
    """Return peaks and half points of n channels."""
    rng = np.random.default_rng(n)
    return 1e4 * (0.2 + rng.random(n)), 1000 * (0.5 + rng.random(n))


def splits_agree():
    """Compare splits of several budgets, and what they bring."""
    for n in (2, 5, 20):
        peak, half = channels(n)
        for budget in (500.0, 5000.0, 50_000.0):
            ours = mix.allocate(peak, half, budget)
            peer = by_slsqp(peak, half, budget)
            brings = (peak * peer / (peer + half)).sum()
            np.testing.assert_allclose(ours.sales, brings, rtol=1e-6)
            np.testing.assert_allclose(ours.spend, peer, rtol=0, atol=1e-3 * budget)


def parity():
    """Raise unless all agree."""
    curves_agree()
    fits_agree()
    splits_agree()


def rows():
    """Measure the fit and the split beside general solvers."""
    world, tests, problem = data()
    peak, half = channels(20)
    fit, bfgs, split, slsqp = medians(
        lambda: mix.MediaMix(n_starts=1).fit(world.sales, world.spend, tests),
        lambda: by_bfgs(problem),
        lambda: mix.allocate(peak, half, 20_000.0),
        lambda: by_slsqp(peak, half, 20_000.0),
    )
    return [
        {
            "benchmark": "fit of a mix model",
            "size": f"{len(world.sales)} weeks, {world.spend.shape[1]} channels",
            "ours_s": fit,
            "peer": "scipy, BFGS",
            "peer_s": bfgs,
            "ratio": bfgs / fit,
            "target": FIT,
            "note": "one start in both; ours has slopes, the peer takes differences",
        },
        {
            "benchmark": "split of a budget",
            "size": f"{len(peak)} channels",
            "ours_s": split,
            "peer": "scipy, SLSQP",
            "peer_s": slsqp,
            "ratio": slsqp / split,
            "target": SPLIT,
            "note": "ours is exact, by the corners of a piecewise line",
        },
    ]
