"""The film project's data: from the raw files to films.sqlite and back.

Chapter 5.1 teaches this module, and :mod:`recbook.project` calls it.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd

from recbook.ratings import Ratings

__all__ = ["SCHEMA", "read", "same_films", "write"]

SCHEMA = """
CREATE TABLE films (
    film_id      INTEGER PRIMARY KEY,
    title        TEXT NOT NULL CHECK (title <> ''),
    release_date TEXT CHECK (release_date IS date(release_date))
);
CREATE TABLE genres (
    genre_id     INTEGER PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE CHECK (name <> '')
);
CREATE TABLE film_genres (
    film_id      INTEGER NOT NULL REFERENCES films,
    genre_id     INTEGER NOT NULL REFERENCES genres,
    PRIMARY KEY (film_id, genre_id)
);
CREATE TABLE people (
    user_id      INTEGER PRIMARY KEY,
    age          INTEGER NOT NULL
                 CHECK (typeof(age) = 'integer' AND age BETWEEN 1 AND 120),
    gender       TEXT NOT NULL CHECK (gender IN ('F', 'M')),
    occupation   TEXT NOT NULL CHECK (occupation <> ''),
    zip_code     TEXT NOT NULL
);
CREATE TABLE ratings (
    line         INTEGER PRIMARY KEY,
    user_id      INTEGER NOT NULL REFERENCES people,
    film_id      INTEGER NOT NULL REFERENCES films,
    stars        INTEGER NOT NULL CHECK (stars IN (1, 2, 3, 4, 5)),
    time         INTEGER NOT NULL
                 CHECK (typeof(time) = 'integer' AND time BETWEEN 0 AND 4102444799),
    UNIQUE (user_id, film_id)
);
CREATE INDEX ratings_of_a_film ON ratings (film_id);
"""  # A time is in seconds and before 2100, so that milliseconds are refused.


def write(movielens, path):
    """Write films.sqlite: films, genres, people and ratings, with every row checked.

    The database itself checks the rules and keys. So no row that breaks a rule can get
    in, through this function or any other program that turns foreign keys on.

    Parameters
    ----------
    movielens : MovieLens
        Or any object with ``ratings``, ``movies`` and ``users``. Ratings are written as
        they are: 4.5 stars are refused, not rounded.
    path : Path
        A file that does not exist or is empty. The caller renames it when it is
        complete.

    Raises
    ------
    ValueError
        If a row breaks a rule (the message names the table, the rule and the row), or
        if the file is not empty.

    Examples
    --------
    >>> import tempfile
    >>> from recbook.datasets import load_ml100k
    >>> path = Path(tempfile.mkdtemp()) / "films.sqlite"
    >>> write(load_ml100k("embedded"), path)
    >>> ratings, movies, users = read(path)
    >>> ratings
    Ratings(943 users × 1682 items, 100000 ratings, density 6.3%)
    """
    path = Path(path)
    if path.exists() and path.stat().st_size:
        raise ValueError(f"{path} holds something already; write to a new file")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")  # off by default
        connection.executescript(SCHEMA)
        with connection:  # one transaction: all rows or none
            for table, rows in _tables(movielens):
                _insert(connection, table, rows)


def read(path):
    """Read films.sqlite back into the form of ``load_ml100k``.

    Parameters
    ----------
    path : Path
        The file that ``write`` wrote.

    Returns
    -------
    ratings : Ratings
        In the order of u.data. The codes follow the ids of people and films.
    movies, users : DataFrame
        As in :class:`~recbook.datasets.MovieLens`.

    Raises
    ------
    FileNotFoundError
        If there is no file.
    ValueError
        If it is not a sound films.sqlite.

    Examples
    --------
    >>> read("nowhere.sqlite")
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere.sqlite is missing; write(movielens, path) makes it
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; write(movielens, path) makes it")
    try:
        with closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        ) as connection:
            movies, users = _movies(connection), _users(connection)
            ratings = _ratings(connection, movies, users)
    except sqlite3.DatabaseError as error:
        raise ValueError(
            f"{path} is not a sound films.sqlite ({error}); delete it and write again"
        ) from error
    return ratings, movies, users


