"""EASE, EDLAE and SLIM beside plain loops, their optimality and numbers by hand."""

import itertools

import numpy as np
import pytest
from contract import Case, ModelContract
from scipy import sparse

from recbook import Ratings, datasets
from recbook.linear import EASE, EDLAE, SLIM, kernels


def table(X):
    """Ratings of 4 stars where X is not 0."""
    X = np.asarray(X)
    users, items = np.nonzero(X)
    names = [np.arange(n) for n in X.shape]
    return Ratings(users, items, np.full(users.size, 4.0), None, *names)


def random_table(n_users=40, n_items=13):
    rng = np.random.default_rng(0)
    return (rng.random((n_users, n_items)) < 0.35).astype(float)


def toy():
    return (datasets.load_toy().csr.toarray() > 0).astype(float)


TABLES = pytest.mark.parametrize("X", [toy(), random_table()], ids=["toy", "random"])
MODELS = pytest.mark.parametrize(
    "make",
    [EASE, EDLAE, SLIM, lambda: SLIM(0.1, 1.0), lambda: EASE(0.5)],
    ids=["EASE", "EDLAE", "SLIM", "SLIM-small", "EASE-small"],
)
# Item 1 stands for item 0 (the same raters), item 3 is the sum of 2 and 4.
DEPENDENT = np.array(
    [[1, 1, 0, 1, 1], [1, 1, 1, 1, 0], [0, 0, 1, 1, 0], [0, 0, 0, 1, 1]]
)


# By hand -----------------------------------------------------------------------------


def test_two_items_by_hand():
    # Three rated item 0, two item 1, one both: G = [[3, 1], [1, 2]].
    X = [[1, 0], [1, 0], [1, 1], [0, 1]]
    # Item 1 from item 0: 1 / (3 + 2) = .2; item 0 from item 1: 1 / (2 + 2) = .25.
    ease = EASE(reg=2.0).fit(table(X))
    np.testing.assert_allclose(ease.B_, [[0.0, 0.2], [0.25, 0.0]], atol=1e-15)
    np.testing.assert_allclose(ease.scores([0, 2]), [[0.0, 0.2], [0.25, 0.2]])
    # Half dropped doubles the counts in the diagonal: 1 / (2 · 3 + 2), 1 / (2 · 2 + 2).
    edlae = EDLAE(reg=2.0, dropout=0.5).fit(table(X))
    np.testing.assert_allclose(edlae.B_, [[0.0, 1 / 8], [1 / 6, 0.0]], atol=1e-15)
    # The lasso takes .5 from the numerator.
    slim = SLIM(reg_l1=0.5, reg_l2=2.0).fit(table(X))
    np.testing.assert_allclose(slim.B_, [[0.0, 0.1], [0.125, 0.0]], atol=1e-15)
    assert ease.counts_.tolist() == [3.0, 2.0]


def test_stars_do_not_matter():
    ratings = datasets.load_toy()
    for make in (EASE, EDLAE, SLIM):
        left, right = make().fit(ratings), make().fit(table(toy()))
        np.testing.assert_array_equal(left.B_, right.B_)


def test_recent_ratings_count_more_by_hand():
    # One person rated items 0, 1, 2 in this order: a row of 1/4, 1/2, 1 with decay 1/2.
    others = [[1, 1, 0], [0, 1, 1], [1, 0, 1]]
    users, items = np.nonzero([[1, 1, 1], *others])
    times = np.array([10, 20, 30, *[0] * 6])
    names = np.arange(4), np.arange(3)
    train = Ratings(users, items, np.full(9, 4.0), times, *names)
    faded, even = EASE(2.0, decay=0.5).fit(train), EASE(2.0).fit(train)
    np.testing.assert_array_equal(faded.B_, even.B_)
    row = np.array([0.25, 0.5, 1.0])
    np.testing.assert_allclose(faded.scores([0])[0], row @ even.B_, rtol=1e-12)
    # Only the last one counts with 0, and 1 is no order at all.
    last = EASE(2.0, decay=0.0).fit(train).scores([0])[0]
    np.testing.assert_allclose(last, even.B_[2], rtol=1e-12)
    # The order is that of time, whatever the order of the rows.
    back = train.subset(np.ones(9, dtype=bool))
    mixed = np.random.default_rng(0).permutation(9)
    columns = (c[mixed] for c in (back.users, back.items, back.values, back.timestamps))
    shuffled = Ratings(*columns, *names)
    np.testing.assert_allclose(
        EASE(2.0, decay=0.5).fit(shuffled).scores([0])[0], row @ even.B_, rtol=1e-12
    )
    with pytest.raises(ValueError, match="timestamps is None, and this model learns"):
        EASE(decay=0.9).fit(table(toy()))


