"""Keras layers of attention: several heads, and DIN's attention to a candidate."""

import numpy as np

from recbook.deep.lazy import keras, tf

__all__ = ["AddAges", "MultiHeadAttention", "TargetAttention"]


class MultiHeadAttention(keras.layers.Layer):
    r"""Attend ``n_heads`` times with different projections and mix the results.

    .. math::

        \mathrm{head}_k = \mathrm{softmax}\!\left(
            \frac{(X W^Q_k)(Z W^K_k)^\top}{\sqrt{d_k}} \right) Z' W^V_k,
        \qquad Y = \sum_k \mathrm{head}_k\, W^O_k

    :math:`X` are the queries, :math:`Z` the keys, :math:`Z'` the values and :math:`d_k`
    is ``head_size``. Each projection :math:`W` also has a bias. A query that may look
    at nothing gets the bias of the output.

    Parameters
    ----------
    n_heads : int
        Number of heads.
    head_size : int
        Length of a query, key and value of one head.
    dropout : float
        Share of the attention weights that is set to 0 in training.
    seed : int
        Seeds the initial weights and dropout.

    Notes
    -----
    The weights have the order and shapes of ``keras.layers.MultiHeadAttention``, so
    they can be copied between the two layers. Both then agree wherever a query may look
    at something. Where it may look at nothing, the Keras layer averages over the masked
    steps.

    References
    ----------
    Vaswani et al. (2017), "Attention Is All You Need", NeurIPS, section 3.2.2.

    Examples
    --------
    >>> layer = MultiHeadAttention(n_heads=2, head_size=4)
    >>> x = tf.ones((1, 4, 5))
    >>> outputs, weights = layer(x, causal=True, return_weights=True)
    >>> tuple(outputs.shape), [round(w, 2) for w in weights.numpy()[0, 1, 1].tolist()]
    ((1, 4, 5), [0.5, 0.5, 0.0, 0.0])
    """

    def __init__(self, n_heads, head_size, dropout=0.0, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.n_heads, self.head_size = int(n_heads), int(head_size)
        self.dropout, self.seed = float(dropout), int(seed)

    def build(self, queries_shape, keys_shape=None, values_shape=None):
        """Make the four projections. Outputs have the length of the queries."""
        shapes = queries_shape, keys_shape or queries_shape
        shapes = *shapes, values_shape or shapes[1]
        d, heads = queries_shape[-1], (self.n_heads, self.head_size)
        self.maps = [
            self._map(name, (shape[-1], *heads), heads, at)
            for at, (name, shape) in enumerate(
                zip(("q", "k", "v"), shapes, strict=True)
            )
        ]
        self.out = self._map("out", (*heads, d), (d,), 3)
        self.drop = keras.layers.Dropout(
            self.dropout, seed=self.seed, dtype=self.dtype_policy
        )

    def _map(self, name, kernel, bias, at):
        glorot = keras.initializers.GlorotUniform(seed=self.seed + at)
        return (
            self.add_weight(shape=kernel, initializer=glorot, name=f"{name}_kernel"),
            self.add_weight(shape=bias, initializer="zeros", name=f"{name}_bias"),
        )

    def call(
        self,
        queries,
        keys=None,
        values=None,
        attention_mask=None,
        causal=False,
        training=False,
        return_weights=False,
    ):
        """Return the mixed results of all heads, one per query.

        Parameters
        ----------
        queries : (batch, n, d) tensor
            The queries.
        keys, values : (batch, T, ·) tensors, optional
            By default the keys are the queries (self-attention) and the values are the
            keys.
        attention_mask : bool tensor, optional
            True where a query may look. It must broadcast to (batch, n, T).
        causal : bool
            Whether query t may look at keys 0 to t only.
        training : bool
            Whether dropout is on.
        return_weights : bool
            Whether to return the attention weights too.

        Returns
        -------
        outputs : (batch, n, d) tensor
            The mixed results.
        weights : (batch, n_heads, n, T) tensor
            The attention weights, only with ``return_weights``.
        """
        keys = queries if keys is None else keys
        inputs = queries, keys, keys if values is None else values
        q, k, v = (
            tf.einsum("btd,dhk->bhtk", x, kernel) + bias[:, None]
            for x, (kernel, bias) in zip(inputs, self.maps, strict=True)
        )  # (batch, n_heads, n or T, head_size)
        scores = tf.matmul(q, k, transpose_b=True) / self.head_size**0.5
        weights = self._softmax(scores, self._may_look(scores, attention_mask, causal))
        contexts = tf.matmul(self.drop(weights, training=training), v)
        kernel, bias = self.out
        outputs = tf.einsum("bhtk,hkd->btd", contexts, kernel) + bias  # (batch, n, d)
        return (outputs, weights) if return_weights else outputs

    def _may_look(self, scores, mask, causal):
        """Return True where a query may look, (batch, 1, n, T) or less; or None."""
        may = None if mask is None else tf.cast(mask, "bool")[..., None, :, :]
        if not causal:
            return may
        n, T = tf.shape(scores)[2], tf.shape(scores)[3]
        past = tf.range(T)[None, :] <= tf.range(n)[:, None]  # the present included
        return past if may is None else may & past

    @staticmethod
    def _softmax(scores, may):
        """Mask before the softmax. A row with nothing to look at gets zeros."""
        if may is None:
            return tf.nn.softmax(scores)
        # Half of the lowest number of the type: finite, so that a row full of it gives
        # no NaN, and so low that its exponential is 0.
        low = tf.constant(scores.dtype.min / 2, scores.dtype)
        weights = tf.nn.softmax(tf.where(may, scores, low))
        return weights * tf.cast(may, scores.dtype)


class AddAges(keras.layers.Layer):
    """Add to each step a vector of its age, counted from the end of the window."""

    def __init__(self, std, seed, **kwargs):
        super().__init__(**kwargs)
        self.std, self.seed = std, seed

    def build(self, shape):
        """Make one vector for each place of the window, (T, d)."""
        start = keras.initializers.RandomNormal(stddev=self.std, seed=self.seed)
        self.ages = self.add_weight(shape=shape[1:], initializer=start, name="ages")

    def call(self, history):
        """Return (batch, T, d)."""
        return history + self.ages


class TargetAttention(keras.layers.Layer):
    r"""Pool a history for each candidate, :math:`c = \sum_t w_t h_t`.

    With ``"unit"``, :math:`w_t` is a network with one hidden layer on
    :math:`[h_t, s, h_t \odot s, h_t - s]`, not normalised. With ``"dot"`` it is the
    softmax of :math:`s^\top h_t / \sqrt{d}`. With ``"mean"`` it is 1 over the number of
    real steps.
    """

    def __init__(self, pooling, n_hidden, seed, **kwargs):
        super().__init__(**kwargs)
        self.pooling, self.n_hidden, self.seed = pooling, n_hidden, seed

    def build(self, history_shape, candidates_shape, real_shape):
        """Make the hidden layer of ``"unit"``, with a matrix per part of its input."""
        d, n_hidden = history_shape[-1], self.n_hidden
        if self.pooling == "unit":
            glorot = keras.initializers.GlorotUniform(seed=self.seed)
            self.W = self.add_weight(
                shape=(4 * d, n_hidden), initializer=glorot, name="W"
            )
            self.b = self.add_weight(shape=(n_hidden,), initializer="zeros", name="b")
            glorot = keras.initializers.GlorotUniform(seed=self.seed + 1)
            self.v = self.add_weight(shape=(n_hidden, 1), initializer=glorot, name="v")
            self.v0 = self.add_weight(shape=(1,), initializer="zeros", name="v0")

    def call(self, history, candidates, real):
        """Return contexts (batch, n, d) and weights (batch, n, T).

        Parameters
        ----------
        history : (batch, T, d) tensor
            The steps :math:`h_t`.
        candidates : (batch, n, d) tensor
            One candidate :math:`s` per row.
        real : (batch, T) tensor
            1 for a step, 0 for padding.
        """
        seen = real[:, None, :]  # (batch, 1, T)
        if self.pooling == "unit":
            weights = self._unit(history, candidates) * seen
        elif self.pooling == "dot":
            scores = tf.matmul(candidates, history, transpose_b=True)  # (batch, n, T)
            scores = scores / np.sqrt(history.shape[-1])
            low = tf.where(seen > 0, scores, scores.dtype.min / 2)
            weights = tf.nn.softmax(low) * seen
        else:
            n_real = tf.reduce_sum(seen, axis=-1, keepdims=True)
            weights = seen / tf.maximum(n_real, 1.0)
            weights = weights + tf.zeros_like(candidates[..., :1])  # (batch, n, T)
        return tf.matmul(weights, history), weights

    def _unit(self, h, s):
        """Return the weights of the activation unit, (batch, n, T).

        The input has four parts, each with a matrix. Three of the parts are sums of a
        function of h and a function of s. Only the product needs every pair of them.
        """
        of_h, of_s, of_both, of_gap = tf.split(self.W, 4)  # (d, n_hidden) each
        pairs = h[:, None] * s[:, :, None]  # (batch, n, T, d)
        inner = (
            tf.matmul(pairs, of_both)
            + tf.matmul(h, of_h + of_gap)[:, None]
            + tf.matmul(s, of_s - of_gap)[:, :, None]
        )  # (batch, n, T, n_hidden)
        return tf.matmul(tf.nn.relu(inner + self.b), self.v)[..., 0] + self.v0
