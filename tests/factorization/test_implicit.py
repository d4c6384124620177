"""Implicit ALS against sums over all cells, a pencil, and what must hold."""

import numpy as np
import pytest
from contract import Case, ModelContract
from hypothesis import given
from hypothesis import strategies as st
from kernels import plain
from tables import random_ratings, table

from recbook.factorization import ImplicitALS, implicit_objective
from recbook.factorization import implicit as module

SETTINGS = [
    {"alpha": alpha, "reg": reg, "reg_power": power}
    for alpha, reg, power in (
        (1.0, 1.0, 0.0),
        (4.0, 0.3, 1.0),
        (0.5, 2.0, 0.5),
        (0.0, 0.5, 0.0),
    )
]


def sides(seed=0, n_factors=4):
    """Return the csr parts of a table, penalties and two factor matrices."""
    rng = np.random.default_rng(seed)
    R = random_ratings(seed, 9, 11, 0.6).csr
    X, other = rng.normal(size=(9, n_factors)), rng.normal(size=(11, n_factors))
    return R.indptr, R.indices, 1.0 + 2.0 * R.data, rng.random(9) + 0.2, X, other


def cg(parts, X, steps, kernel=module.cg_rows):
    """Run the conjugate gradients on a copy of X."""
    indptr, columns, c, penalty, _, other = parts
    X, G = X.copy(), other.T @ other
    R = -(X @ G + penalty[:, None] * X)
    kernel(indptr, columns, c, penalty, X, other, G, R, steps)
    return X


def cholesky(parts):
    indptr, columns, c, penalty, X, other = parts
    X, G = X.copy(), other.T @ other
    module.cholesky_rows(indptr, columns, c, penalty, X, other, G)
    return X


def over_all_cells(parts):
    """Return each row's minimum: least squares over every cell, in a dense table."""
    indptr, columns, c, penalty, X, other = parts
    n_items, n_factors = other.shape
    out = np.empty_like(X)
    for row in range(len(X)):
        confidence, target = np.ones(n_items), np.zeros(n_items)
        for n in range(indptr[row], indptr[row + 1]):
            confidence[columns[n]], target[columns[n]] = c[n], 1.0
        w = np.sqrt(confidence)
        below = np.sqrt(penalty[row]) * np.eye(n_factors)
        rows = np.vstack([w[:, None] * other, below])
        targets = np.concatenate([w * target, np.zeros(n_factors)])
        out[row] = np.linalg.lstsq(rows, targets)[0]
    return out


def objective_by_loops(ratings, model):
    """Return the objective, cell by cell."""
    R = ratings.csr.toarray()
    total = 0.0
    for u in range(R.shape[0]):
        for i in range(R.shape[1]):
            x, c = float(R[u, i] > 0), 1.0 + model.alpha * R[u, i]
            total += c * (x - model.P_[u] @ model.Q_[i]) ** 2
    for X, counts in ((model.P_, (R > 0).sum(1)), (model.Q_, (R > 0).sum(0))):
        for row, n in zip(X, counts, strict=True):
            total += model.reg * n**model.reg_power * (row @ row) if n else 0.0
    return total


# One row -----------------------------------------------------------------------------


def test_eve_by_hand(toy):
    # Taste 1 for Alien, Dune and Heat, -1 for Up, Coco and Babe. Eve gave Up a 4 and
    # Coco a 5: confidences 5 and 6, (6 + 4 + 5 + 7) p = -5 - 6.
    R = toy.csr
    other = np.array([[1.0], [1.0], [1.0], [-1.0], [-1.0], [-1.0]])
    parts = R.indptr, R.indices, 1.0 + R.data, np.full(5, 7.0), np.zeros((5, 1)), other
    assert cholesky(parts)[4] == pytest.approx([-0.5])
    assert cg(parts, parts[4], steps=1)[4] == pytest.approx([-0.5])


@pytest.mark.parametrize("n_factors", [1, 4, 7])
def test_a_row_is_the_minimum_over_all_cells(n_factors):
    parts = sides(n_factors=n_factors)
    expected = over_all_cells(parts)
    np.testing.assert_allclose(cholesky(parts), expected, atol=1e-10)
    exact = cg(parts, parts[4], steps=3 * n_factors)
    np.testing.assert_allclose(exact, expected, atol=1e-8)


