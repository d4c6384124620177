"""Semantic IDs: vectors cut into codes by residual k-means, in NumPy alone."""

from typing import Self

import numpy as np

from recbook._core.arrays import check_array, check_reals
from recbook._core.validate import check_fitted, check_positive_int, generator
from recbook.base import Estimator, check_settings, count
from recbook.deep import histories

__all__ = ["SemanticIDs", "check_vectors", "sequence_vectors"]


class SemanticIDs(Estimator):
    r"""Write each vector as a word of codes, the nearest centroid of each level.

    Level 1 puts the vectors into ``n_codes`` clusters by k-means. What a centroid
    leaves of a vector is its *residual*, and level 2 does the same with the residuals
    of all vectors. With :math:`r_i^{(0)} = v_i`,

    .. math::

        c_{il} = \arg\min_k \lVert r_i^{(l-1)} - m_k^{(l)} \rVert^2 , \qquad
        r_i^{(l)} = r_i^{(l-1)} - m_{c_{il}}^{(l)} .

    The centroids of a word add up to the vector, up to the last residual. Vectors that
    are alike share their first codes, and often all of them. So a last number is added
    to the word, which counts the vectors with the same codes from 0, in the order of
    their rows. Every vector then has a word of its own.

    Parameters
    ----------
    n_codes : int
        Number of clusters of a level, the size of its alphabet.
    n_levels : int
        Number of levels L, the length of a word without its last number.
    n_iterations : int
        Largest number of k-means steps of a level. It stops where no vector moves.
    seed : int
        Seeds the first centroids, which are vectors drawn by k-means++.

    Attributes
    ----------
    codebooks_ : (n_levels, n_codes, d) float64 array
        Centroids :math:`m_k^{(l)}`. With fewer different residuals than codes, some
        centroids are never used.
    codes_ : (n, n_levels + 1) int64 array
        The words of the vectors of ``fit``, with their last number.
    left_ : (n_levels,) float64 array
        Share of :math:`\sum_i \lVert v_i \rVert^2` that the residuals still have after
        each level. It never grows. Zeros if all vectors are zero.

    Raises
    ------
    ValueError
        From ``fit``, if a setting is out of its range or V is no table of finite
        numbers. The message names the row, the column and the value.

    References
    ----------
    - Rajput et al. (2023), "Recommender Systems with Generative Retrieval", NeurIPS,
      section 3.1. It learns the centroids and an encoder together (RQ-VAE) and adds the
      same last number.
    - Arthur & Vassilvitskii (2007), "k-means++: The Advantages of Careful Seeding",
      SODA.

    Examples
    --------
    >>> ids = SemanticIDs(n_codes=2, n_levels=2).fit([[0.0], [1.0], [8.0], [9.0]])
    >>> len({tuple(word) for word in ids.codes_.tolist()})
    4
    >>> ids.left_.round(4).tolist()  # 4 · ½² = 1 of 0 + 1 + 64 + 81 = 146, then nothing
    [0.0068, 0.0]
    >>> ids.decode(ids.encode([[8.2]])).tolist()
    [[8.0]]
    """

    _ranges = {"n_codes": count(), "n_levels": count()}

    def __init__(self, n_codes=24, n_levels=3, n_iterations=50, seed=0):
        self.n_codes = n_codes
        self.n_levels = n_levels
        self.n_iterations = n_iterations
        self.seed = seed

    def fit(self, V) -> Self:
        """Learn the centroids of all levels from vectors and return the object.

        Parameters
        ----------
        V : (n, d) array_like
            Finite numbers, one row for each item. Rows of one length count alike.

        Returns
        -------
        SemanticIDs
            The object itself.
        """
        check_settings(self)
        rng = generator(self.seed)
        V = check_vectors("V", V)
        residuals, total = V.copy(), np.sum(V**2)
        codebooks, codes, left = [], [], []
        for _ in range(self.n_levels):
            centroids, nearest = k_means(
                residuals, self.n_codes, self.n_iterations, rng
            )
            residuals = residuals - centroids[nearest]
            codebooks.append(centroids)
            codes.append(nearest)
            left.append(np.sum(residuals**2) / total if total else 0.0)
        self.codebooks_, self.left_ = np.array(codebooks), np.array(left)
        words = np.column_stack(codes)
        self.codes_ = np.column_stack([words, repeats(words)])
        return self

    def encode(self, V) -> np.ndarray:
        """Return the words of any vectors, without their last numbers.

        Parameters
        ----------
        V : (n, d) array_like
            Vectors of the same kind as those of ``fit``.

        Returns
        -------
        (n, n_levels) int64 array
            The nearest centroid of each level. Of two as near, the lower code.

        Raises
        ------
        ValueError
            If V is no table of finite numbers, or has another number of columns.
        """
        check_fitted(self, "codebooks_")
        residuals, d = check_vectors("V", V), self.codebooks_.shape[2]
        if residuals.shape[1] != d:
            raise ValueError(
                f"V has {residuals.shape[1]} columns, but the vectors of fit had {d}"
            )
        codes = np.empty((len(residuals), len(self.codebooks_)), dtype=np.int64)
        for level, centroids in enumerate(self.codebooks_):
            codes[:, level] = distances(residuals, centroids).argmin(axis=1)
            residuals = residuals - centroids[codes[:, level]]
        return codes

    def decode(self, codes) -> np.ndarray:
        """Return the sums of the centroids of words, (n, d).

        Parameters
        ----------
        codes : (n, m) array_like of int
            Words or their beginnings, of at most ``n_levels`` codes. A last number
            after them is left out.

        Returns
        -------
        (n, d) float64 array
            With no codes at all the sum is zero.

        Raises
        ------
        ValueError
            If a value is no code. The message names the row, the column and the value.
        """
        check_fitted(self, "codebooks_")
        n_levels, n_codes, d = self.codebooks_.shape
        codes = check_words("codes", codes)[:, :n_levels]
        wrong = np.argwhere((codes < 0) | (codes >= n_codes))
        if wrong.size:
            row, column = wrong[0]
            raise ValueError(
                f"codes[{row}, {column}] is {codes[row, column]}, but a code is from 0 "
                f"to {n_codes - 1}"
            )
        total = np.zeros((len(codes), d))
        for level in range(codes.shape[1]):
            total += self.codebooks_[level][codes[:, level]]
        return total


