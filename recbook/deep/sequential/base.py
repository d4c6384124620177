"""What GRU4Rec and SASRec share: every step of a sequence predicts the next item."""

import numpy as np

from recbook.base import check_settings, check_train, count, known, optional
from recbook.deep import histories
from recbook.deep.base import mean_ndcg
from recbook.deep.histories import HistoryModel
from recbook.deep.lazy import tf
from recbook.deep.training import train_epochs

__all__ = ["NextItemModel"]

MANY = 10**9  # scores in a training from which XLA's compiling has earned its time


class NextItemModel(HistoryModel):
    r"""Learn :math:`-\ln \pi_{j}` of the item j that came next, at every step.

    A model has ``_build(n_items)``: a network from windows, (batch, n_steps) int, to
    states h, (batch, n_steps, n_factors), with a
    :class:`recbook.deep.sequential.layers.TiedItems` named "items". A state may
    depend on what stands in the window up to its step, and on nothing later.
    """

    # With None the softmax is over the whole catalogue.
    _ranges = {"n_negatives": optional(count())}

    def fit(self, train):
        """Learn from the order in ``train``; return self.

        Parameters
        ----------
        train : Ratings
            With timestamps. Every rating is an event; the stars play no part.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            A hyper-parameter is out of its range, or ``train`` has no timestamps.
        DivergenceError
            The loss left the finite numbers.
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
                    return _last_scores(network, table)

                return mean_ndcg(score, fewer, validation)

        history = {"loss": []}
        if np.diff(bounds).max() > 1:  # else nothing ever came next
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
        """Return a draw for ``train_epochs``: windows, what came next at each step.

        A sequence of L items gives ⌈(L - 1) / n_steps⌉ windows an epoch: one that ends
        at its end, and the others where chance has it. With ``n_negatives``, a third
        array: that many items a step, each as likely as any other but the target.
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
        """Return the mean over the batch's steps of the next item's cross-entropy."""
        from recbook.deep.sequential.layers import next_item_loss

        layer = network.get_layer("items")

        # Compiled on its own: the softmax over the catalogue is most of a step's work,
        # and XLA needs two thirds of the time. The dropout around it XLA would slow.
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
            # Each that was drawn stands for so many that were not.
            weight = (layer.n_items - 1) / others.shape[-1]
            negatives = layer.scores_of(h, others) + np.log(weight)
            positives = layer.scores_of(h, targets[:, None])
            logits = tf.concat([positives, negatives], axis=1)
            return next_item_loss(logits, tf.zeros_like(targets), targets > 0)

        return loss

    def _answers(self, table):
        return _last_scores(self.network_, table)


def _last_scores(network, table):
    """Return the scores of all items after each window, (len(table), n_items)."""
    h = network(table)[:, -1]
    return network.get_layer("items").scores(h).numpy()
