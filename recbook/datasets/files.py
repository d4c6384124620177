"""The files of MovieLens 100K, read strictly: whole and sound, or not at all.

A line that breaks the format raises a ValueError that names file and line.
"""

import hashlib
import re
from datetime import date

import numpy as np

from recbook.ratings import Ratings

__all__ = ["SPLITS", "digest", "not_published", "read_folder", "read_split"]

SPLITS = ("u1", "u2", "u3", "u4", "u5", "ua", "ub")
PUBLISHED = {  # digests of the release of 1998
    "u.data": "06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490",
    "u.item": "390da21c8d0c6a8a4e515af28c299bbbdbcc6fd78e1054fe6e05a772c0d1a547",
    "u.user": "f120e114da2e8cf314fd28f99417c94ae9ddf1cb6db8ce0e4b5995d40e90e62c",
    "u.genre": "48c0197cf7aa88ff61797dfe07ed2ffd3c5555c8b9f9430b738c053525461061",
}

# Possessive (*+): the match ends at the first line that is no rating.
_RATINGS = re.compile(r"(?:[0-9]{1,9}\t[0-9]{1,9}\t[1-5]\t[0-9]{1,18}\n)*+")
_RATING_FIELDS = ("user id", "item id", "rating", "timestamp")
_DATE = re.compile(r"([0-9]{1,2})-([A-Z][a-z]{2})-([0-9]{4})")
_MONTHS = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6,
    "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12,
}  # fmt: skip
_FILM_COLUMNS = ("movie_id", "title", "release_date", "year")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def read_folder(folder):
    """Read u.data, u.item, u.user and u.genre.

    Parameters
    ----------
    folder : Path
        Where the files lie.

    Returns
    -------
    ratings : Ratings
        Codes follow the ids of u.user and u.item, rated or not.
    movies, users : DataFrame
        Row c is the film or the person of code c.

    Raises
    ------
    FileNotFoundError
        Where the folder or a file is missing.
    ValueError
        Naming file and line.
    """
    if not folder.is_dir():
        hint = "; unzip it and give the folder" if folder.is_file() else ""
        raise FileNotFoundError(f"{folder} is not a folder{hint}")
    movies = _read_movies(folder)
    users = _read_users(folder)
    user_ids = users["user_id"].to_numpy()
    item_ids = movies["movie_id"].to_numpy()
    ratings = _read_ratings(folder / "u.data", user_ids, item_ids)
    _check_length(folder, ratings.n_ratings)
    return ratings, movies, users


def read_split(folder, name, whole):
    """Read one official split, such as u1.base and u1.test.

    Parameters
    ----------
    folder : Path
        Where the files lie.
    name : str
        One of ``SPLITS``.
    whole : Ratings
        The table of u.data, whose codes the halves keep.

    Returns
    -------
    train, test : Ratings

    Raises
    ------
    FileNotFoundError
        Where a file is missing.
    ValueError
        Naming file and line, or where the halves do not make up the whole.
    """
    base, test = folder / f"{name}.base", folder / f"{name}.test"
    halves = [
        _read_ratings(path, whole.user_ids, whole.item_ids) for path in (base, test)
    ]
    _check_halves((base, test), halves, whole)
    return tuple(halves)


def not_published(folder):
    """Return the names of the tables that are not GroupLens's own, by their checksums.

    Parameters
    ----------
    folder : Path
        Where the files lie.

    Returns
    -------
    list of str
        Among u.data, u.item, u.user and u.genre. The splits are held to u.data when
        they are read.
    """
    return [name for name, own in PUBLISHED.items() if digest(folder / name) != own]


def digest(path):
    """Return the SHA-256 of a file's text, however lines end and letters are encoded.

    >>> from recbook.datasets.bundled import bundled
    >>> digest(bundled("ml-100k", "the embedded data") / "u.genre")[:6]
    '48c019'
    """
    return hashlib.sha256(_text(path).encode()).hexdigest()


