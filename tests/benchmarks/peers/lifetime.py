"""BG/NBD and gamma–gamma on the CDNOW sample, beside lifetimes 0.11.3.

The sample is read from the peer's wheel and stays there. ``parity()`` raises unless
both models have the published parameters and likelihood and, at equal parameters, the
peer's P(alive), expected orders and expected spend. Neither side's import is timed.
"""

import functools
import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd

from recbook.marketing.lifetime import BetaGeo, GammaGamma
from tests.benchmarks.peers.clock import medians

TARGET = 2.0
PUBLISHED = {"r_": 0.2426, "alpha_": 4.414, "a_": 0.793, "b_": 2.426}
PUBLISHED_SPEND = {"p_": 6.249, "q_": 3.745, "v_": 15.448}
LOG_LIKELIHOOD = -9582.43


def folder():
    """Return where the wheel keeps its data, without importing it."""
    spec = importlib.util.find_spec("lifetimes")
    if spec is None:
        raise ModuleNotFoundError("lifetimes: the sample is in its wheel")
    return Path(spec.origin).parent / "datasets"


@functools.cache
def data():
    """Return x, t_x, T and the mean value of all customers of the sample."""
    name = "cdnow_customers_summary_with_transactions.csv"
    table = pd.read_csv(folder() / name)
    return tuple(table[column].to_numpy(float) for column in ("x", "t_x", "T", "zbar"))


def fitters():
    """Return the peer's two models, fitted."""
    import lifetimes

    x, t_x, T, z = data()
    orders = lifetimes.BetaGeoFitter().fit(x, t_x, T)
    return orders, lifetimes.GammaGammaFitter().fit(x[x > 0], z[x > 0])


def parity():
    """Raise unless parameters, likelihood and predictions agree."""
    x, t_x, T, z = data()
    ours, spend = BetaGeo().fit(x, t_x, T), GammaGamma().fit(x, z)
    theirs, their_spend = fitters()
    for model, published in ((ours, PUBLISHED), (spend, PUBLISHED_SPEND)):
        for name, value in published.items():
            np.testing.assert_allclose(getattr(model, name), value, rtol=0, atol=1e-3)
    np.testing.assert_allclose(ours.log_likelihood_, LOG_LIKELIHOOD, rtol=0, atol=0.01)
    names = ["r", "alpha", "a", "b"]
    mine = [getattr(ours, f"{name}_") for name in names]
    np.testing.assert_allclose(mine, theirs.params_[names], rtol=1e-3)
    # At equal parameters, the predictions are the same numbers.
    for name, value in theirs.params_.items():
        setattr(ours, f"{name}_", value)
    for name, value in their_spend.params_.items():
        setattr(spend, f"{name}_", value)
    alive = theirs.conditional_probability_alive(x, t_x, T)
    np.testing.assert_allclose(ours.p_alive(x, t_x, T), alive, rtol=1e-9)
    for t in (1.0, 39.0, 520.0):
        coming = theirs.conditional_expected_number_of_purchases_up_to_time(
            t, x, t_x, T
        )
        mine = ours.expected_purchases(t, x, t_x, T)
        np.testing.assert_allclose(mine, coming, rtol=1e-9)
    worth = their_spend.conditional_expected_average_profit(x, z)
    np.testing.assert_allclose(spend.expected_spend(x, z), worth, rtol=1e-9)


def rows():
    """Measure both fits."""
    import lifetimes

    x, t_x, T, z = data()
    some = x > 0
    ours, peer = medians(
        lambda: BetaGeo().fit(x, t_x, T),
        lambda: lifetimes.BetaGeoFitter().fit(x, t_x, T),
    )
    our_spend, peer_spend = medians(
        lambda: GammaGamma().fit(x, z),
        lambda: lifetimes.GammaGammaFitter().fit(x[some], z[some]),
    )
    common = {"target": TARGET, "note": "CDNOW sample"}
    return [
        {
            "benchmark": "BG/NBD: the whole fit",
            "size": f"{len(x)} customers",
            "ours_s": ours,
            "peer": "lifetimes BetaGeoFitter",
            "peer_s": peer,
            "ratio": peer / ours,
            **common,
        },
        {
            "benchmark": "gamma–gamma: the whole fit",
            "size": f"{some.sum()} customers with a repeat order",
            "ours_s": our_spend,
            "peer": "lifetimes GammaGammaFitter",
            "peer_s": peer_spend,
            "ratio": peer_spend / our_spend,
            **common,
        },
    ]
