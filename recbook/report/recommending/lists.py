"""Lists for all customers of a log, with the reader's ids and a reason for each row."""

import numpy as np
import pandas as pd
from tqdm import tqdm

from recbook.evaluation.choice import baseline
from recbook.evaluation.windows import CELLS, among_new, among_own

__all__ = ["Reasons", "make_lists", "names_of", "still_sold"]

WEEKS = 13  # an item that nobody bought in a quarter is not offered
COLUMNS = ["user_id", "rank", "item_id", "name", "score", "because"]


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


def names_of(ids, names):
    """Return a name for each id as text, the id itself where there is none.

    >>> names_of(["007", "008"], {"007": "Tea"})
    ['Tea', '008']
    """
    known = {} if names is None else dict(names)
    return [str(known.get(one, one)) for one in ids]


class Reasons:
    """Why an item is in a customer's list: which of their own items spoke for it most.

    For EASE and ItemKNN that is the item with the largest weight, for ImplicitALS the
    one whose factors are nearest by cosine. An ensemble takes the reasons of its first
    model.
    """

    def __init__(self, model, train, labels):
        self._labels = labels
        self._n_customers = np.bincount(train.items, minlength=train.n_items)
        while hasattr(model, "models_"):
            model = model.models_[0]
        self._place = np.arange(train.n_items)
        if hasattr(model, "kept_"):
            self._place = np.full(train.n_items, -1)
            self._place[model.kept_] = np.arange(model.kept_.size)
            model = model.model_
        self._weights = getattr(model, "B_", getattr(model, "similarity_", None))
        self._factors = None
        if self._weights is None and hasattr(model, "Q_"):
            lengths = np.linalg.norm(model.Q_, axis=1, keepdims=True)
            self._factors = model.Q_ / np.where(lengths > 0, lengths, 1.0)

    def of(self, own, times, items):
        """Return a reason for each item, given the customer's own and how often."""
        bought = dict(zip(own.tolist(), times.tolist(), strict=True))
        found = [
            f"bought {bought[item]:g} times" if bought.get(item, 0) > 1
            else "bought once" if item in bought
            else f"bought by {self._n_customers[item]:,} customers"
            for item in items.tolist()
        ]  # fmt: skip
        if not own.size or (self._weights is None and self._factors is None):
            return found
        own = own[self._place[own] >= 0]
        speak = self._between(own, items)
        for column, item in enumerate(items.tolist()):
            if item not in bought and own.size and speak[:, column].max() > 0:
                best = own[speak[:, column].argmax()]
                found[column] = f"bought {self._labels[best]}"
        return found

    def _between(self, own, items):
        rows, columns = self._place[own], self._place[items]
        if self._factors is not None:
            return self._factors[rows] @ self._factors[columns].T
        between = self._weights[np.ix_(rows, np.maximum(columns, 0))]
        return np.where(columns >= 0, between, 0.0)


def make_lists(model, orders, kind, k, stock, names=None, verbose=False):
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
    verbose : bool
        Whether to show a progress bar where it takes over three seconds.

    Returns
    -------
    DataFrame
        user_id, rank (from 1), item_id, name, score, because.
    """
    train = orders.ratings()
    allowed = np.isin(train.item_ids, stock)
    if isinstance(model, str):
        scorer = baseline(model, train)
    else:
        scorer = model.fit(train).scores
    labels = names_of(train.item_ids.tolist(), names)
    reasons = Reasons(model, train, labels)
    users = np.flatnonzero(np.bincount(train.users, minlength=train.n_users))
    rows = {"user": [], "rank": [], "item": [], "score": [], "because": []}
    step = max(1, CELLS // train.n_items)
    for start in tqdm(
        range(0, users.size, step), delay=3, leave=False, disable=not verbose,
        desc="lists",
    ):  # fmt: skip
        block = users[start : start + step]
        scores = np.array(scorer(block), dtype=np.float64)
        scores[:, ~allowed] = -np.inf
        seen = train.csr[block]
        pick = among_new if kind == "discoveries" else among_own
        values = scores.copy()
        ranked = pick(scores, seen, k)
        for place, user in enumerate(block):
            items = ranked[place][ranked[place] >= 0]
            mine = slice(seen.indptr[place], seen.indptr[place + 1])
            rows["user"].append(np.full(items.size, user))
            rows["rank"].append(np.arange(1, items.size + 1))
            rows["item"].append(items)
            rows["score"].append(values[place, items])
            rows["because"] += reasons.of(seen.indices[mine], seen.data[mine], items)
    user, rank, item, score = (
        np.concatenate(rows[name]) for name in ("user", "rank", "item", "score")
    )
    columns = [
        train.user_ids[user], rank, train.item_ids[item],
        [labels[one] for one in item.tolist()], score, rows["because"],
    ]  # fmt: skip
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
