"""ALS for stars against loops over its equations, a pencil, and what must hold."""

import numpy as np
import pytest
from contract import Case, ModelContract
from hypothesis import given
from hypothesis import strategies as st
from kernels import plain
from tables import random_ratings, table

from recbook.base import known
from recbook.baselines import Bias
from recbook.factorization import ALS
from recbook.factorization import als as module
from recbook.factorization.base import start

SETTINGS = [
    {"biased": biased, "reg": reg, "reg_power": power}
    for biased in (True, False)
    for reg, power in ((0.3, 1.0), (2.0, 0.0), (0.7, 0.5), (0.0, 1.0))
]


def everything(model):
    return [model.P_, model.Q_, model.bu_, model.bi_]


def solve_by_loops(rated, own, bo, other, reg, power, biased):
    """Return (bias, factors) of one row: A and b added up entry by entry."""
    size = other.shape[1] + 1
    A, b = np.zeros((size, size)), np.zeros(size)
    for i, r in rated:
        z = np.array([1.0, *other[i]]) if biased else np.array([0.0, *other[i]])
        y = r - own - bo[i]
        for f in range(size):
            b[f] += y * z[f]
            for g in range(size):
                A[f, g] += z[f] * z[g]
    A += reg * len(rated) ** power * np.eye(size)
    return np.linalg.pinv(A, rcond=1e-12) @ b  # the smallest solution, if many


def fit_by_loops(ratings, model):
    """Return P, Q, bu, bi as the docstring says."""
    mean = ratings.values.mean() if model.biased else 0.0
    rng = np.random.default_rng(model.seed)
    rows = known(ratings)
    shape = ratings.n_items, model.n_factors
    Q, bi = start(rng, shape, model.init_std, rows[1]), np.zeros(shape[0])
    P, bu = np.zeros((ratings.n_users, model.n_factors)), np.zeros(ratings.n_users)
    triples = list(zip(ratings.users, ratings.items, ratings.values, strict=True))
    how = model.reg, model.reg_power, model.biased
    for _ in range(model.n_iterations):
        for u in np.flatnonzero(rows[0]):
            mine = [(i, r) for v, i, r in triples if v == u]
            bu[u], *P[u] = solve_by_loops(mine, mean, bi, Q, *how)
        for i in np.flatnonzero(rows[1]):
            mine = [(u, r) for u, j, r in triples if j == i]
            bi[i], *Q[i] = solve_by_loops(mine, mean, bu, P, *how)
    return P, Q, bu, bi


def terms(ratings, model):
    """Return the sum of squares and the penalty, term by term."""
    squares = penalty = 0.0
    for u, i, r in zip(ratings.users, ratings.items, ratings.values, strict=True):
        mean = model.mu_ if model.biased else 0.0
        s = mean + model.bu_[u] + model.bi_[i] + model.P_[u] @ model.Q_[i]
        squares += (r - s) ** 2
    sides = (ratings.users, model.P_, model.bu_), (ratings.items, model.Q_, model.bi_)
    for codes, X, b in sides:
        for row in range(len(X)):
            n = np.sum(codes == row)
            if n:
                norm = X[row] @ X[row] + b[row] ** 2
                penalty += model.reg * n**model.reg_power * norm
    return squares, penalty


