"""What every model promises: a suite that the model's own tests subclass.

::

    class TestALS(ModelContract):
        cases = [Case("ALS", ALS), Case("ALS-unbiased", lambda: ALS(biased=False))]

Every case is asked on data sets easy and odd; networks (NetworkContract) on fewer of
them, since every fit compiles a loop. What does not depend on the settings is asked of
the first case of each class. What is asked of the settings themselves is in
estimators.py.
"""

import functools
import itertools
import pickle
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from estimators import SettingsContract, once_a_class

import recbook
from recbook import NotFittedError, Ratings, datasets, metrics
from recbook.baselines import Bias, GlobalMean, Popularity


class Case(NamedTuple):
    """A model in one setting.

    ``knows``, from little to much: "nothing", "popularity", "bias", "raters" (who rated
    what, but not how many stars), "taste", which has to beat Bias and Popularity. The
    fallback is that of Bias, which a model keeps as ``bias_``.
    """

    name: str
    make: Callable
    knows: str = "taste"
    rates: bool = True  # False: implicit feedback, ranks only
    rounding: float = 1e-12  # by how much a score may differ between calls
    draws_mean: bool = False  # mu_ is a mean over draws, and not that of train


KNOWS_LESS = 'no taste found: a fault, or its Case knows only "bias"'


def of(*knows):
    """Ask a test of those models alone that know one of these."""

    def mark(test):
        test.knows = knows
        return test

    return mark


# Data sets ---------------------------------------------------------------------------


def from_mask(values, mask):
    users, items = np.nonzero(mask)
    names = [np.arange(n) for n in values.shape]
    stars = values[users, items].astype(float)
    # In no order that a model of sequences could take for a taste.
    days = np.random.default_rng(0).permutation(users.size)
    return Ratings(users, items, stars, days, *names)


@functools.cache
def random_set():
    rng = np.random.default_rng(1)
    return from_mask(rng.integers(1, 6, (14, 11)), rng.random((14, 11)) < 0.5)


@functools.cache
def checkerboard(implicit):
    """Even users like exactly the even films; half of the cells are held out."""
    rng = np.random.default_rng(2)
    users, items = np.indices((24, 20))
    likes = (users + items) % 2 == 0
    values = np.where(likes, 5, 1)
    known = rng.random(values.shape) < 0.5
    train = from_mask(values, known & likes if implicit else known)
    return train, from_mask(values, ~known), likes


@functools.cache
def planted():
    """Biases, two axes of taste and noise; a quarter is held out."""
    rng = np.random.default_rng(3)
    n_users, n_items = 90, 60
    values = 3.5 + rng.normal(0, 0.4, (n_users, 1)) + rng.normal(0, 0.4, n_items)
    values = values + rng.normal(0, 0.7, (n_users, 2)) @ rng.normal(0, 1, (2, n_items))
    values = np.clip(values + rng.normal(0, 0.3, values.shape), 1, 5)
    rated = rng.random(values.shape) < 0.6
    held_out = rng.random(values.shape) < 0.25
    return from_mask(values, rated & ~held_out), from_mask(values, rated & held_out)


def all_equal():
    return from_mask(np.full((4, 5), 3), np.ones((4, 5)))


def one_rating():
    mask = np.zeros((3, 4))
    mask[1, 2] = 1
    return from_mask(np.full((3, 4), 4), mask)


def with_strangers():
    """User 0 rated nothing, item 3 was rated by nobody, user 2 rated all the rest."""
    rng = np.random.default_rng(4)
    mask = rng.random((6, 7)) < 0.6
    mask[2], mask[0], mask[:, 3] = True, False, False
    return from_mask(rng.integers(1, 6, (6, 7)), mask)


def nothing_in_common():
    """No two users share a film."""
    return from_mask(np.diag([1, 5, 3, 2]) + np.eye(4), np.eye(4))


def one_user():
    """Who rated all films but the last."""
    return from_mask(np.array([[4, 1, 3, 5, 2]]), np.array([[1, 1, 1, 1, 0]]))


def one_item():
    """Which all people but the last rated."""
    return from_mask(np.array([[4, 1, 3, 5, 2]]).T, np.array([[1, 1, 1, 1, 0]]).T)


