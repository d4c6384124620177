"""The feature rows that towers read, of users and items, known or new."""

import math

import numpy as np
from scipy import sparse

from recbook._core.features import SKIPPED, coarse, described, own
from recbook._core.validate import check_codes, check_number
from recbook.deep.fm.fields import SideFields

__all__ = [
    "described_row",
    "film_side",
    "first_of",
    "history_weight",
    "level_of",
    "matrix",
    "names",
    "rated_row",
    "settled",
    "told_features",
    "user_side",
]

IDS = {"users": "user_id", "movies": "movie_id"}

# Chosen on users left out of u1's train, by the error on the rest of their ratings.
DOUBT = 10  # ratings at which a history counts as much as the typical user
REG = 5.0  # strength of the pull to the tower's vector


def user_side(train, users, levels, ids):
    """Return the features of users as a dict of lists, numbers and arrays.

    ``fields`` holds the values of each field in the order of the features. ``told``
    names the fields that come from ``users``, and ``table`` is the name of that
    argument. ``rows`` holds the arrays of a csr table (n_users, n_features).
    """
    fields = [own("user", train.user_ids)] if ids else []
    side = [] if users is None else described("users", users, "user_id", train.user_ids)
    return _side("users", train.n_users, fields, list(side), histories(train, levels))


def film_side(train, movies, raters):
    """Return the features of items, in the form of ``user_side``."""
    fields = [own("film", train.item_ids)]
    side = () if movies is None else described("movies", movies, "movie_id",
                                               train.item_ids)  # fmt: skip
    last = []
    if raters:
        counts = np.bincount(train.items, minlength=train.n_items)
        x = 1 / np.sqrt(counts[train.items])
        last = [("raters", train.user_ids.tolist(), train.items, train.users, x)]
    return _side("movies", train.n_items, fields, list(side), last)


def history_weight(n):
    r"""Return the entry of each rated item in the row of a user who rated n.

    .. math:: \frac{10}{n + 5}

    A history then adds up to ten times a damped mean of its items' vectors, as if five
    more items had the vector 0. The ten puts the entries of most users near
    :math:`1 / \sqrt n`. That other usual choice makes the sum of a short history far
    too small compared with the sum of a long one.

    Parameters
    ----------
    n : int or array of int
        Number of rated items.

    Returns
    -------
    float or array of float
        The entry.

    Examples
    --------
    >>> history_weight(5), history_weight(95)
    (1.0, 0.1)
    """
    return 10.0 / (n + 5.0)


def histories(train, levels):
    """Yield one field per level of stars, with a user's items of that level.

    Each entry is ``history_weight`` of the number of all items that the user rated.
    """
    counts = np.bincount(train.users, minlength=train.n_users)
    x, level = history_weight(counts[train.users]), level_of(train.values, levels)
    for number, name in enumerate(names(levels)):
        here = level == number
        users, items = train.users[here], train.items[here]
        yield name, train.item_ids.tolist(), users, items, x[here]


def names(levels):
    """Return the names of the fields of histories.

    >>> names((3.0, 4.0))
    ['rated below 3', 'rated from 3', 'rated from 4']
    >>> names(())
    ['rated']
    """
    if not levels:
        return ["rated"]
    return [f"rated below {levels[0]:g}", *(f"rated from {edge:g}" for edge in levels)]


def level_of(values, levels):
    """Return the level of each number of stars, which is how many edges it reaches.

    >>> level_of(np.array([1, 2.5, 3, 4, 5]), (3.0, 4.0)).tolist()
    [0, 0, 1, 2, 2]
    """
    return np.searchsorted(np.asarray(levels, dtype=np.float64), values, side="right")


def _side(table, n_rows, first, told, last):
    fields = SideFields()
    fields.add_side(n_rows, [*first, *told, *last])
    entries = fields.sides[0][1]
    rows, features, x = (
        np.concatenate([np.asarray(entry[part]) for entry in entries])
        for part in (2, 3, 4)
    )
    shape = n_rows, fields.n_features
    X = sparse.csr_array((x.astype(np.float64), (rows, features)), shape)
    X.sum_duplicates()
    return {
        "table": table,
        "fields": fields.values,
        "told": [field[0] for field in told],
        "shape": shape,
        "rows": (X.data, X.indices, X.indptr),
    }


def matrix(side):
    """Return the rows of a side, a (n, n_features) csr_array."""
    return sparse.csr_array(side["rows"], shape=tuple(side["shape"]))


def first_of(side, name):
    """Return the number of a field's first feature."""
    first = 0
    for field, values in side["fields"].items():
        if field == name:
            return first
        first += len(values)
    raise KeyError(name)


def told_features(side):
    """Return whether each feature comes from side information, (F,) bool."""
    parts = [
        np.full(len(v), name in side["told"]) for name, v in side["fields"].items()
    ]
    return np.concatenate(parts)


# New users and items ------------------------------------------------------------------


