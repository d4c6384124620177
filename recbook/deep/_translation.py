"""Films, entities and relations as vectors, TransE's way; importing this imports Keras.

A film's vector is its own free part and the mean of what its facts say it should be.
"""

import numpy as np

from recbook.deep._lazy import keras, tf

__all__ = ["FilmVectors"]


class FilmVectors(keras.layers.Layer):
    r"""Return all films' :math:`q_i = f_i + \frac{1}{|T_i|} \sum_{(r,e)} (t_e - c_r)`.

    Weights: the free parts f (n_items, n_factors), the entities t, kept in the unit
    ball, and the relations c. Where there are no facts, the free parts alone.

    Parameters
    ----------
    facts : Facts
    free : (n_items,) array of 0 and 1
        Which films have a free part: those with ratings.
    n_factors : int
    dropout : float
        Share of free parts that a training step hides, so that facts learn to do
        without.
    initializers : sequence of three
        Of f, t and c.
    seed : int
        Of dropout.
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
        """Return what each fact says of a film, t - c, (n_facts, n_factors)."""
        t = tf.gather(self.t, self.entity)
        return t - tf.gather(self.c, self.relation)

    def compute_output_shape(self, _):
        """Return the shape of all vectors, whatever is given."""
        return self.f.shape

    def call(self, _, training=False):
        """Return the films' vectors, (n_items, n_factors), whatever is given."""
        free = self.f * self.free
        if training and self.rate:
            dice = keras.random.uniform((len(self.counts), 1), seed=self.dice)
            free = tf.where(dice < self.rate, 0.0, free)
        if not self.of_film.size:
            return free
        said = self.shares * tf.gather(self.parts(), self.of_fact)  # (n, n_factors)
        n_items = len(self.counts)
        return free + tf.math.unsorted_segment_sum(said, self.of_film, n_items)

    def hinge(self, q, triples, others, margin):
        r"""Return :math:`[\gamma + d(h, r, e) - d(h', r, e')]_+` for each triple.

        d is the length of :math:`q_h + c_r - t_e`; ``triples`` and ``others`` are
        (..., 3) codes of film, relation and entity.
        """

        def distance(codes):
            head, relation, tail = tf.unstack(codes, axis=-1)
            gap = tf.gather(q, head) + tf.gather(self.c, relation)
            gap = gap - tf.gather(self.t, tail)
            # The root of 0 has no slope.
            return tf.sqrt(tf.reduce_sum(gap**2, axis=-1) + 1e-12)

        return tf.nn.relu(margin + distance(triples) - distance(others))
