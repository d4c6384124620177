"""Cosine, Pearson, adjusted cosine and Jaccard between all rows of a matrix."""

import numpy as np

from recbook._core.topk import top
from recbook._core.validate import (
    check_choice,
    check_matrix,
    check_number,
    check_positive_int,
)
from recbook.similarity.kernels import (
    count_similarities,
    exponent,
    means_of,
    pairwise,
    scale_rows,
    with_data,
)

__all__ = ["adjusted_cosine", "cosine", "jaccard", "nearest", "pearson"]


def cosine(X, over="corated", min_support=1, shrinkage=0.0):
    r"""Cosine of the angle between each two rows.

    .. math:: s_{uv} = \frac{n_{uv}}{n_{uv} + \beta} \cdot
        \frac{\sum_{i \in I_{uv}} r_{ui} r_{vi}}
        {\sqrt{\sum_i r_{ui}^2} \sqrt{\sum_i r_{vi}^2}}

    Parameters
    ----------
    X : (n, m) array or sparse matrix
        Ratings :math:`r_{ui}`, finite; 0 or absent is "not rated".
    over : {"corated", "all"}
        Where the sums of the norms run: over :math:`I_{uv}`, so that only what
        both rated is compared, or over all of :math:`I_u` and :math:`I_v`, so
        that a small overlap makes a small number.
    min_support : int
        A pair with :math:`n_{uv}` below it gets 0.0.
    shrinkage : float
        :math:`\beta \ge 0`, in co-rated entries: at :math:`n_{uv} = \beta` half
        of the similarity is left.

    Returns
    -------
    (n, n) float64 array
        Symmetric, finite, in [-1, 1]. A pair without a co-rated column, or with a
        norm of zero, gets 0.0. The diagonal is 1 where the row has a norm, else 0,
        whatever the support and the shrinkage.

    Raises
    ------
    ValueError
        Where `X` is not a matrix of finite numbers or an argument is out of range.

    Notes
    -----
    Ratings from 1 to 5 are all positive, so their cosine cannot say "opposite";
    and over the co-rated columns, one common column makes it exactly 1.

    References
    ----------
    Sarwar et al. (2001), section 3.1.1; Bell and Koren (2007) for the shrinkage.

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
    r"""Pearson correlation of each two rows: the cosine of what is left of a mean.

    .. math:: s_{uv} = \frac{n_{uv}}{n_{uv} + \beta} \cdot
        \frac{\sum_{i \in I_{uv}} (r_{ui} - \bar r_u)(r_{vi} - \bar r_v)}
        {\sqrt{\sum_i (r_{ui} - \bar r_u)^2} \sqrt{\sum_i (r_{vi} - \bar r_v)^2}}

    Parameters
    ----------
    X : (n, m) array or sparse matrix
        Ratings :math:`r_{ui}`, finite; 0 or absent is "not rated".
    mean : {"own", "corated"}
        The mean :math:`\bar r_u`: over all of :math:`I_u`, one for each row, or
        over :math:`I_{uv}`, another for each pair. The second is the correlation
        coefficient of statistics; books print one and programs compute the other.
    over : {"corated", "all"}
        Where the sums of the norms run: over :math:`I_{uv}`, or over all of
        :math:`I_u` and :math:`I_v`, with the same means as the numerator.
    min_support : int
        A pair with :math:`n_{uv}` below it gets 0.0.
    shrinkage : float
        :math:`\beta \ge 0`, in co-rated entries.

    Returns
    -------
    (n, n) float64 array
        Symmetric, finite, in [-1, 1]. A pair without a co-rated column, or with a
        norm of zero, gets 0.0: so does a row that is constant up to rounding over
        the columns of its sum, such as one co-rated entry about its own mean. The
        diagonal is 1 where the row is not constant, else 0.

    Raises
    ------
    ValueError
        Where `X` is not a matrix of finite numbers or an argument is out of range.

    References
    ----------
    Resnick et al. (1994), GroupLens; Herlocker et al. (1999) for the support.

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
    centers = np.repeat(means, np.diff(X.indptr))
    X = with_data(X, X.data - centers, centers)
    return pairwise(X, over, min_support, shrinkage)


