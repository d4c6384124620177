"""BayesianMF: what it answers, of whom, how surely, and what it refuses."""

import pickle

import numpy as np
import pandas as pd
import pytest
from contract import Case, ModelContract
from tables import ASKED, MOVIES, SMALL, TIMES, TOY, TRAIN, USERS

from recbook import BayesianMF, Ratings
from recbook.bayesian.gibbs import Chain


def with_values(values, train=TRAIN, timestamps=True):
    times = train.timestamps if timestamps else None
    who = train.user_ids, train.item_ids
    return Ratings(train.users, train.items, np.asarray(values, float), times, *who)


def test_who_rated_nothing_is_known_less(monkeypatch):
    options = {**SMALL, "n_iterations": 205, "seed": 1}
    model = BayesianMF(**options).fit(TRAIN)
    told = BayesianMF(**options).fit(TRAIN, MOVIES, USERS)
    _, std = model.predict([3, 0], [0, 0], return_std=True)
    assert std[0] > std[1]
    assert model.predict([3], [2])[0] == pytest.approx(model.mu_)
    # Without tables all strangers are alike; gender and year tell them apart.
    assert model.bu_[3] == pytest.approx(0, abs=1e-12) == model.bi_[2]
    assert abs(told.bu_[3]) > 1e-3 < abs(told.bi_[2])
    assert told.features_["users"][2] == ("gender", ["F", "M"])
    assert [name for name, _ in told.features_["movies"]] == ["item", "raters", "year"]


# One pair or all ----------------------------------------------------------------------


@pytest.mark.parametrize("n_chains", [1, 9])
@pytest.mark.parametrize("constants", [None, (3.0,), tuple(2.0 ** np.arange(9))])
@pytest.mark.parametrize("timed", [False, True])
def test_one_pair_or_all_are_answered_to_the_bit(n_chains, constants, timed):
    options = {**SMALL, "n_iterations": 8, "n_chains": n_chains, "n_factors": 5}
    model = BayesianMF(**options, time=constants).fit(TRAIN)
    before = pickle.dumps(model)
    asked = ASKED if timed else ASKED[:2]
    whole = np.array(model.predict(*asked, return_std=True))
    order = np.random.default_rng(0).permutation(len(ASKED[0]))
    shuffled = model.predict(*(a[order] for a in asked), return_std=True)
    np.testing.assert_array_equal(shuffled, whole[:, order])
    for n in range(len(ASKED[0])):
        alone = model.predict(*(a[[n]] for a in asked), return_std=True)
        np.testing.assert_array_equal(np.ravel(alone), whole[:, n])
    assert [a.shape for a in model.predict([], [], return_std=True)] == [(0,), (0,)]
    assert pickle.dumps(model) == before  # what is asked teaches nothing


def test_seeds():
    def said(seed, **options):
        model = BayesianMF(**{**SMALL, "time": TIMES, **options}, seed=seed)
        return model.fit(TRAIN).predict(*ASKED, return_std=True)

    np.testing.assert_array_equal(said(3), said(3))
    for one, other in zip(said(3), said(4), strict=True):
        assert not (one == other).any()


def test_the_bits_do_not_depend_on_where_an_array_lies(monkeypatch):
    """OpenBLAS rounds a dot product by it on some processors (its core PRESCOTT)."""
    errors, models = Chain.errors, []
    for offset in range(0, 64, 8):

        def shifted(chain, offset=offset):
            error = errors(chain)
            memory = np.empty(error.nbytes + 128, dtype=np.uint8)
            start = -memory.ctypes.data % 64 + offset
            moved = memory[start : start + error.nbytes].view(np.float64)
            moved[:] = error
            return moved

        monkeypatch.setattr(Chain, "errors", shifted)
        models.append(BayesianMF(**SMALL).fit(TRAIN).predict(*ASKED[:2]))
    for other in models[1:]:
        np.testing.assert_array_equal(other, models[0])


# Interrupts ---------------------------------------------------------------------------


def interrupt(monkeypatch, at):
    """Press Ctrl-C in one of the sweeps to come."""
    sweep, so_far = Chain.sweep, [0]

    def step(chain):
        so_far[0] += 1
        if so_far[0] == at:
            raise KeyboardInterrupt
        sweep(chain)

    monkeypatch.setattr(Chain, "sweep", step)


