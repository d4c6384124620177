"""Click models: hashing, FTRL, a hashed machine, scores and calibration."""

import math

import numpy as np
import pandas as pd
import pytest
from estimators import EstimatorContract, Example
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, logit

from recbook import DivergenceError
from recbook.marketing import ctr
from recbook.marketing.ctr import ftrl, machine
from recbook.marketing.ctr.hashing import mix


def plain(kernel):
    """Return the kernel as ordinary Python, compiled or not."""
    return getattr(kernel, "py_func", kernel)


def views(n=400, n_fields=3, n_buckets=16, seed=0):
    """Buckets and clicks that depend on them."""
    rng = np.random.default_rng(seed)
    X = rng.integers(0, n_buckets, (n, n_fields))
    weights = rng.normal(size=n_buckets)
    return X, (rng.random(n) < expit(weights[X].sum(axis=1) - 1)).astype(float)


# Hashing ------------------------------------------------------------------------------


def mix_slowly(value):
    """The end of splitmix64, in Python's whole numbers."""
    all_bits = 2**64 - 1
    value = (value + 0x9E3779B97F4A7C15) & all_bits
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & all_bits
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & all_bits
    return value ^ (value >> 31)


def fnv(text):
    code = 0xCBF29CE484222325
    for byte in text.encode():
        code = (code ^ byte) * 0x100000001B3 % 2**64
    return code


def test_mix_is_that_of_splitmix64():
    # The first output of the published generator from state 0.
    assert int(mix(np.array([0], dtype=np.uint64))[0]) == 0xE220A8397B1DCDAF
    for value in (1, 12345, 2**63, 2**64 - 1):
        assert int(mix(np.array([value], dtype=np.uint64))[0]) == mix_slowly(value)


def test_a_bucket_is_what_the_definition_says():
    columns = {"site": [7, -1], "ad": ["Süß", "x"]}
    found = ctr.hash_fields(columns, 1000, crosses=[("site", "ad")], seed=3)
    site = [mix_slowly(v % 2**64 ^ mix_slowly(fnv("site") ^ 3)) for v in (7, -1)]
    ad = [mix_slowly(fnv(v) ^ mix_slowly(fnv("ad") ^ 3)) for v in ("Süß", "x")]
    both = [
        mix_slowly((s + mix_slowly(a)) % 2**64) for s, a in zip(site, ad, strict=True)
    ]
    expected = np.array([site, ad, both], dtype=object).T % 1000
    assert found.tolist() == expected.tolist()
    assert found.dtype == np.int64


def test_categories_are_their_names():
    names = ["phone", "tablet", "phone"]
    as_text = ctr.hash_fields({"device": names}, 512)
    as_category = ctr.hash_fields({"device": pd.Categorical(names)}, 512)
    as_frame = ctr.hash_fields(pd.DataFrame({"device": names}, index=[5, 9, 7]), 512)
    assert as_text.tolist() == as_category.tolist() == as_frame.tolist()
    numbers = pd.Series([3, 1, 3], dtype="category")
    plain_numbers = ctr.hash_fields({"site": [3, 1, 3]}, 512)
    assert ctr.hash_fields({"site": numbers}, 512).tolist() == plain_numbers.tolist()


def test_fields_and_seeds_scatter_apart():
    values = np.arange(2000)
    one = ctr.hash_fields({"a": values, "b": values}, 2**20)
    other = ctr.hash_fields({"a": values}, 2**20, seed=1)
    assert (one[:, 0] == one[:, 1]).mean() < 0.01
    assert (one[:, 0] == other[:, 0]).mean() < 0.01


def test_a_cross_knows_the_order_of_its_fields():
    columns = {"a": [1, 2], "b": [2, 1]}
    found = ctr.hash_fields(columns, 2**30, crosses=[("a", "b"), ("b", "a")])
    assert len(set(found[:, 2:].ravel().tolist())) == 4


def test_as_many_collide_as_chance_says():
    m, n_buckets = 3000, 4096
    found = ctr.hash_fields({"person": np.arange(m)}, n_buckets).ravel()
    shared = np.bincount(found)[found] > 1
    expected = 1 - (1 - 1 / n_buckets) ** (m - 1)  # .519
    assert shared.mean() == pytest.approx(expected, abs=0.03)
    # And the buckets are filled evenly: chi-squared of 4095, deviation 90.
    full = np.bincount(found, minlength=n_buckets)
    assert abs(((full - m / n_buckets) ** 2 / (m / n_buckets)).sum() - 4095) < 400


