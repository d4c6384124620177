"""What MultDAE and MultVAE share: rows of choices, their likelihood, and answers."""

import itertools

import numpy as np
from scipy import sparse
from scipy.special import log_softmax

from recbook._core.validate import check_codes, check_fitted
from recbook.base import check_settings, check_train, known
from recbook.deep.base import BLOCK, RankingModel, held_out, mean_ndcg
from recbook.deep.lazy import keras, tf
from recbook.deep.training import train_epochs

__all__ = [
    "Multinomial",
    "dense",
    "gaps",
    "kl_from_normal",
    "layers",
    "likelihood",
    "popularity_bias",
    "sum_of_squares",
]


class Multinomial(RankingModel):
    """An autoencoder of a user's choices, whose output is a multinomial's logits.

    A model has ``_build(counts)``, a network from rows x (n, n_items) to logits
    (n, n_items), the code (n, n_factors) and perhaps the logarithm of its variance;
    ``_loss(network)``; and, where a step needs more of each person than the row with
    gaps and the row without, ``_more`` and ``_question``.
    """

    def fit(self, train):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model."""
        train = check_train(train)
        check_settings(self)
        fewer, validation = held_out(train, self.validation_share, self.seed)
        counts = np.bincount(fewer.items, minlength=fewer.n_items)
        network, measure = self._build(counts), None
        seen = {"likelihood": [], "kl": []}

        if validation is not None:
            users = np.unique(validation.users)
            held = validation.csr[users].tocoo()

            def measure():
                logits, *code = self._asked(network, fewer.csr[users])
                found = log_softmax(logits, axis=1)[held.row, held.col]
                seen["likelihood"].append(float(found.mean()))
                if len(code) == 2:
                    seen["kl"].append(float(kl_from_normal(*code).mean()))

                def score(block):
                    return logits[np.searchsorted(users, block)]

                return mean_ndcg(score, fewer, validation)

        rng, draw = np.random.default_rng(self.seed), self._draw(fewer)
        loss = self._loss(network)
        history = train_epochs(self, network, loss, draw, rng, measure, higher=True)
        self.history_ = history | {name: v for name, v in seen.items() if v}
        self.counts_, self._known = counts, known(fewer)
        self._chosen = fewer.csr.indptr, fewer.csr.indices
        self._keep(network)
        return self

    def encode(self, users):
        """Return the codes of users of train, (len(users), n_factors), not sampled."""
        check_fitted(self, "weights_")
        users = check_codes("users", users, self._known[0].size)
        return self._asked(self.network_, self._rows(users))[1]

    def score_histories(self, histories):
        """Return scores for people who were not in train: one pass, no fitting.

        Parameters
        ----------
        histories : sequence of sequences of int
            What each of them chose, as item codes. The order does not matter, and an
            item that comes twice counts once.

        Returns
        -------
        (len(histories), n_items) float64 array
            As from ``scores``. Who has no history gets the items' number of ratings.

        Raises
        ------
        ValueError
            For a code that is no item's.
        """
        check_fitted(self, "weights_")
        n_items = self.counts_.size
        chosen = [np.unique(check_codes("histories", h, n_items)) for h in histories]
        scores = np.tile(self.counts_.astype(np.float64), (len(chosen), 1))
        some = [row for row, items in enumerate(chosen) if items.size]
        for first in range(0, len(some), BLOCK):
            rows = some[first : first + BLOCK]
            table = _stacked([chosen[row] for row in rows], n_items)
            scores[rows] = self._asked(self.network_, table)[0]
        return scores

    def _score(self, users):
        return self._asked(self.network_, self._rows(users))[0]

    def _rows(self, users):
        """Return what users of train chose, (len(users), n_items) csr."""
        ends, items = self._chosen
        rows = [items[ends[u] : ends[u + 1]] for u in users]
        return _stacked(rows, self.counts_.size)

    def _asked(self, network, X):
        """Return what the network says of rows of X: nothing hidden, no noise."""
        said = network(self._question(_unit(X)), training=False)
        return [output.numpy().astype(np.float64) for output in said]

    def _question(self, x):
        """Return the network's inputs for rows x outside of training."""
        return x

    def _draw(self, train):
        """Return a draw for ``train_epochs``: people in new order, with new gaps."""
        X, unit = train.csr.tocoo(), _unit(train.csr)
        cells, chosen = (X.row, X.col), dense(X.row, X.col, 1.0, X.shape)
        some = np.flatnonzero(chosen.any(axis=1))  # who chose nothing says nothing
        epochs = itertools.count()

        def draw(rng):
            order = rng.permutation(some)
            kept = dense(*gaps(cells, self.dropout, rng), 1.0, X.shape)
            inputs = unit * kept / np.float32(1.0 - self.dropout)
            more = self._more(order.size, next(epochs), rng)
            return inputs[order], chosen[order], *more

        return draw

    def _more(self, n, epoch, rng):
        """Return what else a step needs of n people: columns of that length."""
        return ()


