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
        What is asked, :math:`s`.
    keys : (..., T, d) array
        What there is, :math:`h_t`.
    scale : bool
        Divide by :math:`\sqrt{d}`: with independent entries of mean 0 and variance 1,
        the plain dot product has variance :math:`d`, and the scaled one 1.

    Returns
    -------
    (..., n, T) or (T,) array
        Any real numbers; 0 for vectors at right angles.

    Raises
    ------
    ValueError
        Queries and keys of different lengths have no dot product.

    References
    ----------
    Vaswani et al., "Attention Is All You Need", NeurIPS 2017, equation 1.

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
    r"""Score by a small network, :math:`e_t = v^\top \tanh(W_q s + W_k h_t)`.

    The matrices stand here as Keras keeps them, one column a hidden unit, so that the
    code multiplies from the right. Queries and keys may differ in length.

    Parameters
    ----------
    queries : (..., n, d_query) or (d_query,) array
        What is asked, :math:`s`.
    keys : (..., T, d_key) array
        What there is, :math:`h_t`.
    W_query : (d_query, n_hidden) array
        :math:`W_q^\top`.
    W_key : (d_key, n_hidden) array
        :math:`W_k^\top`.
    v : (n_hidden,) array
        What each hidden unit counts.

    Returns
    -------
    (..., n, T) or (T,) array
        Between :math:`-\sum |v|` and :math:`\sum |v|`.

    References
    ----------
    Bahdanau, Cho & Bengio, "Neural Machine Translation by Jointly Learning to Align and
    Translate", ICLR 2015, appendix A.1.2.

    Examples
    --------
    >>> additive_score([1.0], [[0.0], [-1.0]], [[1.0]], [[1.0]], [1.0]).round(3)
    array([0.762, 0.   ])
    """
    queries, keys = vectors("queries", queries, 1), vectors("keys", keys, 2)
    asked, there = queries @ np.asarray(W_query), keys @ np.asarray(W_key)
    if queries.ndim > 1:  # every query with every key: (..., n, T, n_hidden)
        asked, there = asked[..., :, None, :], there[..., None, :, :]
    return np.tanh(asked + there) @ np.asarray(v)


def softmax(scores, mask=None):
    r"""Attention weights, :math:`\alpha_t = e^{e_t} / \sum_{t'=1}^T e^{e_{t'}}`.

    Parameters
    ----------
    scores : (..., T) array
        Attention scores :math:`e_t`. The largest of a row is taken away first, which
        changes no weight and keeps the exponentials from overflowing.
    mask : bool array, optional
        True where a step is real; broadcast to the scores' shape. Padding takes no part
        in the sum, whatever its score is, and gets weight 0. A score of
        :math:`-\infty` counts as padding.

    Returns
    -------
    (..., T) float64 array
        Non-negative; a row sums to 1, or is all zeros where nothing in it is real.

    Raises
    ------
    ValueError
        A real score is NaN or :math:`+\infty`, or the mask does not fit.

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
    below = np.full(scores.shape, -np.inf)  # what is masked: exp(-inf) = 0
    powers = np.exp(np.subtract(scores, largest, out=below, where=real))
    total = powers.sum(axis=-1, keepdims=True)
    return np.divide(powers, total, out=np.zeros(scores.shape), where=total > 0)


def attend(queries, keys, values, mask=None, score="dot", scale=True):
    r"""Average the values, weighted by how well their keys fit the query.

    .. math::

        e_t = f(h_t, s), \qquad
        \alpha_t = \frac{e^{e_t}}{\sum_{t'=1}^T e^{e_{t'}}}, \qquad
        c = \sum_{t=1}^T \alpha_t h_t

    In the last of them :math:`h_t` is a value; keys and values may be the same array.

    Parameters
    ----------
    queries : (..., n, d) or (d,) array
        :math:`s`, one a row.
    keys : (..., T, d) array
        :math:`h_t`, what is compared with the query.
    values : (..., T, d_value) array
        :math:`h_t`, what is averaged.
    mask : bool array, optional
        True where a query may look; broadcast to the scores' shape, (..., n, T). For a
        batch of padded sequences give (batch, 1, T).
    score : "dot" or callable
        :math:`f`: ``score(queries, keys)`` returns the scores.
    scale : bool
        For ``"dot"``, see :func:`dot_score`.

    Returns
    -------
    context : (..., n, d_value) or (d_value,) array
        :math:`c`; zeros where a query may look at nothing.
    weights : (..., n, T) or (T,) array
        :math:`\alpha_t`, see :func:`softmax`.

    Raises
    ------
    ValueError
        Shapes that do not fit, or another `score`.

    Examples
    --------
    A query that fits neither of two keys more than the other: the plain average.

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
    """Let each of n steps look at itself and at what came before, not after.

    Parameters
    ----------
    n : int
        Steps.

    Returns
    -------
    (n, n) bool array
        True on the diagonal and below: row t may look at columns 0 to t. Step t may
        know its own input since what it shall guess is step t + 1.

    Examples
    --------
    >>> causal_mask(3).astype(int).tolist()
    [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    """
    return np.tri(check_positive_int("n", n, minimum=0), dtype=bool)


def multi_head(queries, keys, values, matrices, n_heads, mask=None):
    r"""Attend n_heads times, each with maps of its own, and mix what they find.

    Parameters
    ----------
    queries : (..., n, d) array
        What asks.
    keys, values : (..., T, d) arrays
        What is compared, and what is averaged.
    matrices : four arrays
        :math:`W_Q, W_K, W_V`, (d, n_heads · size), columns head by head, and
        :math:`W_O`, (n_heads · size, d).
    n_heads : int
        Number of heads.
    mask : bool array, optional
        As for :func:`attend`, (..., n, T), the same for every head.

    Returns
    -------
    outputs : (..., n, d) array
    weights : (..., n_heads, n, T) array

    References
    ----------
    Vaswani et al., "Attention Is All You Need", NeurIPS 2017, section 3.2.2.

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
    found, weights = attend(*heads, mask)  # (..., n_heads, n, size)
    return merge_heads(found) @ W_out, weights


def split_heads(x, n_heads):
    """Cut each vector into n_heads parts, a small attention for each of them.

    Parameters
    ----------
    x : (..., T, d) array
        ``n_heads`` divides d.
    n_heads : int
        Number of parts.

    Returns
    -------
    (..., n_heads, T, d / n_heads) array

    Raises
    ------
    ValueError
        ``n_heads`` does not divide d.

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
    """Put the heads' parts side by side again, as before :func:`split_heads`.

    >>> merge_heads(split_heads([[1, 2, 3, 4]], n_heads=2)).tolist()
    [[1.0, 2.0, 3.0, 4.0]]
    """
    x = vectors("x", x, 3).swapaxes(-2, -3)  # (..., T, n_heads, d / n_heads)
    return x.reshape(*x.shape[:-2], -1)


def vectors(name, x, least):
    """Return x as a float array of at least so many axes."""
    x = np.asarray(x, dtype=np.float64)
    if x.ndim < least:
        raise ValueError(f"{name} has shape {x.shape}: give {least} axes or more")
    return x


def _checked(mask, shape):
    """Return the mask as booleans that broadcast to the shape; all True for None."""
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
