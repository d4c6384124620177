"""Factorization machines against their definition, in plain loops over the features."""

import functools
import itertools
import pickle

import numpy as np
import pandas as pd
import pytest
from contract import NetworkContract, network

from recbook import DivergenceError, NotFittedError, Ratings, SVDpp, datasets, metrics
from recbook.deep import DeepFM, FactorizationMachine, NeuralFM
from recbook.deep.fm.fields import context_columns

TOY = datasets.load_toy()
MOVIES = pd.DataFrame(
    {
        "movie_id": ["Dune", "Alien", "Heat", "Up", "Coco", "Babe", "Jaws"],
        "title": list("dahucbj"),
        "year": [1984, 1979, 1995, 2009, 2017, None, 1975],
        "Action": [True, True, True, False, False, False, True],
        "Sci-Fi": [True, True, False, False, False, False, False],
        "Family": [False, False, False, True, True, True, False],
    }
)
USERS = pd.DataFrame(
    {
        "user_id": ["Ann", "Bob", "Cem", "Dee"],  # nothing is told of Eve
        "age": [17, 18, 55, 56],
        "gender": ["F", "M", "M", "F"],
        "zip_code": ["V3N4", "94043", "90210", "55105"],
    }
)
CONTEXT = pd.DataFrame({"device": [*["phone", "tv"] * 9, "phone", None]})
MODELS = [
    lambda **more: FactorizationMachine(**{**SMALL, **more}),
    lambda **more: NeuralFM(hidden=(5, 4), dropout=0.3, **{**SMALL, **more}),
    lambda **more: DeepFM(hidden=(5, 4), dropout=0.3, **{**SMALL, **more}),
]
NAMES = ["fm", "nfm", "deepfm"]
SMALL = {"n_factors": 3, "n_epochs": 4, "lr": 0.1, "init_std": 0.3, "reg": 0.1}
SMALL |= {"validation_share": 0.0, "raters": True, "clock": True, "batch_size": 7}
every_model = pytest.mark.parametrize("make", MODELS, ids=NAMES)


@functools.cache
def pickled(make, **more):
    model = make(**more).fit(TOY, movies=MOVIES, users=USERS, context=CONTEXT)
    return pickle.dumps(model)


def fitted(make, **more):
    """Return a fitted model that the test may change."""
    return pickle.loads(pickled(make, **more))


def pooled(model, x):
    """The sum over all pairs of features of x_a v_a times x_b v_b, a pair at a time."""
    total = np.zeros(model.V_.shape[1])
    for a, b in itertools.combinations(np.flatnonzero(x), 2):
        for f in range(total.size):
            total[f] += x[a] * float(model.V_[a, f]) * x[b] * float(model.V_[b, f])
    return total


def layers(model, a):
    for W, b in zip(model.weights_[2:-1:2], model.weights_[3:-1:2], strict=True):
        a = np.maximum(0.0, a @ W + b)
    return (a @ model.weights_[-1])[0]


def by_definition(model, x):
    y = model.w0_ + sum(float(w) * value for w, value in zip(model.w_, x, strict=True))
    if isinstance(model, NeuralFM):
        return y + layers(model, pooled(model, x))
    y += pooled(model, x).sum()
    if isinstance(model, DeepFM):
        ends = np.cumsum([len(values) for values in model.fields_.values()])
        starts = [0, *ends[:-1]]
        vectors = [x[a:b] @ model.V_[a:b] for a, b in zip(starts, ends, strict=True)]
        y += layers(model, np.concatenate(vectors))
    return y


def raw(model, *arguments, **more):
    """The model's answer before clipping: the scale is opened."""
    model.scale_ = (-np.inf, np.inf)
    return model.predict(*arguments, **more)


@every_model
def test_the_answer_is_that_of_the_definition(make):
    model = fitted(make)
    more = {"timestamps": TOY.timestamps, "context": CONTEXT}
    X = model.rows(TOY.users, TOY.items, **more).toarray()
    assert X.shape == (20, sum(map(len, model.fields_.values())))
    expected = [by_definition(model, x) for x in X]
    found = raw(model, TOY.users, TOY.items, **more)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    assert np.std(expected) > 0.3


@every_model
def test_all_parameters_learn(make):
    first, last = fitted(make, n_epochs=0), fitted(make)
    for start, end in zip(first.weights_, last.weights_, strict=True):
        moved = np.abs(start - end) > 1e-6
        assert moved.mean() > 0.5


def shown(model, row, name):
    values = list(itertools.chain(*model.fields_.values()))
    ends = dict(zip(model.fields_, np.cumsum([*map(len, model.fields_.values())]),
                    strict=True))  # fmt: skip
    size = len(model.fields_[name])
    part = row[ends[name] - size : ends[name]]
    names = values[ends[name] - size : ends[name]]
    return {names[c]: pytest.approx(part[c]) for c in np.flatnonzero(part)}