def same_films(movies):
    """Return one id for each film, the same for films that were entered twice.

    Two entries are the same film if title and day of release agree. The smaller id
    stands for both. An entry without a day of release stands alone.

    Parameters
    ----------
    movies : DataFrame
        Films with the columns movie_id, title and release_date.

    Returns
    -------
    (n_items,) int64 array
        The ids in the order of the rows.

    Examples
    --------
    >>> day = pd.to_datetime(["1997-01-01", "1995-02-03", "1997-01-01"])
    >>> titles = ["Amy (1997)", "Heat (1995)", "Amy (1997)"]
    >>> movies = pd.DataFrame({"movie_id": [4, 5, 9], "title": titles})
    >>> same_films(movies.assign(release_date=day)).tolist()
    [4, 5, 4]
    """
    own = movies["movie_id"]
    first = movies.groupby(["title", "release_date"], dropna=False)["movie_id"]
    dated = movies["release_date"].notna()
    return first.transform("min").where(dated, own).to_numpy(dtype=np.int64)


def _tables(movielens):
    """Yield each table's name and rows, with parent tables before their children."""
    movies, users, ratings = movielens.movies, movielens.users, movielens.ratings
    ids, flags = movies["movie_id"].tolist(), movies.iloc[:, 4:].to_numpy(dtype=bool)
    days = movies["release_date"].dt.strftime("%Y-%m-%d")
    yield (
        "films",
        zip(ids, movies["title"], days.where(days.notna(), None), strict=True),
    )
    yield "genres", enumerate(movies.columns[4:])
    films, genres = np.nonzero(flags)
    film_ids = [ids[film] for film in films]
    yield "film_genres", zip(film_ids, genres.tolist(), strict=True)
    columns = ["user_id", "age", "gender", "occupation", "zip_code"]
    yield "people", zip(*(users[name].tolist() for name in columns), strict=True)
    columns = [
        range(1, ratings.n_ratings + 1),
        ratings.user_ids[ratings.users].tolist(),
        ratings.item_ids[ratings.items].tolist(),
        ratings.values.tolist(),  # SQLite makes 4 of 4.0, and leaves 4.5 to the CHECK
        ratings.timestamps.tolist(),
    ]
    yield "ratings", zip(*columns, strict=True)


def _insert(connection, table, rows):
    """Insert the rows, or raise an error that names the row that a rule refuses."""
    reached = []

    def each():
        for row in rows:
            reached[:] = row
            yield row

    n_columns = len(connection.execute(f"PRAGMA table_info({table})").fetchall())
    marks = ", ".join("?" * n_columns)
    try:
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", each())
    except sqlite3.IntegrityError as error:
        raise ValueError(
            f"table {table} refuses the row {reached}: {error}; fix its source"
        ) from error


def _movies(connection):
    """Return the films, with a bool column for each genre."""
    rows = connection.execute("SELECT * FROM films ORDER BY film_id").fetchall()
    ids, titles, days = (list(column) for column in zip(*rows, strict=True))
    days = np.array([day or "NaT" for day in days], dtype="datetime64[s]")
    movies = pd.DataFrame({"movie_id": ids, "title": titles, "release_date": days})
    movies["year"] = movies["release_date"].dt.year.astype("Int64")
    names = connection.execute("SELECT name FROM genres ORDER BY genre_id").fetchall()
    pairs = connection.execute("SELECT film_id, genre_id FROM film_genres").fetchall()
    pairs = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    flags = np.zeros((len(ids), len(names)), dtype=bool)
    flags[np.searchsorted(ids, pairs[:, 0]), pairs[:, 1]] = True
    genres = pd.DataFrame(flags, columns=[name for (name,) in names])
    return pd.concat([movies, genres], axis=1)


def _users(connection):
    """Return the people."""
    table = connection.execute("SELECT * FROM people ORDER BY user_id")
    names = [column[0] for column in table.description]
    return pd.DataFrame(table.fetchall(), columns=names)


def _ratings(connection, movies, users):
    """Return the ratings in the order of their lines."""
    query = "SELECT user_id, film_id, stars, time FROM ratings ORDER BY line"
    rows = connection.execute(query).fetchall()
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    user_ids, item_ids = users["user_id"].to_numpy(), movies["movie_id"].to_numpy()
    people = np.searchsorted(user_ids, table[:, 0])
    films = np.searchsorted(item_ids, table[:, 1])
    return Ratings(people, films, table[:, 2], table[:, 3], user_ids, item_ids)