def test_one_bucket_holds_all():
    assert ctr.hash_fields({"a": ["x", "y"]}, 1).tolist() == [[0], [0]]


@pytest.mark.parametrize(
    ("columns", "more", "message"),
    [
        ({}, {}, "at least a column"),
        ([[1, 2]], {}, "DataFrame or a dict"),
        ({"a": []}, {}, "at least one row"),
        ({"a": [1, 2], "b": [1]}, {}, r"columns\['b'\] has 1 rows"),
        ({"a": ["x", None]}, {}, r"columns\['a'\]\[1\] is missing"),
        ({"a": pd.Categorical(["x", None])}, {}, r"columns\['a'\]\[1\] is missing"),
        ({"a": [1.5, 2.0]}, {}, r"columns\['a'\]\[0\] is 1.5"),
        ({"a": ["x", 2]}, {}, r"columns\['a'\]\[1\] is 2"),
        ({"a": [[1], [2]]}, {}, "flat list"),
        ({"a": [1]}, {"crosses": [("a", "b")]}, "give pairs of names of columns"),
        ({"a": [1]}, {"crosses": ["a"]}, "give pairs of names of columns"),
        ({"a": [1]}, {"n_buckets": 0}, "n_buckets must be"),
        ({"a": [1]}, {"n_buckets": 2**40}, "at most 2"),
        ({"a": [1]}, {"seed": -1}, "seed must be"),
    ],
)
def test_columns_that_are_refused(columns, more, message):
    with pytest.raises(ValueError, match=message):
        ctr.hash_fields(columns, **{"n_buckets": 8, **more})


# FTRL ---------------------------------------------------------------------------------


def by_definition(X, y, weight, alpha, beta, l1, l2, n_epochs=1):
    """Algorithm 1 of McMahan et al. (2013) in dictionaries, a row at a time."""
    level = sum(w * t for w, t in zip(weight, y, strict=True)) / sum(weight)
    start = math.log(level / (1 - level))
    z, n = {}, {}
    progress = []

    def w_of(b):
        penalty = 0.0 if b == "constant" else l1
        z_b, n_b = z.get(b, 0.0), n.get(b, 0.0)
        if abs(z_b) <= penalty:
            return 0.0
        ridge = 0.0 if b == "constant" else l2
        sign = 1 if z_b > 0 else -1
        return -(z_b - sign * penalty) / ((beta + math.sqrt(n_b)) / alpha + ridge)

    for _ in range(n_epochs):
        progress = []
        for row, target, weighs in zip(X, y, weight, strict=True):
            buckets = [*row, "constant"]
            w = [w_of(b) for b in buckets]
            p = 1 / (1 + math.exp(-(start + sum(w))))
            progress.append(p)
            g = weighs * (p - target)
            for b, w_b in zip(buckets, w, strict=True):
                old = n.get(b, 0.0)
                sigma = (math.sqrt(old + g * g) - math.sqrt(old)) / alpha
                z[b] = z.get(b, 0.0) + g - sigma * w_b
                n[b] = old + g * g
    return {b: w_of(b) for b in z}, start + w_of("constant"), progress


@pytest.mark.parametrize("n_epochs", [1, 3])
def test_ftrl_is_the_published_algorithm(n_epochs):
    X, y = views(300, n_buckets=8)  # with rows that have a bucket twice
    weight = np.random.default_rng(5).uniform(0, 3, 300)
    set_to = {"alpha": 0.3, "beta": 0.7, "l1": 1.2, "l2": 0.5}
    model = ctr.FTRL(8, n_epochs=n_epochs, **set_to).fit(X, y, weight)
    w, constant, progress = by_definition(
        X.tolist(), y.tolist(), weight.tolist(), n_epochs=n_epochs, **set_to
    )
    expected = [w.get(b, 0.0) for b in range(8)]
    np.testing.assert_allclose(model.coef_, expected, atol=1e-12)
    assert model.intercept_ == pytest.approx(constant, abs=1e-12)
    np.testing.assert_allclose(model.progress_, progress, atol=1e-12)
    scores = model.intercept_ + model.coef_[X].sum(axis=1)
    np.testing.assert_allclose(model.predict(X), expit(scores), atol=1e-14)


