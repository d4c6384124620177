"""The two sides of a Bayesian factorization as sparse rows, a number a feature.

A person's vector is the sum of the vectors of the columns that their row has, and so
is a film's. Columns that answer one question, such as the occupation, are a *group*,
which shares a prior.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from recbook._core.features import described, own, row_field

__all__ = ["Side", "sides"]


class Side(NamedTuple):
    """The rows of all people, or of all films.

    ``X`` is a csc_array (n_rows, n_columns) of float64, its indices int32 and sorted;
    column d belongs to the group ``group[d]`` (int64, never falling); ``names`` has,
    for each group in order, its name and the list of what its columns stand for.
    """

    X: sparse.csc_array
    group: np.ndarray
    names: list


def sides(train, movies, users, history, raters):
    r"""Return the features of people and those of films.

    .. math:: w_u = \sum_d X_{ud}\, v_d .

    Groups of people, in order: ``user`` (who it is, 1), ``history`` (the films rated
    in train, each :math:`1 / \sqrt{n_u}`), then each column of ``users``: age in
    bands, ``zip`` (the first character of zip_code), any other as it is. Groups of
    films: ``item``, ``raters`` (who rated it in train, :math:`1 / \sqrt{n_i}`), then
    each column of ``movies`` but title and release_date; columns of truth values are
    one group, ``genre``, each 1 / (how many of them the film has). Those of ``users``
    are ``flag``.

    Parameters
    ----------
    train : Ratings
        Whose ratings make ``history`` and ``raters``, and whose ids give the rows.
    movies, users : pandas.DataFrame or None
        One row an id, in any order, with a column movie_id or user_id.
    history, raters : bool
        Whether the groups of these names exist.

    Returns
    -------
    people, films : Side
        Of train.n_users and train.n_items rows. An id that a table lacks, and a value
        that is missing, have no entry in the groups concerned; who rated nothing has
        none in ``history``. A column stands for each value that some id of train has,
        rated or not, and for each film and each person of train; what only others have
        gets no column, and a question that nobody answers no group.

    Raises
    ------
    ValueError
        Where a table is no DataFrame, lacks its id column, holds an id or a column
        twice, an age or year that is no finite number, or values of a kind that cannot
        be sorted, or where two groups of a side get one name; it names the argument
        and the value.

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
    """Put the columns of all fields side by side; fields without a value are none."""
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
    return Side(X, np.repeat(np.arange(len(names)), sizes), names)
