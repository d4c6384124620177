"""GenerativeRetrieval: the next item, spelled code by code."""

from typing import Self

import numpy as np

from recbook._core.topk import top_k
from recbook._core.validate import check_codes, check_fitted, check_positive_int
from recbook.base import anything, check_settings, check_train, count
from recbook.deep.base import seeds
from recbook.deep.histories import check_histories, last_windows, latest_out
from recbook.deep.lazy import keras, tf
from recbook.deep.semantic.codes import SemanticIDs, check_vectors, sequence_vectors
from recbook.deep.semantic.trie import Trie
from recbook.deep.sequential.base import NextItemModel

__all__ = ["GenerativeRetrieval"]


class GenerativeRetrieval(NextItemModel):
    r"""Predict the next item code by code, as a word of its semantic ID.

    Item i is the word :math:`c_{i1}, \dots, c_{iL}` of
    :class:`~recbook.deep.semantic.SemanticIDs`. It enters a gated recurrent unit as the
    sum of its codes' embeddings, :math:`x_i = \sum_l e_{c_{il}}^{(l)}`. With the state
    h after the user's items so far, its probability as the next one is

    .. math::

        \Pr(i \mid h) = \prod_{l=1}^{L} p_l(c_{il} \mid h, c_{i1}, \dots, c_{i,l-1}) .

    Each factor is a softmax over the codes of one level that exist below this beginning
    in the :class:`~recbook.deep.semantic.Trie` of all words. So the probabilities of
    all items add up to 1, and no step computes more outputs than a level has codes.
    A score is :math:`\ln \Pr(i \mid h)`, computed exactly by visiting every node of the
    trie. With a catalogue too large for that, a beam search finds the best items.

    No weight belongs to a single item. What is learned of one item serves all that
    share its codes, also items without any rating, if ``vectors`` tell them apart.

    The model learns from implicit feedback and from order: it needs timestamps and
    ignores the stars. An item that the user already had may score high, and
    ``recommend`` leaves out the items of ``exclude``. A user without ratings gets the
    items' numbers of ratings.

    Parameters
    ----------
    n_codes, n_levels : int
        Alphabet and length of the words, see
        :class:`~recbook.deep.semantic.SemanticIDs`.
    window : int
        How many steps apart two items may be to count as neighbours, see
        :func:`~recbook.deep.semantic.sequence_vectors`. Without effect if ``fit`` is
        given vectors.
    masked : bool
        Whether a softmax is over the codes that exist below a node, in training and
        for the scores. If not, it is over the whole alphabet of the level, some
        probability goes to words that are no item, and the items' probabilities add up
        to less than 1.
    n_factors : int
        Length of the embeddings and of the state.
    n_steps : int
        Number of items in a window, which is how far back the state reaches.
    n_epochs : int
        Largest number of passes. With 0 the network keeps its initial weights.
    batch_size : int
        Number of windows per step.
    lr : float
        Adam's step size.
    lr_decay : float, optional
        Factor that multiplies the step size after each epoch. None keeps it constant.
    dropout : float
        Share of the inputs and of the states that is set to 0 in training.
    validation_share : float
        Share of each user's ratings, the latest, that is held out and measured by
        nDCG@10 after each epoch. The weights of the best epoch are kept. With 0 the
        network learns from all of train for ``n_epochs``.
    patience : int
        Number of epochs without improvement after which training stops.
    seed : int
        Seeds the codes, weights, windows and dropout.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    ids_ : SemanticIDs
        The codes of the items, ``ids_.codes_``, and the centroids behind them.
    weights_ : list of arrays
        Weights of ``network_``, which maps windows (n, n_steps) to states (n, n_steps,
        n_factors). Its layer "words" turns these into probabilities.
    counts_ : (n_items,) int array
        Number of training ratings of each item.
    history_ : dict of str to list of float
        ``"loss"`` of each epoch, in nats per item, and ``"validation"`` if it was
        measured.

    Raises
    ------
    ValueError
        From ``fit``, if a setting is out of its range, train has no timestamps, or
        ``vectors`` do not fit train's items.
    DivergenceError
        From ``fit``, if the loss is not finite. The message names lr and the epoch.

    Notes
    -----
    The paper's network is a transformer that reads and writes the codes one by one, its
    codes come from texts by an RQ-VAE, and its softmax is not masked. Here a recurrent
    network reads one item per step, and small heads write its codes.

    References
    ----------
    - Rajput et al. (2023), "Recommender Systems with Generative Retrieval", NeurIPS.
    - Morin & Bengio (2005), "Hierarchical Probabilistic Neural Network Language Model",
      AISTATS. A softmax as a walk down a tree.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = GenerativeRetrieval(n_codes=2, n_levels=2, n_factors=4, n_epochs=2)
    >>> probabilities = np.exp(model.fit(load_toy()).scores([0]))
    >>> probabilities.shape, round(float(probabilities.sum()), 4)
    ((1, 6), 1.0)
    """

    n_negatives = None  # the softmaxes are small, and nothing is sampled

    def __init__(
        self,
        n_codes=24,
        n_levels=3,
        window=3,
        masked=True,
        n_factors=64,
        n_steps=50,
        n_epochs=20,
        batch_size=32,
        lr=0.006,
        lr_decay: float | None = 0.9,
        dropout=0.3,
        validation_share=0.1,
        patience=5,
        seed=0,
        verbose=False,
    ):
        self.n_codes = n_codes
        self.n_levels = n_levels
        self.window = window
        self.masked = masked
        self.n_factors = n_factors
        self.n_steps = n_steps
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.lr = lr
        self.lr_decay = lr_decay
        self.dropout = dropout
        self.validation_share = validation_share
        self.patience = patience
        self.seed = seed
        self.verbose = verbose

    _ranges = {"n_codes": count(), "n_levels": count(), "window": count()} | {
        "masked": anything()
    }

    def fit(self, train, vectors=None) -> Self:
        """Give the items their words, learn to spell the next, and return the model.

        Parameters
        ----------
        train : Ratings
            Ratings with timestamps. Every rating is an event, whatever its stars.
        vectors : (n_items, d) array_like, optional
            What the words are made from, such as genres and years. By default
            :func:`~recbook.deep.semantic.sequence_vectors` of the ratings that the
            network learns from. Vectors that were computed from the ratings to predict
            would let the test into the words.

        Returns
        -------
        GenerativeRetrieval
            The model itself.

        Raises
        ------
        ValueError
            If ``vectors`` has a value that is not finite, or another number of rows
            than train has items.
        """
        train = check_train(train)
        check_settings(self)
        if vectors is None:
            fewer, _ = latest_out(train, self.validation_share)
            vectors = sequence_vectors(fewer, window=self.window)
        vectors = check_vectors("vectors", vectors)
        if len(vectors) != train.n_items:
            raise ValueError(
                f"vectors has {len(vectors)} rows, but train has {train.n_items} "
                "items; give one row for each item code"
            )
        ids = SemanticIDs(self.n_codes, self.n_levels, seed=self.seed)
        self.ids_ = ids.fit(vectors)
        return super().fit(train)

    def spelling(self, history, items) -> np.ndarray:
        r"""Return :math:`\ln p_l` of each code of the words of some items.

        Parameters
        ----------
        history : (length,) array_like of int
            Item codes of one user, oldest first, at least one.
        items : (n,) array_like of int
            Item codes.

        Returns
        -------
        (n, n_levels + 1) float64 array
            A row for each item. Its sum is the item's score after this history.

        Raises
        ------
        ValueError
            If the history is empty, or a value is no item code.
        """
        h, words = self._states([history]), self.network_.get_layer("words")
        items, trie = check_codes("items", items, self.counts_.size), words.trie
        codes, found = trie.codes[items], []
        for level, allowed in enumerate(trie.allowed):
            mask = allowed[trie.nodes[items, level]] if self.masked else None
            beginnings = tf.constant(codes[:, :level], tf.int32)
            log_p = words.log_codes(level, h, beginnings, mask).numpy()
            rows = np.arange(len(log_p)) if level else np.zeros(len(items), int)
            found.append(log_p[rows, codes[:, level]])
        return np.column_stack(found).astype(np.float64)

    def beam_search(self, histories, width=10, trie=True) -> tuple:
        r"""Return the items that a search finds which keeps ``width`` beginnings.

        At each level every kept beginning is continued by every code, and the ``width``
        most probable results are kept. An item whose beginning was dropped is not
        found. With ``width`` at least the number of items, nothing is dropped.

        Parameters
        ----------
        histories : iterable of (length,) array_like of int
            Item codes of any users, oldest first, at least one in each.
        width : int
            Number of beginnings that are kept.
        trie : bool
            Whether only words that exist are spelled. Without the trie the softmax is
            over each whole alphabet, also in a model that was trained with masks.

        Returns
        -------
        items : (len(histories), width) int64 array
            Item codes, the most probable first. -1 is a word that is no item, or
            padding where there are fewer items than ``width``.
        log_p : (len(histories), width) float64 array
            :math:`\ln` of the probability of each word, -inf for padding.

        Raises
        ------
        ValueError
            If a history is empty or has a value that is no item code.
        """
        check_positive_int("width", width)
        h, words = self._states(histories), self.network_.get_layer("words")
        n = h.shape[0]
        codes, log_p = np.zeros((n, 1, 0), dtype=np.int32), np.zeros((n, 1))
        nodes = np.zeros((n, 1), dtype=np.int64)  # of the trie, -1 outside of it
        for level, child in enumerate(words.trie.children):
            below = np.where(nodes[..., None] < 0, -1, child[nodes])  # (n, kept, size)
            mask = below >= 0 if trie and self.masked else None
            step = words.log_codes(level, h[:, None], tf.constant(codes), mask).numpy()
            if trie:
                step = np.where(below < 0, -np.inf, step)
            total = log_p[..., None] + step
            best = top_k(total.reshape(n, -1), min(width, total[0].size))
            kept, code = np.divmod(best, child.shape[1])
            rows = np.arange(n)[:, None]
            log_p, nodes = total[rows, kept, code], below[rows, kept, code]
            codes = np.dstack([codes[rows, kept], code.astype(np.int32)])
        short = ((0, 0), (0, width - nodes.shape[1]))
        items = np.where(np.isneginf(log_p), -1, nodes)
        return (
            np.pad(items, short, constant_values=-1),
            np.pad(log_p, short, constant_values=-np.inf),
        )

    def _states(self, histories):
        """Return the states after histories of at least one item, (n, n_factors)."""
        check_fitted(self, "weights_")
        items, bounds = check_histories(histories, self.counts_.size)
        empty = np.flatnonzero(np.diff(bounds) == 0)
        if empty.size:
            raise ValueError(
                f"histories[{empty[0]}] is empty; give at least one item code"
            )
        everyone = np.arange(bounds.size - 1)
        table = last_windows(items, bounds, everyone, self.n_steps)
        return self.network_(table)[:, -1]

    def _build(self, n_items=None):
        """Return the network: windows (batch, T) -> states (batch, T, n_factors)."""
        from recbook.deep.semantic.layers import CodeWords

        d, draw = int(self.n_factors), seeds(self.seed)
        trie, masked = Trie(self.ids_.codes_), bool(self.masked)
        words = CodeWords(trie, d, masked, draw, name="words")
        windows = keras.Input((int(self.n_steps),), dtype="int32")  # (batch, T)
        x = words(windows)  # (batch, T, d)
        x = keras.layers.Dropout(self.dropout, seed=next(draw))(x)
        gru = keras.layers.GRU(
            d,
            return_sequences=True,
            kernel_initializer=keras.initializers.GlorotUniform(next(draw)),
            recurrent_initializer=keras.initializers.Orthogonal(seed=next(draw)),
            seed=next(draw),
            name="gru",
        )
        h = gru(x, mask=windows > 0)  # padding leaves the state at zero
        h = keras.layers.Dropout(self.dropout, seed=next(draw))(h)
        return keras.Model(windows, h)  # (batch, T, d)

    def _loss(self, network, jit=False):
        """Return the mean of -ln Pr of the next item over the steps of a batch."""
        words = network.get_layer("words")

        def loss(windows, targets):
            h = tf.reshape(network(windows, training=True), (-1, words.n_factors))
            targets = tf.reshape(targets, [-1])
            real = tf.where(targets > 0)[:, 0]
            h, targets = tf.gather(h, real), tf.gather(targets, real) - 1
            n = tf.maximum(tf.size(targets), 1)
            total = tf.reduce_sum(words.log_likelihood(h, targets))
            return -total / tf.cast(n, total.dtype)

        return loss

    def _after(self, network, table):
        return network.get_layer("words").scores(network(table)[:, -1]).numpy()