def test_an_interrupt_loses_the_run_it_falls_in_alone(monkeypatch):
    one = BayesianMF(**SMALL).fit(TRAIN)
    model = BayesianMF(**SMALL, n_chains=3)
    interrupt(monkeypatch, at=30)  # the fifth sweep of the second run
    with pytest.raises(KeyboardInterrupt) as caught:
        model.fit(TRAIN)
    (note,) = caught.value.__notes__
    assert note == "chain 2 of 3 is lost; the model has the 1 before"
    assert len(model.chains_) == 1 == len(model.trace_["rmse"])
    for left, right in zip(
        model.predict(*ASKED, return_std=True),
        one.predict(*ASKED, return_std=True),
        strict=True,
    ):
        np.testing.assert_array_equal(left, right)


def test_an_interrupt_of_the_first_run_leaves_what_was(monkeypatch):
    model = BayesianMF(**SMALL)
    interrupt(monkeypatch, at=3)
    with pytest.raises(KeyboardInterrupt) as caught:
        model.fit(TRAIN)
    assert "chain 1 of 1 is lost; the model is as it was" in caught.value.__notes__[0]
    assert vars(model) == vars(BayesianMF(**SMALL))
    monkeypatch.undo()
    before = model.fit(TRAIN).predict(*ASKED[:2])
    interrupt(monkeypatch, at=3)
    with pytest.raises(KeyboardInterrupt):
        model.fit(TOY)
    np.testing.assert_array_equal(model.predict(*ASKED[:2]), before)


# Bad input, and odd -------------------------------------------------------------------


def test_time_asks_for_timestamps():
    train = with_values(TRAIN.values, timestamps=False)
    with pytest.raises(ValueError, match=r"time=\(2.0, 30.0\) reads train.timestamps"):
        BayesianMF(**SMALL, time=TIMES).fit(train)
    assert BayesianMF(**SMALL).fit(train).predict([0], [0]).shape == (1,)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        *(("time", bad, "time must be a tuple") for bad in ((), "x", 5.0)),
        *(("time", (60.0, bad), "each of time must be") for bad in (0, np.nan, -1.0)),
        *(("burn_in", bad, f"burn_in={bad} leaves no draw") for bad in (25, 26)),
        ("burn_in", -1, "got -1"),
        ("n_chains", 0, "got 0"),
        ("noise", "item", "'user' or 'shared', got 'item'"),
        ("prior", 0.0, "a finite number above 0, got 0.0"),
    ],
)
def test_settings_are_refused_by_name(name, value, shown):
    with pytest.raises(ValueError, match=name) as caught:
        BayesianMF(**{**SMALL, name: value}).fit(TRAIN)
    assert shown in str(caught.value)


def test_timestamps_are_one_a_pair_and_finite():
    model = BayesianMF(**SMALL, time=TIMES).fit(TRAIN)
    for bad in ([1], [1, 2, 3], 5, [[1, 2]]):
        with pytest.raises(ValueError, match="timestamps must be one a pair, 2"):
            model.predict([0, 1], [0, 1], timestamps=bad)
    for bad in ([1.0, np.nan], [np.inf, 1.0], ["1", "2"], [None, 1]):
        with pytest.raises(ValueError, match="timestamps must be seconds"):
            model.predict([0, 1], [0, 1], timestamps=bad)
    # Who does not read them does not mind.
    plain_model = BayesianMF(**SMALL).fit(TRAIN)
    assert plain_model.predict([0], [1], timestamps=[np.nan]).shape == (1,)


def test_tables_may_miss_a_user_or_a_film_and_know_others():
    movies = pd.concat(
        [MOVIES[1:], pd.DataFrame({"movie_id": ["Solaris"], "year": [1972]})]
    )
    users = USERS[:3].assign(gender=["F", None, "X"])
    model = BayesianMF(**SMALL).fit(TRAIN, movies, users)
    assert np.isfinite(model.predict(*ASKED[:2], return_std=True)).all()
    assert model.features_["users"][-1] == ("gender", ["F", "X"])
    assert 1972 not in model.features_["movies"][-1][1]
    with pytest.raises(ValueError, match="movies"):
        BayesianMF(**SMALL).fit(TRAIN, MOVIES.drop(columns="movie_id"))
    with pytest.raises(ValueError, match="users"):
        BayesianMF(**SMALL).fit(TRAIN, None, [1, 2])


