"""The rows of the Bayesian model against their definition, a person and film a time."""

import numpy as np
import pandas as pd
import pytest

from recbook import Ratings, datasets
from recbook._core.features import coarse
from recbook.bayesian.features import sides

TOY = datasets.load_toy()
MOVIES = pd.DataFrame(
    {
        "movie_id": ["Dune", "Alien", "Heat", "Up", "Babe", "Jaws"],  # nothing of Coco
        "title": list("dahubj"),
        "release_date": list("123456"),
        "year": [1984, 1979, 1984, 2009, None, 1975],
        "Action": [True, True, True, False, False, True],
        "Sci-Fi": [True, True, False, False, False, False],
        "Family": [False, True, False, False, True, False],  # none of them: Up
        "Western": False,
    }
)
USERS = pd.DataFrame(
    {
        "user_id": ["Eve", "Bob", "Cem", "Dee", "Zoe"],  # nothing is told of Ann
        "age": [17, 24, None, 56, 40],
        "gender": ["F", "M", "M", None, "X"],
        "height": [1.6, 1.81, 1.6, np.nan, 1.7],  # a number is a value like a word
        "zip_code": ["V3N4", "94043", "90210", "55105", "10001"],
    }
)
BANDS = {17: "under 18", 24: "18-24", 56: "56 and over"}


def told(table, id_column, who):
    rows = [row for row in table.to_dict("records") if row[id_column] == who]
    return {name: value for row in rows for name, value in row.items()
            if not pd.isna(value)}  # fmt: skip


def person(train, who):
    """The row of one person: (group, value) -> number, from the definition."""
    code = train.user_ids.tolist().index(who)
    rated = [train.item_ids[i] for u, i in zip(train.users, train.items, strict=True)
             if u == code]  # fmt: skip
    row = {("user", who): 1.0}
    row |= {("history", film): len(rated) ** -0.5 for film in rated}
    about = told(USERS, "user_id", who)
    if "age" in about:
        row["age", BANDS[about["age"]]] = 1.0
    row |= {(name, about[name]): 1.0 for name in ("gender", "height") if name in about}
    if "zip_code" in about:
        row["zip", about["zip_code"][0]] = 1.0
    return row


def film(train, what):
    code = train.item_ids.tolist().index(what)
    by = [train.user_ids[u] for u, i in zip(train.users, train.items, strict=True)
          if i == code]  # fmt: skip
    row = {("item", what): 1.0} | {("raters", who): len(by) ** -0.5 for who in by}
    about = told(MOVIES, "movie_id", what)
    if "year" in about:
        row["year", int(about["year"])] = 1.0
    genres = [name for name in MOVIES.columns[4:] if about.get(name)]
    return row | {("genre", name): 1 / len(genres) for name in genres}


def entries(side, row):
    columns = [(name, value) for name, values in side.names for value in values]
    x = side.X.toarray()[row]
    return {columns[d]: pytest.approx(x[d], rel=1e-15) for d in np.flatnonzero(x)}


# The whole toy; without Cem's and Up's ratings; nothing but one rating; none at all.
TRAINS = {
    "toy": TOY,
    "gaps": TOY.subset((TOY.users != 2) & (TOY.items != 3)),
    "one": TOY.subset(np.arange(TOY.n_ratings) == 4),
    "none": TOY.subset(np.zeros(TOY.n_ratings, dtype=bool)),
}


@pytest.mark.parametrize("train", TRAINS.values(), ids=TRAINS)
def test_the_rows_are_those_of_the_definition(train):
    people, films = sides(train, MOVIES, USERS, history=True, raters=True)
    assert people.X.shape[0] == train.n_users
    assert films.X.shape[0] == train.n_items
    for code, who in enumerate(train.user_ids):
        assert entries(people, code) == person(train, who)
    for code, what in enumerate(train.item_ids):
        assert entries(films, code) == film(train, what)


def test_groups_and_columns_stand_in_order():
    people, films = sides(TOY, MOVIES, USERS, history=True, raters=True)
    assert people.names == [
        ("user", ["Ann", "Bob", "Cem", "Dee", "Eve"]),
        ("history", TOY.item_ids.tolist()),
        ("age", ["18-24", "56 and over", "under 18"]),
        ("gender", ["F", "M"]),  # and no X: Zoe is nobody of train
        ("height", [1.6, 1.81]),
        ("zip", ["5", "9", "V"]),
    ]
    assert films.names == [
        ("item", TOY.item_ids.tolist()),
        ("raters", TOY.user_ids.tolist()),
        ("year", [1979, 1984, 2009]),
        ("genre", ["Action", "Sci-Fi", "Family", "Western"]),
    ]
    for side in (people, films):
        sizes = [len(values) for _, values in side.names]
        assert side.group.tolist() == np.repeat(np.arange(len(sizes)), sizes).tolist()
        assert side.group.dtype == np.int64
        assert side.X.shape[1] == side.group.size
        assert side.X.format == "csc"
        assert side.X.dtype == np.float64
        assert side.X.has_canonical_format
        assert side.X.indices.dtype == side.X.indptr.dtype == np.int32


def test_nothing_is_there_that_was_not_asked_for():
    people, films = sides(TOY, None, None, history=False, raters=False)
    assert [name for name, _ in people.names + films.names] == ["user", "item"]
    np.testing.assert_array_equal(people.X.toarray(), np.eye(5))
    np.testing.assert_array_equal(films.X.toarray(), np.eye(6))
    one_way = sides(TOY, None, None, history=False, raters=True)
    assert [[name for name, _ in side.names] for side in one_way] == [
        ["user"],
        ["item", "raters"],
    ]


