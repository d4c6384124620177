"""The deep interest network: which past items speak for this candidate?"""

from typing import Self

import numpy as np
from scipy import sparse

from recbook._core.negatives import draw_unrated
from recbook._core.validate import check_codes, check_fitted
from recbook.base import check_settings, check_train, count, known, one_of
from recbook.deep import histories
from recbook.deep.base import seeds
from recbook.deep.histories import HistoryModel
from recbook.deep.lazy import keras, tf
from recbook.deep.training import sampled_loss, train_epochs

__all__ = ["DIN", "draws"]

POOLINGS = ("unit", "dot", "mean")
NUMBERS = 2**22  # size of the largest array when the whole catalogue is scored


class DIN(HistoryModel):
    r"""Score a candidate by a weighted sum of the user's latest items.

    A window holds the user's last T = ``n_steps`` items before an event. Step t is
    the vector :math:`h_t = q_{i_t} + a_t`, the embedding of its item plus an embedding
    of its age, counted from the end of the window. The candidate i is the query,
    :math:`s = q_i`. Then

    .. math::

        \begin{aligned}
        w_t &= v^\top \phi\bigl(W\,[h_t;\, s;\, h_t \odot s;\, h_t - s]
        + b\bigr) + v_0 , \\
        c &= \sum_{t=1}^T w_t h_t ,
        \qquad z = g\bigl([c;\, s;\, c \odot s]\bigr) + b_i ,
        \end{aligned}

    where the sum runs over the real steps of the window, :math:`\phi(x) = \max(x, 0)`,
    :math:`[\cdot;\cdot]` joins vectors, :math:`\odot` is the product entry by entry,
    and g is a network with the layers ``hidden``. The W, v, b, :math:`v_0` and the
    item's bias :math:`b_i` are learned. The weights :math:`w_t` are not normalised, so
    a history full of similar items counts more than a history with one. The sign of a
    weight has no meaning by itself, since g can reverse it.

    The loss is the mean, over each event (y = 1) and ``n_negatives`` sampled unrated
    items for each of them (y = 0), of

    .. math::

        -y \ln \sigma(z) - (1 - y) \ln (1 - \sigma(z))
        + \frac{\lambda}{2} \lVert s \rVert^2 .

    The model learns from implicit feedback and from the order of time: it needs
    timestamps, ignores the stars and has no ``predict``. A user without ratings, and an
    empty history, gets the items' numbers of ratings as scores.

    Parameters
    ----------
    n_factors : int
        Length of :math:`q_i` and :math:`a_t`.
    n_steps : int
        Length T of the window. Of a longer history only the last T items count.
    n_hidden : int
        Width of the hidden layer that computes the weights.
    hidden : tuple of int
        Widths of the hidden layers of g. It may be empty.
    pooling : {"unit", "dot", "mean"}
        How :math:`w_t` is computed. "unit" is the formula above. For comparison, "dot"
        is the softmax of :math:`s^\top h_t / \sqrt{f}` with f = ``n_factors``, and
        "mean" is 1 over the number of real steps, the same for every candidate.
    n_negatives : int
        Number of unrated items that are sampled for each event.
    n_epochs : int
        Largest number of passes. With 0 the network keeps its initial weights.
    batch_size : int
        Number of events per step, each with its negatives.
    lr : float
        Adam's step size.
    lr_decay : float, optional
        Factor that multiplies the step size after each epoch. None keeps it constant.
    reg : float
        Strength :math:`\lambda` of the penalty on the candidates' embeddings.
    dropout : float
        Share of :math:`[c; s; c \odot s]` that is set to 0 in training.
    init_std : float
        Standard deviation of the initial embeddings.
    validation_share : float
        Share of each user's events, the latest, that is held out. Their loss, with
        fixed negatives, is measured after each epoch, and the best epoch is kept. With
        0 the network learns from all of train for ``n_epochs``.
    patience : int
        Number of epochs without improvement after which training stops.
    seed : int
        Seeds the initial weights, the negatives and dropout.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    weights_ : list of arrays
        Weights of ``network_``, which maps windows (n, T) and candidates (n, m) to
        logits (n, m) and weights :math:`w_t`, (n, m, T). In both inputs item i is i +
        1, and 0 is padding.
    counts_ : (n_items,) int array
        Number of training ratings of each item.
    history_ : dict of str to list of float
        ``"loss"`` of each epoch, and ``"validation"`` if it was measured.

    Raises
    ------
    ValueError
        From ``fit``, if train has no timestamps or a setting is out of its range.
    DivergenceError
        From ``fit``, if the loss is not finite. The message names lr and the epoch.

    Notes
    -----
    Negatives are drawn uniformly, anew in each epoch, from the items that the user did
    not rate in the part of train that the network learns from. Ratings held out for
    validation can be among them. Unlike the paper, the model has no features of the
    user, and each step has an age embedding.

    References
    ----------
    Zhou et al. (2018), "Deep Interest Network for Click-Through Rate Prediction", KDD,
    equation 3.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = DIN(n_factors=4, n_steps=3, n_epochs=2).fit(load_toy())
    >>> model.score_histories([[0, 1], []]).shape
    (2, 6)
    >>> model.weights([0, 1, 2, 3], items=[4, 5]).shape  # the last three steps speak
    (2, 3)
    """

    def __init__(
        self,
        n_factors=32,
        n_steps=20,
        n_hidden=16,
        hidden=(64, 32),
        pooling="unit",
        n_negatives=4,
        n_epochs=20,
        batch_size=512,
        lr=0.002,
        lr_decay=None,
        reg=0.0,
        dropout=0.0,
        init_std=0.05,
        validation_share=0.1,
        patience=3,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.n_steps = n_steps
        self.n_hidden = n_hidden
        self.hidden = hidden
        self.pooling = pooling
        self.n_negatives = n_negatives
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.lr = lr
        self.lr_decay = lr_decay
        self.reg = reg
        self.dropout = dropout
        self.init_std = init_std
        self.validation_share = validation_share
        self.patience = patience
        self.seed = seed
        self.verbose = verbose

    _ranges = {"n_hidden": count(), "pooling": one_of(*POOLINGS)}

    def fit(self, train) -> Self:
        """Learn from ``train`` and return the model.

        Parameters
        ----------
        train : Ratings
            Ratings with timestamps. Every rating is an event, whatever its stars.

        Returns
        -------
        DIN
            The model itself.
        """
        train = check_train(train)
        check_settings(self)
        items, bounds = histories.ordered(train)
        now, later = draws(
            items,
            bounds,
            train.n_items,
            self.validation_share,
            self.n_steps,
            self.n_negatives,
        )
        network = self._build(train.n_items)
        history: dict[str, list] = {"loss": []}
        loss, measure = self._loss(network), None
        if later is not None:
            rows = [tf.convert_to_tensor(column) for column in later(self._rng(1))]
            later_loss = tf.function(lambda: loss(*rows, training=False))

            def measure():
                return later_loss()

        if now is not None:
            history = train_epochs(self, network, loss, now, self._rng(0), measure)
        self._sequences, self.history_ = (items, bounds), history
        self.counts_ = np.bincount(train.items, minlength=train.n_items)
        self._known = known(train)
        self._keep(network)
        return self

    def _rng(self, stream):
        return np.random.default_rng([int(self.seed), stream])

    def _build(self, n_items=None):
        """Return a network: windows (n, T), items (n, m) -> logits and weights."""
        from recbook.deep.attention.layers import AddAges, TargetAttention

        n_items = self.counts_.size if n_items is None else n_items
        f, T, draw = int(self.n_factors), int(self.n_steps), seeds(self.seed)
        std = float(self.init_std)

        def embedding(width, std, name):  # row 0 is padding
            start = keras.initializers.RandomNormal(stddev=std, seed=next(draw))
            return keras.layers.Embedding(n_items + 1, width, start, name=name)

        def dense(x, width, activation=None):
            start = keras.initializers.GlorotUniform(seed=next(draw))
            return keras.layers.Dense(width, activation, kernel_initializer=start)(x)

        windows = keras.Input((T,), dtype="int32", name="windows")  # (n, T)
        candidates = keras.Input((None,), dtype="int32", name="items")  # (n, m)
        embed = embedding(f, std, "embedding")
        h = AddAges(std, next(draw))(embed(windows))  # (n, T, f)
        s = embed(candidates)  # (n, m, f)
        real = keras.ops.cast(windows != histories.PAD, h.dtype)  # (n, T)
        attention = TargetAttention(self.pooling, int(self.n_hidden), next(draw))
        c, weights = attention(h, s, real)  # (n, m, f) and (n, m, T)
        x = keras.ops.concatenate([c, s, c * s], axis=-1)  # (n, m, 3 f)
        x = keras.layers.Dropout(self.dropout, seed=next(draw))(x)
        for width in self.hidden:
            x = dense(x, int(width), "relu")  # (n, m, width)
        bias = embedding(1, 0.0, "bias")(candidates)  # (n, m, 1)
        logits = dense(x, 1) + bias
        return keras.Model([windows, candidates], [logits[..., 0], weights])

    def _loss(self, network):
        """Return the mean cross-entropy over the pairs of a batch, plus the penalty."""
        embed = network.get_layer("embedding")

        def loss(windows, candidates, training=True):
            z, _ = network([windows, candidates], training=training)  # (n, m)
            value = sampled_loss(z)
            if self.reg and training:
                squares = tf.reduce_sum(embed(candidates) ** 2, axis=-1)
                value += self.reg / 2 * tf.reduce_mean(squares)
            return value

        return loss

    def _answers(self, table):
        """Return the logits of all items for each window, (len(table), n_items)."""
        n_items = self.counts_.size
        most = max(self.n_steps * max(self.n_factors, self.n_hidden), *self.hidden, 1)
        size = max(1, NUMBERS // (n_items * most))
        rows = np.tile(np.arange(1, n_items + 1, dtype=np.int32), (size, 1))
        scores = np.empty((len(table), n_items), np.float32)
        for first in range(0, len(table), size):
            block = table[first : first + size]
            logits, _ = self.network_([block, rows[: len(block)]])
            scores[first : first + size] = logits
        return scores

    def weights(self, history, items):
        """Return the weight :math:`w_t` of each step of a history for each candidate.

        Parameters
        ----------
        history : (length,) array_like of int
            Item codes, oldest first.
        items : (n,) array_like of int
            Item codes of the candidates.

        Returns
        -------
        (n, min(length, n_steps)) float64 array
            Weights of the last steps, oldest first.
        """
        check_fitted(self, "weights_")
        n_items = self.counts_.size
        table = histories.check_histories([history], n_items)
        window = histories.last_windows(*table, [0], self.n_steps)
        rows = check_codes("items", items, n_items)[None].astype(np.int32) + 1
        weights = self.network_([window, rows])[1][0]  # (n, n_steps)
        return np.array(weights, dtype=np.float64)[:, window[0] != histories.PAD]


def draws(items, bounds, n_items, held_out, n_steps, n_negatives):
    """Return two draws for ``train_epochs``: earlier events and latest events.

    Parameters
    ----------
    items, bounds : arrays
        Every user's items in the order of time, as from ``histories.ordered``.
    n_items : int
        Number of item codes.
    held_out : float
        Share of each user's events, rounded down, that count as the latest.
    n_steps : int
        Width of a window.
    n_negatives : int
        Number of negatives per event. A negative is an item that the user did not take
        among the earlier events.

    Returns
    -------
    earlier, latest : callable or None
        ``draw(rng)`` returns windows (n, n_steps) and candidates (n, 1 + n_negatives).
        Both hold item codes plus 1, and the item taken comes first. None if there is no
        event. A user who took every item has no negatives and is left out.

    Examples
    --------
    >>> earlier, latest = draws(np.array([2, 0]), np.array([0, 2]), 4, 0.5, 3, 1)
    >>> [part.tolist() for part in latest(np.random.default_rng(0))]
    [[[0, 0, 3]], [[1, 4]]]
    """
    lengths = np.diff(bounds)
    users = np.repeat(np.arange(lengths.size), lengths)
    n_earlier = lengths - np.floor(held_out * lengths).astype(int)
    earlier = np.arange(users.size) - bounds[users] < n_earlier[users]
    pairs = users[earlier], items[earlier]
    R = sparse.csr_array((np.ones(pairs[0].size), pairs), (lengths.size, n_items))
    R.sort_indices()
    usable = n_earlier[users] < n_items

    def draw_of(chosen):
        places = np.flatnonzero(chosen & usable)
        if not places.size:
            return None
        takers, taken = users[places], items[places]
        table = histories.windows(items, bounds[takers], places, n_steps)

        def draw(rng):
            order = rng.permutation(places.size)
            negatives = draw_unrated(rng, R, takers[order], n_negatives)
            rows = np.column_stack([taken[order], negatives]) + 1
            return table[order], rows.astype(np.int32)

        return draw

    return draw_of(earlier), draw_of(~earlier)
