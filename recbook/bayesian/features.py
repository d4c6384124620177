"""The features of users and items as sparse rows, for the Bayesian factorization.

A user's row is the sum of the vectors of the user's features, and an item's likewise.
Features that answer one question, such as the occupation, form a *group* and share a
prior.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from recbook._core.features import described, own, row_field

__all__ = ["Side", "sides"]


class Side(NamedTuple):
    """The rows of all users, or of all items.

    ``X`` is a csc_array (n_rows, n_columns) of float64 with sorted int32 indices.
    Column d belongs to the group ``group[d]`` (int64, never falling). ``names`` holds
    the name of each group and the list of the values of its columns, in order.
    """

    X: sparse.csc_array
    group: np.ndarray
    names: list


def sides(train, movies, users, history, raters):
    r"""Return the features of the users and those of the items.

    .. math:: w_u = \sum_d X_{ud}\, v_d

    The groups of users, in order, are ``user`` (the user itself, 1), ``history`` (the
    items rated in train, each :math:`1 / \sqrt{n_u}`) and each column of ``users``:
    age in bands, ``zip`` (the first character of zip_code), any other as it is. The
    groups of items are ``item``, ``raters`` (the users who rated it in train, each
    :math:`1 / \sqrt{n_i}`) and then each column of ``movies`` except title and
    release_date. Boolean columns of ``movies`` form one group, ``genre``, where each
    value is 1 / (the item's number of genres). Those of ``users`` form ``flag``.

    Parameters
    ----------
    train : Ratings
        Its ratings make ``history`` and ``raters``, and its ids are the rows.
    movies, users : pandas.DataFrame or None
        One row for each id, in any order, with a column movie_id or user_id.
    history, raters : bool
        Whether the groups of these names exist.

    Returns
    -------
    people, films : Side
        Rows of all users and of all items. An id that a table lacks, or a missing
        value, has no entry in the groups concerned. A user without ratings has no entry
        in ``history``. There is a column for each value that some id of train has, and
        for each item and each user of train. Values of other ids get no column, and a
        group without values does not exist.

    Raises
    ------
    ValueError
        If a table is no DataFrame, lacks its id column, holds an id or a column twice,
        an age or year that is no finite number, or values that cannot be sorted, or if
        two groups of a side have the same name. The message names the argument and the
        value.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> people, films = sides(load_toy(), None, None, history=True, raters=False)
    >>> [(name, len(values)) for name, values in people.names]
    [('user', 5), ('history', 6)]
    >>> people.X.toarray()[4].round(3).tolist()  # Eve, who rated Up and Coco
    [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.707, 0.707, 0.0]
    >>> films.X.shape
    (6, 6)
    """
    people = [own("user", train.user_ids)]
    if history:
        people.append(row_field("history", train.csr, train.item_ids))
    if users is not None:
        people += described("users", users, "user_id", train.user_ids, years=True)
    films = [own("item", train.item_ids)]
    if raters:
        films.append(row_field("raters", train.csr.T.tocsr(), train.user_ids))
    if movies is not None:
        films += described("movies", movies, "movie_id", train.item_ids, years=True)
    return (
        _side("users", train.n_users, people),
        _side("movies", train.n_items, films),
    )


def _side(argument, n_rows, fields):
    """Join the columns of all fields, without fields that have no value."""
    names, parts, first = [], [], 0
    for name, values, rows, codes, x in fields:
        if name in dict(names):
            raise ValueError(
                f"{argument} has a column that makes a second group {name!r}; "
                "rename or drop it"
            )
        if values or not names:  # group 0 is always the ids
            names.append((name, values))
            parts.append((x, rows, first + np.asarray(codes, dtype=np.int32)))
            first += len(values)
    x, rows, columns = (np.concatenate(part) for part in zip(*parts, strict=True))
    places = rows.astype(np.int32), columns.astype(np.int32)
    X = sparse.csc_array((x, places), shape=(n_rows, first))
    X.sum_duplicates()  # sorts; there are no duplicates
    sizes = [len(values) for _, values in names]
    return Side(X, np.repeat(np.arange(len(names), dtype=np.int64), sizes), names)
