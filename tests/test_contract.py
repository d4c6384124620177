"""What every model promises, asked of every model on data sets easy and odd.

A new model is one line in MODELS, and one in BAD for each new hyper-parameter.
"""

import functools
import inspect
import pickle
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

import recbook
from recbook import ItemKNN, NotFittedError, Ratings, UserKNN, datasets, deep, metrics
from recbook.baselines import Bias, GlobalMean, Popularity
from recbook.bayesian import BayesianMF
from recbook.ensemble import Ensemble
from recbook.factorization import ALS, BPR, ImplicitALS, MatrixFactorization, SVDpp
from recbook.linear import EASE, EDLAE, SLIM


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


def knn(model, **options):
    """A name and a factory that say the settings."""
    name = "-".join([model.__name__, *(f"{v}" for v in options.values())])
    return name, lambda: model(**options)


def sampled(**options):
    """The same of a sampler: few draws, and a prior for tables as small as these."""
    name = "-".join(["BayesianMF", *(f"{v}" for v in options.values())])
    few = {"n_factors": 2, "n_iterations": 60, "burn_in": 20, "prior": 1.0}
    return name, lambda: BayesianMF(**few, **options)


MODELS = [
    Case("GlobalMean", GlobalMean, "nothing"),
    Case("Popularity", Popularity, "popularity", rates=False),
    Case("Bias", Bias, "bias"),
    Case("Bias-damped", lambda: Bias(method="damped", damping=3), "bias"),
    *(Case(*knn(model)) for model in (UserKNN, ItemKNN)),
    *(Case(*knn(UserKNN, similarity=s, center="baseline", n_neighbors=15))
      for s in ("cosine", "pearson", "adjusted_cosine", "residual")),
    *(Case(*knn(ItemKNN, similarity=s, center="baseline", n_neighbors=15))
      for s in ("cosine", "pearson", "adjusted_cosine", "residual")),
    *(Case(*knn(model, similarity="jaccard"), "raters")
      for model in (UserKNN, ItemKNN)),
    *(Case(*knn(UserKNN, center=c)) for c in ("none", "zscore")),
    *(Case(*knn(ItemKNN, center=c)) for c in ("none", "zscore")),
    Case(*knn(UserKNN, positive_only=False, over="all", shrinkage=5.0)),
    Case(*knn(ItemKNN, positive_only=False, over="all", shrinkage=5.0)),
    Case(*knn(UserKNN, similarity="jaccard", feedback="implicit"), rates=False),
    Case(*knn(ItemKNN, similarity="cosine", over="all", feedback="implicit"),
         rates=False),
    Case("Ensemble", lambda: Ensemble(
        (ItemKNN(similarity="cosine", over="all", feedback="implicit"), Popularity()),
        weights=(4.0, 1.0)), rates=False),
    Case("BPR", lambda: BPR(n_factors=8, n_epochs=60, lr=0.1, reg=0.1), rates=False),
    Case("MatrixFactorization", MatrixFactorization),
    Case("MatrixFactorization-per-row",
         lambda: MatrixFactorization(n_factors=8, reg=0.5, reg_power=0.0)),
    Case("MatrixFactorization-unbiased",
         lambda: MatrixFactorization(n_factors=8, reg=0.1, biased=False)),
    Case("ALS", ALS),
    Case("ALS-per-row", lambda: ALS(n_factors=6, reg=1.0, reg_power=0.0)),
    Case("ALS-unbiased", lambda: ALS(n_factors=6, reg=2.0, biased=False)),
    Case("ImplicitALS", ImplicitALS, rates=False),
    Case("ImplicitALS-cholesky",
         lambda: ImplicitALS(n_factors=3, reg=3.0, solver="cholesky"), rates=False),
    Case("SVDpp", SVDpp),
    Case("SVDpp-per-row", lambda: SVDpp(n_factors=8, lr=0.05, reg=0.5, reg_power=0.0)),
    *(Case(*sampled(**options)) for options in (
        {}, {"noise": "shared", "history": False, "raters": False, "n_chains": 2},
        {"time": (5.0, 50.0)})),
    Case("EASE", lambda: EASE(reg=2.0), rates=False),
    Case("EDLAE", lambda: EDLAE(reg=1.0, dropout=0.3), rates=False),
    Case("SLIM", lambda: SLIM(reg_l1=0.1, reg_l2=1.0), rates=False),
]  # fmt: skip