def with_zero():
    """Stars from 0, and one user who rated every film."""
    mask = np.tril(np.ones((5, 5)))
    return from_mask(np.indices((5, 5)).sum(axis=0) % 4, mask)


DATA = {
    "toy": datasets.load_toy,
    "random": random_set,
    "checkerboard": lambda: checkerboard(implicit=False)[0],
    "all-equal": all_equal,
    "one-rating": one_rating,
    "strangers": with_strangers,
    "nothing-in-common": nothing_in_common,
    "one-user": one_user,
    "one-item": one_item,
    "with-zero": with_zero,
}


def every_pair(train):
    users, items = np.indices(train.csr.shape)
    return users.ravel(), items.ravel()


def answers(case, model, train):
    """All that a fitted model says, in one list of arrays."""
    everyone = np.arange(train.n_users)
    said = [model.scores(everyone), model.recommend(everyone, 3, train)]
    return [*said, model.predict(*every_pair(train))] if case.rates else said


@functools.cache
def fitted(case, data):
    """A model that no test may change."""
    return case.make().fit(DATA[data]())


def assert_same(left, right):
    for one, other in zip(left, right, strict=True):
        np.testing.assert_array_equal(one, other)


@functools.cache
def planted_rmse(make):
    train, test = planted()
    return metrics.rmse(test.values, make().fit(train).predict(test.users, test.items))


def check_list(row, scores, seen):
    """Assert that a list, a row of item codes, is the best of what was not seen."""
    candidates = set(range(scores.size)) - seen
    filled = min(len(row), len(candidates))
    shown = row[:filled]
    assert set(row[filled:]) <= {-1}, "-1 pads, at the end"
    assert len(set(shown)) == filled, "an item is shown once"
    assert set(shown) <= candidates
    assert np.all(np.diff(scores[shown]) <= 0), "best first"
    rest = list(candidates - set(shown))
    if rest and shown:
        assert scores[rest].max() <= scores[shown[-1]]


