"""Attention in NumPy, with any number of leading batch axes."""

import numpy as np

from recbook._core.validate import check_positive_int

__all__ = [
    "additive_score",
    "attend",
    "causal_mask",
    "dot_score",
    "merge_heads",
    "multi_head",
    "softmax",
    "split_heads",
    "vectors",
]


def dot_score(queries, keys, scale=True):
    r"""Score each key for each query by :math:`e_t = s^\top h_t / \sqrt{d}`.

    Parameters
    ----------
    queries : (..., n, d) or (d,) array
        The queries :math:`s`.
    keys : (..., T, d) array
        The keys :math:`h_t`.
    scale : bool
        Whether to divide by :math:`\sqrt{d}`. With independent entries of mean 0 and
        variance 1, the plain dot product has variance :math:`d`, and the scaled one 1.

    Returns
    -------
    (..., n, T) or (T,) array
        Any real numbers. Orthogonal vectors score 0.

    Raises
    ------
    ValueError
        If queries and keys have different lengths.

    References
    ----------
    Vaswani et al. (2017), "Attention Is All You Need", NeurIPS, equation 1.

    Examples
    --------
    >>> dot_score([3.0, 4.0, 0.0, 0.0], [[1.0, 1.0, 9.0, 9.0], [0.0, 0.0, 1.0, 0.0]])
    array([3.5, 0. ])
    """
    queries, keys = vectors("queries", queries, 1), vectors("keys", keys, 2)
    d = keys.shape[-1]
    if queries.shape[-1] != d:
        raise ValueError(
            f"queries have {queries.shape[-1]} numbers each and keys {d}: a dot "
            "product needs equally many; map one by a matrix, or use additive_score"
        )
    scores = queries @ keys.swapaxes(-1, -2)
    return scores / np.sqrt(d) if scale else scores


def additive_score(queries, keys, W_query, W_key, v):
    r"""Score each key for each query by a small network.

    .. math:: e_t = v^\top \tanh(W_q s + W_k h_t)

    The matrices are stored as Keras stores them, with one column for each hidden unit,
    so the code multiplies from the right. Queries and keys may differ in length.

    Parameters
    ----------
    queries : (..., n, d_query) or (d_query,) array
        The queries :math:`s`.
    keys : (..., T, d_key) array
        The keys :math:`h_t`.
    W_query : (d_query, n_hidden) array
        :math:`W_q^\top`.
    W_key : (d_key, n_hidden) array
        :math:`W_k^\top`.
    v : (n_hidden,) array
        Weight of each hidden unit.

    Returns
    -------
    (..., n, T) or (T,) array
        Scores between :math:`-\sum |v|` and :math:`\sum |v|`.

    References
    ----------
    Bahdanau, Cho & Bengio (2015), "Neural Machine Translation by Jointly Learning to
    Align and Translate", ICLR, appendix A.1.2.

    Examples
    --------
    >>> additive_score([1.0], [[0.0], [-1.0]], [[1.0]], [[1.0]], [1.0]).round(3)
    array([0.762, 0.   ])
    """
    queries, keys = vectors("queries", queries, 1), vectors("keys", keys, 2)
    s, h = queries @ np.asarray(W_query), keys @ np.asarray(W_key)
    if queries.ndim > 1:  # every query with every key: (..., n, T, n_hidden)
        s, h = s[..., :, None, :], h[..., None, :, :]
    return np.tanh(s + h) @ np.asarray(v)


