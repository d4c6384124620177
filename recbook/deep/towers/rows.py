"""The rows that towers read: of each person, of each film, and of who comes new."""

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

# Chosen on people left out of u1's train: the error on the rest of their train ratings.
DOUBT = 10  # ratings with which a history is believed as much as the typical person
REG = 5.0


def user_side(train, users, levels, ids):
    """Return the features of people as a dict of lists, numbers and arrays.

    Its ``fields`` are the values of each field, in the order of the features; ``told``
    names the fields that come from ``users``; ``table`` is that argument's name;
    ``rows`` are the arrays of a csr table (n_users, n_features).
    """
    fields = [own("user", train.user_ids)] if ids else []
    told = [] if users is None else described("users", users, "user_id", train.user_ids)
    return _side("users", train.n_users, fields, list(told), histories(train, levels))


def film_side(train, movies, raters):
    """Return the features of films, as :func:`user_side` those of people."""
    fields = [own("film", train.item_ids)]
    told = () if movies is None else described("movies", movies, "movie_id",
                                               train.item_ids)  # fmt: skip
    last = []
    if raters:
        counts = np.bincount(train.items, minlength=train.n_items)
        x = 1 / np.sqrt(counts[train.items])
        last = [("raters", train.user_ids.tolist(), train.items, train.users, x)]
    return _side("movies", train.n_items, fields, list(told), last)


def history_weight(n):
    r"""Return what each film weighs in the row of somebody with n of them.

    .. math:: \frac{10}{n + 5} ,

    so that a history adds up to ten times the mean of its films' vectors, drawn to 0
    as a damped mean is, by five films more that say nothing. The ten puts the entries
    of most people near :math:`1 / \sqrt n`, the other usual choice, which makes the
    sum of a short history far too small beside that of a long one.

    >>> history_weight(5), history_weight(95)
    (1.0, 0.1)
    """
    return 10.0 / (n + 5.0)


def histories(train, levels):
    """Yield a field a level of stars: a person's films of that level.

    Each weighs :func:`history_weight` of all the films that the person rated.
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
    """Return the level of each number of stars: how many of the edges it reaches.

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
    """Return whether each feature is of what was told of people, (F,) bool."""
    parts = [
        np.full(len(v), name in side["told"]) for name, v in side["fields"].items()
    ]
    return np.concatenate(parts)


# Who comes new ------------------------------------------------------------------------


def rated_row(side, items, values, levels, scale):
    """Return the row of a person known by ratings, (n_features,); no id, nothing told.

    Raises
    ------
    ValueError
        For an unknown film, a film twice, and stars that are not on the scale.
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
    found, counts = np.unique(items, return_counts=True)
    if (counts > 1).any():
        raise ValueError(f"items holds {found[counts > 1][0]} twice; keep one rating")
    x = np.zeros(side["shape"][1])
    if items.size:
        firsts = np.array([first_of(side, name) for name in fields])
        x[firsts[level_of(values, levels)] + items] = history_weight(items.size)
    return x


def described_row(side, about):
    """Return the row of what ``about`` tells, (n_features,).

    Raises
    ------
    ValueError
        For a key that was no column in training, an unknown genre, or an age or a year
        that is no number.
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
    """Return the columns of truth values that training had."""
    name = "genre" if side["table"] == "movies" else "flag"
    return side["fields"][name] if name in side["told"] else []


def _genres(value, flags):
    """Return a list of genres, each known."""
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
    r"""Return :math:`z = [p_u, b_u]` of somebody new, (k + 1,) float64.

    Where training gave each person an id, the rest of a row need not say what the id
    says, and for somebody without an id it says too little. So it is only believed
    first, as far as there are ratings to it, and then held against the stars:

    .. math::
        z_0 = \frac{n}{n + 10}\, z_{\text{own}} + \frac{10}{n + 10}\,
        z_{\text{typical}}, \qquad
        z = \arg\min_z \sum_{i} \bigl(r_{ui} - \mu - b_i - z^\top [q_i, 1]\bigr)^2
        + 5\, \|z - z_0\|^2 ,

    the sum over the n films that they rated. Without any, z is the typical person's.

    Parameters
    ----------
    films : (n, k + 1) array
        :math:`[q_i, b_i]` of the rated films.
    stars : (n,) array
        :math:`r_{ui}`.
    mean : float
        :math:`\mu`.
    own, typical : (k + 1,) arrays
        What the towers make of the ratings, and of the rows of train on average.

    Examples
    --------
    One film without a vector, two stars above the mean, and 5 + 1 to share them:

    >>> settled(np.zeros((1, 2)), np.array([5.0]), 3.0, np.zeros(2), np.zeros(2))
    array([0.        , 0.33333333])
    """
    share = len(stars) / (len(stars) + DOUBT)
    z = share * own + (1 - share) * typical
    if not len(stars):
        return z
    Q = np.hstack([films[:, :-1], np.ones((len(films), 1))]).astype(np.float64)
    left = stars - mean - films[:, -1] - Q @ z
    return z + np.linalg.solve(Q.T @ Q + REG * np.eye(Q.shape[1]), Q.T @ left)
