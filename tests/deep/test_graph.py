"""LightGCN against its equations: the graph, the layers, both losses, odd tables."""

import math

import numpy as np
import pytest
from contract import NetworkContract, network
from scipy import sparse

from recbook import DivergenceError, LightGCN, Ratings, datasets
from recbook.deep.base import held_out, mean_ndcg
from recbook.deep.graph import normalized_adjacency, propagate
from recbook.deep.graph.base import softmax_loss, user_batches
from recbook.deep.graph.lightgcn import LOSSES


def table(mask, values=4.0):
    users, items = np.nonzero(mask)
    names = [np.arange(n) for n in np.shape(mask)]
    return Ratings(users, items, np.full(users.size, values), None, *names)


def random_table(shape=(7, 9), share=0.4, seed=0):
    return table(np.random.default_rng(seed).random(shape) < share)


def small(**settings):
    """Return a model whose numbers are large enough for a mistake to be seen."""
    chosen = {"n_factors": 3, "n_epochs": 2, "batch_size": 4, "init_std": 0.7}
    return LightGCN(**{**chosen, "lr": 0.05, "validation_share": 0.0, **settings})


def neighbours(train):
    """Return the list of each node's neighbours, users first."""
    found = [[] for _ in range(train.n_users + train.n_items)]
    for u, i in zip(train.users.tolist(), train.items.tolist(), strict=True):
        found[u].append(train.n_users + i)
        found[train.n_users + i].append(u)
    return found


def smoothed(train, E, n_layers):
    """LightGCN's vectors from the definition, a number at a time."""
    near = neighbours(train)
    layers = [E.astype(float).tolist()]
    for _ in range(n_layers):
        new = []
        for v, mine in enumerate(near):
            row = [0.0] * E.shape[1]
            for w in mine:
                for f in range(E.shape[1]):
                    weight = 1 / math.sqrt(len(mine) * len(near[w]))
                    row[f] += weight * layers[-1][w][f]
            new.append(row)
            assert len(new) == v + 1
        layers.append(new)
    return np.array(layers).mean(axis=0)


# The graph ---------------------------------------------------------------------------


def test_an_edge_weighs_one_over_the_root_of_both_degrees():
    train = random_table()
    A = normalized_adjacency(train.csr).toarray()
    near = neighbours(train)
    for v, mine in enumerate(near):
        for w in range(len(near)):
            weight = 1 / math.sqrt(len(mine) * len(near[w])) if w in mine else 0.0
            assert A[v, w] == pytest.approx(weight, abs=1e-12)


def test_toy_weights_by_hand():
    # Ann rated 5 films and Dune has 2 raters: 1 / sqrt(10). Nobody is a neighbour of
    # their own.
    A = normalized_adjacency(datasets.load_toy().csr).toarray()
    assert A[0, 5 + 1] == pytest.approx(0.316228, abs=1e-6)
    assert A[5 + 1, 0] == A[0, 5 + 1]
    assert not A.diagonal().any()


def test_eigenvalues_lie_between_minus_one_and_one_and_one_is_reached():
    A = normalized_adjacency(random_table((20, 15), 0.2).csr).toarray()
    values = np.linalg.eigvalsh(A)
    assert values.max() == pytest.approx(1.0)
    np.testing.assert_allclose(values, -values[::-1], atol=1e-12)  # two sides
    degree = (A > 0).sum(axis=1)
    np.testing.assert_allclose(A @ np.sqrt(degree), np.sqrt(degree), atol=1e-12)


def test_a_rating_of_zero_stars_is_an_edge():
    train = table(random_table().csr.toarray() > 0, values=0.0)
    wanted = normalized_adjacency(random_table().csr)
    np.testing.assert_array_equal(
        normalized_adjacency(train.csr).toarray(), wanted.toarray()
    )


def test_no_edges_is_no_matter():
    A = normalized_adjacency(sparse.csr_array((2, 3)))
    assert A.shape == (5, 5)
    assert A.nnz == 0


@pytest.mark.parametrize("n_layers", [0, 1, 3])
def test_propagation_is_the_mean_of_the_layers(n_layers):
    train = random_table()
    E = np.random.default_rng(1).normal(size=(16, 3))
    A = normalized_adjacency(train.csr)
    np.testing.assert_allclose(
        propagate(A, E, n_layers), smoothed(train, E, n_layers), atol=1e-12
    )


