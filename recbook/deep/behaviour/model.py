"""MultiBehaviour: the next item, from events of several kinds."""

from typing import Self

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

NAMELESS = 0.5  # share of the examples without the user's own vector


class MultiBehaviour(RankingModel):
    r"""Predict the next purchase from the user's past events and the present context.

    Event t among the user's last ``n_steps`` events is a sum of embeddings,

    .. math::

        h_t = q_{i_t} + b_{\beta_t} + a_{\delta_t},

    of its item :math:`i_t`, its behaviour :math:`\beta_t` and its age :math:`\delta_t`,
    counted in bands from an hour to about 16 months. The query is the sum of the
    embeddings of the user, of the behaviour :math:`\beta` to predict and of the context
    fields f: :math:`s = p_u + b'_\beta + \sum_f c_f`. Then

    .. math::

        e_t = f(h_t, s), \quad \alpha = \mathrm{softmax}(e), \quad
        c = \sum_t \alpha_t h_t, \quad
        \hat s_i = q_i^\top \mathrm{MLP}(s, c) + d_i + \sum_{t: i_t = i} g_t,

    where f is additive attention, c is the weighted mean of the events, :math:`d_i` is
    an item bias, and :math:`g_t`, computed from :math:`h_t` and s, lets an item return.
    A softmax over the whole catalogue turns the scores :math:`\hat s_i` into
    probabilities.

    The loss is the mean of :math:`-\ln \pi_i + \lambda \|p_u\|^2` over events, where
    :math:`\pi_i` is the probability of the event's item. The events are all those with
    the behaviour ``target`` and ``others`` times as many with other behaviours, each
    with its own :math:`b'_\beta`. In a random half of the examples, the vector of an
    unknown user replaces :math:`p_u`.

    A *visit* is what a user does without a pause of more than ``visit_gap`` seconds.
    The events before the visit are the history of an event to predict. Of the visit
    itself only the context is known, so a cart seconds before a purchase does not give
    it away.

    The model has no ``predict``. A user without events gets the items' numbers of
    target events as scores, unless a context is given.

    Parameters
    ----------
    n_factors : int
        Length of all embeddings.
    n_heads : int
        Number of attention heads, each with its own weights.
    n_steps : int
        Number of past events in the window.
    target : str or number, optional
        Behaviour to predict. None, the default, is "purchase" if the log has it, or the
        highest level of stars.
    others : float
        Number of events of other behaviours per event of the target, in each epoch.
    visit_gap : int
        Seconds without an event that end a visit.
    n_epochs : int
        Largest number of passes. With 0 the network keeps its initial weights.
    batch_size : int
        Number of events per step.
    lr : float
        Adam's step size.
    reg : float
        Strength :math:`\lambda` of the penalty on the user's vector.
    dropout : float
        Share of the numbers of :math:`h_t`, s and the MLP's hidden layer that is set to
        0 in training.
    validation_share : float
        Share of the target's events, the latest ones, whose cross-entropy is measured
        after each epoch. The weights of the best epoch are kept. With 0 the network
        learns from all events for ``n_epochs``.
    patience : int
        Number of epochs without improvement after which training stops.
    seed : int
        Seeds the initial weights, the sampled events and dropout.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    behaviours_ : list
        The behaviours that the codes stand for.
    weights_ : list of arrays
        Weights of ``network_``, which maps events, context, user and behaviour to
        scores.
    counts_ : (n_items,) int array
        Number of events of the target behaviour of each item.
    history_ : dict of str to list of float
        ``"loss"`` of each epoch, in nats, and ``"validation"`` if it was measured.

    Raises
    ------
    ValueError
        From ``fit``, if a setting, train or the log is wrong. The message names it.
    DivergenceError
        From ``fit``, if the loss is not finite. The message names lr and the epoch.

    References
    ----------
    - Kang & McAuley (2018), "Self-Attentive Sequential Recommendation", ICDM, section
      III, for attention over past events.
    - Jin, Gao, He, Jin & Li (2020), "Multi-behavior Recommendation with Graph
      Convolutional Networks", SIGIR, for several behaviours.

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
        "target": anything("dance", [5]),  # asked_for checks it against the log
        "others": at_least(0, 1e6),  # events drawn, per event of the target
        "visit_gap": count(0),  # seconds
    }

    def fit(self, train, log=None) -> Self:
        """Learn from a log of events, or from stars, and return the model.

        Parameters
        ----------
        train : Ratings
            Defines the users and items of the model. Without a log its ratings are the
            events, and it needs timestamps. Each level of stars is then a behaviour
            (five bands if there are more than 10 levels) and each timestamp is a visit.
        log : pandas.DataFrame, optional
            One row per event with the columns user_id, behaviour, timestamp (whole
            seconds), and item_id, movie_id or product_id. Every other column is a
            context field with at most 1000 different values.

        Returns
        -------
        MultiBehaviour
            The model itself.
        """
        train = check_train(train)
        check_settings(self)
        ids = train.user_ids, train.item_ids
        if log is None:
            events, names, fields = read_stars(train)
        else:
            events, names, fields = read_log(ids, log, self.visit_gap)
        target = asked_for(self.target, names)
        goals = np.flatnonzero(events["behaviours"] == target)
        learn, stop = parts(events, goals, self.validation_share)
        sizes = (*train.csr.shape, len(names), fields.size, len(fields.values))
        network = self._build(sizes)
        draw, measure = self._draw(events, learn, target), None
        if stop is not None:
            measure = self._measure(network, events, stop)
        rng, loss = np.random.default_rng(self.seed), self._loss(network)
        self.history_ = train_epochs(self, network, loss, draw, rng, measure)
        self._events, self._sizes, self._ids = events, sizes, ids
        self.behaviours_, self._fields, self._ask = names, fields.values, target
        self.counts_ = np.bincount(events["items"][goals], minlength=train.n_items)
        self._known = np.diff(events["bounds"]) > 0, known(train)[1]
        self._keep(network)
        return self

    def _build(self, sizes=None):
        from recbook.deep.behaviour import layers

        sizes = self._sizes if sizes is None else sizes
        return layers.build(self, sizes, seeds(self.seed))

    def _draw(self, events, learn, asked):
        """Return a draw of all target events and some others, with their histories."""
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
        """Return a function for the mean cross-entropy of the events ``stop``."""
        inputs = before_visits(events, stop, self.n_steps)
        goal = events["items"][stop]

        def measure():
            scores = _answers(network, inputs)[0].astype(np.float64)
            best = scores.max(axis=1)
            total = np.log(np.exp(scores - best[:, None]).sum(axis=1)) + best
            return (total - scores[np.arange(goal.size), goal]).mean()

        return measure

    # Predictions ----------------------------------------------------------------------

    def scores(self, users, timestamps=None, context=None, log=None) -> np.ndarray:
        """Return a score of every item for each user at a given moment.

        Items that the user already has are scored too, since a shop may sell coffee
        again.

        Parameters
        ----------
        users : (n,) array_like of int
            User codes. A user may be repeated with several timestamps.
        timestamps : (n,) array_like of int, optional
            The present time of each row. Events before it count, and their age is
            counted from it. None stands for the time right after the last event of all.
        context : DataFrame or dict, optional
            Present context: columns of the log of ``fit``, each with n values or with
            one for all. A missing field, or a value that training has not seen, adds
            nothing.
        log : pandas.DataFrame, optional
            Events that replace those of ``fit`` as the history.

        Returns
        -------
        (n, n_items) float64 array
            Logits. A user without events, where no context is given, gets the items'
            numbers of target events.
        """
        check_fitted(self, "weights_")
        inputs, strangers = self._inputs(users, timestamps, context, log)
        scores = _answers(self.network_, inputs)[0].astype(np.float64)
        if context is None:
            scores[strangers] = self.counts_
        return scores

    def attention(self, user, timestamp=None, context=None, log=None):
        """Return how much each past event of one user counts.

        Parameters
        ----------
        user : int
            User code.
        timestamp, context, log
            As for ``scores``, for one user.

        Returns
        -------
        DataFrame
            One row per event, the newest last. The columns are item_id, behaviour, days
            since the event, weight (the mean over the heads, which sums to 1) and
            again, the :math:`g_t` that the event adds to the score of its own item.
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
        """Return the network's inputs, and a mask of users without any events."""
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
    """Return the network's outputs as arrays, computed ``BLOCK`` rows at a time."""
    n, blocks = len(inputs[0]), []
    for first in range(0, n, BLOCK):
        block = [tf.convert_to_tensor(x[first : first + BLOCK]) for x in inputs]
        blocks.append([part.numpy() for part in network(block, training=False)])
    if not blocks:
        return [np.zeros((0, *output.shape[1:])) for output in network.output]
    return [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