class ModelContract(SettingsContract):
    """What is asked of every case."""

    data = tuple(DATA)
    refitted = tuple(DATA)  # a model of other data is fitted to these

    def pytest_generate_tests(self, metafunc):
        """Ask every test of the cases, and of the data sets, of the class."""
        super().pytest_generate_tests(metafunc)
        if "data" in metafunc.fixturenames:
            again = "refit" in metafunc.function.__name__
            metafunc.parametrize("data", self.refitted if again else self.data)

    def asked(self, test):
        knows = getattr(test, "knows", None)
        return [c for c in super().asked(test) if knows is None or c.knows in knows]

    def learn(self, case, model):
        model.fit(datasets.load_toy())

    def ignored(self, settings):
        # Jaccard knows no other way to count, so "over" is not looked at.
        return {"over"} if settings.get("similarity") == "jaccard" else set()

    # Fit ------------------------------------------------------------------------------

    def test_fit_returns_self_and_leaves_arguments_and_train_alone(self, case):
        model, train = case.make(), random_set()
        before, shown = dict(vars(model)), repr(model)
        copies = [np.copy(a) for a in (train.users, train.items, train.values)]
        matrix = train.csr.toarray()
        assert model.fit(train) is model
        assert {name: getattr(model, name) for name in before} == before
        assert repr(model) == shown
        assert_same([train.users, train.items, train.values], copies)
        np.testing.assert_array_equal(train.csr.toarray(), matrix)
        fitted = set(vars(model)) - set(before)
        assert any(name.endswith("_") for name in fitted)
        assert all(name.endswith("_") or name.startswith("_") for name in fitted)

    @once_a_class
    def test_before_fit_nothing_is_known(self, case):
        model = case.make()
        calls = [
            lambda: model.scores([0]),
            lambda: model.recommend([0]),
            *([lambda: model.predict([0], [0])] if case.rates else []),
        ]
        for call in calls:
            with pytest.raises(NotFittedError, match=type(model).__name__):
                call()

    def test_refit_is_bit_equal_and_forgets(self, case, data):
        train = DATA[data]()
        fresh = answers(case, fitted(case, data), train)
        model = pickle.loads(pickle.dumps(fitted(case, "random")))
        assert_same(answers(case, model.fit(train), train), fresh)
        assert_same(answers(case, pickle.loads(pickle.dumps(model)), train), fresh)

    @once_a_class
    def test_empty_train_is_refused(self, case):
        train = random_set()
        with pytest.raises(ValueError, match="train"):
            case.make().fit(train.subset(np.zeros(train.n_ratings, bool)))

    # Predictions ----------------------------------------------------------------------

    def test_predictions(self, case, data):
        train, model = DATA[data](), fitted(case, data)
        scores = model.scores(np.arange(train.n_users))
        assert scores.shape == train.csr.shape
        assert scores.dtype == np.float64
        assert np.isfinite(scores).all()
        if not case.rates:
            return
        users, items = every_pair(train)
        predicted = model.predict(users, items)
        assert predicted.shape == (users.size,)
        assert predicted.dtype == np.float64
        assert np.isfinite(predicted).all()
        assert predicted.min() >= train.values.min()
        assert predicted.max() <= train.values.max()
        # Scores are in the order of the predictions: clipping may tie, not turn.
        table = predicted.reshape(train.csr.shape)
        in_order = np.take_along_axis(table, np.argsort(scores, axis=1), axis=1)
        assert np.diff(in_order, axis=1).min(initial=0) >= -max(1e-9, case.rounding)

    def test_each_pair_is_predicted_on_its_own(self, case):
        train, model = random_set(), fitted(case, "random")
        users, items = every_pair(train)
        order = np.random.default_rng(0).permutation(users.size)[:40]
        everyone = model.scores(np.arange(train.n_users))
        # A matrix product may round by the number of its rows; a prediction may not.
        some = model.scores([3, 0, 3])
        near = {"rtol": case.rounding, "atol": case.rounding}
        np.testing.assert_allclose(some, everyone[[3, 0, 3]], **near)
        assert model.scores([]).shape == (0, train.n_items)
        if case.rates:
            if case.rounding == Case._field_defaults["rounding"]:
                near = {"rtol": 0, "atol": 0}
            whole = model.predict(users, items)
            some = model.predict(users[order], items[order])
            np.testing.assert_allclose(some, whole[order], **near)
            assert model.predict([], []).shape == (0,)
            np.testing.assert_allclose(
                model.predict([3], [2]), whole[3 * 11 + 2], **near
            )

    @once_a_class
    def test_out_of_range_codes_are_named(self, case):
        model = fitted(case, "random")  # 14 users, 11 items
        for bad, shown in ((14, "14"), (-1, "-1"), (0.5, "0.5"), (np.nan, "nan")):
            for call in (model.scores, model.recommend):
                with pytest.raises(ValueError, match=rf"users.*{shown}"):
                    call([bad])
            if case.rates:
                with pytest.raises(ValueError, match=rf"users.*{shown}"):
                    model.predict([bad], [0])
        if case.rates:
            for bad in (11, -1):
                with pytest.raises(ValueError, match=rf"items.*{bad}"):
                    model.predict([0], [bad])
            with pytest.raises(ValueError, match=r"2 users and 1 items"):
                model.predict([0, 1], [0])

    def test_strangers_get_a_fallback_between_the_stars(self, case):
        train, model = with_strangers(), fitted(case, "strangers")
        assert len(set(model.recommend([0], 7)[0].tolist())) == 7  # user 0: no ratings
        if case.rates and case.knows != "nothing":
            bias = getattr(model, "bias_", model)
            mu = bias.mu_  # a mean over draws where the model samples
            assert case.draws_mean or mu == pytest.approx(train.values.mean())
            # User 0 and item 3 are both unknown: the mean, and no bias.
            assert model.predict([0], [3])[0] == pytest.approx(mu)
            # Of one the bias is known: mean plus that.
            known = np.clip(mu + bias.bi_[1], train.values.min(), train.values.max())
            assert model.predict([0], [1])[0] == pytest.approx(known)
            known = np.clip(mu + bias.bu_[4], train.values.min(), train.values.max())
            assert model.predict([4], [3])[0] == pytest.approx(known)

    def test_equal_ratings_are_predicted_exactly(self, case):
        if case.rates:
            predicted = fitted(case, "all-equal").predict(*every_pair(all_equal()))
            np.testing.assert_array_equal(predicted, 3.0)

    # Lists ----------------------------------------------------------------------------

    def test_lists(self, case, data):
        train, model = DATA[data](), fitted(case, data)
        everyone = np.arange(train.n_users)
        scores = model.scores(everyone)
        for k, exclude in itertools.product((1, 4, 30), (None, train)):
            lists = model.recommend(everyone, k=k, exclude=exclude)
            assert lists.shape == (train.n_users, k)
            assert np.issubdtype(lists.dtype, np.integer)
            for user, row in enumerate(lists):
                seen = (
                    set(train.items[train.users == user].tolist()) if exclude else set()
                )
                check_list(row.tolist(), scores[user], seen)

    @once_a_class
    def test_lists_have_ten_items_by_default_and_refuse_nonsense(self, case):
        model = fitted(case, "random")
        assert model.recommend([5, 5]).shape == (2, 10)
        assert model.recommend([], k=3).shape == (0, 3)
        assert model.recommend([0], k=1000).shape == (1, 1000)
        for k in (0, -2, 1.5, 1001, 10**30):
            with pytest.raises(ValueError, match=f"k must be .*{k}"):
                model.recommend([0], k=k)
        with pytest.raises(ValueError, match="exclude"):
            model.recommend([0], exclude=datasets.load_toy())

    # Structure ------------------------------------------------------------------------

    @of("taste")
    def test_checkerboard(self, case):
        train, test, likes = checkerboard(implicit=not case.rates)
        model = case.make().fit(train)
        everyone = np.arange(train.n_users)
        lists = model.recommend(everyone, k=3, exclude=train)
        unseen = likes & (train.csr.toarray() == 0)
        found = metrics.ndcg(lists, unseen, 3)
        popular = Popularity().fit(train).recommend(everyone, k=3, exclude=train)
        known = metrics.ndcg(popular, unseen, 3).mean()
        assert found.mean() > known + 0.1, KNOWS_LESS
        # A cosine of raw stars is never negative: a dislike in common still counts as
        # likeness, and so do opposites.
        sure = not case.name.endswith("cosine-baseline-15")
        assert found.min() == 1 if sure else found.mean() > 0.9
        if case.rates:
            predicted = model.predict(test.users, test.items)
            right = (predicted > 3) == (test.values > 3)
            assert right.all() if sure else right.mean() > 0.75

    @of("bias", "raters", "taste")
    def test_planted_structure(self, case):
        train, test = planted()
        if not case.rates:
            train, test = (half.subset(half.values >= 4) for half in (train, test))
            found = []
            for model in (case.make(), Popularity()):
                lists = model.fit(train).recommend(np.arange(train.n_users), 10, train)
                found.append(np.nanmean(metrics.ndcg(lists, test.csr, 10)))
            assert found[0] > found[1]
        else:
            assert planted_rmse(case.make) < planted_rmse(GlobalMean)
            if case.knows == "taste":
                assert planted_rmse(case.make) < planted_rmse(Bias), KNOWS_LESS