def test_the_gram_trick_is_the_dense_sum():
    indptr, columns, c, _, _, other = sides()
    for row in range(9):
        mine = slice(indptr[row], indptr[row + 1])
        confidence = np.ones(11)
        confidence[columns[mine]] = c[mine]
        dense = sum(confidence[i] * np.outer(q, q) for i, q in enumerate(other))
        rated = other[columns[mine]]
        trick = other.T @ other + rated.T @ np.diag(c[mine] - 1.0) @ rated
        np.testing.assert_allclose(trick, dense)


@pytest.mark.parametrize("steps", [1, 2, 3, 6])
def test_conjugate_gradients_are_the_textbook(steps):
    parts = indptr, columns, c, penalty, X, other = sides(1)
    out = cg(parts, X, steps)
    for row in range(9):
        mine = slice(indptr[row], indptr[row + 1])
        confidence = np.ones(11)
        confidence[columns[mine]] = c[mine]
        A = other.T @ np.diag(confidence) @ other + penalty[row] * np.eye(4)
        x, r = X[row].copy(), other[columns[mine]].T @ c[mine] - A @ X[row]
        d = r.copy()
        for _ in range(min(steps, 4)):  # four unknowns: four steps arrive
            step = (r @ r) / (d @ A @ d)
            x, new = x + step * d, r - step * A @ d
            d, r = new + (new @ new) / (r @ r) * d, new
        np.testing.assert_allclose(out[row], x, atol=1e-8)


def test_conjugate_gradients_stay_where_nothing_is_left():
    parts = sides(2)
    best = over_all_cells(parts)
    np.testing.assert_allclose(cg(parts, best, steps=50), best, atol=1e-12)
    indptr, columns, c, penalty, _, other = parts
    nothing = np.zeros((9, 4))
    still = cg((indptr, columns, c, penalty, nothing, 0.0 * other), nothing, steps=3)
    assert not still.any()


def test_kernels_and_their_python_agree(monkeypatch):
    # Rows of many lengths, and 7 factors: not only groups of four.
    parts = sides(3, n_factors=7)
    fast = cg(parts, parts[4], steps=3)
    for name in ("multiply", "add_entries", "squared_length"):
        monkeypatch.setattr(module, name, plain(getattr(module, name)))
    slow = cg(parts, parts[4], steps=3, kernel=plain(module.cg_rows))
    np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-10)


# The fit -----------------------------------------------------------------------------


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_enough_steps_are_cholesky(settings):
    ratings = random_ratings(5, 12, 10)
    exact = ImplicitALS(4, 6, solver="cholesky", **settings).fit(ratings)
    steps = ImplicitALS(4, 6, solver="cg", cg_steps=25, **settings).fit(ratings)
    np.testing.assert_allclose(steps.P_, exact.P_, atol=1e-8)
    np.testing.assert_allclose(steps.Q_, exact.Q_, atol=1e-8)


def test_few_steps_end_near_cholesky():
    ratings = random_ratings(5, 40, 30, 0.3)
    exact = ImplicitALS(8, 40, reg=5.0, solver="cholesky").fit(ratings)
    steps = ImplicitALS(8, 40, reg=5.0, cg_steps=3).fit(ratings)
    found, best = (implicit_objective(model, ratings) for model in (steps, exact))
    assert found == pytest.approx(best, rel=1e-3)
    everyone = np.arange(40)
    np.testing.assert_allclose(
        steps.scores(everyone), exact.scores(everyone), atol=0.05
    )


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("solver", ["cg", "cholesky"])
def test_objective_is_the_sum_over_all_cells(settings, solver):
    ratings = random_ratings(7)
    model = ImplicitALS(3, 2, solver=solver, **settings).fit(ratings)
    loops = objective_by_loops(ratings, model)
    assert implicit_objective(model, ratings) == pytest.approx(loops)


@given(
    seed=st.integers(0, 200),
    n_factors=st.integers(1, 9),
    alpha=st.sampled_from([0.0, 0.5, 10.0]),
    penalty=st.sampled_from([(0.0, 1.0), (1e-12, 0.0), (1e-2, 0.5), (3.0, 0.0)]),
    solver=st.sampled_from(["cg", "cholesky"]),
    cg_steps=st.sampled_from([1, 3, 30]),
)
def test_objective_never_rises(seed, n_factors, alpha, penalty, solver, cg_steps):
    ratings = random_ratings(seed, 6, 5, 0.6)
    if ratings.n_ratings == 0:
        return
    values = []
    for n in (1, 2, 3, 6):  # the same seed: a longer fit goes on from a shorter one
        model = ImplicitALS(n_factors, n, *penalty, alpha, solver, cg_steps, seed)
        values.append(implicit_objective(model.fit(ratings), ratings))
    assert np.isfinite(values).all()
    assert (np.diff(values) <= 1e-8 * (1.0 + np.array(values[:-1]))).all()


