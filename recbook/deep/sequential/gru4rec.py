"""GRU4Rec: the next item from a recurrent network."""

from recbook.deep.base import seeds
from recbook.deep.lazy import keras
from recbook.deep.sequential.base import NextItemModel

__all__ = ["GRU4Rec"]


class GRU4Rec(NextItemModel):
    r"""Predict the next item from a state that each item of the user updates.

    Item :math:`i_t` enters as its embedding :math:`x_t = q_{i_t}`. A gated recurrent
    unit then updates the state :math:`h_t`. Its two gates lie between 0 and 1 and
    decide, for each number of the state, how much of it stays and how much of it is
    read:

    .. math::

        \begin{aligned}
        z_t &= \sigma(W_z x_t + U_z h_{t-1} + b_z) &&\text{(how much stays)} \\
        r_t &= \sigma(W_r x_t + U_r h_{t-1} + b_r) &&\text{(how much is read)} \\
        \tilde h_t &= \tanh\bigl(W x_t + b + r_t \odot (U h_{t-1} + b')\bigr) \\
        h_t &= z_t \odot h_{t-1} + (1 - z_t) \odot \tilde h_t .
        \end{aligned}

    The state starts at :math:`h_0 = 0` and padding does not change it. The W, U and b
    are learned, :math:`\sigma` is the logistic function and :math:`\odot` is the
    product entry by entry. The score of item j as the next one is
    :math:`(V h_t + c)^\top q_j + b_j`, with the same embeddings as in the input.

    The loss is the mean of :math:`-\ln \pi_{i_{t+1}}` over all steps, where :math:`\pi`
    is the softmax of the scores over the whole catalogue.

    The model learns from implicit feedback and from order: it needs timestamps and
    ignores the stars. Ratings of a user with one timestamp keep their order in the
    table. An item that the user already had may score high, and ``recommend`` leaves
    out the items of ``exclude``. A user without ratings gets the items' numbers of
    ratings.

    Parameters
    ----------
    n_factors : int
        Length of the embeddings and of the state.
    n_steps : int
        Number of items in a window, which is how far back the state reaches.
    n_negatives : int, optional
        Number of items sampled per step, uniformly from all but the target, to estimate
        the softmax's sum. None, the default, computes the whole sum.
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
        Seeds the weights, windows, negatives and dropout.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    weights_ : list of arrays
        Weights of ``network_``, which maps windows (n, n_steps) to :math:`V h_t + c`,
        (n, n_steps, n_factors). Its layer "items" turns these into scores.
    counts_ : (n_items,) int array
        Number of training ratings of each item.
    history_ : dict of str to list of float
        ``"loss"`` of each epoch, in nats, and ``"validation"`` if it was measured.

    Raises
    ------
    ValueError
        From ``fit``, if a setting is out of its range or train has no timestamps.
    DivergenceError
        From ``fit``, if the loss is not finite. The message names lr and the epoch.

    Notes
    -----
    The paper ranks against the other sessions of a batch. Here the softmax is over all
    items.

    References
    ----------
    - Hidasi, Karatzoglou, Baltrunas & Tikk (2016), "Session-based Recommendations with
      Recurrent Neural Networks", ICLR, section 3.
    - Hidasi & Czapp (2023), "The Effect of Third Party Implementations on
      Reproducibility", RecSys. It lists what an implementation of GRU4Rec must do.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = GRU4Rec(n_factors=4, n_steps=3, n_epochs=2).fit(load_toy())
    >>> model.score_histories([[0, 1], []]).shape
    (2, 6)
    """

    def __init__(
        self,
        n_factors=64,
        n_steps=50,
        n_negatives=None,
        n_epochs=20,
        batch_size=32,
        lr=0.006,
        lr_decay: float | None = 0.9,
        dropout=0.4,
        validation_share=0.1,
        patience=5,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.n_steps = n_steps
        self.n_negatives = n_negatives
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.lr = lr
        self.lr_decay = lr_decay
        self.dropout = dropout
        self.validation_share = validation_share
        self.patience = patience
        self.seed = seed
        self.verbose = verbose

    def _build(self, n_items=None):
        """Return the network: windows (batch, T) -> states (batch, T, n_factors)."""
        from recbook.deep.sequential.layers import TiedItems

        n_items = self.counts_.size if n_items is None else n_items
        d, draw = int(self.n_factors), seeds(self.seed)
        items = TiedItems(n_items, d, next(draw), name="items")
        glorot = keras.initializers.GlorotUniform
        gru = keras.layers.GRU(
            d,
            return_sequences=True,
            kernel_initializer=glorot(next(draw)),
            recurrent_initializer=keras.initializers.Orthogonal(seed=next(draw)),
            seed=next(draw),
            name="gru",
        )
        windows = keras.Input((int(self.n_steps),), dtype="int32")  # (batch, T)
        x = items(windows)  # (batch, T, d)
        x = keras.layers.Dropout(self.dropout, seed=next(draw))(x)
        h = gru(x, mask=windows > 0)  # padding leaves the state at zero
        h = keras.layers.Dropout(self.dropout, seed=next(draw))(h)
        dense = keras.layers.Dense(d, kernel_initializer=glorot(next(draw)), name="out")
        return keras.Model(windows, dense(h))  # (batch, T, d)
