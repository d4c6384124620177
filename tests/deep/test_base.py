"""What every network stands on: the lazy import, the compiled loop, saved files."""

import copy
import json
import re
import subprocess
import sys

import numpy as np
import pytest

from recbook import DivergenceError, datasets
from recbook.deep import lazy, saving
from recbook.deep.base import held_out, mean_ndcg
from recbook.deep.lazy import keras, tf
from recbook.deep.training import LONG, shuffled_rows, train_epochs

# A line through points: w x + b, squared error, Adam. Small enough for a plain loop.
rng = np.random.default_rng(0)
X = rng.normal(size=(23, 3)).astype(np.float32)
Y = (X @ [1.0, -2.0, 0.5] + 0.3).astype(np.float32)


class Settings:
    n_epochs, batch_size, lr, patience, verbose = 5, 8, 0.1, 2, False

    def __init__(self, **changed):
        vars(self).update(changed)


def line():
    inputs = keras.Input((3,))
    output = keras.layers.Dense(1, kernel_initializer="ones")(inputs)
    return keras.Model(inputs, output[:, 0])


def squared_error(network):
    return lambda x, y: tf.reduce_mean((y - network(x, training=True)) ** 2)


def in_order(_):
    return X, Y


def adam(n_epochs, batch_size, lr, decay=1.0):
    """Kingma & Ba's algorithm 1 in float64, on the line: weights and losses."""
    w, b = np.ones(3), 0.0
    m, v, t, losses = np.zeros(4), np.zeros(4), 0, []
    for epoch in range(n_epochs):
        total = 0.0
        for first in range(0, len(X), batch_size):
            x, y = X[first : first + batch_size], Y[first : first + batch_size]
            e = x @ w + b - y
            total += np.sum(e**2)
            g = 2 * np.append(x.T @ e, e.sum()) / len(x)
            t += 1
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            rate = lr * decay**epoch * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            step = rate * m / (np.sqrt(v) + 1e-7)
            w, b = w - step[:3], b - step[3]
        losses.append(total / len(X))
    return w, b, losses


@pytest.mark.parametrize(("n_epochs", "lr_decay"), [(5, 1.0), (4, 0.5)])
def test_the_loop_is_adam_by_the_book(n_epochs, lr_decay):
    network = line()
    model = Settings(n_epochs=n_epochs, lr_decay=lr_decay)
    history = train_epochs(model, network, squared_error(network), in_order, rng)
    w, b, losses = adam(n_epochs, 8, 0.1, lr_decay)
    kernel, bias = network.get_weights()
    np.testing.assert_allclose(kernel[:, 0], w, rtol=1e-4)
    np.testing.assert_allclose(bias, [b], rtol=1e-4)
    np.testing.assert_allclose(history["loss"], losses, rtol=1e-4)
    assert list(history) == ["loss"]


def test_the_loop_does_what_keras_fit_does():
    ours, theirs = line(), line()
    history = train_epochs(Settings(), ours, squared_error(ours), in_order, rng)
    theirs.compile(keras.optimizers.Adam(0.1), "mse")
    fitted = theirs.fit(X, Y, batch_size=8, epochs=5, shuffle=False, verbose=0)
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    np.testing.assert_allclose(history["loss"], fitted.history["loss"], rtol=1e-4)


