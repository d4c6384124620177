"""Two towers against their definition, in plain loops over people, films, features."""

import functools
import warnings

import keras
import numpy as np
import pandas as pd
import pytest
from contract import NetworkContract, network

from recbook import NotFittedError, Ratings, datasets, evaluation, metrics, splits
from recbook.deep import RatingTowers, RetrievalTowers
from recbook.deep.towers.training import HeldFilms, Stars

TOY = datasets.load_toy()
ANN, BOB, CEM, DEE, EVE = range(5)
ALIEN, DUNE, HEAT, UP, COCO, BABE = range(6)
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
    }
)
SMALL = {"n_factors": 3, "n_epochs": 4, "lr": 0.1, "init_std": 0.3, "reg": 0.1}
KINDS = [
    lambda **more: RatingTowers(**{**SMALL, "batch_size": 7, **more}),
    lambda **more: RetrievalTowers(**{**SMALL, "batch_size": 2, **more}),
]
both = pytest.mark.parametrize("make", KINDS, ids=["rating", "retrieval"])


def fitted(make, **more):
    return make(**more).fit(TOY, movies=MOVIES, users=USERS)


@functools.cache
def known(make, n_epochs=4):
    """Return fitted towers that no test may change."""
    return fitted(make, n_epochs=n_epochs)


def shown(model, row, side):
    """What a row says, as {field: {value: x}}."""
    row, found, first = np.asarray(row), {}, 0
    for name, values in model.sides_[side]["fields"].items():
        part = row[first : first + len(values)]
        first += len(values)
        if part.any():
            found[name] = {values[c]: pytest.approx(part[c]) for c in part.nonzero()[0]}
    assert first == row.size
    return found


def by_definition(model, x, y):
    """A score in loops over the features; of stars with the mean and b_u."""
    V, W, d, *stars = (w.astype(float) for w in model.weights_)
    p, q, score = np.zeros(V.shape[1]), np.zeros(W.shape[1]), 0.0
    for a in np.flatnonzero(x):
        p += x[a] * V[a]
        score += x[a] * stars[0][a, 0] if stars else 0.0
    for b in np.flatnonzero(y):
        q += y[b] * W[b]
        score += y[b] * d[b, 0]
    return (
        score
        + sum(p[f] * q[f] for f in range(p.size))
        + (stars[1][0] if stars else 0.0)
    )


# Rows ---------------------------------------------------------------------------------


def test_rows_by_hand():
    model = known(KINDS[0])
    rows = model.user_rows(np.arange(5)).toarray()
    three = 10 / (3 + 5)  # Cem rated three films: 5, 4 and 1
    assert shown(model, rows[CEM], "user") == {
        "user": {"Cem": 1},
        "age": {"50-55": 1},
        "gender": {"M": 1},
        "rated below 3": {"Coco": three},
        "rated from 4": {"Alien": three, "Heat": three},
    }
    two = 10 / (2 + 5)
    assert shown(model, rows[EVE], "user") == {
        "user": {"Eve": 1},
        "rated from 4": {"Up": two, "Coco": two},
    }
    rows = model.film_rows(np.arange(6)).toarray()
    half = 1 / np.sqrt(2)  # Ann and Bob rated Dune
    assert shown(model, rows[DUNE], "film") == {
        "film": {"Dune": 1},
        "decade": {1980: 1},
        "genre": {"Action": 0.5, "Sci-Fi": 0.5},
        "raters": {"Ann": half, "Bob": half},
    }
    assert shown(model, rows[BABE], "film") == {
        "film": {"Babe": 1},
        "genre": {"Family": 1},
        "raters": {"Bob": half, "Dee": half},
    }


def test_the_lists_have_no_ids_of_people_and_no_raters():
    model = fitted(KINDS[1], levels=(2.0,), weights=(0.0, 1.0), n_epochs=0)
    row = model.user_rows([BOB]).toarray()[0]
    assert shown(model, row, "user") == {
        "age": {"18-24": 1},
        "gender": {"M": 1},
        "rated below 2": {"Babe": 1},
        "rated from 2": dict.fromkeys(["Alien", "Dune", "Heat", "Up"], 1),
    }
    assert list(model.sides_["film"]["fields"]) == ["film", "decade", "genre"]


