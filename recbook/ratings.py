"""The rating table: who gave what to which film, and when."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from recbook._core.arrays import check_array, check_reals
from recbook._core.frames import (
    LAST_SECOND,
    codes_of,
    columns_of,
    frame_of,
    is_missing,
)
from recbook._core.validate import check_choice, check_codes

__all__ = ["Ratings", "check_table"]

IDS = ("user", "item")


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Ratings:
    r"""A rating table :math:`R`: rating t is (users[t], items[t], values[t]).

    Users and items are *codes* from 0, positions in ``user_ids`` and ``item_ids``. A
    subset keeps the codes of the whole, so train and test have the same rows and
    columns. All arrays are read-only copies.

    Parameters
    ----------
    users, items : (n,) int
        Codes. A (user, item) pair may occur only once.
    values : (n,) float
        Ratings :math:`r_{ui}`, finite. A 0 is a rating like any other here and is
        stored in ``csr``, but similarities read 0 as "not rated": shift such a scale.
        Bools, such as ``values >= 4``, count as 1 and 0. Dates and complex numbers are
        refused, not converted.
    timestamps : (n,) int, optional
        Seconds since 1970 in UTC, or any integer that grows with time.
    user_ids, item_ids : array_like
        The ids that the codes stand for, each once. None, NaN and infinity are no ids.

    Raises
    ------
    ValueError
        For invalid arguments. The message names the argument, the place and the value.

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

    def __init__(self, users, items, values, timestamps, user_ids, item_ids):
        """Validate, and store read-only copies."""
        user_ids = _check_ids("user_ids", user_ids)
        item_ids = _check_ids("item_ids", item_ids)
        users = check_codes("users", users, len(user_ids)).astype(np.int32)
        items = check_codes("items", items, len(item_ids)).astype(np.int32)
        values = _check_values(values)
        timestamps = _check_timestamps(timestamps)
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
    ) -> "Ratings":
        """Build the table from a DataFrame with one rating per row.

        Codes follow the sorted ids. Every id is legal unless it is missing, negative
        ones too. An empty frame gives an empty table.

        A log of orders holds a pair again with every repeated purchase, and is read
        with :class:`recbook.Orders`. Keeping the latest row of each pair would move
        pairs from train to test, where a repeated purchase counts as a discovery.

        Parameters
        ----------
        df : DataFrame
            One row per rating, of pandas, polars or pyarrow, a dict of columns or a
            list of dicts. Other columns are ignored.
        user, item, rating : str
            Names of the columns.
        timestamp : str, optional
            Name of the column of whole numbers (such as seconds) or of dates. Dates,
            and text in ISO form, become seconds since 1970, read as UTC where they name
            no time zone. Only a column of the usual name may be missing, and
            ``timestamps`` is then None, as it is with ``timestamp=None``.

        Returns
        -------
        Ratings

        Raises
        ------
        TypeError
            If ``df`` is no table.
        ValueError
            For a missing column, a missing id, a rating that is NaN, infinite or
            no number (bools are 1 and 0, and no date is one), a time that int64 does
            not hold, a date written as a whole number such as 20261231, or a pair that
            stands twice; it names column, row and value.

        Examples
        --------
        >>> import pandas as pd
        >>> df = pd.DataFrame({"user_id": [4, -1], "movie_id": 7, "rating": [5, 3]})
        >>> ratings = Ratings.from_frame(df)
        >>> ratings.user_ids.tolist()
        [-1, 4]

        Models take codes and return codes. :func:`recbook.recommendations` takes ids
        and returns ids. :meth:`codes` leads from ids to codes, and ``item_ids`` from
        codes to ids. In a list that is too short, -1 pads: leave it out, because as a
        place it would be the last id.

        >>> from recbook import Popularity
        >>> codes = Popularity().fit(ratings).recommend(ratings.codes([4]), k=2)[0]
        >>> codes.tolist(), ratings.item_ids[codes[codes >= 0]].tolist()
        ([0, -1], [7])
        """
        return cls(*columns_of(df, user, item, rating, timestamp))

    @property
    def n_users(self) -> int:
        """Number of user codes, with or without ratings."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        """Number of item codes, with or without ratings."""
        return len(self.item_ids)

    @property
    def n_ratings(self) -> int:
        """Number of ratings."""
        return len(self.values)

    @property
    def density(self) -> float:
        """Share of the table's cells that hold a rating. 0.0 without cells."""
        cells = self.n_users * self.n_items
        return self.n_ratings / cells if cells else 0.0

    @cached_property
    def csr(self) -> sparse.csr_array:
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

    def codes(self, ids, of="user") -> np.ndarray:
        """Return the codes of ids, which ``users=`` and ``items=`` take elsewhere.

        Parameters
        ----------
        ids : (n,) array_like
            Ids as they are in ``user_ids`` or ``item_ids``: the text "7" is another
            id than the number 7.
        of : {"user", "item"}
            Whose ids they are.

        Returns
        -------
        (n,) int64 array

        Raises
        ------
        ValueError
            For an id that is not in the table. It names the place and the id.

        Examples
        --------
        >>> ratings = Ratings([0, 1], [0, 1], [5, 3], None, ["007", "008"], [7, 9])
        >>> ratings.codes(["008", "007"]).tolist(), ratings.codes([9], "item").tolist()
        ([1, 0], [1])
        >>> ratings.codes([7])
        Traceback (most recent call last):
        ...
        ValueError: ids[0] is 7, which is no user_id of this table; its ids are text, \
such as '007'
        """
        known = (
            self.user_ids if check_choice("of", of, IDS) == "user" else self.item_ids
        )
        return codes_of(ids, known, f"{of}_id")

    def subset(self, mask) -> "Ratings":
        """Return the ratings where ``mask`` is True, with the codes of the whole table.

        Parameters
        ----------
        mask : (n_ratings,) bool
            One flag per rating.

        Returns
        -------
        Ratings

        Raises
        ------
        ValueError
            If ``mask`` is not boolean or has another length.

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
        """Return a DataFrame with user_id, movie_id, rating and, if known, timestamp.

        Returns
        -------
        pandas.DataFrame
            One row per rating, in order. :meth:`from_frame` reads it back.

        Examples
        --------
        >>> Ratings([0], [1], [5], None, ["Ann"], [7, 9]).frame().to_dict("list")
        {'user_id': ['Ann'], 'movie_id': [9], 'rating': [5.0]}
        """
        return frame_of(self)

    def __repr__(self) -> str:
        """Say the size, not a hundred thousand numbers."""
        return (
            f"Ratings({self.n_users} users × {self.n_items} items, "
            f"{self.n_ratings} ratings, density {100 * self.density:.3g}%)"
        )


def check_table(name, table):
    """Return ``table`` if it is a :class:`Ratings`, or raise a TypeError.

    >>> check_table("ratings", None)
    Traceback (most recent call last):
    ...
    TypeError: ratings must be a recbook.Ratings, not NoneType; make one with \
