"""AutoRec: a row of ratings reconstructed from a short code."""

from typing import Self

import numpy as np

from recbook import metrics
from recbook.base import at_least, check_settings, check_train, known, one_of
from recbook.baselines import Bias
from recbook.deep.autoencoder.base import dense, gaps
from recbook.deep.base import RatingModel, expected, held_out, seeds
from recbook.deep.lazy import keras, tf
from recbook.deep.training import train_epochs

__all__ = ["AutoRec"]

ROWS = 2048  # rows at a time when the network answers


class AutoRec(RatingModel):
    r"""Predict stars by reconstructing rows of ratings from one hidden layer.

    A row holds all ratings of an item (``by="item"``) or of a user (``by="user"``) as
    deviations from the bias model, :math:`d_{ui} = r_{ui} - b_{ui}`. An unrated cell is
    0. With the row as input z,

    .. math::

        h = \sigma(V z + c), \qquad \hat d = W h + c', \qquad
        \hat r_{ui} = b_{ui} + \hat d_{ui} ,

    where V, c, W and c' are learned and :math:`\sigma` is the logistic function. If
    ``implicit`` is positive, z also holds a second row, which has that number for each
    rating and 0 elsewhere. So the network can tell an average rating from a missing
    one. A larger number needs smaller weights and so a smaller penalty.

    The loss is the mean squared error over the observed cells of a batch plus a
    penalty,

    .. math::

        \frac{\sum_{(u, i)} o_{ui} \bigl(d_{ui} - \hat d_{ui}\bigr)^2}
             {\sum_{(u, i)} o_{ui}}
        + \lambda \bigl( \|V\|^2 + \|W\|^2 \bigr) .

    The indicator :math:`o_{ui}` is 1 for a rating and 0 elsewhere. Dropout hides each
    rating from both rows of z with probability p, but the hidden ratings stay in the
    loss.

    A user or an item without training ratings gets the mean plus the known bias. All
    rows form one dense table, which suits catalogues of a few thousand items.

    Parameters
    ----------
    by : {"item", "user"}
        Whose ratings make a row.
    n_factors : int
        Length of h.
    implicit : float
        Entry of the second row for a rating, at least 0. With 0 there is no second row.
    n_epochs : int
        Largest number of passes over the rows. With 0 the network keeps its initial
        weights.
    batch_size : int
        Number of rows per step.
    lr : float
        Adam's step size.
    lr_decay : float, optional
        Factor that multiplies the step size after each epoch. None keeps it constant.
    reg : float
        Strength :math:`\lambda` of the penalty, added once per step.
    dropout : float
        Share p of a row's ratings that the input lacks in training. The others are
        divided by 1 - p. Nothing is hidden at prediction.
    validation_share : float
        Share of train that is held out and measured by RMSE after each epoch. The
        weights of the best epoch are kept. With 0 the network learns from all of train
        for ``n_epochs``.
    patience : int
        Number of epochs without improvement after which training stops.
    seed : int
        Seeds the initial weights, the held-out ratings, the order of rows and dropout.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    weights_ : list of arrays
        V, c, W and c' of ``network_``, which maps rows z to rows of deviations.
    bias_ : Bias
        The bias model :math:`b_{ui}`, fitted to the ratings that were not held out.
    scale_ : tuple of float
        Lowest and highest rating that was not held out, the bounds of a prediction.
    history_ : dict of str to list of float
        ``"loss"`` of each epoch, and ``"validation"``, the RMSE, if it was measured.

    Raises
    ------
    ValueError
        From ``fit``, if a setting is out of its range or train is empty.
    DivergenceError
        From ``fit``, if the loss is not finite. The message names lr and the epoch.

    Notes
    -----
    Unlike the paper, rows hold deviations from the biases, ``implicit`` adds a second
    row, and dropout hides ratings.

    References
    ----------
    - Sedhain, Menon, Sanner & Xie (2015), "AutoRec: Autoencoders Meet Collaborative
      Filtering", WWW, equations 1 and 2.
    - Vincent, Larochelle, Bengio & Manzagol (2008), "Extracting and Composing Robust
      Features with Denoising Autoencoders", ICML. It hides a part of the input.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> model = AutoRec(n_factors=8, lr=0.02, validation_share=0).fit(toy)
    >>> model.predict([0, 3], [5, 1]).shape
    (2,)
    """

    def __init__(
        self,
        by="item",
        n_factors=300,
        implicit=4.0,
        n_epochs=30,
        batch_size=128,
        lr=0.002,
        lr_decay: float | None = 0.93,
        reg=0.0006,
        dropout=0.6,
        validation_share=0.1,
        patience=5,
        seed=0,
        verbose=False,
    ):
        self.by = by
        self.n_factors = n_factors
        self.implicit = implicit
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

    _ranges = {"by": one_of("item", "user"), "implicit": at_least(0)}

    def fit(self, train) -> Self:
        """Learn from ``train`` and return the model.

        Parameters
        ----------
        train : Ratings
            Stars to learn from.

        Returns
        -------
        AutoRec
            The model itself.
        """
        train = check_train(train)
        check_settings(self)
        fewer, validation = held_out(train, self.validation_share, self.seed)
        bias, answered = Bias().fit(fewer), known(fewer)
        deviations = fewer.values - expected(bias, fewer.users, fewer.items)
        rows, columns = self._place(fewer.users, fewer.items)
        shape = self._place(fewer.n_users, fewer.n_items)
        table = self._inputs(rows, columns, deviations, shape)
        network, measure = self._build(table.shape), None
        scale = float(fewer.values.min()), float(fewer.values.max())
        if validation is not None:
            validation = validation.subset(
                answered[0][validation.users] & answered[1][validation.items]
            )

        def error():
            pairs = validation.users, validation.items
            stars = expected(bias, *pairs) + self._outputs(network, table, *pairs)
            return metrics.rmse(validation.values, np.clip(stars, *scale))

        if validation is not None and validation.n_ratings:
            measure = error
        rng = np.random.default_rng(self.seed)
        draw = self._draw((rows, columns, deviations), shape)
        history = train_epochs(self, network, self._loss(network), draw, rng, measure)
        self.bias_, self.scale_, self.history_ = bias, scale, history
        self._known, self._table = answered, table
        self._keep(network)
        return self

    def _build(self, shape=None):
        """Return a new network: z (n, columns, or twice that) -> d (n, columns)."""
        width = (self._table.shape if shape is None else shape)[1]
        draw = seeds(self.seed)

        def layer(units, **options):
            start = keras.initializers.GlorotUniform(seed=next(draw))
            return keras.layers.Dense(units, kernel_initializer=start, **options)

        z = keras.Input((width,), name="z")  # (n, width)
        h = layer(self.n_factors, activation="sigmoid", name="hidden")(z)  # (n, f)
        d = layer(width // (2 if self.implicit else 1), name="deviations")(
            h
        )  # (n, columns)
        return keras.Model(z, d)

    def _loss(self, network):
        """Return the mean squared error over observed cells, plus the penalty."""
        kernels = [network.get_layer(n).kernel for n in ("hidden", "deviations")]

        def loss(inputs, deviations, observed):
            errors = observed * (deviations - network(inputs, training=True))
            penalty = sum(tf.reduce_sum(kernel**2) for kernel in kernels)
            mean = tf.reduce_sum(errors**2) / tf.reduce_sum(observed)
            return mean + float(self.reg) * penalty

        return loss

    def _draw(self, cells, shape):
        """Return a draw for ``train_epochs``: rows in random order, with new gaps."""
        deviations = dense(*cells, shape)
        observed = dense(*cells[:2], 1.0, shape)
        rated = np.flatnonzero(observed.any(axis=1))  # other rows have no error

        def draw(rng):
            order = rng.permutation(rated)
            inputs = self._inputs(*gaps(cells, self.dropout, rng), shape)
            inputs /= 1.0 - self.dropout
            return inputs[order], deviations[order], observed[order]

        return draw

    def _place(self, users, items):
        """Return the codes of the rows and then those of the columns."""
        return (items, users) if self.by == "item" else (users, items)

    def _inputs(self, rows, columns, deviations, shape):
        """Return z of every row: the deviations and, if ``implicit``, who rated."""
        tables = [dense(rows, columns, deviations, shape)]
        if self.implicit:
            tables.append(dense(rows, columns, float(self.implicit), shape))
        return np.hstack(tables)

    def _outputs(self, network, table, users, items):
        """Return the network's deviations for pairs, (n,) float64."""
        rows, columns = self._place(users, items)
        rows, place = np.unique(rows, return_inverse=True)
        outputs = np.zeros(columns.size)
        for first in range(0, rows.size, ROWS):
            block = network(table[rows[first : first + ROWS]], training=False).numpy()
            here = (place >= first) & (place < first + ROWS)
            outputs[here] = block[place[here] - first, columns[here]]
        return outputs

    def _raw(self, users, items):
        deviations = self._outputs(self.network_, self._table, users, items)
        return expected(self.bias_, users, items) + deviations
