"""What the models of two factor matrices share; each family has a file of its own."""

import ast
import contextlib
import copy
import os
import subprocess
import sys

import numpy as np
import pytest

import recbook
from recbook import Ratings
from recbook.base import check_settings
from recbook.factorization import (
    ALS,
    BPR,
    DivergenceError,
    ImplicitALS,
    MatrixFactorization,
    SVDpp,
    als,
    base,
    descent,
    implicit,
)
from recbook.factorization.base import Predictor, Ranker, penalties, start


def predictor(offset=1.0):
    """Two users, two films, two factors; user 1 and film 1 are unknown."""
    model = Predictor()
    model.mu_, model._offset, model.scale_ = 3.0, offset * 3.0, (1.0, 5.0)
    model.bu_, model.bi_ = np.array([0.5, 0.0]), np.array([-0.25, 0.0])
    model.P_, model.Q_ = np.array([[1.0, 2.0], [9.0, 9.0]]), np.array([[0.5, 0.25]] * 2)
    model._known = np.array([True, False]), np.array([True, False])
    return model


def test_a_prediction_by_hand():
    # 3 + .5 - .25 + (1 · .5 + 2 · .25) = 4.25; less 3 where mu is no part of it.
    assert predictor().predict([0], [0]).tolist() == [4.25]
    assert predictor(offset=0.0).predict([0], [0]).tolist() == [1.25]
    # Unknown: mu and the bias that is known, whatever stands in the factors.
    for model in (predictor(), predictor(offset=0.0)):
        assert model.predict([0, 1, 1], [1, 0, 1]).tolist() == [3.5, 2.75, 3.0]
        scores = model.scores([1, 0])
        assert scores[0].tolist() == [2.75, 3.0]
        assert scores[1, 1] == 3.5


def test_what_is_known_of_users_is_not_asked_of_items():
    model = predictor()
    model._known = np.array([True, True]), np.array([True, False])
    # User 1 is known now: 3 - .25 + (9 · .5 + 9 · .25) = 9.5; film 1 is not.
    np.testing.assert_array_equal(model.scores([1, 0]), [[9.5, 3.0], [4.25, 3.5]])
    assert model.predict([1, 1], [0, 1]).tolist() == [5.0, 3.0]


@pytest.mark.parametrize("kind", [Predictor, Ranker])
def test_answers_want_a_fit_and_lists_are_of_ten(kind):
    for call in (lambda: kind().scores([0]), lambda: kind().recommend([0])):
        with pytest.raises(recbook.NotFittedError, match=kind.__name__):
            call()
    model = kind()
    model.P_, model.Q_, model.mu_, model._offset = (
        np.ones((1, 1)),
        np.ones((3, 1)),
        3,
        3,
    )
    model.bu_, model.bi_, model.counts_ = np.zeros(1), np.zeros(3), np.ones(3)
    model._known = np.ones(1, bool), np.ones(3, bool)
    assert model.recommend([0]).tolist() == [[0, 1, 2, *[-1] * 7]]


def test_a_prediction_wants_a_fit():
    with pytest.raises(recbook.NotFittedError):
        Predictor().predict([0], [0])


def test_clipping_comes_last_and_not_in_scores():
    model = predictor()
    model.P_ *= 10.0
    assert model.predict([0], [0]).tolist() == [5.0]
    assert model.scores([0])[0, 0] == 13.25


def test_a_ranker_by_hand():
    model = Ranker()
    model.P_, model.Q_ = np.array([[1.0], [2.0]]), np.array([[1.0], [-1.0], [0.5]])
    model.bi_, model.counts_ = np.array([0.0, 2.5, 0.0]), np.array([4.0, 1.0, 9.0])
    model._known = np.array([True, False]), np.ones(3, bool)
    assert model.scores([0, 1]).tolist() == [[1.0, 1.5, 0.5], [4.0, 1.0, 9.0]]
    assert model.recommend([0, 1], k=2).tolist() == [[1, 0], [2, 0]]


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_the_shares_of_a_row_add_up_to_its_penalty(power):
    counts = np.array([1.0, 4.0, 25.0])
    shares = penalties(0.3, power, counts)
    np.testing.assert_allclose(shares * counts, 0.3 * counts**power)
    assert penalties(0.3, power, np.zeros(1)).tolist() == [0.3]  # no ratings: as one


