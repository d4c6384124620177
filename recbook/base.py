"""What all recommenders share: ranges of settings, checks of train, lists."""

import numpy as np

from recbook._core.topk import top_k
from recbook._core.validate import check_codes, check_number, check_positive_int
from recbook.ratings import Ratings

__all__ = [
    "DivergenceError",
    "check_ratings",
    "check_settings",
    "check_train",
    "diverged",
    "known",
    "recommend",
]

LARGEST = 1e30  # products of a few such numbers, and sums of them, are finite

# Hyper-parameter -> what it must be. A model is checked for those that it has.
FROM_ZERO_TO = dict.fromkeys(("alpha", "init_std", "reg", "reg_bias"), LARGEST)
FROM_ZERO_TO |= {"reg_power": 10.0, "user_power": 10.0}  # of a number of ratings
FROM_ZERO_TO |= {"others": 1e6}  # events drawn, per event of the target
FROM_ZERO_TO |= {"kg_weight": LARGEST, "margin": LARGEST}
FROM_ZERO_TO |= {"beta": LARGEST, "implicit": LARGEST}
ABOVE_ZERO = ("lr", "lr_decay")
COUNTS = {"n_factors": 1, "n_epochs": 0, "n_iterations": 1, "cg_steps": 1, "seed": 0}
# Of the networks: numbers of things, shares, and the widths of hidden layers.
COUNTS |= dict.fromkeys(("batch_size", "patience", "n_negatives", "n_steps"), 1)
COUNTS |= {"n_hidden": 1, "n_heads": 1, "n_blocks": 1, "n_layers": 0, "n_anneal": 0}
COUNTS |= {"visit_gap": 0}  # seconds
SHARES = ("dropout", "id_dropout", "validation_share")


class DivergenceError(ValueError, FloatingPointError):
    """Training left the finite numbers; the message names lr and the epoch.

    A model that was fitted before is as it was.

    >>> raise DivergenceError("lr=5.0 is too high")
    Traceback (most recent call last):
    ...
    recbook.base.DivergenceError: lr=5.0 is too high
    """


def check_settings(model):
    """Raise a ValueError for the first hyper-parameter out of its range, by name."""
    settings = vars(model)
    for name, most in FROM_ZERO_TO.items():
        if name in settings:
            check_number(name, settings[name], 0.0, most)
    for name in ABOVE_ZERO:
        if settings.get(name) is None and name != "lr":
            continue  # not a setting of this model, or left to decay_of
        if name in settings and check_number(name, settings[name], 0.0) == 0.0:
            raise ValueError(f"{name} must be more than 0, got {settings[name]!r}")
    optional = getattr(model, "_may_be_none", ())  # names that None has a meaning for
    for name, minimum in COUNTS.items():
        if name in settings and not (name in optional and settings[name] is None):
            check_positive_int(name, settings[name], minimum=minimum)
    for name in SHARES:
        if name in settings and check_number(name, settings[name], 0.0) >= 1.0:
            raise ValueError(f"{name} must be less than 1, got {settings[name]!r}")
    if "hidden" in settings:
        _check_widths(settings["hidden"])


def _check_widths(hidden):
    """Raise unless ``hidden`` is a tuple or list of layer widths, perhaps empty."""
    if not isinstance(hidden, tuple | list):
        raise ValueError(f"hidden must be a tuple of layer widths, got {hidden!r}")
    for width in hidden:
        check_positive_int("hidden", width, minimum=1)


def check_ratings(train):
    """Raise a ValueError where the stars are so many that squares would overflow."""
    furthest = train.values[np.abs(train.values).argmax()]
    if abs(furthest) > LARGEST:
        raise ValueError(
            f"train holds a rating of {furthest:g}, further from 0 than {LARGEST:g}; "
            "divide the ratings by a number"
        )


def diverged(model, epoch):
    """Return what to raise after an epoch, the first being 1, of a model with ``lr``.

    >>> from recbook import MatrixFactorization
    >>> raise diverged(MatrixFactorization(lr=5.0, n_epochs=20), epoch=3)
    Traceback (most recent call last):
    ...
    recbook.base.DivergenceError: lr=5.0 is too high: in epoch 3 of \
20 the parameters left the finite numbers; try lr=0.5
    """
    growing = " and lr_decay=1.0" if (getattr(model, "lr_decay", None) or 0) > 1 else ""
    return DivergenceError(
        f"lr={model.lr} is too high: in epoch {epoch} of {model.n_epochs} the "
        f"parameters left the finite numbers; try lr={model.lr / 10:.2g}{growing}"
    )


def known(train):
    """Return which users, and which items, have a rating in train: two bool arrays."""
    return (
        np.bincount(train.users, minlength=train.n_users) > 0,
        np.bincount(train.items, minlength=train.n_items) > 0,
    )


BLOCK = 1024  # users at a time, so that scores never hold n_users x n_items


def check_train(train):
    """Return ``train`` where it is a table a model can learn from.

    Raises
    ------
    TypeError
        If ``train`` is not a :class:`recbook.Ratings`.
    ValueError
        If it holds no rating: then not even a mean exists.
    """
    if not isinstance(train, Ratings):
        raise TypeError(
            f"train must be a recbook.Ratings, not {type(train).__name__}; "
            "make one with Ratings.from_frame(df)"
        )
    if train.n_ratings == 0:
        raise ValueError("train holds no ratings; a model needs at least one")
    return train


def recommend(model, users, k, exclude, shape):
    """Return each user's ``k`` best items by ``model.scores``, less the excluded.

    Parameters
    ----------
    model : object
        Anything with ``scores(users) -> (len(users), n_items)``.
    users : (n,) int array
        User codes.
    k : int
        Length of the lists.
    exclude : Ratings or None
        Its items are no candidates for the users who rated them; usually train.
    shape : (int, int)
        Users and items that the model was fitted on.

    Returns
    -------
    (n, k) int64 array
        Item codes, best first, ties by item code, padded with -1.
    """
    users = check_codes("users", users, shape[0])
    k = check_positive_int("k", k)
    if exclude is not None:
        if not isinstance(exclude, Ratings):
            raise TypeError(
                "exclude must be a recbook.Ratings (usually train) or None, "
                f"not {type(exclude).__name__}"
            )
        if exclude.csr.shape != tuple(shape):
            raise ValueError(
                f"exclude has {exclude.csr.shape} users and items, the model was "
                f"fitted on {tuple(shape)}; take both from one table"
            )
    ranked = np.empty((users.size, k), dtype=np.int64)
    for start in range(0, users.size, BLOCK):
        block = users[start : start + BLOCK]
        scores = np.array(model.scores(block), dtype=np.float64)  # ours to change
        if exclude is not None:
            seen = exclude.csr[block]
            rows = np.repeat(np.arange(block.size), np.diff(seen.indptr))
            scores[rows, seen.indices] = -np.inf
        ranked[start : start + BLOCK] = top_k(scores, k)
    return ranked
