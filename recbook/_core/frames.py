"""Tables of a reader: as pandas frames, as ratings, and back.

Each error names column, row and value, and never prints the rows of a table.
"""

import math
from collections.abc import Hashable, Mapping

import numpy as np

from recbook._core.arrays import no_real, plain
from recbook._core.dates import check_no_dates, to_dates

__all__ = [
    "LAST_SECOND",
    "as_frame",
    "check_rows",
    "codes_of",
    "columns_of",
    "frame_of",
    "framed",
    "is_missing",
]

LAST_SECOND = np.iinfo(np.int64).max
OTHERS = {("polars", "DataFrame"), ("pyarrow", "Table")}
USUAL = "timestamp"  # the column of times that a frame may lack
_ADVICE = {
    "missing": "drop or fix the row first",
    # Of a log, neither row: the latest would move the pair from train to test.
    "twice": "for stars keep the latest row; for a log of orders use recbook.Orders",
}


def as_frame(name, table):
    """Return a table as a pandas DataFrame, which is itself returned as it is.

    Text stays text, so "007" keeps its zeros, dates stay dates with their time zone,
    and what is missing stays missing. Whole numbers with gaps become pandas' ``Int64``,
    because a float would round long ids.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    table : DataFrame, pyarrow.Table, dict or list of dict
        A frame of pandas or polars, an Arrow table, a dict of columns of one length, or
        a list with a dict for each row.

    Raises
    ------
    TypeError
        For anything else. It names the type.
    ValueError
        For columns of a dict whose lengths or row labels differ.

    Examples
    --------
    >>> as_frame("log", {"who": ["007", None], "n": [1, 2]})["who"].tolist()[0]
    '007'
    >>> as_frame("log", [{"who": "Ann", "n": 1}, {"who": "Bob", "n": 2}]).shape
    (2, 2)
    >>> as_frame("log", 7)
    Traceback (most recent call last):
    ...
    TypeError: log must be a table (of pandas, polars or pyarrow, a dict of columns or \
a list of dicts), not int
    """
    import pandas as pd  # here, so that `import recbook` does not load it

    if isinstance(table, pd.DataFrame):
        return table
    if isinstance(table, Mapping):
        return _from_dict(name, table)
    if isinstance(table, list | tuple) and all(isinstance(r, Mapping) for r in table):
        return pd.DataFrame([dict(row) for row in table])
    module, kind = _library(table)
    columns = {}
    if module == "polars" and kind == "DataFrame":
        columns = {column.name: column for column in table.get_columns()}
    elif module == "pyarrow" and kind == "Table":
        columns = dict(zip(table.column_names, table.columns, strict=True))
        if len(columns) < len(table.column_names):
            raise ValueError(f"{name} has two columns of one name; rename one")
    else:
        _refuse_type(name, table, module, kind)
    return pd.DataFrame({key: _series(column) for key, column in columns.items()})


def framed(name, values):
    """Return a table of any kind as a DataFrame, and arrays and lists as they are.

    >>> framed("X", {"age": [30]}).shape, framed("X", [[30]])
    ((1, 1), [[30]])
    """
    is_table = _library(values) in OTHERS
    if isinstance(values, Mapping):  # of rows it is none that we know
        is_table = not any(isinstance(column, Mapping) for column in values.values())
    return as_frame(name, values) if is_table else values


def _library(table):
    """Return the library and the name of a value's type."""
    return type(table).__module__.partition(".")[0], type(table).__name__


def _from_dict(name, table):
    """Return a dict of columns as a frame, its rows paired by their place."""
    import pandas as pd

    for key, column in table.items():
        if isinstance(column, str | bytes | Mapping) or not hasattr(column, "__len__"):
            kind = type(column).__name__
            raise TypeError(f"{name}[{key!r}] must be a column of values, not {kind}")
    check_rows(**{f"{name}[{key!r}]": column for key, column in table.items()})
    lengths = {key: len(column) for key, column in table.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"the columns of {name} differ in length: {lengths}")
    return pd.DataFrame(dict(table))


