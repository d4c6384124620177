"""Side information as sparse fields: a table's columns, matched to the ids.

A *field* is (name, values, rows, codes, x). Entry e says that row ``rows[e]`` has the
value ``values[codes[e]]`` with the weight ``x[e]``. Rows follow the codes of a table of
ratings. A row without a value has no entry.
"""

import math
import numbers

import numpy as np

from recbook._core.frames import framed

__all__ = [
    "SKIPPED",
    "check_frame",
    "coarse",
    "described",
    "listed",
    "own",
    "row_field",
    "values_of",
]

BANDS = [18, 25, 35, 45, 50, 56]  # ages at which the next band begins
WORDS = ["under 18", "18-24", "25-34", "35-44", "45-49", "50-55", "56 and over"]
SKIPPED = {"title", "release_date"}  # as different for every film as its id


def own(name, ids):
    """Return the field of the ids themselves."""
    codes = np.arange(len(ids))
    return name, ids.tolist(), codes, codes, np.ones(codes.size)


def row_field(name, R, ids):
    """Return the field of all entries in a row of R, each 1 / sqrt(their number).

    The length of every row is then 1, as in SVD++.
    """
    counts = np.diff(R.indptr)
    rows = np.repeat(np.arange(R.shape[0]), counts)
    return name, ids.tolist(), rows, R.indices, 1 / np.sqrt(counts[rows])


def described(argument, frame, id_column, ids, years=False):
    """Yield the fields of a frame, its rows matched to ids. A missing id has no entry.

    ``years`` keeps each year as a value of its own, in place of decades.
    """
    frame = framed(argument, frame)
    check_frame(argument, frame, id_column)
    place = {}
    for row, value in enumerate(frame[id_column].tolist()):
        if place.setdefault(value, row) != row:
            raise ValueError(f"{argument}.{id_column} holds {value!r} twice; keep one")
    at = [place.get(value, -1) for value in ids.tolist()]
    there = np.flatnonzero(np.array(at) >= 0)
    if place and at and not there.size:
        raise ValueError(
            f"{argument}.{id_column} holds none of train's ids: {next(iter(place))!r} "
            f"there, {ids.tolist()[0]!r} in train; give both the same type and numbers"
        )
    frame = frame.iloc[[at[row] for row in there]]
    flags = [name for name in frame.columns if frame[name].dtype == bool]
    for name in frame.columns:
        if name in {*flags, *SKIPPED, id_column}:
            continue
        column = listed(frame[name])
        if name in ("age", "year"):
            column = as_numbers(f"{argument}.{name}", column)
        name, column = coarse(name, column, years)
        values = check_values(f"{argument}.{name}", column)
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
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise ValueError(f"{argument} has two columns {twice!r}; rename or drop one")


def as_numbers(name, column):
    """Return a list as finite floats. Text is parsed and None stays."""
    found = []
    for value in column:
        try:
            number = None if value is None else float(value)
        except (TypeError, ValueError):
            number = math.nan
        if number is not None and not math.isfinite(number):
            raise ValueError(
                f"{name} holds {value!r}, no finite number; correct it, leave it out "
                "(NaN), or rename the column to have its values as words"
            )
        found.append(number)
    return found


def check_values(name, column):
    """Return :func:`values_of` a list, or raise if the values cannot be sorted."""
    try:
        return values_of(column)
    except TypeError:
        plain = str | numbers.Real | None  # these alone can always be sorted
        value = next(value for value in column if not isinstance(value, plain))
        raise ValueError(
            f"{name} holds values that are not all numbers or words, such as "
            f"{value!r}; turn them into text, or drop the column"
        ) from None


def listed(column):
    """Return a column as a list, with None for missing values."""
    gone = column.isna().tolist()
    return [None if g else v for v, g in zip(column.tolist(), gone, strict=True)]


def values_of(column):
    """Return the sorted distinct values of a list, numbers before words, no None."""
    found = {value for value in column if value is not None}
    return sorted(found, key=lambda value: (isinstance(value, str), value))


def coarse(name, column, years=False):
    """Return a field's name and column, with ages as bands and years as decades.

    With ``years``, years stay as they are.
    """
    if name == "age":
        bands = np.searchsorted(BANDS, [v or 0 for v in column], side="right")
        words = [WORDS[band] for band in bands]
        missing = [v is None for v in column]
        return name, [None if m else w for w, m in zip(words, missing, strict=True)]
    if name == "year" and years:
        return name, [v if v is None else int(v) for v in column]
    if name == "year":
        return "decade", [v if v is None else int(v) // 10 * 10 for v in column]
    if name == "zip_code":
        return "zip", [v if v is None else str(v)[:1] for v in column]
    return name, column
