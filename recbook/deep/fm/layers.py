"""Keras layers that sum sparse fields and pool the pairs of features.

Imported when a network is built, since the class of a layer needs Keras.
"""

import keras
import numpy as np
import tensorflow as tf

__all__ = ["FieldSum", "PairSum", "PairSums", "fields_of"]


class FieldSum(keras.layers.Layer):
    """Sum the weights and vectors of all features of a rating, field by field.

    The entries of a user, an item and a context make the sparse row :math:`x` of a
    rating. Each call sums the entries of all users and all items once, and the ratings
    of the batch pick their rows from these sums. So a history of a hundred items costs
    a hundred additions per step, not per rating. A field with several values per row,
    such as a history, is a dense matrix, because processors multiply dense matrices
    fast.

    Parameters
    ----------
    start : (n_features, 1 + n_factors) array
        Initial weight :math:`w_a` and vector :math:`v_a` of each feature. The code
        n_features stands for a missing or unseen value, whose row is always 0.
    offset : float
        Initial value of :math:`w_0`.
    sides : list of (n_rows, fields)
        Users, then items. A field is (first, size, rows, features, x).
    by_field : bool
        Whether to return the sum of each field, or only the sum of each side.
    by_factor : bool
        Whether to sum the squares for each factor, or over all k at 1/k of the cost.
    """

    def __init__(self, start, offset, sides, by_field, by_factor, **options):
        super().__init__(**options)
        self.by_field, self.by_factor = by_field, by_factor
        self.offset = self.add_weight(
            shape=(1,), initializer=keras.initializers.Constant(offset)
        )
        self.table = self.add_weight(shape=start.shape, initializer="zeros")
        self.table.assign(start)
        self.first = sum(size for _, fields in sides for _, size, *_ in fields)
        off = len(start)
        self.sides = [
            [laid_out(n_rows, off, *field) for field in fields]
            for n_rows, fields in sides
        ]

    def call(self, codes):
        """Return linear part, sums and sums of squares for codes (B, 2 + C).

        Their shapes are (B,), (B, groups, k), and (B, k) or (B, 1).
        """
        nothing = tf.zeros((1, self.table.shape[1]))
        table = tf.concat([self.table, nothing], axis=0)  # (n_features + 1, 1 + k)
        square = table[:, 1:] ** 2
        if not self.by_factor:
            square = tf.reduce_sum(square, axis=1, keepdims=True)
        sums, squares = [], 0.0
        for side, fields in enumerate(self.sides):
            added = [added_up(table, *field) for field in fields]
            total = tf.stack(added, axis=1)  # (n_rows, fields, 1 + k)
            if not self.by_field:
                total = tf.reduce_sum(total, axis=1, keepdims=True)
            sums.append(tf.gather(total, codes[:, side]))  # (B, groups, 1 + k)
            total = tf.add_n([added_up(square, *field, power=2) for field in fields])
            squares += tf.gather(total, codes[:, side])  # (B, k) or (B, 1)
        now = tf.gather(table, self.first + codes[:, 2:])  # (B, C, 1 + k)
        squares += tf.reduce_sum(tf.gather(square, self.first + codes[:, 2:]), axis=1)
        sums = tf.concat([*sums, now], axis=1)  # (B, groups, 1 + k)
        linear = self.offset + tf.reduce_sum(sums[:, :, 0], axis=1)
        return linear, sums[:, :, 1:], squares


def laid_out(n_rows, off, first, size, rows, features, x):
    """Return a field as (feature of each row, None) or (first feature, matrices).

    The matrices hold x and its square, (n_rows, size).
    """
    if rows.size == np.unique(rows).size and (x == 1).all():
        alone = np.full(n_rows, off, dtype=np.int32)
        alone[rows] = features
        return alone, None
    X = np.zeros((n_rows, size), dtype=np.float32)
    X[rows, features - first] = x
    return first, (X, X**2)


def added_up(table, place, matrices, power=1):
    """Return the sums over a field of ``x**power`` times the table's rows."""
    if matrices is None:
        return tf.gather(table, place)
    X = matrices[power - 1]
    return X @ table[place : place + X.shape[1]]


class PairSum(keras.layers.Layer):
    """Sum over all pairs of features: half of (square of the sum minus the squares)."""

    def call(self, sums, squares):
        """Return (B,) from sums (B, groups, k) and sums of squares (B, 1)."""
        total = tf.reduce_sum(sums, axis=1)  # (B, k)
        return 0.5 * (tf.reduce_sum(total**2, axis=1) - squares[:, 0])


class PairSums(keras.layers.Layer):
    """Sum over all pairs of features, for each factor."""

    def call(self, sums, squares):
        """Return (B, k) from sums (B, groups, k) and sums of squares (B, k)."""
        return 0.5 * (tf.reduce_sum(sums, axis=1) ** 2 - squares)


def fields_of(model, design, **shape):
    """Return the input of codes and the layer ``fields`` for a design."""
    counts = design["counts"]
    rng = np.random.default_rng(model.seed)
    start = rng.normal(0, model.init_std, (counts.size, 1 + model.n_factors))
    start[:, 0] = 0.0
    start[counts == 0] = 0.0  # no training rating touches these: they stay 0
    codes = keras.Input((2 + len(design["context"]),), dtype="int32")
    layer = FieldSum(start, design["mean"], design["sides"], **shape, name="fields")
    return codes, layer