def _read_ratings(path, user_ids, item_ids):
    """Read u.data or a file of a split."""
    text = _text(path)
    good = _RATINGS.match(text).end()
    if good < len(text):
        line = text[good : text.index("\n", good)]
        _fail(path, text.count("\n", 0, good) + 1, _what_is_wrong(line))
    table = np.fromstring(text, dtype=np.int64, sep=" ").reshape(-1, 4)
    users = _codes(path, "user id", table[:, 0], user_ids, "u.user")
    items = _codes(path, "item id", table[:, 1], item_ids, "u.item")
    cells = users * len(item_ids) + items
    order = np.argsort(cells, kind="stable")
    repeats = order[1:][cells[order[1:]] == cells[order[:-1]]]
    if repeats.size:
        place = repeats.min()
        pair = f"user {table[place, 0]} and item {table[place, 1]}"
        _fail(path, place + 1, f"{pair} stand in a line above too")
    return Ratings(users, items, table[:, 2], table[:, 3], user_ids, item_ids)


def _read_movies(folder):
    """Read u.item, with the genres of u.genre as columns of bool."""
    import pandas as pd  # here, so that `import recbook` does not load it

    path = folder / "u.item"
    genres = _read_genres(folder / "u.genre")
    rows = _rows(path, 5 + len(genres))
    for number, row in enumerate(rows, start=1):
        wrong = [flag for flag in row[5:] if flag not in ("0", "1")]
        if wrong:
            _fail(path, number, f"genre flag is {wrong[0]!r}, not 0 or 1")
    flags = np.array([row[5:] for row in rows]).reshape(len(rows), -1) == "1"
    dates = [_date(path, number, row[2]) for number, row in enumerate(rows, start=1)]
    movies = pd.DataFrame(
        {
            "movie_id": np.array(
                [_whole_number(path, t, "id", row[0]) for t, row in enumerate(rows, 1)],
                dtype=np.int64,
            ),
            "title": [row[1] for row in rows],
            "release_date": np.array(dates, dtype="datetime64[s]"),
        }
    )
    movies["year"] = movies["release_date"].dt.year.astype("Int64")
    flags = pd.DataFrame(flags, columns=genres)
    return _ordered(path, pd.concat([movies, flags], axis=1), "movie_id")


def _read_users(folder):
    """Read u.user. A zip code is text: some hold letters, some begin with 0."""
    import pandas as pd

    path = folder / "u.user"
    rows = _rows(path, 5)
    ids = [_whole_number(path, t, "id", row[0]) for t, row in enumerate(rows, 1)]
    ages = [_whole_number(path, t, "age", row[1]) for t, row in enumerate(rows, 1)]
    users = pd.DataFrame(
        {
            "user_id": np.array(ids, dtype=np.int64),
            "age": np.array(ages, dtype=np.int64),
            "gender": [row[2] for row in rows],
            "occupation": [row[3] for row in rows],
            "zip_code": [row[4] for row in rows],
        }
    )
    return _ordered(path, users, "user_id")


def _read_genres(path):
    """Read u.genre: names in the order of the flags in u.item."""
    rows, names = _rows(path, 2), []
    for number, (name, place) in enumerate(rows, start=1):
        if place != str(number - 1):
            _fail(path, number, f"number is {place!r}, not {number - 1}")
        if not name.strip():
            _fail(path, number, "the genre has no name")
        if name in names:
            _fail(path, number, f"genre {name!r} stands above too")
        if name in _FILM_COLUMNS:
            _fail(path, number, f"genre {name!r} is called like a column of films")
        names.append(name)
    return names


def _check_length(folder, n_ratings):
    """Find a u.data that was cut off between two lines, by the length of a split."""
    halves = [folder / "u1.base", folder / "u1.test"]
    if all(path.is_file() for path in halves):
        total = sum(path.read_bytes().rstrip().count(b"\n") + 1 for path in halves)
        if total != n_ratings:
            raise ValueError(
                f"{folder / 'u.data'} ends at line {n_ratings}, but u1.base and "
                f"u1.test hold {total} lines; one was cut off: unzip ml-100k.zip again"
            )


