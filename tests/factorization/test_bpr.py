"""BPR against its equations: the steps, the objective, the sampling, and odd tables."""

import math
from collections import Counter

import numpy as np
import pytest
from contract import Case, ModelContract
from kernels import plain
from scipy import sparse

from recbook import BPR, Ratings, evaluation, metrics
from recbook._core import negatives
from recbook._core.negatives import RatedPairs, draw_unrated, unrated
from recbook.base import DivergenceError
from recbook.baselines import Popularity
from recbook.factorization import bpr, draw_triples, log_sigmoid
from recbook.factorization.bpr import climb


def table(mask):
    users, items = np.nonzero(mask)
    names = [np.arange(n) for n in np.shape(mask)]
    return Ratings(users, items, np.full(users.size, 4.0), None, *names)


def random_mask(shape=(30, 25), share=0.3, seed=0):
    return np.random.default_rng(seed).random(shape) < share


def parameters(n_users=4, n_items=6, n_factors=3, seed=0):
    rng = np.random.default_rng(seed)
    shapes = (n_users, n_factors), (n_items, n_factors), n_items
    return [rng.normal(0, 0.5, shape) for shape in shapes]


TRIPLES = [(0, 1, 2), (3, 5, 0), (0, 2, 1), (0, 1, 2), (2, 4, 3)]
COLUMNS = [np.array(column, dtype=np.int32) for column in zip(*TRIPLES, strict=True)]


# The steps ---------------------------------------------------------------------------


def bracket(P, Q, b, triple, reg, reg_bias):
    """What one triple adds to the objective, as the docstring prints it."""
    u, i, j = triple
    x = (b[i] + P[u] @ Q[i]) - (b[j] + P[u] @ Q[j])
    squares = P[u] @ P[u] + Q[i] @ Q[i] + Q[j] @ Q[j]
    prior = reg / 2 * squares + reg_bias / 2 * (b[i] ** 2 + b[j] ** 2)
    return math.log(1 / (1 + math.exp(-x))) - prior


def oracle(P, Q, b, triples, lr, reg, reg_bias):
    """Vectors at a time; everything new is made of what is old."""
    P, Q, b = P.copy(), Q.copy(), b.copy()
    for u, i, j in triples:
        x = (b[i] + P[u] @ Q[i]) - (b[j] + P[u] @ Q[j])
        e = 1 - 1 / (1 + math.exp(-x))
        p, qi, qj, bi, bj = P[u].copy(), Q[i].copy(), Q[j].copy(), b[i], b[j]
        P[u] = p + lr * (e * (qi - qj) - reg * p)
        Q[i] = qi + lr * (e * p - reg * qi)
        Q[j] = qj + lr * (-e * p - reg * qj)
        b[i] = bi + lr * (e - reg_bias * bi)
        b[j] = bj + lr * (-e - reg_bias * bj)
    return P, Q, b


@pytest.mark.parametrize("reg", [0.0, 0.3])
def test_an_epoch_is_its_equations_one_triple_after_another(reg):
    start = parameters()
    found = [array.copy() for array in start]
    climb(*found, *COLUMNS, 0.2, reg, 0.1)
    for mine, other in zip(found, oracle(*start, TRIPLES, 0.2, reg, 0.1), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-12)


@pytest.mark.parametrize("triple", TRIPLES[:2])
def test_a_step_is_the_gradient_of_the_objective(triple):
    reg, reg_bias, lr, h = 0.3, 0.2, 1e-3, 1e-6
    start = parameters()
    moved = [array.copy() for array in start]
    columns = [np.array([code], dtype=np.int32) for code in triple]
    climb(*moved, *columns, lr, reg, reg_bias)
    for which, array in enumerate(start):
        for place in np.ndindex(array.shape):
            sides = []
            for sign in (1, -1):
                shifted = [a.copy() for a in start]
                shifted[which][place] += sign * h
                sides.append(bracket(*shifted, triple, reg, reg_bias))
            step = (moved[which][place] - array[place]) / lr
            slope = (sides[0] - sides[1]) / (2 * h)
            assert step == pytest.approx(slope, abs=1e-7)


def test_the_prior_pulls_to_zero():
    # Rendle's update prints + lambda: a prior whose weights run away.
    start = parameters()
    found = [array.copy() for array in start]
    climb(*found, *COLUMNS, 0.1, 5.0, 5.0)
    for after, before in zip(found, start, strict=True):
        assert np.abs(after).sum() < np.abs(before).sum()