def softmax(scores, mask=None):
    r"""Turn the scores of each row into attention weights.

    .. math:: \alpha_t = \frac{e^{e_t}}{\sum_{t'=1}^T e^{e_{t'}}}

    Parameters
    ----------
    scores : (..., T) array
        Attention scores :math:`e_t`. The largest score of a row is subtracted first.
        This changes no weight and keeps the exponentials from overflowing.
    mask : bool array, optional
        True where a step is real. It must broadcast to the shape of the scores. Padding
        takes no part in the sum and gets weight 0. A score of :math:`-\infty` counts as
        padding.

    Returns
    -------
    (..., T) float64 array
        Non-negative weights. A row sums to 1, or is all zeros if no step in it is real.

    Raises
    ------
    ValueError
        If a real score is NaN or :math:`+\infty`, or if the mask does not fit.

    Examples
    --------
    >>> softmax([[0.0, 0.0, 5.0]], mask=[True, True, False]).tolist()
    [[0.5, 0.5, 0.0]]
    >>> softmax([1000.0, 1000.0], mask=[False, False]).tolist()
    [0.0, 0.0]
    """
    scores = vectors("scores", scores, 1)
    real = np.broadcast_to(_checked(mask, scores.shape), scores.shape)
    if np.isnan(scores[real]).any() or (scores[real] == np.inf).any():
        raise ValueError("scores hold NaN or +inf, which have no softmax")
    real = real & (scores > -np.inf)
    largest = scores.max(axis=-1, keepdims=True, where=real, initial=-np.inf)
    below = np.full(scores.shape, -np.inf)  # a masked step: exp(-inf) = 0
    powers = np.exp(np.subtract(scores, largest, out=below, where=real))
    total = powers.sum(axis=-1, keepdims=True)
    return np.divide(powers, total, out=np.zeros(scores.shape), where=total > 0)


def attend(queries, keys, values, mask=None, score="dot", scale=True):
    r"""Average the values, weighted by how well their keys fit the query.

    .. math::

        e_t = f(h_t, s), \qquad
        \alpha_t = \frac{e^{e_t}}{\sum_{t'=1}^T e^{e_{t'}}}, \qquad
        c = \sum_{t=1}^T \alpha_t h_t

    In the scores :math:`h_t` is a key, and in the last sum it is a value. Keys and
    values may be the same array.

    Parameters
    ----------
    queries : (..., n, d) or (d,) array
        One query :math:`s` per row.
    keys : (..., T, d) array
        The :math:`h_t` that are compared with the query.
    values : (..., T, d_value) array
        The :math:`h_t` that are averaged.
    mask : bool array, optional
        True where a query may look. It must broadcast to the shape of the scores,
        (..., n, T). For a batch of padded sequences give (batch, 1, T).
    score : "dot" or callable
        The function :math:`f`. A callable returns scores from ``score(queries, keys)``.
    scale : bool
        Whether "dot" divides by :math:`\sqrt{d}`, as in
        :func:`~recbook.deep.attention.dot_score`.

    Returns
    -------
    context : (..., n, d_value) or (d_value,) array
        The averages :math:`c`. They are zeros if a query may look at nothing.
    weights : (..., n, T) or (T,) array
        The weights :math:`\alpha_t` from :func:`~recbook.deep.attention.softmax`.

    Raises
    ------
    ValueError
        If the shapes do not fit or ``score`` is neither "dot" nor callable.

    Examples
    --------
    The query fits both keys equally well, so the result is the plain average.

    >>> context, weights = attend([[0.0, 1.0]], np.eye(2)[[0, 0]], [[2.0], [4.0]])
    >>> context.tolist(), weights.tolist()
    ([[3.0]], [[0.5, 0.5]])
    """
    keys, values = vectors("keys", keys, 2), vectors("values", values, 2)
    if keys.shape[-2] != values.shape[-2]:
        raise ValueError(
            f"there are {keys.shape[-2]} keys and {values.shape[-2]} values: "
            "give a value for each key"
        )
    if callable(score):
        scores = score(queries, keys)
    elif score == "dot":
        scores = dot_score(queries, keys, scale)
    else:
        raise ValueError(f"score={score!r}: say 'dot', or give a function")
    weights = softmax(scores, mask)  # (..., n, T)
    return weights @ values, weights


def causal_mask(n):
    """Let each of n steps look at itself and at earlier steps, but not at later ones.

    Parameters
    ----------
    n : int
        Number of steps.

    Returns
    -------
    (n, n) bool array
        True on and below the diagonal: row t may look at columns 0 to t. Step t may
        look at its own input because it predicts the input of step t + 1.

    Examples
    --------
    >>> causal_mask(3).astype(int).tolist()
    [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    """
    return np.tri(check_positive_int("n", n, minimum=0), dtype=bool)


