"""films.sqlite holds what the raw files hold, and refuses what they must not."""

import shutil
import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pytest

from recbook import datasets
from recbook.project import database, raw_files


def same(movielens, path):
    database.write(movielens, path)
    ratings, movies, users = database.read(path)
    pd.testing.assert_frame_equal(movies, movielens.movies)
    pd.testing.assert_frame_equal(users, movielens.users)
    for name in ratings.__dataclass_fields__:
        mine, theirs = getattr(ratings, name), getattr(movielens.ratings, name)
        assert mine.dtype == theirs.dtype, name
        np.testing.assert_array_equal(mine, theirs)


def test_what_is_written_is_read_back(movielens, tmp_path):
    same(movielens, tmp_path / "films.sqlite")


def test_the_real_data_are_read_back(real, tmp_path):
    same(real, tmp_path / "films.sqlite")


@pytest.mark.usefixtures("tiny")
def test_people_without_ratings_and_films_without_a_day_are_read_back(tmp_path):
    path = tmp_path / "of # the 100 %.sqlite"  # a name that a URI must quote
    same(datasets.load_ml100k(), path)


@pytest.fixture
def films(tiny, tmp_path):
    """Return a connection to the tiny data's films.sqlite, keys in force."""
    path = tmp_path / "films.sqlite"
    database.write(datasets.load_ml100k(), path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ratings VALUES (11, 4, 1, 0, 9)",
        "INSERT INTO ratings VALUES (11, 4, 1, 6, 9)",
        "INSERT INTO ratings VALUES (11, 4, 1, 4.5, 9)",
        "INSERT INTO ratings VALUES (11, 4, 1, 'five', 9)",
        "INSERT INTO ratings VALUES (11, 4, 1, NULL, 9)",
        "INSERT INTO ratings VALUES (11, 4, 1, 5, -1)",
        "INSERT INTO ratings VALUES (11, 4, 1, 5, 1.5)",
        "INSERT INTO ratings VALUES (11, 4, 1, 5, 884182806000)",  # milliseconds
        "INSERT INTO ratings VALUES (11, 5, 1, 5, 9)",  # nobody has id 5
        "INSERT INTO ratings VALUES (11, 4, 6, 5, 9)",
        "INSERT INTO ratings VALUES (11, 1, 1, 5, 9)",  # stands there already
        "INSERT INTO ratings VALUES (1, 4, 1, 5, 9)",
        "INSERT INTO films VALUES (5, 'Again (1999)', '1999-01-01')",
        "INSERT INTO films VALUES (6, '', '1999-01-01')",
        "INSERT INTO films VALUES (6, NULL, '1999-01-01')",
        "INSERT INTO films VALUES (6, 'New (1999)', '01-Jan-1999')",
        "INSERT INTO films VALUES (6, 'New (1999)', '1999-02-30')",
        "INSERT INTO film_genres VALUES (1, 3)",
        "INSERT INTO film_genres VALUES (9, 1)",
        "INSERT INTO film_genres VALUES (1, 1)",
        "INSERT INTO people VALUES (5, 0, 'F', 'artist', '12345')",
        "INSERT INTO people VALUES (5, 121, 'F', 'artist', '12345')",
        "INSERT INTO people VALUES (5, 33.5, 'F', 'artist', '12345')",
        "INSERT INTO people VALUES (5, 33, 'female', 'artist', '12345')",
        "INSERT INTO people VALUES (5, 33, 'F', '', '12345')",
        "DELETE FROM films WHERE film_id = 1",
        "DELETE FROM people WHERE user_id = 1",
        "UPDATE ratings SET stars = 7 WHERE line = 1",
    ],
)
def test_the_schema_refuses(films, statement):
    with pytest.raises(sqlite3.IntegrityError):
        films.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ratings VALUES (11, 4, 1, 5, 9)",
        "INSERT INTO ratings VALUES (11, 4, 1, 4.0, 4102444799)",
        "INSERT INTO films VALUES (6, 'New (1999)', NULL)",
        "INSERT INTO people VALUES (5, 120, 'F', 'artist', '')",
        "INSERT INTO film_genres VALUES (4, 0)",
        "DELETE FROM people WHERE user_id = 4",  # who has no rating
    ],
)
def test_the_schema_lets_in(films, statement):
    films.execute(statement)


def test_half_a_star_is_refused_and_not_rounded(tiny, tmp_path):
    movielens = datasets.load_ml100k()
    values = np.array(movielens.ratings.values)
    values[2] = 4.5
    object.__setattr__(movielens.ratings, "values", values)
    with pytest.raises(ValueError, match=r"table ratings .* \[3, 2, 1, 4\.5, 259200\]"):
        database.write(movielens, tmp_path / "films.sqlite")


def test_a_file_that_holds_something_is_left_alone(tiny, tmp_path):
    path = tmp_path / "films.sqlite"
    path.write_text("a diary")
    with pytest.raises(ValueError, match=r"films\.sqlite holds something already"):
        database.write(datasets.load_ml100k(), path)
    assert path.read_text() == "a diary"


def test_what_is_no_database_is_said_so(tmp_path):
    path = tmp_path / "films.sqlite"
    with pytest.raises(FileNotFoundError, match=r"films\.sqlite is missing"):
        database.read(path)
    for content in (b"", b"a diary" * 1000):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"not a sound films\.sqlite \(.*delete"):
            database.read(path)


