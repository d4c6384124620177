"""What models share that have settings to check, and steps that may diverge."""

import numpy as np

from recbook._validate import check_number, check_positive_int

__all__ = ["DivergenceError", "check_ratings", "check_settings", "diverged", "known"]

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
    recbook._settings.DivergenceError: lr=5.0 is too high
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
    recbook._settings.DivergenceError: lr=5.0 is too high: in epoch 3 of \
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
