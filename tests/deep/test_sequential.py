"""GRU4Rec and SASRec against their equations: states, losses, windows, histories."""

import itertools

import numpy as np
import pytest
from contract import NetworkContract, network

from recbook import GRU4Rec, Ratings, SASRec, datasets
from recbook.deep import histories
from recbook.deep.lazy import tf
from recbook.deep.sequential.layers import next_item_loss

N_ITEMS = 7
MODELS = (GRU4Rec, SASRec)


def table(sequences, n_items=N_ITEMS):
    """Return ratings whose time is their place in the sequence, in mixed order."""
    rows = [(u, i, t) for u, items in enumerate(sequences) for t, i in enumerate(items)]
    rows = np.array(rows)[np.random.default_rng(0).permutation(len(rows))]
    ids = np.arange(len(sequences)), np.arange(n_items)
    return Ratings(rows[:, 0], rows[:, 1], np.full(len(rows), 4.0), rows[:, 2], *ids)


SEQUENCES = [[0, 1, 2, 3, 4], [5, 3, 1], [6], [2, 0, 6, 5, 4, 3, 1], []]


@pytest.fixture(scope="module")
def fitted():
    """An untrained model of each kind whose weights are all drawn, and large."""
    found = {}
    settings = {"n_factors": 4, "n_steps": 5, "n_epochs": 0, "validation_share": 0}
    for model in (GRU4Rec(**settings), SASRec(n_heads=2, **settings)):
        model.fit(table(SEQUENCES))
        rng = np.random.default_rng(1)
        model.weights_ = [rng.normal(0, 0.7, w.shape) for w in model.weights_]
        model.network_.set_weights(model.weights_)
        found[type(model)] = model
    return found


@pytest.fixture(params=MODELS)
def model(request, fitted):
    return fitted[request.param]


# The networks, from their definitions, on the films alone: no window, no padding ------


def arrays(model, name):
    return [np.float64(w) for w in model.network_.get_layer(name).get_weights()]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru_states(model, films):
    E, _ = arrays(model, "items")
    W, U, (b_in, b_state) = arrays(model, "gru")
    V, c = arrays(model, "out")
    (W_z, W_r, W_h), (U_z, U_r, U_h) = np.split(W, 3, axis=1), np.split(U, 3, axis=1)
    (z0, r0, h0), (z1, r1, h1) = np.split(b_in, 3), np.split(b_state, 3)
    h, states = np.zeros(4), []
    for i in films:
        x = E[i + 1]
        z = sigmoid(x @ W_z + h @ U_z + z0 + z1)
        r = sigmoid(x @ W_r + h @ U_r + r0 + r1)
        new = np.tanh(x @ W_h + h0 + r * (h @ U_h + h1))
        h = z * h + (1 - z) * new
        states.append(h @ V + c)
    return np.array(states)


def layer_norm(x, parts):
    scale, shift = parts
    gap = x - x.mean()
    return gap / np.sqrt(np.mean(gap**2) + 1e-6) * scale + shift


def attended(x, parts):
    q, bq, k, bk, v, bv, out, b_out = parts
    y = np.tile(b_out, (len(x), 1))
    for t in range(len(x)):
        for h in range(q.shape[1]):
            query = x[t] @ q[:, h] + bq[h]
            keys = x[: t + 1] @ k[:, h] + bk[h]
            powers = np.exp(keys @ query / np.sqrt(q.shape[2]))
            weights = powers / powers.sum()
            y[t] += weights @ (x[: t + 1] @ v[:, h] + bv[h]) @ out[h]
    return y


def sasrec_states(model, films):
    E, _ = arrays(model, "items")
    [P] = arrays(model, "positions")
    x = np.array([E[i + 1] + P[len(films) - 1 - t] for t, i in enumerate(films)])
    for b in range(model.n_blocks):
        norm = arrays(model, f"block{b}_norm_attention")
        z = np.array([layer_norm(row, norm) for row in x])
        x = x + attended(z, arrays(model, f"block{b}_attention"))
        norm = arrays(model, f"block{b}_norm_dense")
        (W1, b1), (W2, b2) = (
            arrays(model, f"block{b}_{p}") for p in ("inner", "outer")
        )
        z = np.array([layer_norm(row, norm) for row in x])
        x = x + np.maximum(z @ W1 + b1, 0) @ W2 + b2
    return np.array([layer_norm(row, arrays(model, "norm")) for row in x])


STATES = {GRU4Rec: gru_states, SASRec: sasrec_states}


def scores(model, films):
    E, b = arrays(model, "items")
    return STATES[type(model)](model, films) @ E[1:].T + b[1:]


