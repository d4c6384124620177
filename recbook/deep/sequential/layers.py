"""The films as one table, read on the way in and on the way out: tied embeddings.

Importing this module imports TensorFlow: models import it where they build.
"""

from recbook.deep.attention.layers import MultiHeadAttention
from recbook.deep.lazy import keras, tf

__all__ = ["Positions", "TiedItems", "next_item_loss", "transformer_block"]


class TiedItems(keras.layers.Layer):
    r"""An embedding for each film, :math:`q_i`, and a bias, :math:`b_i`.

    On the way in a window's items are looked up; on the way out a film's score is
    :math:`h^\top q_i + b_i`. Row 0 stands for padding: it is looked up as zeros and is
    never scored.

    Parameters
    ----------
    n_items, n_factors : int
        Films, and numbers in an embedding.
    seed : int
        Of the start, normal of variance 1 / n_factors: a film's embedding has length
        about 1, and its product with a normalised :math:`h` variance about 1.

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
        """Return embeddings, (batch, T, n_factors), zeros where there is padding."""
        real = tf.cast(windows > 0, self.E.dtype)
        return tf.gather(self.E, windows) * real[..., None]

    def scores(self, h):
        """Return the scores of all films, (n, n_items), for states (n, n_factors)."""
        return tf.matmul(h, self.E[1:], transpose_b=True) + self.b[1:]

    def scores_of(self, h, rows):
        """Return (n, m): for each state, the scores of the films in its rows (+1)."""
        few = tf.gather(self.E, rows)  # (n, m, n_factors)
        return tf.einsum("nd,nmd->nm", h, few) + tf.gather(self.b, rows)


class Positions(keras.layers.Layer):
    """Add to every step a vector that says how many steps before the end it stands.

    Row 0 is the newest step's, whatever the width of the window and however much of it
    is padding.

    >>> layer = Positions(seed=0)
    >>> x = layer(tf.zeros((1, 3, 2)))
    >>> bool(tf.reduce_all(x[0, -1] == layer.P[0]))
    True
    """

    def __init__(self, seed, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed

    def build(self, shape):
        """Make a vector a step."""
        normal = keras.initializers.RandomNormal(0.0, 0.02, self.seed)
        self.P = self.add_weight(shape=shape[1:], initializer=normal, name="P")

    def call(self, x):
        """Return (batch, T, n_factors)."""
        return x + self.P[::-1]


def next_item_loss(logits, labels, real):
    r"""Return the mean over the real steps of :math:`-\ln \pi_j`, j being the label.

    :math:`\pi` is the softmax of a step's logits. Without a real step, 0.

    Parameters
    ----------
    logits : (n, m) float tensor
        A row a step.
    labels : (n,) int tensor
        Columns of the logits; anything within range where a step is not real.
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
    """Return x plus what attention finds, and plus what two dense layers make of it.

    Parameters
    ----------
    x : (batch, T, d) tensor
        Steps, oldest first.
    real : (batch, T) bool tensor
        False where there is padding, which nothing looks at.
    n_heads : int
        Attentions side by side; divides d.
    rate : float
        Dropout's, of each of the two parts, and between the dense layers.
    draw : iterator of int
        A seed for everything that draws.
    name : str
        What the layers' names begin with.

    Returns
    -------
    (batch, T, d) tensor
        A step's output depends on it and on what stands before it.

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
