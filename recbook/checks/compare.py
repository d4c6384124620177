"""Compare a reader's value with the expected one, and say where it is off."""

import math
import numbers

import numpy as np
from scipy import sparse


def same(got, expected, what="your answer", atol=1e-8):
    """What distinguishes a reader's value from the expected one, if anything does.

    Parameters
    ----------
    got, expected : object
        Numbers, booleans, strings, arrays, sparse matrices, pandas tables, or tuples,
        lists, sets and dicts of them.
    what : str
        Names the value in the message.
    atol : float or list of float
        Greatest absolute difference between numbers that passes, beside a relative one
        of 1e-9; of a list each number has its own. NaN equals NaN.

    Returns
    -------
    str or None
        None where they are the same. Otherwise one line about the type, shape, dtype
        or first place that differs, with the reader's value there. The expected value
        is never in it.

    Examples
    --------
    >>> same([1.0, 2.0], np.array([1.0, 2.0]), "S")
    >>> same([1.0, 2.5], np.array([1.0, 2.0]), "S")
    'S is off at [1]: you have 2.5'
    >>> same(np.zeros(3), np.zeros((3, 2)), "S")
    'S has shape (3,); asked for is (3, 2)'
    """
    if got is None or got is ...:
        return f"{what} is not filled in yet"
    if isinstance(expected, str):
        return _same_text(got, expected, what)
    if isinstance(expected, dict):
        return _same_dict(got, expected, what, atol)
    if isinstance(expected, set | frozenset):
        return _same_set(got, expected, what)
    if isinstance(expected, tuple | list) and not _numeric(expected):
        return _same_sequence(got, expected, what, atol)
    if isinstance(expected, bool | np.bool_):
        return _same_bool(got, expected, what)
    return _same_array(got, expected, what, atol)


def _numeric(values):
    """True for a list that NumPy sees as a regular array of numbers or booleans."""
    try:
        return np.asarray(values).dtype.kind in "biuf" and isinstance(values, list)
    except ValueError:
        return False


def _same_text(got, expected, what):
    if not isinstance(got, str):
        return f"{what} is {_kind(got)}; a text in quotes is asked for"
    if got.strip().casefold() != expected.strip().casefold():
        return f"{what} is off: you have {got!r}"
    return None


def _same_bool(got, expected, what):
    got = _as_plain(got)
    if not isinstance(got, bool | np.bool_):
        return f"{what} is {_kind(got)}; True or False is asked for"
    return None if bool(got) == bool(expected) else f"{what} is off: you have {got}"


def _same_dict(got, expected, what, atol):
    if not isinstance(got, dict):
        return f"{what} is {_kind(got)}; a dict is asked for"
    for key in got:
        if key not in expected:
            return f"{what} has a key that should not be there: {key!r}"
    if len(got) < len(expected):
        return f"{what} has {len(got)} keys, too few"
    for key, value in got.items():
        if problem := same(value, expected[key], f"{what}[{key!r}]", atol):
            return problem
    return None


def _same_set(got, expected, what):
    if isinstance(got, np.ndarray):
        got = got.tolist()
    if not isinstance(got, set | frozenset | list | tuple):
        return f"{what} is {_kind(got)}; a set is asked for"
    for member in got:
        if member not in expected:
            return f"{what} has a member that should not be there: {member!r}"
    return f"{what} lacks members" if len(set(got)) < len(expected) else None


def _same_sequence(got, expected, what, atol):
    if not isinstance(got, tuple | list | np.ndarray):
        return f"{what} is {_kind(got)}; {_kind(expected)} is asked for"
    if isinstance(got, np.ndarray) and len(got) != len(expected):
        return f"{what} is one array; {len(expected)} values are asked for"
    if len(got) != len(expected):
        side = "few" if len(got) < len(expected) else "many"
        return f"{what} has {len(got)} entries, too {side}"
    for place, (mine, theirs) in enumerate(zip(got, expected, strict=True)):
        if problem := same(mine, theirs, f"{what}[{place}]", atol):
            return problem
    return None


