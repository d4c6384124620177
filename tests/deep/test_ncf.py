"""NeuralCF against its equations: the logits, the loss, the negatives, odd tables."""

import functools
import math

import numpy as np
import pytest
from contract import NetworkContract, network

from recbook import NeuralCF, Ratings, datasets
from recbook.deep import ncf
from recbook.deep.base import held_out, mean_ndcg
from recbook.deep.lazy import tf

KINDS = ("gmf", "mlp", "neumf")


def table(mask):
    users, items = np.nonzero(mask)
    names = [np.arange(n) for n in np.shape(mask)]
    return Ratings(users, items, np.full(users.size, 4.0), None, *names)


def random_table(shape=(9, 12), share=0.4, seed=0):
    return table(np.random.default_rng(seed).random(shape) < share)


def small(kind="neumf", **settings):
    """Return a model whose numbers are large enough for a mistake to be seen."""
    chosen = {"n_factors": 3, "hidden": (5, 4, 2), "n_epochs": 2, "batch_size": 8}
    chosen |= {"init_std": 0.7, "lr": 0.05, "lr_decay": 1.0, "reg": 0.0}
    chosen["validation_share"] = 0.0
    return NeuralCF(kind=kind, **chosen | settings)


def weights(network):
    """Return the arrays of each layer by its name, biases drawn instead of zeros."""
    rng = np.random.default_rng(5)
    found = {}
    for layer in network.layers:
        arrays = layer.get_weights()
        if layer.name == "h_product":  # 1 at the start
            arrays[0] = rng.normal(size=arrays[0].shape)
            layer.set_weights(arrays)
        if len(arrays) == 2:
            arrays[1] = rng.normal(size=arrays[1].shape)
            layer.set_weights(arrays)
        found[layer.name] = arrays
    return found


def logit(parts, u, i, n_layers=3):
    """One pair, from the definition: concatenations where the model adds."""
    last, h, b = [], [], 0.0
    if "user_product" in parts:
        p, q = parts["user_product"][0][u], parts["item_product"][0][i]
        last += [p[f] * q[f] for f in range(len(p))]
        h += parts["h_product"][0][:, 0].tolist()
        b = sum(float(bias[0]) for bias in parts["h_product"][1:])
    if "user_network" in parts:
        p, q = parts["user_network"][0][u], parts["item_network"][0][i]
        W = np.vstack([parts["of_users"][0], parts["of_items"][0]])
        layers = [(W, parts["of_items"][1])]
        layers += [parts[f"layer_{level}"] for level in range(2, n_layers + 1)]
        a = [*p, *q]
        for W, b in layers:
            sums = [sum(a[j] * W[j, k] for j in range(len(a))) for k in range(len(b))]
            a = [max(s + b[k], 0.0) for k, s in enumerate(sums)]
        last += a
        h += parts["h_network"][0][:, 0].tolist()
        b = float(parts["h_network"][1][0])
    return sum(x * w for x, w in zip(last, h, strict=True)) + b


# Logits ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 30, ncf.PAIRS])
def test_every_score_is_its_equation(kind, size, monkeypatch):
    monkeypatch.setattr(ncf, "PAIRS", size)
    train = random_table()
    model = small(kind, n_epochs=0).fit(train)
    parts = weights(model.network_)
    users = np.array([4, 0, 7, 4, 1])
    expected = [[logit(parts, u, i) for i in range(train.n_items)] for u in users]
    np.testing.assert_allclose(model.scores(users), expected, rtol=1e-4, atol=1e-5)


