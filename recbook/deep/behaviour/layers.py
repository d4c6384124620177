"""The network of :class:`~recbook.MultiBehaviour`.

Imported when the network is built, since the class of a layer needs Keras.
"""

from recbook.deep.behaviour.events import EDGES
from recbook.deep.lazy import keras, tf

__all__ = ["build"]

NEVER = -1e9  # added to a score, it gives a weight of exactly 0 in float32


class Attention(keras.layers.Layer):
    r"""Weigh steps by :math:`e_t = v^\top \tanh(W_h h_t + W_s s)`, with one v per head.

    The outputs are the weighted sums, (batch, n_heads, d), the weights, (batch,
    n_heads, T), and one number :math:`g_t` per step, (batch, T). The last comes from
    the same tanh and lets the step's own item return. All of them are 0 for padding,
    and the sums are 0 if every step is padding.
    """

    def __init__(self, n_heads, size, draw, **options):
        super().__init__(**options)

        def dense(units, bias):
            start = keras.initializers.GlorotUniform(seed=next(draw))
            return keras.layers.Dense(units, use_bias=bias, kernel_initializer=start)

        self.steps, self.query = dense(size, bias=True), dense(size, bias=False)
        self.heads, self.again = dense(n_heads, bias=False), dense(1, bias=True)

    def call(self, h, s, real):
        """Attend to the steps ``h`` (batch, T, d) for ``s`` (batch, d)."""
        hidden = keras.ops.tanh(self.steps(h) + self.query(s)[:, None])
        e = self.heads(hidden)  # (batch, T, n_heads)
        e = keras.ops.transpose(e, (0, 2, 1)) + NEVER * (1 - real)[:, None]
        weights = keras.ops.softmax(e) * real[:, None]  # (batch, n_heads, T)
        again = self.again(hidden)[:, :, 0] * real  # (batch, T)
        return keras.ops.matmul(weights, h), weights, again


class ItemScores(keras.layers.Layer):
    """Score every item: z times its vector plus its bias plus what its events add."""

    def __init__(self, items, **options):
        super().__init__(**options)
        self.items = items

    def build(self, *shapes, **named):
        """Make one bias per item. The vectors are those of the events' items."""
        n_items = self.items.input_dim - 1
        self.bias = self.add_weight(shape=(n_items,), initializer="zeros", name="bias")

    def call(self, z, items, again):
        """Score for ``z`` (batch, d) and the ``items`` (batch, T) of past events."""
        table = self.items.embeddings[1:]  # without the padding's row
        scores = keras.ops.matmul(z, keras.ops.transpose(table)) + self.bias
        rows = keras.ops.arange(keras.ops.shape(items)[0], dtype="int32")[:, None]
        n = keras.ops.shape(scores)[1]
        places = keras.ops.reshape(rows * n + keras.ops.maximum(items - 1, 0), (-1,))
        added = keras.ops.reshape(again, (-1,))  # 0 where there is padding
        added = tf.math.unsorted_segment_sum(added, places, keras.ops.size(scores))
        return scores + keras.ops.reshape(added, keras.ops.shape(scores))


def build(model, sizes, draw):
    """Return the network from window, context and user to scores and weights.

    Parameters
    ----------
    model : MultiBehaviour
        Its settings are used.
    sizes : tuple of int
        Numbers of users, items, behaviours, context codes (with the 0) and context
        fields.
    draw : iterator of int
        Seeds.

    Returns
    -------
    keras.Model
        Inputs: items (batch, T), item codes plus 1 with 0 for padding; behaviours and
        ages (batch, T); present context (batch, F); user (batch,), the code plus 1 with
        0 for an unknown user; behaviour to predict (batch,).

        Outputs: scores (batch, n_items), weights (batch, n_heads, T), and what each
        event adds to the score of its own item, (batch, T).
    """
    n_users, n_items, n_behaviours, n_codes, n_fields = map(int, sizes)
    d, steps = int(model.n_factors), int(model.n_steps)

    def whole(name, *shape):
        return keras.Input(shape, dtype="int32", name=name)

    def table(rows, name):
        start = keras.initializers.RandomNormal(stddev=0.1, seed=next(draw))
        options = {"embeddings_initializer": start, "name": name}
        return keras.layers.Embedding(rows, d, **options)

    def drop(x):
        return keras.layers.Dropout(float(model.dropout), seed=next(draw))(x)

    def dense(units, activation=None):
        start = keras.initializers.GlorotUniform(seed=next(draw))
        return keras.layers.Dense(units, activation, kernel_initializer=start)

    items, done, ages = (whole(n, steps) for n in ("items", "behaviours", "ages"))
    now, user, asked = whole("now", n_fields), whole("user"), whole("asked")
    vectors = table(n_items + 1, "item")
    h = vectors(items) + table(n_behaviours, "behaviour")(done)
    h = h + table(len(EDGES) + 2, "age")(ages)  # (batch, T, d)
    s = table(n_users + 1, "person")(user) + table(n_behaviours, "asked_for")(asked)
    if n_fields:
        s = s + keras.ops.sum(table(n_codes, "context")(now), axis=1)  # (batch, d)
    h, s = drop(h), drop(s)
    real = keras.ops.cast(items != 0, "float32")  # (batch, T)
    attend = Attention(int(model.n_heads), d, draw, name="attention")
    c, weights, again = attend(h, s, real)
    c = keras.layers.Flatten()(c)  # (batch, n_heads d)
    both = keras.ops.concatenate([s, c], axis=1)
    z = dense(d)(both) + dense(d)(drop(dense(2 * d, "relu")(both)))  # (batch, d)
    scores = ItemScores(vectors, name="catalogue")(z, items, again)
    inputs = [items, done, ages, now, user, asked]
    return keras.Model(inputs, [scores, weights, again])
