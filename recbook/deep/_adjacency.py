"""Ratings as the edges of a graph, and vectors that walk along them."""

import numpy as np
from scipy import sparse

from recbook._validate import check_positive_int

__all__ = ["edges", "normalized_adjacency", "propagate"]


def normalized_adjacency(R):
    r"""Return the normalised graph of people and items, :math:`D^{-1/2} A D^{-1/2}`.

    The nodes are the users and then the items; A has a 1 where the user rated the
    item, and no other edge. An edge weighs :math:`1/\sqrt{d_u d_i}`, d being the
    degree, the number of edges of a node.

    Parameters
    ----------
    R : (n_users, n_items) csr_array
        As ``Ratings.csr``: an entry is an edge, whatever its value.

    Returns
    -------
    (n_users + n_items, n_users + n_items) csr_array of float64
        Symmetric, with eigenvalues in [-1, 1]. The row of a node without edges is 0.

    References
    ----------
    He et al., "LightGCN", SIGIR 2020, equation 8.

    Examples
    --------
    One user with two items: degrees 2, 1 and 1.

    >>> R = sparse.csr_array(np.array([[5.0, 3.0]]))
    >>> normalized_adjacency(R).toarray().round(3).tolist()
    [[0.0, 0.707, 0.707], [0.707, 0.0, 0.0], [0.707, 0.0, 0.0]]
    """
    users, items = edges(R)
    n_users, n = R.shape[0], sum(R.shape)
    rows = np.concatenate([users, items + n_users])
    columns = np.concatenate([items + n_users, users])
    degree = np.bincount(rows, minlength=n)
    weights = 1.0 / np.sqrt(degree[rows] * degree[columns])
    return sparse.csr_array((weights, (rows, columns)), shape=(n, n))


def edges(R):
    """Return the users and the items of R's entries, zeros among them, as int32.

    >>> edges(sparse.csr_array(([1.0, 0.0], ([0, 0], [1, 2])), shape=(1, 3)))[1]
    array([1, 2], dtype=int32)
    """
    users = np.repeat(np.arange(R.shape[0], dtype=np.int32), np.diff(R.indptr))
    return users, R.indices.astype(np.int32)


def propagate(A, E, n_layers):
    r"""Return LightGCN's vectors, :math:`\frac{1}{K+1} \sum_{k=0}^{K} A^k E`.

    Parameters
    ----------
    A : (n, n) csr_array
        From :func:`normalized_adjacency`.
    E : (n, n_factors) array
        A vector for each node.
    n_layers : int
        K, at least 0; with 0 nothing moves.

    Returns
    -------
    (n, n_factors) float64 array

    References
    ----------
    He et al., "LightGCN", SIGIR 2020, equations 7 and 4.

    Examples
    --------
    A number at the user is handed to both items, 1/sqrt(2) to each, and halved.

    >>> A = normalized_adjacency(sparse.csr_array(np.array([[5.0, 3.0]])))
    >>> propagate(A, np.array([[1.0], [0.0], [0.0]]), n_layers=1).round(3).tolist()
    [[0.5], [0.354], [0.354]]
    """
    n_layers = check_positive_int("n_layers", n_layers, minimum=0)
    layer = np.asarray(E, dtype=np.float64)
    total = layer.copy()
    for _ in range(n_layers):
        layer = A @ layer
        total += layer
    return total / (n_layers + 1)