def test_without_levels_a_film_is_rated_and_no_more():
    model = KINDS[0](levels=(), n_epochs=1).fit(TOY)
    assert list(model.sides_["user"]["fields"]) == ["user", "rated"]
    one, other = model.fold_in([0, 1], [1, 5]), model.fold_in([0, 1], [5, 2])
    np.testing.assert_array_equal(one, other)


@both
def test_somebody_new_has_the_row_of_somebody_known_less_the_id(make):
    model = known(make)
    for user in range(TOY.n_users):
        his = user == TOY.users
        about = USERS.iloc[user] if user < 4 else None
        row = model.describe_user(TOY.items[his], TOY.values[his], about)
        row_there = model.user_rows([user]).toarray()[0]
        if make is KINDS[0]:
            assert row_there[user] == 1
            row_there[user] = 0.0
        np.testing.assert_array_equal(row, row_there)


@both
def test_a_new_film_has_the_row_of_a_known_one_less_id_and_raters(make):
    model = known(make)
    told = sum(len(model.sides_["film"]["fields"][f]) for f in ("decade", "genre"))
    for item in range(TOY.n_items):
        about = MOVIES[MOVIES["movie_id"] == TOY.item_ids[item]].iloc[0]
        row_there = model.film_rows([item]).toarray()[0]
        row_there[:6] = row_there[6 + told :] = 0.0
        row = model.describe_film(about)
        np.testing.assert_array_equal(row, row_there)
        words = [g for g in ("Sci-Fi", "Family", "Action") if about[g]]
        short = {"genres": words, "year": about["year"]}
        np.testing.assert_array_equal(model.describe_film(short), row)


def test_what_training_has_not_seen_counts_nothing():
    model = known(KINDS[0])
    nothing = model.describe_user([], [])
    assert not nothing.any()
    for about in ({"gender": "X"}, {"gender": None, "age": np.nan}, {"user_id": 7}, {}):
        np.testing.assert_array_equal(model.describe_user([], [], about), nothing)
    assert not model.describe_film({"year": 1890, "title": "x", "genres": []}).any()
    # Jaws is no film of train; its decade is Alien's, and no other touched a row.
    seen = np.asarray(model.film_rows(np.arange(6)).sum(axis=0)).ravel() > 0
    assert not model.weights_[1][~seen].any()
    assert not model.weights_[2][~seen].any()
    assert np.abs(model.weights_[1][seen]).min() > 0


# Answers ------------------------------------------------------------------------------


@both
def test_the_answer_is_that_of_the_definition(make):
    model = known(make)
    X = model.user_rows(np.arange(5)).toarray()
    Y = model.film_rows(np.arange(6)).toarray()
    expected = np.array([[by_definition(model, x, y) for y in Y] for x in X])
    np.testing.assert_allclose(model.scores(np.arange(5)), expected, rtol=1e-6)
    assert np.std(expected) > 0.3
    pairs = {"user": np.repeat(X, 6, axis=0), "film": np.tile(Y, (5, 1))}
    said = model.network_(pairs).numpy()
    np.testing.assert_allclose(said.ravel(), expected.ravel(), atol=1e-5)
    if make is KINDS[0]:
        users, items = np.indices(TOY.csr.shape).reshape(2, -1)
        clipped = np.clip(expected.ravel(), 1, 5)
        np.testing.assert_allclose(model.predict(users, items), clipped)


def worked():
    """Towers of one number, with weights set by hand; see the test."""
    model = RatingTowers(n_factors=1, n_epochs=0).fit(TOY)
    V, W, d, c, mean = model.weights_
    for table in (V, W, d, c):
        table[:] = 0.0
    low, mid = 5, 5 + 6  # after five ids: six films below 3, six from 3, six from 4
    high = mid + 6
    V[high + ALIEN], V[low + UP] = 0.4, 0.3
    c[high + ALIEN], c[low + UP] = 0.1, -0.2
    W[DUNE], d[DUNE] = 1.0, 0.3
    mean[:] = 3.5
    model.typical_ = np.zeros_like(model.typical_)
    return model