def _check_halves(paths, halves, whole):
    """Refuse the halves of a split that are not the ratings of u.data, each once."""
    sizes = [half.n_ratings for half in halves]
    cells, whole_cells = np.concatenate([*map(_cells, halves)]), _cells(whole)
    order, whole_order = np.argsort(cells), np.argsort(whole_cells)
    if not np.array_equal(cells[order], whole_cells[whole_order]):
        raise ValueError(
            f"{paths[0]} and {paths[1].name} hold {len(cells)} ratings that are not "
            f"the {whole.n_ratings} of u.data, each once; a file is cut off or mixed "
            f"up: unzip ml-100k.zip again"
        )
    for name, column in [("rating", "values"), ("timestamp", "timestamps")]:
        those = np.empty_like(getattr(whole, column))
        those[order] = getattr(whole, column)[whole_order]
        these = np.concatenate([getattr(half, column) for half in halves])
        if not np.array_equal(these, those):
            place = int((these != those).argmax())
            half = int(place >= sizes[0])
            user, item = divmod(int(cells[place]), whole.n_items)
            _fail(
                paths[half],
                place - half * sizes[0] + 1,
                f"the {name} of user {whole.user_ids[user]} for item "
                f"{whole.item_ids[item]} is {these[place]:.0f}, but "
                f"{those[place]:.0f} in u.data",
            )
    if sizes[0] < sizes[1]:
        raise ValueError(
            f"{paths[0]} holds {sizes[0]} ratings and {paths[1].name} {sizes[1]}, but "
            "the base is the larger half: they were exchanged; unzip ml-100k.zip again"
        )


def _ordered(path, frame, column):
    """Sort a frame by id, each once."""
    repeated = frame[column].duplicated().to_numpy()
    if repeated.any():
        place = int(repeated.argmax())
        _fail(path, place + 1, f"id {frame[column].iloc[place]} stands above too")
    return frame.sort_values(column, ignore_index=True)


def _codes(path, what, column, ids, home):
    """Return the positions of a column's ids."""
    codes = np.searchsorted(ids, column).astype(np.int64)
    known = np.isin(column, ids)
    if not known.all():
        place = int(known.argmin())
        _fail(path, place + 1, f"{what} {column[place]} is not in {home}")
    return codes


def _cells(ratings):
    """Return one number for each (user, item) pair."""
    return ratings.users.astype(np.int64) * ratings.n_items + ratings.items


def _rows(path, n_fields):
    """Return the fields of each line of a |-separated file."""
    rows = [line.split("|") for line in _text(path).split("\n")[:-1]]
    for number, row in enumerate(rows, start=1):
        if len(row) != n_fields:
            _fail(path, number, f"{len(row)} fields where {n_fields} belong")
    return rows


def _text(path):
    """Return a text file with plain line ends, none of its lines empty at the end."""
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is missing; the folder must hold all files of ml-100k.zip"
        )
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")  # ASCII too, or a file saved again as UTF-8
    except UnicodeDecodeError:
        text = content.decode("latin-1")  # what GroupLens wrote; it decodes anything,
    text = text.replace("\r\n", "\n").rstrip("\n")
    odd = _CONTROL.search(text)  # so what is not text shows as control characters
    if odd:
        number = text.count("\n", 0, odd.start()) + 1
        _fail(path, number, f"{odd.group()!r} is not text in latin-1 or UTF-8")
    if not text:
        _fail(path, 1, "the file is empty")
    return text + "\n"


def _whole_number(path, number, what, text):
    """Return a field as an int."""
    if not re.fullmatch("[0-9]{1,9}", text):
        _fail(path, number, f"{what} is {text!r}, not a whole number")
    return int(text)


def _date(path, number, text):
    """Return 01-Jan-1995 as 1995-01-01, and no text as no date, in any locale."""
    if not text:
        return "NaT"
    match = _DATE.fullmatch(text)
    if match and match[2] in _MONTHS:
        try:
            return date(int(match[3]), _MONTHS[match[2]], int(match[1]))
        except ValueError:  # such as 31 February
            pass
    return _fail(path, number, f"release date is {text!r}, not like 01-Jan-1995")


def _what_is_wrong(line):
    """Say why a line is not a rating."""
    fields = line.split("\t")
    if len(fields) != 4:
        return f"{len(fields)} fields where 4 belong"
    for name, field in zip(_RATING_FIELDS, fields, strict=True):
        if not re.fullmatch("[0-9]{1,18}", field):
            return f"{name} is {field!r}, not a whole number"
    if int(fields[2]) not in range(1, 6):
        return f"rating is {fields[2]}, not from 1 to 5"
    return "an id is too large"


def _fail(path, number, why):
    """Raise the error that names file and line."""
    raise ValueError(f"{path}, line {number}: {why}; unzip ml-100k.zip again")