# EASE and EDLAE ----------------------------------------------------------------------


def ridge(M, C, penalty):
    """Column by column: item j from the others, E Z'Z = M and E Z'X = C."""
    n = len(M)
    B = np.zeros((n, n))
    for j in range(n):
        others = np.delete(np.arange(n), j)
        A = M[np.ix_(others, others)] + np.diag(penalty[others])
        B[others, j] = np.linalg.solve(A, C[others, j])
    return B


@TABLES
@pytest.mark.parametrize("reg", [1e-3, 1.0, 50.0])
def test_ease_is_a_regression_of_each_item_on_the_others(X, reg):
    G = X.T @ X
    expected = ridge(G, G, np.full(len(G), reg))
    B = EASE(reg=reg).fit(table(X)).B_
    np.testing.assert_allclose(B, expected, rtol=1e-9, atol=1e-12)
    assert (B.diagonal() == 0.0).all()


@TABLES
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_gradient_is_what_the_multipliers_take(X, dropout):
    # X'X B + ΛB - X'X = diag(multipliers): nothing off the diagonal is left to gain.
    G = X.T @ X
    B = EDLAE(reg=0.7, dropout=dropout).fit(table(X)).B_
    penalty = 0.7 + dropout / (1 - dropout) * G.diagonal()
    gradient = G @ B + penalty[:, None] * B - G
    np.testing.assert_allclose(
        gradient, np.diag(gradient.diagonal()), atol=1e-12 * G.max()
    )
    assert (gradient.diagonal() < 0).all()  # B_jj = 1 would fit better


def test_edlae_is_the_average_over_every_dropout():
    X = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]])
    p, cells = 0.3, np.argwhere(X)
    M, C = np.zeros((3, 3)), np.zeros((3, 3))
    for kept in itertools.product([0, 1], repeat=len(cells)):
        Z = np.zeros((3, 3))
        Z[tuple(cells.T)] = np.array(kept) / (1 - p)
        chance = np.prod(np.where(kept, 1 - p, p))
        M, C = M + chance * Z.T @ Z, C + chance * Z.T @ X
    expected = ridge(M, C, np.full(3, 0.5))
    B = EDLAE(reg=0.5, dropout=p).fit(table(X)).B_
    np.testing.assert_allclose(B, expected, atol=1e-12)


@TABLES
@pytest.mark.parametrize("power", [0.5, 1.0])
def test_edlae_weighs_users(X, power):
    X = np.vstack([X, np.zeros(X.shape[1])])  # and one who rated nothing
    n = X.sum(axis=1)
    w = np.zeros(len(X))
    w[n > 0] = n[n > 0] ** -power
    w *= n.sum() / (w @ n)
    G = (X.T * w) @ X
    B = EDLAE(reg=0.7, dropout=0.3, user_power=power).fit(table(X)).B_
    expected = ridge(G, G, 0.7 + 0.3 / 0.7 * G.diagonal())
    np.testing.assert_allclose(B, expected, rtol=1e-9, atol=1e-12)


def test_edlae_without_dropout_is_ease():
    train = table(random_table())
    np.testing.assert_array_equal(
        EDLAE(reg=3.0, dropout=0.0).fit(train).B_, EASE(reg=3.0).fit(train).B_
    )


@pytest.mark.parametrize("n", [1, 2, 127, 128, 129, 300])
def test_inverse_of_every_block_size(n):
    rng = np.random.default_rng(n)
    A = rng.normal(size=(n, n))
    A = A @ A.T + n * np.eye(n)
    P, pivots = kernels.inverse(A.copy())
    np.testing.assert_allclose(P @ A, np.eye(n), atol=1e-10)
    np.testing.assert_array_equal(P, P.T)
    assert P.flags.c_contiguous
    np.testing.assert_allclose(pivots, np.linalg.cholesky(A).diagonal() ** 2)