def _same_array(got, expected, what, atol):
    theirs = _as_array(expected)
    asked = "a number is asked for" if theirs.ndim == 0 else "an array is asked for"
    if isinstance(got, str | dict | set) or callable(got):
        return f"{what} is {_kind(got)}; {asked}"
    try:
        mine = _as_array(got)
    except ValueError:
        mine = _in_one_row(got)
        if mine is None or mine.shape != theirs.shape:
            return f"{what} has rows of different lengths; {asked}"
    if mine.shape != theirs.shape:
        if theirs.ndim == 0:
            return f"{what} has shape {mine.shape}; {asked}"
        return f"{what} has shape {mine.shape}; asked for is {theirs.shape}"
    if problem := _dtype_problem(mine, theirs, what):
        return problem
    return _first_difference(mine, theirs, what, atol)


def _in_one_row(parts):
    """The numbers of a list in which vectors stand beside numbers, or None."""
    try:
        return np.concatenate([np.ravel(part) for part in parts])
    except (TypeError, ValueError):
        return None


def _dtype_problem(mine, theirs, what):
    wanted = {"b": "b", "i": "iu", "u": "iu", "f": "iuf"}.get(theirs.dtype.kind)
    if wanted is None or mine.dtype.kind in wanted:
        return None
    words = {"b": "booleans", "i": "whole numbers", "u": "whole numbers"}
    asked = words.get(theirs.dtype.kind, "real numbers")
    if theirs.dtype.kind in "iu":
        if mine.dtype.kind == "b" and np.isin(theirs, (0, 1)).all():
            return None  # where 0 and 1 are asked for, False and True are these
        whole = mine.dtype.kind == "f" and (mine == np.round(mine)).all()
        if whole or (theirs.ndim == 0 and mine.dtype.kind == "f"):
            return None  # A count computed by division is a count: 3.0 passes for 3.
    return f"{what} has dtype {mine.dtype}; asked for are {asked}"


def _first_difference(mine, theirs, what, atol):
    if theirs.dtype.kind in "biuf" and mine.dtype.kind in "biuf":
        a, b = mine.astype(float), theirs.astype(float)
        atol = np.broadcast_to(atol, b.shape)
        with np.errstate(invalid="ignore"):  # inf - inf
            near = np.abs(a - b) <= atol + 1e-9 * np.abs(b)
            near &= np.isfinite(b)  # any number is within infinity of infinity
            close = near | (a == b) | (np.isnan(a) & np.isnan(b))
    else:
        close = np.asarray(mine == theirs)
    if close.all():
        return None
    place = tuple(int(axis[0]) for axis in np.nonzero(~np.atleast_1d(close)))
    value = np.atleast_1d(mine)[place]
    value = value.item() if isinstance(value, np.generic) else value
    others = int((~close).sum()) - 1
    where = "" if theirs.ndim == 0 else f" at [{', '.join(map(str, place))}]"
    more = f" (and at {others} other place{'s' * (others > 1)})" if others else ""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    shown = f"{value:.6g}" if real else repr(value)
    if real and _all_rounded(mine[~close], theirs[~close], atol[~close]):
        n = decimals(atol[~close].min())
        return f"{what} is near{where}: you have {shown}, {n} decimals are asked for"
    return f"{what} is off{where}{more}: you have {shown}"


def decimals(atol):
    """How many decimals a rounded number must have to be within ``atol``.

    >>> decimals(0.01), decimals(0.005), decimals(0.0045)
    (2, 2, 3)
    """
    return math.ceil(-math.log10(2 * atol))


def _all_rounded(values, expected, atol):
    """True for expected values written with too few decimals, as 4.3 for 4.26.

    >>> _all_rounded([4.3], [4.26], [0.01]), _all_rounded([4.2], [4.26], [0.01])
    (True, False)
    """
    triples = zip(values, expected, atol, strict=True)
    return all(_is_rounded(*triple) for triple in triples)


def _is_rounded(value, expected, atol):
    if not 1e-4 <= atol < 0.05:  # no pencil's digits
        return False
    written = len(f"{value:.12g}".partition(".")[2])
    off = abs(value - expected)
    rounded = off <= 0.501 * 10.0**-written and off <= 0.1 * abs(expected)
    return bool(value and written < decimals(atol) and rounded)


def _as_array(value):
    if sparse.issparse(value):
        return value.toarray()
    return np.asarray(value)


def _as_plain(value):
    return value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value


def _kind(value):
    """The kind of a value with its article: "a str", "an int"."""
    kind = "function" if callable(value) else type(value).__name__
    return f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"
