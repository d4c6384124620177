"""Cosine, Pearson, adjusted cosine and Jaccard between all rows of a matrix."""

import numpy as np

from recbook._core.arrays import check_reals
from recbook._core.topk import top
from recbook._core.validate import (
    check_choice,
    check_k,
    check_matrix,
    check_number,
    check_positive_int,
)
from recbook.similarity.kernels import (
    count_similarities,
    exponent,
    means_of,
    pairwise,
    row_lengths,
    scale_rows,
    with_data,
)

__all__ = ["adjusted_cosine", "cosine", "jaccard", "nearest", "pearson"]


def cosine(X, over="corated", min_support=1, shrinkage=0.0):
    r"""Return the cosine of the angle between every two rows.

    .. math:: s_{uv} = \frac{n_{uv}}{n_{uv} + \beta} \cdot
        \frac{\sum_{i \in I_{uv}} r_{ui} r_{vi}}
        {\sqrt{\sum_i r_{ui}^2} \sqrt{\sum_i r_{vi}^2}}

    :math:`I_{uv}` are the columns that rows u and v both rated, and :math:`n_{uv}` is
    their number. The first factor shrinks similarities with little support.

    Parameters
    ----------
    X : (n, m) array or sparse matrix
        Finite ratings :math:`r_{ui}`. An absent or zero entry is no rating.
    over : {"corated", "all"}
        Which ratings the norms sum over. The default takes the co-rated columns
        :math:`I_{uv}`. ``"all"`` takes all ratings of each row, so that a small overlap
        gives a small similarity.
    min_support : int
        A pair with fewer co-rated columns gets 0.
    shrinkage : float
        :math:`\beta \ge 0`. With :math:`n_{uv} = \beta` half of the similarity remains.

    Returns
    -------
    (n, n) float64 array
        Symmetric, finite, in [-1, 1]. A pair without co-rated columns or with a norm of
        0 gets 0. The diagonal is 1 if the row has a norm, else 0.

    Raises
    ------
    ValueError
        If X is not a matrix of finite numbers or an argument is out of its range.
    MemoryError
        Before the work, if the similarities of all pairs do not fit into memory.

    Notes
    -----
    Ratings from 1 to 5 are all positive, so their cosine is never negative. With
    ``over="corated"`` a single co-rated column always gives 1.

    References
    ----------
    Sarwar et al. (2001), section 3.1.1. Bell and Koren (2007) for the shrinkage.

    Examples
    --------
    >>> float(cosine([[3, 4, 0], [3, 4, 5]])[0, 1])
    1.0
    >>> round(float(cosine([[3, 4, 0], [3, 4, 5]], over="all")[0, 1]), 4)
    0.7071
    """
    X = scale_rows(check_matrix("X", X))
    return pairwise(X, over, min_support, shrinkage)


def pearson(X, mean="own", over="corated", min_support=1, shrinkage=0.0):
    r"""Return the Pearson correlation between every two rows.

    .. math:: s_{uv} = \frac{n_{uv}}{n_{uv} + \beta} \cdot
        \frac{\sum_{i \in I_{uv}} (r_{ui} - \bar r_u)(r_{vi} - \bar r_v)}
        {\sqrt{\sum_i (r_{ui} - \bar r_u)^2} \sqrt{\sum_i (r_{vi} - \bar r_v)^2}}

    It is the cosine after subtracting each row's mean :math:`\bar r_u`. :math:`I_{uv}`
    are the columns that rows u and v both rated, and :math:`n_{uv}` is their number.

    Parameters
    ----------
    X : (n, m) array or sparse matrix
        Finite ratings :math:`r_{ui}`. An absent or zero entry is no rating.
    mean : {"own", "corated"}
        Which mean is subtracted. The default is the mean of all ratings of the row.
        ``"corated"`` takes the mean over :math:`I_{uv}`, another one for each pair.
        This is the correlation coefficient of statistics. Books often print one and
        programs compute the other.
    over : {"corated", "all"}
        Which ratings the norms sum over: the co-rated columns :math:`I_{uv}`, or all
        ratings of each row.
    min_support : int
        A pair with fewer co-rated columns gets 0.
    shrinkage : float
        :math:`\beta \ge 0`. With :math:`n_{uv} = \beta` half of the similarity remains.

    Returns
    -------
    (n, n) float64 array
        Symmetric, finite, in [-1, 1]. A pair without co-rated columns or with a norm of
        0 gets 0. A norm is 0 if the ratings that it sums over all equal the subtracted
        mean, up to rounding. With ``mean="corated"`` and ``over="corated"`` this is so
        for every pair with a single co-rated column. The diagonal is 1 if the row is
        not constant, else 0.

    Raises
    ------
    ValueError
        If X is not a matrix of finite numbers or an argument is out of its range.
    MemoryError
        Before the work, if the similarities of all pairs do not fit into memory.

    References
    ----------
    Resnick et al. (1994), GroupLens. Herlocker et al. (1999) for the support.

    Examples
    --------
    >>> X = [[5, 3, 1, 0], [4, 3, 2, 5]]
    >>> float(pearson(X, mean="corated")[0, 1])
    1.0
    >>> round(float(pearson(X, mean="own")[0, 1]), 4)  # the second row's mean is 3.5
    0.8528
    """
    X = scale_rows(check_matrix("X", X))
    check_choice("mean", mean, ("own", "corated"))
    means = means_of(X.sum(axis=1), np.diff(X.indptr))
    if mean == "corated":
        return pairwise(X, over, min_support, shrinkage, means)
    centers = np.repeat(means, row_lengths(X))
    X = with_data(X, X.data - centers, centers)
    return pairwise(X, over, min_support, shrinkage)


