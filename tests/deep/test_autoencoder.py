"""AutoRec, MultDAE and MultVAE against plain loops from their definitions."""

import functools

import numpy as np
import pytest
from contract import NetworkContract, network, random_set, with_strangers

from recbook import AutoRec, MultDAE, MultVAE, Ratings, datasets, metrics
from recbook.deep.autoencoder import base
from recbook.deep.autoencoder.base import kl_from_normal
from recbook.deep.base import held_out, mean_ndcg

TOY = datasets.load_toy()
SMALL = {"n_factors": 3, "n_epochs": 4, "lr": 0.05, "validation_share": 0.0}


@pytest.fixture(scope="module")
def stars():
    """AutoRec of both kinds on the toy table, by (by, implicit)."""
    kinds = [("item", 0.0), ("user", 2.0)]
    return {k: AutoRec(by=k[0], implicit=k[1], **SMALL).fit(TOY) for k in kinds}


@pytest.fixture(scope="module")
def dae():
    return MultDAE(hidden=(5,), **SMALL).fit(TOY)


@pytest.fixture(scope="module")
def vae():
    return MultVAE(hidden=(5,), beta=0.5, n_anneal=4, reg=0.01, **SMALL).fit(TOY)


def deviation(model, u, i):
    """r - b where there is a rating, else None."""
    found = np.flatnonzero((TOY.users == u) & (TOY.items == i))
    if not found.size:
        return None
    return TOY.values[found[0]] - model.bias_.predict([u], [i])[0]


def autorec_by_hand(model, u, i):
    """Stars of a pair: sigma(V z + c), W h + c', one sum after the other."""
    V, c, W, c2 = (w.astype(float) for w in model.weights_)
    by_item = model.by == "item"
    others = range(TOY.n_users if by_item else TOY.n_items)
    here = u if by_item else i
    a = c.copy()
    for other in others:
        d = deviation(model, other, i) if by_item else deviation(model, u, other)
        if d is None:
            continue
        for k in range(3):
            a[k] += d * V[other, k]
            if model.implicit:
                a[k] += model.implicit * V[len(others) + other, k]
    h = 1 / (1 + np.exp(-a))
    said = c2[here] + sum(h[k] * W[k, here] for k in range(3))
    return model.bias_.mu_ + model.bias_.bu_[u] + model.bias_.bi_[i] + said


@pytest.mark.parametrize("kind", [("item", 0.0), ("user", 2.0)])
def test_autorec_is_its_formula(stars, kind):
    model = stars[kind]
    scores = model.scores(np.arange(5))
    for u in range(5):
        for i in range(6):
            assert scores[u, i] == pytest.approx(autorec_by_hand(model, u, i), abs=1e-5)
    np.testing.assert_allclose(model.predict([2], [1])[0], scores[2, 1].clip(1, 5))


def test_autorec_loss_divides_by_what_was_observed(stars):
    model = stars["item", 0.0]
    cells = *model._place(TOY.users, TOY.items), TOY.values - 3.5
    inputs, deviations, observed = model._draw(cells, (6, 5))(np.random.default_rng(0))
    said = model.network_(inputs).numpy()
    total, n = 0.0, 0
    for row in range(6):
        for column in range(5):
            if observed[row, column]:
                total += (deviations[row, column] - said[row, column]) ** 2
                n += 1
    assert n == 20
    V, _, W, _ = model.weights_
    expected = total / n + model.reg * ((V**2).sum() + (W**2).sum())
    loss = model._loss(model.network_)
    assert float(loss(inputs, deviations, observed)) == pytest.approx(
        expected, rel=1e-5
    )
    absurd = np.where(observed == 1, deviations, 1000.0).astype(np.float32)
    assert float(loss(inputs, absurd, observed)) == pytest.approx(expected, rel=1e-5)