@pytest.mark.parametrize("films", [[3], [1, 4], [0, 1, 2, 3, 4], [6, 6, 2]])
def test_the_states_are_those_of_the_equations(model, films):
    window = histories.last_windows(np.array(films), np.array([0, len(films)]), [0], 5)
    states = model.network_(window).numpy()[0, -len(films) :]
    expected = STATES[type(model)](model, films)
    np.testing.assert_allclose(states, expected, rtol=1e-4, atol=1e-5)
    found = model.score_histories([films])[0]
    np.testing.assert_allclose(found, scores(model, films)[-1], rtol=1e-4, atol=1e-5)


def test_a_later_item_changes_no_earlier_state(model):
    windows = np.array([[0, 0, 3, 1, 5], [0, 0, 3, 1, 2], [0, 0, 3, 6, 2]])
    states = model.network_(windows).numpy()
    np.testing.assert_allclose(states[0, :4], states[1, :4], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(states[1, :3], states[2, :3], rtol=1e-5, atol=1e-6)
    assert abs(states[0, 4] - states[1, 4]).max() > 0.01


def test_a_window_of_padding_is_finite_and_dropout_is_off(model):
    windows = np.zeros((2, 5), dtype=np.int32)
    first, second = (model.network_(windows).numpy() for _ in range(2))
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first, second)


# The loss ---------------------------------------------------------------------------


def negative_log(row, target):
    return np.log(np.exp(row - row.max()).sum()) + row.max() - row[target]


@pytest.mark.parametrize("jit", [False, True])
def test_the_loss_is_the_mean_over_the_real_steps(model, jit):
    model.dropout, kept = 0.0, model.dropout
    network = model._build()
    network.set_weights(model.weights_)
    model.dropout = kept
    windows = np.array([[0, 0, 3, 1, 5], [0, 0, 0, 0, 2]])
    targets = np.array([[0, 0, 1, 5, 7], [0, 0, 0, 0, 6]])
    loss = float(model._loss(network, jit)(windows, targets))
    first, second = scores(model, [2, 0, 4]), scores(model, [1])
    expected = [negative_log(first[t], j) for t, j in enumerate([0, 4, 6])]
    expected.append(negative_log(second[0], 5))
    assert loss == pytest.approx(np.mean(expected), rel=1e-4)
    # Drawn: each of two stands for three of the six others.
    others = np.full((2, 5, 2), 1)
    others[0, 2:] = [[2, 3], [7, 7], [1, 4]]
    others[1, 4] = [5, 3]
    drawn = []
    for row, j, negatives in [
        *zip(first, [0, 4, 6], [[1, 2], [6, 6], [0, 3]], strict=True),
        (second[0], 5, [4, 2]),
    ]:
        total = np.exp(row[j]) + 3 * np.exp(row[negatives]).sum()
        drawn.append(np.log(total) - row[j])
    loss = float(model._loss(network)(windows, targets, others))
    assert loss == pytest.approx(np.mean(drawn), rel=1e-4)


def test_nothing_to_predict_costs_nothing():
    loss = next_item_loss(
        tf.ones((2, 3)), tf.constant([0, 0]), tf.constant([False] * 2)
    )
    assert float(loss) == 0.0


# What is learned from ---------------------------------------------------------------


def test_sequences_stand_by_time_and_then_as_in_the_table():
    users, items = [0, 0, 0, 1, 1, 1], [4, 2, 3, 0, 6, 5]
    times = [10, 10, 9, 3, 2, 2]
    ids = np.arange(3), np.arange(N_ITEMS)
    train = Ratings(users, items, np.ones(6), times, *ids)
    found, bounds = histories.ordered(train)
    assert found.tolist() == [3, 4, 2, 6, 5, 0]
    assert bounds.tolist() == [0, 3, 6, 6]
    fewer, late = histories.latest_out(train, 0.34)
    assert late.items.tolist() == [2, 0]
    assert fewer.n_ratings == 4
    assert histories.latest_out(train, 0.1) == (train, None)


def test_windows_by_a_plain_loop():
    rng = np.random.default_rng(2)
    items = rng.integers(0, 9, 30)
    starts = rng.integers(0, 20, 12)
    ends = starts + rng.integers(0, 10, 12)
    for n_steps in (1, 4, 40):
        found = histories.windows(items, starts, ends, n_steps)
        for row, s, e in zip(found, starts, ends, strict=True):
            last = [int(i) + 1 for i in items[s:e]][-n_steps:]
            assert row.tolist() == [0] * (n_steps - len(last)) + last