def test_compiled_or_not_the_same(monkeypatch):
    train = table(random_mask())
    settings = {"n_factors": 5, "n_epochs": 4, "lr": 0.1, "reg": 0.02}
    fast = BPR(**settings).fit(train)
    monkeypatch.setattr(bpr, "climb", plain(climb))
    monkeypatch.setattr(bpr, "margins", plain(bpr.margins))
    monkeypatch.setattr(negatives, "unrated", plain(unrated))
    slow = BPR(**settings).fit(train)
    for name in ("P_", "Q_", "bi_"):
        np.testing.assert_allclose(
            getattr(fast, name), getattr(slow, name), rtol=0, atol=1e-10
        )
    for name, values in fast.history_.items():
        np.testing.assert_allclose(values, slow.history_[name], rtol=0, atol=1e-10)


@pytest.mark.parametrize("kernel", [climb, plain(climb)])
def test_a_margin_of_any_size_takes_a_finite_step(kernel):
    for gap in (1000.0, -1000.0, 1e300):
        b = np.array([gap, -gap])
        P, Q = np.zeros((1, 1)), np.zeros((2, 1))
        one = [np.array([code], dtype=np.int32) for code in (0, 0, 1)]
        kernel(P, Q, b, *one, 0.5, 0.0, 0.0)
        moved = 0.5 if gap < 0 else 0.0  # sigma(-x) is 1, or 0
        assert b.tolist() == [gap + moved, -gap - moved]


def test_log_sigmoid_is_stable_and_right():
    x = np.array([-1e308, -1000.0, -3.0, 0.0, 2.0, 40.0, 1000.0, 1e308])
    found = log_sigmoid(x)
    assert np.isfinite(found).all()
    assert found[[0, 1, -2, -1]].tolist() == [-1e308, -1000.0, 0.0, 0.0]
    literal = [math.log(1 / (1 + math.exp(-v))) for v in (-3.0, 0.0, 2.0)]
    np.testing.assert_allclose(found[2:5], literal, rtol=1e-14)
    # Near 0 the literal form is 0; the limit is -exp(-x).
    np.testing.assert_allclose(found[5], -math.exp(-40.0), rtol=1e-12)
    np.testing.assert_allclose(log_sigmoid(x[:4]) - log_sigmoid(-x[:4]), x[:4])
    assert log_sigmoid(0.0).shape == ()
    for bad in (None, [1j], "wide"):
        with pytest.raises(ValueError, match=r"^x"):
            log_sigmoid(bad)


# The sampling ------------------------------------------------------------------------


def test_every_order_leads_to_the_unrated_item_of_that_rank():
    mask = random_mask((8, 9), 0.5)
    mask[0], mask[1], mask[2, :3], mask[3, -3:] = False, True, True, True
    R = sparse.csr_array(mask.astype(float))
    for kernel in (unrated, plain(unrated)):
        for u, row in enumerate(mask):
            expected = np.flatnonzero(~row)
            order = np.arange(expected.size)
            users = np.full(expected.size, u, dtype=np.int32)
            found = kernel(R.indptr, R.indices, users, order)
            assert found.tolist() == expected.tolist()


def test_positives_are_rated_and_negatives_never():
    mask = random_mask(share=0.8)
    mask[3], mask[4] = True, False  # all, and nothing
    users, items, negatives = draw_triples(
        np.random.default_rng(0), table(mask).csr, 20_000
    )
    assert mask[users, items].all()
    assert not mask[users, negatives].any()
    assert not np.isin([3, 4], users).any()


def test_negatives_of_a_user_are_the_unrated_items_alike():
    mask = random_mask((6, 9), 0.4, seed=8)
    mask[1], users = False, np.array([4, 1, 4, 0])
    drawn = draw_unrated(np.random.default_rng(0), table(mask).csr, users, 6000)
    assert drawn.shape == (4, 6000)
    for u, row in zip(users, drawn, strict=True):
        free = np.flatnonzero(~mask[u])
        shares = np.bincount(row, minlength=9) / 6000
        np.testing.assert_allclose(shares[free], 1 / free.size, atol=0.03)
        assert shares[mask[u]].sum() == 0
    assert not np.array_equal(drawn[0], drawn[2])  # one user, drawn for twice