def test_a_logit_by_hand():
    """p = (1, -2), q = (3, 1), hidden (2,): three weights in every place are seen."""
    model = small(n_factors=2, hidden=(2,), n_epochs=0).fit(table(np.eye(2)))
    network = model.network_
    p, q = np.array([[1, -2], [0, 0]]), np.array([[3, 1], [0, 0]])
    for name in ("product", "network"):
        network.get_layer(f"user_{name}").set_weights([p])
        network.get_layer(f"item_{name}").set_weights([q])
    network.get_layer("of_users").set_weights([np.array([[1, 0], [1, 2]])])
    network.get_layer("of_items").set_weights([np.eye(2), np.array([0.5, 0.5])])
    network.get_layer("h_product").set_weights([np.array([[2], [1]])])
    network.get_layer("h_network").set_weights(
        [np.array([[10], [100]]), np.array([0.25])]
    )
    # p ⊙ q = (3, -2); W [p; q] + b = (-1, -4) + (3, 1) + .5 = (2.5, -2.5) -> (2.5, 0)
    # z = 2·3 + 1·(-2) + 10·2.5 + 100·0 + .25 = 29.25
    assert model.scores([0])[0, 0] == pytest.approx(29.25)


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_is_off_at_prediction(kind):
    train = random_table()
    model = small(kind, dropout=0.5, n_epochs=1).fit(train)
    np.testing.assert_array_equal(model.scores([1, 2]), model.scores([1, 2]))
    users, items = np.array([1, 2]), np.array([[0, 1], [2, 3]])
    network = model.network_
    off = network([users, items]).numpy()
    on = [network([users, items], training=True).numpy() for _ in range(6)]
    assert any(not np.allclose(off, answer) for answer in on)


def test_each_half_of_neumf_has_embeddings_of_its_own():
    shapes = {kind: small(kind, n_epochs=0).fit(random_table()) for kind in KINDS}
    sizes = {kind: model.network_.count_params() for kind, model in shapes.items()}
    embeddings = 3 * (9 + 12)
    assert sizes["gmf"] == embeddings + 3 + 1
    hidden = (6 * 5 + 5) + (5 * 4 + 4) + (4 * 2 + 2)
    assert sizes["mlp"] == embeddings + hidden + 2 + 1
    assert sizes["neumf"] == 2 * embeddings + hidden + (3 + 2) + 1


# Loss --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reg", [0.0, 0.3])
def test_the_loss_is_cross_entropy_and_penalty_over_the_examples(kind, reg):
    model = small(kind, reg=reg, n_epochs=0).fit(random_table())
    parts = weights(model.network_)
    users, items = np.array([0, 5]), np.array([[1, 3, 7], [2, 2, 0]])
    total = 0.0
    for u, row in zip(users, items, strict=True):
        for place, i in enumerate(row):
            chance = 1 / (1 + math.exp(-logit(parts, u, i)))
            total -= math.log(chance if place == 0 else 1 - chance)
            for name, code in [("user", u), ("item", i)]:
                for x in parts.get(f"{name}_network", [[[]] * 12])[0][code]:
                    total += reg / 2 * x**2
                for f, x in enumerate(
                    parts.get(f"{name}_product", [[[]] * 12])[0][code]
                ):
                    total += reg / 2 * abs(parts["h_product"][0][f, 0]) * x**2
    loss = model._loss(model.network_)(tf.constant(users), tf.constant(items))
    assert float(loss) == pytest.approx(total / 6, rel=1e-4)


def test_the_loss_survives_logits_whose_sigmoid_is_0():
    model = small("gmf", n_epochs=0).fit(random_table())
    h = model.network_.get_layer("h_product")
    h.set_weights([0 * h.get_weights()[0], np.array([-200.0])])
    loss = model._loss(model.network_)(tf.constant([0]), tf.constant([[1, 2]]))
    assert float(loss) == pytest.approx(100.0)  # 200 for the positive, 0 beside it


def test_training_lowers_the_loss_and_finds_blocks():
    users, items = np.indices((16, 12))
    mask = (users + items) % 2 == 0
    hidden = np.random.default_rng(0).random(mask.shape) < 0.2
    for kind in KINDS:
        model = small(kind, n_epochs=60, n_factors=6, hidden=(16, 8), init_std=0.1)
        scores = model.fit(table(mask & ~hidden)).scores(np.arange(16))
        loss = model.history_["loss"]
        assert loss[-1] < 0.8 * loss[0]
        wanted = scores[mask & hidden].mean() - scores[~mask].mean()
        assert wanted > 0.5 * scores.std(), kind


# Negatives ---------------------------------------------------------------------------