def test_a_number_worked_by_hand():
    # Fay gave Alien 5 and Up 1: two films, each 10 / 7. Her vector is 10 / 7 times
    # 0.4 + 0.3, so 1; her b_u is 10 / 7 times -0.1. Dune: 3.5 - 1/7 + 0.3 + 1.
    model = worked()
    np.testing.assert_allclose(model.fold_in([ALIEN, UP], [5, 1]), [1, 1], rtol=1e-6)
    row = model.describe_user([ALIEN, UP], [5, 1])
    assert model.user_constants(row) == pytest.approx([3.5 - 1 / 7])
    # Two ratings count 2 / 12: z0 is (1 / 6, -1 / 42). Of both films q and b are 0, so
    # only her offset is corrected: 1.5 and -2.5 stars off mu, and 1 / 42 more each.
    offset = -1 / 42 + (1.5 - 2.5 + 2 / 42) / (2 + 5)
    settled = model.settle([ALIEN, UP], [5, 1])
    np.testing.assert_allclose(settled, [1 / 6, offset], rtol=1e-6)
    stars = model.predict_new([ALIEN, UP], [5, 1], [DUNE, HEAT])
    assert stars == pytest.approx([3.8 + 1 / 6 + offset, 3.5 + offset])
    # Had she liked Up and not Alien, none of these features were hers: -1.5 and -0.5.
    assert model.predict_new([ALIEN, UP], [2, 3], [DUNE]) == pytest.approx(
        [3.8 - 2 / 7]
    )
    assert model.predict_new([], [], [DUNE]) == pytest.approx([3.8])
    model.weights_[2][DUNE] = 9.0
    assert model.predict_new([], [], [DUNE]) == [5.0]  # clipped


def test_nobody_yet_is_the_mean_person_of_the_ratings():
    model = known(KINDS[0])
    vectors, constants = model.user_vectors()[:, :-1], model.user_constants()
    mean = float(model.weights_[4][0])
    rows = np.c_[vectors, constants - mean]
    np.testing.assert_allclose(model.settle([], []), rows[TOY.users].mean(axis=0))


def test_what_is_told_takes_the_place_of_what_is_typical():
    model = known(KINDS[0])
    side = model.sides_["user"]
    age, everybody = {"age": 30, "gender": "F"}, TOY.users
    row = model.describe_user([], [], age)
    names = np.repeat(list(side["fields"]), [len(v) for v in side["fields"].values()])
    told = np.isin(names, side["told"])
    assert row[told].any()
    rest = model.user_rows(everybody).toarray().mean(axis=0) * ~told
    table = np.hstack([model.weights_[0], model.weights_[3]])
    np.testing.assert_allclose(
        model.settle([], [], age), (rest + row) @ table, rtol=1e-5
    )


def test_a_newcomer_is_where_the_loss_is_smallest():
    model = known(KINDS[0])
    items, stars = np.array([ALIEN, UP, HEAT]), np.array([5.0, 1.0, 4.0])
    row = model.describe_user(items, stars)
    mean = float(model.weights_[4][0])
    own = np.r_[model.user_vectors(row)[0, :-1], model.user_constants(row)[0] - mean]
    start = (3 * own + 10 * model.settle([], [])) / 13
    films = model.film_vectors()[items]

    def loss(z):
        found = mean + films[:, -1] + films[:, :-1] @ z[:-1] + z[-1]
        return ((stars - found) ** 2).sum() + 5 * ((z - start) ** 2).sum()

    z = model.settle(items, stars)
    for step in 1e-3 * np.vstack([np.eye(z.size), -np.eye(z.size)]):
        assert loss(z + step) > loss(z)