@pytest.mark.parametrize("shape", [(40, 13), (13, 40), (3, 300)])
def test_through_the_users_is_through_the_items(shape):
    X = sparse.csr_array(random_table(*shape))
    counts = np.asarray(X.sum(axis=0))
    X = X[:, counts > 0]
    penalty = np.random.default_rng(1).uniform(0.5, 30.0, X.shape[1])
    weights = np.random.default_rng(2).uniform(0.5, 2.0, X.shape[0])
    by_items = kernels.inverse_by_items(X, penalty, weights, "")
    by_users = kernels.inverse_by_users(X, penalty, weights)
    np.testing.assert_allclose(by_users, by_items, rtol=1e-10, atol=1e-14)
    A = X.T.toarray() * weights @ X.toarray() + np.diag(penalty)
    np.testing.assert_allclose(by_users @ A, np.eye(len(A)), atol=1e-12)
    # The smaller matrix is chosen, and the items' where a penalty is tiny.
    B = kernels.closed_form(X, penalty, "", weights)
    expected = by_users if X.shape[0] < X.shape[1] else by_items
    np.testing.assert_array_equal(
        np.triu(B, 1), np.triu(expected / -np.diag(expected), 1)
    )
    G = X.T.toarray() @ X.toarray()
    tiny = np.full(len(G), 1e-5)
    B = kernels.closed_form(X, tiny, "")
    np.testing.assert_allclose(B, ridge(G, G, tiny), rtol=1e-6, atol=1e-6)


def test_gram_counts_users_of_both():
    X = random_table()
    G = kernels.gram(sparse.csr_array(X))
    np.testing.assert_array_equal(G, X.T @ X)
    w = np.random.default_rng(0).random(len(X))
    unsorted = sparse.csr_array(X[:, ::-1])
    unsorted.indices = X.shape[1] - 1 - unsorted.indices
    unsorted.has_sorted_indices = False
    G = kernels.gram(unsorted, w)
    np.testing.assert_allclose(G, (X.T * w) @ X, rtol=1e-12)
    np.testing.assert_array_equal(G, G.T)


def test_inverse_is_in_place():
    A = np.array([[2.0, 1.0], [1.0, 2.0]])
    P, _ = kernels.inverse(A)
    assert np.shares_memory(A, P)


# A Gram matrix without an inverse ----------------------------------------------------


@pytest.mark.parametrize("reg", [0.0, 1e-18])
def test_without_an_inverse_reg_is_named(reg):
    for X in (DEPENDENT, DEPENDENT[:, 2:], DEPENDENT[:2], random_table(9, 13)):
        with pytest.raises(ValueError, match=rf"reg={reg!r}.*larger reg"):
            EASE(reg=reg).fit(table(X))
    message = r"reg=0.0, dropout=0.0 is too small: item 1 "
    with pytest.raises(ValueError, match=message):
        EDLAE(reg=0.0, dropout=0.0).fit(table(DEPENDENT[:, :2]))


def test_reg_0_is_fine_where_the_weights_are_determined():
    X = random_table()
    G = X.T @ X
    B = EASE(reg=0.0).fit(table(X)).B_
    np.testing.assert_allclose(B, ridge(G, G, np.zeros(len(G))), atol=1e-10)
    # Dropout is a penalty by itself, and with least squares b >= 0 there is a minimum.
    assert np.isfinite(EDLAE(reg=0.0, dropout=0.1).fit(table(DEPENDENT)).B_).all()
    assert np.isfinite(SLIM(reg_l1=0.0, reg_l2=0.0).fit(table(DEPENDENT)).B_).all()


# SLIM --------------------------------------------------------------------------------


def slim_by_loops(X, reg_l1, reg_l2, rounds=5000):
    """The same minimum by residuals of X, one weight after the other."""
    n = X.shape[1]
    B = np.zeros((n, n))
    for j in range(n):
        for _ in range(rounds):
            before = B[:, j].copy()
            for i in range(n):
                if i != j:
                    rest = X[:, j] - X @ B[:, j] + X[:, i] * B[i, j]
                    pull = (X[:, i] * rest).sum() - reg_l1
                    B[i, j] = max(0.0, pull / ((X[:, i] ** 2).sum() + reg_l2))
            if abs(before - B[:, j]).max() < 1e-13:
                break
    return B


