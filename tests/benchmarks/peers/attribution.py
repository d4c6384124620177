"""Attribution and geo-lift beside definitions, scipy and statsmodels.

Shapley's value is held to the mean over all n! orders of joining, Markov's removal
effects to a chain from which the channel has been deleted, solved anew; difference in
differences to statsmodels' regression with effects of region and week; the weights of
the synthetic control to scipy's SLSQP. Data are the journeys and the regions of the
world.
"""

import itertools
import math

import numpy as np

from recbook.marketing import attribution, geo, worlds
from tests.benchmarks.peers.clock import medians

WEIGHTS = 1.0  # no slower than a general solver


def by_joining(value, players):
    """Return Shapley's value as the mean over all orders of joining."""
    total = dict.fromkeys(players, 0.0)
    for order in itertools.permutations(players):
        for i, player in enumerate(order):
            before = frozenset(order[:i])
            total[player] += value(before | {player}) - value(before)
    n_orders = math.factorial(len(players))
    return np.array([total[player] / n_orders for player in players])


def by_deleting(paths, converted):
    """Return removal effects and the chain's rate, one linear system per channel."""
    steps = attribution.transitions(paths, converted)
    channels = list(steps.index[1:])

    def rate(kept):
        between = steps.loc[kept, kept].to_numpy()
        to_order = steps.loc[kept, "(order)"].to_numpy()
        order_from = np.linalg.solve(np.eye(len(kept)) - between, to_order)
        return float(steps.loc["(start)", kept].to_numpy() @ order_from)

    base = rate(channels)
    without = [rate([k for k in channels if k != c]) for c in channels]
    return 1 - np.array(without) / base, base


def credits_agree():
    """Compare Shapley and Markov with their definitions."""
    world = worlds.journeys(20_000)
    paths, converted = world.paths, world.converted
    channels = sorted(world.channels)
    value = attribution.orders_within(paths, converted)
    ours = attribution.shapley(value, channels)
    theirs = by_joining(value, channels)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    effects, base = by_deleting(paths, converted)
    ours = attribution.removal_effects(paths, converted)
    np.testing.assert_allclose(ours, effects, rtol=0, atol=1e-12)
    touched = np.array([len(path) > 0 for path in paths])
    np.testing.assert_allclose(base, converted[touched].mean(), rtol=0, atol=1e-12)


def by_regression(sales, treated, start):
    """Return difference in differences as a regression's coefficient."""
    from statsmodels.regression.linear_model import OLS

    n_regions, n_weeks = sales.shape
    region, week = np.divmod(np.arange(sales.size), n_weeks)
    design = np.hstack([
        region[:, None] == np.arange(n_regions),
        week[:, None] == np.arange(1, n_weeks),
        (treated[region] & (week >= start))[:, None],
    ]).astype(float)  # fmt: skip
    return OLS(np.log(sales).ravel(), design).fit().params[-1]


def by_slsqp(sales, treated, start):
    """Return the weights of the untreated regions by a general solver."""
    from scipy.optimize import minimize

    d = np.log(sales)[:, :start]
    d = d - d.mean(axis=1, keepdims=True)
    target, donors = d[treated].mean(axis=0), d[~treated]
    n = len(donors)
    return minimize(
        lambda w: 1000 * ((target - w @ donors) ** 2).sum(),
        np.full(n, 1 / n),
        jac=lambda w: 2000 * donors @ (w @ donors - target),
        bounds=[(0, 1)] * n,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 2000},
    ).x


def lifts_agree():
    """Compare difference in differences and the synthetic control's weights."""
    for seed in range(3):
        world = worlds.regions(seed=seed)
        case = world.sales, world.treated, world.start
        gap = geo.weekly_gap(*case, "did")[world.start :].mean()
        np.testing.assert_allclose(gap, by_regression(*case), rtol=0, atol=1e-10)
        ours = geo.synthetic_weights(*case)[~world.treated]
        np.testing.assert_allclose(ours, by_slsqp(*case), rtol=0, atol=1e-4)


def parity():
    """Raise unless all agree."""
    credits_agree()
    lifts_agree()


def rows():
    """Measure the removal effects and the weights beside their peers."""
    world, country = worlds.journeys(), worlds.regions()
    log = world.paths, world.converted
    case = country.sales, country.treated, country.start
    removal, deleting, ours, peer, credits = medians(
        lambda: attribution.removal_effects(*log),
        lambda: by_deleting(*log),
        lambda: geo.synthetic_weights(*case),
        lambda: by_slsqp(*case),
        lambda: [
            rule(*log)
            for rule in (
                attribution.last_click,
                attribution.first_click,
                attribution.linear,
                attribution.decay,
                attribution.markov,
            )
        ],
    )
    size = f"{world.n_people} journeys, {len(world.channels)} channels"
    return [
        {
            "benchmark": "removal effects of a Markov chain",
            "size": size,
            "ours_s": removal,
            "peer": "each channel deleted, solved anew",
            "peer_s": deleting,
            "ratio": deleting / removal,
            "note": "no target; laying out the paths takes most of both",
        },
        {
            "benchmark": "weights of a synthetic control",
            "size": f"{len(country.sales)} regions, {country.start} weeks before",
            "ours_s": ours,
            "peer": "scipy, SLSQP",
            "peer_s": peer,
            "ratio": peer / ours,
            "target": WEIGHTS,
            "note": "non-negative least squares, exact",
        },
        {
            "benchmark": "four rules and Markov, one after the other",
            "size": size,
            "ours_s": credits,
            "note": "no peer; target: 3 s in all",
        },
    ]