def test_a_long_run_is_compiled_and_says_the_same():
    n_epochs = -(-LONG * 8 // len(X))
    found = []
    for n in (n_epochs - 1, n_epochs):
        network = line()
        model = Settings(n_epochs=n, lr=1e-3)
        found.append(
            train_epochs(model, network, squared_error(network), in_order, rng)
        )
    np.testing.assert_allclose(found[0]["loss"], found[1]["loss"][:-1], rtol=1e-3)


def test_it_stops_when_nothing_gets_better_and_goes_back_to_the_best():
    network, kernels = line(), []
    marks = iter([3.0, 1.0, 2.0, 1.5, 9.0, 9.0])

    def measure():
        kernels.append(network.get_weights()[0])
        return next(marks)

    model = Settings(n_epochs=6, patience=2)
    loss = squared_error(network)
    history = train_epochs(model, network, loss, in_order, rng, measure)
    assert history["validation"] == [3.0, 1.0, 2.0, 1.5]
    assert len(history["loss"]) == 4
    np.testing.assert_array_equal(network.get_weights()[0], kernels[1])
    marks, kernels = iter([1.0, 3.0, 2.0, 2.5, 0.0, 0.0]), []
    history = train_epochs(model, network, loss, in_order, rng, measure, higher=True)
    assert history["validation"] == [1.0, 3.0, 2.0, 2.5]
    np.testing.assert_array_equal(network.get_weights()[0], kernels[1])


def test_no_epochs_leave_the_start():
    network = line()
    history = train_epochs(
        Settings(n_epochs=0), network, squared_error(network), in_order, rng
    )
    assert history == {"loss": []}
    np.testing.assert_array_equal(network.get_weights()[0], np.ones((3, 1)))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_loss_that_is_no_number_stops_and_names_lr_and_epoch(bad):
    network, epochs = line(), iter([1.0, 1.0, bad])

    def draw(_):
        return X, Y * np.float32(next(epochs))

    with pytest.raises(DivergenceError, match=r"lr=0\.1 .* epoch 3 of 5"):
        train_epochs(Settings(), network, squared_error(network), draw, rng)
    with pytest.raises(DivergenceError, match=r"lr=0\.1 .* epoch 1 of 5"):
        train_epochs(
            Settings(), network, squared_error(network), in_order, rng, lambda: bad
        )


def test_progress_is_shown_when_asked_for(capsys):
    for verbose in (False, True):
        network = line()
        train_epochs(
            Settings(verbose=verbose), network, squared_error(network), in_order, rng
        )
        shown = capsys.readouterr()
        assert ("loss=" in shown.err) is verbose
        assert shown.out == ""


def test_shuffled_keeps_rows_together_and_draws_anew():
    draw, dice = shuffled_rows(X, Y), np.random.default_rng(1)
    first, second = draw(dice), draw(dice)
    assert not np.array_equal(first[1], second[1])
    for x, y in (first, second):
        np.testing.assert_allclose(x @ [1.0, -2.0, 0.5] + 0.3, y, rtol=1e-4)
        assert sorted(y) == sorted(Y)


def test_held_out_gives_none_where_a_part_would_be_empty():
    toy = datasets.load_toy()
    for share in (0.0, 0.01, 0.99):
        train, validation = held_out(toy, share, seed=0)
        assert train is toy
        assert validation is None
    train, validation = held_out(toy, 0.25, seed=0)
    assert (train.n_ratings, validation.n_ratings) == (15, 5)


def test_mean_ndcg_is_that_of_the_lists():
    toy = datasets.load_toy()
    train, validation = held_out(toy, 0.3, seed=1)
    table = np.random.default_rng(2).random(toy.csr.shape)
    total, people = 0.0, np.unique(validation.users)
    for u in people:
        seen = set(train.items[train.users == u])
        wanted = set(validation.items[validation.users == u])
        free = [i for i in np.argsort(-table[u]) if i not in seen][:2]
        gain = sum(1 / np.log2(r + 2) for r, i in enumerate(free) if i in wanted)
        total += gain / sum(1 / np.log2(r + 2) for r in range(min(2, len(wanted))))
    found = mean_ndcg(lambda users: table[users], train, validation, k=2)
    assert found == pytest.approx(total / len(people))
    assert np.isnan(mean_ndcg(lambda u: table[u] * np.nan, train, validation))


# TensorFlow is asked for late, and missed in one sentence ---------------------------


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_naming_a_model_does_not_import_tensorflow():
    code = "import sys, recbook.deep as d; [getattr(d, n) for n in d.__all__]; "
    found = run(code + "print({'tensorflow', 'keras'} & set(sys.modules))")
    assert found.stdout.strip() == "set()", found.stderr


def test_without_tensorflow_one_sentence_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(ImportError, match=r"pip install '\.\[deep\]'` in the"):
        lazy.load("keras")


def test_another_backend_of_keras_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ImportError, match=r"runs on jax; set KERAS_BACKEND"):
        lazy.load("keras")


def test_lazy_modules_can_be_copied():
    assert copy.copy(tf).constant(1.0) == 1.0


# Files ------------------------------------------------------------------------------


class Toy:
    """Stands for a fitted model: all kinds of state that a file must carry."""

    def __init__(self):
        self.hidden, self.lr, self.name = (8, 4), 0.5, "a"
        self.weights_ = [np.arange(6.0).reshape(2, 3), np.ones(2, np.float32)]
        self.fields_ = {"genre": {"Drama": 0, "War": 1}, 3: [None, True]}
        self.words_ = np.array(["Ann", "Çem"])

    def __getstate__(self):
        return vars(self)


