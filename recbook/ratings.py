"""The rating table: who gave what to which film, and when."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from recbook._core.validate import check_codes

__all__ = ["Ratings"]

_ADVICE = {
    "missing": "drop or mend the row first",
    "twice": "keep one of them first, such as the latest",
}


@dataclass(frozen=True, eq=False, repr=False)
class Ratings:
    r"""A rating table :math:`R`: rating t is (users[t], items[t], values[t]).

    People and films are *codes* from 0, positions in `user_ids` and `item_ids`.
    A subset keeps the codes of the whole, so that train and test speak of the
    same rows and columns. All arrays are read-only copies.

    Parameters
    ----------
    users, items : (n,) int
        Codes; a (user, item) pair stands once at most.
    values : (n,) float
        Ratings :math:`r_{ui}`, finite. A 0 is a rating like any other here and is
        stored in `csr`, but similarities read 0 as "not rated": shift such a scale.
    timestamps : (n,) int, optional
        Seconds since 1970 in UTC, or any integer that grows with time.
    user_ids, item_ids : array_like
        What a code stands for, each id once.

    Raises
    ------
    ValueError
        Naming the argument, the place and the value.

    Examples
    --------
    >>> ratings = Ratings([0, 0, 1], [0, 1, 1], [5, 3, 4], None, ["Ann", "Bob"], [7, 9])
    >>> ratings
    Ratings(2 users × 2 items, 3 ratings, density 75%)
    >>> ratings.csr.toarray().tolist()
    [[5.0, 3.0], [0.0, 4.0]]
    """

    users: np.ndarray
    items: np.ndarray
    values: np.ndarray
    timestamps: np.ndarray | None
    user_ids: np.ndarray
    item_ids: np.ndarray

    def __post_init__(self):
        """Validate, and store read-only copies."""
        user_ids = _check_ids("user_ids", self.user_ids)
        item_ids = _check_ids("item_ids", self.item_ids)
        users = check_codes("users", self.users, len(user_ids)).astype(np.int32)
        items = check_codes("items", self.items, len(item_ids)).astype(np.int32)
        values = _check_values(self.values)
        timestamps = _check_timestamps(self.timestamps)
        for name, column in [
            ("items", items),
            ("values", values),
            ("timestamps", users if timestamps is None else timestamps),
        ]:
            if len(column) != len(users):
                raise ValueError(
                    f"{name} has {len(column)} entries, but users has {len(users)}"
                )
        _check_no_repeats(users, items, len(item_ids))
        arrays = (users, items, values, timestamps, user_ids, item_ids)
        for name, array in zip(self.__dataclass_fields__, arrays, strict=True):
            if array is not None:
                array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def from_frame(
        cls, df, user="user_id", item="movie_id", rating="rating", timestamp="timestamp"
    ):
        """Build the table from a DataFrame with one rating per row.

        Codes follow the sorted ids. Any id but a missing one is legal, negative
        ones too; an empty frame gives an empty table.

        Parameters
        ----------
        df : pandas.DataFrame
            One row a rating; other columns are ignored.
        user, item, rating : str
            Names of the columns.
        timestamp : str, optional
            Name of the column of seconds (or of dates, read as UTC). Where the
            frame has no such column, ``timestamps`` is None.

        Returns
        -------
        Ratings

        Raises
        ------
        ValueError
            For a missing column, a missing id, a rating that is NaN, infinite or
            no number, or a pair that stands twice; it names column, row and value.

        Examples
        --------
        >>> import pandas as pd
        >>> df = pd.DataFrame({"user_id": [4, -1], "movie_id": 7, "rating": [5, 3]})
        >>> Ratings.from_frame(df).user_ids.tolist()
        [-1, 4]
        """
        return cls(*columns_of(df, user, item, rating, timestamp))

    @property
    def n_users(self):
        """Number of user codes, with or without ratings."""
        return len(self.user_ids)

    @property
    def n_items(self):
        """Number of item codes, with or without ratings."""
        return len(self.item_ids)

    @property
    def n_ratings(self):
        """Number of ratings."""
        return len(self.values)

    @property
    def density(self):
        """Share of the cells of the table that hold a rating; 0.0 without cells."""
        cells = self.n_users * self.n_items
        return self.n_ratings / cells if cells else 0.0

    @cached_property
    def csr(self):
        """The table as (n_users, n_items) ``csr_array`` of float64, made once.

        Its arrays are read-only because all callers share them: copy to change.
        A rating of 0 is stored.
        """
        shape = (self.n_users, self.n_items)
        matrix = sparse.csr_array((self.values, (self.users, self.items)), shape=shape)
        matrix.sum_duplicates()  # sorts; there are no duplicates
        for array in (matrix.data, matrix.indices, matrix.indptr):
            array.flags.writeable = False
        return matrix

    def subset(self, mask):
        """Keep the ratings where `mask` is True, and the code spaces of the whole.

        Parameters
        ----------
        mask : (n_ratings,) bool
            One flag a rating.

        Returns
        -------
        Ratings

        Raises
        ------
        ValueError
            Where `mask` is not boolean or has another length.

        Examples
        --------
        >>> ratings = Ratings([0, 1], [0, 1], [5, 3], None, ["Ann", "Bob"], [7, 9])
        >>> ratings.subset(ratings.values > 4)
        Ratings(2 users × 2 items, 1 ratings, density 25%)
        """
        mask = np.asarray(mask)
        if mask.dtype != bool or mask.shape != (self.n_ratings,):
            raise ValueError(
                f"mask must be {self.n_ratings} bools, one a rating; got shape "
                f"{mask.shape} of {mask.dtype}"
            )
        timestamps = None if self.timestamps is None else self.timestamps[mask]
        return Ratings(
            self.users[mask],
            self.items[mask],
            self.values[mask],
            timestamps,
            self.user_ids,
            self.item_ids,
        )

    def frame(self):
        """Return a DataFrame: user_id, movie_id, rating and, where known, timestamp.

        Returns
        -------
        pandas.DataFrame
            One row a rating, in order; :meth:`from_frame` reads it back.

        Examples
        --------
        >>> Ratings([0], [1], [5], None, ["Ann"], [7, 9]).frame().to_dict("list")
        {'user_id': ['Ann'], 'movie_id': [9], 'rating': [5.0]}
        """
        return frame_of(self)

    def __repr__(self):
        """Say the size, not a hundred thousand numbers."""
        return (
            f"Ratings({self.n_users} users × {self.n_items} items, "
            f"{self.n_ratings} ratings, density {100 * self.density:.3g}%)"
        )


def _check_ids(name, ids):
    """Return a copy of `ids`, one-dimensional and without repeats."""
    array = np.array(ids)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    seen = set()
    for place, value in enumerate(array.tolist()):
        if value in seen:
            raise ValueError(f"{name}[{place}] is {value!r}, which stands there twice")
        seen.add(value)
    return array


def _check_values(values):
    """Return a float64 copy of `values`, all finite."""
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"values must be numbers, got {values!r}") from None
    if array.ndim != 1:
        raise ValueError(f"values must be one-dimensional, got shape {array.shape}")
    wrong = np.flatnonzero(~np.isfinite(array))
    if wrong.size:
        raise ValueError(f"values[{wrong[0]}] is {array[wrong[0]]}, not a rating")
    return array


def _check_timestamps(timestamps):
    """Return an int64 copy of `timestamps`, or None where it is None."""
    if timestamps is None:
        return None
    array = np.array(timestamps)
    if array.ndim != 1:
        raise ValueError(f"timestamps must be one-dimensional, got shape {array.shape}")
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise ValueError(
            f"timestamps must be integers, got {array[0]!r} ({array.dtype}); "
            f"give whole seconds"
        )
    return array.astype(np.int64)


def _check_no_repeats(users, items, n_items):
    """Refuse a (user, item) pair that stands twice."""
    cells = users.astype(np.int64) * n_items + items
    ordered = np.sort(cells)
    repeats = ordered[1:][ordered[1:] == ordered[:-1]]
    if repeats.size:
        places = np.flatnonzero(cells == repeats[0])
        user, item = divmod(int(repeats[0]), n_items)
        raise ValueError(
            f"ratings {places[0]} and {places[1]} are both of users={user}, "
            f"items={item}; keep one of them"
        )


def columns_of(df, user, item, rating, timestamp):
    """Return (users, items, values, timestamps, user_ids, item_ids) of a frame.

    See :meth:`recbook.Ratings.from_frame`.
    """
    for argument, column in [("user", user), ("item", item), ("rating", rating)]:
        _check_column(df, argument, column)
    users, user_ids = _codes(df, user)
    items, item_ids = _codes(df, item)
    values = _numbers(df, rating)
    _check_unique(df, user, item, users, items)
    timestamps = None
    if timestamp is not None and timestamp in df.columns:
        _check_column(df, "timestamp", timestamp)
        timestamps = _seconds(df, timestamp)
    return users, items, values, timestamps, user_ids, item_ids


def frame_of(ratings):
    """Return the frame of a table; see :meth:`recbook.Ratings.frame`."""
    import pandas as pd  # here, so that `import recbook` does not load it

    columns = {
        "user_id": ratings.user_ids[ratings.users],
        "movie_id": ratings.item_ids[ratings.items],
        "rating": ratings.values.copy(),
    }
    if ratings.timestamps is not None:
        columns["timestamp"] = ratings.timestamps.copy()
    return pd.DataFrame(columns)


def _check_column(df, argument, column):
    """Refuse a column that is absent or stands twice."""
    found = list(df.columns).count(column)
    if found == 0:
        raise ValueError(
            f"the frame has no column {column!r}, only {list(df.columns)}; "
            f"name yours with {argument}=..."
        )
    if found > 1:
        raise ValueError(f"the frame has {found} columns named {column!r}; rename one")


def _refuse(df, column, place, why):
    """Raise the error that names column, row and value."""
    row = _plain(df.index[place])
    value = _plain(df[column].iloc[place])
    raise ValueError(
        f"column {column!r}, row {row!r}: {value!r} {why}; {_ADVICE['missing']}"
    )


def _plain(value):
    """Turn a NumPy scalar into Python's, which prints as a reader writes it."""
    return value.item() if isinstance(value, np.generic) else value


