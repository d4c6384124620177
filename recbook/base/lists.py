"""Lists of a fitted model with the reader's own ids, and the reasons for them."""

from collections.abc import Mapping

import numpy as np

from recbook._core.progress import bar
from recbook._core.validate import check_fitted, check_k
from recbook.base.recommender import Recommender
from recbook.ratings import check_table

__all__ = ["recommendations"]

BLOCK = 256  # users whose scores are held at the same time
MOST = 3  # reasons for one item


def recommendations(
    model, ratings, ids=None, k=10, names=None, exclude=None, reasons=True
):
    """Return the best items of each user as a table with ids, names and reasons.

    Parameters
    ----------
    model : Recommender
        A fitted model, such as :class:`~recbook.EASE`.
    ratings : Ratings
        The table that the model was fitted to, or another with the same codes. Its
        ``user_ids`` and ``item_ids`` are the ids of the lists.
    ids : (n,) array_like, optional
        Ids of the users who get a list, not codes. By default all users of the table.
    k : int
        Length of the lists, at most the number of items, or 1000 if that is more.
    names : dict or Series, optional
        Name of each item by its id. An item without one is named by its id.
    exclude : Ratings or False, optional
        What is left out of a user's list. By default ``ratings``: what the user has
        already. ``False`` leaves nothing out, for goods that are bought again.
    reasons : bool
        Whether to say why, where the model can: :class:`~recbook.EASE`,
        :class:`~recbook.EDLAE`, :class:`~recbook.SLIM`, :class:`~recbook.ItemKNN` and
        :class:`~recbook.ImplicitALS`, and an :class:`~recbook.Ensemble` of them.

    Returns
    -------
    DataFrame
        One row for each item of a list: ``user_id``, ``rank`` from 1, ``item_id``,
        ``name``, ``score``, and ``because``, the names of up to three of the user's
        other items that add most to the score, with semicolons between them. It is
        empty text where the model gives no reason. Where a user has fewer than k
        candidates, the list is shorter.

    Raises
    ------
    ValueError
        For an id that is not in the table, a table of another shape than the model's,
        and names of which none belongs to an item.

    Examples
    --------
    >>> from recbook import EASE
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> model = EASE(reg=1.0).fit(toy)
    >>> best = recommendations(model, toy, ["Eve"], k=2)
    >>> best[["user_id", "rank", "item_id", "because"]].values.tolist()
    [['Eve', 1, 'Alien', 'Coco; Up'], ['Eve', 2, 'Heat', 'Coco; Up']]
    """
    import pandas as pd  # here, so that `import recbook` does not load it

    _check_model(model, ratings)
    users = np.arange(ratings.n_users) if ids is None else ratings.codes(ids)
    k, exclude = check_k(k, ratings.n_items), _left_out(model, ratings, exclude)
    named = _named(ratings.item_ids, names)
    columns = {name: [] for name in ("user", "rank", "item", "score")}
    because = []
    starts = range(0, users.size, BLOCK)
    for start in bar(starts, "lists", disable=False):
        block = users[start : start + BLOCK]
        ranked, scores = model._top(block, k, exclude)
        rows, places = np.nonzero(ranked >= 0)
        items = ranked[rows, places]
        found = (block[rows], places + 1, items, scores[rows, items])
        for column, values in zip(columns.values(), found, strict=True):
            column.append(values)
        if reasons:
            for user, listed in zip(block, ranked, strict=True):
                because += _because(model, user, listed[listed >= 0], named)
    user, rank, item, score = (np.concatenate([[], *c]) for c in columns.values())
    user, item = user.astype(np.int64), item.astype(np.int64)
    return pd.DataFrame(
        {
            "user_id": ratings.user_ids[user],
            "rank": rank.astype(np.int64),
            "item_id": ratings.item_ids[item],
            "name": named[item],
            "score": score,
            "because": because if reasons else "",
        }
    )


def _check_model(model, ratings):
    """Raise unless a model is fitted, and to a table of the shape of ``ratings``."""
    check_table("ratings", ratings)
    if not isinstance(model, Recommender):
        raise TypeError(
            f"model must be a model of recbook that recommends, such as EASE, not "
            f"{type(model).__name__}"
        )
    check_fitted(model, model._fitted)
    model._check_exclude(ratings, "ratings")


def _left_out(model, ratings, exclude):
    """Return the table of what the lists leave out, or None."""
    if exclude is None:
        return ratings
    if exclude is False:
        return None
    model._check_exclude(exclude)
    return exclude


def _named(item_ids, names):
    """Return the name of each item, its id as text where it has none."""
    import pandas as pd

    ids = item_ids.tolist()
    if names is None:
        names = {}
    if isinstance(names, pd.Series):
        if not names.index.is_unique:
            twice = names.index[names.index.duplicated()].tolist()[0]
            raise ValueError(f"names holds {twice!r} twice; keep one name for each id")
        names = names.to_dict()
    if not isinstance(names, Mapping):
        raise TypeError(
            "names must be a dict or a Series from item id to name, such as "
            f"products.set_index('id')['name'], not {type(names).__name__}"
        )
    if names and ids and not any(item in names for item in ids):
        raise ValueError(
            f"names holds none of the items' ids: {next(iter(names))!r} there, "
            f"{ids[0]!r} in ratings; give both the same type"
        )
    found = [names.get(item) for item in ids]
    found = [
        str(item if pd.isna(name) else name)
        for item, name in zip(ids, found, strict=True)
    ]
    return np.array(found, dtype=object)


def _because(model, user, items, named):
    """Return the reasons for each item of a user's list, as text."""
    own, added = model._reasons(user, items)
    added = np.where(own[:, None] == items, 0.0, added)  # no item explains itself
    best = np.argsort(-added, axis=0, kind="stable")[:MOST]  # (MOST, n)
    return [
        "; ".join(named[own[place]] for place in column if added[place, n] > 0)
        for n, column in enumerate(best.T)
    ]