def test_ftrl_by_hand():
    """One impression with a click, one without, both in bucket 0; alpha = beta = 1."""
    model = ctr.FTRL(2, alpha=1.0, beta=1.0, l1=0.0, l2=0.0).fit([[0], [0]], [1, 0])
    # Row 1: p = 1/2, g = -1/2, w = 0, so z = -1/2, n = 1/4 and w = .5/1.5 = 1/3,
    # the intercept the same. Row 2: p = sigmoid(2/3) = .66076, g = .66076.
    assert model.progress_.round(5).tolist() == [0.5, 0.66076]
    # sigma = sqrt(.25 + .43660) - .5 = .32862; z = -.5 + .66076 - .32862/3 = .05122;
    # w = -.05122 / (1 + .82862) = -.02801.
    assert model.coef_[0] == pytest.approx(-0.02801, abs=1e-5)
    assert model.coef_[1] == 0


def test_without_a_penalty_many_passes_find_the_best_fit():
    X, y = views(500, n_buckets=6)
    hits = np.zeros((500, 6))
    for field in range(3):
        np.add.at(hits, (np.arange(500), X[:, field]), 1)

    def loss(w):
        score = w[0] + hits @ w[1:]
        return (np.logaddexp(0, score) - y * score).sum() + 0.05 * (w[1:] ** 2).sum()

    best = minimize(loss, np.zeros(7), tol=1e-12)
    model = ctr.FTRL(6, alpha=0.5, l1=0, l2=0, n_epochs=300).fit(X, y)
    again = loss(np.append(model.intercept_, model.coef_))
    assert again < best.fun + 0.5  # in all 500 rows together


def test_l1_leaves_zeros_and_more_of_it_leaves_more():
    X, y = views(2000, n_buckets=500)
    filled = [
        np.count_nonzero(ctr.FTRL(500, l1=l1).fit(X, y).coef_) for l1 in (0, 1, 3, 1e6)
    ]
    assert filled[0] > 480
    assert filled[1] > filled[2] > filled[3] == 0


def test_a_bucket_that_was_never_met_says_nothing():
    X, y = views(200, n_fields=1, n_buckets=8)
    model = ctr.FTRL(20).fit(X, y)
    assert (model.coef_[8:] == 0).all()
    assert model.predict([[19]])[0] == pytest.approx(expit(model.intercept_))


def test_a_smaller_weight_moves_less_and_a_weight_of_zero_not_at_all():
    X, y = views(100)
    halves = ctr.FTRL(16).fit(X, y, np.full(100, 0.5))
    ones = ctr.FTRL(16).fit(X, y)
    assert np.abs(halves.coef_).sum() < np.abs(ones.coef_).sum()
    zero = np.r_[np.ones(50), np.zeros(50)]
    few = ctr.FTRL(16).fit(X[:50], y[:50])
    np.testing.assert_allclose(ctr.FTRL(16).fit(X, y, zero).coef_, few.coef_)


def test_extreme_scores_stay_probabilities():
    X, y = views(300, n_buckets=2)
    model = ctr.FTRL(2, alpha=1e6, l1=0, l2=0).fit(X, y)
    assert np.isfinite(model.progress_).all()
    assert ((model.predict(X) >= 0) & (model.predict(X) <= 1)).all()


# A machine on buckets -----------------------------------------------------------------


def machine_score(row, w_0, w, V):
    score = w_0 + sum(w[b] for b in row)
    for f in range(len(row)):
        for other in range(f + 1, len(row)):
            score += V[row[f]] @ V[row[other]]
    return score


def test_the_machine_predicts_all_pairs():
    X, y = views(300)
    model = ctr.HashedFM(16, 3, lr=0.3).fit(X, y)
    expected = [
        expit(machine_score(row, model.intercept_, model.coef_, model.factors_))
        for row in X
    ]
    np.testing.assert_allclose(model.predict(X), expected, atol=1e-12)


