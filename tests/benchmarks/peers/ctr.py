"""Click models beside scikit-learn: scores, isotonic steps, FTRL against lbfgs.

``parity()`` raises where log loss, AUC or isotonic regression differ, or where FTRL's
log loss on later days is further than .0003 from that of a logistic regression on
one-hot columns of the same fields; ``rows()`` measures. Both sides start from the
table of views and end with a fitted model, their encodings included.
"""

import functools

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from recbook.marketing import ctr, worlds
from tests.benchmarks.peers.clock import medians

FIELDS = ["site", "ad", "age", "device", "part", "position"]
CROSSES = [("site", "ad"), ("ad", "age")]
N_BUCKETS = 2**18
TOLERANCE, LEVEL, FASTER = 1e-10, 3e-4, 4.0


@functools.cache
def days():
    """Return the views, which of them train, and which come after."""
    world = worlds.impressions()
    day = world.table["day"].to_numpy()
    return world, day < 20, (day >= 20) & (day < 24)


def ours(table, y):
    """Hash and fit; return a function from a table to probabilities."""

    def buckets(table):
        return ctr.hash_fields(table[FIELDS], N_BUCKETS, crosses=CROSSES)

    model = ctr.FTRL(N_BUCKETS, alpha=0.2, l1=0.5).fit(buckets(table), y)
    return lambda table: model.predict(buckets(table))


def theirs(table, y):
    """Encode the same fields and crosses as one-hot columns, and fit by lbfgs."""

    def columns(table):
        codes = {
            name: table[name].cat.codes if table[name].dtype == "category"
            else table[name]
            for name in FIELDS
        }  # fmt: skip
        codes = {name: np.asarray(code, dtype=np.int64) for name, code in codes.items()}
        for one, two in CROSSES:
            codes[one + two] = codes[one] * 1000 + codes[two]
        return np.column_stack(list(codes.values()))

    model = make_pipeline(
        OneHotEncoder(handle_unknown="ignore"),
        LogisticRegression(C=0.5, max_iter=200),
    ).fit(columns(table), y)
    return lambda table: model.predict_proba(columns(table))[:, 1]


def fitted():
    """Return the log loss of both on the later days."""
    world, train, later = days()
    table, y = world.table, world.clicks
    return [
        ctr.log_loss(y[later], fit(table[train], y[train])(table[later]))
        for fit in (ours, theirs)
    ]


def pairs(n=100_000, seed=0):
    """Return clicks, probabilities with many equal ones, and weights."""
    rng = np.random.default_rng(seed)
    p = np.round(rng.beta(1, 20, n), 4)
    y = (rng.random(n) < p**1.2).astype(float)
    return y, p, rng.uniform(0.5, 2, n)


def isotonic(p, y, weight=None):
    return ctr.Isotonic().fit(p, y, weight)


def peer_isotonic(p, y, weight=None):
    return IsotonicRegression(out_of_bounds="clip").fit(p, y, weight)


def parity():
    """Raise unless the numbers agree."""
    y, p, weight = pairs()
    asked = np.linspace(0, 1, 2001)
    for a in (None, weight):
        np.testing.assert_allclose(
            isotonic(p, y, a).predict(asked),
            peer_isotonic(p, y, a).predict(asked),
            atol=TOLERANCE,
        )
    for mine, peer in ((ctr.auc, roc_auc_score), (ctr.log_loss, log_loss)):
        np.testing.assert_allclose(mine(y, p), peer(y, p), atol=TOLERANCE, rtol=0)
    np.testing.assert_allclose(*fitted(), atol=LEVEL, rtol=0)


def rows():
    """Return a row for each comparison."""
    world, train, _ = days()
    views, clicks = world.table[train], world.clicks[train]
    y, p, _ = pairs()
    losses = "log loss on days 20 to 23: ours {:.4f}, theirs {:.4f}".format(*fitted())
    isotonic(p, y)
    cases = [
        ("click model: hashing and FTRL", ours, theirs, (views, clicks), FASTER,
         f"one-hot columns and lbfgs; {losses}"),
        ("isotonic regression", isotonic, peer_isotonic, (p, y), 1.0, ""),
        ("AUC", ctr.auc, roc_auc_score, (y, p), 1.0, ""),
        ("log loss", ctr.log_loss, log_loss, (y, p), 1.0, ""),
    ]  # fmt: skip
    table = []
    for name, mine, peer, data, target, note in cases:
        ours_s, peer_s = medians(
            lambda f=mine, d=data: f(*d), lambda f=peer, d=data: f(*d)
        )
        table.append(
            {
                "benchmark": name,
                "size": f"{len(data[0]):,} rows",
                "ours_s": ours_s,
                "peer": "scikit-learn",
                "peer_s": peer_s,
                "ratio": peer_s / ours_s,
                "target": target,
                "note": note,
            }
        )
    return table