def test_triples_are_uniform():
    mask = np.array([[1, 1, 1, 0, 0], [0, 1, 0, 0, 0], [1, 1, 1, 1, 1]], bool)
    n = 40_000
    triples = draw_triples(np.random.default_rng(0), table(mask).csr, n)
    cells = {}
    for triple in zip(*(column.tolist() for column in triples), strict=True):
        cells[triple] = cells.get(triple, 0) + 1
    # Four pairs, each a quarter; within a pair each negative alike.
    expected = {(0, i, j): n / 8 for i in (0, 1, 2) for j in (3, 4)}
    expected |= {(1, 1, j): n / 16 for j in (0, 2, 3, 4)}
    assert set(cells) == set(expected)
    for triple, count in expected.items():
        assert cells[triple] == pytest.approx(count, abs=5 * math.sqrt(count))


def test_an_epoch_in_blocks_draws_every_pair_alike(monkeypatch):
    monkeypatch.setattr(negatives, "BLOCK", 7)
    train = table(random_mask((6, 7), 0.5))
    pairs, rng, seen = RatedPairs(train.csr), np.random.default_rng(0), []
    for _ in range(500):
        epoch = list(pairs.epoch(rng))
        assert sum(len(users) for users, _, _ in epoch) == train.n_ratings
        assert len(epoch) == math.ceil(train.n_ratings / 7)
        for users, items, _ in epoch:  # of at most seven pairs, so neighbours
            assert len(set(zip(users, items, strict=True))) <= 7
            seen += zip(users.tolist(), items.tolist(), strict=True)
    counts = Counter(seen)
    assert set(counts) == set(zip(train.users, train.items, strict=True))
    for count in counts.values():  # binomial: 500 draws are expected of each
        assert count == pytest.approx(500, abs=5 * math.sqrt(500))


# The model ---------------------------------------------------------------------------


def planted(seed=5):
    """Two camps, each with films of its own, and films more popular than others."""
    rng = np.random.default_rng(seed)
    n_users, n_items = 120, 80
    camp = np.where(np.arange(n_users) % 2 == 0, 1.0, -1.0)
    kind = np.where(np.arange(n_items) % 2 == 0, 1.0, -1.0)
    logits = -1.5 + rng.normal(0, 1, n_items) + 1.5 * np.outer(camp, kind)
    rated = rng.random((n_users, n_items)) < 1 / (1 + np.exp(-logits))
    held_out = rng.random(rated.shape) < 0.25
    return table(rated & ~held_out), table(rated & held_out)


def test_the_objective_rises_on_the_toy(toy):
    history = BPR(n_factors=4, n_epochs=150, lr=0.05, reg=0.001).fit(toy).history_
    objective = np.array(history["objective"])
    assert len(objective) == len(history["auc"]) == 150
    assert objective[0] < objective[9] < objective[49] < objective[-1] < 0
    assert history["auc"][-1] > 0.9 > 0.8 > history["auc"][0]


def test_the_history_is_what_it_says(toy):
    model = BPR(n_factors=3, n_epochs=1, reg=0.3, reg_bias=0.2, seed=4).fit(toy)
    # The sample is drawn after the start and before the first epoch.
    rng = np.random.default_rng(4)
    rng.normal(size=(5, 3)), rng.normal(size=(6, 3))
    sample = draw_triples(rng, toy.csr, toy.n_ratings)
    fitted = model.P_, model.Q_, model.bi_
    triples = list(zip(*sample, strict=True))
    terms = [bracket(*fitted, triple, 0.3, 0.2) for triple in triples]
    assert model.history_["objective"] == [pytest.approx(np.mean(terms))]
    scores = model.scores(np.arange(5))
    ordered = [scores[u, i] > scores[u, j] for u, i, j in triples]
    assert model.history_["auc"] == [pytest.approx(np.mean(ordered))]


def test_taste_is_found_beside_popularity():
    train, test = planted()
    popular = evaluation.user_values(Popularity().fit(train), train, test)
    model = BPR(n_factors=8, n_epochs=100, lr=0.05, reg=0.05).fit(train)
    mine = evaluation.user_values(model, train, test)
    assert mine["ndcg"].mean() > popular["ndcg"].mean() + 0.1
    counts = np.bincount(train.items, minlength=train.n_items)
    assert np.corrcoef(model.bi_, counts)[0, 1] > 0.8


def test_biases_alone_come_to_popularity():
    train, _ = planted()
    model = BPR(n_factors=1, n_epochs=200, lr=0.02, init_std=0.0).fit(train)
    assert not model.P_.any()
    assert not model.Q_.any()
    everyone = np.arange(train.n_users)
    popular = Popularity().fit(train).recommend(everyone, 10)
    likeness = metrics.precision(model.recommend(everyone, 10), _as_csr(popular), 10)
    assert likeness.mean() > 0.8


