"""DIN by plain loops, and what its window, its padding and its order promise."""

import pickle

import numpy as np
import pytest
from contract import NetworkContract, network

from recbook import DIN, Ratings, datasets
from recbook.deep.attention.din import draws
from recbook.deep.histories import ordered
from recbook.deep.lazy import tf

N_USERS, N_ITEMS = 30, 12
SMALL = {"n_factors": 4, "n_steps": 5, "n_hidden": 3, "hidden": (6, 5), "lr": 0.02}
SMALL |= {"batch_size": 64, "n_epochs": 3, "validation_share": 0.0}
POOLINGS = ("unit", "dot", "mean")


def table(seed=1, share=0.5):
    """Ratings in a random order of time; user 0 has none, user 1 has all."""
    rng = np.random.default_rng(seed)
    mask = rng.random((N_USERS, N_ITEMS)) < share
    mask[0], mask[1] = False, True
    users, items = np.nonzero(mask)
    days = rng.permutation(users.size)
    names = np.arange(N_USERS), np.arange(N_ITEMS)
    return Ratings(users, items, np.ones(users.size), days, *names)


@pytest.fixture(scope="module", params=POOLINGS)
def model(request):
    return DIN(**SMALL, pooling=request.param, n_negatives=2).fit(table())


@pytest.fixture(scope="module")
def unit():
    return DIN(**SMALL).fit(table())


def relu(x):
    return np.maximum(x, 0)


def by_hand(model, history, item):
    """The logit and the weights of one candidate, step by step from the definition."""
    w = [np.float64(part) for part in model.weights_]
    embed, ages, *w = w
    s, h = embed[item + 1], []
    for back, i in enumerate(reversed(history[-model.n_steps :])):
        h.insert(0, embed[i + 1] + ages[model.n_steps - 1 - back])
    if model.pooling == "unit":
        (W, b, v, v0), w = w[:4], w[4:]
        inputs = [np.concatenate([x, s, x * s, x - s]) for x in h]
        weights = [relu(x @ W + b) @ v[:, 0] + v0[0] for x in inputs]
    elif model.pooling == "dot":
        powers = [np.exp(x @ s / np.sqrt(s.size)) for x in h]
        weights = [p / sum(powers) for p in powers]
    else:
        weights = [1 / len(h) for _ in h]
    c = sum(weight * x for weight, x in zip(weights, h, strict=True))
    x = np.concatenate([c, s, c * s])
    *layers, (W_out, b_out) = zip(w[0:-1:2], w[1:-1:2], strict=True)
    for W, b in layers:
        x = relu(x @ W + b)
    return (x @ W_out)[0] + b_out[0] + w[-1][item + 1, 0], weights


def test_the_network_is_its_definition(model):
    histories = [[3], [0, 5, 7], [2, 4, 6, 8, 10, 11, 1]]
    scores = model.score_histories(histories)
    for row, history in zip(scores, histories, strict=True):
        found = [by_hand(model, history, item) for item in range(N_ITEMS)]
        np.testing.assert_allclose(row, [z for z, _ in found], atol=1e-5)
        weights = model.weights(history, range(N_ITEMS))
        np.testing.assert_allclose(weights, [np.ravel(w) for _, w in found], atol=1e-5)


def test_scores_of_a_user_are_those_of_their_history(model):
    items, bounds = ordered(table())
    users = np.arange(1, N_USERS)
    histories = [items[bounds[u] : bounds[u + 1]] for u in users]
    scores = model.score_histories(histories)
    np.testing.assert_allclose(scores, model.scores(users), atol=1e-6)


def test_blocks_change_nothing(unit, monkeypatch):
    whole = unit.scores(range(1, N_USERS))
    monkeypatch.setattr("recbook.deep.attention.din.NUMBERS", 1000)  # four histories
    np.testing.assert_allclose(unit.scores(range(1, N_USERS)), whole, atol=1e-6)


def test_a_window_is_what_is_read(model):
    long, last = [9, 8, 7, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5]
    one, other = model.score_histories([long, last])
    np.testing.assert_allclose(one, other, atol=1e-6)
    assert model.weights(long, [0]).shape == (1, 5)


