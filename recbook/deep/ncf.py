"""Neural collaborative filtering: a product of embeddings, a network, or both."""

from typing import Self

import numpy as np

from recbook._core.negatives import draw_unrated
from recbook.base import check_settings, check_train, known, one_of
from recbook.deep.base import RankingModel, held_out, mean_ndcg, seeds
from recbook.deep.lazy import keras, tf
from recbook.deep.training import sampled_loss, train_epochs

__all__ = ["NeuralCF"]

KINDS = ("neumf", "gmf", "mlp")
PAIRS = 2**16  # (user, item) pairs at a time when the whole catalogue is scored


class NeuralCF(RankingModel):
    r"""Score the probability that a user rates an item, from embeddings of both.

    A pair of a user u and an item i gets a logit :math:`z_{ui}`, and
    :math:`\sigma(z_{ui})` is the probability that u rates i. The setting ``kind``
    chooses one of three logits:

    .. math::

        \begin{aligned}
        \text{gmf:}\quad & z_{ui} = h^\top (p_u \odot q_i) + b, \\
        \text{mlp:}\quad & z_{ui} = h^\top a_L + b, \quad
        a_1 = \phi\bigl(W_1 [p_u; q_i] + b_1\bigr), \quad
        a_l = \phi(W_l\, a_{l-1} + b_l), \\
        \text{neumf:}\quad & z_{ui} = h^\top [\,p_u \odot q_i;\; a_L] + b .
        \end{aligned}

    Here :math:`p_u` and :math:`q_i` are the embeddings, :math:`\odot` is the product
    entry by entry, :math:`[\cdot;\cdot]` joins two vectors, and
    :math:`\phi(x) = \max(x, 0)`. The weights :math:`h, W_l` and the biases
    :math:`b, b_l` are learned. The two halves of neumf have separate embeddings.

    The loss is the mean, over the observed pairs (y = 1) and ``n_negatives`` sampled
    unrated items for each of them (y = 0), of

    .. math::

        -y \ln \sigma(z_{ui}) - (1 - y) \ln\bigl(1 - \sigma(z_{ui})\bigr)
        + \frac{\lambda}{2} \sum_f w_f \bigl( p_{uf}^2 + q_{if}^2 \bigr) .

    The penalty has :math:`w_f = 1` for the embeddings of the network and
    :math:`w_f = |h_f|` for those of the product. Otherwise a larger h with smaller
    embeddings would be the same model with a smaller penalty.

    The model learns from implicit feedback: it ignores the stars and has no
    ``predict``. A user who rated nothing, or everything, appears in no example and
    gets the items' numbers of ratings as scores. An item without ratings is trained
    as a negative.

    Parameters
    ----------
    kind : {"neumf", "gmf", "mlp"}
        How a pair gets its logit.
    n_factors : int
        Length of :math:`p_u` and :math:`q_i`, in each half of neumf.
    hidden : tuple of int
        Widths of :math:`a_1, \dots, a_L`, at least one. Ignored by gmf.
    n_negatives : int
        Number of unrated items that are sampled for each observed pair.
    n_epochs : int
        Largest number of passes. With 0 the network keeps its initial weights.
    batch_size : int
        Number of observed pairs per step, each with its negatives.
    lr : float
        Adam's step size.
    lr_decay : float, optional
        Factor that multiplies the step size after each epoch. None keeps it constant.
    reg : float
        Strength :math:`\lambda` of the penalty on the embeddings.
    dropout : float
        Share of :math:`p_u \odot q_i` and of each :math:`a_l` set to 0 in training.
    init_std : float
        Standard deviation of the initial embeddings. The product's h starts at 1.
    validation_share : float
        Share of train that is held out and measured by nDCG@10 after each epoch. The
        weights of the best epoch are kept. With 0 the network learns from all of
        train for ``n_epochs``.
    patience : int
        Number of epochs without improvement after which training stops.
    seed : int
        Seeds the initial weights, the held-out ratings, the negatives and dropout.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    weights_ : list of arrays
        Weights of ``network_``, which maps users (n,) and items (n, m) to logits,
        (n, m).
    counts_ : (n_items,) int array
        Number of training ratings of each item.
    history_ : dict of str to list of float
        ``"loss"`` of each epoch, and ``"validation"`` if it was measured.

    Raises
    ------
    ValueError
        From ``fit``, if a setting is out of its range or train is empty.
    DivergenceError
        From ``fit``, if the loss is not finite. The message names lr and the epoch.

    Notes
    -----
    The negatives are drawn uniformly, anew in each epoch, from the items that the user
    did not rate in the part of train that the network learns from. Ratings held out for
    validation can be among them.
    They are a small sample of the unrated pairs, so the probabilities come out far too
    high. The order of the items is unaffected. Unlike the paper, which trains the two
    halves of neumf first, all weights are trained at once.

    References
    ----------
    - He, Liao, Zhang, Nie, Hu & Chua (2017), "Neural Collaborative Filtering", WWW,
      equations 9 to 12.
    - Rendle, Krichene, Zhang & Anderson (2020), "Neural Collaborative Filtering vs.
      Matrix Factorization Revisited", RecSys. It explains why to try the product first.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> model = NeuralCF(kind="gmf", n_factors=4, lr=0.05, validation_share=0).fit(toy)
    >>> model.scores([0, 1]).shape
    (2, 6)
    """

    def __init__(
        self,
        kind="neumf",
        n_factors=32,
        hidden=(64, 32),
        n_negatives=4,
        n_epochs=24,
        batch_size=1024,
        lr=0.01,
        lr_decay: float | None = 0.85,
        reg=0.02,
        dropout=0.0,
        init_std=0.1,
        validation_share=0.1,
        patience=5,
        seed=0,
        verbose=False,
    ):
        self.kind = kind
        self.n_factors = n_factors
        self.hidden = hidden
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

    _ranges = {"kind": one_of(*KINDS)}

    def fit(self, train) -> Self:
        """Learn from ``train`` and return the model.

        Parameters
        ----------
        train : Ratings
            Every rating counts as an observed pair.

        Returns
        -------
        NeuralCF
            The model itself.
        """
        train = check_train(train)
        check_settings(self)
        if self.kind != "gmf" and not self.hidden:
            raise ValueError(
                f"hidden must name at least one width for kind={self.kind!r}, got "
                f"{self.hidden!r}; a network without a layer is kind='gmf'"
            )
        fewer, validation = held_out(train, self.validation_share, self.seed)
        R = fewer.csr
        raters = known(fewer)[0] & (np.diff(R.indptr) < fewer.n_items)
        network = self._build(R.shape)
        draw, measure = self._draw(R, raters), None

        def score(users):
            return catalogue(network, users, fewer.n_items)

        if validation is not None:

            def measure():
                return mean_ndcg(score, fewer, validation)

        history: dict[str, list] = {"loss": []}
        if raters.any():
            rng = np.random.default_rng(self.seed)
            loss = self._loss(network)
            history = train_epochs(self, network, loss, draw, rng, measure, higher=True)
        self.history_ = history
        self.counts_ = np.bincount(train.items, minlength=train.n_items)
        self._known = raters, self.counts_ > 0
        self._keep(network)
        return self

    def _build(self, shape=None):
        """Return a new network: users (n,) and items (n, m) -> logits (n, m)."""
        n_users, n_items = self._shape if shape is None else shape
        draw = seeds(self.seed)

        def embedding(n, name):
            start = keras.initializers.RandomNormal(
                stddev=float(self.init_std), seed=next(draw)
            )
            return keras.layers.Embedding(n, self.n_factors, start, name=name)

        def dense(width, name, start=None, **options):
            start = start or keras.initializers.GlorotUniform(seed=next(draw))
            options |= {"kernel_initializer": start, "name": name}
            return keras.layers.Dense(width, **options)

        def dropped(x):
            return keras.layers.Dropout(self.dropout, seed=next(draw))(x)

        users = keras.Input((), dtype="int32", name="users")  # (n,)
        items = keras.Input((None,), dtype="int32", name="items")  # (n, m)
        z = 0.0  # h times a concatenation is the sum over both halves
        if self.kind != "mlp":
            p = embedding(n_users, "user_product")(users)[:, None]  # (n, 1, f)
            q = embedding(n_items, "item_product")(items)  # (n, m, f)
            h = dense(1, "h_product", "ones", use_bias=self.kind == "gmf")
            z = z + h(dropped(p * q))  # (n, m, f) -> (n, m, 1)
        if self.kind != "gmf":
            p = embedding(n_users, "user_network")(users)[:, None]  # (n, 1, f)
            q = embedding(n_items, "item_network")(items)  # (n, m, f)
            # W [p; q] = W_p p + W_q q: W_p p is computed once for all items of a user.
            first, *others = self.hidden
            a = dense(first, "of_users", use_bias=False)(p)  # (n, 1, first)
            a = a + dense(first, "of_items")(q)  # (n, m, first)
            a = dropped(keras.activations.relu(a))
            for level, width in enumerate(others, start=2):
                layer = dense(width, f"layer_{level}", activation="relu")
                a = dropped(layer(a))  # (n, m, width)
            z = z + dense(1, "h_network")(a)  # (n, m, 1)
        return keras.Model([users, items], z[:, :, 0])

    def _draw(self, R, raters):
        """Return a draw for ``train_epochs``, the observed item first in each row."""
        entries = R.tocoo()
        usable = raters[entries.row]
        users, items = entries.row[usable], entries.col[usable]

        def draw(rng):
            order = rng.permutation(users.size)
            u = users[order]
            negatives = draw_unrated(rng, R, u, self.n_negatives)
            rows = np.column_stack([items[order], negatives])  # (n, 1 + n_negatives)
            return u.astype(np.int32), rows.astype(np.int32)

        return draw

    def _loss(self, network):
        """Return the loss: the mean cross-entropy of a batch plus its penalty."""
        halves = {"gmf": ["product"], "mlp": ["network"]}
        halves = halves.get(self.kind, ["product", "network"])

        def loss(users, items):
            z = network([users, items], training=True)  # (n, 1 + n_negatives)
            value = sampled_loss(z)
            if self.reg:
                value += self.reg / 2 * sum(paid(half, users, items) for half in halves)
            return value

        def paid(half, users, items):
            p = network.get_layer(f"user_{half}")(users)  # (n, f)
            q = network.get_layer(f"item_{half}")(items)  # (n, 1 + n_negatives, f)
            scale = 1.0
            if half == "product":  # else h would grow and p, q would shrink for free
                scale = tf.abs(network.get_layer("h_product").kernel[:, 0])  # (f,)
            return mean_square(scale, p) + mean_square(scale, q)

        return loss

    def _score(self, users):
        return catalogue(self.network_, users, self.counts_.size)


def mean_square(scale, vectors):
    """Return the mean over the (..., f) vectors of ``sum(scale * vector**2)``."""
    return tf.reduce_mean(tf.reduce_sum(scale * vectors**2, axis=-1))


def catalogue(network, users, n_items):
    """Return the logits of all items for ``users``, (len(users), n_items) float32.

    All users share one row of items, so each item is looked up and multiplied once.
    """
    items = np.arange(n_items, dtype=np.int32)[None]  # (1, n_items)
    scores, size = np.empty((len(users), n_items), np.float32), -(-PAIRS // n_items)
    for first in range(0, len(users), size):
        block = np.asarray(users[first : first + size], np.int32)
        scores[first : first + size] = network([block, items])
    return scores