def test_propagate_refuses_what_is_no_number_of_layers():
    for n in (-1, 1.5):
        with pytest.raises(ValueError, match=rf"n_layers.*{n}"):
            propagate(sparse.csr_array((2, 2)), np.ones((2, 1)), n)


# The network -------------------------------------------------------------------------


@pytest.mark.parametrize("n_layers", [0, 1, 2, 4])
def test_scores_are_products_of_smoothed_vectors(n_layers):
    train = random_table()
    model = small(n_layers=n_layers).fit(train)
    E = smoothed(train, model.weights_[0], n_layers)
    wanted = E[:7] @ E[7:].T
    np.testing.assert_allclose(model.scores(np.arange(7)), wanted, atol=1e-5)
    logits = model.network_(np.array([5, 2])).numpy()
    np.testing.assert_allclose(logits, wanted[[5, 2]], atol=1e-5)


def test_without_layers_it_is_matrix_factorization():
    model = small(n_layers=0).fit(random_table())
    [E] = model.weights_
    np.testing.assert_array_equal(model.P_, E[:7])
    np.testing.assert_array_equal(model.Q_, E[7:])


def test_edges_are_dropped_in_training_only():
    train = random_table()
    model = small(dropout=0.5, n_epochs=0).fit(train)
    smooth = model.network_.get_layer("propagation")
    users = np.arange(3)
    calm = [part.numpy() for part in smooth(users)]
    np.testing.assert_array_equal(calm[0], model.P_)
    drawn = [np.concatenate(smooth(users, training=True)) for _ in range(2)]
    assert not np.array_equal(drawn[0], drawn[1])
    # One layer of two is linear in the edges, which keep their mean.
    one = small(dropout=0.5, n_epochs=0, n_layers=1).fit(train)
    smooth = one.network_.get_layer("propagation")
    drawn = np.mean(
        [np.concatenate(smooth(users, training=True)) for _ in range(800)], axis=0
    )
    np.testing.assert_allclose(drawn, np.concatenate([one.P_, one.Q_]), atol=0.08)


# The losses --------------------------------------------------------------------------


def objective(train, E, n_layers, reg, user_power):
    """The objective of the docstring, over all users at once."""
    vectors = smoothed(train, E, n_layers)
    total = weight = 0.0
    for u in range(train.n_users):
        films = train.items[train.users == u].tolist()
        if not films:
            continue
        scores = [float(vectors[u] @ q) for q in vectors[train.n_users :]]
        norm = math.log(sum(math.exp(s) for s in scores))
        total += len(films) ** -user_power * sum(norm - scores[i] for i in films)
        weight += len(films) ** (1 - user_power)
    return total / weight + reg / (2 * train.n_users) * float(np.sum(E**2))


@pytest.mark.parametrize("user_power", [0.0, 0.5, 1.0])
def test_the_first_loss_is_the_objective(user_power):
    mask = random_table().csr.toarray() > 0
    mask[3] = False  # a stranger counts in m and nowhere else
    train = table(mask)
    settings = {"reg": 0.3, "user_power": user_power, "batch_size": 100}
    start = small(n_epochs=0, **settings).fit(train)
    found = small(n_epochs=1, **settings).fit(train).history_["loss"][0]
    wanted = objective(train, start.weights_[0], 2, 0.3, user_power)
    assert found == pytest.approx(wanted, rel=1e-5)


def test_bpr_lowers_its_own_objective():
    train = random_table()
    model = small(loss="bpr", n_epochs=0, reg=0.2).fit(train)
    R = train.csr
    loss, draw = model._task(model._network_of(R), R)
    users, items, negatives = draw(np.random.default_rng(3))
    assert len(users) == train.n_ratings
    assert (R[users, items] > 0).all()
    assert not (R[users, negatives] > 0).any()
    E = smoothed(train, model.weights_[0], 2)
    total = 0.0
    for u, i, j in zip(users, items, negatives, strict=True):
        x = float(E[u] @ (E[7 + i] - E[7 + j]))
        total += math.log(1 + math.exp(-x))
    penalty = 0.2 / (2 * 7) * float(np.sum(model.weights_[0] ** 2))
    wanted = total / len(users) + penalty
    assert float(loss(users, items, negatives)) == pytest.approx(wanted, rel=1e-5)


