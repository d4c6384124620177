"""What a step of the towers' training reads, and what it lowers."""

import numpy as np
from scipy import sparse

from recbook.deep.lazy import tf
from recbook.deep.towers import rows as rows_of
from recbook.deep.towers.base import matrices, started

__all__ = ["HeldFilms", "Stars"]


class Stars:
    """Ratings to be predicted, each by towers that have not read it.

    ``rows`` are the tables of both sides, ``counts`` each feature's n_a, ``start`` the
    vectors before training.
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
        # What is hidden with a film's id: all that only old films have.
        self.hidden = [
            hideable(X, n, last)
            for X, n, last in zip(self.rows, sizes, (None, raters), strict=True)
        ]

    def told(self):
        """Return who has, besides the id and raters, a feature that train has seen."""
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
            p -= x[:, None] * tf.gather(people, own_film)  # as if this rating were not
            q -= y[:, None] * tf.gather(films, own_rater)
            found = mean + p[:, -1] + q[:, -1]
            found += tf.reduce_sum(p[:, :-1] * q[:, :-1], axis=1)
            penalty = tf.reduce_sum(penalties[0] * people**2)
            penalty += tf.reduce_sum(penalties[1] * films**2)
            return tf.reduce_mean((stars - found) ** 2) + penalty

        return loss

    def _penalty(self, counts):
        """Return n_a^rho / |K| times lambda, of the vectors and of the weight."""
        strength = counts**self.model.reg_power / self.train.n_ratings
        by = np.full(self.model.n_factors + 1, self.model.reg)
        by[-1] = self.model.reg_bias
        return tf.constant(strength[:, None] * by, tf.float32)

    def draw(self, rng):
        """Return an epoch's ratings in new order, and hide other ids."""
        order, kept = rng.permutation(self.train.n_ratings), []
        for table, hidden in zip(self.tables, self.hidden, strict=True):
            keep = rng.random(table.shape[0]) >= self.model.id_dropout
            table.hide(hidden & ~keep[table.rows])
            kept.append(keep)
        # Raters are hidden with the film; then there is none to be taken out again.
        x = self.x[0], self.x[1] * kept[1][self.train.items]
        whole = self.train.users, self.train.items, *self.own
        parts = *x, self.train.values
        return (
            *(column[order].astype(np.int32) for column in whole),
            *(column[order].astype(np.float32) for column in parts),
        )

    def measure(self, network, validation):
        """Return a function that measures the RMSE, not clipped."""

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
            found = mean[0] + p[:, -1] + q[:, -1] + (p * q)[:, :-1].sum(axis=1)
            return np.sqrt(np.mean((validation.values - found) ** 2))

        return measure


class HeldFilms:
    """People's films to be found in the whole catalogue, given a part of them."""

    def __init__(self, model, train, sides, rng):
        self.model = model
        self.rows = X, Y = matrices(sides)
        counts = np.bincount(train.items, minlength=train.n_items)
        seen = counted(X, np.ones(train.n_users)), counted(Y, counts)
        self.start = [started(n, model.n_factors, model.init_std, rng) for n in seen]
        popular = np.log(np.maximum(counts, 0.5))  # unseen: half a rating
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
        """Return the mean over people of -log likelihood, plus the penalty."""
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
        """Return people in new order, with a part of their features; hide other ids."""
        keep = rng.random(self.films.shape[0]) >= self.model.id_dropout
        self.films.hide(self.hidden & ~keep[self.films.rows])
        order, share = rng.permutation(self.some), 1.0 - self.model.dropout
        seen = rng.random(self.cells.data.size) < share
        x = np.zeros(self.cells.shape, dtype=np.float32)
        x[self.cells.row[seen], self.cells.col[seen]] = self.cells.data[seen] / share
        return x[order], self.wanted[order]

    def scorer(self, network):
        """Return a function that scores the catalogue for people of train."""
        X, Y = self.rows

        def score(users):
            V, W, weight = network.get_weights()
            return X[users] @ V @ (Y @ W).T + (Y @ weight)[:, 0]

        return score


# Tables -------------------------------------------------------------------------------


class Table:
    """A sparse table of rows that TensorFlow multiplies, with entries to be hidden."""

    def __init__(self, X):
        self.shape, self.x = X.shape, X.data.astype(np.float32)
        self.rows = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
        self.places = np.stack([self.rows, X.indices], axis=1).astype(np.int64)
        self.now = tf.Variable(self.x, trainable=False)

    def hide(self, gone):
        """Set the entries with a True in ``gone`` to 0, and all others back."""
        self.now.assign(np.where(gone, np.float32(0), self.x))

    def times(self, vectors):
        """Return the rows' sums of vectors, a tensor."""
        table = tf.SparseTensor(self.places, self.now, self.shape)
        return tf.sparse.sparse_dense_matmul(table, vectors)


def counted(X, weights):
    """Return n_a, each feature's x squared, added up over the rows' weights.

    >>> counted(sparse.csr_array([[2.0, 0], [1, 1]]), np.array([1, 3])).tolist()
    [7.0, 3.0]
    """
    return np.asarray(X.multiply(X).T @ weights.astype(np.float64)).ravel()


def hideable(X, n_ids, last=None):
    """Return which entries of X are ids, or from the feature ``last`` on.

    >>> hideable(sparse.csr_array([[1.0, 0, 1, 1], [0, 1, 0, 0]]), 2, 3).tolist()
    [True, False, True, True]
    """
    return (X.indices < n_ids) | (X.indices >= (X.shape[1] if last is None else last))
