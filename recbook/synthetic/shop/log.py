"""A shop's log of half a year, all of it invented: who looked at, carted, bought what.

``python -m recbook.synthetic data/shop`` writes it, byte for byte the same each time;
``data/shop/README.md`` is its data card, with every effect that was put in.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recbook.synthetic.shop.customers import Walk, welcome
from recbook.synthetic.shop.products import stock

__all__ = ["ShopFiles", "generate", "write"]

HEADS = {
    "products": "product_id,name,category,price",
    "users": "user_id,age,joined,consent",
    "events": "user_id,product_id,behaviour,timestamp,device",
}


@dataclass(frozen=True)
class ShopFiles:
    """The lines of the three files, each a list of its fields as text."""

    products: list
    users: list
    events: list


def generate(seed=0, n_users=1500):
    """Invent products, customers and their half year in the shop.

    Parameters
    ----------
    seed : int
        Seed of ``numpy.random.default_rng``.
    n_users : int
        How many customers; the products are always 600.

    Returns
    -------
    ShopFiles
        Events in the order of their time.

    Examples
    --------
    >>> shop = generate(n_users=20)
    >>> len(shop.products), len(shop.users), shop.events[0][2]
    (600, 20, 'v')
    """
    rng = np.random.default_rng([seed, 46])
    shelves = stock(rng)
    people = welcome(rng, n_users)
    rows = [
        (when, user, int(product), behaviour, device)
        for user in range(n_users)
        for product, behaviour, when, device in Walk(
            rng, shelves, people, user
        ).events_of()
    ]
    rows.sort(key=lambda row: row[:2])  # stable: of one second, as they happened
    events = [[str(u + 1), str(p + 1), b, str(t), d] for t, u, p, b, d in rows]
    return ShopFiles(shelves.lines, people.lines, events)


def write(folder, data=None):
    """Write products.csv, users.csv and events.csv into ``folder``; return the paths.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     [path.name for path in write(folder, generate(n_users=5))]
    ['products.csv', 'users.csv', 'events.csv']
    """
    data = generate() if data is None else data
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, head in HEADS.items():
        lines = [head, *map(",".join, getattr(data, name))]
        path = folder / f"{name}.csv"
        path.write_bytes(("\n".join(lines) + "\n").encode())  # "\n" on Windows too
        written.append(path)
    return written