@both
def test_one_product_gives_the_score(make):
    model = known(make)
    people, films = model.user_vectors(), model.film_vectors()
    assert people.shape == (5, 4)
    assert films.shape == (6, 4)
    assert (people[:, -1] == 1).all()
    scores = people @ films.T
    if make is KINDS[0]:
        scores += model.user_constants()[:, None]
    np.testing.assert_allclose(scores, model.scores(np.arange(5)))
    some = model.user_vectors(model.user_rows([3, 1]))
    np.testing.assert_allclose(some, people[[3, 1]])
    dense = model.film_vectors(model.film_rows([3, 1]).toarray())
    np.testing.assert_allclose(dense, films[[3, 1]])


def test_lists_of_somebody_new_are_those_of_somebody_known():
    model = known(KINDS[1])
    his = TOY.users == DEE
    vector = model.fold_in(TOY.items[his], TOY.values[his], USERS.iloc[DEE])
    np.testing.assert_array_equal(model.film_vectors() @ vector, model.scores([DEE])[0])


def test_low_stars_push_away():
    # Even people like even films and give odd ones 1 star; all rate some of both.
    rng = np.random.default_rng(0)
    users, items = np.nonzero(rng.random((60, 20)) < 0.5)
    likes = (users + items) % 2 == 0
    values = np.where(likes, 5.0, 1.0)
    train = Ratings(users, items, values, None, np.arange(60), np.arange(20))
    model = RetrievalTowers(n_factors=8, n_epochs=60, lr=0.01, weights=(0.0, 0.5, 1.0))
    model.fit(train)
    for stars, parity in ((5, 0), (1, 1)):
        scores = model.film_vectors() @ model.fold_in([0, 2], [stars, stars])
        scores[[0, 2]] = -np.inf
        best = np.argsort(-scores)[:5]
        assert (best % 2 == parity).all()


def test_a_film_without_ratings_is_answered_by_its_genres():
    rng = np.random.default_rng(0)
    genre, taste = np.arange(40) % 2, np.arange(60) % 2
    likes = 3.0 + 1.5 * (2 * (genre == taste[:, None]) - 1)
    seen = rng.random(likes.shape) < 0.5
    seen[:, 30:] = False
    users, items = np.nonzero(seen)
    names = np.arange(60), np.arange(40)
    train = Ratings(users, items, likes[seen], None, *names)
    movies = pd.DataFrame({"movie_id": names[1], "Even": genre == 0, "Odd": genre == 1})
    make = RatingTowers(n_factors=4, n_epochs=40, lr=0.05, lr_decay=0.95, reg=1.0,
                        batch_size=256, init_std=0.1, id_dropout=0.3)  # fmt: skip
    new = tuple(a.ravel() for a in np.indices((60, 10)))
    new = new[0], new[1] + 30
    model = make.fit(train, movies=movies)
    assert metrics.rmse(likes[new], model.predict(*new)) < 0.8
    about = {"genres": ["Odd"]}
    odd = model.film_vectors(model.describe_film(about))[0]
    stars = model.user_vectors() @ odd + model.user_constants()
    assert ((stars > 3) == (taste == 1)).all()
    model = make.fit(train)  # nothing is told: mean and the person's bias
    bias = model.bias_.mu_ + model.bias_.bu_[new[0]]
    np.testing.assert_allclose(model.predict(*new), np.clip(bias, 1.5, 4.5))


# Training -----------------------------------------------------------------------------


def ready(make, training, **more):
    """An untrained model with weights at random, and what trains it."""
    model = fitted(make, n_epochs=0, **more)
    rng = np.random.default_rng(1)
    weights = [rng.normal(0, 0.5, w.shape).astype(np.float32) for w in model.weights_]
    model.network_.set_weights(weights)
    model.weights_ = weights
    work = training(model, TOY, model.sides_, np.random.default_rng(0))
    return model, work, work.loss(model.network_)