def _as_csr(lists, n_items=80):
    rows = np.repeat(np.arange(len(lists)), lists.shape[1])
    shape = (len(lists), n_items)
    return sparse.csr_array((np.ones(rows.size), (rows, lists.ravel())), shape=shape)


def test_the_order_of_the_ratings_and_their_stars_do_not_matter():
    train = table(random_mask())
    order = np.random.default_rng(1).permutation(train.n_ratings)
    names = train.user_ids, train.item_ids
    other = Ratings(train.users[order], train.items[order],
                    np.arange(train.n_ratings) % 5 + 1, None, *names)  # fmt: skip
    one, two = (BPR(n_factors=3, n_epochs=3).fit(t) for t in (train, other))
    np.testing.assert_array_equal(one.P_, two.P_)
    assert one.history_ == two.history_


def test_decay_slows_the_later_epochs_only():
    train = table(random_mask())
    fits = [BPR(n_factors=3, n_epochs=n, lr_decay=d).fit(train)
            for n, d in [(1, 1.0), (1, 1e-12), (2, 1e-12), (2, 1.0)]]  # fmt: skip
    np.testing.assert_array_equal(fits[0].Q_, fits[1].Q_)
    np.testing.assert_allclose(fits[1].Q_, fits[2].Q_, atol=1e-10)
    assert np.abs(fits[3].Q_ - fits[2].Q_).max() > 1e-3


def test_seeds_differ():
    train = table(random_mask())
    one, two = (BPR(n_factors=3, n_epochs=1, seed=s).fit(train) for s in (0, 1))
    assert (one.Q_ != two.Q_).all()


# Odd tables --------------------------------------------------------------------------


def test_who_rated_nothing_or_everything_gets_popularity():
    mask = random_mask((7, 6), 0.5)
    mask[0], mask[1], mask[:, 5] = False, True, False
    mask[1, 5] = True
    train = table(mask)
    model = BPR(n_factors=3, n_epochs=5).fit(train)
    assert model.scores([0, 1]).tolist() == [mask.sum(axis=0).tolist()] * 2
    assert not model.P_[:2].any()
    assert model.P_[2:].all()


def test_nothing_to_learn_where_everybody_rated_everything():
    model = BPR(n_factors=2, n_epochs=2).fit(table(np.ones((3, 4), bool)))
    assert model.scores([0, 1, 2]).tolist() == [[3.0] * 4] * 3
    assert not model.bi_.any()
    assert np.isnan(model.history_["auc"]).all()
    rng, full = np.random.default_rng(0), table(np.ones((3, 4), bool)).csr
    assert [column.size for column in draw_triples(rng, full, 5)] == [0, 0, 0]


def test_an_item_that_nobody_rated_ends_last():
    mask = random_mask((40, 8), 0.6)
    mask[:, 3] = False
    model = BPR(n_factors=2, n_epochs=100, reg=0.05).fit(table(mask))
    assert model.bi_.argmin() == 3


def test_one_rating_and_more_factors_than_rows():
    mask = np.zeros((3, 4), bool)
    mask[1, 2] = True
    model = BPR(n_factors=9, n_epochs=20, reg=0.0, reg_bias=0.0).fit(table(mask))
    assert model.recommend([1], k=1).tolist() == [[2]]
    assert np.isfinite(model.scores([0, 1, 2])).all()


def test_no_epoch_leaves_the_start():
    train = table(random_mask())
    model = BPR(n_factors=3, n_epochs=0, init_std=0.2).fit(train)
    assert model.history_ == {"objective": [], "auc": []}
    assert not model.bi_.any()
    assert model.Q_.std() == pytest.approx(0.2, rel=0.3)


@pytest.mark.parametrize("kernel", [climb, plain(climb)])
def test_divergence_names_lr_and_the_epoch(monkeypatch, kernel):
    monkeypatch.setattr(bpr, "climb", kernel)
    model = BPR(n_factors=4, n_epochs=30, lr=50.0, reg=0.5)
    with pytest.raises(DivergenceError, match=r"lr=50\.0 .* epoch \d+ of 30"):
        model.fit(table(random_mask()))
    assert not hasattr(model, "Q_")


class TestContract(ModelContract):
    cases = [
        Case(
            "BPR", lambda: BPR(n_factors=8, n_epochs=60, lr=0.1, reg=0.1), rates=False
        ),
    ]
