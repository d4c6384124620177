"""Keras layers on graphs: propagation along edges, and item vectors from facts."""

import numpy as np

from recbook.deep.lazy import keras, tf

__all__ = ["FilmVectors", "Propagation"]


class Propagation(keras.layers.Layer):
    """Return the mean of :math:`A^k E^{(0)}` over k = 0..K, for users and for items.

    The only weight is :math:`E^{(0)}`. In training, a share ``dropout`` of the entries
    of A is set to 0 and the others are divided by 1 - dropout. All layers of a step
    drop the same entries.

    Parameters
    ----------
    A : (n, n) csr_array
        The normalised graph, a constant of the layer.
    n_users, n_factors, n_layers : int
        Number of nodes that are users, length of the vectors, and K.
    dropout : float
        Share of entries of A to drop, in [0, 1).
    initializer : keras.initializers.Initializer
        Initial values of :math:`E^{(0)}`.
    seed : int
        Seeds dropout.

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
        """Return the shapes of both tables, whatever the input."""
        n, n_factors = self.E.shape
        return (self.n_users, n_factors), (n - self.n_users, n_factors)

    def call(self, _, training=False):
        """Return the propagated vectors of users and of items, whatever the input."""
        graph = self.graph
        if self.rate:
            graph = graph.with_values(self.drop(graph.values, training=training))
        layer = total = tf.convert_to_tensor(self.E)  # (n, n_factors)
        for _ in range(self.n_layers):
            layer = tf.sparse.sparse_dense_matmul(graph, layer)
            total = total + layer
        mean = total / (self.n_layers + 1)
        return mean[: self.n_users], mean[self.n_users :]


class FilmVectors(keras.layers.Layer):
    r"""Return the items' :math:`q_i = f_i + \frac{1}{|T_i|} \sum_{(r,e)} (t_e - c_r)`.

    The weights are the free vectors f (n_items, n_factors), the entities t, kept in the
    unit ball, and the relations c. Without facts, the free vectors are all there is.

    Parameters
    ----------
    facts : Facts
        The facts about the items.
    free : (n_items,) array of 0 and 1
        Which items have a free vector: those with ratings.
    n_factors : int
        Length of the vectors.
    dropout : float
        Share of the free vectors that a training step sets to 0.
    initializers : sequence of three
        Initializers of f, t and c.
    seed : int
        Seeds dropout.
    """

    def __init__(self, facts, free, n_factors, dropout, initializers, seed, **more):
        super().__init__(**more)
        self.free = tf.constant(np.asarray(free, np.float32)[:, None])
        self.counts = np.bincount(facts.films, minlength=len(free))
        self.shares = (1.0 / self.counts[facts.films, None]).astype(np.float32)
        self.of_film, self.of_fact = facts.films, facts.facts
        self.relation, self.entity = facts.relation, facts.entity
        self.rate = float(dropout)
        self.dice = keras.random.SeedGenerator(seed)
        of_f, of_t, of_c = initializers
        self.f = self.add_weight((len(free), n_factors), initializer=of_f, name="free")
        if facts.names:
            ball = keras.constraints.MaxNorm(1.0, axis=1)
            shape = len(facts.entities), n_factors
            self.t = self.add_weight(
                shape, initializer=of_t, constraint=ball, name="entities"
            )
            shape = len(facts.relations), n_factors
            self.c = self.add_weight(shape, initializer=of_c, name="relations")

    def parts(self):
        """Return the vector t - c of each fact, (n_facts, n_factors)."""
        t = tf.gather(self.t, self.entity)
        return t - tf.gather(self.c, self.relation)

    def compute_output_shape(self, _):
        """Return the shape of all vectors, whatever the input."""
        return self.f.shape

    def call(self, _, training=False):
        """Return the vectors of all items, (n_items, n_factors), whatever the input."""
        free = self.f * self.free
        if training and self.rate:
            dice = keras.random.uniform((len(self.counts), 1), seed=self.dice)
            free = tf.where(dice < self.rate, 0.0, free)
        if not self.of_film.size:
            return free
        known = self.shares * tf.gather(self.parts(), self.of_fact)  # (n, n_factors)
        n_items = len(self.counts)
        return free + tf.math.unsorted_segment_sum(known, self.of_film, n_items)

    def hinge(self, q, triples, others, margin):
        r"""Return :math:`[\gamma + d(h, r, e) - d(h', r, e')]_+` for each triple.

        The distance d is the length of :math:`q_h + c_r - t_e`. ``triples`` and
        ``others`` are (..., 3) codes of film, relation and entity.
        """

        def distance(codes):
            head, relation, tail = tf.unstack(codes, axis=-1)
            gap = tf.gather(q, head) + tf.gather(self.c, relation)
            gap = gap - tf.gather(self.t, tail)
            # The root has no derivative at 0.
            return tf.sqrt(tf.reduce_sum(gap**2, axis=-1) + 1e-12)

        return tf.nn.relu(margin + distance(triples) - distance(others))
