"""MultVAE: a multinomial autoencoder whose code is a distribution."""

import numpy as np

from recbook.base import at_least, count
from recbook.deep.autoencoder.base import (
    Multinomial,
    layers,
    likelihood,
    popularity_bias,
    sum_of_squares,
)
from recbook.deep.base import seeds
from recbook.deep.lazy import keras, tf

__all__ = ["MultVAE"]


class MultVAE(Multinomial):
    r"""Rank items by an autoencoder whose code is a distribution near N(0, I).

    The encoder gives a mean and a variance for the code of a user,

    .. math::

        \mu_u = W_\mu h_u + b_\mu, \quad \ln \sigma_u^2 = W_\sigma h_u + b_\sigma,
        \qquad z_u = \mu_u + \sigma_u \odot \varepsilon, \quad
        \varepsilon \sim N(0, I),

    where :math:`h_u` is :math:`x_u / \|x_u\|`, with gaps in training, or the last of
    the ``hidden`` tanh layers. The W and b are learned, and :math:`\odot` is the
    product entry by entry. The distribution :math:`\pi_u` is decoded from z as in
    :class:`~recbook.MultDAE`. At prediction there is no noise: :math:`z_u = \mu_u`.

    The loss is the mean over the users of a batch of

    .. math::

        -\sum_i x_{ui} \ln \pi_{ui} + \beta\, \frac{1}{2} \sum_k \bigl(
        \sigma_{uk}^2 + \mu_{uk}^2 - 1 - \ln \sigma_{uk}^2 \bigr)

    plus :math:`\lambda` times the sum of all squared weights. The second term is the
    Kullback-Leibler divergence from N(0, I). With :math:`\beta = 1` the two terms are,
    in expectation, the negative evidence lower bound of :math:`\ln p(x_u)`. A smaller
    :math:`\beta` lets the codes spread further, which ranks better. :math:`\beta` rises
    linearly from 0 over ``n_anneal`` epochs, so that the network uses the code before
    the code has a price.

    Scores, fallbacks, limits and ``score_histories`` are those of
    :class:`~recbook.MultDAE`.

    Parameters
    ----------
    n_factors : int
        Length of the code z.
    hidden : tuple of int
        Widths of the layers between x and z, and in reverse between z and the logits.
        The default is none.
    beta : float
        Final value of :math:`\beta`, at least 0.
    n_anneal : int
        Number of epochs over which :math:`\beta` rises. With 0 it starts at ``beta``.
    n_epochs, batch_size, lr, lr_decay, reg, dropout, validation_share, patience
        As in :class:`~recbook.MultDAE`.
    seed : int
        Seeds the initial weights, the held-out ratings, the order of users, dropout and
        the noise.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    weights_ : list of arrays
        Weights of ``network_``, which maps rows x, divided by their length, and noise
        to logits, :math:`\mu` and :math:`\ln \sigma^2`.
    counts_ : (n_items,) int array
        Number of ratings of each item that training learned from.
    history_ : dict of str to list of float
        As in :class:`~recbook.MultDAE`. If there is a held-out share, also ``"kl"``,
        the mean divergence over its users, without :math:`\beta`.

    Raises
    ------
    ValueError
        From ``fit``, if a setting is out of its range or train is empty.
    DivergenceError
        From ``fit``, if the loss is not finite. The message names lr and the epoch.

    Notes
    -----
    Unlike the paper, the biases of the logits start at the items' log popularity, as in
    :class:`~recbook.MultDAE`, and every variance starts at 1.

    References
    ----------
    - Liang, Krishnan, Hoffman & Jebara (2018), "Variational Autoencoders for
      Collaborative Filtering", WWW, equations 2 and 7 and section 2.2.2.
    - Kingma & Welling (2014), "Auto-Encoding Variational Bayes", ICLR, appendix B.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> model = MultVAE(n_factors=4, validation_share=0).fit(toy)
    >>> model.encode([0, 1]).shape
    (2, 4)
    """

    def __init__(
        self,
        n_factors=128,
        hidden=(),
        beta=0.4,
        n_anneal=10,
        n_epochs=50,
        batch_size=128,
        lr=0.004,
        lr_decay: float | None = 0.96,
        reg=0.0,
        dropout=0.3,
        validation_share=0.1,
        patience=5,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.hidden = hidden
        self.beta = beta
        self.n_anneal = n_anneal
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

    _ranges = {"beta": at_least(0), "n_anneal": count(0)}

    def _build(self, counts=None):
        """Return a new network: rows, noise -> logits, means, log-variances."""
        counts = self.counts_ if counts is None else counts
        layer = layers(seeds(self.seed))
        x = h = keras.Input((counts.size,), name="x")  # (n, n_items)
        noise = keras.Input((self.n_factors,), name="noise")  # (n, f)
        for number, width in enumerate(self.hidden, start=1):
            h = layer(width, "tanh", f"encoder_{number}")(h)  # (n, width)
        mean = layer(self.n_factors, name="mean")(h)  # (n, f)
        # The variance starts at the prior's 1, so that the divergence starts small.
        log_variance = layer(
            self.n_factors, name="log_variance", kernel_initializer="zeros"
        )(h)  # (n, f)
        h = mean + keras.ops.exp(log_variance / 2) * noise  # z, (n, f)
        for number, width in enumerate(self.hidden[::-1], start=1):
            h = layer(width, "tanh", f"decoder_{number}")(h)  # (n, width)
        start = popularity_bias(counts)
        logits = layer(counts.size, name="logits", bias_initializer=start)(h)
        return keras.Model([x, noise], [logits, mean, log_variance])

    def _loss(self, network):
        """Return the mean negative bound over users, plus the penalty."""

        def loss(inputs, chosen, noise, beta):
            logits, mean, log_variance = network([inputs, noise], training=True)
            spread = tf.exp(log_variance) + mean**2 - 1.0 - log_variance
            kl = 0.5 * tf.reduce_sum(spread, axis=1)  # (B,)
            bound = likelihood(chosen, logits) - beta * kl  # (B,)
            return -tf.reduce_mean(bound) + float(self.reg) * sum_of_squares(network)

        return loss

    def _more(self, n, epoch, rng):
        """Return noise for every user, and beta as it stands in this epoch."""
        risen = min(1.0, epoch / self.n_anneal) if self.n_anneal else 1.0
        noise = rng.standard_normal((n, self.n_factors), dtype=np.float32)
        return noise, np.full(n, self.beta * risen, dtype=np.float32)

    def _question(self, x):
        """Return rows x with zero noise, so that the mean serves as the code."""
        return [x, np.zeros((len(x), self.n_factors), dtype=np.float32)]
