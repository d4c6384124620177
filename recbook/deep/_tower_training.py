"""What a step of the towers' training reads, and what it lowers."""

import numpy as np

from recbook.deep import _tower_rows as rows_of
from recbook.deep._lazy import tf
from recbook.deep._towers import counts_of, sparse_tensor, started

__all__ = ["HeldFilms", "Stars"]


class Stars:
    """Ratings to be predicted, each by towers that have not read it."""

    def __init__(self, model, train, sides, rng):
        self.model, self.train = model, train
        self.X, self.Y = (rows_of.matrix(sides[name]) for name in ("user", "film"))
        rated = [
            np.bincount(codes, minlength=n).astype(np.float64)
            for codes, n in ((train.users, train.n_users), (train.items, train.n_items))
        ]
        self.counts = [
            counts_of(X, n) for X, n in zip((self.X, self.Y), rated, strict=True)
        ]
        k, std = model.n_factors, model.init_std
        self.start = [started(counts, k, std, rng) for counts in self.counts]
        # Is there, besides the id, a feature that training has seen?
        self.told = [
            np.diff((X[:, n:] @ _diagonal(counts[n:] > 0)).indptr) > 0
            for X, n, counts in zip(
                (self.X, self.Y),
                self.X.shape[:1] + self.Y.shape[:1],
                self.counts,
                strict=True,
            )
        ]
        fields = rows_of.names(tuple(model.levels))
        firsts = np.array([rows_of.first_of(sides["user"], name) for name in fields])
        level = rows_of.level_of(train.values, tuple(model.levels))
        raters = rows_of.first_of(sides["film"], "raters")
        own = firsts[level] + train.items, raters + train.users
        x = [1 / np.sqrt(n[codes]) for n, codes in zip(
            rated, (train.users, train.items), strict=True)]  # fmt: skip
        self.columns = (
            *(c.astype(np.int32) for c in (train.users, train.items, *own)),
            *(c.astype(np.float32) for c in (*x, train.values)),
        )

    def draw(self, rng):
        """Return an epoch's ratings in new order."""
        order = rng.permutation(self.train.n_ratings)
        return tuple(column[order] for column in self.columns)

    def loss(self, network):
        """Return the mean squared error of a batch plus the whole penalty."""
        V, W, film_weight, user_weight, mean = network.weights
        X, Y = sparse_tensor(self.X), sparse_tensor(self.Y)
        strengths = [
            tf.constant(n[:, None] ** self.model.reg_power / self.train.n_ratings,
                        tf.float32)
            for n in self.counts
        ]  # fmt: skip

        def loss(users, items, own_film, own_rater, x, y, stars):
            people = tf.concat([V, user_weight], axis=1)  # (F, k + 1)
            films = tf.concat([W, film_weight], axis=1)
            p = tf.gather(tf.sparse.sparse_dense_matmul(X, people), users)
            q = tf.gather(tf.sparse.sparse_dense_matmul(Y, films), items)
            p -= x[:, None] * tf.gather(people, own_film)  # as if this rating were not
            q -= y[:, None] * tf.gather(films, own_rater)
            found = mean + p[:, -1] + q[:, -1]
            found += tf.reduce_sum(p[:, :-1] * q[:, :-1], axis=1)
            penalty = self._penalty(strengths[0], V, user_weight)
            penalty += self._penalty(strengths[1], W, film_weight)
            return tf.reduce_mean((stars - found) ** 2) + penalty

        return loss

    def _penalty(self, strength, vectors, weights):
        squares = self.model.reg * tf.reduce_sum(strength * vectors**2)
        return squares + self.model.reg_bias * tf.reduce_sum(strength * weights**2)

    def measure(self, network, validation):
        """Return a function that measures the RMSE, not clipped."""

        def measure():
            V, W, film_weight, user_weight, mean = network.get_weights()
            p, q = self.X @ V, self.Y @ W
            found = mean[0] + (self.X @ user_weight)[validation.users, 0]
            found += (self.Y @ film_weight)[validation.items, 0]
            found += (p[validation.users] * q[validation.items]).sum(axis=1)
            return np.sqrt(np.mean((validation.values - found) ** 2))

        return measure


def _diagonal(x):
    from scipy import sparse

    return sparse.diags_array(x.astype(np.float64)).tocsr()


class HeldFilms:
    """People's films to be found in the whole catalogue, given a part of them."""

    def __init__(self, model, train, sides, rng):
        self.model = model
        self.X, self.Y = (rows_of.matrix(sides[name]) for name in ("user", "film"))
        R = train.csr
        self.chosen = (R.toarray() * 0).astype(np.float32)
        self.chosen[train.users, train.items] = 1.0
        counts = np.bincount(train.items, minlength=train.n_items)
        k, std = model.n_factors, model.init_std
        seen = [
            counts_of(self.X, np.ones(len(R.indptr) - 1)),
            counts_of(self.Y, counts),
        ]
        self.start = [started(n, k, std, rng) for n in seen]
        popular = np.zeros((self.Y.shape[1], 1), np.float32)
        logs = np.log(np.maximum(counts, 0.5))
        popular[: counts.size, 0] = logs - logs.mean()
        self.start.append(popular)
        firsts = [rows_of.first_of(sides["user"], name)
                  for name in rows_of.names(tuple(model.levels))]  # fmt: skip
        self.first = min(firsts)
        self.cells = self.X.tocoo()
        self.rated = self.cells.col >= self.first

    def draw(self, rng):
        """Return people in new order: rows with a part of their films, and all."""
        order = rng.permutation(self.X.shape[0])
        order = order[self.chosen[order].any(axis=1)]
        cells, hide = self.cells, rng.random(self.cells.data.size) < self.model.dropout
        kept = ~(hide & self.rated)
        x = np.zeros(self.X.shape, np.float32)
        x[cells.row[kept], cells.col[kept]] = cells.data[kept]
        part = x[:, self.first :]
        lengths = np.sqrt((part**2).sum(axis=1, keepdims=True))
        part /= np.maximum(lengths, 1e-12)
        return x[order], self.chosen[order]

    def loss(self, network):
        """Return the mean over people of -log likelihood, plus the penalty."""
        V, W, weight = network.weights
        Y = sparse_tensor(self.Y)

        def loss(x, chosen):
            films = tf.sparse.sparse_dense_matmul(Y, tf.concat([W, weight], axis=1))
            logits = tf.matmul(tf.matmul(x, V), films[:, :-1], transpose_b=True)
            logs = tf.nn.log_softmax(logits + films[:, -1])
            penalty = self.model.reg * (tf.reduce_sum(V**2) + tf.reduce_sum(W**2))
            return penalty - tf.reduce_mean(tf.reduce_sum(chosen * logs, axis=1))

        return loss

    def scorer(self, network):
        """Return the scores of people for the whole catalogue, as a function."""

        def score(users):
            V, W, weight = network.get_weights()
            return self.X[users] @ V @ (self.Y @ W).T + (self.Y @ weight)[:, 0]

        return score
