"""Cuts through a log of orders: what was known before, what was bought after."""

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from recbook._core.topk import top_k
from recbook._core.validate import check_positive_int
from recbook.orders.dates import clock
from recbook.ratings import Ratings

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KINDS", "TooShortError", "Window", "cut_dates", "lists", "windows_of"]


class TooShortError(ValueError):
    """The log has not enough time or customers for its cuts.

    >>> issubclass(TooShortError, ValueError)
    True
    """


KINDS = ("discoveries", "repurchases")
CELLS = 2**22  # scores in memory at a time


@dataclass(frozen=True)
class Window:
    """One cut: the table before it, and what its customers bought until the next.

    Parameters
    ----------
    cut, end : Timestamp
        The window begins at the cut, and ends before ``end``.
    train : Ratings
        What was bought before the cut. No model sees more.
    allowed : (n_items,) bool array
        The items that a list may hold.
    users : dict of str to (n,) int array
        For each kind, the customers who bought before the cut, and who bought such
        items in the window.
    relevant : dict of str to (n, n_items) csr_array
        For each kind, the items that they bought in the window.
    n_customers, n_new : int
        How many bought in the window, and how many of them not before.
    """

    cut: "pd.Timestamp"
    end: "pd.Timestamp"
    train: Ratings
    allowed: np.ndarray
    users: dict = field(default_factory=dict)
    relevant: dict = field(default_factory=dict)
    n_customers: int = 0
    n_new: int = 0


def cut_dates(orders, cuts):
    """Return the moments of the cuts, and the end of the last window.

    A number n of cuts gives n windows of equal length, in whole days, in the second
    half of the log. What is before them, at least half of the time, is known at every
    cut.

    >>> import pandas as pd
    >>> from recbook import Orders
    >>> log = pd.DataFrame({"c": 1, "i": [2, 3], "t": ["2026-01-01", "2026-01-20"]})
    >>> orders = Orders.from_frame(log, customer="c", time="t", item="i")
    >>> [str(date.date()) for date in cut_dates(orders, 2)]
    ['2026-01-11', '2026-01-16', '2026-01-21']
    """
    import pandas as pd

    if len(orders) == 0:
        raise ValueError("orders is empty: there is nothing to split by time")
    times = orders.frame()["time"]
    first, last = times.min().floor("D"), times.max().floor("D") + pd.Timedelta(days=1)
    if np.ndim(cuts) == 0 and not isinstance(cuts, str | pd.Timestamp):
        n = check_positive_int("cuts", cuts, minimum=2)
        days = (last - first).days // 2 // n
        if days < 1:
            raise TooShortError(
                f"cuts={n}, but the log covers {(last - first).days} days: {n} windows "
                f"in its second half need {2 * n} days; take fewer cuts or a longer log"
            )
        return [last - pd.Timedelta(days=days * left) for left in range(n, -1, -1)]
    dates = [clock(f"cuts[{place}]", cut) for place, cut in enumerate(_listed(cuts))]
    if len(dates) < 2:
        raise ValueError(
            f"cuts must be at least 2 dates, got {len(dates)}: settings are chosen at "
            "the earlier ones, and tested at the last"
        )
    for place, (one, other) in enumerate(itertools.pairwise([first, *dates, last])):
        if one >= other:
            raise ValueError(
                f"cuts must rise within the log, from {first.date()} to "
                f"{(last - pd.Timedelta(days=1)).date()}; "
                f"cuts[{min(place, len(dates) - 1)}] does not"
            )
    return [*dates, last]


def windows_of(orders, dates, candidates=None):
    """Return a :class:`Window` for each cut; ``candidates`` as for ``choose``.

    >>> import pandas as pd
    >>> from recbook import Orders
    >>> log = pd.DataFrame({"c": 1, "i": ["tea", "nut", "tea", "jam"], "t": [
    ...     "2026-01-01", "2026-01-12", "2026-01-20", "2026-01-20"]})
    >>> orders = Orders.from_frame(log, customer="c", time="t", item="i")
    >>> window = windows_of(orders, cut_dates(orders, ["2026-01-10", "2026-01-15"]))[1]
    >>> {kind: rows.indices.tolist() for kind, rows in window.relevant.items()}
    {'discoveries': [0], 'repurchases': [2]}
    """
    stock = None
    if candidates is not None and not callable(candidates):
        stock = _known_items("candidates", candidates, orders)
    return [
        _window(orders, cut, end, stock, candidates if callable(candidates) else None)
        for cut, end in itertools.pairwise(dates)
    ]


