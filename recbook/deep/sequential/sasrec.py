"""SASRec: the next item from causal self-attention."""

from recbook.base import check_settings, count
from recbook.deep.base import seeds
from recbook.deep.lazy import keras
from recbook.deep.sequential.base import NextItemModel

__all__ = ["SASRec"]


class SASRec(NextItemModel):
    r"""Let every step look at all films up to it, and take from those that matter.

    Film :math:`i_t` of a window comes in as :math:`x_t = q_{i_t} + p_{T-t}`, its
    embedding and a learned vector for how far before the window's end it stands. Then
    ``n_blocks`` times, for all steps at once:

    .. math::
        \begin{aligned}
        x &\leftarrow x + \mathrm{Attention}(\mathrm{LN}(x)), \\
        x &\leftarrow x + W_2 \max(W_1 \mathrm{LN}(x) + b_1, 0) + b_2 ,
        \end{aligned}

    and at last :math:`h = \mathrm{LN}(x)`. LN makes the mean of a step's numbers 0 and
    their variance 1, then scales and shifts each by what it has learned. Attention is
    :class:`recbook.deep.attention.MultiHeadAttention`; step t looks at steps 1 to t
    that hold a film, never at padding and never ahead. The next film j has the score
    :math:`h_t^\top q_j + b_j`: the films' table is read on the way out, too. Lowered is
    the mean of :math:`-\ln \pi_{i_{t+1}}` over all steps, where :math:`\pi` is the
    softmax of the scores over the whole catalogue.

    A model of implicit feedback that needs the order: it looks at timestamps, and not
    at the stars. Ratings of a user at one moment stand as in the table. An item may
    score high though the user had it; ``recommend`` leaves out what ``exclude`` holds.
    A user without ratings gets the items' number of ratings.

    Parameters
    ----------
    n_factors : int
        Length of an embedding and of a state; a multiple of ``n_heads``.
    n_blocks : int
        How often steps look at each other.
    n_heads : int
        Attentions side by side in a block.
    n_steps : int
        Films of a window, :math:`T`: how far back a step can look.
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
        Share of numbers set to 0 in training: of the inputs, and of what each half of a
        block adds.
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
    Kang & McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018, section III.
    They count positions from the window's start, which is the same in windows of one
    width, have one drawn negative a step, and no bias.
    Klenitskiy & Vasilev, "Turning Dross Into Gold Loss: is BERT4Rec really better than
    SASRec?", RecSys 2023: with the whole softmax, no.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = SASRec(n_factors=4, n_steps=3, n_epochs=2).fit(load_toy())
    >>> model.score_histories([[0, 1], []]).shape
    (2, 6)
    """

    def __init__(
        self,
        n_factors=64,
        n_blocks=2,
        n_heads=1,
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
        self.n_blocks = n_blocks
        self.n_heads = n_heads
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

    _ranges = {"n_blocks": count()}

    def fit(self, train):
        """Learn from the order in ``train``, Ratings with timestamps; return self."""
        check_settings(self)
        if self.n_factors % self.n_heads:
            raise ValueError(
                f"n_heads={self.n_heads} must divide n_factors={self.n_factors}, since "
                "every head gets an equal part of them"
            )
        return super().fit(train)

    def _build(self, n_items=None):
        """Return the network: windows (batch, T) -> states (batch, T, n_factors)."""
        from recbook.deep.sequential.layers import (
            Positions,
            TiedItems,
            transformer_block,
        )

        n_items = self.counts_.size if n_items is None else n_items
        draw = seeds(self.seed)
        d, rate = int(self.n_factors), float(self.dropout)
        windows = keras.Input((int(self.n_steps),), dtype="int32")  # (batch, T)
        real = windows > 0
        x = TiedItems(n_items, d, next(draw), name="items")(windows)  # (batch, T, d)
        x = Positions(next(draw), name="positions")(x)
        x = keras.layers.Dropout(rate, seed=next(draw))(x)
        for block in range(int(self.n_blocks)):
            x = transformer_block(x, real, self.n_heads, rate, draw, f"block{block}")
        h = keras.layers.LayerNormalization(epsilon=1e-6, name="norm")(x)
        return keras.Model(windows, h)  # (batch, T, d)
