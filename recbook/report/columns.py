"""Columns of a reader's table, found by name; each error says which and what to do."""

import numpy as np
import pandas as pd

from recbook._core.arrays import plain
from recbook._core.frames import as_frame

__all__ = [
    "arms", "as_words", "column", "numbers", "outcome", "same_label", "table", "word",
]  # fmt: skip

LARGEST = 1e100
SHOWN = 8  # values that an error lists


def table(argument, frame):
    """Return a reader's table as a pandas frame with at least one row, labelled anew.

    >>> table("log", {"banner": ["A", "B"]}).index.tolist()
    [0, 1]
    """
    frame = as_frame(argument, frame)
    if len(frame) == 0:
        raise ValueError(f"{argument} has no rows: see how it was read")
    return frame.reset_index(drop=True)


def column(frame, argument, name, gaps=False):
    """Return one column by its name; unless ``gaps``, nothing in it may be missing.

    >>> column(pd.DataFrame({"arm": ["A"]}), "group", "Arm")
    Traceback (most recent call last):
    ...
    ValueError: group names the column 'Arm', but the table has only 'arm'
    """
    found = [place for place, key in enumerate(frame.columns) if key == name]
    if len(found) != 1:
        way = (
            "two of that name; rename one" if found else f"only {listed(frame.columns)}"
        )
        start, equals, label = str(name).partition("=")
        if equals and start in frame.columns:  # as on the command line
            way += f": a label is given in a pair, {argument}=({start!r}, {label!r})"
        raise ValueError(
            f"{argument} names the column {name!r}, but the table has {way}"
        )
    values = frame.iloc[:, found[0]]
    _check_comparable(argument, name, values)
    missing = values.isna().to_numpy()
    if missing.any() and not gaps:
        raise ValueError(
            f"{argument}: the column {name!r} is missing in {missing.sum():,} of "
            f"{len(frame):,} rows, the first of them row {int(missing.argmax())}: "
            "fill it in, or leave these rows out if you know why it is missing"
        )
    return values


def _check_comparable(argument, name, values):
    """Raise for a column of lists and the like, which are neither ids nor labels."""
    if values.dtype != object:
        return
    try:
        pd.factorize(values)
    except (TypeError, ArithmeticError):  # a signalling NaN of decimal is the latter
        raise ValueError(
            f"{argument}: the column {name!r} holds values that may change, such as "
            "lists, or that equal nothing; make them text"
        ) from None


def numbers(frame, argument, name, gaps=False):
    """Return a column of finite numbers or of True and False as float64 (n,).

    >>> numbers(pd.DataFrame({"spent": ["12,50"]}), "outcome", "spent")
    Traceback (most recent call last):
    ...
    ValueError: outcome: the column 'spent' has '12,50' in row 0, which is no number...
    """
    values = column(frame, argument, name, gaps)
    missing = values.isna().to_numpy()
    if pd.api.types.is_datetime64_any_dtype(values) or values.dtype.kind in "mc":
        raise ValueError(f"{argument}: the column {name!r} is no number, but a "
                         f"{values.dtype}: name a column of numbers")  # fmt: skip
    array = _floats(values)
    size = np.abs(array)
    wrong = ~(size <= LARGEST) | ((size > 0) & (size < 1 / LARGEST))
    wrong &= ~missing  # their squares would overflow, or vanish
    if wrong.any():
        row = int(wrong.argmax())
        value = values.tolist()[row]
        way = "give finite numbers of a usual size"
        if isinstance(value, str) and value.rstrip().endswith("%"):
            way = "write shares as 0.25, not as 25 %"
        elif isinstance(value, str):
            way = (
                "of decimal commas, read the file with decimal=','; of labels, name "
                f"the one that counts as 1, {argument}=({name!r}, {value!r})"
            )
        raise ValueError(
            f"{argument}: the column {name!r} has {value!r} in row {row}, which is no "
            f"number: {way}"
        )
    return array


def _floats(values):
    """Return a column as float64 (n,), NaN where a value is no real number."""
    values = values.astype(object)
    # A float cannot hold these integers, and would drop half of a complex number.
    odd = [
        isinstance(value, complex) or (isinstance(value, int) and abs(value) > LARGEST)
        for value in values
    ]
    found = pd.to_numeric(values.mask(np.array(odd)), errors="coerce")
    return found.to_numpy(dtype=np.float64, na_value=np.nan)