# Values that fit must refuse, for each hyper-parameter that any model has.
BAD = {
    "n_neighbors": [0, -3, 2.5, np.nan, "many"],
    "min_neighbors": [0, -1, np.nan],
    "min_support": [-1, np.nan, 1.5],
    "n_iterations": [0, -1, 2.5],
    "burn_in": [-1, 1.5, 10**6],
    "n_chains": [0, -1, 1.5],
    "noise": ["users", None],
    "time": ["minutes", 60.0, (60.0, 0.0), [-1.0], (np.nan,)],
    "prior": [0.0, -1.0, np.nan],
    "shrinkage": [-1.0, np.nan, np.inf],
    "reg": [-0.1, np.nan, np.inf],
    "amplification": [-1.0, np.nan],
    "damping": [-1.0, np.nan, (1.0, -2.0), (1.0, 2.0, 3.0)],
    "similarity": ["cosin", None],
    "center": ["means", None],
    "over": ["some", None],
    "method": ["sgd", None],
    "feedback": ["both", None],
    "n_factors": [0, -2, 2.5, np.nan],
    "n_epochs": [-1, 1.5, np.nan],
    "lr": [0.0, -0.1, np.nan, np.inf],
    "lr_decay": [0.0, -1.0, np.nan],
    "reg_power": [-1.0, np.nan],
    "user_power": [-1.0, np.nan],
    "reg_bias": [-0.1, np.nan],
    "reg_l1": [-0.1, np.nan],
    "reg_l2": [-0.1, np.nan],
    "init_std": [-0.1, np.nan],
    "alpha": [-1.0, np.nan],
    "dropout": [-0.1, 1.0, np.nan],
    "id_dropout": [-0.1, 1.0, np.nan],
    "levels": [3.0, (4.0, 3.0), (1.0, np.nan)],
    "solver": ["lu", None],
    "kind": ["dot", None],
    "target": ["dance", [5]],
    "others": [-1.0, np.nan],
    "visit_gap": [-1, 1.5],
    "by": ["film", None],
    "beta": [-0.1, np.nan],
    "implicit": [-0.1, np.nan],
    "n_anneal": [-1, 0.5, np.nan],
    "cg_steps": [0, -1, 1.5],
    "tolerance": [-1e-9, np.nan],
    "seed": [-1, 0.5, np.nan],
    "batch_size": [0, -1, 2.5, np.nan],
    "patience": [0, -1, 1.5],
    "validation_share": [-0.1, 1.0, np.nan],
    "hidden": [(8, 0), (2.5,), "wide", 8],
    "n_negatives": [0, -1, 1.5],
    "n_steps": [0, -1, 2.5],
    "n_hidden": [0, -1, 1.5],
    "n_heads": [0, -1, 1.5],
    "n_blocks": [0, -1, 1.5],
    "n_layers": [-1, 1.5, np.nan],
    "loss": ["hinge", None],
    "pooling": ["max", None],
    "kg_weight": [-0.1, np.nan],
    "margin": [-1.0, np.nan],
    "models": ["EASE", [3]],
    "weights": [[1.0, -1.0], 3.0],
}
FREE = {"positive_only", "biased", "verbose"}  # truth values
FREE |= {"history", "raters", "clock"}
KNOWS_LESS = 'no taste found: a fault, or its Case knows only "bias"'


def of(*knows):
    """Ask a test of those models alone that know one of these."""

    def mark(test):
        test.knows = knows
        return test

    return mark


def pytest_generate_tests(metafunc):
    """Ask every test of the models, and of the data sets, of the file it runs in."""
    here = metafunc.module
    if "case" in metafunc.fixturenames:
        knows = getattr(metafunc.function, "knows", None)
        cases = [c for c in here.MODELS if knows is None or c.knows in knows]
        metafunc.parametrize("case", cases, ids=lambda case: case.name)
    if "data" in metafunc.fixturenames:
        metafunc.parametrize("data", here.DATA)


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


# Construction and fit ----------------------------------------------------------------


def test_every_public_model_is_here():
    public = {name: getattr(recbook, name) for name in recbook.__all__}
    models = {name for name, thing in public.items() if hasattr(thing, "fit")}
    models -= set(deep.__all__)  # tests/test_contract_deep.py has those
    missing = models - {type(case.make()).__name__ for case in MODELS}
    assert not missing, f"add a line to MODELS for {missing}"


def test_constructor_stores_its_arguments_and_nothing_else(case):
    cls = type(case.make())
    names = list(inspect.signature(cls).parameters)
    stored = {name: object() for name in names}  # anything computed would fail on it
    assert vars(cls(**stored)) == stored
    defaults = inspect.signature(cls).parameters
    assert vars(cls()) == {name: defaults[name].default for name in names}


def test_fit_returns_self_and_leaves_arguments_and_train_alone(case):
    model, train = case.make(), random_set()
    before = dict(vars(model))
    copies = [np.copy(a) for a in (train.users, train.items, train.values)]
    matrix = train.csr.toarray()
    assert model.fit(train) is model
    assert {name: getattr(model, name) for name in before} == before
    assert_same([train.users, train.items, train.values], copies)
    np.testing.assert_array_equal(train.csr.toarray(), matrix)
    fitted = set(vars(model)) - set(before)
    assert any(name.endswith("_") for name in fitted)
    assert all(name.endswith("_") or name.startswith("_") for name in fitted)


def test_before_fit_nothing_is_known(case):
    model = case.make()
    calls = [
        lambda: model.scores([0]),
        lambda: model.recommend([0]),
        *([lambda: model.predict([0], [0])] if case.rates else []),
    ]
    for call in calls:
        with pytest.raises(NotFittedError, match=type(model).__name__):
            call()


