"""Uplift beside scikit-uplift, econml and scikit-learn.

The curves are scikit-uplift's, point by point; the T- and the X-learner are econml's
with the same regressions in them, the R-loss is that of econml's RScorer with the same
models inside, and the logistic regression is scikit-learn's with C = 1/reg. Data are
the shop's letters: a trial of 50,000 people, whose features are cut into bins. The
curves are timed on 20,000 people, as on a half that judges a ranking.

All six learners have a target of 2 s for a fit, which is no race with a peer.
"""

import numpy as np

from recbook.marketing import uplift, worlds
from recbook.marketing.regression import Logistic
from tests.benchmarks.peers.clock import medians

CURVES, ALL_SIX = 1.5, 2.0
LEARNERS = (
    uplift.SLearner,
    uplift.TLearner,
    uplift.XLearner,
    uplift.TransformedOutcome,
    uplift.RLearner,
    uplift.DRLearner,
)


def data():
    """Return the binned features, treatment and outcome of a trial of the letter."""
    shop = worlds.customers()
    trial = shop.letters(seed=0)
    X = uplift.Bins(8).fit(shop.features()).transform(trial.X)
    return X, trial.treated, trial.y


def judged():
    """Return outcome, an order of people and treatment of 20,000."""
    rng = np.random.default_rng(0)
    treated = rng.random(20_000) < 0.5
    order = rng.normal(size=20_000)
    y = (rng.random(20_000) < 0.02 + 0.01 * treated * (order > 1)).astype(float)
    return y, order, treated


def curves_agree():
    """Compare the two curves, also where people tie."""
    from sklift.metrics import qini_curve, uplift_curve

    y, order, treated = judged()
    for effect in (order, order.round(1)):
        for ours, peer in (
            (uplift.qini_curve, qini_curve),
            (uplift.uplift_curve, uplift_curve),
        ):
            k, value = ours(y, effect, treated)
            places, values = peer(y, effect, treated.astype(int))
            np.testing.assert_array_equal(k, places)
            np.testing.assert_allclose(value, values, rtol=0, atol=1e-10)


def learners_agree():
    """Compare the T- and the X-learner, with scikit-learn's regressions in both."""
    from econml.metalearners import TLearner, XLearner
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import Ridge

    X, treated, y = data()
    ridge = Ridge(alpha=20.0)
    peer = TLearner(models=ridge).fit(y, treated.astype(int), X=X)
    ours = uplift.TLearner(ridge).fit(X, treated, y)
    np.testing.assert_allclose(ours.effect(X), peer.effect(X), rtol=0, atol=1e-10)
    share = DummyClassifier(strategy="prior")
    peer = XLearner(models=ridge, cate_models=ridge, propensity_model=share)
    peer.fit(y, treated.astype(int), X=X)
    ours = uplift.XLearner(ridge, ridge).fit(X, treated, y, treated.mean())
    np.testing.assert_allclose(ours.effect(X), peer.effect(X), rtol=0, atol=1e-10)


def scores_agree():
    """Compare the R-loss with econml's RScorer, given the same models inside.

    The scorer fits both models to the people whom it judges, by folds, and divides by
    the loss of the best one number for all effects. Ours takes models of other people
    and the propensity that is known, and its baseline is learnt from other people, too.
    """
    from econml.score import RScorer
    from sklearn.linear_model import LogisticRegression, Ridge

    X, treated, y = data()
    X, treated, y = X[:20_000], treated[:20_000], y[:20_000]
    scorer = RScorer(
        model_y=Ridge(alpha=20.0), model_t=LogisticRegression(C=1 / 20),
        discrete_treatment=True, cv=2, random_state=0,
    )  # fmt: skip
    scorer.fit(y, treated.astype(int), X=X)
    y_left, t_left = (np.ravel(v) for v in scorer.lineardml_._cached_values.nuisances)
    for reg in (20.0, 2000.0):
        effect = uplift.TLearner(Ridge(alpha=reg)).fit(X, treated, y).effect(X)
        ours = uplift.r_loss(y, treated, effect, treated - t_left, y - y_left)
        peer = scorer.score(_Told(effect))
        assert abs(1 - ours / scorer.base_score_ - peer) < 1e-10
        best = (t_left @ y_left) / (t_left @ t_left)
        flat = np.full(len(y), best)
        base = uplift.r_loss(y, treated, flat, treated - t_left, y - y_left)
        assert abs(base / scorer.base_score_ - 1) < 1e-10


class _Told:
    """Effects in the words of econml."""

    def __init__(self, effect):
        self.effect = effect

    def const_marginal_effect(self, X):
        return self.effect


def regressions_agree():
    """Compare the logistic regression, with and without weights of rows."""
    from sklearn.linear_model import LogisticRegression

    X, treated, y = data()
    X, y = X[:20_000], y[:20_000]
    for weight in (None, 1.0 + treated[:20_000]):
        ours = Logistic(reg=20.0).fit(X, y, weight)
        peer = LogisticRegression(C=1 / 20, tol=1e-10, solver="newton-cholesky")
        peer.fit(X, y, sample_weight=weight)
        np.testing.assert_allclose(ours.coef_, peer.coef_[0], rtol=0, atol=1e-6)
        np.testing.assert_allclose(ours.intercept_, peer.intercept_[0], atol=1e-6)


def parity():
    """Raise unless all agree."""
    curves_agree()
    learners_agree()
    scores_agree()
    regressions_agree()


def rows():
    """Measure the curves beside scikit-uplift's, the fits beside scikit-learn's."""
    from sklearn.linear_model import LogisticRegression
    from sklift.metrics import qini_curve, uplift_curve

    y, order, treated = judged()
    numbers = treated.astype(int)
    X, in_arm, bought = data()
    ours, peer, logistic, lbfgs, six = medians(
        lambda: [
            uplift.qini_curve(y, order, treated),
            uplift.uplift_curve(y, order, treated),
        ],
        lambda: [qini_curve(y, order, numbers), uplift_curve(y, order, numbers)],
        lambda: Logistic(reg=20.0).fit(X, bought),
        lambda: LogisticRegression(C=1 / 20, max_iter=1000).fit(X, bought),
        lambda: [make().fit(X, in_arm, bought) for make in LEARNERS],
        repetitions=7,
    )
    size = f"{len(X)}×{X.shape[1]}"
    return [
        {
            "benchmark": "Qini and uplift curve",
            "size": f"{len(y)} people, no ties",
            "ours_s": ours,
            "peer": "scikit-uplift",
            "peer_s": peer,
            "ratio": peer / ours,
            "target": CURVES,
            "note": "inputs are checked on both sides",
        },
        {
            "benchmark": "logistic regression, Newton's method",
            "size": size,
            "ours_s": logistic,
            "peer": "scikit-learn, lbfgs",
            "peer_s": lbfgs,
            "ratio": lbfgs / logistic,
            "note": "no target; ours to a step of 1e-10, the peer's default tolerance",
        },
        {
            "benchmark": "six uplift learners, fitted one after the other",
            "size": size,
            "ours_s": six,
            "note": f"target: {ALL_SIX:.0f} s in all",
        },
    ]