def test_the_machine_follows_the_slope_of_its_loss():
    """One row: numbers move against numerical slopes, by lr / (1 + |slope|)."""
    row, lr, reg, weight = [3, 1, 5], 0.1, 0.01, 1.5
    rng = np.random.default_rng(0)
    w = np.append(rng.normal(size=6), 0.0)
    V, squares, start = rng.normal(size=(6, 2)), np.zeros((7, 3)), -0.4
    w_old, V_old = w.copy(), V.copy()

    def loss(w, V):
        score = machine_score(row, start + w[-1], w, V)
        own = 0.5 * reg * sum(w[b] ** 2 + (V[b] ** 2).sum() for b in row)
        return weight * (np.logaddexp(0, score) - score) + own  # y = 1

    rest = (np.array([1.0]), np.array([weight]), start)
    machine.machine_pass(np.array([row]), *rest, w, V, squares, lr, reg)
    h = 1e-6
    for b in (3, 1, 5, 6):
        up, down = w_old.copy(), w_old.copy()
        up[b], down[b] = up[b] + h, down[b] - h
        slope = (loss(up, V_old) - loss(down, V_old)) / (2 * h)
        moved = -lr * slope / (1 + abs(slope))
        assert w[b] - w_old[b] == pytest.approx(moved, abs=1e-7)
    for b in row:
        up, down = V_old.copy(), V_old.copy()
        up[b, 1], down[b, 1] = up[b, 1] + h, down[b, 1] - h
        slope = (loss(w_old, up) - loss(w_old, down)) / (2 * h)
        moved = -lr * slope / (1 + abs(slope))
        assert V[b, 1] - V_old[b, 1] == pytest.approx(moved, abs=1e-7)
    assert (V[[0, 2, 4]] == V_old[[0, 2, 4]]).all()


def test_the_machine_learns_what_a_sum_cannot():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.integers(0, 2, 4000), 2 + rng.integers(0, 2, 4000)])
    y = (X[:, 0] == X[:, 1] - 2).astype(float)  # each value alone says nothing
    settings = {"lr": 0.3, "reg": 0.0, "init_std": 0.2}
    paired = ctr.HashedFM(4, 2, **settings).fit(X, y)
    assert ctr.log_loss(y, paired.predict(X)) < 0.2
    assert ctr.log_loss(y, ctr.FTRL(4).fit(X, y).predict(X)) > 0.68
    flat = ctr.HashedFM(4, 2, lr=0.3, reg=0.0, init_std=0.0).fit(X, y)
    assert (flat.factors_ == 0).all()


@pytest.mark.parametrize("kernel", [ftrl.ftrl_pass, machine.machine_pass])
def test_kernels_are_the_same_without_numba(kernel):
    X, y = views(60)
    found = []
    for run in (kernel, plain(kernel)):
        a, w, V = np.ones(60), np.zeros(17), np.full((16, 2), 0.1)
        if kernel is ftrl.ftrl_pass:
            n, constant = np.zeros(17), np.zeros(2)
            run(X, y, a, -1.0, w, n, constant, 0.1, 1.0, 0.5, 1.0)
        else:
            run(X, y, a, -1.0, w, V, np.zeros((17, 3)), 0.1, 1e-3)
        found.append(np.concatenate([w, V.ravel()]))
    np.testing.assert_allclose(*found, atol=1e-13)


MODELS = (ctr.FTRL, ctr.HashedFM)


@pytest.mark.parametrize("model", MODELS)
def test_fits_that_are_refused(model):
    X, y = views(20)
    cases = [
        (X[:, 0], y, None, "a row of whole numbers of buckets"),
        (X * 1.0, y, None, "whole numbers"),
        (X + 10, y, None, r"X\[0, \d\] is \d+, but a bucket is from 0 to 15"),
        (X - 16, y, None, "is -"),
        (X, y + 1, None, r"y\[\d\] is 2.0"),
        (X, y * 0, None, "y is 0 in all rows"),
        (X, y * 0 + 1, None, "y is 1 in all rows"),
        (X, y, np.zeros(20), "weight is 0 in all rows"),
        (X, y, np.full(20, -1.0), r"weight\[0\] is -1"),
    ]
    for buckets, clicks, weight, message in cases:
        with pytest.raises(ValueError, match=message):
            model(16).fit(buckets, clicks, weight)
    with pytest.raises(ValueError, match="a bucket is from 0 to 15"):
        model(16).fit(X, y).predict([[16, 0, 0]])


@pytest.mark.parametrize("model", MODELS)
def test_counts_of_a_small_type_do_not_wrap(model):
    """One more than 255 would be 0, and a kernel would write beyond the arrays."""
    X, y = views(20)
    counts = ["n_buckets", "n_factors"][: 1 + (model is ctr.HashedFM)]
    small, plain = (
        model(**dict.fromkeys(counts, number)).fit(X, y).predict(X)
        for number in (np.uint8(255), 255)
    )
    np.testing.assert_array_equal(small, plain)