def test_people_have_years_too_and_flags():
    joined = USERS.assign(
        year=[1996, 1997, 1996, 1998, 1999], a=True, b=[True, *[False] * 4]
    )
    people, _ = sides(TOY, None, joined, history=False, raters=False)
    assert people.names[-2:] == [("year", [1996, 1997, 1998]), ("flag", ["a", "b"])]
    assert people.X.toarray()[4, -2:].tolist() == [0.5, 0.5]
    assert people.X.toarray()[0, 5:].tolist() == [0] * (people.group.size - 5)


def test_a_film_nobody_rated_has_its_own_year():
    _, films = sides(TRAINS["gaps"], MOVIES, None, history=True, raters=True)
    assert TRAINS["gaps"].csr[:, [3]].nnz == 0
    assert entries(films, 3) == {("item", "Up"): 1, ("year", 2009): 1}


def test_each_group_of_a_row_has_its_length():
    movielens = datasets.load_ml100k("embedded")
    train, _ = movielens.fold(1)
    both = sides(train, movielens.movies, movielens.users, history=True, raters=True)
    counts = np.diff(train.csr.indptr), np.bincount(train.items, minlength=1682)
    genres = movielens.movies[movielens.genres].to_numpy().sum(axis=1)
    for side, n in zip(both, counts, strict=True):
        for g, (name, _) in enumerate(side.names):
            length = np.sqrt((side.X[:, side.group == g] ** 2).sum(axis=1))
            expected = {
                "history": n > 0,
                "raters": n > 0,
                "genre": 1 / np.sqrt(genres),
                "year": movielens.movies["year"].notna().to_numpy(),
            }.get(name, np.ones(n.size))
            np.testing.assert_allclose(length, expected, rtol=1e-12)


def test_the_order_of_a_table_is_no_matter_and_nothing_is_changed():
    movies, users = MOVIES.copy(), USERS.copy()
    straight = sides(TOY, movies, users, history=True, raters=True)
    pd.testing.assert_frame_equal(movies, MOVIES)
    pd.testing.assert_frame_equal(users, USERS)
    turned = sides(TOY, movies[::-1], users[::-1], history=True, raters=True)
    for a, b in zip(straight, turned, strict=True):
        assert a.names == b.names
        np.testing.assert_array_equal(a.X.toarray(), b.X.toarray())


def test_bands_and_decades():
    ages = [0, 17, 18, 24, 25, 34, 35, 44, 45, 49, 50, 55, 56, 99, None]
    words = ["under 18", "18-24", "25-34", "35-44", "45-49", "50-55", "56 and over"]
    assert coarse("age", ages) == ("age", [*np.repeat(words, 2).tolist(), None])
    assert coarse("year", [1989, 1990, None]) == ("decade", [1980, 1990, None])
    years = coarse("year", [1989.0, None], years=True)
    assert years == ("year", [1989, None])
    assert coarse("zip_code", ["94", "V3", None])[1] == ["9", "V", None]


def test_ages_and_years_may_be_text():
    text = USERS.assign(age=["17", "24", None, "56", "40.0"])
    dates = MOVIES.assign(year=["1984", "1979", "1984", "2009", None, "1975"])
    straight = sides(TOY, MOVIES, USERS, history=False, raters=False)
    for a, b in zip(straight, sides(TOY, dates, text, False, False), strict=True):
        assert a.names == b.names
        np.testing.assert_array_equal(a.X.toarray(), b.X.toarray())


def test_a_question_that_nobody_answers_is_no_group():
    silent = USERS.assign(age=np.nan, gender=None)
    people, _ = sides(TOY, None, silent, history=False, raters=False)
    assert [name for name, _ in people.names] == ["user", "height", "zip"]
    empty = sides(TOY, MOVIES[:0], USERS[:0], history=False, raters=False)
    assert [name for name, _ in empty[0].names] == ["user"]
    assert entries(empty[1], 0) == {("item", "Alien"): 1}


def test_a_table_without_people_has_no_rows():
    nobody = Ratings([], [], [], None, [], [])
    people, films = sides(nobody, None, None, history=True, raters=True)
    assert people.X.shape == films.X.shape == (0, 0)
    assert people.names == [("user", [])]


BAD = [
    ({"users": USERS.to_dict()}, "users must be a DataFrame, got dict"),
    ({"movies": MOVIES.drop(columns="movie_id")}, "movies must have a column 'movie_"),
    ({"users": MOVIES}, "users must have a column 'user_id' to match its rows"),
    ({"users": pd.concat([USERS, USERS[:1]])}, "user_id holds 'Eve' twice; keep one"),
    ({"movies": pd.concat([MOVIES] * 2)}, "movies.movie_id holds 'Dune' twice"),
    ({"users": USERS.assign(history=1)}, "users has .* second group 'history'; rename"),
    ({"users": USERS.assign(age="old")}, r"users.age holds 'old', no finite .* rename"),
    ({"movies": MOVIES.assign(year=np.inf)}, "movies.year holds inf, no finite number"),
    ({"movies": MOVIES.assign(x=[[1]] * 6)}, r"movies.x holds .* such as \[1\]; turn"),
    ({"users": USERS.assign(x=[*"ab", (), 1, 2])}, r"users.x holds .* as \(\); turn"),
    ({"users": USERS.set_axis([*"ab", "user_id", *"ab"], axis=1)}, "two columns 'a'"),
    ({"movies": MOVIES.assign(item=2)}, "movies has .* second group 'item'; rename"),
]


@pytest.mark.parametrize(("tables", "message"), BAD)
def test_bad_tables_are_named(tables, message):
    tables = {"movies": None, "users": None} | tables
    with pytest.raises(ValueError, match=message):
        sides(TOY, **tables, history=True, raters=True)