def test_start_leaves_strangers_at_zero():
    rows = np.array([True, False, True])
    drawn = start(np.random.default_rng(0), (3, 200), 0.5, rows)
    assert (drawn[1] == 0.0).all()
    assert drawn[0].std() == pytest.approx(0.5, rel=0.2)


def test_divergence_is_a_value_error_and_an_arithmetic_one():
    assert issubclass(DivergenceError, ValueError)
    assert issubclass(DivergenceError, ArithmeticError)
    assert recbook.DivergenceError is DivergenceError


# Settings and tables that no model can use -------------------------------------------

SGD = {"n_factors": 2, "n_epochs": 3}
STARS = [MatrixFactorization(**SGD), SVDpp(**SGD), ALS(2, 3), ImplicitALS(2, 3)]
STEPS = [MatrixFactorization(**SGD), SVDpp(**SGD), BPR(**SGD)]


def named(models):
    return pytest.mark.parametrize("model", models, ids=lambda m: type(m).__name__)


@named(STARS)
def test_stars_whose_squares_overflow_are_refused(toy, model):
    names = toy.user_ids, toy.item_ids
    for unit, shown in ((1e31, r"5e\+31"), (-1e31, r"-5e\+31")):
        huge = Ratings(toy.users, toy.items, unit * toy.values, None, *names)
        with pytest.raises(ValueError, match=rf"train .* {shown}, .* 1e\+30"):
            copy.deepcopy(model).fit(huge)
    fine = Ratings(toy.users, toy.items, toy.values * 2e29, None, *names)
    with contextlib.suppress(DivergenceError):  # a step of lr is then too long
        assert np.isfinite(copy.deepcopy(model).fit(fine).scores([0])).all()


@pytest.mark.parametrize("name", ["alpha", "init_std", "reg", "reg_bias", "reg_power"])
def test_settings_that_overflow_are_refused(toy, name):
    model = next(m for m in (*STARS, ImplicitALS()) if hasattr(m, name))
    limit = 10.0 if name == "reg_power" else 1e30
    for value, good in ((0, True), (limit, True), (1.01 * limit, False), (-0.5, False)):
        setattr(model := copy.deepcopy(model), name, value)
        if good:
            check_settings(model)
        else:
            with pytest.raises(ValueError, match=rf"{name} .* at least 0.*at most"):
                model.fit(toy)


@pytest.mark.parametrize("name", ["lr", "lr_decay"])
def test_a_step_has_a_length(toy, name):
    model = BPR(**SGD, **{name: 0})
    with pytest.raises(ValueError, match=rf"{name} must be .* above 0, got 0"):
        model.fit(toy)


@pytest.mark.parametrize(
    ("name", "least"),
    [("n_factors", 1), ("n_epochs", 0), ("n_iterations", 1), ("cg_steps", 1),
     ("seed", 0)],
)  # fmt: skip
def test_counts_begin_somewhere(toy, name, least):
    kind = BPR if name == "n_epochs" else ImplicitALS
    model = kind(n_factors=1, **({} if name == "n_factors" else {name: least}))
    model.fit(toy)
    setattr(model, name, least - 1)
    with pytest.raises(ValueError, match=f"{name} .* at least {least}"):
        model.fit(toy)


def test_sums_of_squares_and_not_only_the_numbers_are_finite():
    assert base.all_finite(np.ones(3), np.zeros((2, 2)))
    for bad in (np.nan, np.inf, 1e200):
        assert not base.all_finite(np.ones(3), np.array([1.0, bad]))


# Fits that end early -----------------------------------------------------------------