def adjusted_cosine(X, over="corated", min_support=1, shrinkage=0.0):
    r"""Cosine between rows after each column has lost its own mean.

    .. math:: s_{ij} = \frac{n_{ij}}{n_{ij} + \beta} \cdot
        \frac{\sum_{u \in U_{ij}} (r_{iu} - \bar r_u)(r_{ju} - \bar r_u)}
        {\sqrt{\sum_u (r_{iu} - \bar r_u)^2} \sqrt{\sum_u (r_{ju} - \bar r_u)^2}}

    Rows are items and columns are users: :math:`\bar r_u` is over all that user u
    rated, which takes out that some users give high marks to everything.

    Parameters
    ----------
    X : (n, m) array or sparse matrix
        Ratings :math:`r_{iu}`, finite; 0 or absent is "not rated".
    over : {"corated", "all"}
        Where the sums of the norms run: over :math:`U_{ij}`, the users who rated
        both, or over all users of each item.
    min_support : int
        A pair with fewer co-raters :math:`n_{ij}` gets 0.0.
    shrinkage : float
        :math:`\beta \ge 0`, in co-raters.

    Returns
    -------
    (n, n) float64 array
        Symmetric, finite, in [-1, 1]. A pair without a co-rater, or with a norm of
        zero, gets 0.0. A rating equal to its user's mean counts as rated. The
        diagonal is 1 where the row has a norm, else 0.

    Raises
    ------
    ValueError
        Where `X` is not a matrix of finite numbers or an argument is out of range.

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
    r"""Share of the columns that either row rated which both rated.

    .. math:: s_{uv} = \frac{n_{uv}}{n_{uv} + \beta} \cdot
        \frac{|I_u \cap I_v|}{|I_u \cup I_v|}

    Parameters
    ----------
    X : (n, m) array or sparse matrix
        Only which entries are not 0 matters.
    min_support : int
        A pair with :math:`n_{uv}` below it gets 0.0.
    shrinkage : float
        :math:`\beta \ge 0`, in co-rated entries.

    Returns
    -------
    (n, n) float64 array
        Symmetric, in [0, 1]. The diagonal is 1 where the row has an entry, else 0.

    Raises
    ------
    ValueError
        Where `X` is not a matrix of finite numbers or an argument is out of range.

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
    """The k most similar others of each row, the most similar first.

    Parameters
    ----------
    S : (n, n) array
        Similarities, finite. Row u is asked about, itself left out.
    k : int
        Length of each list.

    Returns
    -------
    indices : (n, k) int array
        Among equal similarities the lower index comes first. Everybody else is a
        candidate, also at a similarity of 0 or below. -1 pads the lists where
        there are fewer than k others.
    values : (n, k) float64 array
        The similarities; 0.0 beside a padding.

    Raises
    ------
    ValueError
        Where `S` is not a square matrix of finite numbers or k is not positive.

    Examples
    --------
    >>> S = [[1.0, 0.2, 0.7], [0.2, 1.0, 0.2], [0.7, 0.2, 1.0]]
    >>> indices, values = nearest(S, k=1)
    >>> indices.ravel().tolist(), values.ravel().tolist()
    ([2, 0, 0], [0.7, 0.2, 0.7])
    """
    S = np.asarray(S, dtype=np.float64)
    if S.ndim != 2 or S.shape[0] != S.shape[1]:
        raise ValueError(f"S must be square, a row and a column each, got {S.shape}")
    k = check_positive_int("k", k)
    n = len(S)
    indices = np.full((n, k), -1)
    values = np.zeros((n, k))
    width = min(k, n - 1)
    if width < 1:
        return indices, values
    for start in range(0, n, 256):  # a block of rows, so that scratch stays small
        block = S[start : start + 256].copy()
        if not np.isfinite(block).all():
            raise ValueError("S must be finite; give a pair that is unknown a 0")
        rows = np.arange(len(block))
        block[rows, start + rows] = -np.inf
        chosen = top(block, width)
        indices[start : start + 256, :width] = chosen
        values[start : start + 256, :width] = np.take_along_axis(block, chosen, axis=1)
    return indices, values