def test_the_loss_of_stars_leaves_each_rating_out():
    more = {"reg": 0.7, "reg_bias": 3.0, "reg_power": 0.4, "id_dropout": 0.0}
    model, work, loss = ready(KINDS[0], Stars, **more)
    X = model.user_rows(np.arange(5)).toarray()
    Y = model.film_rows(np.arange(6)).toarray()
    sides, total = model.sides_, 0.0
    for u, i, r in zip(TOY.users, TOY.items, TOY.values, strict=True):
        x, y, first = X[u].copy(), Y[i].copy(), 0
        for name, values in sides["user"]["fields"].items():
            if name.startswith("rated"):
                x[first + i] = 0.0
            first += len(values)
        y[Y.shape[1] - 5 + u] = 0.0  # the raters are the last five
        total += (r - by_definition(model, x, y)) ** 2
    V, W, d, c, _ = (w.astype(float) for w in model.weights_)
    for tables, rows in (((V, c), X[TOY.users]), ((W, d), Y[TOY.items])):
        n = (rows**2).sum(axis=0) ** 0.4
        total += n @ (0.7 * (tables[0] ** 2).sum(axis=1) + 3.0 * tables[1][:, 0] ** 2)
    batch = work.draw(np.random.default_rng(0))
    assert float(loss(*batch)) == pytest.approx(total / 20, rel=1e-4)


def test_the_loss_of_lists_is_that_of_the_definition():
    more = {"reg": 0.7, "dropout": 0.0, "id_dropout": 0.0, "weights": (0.2, 0.5, 2.0)}
    model, work, loss = ready(KINDS[1], HeldFilms, **more)
    scores, total = model.scores(np.arange(5)), 0.0
    for u, i, r in zip(TOY.users, TOY.items, TOY.values, strict=True):
        chance = np.exp(scores[u, i]) / np.exp(scores[u]).sum()
        total -= np.log(chance) * (0.2 if r < 3 else 0.5 if r < 4 else 2.0)
    squares = sum((w.astype(float) ** 2).sum() for w in model.weights_[:2])
    batch = work.draw(np.random.default_rng(0))
    assert float(loss(*batch)) == pytest.approx(total / 5 + 0.7 * squares, rel=1e-4)


def test_an_epoch_hides_ids_and_raters():
    _, work, loss = ready(KINDS[0], Stars, id_dropout=0.5)
    rng = np.random.default_rng(3)
    batch = work.draw(rng)
    users, items, *_, x, y, _ = batch
    for table, rows, ids in zip(work.tables, work.rows, (5, 6), strict=True):
        gone = (table.now.numpy() == 0) & (rows.data != 0)
        hidden = np.unique(table.rows[gone])
        assert 0 < hidden.size < ids
        last = rows.shape[1] - 5 if ids == 6 else rows.shape[1]
        with_id = (rows.indices < ids) | (rows.indices >= last)
        np.testing.assert_array_equal(gone, with_id & np.isin(table.rows, hidden))
    np.testing.assert_allclose(x, 10 / (np.bincount(TOY.users)[users] + 5), rtol=1e-6)
    np.testing.assert_array_equal(y == 0, np.isin(items, hidden))
    assert np.isfinite(float(loss(*batch)))
    for table in work.tables:
        table.hide(np.zeros(table.x.size, bool))
        np.testing.assert_array_equal(table.now, table.x)


def test_a_step_hides_a_share_of_the_features():
    movielens = datasets.load_ml100k("embedded")
    model = RetrievalTowers(n_epochs=0, dropout=0.75).fit(movielens.ratings)
    work = HeldFilms(model, movielens.ratings, model.sides_, np.random.default_rng(0))
    work.loss(model.network_)
    x, wanted = work.draw(np.random.default_rng(0))
    assert x.shape[0] == wanted.shape[0] == movielens.ratings.n_users
    whole = work.rows[0]
    assert (x != 0).sum() == pytest.approx(0.25 * whole.nnz, rel=0.02)
    assert x.sum() == pytest.approx(whole.sum(), rel=0.02)  # the mean stays
    assert (wanted > 0).sum() == movielens.ratings.n_ratings