def adjusted_cosine(X, over="corated", min_support=1, shrinkage=0.0):
    r"""Return the cosine between rows after subtracting each column's mean.

    .. math:: s_{ij} = \frac{n_{ij}}{n_{ij} + \beta} \cdot
        \frac{\sum_{u \in U_{ij}} (r_{iu} - \bar r_u)(r_{ju} - \bar r_u)}
        {\sqrt{\sum_u (r_{iu} - \bar r_u)^2} \sqrt{\sum_u (r_{ju} - \bar r_u)^2}}

    Rows are items and columns are users. :math:`\bar r_u` is the mean of all ratings of
    user u, so a user who gives high ratings to everything has no influence.
    :math:`U_{ij}` are the users who rated both items, and :math:`n_{ij}` is their
    number.

    Parameters
    ----------
    X : (n, m) array or sparse matrix
        Finite ratings :math:`r_{iu}`. An absent or zero entry is no rating.
    over : {"corated", "all"}
        Which ratings the norms sum over: those of the common users :math:`U_{ij}`, or
        all ratings of each item.
    min_support : int
        A pair with fewer common users gets 0.
    shrinkage : float
        :math:`\beta \ge 0`. With :math:`n_{ij} = \beta` half of the similarity remains.

    Returns
    -------
    (n, n) float64 array
        Symmetric, finite, in [-1, 1]. A pair without common users or with a norm of 0
        gets 0. A rating equal to its user's mean still counts as rated. The diagonal is
        1 if the row has a norm, else 0.

    Raises
    ------
    ValueError
        If X is not a matrix of finite numbers or an argument is out of its range.
    MemoryError
        Before the work, if the similarities of all pairs do not fit into memory.

    References
    ----------
    Sarwar et al. (2001), section 3.1.3.

    Examples
    --------
    Two items and the users Ann (5, 1) and Bob (2, 4), whose means are both 3.

    >>> adjusted_cosine([[5, 2], [1, 4]])
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    X = check_matrix("X", X)
    X = with_data(X, np.ldexp(X.data, -exponent(np.abs(X.data).max(initial=0.0))))
    columns = X.indices
    totals = np.bincount(columns, X.data, minlength=X.shape[1])
    means = means_of(totals, np.bincount(columns, minlength=X.shape[1]))
    X = with_data(X, X.data - means[columns], means[columns])
    return pairwise(scale_rows(X), over, min_support, shrinkage)


def jaccard(X, min_support=1, shrinkage=0.0):
    r"""Return the Jaccard similarity between every two rows.

    .. math:: s_{uv} = \frac{n_{uv}}{n_{uv} + \beta} \cdot
        \frac{|I_u \cap I_v|}{|I_u \cup I_v|}

    It is the share of common columns among those that either row rated. :math:`I_u` are
    the columns that row u rated, and :math:`n_{uv} = |I_u \cap I_v|`.

    Parameters
    ----------
    X : (n, m) array or sparse matrix
        Only whether an entry is 0 matters.
    min_support : int
        A pair with fewer co-rated columns gets 0.
    shrinkage : float
        :math:`\beta \ge 0`. With :math:`n_{uv} = \beta` half of the similarity remains.

    Returns
    -------
    (n, n) float64 array
        Symmetric, in [0, 1]. A pair without co-rated columns gets 0. The diagonal is 1
        if the row has an entry, else 0.

    Raises
    ------
    ValueError
        If X is not a matrix of finite numbers or an argument is out of its range.
    MemoryError
        Before the work, if the similarities of all pairs do not fit into memory.

    References
    ----------
    Jaccard (1912).

    Examples
    --------
    >>> round(float(jaccard([[1, 1, 0], [0, 1, 1]])[0, 1]), 4)
    0.3333
    """
    X = check_matrix("X", X)
    check_positive_int("min_support", min_support)
    check_number("shrinkage", shrinkage, minimum=0)
    return count_similarities(X, min_support, shrinkage)


def nearest(S, k):
    """Return the k most similar other rows of each row, most similar first.

    Parameters
    ----------
    S : (n, n) array
        Finite similarities. The diagonal is ignored.
    k : int
        Length of each list, at most the number of rows, or 1000 if that is more.

    Returns
    -------
    indices : (n, k) int array
        Row numbers. Ties are ordered by index. All other rows are candidates, even with
        a similarity of 0 or below. -1 is padding if there are fewer than k.
    values : (n, k) float64 array
        Their similarities, 0 for padding.

    Raises
    ------
    ValueError
        If S is not a square matrix of finite numbers or k is not positive.

    Examples
    --------
    >>> S = [[1.0, 0.2, 0.7], [0.2, 1.0, 0.2], [0.7, 0.2, 1.0]]
    >>> indices, values = nearest(S, k=1)
    >>> indices.ravel().tolist(), values.ravel().tolist()
    ([2, 0, 0], [0.7, 0.2, 0.7])
    """
    S = check_reals("S", S)
    if S.ndim != 2 or S.shape[0] != S.shape[1]:
        raise ValueError(f"S must be square, a row and a column each, got {S.shape}")
    n = len(S)
    k = check_k(k, n)
    indices = np.full((n, k), -1, dtype=np.int64)
    values = np.zeros((n, k))
    width = min(k, n - 1)
    if width < 1:
        return indices, values
    for start in range(
        0, n, 256
    ):  # in blocks of rows, which bounds the temporary arrays
        block = S[start : start + 256].copy()
        if not np.isfinite(block).all():
            raise ValueError("S must be finite; give a pair that is unknown a 0")
        rows = np.arange(len(block))
        block[rows, start + rows] = -np.inf
        chosen = top(block, width)
        indices[start : start + 256, :width] = chosen
        values[start : start + 256, :width] = np.take_along_axis(block, chosen, axis=1)
    return indices, values
