"""Checks of arguments. Each error names the argument, the value and the way out."""

import math
import numbers
import operator

import numpy as np
from scipy import sparse

from recbook._core.arrays import check_array, shown

LONGEST = 1000  # list that may be asked for where there are fewer items


class NotFittedError(ValueError, AttributeError):
    """A model was used before ``fit``.

    >>> issubclass(NotFittedError, ValueError)
    True
    """


def check_fitted(model, attribute):
    """Raise unless ``model`` has the fitted ``attribute``.

    Parameters
    ----------
    model : object
        A model.
    attribute : str
        Name of an attribute that ``fit`` sets, such as ``"mu_"``.

    Raises
    ------
    NotFittedError
        If the attribute is missing.

    Examples
    --------
    >>> class Mean:
    ...     pass
    >>> check_fitted(Mean(), "mu_")
    Traceback (most recent call last):
    ...
    recbook._core.validate.NotFittedError: this Mean is not fitted yet: ...
    """
    if not hasattr(model, attribute):
        name = type(model).__name__
        raise NotFittedError(f"this {name} is not fitted yet: call fit first")


def check_codes(name, codes, n, ids=None):
    """Return ``codes`` as a 1-d integer array with values in ``[0, n)``.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    codes : array_like of int
        Codes. Floats, even whole ones, and masks of bools are refused.
    n : int
        Number of existing codes.
    ids : (n,) array, optional
        The ids that the codes stand for. An error then says which code a given id has.
        An id that is also a code, as 1 usually is, cannot be told from it.

    Returns
    -------
    (len(codes),) int64 array
        May be empty.

    Raises
    ------
    ValueError
        Naming the argument, the place and the value.

    Examples
    --------
    >>> check_codes("users", [2, 0], 3).tolist()
    [2, 0]
    >>> check_codes("users", [2, 3], 3)
    Traceback (most recent call last):
    ...
    ValueError: users[1] is 3, but a code is from 0 to 2; codes are places in \
ratings.user_ids, not ids
    >>> check_codes("users", [2, 40], 3, ids=np.array([20, 30, 40]))
    Traceback (most recent call last):
    ...
    ValueError: users[1] is 40, but a code is from 0 to 2; 40 is an id, whose code is 2
    """
    array = check_array(name, codes, what="a flat list of codes")
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be one-dimensional, got {shown(codes)} with {array.ndim} "
            f"dimensions; for one code write [code]"
        )
    if array.size == 0:
        return np.zeros(0, dtype=np.int64)
    if array.dtype.kind not in "iu":
        raise ValueError(
            f"{name} must hold integer codes, got {array[0]!r} ({array.dtype}); "
            f"codes count from 0 and are not ids{_advice(name, array[0], ids)}"
        )
    wrong = np.flatnonzero((array < 0) | (array >= n))
    if wrong.size:
        place = wrong[0]
        span = f"a code is from 0 to {n - 1}" if n else "there are no codes"
        way = _advice(name, array[place], ids)
        raise ValueError(f"{name}[{place}] is {array[place]}, but {span}{way}")
    # A kernel would be compiled again, in seconds, for an array that is read-only, as
    # those of pandas are, or not in one piece.
    return np.require(array, np.int64, ["C", "W"])


def _advice(name, value, ids):
    """Return how to come from an id to its code, as the end of a sentence."""
    value = value.item() if isinstance(value, np.generic) else value
    known = [] if ids is None or isinstance(value, bool) else ids.tolist()
    places = [place for place, known_id in enumerate(known) if known_id == value]
    if places:
        return f"; {value!r} is an id, whose code is {places[0]}"
    if name not in ("users", "items"):
        return ""
    return f"; codes are places in ratings.{name[:-1]}_ids, not ids"


def check_pairs(users, items, n_users, n_items):
    """Return ``users`` and ``items`` as code arrays of the same length.

    Parameters
    ----------
    users, items : array_like of int
        Pair number t is (users[t], items[t]).
    n_users, n_items : int
        Numbers of users and items.

    Returns
    -------
    users, items : (n,) int64 arrays
        The codes.

    Raises
    ------
    ValueError
        As :func:`check_codes`, or if the lengths differ.

    Examples
    --------
    >>> users, items = check_pairs([0, 1], [3, 3], n_users=2, n_items=4)
    >>> users.tolist(), items.tolist()
    ([0, 1], [3, 3])
    """
    users = check_codes("users", users, n_users)
    items = check_codes("items", items, n_items)
    if len(users) != len(items):
        raise ValueError(
            f"users and items are pairs, so one length; got {len(users)} users "
            f"and {len(items)} items"
        )
    return users, items


def check_positive_int(name, value, minimum=1):
    """Return ``value`` as an int of at least ``minimum``.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    value : int
        A bool or a float, even a whole one, is refused, and so is what int64 does not
        hold.
    minimum : int
        Smallest value allowed.

    Returns
    -------
    int
        The value.

    Raises
    ------
    ValueError
        Naming the argument and the value.

    Examples
    --------
    >>> check_positive_int("n_neighbors", -3)
    Traceback (most recent call last):
    ...
    ValueError: n_neighbors must be an integer of at least 1, got -3
    """
    is_int = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not is_int or value < minimum:
        raise ValueError(
            f"{name} must be an integer of at least {minimum}, got {value!r}"
        )
    if value >= 2**63:
        raise ValueError(f"{name} must be an integer below 2**63, got {value!r}")
    return int(value)


