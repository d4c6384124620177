"""Late orders and order values beside scikit-learn, statsmodels and scipy.

``OrderValue`` is held to scikit-learn's ``GammaRegressor`` with one penalty, and to
statsmodels' gamma GLM with a log link where the penalty is next to none.
``DelayedFeedback`` minimises a likelihood that neither library has: it is held to
scipy's BFGS on the likelihood as it is printed, with slopes by differences, and where
all clicks are old to scikit-learn's logistic regression.
"""

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import GammaRegressor, LogisticRegression

from recbook.marketing import conversions, worlds
from tests.benchmarks.peers.clock import medians

FIELDS = ["campaign", "category", "device", "returning"]
VALUES, ORDERS = 1.0, 2.0  # not slower; several times as fast as differences


def month(n=60_000):
    """Return features of clicks, what has converted, times and values of orders."""
    log = worlds.conversions(n, 10).log()
    X = pd.get_dummies(log[FIELDS]).astype(float).to_numpy()
    y = log["converted"].to_numpy()
    return X, y, log["time"].to_numpy(), log["value"].to_numpy()[y]


def gamma_regressor(X, value, reg):
    """Return scikit-learn's regression with our penalty, its mean by rows."""
    settings = {"solver": "newton-cholesky", "tol": 1e-12, "max_iter": 1000}
    return GammaRegressor(alpha=reg / len(X), **settings).fit(X, value)


def values_agree():
    """Compare order values."""
    X, y, _, value = month()
    for reg in (0.1, 1.0, 30.0):
        ours = conversions.OrderValue(reg).fit(X[y], value)
        theirs = gamma_regressor(X[y], value, reg)
        np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=0, atol=1e-10)
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-10)
    Z = X[:, [0, 1, 2, 5, 6, 7, 8, 10, 13]]  # without a level of each field
    family = sm.families.Gamma(sm.families.links.Log())
    glm = sm.GLM(value, sm.add_constant(Z[y]), family=family).fit(tol=1e-14)
    ours = conversions.OrderValue(1e-12).fit(Z[y], value)
    found = [ours.intercept_, *ours.coef_]
    np.testing.assert_allclose(found, glm.params, rtol=0, atol=1e-10)


def by_bfgs(X, y, time, reg, gtol=1e-5):
    """Return the minimum of the likelihood as printed, by slopes of differences."""
    d = X.shape[1]

    def loss(theta):
        w, v = theta[1 : d + 1], theta[d + 2 :]
        p = expit(theta[0] + X @ w)
        rate = np.exp(theta[d + 1] + X @ v)
        survival = np.exp(-rate * time)
        seen = np.where(y, p * rate * survival, 1 - p + p * survival)
        return (-np.log(seen).sum() + reg / 2 * (w @ w + v @ v)) / len(X)

    start = np.zeros(2 * d + 2)
    start[0], start[d + 1] = np.log(y.mean()), -np.log(time[y].mean())
    found = minimize(loss, start, method="BFGS", options={"gtol": gtol})
    return found.x, loss


def orders_agree():
    """Compare the delayed-feedback model."""
    X, y, time, _ = month(20_000)
    Z = X[:, [0, 4, 10]]
    ours = conversions.DelayedFeedback(2.0).fit(Z, y, time)
    mine = np.r_[ours.intercept_, ours.coef_, ours.rate_intercept_, ours.rate_coef_]
    theirs, loss = by_bfgs(Z, y, time, 2.0, 1e-7)
    assert loss(mine) <= loss(theirs) + 1e-13
    np.testing.assert_allclose(mine, theirs, rtol=0, atol=2e-3)
    old = np.where(y, time, 1e9)
    for reg in (0.1, 10.0):
        ours = conversions.DelayedFeedback(reg).fit(X, y, old)
        theirs = LogisticRegression(C=1 / reg, tol=1e-12, max_iter=10_000).fit(X, y)
        known = theirs.predict_proba(X)[:, 1]
        np.testing.assert_allclose(ours.predict(X), known, rtol=1e-4)


def parity():
    """Raise unless both agree."""
    values_agree()
    orders_agree()


def rows():
    """Measure both fits."""
    X, y, time, value = month()
    ours, peer = medians(
        lambda: conversions.OrderValue().fit(X[y], value),
        lambda: gamma_regressor(X[y], value, 1.0),
    )
    fit, general = medians(
        lambda: conversions.DelayedFeedback().fit(X, y, time),
        lambda: by_bfgs(X, y, time, 1.0),
        repetitions=5,
    )
    return [
        {
            "benchmark": "order values: gamma regression",
            "size": f"{y.sum()} orders, {X.shape[1]} columns",
            "ours_s": ours,
            "peer": "scikit-learn GammaRegressor",
            "peer_s": peer,
            "ratio": peer / ours,
            "target": VALUES,
            "note": "solver newton-cholesky",
        },
        {
            "benchmark": "delayed feedback: the whole fit",
            "size": f"{len(X)} clicks, {X.shape[1]} columns",
            "ours_s": fit,
            "peer": "scipy BFGS, slopes by differences",
            "peer_s": general,
            "ratio": general / fit,
            "target": ORDERS,
            "note": "no library of ours has this likelihood",
        },
    ]
