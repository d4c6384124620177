"""The softmax loss over all items, and the batches of users that it needs."""

import numpy as np
from scipy import sparse

from recbook.deep.lazy import tf

__all__ = ["softmax_loss", "user_batches"]


def softmax_loss(logits, rows):
    r"""Return each user's :math:`-\frac{1}{|I_u|}\sum_{i \in I_u} \ln \pi_{ui}`.

    :math:`\pi_{ui}` is the softmax of the user's logits over all items. A logit of
    minus infinity takes an item out of the softmax. It may not be one that the user
    rated.

    Parameters
    ----------
    logits : (n, n_items) float tensor
        Scores of all items.
    rows : (n, n_items) tensor of 0 and 1
        The items that each user rated, at least one per row.

    Returns
    -------
    (n,) float tensor
        The losses in nats.

    Examples
    --------
    Of two equally likely items one was rated, so the loss is ln 2.

    >>> found = softmax_loss(tf.constant([[5.0, 5.0]]), tf.constant([[1.0, 0.0]]))
    >>> round(float(found[0]), 4)
    0.6931
    """
    rows = tf.cast(rows, logits.dtype)
    whole = tf.reduce_logsumexp(logits, axis=1)  # (n,), stable for large logits
    rated = tf.where(rows > 0, logits, 0.0)
    return whole - tf.reduce_sum(rated, axis=1) / tf.reduce_sum(rows, axis=1)


def user_batches(R, user_power):
    """Return a ``draw`` of the users with ratings, their dense rows and their weights.

    A user's weight is :math:`|I_u|^{1-a}` divided by its mean. With a = 1 each user
    counts the same, and with a = 0 each rating does.

    Parameters
    ----------
    R : (n_users, n_items) csr_array
        Each entry is a rating, whatever its value.
    user_power : float
        The exponent a, at least 0.

    Returns
    -------
    callable
        For ``train_epochs``: users (n,) int32, rows (n, n_items) uint8 and weights (n,)
        float32, in a new order in each epoch.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> draw = user_batches(load_toy().csr, user_power=0.0)
    >>> users, rows, weights = draw(np.random.default_rng(0))
    >>> bool((rows.sum(axis=1) == 4 * weights).all())  # 20 ratings, 5 people
    True
    """
    counts = np.diff(R.indptr)
    raters = np.flatnonzero(counts).astype(np.int32)
    weights = counts[raters].astype(float) ** (1.0 - user_power)
    weights = (weights / weights.mean()).astype(np.float32)
    ones = np.ones_like(R.data, dtype=np.uint8)  # one byte per cell
    rows = sparse.csr_array((ones, R.indices, R.indptr), shape=R.shape).toarray()
    rows = rows[raters]

    def draw(rng):
        order = rng.permutation(raters.size)
        return raters[order], rows[order], weights[order]

    return draw