@pytest.mark.parametrize("model", [ctr.FTRL(16), ctr.HashedFM(16)])
def test_a_row_has_the_fields_that_fit_saw(model):
    X, y = views(20)
    model.fit(X, y)
    with pytest.raises(ValueError, match=f"X has 1 fields, but fit saw {X.shape[1]}"):
        model.predict(X[:, :1])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([np.nan, 1.0], r"\['a'\]\[0\] is missing"),
        ([1.5, None], r"\['a'\]\[1\] is missing"),
        (["x", 1.5], r"\['a'\]\[1\] is 1.5"),
        ([], "no rows"),
    ],
)
def test_a_column_that_cannot_be_hashed(values, words):
    with pytest.raises(ValueError, match=words):
        ctr.hash_fields({"a": values}, 16)


def test_a_bin_says_the_probabilities_as_they_were_given():
    bins = ctr.reliability([0, 0, 1, 1], [0.0, 0.0, 1.0, 1.0], n_bins=2)
    assert bins["predicted"].tolist() == [0.0, 1.0]


def test_weights_that_overflow():
    X, y = views(20)
    with pytest.raises(DivergenceError, match="smaller"):
        ctr.FTRL(16).fit(X, y, np.full(20, 1e200))
    # The machine's steps shrink faster than its gradients grow.
    model = ctr.HashedFM(16).fit(X, y, np.full(20, 1e200))
    assert np.isfinite(model.predict(X)).all()


def test_log_loss_by_hand():
    # -(ln .8 + ln .6) / 2 = (.223144 + .510826) / 2
    assert ctr.log_loss([1, 0], [0.8, 0.4]) == pytest.approx(0.366985, abs=1e-6)
    assert ctr.log_loss([1, 0], [1.0, 0.0]) == pytest.approx(0, abs=1e-12)
    # Certain and wrong: -ln 2.2e-16 = 36.04, and not infinite.
    assert ctr.log_loss([1], [0.0]) == pytest.approx(36.04, abs=0.01)


def test_normalized_entropy_by_hand():
    y = [1, 0, 0, 0]
    # The mean rate's own loss is -(.25 ln .25 + .75 ln .75) = .562335.
    loss = -(math.log(0.7) + math.log(0.9) * 3) / 4
    found = ctr.normalized_entropy(y, [0.7, 0.1, 0.1, 0.1])
    assert found == pytest.approx(loss / 0.562335, abs=1e-6)


def auc_by_pairs(y, score):
    wins = [
        1.0 if a > b else 0.5 if a == b else 0.0
        for a, t in zip(score, y, strict=True) if t
        for b, u in zip(score, y, strict=True) if not u
    ]  # fmt: skip
    return sum(wins) / len(wins)


scored = st.lists(
    st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=30
).filter(lambda rows: len({y for y, _ in rows}) == 2)


@given(scored)
@settings(max_examples=60, deadline=None)
def test_auc_is_the_share_of_pairs_in_order(rows):
    y, score = zip(*rows, strict=True)
    found = ctr.auc(y, score)
    assert found == pytest.approx(auc_by_pairs(y, score), abs=1e-12)
    # Blind to every increasing map, and turned by a falling one.
    assert ctr.auc(y, np.exp(np.array(score) / 3.0)) == pytest.approx(found)
    assert ctr.auc(y, -np.array(score)) == pytest.approx(1 - found)


def test_reliability_by_hand():
    p = [0.1, 0.1, 0.2, 0.3, 0.3, 0.9]
    table = ctr.reliability([0, 1, 0, 0, 1, 1], p, n_bins=3)
    assert table["n"].tolist() == [2, 1, 3]  # equal probabilities stay together
    assert table["predicted"].round(6).tolist() == [0.1, 0.2, 0.5]
    assert table["observed"].round(6).tolist() == [0.5, 0.0, round(2 / 3, 6)]
    # sqrt(.1 * .9 * 2) / 2 = .212132
    assert table["standard_error"][0] == pytest.approx(0.212132, abs=1e-6)
    # (2 * .4 + 1 * .2 + 3 * .166667) / 6 = .25
    assert ctr.calibration_error([0, 1, 0, 0, 1, 1], p, 3) == pytest.approx(0.25)