@named(STEPS)
def test_divergence_says_what_to_try(toy, model):
    model = copy.deepcopy(model).fit(toy)
    before = model.scores([0, 3])
    model.lr, model.lr_decay = 1e308, 1.0
    words = r"lr=1e\+308 is too high: in epoch 1 of 3 .*; try lr=1e\+307"
    with pytest.raises(recbook.DivergenceError, match=words + "$"):
        model.fit(toy)
    model.lr, model.lr_decay = 0.5, 1e308
    with pytest.raises(DivergenceError, match=r"2 of 3 .* lr=0\.05 and lr_decay=1\.0$"):
        model.fit(toy)
    np.testing.assert_array_equal(model.scores([0, 3]), before)


@named([*STEPS, ALS(2, 3), ImplicitALS(2, 3)])
def test_an_interrupt_leaves_the_last_fit(toy, model, monkeypatch):
    model = copy.deepcopy(model).fit(toy)
    kept, scores = dict(vars(model)), model.scores(np.arange(5))

    def interrupted(rounds, disable):
        yield next(iter(rounds))
        raise KeyboardInterrupt

    for module in (descent, als, implicit):
        monkeypatch.setattr(module, "tqdm", interrupted)
    model.n_factors, model.seed = 4, 9
    with pytest.raises(KeyboardInterrupt):
        model.fit(toy)
    changed = {n for n, v in vars(model).items() if v is not kept[n]}
    assert changed == {"n_factors", "seed"}
    np.testing.assert_array_equal(model.scores(np.arange(5)), scores)


# The same everywhere -----------------------------------------------------------------

FITS = [MatrixFactorization(5), SVDpp(5), ALS(3), ImplicitALS(3), BPR(5, 20)]
SAY = """
import sys
import numpy as np
import recbook
toy, model = recbook.datasets.load_toy(), getattr(recbook, sys.argv[1])()
vars(model).update(eval(sys.argv[2]))
sys.stdout.write(repr(model.fit(toy).scores(np.arange(5)).tolist()))
"""


@named(FITS)
def test_compiled_or_not_and_in_any_process_the_same(toy, model):
    """Through the public API, in a process of its own that has no numba."""
    settings = repr(vars(model))
    mine = copy.deepcopy(model).fit(toy).scores(np.arange(5))
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", SAY, type(model).__name__, settings],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    theirs = np.array(ast.literal_eval(run.stdout))
    np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-10)


@named(FITS)
def test_the_order_of_the_ratings(toy, model):
    t = np.random.default_rng(0).permutation(toy.n_ratings)
    columns = toy.users[t], toy.items[t], toy.values[t]
    other = Ratings(*columns, None, toy.user_ids, toy.item_ids)
    one, two = (copy.deepcopy(model).fit(r).scores(np.arange(5)) for r in (toy, other))
    if isinstance(model, MatrixFactorization | SVDpp):  # as their docstrings say
        np.testing.assert_allclose(one, two, atol=0.1)
    else:
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("model", "decay"),
    [(MatrixFactorization, 0.93**40), (SVDpp, 0.9**20), (BPR, 0.97**100)],
)
def test_steps_shrink_by_the_same_share_however_many_epochs(model, decay, toy):
    """More epochs with a fixed decay would be more steps of next to nothing."""
    for n_epochs in (10, 40, 250):
        kept = {"n_factors": 2, "n_epochs": n_epochs, "lr": 0.01}
        share = decay ** (1 / n_epochs)
        by_default, said = (
            model(**kept).fit(toy),
            model(**kept, lr_decay=share).fit(toy),
        )
        np.testing.assert_allclose(by_default.P_, said.P_, rtol=1e-9)


def test_more_epochs_learn_more(toy):
    few, many = (
        MatrixFactorization(n_factors=2, n_epochs=n, lr=0.05, reg=0.02).fit(toy)
        for n in (40, 400)
    )
    assert many.history_["train"][-1] < few.history_["train"][-1] / 2


@pytest.mark.parametrize("model", [MatrixFactorization, SVDpp, ALS, ImplicitALS, BPR])
def test_a_deviation_of_minus_zero_is_zero(toy, model):
    one, other = (model(init_std=std).fit(toy).scores([0]) for std in (0.0, -0.0))
    np.testing.assert_array_equal(one, other)
