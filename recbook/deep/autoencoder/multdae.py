"""MultDAE: a user's choices as draws from one distribution over the items."""

from recbook.deep.autoencoder.base import (
    Multinomial,
    layers,
    likelihood,
    popularity_bias,
    sum_of_squares,
)
from recbook.deep.base import seeds
from recbook.deep.lazy import keras, tf

__all__ = ["MultDAE"]


class MultDAE(Multinomial):
    r"""Rank items by reconstructing a user's choices from a short code.

    The row :math:`x_u` is 1 for each item that the user rated, whatever the stars, and
    0 elsewhere. It is divided by its length, encoded and decoded:

    .. math::

        z_u = \tanh\bigl(W_1\, x_u / \|x_u\| + b_1\bigr), \qquad
        \pi_u = \operatorname{softmax}(W_2\, z_u + b_2) ,

    where :math:`W_1, b_1, W_2, b_2` are learned. The setting ``hidden`` adds tanh
    layers before z, and the same in reverse order after it. In training the input lacks
    a random share p of its ones.

    The user's choices are modelled as draws from :math:`\pi_u`. The loss is the mean
    over the users of a batch of the negative log likelihood

    .. math:: -\sum_i x_{ui} \ln \pi_{ui} ,

    plus :math:`\lambda` times the sum of all squared weights. The sum includes the
    choices that were hidden from the input. A score is the logit, which equals
    :math:`\ln \pi_{ui}` up to a constant of the user. The items compete for a total
    probability of 1, as they compete for the places of a list.

    The model learns from implicit feedback and has no ``predict``. A user without
    training ratings gets the items' numbers of ratings as scores. New users are scored
    by ``score_histories`` without fitting again. All rows form one dense table, which
    suits catalogues of a few thousand items.

    Parameters
    ----------
    n_factors : int
        Length of the code z.
    hidden : tuple of int
        Widths of the layers between x and z, and in reverse between z and the logits.
        The default is none.
    n_epochs : int
        Largest number of passes over the users. With 0 the network keeps its initial
        weights.
    batch_size : int
        Number of users per step.
    lr : float
        Adam's step size.
    lr_decay : float, optional
        Factor that multiplies the step size after each epoch. None keeps it constant.
    reg : float
        Strength :math:`\lambda` of the penalty, added once per step.
    dropout : float
        Share p of a user's ones that the input lacks in training. The others are
        divided by 1 - p. Nothing is hidden at prediction.
    validation_share : float
        Share of train that is held out and measured by nDCG@10 after each epoch. The
        weights of the best epoch are kept. With 0 the network learns from all of train
        for ``n_epochs``.
    patience : int
        Number of epochs without improvement after which training stops.
    seed : int
        Seeds the initial weights, the held-out ratings, the order of users and dropout.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    weights_ : list of arrays
        Weights of ``network_``, which maps rows x, divided by their length, to logits
        and codes.
    counts_ : (n_items,) int array
        Number of ratings of each item that training learned from.
    history_ : dict of str to list of float
        ``"loss"`` of each epoch. If there is a held-out share, also ``"validation"``,
        the nDCG@10, and ``"likelihood"``, the mean of :math:`\ln \pi` over its ratings.

    Raises
    ------
    ValueError
        From ``fit``, if a setting is out of its range or train is empty.
    DivergenceError
        From ``fit``, if the loss is not finite. The message names lr and the epoch.

    Notes
    -----
    Unlike the paper, the biases of the logits start at the items' log popularity.

    References
    ----------
    Liang, Krishnan, Hoffman & Jebara (2018), "Variational Autoencoders for
    Collaborative Filtering", WWW, section 2.3.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> model = MultDAE(n_factors=4, validation_share=0).fit(toy)
    >>> model.score_histories([[0, 2], []]).shape
    (2, 6)
    """

    def __init__(
        self,
        n_factors=100,
        hidden=(),
        n_epochs=40,
        batch_size=128,
        lr=0.003,
        lr_decay: float | None = 0.97,
        reg=0.0,
        dropout=0.7,
        validation_share=0.1,
        patience=5,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.hidden = hidden
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.lr = lr
        self.lr_decay = lr_decay
        self.reg = reg
        self.dropout = dropout
        self.validation_share = validation_share
        self.patience = patience
        self.seed = seed
        self.verbose = verbose

    def _build(self, counts=None):
        """Return a new network: rows of length 1 (n, n_items) -> logits, codes."""
        counts = self.counts_ if counts is None else counts
        layer = layers(seeds(self.seed))
        x = h = keras.Input((counts.size,), name="x")  # (n, n_items)
        for number, width in enumerate(self.hidden, start=1):
            h = layer(width, "tanh", f"encoder_{number}")(h)  # (n, width)
        z = h = layer(self.n_factors, "tanh", name="code")(h)  # (n, f)
        for number, width in enumerate(self.hidden[::-1], start=1):
            h = layer(width, "tanh", f"decoder_{number}")(h)  # (n, width)
        start = popularity_bias(counts)
        logits = layer(counts.size, name="logits", bias_initializer=start)(h)
        return keras.Model(x, [logits, z])  # (n, n_items), (n, f)

    def _loss(self, network):
        """Return the mean negative log likelihood over users, plus the penalty."""

        def loss(inputs, chosen):
            logits, _ = network(inputs, training=True)
            penalty = float(self.reg) * sum_of_squares(network)
            return -tf.reduce_mean(likelihood(chosen, logits)) + penalty

        return loss