def test_a_file_gives_back_what_was_saved(tmp_path):
    path = tmp_path / "model.any"
    saving.save(Toy(), path)
    assert [p.name for p in tmp_path.iterdir()] == ["model.any"]
    model, first = saving.load(Toy, path), Toy()
    assert (model.hidden, model.lr, model.name) == ((8, 4), 0.5, "a")
    assert model.fields_ == first.fields_
    assert model.words_.tolist() == first.words_.tolist()
    for one, other in zip(model.weights_, first.weights_, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


def rewritten(path, **changed):
    with np.load(path) as file:
        arrays = dict(file)
    header = json.loads(arrays["recbook"].tobytes()) | changed
    text = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    with path.open("wb") as file:
        np.savez(file, **arrays | {"recbook": text})


def test_files_that_are_not_ours_are_refused_by_name(tmp_path):
    path = tmp_path / "model"
    with pytest.raises(FileNotFoundError, match="model"):
        saving.load(Toy, path)
    path.write_bytes(b"no zip at all")
    with pytest.raises(ValueError, match=r"model is no saved recbook model"):
        saving.load(Toy, path)
    with path.open("wb") as file:
        np.savez(file, x=np.ones(2))
    with pytest.raises(ValueError, match=r"model is no saved recbook model"):
        saving.load(Toy, path)


def test_files_of_another_version_or_class_are_refused(tmp_path):
    path = tmp_path / "model"
    saving.save(Toy(), path)
    rewritten(path, format=99, recbook="9.9")
    with pytest.raises(ValueError, match=r"recbook 9\.9 in format 99.*format 1"):
        saving.load(Toy, path)
    rewritten(path, format=1, **{"class": "SASRec"})
    with pytest.raises(ValueError, match=r"holds a SASRec, not a Toy"):
        saving.load(Toy, path)


def inner(*kind, state=None):
    """The state of a model that holds another one."""
    return {"dict": [["x", {"model": [kind, state or {"dict": []}]}]]}


@pytest.mark.parametrize(
    "kind",
    [
        ("os", "system"),
        ("recbook.app.__main__", "main"),
        ("recbook.deep.saving", "np"),
        ("recbook.deep.saving", "load"),
        ("recbook.ratings", "Ratings"),
    ],
    ids=".".join,
)
def test_a_file_names_models_of_recbook_alone(tmp_path, kind):
    path = tmp_path / "model"
    saving.save(Toy(), path)
    rewritten(path, state=inner(*kind))
    with pytest.raises(ValueError, match=f"may not name {re.escape('.'.join(kind))}"):
        saving.load(Toy, path)


FORGED = {
    "no dict": {"state": [1, 2]},
    "two kinds": {"state": {"dict": [], "list": []}},
    "a kind unknown": {"state": {"set": [1]}},
    "an array that is not there": {"state": {"dict": [["x", {"array": "array99"}]]}},
    "pairs of three": {"state": {"dict": [[1, 2, 3]]}},
    "a key that may change": {"state": {"dict": [[{"list": []}, 1]]}},
    "a module that is not there": {"state": inner("recbook.nothing", "Model")},
    "a class that is not there": {"state": inner("recbook.linear", "Nothing")},
    "a name that is a number": {"state": inner("recbook.linear", 7)},
    "a model of no state": {"state": inner("recbook.baselines", "Bias", state=[1])},
}


@pytest.mark.parametrize("changed", FORGED.values(), ids=FORGED)
def test_forged_headers_end_in_one_sentence(tmp_path, changed):
    path = tmp_path / "model"
    saving.save(Toy(), path)
    rewritten(path, **changed)
    with pytest.raises(ValueError, match="is no saved recbook model, or is damaged"):
        saving.load(Toy, path)


@pytest.mark.parametrize("text", ["[]", "7", "{}", "[" * 100_000, "", '{"format": 1}'])
def test_headers_of_another_kind_end_in_one_sentence(tmp_path, text):
    path = tmp_path / "model"
    with path.open("wb") as file:
        np.savez(file, recbook=np.frombuffer(text.encode(), dtype=np.uint8))
    with pytest.raises(ValueError, match="is no saved recbook model, or is damaged"):
        saving.load(Toy, path)
