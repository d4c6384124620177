"""Sparse fields: each user, item and circumstance as a few numbers that are not 0.

A *field* is a question, such as a user's occupation; its values are *features*,
numbered through all fields, and an *entry* says that a row has a feature, how much.
"""

import numpy as np

from recbook._core.features import described, listed, own, row_field

__all__ = [
    "SideFields",
    "context_codes",
    "context_columns",
    "item_fields",
    "user_fields",
]

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class SideFields:
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