def test_rows_by_hand():
    model = fitted(MODELS[0])
    order = ["user", "age", "gender", "zip", "history", "item", "decade", "genre"]
    assert list(model.fields_) == [*order, "raters", "hour", "weekday", "device"]
    when = [3599]  # Thursday 1 January 1970, 0 h, as all of the toy's ratings
    context = pd.DataFrame({"device": ["tv"]})
    [x] = model.rows([2], [1], when, context).toarray()  # Cem, Dune
    assert shown(model, x, "user") == {"Cem": 1}
    assert shown(model, x, "age") == {"50-55": 1}
    assert shown(model, x, "gender") == {"M": 1}
    assert shown(model, x, "zip") == {"9": 1}
    third = 1 / np.sqrt(3)  # Cem rated three films
    assert shown(model, x, "history") == {"Alien": third, "Heat": third, "Coco": third}
    assert shown(model, x, "item") == {"Dune": 1}
    assert shown(model, x, "decade") == {1980: 1}
    assert shown(model, x, "genre") == {"Action": 0.5, "Sci-Fi": 0.5}
    half = 1 / np.sqrt(2)  # two people rated Dune
    assert shown(model, x, "raters") == {"Ann": half, "Bob": half}
    assert shown(model, x, "hour") == {0: 1}
    assert shown(model, x, "weekday") == {"Thursday": 1}
    assert shown(model, x, "device") == {"tv": 1}
    [x] = model.rows([4], [5]).toarray()  # Eve, of whom nothing is told; Babe, no year
    told = {"age", "gender", "zip", "decade", "hour", "weekday", "device"}
    assert [shown(model, x, name) for name in told] == [{}] * 7
    assert shown(model, x, "history") == {"Up": half, "Coco": half}


def test_the_clock_by_hand():
    # Monday 5 January 1970, 23 h; and the second before 1970, a Wednesday's.
    columns = context_columns(2, [86400 * 4 + 3600 * 23, -1], None, clock=True)
    assert columns == {"hour": [23, 23], "weekday": ["Monday", "Wednesday"]}
    assert context_columns(2, [5, 6], None, clock=False) == {}


@every_model
@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_the_loss_is_that_of_the_definition(make, loss):
    likes = Ratings(TOY.users, TOY.items, TOY.values >= 4, TOY.timestamps,
                    TOY.user_ids, TOY.item_ids)  # fmt: skip
    table = likes if loss == "logistic" else TOY
    settings = {"loss": loss, "batch_size": 100, "reg": 0.7, "reg_bias": 3.0}
    model = make(**settings, n_epochs=0, reg_power=0.4)
    if hasattr(model, "dropout"):
        model.dropout = 0.0
    model.fit(table, movies=MOVIES)
    weights = [np.copy(w) for w in model.weights_]
    weights[1][:, 0] = np.linspace(-0.3, 0.4, len(weights[1]))
    X = model.rows(table.users, table.items, table.timestamps).toarray()
    counts = (X**2).sum(axis=0)
    weights[1][counts == 0] = 0.0
    model.network_.set_weights(weights)
    model.weights_ = weights
    n = counts**0.4
    penalty = n @ (0.7 * (model.V_**2).sum(axis=1) + 3.0 * model.w_**2) / 20
    y = np.array([by_definition(model, x) for x in X])
    errors = (table.values - y) ** 2
    if loss == "logistic":
        p = 1 / (1 + np.exp(-y))
        errors = -np.where(table.values == 1, np.log(p), np.log(1 - p))
        found = raw(model, table.users, table.items, table.timestamps)
        np.testing.assert_allclose(found, p, rtol=1e-4)  # one sigmoid, not two
    more = table.timestamps, None
    codes = np.stack(model._codes(table.users, table.items, *more), axis=1)
    value = model._loss(model.network_, model._design, 20)(
        codes.astype(np.int32), table.values
    )
    assert float(value) == pytest.approx(errors.mean() + penalty, rel=1e-4)


def test_logistic_starts_from_the_log_odds():
    liked = Ratings(TOY.users, TOY.items, TOY.values >= 4, None,
                    TOY.user_ids, TOY.item_ids)  # fmt: skip
    model = FactorizationMachine(loss="logistic", n_epochs=0, init_std=0.0)
    model.validation_share = 0.0
    share = liked.values.mean()
    assert model.fit(liked).predict([0], [5]) == pytest.approx(share)
    model.n_epochs, model.lr = 60, 0.1
    model.init_std, model.reg = 0.1, 0.1
    predicted = model.fit(liked).predict(liked.users, liked.items)
    assert ((predicted > 0.5) == (liked.values == 1)).mean() > 0.9
    assert predicted.min() > 0
    assert predicted.max() < 1


