"""What the tests of compiled loops share."""

import numpy as np


def plain(kernel):
    """Return the Python behind a kernel, also where there is no numba."""
    return getattr(kernel, "py_func", kernel)


def counts(train):
    """Return how many ratings each user gave, and each item has."""
    return (
        np.bincount(train.users, minlength=train.n_users),
        np.bincount(train.items, minlength=train.n_items),
    )