def rated_row(side, items, values, levels, scale):
    """Return the row of a user from ratings alone, (n_features,), without id.

    Raises
    ------
    ValueError
        If an item is unknown or repeated, or stars are not on the scale.
    """
    fields = names(levels)
    items = check_codes("items", items, len(side["fields"][fields[0]]))
    values = np.asarray(values)
    if values.shape != items.shape:
        raise ValueError(
            f"values must be one number of stars an item, {items.size}, got shape "
            f"{values.shape}"
        )
    for place, value in enumerate(values.tolist()):
        check_number(f"values[{place}]", value, *scale)
    codes, counts = np.unique(items, return_counts=True)
    if (counts > 1).any():
        raise ValueError(f"items holds {codes[counts > 1][0]} twice; keep one rating")
    x = np.zeros(side["shape"][1])
    if items.size:
        firsts = np.array([first_of(side, name) for name in fields])
        x[firsts[level_of(values, levels)] + items] = history_weight(items.size)
    return x


def described_row(side, about):
    """Return the row of the side information ``about``, (n_features,).

    Raises
    ------
    ValueError
        If a key was no column in training, a genre is unknown, or an age or a year is
        not a number.
    """
    x = np.zeros(side["shape"][1])
    if not hasattr(about, "items"):
        raise ValueError(
            f"about must be a dict or a row of a DataFrame, got {type(about).__name__}"
        )
    flags, chosen = _flags(side), []
    for key, value in about.items():
        if key in SKIPPED or key == IDS[side["table"]]:
            continue
        if key == "genres" and flags:
            chosen += _genres(value, flags)
        elif key in flags:
            chosen += [key] if not _missing(value) and bool(value) else []
        elif not _missing(value):
            field, value = _one(side, key, value)
            if value in side["fields"][field]:
                x[first_of(side, field) + side["fields"][field].index(value)] = 1.0
        else:
            _one(side, key, None)
    if chosen := sorted(set(chosen)):
        name = "genre" if side["table"] == "movies" else "flag"
        places = [first_of(side, name) + flags.index(flag) for flag in chosen]
        x[places] = 1 / len(chosen)
    return x


def _flags(side):
    """Return the names of the bool columns that training had."""
    name = "genre" if side["table"] == "movies" else "flag"
    return side["fields"][name] if name in side["told"] else []


def _genres(value, flags):
    """Return a list of genres after checking each of them."""
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise ValueError(f"about['genres'] must be a list of genres, got {value!r}")
    for genre in value:
        if genre not in flags:
            raise ValueError(
                f"about['genres'] holds {genre!r}, which training had not; "
                f"known are {', '.join(map(str, flags))}"
            )
    return list(value)


def _one(side, key, value):
    """Return the field of a key of ``about``, and the value as the field has it."""
    if key in ("age", "year") and value is not None:
        value = check_number(f"about[{key!r}]", value, 0)
    field, [value] = coarse(key, [value])
    if field not in side["told"]:
        table, more = side["table"], [*side["told"], *_flags(side)]
        known = f"it may tell {', '.join(more)}" if more else f"fit with {table}= first"
        raise ValueError(f"about tells {key!r}, which training had not; {known}")
    return field, value


def _missing(value):
    """Return whether a value is None, NaN, NaT or pandas's NA."""
    nan = isinstance(value, float) and math.isnan(value)
    return value is None or nan or type(value).__name__ in ("NAType", "NaTType")


def settled(films, stars, mean, own, typical):
    r"""Return the vector :math:`z = [p_u, b_u]` of a new user, (k + 1,) float64.

    In training each user has an id, so the other features need not say what the id
    says, and for a user without an id they say too little. So the tower's vector only
    gains weight with the number n of ratings, and is then corrected by the stars:

    .. math::

        z_0 = \frac{n}{n + 10}\, z_{\text{own}} + \frac{10}{n + 10}\,
        z_{\text{typical}}, \qquad
        z = \arg\min_z \sum_{i} \bigl(r_{ui} - \mu - b_i - z^\top [q_i, 1]\bigr)^2
        + 5\, \|z - z_0\|^2 .

    The sum is over the n items that the user rated. Without ratings, z is
    :math:`z_{\text{typical}}`.

    Parameters
    ----------
    films : (n, k + 1) array
        :math:`[q_i, b_i]` of the rated items.
    stars : (n,) array
        The user's stars :math:`r_{ui}`.
    mean : float
        :math:`\mu`.
    own, typical : (k + 1,) arrays
        The tower's results for the user's row, and for the mean row of train.

    Examples
    --------
    One item without a vector, two stars above the mean, which 5 + 1 divides:

    >>> settled(np.zeros((1, 2)), np.array([5.0]), 3.0, np.zeros(2), np.zeros(2))
    array([0.        , 0.33333333])
    """
    share = len(stars) / (len(stars) + DOUBT)
    z = share * own + (1 - share) * typical
    if not len(stars):
        return z
    Q = np.hstack([films[:, :-1], np.ones((len(films), 1))]).astype(np.float64)
    residuals = stars - mean - films[:, -1] - Q @ z
    return z + np.linalg.solve(Q.T @ Q + REG * np.eye(Q.shape[1]), Q.T @ residuals)
