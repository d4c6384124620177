"""MultVAE: the same, with a distribution for a code, and a price on it."""

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
    r"""MultDAE whose code is a distribution, held near N(0, I) at a price.

    The encoder says of a user's code both where it is and how surely,

    .. math::
        \mu_u = W_\mu h_u + b_\mu, \quad \ln \sigma_u^2 = W_\sigma h_u + b_\sigma,
        \qquad z_u = \mu_u + \sigma_u \odot \varepsilon, \quad
        \varepsilon \sim N(0, I),

    h being :math:`x_u / \|x_u\|`, with gaps in training, or the last of the ``hidden``
    tanh layers. :math:`\pi_u` is decoded from z as in :class:`MultDAE`. The mean over
    the users of a batch of

    .. math::
        -\sum_i x_{ui} \ln \pi_{ui} + \beta\, \frac{1}{2} \sum_k \bigl(
        \sigma_{uk}^2 + \mu_{uk}^2 - 1 - \ln \sigma_{uk}^2 \bigr)

    plus :math:`\lambda` times all squared weights is lowered. With :math:`\beta = 1`
    the two terms are, in expectation, minus the evidence lower bound of
    :math:`\ln p(x_u)`; a smaller :math:`\beta` lets the codes spread further than
    their prior, which ranks better. It rises evenly from 0 through ``n_anneal``
    epochs, so that the code is used before it has a price. In answers there is no
    noise: :math:`z_u = \mu_u`.

    Scores, fallbacks, limits and ``score_histories`` are those of :class:`MultDAE`.

    Parameters
    ----------
    n_factors : int
        Length of the code z.
    hidden : tuple of int
        Widths of the layers between x and z, and in reverse between z and the logits.
    beta : float
        :math:`\beta \ge 0`, once it has risen.
    n_anneal : int
        Epochs through which it rises; with 0 it is there at once.
    n_epochs, batch_size, lr, lr_decay, reg, dropout, validation_share, patience
        As in :class:`MultDAE`.
    seed : int
        Of the start, the held-out part, the order of users, dropout and sampling.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    weights_ : list of arrays
        Of ``network_``, which maps rows x, divided by their length, and noise to
        logits, :math:`\mu` and :math:`\ln \sigma^2`.
    counts_ : (n_items,) int array
        Number of training ratings of each item.
    history_ : dict of str to list of float
        As in :class:`MultDAE`, and ``"kl"``, where measured: the mean over users of
        the sum that :math:`\beta` multiplies, with the half.

    Raises
    ------
    ValueError
        From ``fit``, for a hyper-parameter out of its range or an empty train.
    DivergenceError
        From ``fit``, where the loss is not finite; it names lr and the epoch.

    References
    ----------
    Liang, Krishnan, Hoffman & Jebara, "Variational Autoencoders for Collaborative
    Filtering", WWW 2018, equations 2 and 7 and section 2.2.2.
    Kingma & Welling, "Auto-Encoding Variational Bayes", ICLR 2014, appendix B.

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
        lr_decay=0.96,
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
        # From a variance of 1, the prior's: no price is paid before a gain is made.
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
        """Return the mean over people of minus the bound, plus the penalty."""

        def loss(inputs, chosen, noise, beta):
            logits, mean, log_variance = network([inputs, noise], training=True)
            spread = tf.exp(log_variance) + mean**2 - 1.0 - log_variance
            kl = 0.5 * tf.reduce_sum(spread, axis=1)  # (B,)
            bound = likelihood(chosen, logits) - beta * kl  # (B,)
            return -tf.reduce_mean(bound) + float(self.reg) * sum_of_squares(network)

        return loss

    def _more(self, n, epoch, rng):
        """Return noise for every person, and beta as it stands in this epoch."""
        risen = min(1.0, epoch / self.n_anneal) if self.n_anneal else 1.0
        noise = rng.standard_normal((n, self.n_factors), dtype=np.float32)
        return noise, np.full(n, self.beta * risen, dtype=np.float32)

    def _question(self, x):
        """Return rows x beside a noise of 0: the mean stands for the code."""
        return [x, np.zeros((len(x), self.n_factors), dtype=np.float32)]
