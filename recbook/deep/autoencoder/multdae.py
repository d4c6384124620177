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
    r"""Give a user's choices back from what a short code has kept of a part of them.

    x is 1 where the user rated the item, whatever the stars, and 0 elsewhere. Divided
    by its length, and in training with a share p of its ones hidden, it is encoded and
    decoded:

    .. math::
        z_u = \tanh\bigl(W_1\, x_u / \|x_u\| + b_1\bigr), \qquad
        \pi_u = \operatorname{softmax}(W_2\, z_u + b_2) ,

    ``hidden`` putting tanh layers before z, and the same in reverse order after it.
    The user's choices are taken as draws from :math:`\pi_u`. The mean over the users
    of a batch of

    .. math:: -\sum_i x_{ui} \ln \pi_{ui}

    plus :math:`\lambda` times all squared weights is lowered; what was hidden is in
    the sum. A score is the logit, :math:`\ln \pi_{ui}` but for a constant of the
    user. The items compete for the one unit of probability, which is what they do in
    a list.

    A model of implicit feedback: it asks who rated what and has no ``predict``. A user
    without training ratings gets the items' number of ratings. Who was not in train
    is scored by ``score_histories``, without fitting again. All rows are held as one
    dense table: for catalogues of some thousands.

    Parameters
    ----------
    n_factors : int
        Length of the code z.
    hidden : tuple of int
        Widths of the layers between x and z, and in reverse between z and the logits.
    n_epochs : int
        Passes over the users, at most; with 0 the network stays at its random start.
    batch_size : int
        Users a step.
    lr, lr_decay : float
        Adam's step size, and what multiplies it after every epoch.
    reg : float
        :math:`\lambda`, in nats: paid once a step.
    dropout : float
        p, the share of a user's ones that the input lacks in training. What is left
        is divided by 1 - p. Nothing is hidden at prediction.
    validation_share : float
        Share of train that is held out and measured by nDCG@10 after every epoch. The
        network learns from the rest, and keeps its best epoch. With 0 it learns from
        all of train, for ``n_epochs``.
    patience : int
        Epochs without a better one after which training stops.
    seed : int
        Of the start, the held-out part, the order of users and dropout.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    weights_ : list of arrays
        Of ``network_``, which maps rows x, divided by their length, to logits and
        codes.
    counts_ : (n_items,) int array
        Number of training ratings of each item.
    history_ : dict of str to list of float
        After every epoch ``"loss"`` and, where measured, ``"validation"``, the
        nDCG@10, and ``"likelihood"``, the mean logarithm of :math:`\pi` over the
        held-out ratings.

    Raises
    ------
    ValueError
        From ``fit``, for a hyper-parameter out of its range or an empty train.
    DivergenceError
        From ``fit``, where the loss is not finite; it names lr and the epoch.

    References
    ----------
    Liang, Krishnan, Hoffman & Jebara, "Variational Autoencoders for Collaborative
    Filtering", WWW 2018, section 2.3. That the logits start from the items' popularity
    is an addition.

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
        lr_decay=0.97,
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
        """Return the mean over people of -log likelihood, plus the penalty."""

        def loss(inputs, chosen):
            logits, _ = network(inputs, training=True)
            penalty = float(self.reg) * sum_of_squares(network)
            return -tf.reduce_mean(likelihood(chosen, logits)) + penalty

        return loss
