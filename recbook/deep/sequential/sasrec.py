"""SASRec: the next item from causal self-attention."""

from typing import Self

from recbook.base import check_settings, count
from recbook.deep.base import seeds
from recbook.deep.lazy import keras
from recbook.deep.sequential.base import NextItemModel

__all__ = ["SASRec"]


class SASRec(NextItemModel):
    r"""Predict the next item by causal self-attention over the items so far.

    Item :math:`i_t` of a window of T items enters as :math:`x_t = q_{i_t} + p_{T-t}`,
    its embedding plus a learned vector for its distance from the window's end. The next
    two lines are applied to all steps at once, ``n_blocks`` times:

    .. math::

        \begin{aligned}
        x &\leftarrow x + \mathrm{Attention}(\mathrm{LN}(x)), \\
        x &\leftarrow x + W_2 \max(W_1 \mathrm{LN}(x) + b_1, 0) + b_2 ,
        \end{aligned}

    and finally :math:`h = \mathrm{LN}(x)`. The layer norm LN gives the numbers of a
    step mean 0 and variance 1, and then scales and shifts them by learned amounts.
    Attention is :class:`~recbook.deep.attention.MultiHeadAttention`. Step t looks at
    the items of steps 1 to t, never at padding and never ahead. The score of item j as
    the next one is :math:`h_t^\top q_j + b_j`, with the same embeddings as in the
    input.

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
        Length of an embedding and of a state, a multiple of ``n_heads``.
    n_blocks : int
        Number of attention blocks.
    n_heads : int
        Number of heads in a block.
    n_steps : int
        Number T of items in a window, which is how far back a step can look.
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
        Share of the inputs, of the dense layer's hidden numbers, and of what each half
        of a block adds, that is set to 0 in training.
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
        Weights of ``network_``, which maps windows (n, n_steps) to states (n, n_steps,
        n_factors). Its layer "items" turns states into scores.
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
    The paper counts positions from the start of the window, which is the same for
    windows of one width. It samples one negative per step and has no item bias.

    References
    ----------
    - Kang & McAuley (2018), "Self-Attentive Sequential Recommendation", ICDM,
      section III.
    - Klenitskiy & Vasilev (2023), "Turning Dross Into Gold Loss: is BERT4Rec really
      better than SASRec?", RecSys. With the whole softmax it is not.

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
        lr_decay: float | None = 0.9,
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

    def fit(self, train) -> Self:
        """Learn from the order of the items in ``train`` and return the model.

        Parameters
        ----------
        train : Ratings
            Ratings with timestamps. Every rating is an event, whatever its stars.

        Returns
        -------
        SASRec
            The model itself.
        """
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