def sequence_vectors(train, n_factors=32, window=3):
    r"""Return a vector for each item from the items that stand near it in time.

    :math:`n_{ij}` counts how often i and j were rated by one user at most ``window``
    steps apart, :math:`n_i = \sum_j n_{ij}` and :math:`N = \sum_i n_i`. The positive
    pointwise mutual information

    .. math:: M_{ij} = \max\bigl(0,\ \ln \frac{n_{ij}\, N}{n_i\, n_j}\bigr)

    says how much more often they meet than chance would have it. With the
    ``n_factors`` largest eigenvalues :math:`\lambda_f > 0` of M and their eigenvectors
    :math:`u_f`, item i has the vector :math:`(\sqrt{\lambda_f}\, u_{fi})_f`, scaled to
    length 1. The vector of an item that meets no other is zero.

    Parameters
    ----------
    train : Ratings
        Ratings with timestamps. Every rating is an event, whatever its stars.
    n_factors : int
        Length of a vector.
    window : int
        Number of steps, at least 1.

    Returns
    -------
    (n_items, n_factors) float64 array
        Columns beyond the number of positive eigenvalues are zero.

    Raises
    ------
    ValueError
        If train has no timestamps, or a number is below 1.

    References
    ----------
    Levy & Goldberg (2014), "Neural Word Embedding as Implicit Matrix Factorization",
    NIPS, section 4.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> V = sequence_vectors(load_toy(), n_factors=2)
    >>> V.shape, (V**2).sum(axis=1).round(6).tolist()
    ((6, 2), [1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    """
    check_positive_int("n_factors", n_factors)
    check_positive_int("window", window)
    items, bounds = histories.ordered(train)
    users = np.repeat(np.arange(train.n_users), np.diff(bounds))
    counts = np.zeros((train.n_items, train.n_items))
    for step in range(1, min(window, np.diff(bounds).max(initial=0) - 1) + 1):
        same = users[step:] == users[:-step]
        pairs = items[:-step][same], items[step:][same]
        np.add.at(counts, pairs, 1.0)
    counts += counts.T
    np.fill_diagonal(counts, 0.0)  # an item that is rated twice is no pair
    total = counts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # pairs that never met
        M = np.log(counts * total.sum() / np.outer(total, total))
    values, vectors = np.linalg.eigh(np.where(counts > 0, np.maximum(M, 0.0), 0.0))
    values, vectors = values[::-1][:n_factors], vectors[:, ::-1][:, :n_factors]
    rounding = 1e-12 * max(values[0], 1.0)  # of an eigenvalue that is zero
    V = vectors * np.sqrt(np.where(values > rounding, values, 0.0))
    lengths = np.linalg.norm(V, axis=1, keepdims=True)
    V = np.where(lengths > 1e-9, V / np.maximum(lengths, 1e-9), 0.0)
    return np.pad(V, ((0, 0), (0, n_factors - V.shape[1])))


