"""The deep interest network: which of the films so far speak for this candidate?"""

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
NUMBERS = 2**22  # in the largest array at once, where the whole catalogue is scored


class DIN(HistoryModel):
    r"""Score a candidate by what the user's latest films have to say about *it*.

    The window holds the last ``n_steps`` items before the event. Step t has
    :math:`h_t = q_{i_t} + a_t`, the embedding of its item and that of its age, counted
    from the end; the candidate is the query, :math:`s = q_i`. Then

    .. math::
        w_t = v^\top \phi\bigl(W\,[h_t;\, s;\, h_t \odot s;\, h_t - s] + b\bigr) + v_0 ,
        \qquad c = \sum_{t=1}^T w_t h_t ,
        \qquad z = g\bigl([c;\, s;\, c \odot s]\bigr) + b_i ,
        \qquad \phi(x) = \max(x, 0),

    the sum over the real steps of the window, and g a network with the layers
    ``hidden``. The :math:`w_t` are *not* normalised: a history full of what fits
    says more than one that has a single such item. Their sign alone means nothing,
    since g may turn it round.

    Lowered is the mean, over each event (y = 1) and, for each of them, ``n_negatives``
    items that the user has not rated (y = 0), of :math:`-y \ln \sigma(z) - (1 - y) \ln
    (1 - \sigma(z)) + \frac{\lambda}{2} \lVert s \rVert^2`. Negatives are drawn anew for
    every epoch, uniformly, and are never positives.

    A model of implicit feedback that learns from the order of time: it does not look at
    the stars, and has no ``predict``. A user who rated nothing, and an empty history,
    get the items' number of ratings.

    Parameters
    ----------
    n_factors : int
        Length of :math:`q_i` and :math:`a_t`.
    n_steps : int
        T: of a longer history, its last so many items are read.
    n_hidden : int
        Width of the unit's hidden layer.
    hidden : tuple of int
        Widths of g's hidden layers, perhaps none.
    pooling : {"unit", "dot", "mean"}
        The unit; or for comparison :math:`w_t` as the softmax of :math:`s^\top h_t /
        \sqrt{f}`; or 1 over the number of real steps, for every candidate the same.
    n_negatives : int
        Unrated items beside each event.
    n_epochs : int
        Passes, at most; with 0 the network stays at its random start.
    batch_size : int
        Events a step, each with its negatives.
    lr, lr_decay : float
        Adam's step size, and what multiplies it after every epoch.
    reg : float
        :math:`\lambda`, of the candidates' embeddings.
    dropout : float
        Share of :math:`[c; s; c \odot s]` that is set to 0 in training.
    init_std : float
        Standard deviation of the normal draws that embeddings start from.
    validation_share : float
        Share of each user's events, the latest, that is held out; after every epoch
        their loss is measured, with negatives drawn once, and the best epoch is kept.
        With 0 the network learns from all of train, for ``n_epochs``.
    patience : int
        Epochs without a better one after which training stops.
    seed : int
        Of the start, the negatives and dropout.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    weights_ : list of arrays
        Of ``network_``, which maps windows (n, T) and candidates (n, m), items plus 1
        and 0 for padding, to logits (n, m) and weights :math:`w_t`, (n, m, T).
    counts_ : (n_items,) int array
        Number of training ratings of each item.
    history_ : dict of str to list of float
        After every epoch ``"loss"`` and, where measured, ``"validation"``.

    Raises
    ------
    ValueError
        From ``fit``: train without timestamps, or a hyper-parameter out of its range.
    DivergenceError
        From ``fit``, where the loss is not finite; it names lr and the epoch.

    References
    ----------
    Zhou et al., "Deep Interest Network for Click-Through Rate Prediction", KDD 2018,
    equation 3. Ours has no features of the user, and the age of a step besides.

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

    def fit(self, train):
        """Learn from ``train``, a table with timestamps; return the model."""
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
        network, history = self._build(train.n_items), {"loss": []}
        loss, measure = self._loss(network), None
        if later is not None:
            rows = [tf.convert_to_tensor(part) for part in later(self._rng(1))]
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
        """Return the mean over a batch's pairs of cross-entropy and penalty."""
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
        """Return :math:`w_t` of each step of one history for each of some items.

        Parameters
        ----------
        history : (length,) array_like of int
            Item codes, oldest first.
        items : (n,) array_like of int
            Candidates.

        Returns
        -------
        (n, min(length, n_steps)) float64 array
            What the last steps say, oldest first.
        """
        check_fitted(self, "weights_")
        n_items = self.counts_.size
        table = histories.check_histories([history], n_items)
        window = histories.last_windows(*table, [0], self.n_steps)
        rows = check_codes("items", items, n_items)[None].astype(np.int32) + 1
        weights = self.network_([window, rows])[1][0]  # (n, n_steps)
        return np.array(weights, dtype=np.float64)[:, window[0] != histories.PAD]


def draws(items, bounds, n_items, held_out, n_steps, n_negatives):
    """Return two draws for ``train_epochs``: of the earlier events, of the latest.

    Parameters
    ----------
    items, bounds : arrays
        Every user's items in the order of time, see
        :func:`recbook.deep.histories.ordered`.
    n_items : int
        Number of item codes.
    held_out : float
        Share of each user's events, rounded down, that are the latest.
    n_steps : int
        Width of a window.
    n_negatives : int
        Items beside each event that the user did not take among the earlier events.

    Returns
    -------
    earlier, latest : callable or None
        ``draw(rng)`` returns windows (n, n_steps) and candidates (n, 1 + n_negatives),
        both items plus 1, what was taken first; None where there is no event. Who took
        every item has no negatives, and is left out.

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

    def of(part):
        places = np.flatnonzero(part & usable)
        if not places.size:
            return None
        whose, taken = users[places], items[places]
        table = histories.windows(items, bounds[whose], places, n_steps)

        def draw(rng):
            order = rng.permutation(places.size)
            negatives = draw_unrated(rng, R, whose[order], n_negatives)
            rows = np.column_stack([taken[order], negatives]) + 1
            return table[order], rows.astype(np.int32)

        return draw

    return of(earlier), of(~earlier)
