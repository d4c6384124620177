"""What GRU4Rec and SASRec share: every step of a sequence predicts the next item."""

from typing import Self

import numpy as np

from recbook.base import check_settings, check_train, count, known, optional
from recbook.deep import histories
from recbook.deep.base import mean_ndcg
from recbook.deep.histories import HistoryModel
from recbook.deep.lazy import tf
from recbook.deep.training import train_epochs

__all__ = ["NextItemModel"]

MANY = 10**9  # from so many scores in a training on, compiling with XLA pays off


class NextItemModel(HistoryModel):
    r"""Minimise :math:`-\ln \pi_{j}` of the item j that came next, at every step.

    A subclass has ``_build(n_items)``, which returns a network from windows,
    (batch, n_steps) int, to states h, (batch, n_steps, n_factors). The network has a
    ``TiedItems`` layer named "items", unless the subclass has its own ``_loss`` and
    ``_after``. A state may depend on the window up to its step only.
    """

    # With None the softmax is over the whole catalogue.
    _ranges = {"n_negatives": optional(count())}

    def fit(self, train) -> Self:
        """Learn from the order of the items in ``train`` and return the model.

        Parameters
        ----------
        train : Ratings
            Ratings with timestamps. Every rating is an event, whatever its stars.

        Returns
        -------
        self
            The model itself.

        Raises
        ------
        ValueError
            If a setting is out of its range, or ``train`` has no timestamps.
        DivergenceError
            If the loss is not finite.
        """
        train = check_train(train)
        check_settings(self)
        fewer, validation = histories.latest_out(train, self.validation_share)
        items, bounds = histories.ordered(fewer)
        network, measure = self._build(train.n_items), None
        if validation is not None:

            def measure():
                def score(users):
                    table = histories.last_windows(items, bounds, users, self.n_steps)
                    return self._after(network, table)

                return mean_ndcg(score, fewer, validation)

        history: dict[str, list] = {"loss": []}
        if np.diff(bounds).max() > 1:  # otherwise there is no next item
            draw = self._draw(items, bounds, train.n_items)
            steps = int(self.n_epochs) * fewer.n_ratings
            loss = self._loss(network, jit=steps * train.n_items >= MANY)
            rng = np.random.default_rng(self.seed)
            history = train_epochs(
                self, network, loss, draw, rng, measure, higher=True, jit=False
            )
        self._sequences = histories.ordered(train)
        self.history_ = history
        self.counts_ = np.bincount(train.items, minlength=train.n_items)
        self._known = known(train)
        self._keep(network)
        return self

    def _draw(self, items, bounds, n_items):
        """Return a draw for ``train_epochs``: windows, and the next item at each step.

        A sequence of L items gives ⌈(L - 1) / n_steps⌉ windows per epoch. One ends
        where the sequence ends, and the others end at random places. With
        ``n_negatives`` there is a third array with that many items per step, drawn
        uniformly from all but the target.
        """
        n_steps, lengths = int(self.n_steps), np.diff(bounds)
        counts = -(-np.maximum(lengths - 1, 0) // n_steps)
        users = np.repeat(np.arange(lengths.size), counts)
        starts, newest = bounds[users], np.append(True, users[1:] != users[:-1])

        def draw(rng):
            ends = starts + rng.integers(2, lengths[users] + 1)
            ends[newest] = bounds[users[newest] + 1]
            rows = rng.permutation(users.size)
            table = histories.windows(items, starts[rows], ends[rows] - 1, n_steps)
            targets = histories.windows(items, starts[rows], ends[rows], n_steps)
            targets[table == histories.PAD] = histories.PAD
            if self.n_negatives is None or n_items == 1:
                return table, targets
            shape = *targets.shape, int(self.n_negatives)
            others = rng.integers(1, n_items, shape, dtype=np.int32)
            return table, targets, others + (others >= targets[..., None])

        return draw

    def _loss(self, network, jit=False):
        """Return the mean cross-entropy of the next item over the steps of a batch."""
        from recbook.deep.sequential.layers import next_item_loss

        layer = network.get_layer("items")

        # Only this is compiled. The softmax over the catalogue is most of a step's
        # work, and XLA saves a third of its time. XLA would slow the dropout around it.
        @tf.function(jit_compile=jit)
        def over_all(h, E, b, targets):
            logits = tf.matmul(h, E, transpose_b=True) + b
            return next_item_loss(logits, tf.maximum(targets - 1, 0), targets > 0)

        def loss(windows, targets, others=None):
            h = tf.reshape(network(windows, training=True), (-1, layer.n_factors))
            targets = tf.reshape(targets, [-1])
            if others is None:
                return over_all(h, layer.E[1:], layer.b[1:], targets)
            others = tf.reshape(others, (-1, others.shape[-1]))
            # Each sampled item stands for this many items.
            weight = (layer.n_items - 1) / others.shape[-1]
            negatives = layer.scores_of(h, others) + np.log(weight)
            positives = layer.scores_of(h, targets[:, None])
            logits = tf.concat([positives, negatives], axis=1)
            return next_item_loss(logits, tf.zeros_like(targets), targets > 0)

        return loss

    def _answers(self, table):
        return self._after(self.network_, table)

    def _after(self, network, table):
        """Return the scores of all items after each window, (len(table), n_items)."""
        h = network(table)[:, -1]
        return network.get_layer("items").scores(h).numpy()
