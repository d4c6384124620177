"""MovieLens's files, invented: people and films drawn, visits, choices and stars."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recbook.ratings import Ratings
from recbook.synthetic import films, people
from recbook.synthetic import taste as model
from recbook.synthetic.draw import normal
from recbook.synthetic.titles import GENRES

__all__ = ["Synthetic", "generate", "ratings", "splits", "write"]


@dataclass(frozen=True)
class Synthetic:
    """An invented data set.

    Parameters
    ----------
    table : (n_ratings, 4) int64 array
        User id, item id, stars and timestamp, ids from 1, rows shuffled.
    items, people : list of lists of str
        The fields of each line of ``u.item`` and ``u.user``.
    seed : int
        The seed that it was made from. The splits are drawn from it too.

    Examples
    --------
    >>> data = generate(n_users=30, n_items=60, n_ratings=700)
    >>> data.table.shape, len(data.items), len(data.people)
    ((700, 4), 60, 30)
    """

    table: np.ndarray
    items: list
    people: list
    seed: int


def generate(seed=0, n_users=943, n_items=1682, n_ratings=100_000):
    """Invent films, people and their ratings.

    Parameters
    ----------
    seed : int
        Seed of ``numpy.random.default_rng``.
    n_users, n_items, n_ratings : int
        Sizes. Each user rates at least ``min(20, n_ratings // n_users)`` items, none
        twice. In tables about as dense as the embedded one, every item is rated.

    Returns
    -------
    Synthetic

    Raises
    ------
    ValueError
        If the sizes cannot be met.

    Examples
    --------
    >>> data = generate(n_users=50, n_items=120, n_ratings=2000)
    >>> data.table.shape, len(data.items), len(data.people)
    ((2000, 4), 120, 50)
    """
    _check_sizes(n_users, n_items, n_ratings)
    rng = np.random.default_rng(seed)
    catalogue = films.shoot(rng, n_items)
    audience = people.invite(rng, n_users, catalogue.genre_factors)
    columns = model.simulate(
        rng, catalogue.items, catalogue.family, audience.factors, n_ratings, cover=True
    )
    u, i, stars, time = columns
    shuffled = np.argsort(rng.random(n_ratings), kind="stable")
    table = np.stack([u + 1, i + 1, stars, time], axis=1)[shuffled]
    return Synthetic(table, catalogue.lines, audience.lines, seed)


def ratings(n_users, n_items, n_ratings, seed=0):
    """Invent a rating table of any size with the tail and taste of the embedded one.

    Parameters
    ----------
    n_users, n_items, n_ratings : int
        Sizes, for instance 6040, 3706 and 1,000,209 for one as large as ML-1M.
    seed : int
        Seed of ``numpy.random.default_rng``.

    Returns
    -------
    recbook.Ratings
        With timestamps, sorted by user and item. A rare item may have no rating.

    Raises
    ------
    ValueError
        If the sizes cannot be met.

    Examples
    --------
    >>> table = ratings(100, 200, 4000, seed=1)
    >>> table.n_users, table.n_items, table.n_ratings
    (100, 200, 4000)
    """
    _check_sizes(n_users, n_items, n_ratings)
    rng = np.random.default_rng(seed)
    items, family = films.anonymous(rng, n_items)
    tastes = normal(rng, n_users, model.N_FACTORS)
    u, i, stars, time = model.simulate(rng, items, family, tastes, n_ratings)
    return Ratings(
        users=u.astype(np.int32),
        items=i.astype(np.int32),
        values=stars.astype(np.float64),
        timestamps=time,
        user_ids=np.arange(1, n_users + 1),
        item_ids=np.arange(1, n_items + 1),
    )


def splits(table, seed=0):
    """Draw the official kinds of split: name → rows of the base and the test file.

    u1 to u5 are five disjoint test sets, each a fifth of the ratings. ua and ub have
    ten ratings of each user in test, disjoint from each other (a quarter of the user's
    ratings if there are fewer than 20).

    Parameters
    ----------
    table : (n_ratings, 4) int array
        As in ``Synthetic``.
    seed : int
        Seeds the draws.

    Returns
    -------
    dict of str to (base, test)
        Two arrays like ``table`` each, sorted by user and item.

    Examples
    --------
    >>> parts = splits(generate(n_users=30, n_items=60, n_ratings=700).table)
    >>> sorted(parts)
    ['u1', 'u2', 'u3', 'u4', 'u5', 'ua', 'ub']
    >>> [len(part) for part in parts["u1"]]
    [560, 140]
    """
    rng = np.random.default_rng([seed, 5])
    n = len(table)
    fold = np.argsort(np.argsort(rng.random(n), kind="stable"), kind="stable") * 5 // n
    test = {f"u{k + 1}": fold == k for k in range(5)}
    order = np.lexsort((rng.random(n), table[:, 0]))
    user = table[order, 0]
    start = np.searchsorted(user, user)
    size = np.searchsorted(user, user, side="right") - start
    rank, ten = np.arange(n) - start, np.minimum(10, size // 4)
    ten[size >= 20] = 10
    for name, low in (("ua", 0), ("ub", 1)):
        mask = np.zeros(n, bool)
        mask[order] = (rank >= low * ten) & (rank < (low + 1) * ten)
        test[name] = mask
    by_user = table[:, :2].T[::-1]
    out = {}
    for name, mask in test.items():
        sort = np.lexsort(by_user)
        inside = mask[sort]
        out[name] = table[sort[~inside]], table[sort[inside]]
    return out


def write(folder, data=None):
    """Write the files of ML-100K, ``u.data`` and the rest, for `data` into `folder`.

    Parameters
    ----------
    folder : str or Path
        Created if it is missing. Files of these names in it are replaced.
    data : Synthetic, optional
        By default ``generate()``.

    Returns
    -------
    list of Path
        The files that were written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> small = generate(n_users=30, n_items=60, n_ratings=700)
    >>> with TemporaryDirectory() as folder:
    ...     sorted(path.name for path in write(folder, small))[:3]
    ['u.data', 'u.genre', 'u.info']
    """
    data = generate() if data is None else data
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"u.data": _rows(data.table)}
    for name, (base, test) in splits(data.table, data.seed).items():
        texts[f"{name}.base"], texts[f"{name}.test"] = _rows(base), _rows(test)
    texts["u.item"] = "".join("|".join(line) + "\n" for line in data.items)
    texts["u.user"] = "".join("|".join(line) + "\n" for line in data.people)
    texts["u.genre"] = "".join(f"{name}|{k}\n" for k, name in enumerate(GENRES)) + "\n"
    texts["u.occupation"] = "".join(f"{name}\n" for name in people.OCCUPATIONS)
    sizes = len(data.people), len(data.items), len(data.table)
    texts["u.info"] = "{} users\n{} items\n{} ratings\n".format(*sizes)
    written = []
    for name, text in texts.items():
        path = folder / name
        path.write_bytes(text.encode("latin-1"))  # the same bytes on Windows too
        written.append(path)
    return written


def _check_sizes(n_users, n_items, n_ratings):
    for name, value in (
        ("n_users", n_users),
        ("n_items", n_items),
        ("n_ratings", n_ratings),
    ):
        if not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"{name} must be a positive integer, got {value!r}")
    if n_ratings < n_users or n_ratings > n_users * n_items * 0.4:
        raise ValueError(
            f"n_ratings={n_ratings} must lie between n_users={n_users} and 40 % of the "
            f"{n_users} x {n_items} cells; change one of the three"
        )


def _rows(table):
    return "".join(f"{u}\t{i}\t{r}\t{t}\n" for u, i, r, t in table.tolist())