def test_svdpp_is_a_machine_of_three_fields():
    theirs = SVDpp(n_factors=3, n_epochs=5, lr=0.1, reg=0.1).fit(TOY)
    model = FactorizationMachine(
        n_factors=3, n_epochs=0, raters=False, validation_share=0.0
    ).fit(TOY)
    assert list(model.fields_) == ["user", "history", "item"]
    n_users, n_items = TOY.csr.shape
    table = np.zeros((n_users + 2 * n_items, 4), dtype=np.float32)
    users, history, items = np.split(table, [n_users, n_users + n_items])
    users[:, 0], items[:, 0] = theirs.bu_, theirs.bi_
    users[:, 1:], history[:, 1:], items[:, 1:] = theirs.P_, theirs.Y_, theirs.Q_
    # Pairs within a user (who with a film rated, two films rated) are the same for
    # all items: a part of the user's bias here.
    X = model.rows(np.arange(n_users), np.zeros(n_users, int)).toarray()
    for u, x in enumerate(X):
        own = np.flatnonzero(x[: n_users + n_items])
        for a, b in itertools.combinations(own, 2):
            users[u, 0] -= x[a] * x[b] * table[a, 1:] @ table[b, 1:]
    model.weights_ = [np.float32([theirs.mu_]), table]
    model.network_.set_weights(model.weights_)
    everyone = np.arange(n_users)
    np.testing.assert_allclose(
        model.scores(everyone), theirs.scores(everyone), atol=1e-4
    )


@every_model
def test_what_training_has_not_seen_counts_nothing(make):
    model = fitted(make)
    pairs = [0, 3], [1, 5]
    nothing = model.predict(*pairs)
    unseen = pd.DataFrame({"device": ["fridge", "watch"]})
    np.testing.assert_array_equal(model.predict(*pairs, context=unseen), nothing)
    missing = pd.DataFrame({"device": [None, np.nan]})
    np.testing.assert_array_equal(model.predict(*pairs, context=missing), nothing)
    other = pd.DataFrame({"device": ["phone", "tv"]})
    assert not np.array_equal(model.predict(*pairs, context=other), nothing)
    assert not np.array_equal(model.predict(*pairs, timestamps=[86400, 0]), nothing)
    # Jaws is no item of train, and Eve has no age: no row of theirs was touched.
    assert 1970 in model.fields_["decade"]
    X = model.rows(TOY.users, TOY.items, TOY.timestamps, CONTEXT)
    never = np.asarray(X.sum(axis=0)).ravel() == 0
    assert not model.weights_[1][never].any()


def test_a_stranger_is_answered_by_what_is_told_of_them():
    rng = np.random.default_rng(0)
    genre, band = np.arange(40) % 2, np.arange(60) % 2
    likes = 3.0 + 1.5 * (2 * (genre == band[:, None]) - 1)
    values = likes + rng.normal(0, 0.3, likes.shape)
    seen = rng.random(likes.shape) < 0.4
    seen[:, 30:], seen[50:] = False, False  # ten films and ten people are new
    users, items = np.nonzero(seen)
    names = np.arange(60), np.arange(40)
    train = Ratings(users, items, values[seen], None, *names)
    movies = pd.DataFrame({"movie_id": names[1], "Even": genre == 0, "Odd": genre == 1})
    people = pd.DataFrame({"user_id": names[0], "gender": np.where(band, "F", "M")})
    model = FactorizationMachine(
        n_factors=4, n_epochs=60, lr=0.05, lr_decay=0.97, reg=4.0, reg_power=0.0,
        batch_size=256, validation_share=0.0, history=False, raters=False,
    )  # fmt: skip
    new = (a.ravel() + b for a, b in zip(np.indices((10, 10)), (50, 30), strict=True))
    new = tuple(new)
    told = {"movies": movies, "users": people}
    errors = [metrics.rmse(likes[new], model.fit(train, **more).predict(*new))
              for more in (told, {})]  # fmt: skip
    assert errors[0] < 0.5 < 1.4 < errors[1]
    fallback = np.clip(model.bias_.mu_, *model.scale_)
    np.testing.assert_allclose(model.predict(*new), fallback)
    lists = model.fit(train, movies=movies, users=people).recommend([55], 20, train)
    assert (genre[lists] == band[55]).all()