def outcome(frame, argument, wanted):
    """Return what is counted as float64 (n,), and its name for the reader.

    ``wanted`` is a column of numbers or bools, or a column and the label that counts as
    1, such as ``("bought", "Y")``.

    >>> outcome(pd.DataFrame({"bought": ["Y", "N"]}), "outcome", ("bought", "Y"))
    (array([1., 0.]), 'bought = Y')
    """
    if not isinstance(wanted, tuple | list):
        return numbers(frame, argument, wanted), str(wanted)
    if len(wanted) != 2:
        raise ValueError(
            f"{argument} is {wanted!r}: give a column, or a column and its label that "
            "counts as 1"
        )
    name, label = wanted
    values = column(frame, argument, name)
    return same_label(argument, values, label).astype(np.float64), f"{name} = {label}"


def same_label(argument, values, label):
    """Return which values (n,) are a label; 1 is also found as "1".

    >>> same_label("group", pd.Series([1, 0], name="arm"), "1").tolist()
    [True, False]
    """
    equal = np.array([value == label for value in values.tolist()], dtype=np.bool)
    if not equal.any():  # a command line knows only text
        equal = np.array([word(value) == word(label) for value in values.tolist()])
    if not equal.any():
        raise ValueError(
            f"{argument}: the column {values.name!r} has no {label!r}, only "
            f"{listed(values.dropna().unique())}"
        )
    return equal


def arms(frame, group):
    """Return who is treated (n,), who takes part (n,), and the names of both arms.

    ``group`` is a column of bools, a column and the label of the treated, or a column,
    this label and that of the control group. With three, other arms are left out.

    >>> frame = pd.DataFrame({"arm": ["A", "B", "C"]})
    >>> treated, present, names = arms(frame, ("arm", "B", "A"))
    >>> treated.tolist(), present.tolist(), names
    ([False, True, False], [True, True, False], ('B', 'A'))
    """
    group = group if isinstance(group, tuple | list) else (group,)
    if not 1 <= len(group) <= 3:
        raise ValueError(
            f"group is {tuple(group)!r}: give (column, treated) or (column, treated, "
            "control), such as ('arm', 'B', 'A')"
        )
    name, *labels = group
    values = column(frame, "group", name)
    others = values.unique().tolist()
    if not labels:
        return *_yes_no(name, values, others), (f"{name}", f"not {name}")
    treated = same_label("group", values, labels[0])
    if len(labels) == 1:
        rest = values[~treated].unique().tolist()
        if len(rest) > 1:
            raise ValueError(
                f"group: beside {labels[0]!r} the column {name!r} has {len(rest)} "
                f"arms, {listed(rest)}: name the control group, group=({name!r}, "
                f"{labels[0]!r}, {rest[0]!r})"
            )
        if not rest:
            raise ValueError(
                f"group: the column {name!r} has only {labels[0]!r}: an effect needs "
                "people in both arms"
            )
        return treated, np.ones(len(frame), bool), (str(labels[0]), word(rest[0]))
    control = same_label("group", values, labels[1])
    if (treated & control).any():
        raise ValueError(f"group: {labels[0]!r} is treated and control at once")
    return treated, treated | control, (str(labels[0]), str(labels[1]))


def _yes_no(name, values, others):
    """Return who is treated by a column of bools, and everybody as present."""
    if not set(others) <= {True, False}:
        ways = " or ".join(f"group=({name!r}, {label!r})" for label in others[:2])
        raise ValueError(
            f"group: the column {name!r} is not of True and False but of "
            f"{listed(others)}: say which label is the treated arm, {ways}"
        )
    if len(others) == 1:
        raise ValueError(
            f"group: the column {name!r} is always {others[0]}: an effect needs people "
            "in both arms"
        )
    return np.array(values.tolist()) == 1, np.ones(len(values), bool)


def word(value):
    """Return a label as a command line or a file may write it: 1.0 is 1."""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)


def as_words(frame, names):
    """Return a table whose columns of ids are text, as a page shows them.

    >>> as_words(pd.DataFrame({"id": [20001], "rows": [4000]}), ["id"]).values.tolist()
    [['20001', 4000]]
    """
    frame = frame.copy()
    for name in names:
        frame[name] = [word(value) for value in frame[name].tolist()]
    return frame


def listed(values):
    """Return some values as a list in a sentence.

    >>> listed(["a", "b"]), listed(range(10))
    ("'a', 'b'", '0, 1, 2, 3, 4, 5, 6, 7 and 2 more')
    """
    values = list(values)
    words = ", ".join(repr(plain(value)) for value in values[:SHOWN])
    more = len(values) - SHOWN
    return words + (f" and {more:,} more" if more > 0 else "")
