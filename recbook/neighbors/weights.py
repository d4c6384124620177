"""Weights between all rows of a neighbourhood model: their room and their power."""

import numpy as np

from recbook._core.memory import check_squares

__all__ = ["amplify", "check_pairs_fit", "weights_of"]

FEWER = {  # whether the rows are users
    True: "keep fewer users, or take ItemKNN or ImplicitALS",
    False: (
        "keep the items that have most ratings, count by product type, or take "
        "ImplicitALS, which has no table of pairs"
    ),
}


def check_pairs_fit(n, by_user, amplification):
    """Raise a MemoryError unless the weights of all pairs of rows fit into memory.

    >>> check_pairs_fit(10_000_000, by_user=True, amplification=1.0)
    Traceback (most recent call last):
    ...
    MemoryError: 10,000,000 users need 745,058 GiB (8 bytes × 10,000,000²), and ...
    """
    tables = 1 if amplification == 1.0 else 2
    check_squares("users" if by_user else "items", [n] * tables, FEWER[by_user])


def weights_of(similarity, rows):
    """Return a copy of what a reader's ``similarity`` makes of the rows.

    >>> weights_of(lambda rows: [[1, 2]], np.eye(2))
    Traceback (most recent call last):
    ...
    ValueError: similarity must return a finite matrix of shape (2, 2), got shape (1, 2)
    """
    weights = np.array(similarity(rows), dtype=np.float64)
    if weights.shape != (rows.shape[0],) * 2 or not np.isfinite(weights).all():
        raise ValueError(
            "similarity must return a finite matrix of shape "
            f"{(rows.shape[0],) * 2}, got shape {weights.shape}"
        )
    return weights


def amplify(weights, power):
    r"""Set each weight to :math:`\mathrm{sign}(s)\,|s|^\rho`, in place.

    >>> weights = np.array([-0.5, 2.0])
    >>> amplify(weights, 2.0)
    >>> weights.tolist()
    [-0.25, 4.0]
    """
    sizes = np.abs(weights)
    np.power(sizes, power, out=sizes)
    np.copysign(sizes, weights, out=weights)