def test_early_stopping_keeps_validation_out_of_history():
    movielens = datasets.load_ml100k("embedded")
    few = movielens.ratings.subset(movielens.ratings.users < 60)
    model = FactorizationMachine(n_factors=4, n_epochs=30, lr=0.05, patience=2).fit(few)
    best = int(np.argmin(model.history_["validation"]))
    assert len(model.history_["validation"]) == min(best + 3, 30)
    # Nine tenths are learned, and the histories hold no more than these.
    entries = model.rows(np.arange(60), np.zeros(60, int))
    first = len(model.fields_["user"])
    last = first + len(model.fields_["history"])
    assert entries[:, first:last].nnz == round(0.9 * few.n_ratings)


@every_model
def test_prediction_has_no_dropout_and_no_order(make):
    model = fitted(make)
    users, items = np.indices(TOY.csr.shape).reshape(2, -1)
    answers = model.predict(users, items)
    np.testing.assert_array_equal(model.predict(users, items), answers)
    np.testing.assert_allclose(
        model.predict(users[::-1], items[::-1])[::-1], answers, rtol=1e-5
    )


def test_values_of_mixed_kinds_are_a_field():
    mixed = pd.DataFrame({"x": [1, "a", None, 2.5] * 5})
    model = MODELS[0]().fit(TOY, context=mixed)
    assert model.fields_["x"] == [1, 2.5, "a"]


BAD_CALLS = [
    ({"movies": [1, 2]}, "movies must be a DataFrame, got list"),
    ({"movies": MOVIES.drop(columns="movie_id")}, "movies must have a column 'movie_i"),
    ({"users": MOVIES}, "users must have a column 'user_id'"),
    ({"users": pd.concat([USERS, USERS])}, "users.user_id holds 'Ann' twice"),
    ({"users": USERS.assign(user=1)}, "two fields are called 'user'"),
    ({"context": CONTEXT[:3]}, "context must be .* 20 rows, got DataFrame of shape .3"),
    ({"context": [1] * 20}, "context must be a DataFrame"),
    ({"context": CONTEXT.rename(columns={"device": "item"})}, "called 'item'"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD_CALLS)
def test_bad_side_information_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        MODELS[0]().fit(TOY, **arguments)


def test_bad_calls_are_named():
    with pytest.raises(ValueError, match=r"loss='logistic' needs .* train holds 5"):
        MODELS[0](loss="logistic").fit(TOY)
    timeless = Ratings(TOY.users, TOY.items, TOY.values, None,
                       TOY.user_ids, TOY.item_ids)  # fmt: skip
    with pytest.raises(ValueError, match=r"clock=True reads train\.timestamps"):
        MODELS[0]().fit(timeless)
    model = MODELS[0](n_epochs=0)
    for name in ("w0_", "w_", "V_", "network_"):
        with pytest.raises(NotFittedError):
            getattr(model, name)
    model.fit(TOY, context=CONTEXT)
    with pytest.raises(ValueError, match="timestamps must be one a pair, 2, got"):
        model.predict([0, 1], [0, 1], timestamps=[3])
    with pytest.raises(ValueError, match=r"columns that fit had not: \['mood'\]"):
        model.predict([0], [0], context=pd.DataFrame({"mood": ["good"]}))
    with pytest.raises(ValueError, match="2 rows, got DataFrame"):
        model.predict([0, 1], [0, 1], context=CONTEXT)
    with pytest.raises(ValueError, match=r"users\[0\] is 9"):
        model.rows([9], [0])


def test_a_step_too_long_leaves_the_old_model_whole():
    model = MODELS[0]().fit(TOY)
    before = model.scores([0, 1])
    model.lr, model.n_epochs = 1e18, 30
    with pytest.raises(DivergenceError, match=r"lr=1e\+18 .* epoch"):
        model.fit(TOY, movies=MOVIES)
    np.testing.assert_array_equal(model.scores([0, 1]), before)


class TestContract(NetworkContract):
    cases = [
        network(
            lambda: FactorizationMachine(
                n_factors=8,
                n_epochs=40,
                lr=0.05,
                lr_decay=0.95,
                reg=0.3,
                init_std=0.1,
                raters=False,
                validation_share=0.0,
            )
        ),
        network(
            lambda: NeuralFM(
                n_factors=8,
                n_epochs=40,
                hidden=(16,),
                dropout=0.0,
                lr=0.04,
                lr_decay=0.95,
                reg=0.3,
                init_std=0.1,
                raters=False,
                validation_share=0.0,
            )
        ),
        network(
            lambda: DeepFM(
                n_factors=8,
                n_epochs=40,
                hidden=(16,),
                dropout=0.0,
                lr=0.04,
                lr_decay=0.95,
                reg=0.3,
                init_std=0.1,
                raters=False,
                validation_share=0.0,
            )
        ),
    ]
