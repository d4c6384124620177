"""The layer that reads and writes code words.

Importing this module imports TensorFlow, so models import it where they build.
"""

import numpy as np

from recbook.deep.lazy import keras, tf

__all__ = ["CodeWords"]

IMPOSSIBLE = -1e9  # a logit whose exponential is 0 in float32


class CodeWords(keras.layers.Layer):
    r"""Items as sums of their codes' embeddings, and a small softmax for each level.

    Code c of level l has the embedding :math:`e_c^{(l)}` and the bias
    :math:`b_c^{(l)}`. Item i enters as :math:`x_i = \sum_l e_{c_{il}}^{(l)}`. After the
    state h, and below the codes :math:`c_1, \dots, c_{l-1}`, code c of level l has the
    logit

    .. math::

        s_c = g_l^\top e_c^{(l)} + b_c^{(l)}, \qquad
        g_l = \tanh\Bigl(A_l h + B_l \sum_{m<l} e_{c_m}^{(m)} + a_l\Bigr) ,

    and a probability by softmax, over the codes that exist below this node of the trie
    or, if not ``masked``, over the whole alphabet of the level. An item's probability
    is the product over the levels.

    Parameters
    ----------
    trie : Trie
        The items' words.
    n_factors : int
        Length d of embeddings and states.
    masked : bool
        Whether codes that do not exist below a node are left out of the softmax.
    draw : iterator of int
        Seeds for the initial weights.

    Examples
    --------
    >>> from recbook.deep.semantic.trie import Trie
    >>> words = CodeWords(Trie([[0, 0], [0, 1], [1, 0]]), 2, True, iter(range(9)))
    >>> x = words(tf.constant([[0, 3]]))  # padding, then item 2
    >>> tuple(x.shape), int(tf.math.count_nonzero(x[0, 0]))
    ((1, 2, 2), 0)
    >>> round(float(tf.reduce_sum(tf.exp(words.scores(x[:, 1])))), 5)
    1.0
    """

    def __init__(self, trie, n_factors, masked, draw, **kwargs):
        super().__init__(**kwargs)
        self.trie, self.n_factors, self.masked = trie, n_factors, masked
        self.draw = draw

    def build(self, _):
        """Make embeddings and biases of the codes, and the maps of each level."""
        d, draw = self.n_factors, self.draw
        normal = keras.initializers.RandomNormal
        glorot = keras.initializers.GlorotUniform
        add, levels = self.add_weight, range(len(self.trie.sizes))
        self.E = [
            add((size, d), normal(0.0, d**-0.5, next(draw)), name=f"E{level}")
            for level, size in enumerate(self.trie.sizes)
        ]
        self.b = [
            add((size,), "zeros", name=f"b{level}")
            for level, size in enumerate(self.trie.sizes)
        ]
        self.A = [add((d, d), glorot(next(draw)), name=f"A{level}") for level in levels]
        self.B = [None]  # nothing stands above the first level
        self.B += [add((d, d), glorot(next(draw)), name=f"B{n}") for n in levels[1:]]
        self.a = [add((d,), "zeros", name=f"a{level}") for level in levels]

    def call(self, windows):
        """Return the items' vectors, (batch, T, n_factors), with zeros for padding."""
        items = tf.maximum(windows - 1, 0)
        codes = tf.gather(tf.constant(self.trie.codes, tf.int32), items)
        x = self.summed(codes)
        return x * tf.cast(windows > 0, x.dtype)[..., None]

    def summed(self, codes):
        """Return the sums of the embeddings of codes, (..., n_factors).

        The last axis of ``codes`` is the level. It may be shorter than a word.
        """
        parts = [tf.gather(self.E[m], codes[..., m]) for m in range(codes.shape[-1])]
        return tf.add_n(parts) if parts else tf.zeros((*codes.shape[:-1], 1))

    def log_codes(self, level, h, beginnings, allowed=None):
        """Return ln of the probability of each code of a level, (..., size).

        States h, (..., n_factors), and ``beginnings``, (..., level) codes, are matched
        by broadcasting. Codes that ``allowed`` excludes have the probability 0.
        """
        below = tf.matmul(self.summed(beginnings), self.B[level]) if level else 0.0
        g = tf.tanh(tf.matmul(h, self.A[level]) + below + self.a[level])
        rows = tf.reshape(g, (-1, self.n_factors))
        logits = tf.matmul(rows, self.E[level], transpose_b=True) + self.b[level]
        size = self.trie.sizes[level]
        logits = tf.reshape(logits, tf.concat([tf.shape(g)[:-1], [size]], 0))
        if allowed is not None:
            logits = tf.where(allowed, logits, IMPOSSIBLE)
        return tf.nn.log_softmax(logits)

    def log_likelihood(self, h, items):
        """Return ln of the probability of one item after each state, (n,)."""
        codes = tf.gather(tf.constant(self.trie.codes, tf.int32), items)
        nodes = tf.gather(tf.constant(self.trie.nodes, tf.int32), items)
        total = 0.0
        for level, allowed in enumerate(self.trie.allowed):
            mask = tf.gather(allowed, nodes[:, level]) if self.masked else None
            log_p = self.log_codes(level, h, codes[:, :level], mask)
            total += tf.gather(log_p, codes[:, level], batch_dims=1)
        return total

    def scores(self, h):
        """Return ln of the probability of every item, (n, n_items), for states (n, d).

        Every node of the trie is visited once, so the scores are exact.
        """
        total = tf.zeros((h.shape[0], len(self.trie.codes)))
        for level in range(len(self.trie.sizes)):
            nodes, places = self._places(level)
            if not nodes.size:
                continue
            beginnings = tf.constant(self.trie.beginnings[level][nodes], tf.int32)
            mask = self.trie.allowed[level][nodes] if self.masked else None
            log_p = self.log_codes(level, h[:, None], beginnings[None], mask)
            flat = tf.reshape(log_p, (h.shape[0], -1))
            flat = tf.pad(flat, [[0, 0], [0, 1]])  # a last column of zeros
            total += tf.gather(flat, places, axis=1)
        return total

    def _places(self, level):
        """Return the nodes of a level that decide something, and each item's column.

        Below a node with one child there is nothing to decide if the others are masked:
        such items get the column of zeros.
        """
        nodes, codes = self.trie.nodes[:, level], self.trie.codes[:, level]
        children = self.trie.allowed[level].sum(axis=1)
        kept = np.flatnonzero(children > 1) if self.masked else np.arange(children.size)
        size = self.trie.sizes[level]
        rank = np.full(children.size, -1)
        rank[kept] = np.arange(kept.size)
        places = np.where(rank[nodes] < 0, kept.size * size, rank[nodes] * size + codes)
        return kept, places