def test_padding_says_nothing(model):
    window = np.array([[0, 0, 0, 3, 4]], np.int32)
    rows = np.arange(1, N_ITEMS + 1, dtype=np.int32)[None]
    weights = np.array(model.network_([window, rows])[1])
    assert not weights[..., :3].any()
    changed = pickle.loads(pickle.dumps(model))
    arrays = [np.copy(part) for part in changed.weights_]
    arrays[0][0] = 9.0  # the embedding of padding
    arrays[1][:3] = -9.0  # the ages that only padding has
    one = changed.network_([window, rows])[0].numpy()
    changed.network_.set_weights(arrays)
    np.testing.assert_allclose(changed.network_([window, rows])[0], one, atol=1e-6)


def test_weights_are_not_normalised_and_the_others_are(model):
    history = [1, 2, 3, 4]
    total = model.weights(history, range(N_ITEMS)).sum(axis=1)
    if model.pooling == "unit":
        assert np.abs(total - 1).max() > 0.01
        # what a step says does not depend on the others
        alone = model.weights([4], range(N_ITEMS))[:, 0]
        among = model.weights(history, range(N_ITEMS))[:, -1]
        np.testing.assert_allclose(alone, among, atol=1e-6)
    else:
        np.testing.assert_allclose(total, 1.0, atol=1e-6)


def test_order_matters_by_the_age(unit):
    one, other = unit.score_histories([[1, 2, 3], [3, 2, 1]])
    assert np.abs(one - other).max() > 1e-4


def test_an_empty_history_and_a_stranger_get_popularity(model):
    counts = np.bincount(table().items, minlength=N_ITEMS)
    np.testing.assert_array_equal(model.score_histories([[]])[0], counts)
    np.testing.assert_array_equal(model.scores([0])[0], counts)
    assert model.score_histories([]).shape == (0, N_ITEMS)


def test_the_loss_is_its_definition():
    model = DIN(**SMALL, reg=0.3).fit(table())
    windows = np.array([[0, 0, 1, 2, 3], [0, 0, 0, 0, 7]], np.int32)
    rows = np.array([[4, 5, 6], [1, 2, 3]], np.int32)
    z, _ = (np.float64(part) for part in model.network_([windows, rows]))
    p = 1 / (1 + np.exp(-z))
    expected = -(np.log(p[:, 0]).sum() + np.log(1 - p[:, 1:]).sum()) / 6
    loss = model._loss(model.network_)
    tensors = tf.constant(windows), tf.constant(rows)
    assert float(loss(*tensors, training=False)) == pytest.approx(expected, rel=1e-4)
    lengths = (model.weights_[0][rows] ** 2).sum(axis=-1)
    expected += 0.3 / 2 * lengths.mean()
    assert float(loss(*tensors)) == pytest.approx(expected, rel=1e-4)


def test_negatives_are_never_positives_and_windows_end_before_the_event():
    train = table()
    items, bounds = ordered(train)
    sequences = [items[bounds[u] : bounds[u + 1]].tolist() for u in range(N_USERS)]
    earlier, latest = draws(items, bounds, N_ITEMS, 0.2, 4, 3)
    for draw, past in ((earlier, True), (latest, False)):
        windows, rows = draw(np.random.default_rng(0))
        assert windows.dtype == rows.dtype == np.int32
        found = {(*w, taken) for w, taken in zip(windows, rows[:, 0], strict=True)}
        expected, allowed = set(), {}
        for sequence in sequences:
            n = len(sequence) - int(0.2 * len(sequence))
            if n == N_ITEMS:
                continue  # has taken all: nothing is left to draw
            for t, item in enumerate(sequence):
                if (t < n) == past:
                    before = [i + 1 for i in sequence[max(0, t - 4) : t]]
                    key = (*[0] * (4 - len(before)), *before, item + 1)
                    expected.add(key)
                    free = set(range(N_ITEMS)) - set(sequence[:n])
                    allowed.setdefault(key, set()).update(free)
        assert found == expected
        for w, row in zip(windows, rows, strict=True):
            assert set(row[1:] - 1) <= allowed[(*w, row[0])]


