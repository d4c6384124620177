"""Any fields as numbers of buckets, without a dictionary: feature hashing."""

import numpy as np
import pandas as pd

from recbook._core.frames import framed
from recbook._core.validate import check_positive_int

__all__ = ["hash_fields"]

# Constants of splitmix64 (Steele, Lea and Flood 2014) and of FNV-1a.
GOLDEN, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
OFFSET, PRIME = 0xCBF29CE484222325, 0x100000001B3
ALL = 2**64 - 1
MOST = 2**31  # buckets, so that their numbers and weights fit memory


def hash_fields(columns, n_buckets, crosses=(), seed=0):
    r"""Return the bucket of each field of each row.

    .. math:: h(f, v) = \operatorname{mix}(v \oplus \operatorname{mix}(f \oplus s))
              \bmod D

    for a value v of field f, seed s and D buckets. The mix is one of 64 bits that is
    the same on every machine and in every process, unlike Python's ``hash``. There is
    no dictionary, so a value never seen before has a bucket like any other. Of m
    values of a field, :math:`1 - (1 - 1/D)^{m - 1}` are expected to share theirs.

    Parameters
    ----------
    columns : DataFrame or dict
        Name of a field to its values (n,): whole numbers, texts, bools or categories.
        The same value as a number and as a text are two values.
    n_buckets : int
        D, shared by all fields; at most 2**31.
    crosses : iterable of pairs of names
        Each pair becomes one more field, which has a value for each pair of values.
    seed : int
        Other seeds give other collisions.

    Returns
    -------
    (n, n_fields) int64 array
        A column for each field and then for each cross, with numbers from 0 to D - 1.

    Raises
    ------
    ValueError
        If there is no column or no row, the lengths differ, a value is missing or of
        another kind (round a float, or cut it into bins, first), or a cross names no
        column.

    References
    ----------
    Weinberger et al. (2009)

    Examples
    --------
    >>> seen = {"site": [3, 5], "device": ["phone", "phone"]}
    >>> hash_fields(seen, 1000, crosses=[("site", "device")]).tolist()
    [[286, 776, 88], [883, 776, 691]]
    """
    n_buckets = check_positive_int("n_buckets", n_buckets)
    seed = check_positive_int("seed", seed, minimum=0)
    if n_buckets > MOST:
        raise ValueError(f"n_buckets must be at most 2**31, got {n_buckets}")
    columns = columns if isinstance(columns, dict) else framed("columns", columns)
    names = [] if not hasattr(columns, "keys") else list(columns.keys())
    if not names:
        raise ValueError("columns must be a DataFrame or a dict with at least a column")
    hashed = {name: hashed_values(name, columns[name], seed) for name in names}
    n = len(hashed[names[0]])
    for name, values in hashed.items():
        if len(values) != n:
            raise ValueError(
                f"columns[{name!r}] has {len(values)} rows, but columns[{names[0]!r}] "
                f"has {n}: give one value for each row"
            )
    if n == 0:
        raise ValueError("columns have no rows: give at least one row")
    for cross in crosses:
        hashed[cross] = crossed(hashed, cross)
    buckets = [values % np.uint64(n_buckets) for values in hashed.values()]
    return np.stack(buckets, axis=1).astype(np.int64)


def mix(values):
    """Scramble 64 bits so that each bit depends on all: the end of splitmix64."""
    values = values + np.uint64(GOLDEN)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(FIRST)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(SECOND)
    return values ^ (values >> np.uint64(31))


def text_code(text):
    """Return 64 bits of a text: FNV-1a over its bytes."""
    code = OFFSET
    for byte in str(text).encode("utf-8", "surrogatepass"):
        code = (code ^ byte) * PRIME & ALL
    return code


def codes_of(name, values):
    """Return 64 bits for each value of a column, before it is mixed with its field."""
    missing = values.isna().to_numpy()
    if missing.any():
        raise ValueError(
            f"columns[{name!r}][{int(missing.argmax())}] is missing: give missing "
            "values a name of their own"
        )
    if isinstance(values.dtype, pd.CategoricalDtype):
        places = values.cat.codes.to_numpy()
        labels = codes_of(name, pd.Series(values.cat.categories))
    else:
        kind = values.dtype.kind
        if kind in "iub":
            return values.to_numpy().astype(np.int64).astype(np.uint64)
        places, labels = pd.factorize(values)
        wrong = [v for v in labels if not isinstance(v, str)]
        if wrong:
            row = int((values == wrong[0]).to_numpy().argmax())
            raise ValueError(
                f"columns[{name!r}][{row}] is {wrong[0]!r}: give whole numbers or "
                "texts, and cut other numbers into bins first"
            )
        labels = np.array([text_code(label) for label in labels], dtype=np.uint64)
    return labels[places] if len(labels) else np.zeros(0, dtype=np.uint64)


def hashed_values(name, values, seed):
    """Return 64 mixed bits for each value of the field ``name``."""
    if np.ndim(values) != 1:
        raise ValueError(f"columns[{name!r}] must be a flat list of values")
    values = pd.Series(values).reset_index(drop=True)
    salt = mix(np.array([text_code(name) ^ seed & ALL], dtype=np.uint64))
    return mix(codes_of(name, values) ^ salt)


def crossed(hashed, cross):
    """Return 64 mixed bits for each pair of values of two fields."""
    one, two = cross if isinstance(cross, tuple | list) and len(cross) == 2 else (0, 0)
    for name in (one, two):
        if name not in hashed:
            raise ValueError(
                f"crosses has {cross!r}: give pairs of names of columns, which are "
                + ", ".join(map(repr, hashed))
            )
    return mix(hashed[one] + mix(hashed[two]))