@TABLES
@pytest.mark.parametrize("reg", [(0.0, 1.0), (0.5, 0.3), (2.0, 5.0)])
def test_slim_is_coordinate_descent(X, reg):
    B = SLIM(*reg, tolerance=1e-13).fit(table(X)).B_
    np.testing.assert_allclose(B, slim_by_loops(X, *reg), atol=1e-10)
    assert (B.diagonal() == 0.0).all()


@TABLES
@pytest.mark.parametrize("reg", [(0.0, 0.0), (0.1, 0.0), (0.5, 0.3), (2.0, 5.0)])
def test_slim_is_optimal(X, reg):
    reg_l1, reg_l2 = reg
    G = X.T @ X
    B = SLIM(*reg, tolerance=1e-9).fit(table(X)).B_
    assert (B >= 0.0).all()
    gradient = G @ B - G + reg_l2 * B + reg_l1  # of what is minimised, for B >= 0
    np.fill_diagonal(gradient, 0.0)
    assert abs(gradient[B > 0.0]).max(initial=0.0) < 1e-6
    assert gradient.min() > -1e-6
    assert (B > 0.0).any()


def test_slim_stops_at_its_tolerance():
    X = random_table(60, 20)
    G = X.T @ X
    exact = SLIM(0.1, 0.5, tolerance=1e-12).fit(table(X)).B_
    errors = []
    for tolerance in (1e-1, 1e-3, 1e-6):
        B = SLIM(0.1, 0.5, tolerance=tolerance).fit(table(X)).B_
        errors.append(abs(B - exact).max())
        gradient = G @ B - G + 0.5 * B + 0.1
        np.fill_diagonal(gradient, 0.0)
        violated = np.where(B > 0.0, abs(gradient), np.maximum(-gradient, 0.0))
        assert (violated <= 10 * tolerance * G.diagonal()).all()
    assert errors[0] > errors[1] > errors[2]


def test_slim_zeroes_more_with_reg_l1_and_shrinks_with_reg_l2():
    train = table(random_table())
    used = [(SLIM(l1, 1.0).fit(train).B_ > 0).sum() for l1 in (0.0, 1.0, 3.0, 100.0)]
    assert used == sorted(used, reverse=True)
    assert used[-1] == 0
    size = [SLIM(0.5, l2).fit(train).B_.sum() for l2 in (0.1, 10.0, 1000.0)]
    assert size == sorted(size, reverse=True)


def test_slim_without_a_tolerance_ends():
    B = SLIM(0.5, 0.3, tolerance=0.0).fit(table(toy())).B_
    np.testing.assert_allclose(B, slim_by_loops(toy(), 0.5, 0.3), atol=1e-12)


def results(X):
    """What each kernel makes of X."""
    return (
        kernels.gram(X, np.linspace(0.5, 2.0, X.shape[0])),
        kernels.inverse_by_users(X, np.arange(1.0, 10.0), np.arange(1.0, 31.0)),
        kernels.columns(kernels.gram(X), 0.5, 0.3, 1e-6),
    )


def test_compiled_and_plain_python_agree(monkeypatch):
    X = sparse.csr_array(random_table(30, 9))
    compiled = results(X)
    for name in ("add_pairs", "sandwich", "columns", "coordinate_descent", "sweep"):
        kernel = getattr(kernels, name)
        monkeypatch.setattr(kernels, name, getattr(kernel, "py_func", kernel))
    for one, other in zip(compiled, results(X), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-10)


# Odd tables --------------------------------------------------------------------------


@MODELS
def test_strangers(make):
    X = random_table(12, 6)
    X[3], X[:, 2] = 0.0, 0.0  # user 3 rated nothing, nobody rated item 2
    model = make().fit(table(X))
    assert (model.B_[2] == 0.0).all()
    assert (model.B_[:, 2] == 0.0).all()
    assert model.scores([3])[0].tolist() == X.sum(axis=0).tolist()
    assert model.scores([0])[0, 2] == 0.0
    others = np.delete(np.arange(6), 2)
    alone = make().fit(table(X[:, others])).B_
    np.testing.assert_allclose(model.B_[np.ix_(others, others)], alone, rtol=1e-12)