def test_softmax_loss_by_hand_and_at_any_height():
    # Two films of three, logits 0, ln 2, 0: -(ln 1/4 + ln 1/2) / 2.
    rows = np.array([[1, 1, 0]])
    logits = np.array([[0.0, math.log(2), 0.0]], np.float32)
    wanted = (math.log(4) + math.log(2)) / 2
    for shift in (0.0, 1000.0, -1000.0):
        found = softmax_loss(logits + np.float32(shift), rows).numpy()
        assert found == pytest.approx(wanted, abs=1e-3)
    # What is forbidden takes no part in the sum.
    logits[0, 2] = -1e9
    assert softmax_loss(logits, rows).numpy()[0] == pytest.approx(
        (math.log(3) + math.log(1.5)) / 2, abs=1e-5
    )


def test_user_batches_have_every_rater_once():
    train = table(np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0]]))
    users, rows, weights = user_batches(train.csr, 0.0)(np.random.default_rng(0))
    assert sorted(users.tolist()) == [0, 2]
    for u, row, weight in zip(users, rows, weights, strict=True):
        np.testing.assert_array_equal(row, train.csr.toarray()[u] > 0)
        assert weight == pytest.approx({0: 4 / 3, 2: 2 / 3}[int(u)])
    _, _, weights = user_batches(train.csr, 1.0)(np.random.default_rng(0))
    assert weights.tolist() == [1.0, 1.0]


# Training ----------------------------------------------------------------------------


@pytest.mark.parametrize("loss", LOSSES)
def test_both_losses_learn_the_blocks(loss):
    # Two groups of people with films of their own; a hole in each row to be filled.
    likes = np.kron(np.eye(2), np.ones((8, 8))) > 0
    holes = np.kron(np.ones((2, 2)), np.eye(8)) > 0
    train = table(likes & ~holes)
    model = small(loss=loss, n_epochs=60, batch_size=16, reg=0.01).fit(train)
    best = model.recommend(np.arange(16), k=1, exclude=train)[:, 0]
    assert (best == np.arange(16)).all()
    assert model.history_["loss"][-1] < model.history_["loss"][0]


def test_early_stopping_keeps_the_best_epoch():
    train = random_table((40, 30), 0.3)
    model = small(n_epochs=12, patience=3, validation_share=0.2, batch_size=20)
    model.fit(train)
    fewer, validation = held_out(train, 0.2, seed=0)
    scores = model.scores(np.arange(40))
    found = mean_ndcg(lambda users: scores[users], fewer, validation)
    assert found == pytest.approx(max(model.history_["validation"]), abs=1e-6)
    # Its graph has no edge of the validation part.
    assert len(model._edges[0]) == fewer.n_ratings


def test_who_rated_everything_is_in_no_triple():
    train = table(np.ones((2, 3)))
    model = small(loss="bpr").fit(train)
    assert model.history_["loss"] == []
    assert np.isfinite(model.scores([0, 1])).all()


def test_a_stranger_gets_the_numbers_of_ratings():
    mask = random_table().csr.toarray() > 0
    mask[2] = False
    model = small().fit(table(mask))
    np.testing.assert_array_equal(model.scores([2])[0], mask.sum(axis=0))


def test_bpr_refits_bit_equal_and_names_a_loss_that_is_none():
    train = random_table()
    first, second = (small(loss="bpr", dropout=0.2).fit(train) for _ in range(2))
    np.testing.assert_array_equal(first.weights_[0], second.weights_[0])
    with pytest.raises(ValueError, match=r"loss must be .* got 'hinge'"):
        small(loss="hinge").fit(train)


def test_divergence_names_lr_and_leaves_the_old_model():
    train = random_table()
    model = small().fit(train)
    before = model.scores([0, 1])
    model.lr = 1e20
    with pytest.raises(DivergenceError, match=r"lr=1e\+20"):
        model.fit(train)
    np.testing.assert_array_equal(model.scores([0, 1]), before)


class TestContract(NetworkContract):
    cases = [
        network(
            lambda: LightGCN(n_factors=8, n_epochs=60, lr=0.05, validation_share=0.0),
            rates=False,
        ),
    ]
