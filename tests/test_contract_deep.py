"""What every model promises, asked of the networks: the suite of test_contract.py.

A file of its own, so that two processes share the work, with fewer odd data sets and
few epochs, since every fit compiles a loop. A new network is one line in MODELS.
"""

import functools

import numpy as np
import pytest
import test_contract
from test_contract import *  # noqa: F403 - the tests, and what gives them their cases
from test_contract import Case, answers, random_set

import recbook
from recbook import deep

ROUNDING = 2e-5  # float32, added up in another order for another number of rows


def network(make, rates=True, **more):
    """Return the case of a network: its name, and how near two answers are."""
    return Case(make().__class__.__name__, make, rates=rates, rounding=ROUNDING, **more)


MODELS = [
    network(lambda: recbook.FactorizationMachine(
        n_factors=8, n_epochs=40, lr=0.05, lr_decay=0.95, reg=0.3, init_std=0.1,
        raters=False, validation_share=0.0)),
    network(lambda: recbook.NeuralFM(
        n_factors=8, n_epochs=40, hidden=(16,), dropout=0.0, lr=0.04, lr_decay=0.95,
        reg=0.3, init_std=0.1, raters=False, validation_share=0.0)),
    network(lambda: recbook.DeepFM(
        n_factors=8, n_epochs=40, hidden=(16,), dropout=0.0, lr=0.04, lr_decay=0.95,
        reg=0.3, init_std=0.1, raters=False, validation_share=0.0)),
    *(Case(f"NeuralCF-{kind}", functools.partial(
        recbook.NeuralCF, kind=kind, n_factors=8, hidden=(16,), n_epochs=60,
        batch_size=512, lr=0.03, lr_decay=1.0, reg=0.1, validation_share=0.0,
      ), rates=False, rounding=ROUNDING) for kind in ("gmf", "mlp", "neumf")),
    network(lambda: recbook.LightGCN(
        n_factors=8, n_epochs=60, lr=0.05, validation_share=0.0), rates=False),
    network(lambda: recbook.KnowledgeMF(
        n_factors=8, n_epochs=60, lr=0.05, reg=0.3, validation_share=0.0), rates=False),
    *(Case(f"AutoRec-{by}", functools.partial(
        recbook.AutoRec, by=by, n_factors=16, implicit=implicit, n_epochs=80,
        batch_size=64, lr=0.03, reg=1e-3, dropout=0.3, validation_share=0.0,
      ), rounding=ROUNDING) for by, implicit in (("item", 0.0), ("user", 1.0))),
    network(lambda: recbook.MultDAE(
        n_factors=8, n_epochs=60, lr=0.03, validation_share=0.0), rates=False),
    network(lambda: recbook.MultVAE(
        n_factors=8, hidden=(8,), n_epochs=60, lr=0.03, beta=0.1,
        validation_share=0.0), rates=False),
    network(lambda: recbook.DIN(
        n_factors=8, n_steps=8, n_hidden=8, hidden=(16,), n_epochs=40, batch_size=512,
        lr=0.03, reg=0.1, validation_share=0.0), rates=False),
    network(lambda: recbook.GRU4Rec(
        n_factors=8, n_steps=20, n_epochs=60, batch_size=32, lr=0.02, lr_decay=1.0,
        dropout=0.5, validation_share=0.0), rates=False),
    network(lambda: recbook.SASRec(
        n_factors=8, n_blocks=1, n_steps=20, n_epochs=60, batch_size=32, lr=0.02,
        lr_decay=1.0, dropout=0.5, validation_share=0.0), rates=False),
    network(lambda: recbook.MultiBehaviour(
        n_factors=16, n_heads=1, n_epochs=60, lr=0.02, dropout=0.1,
        validation_share=0.0), rates=False),
    network(lambda: recbook.RatingTowers(
        n_factors=8, n_epochs=40, batch_size=512, lr=0.05, lr_decay=0.95, reg=0.3,
        init_std=0.1)),
    network(lambda: recbook.RetrievalTowers(
        n_factors=8, n_epochs=60, lr=0.03, dropout=0.3), rates=False),
]  # fmt: skip
ODD = ("toy", "random", "all-equal", "one-rating", "strangers", "one-user", "with-zero")
DATA = {name: test_contract.DATA[name] for name in ODD}


def test_every_public_model_is_here():
    names = [name for name in deep.__all__ if hasattr(getattr(deep, name), "fit")]
    missing = set(names) - {type(case.make()).__name__ for case in MODELS}
    assert not missing, f"add a line to MODELS for {missing}"
    assert set(deep.__all__) <= set(recbook.__all__)


def test_a_saved_model_says_the_same(case, tmp_path):
    train, path = random_set(), tmp_path / "model"
    model = case.make().fit(train)
    model.save(path)
    again = type(model).load(path)
    assert vars(again).keys() == model.__getstate__().keys()
    for one, other in zip(
        answers(case, model, train), answers(case, again, train), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert again.history_ == model.history_
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ValueError, match="damaged"):
        type(model).load(path)


def test_an_unfitted_model_is_not_saved(case, tmp_path):
    with pytest.raises(recbook.NotFittedError):
        case.make().save(tmp_path / "model")


def test_the_history_has_an_entry_an_epoch(case):
    model = case.make().fit(random_set())
    assert 1 <= len(model.history_["loss"]) <= model.n_epochs
    assert np.isfinite(np.concatenate(list(model.history_.values()))).all()


def test_another_seed_is_another_model(case):
    train = random_set()
    one, other = (case.make() for _ in range(2))
    other.seed = one.seed + 1
    first, second = (model.fit(train).scores([3]) for model in (one, other))
    assert not np.array_equal(first, second)


def test_a_step_too_long_is_named(case):
    model, said = case.make(), ""
    model.lr, model.n_epochs = 1e18, 30
    try:
        model.fit(random_set())
    except recbook.DivergenceError as error:
        said = str(error)
    if said:
        assert "lr=1e+18" in said
        assert "epoch" in said
    else:  # a bounded network may survive; what it says is then finite
        assert np.isfinite(model.scores([0, 1])).all()
