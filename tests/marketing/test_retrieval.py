"""In-batch towers beside the full softmax, loops and numbers by hand; the pipeline."""

import itertools

import numpy as np
import pytest
from contract import Case, ModelContract, planted
from estimators import EstimatorContract, Example
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize
from scipy.special import log_softmax

from recbook import InBatchTowers, NotFittedError, Ratings, datasets
from recbook.marketing.regression import Logistic
from recbook.marketing.retrieval import Reranker, in_batch_softmax, merge, towers

SMALL = {"n_factors": 8, "batch_size": 32, "n_epochs": 20, "lr": 0.1}


class TestInBatchTowers(ModelContract):
    cases = (
        Case("InBatchTowers", lambda: InBatchTowers(**SMALL), rates=False),
        Case(
            "InBatchTowers-plain",
            lambda: InBatchTowers(correction=None, **(SMALL | {"n_epochs": 10})),
            knows="nothing",  # it ranks less popular items first, on purpose
            rates=False,
        ),
    )


def table(pairs, n_users, n_items):
    users, items = np.array(pairs).T
    names = np.arange(n_users), np.arange(n_items)
    return Ratings(users, items, np.ones(len(users)), None, *names)


# By hand -----------------------------------------------------------------------------


def test_a_batch_of_three_by_hand():
    # Plain: e^2 / (e^2 + 2 e) = 7.389 / 12.826 = .576.
    plain = in_batch_softmax([[2.0, 1.0, 1.0]])
    assert plain[0, 0] == pytest.approx(7.38906 / 12.82562, abs=1e-6)
    # logQ: 7.389 / .5 = 14.778, 2.718 / .25 = 10.873 twice; 14.778 / 36.524 = .405.
    right = in_batch_softmax([[2.0, 1.0, 1.0]], np.log([0.5, 0.25, 0.25]))
    assert right[0, 0] == pytest.approx(14.77811 / 36.52437, abs=1e-6)
    np.testing.assert_allclose(right.sum(axis=1), 1.0)


def test_scores_that_would_overflow_are_no_trouble():
    assert in_batch_softmax([[1e300, 0.0], [-1e300, -1e300]]).tolist() == [
        [1.0, 0.0],
        [0.5, 0.5],
    ]


# The loss and its slopes -------------------------------------------------------------


def setting(pairs, n_users=6, n_items=5, k=3, seed=0):
    """Small towers, the table's arrays, and the pairs as a batch."""
    rng = np.random.default_rng(seed)
    V, W = rng.normal(size=(n_items, k)), rng.normal(size=(n_items, k + 1))
    csr = table(pairs, n_users, n_items).csr
    taken = csr.indptr.astype(np.int64), csr.indices.astype(np.int64)
    users, items = (np.array(column) for column in zip(*pairs, strict=True))
    return V, W, users, items, taken


def slopes(V, W, users, items, taken, log_q, reg):
    G_V, G_W = np.zeros_like(V), np.zeros_like(W)
    hit = np.zeros((2, len(V)), dtype=bool)
    loss = towers.add_slopes(
        V, W, users, items, *taken, log_q, float(reg), G_V, G_W, hit
    )
    return loss, G_V, G_W, hit


def loss_by_loops(V, W, users, items, taken, log_q, reg):
    """The docstring's loss, a pair at a time."""
    total, k = 0.0, V.shape[1]
    for u, i in zip(users, items, strict=True):
        others = [j for j in taken[1][taken[0][u] : taken[0][u + 1]] if j != i]
        p = sum((V[j] for j in others), np.zeros(k)) / np.sqrt(max(len(others), 1))
        s = [W[j, k] + p @ W[j, :k] - log_q[j] for j in items]
        own = W[i, k] + p @ W[i, :k] - log_q[i]
        total += np.log(np.exp(s).sum()) - own
        total += reg / 2 * (p @ p + W[i, :k] @ W[i, :k])
    return total / len(users)


PAIRS = [(0, 0), (0, 1), (0, 3), (1, 1), (2, 1), (2, 3), (3, 4), (4, 0), (4, 4), (5, 1)]


@pytest.mark.parametrize("reg", [0.0, 0.7])
def test_slopes_are_those_of_the_loss(reg):
    V, W, users, items, taken = setting(PAIRS)
    log_q = np.log([0.2, 0.4, 0.05, 0.1, 0.25])
    loss, G_V, G_W, hit = slopes(V, W, users, items, taken, log_q, reg)

    def value(x):
        V_, W_ = x[: V.size].reshape(V.shape), x[V.size :].reshape(W.shape)
        return loss_by_loops(V_, W_, users, items, taken, log_q, reg)

    x = np.concatenate([V.ravel(), W.ravel()])
    assert loss == pytest.approx(value(x), rel=1e-12)
    found = np.concatenate([G_V.ravel(), G_W.ravel()])
    steps = 1e-5 * np.eye(len(x))
    central = [(value(x + h) - value(x - h)) / 2e-5 for h in steps]
    np.testing.assert_allclose(found, central, atol=1e-8)
    assert hit[0].tolist() == (np.abs(G_V).sum(axis=1) > 0).tolist()
    assert hit[1].tolist() == [True, True, False, True, True]  # nobody has item 2