@pytest.mark.parametrize("solver", ["cg", "cholesky"])
def test_without_confidence_and_penalty_it_is_the_svd_of_ones(solver):
    ratings = random_ratings(8, 12, 10)
    X = (ratings.csr.toarray() > 0).astype(float)
    U, s, Vt = np.linalg.svd(X)
    best = (U[:, :2] * s[:2]) @ Vt[:2]
    model = ImplicitALS(2, 400, reg=0.0, alpha=0.0, solver=solver).fit(ratings)
    np.testing.assert_allclose(model.scores(np.arange(12)), best, atol=1e-6)


def test_stars_are_confidence_and_not_the_target():
    # Everything rated, at whatever confidence: all targets are 1, and met.
    full = random_ratings(0, 5, 4, share=2.0)
    model = ImplicitALS(1, 50, reg=1e-6, alpha=3.0).fit(full)
    np.testing.assert_allclose(model.scores(np.arange(5)), 1.0, atol=1e-4)


def test_more_stars_are_explained_better():
    ratings = table([0, 0, 1, 1], [0, 1, 1, 2], [5.0, 1.0, 1.0, 5.0], 2, 3)
    model = ImplicitALS(1, 100, reg=0.1, alpha=1.0).fit(ratings)
    scores = model.scores([0, 1])
    assert max(scores[0, 0], scores[1, 2]) > max(scores[0, 1], scores[1, 1])


def test_reg_power_counts_the_ratings_of_a_row():
    full = random_ratings(0, 4, 4, share=2.0)  # 4 ratings in every row and column
    per_rating = ImplicitALS(2, 5, reg=0.3, reg_power=1.0).fit(full)
    per_row = ImplicitALS(2, 5, reg=1.2, reg_power=0.0).fit(full)
    np.testing.assert_allclose(per_rating.Q_, per_row.Q_, atol=1e-12)


# Odd tables --------------------------------------------------------------------------

ODD = {
    "one": table([1], [2], [4.0], 3, 4),
    "equal": table(*np.indices((4, 5)).reshape(2, -1), np.full(20, 3.0), 4, 5),
    "apart": table([0, 1, 2], [0, 1, 2], [1.0, 5.0, 3.0], 4, 4),
}


@pytest.mark.parametrize("data", ODD)
@pytest.mark.parametrize("solver", ["cg", "cholesky"])
@pytest.mark.parametrize("reg", [0.0, 1.0])
@pytest.mark.parametrize("alpha", [0.0, 2.0])
@pytest.mark.parametrize("init_std", [0.0, 0.1])
def test_odd_tables(data, solver, reg, alpha, init_std):
    train = ODD[data]
    model, again = (
        ImplicitALS(7, 5, reg=reg, alpha=alpha, solver=solver, init_std=init_std).fit(
            train
        )
        for _ in range(2)
    )
    np.testing.assert_array_equal(model.P_, again.P_)
    np.testing.assert_array_equal(model.Q_, again.Q_)
    scores = model.scores(np.arange(train.n_users))
    assert np.isfinite(scores).all()
    users, items = (train.csr.sum(axis=1) > 0), (train.csr.sum(axis=0) > 0)
    assert not model.P_[~users].any()
    assert not model.Q_[~items].any()
    if reg == 0.0 and init_std:  # as many factors as it takes: every cell is met
        filled = (train.csr.toarray() > 0)[users].astype(float)
        np.testing.assert_allclose(scores[users], filled, atol=1e-2)


def test_strangers_are_offered_what_is_popular():
    train = table([0, 0, 1, 2], [1, 2, 2, 2], np.full(4, 5.0), 4, 4)
    model = ImplicitALS(2, 3).fit(train)
    assert model.scores([3]).tolist() == [[0.0, 1.0, 3.0, 0.0]]
    assert model.recommend([3], k=2).tolist() == [[2, 1]]
    assert not model.scores([0])[0, [0, 3]].any()
    assert not hasattr(model, "predict")