def test_ann_by_hand(toy):
    # Taste 1 for Alien, Dune and Heat, -1 for Up and Coco; Ann gave 5 5 4 1 2.
    R = toy.csr
    factor = np.array([1.0, 1.0, 1.0, -1.0, -1.0, -1.0])
    other, X = np.column_stack([np.zeros(6), factor]), np.zeros((5, 2))
    args = R.indptr, R.indices
    # Without biases: (5 + 5 + 4 - 1 - 2) / (5 + 0.5) = 2.
    module.solve_rows(*args, R.data, np.full(5, 0.5), X, other, False)
    np.testing.assert_allclose(X[0], [0.0, 2.0])
    # With: 5 b + p = -0.5 and b + 5 p = 7.5, and 1 on the diagonal; 35 is the
    # determinant: b = (-0.5 · 6 - 7.5) / 35, p = (7.5 · 6 + 0.5) / 35.
    module.solve_rows(*args, R.data - 3.5, np.ones(5), X, other, True)
    np.testing.assert_allclose(X[0], [-0.3, 1.3])


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("n_factors", [1, 3])
def test_fit_is_the_equations(settings, n_factors):
    ratings = random_ratings(3, 8, 9, 0.7)
    model = ALS(n_factors=n_factors, n_iterations=3, seed=5, **settings).fit(ratings)
    for ours, loops in zip(
        everything(model), fit_by_loops(ratings, model), strict=True
    ):
        np.testing.assert_allclose(ours, loops, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_history_is_the_objective_and_the_error(settings):
    ratings = random_ratings(1)
    model = ALS(n_factors=2, n_iterations=4, **settings).fit(ratings)
    squares, penalty = terms(ratings, model)
    assert {key: len(value) for key, value in model.history_.items()} == {
        "objective": 4,
        "train": 4,
    }
    assert model.history_["objective"][-1] == pytest.approx(squares + penalty)
    error = np.sqrt(squares / ratings.n_ratings)
    assert model.history_["train"][-1] == pytest.approx(error)


@given(
    seed=st.integers(0, 200),
    n_factors=st.integers(1, 9),
    reg=st.sampled_from([0.0, 1e-12, 1e-3, 0.1, 3.0]),
    reg_power=st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    biased=st.booleans(),
)
def test_objective_never_rises(seed, n_factors, reg, reg_power, biased):
    ratings = random_ratings(seed, 6, 5, 0.6)
    if ratings.n_ratings == 0:
        return
    model = ALS(n_factors, 8, reg, reg_power, biased, seed=seed).fit(ratings)
    downhill = np.array(model.history_["objective"])
    assert np.isfinite(downhill).all()
    assert (np.diff(downhill) <= 1e-8 * (1.0 + downhill[:-1])).all()


@pytest.mark.parametrize("biased", [True, False])
def test_kernel_and_its_python_agree(biased):
    rng = np.random.default_rng(0)
    R = random_ratings(2, 12, 10).csr
    other, first, second = (rng.normal(size=(n, 5)) for n in (10, 12, 12))
    second[:], penalty = first, rng.random(12) + 0.1
    third = first.copy()
    system = R.indptr, R.indices, R.data, penalty
    assert not module.solve_rows(*system, first, other, biased).any()
    assert not plain(module.solve_rows)(*system, second, other, biased).any()
    module.solve_singular(*system, third, other, biased, np.arange(12))
    np.testing.assert_allclose(first, second, rtol=0, atol=1e-10)
    np.testing.assert_allclose(first, third, rtol=0, atol=1e-8)


def test_solve_positive_reads_only_the_lower_half():
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(9, 6))
    A, b = Z.T @ Z, rng.normal(size=6)
    expected = np.linalg.solve(A, b)
    for solve in (module.solve_positive, plain(module.solve_positive)):
        half, x = np.tril(A), b.copy()
        assert solve(half, x)
        np.testing.assert_allclose(x, expected, atol=1e-10)
        L = np.linalg.cholesky(A)
        np.testing.assert_allclose(np.tril(half), L, atol=1e-10)


def test_without_a_penalty_the_smallest_solution_is_taken():
    # One rating of 4, two factors, no bias: any x with x·q = 4 will do.
    one = table([0], [0], [4.0], 1, 1)
    model = ALS(2, 1, reg=0.0, biased=False, seed=3).fit(one)
    q = start(np.random.default_rng(3), (1, 2), 0.1, np.ones(1, bool))[0]
    p = 4.0 * q / (q @ q)
    np.testing.assert_allclose(model.P_[0], p)
    np.testing.assert_allclose(model.Q_[0], 4.0 * p / (p @ p))
    assert model.history_["objective"][0] == pytest.approx(0.0, abs=1e-20)


def test_a_vanishing_penalty_leads_to_the_smallest_solution():
    rng = np.random.default_rng(0)
    R, other = random_ratings(4).csr, rng.normal(size=(7, 6))  # rows of 2 to 5 films
    args, limit = (R.indptr, R.indices, R.data), np.zeros((9, 6))
    module.solve_singular(*args, np.zeros(9), limit, other, True, np.arange(9))
    for solve, *rows in (
        (module.solve_rows,),
        (module.solve_singular, np.arange(9)),
    ):
        X = np.zeros((9, 6))
        solve(*args, np.full(9, 1e-7), X, other, True, *rows)
        np.testing.assert_allclose(X, limit, atol=1e-4)


def test_singular_rows_are_left_to_the_other_solver():
    # Row 0 has one rating for two factors; row 1 as many as it takes; row 2 none.
    other = np.array([[0.0, 1.0, 1.0], [0.0, 1.0, -1.0]])
    parts = np.array([0, 1, 3, 3]), np.array([0, 0, 1]), np.array([2.0, 2.0, 0.0])
    for solve in (module.solve_rows, plain(module.solve_rows)):
        X = np.full((3, 3), 7.0)
        left = solve(*parts, np.zeros(3), X, other, False)
        assert left.tolist() == [True, False, False]
        np.testing.assert_allclose(X, [[7.0] * 3, [7.0, 1.0, 1.0], [7.0] * 3])
        assert not solve(*parts, np.full(3, 1e-6), X, other, False).any()
    module.solve_singular(*parts, np.zeros(3), X, other, False, [0])
    np.testing.assert_allclose(X[0], [7.0, 1.0, 1.0])