def multi_head(queries, keys, values, matrices, n_heads, mask=None):
    """Attend ``n_heads`` times with different projections and mix the results.

    Parameters
    ----------
    queries : (..., n, d) array
        The queries.
    keys, values : (..., T, d) arrays
        What is compared with the queries, and what is averaged.
    matrices : four arrays
        :math:`W_Q, W_K, W_V`, each (d, n_heads · size) with the columns head by head,
        and :math:`W_O`, (n_heads · size, d).
    n_heads : int
        Number of heads.
    mask : bool array, optional
        As for :func:`~recbook.deep.attention.attend`, (..., n, T), the same for every
        head.

    Returns
    -------
    outputs : (..., n, d) array
        The mixed results of all heads.
    weights : (..., n_heads, n, T) array
        The attention weights of each head.

    References
    ----------
    Vaswani et al. (2017), "Attention Is All You Need", NeurIPS, section 3.2.2.

    Examples
    --------
    >>> x, I = np.array([[1.0, 2.0], [3.0, 4.0]]), np.eye(2)
    >>> outputs, weights = multi_head(x, x, x, (0 * I, I, I, I), n_heads=2)
    >>> outputs.tolist(), weights.shape
    ([[2.0, 3.0], [2.0, 3.0]], (2, 2, 2))
    """
    *maps, W_out = map(np.asarray, matrices)
    parts = zip((queries, keys, values), maps, strict=True)
    heads = [split_heads(np.asarray(x) @ W, n_heads) for x, W in parts]
    mask = None if mask is None else np.asarray(mask)[..., None, :, :]
    contexts, weights = attend(*heads, mask)  # (..., n_heads, n, size)
    return merge_heads(contexts) @ W_out, weights


def split_heads(x, n_heads):
    """Cut each vector into ``n_heads`` equal parts, one for each head.

    Parameters
    ----------
    x : (..., T, d) array
        The vectors.
    n_heads : int
        Number of heads, a divisor of d.

    Returns
    -------
    (..., n_heads, T, d / n_heads) array
        The parts, head by head.

    Raises
    ------
    ValueError
        If ``n_heads`` does not divide d.

    Examples
    --------
    >>> split_heads([[1, 2, 3, 4], [5, 6, 7, 8]], n_heads=2).tolist()
    [[[1.0, 2.0], [5.0, 6.0]], [[3.0, 4.0], [7.0, 8.0]]]
    """
    x, n_heads = vectors("x", x, 2), check_positive_int("n_heads", n_heads)
    if x.shape[-1] % n_heads:
        raise ValueError(f"n_heads={n_heads} does not divide {x.shape[-1]} numbers")
    parts = x.reshape(*x.shape[:-1], n_heads, -1)  # (..., T, n_heads, d / n_heads)
    return parts.swapaxes(-2, -3)


def merge_heads(x):
    """Join the parts of all heads again, the inverse of ``split_heads``.

    Parameters
    ----------
    x : (..., n_heads, T, size) array
        The parts, head by head.

    Returns
    -------
    (..., T, n_heads · size) array
        The joined vectors.

    Examples
    --------
    >>> merge_heads(split_heads([[1, 2, 3, 4]], n_heads=2)).tolist()
    [[1.0, 2.0, 3.0, 4.0]]
    """
    x = vectors("x", x, 3).swapaxes(-2, -3)  # (..., T, n_heads, d / n_heads)
    return x.reshape(*x.shape[:-2], -1)


def vectors(name, x, least):
    """Return x as a float array with at least ``least`` axes."""
    x = np.asarray(x, dtype=np.float64)
    if x.ndim < least:
        raise ValueError(f"{name} has shape {x.shape}: give {least} axes or more")
    return x


def _checked(mask, shape):
    """Return the mask as booleans that broadcast to the shape. None is all True."""
    mask = np.asarray(True if mask is None else mask)
    if mask.dtype != bool and not np.isin(mask, (0, 1)).all():
        raise ValueError("mask must hold True (real) and False (padding)")
    try:
        fits = np.broadcast_shapes(mask.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"mask has shape {mask.shape}, the scores {shape}: it must broadcast to it"
        )
    return mask.astype(bool)