def test_reliability_of_one_value_is_one_bin():
    table = ctr.reliability([0, 1, 0, 0], [0.25] * 4)
    assert table["n"].tolist() == [4]
    assert ctr.calibration_error([0, 1, 0, 0], [0.25] * 4) == 0


def test_bins_hold_equally_many_rows():
    p = np.random.default_rng(0).random(1000)
    table = ctr.reliability(p > 0.5, p, n_bins=8)
    assert table["n"].tolist() == [125] * 8
    assert (np.diff(table["predicted"]) > 0).all()
    weighted = (table["n"] * table["predicted"]).sum() / 1000
    assert weighted == pytest.approx(p.mean())


@pytest.mark.parametrize(
    "score",
    [
        ctr.log_loss,
        ctr.normalized_entropy,
        ctr.reliability,
        ctr.calibration_error,
    ],
)
def test_pairs_that_are_refused(score):
    for y, p, message in [
        ([1, 0], [0.5], "p has 1 rows, but 2 are needed"),
        ([1, 2], [0.5, 0.5], r"y\[1\] is 2.0"),
        ([1, 0], [0.5, 1.5], r"p\[1\] is 1.5"),
        ([1, 0], [0.5, math.nan], r"p\[1\] is nan"),
        ([], [], "at least one number"),
    ]:
        with pytest.raises(ValueError, match=message):
            score(y, p)


def test_scores_that_need_both_outcomes():
    for score in (ctr.normalized_entropy, ctr.auc):
        with pytest.raises(ValueError, match="y is 0 in all rows"):
            score([0, 0], [0.1, 0.2])
    with pytest.raises(ValueError, match=r"score\[1\] is inf"):
        ctr.auc([0, 1], [0.1, math.inf])


# Calibration --------------------------------------------------------------------------


def test_undo_sampling_by_hand():
    # .30 / (.30 + .70 / .1) = .30 / 7.30
    assert ctr.undo_sampling(0.30, 0.1) == pytest.approx(0.30 / 7.30)
    # The same by log odds: -.847298 + ln .1 = -3.149883.
    moved = expit(logit(0.30) + math.log(0.1))
    assert ctr.undo_sampling([0.30], 0.1)[0] == pytest.approx(moved)
    kept = ctr.undo_sampling([0.0, 1.0, 0.4], 1.0)
    np.testing.assert_allclose(kept, [0.0, 1.0, 0.4], atol=1e-15)
    assert ctr.undo_sampling([0.0, 1.0], 0.01).tolist() == [0.0, 1.0]


def test_undo_sampling_is_bayes_rule():
    """Count the rows of a sample: 30 clicks of 30, 97 of 970 others."""
    p, w = 30 / 1000, 97 / 970
    in_sample = 30 / (30 + 97)
    assert ctr.undo_sampling(in_sample, w) == pytest.approx(p)


@pytest.mark.parametrize("rate", [0, -0.1, 1.1, math.nan])
def test_rates_that_are_refused(rate):
    with pytest.raises(ValueError, match="rate must be"):
        ctr.undo_sampling([0.5], rate)


def test_probabilities_that_are_refused():
    with pytest.raises(ValueError, match=r"p\[0\] is 1.5"):
        ctr.undo_sampling(1.5, 0.5)
    for model in (ctr.Platt(), ctr.Isotonic()):
        with pytest.raises(ValueError, match=r"p\[1\] is -0.1"):
            model.fit([0.5, -0.1], [1, 0])
    with pytest.raises(ValueError, match="y is 1 in all rows"):
        ctr.Platt().fit([0.5, 0.4], [1, 1])
    with pytest.raises(ValueError, match="weight is 0 in all rows"):
        ctr.Isotonic().fit([0.5], [1], [0])


def test_platt_finds_the_least_log_loss():
    rng = np.random.default_rng(1)
    p = rng.random(500) * 0.9 + 0.05
    y = (rng.random(500) < expit(0.5 + 0.6 * logit(p))).astype(float)
    n_1 = y.sum()
    target = np.where(y == 1, (n_1 + 1) / (n_1 + 2), 1 / (500 - n_1 + 2))

    def loss(ab):
        score = ab[0] + ab[1] * logit(p)
        return (np.logaddexp(0, score) - target * score).sum()

    best = minimize(loss, [0, 1], tol=1e-14)
    model = ctr.Platt().fit(p, y)
    found = [model.intercept_, model.slope_]
    np.testing.assert_allclose(found, best.x, atol=1e-5)
    assert loss(found) <= best.fun + 1e-9
    # The level alone: the mean of the calibrated is the mean of the targets.
    shifted = ctr.Platt(slope=False).fit(p, y)
    assert shifted.slope_ == 1
    assert shifted.predict(p).mean() == pytest.approx(target.mean(), abs=1e-9)