def test_progress_is_shown_when_asked_for(capsys):
    ImplicitALS(1, 2).fit(ODD["apart"])
    assert capsys.readouterr().err == ""
    ImplicitALS(1, 2, verbose=True).fit(ODD["apart"])
    assert "2/2" in capsys.readouterr().err


def test_ratings_below_0_are_no_confidence():
    train = table([0, 0, 1], [0, 1, 1], [-2.0, 3.0, 0.0], 2, 3)
    message = r"rating of -2, which with alpha=0\.5 .* less sure"
    with pytest.raises(ValueError, match=message):
        ImplicitALS(1, alpha=0.5).fit(train)
    # Without alpha the stars are not looked at.
    blind = ImplicitALS(1, alpha=0.0).fit(train)
    ones = table([0, 0, 1], [0, 1, 1], [5.0, 5.0, 5.0], 2, 3)
    alike = ImplicitALS(1, alpha=0.0).fit(ones)
    np.testing.assert_array_equal(blind.P_, alike.P_)


def test_a_rating_of_0_is_a_1_as_sure_as_an_unrated_0():
    zeros = table([0, 0, 1], [0, 1, 1], [0.0, 0.0, 0.0], 2, 3)
    sure = ImplicitALS(1, alpha=3.0).fit(zeros)
    np.testing.assert_array_equal(sure.Q_, ImplicitALS(1, alpha=0.0).fit(zeros).Q_)
    assert sure.Q_[:2].all()
    assert sure.counts_.tolist() == [1.0, 2.0, 0.0]


@pytest.mark.parametrize("solver", ["cg", "cholesky"])
@pytest.mark.parametrize("alpha", [1e12, 1e30])
def test_a_penalty_lost_beside_the_confidences(solver, alpha):
    train = random_ratings(3, 8, 9, 0.5)
    model = ImplicitALS(12, 10, reg=1.0, alpha=alpha, solver=solver).fit(train)
    scores = model.scores(np.arange(8))
    np.testing.assert_allclose(scores[train.users, train.items], 1.0, atol=1e-3)


def test_fits_that_leave_nothing_pay_nothing_and_not_less():
    full = random_ratings(0, 5, 4, share=2.0)
    for seed in range(20):
        model = ImplicitALS(5, 20, reg=0.0, seed=seed).fit(full)
        assert 0.0 <= implicit_objective(model, full) < 1e-9


class TestContract(ModelContract):
    cases = [
        Case("ImplicitALS", ImplicitALS, rates=False),
        Case(
            "ImplicitALS-cholesky",
            lambda: ImplicitALS(n_factors=3, reg=3.0, solver="cholesky"),
            rates=False,
        ),
    ]


@pytest.mark.parametrize("settings", SETTINGS)
def test_an_explanation_is_the_users_system_solved_for_each_item(settings):
    ratings = random_ratings(3, 9, 11, 0.6)
    model = ImplicitALS(3, 4, **settings).fit(ratings)
    Q = model.Q_
    for user in range(9):
        own = np.flatnonzero(ratings.users == user)
        W = np.zeros((3, 3))
        for item in range(11):  # Hu, Koren & Volinsky (2008), section 5, over all cells
            c = 1 + model.alpha * ratings.csr[[user]].toarray()[0, item]
            W += c * np.outer(Q[item], Q[item])
        W += model.reg * len(own) ** model.reg_power * np.eye(3)
        for item in range(11):
            explanation = model.explain(user, item)
            assert sorted(explanation.codes) == sorted(ratings.items[own])
            for t in own:
                j, c = ratings.items[t], 1 + model.alpha * ratings.values[t]
                place = explanation.codes.tolist().index(j)
                weight = Q[item] @ np.linalg.solve(W, Q[j])
                assert explanation.weights[place] == pytest.approx(weight)
                assert explanation.contributions[place] == pytest.approx(c * weight)


def test_the_parts_of_a_converged_score_leave_nothing():
    ratings = random_ratings(3, 9, 11, 0.6)
    model = ImplicitALS(3, 300, reg=1.0, solver="cholesky").fit(ratings)
    for user, item in ((0, 0), (4, 7), (8, 10)):
        explanation = model.explain(user, item)
        assert explanation.base == pytest.approx(0.0, abs=1e-6)
        assert explanation.prediction == model.scores([user])[0, item]
