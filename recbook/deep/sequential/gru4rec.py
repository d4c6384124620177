"""GRU4Rec: the next item from a recurrent network."""

from recbook.deep.base import seeds
from recbook.deep.lazy import keras
from recbook.deep.sequential.base import NextItemModel

__all__ = ["GRU4Rec"]


class GRU4Rec(NextItemModel):
    r"""Carry one state through a person's films, changed a little by each of them.

    Film :math:`i_t` comes in as its embedding :math:`x_t = q_{i_t}`. Two gates, between
    0 and 1, decide for every number of the state how much of it is looked at, and how
    much of it stays:

    .. math::
        \begin{aligned}
        z_t &= \sigma(W_z x_t + U_z h_{t-1} + b_z) &&\text{(what stays)} \\
        r_t &= \sigma(W_r x_t + U_r h_{t-1} + b_r) &&\text{(what is looked at)} \\
        \tilde h_t &= \tanh\bigl(W x_t + b + r_t \odot (U h_{t-1} + b')\bigr) \\
        h_t &= z_t \odot h_{t-1} + (1 - z_t) \odot \tilde h_t .
        \end{aligned}

    It starts at :math:`h_0 = 0`, and padding leaves it there. The next film j has the
    score :math:`(V h_t + c)^\top q_j + b_j`: the films' table is read on the way out,
    too. Lowered is the mean of :math:`-\ln \pi_{i_{t+1}}` over all steps, where
    :math:`\pi` is the softmax of the scores over the whole catalogue.

    A model of implicit feedback that needs the order: it looks at timestamps, and not
    at the stars. Ratings of a user at one moment stand as in the table. An item may
    score high though the user had it; ``recommend`` leaves out what ``exclude`` holds.
    A user without ratings gets the items' number of ratings.

    Parameters
    ----------
    n_factors : int
        Length of an embedding and of the state.
    n_steps : int
        Films of a window: how far back the state is carried, and how many are learned
        from at once.
    n_negatives : int, optional
        Items drawn for every step, each as likely as any but the target; the sum over
        all others is estimated from them. None: the sum itself.
    n_epochs : int
        Passes, at most; with 0 the network stays at its random start.
    batch_size : int
        Windows a step.
    lr, lr_decay : float
        Adam's step size, and what multiplies it after every epoch.
    dropout : float
        Share of numbers set to 0 in training: of the inputs, and of the states.
    validation_share : float
        Share of each user's ratings, the latest, that is held out and measured by
        nDCG@10; the best epoch is kept. With 0, ``n_epochs`` on all of train.
    patience : int
        Epochs without a better one after which training stops.
    seed : int
        Of the start, the windows, the negatives and dropout.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    weights_ : list of arrays
        Of ``network_``, which maps windows (n, n_steps) to states (n, n_steps,
        n_factors); its layer "items" makes scores of states.
    counts_ : (n_items,) int array
        Number of training ratings of each item.
    history_ : dict of str to list of float
        After every epoch ``"loss"``, in nats, and, where measured, ``"validation"``.

    Raises
    ------
    ValueError
        From ``fit``, for a hyper-parameter out of its range or no order in train.
    DivergenceError
        From ``fit``, where the loss is not finite; it names lr and the epoch.

    References
    ----------
    Hidasi, Karatzoglou, Baltrunas & Tikk, "Session-based Recommendations with Recurrent
    Neural Networks", ICLR 2016, section 3; they rank against the other sessions of a
    batch, here the softmax is over all films.
    Hidasi & Czapp, "The Effect of Third Party Implementations on Reproducibility",
    RecSys 2023: what a GRU4Rec has to do to be one.

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
        lr_decay=0.9,
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
