"""Between DataFrames and rating tables; the part of ratings that needs pandas."""

import numpy as np

_ADVICE = {
    "missing": "drop or mend the row first",
    "twice": "keep one of them first, such as the latest",
}


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