@pytest.mark.parametrize("reg", [1e-12, 1e-7])
@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_a_penalty_lost_beside_the_stars_still_leads_downhill(reg, scale):
    # Stars of 1e6 make sums of squares beside which such a penalty is rounding.
    few = random_ratings(3, 8, 9, 0.7)
    train = table(few.users, few.items, scale * few.values, 8, 9)
    model = ALS(20, 10, reg=reg).fit(train)
    downhill = np.array(model.history_["objective"])
    assert (np.diff(downhill) <= 1e-8 * scale**2).all()
    predicted = model.predict(train.users, train.items)
    np.testing.assert_allclose(predicted, train.values, atol=1e-2 * scale)


def test_without_factors_it_is_the_biases():
    ratings = random_ratings(6)
    model = ALS(3, 200, reg=2.0, reg_power=0.0, init_std=0.0).fit(ratings)
    bias = Bias(damping=2.0, n_iterations=200).fit(ratings)
    np.testing.assert_allclose(model.bu_, bias.bu_, atol=1e-9)
    np.testing.assert_allclose(model.bi_, bias.bi_, atol=1e-9)
    assert not model.P_.any()
    assert not model.Q_.any()


def test_reg_power_counts_the_ratings_of_a_row():
    # Everybody rated 4 films and every film has 4 raters: 0.3 · 4 is 1.2.
    full = random_ratings(0, 4, 4, share=2.0)
    per_rating = ALS(2, 5, reg=0.3, reg_power=1.0).fit(full)
    per_row = ALS(2, 5, reg=1.2, reg_power=0.0).fit(full)
    for one, two in zip(everything(per_rating), everything(per_row), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-12)


def test_a_table_of_two_tastes_is_completed():
    rng = np.random.default_rng(0)
    R = 3.0 + rng.normal(size=(40, 2)) @ rng.normal(size=(2, 30))
    users, items = np.nonzero(rng.random(R.shape) < 0.6)
    train = table(users, items, R[users, items], *R.shape)
    model = ALS(3, 200, reg=1e-6, reg_power=0.0, biased=False, init_std=1.0).fit(train)
    hidden = np.ones(R.shape, bool)
    hidden[users, items] = False
    assert np.abs(model.scores(np.arange(40)) - R)[hidden].max() < 1e-2


ODD = {
    "one": table([1], [2], [4.0], 3, 4),
    "equal": table(*np.indices((4, 5)).reshape(2, -1), np.full(20, 3.0), 4, 5),
    "apart": table([0, 1, 2], [0, 1, 2], [1.0, 5.0, 3.0], 4, 4),
}


@pytest.mark.parametrize("data", ODD)
@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.parametrize("reg", [0.0, 0.1])
@pytest.mark.parametrize("init_std", [0.0, 0.1])
def test_odd_tables(data, biased, reg, init_std):
    train = ODD[data]
    model = ALS(7, 4, reg=reg, biased=biased, init_std=init_std).fit(train)
    again = ALS(7, 4, reg=reg, biased=biased, init_std=init_std).fit(train)
    for one, two in zip(everything(model), everything(again), strict=True):
        assert np.isfinite(one).all()
        np.testing.assert_array_equal(one, two)
    users, items = known(train)
    assert not model.P_[~users].any()
    assert not model.Q_[~items].any()
    assert not model.bu_[~users].any()
    assert not model.bi_[~items].any()
    if reg == 0.0 and (biased or init_std):
        predicted = model.predict(train.users, train.items)
        np.testing.assert_allclose(predicted, train.values, atol=1e-9)


def test_unknown_rows_get_the_mean_and_the_known_bias():
    model = ALS(2, 3).fit(ODD["apart"])  # neither user 3 nor item 3 has a rating
    assert model.predict([3, 3], [3, 1]) == pytest.approx([3.0, 3.0 + model.bi_[1]])
    assert model.predict([1], [3])[0] == pytest.approx(3.0 + model.bu_[1])
    assert model.bi_[1] > 0.0
    assert model.bu_[1] > 0.0


def test_progress_is_shown_when_asked_for(capsys):
    ALS(1, 2).fit(ODD["apart"])
    assert capsys.readouterr().err == ""
    ALS(1, 2, verbose=True).fit(ODD["apart"])
    assert "2/2" in capsys.readouterr().err


class TestContract(ModelContract):
    cases = [
        Case("ALS", ALS),
        Case("ALS-per-row", lambda: ALS(n_factors=6, reg=1.0, reg_power=0.0)),
        Case("ALS-unbiased", lambda: ALS(n_factors=6, reg=2.0, biased=False)),
    ]