@MODELS
def test_little_to_learn_from(make):
    lone = np.zeros((3, 4))
    lone[1, 2] = 1.0
    for X in (lone, np.eye(4), np.ones((1, 1)), np.ones((1, 5)), np.ones((5, 1))):
        model = make().fit(table(X))
        assert np.isfinite(model.B_).all()
        assert (model.B_.diagonal() == 0.0).all()
        assert np.isfinite(model.scores(np.arange(len(X)))).all()
    assert (make().fit(table(np.eye(4))).B_ == 0.0).all()  # no two in common


def test_a_long_history_counts_every_item():
    X = random_table()
    model = EDLAE().fit(table(X))
    np.testing.assert_allclose(model.scores([5, 2, 5]), X[[5, 2, 5]] @ model.B_)
    unseen = np.where(X[5] > 0, -np.inf, X[5] @ model.B_)
    listed = model.recommend([5], k=3, exclude=table(X))[0]
    assert listed.tolist() == np.argsort(-unseen, kind="stable")[:3].tolist()


def test_dropout_1_hides_everything():
    with pytest.raises(ValueError, match=r"dropout must be .* below 1, got 1\.0"):
        EDLAE(dropout=1.0).fit(datasets.load_toy())


def test_settings_that_overflow_are_refused():
    train = datasets.load_toy()
    for model in (EASE(1e31), EDLAE(1e31), SLIM(1e31), SLIM(1.0, 1e31)):
        with pytest.raises(ValueError, match=r"reg.* at most 1e\+30, got 1e\+31"):
            model.fit(train)
    with pytest.raises(ValueError, match=r"user_power .* at most 10\.0, got 10\.1"):
        EDLAE(user_power=10.1).fit(train)
    for model in (EASE(1e30), EDLAE(1e30, 0.0, 10.0), SLIM(0.0, 1e30)):
        B = model.fit(train).B_
        assert np.isfinite(B).all()
        assert 0.0 < B.max() < 1e-29


class TestContract(ModelContract):
    cases = [
        Case("EASE", lambda: EASE(reg=2.0), rates=False),
        Case("EASE-faded", lambda: EASE(reg=2.0, decay=0.9), rates=False),
        Case("EDLAE", lambda: EDLAE(reg=1.0, dropout=0.3), rates=False),
        Case("SLIM", lambda: SLIM(reg_l1=0.1, reg_l2=1.0), rates=False),
    ]


@TABLES
@MODELS
def test_a_score_is_the_sum_of_what_the_users_items_add(X, make):
    model = make().fit(table(X))
    for user, item in itertools.product(range(len(X)), range(X.shape[1])):
        explanation = model.explain(user, item)
        parts = {j: model.B_[j, item] for j in np.flatnonzero(X[user])}
        found = dict(zip(*(a.tolist() for a in list(explanation)[:2]), strict=True))
        assert found == parts
        base = 0.0 if parts else model.counts_[item]
        assert explanation.base == pytest.approx(base, abs=1e-12)
        assert explanation.prediction == model.scores([user])[0, item]


def test_nothing_explains_the_score_of_a_user_without_ratings():
    model = EASE(reg=1.0).fit(table([[1, 1], [1, 0], [0, 0]]))
    explanation = model.explain(2, 0)
    assert (explanation.base, explanation.codes.size) == (2.0, 0)
    with pytest.raises(ValueError, match=r"users\[0\] is 3"):
        model.explain(3, 0)


def test_what_a_faded_item_adds_is_faded():
    times = [1, 2, 3]
    ratings = Ratings([0, 0, 1], [0, 1, 0], [4.0] * 3, times, range(2), range(3))
    model = EASE(reg=1.0, decay=0.5).fit(ratings)
    explanation = model.explain(0, 1)  # item 1 came after item 0
    assert explanation.ratings.tolist() == [0.5, 1.0]
    assert explanation.contributions[0] == 0.5 * model.B_[0, 1]
