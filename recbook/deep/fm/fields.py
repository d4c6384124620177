"""Sparse fields: users, items and contexts as a few non-zero numbers each.

A *field* is a property, such as a user's occupation. Its values are *features*, which
are numbered across all fields. An *entry* gives the number that a row has for a
feature.
"""

import numpy as np

from recbook._core.features import described, listed, own, row_field
from recbook._core.frames import framed

__all__ = [
    "SideFields",
    "context_codes",
    "context_columns",
    "item_fields",
    "user_fields",
]

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class SideFields:
    """All fields of users, items and contexts, one after the other.

    ``values`` maps a field's name to the meanings of its features, in order. ``sides``
    holds (number of rows, fields) of users and then of items. A field is (first
    feature, number of features, rows, features, x). Its entry e says that row
    ``rows[e]`` has the number ``x[e]`` for feature ``features[e]``.
    """

    def __init__(self):
        self.values, self.sides = {}, []

    @property
    def n_features(self):
        """Number of features so far."""
        return sum(map(len, self.values.values()))

    def name(self, name, values):
        """Add a field and return the number of its first feature."""
        if name in self.values:
            raise ValueError(f"two fields are called {name!r}; rename a column")
        first = self.n_features
        self.values[name] = list(values)
        return first

    def add_side(self, n_rows, fields):
        """Add a side from (name, values, rows, codes, x) of each of its fields."""
        parts = []
        for name, values, rows, codes, x in fields:
            first = self.name(name, values)
            features = first + np.asarray(codes, dtype=np.int64)
            rows = np.asarray(rows, dtype=np.int64)
            parts.append((first, len(self.values[name]), rows, features, x))
        self.sides.append((n_rows, parts))


def user_fields(train, users, history):
    """Yield the fields of users: id, side information and the items they rated."""
    yield own(name="user", ids=train.user_ids)
    if users is not None:
        yield from described("users", users, "user_id", train.user_ids)
    if history:
        yield row_field("history", train.csr, train.item_ids)


def item_fields(train, movies, raters):
    """Yield the fields of items: id, side information and the users who rated them."""
    yield own(name="item", ids=train.item_ids)
    if movies is not None:
        yield from described("movies", movies, "movie_id", train.item_ids)
    if raters:
        yield row_field("raters", train.csr.T.tocsr(), train.user_ids)


def context_columns(n, timestamps, context, clock):
    """Return the context of n ratings, a dict of field name to list of n values."""
    columns = {}
    if clock and timestamps is not None:
        seconds = np.asarray(timestamps)
        columns["hour"] = (seconds // 3600 % 24).tolist()
        # The first of January 1970 was a Thursday.
        columns["weekday"] = [DAYS[day] for day in (seconds // 86400 + 3) % 7]
    if context is not None:
        context = framed("context", context)
        if not hasattr(context, "columns") or len(context) != n:
            raise ValueError(
                f"context must be a DataFrame of one row a rating, {n} rows, got "
                f"{type(context).__name__} of shape {np.shape(context)}"
            )
        columns |= {str(name): listed(context[name]) for name in context.columns}
    return columns


def context_codes(values, found, n):
    """Return the feature codes of n contexts, counted from 0, (n, number of fields).

    ``values`` maps each field to its values. The code after the last feature stands for
    everything missing: a field that ``found`` lacks, a missing value, and a value that
    the field does not have.
    """
    first, off = 0, sum(map(len, values.values()))
    codes = np.full((n, len(values)), off, dtype=np.int32)
    for number, (name, known) in enumerate(values.items()):
        place = {value: first + code for code, value in enumerate(known)}
        if name in found:
            codes[:, number] = [place.get(value, off) for value in found[name]]
        first += len(known)
    return codes
