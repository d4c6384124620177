"""A block of a transformer: attention, then two dense layers, each added to its input.

Importing this module imports TensorFlow: models import it where they build.
"""

from recbook.deep._lazy import keras
from recbook.deep.attention import MultiHeadAttention

__all__ = ["transformer_block"]


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
