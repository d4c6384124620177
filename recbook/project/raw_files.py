"""Checks of the raw files of MovieLens 100K, each with a count and a verdict.

:mod:`recbook.datasets` refuses a damaged file at its first fault. Here all faults are
counted, so that a person can decide what to do about them.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

YEARS = (1997, 1998)  # of the ratings, according to the README of the data
LEAST = 20  # fewest ratings of a person, according to the same README
_YEAR = re.compile(r"\(([0-9]{4})\)\s*$")


def report(folder):
    """Check the raw files for the faults to look for before any model.

    Parameters
    ----------
    folder : Path
        The folder with u.data, u.item, u.user and u.genre.

    Returns
    -------
    DataFrame
        One row per check. The column ``what`` names what is counted, and ``found`` says
        how many of how many. The ``verdict`` is "fine" (none found), "mind" (some
        found, which the project accepts and must remember) or "fault" (some found, do
        not train on the data).

    Raises
    ------
    FileNotFoundError
        If a file is missing. The message names it.

    Examples
    --------
    >>> from recbook.datasets import load_ml100k
    >>> table = report(load_ml100k("embedded").folder)
    >>> sorted(set(table["verdict"]))
    ['fine', 'mind']
    """
    folder = Path(folder)
    n_genres = len(_lines(folder / "u.genre"))
    data, broken_ratings = _fields(folder / "u.data", "\t", 4, range(4))
    films, broken_films = _fields(folder / "u.item", "|", 5 + n_genres, [0])
    people, broken_people = _fields(folder / "u.user", "|", 5, [0, 1])
    ratings = np.array(data, dtype=np.int64).reshape(-1, 4)
    rows = [
        _row("u.data: lines that are not four whole numbers", *broken_ratings),
        *_ask_ratings(ratings, films, people),
        _row(f"u.item: lines without {5 + n_genres} fields", *broken_films),
        *_ask_films(films, _lines(folder / "u.item")),
        _row("u.user: lines without five fields", *broken_people),
        *_ask_people(people),
    ]
    return pd.DataFrame(rows, columns=["what", "found", "verdict"])


def _row(what, found, total, verdict="fault"):
    """Return a row of the report, with ``verdict`` if anything was found."""
    found = int(found)
    words = f"{found:,} of {total:,}" if found else f"none of {total:,}"
    return what, words, verdict if found else "fine"


def _lines(path):
    """Return the lines of a file as bytes, without empty lines at its end."""
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is missing; the folder must hold all files of ml-100k.zip"
        )
    return path.read_bytes().rstrip(b"\r\n").splitlines()


def _fields(path, mark, n_fields, whole):
    """Return the fields of the sound lines, and the numbers of unsound and all lines.

    A sound line has ``n_fields`` fields, with whole numbers at the places ``whole``.
    """
    lines = _lines(path)
    rows = [line.decode("latin-1").split(mark) for line in lines]
    sound = [
        row
        for row in rows
        if len(row) == n_fields
        and all(re.fullmatch("[0-9]{1,18}", row[place]) for place in whole)
    ]
    return sound, (len(rows) - len(sound), len(rows))


def _twice(keys):
    """Return how many keys repeat an earlier key."""
    return len(keys) - len(set(keys))


def _ask_ratings(ratings, films, people):
    """Yield the rows about u.data."""
    users, items, stars, times = ratings.T
    n = len(ratings)
    first = pd.Timestamp(YEARS[0], 1, 1).timestamp()
    end = pd.Timestamp(YEARS[1] + 1, 1, 1).timestamp()
    yield _row("u.data: stars outside 1 to 5", ((stars < 1) | (stars > 5)).sum(), n)
    outside = ((times < first) | (times >= end)).sum()
    yield _row(f"u.data: times outside {YEARS[0]} and {YEARS[1]}", outside, n)
    pairs = list(zip(users.tolist(), items.tolist(), strict=True))
    yield _row("u.data: pairs that stand twice", _twice(pairs), n)
    for name, column, home, rows in [
        ("people", users, "u.user", people),
        ("films", items, "u.item", films),
    ]:
        ids = np.unique(column)
        strangers = ~np.isin(ids, [int(row[0]) for row in rows])
        what = f"u.data: {name} that are not in {home}"
        yield _row(what, strangers.sum(), len(ids))
    counts = np.unique(users, return_counts=True)[1]
    what = f"u.data: people with fewer than {LEAST} ratings"
    yield _row(what, (counts < LEAST).sum(), len(counts), "mind")
    counts = np.unique(ratings[:, [0, 3]], axis=0, return_counts=True)[1]
    what = "u.data: ratings that share person and second"
    yield _row(what, counts[counts > 1].sum(), n, "mind")
    days = {int(row[0]): row[2] for row in films}
    released = pd.to_datetime(
        pd.Series([days.get(item, "") for item in items.tolist()], dtype=str),
        format="%d-%b-%Y",
        errors="coerce",
    )
    early = pd.to_datetime(pd.Series(times), unit="s") < released
    yield _row("u.data: ratings given before the release", early.sum(), n, "mind")


def _ask_films(films, lines):
    """Yield the rows about u.item."""
    n = len(films)
    ids, titles = [int(row[0]) for row in films], [row[1] for row in films]
    foreign = sum(not _is_utf8(line) for line in lines)
    yield _row("u.item: lines that are not UTF-8", foreign, len(lines), "mind")
    yield _row("u.item: ids that stand twice", _twice(ids), n)
    yield _row("u.item: films without a title", titles.count(""), n)
    shared = pd.Series(titles, dtype=str).duplicated(keep=False).sum()
    what, words, verdict = _row("u.item: ids that share their title", shared, n, "mind")
    yield what, f"{words}: {len(set(titles)):,} titles", verdict
    dates = [row[2] for row in films]
    yield _row("u.item: films without a day of release", dates.count(""), n, "mind")
    differ = sum(
        bool(day and (year := _YEAR.search(title)) and year[1] != day[-4:])
        for title, day in zip(titles, dates, strict=True)
    )
    yield _row("u.item: years of title and release that differ", differ, n, "mind")
    odd = sum(not set(row[5:]) <= {"0", "1"} for row in films)
    yield _row("u.item: genre flags that are not 0 or 1", odd, n)
    none = sum("1" not in row[5:] for row in films)
    yield _row("u.item: films without a genre", none, n, "mind")


def _ask_people(people):
    """Yield the rows about u.user."""
    n = len(people)
    yield _row(
        "u.user: ids that stand twice", _twice([int(row[0]) for row in people]), n
    )
    ages = sum(not 1 <= int(row[1]) <= 120 for row in people)
    yield _row("u.user: ages outside 1 to 120", ages, n)
    genders = sum(row[2] not in ("F", "M") for row in people)
    yield _row("u.user: genders other than F and M", genders, n)
    codes = sum(not re.fullmatch("[0-9]{5}", row[4]) for row in people)
    yield _row("u.user: zip codes that are not five digits", codes, n, "mind")


def _is_utf8(line):
    """Return whether bytes are UTF-8."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
