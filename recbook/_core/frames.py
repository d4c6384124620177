"""A rating table from a pandas frame, and back. Each error names column and row."""

import math
from collections.abc import Hashable

import numpy as np

from recbook._core.arrays import no_real

__all__ = ["LAST_SECOND", "columns_of", "frame_of", "is_missing"]

LAST_SECOND = np.iinfo(np.int64).max
USUAL = "timestamp"  # the column of times that a frame may lack
_ADVICE = {
    "missing": "drop or fix the row first",
    # The latest row of a repeated purchase would move it from train to test.
    "twice": "for stars keep the latest row; for a log of orders keep the first, and "
    "split by time before counting",
}


def columns_of(df, user, item, rating, timestamp):
    """Return (users, items, values, timestamps, user_ids, item_ids) of a frame.

    See :meth:`recbook.Ratings.from_frame`.

    >>> import pandas as pd
    >>> df = pd.DataFrame({"who": ["Bob", "Ann"], "what": 7, "stars": [5, 3]})
    >>> columns_of(df, "who", "what", "stars", None)[0].tolist()
    [1, 0]
    """
    import pandas as pd  # here, so that `import recbook` does not load it

    if not isinstance(df, pd.DataFrame):
        library = type(df).__module__.partition(".")[0].replace("builtins", "")
        way = "; take df.to_pandas()" if hasattr(df, "to_pandas") else ""
        name = f"{library}.{type(df).__name__}".lstrip(".")
        raise TypeError(f"df must be a pandas.DataFrame, not {name}{way}")
    for argument, column in [("user", user), ("item", item), ("rating", rating)]:
        _check_column(df, argument, column)
    users, user_ids = _codes(df, user)
    items, item_ids = _codes(df, item)
    values = _numbers(df, rating)
    _check_unique(df, user, item, users, items)
    timestamps = None
    if timestamp is not None and (timestamp != USUAL or timestamp in df.columns):
        _check_column(df, "timestamp", timestamp)
        timestamps = _seconds(df, timestamp)
    return users, items, values, timestamps, user_ids, item_ids


def frame_of(ratings):
    """Return the frame of a table; see :meth:`recbook.Ratings.frame`.

    >>> from recbook import datasets
    >>> len(frame_of(datasets.load_toy()))
    20
    """
    import pandas as pd  # imported here, so that `import recbook` does not load it

    columns = {
        "user_id": ratings.user_ids[ratings.users],
        "movie_id": ratings.item_ids[ratings.items],
        "rating": ratings.values.copy(),
    }
    if ratings.timestamps is not None:
        columns["timestamp"] = ratings.timestamps.copy()
    return pd.DataFrame(columns)


def _check_column(df, argument, column):
    """Raise if a column is missing or appears twice."""
    found = list(df.columns).count(column)
    if found == 0:
        raise ValueError(
            f"the frame has no column {column!r}, only {list(df.columns)}; "
            f"name yours with {argument}=..."
        )
    if found > 1:
        raise ValueError(f"the frame has {found} columns named {column!r}; rename one")


def _refuse(df, column, place, why, advice=_ADVICE["missing"]):
    """Raise the error that names column, row and value."""
    row = _plain(df.index[place])
    value = _plain(df[column].iloc[place])
    raise ValueError(f"column {column!r}, row {row!r}: {value!r} {why}; {advice}")


def _plain(value):
    """Return a NumPy scalar as a Python one, which prints as a reader writes it."""
    return value.item() if isinstance(value, np.generic) else value


def _codes(df, column):
    """Return the codes of a column's ids, numbered in sorted order, and the ids."""
    import pandas as pd

    ids = df[column].to_numpy()
    if ids.dtype == object:
        for place, value in enumerate(ids):
            if not isinstance(value, Hashable):
                _refuse(df, column, place, "is not an id: it may change")
    codes, uniques = pd.factorize(ids, sort=True, use_na_sentinel=False)
    for code, value in enumerate(uniques.tolist()):
        if is_missing(value):
            _refuse(df, column, int((codes == code).argmax()), "is not an id")
    return codes, np.asarray(uniques)


def _numbers(df, column):
    """Return a column as finite float64."""
    import pandas as pd

    place = no_real(df[column].to_numpy())
    if place is not None:
        _refuse(df, column, place, "is not a finite number")
    numbers = pd.to_numeric(df[column], errors="coerce")
    values = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(values)
    if wrong.any():
        _refuse(df, column, int(wrong.argmax()), "is not a finite number")
    return values


def _seconds(df, column):
    """Return a column of seconds or dates as int64 seconds."""
    import pandas as pd

    times = _dates(df, column)
    if pd.api.types.is_datetime64_any_dtype(times.dtype):
        missing = times.isna().to_numpy()
        if missing.any():
            _refuse(df, column, int(missing.argmax()), "is not a date")
        if times.dt.tz is not None:
            times = times.dt.tz_convert("UTC").dt.tz_localize(None)
        return times.to_numpy().astype("datetime64[s]").astype(np.int64)
    if pd.api.types.is_integer_dtype(times.dtype) and not times.isna().any():
        seconds = times.to_numpy()
        if seconds.dtype.kind == "u" and (seconds > LAST_SECOND).any():
            _refuse(df, column, int(seconds.argmax()), "does not fit into int64")
        return seconds.astype(np.int64)
    values = _numbers(df, column)
    # Past 2**53 a float no longer holds every whole second.
    wrong = (values != np.floor(values)) | (np.abs(values) > 2.0**53)
    if wrong.any():
        _refuse(df, column, int(wrong.argmax()), "is not a whole number of seconds")
    return values.astype(np.int64)


def _dates(df, column):
    """Return a column whose dates have a type of their own, also where it is text."""
    import pandas as pd

    times = df[column]
    if isinstance(times.dtype, pd.CategoricalDtype):
        times = times.astype(times.cat.categories.dtype)
    kind = pd.api.types.infer_dtype(times, skipna=True)
    if kind in ("date", "datetime", "datetime64"):
        return pd.to_datetime(times, utc=True)
    first = times.dropna().iloc[:1]
    if kind != "string" or pd.to_numeric(first, errors="coerce").notna().all():
        return times  # numbers, also where they are written as text
    dates = pd.to_datetime(times, format="ISO8601", utc=True, errors="coerce")
    wrong = dates.isna().to_numpy()
    if wrong.any():
        # Whether 12/01 is in January or in December, only a format says.
        advice = (
            "say which is the day, as in "
            f"df[{column!r}] = pd.to_datetime(df[{column!r}], format='%d.%m.%Y')"
        )
        _refuse(df, column, int(wrong.argmax()), "is not a date in ISO form", advice)
    return dates


def _check_unique(df, user, item, users, items):
    """Raise if a (user, item) pair appears twice."""
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


def is_missing(value):
    """Return whether an id is missing: None, NaN, an infinity, or pandas' NaT or NA.

    >>> is_missing(float("nan")), is_missing("nan")
    (True, False)
    """
    if value is None or (isinstance(value, float) and math.isinf(value)):
        return True
    # NaN and NaT do not equal themselves, and comparing NA gives NA.
    same = value == value
    return not (isinstance(same, bool | np.bool) and same)