def test_a_batch_with_every_item_once_is_the_full_softmax():
    """Loss and slopes agree to 1e-9 with sums over the whole catalogue."""
    pairs = [(u, u) for u in range(5)] + [(5, 0)]
    more = [(u, (u + step) % 5) for u in range(5) for step in (1, 3)]
    V, W, users, items, taken = setting(pairs + more)
    users, items = users[:5], items[:5]  # each item once, so q is 1/5 for all
    k, catalogue = V.shape[1], np.arange(5)
    loss, G_V, G_W, _ = slopes(V, W, users, items, taken, np.log(np.full(5, 0.2)), 0.0)
    full, F_V, F_W = 0.0, np.zeros_like(V), np.zeros_like(W)
    for u, i in zip(users, items, strict=True):
        others = [j for j in taken[1][taken[0][u] : taken[0][u + 1]] if j != i]
        root = np.sqrt(max(len(others), 1))
        p = V[others].sum(axis=0) / root
        scores = W[:, k] + W[:, :k] @ p
        full -= log_softmax(scores)[i] / 5
        error = (np.exp(log_softmax(scores)) - (catalogue == i)) / 5
        F_W += np.outer(error, np.append(p, 1.0))
        for j in others:
            F_V[j] += W[:, :k].T @ error / root
    assert loss == pytest.approx(full, rel=1e-9)
    np.testing.assert_allclose(G_V, F_V, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(G_W, F_W, rtol=1e-9, atol=1e-15)


# What the optimum is -----------------------------------------------------------------

TASTES = np.array([[0.7, 0.2, 0.1], [0.3, 0.1, 0.6]])  # of two people, equally active
SHARES = TASTES.mean(axis=0)


def batches(size):
    """Return who asks, the columns, the own one first, and how often that happens."""
    cases = np.array(list(itertools.product(range(2), *[range(3)] * size)))
    people, columns = cases[:, 0], cases[:, 1:]
    return (
        people,
        columns,
        TASTES[people, columns[:, 0]] / 2 * np.prod(SHARES[columns[:, 1:]], axis=1),
    )


def best_tastes(size, log_q, masked=False):
    """Return softmax of the scores with the least expected loss over all batches."""
    people, columns, chance = batches(size)
    hidden = np.zeros(columns.shape)
    if masked:
        hidden[:, 1:][columns[:, 1:] == columns[:, :1]] = np.inf

    def expected_loss(x):
        S = x.reshape(2, 3)[people[:, None], columns] - log_q[columns] - hidden
        return -chance @ log_softmax(S, axis=1)[:, 0] + 1e-9 * x @ x

    found = optimize.minimize(expected_loss, np.zeros(6), tol=1e-10)
    return in_batch_softmax(found.x.reshape(2, 3))


@pytest.mark.parametrize("size", [2, 3])
def test_corrected_batches_of_any_size_learn_the_tastes_exactly(size):
    right = best_tastes(size=size, log_q=np.log(SHARES))
    np.testing.assert_allclose(right, TASTES, atol=1e-4)
    plain = best_tastes(size=size, log_q=np.zeros(3))
    ratios = TASTES / SHARES  # plain learns ln of these
    np.testing.assert_allclose(plain, ratios / ratios.sum(1, keepdims=True), atol=1e-4)


def test_a_mask_on_repeated_items_moves_the_optimum():
    masked = best_tastes(size=3, log_q=np.log(SHARES), masked=True)
    assert np.abs(masked - TASTES).max() > 0.02


# Training ----------------------------------------------------------------------------


def test_the_own_item_is_left_out_of_the_user():
    V = np.array([[1.0], [10.0], [100.0]])
    starts, taken = np.array([0, 3, 4, 4]), np.array([0, 1, 2, 1])
    users, targets = np.array([0, 0, 1, 2]), np.array([2, -1, 1, 0])
    P = towers.user_vectors(V, users, targets, starts, taken)
    # 1 + 10 over the root of 2; all three over the root of 3; nothing is left; nothing.
    expected = [[11 / 2**0.5], [111 / 3**0.5], [0.0], [0.0]]
    np.testing.assert_allclose(P, expected, rtol=1e-15)


def test_adagrad_by_hand():
    X, squares = np.array([[1.0], [1.0]]), np.array([[9.0], [9.0]])
    G, hit = np.array([[4.0], [7.0]]), np.array([True, False])
    towers.adagrad(X, squares, G, hit, 0.5)
    # 9 + 16 = 25, and 1 - .5 · 4 / 5 = .6; the second row was not hit.
    assert X.tolist() == [[0.6], [1.0]]
    assert squares.tolist() == [[25.0], [9.0]]
    assert G.tolist() == [[0.0], [7.0]]
    assert not hit.any()


def test_fitted_attributes():
    train, _ = planted()
    model = InBatchTowers(**SMALL).fit(train)
    counts = np.bincount(train.items, minlength=train.n_items)
    np.testing.assert_allclose(np.exp(model.log_q_), counts / counts.sum())
    loss = model.history_["loss"]
    assert len(loss) == SMALL["n_epochs"]
    assert loss[-1] < loss[0]
    users, items, stars = train.users[::-1], train.items[::-1], train.values[::-1]
    turned = Ratings(users, items, stars, None, train.user_ids, train.item_ids)
    again = InBatchTowers(**SMALL).fit(turned)
    np.testing.assert_array_equal(again.Q_, model.Q_)  # the table's order is no matter
    other = InBatchTowers(**SMALL, seed=1).fit(train)
    assert not np.array_equal(other.Q_, model.Q_)


def test_an_item_that_nobody_took_comes_last():
    train = table(PAIRS, 6, 5)  # nobody has item 2
    model = InBatchTowers(**SMALL).fit(train)
    assert model.log_q_[2] == -np.inf
    scores = model.scores(range(6))
    assert (scores[:, 2] == scores.min(axis=1)).all()
    assert np.isfinite(scores).all()


def test_the_correction_brings_popular_items_back():
    """People take items by popularity alone: plain scores are flat, corrected ln q."""
    rng = np.random.default_rng(0)
    share = np.array([0.5, 0.3, 0.1, 0.07, 0.03])
    pairs = {(u, i) for u in range(600) for i in range(5) if rng.random() < share[i]}
    train = table(sorted(pairs), 600, 5)
    settings = {"n_factors": 1, "init_std": 0.0, "batch_size": 64}
    settings |= {"n_epochs": 100, "lr": 0.3}
    right = InBatchTowers(**settings).fit(train)
    plain = InBatchTowers(correction=None, **settings).fit(train)
    assert np.ptp(right.log_q_) > 2
    assert np.ptp(right.bi_ - right.log_q_) < 0.3
    assert np.ptp(plain.bi_) < 0.3


def test_a_step_too_long_is_named():
    with pytest.raises(ValueError, match=r"lr=1e\+200.*epoch 1"):
        InBatchTowers(lr=1e200, n_epochs=3).fit(planted()[0])


def test_stars_do_not_matter():
    toy = datasets.load_toy()
    ones = Ratings(
        toy.users, toy.items, np.ones(toy.n_ratings), None, toy.user_ids, toy.item_ids
    )
    left, right = (InBatchTowers(**SMALL).fit(data) for data in (toy, ones))
    np.testing.assert_array_equal(left.Q_, right.Q_)


@pytest.mark.parametrize(
    ("scores", "log_q", "words"),
    [
        ([1.0, 2.0], None, r"scores.*shape \(2,\)"),
        (np.zeros((0, 3)), None, r"scores.*shape \(0, 3\)"),
        ([[1.0, np.nan]], None, r"scores\[0, 1\] is nan"),
        ([[1.0, 2.0]], [-1.0, -np.inf], r"log_q\[1\] is -inf"),
        ([[1.0, 2.0]], [-1.0], "log_q has 1 rows, but 2"),
    ],
)
def test_a_softmax_of_nonsense_is_refused(scores, log_q, words):
    with pytest.raises(ValueError, match=words):
        in_batch_softmax(scores, log_q)


# Merge -------------------------------------------------------------------------------


def merged_by_loops(lists, n):
    rows = []
    for u in range(len(lists[0])):
        row = []
        for place in range(max(len(one[u]) for one in lists)):
            for one in lists:
                if place < len(one[u]) and one[u][place] not in (-1, *row):
                    row.append(one[u][place])
        rows.append((row + [-1] * n)[:n])
    return rows


def test_merge_by_hand():
    first, second = [[4, 2, 9]], [[2, 7]]
    # Turns: 4, 2, (2 again), 7, 9.
    assert merge([first, second], n=6).tolist() == [[4, 2, 7, 9, -1, -1]]
    assert merge([first, second], n=2).tolist() == [[4, 2]]
    assert merge([second, first], n=3).tolist() == [[2, 4, 7]]
    assert merge([[[-1, 5]], [[-1, -1]]], n=2).tolist() == [[5, -1]]


@given(st.data())
def test_merge_is_what_the_loops_give(data):
    n_users = data.draw(st.integers(1, 3))
    lists = []
    for _ in range(data.draw(st.integers(1, 3))):
        k = data.draw(st.integers(1, 5))
        row = st.lists(st.integers(-1, 6), min_size=k, max_size=k)
        lists.append(data.draw(st.lists(row, min_size=n_users, max_size=n_users)))
    n = data.draw(st.integers(1, 12))
    assert merge(lists, n).tolist() == merged_by_loops(lists, n)


@pytest.mark.parametrize(
    ("lists", "n", "words"),
    [
        ([], 3, "lists is empty"),
        ([[[1, 2]]], 0, "n must be an integer of at least 1, got 0"),
        ([[[1, 2]], [[1], [2]]], 3, r"lists\[1\] has 2 users, but lists\[0\] has 1"),
        ([[[1, -2]]], 3, r"lists\[0\]\[0, 1\] is -2"),
        ([[1, 2]], 3, r"lists\[0\].*shape \(2,\)"),
        ([[[1.0, 2.0]]], 3, r"lists\[0\].*float64"),
    ],
)
def test_lists_of_nonsense_are_refused(lists, n, words):
    with pytest.raises(ValueError, match=words):
        merge(lists, n)


# Re-ranking --------------------------------------------------------------------------


def rows(n=300, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)) * [1.0, 50.0, 0.01] + [0.0, 9.0, 1.0]
    logits = X @ [1.0, 0.02, 0.0] - 1
    return X, rng.random(n) < 1 / (1 + np.exp(-logits))