def check_vectors(name, V):
    """Return vectors as a float64 table, or raise a ValueError with place and value.

    >>> check_vectors("V", [[1.0], [float("nan")]])
    Traceback (most recent call last):
    ...
    ValueError: V[1, 0] is nan, but a vector consists of finite numbers
    """
    V = check_reals(name, V)
    if V.ndim != 2 or 0 in V.shape:
        raise ValueError(
            f"{name} must be a table with a row for each item, got shape {V.shape}"
        )
    wrong = np.argwhere(~np.isfinite(V))
    if wrong.size:
        row, column = wrong[0]
        raise ValueError(
            f"{name}[{row}, {column}] is {V[row, column]}, but a vector consists of "
            "finite numbers"
        )
    if np.abs(V).max() > 1e100:
        row, column = np.unravel_index(np.abs(V).argmax(), V.shape)
        raise ValueError(
            f"{name}[{row}, {column}] is {V[row, column]}, whose square is too large; "
            "scale the vectors"
        )
    return V


def check_words(name, codes):
    """Return words as an int64 table, or raise a ValueError.

    >>> check_words("codes", [[0.5]])
    Traceback (most recent call last):
    ...
    ValueError: codes must hold integer codes, got 0.5 (float64)
    """
    codes = check_array(name, codes, what="a table of codes, a row for each item")
    if codes.ndim != 2:
        raise ValueError(
            f"{name} must be a table with a row for each item, got shape {codes.shape}"
        )
    if codes.size and codes.dtype.kind not in "iu":
        raise ValueError(
            f"{name} must hold integer codes, got {codes.flat[0]!s} ({codes.dtype})"
        )
    return codes.astype(np.int64)


def k_means(X, n_codes, n_iterations, rng):
    """Return centroids, (n_codes, d), and the nearest one of each row of X.

    The first centroids are drawn by k-means++. A cluster that loses its last row keeps
    its centroid.

    >>> k_means(np.array([[0.0], [2.0]]), 1, 9, np.random.default_rng(0))
    (array([[1.]]), array([0, 0]))
    """
    centroids = first_centroids(X, n_codes, rng)
    nearest = distances(X, centroids).argmin(axis=1)
    for _ in range(n_iterations):
        sizes, sums = np.bincount(nearest, minlength=n_codes), np.zeros_like(centroids)
        np.add.at(sums, nearest, X)
        full = sizes > 0
        centroids[full] = sums[full] / sizes[full, None]
        before, nearest = nearest, distances(X, centroids).argmin(axis=1)
        if np.array_equal(before, nearest):
            break
    return centroids, nearest


def first_centroids(X, n_codes, rng):
    """Return rows of X, each drawn in proportion to its squared distance from those.

    Where no row is away from all that were drawn, the last one is repeated.
    """
    centroids = np.empty((n_codes, X.shape[1]))
    centroids[0] = X[rng.integers(len(X))]
    gap = np.sum((X - centroids[0]) ** 2, axis=1)
    for k in range(1, n_codes):
        place = rng.random() * gap.sum()  # 0 where all rows are drawn
        row = min(np.searchsorted(np.cumsum(gap), place, side="right"), len(X) - 1)
        centroids[k] = X[row] if gap.any() else centroids[0]
        gap = np.minimum(gap, np.sum((X - centroids[k]) ** 2, axis=1))
    return centroids


def distances(X, centroids):
    """Return the squared distance of each row of X from each centroid, (n, n_codes)."""
    # Centroid by centroid: the expanded square would round, and all at once is large.
    return np.column_stack([np.sum((X - m) ** 2, axis=1) for m in centroids])


def repeats(words):
    """Return for each row how many equal rows stand above it.

    >>> repeats(np.array([[1, 2], [0, 0], [1, 2], [1, 2]])).tolist()
    [0, 0, 1, 2]
    """
    _, word = np.unique(words, axis=0, return_inverse=True)
    word = word.ravel()
    order = np.argsort(word, kind="stable")
    first = np.searchsorted(word[order], word[order])
    count = np.empty(len(words), dtype=np.int64)
    count[order] = np.arange(len(words)) - first
    return count