def test_films_entered_twice_share_the_smaller_id(tiny):
    movies = datasets.load_ml100k().movies
    assert database.same_films(movies).tolist() == [1, 2, 3, 4, 2]
    lost = movies.assign(release_date=pd.NaT, title="unknown")  # not known to be one
    assert database.same_films(lost).tolist() == [1, 2, 3, 4, 5]
    shuffled = movies.sample(frac=1, random_state=3)
    expected = shuffled["movie_id"].replace(5, 2)
    assert database.same_films(shuffled).tolist() == expected.tolist()


def test_the_real_films_are_1664(real):
    assert len(set(database.same_films(real.movies))) == 1664


def found(folder):
    table = raw_files.report(folder)
    assert list(table.columns) == ["what", "found", "verdict"]
    assert table["what"].is_unique
    assert set(table["verdict"]) <= {"fine", "mind", "fault"}
    return {row.what: (row.found, row.verdict) for row in table.itertuples()}


def test_sound_files_have_no_fault(movielens):
    answers = found(movielens.folder)
    assert {verdict for _, verdict in answers.values()} == {"fine", "mind"}
    assert answers["u.item: ids that share their title"] == (
        "36 of 1,682: 1,664 titles",
        "mind",
    )


def test_the_real_files_have_no_fault(real):
    answers = found(real.folder)
    assert {verdict for _, verdict in answers.values()} == {"fine", "mind"}
    assert answers["u.item: ids that share their title"] == (
        "36 of 1,682: 1,664 titles",
        "mind",
    )
    assert answers["u.item: lines that are not UTF-8"] == ("9 of 1,682", "mind")
    assert answers["u.item: films without a day of release"] == ("1 of 1,682", "mind")


# Each line stands in for one of the tiny files, whose times are of 1970.
FAULTS = [
    ("u.data", "1\t1\t5", "u.data: lines that are not four whole numbers", "1 of 10"),
    (
        "u.data",
        "1\t1\tx\t9",
        "u.data: lines that are not four whole numbers",
        "1 of 10",
    ),
    ("u.data", "1\t1\t0\t9", "u.data: stars outside 1 to 5", "1 of 10"),
    ("u.data", "1\t1\t6\t9", "u.data: stars outside 1 to 5", "1 of 10"),
    ("u.data", "1\t1\t5\t884182806", "u.data: times outside 1997 and 1998", "9 of 10"),
    ("u.data", "1\t2\t5\t9", "u.data: pairs that stand twice", "1 of 10"),
    ("u.data", "9\t1\t5\t9", "u.data: people that are not in u.user", "1 of 4"),
    ("u.data", "1\t9\t5\t9", "u.data: films that are not in u.item", "1 of 5"),
    ("u.item", "1|Lion", "u.item: lines without 8 fields", "1 of 5"),
    ("u.item", "2|Lion||||0|0|1", "u.item: ids that stand twice", "1 of 5"),
    ("u.item", "1|||||0|0|1", "u.item: films without a title", "1 of 5"),
    ("u.item", "1|Lion||||0|0|2", "u.item: genre flags that are not 0 or 1", "1 of 5"),
    ("u.user", "1|x|M|a|85711", "u.user: lines without five fields", "1 of 4"),
    ("u.user", "2|24|M|a|85711", "u.user: ids that stand twice", "1 of 4"),
    ("u.user", "1|0|M|a|85711", "u.user: ages outside 1 to 120", "1 of 4"),
    ("u.user", "1|24|X|a|85711", "u.user: genders other than F and M", "1 of 4"),
]


@pytest.mark.parametrize(("name", "line", "what", "count"), FAULTS)
def test_a_fault_is_counted(tiny, name, line, what, count):
    lines = (tiny / name).read_bytes().decode("latin-1").split("\n")
    lines[0] = line
    (tiny / name).write_bytes("\n".join(lines).encode("latin-1"))
    assert found(tiny)[what] == (count, "fault")


def test_what_must_be_remembered_is_counted(tiny):
    answers = found(tiny)
    for what, count in {
        "u.data: people with fewer than 20 ratings": "3 of 3",
        "u.data: ratings that share person and second": "none of 10",
        "u.data: ratings given before the release": "8 of 10",  # film 3 has no day
        "u.item: lines that are not UTF-8": "1 of 5",
        "u.item: ids that share their title": "2 of 5: 4 titles",
        "u.item: films without a day of release": "1 of 5",
        "u.item: years of title and release that differ": "none of 5",
        "u.item: films without a genre": "none of 5",
        "u.user: zip codes that are not five digits": "1 of 4",
    }.items():
        verdict = "fine" if count.startswith("none") else "mind"
        assert answers[what] == (count, verdict), what


def test_a_moment_or_a_year_that_is_shared_is_counted(tiny):
    path = tiny / "u.data"
    path.write_text("1\t1\t5\t9\n1\t2\t5\t9\n2\t1\t5\t9\n")
    path = tiny / "u.item"
    content = path.read_bytes().replace(b"(1971)", b"(1970)")
    path.write_bytes(content.replace(b"|0|1|1", b"|0|0|0"))
    answers = found(tiny)
    what = "u.data: ratings that share person and second"
    assert answers[what] == ("2 of 3", "mind")
    what = "u.item: years of title and release that differ"
    assert answers[what] == ("2 of 5", "mind")
    assert answers["u.item: films without a genre"] == ("1 of 5", "mind")


def test_a_missing_file_is_named(tiny, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(tiny, copy)
    (copy / "u.user").unlink()
    with pytest.raises(FileNotFoundError, match=r"u\.user is missing"):
        raw_files.report(copy)