def test_negatives_are_drawn_anew_and_by_the_seed():
    items, bounds = ordered(table())
    draw, none = draws(items, bounds, N_ITEMS, 0.0, 4, 3)
    assert none is None
    rng = np.random.default_rng(0)
    first, second, again = draw(rng), draw(rng), draw(np.random.default_rng(0))
    assert not np.array_equal(first[1], second[1])
    np.testing.assert_array_equal(first[1], again[1])


def test_early_stopping_keeps_the_best_epoch():
    options = SMALL | {"n_epochs": 40, "validation_share": 0.25, "lr": 0.05}
    model = DIN(**options, patience=2).fit(table())
    validation = model.history_["validation"]
    assert len(validation) < 40
    assert np.argmin(validation) == len(validation) - 3
    items, bounds = ordered(table())
    _, latest = draws(items, bounds, N_ITEMS, 0.25, 5, 4)
    rows = map(tf.constant, latest(model._rng(1)))
    found = float(model._loss(model.network_)(*rows, training=False))
    assert found == pytest.approx(min(validation), rel=1e-5)


def test_dropout_is_off_at_prediction():
    model = DIN(**SMALL, dropout=0.5).fit(table())
    np.testing.assert_array_equal(model.scores([3]), model.scores([3]))
    without = DIN(**SMALL).fit(table())
    assert np.abs(without.scores([3]) - model.scores([3])).max() > 1e-4


def test_no_epochs_and_nobody_to_learn_from():
    model = DIN(**SMALL | {"n_epochs": 0}).fit(table())
    assert model.history_ == {"loss": []}
    full = table().subset(table().users == 1)  # has taken every item
    model = DIN(**SMALL).fit(full)
    assert model.history_ == {"loss": []}
    assert np.isfinite(model.scores([1, 2])).all()


def test_it_learns_who_follows_whom():
    """Item i is always followed by i + 1: only the last step says what comes next."""
    rng = np.random.default_rng(0)
    starts = rng.integers(N_ITEMS, size=80)
    items = np.concatenate([(s + np.arange(4)) % N_ITEMS for s in starts])
    users = np.repeat(np.arange(80), 4)
    names = np.arange(80), np.arange(N_ITEMS)
    train = Ratings(users, items, np.ones(320), np.arange(320), *names)
    wider = {"n_factors": 8, "n_hidden": 8, "hidden": (16,), "n_epochs": 100}
    model = DIN(**SMALL | wider).fit(train)
    histories = [[(i - 1) % N_ITEMS, i] for i in range(N_ITEMS)]
    scores = model.score_histories(histories)
    for row, history in zip(scores, histories, strict=True):
        row[history] = -np.inf  # what a user has taken is never a negative
    first = scores.argmax(axis=1)
    assert (first == (np.arange(N_ITEMS) + 1) % N_ITEMS).mean() > 0.8


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda m: m.score_histories([[0, 99]]), r"histories\[0\]"),
        (lambda m: m.score_histories([[0, -1]]), r"histories\[0\]"),
        (lambda m: m.weights([0, 1], [12]), "items"),
        (lambda m: m.weights([99], [0]), "histories"),
    ],
)
def test_bad_histories_are_named(unit, call, said):
    with pytest.raises(ValueError, match=said):
        call(unit)


def test_a_table_without_time_is_refused():
    toy = datasets.load_toy()
    ratings = Ratings(
        toy.users, toy.items, toy.values, None, toy.user_ids, toy.item_ids
    )
    with pytest.raises(ValueError, match=r"train\.timestamps"):
        DIN().fit(ratings)


class TestContract(NetworkContract):
    cases = [
        network(
            lambda: DIN(
                n_factors=8,
                n_steps=8,
                n_hidden=8,
                hidden=(16,),
                n_epochs=40,
                batch_size=512,
                lr=0.03,
                reg=0.1,
                validation_share=0.0,
            ),
            rates=False,
        ),
    ]