def check_k(k, n_items):
    """Return ``k``, the length of lists, where it is one that can be had.

    Lists longer than the catalogue are filled up, which is convenient for small tables
    and a waste of memory beyond them: the most is ``n_items``, or 1000 if that is more.

    >>> check_k(10, n_items=6)
    10
    >>> check_k(10**30, n_items=6)
    Traceback (most recent call last):
    ...
    ValueError: k must be an integer below 2**63, got 1000000000000000000000000000000
    >>> check_k(5000, n_items=1682)
    Traceback (most recent call last):
    ...
    ValueError: k must be at most 1682, the number of items (or 1000), got 5000
    """
    most = max(n_items, LONGEST)
    if check_positive_int("k", k) > most:
        raise ValueError(
            f"k must be at most {most}, the number of items (or {LONGEST}), got {k!r}"
        )
    return int(k)


def check_number(name, value, minimum=None, maximum=None, *, above=None, below=None):
    """Return ``value`` as a finite float within its bounds.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    value : float
        A bool, NaN or infinity is refused.
    minimum, maximum : float, optional
        Bounds, which are allowed themselves.
    above, below : float, optional
        Bounds, which are not.

    Returns
    -------
    float
        The value.

    Raises
    ------
    ValueError
        Naming the argument and the value.

    Examples
    --------
    >>> check_number("reg", 0.1, minimum=0)
    0.1
    >>> check_number("rate", 0.0, maximum=1, above=0)
    Traceback (most recent call last):
    ...
    ValueError: rate must be a finite number above 0 and of at most 1, got 0.0
    """
    is_real = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool)
    good = is_real and _is_finite(value)
    number = float(value) if good else math.nan
    inside, words = in_bounds(number, minimum, maximum, above=above, below=below)
    if not (good and inside):
        raise ValueError(f"{name} must be {words}, got {value!r}")
    return number


def in_bounds(values, minimum=None, maximum=None, *, above=None, below=None):
    """Return where numbers lie within their bounds, and the bounds in words.

    >>> in_bounds(np.array([0.0, 0.5]), above=0, below=1)
    (array([False,  True]), 'a finite number above 0 and below 1')
    """
    inside, words = True, []
    for word, holds, bound in (
        ("of at least", operator.ge, minimum),
        ("above", operator.gt, above),
        ("of at most", operator.le, maximum),
        ("below", operator.lt, below),
    ):
        if bound is not None:
            inside = inside & holds(values, bound)
            words.append(f"{word} {bound}")
    return inside, " ".join(["a finite number", " and ".join(words)]).strip()


def _is_finite(value):
    """Return whether a real number is one that a float can hold."""
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond 1.8e308
        return False


def generator(seed):
    """Return a generator of random numbers that starts from a checked seed.

    >>> generator(0).integers(10, size=3).tolist()
    [8, 6, 5]
    """
    return np.random.default_rng(check_seed(seed))


def check_seed(seed):
    """Return a seed as an int of at least 0, however large: a secret has 128 bits.

    >>> check_seed(2**127) == 2**127
    True
    """
    is_int = isinstance(seed, numbers.Integral) and not isinstance(seed, bool)
    if not is_int or seed < 0:
        check_positive_int("seed", seed, minimum=0)
    return int(seed)


def check_choice(name, value, choices):
    """Return ``value`` if it is one of ``choices``.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    value : str
        The value to check.
    choices : iterable of str
        The values allowed.

    Returns
    -------
    str
        The value.

    Raises
    ------
    ValueError
        Naming the argument, the value and the choices.

    Examples
    --------
    >>> check_choice("over", "al", ["corated", "all"])
    Traceback (most recent call last):
    ...
    ValueError: over must be 'corated' or 'all', got 'al'
    """
    choices = list(choices)
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        words = " or ".join(repr(choice) for choice in choices)
        raise ValueError(f"{name} must be {words}, got {value!r}")
    return value


def check_matrix(name, X):
    """Return ``X`` as a canonical ``csr_array`` of float64, without zeros.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    X : (n, m) array_like or sparse matrix
        Finite numbers. X is never changed, but the result may share its memory.

    Returns
    -------
    (n, m) csr_array of float64
        Indices sorted, no entry stored twice, no zero stored.

    Raises
    ------
    ValueError
        If X is not two-dimensional, not numeric or not finite.

    Examples
    --------
    >>> check_matrix("X", [[0, 2], [1, 0]]).data.tolist()
    [2.0, 1.0]
    """
    if not sparse.issparse(X):
        X = check_array(name, X)
    if X.ndim != 2:
        raise ValueError(f"{name} must be two-dimensional, got shape {X.shape}")
    if X.dtype.kind not in "buif":  # bool, integer, real
        raise ValueError(f"{name} must hold real numbers, got dtype {X.dtype}")
    # Converted first, because duplicate entries are summed, which int8 would overflow.
    matrix = sparse.csr_array(X.astype(np.float64, copy=False))
    if not np.isfinite(matrix.data).all():
        row, column, value = next(
            entry
            for entry in zip(*sparse.find(matrix), strict=True)
            if not math.isfinite(entry[2])
        )
        raise ValueError(
            f"{name}[{row}, {column}] is {value}; leave an unknown entry at 0"
        )
    if not matrix.has_canonical_format or (matrix.data == 0).any():
        matrix = matrix.copy()  # never sort or drop in the caller's arrays
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
    return matrix