@both
def test_all_parameters_learn(make):
    first, last = known(make, n_epochs=0), known(make)
    for start, end in zip(first.weights_, last.weights_, strict=True):
        assert (np.abs(start - end) > 1e-6).mean() > 0.5


@both
def test_early_stopping_keeps_validation_out_of_the_rows(make):
    movielens = datasets.load_ml100k("embedded")
    few = movielens.ratings.subset(movielens.ratings.users < 60)
    more = {"validation_share": 0.1, "n_epochs": 30, "patience": 2, "lr": 0.05}
    model = make(batch_size=256, **{k: v for k, v in more.items() if k != "batch_size"})
    model.fit(few)
    found = np.array(model.history_["validation"])
    best = int(found.argmin() if make is KINDS[0] else found.argmax())
    assert found.size == min(best + 3, 30)
    ids = 60 if make is KINDS[0] else 0
    assert model.user_rows(np.arange(60)).nnz == round(0.9 * few.n_ratings) + ids


def test_validation_is_the_error_of_the_answers():
    model, work, _ = ready(KINDS[0], Stars)
    model.scale_ = (-np.inf, np.inf)
    found = work.measure(model.network_, TOY)()
    assert found == pytest.approx(
        metrics.rmse(TOY.values, model.predict(TOY.users, TOY.items)), rel=1e-5
    )
    model, work, _ = ready(KINDS[1], HeldFilms)
    some = np.array([4, 0])
    scores = work.scorer(model.network_)(some)
    np.testing.assert_allclose(scores, model.scores(some), rtol=1e-5)


# Saved, exported, refused -------------------------------------------------------------


@both
def test_the_network_is_one_that_any_keras_reads(make, tmp_path):
    model = known(make)
    with warnings.catch_warnings():  # Keras 3.15 copies in NumPy's old way
        warnings.simplefilter("ignore", DeprecationWarning)
        model.network_.save(tmp_path / "towers.keras")
    again = keras.saving.load_model(tmp_path / "towers.keras", safe_mode=True)
    inputs = {
        "user": model.user_rows(np.arange(5)).toarray(),
        "film": model.film_rows(np.arange(5)).toarray(),
    }
    said = again(inputs).numpy()
    np.testing.assert_array_equal(said, model.network_(inputs).numpy())
    scores = model.scores(np.arange(5))[np.arange(5), np.arange(5)]
    np.testing.assert_allclose(said[:, 0], scores, atol=1e-5)
    assert {type(layer).__module__.split(".")[0] for layer in again.layers} == {"keras"}


@both
def test_a_saved_model_describes_the_same(make, tmp_path):
    model = known(make)
    model.save(tmp_path / "towers.npz")
    again = type(model).load(tmp_path / "towers.npz")
    about = {"age": 30, "gender": "F"}
    np.testing.assert_array_equal(
        again.fold_in([0, 4], [5, 2], about), model.fold_in([0, 4], [5, 2], about)
    )
    film = {"genres": ["Family"], "year": 1984}
    np.testing.assert_array_equal(
        again.film_vectors(again.describe_film(film)),
        model.film_vectors(model.describe_film(film)),
    )
    assert list(again.sides_["film"]["fields"]["decade"]) == [1970, 1980, 1990, 2000,
                                                              2010]  # fmt: skip


BAD_USERS = [
    (([9], [5]), r"items\[0\] is 9"),
    (([0.5], [5]), r"items must hold integer codes, got .*0\.5"),
    (([0, 0], [5, 4]), "items holds 0 twice"),
    (([0, 1], [5]), r"values must be one number of stars an item, 2, got shape \(1,\)"),
    (([0, 1], [5, np.nan]), r"values\[1\] must be .*got nan"),
    (([0], [6]), r"values\[0\] must be a finite number of at least 1.* got 6"),
    (([0], ["5"]), r"values\[0\] must be .*got '5'"),
    (([0], [5], {"shoes": 43}), "about tells 'shoes', .* may tell age, gender"),
    (([0], [5], {"shoes": None}), "about tells 'shoes'"),
    (([0], [5], {"user": "Ann"}), "about tells 'user'"),
    (([0], [5], {"age": "old"}), r"about\['age'\] must be a finite number"),
    (([0], [5], [3]), "about must be a dict or a row of a DataFrame, got list"),
]