def test_refit_is_bit_equal_and_forgets(case, data):
    train = DATA[data]()
    fresh = answers(case, case.make().fit(train), train)
    model = case.make().fit(random_set())
    assert_same(answers(case, model.fit(train), train), fresh)
    assert_same(answers(case, pickle.loads(pickle.dumps(model)), train), fresh)


def test_empty_train_is_refused(case):
    train = random_set()
    with pytest.raises(ValueError, match="train"):
        case.make().fit(train.subset(np.zeros(train.n_ratings, bool)))


def test_bad_hyper_parameters_are_named(case):
    settings = dict(vars(case.make()))
    assert set(settings) <= set(BAD) | FREE, "add the new hyper-parameter to BAD"
    cls = type(case.make())
    ignored = {"over"} if settings.get("similarity") == "jaccard" else set()
    for name in set(settings) - FREE - ignored:
        for value in BAD[name]:
            model = cls(**{**settings, name: value})
            with pytest.raises(ValueError, match=name) as caught:
                model.fit(datasets.load_toy())
            shown = [repr(part) for part in np.atleast_1d(value).tolist()]
            assert any(part in str(caught.value) for part in shown), (name, value)


# Predictions -------------------------------------------------------------------------


def test_predictions(case, data):
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
    # The order of the scores is that of the predictions: clipping may tie, not turn.
    table = predicted.reshape(train.csr.shape)
    in_order = np.take_along_axis(table, np.argsort(scores, axis=1), axis=1)
    assert np.diff(in_order, axis=1).min(initial=0) >= -max(1e-9, case.rounding)


def test_each_pair_is_predicted_on_its_own(case):
    train = random_set()
    model = case.make().fit(train)
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
        np.testing.assert_allclose(model.predict([3], [2]), whole[3 * 11 + 2], **near)


def test_out_of_range_codes_are_named(case):
    train = random_set()  # 14 users, 11 items
    model = case.make().fit(train)
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


def test_strangers_get_a_fallback_between_the_stars(case):
    train = with_strangers()
    model = case.make().fit(train)
    assert len(set(model.recommend([0], 7)[0].tolist())) == 7  # user 0: no ratings
    if case.rates and case.knows != "nothing":
        bias = getattr(model, "bias_", model)
        mu = bias.mu_  # a mean over draws where the model samples
        assert isinstance(model, BayesianMF) or mu == pytest.approx(train.values.mean())
        # User 0 and item 3 are both unknown: the mean, and no bias.
        assert model.predict([0], [3])[0] == pytest.approx(mu)
        # Of one the bias is known: mean plus that.
        known = np.clip(mu + bias.bi_[1], train.values.min(), train.values.max())
        assert model.predict([0], [1])[0] == pytest.approx(known)
        known = np.clip(mu + bias.bu_[4], train.values.min(), train.values.max())
        assert model.predict([4], [3])[0] == pytest.approx(known)


def test_equal_ratings_are_predicted_exactly(case):
    if case.rates:
        train = all_equal()
        predicted = case.make().fit(train).predict(*every_pair(train))
        np.testing.assert_array_equal(predicted, 3.0)


# Lists -------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 4, 30])
@pytest.mark.parametrize("excluding", [False, True])
def test_lists(case, data, k, excluding):
    train = DATA[data]()
    everyone, model = np.arange(train.n_users), fitted(case, data)
    lists = model.recommend(everyone, k=k, exclude=train if excluding else None)
    assert lists.shape == (train.n_users, k)
    assert np.issubdtype(lists.dtype, np.integer)
    scores = model.scores(everyone)
    for user, row in enumerate(lists):
        seen = set(train.items[train.users == user].tolist()) if excluding else set()
        candidates = set(range(train.n_items)) - seen
        filled = min(k, len(candidates))
        shown = row[:filled].tolist()
        assert (row[filled:] == -1).all(), "-1 pads, at the end"
        assert len(set(shown)) == filled, "an item is shown once"
        assert set(shown) <= candidates
        assert np.all(np.diff(scores[user, shown]) <= 0), "best first"
        rest = list(candidates - set(shown))
        if rest and shown:
            assert scores[user, rest].max() <= scores[user, shown[-1]]


def test_lists_have_ten_items_by_default_and_refuse_nonsense(case):
    train = random_set()
    model = case.make().fit(train)
    assert model.recommend([5, 5]).shape == (2, 10)
    assert model.recommend([], k=3).shape == (0, 3)
    for k in (0, -2, 1.5):
        with pytest.raises(ValueError, match=f"k must be .*{k}"):
            model.recommend([0], k=k)
    with pytest.raises(ValueError, match="exclude"):
        model.recommend([0], exclude=datasets.load_toy())


# Structure ---------------------------------------------------------------------------


@of("taste")
def test_checkerboard(case):
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


@functools.cache
def planted_rmse(make):
    train, test = planted()
    return metrics.rmse(test.values, make().fit(train).predict(test.users, test.items))


@of("bias", "raters", "taste")
def test_planted_structure(case):
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