def test_gaps_are_in_the_input_and_never_in_the_target():
    model, train = AutoRec(dropout=0.75, implicit=3.0), random_set()
    cells = *model._place(train.users, train.items), train.values
    inputs, deviations, observed = model._draw(cells, (11, 14))(
        np.random.default_rng(1)
    )
    R = train.csr.toarray().T
    order = [int(np.flatnonzero((row == R).all(axis=1))[0]) for row in deviations]
    assert sorted(order) == list(range(11))
    np.testing.assert_array_equal(observed, R[order] > 0)
    heard, who = inputs[:, :14], inputs[:, 14:]
    kept = who > 0
    np.testing.assert_array_equal(heard, np.where(kept, 4 * R[order], 0))
    np.testing.assert_array_equal(who[kept], 12.0)
    assert not kept[observed == 0].any()
    assert 0.1 < kept.sum() / observed.sum() < 0.4


def test_no_gaps_leave_every_cell():
    columns = np.arange(6), np.arange(6.0)
    for one, other in zip(
        base.gaps(columns, 0.0, np.random.default_rng(0)), columns, strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_who_rated_is_heard_where_asked_for():
    # All say what was expected of them: the deviations are 0, the raters differ.
    users, items = np.array([0, 0, 1, 2, 2, 1]), np.array([0, 1, 1, 2, 3, 0])
    train = Ratings(users, items, np.full(6, 3.0), None, np.arange(3), np.arange(4))
    rows = [
        AutoRec(by="user", implicit=w, **SMALL).fit(train)._table for w in (0.0, 2.0)
    ]
    np.testing.assert_array_equal(rows[0], np.zeros((3, 4)))
    np.testing.assert_array_equal(rows[1][:, 4:], 2.0 * (train.csr.toarray() > 0))


def test_autorec_keeps_its_best_epoch():
    train = random_set()
    model = AutoRec(n_factors=4, lr=0.1, n_epochs=30, patience=3).fit(train)
    fewer, validation = held_out(train, 0.1, 0)
    assert model.scale_ == (fewer.values.min(), fewer.values.max())
    found = metrics.rmse(
        validation.values, model.predict(validation.users, validation.items)
    )
    assert found == pytest.approx(min(model.history_["validation"]), abs=1e-5)
    assert len(model.history_["validation"]) < 30


def test_a_validation_part_of_strangers_alone_does_not_stop():
    # Nobody has two ratings: whoever is held out is a stranger to the network.
    eye = np.arange(10)
    train = Ratings(eye, eye, np.arange(10) % 5 + 1.0, None, eye, eye)
    model = AutoRec(n_factors=2, n_epochs=3).fit(train)
    assert list(model.history_) == ["loss"]
    assert len(model.history_["loss"]) == 3


# Choices ----------------------------------------------------------------------------


def tanh_by_hand(weights, x):
    for W, b in weights:
        x = np.tanh(x @ W.astype(float) + b)
    return x


def rows_of(train):
    x = (train.csr.toarray() > 0).astype(float)
    return x, x / np.sqrt(np.maximum(x.sum(axis=1, keepdims=True), 1))


def pairs(weights):
    return list(zip(weights[::2], weights[1::2], strict=True))


def test_multdae_is_its_formula(dae):
    _, unit = rows_of(TOY)
    *layers, (W, b) = pairs(dae.weights_)
    assert [w.shape for w, _ in layers] == [(6, 5), (5, 3), (3, 5)]
    np.testing.assert_allclose(
        dae.encode(np.arange(5)), tanh_by_hand(layers[:2], unit), atol=1e-5
    )
    logits = tanh_by_hand(layers, unit) @ W + b
    np.testing.assert_allclose(dae.scores(np.arange(5)), logits, atol=1e-5)


def vae_by_hand(model, unit, noise):
    first, mean, spread, last, (W, b) = (
        model.network_.get_layer(name).get_weights()
        for name in ("encoder_1", "mean", "log_variance", "decoder_1", "logits")
    )
    h = tanh_by_hand([first], unit)
    mu, s = h @ mean[0] + mean[1], h @ spread[0] + spread[1]
    z = mu + np.exp(s / 2) * noise
    return tanh_by_hand([last], z) @ W + b, mu, s


def test_multvae_is_its_formula_and_does_not_sample_in_answers(vae):
    _, unit = rows_of(TOY)
    noise = np.random.default_rng(0).normal(size=(5, 3))
    said = vae.network_([unit, noise])
    for one, other in zip(said, vae_by_hand(vae, unit, noise), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    logits, mu, s = vae_by_hand(vae, unit, 0.0)
    np.testing.assert_allclose(vae.scores(np.arange(5)), logits, atol=1e-5)
    np.testing.assert_allclose(vae.encode(np.arange(5)), mu, atol=1e-5)
    assert (s != 0).all()  # it has learned how sure it is


def log_likelihood(x, logits):
    total = 0.0
    for row, score in zip(x, logits, strict=True):
        pi = np.exp(score) / np.exp(score).sum()
        total += sum(np.log(pi[i]) for i in np.flatnonzero(row))
    return total / len(x)


def test_losses_are_minus_the_bound_plus_the_penalty(dae, vae):
    x, unit = rows_of(TOY)
    found = float(dae._loss(dae.network_)(unit.astype("f"), x.astype("f")))
    assert found == pytest.approx(-log_likelihood(x, dae.scores(range(5))), rel=1e-5)
    noise = np.random.default_rng(1).normal(size=(5, 3)).astype("f")
    beta = np.full(5, 0.3, "f")
    logits, mu, s = vae_by_hand(vae, unit, noise)
    kl = np.mean(0.5 * (np.exp(s) + mu**2 - 1 - s).sum(axis=1))
    penalty = 0.01 * sum((W**2).sum() for W, _ in pairs(vae.weights_))
    expected = -log_likelihood(x, logits) + 0.3 * kl + penalty
    loss = vae._loss(vae.network_)(unit.astype("f"), x.astype("f"), noise, beta)
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_kl_is_the_integral():
    # KL(N(1, 0.25) || N(0, 1)) on a fine grid; by hand 0.5 (.25 + 1 - 1 + ln 4) = .8181
    z = np.linspace(-8, 10, 40001)
    q = np.exp(-((z - 1) ** 2) / 0.5) / np.sqrt(0.5 * np.pi)
    p = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(q > 0, q * np.log(q / p), 0.0)
    integral = terms.sum() * (z[1] - z[0])
    found = kl_from_normal(np.array([[1.0]]), np.log([[0.25]]))[0]
    assert found == pytest.approx(integral, abs=1e-4)
    assert found == pytest.approx(0.8181, abs=1e-4)


def test_beta_rises_evenly_and_stays():
    rng = np.random.default_rng(0)
    model = MultVAE(beta=0.8, n_anneal=4, n_factors=2)
    risen = [model._more(3, epoch, rng)[1] for epoch in range(7)]
    np.testing.assert_allclose(
        [column[0] for column in risen], [0, 0.2, 0.4, 0.6, 0.8, 0.8, 0.8], rtol=1e-6
    )
    at_once = MultVAE(beta=0.8, n_anneal=0, n_factors=2)._more(3, 0, rng)
    np.testing.assert_allclose(at_once[1], 0.8)
    assert at_once[0].shape == (3, 2)


def test_gaps_of_choices_keep_the_target_whole():
    train = random_set()
    model = MultDAE(dropout=0.5)
    inputs, chosen = model._draw(train)(np.random.default_rng(3))
    x, unit = rows_of(train)
    order = [int(np.flatnonzero((x == row).all(axis=1))[0]) for row in chosen]
    kept = inputs > 0
    np.testing.assert_allclose(inputs, np.where(kept, 2 * unit[order], 0), rtol=1e-6)
    assert 0.3 < kept.sum() / x.sum() < 0.7


def test_stars_are_not_looked_at(dae):
    other = Ratings(
        TOY.users, TOY.items, 6 - TOY.values, None, TOY.user_ids, TOY.item_ids
    )
    again = MultDAE(hidden=(5,), **SMALL).fit(other)
    np.testing.assert_array_equal(again.scores(range(5)), dae.scores(range(5)))


def test_before_training_the_order_is_popularity():
    model = MultDAE(**SMALL | {"n_epochs": 0}).fit(TOY)
    bias = model.weights_[-1]
    np.testing.assert_allclose(bias, np.log(model.counts_ / 20), rtol=1e-6)
    train = with_strangers()  # nobody rated item 3
    bias = MultVAE(**SMALL | {"n_epochs": 0}).fit(train).weights_[-1]
    n = train.n_ratings
    assert bias[3] == pytest.approx(np.log(0.5 / (n + 0.5)), rel=1e-6)


@pytest.mark.parametrize("share", [0.1, 0.0])
def test_lists_keep_the_best_epoch_and_say_what_was_seen(share):
    train = random_set()
    model = MultVAE(n_factors=4, n_epochs=6, patience=2, validation_share=share)
    model.fit(train)
    if share == 0:
        assert list(model.history_) == ["loss"]
        return
    fewer, validation = held_out(train, 0.1, 0)
    found = mean_ndcg(model.scores, fewer, validation)
    best = int(np.argmax(model.history_["validation"]))
    assert found == pytest.approx(model.history_["validation"][best])
    logits = model.scores(range(14))
    log_pi = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    said = log_pi[validation.users, validation.items].mean()
    assert model.history_["likelihood"][best] == pytest.approx(said, rel=1e-5)
    _, unit = rows_of(fewer)
    unit = unit[np.unique(validation.users)]
    _, mu, s = (o.numpy() for o in model.network_([unit, np.zeros((len(unit), 4))]))
    kl = 0.5 * (np.exp(s) + mu**2 - 1 - s).sum(axis=1).mean()
    assert model.history_["kl"][best] == pytest.approx(kl, rel=1e-4)


def test_a_new_person_is_folded_in(dae, vae):
    for model in (dae, vae):
        ann, eve = ([0, 1, 2, 3, 4], [3, 4])
        expected = model.scores([0, 4])
        found = model.score_histories([ann, eve[::-1], [], [4, 3, 4]])
        np.testing.assert_allclose(found[[0, 1]], expected, atol=1e-5)
        np.testing.assert_array_equal(found[2], model.counts_)
        np.testing.assert_allclose(found[3], found[1], atol=1e-5)
        assert model.score_histories([]).shape == (0, 6)
        for bad, shown in (([0, 6], "6"), ([-1], "-1"), ([0.5], "0.5")):
            with pytest.raises(ValueError, match=rf"histories.*{shown}"):
                model.score_histories([bad])


def test_many_new_people_are_scored_in_blocks(dae, monkeypatch):
    whole = dae.score_histories([[u % 6] for u in range(9)])
    monkeypatch.setattr("recbook.deep.autoencoder.base.BLOCK", 4)
    np.testing.assert_allclose(
        dae.score_histories([[u % 6] for u in range(9)]), whole, atol=1e-6
    )


class TestContract(NetworkContract):
    cases = [
        *(
            network(
                functools.partial(
                    AutoRec,
                    by=by,
                    n_factors=16,
                    implicit=implicit,
                    n_epochs=80,
                    batch_size=64,
                    lr=0.03,
                    reg=1e-3,
                    dropout=0.3,
                    validation_share=0.0,
                ),
                name=f"AutoRec-{by}",
            )
            for by, implicit in (("item", 0.0), ("user", 1.0))
        ),
        network(
            lambda: MultDAE(n_factors=8, n_epochs=60, lr=0.03, validation_share=0.0),
            rates=False,
        ),
        network(
            lambda: MultVAE(
                n_factors=8,
                hidden=(8,),
                n_epochs=60,
                lr=0.03,
                beta=0.1,
                validation_share=0.0,
            ),
            rates=False,
        ),
    ]