@both
@pytest.mark.parametrize(("arguments", "message"), BAD_USERS)
def test_bad_newcomers_are_named(make, arguments, message):
    with pytest.raises(ValueError, match=message):
        known(make, n_epochs=0).describe_user(*arguments)


BAD_FILMS = [
    ({"genres": ["Wstern"]}, r"about\['genres'\] holds 'Wstern', .*Action, Sci-Fi"),
    ({"genres": "Action"}, "must be a list of genres, got 'Action'"),
    ({"genres": None}, "must be a list of genres, got None"),
    ({"Western": True}, "about tells 'Western', .* may tell decade, genre, Action"),
    ({"year": "1999"}, r"about\['year'\] must be a finite number"),
    ("Dune", "about must be a dict .* got str"),
]


@both
@pytest.mark.parametrize(("about", "message"), BAD_FILMS)
def test_bad_films_are_named(make, about, message):
    with pytest.raises(ValueError, match=message):
        known(make, n_epochs=0).describe_film(about)


@both
def test_bad_calls_are_named(make):
    model = make(n_epochs=0)
    calls = [
        lambda: model.user_rows([0]),
        lambda: model.film_rows([0]),
        lambda: model.describe_user([0], [5]),
        lambda: model.describe_film({}),
        model.user_vectors,
        model.film_vectors,
        lambda: model.fold_in([0], [5]),
    ]
    for call in calls:
        with pytest.raises(NotFittedError):
            call()
    bare = make(n_epochs=0).fit(TOY)
    with pytest.raises(ValueError, match="fit with movies= first"):
        bare.describe_film({"genres": ["Action"]})
    with pytest.raises(ValueError, match="fit with users= first"):
        bare.describe_user([], [], {"age": 7})
    model = known(make, n_epochs=0)
    with pytest.raises(ValueError, match=r"rows of users must have \d+ columns, got"):
        model.user_vectors(model.film_rows([0]))
    with pytest.raises(ValueError, match=r"rows of films must have \d+ columns, got"):
        model.film_vectors(np.zeros(3))
    with pytest.raises(ValueError, match=r"users\[0\] is 5"):
        model.user_rows([5])
    with pytest.raises(ValueError, match=r"items\[0\] is -1"):
        model.film_rows([-1])
    with pytest.raises(ValueError, match="movies must be a DataFrame"):
        make().fit(TOY, movies=[3])


def test_the_weights_of_levels_are_as_many_as_these():
    with pytest.raises(ValueError, match="weights must be a tuple of 2 numbers"):
        RetrievalTowers(levels=(4.0,)).fit(TOY)
    with pytest.raises(ValueError, match="levels must grow, got"):
        RatingTowers(levels=(4.0, 4.0)).fit(TOY)


# The real data ------------------------------------------------------------------------


def test_the_figures_that_the_project_promises(real):
    train, test = real.fold(1)
    model = RatingTowers().fit(train, real.movies, real.users)
    assert metrics.rmse(test.values, model.predict(test.users, test.items)) < 0.895
    train, test = splits.stratified(real.ratings, 0.75, "item", seed=42)
    model = RetrievalTowers().fit(train, real.movies, real.users)
    report = evaluation.ranking_report(model, train, test).set_index("metric")
    assert report.loc["ndcg", "mean"] > 0.46


class TestContract(NetworkContract):
    cases = [
        network(
            lambda: RatingTowers(
                n_factors=8,
                n_epochs=40,
                batch_size=512,
                lr=0.05,
                lr_decay=0.95,
                reg=0.3,
                init_std=0.1,
            )
        ),
        network(
            lambda: RetrievalTowers(n_factors=8, n_epochs=60, lr=0.03, dropout=0.3),
            rates=False,
        ),
    ]
