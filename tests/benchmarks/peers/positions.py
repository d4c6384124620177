"""Clicks by position beside statsmodels.

The position-based model is a binomial regression with a log link, on one column for
each position and one for each item, and a harvest from two positions is the pooled
risk ratio of Mantel and Haenszel, with items as strata. Data are drawn lists.
"""

import warnings

import numpy as np

from recbook.marketing import positions, worlds
from tests.benchmarks.peers.clock import medians

AS_FAST = 1.0


def log(n, seed=0):
    """Return item, position and clicked of n visitors, the items of all lists."""
    table = worlds.product_lists().log(n, shares=(1, 1, 1), seed=seed)
    return [table[name].to_numpy() for name in ("item", "position", "clicked")]


def by_regression(item, position, clicked):
    """Return statsmodels' ln θ, its errors, and ln γ."""
    from statsmodels.api import GLM, families

    n_items, n_positions = item.max() + 1, position.max()
    n, c = np.zeros((2, n_items * n_positions))
    code = item * n_positions + position - 1
    np.add.at(n, code, 1)
    np.add.at(c, code, clicked)
    kept = np.flatnonzero(n)
    X = np.zeros((len(kept), n_positions - 1 + n_items))
    lower = kept % n_positions > 0
    X[np.flatnonzero(lower), kept[lower] % n_positions - 1] = 1
    X[np.arange(len(kept)), n_positions - 1 + kept // n_positions] = 1
    y = np.column_stack([c[kept], (n - c)[kept]])
    start = np.full(X.shape[1], -1.5)
    with warnings.catch_warnings():  # that a log link may lead above 1
        warnings.simplefilter("ignore")
        family = families.Binomial(families.links.Log())
        model = GLM(y, X, family=family)
    found = model.fit(
        start_params=start, tol=1e-13, maxiter=200, tol_criterion="params"
    )
    k = n_positions - 1
    return found.params[:k], found.bse[:k], found.params[k:]


def parity():
    """Raise unless model and harvest are the peer's to 1e-10."""
    from statsmodels.stats.contingency_tables import StratifiedTable

    args = log(40_000)
    theta, error, gamma = by_regression(*args)
    model = positions.PositionBased().fit(*args)
    ours = model.estimates_
    close = {"rtol": 0, "atol": 1e-10}
    np.testing.assert_allclose(np.log(ours.value[1:]), theta, **close)
    np.testing.assert_allclose(np.log(model.attraction_), gamma, **close)
    relative = ours.standard_error[1:] / ours.value[1:]
    np.testing.assert_allclose(relative, error, **close)
    item, position, clicked = (values[args[1] < 3] for values in args)
    tables = np.zeros((2, 2, item.max() + 1))
    np.add.at(tables, (2 - position, 1 - clicked, item), 1)
    tables = tables[:, :, (tables.sum(axis=1) > 0).all(axis=0)]
    peer = StratifiedTable(tables).riskratio_pooled
    ours = positions.harvest_propensities(item, position, clicked).value[1]
    np.testing.assert_allclose(ours, peer, **close)


def rows():
    """Measure the fit of 20,000 visitors' lists."""
    args = log(20_000)
    mine, peer_s = medians(
        lambda: positions.PositionBased().fit(*args), lambda: by_regression(*args)
    )
    return [
        {
            "benchmark": "position-based model, with errors",
            "size": "200,000 impressions, 200 items, 10 positions",
            "ours_s": mine,
            "peer": "statsmodels 0.15.0, GLM with a log link",
            "peer_s": peer_s,
            "ratio": peer_s / mine,
            "target": AS_FAST,
            "note": "both from the impressions; ours checks them",
        }
    ]