ODD = {
    "equal": np.full(TRAIN.n_ratings, 3.1),  # whose deviation is not 0, by rounding
    "all zero": np.zeros(TRAIN.n_ratings),
    "equal by user": TRAIN.users + 1.0,
    "huge": TRAIN.values * 2e29,
    "tiny": TRAIN.values * 1e-30,
    "far from zero": TRAIN.values + 1e7,
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("constants", [None, TIMES])
def test_odd_ratings_are_answered(odd, constants):
    train = with_values(ODD[odd])
    model = BayesianMF(**SMALL, time=constants).fit(train)
    found, std = model.predict(*ASKED, return_std=True)
    assert (found >= ODD[odd].min()).all()
    assert (found <= ODD[odd].max()).all()
    assert np.isfinite(std).all()
    assert (std > 0).all()


@pytest.mark.parametrize(("scale", "shift"), [(2e29, 0.0), (1e-30, 0.0), (1.0, 1e7)])
def test_the_unit_of_the_stars_is_free(scale, shift):
    stars = BayesianMF(**SMALL).fit(TRAIN).predict(*ASKED[:2], return_std=True)
    train = with_values(TRAIN.values * scale + shift)
    found, std = BayesianMF(**SMALL).fit(train).predict(*ASKED[:2], return_std=True)
    np.testing.assert_allclose((found - shift) / scale, stars[0], rtol=1e-6)
    np.testing.assert_allclose(std / scale, stars[1], rtol=1e-6)


def test_one_rating_a_user():
    n = np.arange(6)
    train = Ratings(n, n % 3, [5.0, 1, 3, 4, 2, 2], n * 10, n, np.arange(4))
    model = BayesianMF(**SMALL, time=TIMES).fit(train)
    found, std = model.predict(n, n % 4, n * 7, return_std=True)
    assert np.isfinite([found, std]).all()
    assert model.scores(n).shape == (6, 4)


def test_ratings_too_large_to_square_are_refused():
    with pytest.raises(ValueError, match="train holds a rating of 1e\\+200"):
        BayesianMF(**SMALL).fit(with_values(TRAIN.values * 2e199))


# Calibration --------------------------------------------------------------------------


def simulated(seed, drift):
    """A table from the model itself: biases, one taste, noise and drift by user."""
    rng, (n, m) = np.random.default_rng(seed), (50, 40)
    values = 3.5 + rng.normal(0, 0.5, (n, 1)) + rng.normal(0, 0.5, m)
    values = values + np.outer(rng.normal(0, 0.8, n), rng.normal(0, 0.8, m))
    when = np.argsort(rng.random((n, m)), axis=1)  # each user in an order of theirs
    if drift:
        apart = np.subtract.outer(np.arange(m), np.arange(m))
        K = np.linalg.cholesky(np.exp(-abs(apart) / TIMES[1]))
        z = rng.normal(0, 0.6, (n, m)) @ K.T
        values = values + np.take_along_axis(z, when, axis=1)
    values = values + rng.normal(size=(n, m)) * rng.uniform(0.3, 0.8, (n, 1))
    users, items = (code.ravel() for code in np.indices((n, m)))
    facts = values.ravel(), when.ravel(), np.arange(n), np.arange(m)
    table = Ratings(users, items, *facts)
    held_out = rng.random(n * m) < 0.5
    return table.subset(~held_out), table.subset(held_out)


@pytest.mark.parametrize("drift", [False, True])
def test_intervals_hold_what_they_say(drift):
    off, alike = [], []
    options = {"n_iterations": 140, "burn_in": 40, "prior": 1.0, "n_factors": 1}
    options |= {"history": False, "raters": False, "time": TIMES[1:] if drift else None}
    for seed in range(4):
        train, test = simulated(seed, drift)
        model = BayesianMF(**options, seed=seed).fit(train)
        asked = test.users, test.items, test.timestamps
        found, std = model.predict(*asked, return_std=True)
        off.append(abs(test.values - found) / std)
        alike.append(np.corrcoef(abs(test.values - found), std)[0, 1])
    off = np.concatenate(off)
    assert np.mean(off < 0.674) == pytest.approx(0.5, abs=0.02)
    assert np.mean(off < 1.645) == pytest.approx(0.9, abs=0.02)
    # Who and what is hard to predict is told apart.
    assert np.mean(alike) > 0.1


def sampled(**options):
    """A name and a factory: few draws, and a prior for tables as small as these."""
    name = "-".join(["BayesianMF", *(f"{v}" for v in options.values())])
    few = {"n_factors": 2, "n_iterations": 60, "burn_in": 20, "prior": 1.0}
    return name, lambda: BayesianMF(**few, **options)


class TestContract(ModelContract):
    cases = [
        Case(*sampled(**options), draws_mean=True)
        for options in (
            {},
            {"noise": "shared", "history": False, "raters": False, "n_chains": 2},
            {"time": (5.0, 50.0)},
        )
    ]
