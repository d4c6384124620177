"""What a training step of the towers reads, and what it minimises."""

import numpy as np
from scipy import sparse

from recbook.deep.lazy import tf
from recbook.deep.towers import rows as rows_of
from recbook.deep.towers.base import matrices, started

__all__ = ["HeldFilms", "Stars"]


class Stars:
    """Ratings to predict, each from rows without that rating.

    ``rows`` are the tables of both sides, ``counts`` holds n_a of each feature, and
    ``start`` the initial vectors.
    """

    def __init__(self, model, train, sides, rng):
        self.model, self.train = model, train
        self.rows = matrices(sides)
        codes = train.users, train.items
        sizes = train.n_users, train.n_items
        rated = [np.bincount(c, minlength=n) for c, n in zip(codes, sizes, strict=True)]
        pairs = zip(self.rows, rated, strict=True)
        self.counts = [counted(X, n) for X, n in pairs]
        self.start = [
            started(n, model.n_factors, model.init_std, rng) for n in self.counts
        ]
        fields = rows_of.names(tuple(model.levels))
        firsts = np.array([rows_of.first_of(sides["user"], name) for name in fields])
        level = rows_of.level_of(train.values, tuple(model.levels))
        raters = rows_of.first_of(sides["film"], "raters")
        self.own = firsts[level] + train.items, raters + train.users
        weights = rows_of.history_weight(rated[0]), 1 / np.sqrt(np.maximum(rated[1], 1))
        self.x = [w[c] for w, c in zip(weights, codes, strict=True)]
        # With the id of an item its raters are hidden too: new items have neither.
        self.hidden = [
            hideable(X, n, last)
            for X, n, last in zip(self.rows, sizes, (None, raters), strict=True)
        ]

    def told(self):
        """Return for both sides which rows have side information seen in train."""
        return [
            np.diff((X[:, n:] @ sparse.diags_array(1.0 * (c[n:] > 0))).indptr) > 0
            for X, n, c in zip(
                self.rows, (X.shape[0] for X in self.rows), self.counts, strict=True
            )
        ]

    def loss(self, network):
        """Return the mean squared error of a batch plus the whole penalty."""
        V, W, film_weight, user_weight, mean = network.weights
        self.tables = X, Y = [Table(X) for X in self.rows]
        penalties = [self._penalty(n) for n in self.counts]

        def loss(users, items, own_film, own_rater, x, y, stars):
            people = tf.concat([V, user_weight], axis=1)  # (F, k + 1)
            films = tf.concat([W, film_weight], axis=1)
            p = tf.gather(X.times(people), users)  # (B, k + 1)
            q = tf.gather(Y.times(films), items)
            p -= x[:, None] * tf.gather(people, own_film)  # without this rating
            q -= y[:, None] * tf.gather(films, own_rater)
            predicted = mean + p[:, -1] + q[:, -1]
            predicted += tf.reduce_sum(p[:, :-1] * q[:, :-1], axis=1)
            penalty = tf.reduce_sum(penalties[0] * people**2)
            penalty += tf.reduce_sum(penalties[1] * films**2)
            return tf.reduce_mean((stars - predicted) ** 2) + penalty

        return loss

    def _penalty(self, counts):
        r"""Return :math:`n_a^\rho \lambda / |K|` for the vectors and for the weight."""
        strength = counts**self.model.reg_power / self.train.n_ratings
        by = np.full(self.model.n_factors + 1, self.model.reg)
        by[-1] = self.model.reg_bias
        return tf.constant(strength[:, None] * by, tf.float32)

    def draw(self, rng):
        """Return an epoch's ratings in random order, and hide other ids."""
        order, kept = rng.permutation(self.train.n_ratings), []
        for table, hidden in zip(self.tables, self.hidden, strict=True):
            keep = rng.random(table.shape[0]) >= self.model.id_dropout
            table.hide(hidden & ~keep[table.rows])
            kept.append(keep)
        # If an item's raters are hidden, this rating must not be subtracted again.
        x = self.x[0], self.x[1] * kept[1][self.train.items]
        whole = self.train.users, self.train.items, *self.own
        parts = *x, self.train.values
        return (
            *(column[order].astype(np.int32) for column in whole),
            *(column[order].astype(np.float32) for column in parts),
        )

    def measure(self, network, validation):
        """Return a function for the RMSE without clipping."""

        def measure():
            V, W, film_weight, user_weight, mean = network.get_weights()
            p, q = (
                (X @ np.hstack(tables))[codes]
                for X, tables, codes in zip(
                    self.rows,
                    ((V, user_weight), (W, film_weight)),
                    (validation.users, validation.items),
                    strict=True,
                )
            )
            predicted = mean[0] + p[:, -1] + q[:, -1] + (p * q)[:, :-1].sum(axis=1)
            return np.sqrt(np.mean((validation.values - predicted) ** 2))

        return measure


