"""AutoRec: a row of ratings reconstructed from a short code."""

import numpy as np

from recbook import metrics
from recbook.base import at_least, check_settings, check_train, known, one_of
from recbook.baselines import Bias
from recbook.deep.autoencoder.base import dense, gaps
from recbook.deep.base import RatingModel, expected, held_out, seeds
from recbook.deep.lazy import keras, tf
from recbook.deep.training import train_epochs

__all__ = ["AutoRec"]

ROWS = 2048  # that the network is asked about at once


class AutoRec(RatingModel):
    r"""Give a row of stars back from what one hidden layer has kept of it.

    A row is all ratings of an item (``by="item"``) or of a user (``by="user"``), each
    less what the biases say, :math:`d_{ui} = r_{ui} - b_{ui}`. Where there is no
    rating the input is 0, which is "as the biases say". With z for the row,

    .. math::
        h = \sigma(V z + c), \qquad \hat d = W h + c', \qquad
        \hat r_{ui} = b_{ui} + \hat d_{ui} ,

    and where ``implicit`` is more than 0 a second row stands beside the first in z:
    that number where there is a rating, 0 where there is none. So the network hears
    who rated, which a rating just as expected would not tell, beside how; the larger
    the number, the smaller the weights that this takes, and so the cheaper. In training
    dropout hides each rating from z, from both rows, with probability p. The loss

    .. math::
        \frac{\sum_{(u, i)} o_{ui} \bigl(d_{ui} - \hat d_{ui}\bigr)^2}
             {\sum_{(u, i)} o_{ui}}
        + \lambda \bigl( \|V\|^2 + \|W\|^2 \bigr)

    is lowered. The sums run over the cells of a batch; :math:`o_{ui}` is 1 where
    there is a rating, hidden from z or not, and 0 elsewhere: what nobody said is
    neither learned from nor counted.

    A user or an item without training ratings gets mean plus known bias. All rows are
    held as one dense table: for catalogues of some thousands.

    Parameters
    ----------
    by : {"item", "user"}
        Whose ratings make a row.
    n_factors : int
        Length of h.
    implicit : float
        What stands in z for a rating's being there, at least 0; with 0 z has only the
        deviations.
    n_epochs : int
        Passes over the rows, at most; with 0 the network stays at its random start.
    batch_size : int
        Rows a step.
    lr, lr_decay : float
        Adam's step size, and what multiplies it after every epoch.
    reg : float
        :math:`\lambda`, in squared stars: paid once a step, not once a rating.
    dropout : float
        p, the share of ratings that a row's input lacks in training. What is left is
        divided by 1 - p. Nothing is hidden at prediction.
    validation_share : float
        Share of train that is held out and measured by RMSE after every epoch. The
        network learns from the rest, and keeps its best epoch. With 0 it learns from
        all of train, for ``n_epochs``.
    patience : int
        Epochs without a better one after which training stops.
    seed : int
        Of the start, the held-out part, the order of rows and dropout.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    weights_ : list of arrays
        Of ``network_``, which maps rows z to rows of deviations: V, c, W, c'.
    bias_ : Bias
        Where b comes from.
    history_ : dict of str to list of float
        After every epoch ``"loss"`` and, where measured, ``"validation"``, the RMSE.

    Raises
    ------
    ValueError
        From ``fit``, for a hyper-parameter out of its range or an empty train.
    DivergenceError
        From ``fit``, where the loss is not finite; it names lr and the epoch.

    References
    ----------
    Sedhain, Menon, Sanner & Xie, "AutoRec: Autoencoders Meet Collaborative
    Filtering", WWW 2015, equations 1 and 2. Deviations, ``implicit`` and dropout are
    additions; Vincent et al., "Extracting and Composing Robust Features with
    Denoising Autoencoders", ICML 2008, has the last.

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
        lr_decay=0.93,
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

    def fit(self, train):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model."""
        train = check_train(train)
        check_settings(self)
        fewer, validation = held_out(train, self.validation_share, self.seed)
        bias, answered = Bias().fit(fewer), known(fewer)
        deviations = fewer.values - expected(bias, fewer.users, fewer.items)
        cells = *self._place(fewer.users, fewer.items), deviations
        shape = self._place(fewer.n_users, fewer.n_items)
        table = self._inputs(*cells, shape)
        network, measure = self._build(table.shape), None
        scale = float(fewer.values.min()), float(fewer.values.max())
        if validation is not None:
            validation = validation.subset(
                answered[0][validation.users] & answered[1][validation.items]
            )

        def error():
            pairs = validation.users, validation.items
            found = expected(bias, *pairs) + self._outputs(network, table, *pairs)
            return metrics.rmse(validation.values, np.clip(found, *scale))

        if validation is not None and validation.n_ratings:
            measure = error
        rng, draw = np.random.default_rng(self.seed), self._draw(cells, shape)
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
        """Return a draw for ``train_epochs``: the rows in new order, with new gaps."""
        deviations = dense(*cells, shape)
        observed = dense(*cells[:2], 1.0, shape)
        rated = np.flatnonzero(observed.any(axis=1))  # the others have no error

        def draw(rng):
            order = rng.permutation(rated)
            inputs = self._inputs(*gaps(cells, self.dropout, rng), shape)
            inputs /= 1.0 - self.dropout
            return inputs[order], deviations[order], observed[order]

        return draw

    def _place(self, users, items):
        """Return what stands in rows, then what in columns."""
        return (items, users) if self.by == "item" else (users, items)

    def _inputs(self, rows, columns, deviations, shape):
        """Return z of every row: deviations and, where asked for, who rated."""
        tables = [dense(rows, columns, deviations, shape)]
        if self.implicit:
            tables.append(dense(rows, columns, float(self.implicit), shape))
        return np.hstack(tables)

    def _outputs(self, network, table, users, items):
        """Return the network's deviations for pairs, (n,) float64."""
        rows, columns = self._place(users, items)
        rows, place = np.unique(rows, return_inverse=True)
        found = np.zeros(columns.size)
        for first in range(0, rows.size, ROWS):
            block = network(table[rows[first : first + ROWS]], training=False).numpy()
            here = (place >= first) & (place < first + ROWS)
            found[here] = block[place[here] - first, columns[here]]
        return found

    def _raw(self, users, items):
        found = self._outputs(self.network_, self._table, users, items)
        return expected(self.bias_, users, items) + found
