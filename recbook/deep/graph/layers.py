"""The layer that smooths vectors along a graph; importing this imports Keras."""

import numpy as np

from recbook.deep._lazy import keras, tf

__all__ = ["Propagation"]


class Propagation(keras.layers.Layer):
    r"""Return the mean of :math:`A^k E^{(0)}` over k = 0..K, users' and items' rows.

    Its one weight is :math:`E^{(0)}`. In training, ``dropout`` of the entries of A are
    0 and the others divided by 1 - dropout, the same ones in all layers of a step.

    Parameters
    ----------
    A : (n, n) csr_array
        The normalised graph; a constant of the layer.
    n_users, n_factors, n_layers : int
        How many nodes are users, the length of the vectors, and K.
    dropout : float
        In [0, 1).
    initializer : keras.initializers.Initializer
        Of :math:`E^{(0)}`.
    seed : int
        Of the dropout.

    Examples
    --------
    >>> from scipy import sparse
    >>> A = sparse.csr_array(np.array([[0.0, 1.0], [1.0, 0.0]]))
    >>> start = keras.initializers.Constant([[2.0], [4.0]])
    >>> smooth = Propagation(A, 1, 1, 1, 0.0, start, seed=0)
    >>> [part.numpy().tolist() for part in smooth(np.array([0]))]  # (2 + 4) / 2
    [[[3.0]], [[3.0]]]
    """

    def __init__(
        self, A, n_users, n_factors, n_layers, dropout, initializer, seed, **more
    ):
        super().__init__(**more)
        self.n_users, self.n_layers, self.rate = n_users, n_layers, dropout
        self.graph = tf.SparseTensor(
            np.stack(A.nonzero(), axis=1).astype(np.int64),
            A.data.astype(np.float32),
            A.shape,
        )
        self.drop = keras.layers.Dropout(dropout, seed=seed)
        self.E = self.add_weight(
            shape=(A.shape[0], n_factors), initializer=initializer, name="E"
        )

    def compute_output_shape(self, _):
        """Return the shapes of both tables, whatever is given."""
        n, n_factors = self.E.shape
        return (self.n_users, n_factors), (n - self.n_users, n_factors)

    def call(self, _, training=False):
        """Return users' and items' smoothed vectors, whatever is given."""
        graph = self.graph
        if self.rate:
            graph = graph.with_values(self.drop(graph.values, training=training))
        layer = total = tf.convert_to_tensor(self.E)  # (n, n_factors)
        for _ in range(self.n_layers):
            layer = tf.sparse.sparse_dense_matmul(graph, layer)
            total = total + layer
        mean = total / (self.n_layers + 1)
        return mean[: self.n_users], mean[self.n_users :]