def _refuse_type(name, table, module, kind):
    """Raise the error for what is no table, with the way to make it one."""
    ways = {"collect": "collect", "to_frame": "to_frame", "to_pandas": "to_pandas"}
    ways["toPandas"] = "toPandas"  # Spark's
    way = next((f"; take {name}.{way}()" for way in ways if hasattr(table, way)), "")
    full = kind if module == "builtins" else f"{module}.{kind}"
    raise TypeError(
        f"{name} must be a table (of pandas, polars or pyarrow, a dict of columns or "
        f"a list of dicts), not {full}{way}"
    )


def _series(column):
    """Return a column of polars or Arrow as a Series, without a detour over floats."""
    import pandas as pd

    dtype = getattr(column, "dtype", None) or column.type
    word = str(dtype).lower()
    gaps = column.null_count() if callable(column.null_count) else column.null_count
    if word.startswith(("date", "timestamp")):
        dates = pd.Series(column.to_numpy())
        zone = getattr(dtype, "time_zone", None) or getattr(dtype, "tz", None)
        return dates.dt.tz_localize("UTC").dt.tz_convert(zone) if zone else dates
    if word.startswith(("float", "double", "duration")):
        return pd.Series(column.to_numpy())
    if word.startswith(("int", "uint", "bool")) and "128" not in word:
        if not gaps:
            return pd.Series(column.to_numpy())
        kinds = {"i": "Int64", "u": "UInt64", "b": "boolean"}
        return pd.Series(_listed(column), dtype=kinds[word[0]])
    return pd.Series(_listed(column), dtype=None if len(column) else object)


def _listed(column):
    return column.to_list() if hasattr(column, "to_list") else column.to_pylist()


def check_rows(**arguments):
    """Raise where two pandas objects have different row labels.

    They would be paired by place, each person with the outcome of somebody else. Lists
    and arrays have no labels, and are paired by place.

    >>> import pandas as pd
    >>> y, treated = pd.Series([5, 3], ["A", "B"]), pd.Series([1, 0], ["B", "A"])
    >>> check_rows(y=y, treated=treated)
    Traceback (most recent call last):
    ...
    ValueError: y and treated have different row labels: row 0 is A in y and B in ...
    """
    labelled = [
        (name, values.index)
        for name, values in arguments.items()
        if hasattr(values, "iloc") and hasattr(values, "index")
    ]
    for name, index in labelled[1:]:
        first, labels = labelled[0]
        if len(index) != len(labels) or labels.equals(index):  # lengths have their word
            continue
        row = next(k for k in range(len(index)) if labels[k] != index[k])
        one, other = (str(place[row]) for place in (labels, index))
        raise ValueError(
            f"{first} and {name} have different row labels: row {row} is {one} in "
            f"{first} and {other} in {name}; bring them into one order, such as "
            f"{name}.loc[{first}.index], or give arrays to pair them by place"
        )


def columns_of(df, user, item, rating, timestamp):
    """Return (users, items, values, timestamps, user_ids, item_ids) of a frame.

    See :meth:`recbook.Ratings.from_frame`.

    >>> import pandas as pd
    >>> df = pd.DataFrame({"who": ["Bob", "Ann"], "what": 7, "stars": [5, 3]})
    >>> columns_of(df, "who", "what", "stars", None)[0].tolist()
    [1, 0]
    """
    df = as_frame("df", df)
    for argument, column in [("user", user), ("item", item), ("rating", rating)]:
        _check_column(df, argument, column)
    users, user_ids = _codes(df, user)
    items, item_ids = _codes(df, item)
    values = _numbers(df, rating, bools=True)
    _check_unique(df, user, item, users, items)
    timestamps = None
    if timestamp is not None and (timestamp != USUAL or timestamp in df.columns):
        _check_column(df, "timestamp", timestamp)
        timestamps = _seconds(df, timestamp)
    return users, items, values, timestamps, user_ids, item_ids