class HeldFilms:
    """Items that users rated, to be found from a random part of the users' rows."""

    def __init__(self, model, train, sides, rng):
        self.model = model
        self.rows = X, Y = matrices(sides)
        counts = np.bincount(train.items, minlength=train.n_items)
        seen = counted(X, np.ones(train.n_users)), counted(Y, counts)
        self.start = [started(n, model.n_factors, model.init_std, rng) for n in seen]
        popular = np.log(np.maximum(counts, 0.5))  # unrated: half a rating
        weight = np.zeros((Y.shape[1], 1), dtype=np.float32)
        weight[: counts.size, 0] = popular - popular.mean()
        self.start.append(weight)
        weights = np.array(model.weights, dtype=np.float32)
        level = rows_of.level_of(train.values, tuple(model.levels))
        self.wanted = np.zeros((train.n_users, train.n_items), dtype=np.float32)
        self.wanted[train.users, train.items] = weights[level]
        self.some = np.flatnonzero(np.bincount(train.users, minlength=train.n_users))
        self.cells, self.hidden = X.tocoo(), hideable(Y, train.n_items)

    def loss(self, network):
        """Return the mean negative log likelihood over users, plus the penalty."""
        V, W, weight = network.weights
        self.films = Y = Table(self.rows[1])

        def loss(x, wanted):
            films = Y.times(tf.concat([W, weight], axis=1))  # (n_items, k + 1)
            logits = tf.matmul(tf.matmul(x, V), films[:, :-1], transpose_b=True)
            logs = tf.nn.log_softmax(logits + films[:, -1])
            penalty = self.model.reg * (tf.reduce_sum(V**2) + tf.reduce_sum(W**2))
            return penalty - tf.reduce_mean(tf.reduce_sum(wanted * logs, axis=1))

        return loss

    def draw(self, rng):
        """Return users in random order with some of their features; hide other ids."""
        keep = rng.random(self.films.shape[0]) >= self.model.id_dropout
        self.films.hide(self.hidden & ~keep[self.films.rows])
        order, share = rng.permutation(self.some), 1.0 - self.model.dropout
        seen = rng.random(self.cells.data.size) < share
        x = np.zeros(self.cells.shape, dtype=np.float32)
        x[self.cells.row[seen], self.cells.col[seen]] = self.cells.data[seen] / share
        return x[order], self.wanted[order]

    def scorer(self, network):
        """Return a function that scores the catalogue for users of train."""
        X, Y = self.rows

        def score(users):
            V, W, weight = network.get_weights()
            return X[users] @ V @ (Y @ W).T + (Y @ weight)[:, 0]

        return score


# Tables -------------------------------------------------------------------------------


class Table:
    """A sparse table that TensorFlow multiplies and whose entries can be hidden."""

    def __init__(self, X):
        self.shape, self.x = X.shape, X.data.astype(np.float32)
        self.rows = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
        self.places = np.stack([self.rows, X.indices], axis=1).astype(np.int64)
        self.now = tf.Variable(self.x, trainable=False)

    def hide(self, gone):
        """Set the entries where ``gone`` is True to 0, and restore all others."""
        self.now.assign(np.where(gone, np.float32(0), self.x))

    def times(self, vectors):
        """Return the rows' sums of vectors, a tensor."""
        table = tf.SparseTensor(self.places, self.now, self.shape)
        return tf.sparse.sparse_dense_matmul(table, vectors)


def counted(X, weights):
    """Return n_a, the weighted sum over the rows of each feature's x squared.

    >>> counted(sparse.csr_array([[2.0, 0], [1, 1]]), np.array([1, 3])).tolist()
    [7.0, 3.0]
    """
    return np.asarray(X.multiply(X).T @ weights.astype(np.float64)).ravel()


def hideable(X, n_ids, last=None):
    """Return which entries of X are ids, or belong to features from ``last`` on.

    >>> hideable(sparse.csr_array([[1.0, 0, 1, 1], [0, 1, 0, 0]]), 2, 3).tolist()
    [True, False, True, True]
    """
    return (X.indices < n_ids) | (X.indices >= (X.shape[1] if last is None else last))