def test_platt_is_finite_where_all_is_in_order():
    model = ctr.Platt().fit([0.1, 0.2, 0.7, 0.9], [0, 0, 1, 1])
    assert 0 < model.slope_ < 100
    constant = ctr.Platt().fit([0.3] * 10, [1] + [0] * 9)
    assert constant.slope_ == 1
    assert constant.predict([0.3])[0] == pytest.approx((2 / 3 + 9 / 11) / 10)


def isotonic_by_min_max(y, a):
    """Least squares by the formula of minima over maxima: max over s, min over t."""
    n = len(y)
    return [
        max(
            min(np.average(y[s : t + 1], weights=a[s : t + 1]) for t in range(i, n))
            for s in range(i + 1)
        )
        for i in range(n)
    ]


weighted = st.lists(
    st.tuples(st.sampled_from([0.0, 1.0]), st.integers(1, 4)), min_size=1, max_size=14
)


@given(weighted)
@settings(max_examples=60, deadline=None)
def test_isotonic_is_the_nearest_rising_function(rows):
    y, a = map(np.array, zip(*rows, strict=True))
    p = (np.arange(len(y)) + 1) / 20
    model = ctr.Isotonic().fit(p, y, a.astype(float))
    found = model.predict(p)
    np.testing.assert_allclose(found, isotonic_by_min_max(y, a), atol=1e-12)
    assert (np.diff(found) >= 0).all()
    assert a @ found == pytest.approx(a @ y)  # the mean is kept


def test_isotonic_by_hand():
    # 0, (1 + 0) / 2 twice, 1, 1; between .3 and .4 a line, beyond the ends flat.
    p, y = [0.5, 0.3, 0.1, 0.4, 0.2], [1, 0, 0, 1, 1]
    model = ctr.Isotonic().fit(p, y)
    assert model.thresholds_.tolist() == [0.1, 0.2, 0.3, 0.4, 0.5]
    asked = [0.0, 0.1, 0.25, 0.35, 0.9]
    np.testing.assert_allclose(model.predict(asked), [0, 0, 0.5, 0.75, 1])


def test_isotonic_takes_equal_probabilities_together():
    model = ctr.Isotonic().fit([0.2, 0.2, 0.2, 0.5], [1, 0, 0, 1], [2, 1, 1, 1])
    assert model.predict([0.2]).tolist() == [0.5]
    left_out = ctr.Isotonic().fit([0.1, 0.2], [1, 0], [0, 1])
    assert left_out.thresholds_.tolist() == [0.2]
    constant = ctr.Isotonic().fit([0.1, 0.2, 0.4], [1, 1, 1])
    assert constant.values_.tolist() == [1, 1]


def test_pool_is_the_same_without_numba():
    from recbook.marketing.ctr.calibration import pool

    values = np.random.default_rng(0).random(200)
    found = []
    for run in (pool, plain(pool)):
        means, weights = values.copy(), np.ones(200)
        found.append((run(means, weights).tolist(), means[:5].tolist()))
    assert found[0] == found[1]


# What all estimators promise ----------------------------------------------------------


def weighted(rng):
    X, y = views(60, seed=rng)
    return {"X": X, "y": y, "weight": rng.integers(1, 4, 60)}


def predicted(rng):
    p = rng.random(60)
    return {"p": p, "y": (rng.random(60) < p).astype(float)}


class TestContract(EstimatorContract):
    cases = [
        Example(lambda: ctr.FTRL(16, l1=0.1, n_epochs=2), weighted),
        Example(lambda: ctr.HashedFM(16, n_factors=2, seed=3), weighted),
        Example(ctr.Platt, predicted, {"predict": ("p",)}),
        Example(lambda: ctr.Platt(slope=False), predicted, {"predict": ("p",)}),
        Example(ctr.Isotonic, predicted, {"predict": ("p",)}),
    ]