def codes_of(ids, known, what):
    """Return the places of ids in ``known``; see :meth:`recbook.Ratings.codes`.

    >>> codes_of([9, 7], np.array([7, 8, 9]), "user_id").tolist()
    [2, 0]
    """
    import pandas as pd

    if isinstance(ids, str | bytes) or not hasattr(ids, "__iter__"):
        raise ValueError(f"ids must be a list of ids, got {ids!r}; write [{ids!r}]")
    if getattr(ids, "ndim", 1) != 1:
        raise ValueError(f"ids must be a flat list, got {ids.ndim} dimensions")
    ids, names = list(ids), known.tolist()
    # One by one their types stay: an array of 7 and "x" would turn both into text.
    code_of = pd.Index(names, dtype=object)
    codes = code_of.get_indexer(pd.Index(ids, dtype=object))
    if (codes < 0).any():
        place = int((codes < 0).argmax())
        value = plain(ids[place])
        kinds = {type(name) for name in names}
        word = {str: "text", int: "whole numbers", float: "numbers"}
        kind = word.get(kinds.pop()) if len(kinds) == 1 else None
        way = f"; its ids are {kind}, such as {names[0]!r}" if kind else ""
        raise ValueError(
            f"ids[{place}] is {value!r}, which is no {what} of this table{way}"
        )
    return codes.astype(np.int64)


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
    row = plain(df.index[place])
    value = plain(df[column].iloc[place])
    raise ValueError(f"column {column!r}, row {row!r}: {value!r} {why}; {advice}")


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


def _numbers(df, column, bools=False):
    """Return a column as finite float64, with bools as 1 and 0 where they may be."""
    import pandas as pd

    array = df[column].to_numpy()
    place = no_real(array, bools)
    if place is not None:
        _refuse(df, column, place, "is not a finite number")
    numbers = pd.to_numeric(pd.Series(array), errors="coerce")
    values = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(values)
    if wrong.any():
        _refuse(df, column, int(wrong.argmax()), "is not a finite number")
    return values


def _seconds(df, column):
    """Return a column of seconds or dates as int64 seconds."""
    import pandas as pd

    times = df[column]
    if isinstance(times.dtype, pd.CategoricalDtype):
        times = times.astype(times.cat.categories.dtype)
    if _are_dates(times):
        way = (
            "say which is the day, as in "
            f"df[{column!r}] = pd.to_datetime(df[{column!r}], format='%d.%m.%Y')"
        )
        dates = to_dates(f"column {column!r}", times, utc=True, way=way)
        missing = np.isnat(dates)
        if missing.any():
            _refuse(df, column, int(missing.argmax()), "is not a date")
        return dates.astype("datetime64[s]").astype(np.int64)
    if pd.api.types.is_integer_dtype(times.dtype) and not times.isna().any():
        seconds = times.to_numpy()
        if seconds.dtype.kind == "u" and (seconds > LAST_SECOND).any():
            _refuse(df, column, int(seconds.argmax()), "does not fit into int64")
        seconds = seconds.astype(np.int64)
    else:
        values = _numbers(df, column)
        # Past 2**53 a float no longer holds every whole second.
        wrong = (values != np.floor(values)) | (np.abs(values) > 2.0**53)
        if wrong.any():
            place = int(wrong.argmax())
            _refuse(df, column, place, "is not a whole number of seconds")
        seconds = values.astype(np.int64)
    way = f"give dates, as in pd.to_datetime(df[{column!r}], format='%Y%m%d')"
    check_no_dates(f"column {column!r}", pd.Series(seconds, df.index), way)
    return seconds


def _are_dates(times):
    """Return whether a column holds dates or text of them, and no plain numbers."""
    import pandas as pd

    kind = pd.api.types.infer_dtype(times, skipna=True)
    if kind in ("date", "datetime", "datetime64"):
        return True
    first = pd.to_numeric(times.dropna().iloc[:1], errors="coerce")
    return kind == "string" and not first.notna().all()


def _check_unique(df, user, item, users, items):
    """Raise if a (user, item) pair appears twice."""
    import pandas as pd

    repeated = pd.DataFrame({"u": users, "i": items}).duplicated().to_numpy()
    if repeated.any():
        second = int(repeated.argmax())
        same = (users == users[second]) & (items == items[second])
        first = int(same.argmax())
        rows = " and ".join(repr(plain(df.index[p])) for p in (first, second))
        u, i = (plain(df[name].iloc[second]) for name in (user, item))
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