def lists(scorer, window, k):
    """Return the k best items of each kind, (n, k) arrays of codes, -1 where none is.

    Parameters
    ----------
    scorer : callable
        Takes user codes, and returns a score for every item.
    window : Window
        Where the customers, their earlier items and the candidates come from.
    k : int
        Length of the lists.
    """
    n_items = window.train.n_items
    found = {}
    everybody = np.unique(np.concatenate(list(window.users.values())))
    for kind in KINDS:
        found[kind] = np.full((len(everybody), k), -1, dtype=np.int64)
    step = max(1, CELLS // n_items)
    for start in range(0, everybody.size, step):
        rows = slice(start, start + step)
        scores = np.array(scorer(everybody[rows]), dtype=np.float64)  # a copy
        scores[:, ~window.allowed] = -np.inf
        seen = window.train.csr[everybody[rows]]
        found["repurchases"][rows] = among_own(scores, seen, k)
        found["discoveries"][rows] = among_new(scores, seen, k)
    return {
        kind: found[kind][np.searchsorted(everybody, window.users[kind])]
        for kind in KINDS
    }


def among_new(scores, seen, k):
    """Return each row's k best items that are not in ``seen``. It overwrites scores.

    >>> from scipy.sparse import csr_array
    >>> among_new(np.array([[3.0, 2.0, 1.0]]), csr_array([[1, 0, 0]]), 3).tolist()
    [[1, 2, -1]]
    """
    rows = np.repeat(np.arange(seen.shape[0]), np.diff(seen.indptr))
    scores[rows, seen.indices] = -np.inf
    return top_k(scores, k)


def among_own(scores, seen, k):
    """Return each row's k best items among those in ``seen``.

    >>> from scipy.sparse import csr_array
    >>> among_own(np.array([[3.0, 2.0, 1.0]]), csr_array([[1, 0, 4]]), 3).tolist()
    [[0, 2, -1]]
    """
    lengths = np.diff(seen.indptr)
    rows = np.repeat(np.arange(seen.shape[0]), lengths)
    column = np.arange(rows.size) - np.repeat(seen.indptr[:-1], lengths)
    shape = (seen.shape[0], int(lengths.max(initial=1)))
    own, items = np.full(shape, -np.inf), np.full(shape, -1, dtype=np.int64)
    own[rows, column] = scores[rows, seen.indices]
    items[rows, column] = seen.indices
    best = top_k(own, k)
    return np.where(best < 0, -1, np.take_along_axis(items, np.maximum(best, 0), 1))


def _window(orders, cut, end, stock, rule):
    before, after = _between(orders, cut, end)
    train, test = before.ratings(), after.ratings()
    counts = np.bincount(train.items, minlength=train.n_items)
    allowed = counts > 0  # nobody can know what is not sold yet
    if rule is not None:
        allowed &= _known_items("candidates(before)", rule(before), orders)
    if stock is not None:
        allowed, test = allowed & stock, test.subset(stock[test.items])
    has_past = np.bincount(train.users, minlength=train.n_users) > 0
    customers = np.unique(test.users)
    pairs = [t.users.astype(np.int64) * t.n_items + t.items for t in (train, test)]
    again = np.isin(pairs[1], pairs[0])
    users, relevant = {}, {}
    for kind, chosen in zip(KINDS, (~again, again), strict=True):
        table = test.subset(chosen & has_past[test.users])
        users[kind] = np.unique(table.users)
        relevant[kind] = table.csr[users[kind]]
    return Window(
        cut, end, train, allowed, users, relevant,
        len(customers), int((~has_past[customers]).sum()),
    )  # fmt: skip


def _between(orders, cut, end):
    """Return the log before a cut, and from it on until the end of the window."""
    before, rest = orders.split(cut)
    times = rest.frame()["time"]
    if end <= times.iloc[0]:
        raise TooShortError(
            f"cuts: nothing was bought from {cut.date()} to {end.date()}; take fewer "
            "cuts"
        )
    return before, rest if end > times.iloc[-1] else rest.split(end)[0]


def _known_items(name, ids, orders):
    """Return which items of the catalogue are among ``ids``; refuse others."""
    ids = np.asarray(ids if isinstance(ids, np.ndarray) else list(ids))
    stock = np.isin(orders.item_ids, ids)
    if stock.sum() < len(np.unique(ids)):
        known = set(np.asarray(orders.item_ids).tolist())
        unknown = next(one for one in ids.tolist() if one not in known)
        raise ValueError(
            f"{name} holds {unknown!r}, which is no item of the orders; give ids of "
            "orders.item_ids"
        )
    if not stock.any():
        raise ValueError(f"{name} is empty: there is nothing to recommend")
    return stock


def _listed(cuts):
    if isinstance(cuts, str) or not hasattr(cuts, "__iter__"):
        raise ValueError(
            f"cuts must be a number of cuts or a list of dates, got {cuts!r}"
        )
    return cuts
