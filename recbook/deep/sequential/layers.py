"""Tied embeddings: one table of items for the input and for the scores.

Importing this module imports TensorFlow, so models import it where they build.
"""

from recbook.deep.attention.layers import MultiHeadAttention
from recbook.deep.lazy import keras, tf

__all__ = ["Positions", "TiedItems", "next_item_loss", "transformer_block"]


class TiedItems(keras.layers.Layer):
    r"""An embedding :math:`q_i` and a bias :math:`b_i` for each item.

    In the input, the items of a window are looked up. In the output, item i has the
    score :math:`h^\top q_i + b_i`. Row 0 stands for padding: it is looked up as zeros
    and is never scored.

    Parameters
    ----------
    n_items, n_factors : int
        Number of items, and length of an embedding.
    seed : int
        Seeds the initial embeddings, which are normal with variance 1 / n_factors. An
        embedding then has length about 1, and its product with a normalised :math:`h`
        has variance about 1.

    Examples
    --------
    >>> layer = TiedItems(n_items=3, n_factors=2, seed=0)
    >>> x = layer(tf.constant([[0, 2]]))
    >>> tuple(x.shape), int(tf.math.count_nonzero(x[0, 0]))
    ((1, 2, 2), 0)
    >>> tuple(layer.scores(x[:, 1]).shape)
    (1, 3)
    """

    def __init__(self, n_items, n_factors, seed, **kwargs):
        super().__init__(**kwargs)
        self.n_items, self.n_factors, self.seed = n_items, n_factors, seed

    def build(self, _):
        """Make the table and the biases."""
        normal = keras.initializers.RandomNormal(0.0, self.n_factors**-0.5, self.seed)
        shape = self.n_items + 1, self.n_factors
        self.E = self.add_weight(shape=shape, initializer=normal, name="E")
        self.b = self.add_weight(shape=shape[:1], initializer="zeros", name="b")

    def call(self, windows):
        """Return embeddings, (batch, T, n_factors), with zeros for padding."""
        real = tf.cast(windows > 0, self.E.dtype)
        return tf.gather(self.E, windows) * real[..., None]

    def scores(self, h):
        """Return the scores of all items, (n, n_items), for states (n, n_factors)."""
        return tf.matmul(h, self.E[1:], transpose_b=True) + self.b[1:]

    def scores_of(self, h, rows):
        """Return for each state the scores of the items in its row, (n, m).

        Rows hold item codes plus 1.
        """
        few = tf.gather(self.E, rows)  # (n, m, n_factors)
        return tf.einsum("nd,nmd->nm", h, few) + tf.gather(self.b, rows)


class Positions(keras.layers.Layer):
    """Add to every step a vector for its distance from the end of the window.

    Row 0 belongs to the newest step, whatever the width of the window and the amount of
    padding.

    >>> layer = Positions(seed=0)
    >>> x = layer(tf.zeros((1, 3, 2)))
    >>> bool(tf.reduce_all(x[0, -1] == layer.P[0]))
    True
    """

    def __init__(self, seed, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed

    def build(self, shape):
        """Make one vector for each step."""
        normal = keras.initializers.RandomNormal(0.0, 0.02, self.seed)
        self.P = self.add_weight(shape=shape[1:], initializer=normal, name="P")

    def call(self, x):
        """Return (batch, T, n_factors)."""
        return x + self.P[::-1]


def next_item_loss(logits, labels, real):
    r"""Return the mean over the real steps of :math:`-\ln \pi_j` for the label j.

    :math:`\pi` is the softmax of a step's logits. Without any real step the loss is 0.

    Parameters
    ----------
    logits : (n, m) float tensor
        One row per step.
    labels : (n,) int tensor
        Column of the label in each row. Any valid column if a step is not real.
    real : (n,) bool tensor
        Which steps have something to predict.

    Examples
    --------
    >>> logits = tf.constant([[5.0, 5.0], [0.0, 9.0]])
    >>> found = next_item_loss(logits, tf.constant([1, 0]), tf.constant([True, False]))
    >>> round(float(found), 4)  # ln 2
    0.6931
    """
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    weights = tf.cast(real, losses.dtype)
    return tf.reduce_sum(losses * weights) / tf.maximum(tf.reduce_sum(weights), 1.0)


def transformer_block(x, real, n_heads, rate, draw, name):
    """Return x after one block of causal self-attention and two dense layers.

    Parameters
    ----------
    x : (batch, T, d) tensor
        Steps, oldest first.
    real : (batch, T) bool tensor
        False for padding, at which no step looks.
    n_heads : int
        Number of heads, a divisor of d.
    rate : float
        Rate of dropout on the output of both halves and between the dense layers.
    draw : iterator of int
        Seeds for everything random.
    name : str
        Prefix of the layers' names.

    Returns
    -------
    (batch, T, d) tensor
        The output of a step depends on that step and on earlier ones.

    Examples
    --------
    >>> x, real = keras.Input((3, 4)), keras.Input((3,), dtype="bool")
    >>> y = transformer_block(x, real, 2, 0.1, iter(range(9)), "block")
    >>> keras.Model([x, real], y).count_params()  # 4 maps, 2 dense, 2 norms
    136
    """
    layers, d = keras.layers, x.shape[-1]

    def norm(x, part):
        return layers.LayerNormalization(epsilon=1e-6, name=f"{name}_norm_{part}")(x)

    def dense(x, part, activation=None):
        start = keras.initializers.GlorotUniform(next(draw))
        layer = layers.Dense(
            d, activation, kernel_initializer=start, name=f"{name}_{part}"
        )
        return layer(x)

    def drop(x):
        return layers.Dropout(rate, seed=next(draw))(x)

    attention = MultiHeadAttention(
        int(n_heads), d // int(n_heads), seed=next(draw), name=f"{name}_attention"
    )
    z = norm(x, "attention")
    x = x + drop(attention(z, attention_mask=real[:, None, :], causal=True))
    z = dense(norm(x, "dense"), "inner", "relu")  # (batch, T, d)
    return x + drop(dense(drop(z), "outer"))
