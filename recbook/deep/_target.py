"""Attention whose query is the candidate itself, as a Keras layer.

Importing this module imports TensorFlow: a model's ``_build`` does so.
"""

import numpy as np

from recbook.deep._lazy import keras, tf

__all__ = ["AddAges", "TargetAttention"]


class AddAges(keras.layers.Layer):
    """Add to each step a vector of its age, counted from the end of the window."""

    def __init__(self, std, seed, **kwargs):
        super().__init__(**kwargs)
        self.std, self.seed = std, seed

    def build(self, shape):
        """Make a vector a place, (T, d)."""
        start = keras.initializers.RandomNormal(stddev=self.std, seed=self.seed)
        self.ages = self.add_weight(shape=shape[1:], initializer=start, name="ages")

    def call(self, history):
        """Return (batch, T, d)."""
        return history + self.ages


class TargetAttention(keras.layers.Layer):
    r"""Pool a history for each candidate, :math:`c = \sum_t w_t h_t`.

    ``"unit"``: :math:`w_t` is a network of one hidden layer on
    :math:`[h_t, s, h_t \odot s, h_t - s]`, not normalised. ``"dot"``: the softmax of
    :math:`s^\top h_t / \sqrt{d}`. ``"mean"``: one over the number of real steps.
    """

    def __init__(self, pooling, n_hidden, seed, **kwargs):
        super().__init__(**kwargs)
        self.pooling, self.n_hidden, self.seed = pooling, n_hidden, seed

    def build(self, history_shape, candidates_shape, real_shape):
        """Make the unit: the four parts of its input have a matrix each."""
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
            :math:`h_t`.
        candidates : (batch, n, d) tensor
            :math:`s`, one a row.
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

        Each of the four parts of its input has a matrix. Three of the parts are sums of
        what h and s give alone; only the product is made for every pair of them.
        """
        of_h, of_s, of_both, of_gap = tf.split(self.W, 4)  # (d, n_hidden) each
        pairs = h[:, None] * s[:, :, None]  # (batch, n, T, d)
        inner = (
            tf.matmul(pairs, of_both)
            + tf.matmul(h, of_h + of_gap)[:, None]
            + tf.matmul(s, of_s - of_gap)[:, :, None]
        )  # (batch, n, T, n_hidden)
        return tf.matmul(tf.nn.relu(inner + self.b), self.v)[..., 0] + self.v0
