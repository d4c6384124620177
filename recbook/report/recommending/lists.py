"""Lists for all customers of a log, of what is still sold and is new, or is not."""

from typing import Self

import numpy as np
import pandas as pd
from scipy import sparse

from recbook.base import Recommender, anything, one_of, recommendations
from recbook.baselines import Popularity
from recbook.evaluation.choice import baseline
from recbook.evaluation.windows import KINDS

__all__ = ["BoughtBefore", "Within", "make_lists", "still_sold"]

WEEKS = 13  # an item that nobody bought in a quarter is not offered


def still_sold(orders):
    """Return the ids of the items bought in the last 13 weeks of the orders.

    >>> from recbook import Orders
    >>> log = pd.DataFrame({"c": 1, "i": ["tea", "jam"],
    ...                     "t": ["2025-01-01", "2026-01-01"]})
    >>> still_sold(Orders.from_frame(log, customer="c", item="i", time="t")).tolist()
    ['jam']
    """
    log = orders.frame()
    recent = log["time"] > log["time"].max() - pd.Timedelta(weeks=WEEKS)
    return log["item"][recent].unique()


class BoughtBefore(Recommender):
    """Rank a customer's own items by how often each was bought, ties by popularity."""

    _fitted = "score_"
    _ranges = {}

    def fit(self, train) -> Self:
        """Count, and return the model."""
        self.score_, self.shape_ = baseline("bought before", train), train.csr.shape
        return self

    def scores(self, users) -> np.ndarray:
        """Return a score for every item, (len(users), n_items) float64."""
        return self.score_(users)


class Within(Recommender):
    """A model whose lists hold only items of one kind that are in stock.

    Parameters
    ----------
    model : model
        Unfitted.
    stock : (n_items,) bool array
        The items that a list may hold.
    kind : {"discoveries", "repurchases"}
        Items that a customer has not bought, or has.
    returned : (n_users, n_items) sparse array, optional
        1 where a customer gave an item back, which is then not offered again.
    """

    _fitted = "train_"
    _ranges = {"model": anything(), "stock": anything(), "kind": one_of(*KINDS),
               "returned": anything()}  # fmt: skip

    def __init__(self, model, stock, kind="discoveries", returned=None):
        self.model = model
        self.stock = stock
        self.kind = kind
        self.returned = returned

    def fit(self, train) -> Self:
        """Fit the model, and return it."""
        self.model_, self.train_ = self.model.fit(train), train
        self.shape_ = train.csr.shape
        return self

    def scores(self, users) -> np.ndarray:
        """Return the model's scores, −inf where an item is no candidate."""
        seen = self.train_.csr[users]
        candidates = np.full((len(users), self.shape_[1]), self.kind == "discoveries")
        rows = np.repeat(np.arange(len(users)), np.diff(seen.indptr))
        candidates[rows, seen.indices] = self.kind == "repurchases"
        if self.returned is not None:
            back = self.returned[users]
            rows = np.repeat(np.arange(len(users)), np.diff(back.indptr))
            candidates[rows, back.indices] = False
        return np.where(candidates & self.stock, self.model_.scores(users), -np.inf)

    def _reasons(self, user, items):
        return self.model_._reasons(user, items)


def make_lists(model, orders, kind, k, stock, names=None):
    """Return the lists of all customers, best first, as a DataFrame.

    Parameters
    ----------
    model : model or str
        Unfitted, or the name of a baseline.
    orders : Orders
        The whole log, to which the model is fitted.
    kind : {"discoveries", "repurchases"}
        Items that a customer has not bought, or has.
    k : int
        Length of the lists. A list is shorter where fewer items can be in it.
    stock : array of ids
        The items that may be in a list.
    names : mapping, optional
        Item id to name.

    Returns
    -------
    DataFrame
        As from :func:`recbook.recommendations`. Where no other item is the reason, it
        says how often the customer bought this one, or how many customers did.
    """
    train = orders.ratings()
    if isinstance(model, str):
        model = {"popularity": Popularity, "bought before": BoughtBefore}[model]()
    stock = np.isin(train.item_ids, stock)
    inside = Within(model, stock, kind, _returned(orders, train)).fit(train)
    ids = train.user_ids[np.unique(train.users)]
    table = recommendations(inside, train, ids, k, names, exclude=False)
    bare = (table["because"] == "").to_numpy()
    table.loc[~bare, "because"] = "bought " + table["because"][~bare].astype(str)
    places = np.flatnonzero(bare)
    users = np.searchsorted(train.user_ids, table["user_id"].to_numpy()[places])
    items = np.searchsorted(train.item_ids, table["item_id"].to_numpy()[places])
    counts = np.bincount(train.items, minlength=train.n_items)
    own = np.asarray(train.csr[users, items]).ravel() if places.size else []
    table.iloc[places, table.columns.get_loc("because")] = [
        _times(n) if n else f"bought by {counts[item]:,} customers"
        for n, item in zip(own, items, strict=True)
    ]
    return table


def _returned(orders, train):
    """Return 1 for each customer and item that was given back, as train has them."""
    back = orders.returned()
    users = np.searchsorted(train.user_ids, back["customer"])
    items = np.searchsorted(train.item_ids, back["item"])
    return sparse.csr_array((np.ones(len(back)), (users, items)), train.csr.shape)


def _times(n):
    return "bought once" if n == 1 else f"bought {n:g} times"