# The lines of the formulas ------------------------------------------------------------


def layers(draw):
    """Return ``layer(units, activation, name, **options)``, with ``draw``'s seeds."""

    def layer(units, activation=None, name=None, **options):
        start = keras.initializers.GlorotUniform(seed=next(draw))
        options = {"kernel_initializer": start, **options}
        return keras.layers.Dense(units, activation, name=name, **options)

    return layer


def popularity_bias(counts):
    """Return the start of the logits' biases: the logarithm of each item's share.

    An item that nobody chose counts as half a choice. What is left to learn is how
    people differ.
    """
    shares = np.maximum(counts, 0.5) / np.maximum(counts, 0.5).sum()
    return keras.initializers.Constant(np.log(shares))


def likelihood(chosen, logits):
    """Return sum_i x_ui ln pi_ui of each row, a (n,) tensor in nats."""
    return tf.reduce_sum(chosen * tf.nn.log_softmax(logits), axis=1)


def sum_of_squares(network):
    """Return the sum of all squared weights, without biases, a scalar tensor."""
    kernels = [layer.kernel for layer in network.layers if hasattr(layer, "kernel")]
    return tf.add_n([tf.reduce_sum(kernel**2) for kernel in kernels])


def kl_from_normal(mean, log_variance):
    r"""Return :math:`\mathrm{KL}(N(\mu, \sigma^2) \,\|\, N(0, 1))`, summed over a row.

    >>> kl_from_normal(np.array([[0.0, 2.0]]), np.zeros((1, 2))).tolist()
    [2.0]
    """
    return 0.5 * (np.exp(log_variance) + mean**2 - 1.0 - log_variance).sum(axis=1)


def dense(rows, columns, values, shape):
    """Return a float32 table with ``values`` in their cells and 0 elsewhere.

    >>> dense([0, 1], [1, 0], [2.0, 3.0], (2, 2)).tolist()
    [[0.0, 2.0], [3.0, 0.0]]
    """
    table = np.zeros(shape, dtype=np.float32)
    table[rows, columns] = values
    return table


def gaps(columns, share, rng):
    r"""Return the columns less a random share p of their places, for one epoch.

    Dropout, drawn by NumPy, and for the cells that hold something alone: the others
    are 0 either way, and are nineteen of twenty in a table of ratings. What is made of
    the rest is to be divided by :math:`1 - p`, so that a sum over cells keeps its
    expectation. Keras's layer would draw for every cell, which under XLA takes longer
    than all the rest of a step.

    >>> rows, values = gaps(np.ones((2, 1000)), 0.75, np.random.default_rng(0))
    >>> rows.size == values.size, 200 < rows.size < 300
    (True, True)
    """
    kept = rng.random(len(columns[0])) >= share
    return [column[kept] for column in columns]


def _unit(X):
    """Return csr rows as a dense float32 table of 1/sqrt(n_u) where there is a rating.

    So that every row has length 1, however much its user rated.
    """
    rows = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
    lengths = np.sqrt(np.diff(X.indptr))
    return dense(rows, X.indices, 1.0 / lengths[rows], X.shape)


def _stacked(rows, n_items):
    """Return lists of item codes as a csr table of ones."""
    ends = np.cumsum([0, *map(len, rows)])
    items = np.concatenate([np.empty(0, np.int64), *rows])
    return sparse.csr_array(
        (np.ones(items.size), items, ends), shape=(len(rows), n_items)
    )