def test_the_ranker_is_a_regression_on_standard_scores():
    X, bought = rows()
    model = Reranker(reg=2.0).fit(X, bought)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    expected = Logistic(reg=2.0).fit(Z, bought).predict(Z)
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-10)
    # A free intercept: the mean of the probabilities is that of the outcomes.
    assert model.predict(X).mean() == pytest.approx(bought.mean(), abs=1e-9)


@given(st.floats(1e-3, 1e3), st.floats(-100, 100))
def test_the_units_of_a_feature_do_not_matter(scale, shift):
    X, bought = rows(60)
    moved = X * [scale, 1.0, 1.0] + [shift, 0.0, 0.0]
    left, right = Reranker().fit(X, bought), Reranker().fit(moved, bought)
    np.testing.assert_allclose(left.predict(X), right.predict(moved), rtol=1e-6)


def test_a_constant_feature_counts_for_nothing():
    X, bought = rows()
    more = np.column_stack([X, np.full(len(X), 0.1)])
    left, right = Reranker().fit(X, bought), Reranker().fit(more, bought)
    np.testing.assert_allclose(left.predict(X), right.predict(more), rtol=1e-9)
    assert right.model_.coef_[-1] == 0.0
    assert right.scale_[-1] == 1.0


def test_lists_by_hand():
    model = Reranker().fit([[0.0], [1.0], [0.0], [1.0]], [0, 1, 0, 0])  # 1 is better
    candidates = [[4, 8, 6, -1], [3, -1, -1, -1]]
    features = np.zeros((2, 4, 1))
    features[0, 1] = 1.0
    features[0, 3] = np.nan  # of padding: not looked at
    # 8 first; 4 and 6 are level and keep their order; then padding.
    lists = model.recommend(candidates, features, k=5).tolist()
    assert lists == [[8, 4, 6, -1, -1], [3, -1, -1, -1, -1]]
    assert model.recommend(candidates, features, k=1).tolist() == [[8], [3]]
    nobody = model.recommend([[-1, -1]], np.full((1, 2, 1), np.inf), k=2)
    assert nobody.tolist() == [[-1, -1]]


def test_a_ranker_refuses_nonsense():
    X, bought = rows(20)
    with pytest.raises(NotFittedError, match="Reranker"):
        Reranker().recommend([[1]], np.zeros((1, 1, 3)))
    with pytest.raises(ValueError, match="bought is 0 in all rows"):
        Reranker().fit(X, np.zeros(20))
    model = Reranker().fit(X, bought)
    with pytest.raises(ValueError, match=r"features.*\(1, 2\).*shape \(1, 3, 3\)"):
        model.recommend([[1, 2]], np.zeros((1, 3, 3)))
    with pytest.raises(ValueError, match="k must be"):
        model.recommend([[1, 2]], np.zeros((1, 2, 3)), k=0)
    with pytest.raises(ValueError, match=r"candidates\[0, 0\] is -3"):
        model.recommend([[-3, 2]], np.zeros((1, 2, 3)))


class TestReranker(EstimatorContract):
    cases = [
        Example(
            lambda: Reranker(2.0),
            lambda rng: dict(zip(("features", "bought"), rows(60, rng), strict=True)),
            {"predict": ("features",)},
            names="features",
        )
    ]