ROUNDING = 2e-5  # float32, added up in another order for another number of rows


def network(make, rates=True, name=None):
    """Return the case of a network: its name, and how near two answers are."""
    name = name or type(make()).__name__
    return Case(name, make, rates=rates, rounding=ROUNDING)


class NetworkContract(ModelContract):
    """What is asked of a network besides."""

    data = ("toy", "random", "all-equal", "one-rating", "strangers", "one-user")
    data += ("with-zero",)
    refitted = ("one-rating", "strangers")

    def test_a_saved_model_says_the_same(self, case, tmp_path):
        train, path = random_set(), tmp_path / "model"
        model = fitted(case, "random")
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

    def test_an_unfitted_model_is_not_saved(self, case, tmp_path):
        with pytest.raises(recbook.NotFittedError):
            case.make().save(tmp_path / "model")

    def test_the_history_has_an_entry_an_epoch(self, case):
        model = fitted(case, "random")
        assert 1 <= len(model.history_["loss"]) <= model.n_epochs
        assert np.isfinite(np.concatenate(list(model.history_.values()))).all()

    def test_another_seed_is_another_model(self, case):
        other = case.make()
        other.seed += 1
        first, second = fitted(case, "random"), other.fit(random_set())
        assert not np.array_equal(first.scores([3]), second.scores([3]))

    def test_a_step_too_long_is_named(self, case):
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
