"""Means, biases and popularity, against loops written from their formulas."""

import numpy as np
import pytest
from contract import Case, ModelContract
from hypothesis import given
from hypothesis import strategies as st
from tables import random_ratings, table

from recbook import baselines
from recbook._core.topk import top_k
from recbook._core.validate import NotFittedError
from recbook.baselines import Bias, GlobalMean, Popularity

MODELS = [GlobalMean, Popularity, Bias]


def objective(ratings, mu, bu, bi, reg_users, reg_items):
    """What Bias minimises, term by term."""
    total = 0.0
    for u, i, r in zip(ratings.users, ratings.items, ratings.values, strict=True):
        total += (r - mu - bu[u] - bi[i]) ** 2
    return total + reg_users * (bu**2).sum() + reg_items * (bi**2).sum()


def test_damped_item_bias_by_hand(toy):
    # Dune: two fives and a mean of 3.5, so (1.5 + 1.5) / (2 + 2) = 0.75.
    # Alien: 5, 4, 5, 1 deviate by 1.5, 0.5, 1.5, -2.5: 1.0 / (4 + 2) = 1/6.
    model = Bias(method="damped", damping=2).fit(toy)
    np.testing.assert_allclose(model.bi_[[1, 0]], [0.75, 1 / 6])


def test_damped_user_bias_by_hand(toy):
    # damping 0: Up is 1, 2, 5, 4 -> mean 3, bias -0.5; Coco is 2, 1, 4, 5 -> 3, -0.5.
    # Eve gave 4 and 5: leftovers 4 - 3 and 5 - 3, mean 1.5.
    model = Bias(method="damped", damping=0).fit(toy)
    np.testing.assert_allclose(model.bu_[4], 1.5)


@pytest.mark.parametrize("damping", [0.5, 3.0, (1.0, 4.0)])
def test_damped_means_are_the_formula(damping):
    ratings = random_ratings(0)
    reg_users, reg_items = damping if isinstance(damping, tuple) else (damping,) * 2
    model = Bias(method="damped", damping=damping).fit(ratings)
    R = ratings.csr.toarray()
    mu = ratings.values.mean()
    bi, bu = np.zeros(ratings.n_items), np.zeros(ratings.n_users)
    for i in range(ratings.n_items):
        left = [r - mu for r in R[:, i] if r > 0]
        bi[i] = sum(left) / (len(left) + reg_items)
    for u in range(ratings.n_users):
        left = [r - mu - b for r, b in zip(R[u], bi, strict=True) if r > 0]
        bu[u] = sum(left) / (len(left) + reg_users)
    np.testing.assert_allclose(model.bi_, bi, atol=1e-12)
    np.testing.assert_allclose(model.bu_, bu, atol=1e-12)


def test_als_reaches_the_minimum():
    ratings = random_ratings(1)
    model = Bias(damping=(3.0, 1.5), n_iterations=200).fit(ratings)
    best = objective(ratings, model.mu_, model.bu_, model.bi_, 3.0, 1.5)
    rng = np.random.default_rng(0)
    for _ in range(20):
        du, di = rng.normal(0, 0.01, 9), rng.normal(0, 0.01, 7)
        moved = objective(ratings, model.mu_, model.bu_ + du, model.bi_ + di, 3.0, 1.5)
        assert moved > best


def test_als_is_the_ridge_solution():
    # The same biases by one linear system: (A'A + diag(reg)) b = A'(r - mu).
    ratings = random_ratings(2)
    n_users, n_items = ratings.n_users, ratings.n_items
    A = np.zeros((ratings.n_ratings, n_users + n_items))
    A[np.arange(ratings.n_ratings), ratings.users] = 1
    A[np.arange(ratings.n_ratings), n_users + ratings.items] = 1
    reg = np.diag([4.0] * n_users + [2.0] * n_items)
    b = np.linalg.solve(A.T @ A + reg, A.T @ (ratings.values - ratings.values.mean()))
    model = Bias(damping=(4.0, 2.0), n_iterations=300).fit(ratings)
    np.testing.assert_allclose(np.r_[model.bu_, model.bi_], b, atol=1e-10)


def test_each_pass_of_als_goes_downhill():
    ratings = random_ratings(3)
    fits = [Bias(damping=2.0, n_iterations=n).fit(ratings) for n in range(1, 6)]
    values = [objective(ratings, m.mu_, m.bu_, m.bi_, 2.0, 2.0) for m in fits]
    assert all(np.diff(values) <= 1e-12)


def test_unknown_user_and_item_get_mean_and_known_bias():
    ratings = table([0, 0, 1], [0, 1, 1], [5, 3, 1], n_users=3, n_items=3)
    model = Bias().fit(ratings)
    assert model.bu_[2] == 0
    assert model.bi_[2] == 0
    expected = [model.mu_ + model.bi_[0], model.mu_ + model.bu_[0], model.mu_]
    np.testing.assert_allclose(model.predict([2, 0, 2], [0, 2, 2]), expected)


def test_predictions_are_clipped_and_scores_are_not():
    # Damping 0 and 2 x 2 with one gap: biases overshoot the scale.
    ratings = table([0, 0, 1, 1, 2], [0, 1, 0, 2, 1], [5, 5, 5, 1, 1], 3, 3)
    model = Bias(damping=0.0, n_iterations=50).fit(ratings)
    users, items = np.divmod(np.arange(9), 3)
    raw = model.scores([0, 1, 2]).ravel()
    assert raw.max() > 5
    np.testing.assert_allclose(model.predict(users, items), np.clip(raw, 1, 5))