def test_an_epoch_has_every_pair_once_and_negatives_that_are_none():
    train = random_table(share=0.6)
    full = np.ones(train.n_items, dtype=bool)
    mask = train.csr.toarray() > 0
    mask[3] = full  # user 3 rated everything: no negative exists
    train = table(mask)
    model = small(n_negatives=5)
    raters = (mask.sum(axis=1) > 0) & ~mask.all(axis=1)
    draw, rng = model._draw(train.csr, raters), np.random.default_rng(0)
    epochs = [draw(rng) for _ in range(2)]
    for users, items in epochs:
        assert items.shape == (users.size, 6)
        pairs = sorted(zip(users.tolist(), items[:, 0].tolist(), strict=True))
        assert pairs == [tuple(p) for p in np.argwhere(mask).tolist() if p[0] != 3]
        assert not mask[users[:, None], items[:, 1:]].any()
        assert np.unique(items[:, 1:]).size == train.n_items
    assert not np.array_equal(epochs[0][0], epochs[1][0])  # another order
    first, second = (dict_of(*epoch) for epoch in epochs)
    assert first != second  # and other negatives


def dict_of(users, items):
    return {(u, row[0]): row[1:].tolist() for u, row in zip(users, items, strict=True)}


def test_the_held_out_part_is_drawn_as_what_it_will_be_at_the_test():
    """Left out of the negatives, it would give itself away: nothing else is spared."""
    train = random_table(share=0.7, seed=3)
    seen = []

    class Watched(NeuralCF):
        def _draw(self, R, raters):
            draw = super()._draw(R, raters)

            def watched(rng):
                seen.append((R.toarray() > 0, *draw(rng)))
                return seen[-1][1:]

            return watched

    model = Watched(kind="gmf", n_epochs=20, patience=20, n_factors=2, seed=4)
    model.fit(train)
    fewer, validation = held_out(train, 0.1, 4)
    hidden = validation.csr.toarray() > 0
    drawn = np.zeros_like(hidden)
    for mask, users, items in seen:
        np.testing.assert_array_equal(mask, fewer.csr.toarray() > 0)
        assert not hidden[users, items[:, 0]].any()
        drawn[users[:, None], items[:, 1:]] = True
    assert drawn[hidden].any()


def test_it_keeps_the_epoch_that_was_best_on_the_held_out_part():
    train = random_table((40, 30), 0.3)
    model = NeuralCF(kind="gmf", n_factors=4, n_epochs=12, lr=0.05, patience=3)
    model.fit(train)
    marks = model.history_["validation"]
    assert len(marks) == len(model.history_["loss"]) <= 12
    fewer, validation = held_out(train, 0.1, 0)
    kept = mean_ndcg(model.scores, fewer, validation)
    assert kept == pytest.approx(max(marks), abs=1e-6)
    model.validation_share = 0.0
    assert "validation" not in model.fit(train).history_


# Odd tables and bad input ------------------------------------------------------------


def test_who_rated_everything_or_nothing_gets_popularity():
    mask = np.array([[1, 0, 1, 0], [1, 1, 1, 1], [0, 0, 0, 0], [1, 0, 0, 0]])
    model = small().fit(table(mask))
    for u in (1, 2):
        assert model.scores([u])[0].tolist() == [3, 1, 2, 1]
    assert model.scores([0])[0].tolist() != [3, 1, 2, 1]


def test_where_nobody_left_anything_there_is_nothing_to_learn():
    model = small().fit(table(np.ones((2, 3))))
    assert model.history_ == {"loss": []}
    assert model.recommend([1], k=3).tolist() == [[0, 1, 2]]


@pytest.mark.parametrize("kind", ["mlp", "neumf"])
def test_a_network_without_layers_is_refused(kind):
    with pytest.raises(ValueError, match=r"hidden .* got \(\); .*kind='gmf'"):
        NeuralCF(kind=kind, hidden=()).fit(datasets.load_toy())


def test_gmf_ignores_the_layers():
    toy = datasets.load_toy()
    one, other = (small("gmf", hidden=hidden).fit(toy) for hidden in [(), (8, 4)])
    np.testing.assert_array_equal(one.scores([0]), other.scores([0]))


def test_an_unknown_kind_is_refused_with_the_choices():
    with pytest.raises(ValueError, match=r"kind.*'dot'"):
        NeuralCF(kind="dot").fit(datasets.load_toy())


class TestContract(NetworkContract):
    cases = [
        network(
            functools.partial(
                NeuralCF,
                kind=kind,
                n_factors=8,
                hidden=(16,),
                n_epochs=60,
                batch_size=512,
                lr=0.03,
                lr_decay=1.0,
                reg=0.1,
                validation_share=0.0,
            ),
            rates=False,
            name=f"NeuralCF-{kind}",
        )
        for kind in ("gmf", "mlp", "neumf")
    ]
