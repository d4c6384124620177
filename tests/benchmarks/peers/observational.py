"""Effects without randomisation beside statsmodels.

Weights for everybody and for the treated are those of its ``TreatmentEffect``, whose
errors by the generalised method of moments count in the estimated propensities, as ours
do. Doubly robust, not cross-fitted, is its AIPW. The robustness value stands on
statsmodels' least squares: t, degrees of freedom and partial R². Data are made up.
"""

import warnings

import numpy as np
from scipy.special import expit

from recbook.marketing import observational
from recbook.marketing.regression import Logistic, Ridge
from tests.benchmarks.peers.clock import medians

AS_FAST = 1.0
CLOSE = {"rtol": 0, "atol": 1e-10}


def data(n=20_000, seed=0):
    """Return columns, treatment and outcome of n people."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5))
    treated = rng.random(n) < expit(0.6 * X[:, 0] - 0.4 * X[:, 1] - 0.3)
    return X, treated, X[:, 0] + 0.5 * X[:, 1] + treated + rng.normal(size=n)


def peer_of(X, treated, y):
    """Return statsmodels' estimators, and the propensities of its logistic one."""
    from statsmodels.api import OLS, Logit, add_constant
    from statsmodels.treatment.treatment_effects import TreatmentEffect

    Z = add_constant(X)
    chance = Logit(treated * 1.0, Z).fit(disp=0, method="newton", tol=1e-14)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return TreatmentEffect(OLS(y, Z), treated * 1, results_select=chance)


def weights_agree():
    """Compare weighted means for two targets, with their errors."""
    X, treated, y = data(5000)
    peer = peer_of(X, treated, y)
    e = Logistic(1e-12).fit(X, treated).predict(X)
    for target, group in (("all", "all"), ("treated", 1)):
        ours = observational.weighted_effect(y, treated, e, target, X)
        theirs = peer.ipw(effect_group=group)
        np.testing.assert_allclose(ours.value, np.ravel(theirs.effect)[0], **CLOSE)
        error = theirs.results_gmm.bse[0]
        np.testing.assert_allclose(ours.standard_error, error, rtol=1e-6)


def robust_agrees():
    """Compare doubly robust with models that saw everybody."""
    X, treated, y = data(5000)
    ours = observational.doubly_robust(
        X, y, treated, 1, clip=0,
        outcome_model=Ridge(0.0), propensity_model=Logistic(1e-12),
    )  # fmt: skip
    theirs = peer_of(X, treated, y).aipw(disp=False)
    np.testing.assert_allclose(ours.value, np.ravel(theirs.effect)[0], **CLOSE)
    error = theirs.results_gmm.bse[0]
    np.testing.assert_allclose(ours.standard_error, error, rtol=0.01)


def robustness_agrees():
    """Compare the regression, its partial R² and what follows from them."""
    from statsmodels.api import OLS, add_constant

    X, treated, y = data(5000)
    ours = observational.robustness(y, treated, X)
    fitted = OLS(y, add_constant(np.column_stack([X, treated]))).fit()
    t, df = fitted.tvalues[-1], fitted.df_resid
    np.testing.assert_allclose(ours.effect.value, fitted.params[-1], **CLOSE)
    np.testing.assert_allclose(ours.effect.standard_error, fitted.bse[-1], **CLOSE)
    np.testing.assert_allclose(ours.effect.interval, fitted.conf_int()[-1], **CLOSE)
    partial = fitted.tvalues[1:-1] ** 2 / (fitted.tvalues[1:-1] ** 2 + df)
    np.testing.assert_allclose(ours.benchmarks["own_outcome"], partial, **CLOSE)
    chance = OLS(treated * 1.0, add_constant(X)).fit()
    partial = chance.tvalues[1:] ** 2 / (chance.tvalues[1:] ** 2 + chance.df_resid)
    np.testing.assert_allclose(ours.benchmarks["own_treatment"], partial, **CLOSE)
    f2 = t**2 / df
    value = (np.sqrt(f2**2 + 4 * f2) - f2) / 2
    np.testing.assert_allclose(ours.value, value, **CLOSE)


def parity():
    """Raise unless all agree."""
    weights_agree()
    robust_agrees()
    robustness_agrees()


def rows():
    """Measure weights with their error beside statsmodels, and what has no peer."""
    X, treated, y = data()

    def weighted():
        e = Logistic(1e-12).fit(X, treated).predict(X)
        return observational.weighted_effect(y, treated, e, "all", X)

    ours, peer, matched, robust = medians(
        weighted,
        lambda: peer_of(X, treated, y).ipw(),
        lambda: observational.matched_effect(y, treated, X[:, :3]),
        lambda: observational.doubly_robust(X, y, treated),
        repetitions=5,
    )
    size = f"{len(y)} people, {X.shape[1]} columns"
    return [
        {
            "benchmark": "weighted effect with its interval, propensities estimated",
            "size": size,
            "ours_s": ours,
            "peer": "statsmodels, TreatmentEffect.ipw",
            "peer_s": peer,
            "ratio": peer / ours,
            "target": AS_FAST,
            "note": "equal to ten digits, the error to six",
        },
        {
            "benchmark": "nearest neighbours in three columns, with their error",
            "size": size,
            "ours_s": matched,
            "note": "no peer in the environment",
        },
        {
            "benchmark": "doubly robust, five folds",
            "size": size,
            "ours_s": robust,
            "note": "no peer for the cross-fitted form",
        },
    ]
