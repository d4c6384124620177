"""What the autoencoders share: a table of cells, and how some of them are hidden."""

import numpy as np

__all__ = ["dense", "gaps"]


def dense(rows, columns, values, shape):
    """Return a float32 table with ``values`` in their cells and 0 elsewhere.

    >>> dense([0, 1], [1, 0], [2.0, 3.0], (2, 2)).tolist()
    [[0.0, 2.0], [3.0, 0.0]]
    """
    table = np.zeros(shape, dtype=np.float32)
    table[rows, columns] = values
    return table


def gaps(columns, share, rng):
    r"""Return the columns less a random share p of their places, for one epoch.

    Dropout, drawn by NumPy, and for the cells that hold something alone: the others
    are 0 either way, and are nineteen of twenty in a table of ratings. What is made of
    the rest is to be divided by :math:`1 - p`, so that a sum over cells keeps its
    expectation. Keras's layer would draw for every cell, which under XLA takes longer
    than all the rest of a step.

    >>> rows, values = gaps(np.ones((2, 1000)), 0.75, np.random.default_rng(0))
    >>> rows.size == values.size, 200 < rows.size < 300
    (True, True)
    """
    kept = rng.random(len(columns[0])) >= share
    return [column[kept] for column in columns]