Ratings.from_frame(df)
    """
    if not isinstance(table, Ratings):
        raise TypeError(
            f"{name} must be a recbook.Ratings, not {type(table).__name__}; make one "
            "with Ratings.from_frame(df)"
        )
    return table


def _check_ids(name, ids):
    """Return a copy of ``ids``, one-dimensional, none missing and none twice."""
    array = np.array(check_array(name, ids))
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    values = array.tolist()
    if set(map(type, values)) <= {str, int} and len(set(values)) == len(values):
        return array  # none of them is missing or may change: most often so
    seen = set()
    for place, value in enumerate(values):
        if is_missing(value):
            raise ValueError(f"{name}[{place}] is {value!r}, not an id")
        if not isinstance(value, Hashable):
            raise ValueError(f"{name}[{place}] is {value!r}, not an id: it may change")
        if value in seen:
            raise ValueError(f"{name}[{place}] is {value!r}, which stands there twice")
        seen.add(value)
    return array


def _check_values(values):
    """Return a float64 copy of ``values``, all finite."""
    array = np.array(check_reals("values", values, bools=True))  # bools: liked or not
    if array.ndim != 1:
        raise ValueError(f"values must be one-dimensional, got shape {array.shape}")
    wrong = np.flatnonzero(~np.isfinite(array))
    if wrong.size:
        raise ValueError(f"values[{wrong[0]}] is {array[wrong[0]]}, not a rating")
    return array


def _check_timestamps(timestamps):
    """Return an int64 copy of ``timestamps``, or None where it is None."""
    if timestamps is None:
        return None
    array = np.array(check_array("timestamps", timestamps))
    if array.ndim != 1:
        raise ValueError(f"timestamps must be one-dimensional, got shape {array.shape}")
    if array.size and array.dtype.kind not in "iu":
        raise ValueError(
            f"timestamps must be integers, got {array[0]!r} ({array.dtype}); "
            f"give whole seconds"
        )
    wrong = np.flatnonzero(array > LAST_SECOND) if array.dtype.kind == "u" else []
    if len(wrong):
        raise ValueError(
            f"timestamps[{wrong[0]}] is {array[wrong[0]]}, which int64 does not hold"
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