def _codes(df, column):
    """Number the ids of a column in sorted order."""
    import pandas as pd

    ids = df[column]
    missing = ids.isna().to_numpy()
    if missing.any():
        _refuse(df, column, int(missing.argmax()), "is not an id")
    if pd.api.types.is_float_dtype(ids.dtype):
        infinite = np.isinf(ids.to_numpy(dtype=np.float64))
        if infinite.any():
            _refuse(df, column, int(infinite.argmax()), "is not an id")
    codes, uniques = pd.factorize(ids.to_numpy(), sort=True)
    return codes, np.asarray(uniques)


def _numbers(df, column):
    """Return a column as finite float64."""
    import pandas as pd

    numbers = pd.to_numeric(df[column], errors="coerce")
    values = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(values)
    if wrong.any():
        _refuse(df, column, int(wrong.argmax()), "is not a finite number")
    return values


def _seconds(df, column):
    """Return a column of seconds or dates as int64 seconds."""
    import pandas as pd

    times = df[column]
    if pd.api.types.is_datetime64_any_dtype(times.dtype):
        missing = times.isna().to_numpy()
        if missing.any():
            _refuse(df, column, int(missing.argmax()), "is not a date")
        if times.dt.tz is not None:
            times = times.dt.tz_convert("UTC").dt.tz_localize(None)
        return times.to_numpy().astype("datetime64[s]").astype(np.int64)
    if pd.api.types.is_integer_dtype(times.dtype) and not times.isna().any():
        return times.to_numpy(dtype=np.int64)
    values = _numbers(df, column)
    # Past 2**53 a float no longer holds every whole second.
    wrong = (values != np.floor(values)) | (np.abs(values) > 2.0**53)
    if wrong.any():
        _refuse(df, column, int(wrong.argmax()), "is not a whole number of seconds")
    return values.astype(np.int64)


def _check_unique(df, user, item, users, items):
    """Refuse a (user, item) pair that stands twice."""
    import pandas as pd

    repeated = pd.DataFrame({"u": users, "i": items}).duplicated().to_numpy()
    if repeated.any():
        second = int(repeated.argmax())
        same = (users == users[second]) & (items == items[second])
        first = int(same.argmax())
        rows = " and ".join(repr(_plain(df.index[p])) for p in (first, second))
        u, i = (_plain(df[name].iloc[second]) for name in (user, item))
        raise ValueError(
            f"columns {user!r} and {item!r}, rows {rows}: the pair ({u!r}, {i!r}) "
            f"stands twice; {_ADVICE['twice']}"
        )