@pytest.mark.parametrize("n_negatives", [None, 4])
def test_every_step_is_paired_with_what_came_next(n_negatives):
    items, bounds = histories.ordered(table(SEQUENCES))
    model = SASRec(n_steps=3, n_negatives=n_negatives)
    draw, seen = model._draw(items, bounds, N_ITEMS), set()
    pairs = {(a, b) for s in SEQUENCES for a, b in itertools.pairwise(s)}
    for seed in range(20):
        windows, targets, *others = draw(np.random.default_rng(seed))
        assert windows.shape == targets.shape == (5, 3)  # 2 + 1 + 0 + 2 + 0
        real = windows > 0
        assert ((targets > 0) == real).all()
        now = list(zip(windows[real] - 1, targets[real] - 1, strict=True))
        assert {(4, 3), (3, 1)} <= set(now)  # a window ends at every user's end
        seen |= set(now)
        if n_negatives:
            assert others[0].shape == (5, 3, 4)
            assert (others[0][real] != targets[real][:, None]).all()
            assert {*np.unique(others[0])} == set(range(1, N_ITEMS + 1))
        else:
            assert not others
    assert seen == pairs


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("n_negatives", [None, 3])
def test_a_circle_of_items_is_learned(kind, n_negatives):
    rng = np.random.default_rng(3)
    starts = rng.integers(0, N_ITEMS, 40)
    train = table([[(s + t) % N_ITEMS for t in range(5)] for s in starts])
    settings = {"n_factors": 8, "n_steps": 4, "batch_size": 8, "dropout": 0.0}
    settings |= {
        "n_negatives": n_negatives,
        "lr": 0.02,
        "n_epochs": 25,
        "lr_decay": 1.0,
    }
    model = kind(validation_share=0, **settings).fit(train)
    following = model.score_histories([[i, (i + 1) % N_ITEMS] for i in range(N_ITEMS)])
    assert following.argmax(axis=1).tolist() == [(i + 2) % 7 for i in range(N_ITEMS)]
    np.testing.assert_allclose(  # a window of four: who has five is known by the last
        model.scores([0]),
        model.score_histories([[(starts[0] + t) % 7 for t in range(5)]]),
    )


# Histories --------------------------------------------------------------------------


def test_histories_are_those_of_train_or_anybodys(model):
    found = model.scores(range(5))
    np.testing.assert_allclose(model.score_histories(SEQUENCES), found, rtol=1e-5)
    counts = [2, 3, 2, 3, 2, 2, 2]  # of the stranger, and of the empty history
    assert found[4].tolist() == model.counts_.tolist() == counts
    long = [0, 6, *SEQUENCES[3]]
    np.testing.assert_allclose(model.score_histories([long])[0], found[3], rtol=1e-5)
    assert model.score_histories([]).shape == (0, N_ITEMS)
    assert model.score_histories([[]]).tolist() == [counts]


@pytest.mark.parametrize(
    ("histories", "said"),
    [
        ([[0, 7]], r"histories\[0\]\[1\] is 7, but a code is from 0 to 6"),
        ([[0], [-1]], r"histories\[1\]\[0\] is -1"),
        ([[0.5]], r"histories\[0\] must hold integer codes"),
        ([3], r"for one history write \[history\]"),
        (3, "histories must be lists"),
        ("ab", "histories must be lists"),
    ],
)
def test_bad_histories_are_named(model, histories, said):
    with pytest.raises(ValueError, match=said):
        model.score_histories(histories)


@pytest.mark.parametrize("kind", MODELS)
def test_without_time_there_is_no_order(kind):
    toy = datasets.load_toy()
    parts = toy.users, toy.items, toy.values, None, toy.user_ids, toy.item_ids
    with pytest.raises(ValueError, match=r"train\.timestamps is None"):
        kind().fit(Ratings(*parts))
    with pytest.raises(ValueError, match="n_negatives"):
        kind(n_negatives=0).fit(toy)


def test_it_stops_on_what_came_latest():
    rng = np.random.default_rng(4)
    train = table([rng.permutation(N_ITEMS) for _ in range(12)])
    model = GRU4Rec(
        n_factors=2, n_steps=3, n_epochs=4, patience=1, validation_share=0.3
    )
    history = model.fit(train).history_
    assert len(history["validation"]) == len(history["loss"]) >= 2
    assert 0 < max(history["validation"]) <= 1


def test_heads_share_the_factors():
    with pytest.raises(ValueError, match="n_heads=3 must divide n_factors=64"):
        SASRec(n_heads=3).fit(datasets.load_toy())


class TestContract(NetworkContract):
    cases = [
        network(
            lambda: GRU4Rec(
                n_factors=8,
                n_steps=20,
                n_epochs=60,
                batch_size=32,
                lr=0.02,
                lr_decay=1.0,
                dropout=0.5,
                validation_share=0.0,
            ),
            rates=False,
        ),
        network(
            lambda: SASRec(
                n_factors=8,
                n_blocks=1,
                n_steps=20,
                n_epochs=60,
                batch_size=32,
                lr=0.02,
                lr_decay=1.0,
                dropout=0.5,
                validation_share=0.0,
            ),
            rates=False,
        ),
    ]
