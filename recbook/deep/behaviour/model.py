"""MultiBehaviour: what comes next, from events of several kinds."""

import numpy as np

from recbook._core.validate import check_codes, check_fitted
from recbook.base import anything, at_least, check_settings, check_train, count, known
from recbook.deep.base import BLOCK, RankingModel, seeds
from recbook.deep.behaviour.events import (
    ContextCodes,
    asked_for,
    before,
    before_visits,
    look_back,
    parts,
    read_log,
    read_stars,
)
from recbook.deep.lazy import tf
from recbook.deep.training import train_epochs

__all__ = ["MultiBehaviour"]

NAMELESS = 0.5  # share of the examples that do without the user's own vector


class MultiBehaviour(RankingModel):
    r"""Predict the next purchase from all that came before it, and from the moment.

    An event t of the user's last ``n_steps`` is a sum of embeddings,

    .. math::
        h_t = q_{i_t} + b_{\beta_t} + a_{\delta_t},

    of its item, its behaviour :math:`\beta_t`, and how long ago it was,
    :math:`\delta_t` (:data:`recbook.deep.behaviour.events.EDGES`). The query is the
    user, the behaviour asked for and the context of now,
    :math:`s = p_u + b'_\beta + \sum_f c_f`. Then

    .. math::
        e_t = f(h_t, s), \quad \alpha = \mathrm{softmax}(e), \quad
        c = \sum_t \alpha_t h_t, \quad
        \hat s_i = q_i^\top \mathrm{MLP}(s, c) + d_i + \sum_{t: i_t = i} g_t,

    and a softmax over the whole catalogue gives the probability of every item; the
    number :math:`g_t`, out of the same :math:`h_t` and s, lets an item come back. The
    loss is its cross entropy over the events of the behaviour ``target``, and over as
    many of the other behaviours, each asked for by its own :math:`b'_\beta`.

    Of the *visit* of an event that is to be predicted only its context is known: the
    cart seconds before a purchase is not in the history that predicts the purchase.

    Parameters
    ----------
    n_factors : int
        Length of all embeddings.
    n_heads : int
        Attention heads; each weighs the events by itself.
    n_steps : int
        Length of the window, events.
    target : str or number, optional
        The behaviour to predict. None: "purchase" where the log has it, otherwise the
        highest level (of stars).
    others : float
        Events of other behaviours learned from in an epoch, per event of the target.
    visit_gap : int
        Seconds of silence that end a visit.
    n_epochs, batch_size, lr, dropout, patience, seed, verbose
        As for every network of the book; what stops is a cross entropy, in nats.
    reg : float
        Weight of the squared length of the user's vector, per example.
    validation_share : float
        Share of the target's events, the last ones in time, that training stops on;
        0 trains on all for ``n_epochs``.

    Attributes
    ----------
    behaviours_ : list
        What the behaviour codes stand for.
    counts_ : (n_items,) array
        Events of the target behaviour of each item.

    References
    ----------
    Kang & McAuley (2018), section III (attention over what came before); Jin et al.,
    "Multi-behavior Recommendation with Graph Convolutional Networks" (2020).

    Examples
    --------
    >>> MultiBehaviour(n_steps=20).n_steps
    20
    """

    def __init__(
        self,
        n_factors=32,
        n_heads=2,
        n_steps=20,
        target=None,
        others=1.0,
        visit_gap=1800,
        n_epochs=15,
        batch_size=512,
        lr=0.006,
        reg=0.0,
        dropout=0.4,
        validation_share=0.1,
        patience=3,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.n_heads = n_heads
        self.n_steps = n_steps
        self.target = target
        self.others = others
        self.visit_gap = visit_gap
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.lr = lr
        self.reg = reg
        self.dropout = dropout
        self.validation_share = validation_share
        self.patience = patience
        self.seed = seed
        self.verbose = verbose

    _ranges = {
        "target": anything("dance", [5]),  # asked_for knows the behaviours of the log
        "others": at_least(0, 1e6),  # events drawn, per event of the target
        "visit_gap": count(0),  # seconds
    }

    def fit(self, train, log=None):
        """Learn from a log of events, or from stars; return the model.

        Parameters
        ----------
        train : Ratings
            Whose users and items the model speaks of. Without a log its ratings are
            the events, every level of stars a behaviour of its own (more than 10
            levels: five bands), and every timestamp a visit; timestamps are needed.
        log : pandas.DataFrame, optional
            One row an event: user_id; item_id, movie_id or product_id; behaviour;
            timestamp (whole seconds). Every other column is a context, of at most 1000
            different values.
        """
        train = check_train(train)
        check_settings(self)
        ids = train.user_ids, train.item_ids
        if log is None:
            events, names, fields = read_stars(train)
        else:
            events, names, fields = read_log(ids, log, self.visit_gap)
        asked = asked_for(self.target, names)
        goals = np.flatnonzero(events["behaviours"] == asked)
        learn, stop = parts(events, goals, self.validation_share)
        sizes = (train.n_users, train.n_items, len(names))
        sizes += (fields.size, len(fields.values))
        network = self._build(sizes)
        draw, measure = self._draw(events, learn, asked), None
        if stop is not None:
            measure = self._measure(network, events, stop)
        rng, loss = np.random.default_rng(self.seed), self._loss(network)
        self.history_ = train_epochs(self, network, loss, draw, rng, measure)
        self._events, self._sizes, self._ids = events, sizes, ids
        self.behaviours_, self._fields, self._ask = names, fields.values, asked
        self.counts_ = np.bincount(events["items"][goals], minlength=train.n_items)
        self._known = np.diff(events["bounds"]) > 0, known(train)[1]
        self._keep(network)
        return self

    def _build(self, sizes=None):
        from recbook.deep.behaviour import layers

        sizes = self._sizes if sizes is None else sizes
        return layers.build(self, sizes, seeds(self.seed))

    def _draw(self, events, learn, asked):
        """Return a draw of all events asked for, and of others, with what led there."""
        done = events["behaviours"][learn]
        goals, rest = learn[done == asked], learn[done != asked]
        n_more = min(round(self.others * goals.size), rest.size)

        def draw(rng):
            more = rng.choice(rest, n_more, replace=False) if n_more else rest[:0]
            chosen = rng.permutation(np.concatenate([goals, more]))
            *inputs, user, behaviour = before_visits(events, chosen, self.n_steps)
            user[rng.random(user.size) < NAMELESS] = 0
            return *inputs, user, behaviour, events["items"][chosen]

        return draw

    def _loss(self, network):
        people = network.get_layer("person").embeddings

        def loss(*batch):
            *inputs, goal = batch
            scores = network(inputs, training=True)[0]  # (batch, n_items)
            value = tf.nn.sparse_softmax_cross_entropy_with_logits(goal, scores)
            if self.reg:
                p = tf.gather(people, inputs[4])  # (batch, d)
                value += self.reg * tf.reduce_sum(p**2, axis=1)
            return tf.reduce_mean(value)

        return loss

    def _measure(self, network, events, stop):
        """Return a function: the mean cross entropy of the events ``stop``, in nats."""
        inputs = before_visits(events, stop, self.n_steps)
        goal = events["items"][stop]

        def measure():
            scores = _answers(network, inputs)[0].astype(np.float64)
            best = scores.max(axis=1)
            total = np.log(np.exp(scores - best[:, None]).sum(axis=1)) + best
            return (total - scores[np.arange(goal.size), goal]).mean()

        return measure

    # Answers --------------------------------------------------------------------------

    def scores(self, users, timestamps=None, context=None, log=None):
        """Return a score for every item, (len(users), n_items) float64.

        Items that the user has are scored too: a shop may sell coffee again.

        Parameters
        ----------
        users : (n,) int
            Codes; one may stand there several times, at several moments.
        timestamps : (n,) int, optional
            Now, for each: events count that came before, and their age is counted from
            here. None: right after the last event.
        context : DataFrame or dict, optional
            The moment: context columns of ``fit``'s log, each of n values or of one for
            all. A field that is left out, or a value unseen in training, adds nothing.
        log : pandas.DataFrame, optional
            Events to look back at, in place of those of ``fit``.

        Returns
        -------
        (n, n_items) float64 array
            Logits. For a user of whom nothing is known, where there is no context
            either: how often each item had the target behaviour.
        """
        check_fitted(self, "weights_")
        inputs, strangers = self._inputs(users, timestamps, context, log)
        scores = _answers(self.network_, inputs)[0].astype(np.float64)
        if context is None:
            scores[strangers] = self.counts_
        return scores

    def attention(self, user, timestamp=None, context=None, log=None):
        """Return what one user's events weigh, a DataFrame, the newest event last.

        Columns: item_id, behaviour, days (since the event), ``weight``, the mean over
        the heads, of sum 1, and ``again``, :math:`g_t`, what the event adds to the
        score of its own item. Arguments are those of :meth:`scores`.
        """
        import pandas as pd

        check_fitted(self, "weights_")
        times = None if timestamp is None else [timestamp]
        events, times = self._looked_at(log, times, 1)
        inputs, _ = self._inputs([user], times, context, log)
        _, weights, again = _answers(self.network_, inputs)
        end = before(events, [user], times)
        start = max(end[0] - self.n_steps, events["bounds"][user])
        rows, real = slice(start, end[0]), slice(self.n_steps - end[0] + start, None)
        done = events["behaviours"][rows]
        return pd.DataFrame(
            {
                "item_id": self._ids[1][events["items"][rows]],
                "behaviour": [self.behaviours_[b] for b in done],
                "days": (times[0] - events["times"][rows]) / 86_400,
                "weight": weights[0].mean(axis=0)[real].astype(float),
                "again": again[0, real].astype(float),
            }
        )

    def _looked_at(self, log, timestamps, n):
        """Return the events to look back at, and the time of each look."""
        events = self._events
        if log is not None:
            fields = ContextCodes(self._fields)
            read = log, self.visit_gap, self.behaviours_, fields
            events = read_log(self._ids, *read)[0]
        if timestamps is None:
            return events, np.full(n, events["times"].max(initial=0) + 1)
        times = np.asarray(timestamps)
        if times.shape != (n,) or (n and not np.issubdtype(times.dtype, np.integer)):
            raise ValueError(
                f"timestamps must be {n} whole seconds, one a user, got {timestamps!r}"
            )
        return events, times

    def _inputs(self, users, timestamps, context, log):
        """Return the network's inputs, and whose they are of whom nothing is known."""
        users = check_codes("users", users, self._known[0].size)
        events, times = self._looked_at(log, timestamps, users.size)
        now = ContextCodes(self._fields).codes(context, users.size)
        ends = before(events, users, times)
        inputs = look_back(events, users, ends, times, self.n_steps)
        person = np.where(self._known[0][users], users + 1, 0).astype(np.int32)
        asked = np.full(users.size, self._ask, dtype=np.int32)
        strangers = ~self._known[0][users] & (ends == events["bounds"][users])
        return [*inputs, now, person, asked], strangers


def _answers(network, inputs):
    """Return the network's scores and weights as arrays, ``BLOCK`` rows at a time."""
    n, found = len(inputs[0]), []
    for first in range(0, n, BLOCK):
        block = [tf.convert_to_tensor(x[first : first + BLOCK]) for x in inputs]
        found.append([part.numpy() for part in network(block, training=False)])
    if not found:
        return [np.zeros((0, *output.shape[1:])) for output in network.output]
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]
