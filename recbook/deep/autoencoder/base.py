"""What MultDAE and MultVAE share: rows of choices, their likelihood, and scores."""

import itertools
from typing import Self

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
    """An autoencoder of a user's choices whose output is the logits of a multinomial.

    A subclass has ``_build(counts)``, which returns a network from rows x (n, n_items)
    to logits (n, n_items), the code (n, n_factors) and optionally its log-variance. It
    also has ``_loss(network)``. It overrides ``_more`` and ``_question`` if a step
    needs more inputs than the row with gaps and the complete row.
    """

    def fit(self, train) -> Self:
        """Learn from ``train`` and return the model.

        Parameters
        ----------
        train : Ratings
            Every rating counts as a choice, whatever its stars.

        Returns
        -------
        self
            The model itself.
        """
        train = check_train(train)
        check_settings(self)
        fewer, validation = held_out(train, self.validation_share, self.seed)
        counts = np.bincount(fewer.items, minlength=fewer.n_items)
        network, measure = self._build(counts), None
        seen: dict[str, list] = {"likelihood": [], "kl": []}

        if validation is not None:
            users = np.unique(validation.users)
            held = validation.csr[users].tocoo()

            def measure():
                logits, *code = self._asked(network, fewer.csr[users])
                logs = log_softmax(logits, axis=1)[held.row, held.col]
                seen["likelihood"].append(float(logs.mean()))
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
        """Return the codes of users of train, without noise.

        Parameters
        ----------
        users : (n,) array_like of int
            User codes.

        Returns
        -------
        (n, n_factors) float64 array
            The codes :math:`z_u`, or their means if the model has a distribution.
        """
        check_fitted(self, "weights_")
        users = check_codes("users", users, self._known[0].size)
        return self._asked(self.network_, self._rows(users))[1]

    def score_histories(self, histories):
        """Return scores for users who were not in train, without fitting again.

        Parameters
        ----------
        histories : sequence of sequences of int
            Item codes that each user chose. The order does not matter, and a repeated
            item counts once.

        Returns
        -------
        (len(histories), n_items) float64 array
            Scores as from ``scores``. An empty history gets the items' numbers of
            ratings.

        Raises
        ------
        ValueError
            If a code is not the code of an item.
        """
        check_fitted(self, "weights_")
        n_items = self.counts_.size
        chosen = [np.unique(check_codes("histories", h, n_items)) for h in histories]
        scores = np.tile(self.counts_.astype(np.float64), (len(chosen), 1))
        active = [row for row, items in enumerate(chosen) if items.size]
        for first in range(0, len(active), BLOCK):
            rows = active[first : first + BLOCK]
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
        """Return the network's outputs for rows of X: nothing hidden, no noise."""
        outputs = network(self._question(_unit(X)), training=False)
        return [output.numpy().astype(np.float64) for output in outputs]

    def _question(self, x):
        """Return the network's inputs for rows x outside of training."""
        return x

    def _draw(self, train):
        """Return a draw for ``train_epochs``: users in random order, with new gaps."""
        X, unit = train.csr.tocoo(), _unit(train.csr)
        cells, chosen = (X.row, X.col), dense(X.row, X.col, 1.0, X.shape)
        active = np.flatnonzero(chosen.any(axis=1))  # no choices, no loss
        epochs = itertools.count()

        def draw(rng):
            order = rng.permutation(active)
            kept = dense(*gaps(cells, self.dropout, rng), 1.0, X.shape)
            inputs = unit * kept / np.float32(1.0 - self.dropout)
            more = self._more(order.size, next(epochs), rng)
            return inputs[order], chosen[order], *more

        return draw

    def _more(self, n, epoch, rng):
        """Return the further columns of length n that a step needs."""
        return ()


# The lines of the formulas ------------------------------------------------------------


def layers(draw):
    """Return ``layer(units, activation, name, **options)`` with seeds from ``draw``."""

    def layer(units, activation=None, name=None, **options):
        start = keras.initializers.GlorotUniform(seed=next(draw))
        options = {"kernel_initializer": start, **options}
        return keras.layers.Dense(units, activation, name=name, **options)

    return layer


def popularity_bias(counts):
    """Return the initial biases of the logits: the logarithm of each item's share.

    An item without choices counts as half a choice. The network then only has to learn
    how users differ.
    """
    shares = np.maximum(counts, 0.5) / np.maximum(counts, 0.5).sum()
    return keras.initializers.Constant(np.log(shares))


def likelihood(chosen, logits):
    r"""Return :math:`\sum_i x_{ui} \ln \pi_{ui}` of each row, a (n,) tensor in nats."""
    return tf.reduce_sum(chosen * tf.nn.log_softmax(logits), axis=1)


def sum_of_squares(network):
    """Return the sum of all squared weights without the biases, a scalar tensor."""
    kernels = [layer.kernel for layer in network.layers if hasattr(layer, "kernel")]
    return tf.add_n([tf.reduce_sum(kernel**2) for kernel in kernels])


def kl_from_normal(mean, log_variance):
    r"""Return :math:`\mathrm{KL}(N(\mu, \sigma^2) \,\|\, N(0, 1))`, summed by row.

    >>> kl_from_normal(np.array([[0.0, 2.0]]), np.zeros((1, 2))).tolist()
    [2.0]
    """
    return 0.5 * (np.exp(log_variance) + mean**2 - 1.0 - log_variance).sum(axis=1)


def dense(rows, columns, values, shape):
    """Return a float32 table with ``values`` in the given cells and 0 elsewhere.

    >>> dense([0, 1], [1, 0], [2.0, 3.0], (2, 2)).tolist()
    [[0.0, 2.0], [3.0, 0.0]]
    """
    table = np.zeros(shape, dtype=np.float32)
    table[rows, columns] = values
    return table


def gaps(columns, share, rng):
    """Return the columns without a random share p of their entries, for one epoch.

    This is dropout, drawn by NumPy for the observed cells only, which are about one in
    twenty. Keras's layer would draw for every cell, which under XLA takes longer than
    the rest of a step. Divide the entries that stay by :math:`1 - p`, so that a sum
    over cells keeps its expectation.

    >>> rows, values = gaps(np.ones((2, 1000)), 0.75, np.random.default_rng(0))
    >>> rows.size == values.size, 200 < rows.size < 300
    (True, True)
    """
    kept = rng.random(len(columns[0])) >= share
    return [column[kept] for column in columns]


def _unit(X):
    """Return csr rows as a dense float32 table with 1/sqrt(n_u) for each rating.

    Every row then has length 1, however many items its user rated.
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
