"""Sparse fields: each user, item and circumstance as a few numbers that are not 0.

A *field* is a question, such as a user's occupation; its values are *features*,
numbered through all fields, and an *entry* says that a row has a feature, how much.
"""

import numpy as np

__all__ = ["Fields", "context_columns", "values_of"]

BANDS = [18, 25, 35, 45, 50, 56]  # years at which the next band of ages begins
WORDS = ["under 18", "18-24", "25-34", "35-44", "45-49", "50-55", "56 and over"]
SKIPPED = {"title", "release_date"}  # other for every film: the film itself says it
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class Fields:
    """All fields of users, of items and of circumstances, one after the other.

    ``values`` maps a field's name to what its features stand for, in their order.
    ``sides`` holds (number of rows, fields) of users, then of items; a field is (first
    feature, number of features, rows, features, x): entry e says that row ``rows[e]``
    has the number ``x[e]`` at feature ``features[e]``.
    """

    def __init__(self):
        self.values, self.sides = {}, []

    @property
    def n_features(self):
        """Number of features so far."""
        return sum(map(len, self.values.values()))

    def name(self, name, values):
        """Enter a new field; return the number of its first feature."""
        if name in self.values:
            raise ValueError(f"two fields are called {name!r}; rename a column")
        first = self.n_features
        self.values[name] = list(values)
        return first

    def add_side(self, n_rows, fields):
        """Enter a side from (name, values, rows, codes, x) of each of its fields."""
        parts = []
        for name, values, rows, codes, x in fields:
            first = self.name(name, values)
            features = first + np.asarray(codes, dtype=np.int64)
            rows = np.asarray(rows, dtype=np.int64)
            parts.append((first, len(self.values[name]), rows, features, x))
        self.sides.append((n_rows, parts))


def user_fields(train, users, history):
    """Yield the fields of people: their id, what is known of them, what they rated."""
    yield own(name="user", ids=train.user_ids)
    if users is not None:
        yield from described("users", users, "user_id", train.user_ids)
    if history:
        yield row_field("history", train.csr, train.item_ids)


def item_fields(train, movies, raters):
    """Yield the fields of items: their id, what is known of them, who rated them."""
    yield own(name="item", ids=train.item_ids)
    if movies is not None:
        yield from described("movies", movies, "movie_id", train.item_ids)
    if raters:
        yield row_field("raters", train.csr.T.tocsr(), train.user_ids)


def own(name, ids):
    """Return the field of who or what it is."""
    codes = np.arange(len(ids))
    return name, ids.tolist(), codes, codes, np.ones(codes.size)


def row_field(name, R, ids):
    r"""Return the field of all that stands in a row of R, each 1 / sqrt(their number).

    The length of every row is then 1, as in SVD++.
    """
    counts = np.diff(R.indptr)
    rows = np.repeat(np.arange(R.shape[0]), counts)
    return name, ids.tolist(), rows, R.indices, 1 / np.sqrt(counts[rows])


def described(argument, frame, id_column, ids):
    """Yield the fields of a frame, its rows matched to ids; an id without one: none."""
    check_frame(argument, frame, id_column)
    place = {}
    for row, value in enumerate(frame[id_column].tolist()):
        if place.setdefault(value, row) != row:
            raise ValueError(f"{argument}.{id_column} holds {value!r} twice; keep one")
    at = [place.get(value, -1) for value in ids.tolist()]
    there = np.flatnonzero(np.array(at) >= 0)
    frame = frame.iloc[[at[row] for row in there]]
    flags = [name for name in frame.columns if frame[name].dtype == bool]
    for name in frame.columns:
        if name in {*flags, *SKIPPED, id_column}:
            continue
        name, column = coarse(name, listed(frame[name]))
        values = values_of(column)
        has = [row for row, value in enumerate(column) if value is not None]
        code = {value: c for c, value in enumerate(values)}
        codes = [code[column[row]] for row in has]
        yield name, values, there[has], codes, np.ones(len(has))
    if flags:
        table = frame[flags].to_numpy(dtype=bool)
        rows, codes = np.nonzero(table)
        name = "genre" if argument == "movies" else "flag"
        yield name, flags, there[rows], codes, 1 / table.sum(axis=1)[rows]


def check_frame(argument, frame, column):
    """Raise unless ``frame`` is a DataFrame with that column."""
    if not hasattr(frame, "columns"):
        raise ValueError(f"{argument} must be a DataFrame, got {type(frame).__name__}")
    if column not in frame.columns:
        raise ValueError(
            f"{argument} must have a column {column!r} to match its rows to the "
            f"ratings, but has {list(frame.columns)}"
        )


def listed(column):
    """Return a column as a list, None where a value is missing."""
    gone = column.isna().tolist()
    return [None if g else v for v, g in zip(column.tolist(), gone, strict=True)]


def values_of(column):
    """Return the different values of a list, sorted, numbers before words, no None."""
    found = {value for value in column if value is not None}
    return sorted(found, key=lambda value: (isinstance(value, str), value))


def coarse(name, column):
    """Return a field's name and column: ages as bands, years as decades."""
    if name == "age":
        bands = np.searchsorted(BANDS, [v or 0 for v in column], side="right")
        words = [WORDS[band] for band in bands]
        missing = [v is None for v in column]
        return name, [None if m else w for w, m in zip(words, missing, strict=True)]
    if name == "year":
        return "decade", [v if v is None else int(v) // 10 * 10 for v in column]
    if name == "zip_code":
        return "zip", [v if v is None else str(v)[:1] for v in column]
    return name, column


def context_columns(n, timestamps, context, clock):
    """Return the circumstances of n ratings, a dict of name to list of n values."""
    found = {}
    if clock and timestamps is not None:
        seconds = np.asarray(timestamps)
        found["hour"] = (seconds // 3600 % 24).tolist()
        # The first of January 1970 was a Thursday.
        found["weekday"] = [DAYS[day] for day in (seconds // 86400 + 3) % 7]
    if context is not None:
        if not hasattr(context, "columns") or len(context) != n:
            raise ValueError(
                f"context must be a DataFrame of one row a rating, {n} rows, got "
                f"{type(context).__name__} of shape {np.shape(context)}"
            )
        found |= {str(name): listed(context[name]) for name in context.columns}
    return found


def context_codes(values, found, n):
    """Return the features of n circumstances, counted from 0, (n, number of fields).

    ``values`` maps each field to its values. The number after the last feature's
    stands for all that is not there: a field that ``found`` lacks, a missing value, a
    value that is not among the field's.
    """
    first, off = 0, sum(map(len, values.values()))
    codes = np.full((n, len(values)), off, dtype=np.int32)
    for number, (name, known) in enumerate(values.items()):
        place = {value: first + code for code, value in enumerate(known)}
        if name in found:
            codes[:, number] = [place.get(value, off) for value in found[name]]
        first += len(known)
    return codes