def test_constant_and_single_ratings_predict_themselves():
    for ratings in (
        table([0], [0], [4], 1, 1),
        table([0, 1], [0, 1], [3, 3], 2, 2),
    ):
        for damping in (0.0, 5.0):
            model = Bias(damping=damping).fit(ratings)
            np.testing.assert_allclose(model.predict([0], [0]), ratings.values[0])


def test_popularity_counts(toy):
    model = Popularity().fit(toy)
    assert model.counts_.tolist() == [4, 2, 4, 4, 4, 2]
    assert not hasattr(model, "predict")
    # Cem has Alien, Heat and Coco; Up has 4 ratings, Dune and Babe tie at 2.
    ranked = model.recommend([2], k=5, exclude=toy)
    assert ranked.tolist() == [[3, 1, 5, -1, -1]]


@pytest.mark.parametrize("model", MODELS)
def test_asked_before_fit(model):
    for ask in (lambda m: m.scores([0]), lambda m: m.recommend([0])):
        with pytest.raises(NotFittedError, match="fit"):
            ask(model())


@pytest.mark.parametrize("model", MODELS)
def test_bad_codes_and_lists_are_named(model, toy):
    fitted = model().fit(toy)
    with pytest.raises(ValueError, match=r"users.*5"):
        fitted.scores([5])
    with pytest.raises(ValueError, match=r"users.*-1"):
        fitted.recommend([-1])
    with pytest.raises(ValueError, match=r"k.*0"):
        fitted.recommend([0], k=0)
    with pytest.raises(TypeError, match="exclude"):
        fitted.recommend([0], exclude=toy.csr)
    with pytest.raises(ValueError, match="exclude"):
        fitted.recommend([0], exclude=random_ratings(0))
    with pytest.raises(TypeError, match=r"Ratings\.from_frame"):
        model().fit(toy.csr)
    with pytest.raises(ValueError, match="no ratings"):
        model().fit(toy.subset(np.zeros(toy.n_ratings, dtype=bool)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"damping": -1.0}, "damping.*-1"),
        ({"damping": float("nan")}, "damping.*nan"),
        ({"damping": (1.0, 2.0, 3.0)}, "damping"),
        ({"method": "mean"}, "method.*mean"),
        ({"n_iterations": 0}, "n_iterations.*0"),
    ],
)
def test_bad_arguments_are_named(arguments, message, toy):
    with pytest.raises(ValueError, match=message):
        Bias(**arguments).fit(toy)


def test_defaults_are_the_documented_ones(toy):
    given_ = {"method": "als", "damping": (5.0, 2.0), "n_iterations": 10}
    assert vars(Bias()) == given_
    np.testing.assert_array_equal(
        baselines.item_offsets(toy.csr), baselines.item_offsets(toy.csr, damping=0.0)
    )
    np.testing.assert_array_equal(
        baselines.damping_curve(toy, [1]),
        baselines.damping_curve(toy, [1], n_splits=5, seed=0),
    )


def test_damping_curve_is_the_loop(toy):
    curve = baselines.damping_curve(toy, [0, 3], n_splits=10, seed=4)
    tenth = np.random.default_rng(4).permutation(20) % 10
    for split in range(10):
        train = toy.subset(tenth != split)
        hidden = toy.subset(tenth == split)
        for column, damping in enumerate((0, 3)):
            b = baselines.item_offsets(train.csr, damping)
            error = hidden.values - train.values.mean() - b[hidden.items]
            np.testing.assert_allclose(curve[split, column], np.sqrt((error**2).mean()))
    with pytest.raises(ValueError, match=r"n_splits.*11"):
        baselines.damping_curve(toy, [0], n_splits=11)
    with pytest.raises(ValueError, match=r"dampings.*-1"):
        baselines.damping_curve(toy, [-1])


@pytest.mark.parametrize(
    ("dampings", "options", "message"),
    [
        ([1.0], {"seed": 1.5}, r"seed must be an integer of at least 0, got 1\.5"),
        ([1.0], {"seed": None}, "seed must be an integer of at least 0, got None"),
        (1.0, {}, "dampings must be a list of numbers"),
        (["much"], {}, "dampings must be numbers"),
    ],
)
def test_a_curve_refuses_what_it_cannot_use(toy, dampings, options, message):
    with pytest.raises(ValueError, match=message):
        baselines.damping_curve(toy, dampings, **options)


def test_item_offsets_of_nothing():
    assert baselines.item_offsets(np.zeros((2, 3))).tolist() == [0, 0, 0]


@given(
    st.lists(st.lists(st.integers(0, 4), min_size=6, max_size=6), min_size=1),
    st.integers(1, 9),
)
def test_top_k_is_a_stable_sort(rows, k):
    scores = np.array(rows, dtype=float)
    scores[scores == 0] = -np.inf
    for row, ranked in zip(scores, top_k(scores, k), strict=True):
        order = sorted((j for j in range(6) if row[j] > -np.inf), key=lambda j: -row[j])
        assert ranked.tolist() == (order + [-1] * k)[:k]


@pytest.mark.parametrize("shape", [(0, 4), (2, 0), (0, 0)])
def test_top_k_of_nothing_is_padding(shape):
    np.testing.assert_array_equal(top_k(np.zeros(shape), 3), np.full((shape[0], 3), -1))


def test_top_k_refuses_nan():
    with pytest.raises(ValueError, match="NaN"):
        top_k(np.array([[np.nan, 1.0]]), 1)


class TestContract(ModelContract):
    cases = [
        Case("GlobalMean", GlobalMean, "nothing"),
        Case("Popularity", Popularity, "popularity", rates=False),
        Case("Bias", Bias, "bias"),
        Case("Bias-damped", lambda: Bias(method="damped", damping=3), "bias"),
    ]
