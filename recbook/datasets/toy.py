"""The toy table of the book: five people, six films."""

import numpy as np

from recbook.ratings import Ratings

__all__ = ["load_toy"]

USERS = ["Ann", "Bob", "Cem", "Dee", "Eve"]
ITEMS = ["Alien", "Dune", "Heat", "Up", "Coco", "Babe"]
TABLE = [  # 0 is no rating
    [5, 5, 4, 1, 2, 0],
    [4, 5, 5, 2, 0, 1],
    [5, 0, 4, 0, 1, 0],
    [1, 0, 2, 5, 4, 5],
    [0, 0, 0, 4, 5, 0],
]


def load_toy() -> Ratings:
    """Return the book's running example: five people, six films, 20 ratings.

    Returns
    -------
    Ratings
        Mean exactly 3.5. Timestamps are the days 1 to 20: Ann's five first, in the
        order of the films, then Bob's, Cem's, Dee's and Eve's.

    Examples
    --------
    >>> toy = load_toy()
    >>> toy.n_ratings, float(toy.values.mean())
    (20, 3.5)
    """
    table = np.array(TABLE, dtype=np.float64)
    users, items = np.nonzero(table)
    days = np.arange(1, len(users) + 1)
    return Ratings(users, items, table[users, items], days, USERS, ITEMS)
