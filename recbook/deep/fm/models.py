"""FactorizationMachine, NeuralFM and DeepFM."""

from recbook.deep.base import seeds
from recbook.deep.fm.base import Machine
from recbook.deep.lazy import keras

__all__ = ["DeepFM", "FactorizationMachine", "NeuralFM"]


class FactorizationMachine(Machine):
    r"""A mean, a weight of each feature, and a product for each pair of features.

    Whatever is known of a rating stands in one long row :math:`x`, nearly all zeros:
    who, which film, and beside them a user's age band, gender, occupation, region and
    history, a film's genres and decade, the circumstances. Each feature a has a weight
    :math:`w_a` and a vector :math:`v_a` of k numbers:

    .. math::
        \hat y(x) = w_0 + \sum_a w_a x_a + \sum_{a < b} v_a^\top v_b \, x_a x_b .

    All pairs cost no more than all features, O(kn) for n numbers that are not 0:

    .. math::
        \sum_{a < b} v_a^\top v_b\, x_a x_b = \frac12 \sum_{f=1}^{k} \Bigl[
        \Bigl(\sum_a v_{af} x_a\Bigr)^2 - \sum_a v_{af}^2 x_a^2 \Bigr] .

    Over the observed ratings K, fit goes downhill by Adam, a batch at a time, on

    .. math::
        \frac{1}{|K|} \sum_{t \in K} \ell\bigl(y_t, \hat y(x_t)\bigr) + \frac{1}{|K|}
        \sum_a n_a^\rho \bigl(\lambda \|v_a\|^2 + \lambda_b w_a^2\bigr),
        \qquad n_a = \sum_{t \in K} x_{ta}^2 ,

    with :math:`\ell` the squared error, or with ``loss="logistic"`` the log loss
    :math:`-y \ln \sigma(\hat y) - (1 - y) \ln (1 - \sigma(\hat y))` of a click, or of
    a liking, y = 1 or 0. Of a one-hot feature :math:`n_a` counts the ratings.

    With the fields user and item alone this is matrix factorization with biases; with
    the history as well it is SVD++ and a little more (pairs within the history). Where
    the raters of a film are a field too, the film is also who chose to rate it.

    Parameters
    ----------
    n_factors : int
        Length k of the vectors.
    n_epochs, batch_size, lr, lr_decay
        Passes over the ratings, ratings a step, Adam's step, and by what it is
        multiplied after every epoch.
    reg, reg_power, reg_bias
        :math:`\lambda`, :math:`\rho` and :math:`\lambda_b`.
    init_std : float
        Standard deviation of the vectors at the start.
    history : bool
        Whether the films that a user rated in train are a field, each
        :math:`1 / \sqrt{|I_u|}`.
    raters : bool
        Whether those who rated a film are one, each :math:`1 / \sqrt{|U_i|}`.
    clock : bool
        Whether a rating's hour and weekday (UTC) are fields, from the timestamps. Only
        "now" has them in a live system.
    loss : {"squared", "logistic"}
        :math:`\ell`; after "logistic" predictions are probabilities.
    validation_share, patience
        Share of train that is kept for early stopping, and how many epochs without
        gain end it; with a share of 0 all of train is learned for ``n_epochs``.
    seed, verbose
        Seed of all draws; whether progress is shown.

    Attributes
    ----------
    fields_ : dict of str to list
        Each field's values, in the order of the features.
    w0_, w_, V_ : float, (n_features,) and (n_features, n_factors) arrays
        Parameters; 0 for a feature that no training rating has.
    history_ : dict of str to list of float
        An epoch's mean ``loss``, penalty included, and on the part for early stopping
        ``validation``: RMSE, not clipped, or mean log loss.

    References
    ----------
    Rendle, "Factorization Machines", ICDM 2010, equations 1 and 5.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = FactorizationMachine(n_factors=2, n_epochs=60, lr=0.05, lr_decay=1.0,
    ...     reg=0.05, init_std=0.1, validation_share=0).fit(load_toy())
    >>> cem_dune, cem_babe = model.predict([2, 2], [1, 5])
    >>> bool(cem_dune > 4 > 3 > cem_babe)
    True
    """

    def __init__(
        self,
        n_factors=32,
        n_epochs=10,
        batch_size=2048,
        lr=0.01,
        lr_decay=0.75,
        reg=2.5,
        reg_power=0.5,
        reg_bias=0.5,
        init_std=0.02,
        history=True,
        raters=True,
        clock=False,
        loss="squared",
        validation_share=0.1,
        patience=3,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.lr = lr
        self.lr_decay = lr_decay
        self.reg = reg
        self.reg_power = reg_power
        self.reg_bias = reg_bias
        self.init_std = init_std
        self.history = history
        self.raters = raters
        self.clock = clock
        self.loss = loss
        self.validation_share = validation_share
        self.patience = patience
        self.seed = seed
        self.verbose = verbose

    def _build(self, design=None):
        codes, linear, sums, squares = self._added_up(design)
        return keras.Model(codes, linear + layer("PairSum")(sums, squares))


class NeuralFM(Machine):
    r"""A factorization machine whose pooled pairs go through a network.

    The pairs are pooled into a vector of k numbers instead of into one number (⊙ is
    the product entry by entry), and layers read them:

    .. math::
        b(x) = \sum_{a < b} x_a v_a \odot x_b v_b = \frac12 \Bigl[
        \Bigl(\sum_a x_a v_a\Bigr)^2 - \sum_a (x_a v_a)^2 \Bigr],
        \qquad
        \hat y(x) = w_0 + \sum_a w_a x_a + h^\top a_L ,

    .. math::
        a_0 = b(x), \qquad a_l = \max(0,\ W_l\, a_{l-1} + b_l).

    Without hidden layers and with h all ones it is the factorization machine. The loss
    and its penalty are those of :class:`FactorizationMachine`; the layers have no
    penalty but dropout, which falls on :math:`a_0, \dots, a_L`.

    Parameters
    ----------
    hidden : tuple of int
        Widths of :math:`a_1, \dots, a_L`.
    dropout : float
        Share of each :math:`a_l` that a training step leaves out; none at prediction.
    n_factors, n_epochs, batch_size, lr, lr_decay, reg, reg_power, reg_bias, init_std, \
history, raters, clock, loss, validation_share, patience, seed, verbose
        As for :class:`FactorizationMachine`, and so are the attributes.

    References
    ----------
    He & Chua, "Neural Factorization Machines for Sparse Predictive Analytics", SIGIR
    2017, equations 2 to 7.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = NeuralFM(n_factors=4, n_epochs=60, hidden=(8,), lr=0.05, lr_decay=1.0,
    ...     reg=0.05, init_std=0.1, dropout=0.0, validation_share=0).fit(load_toy())
    >>> losses = model.history_["loss"]
    >>> losses[-1] < losses[0] / 2
    True
    """

    def __init__(
        self,
        n_factors=32,
        n_epochs=10,
        batch_size=2048,
        hidden=(64, 32),
        dropout=0.2,
        lr=0.01,
        lr_decay=0.75,
        reg=2.5,
        reg_power=0.5,
        reg_bias=0.5,
        init_std=0.02,
        history=True,
        raters=True,
        clock=False,
        loss="squared",
        validation_share=0.1,
        patience=3,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.hidden = hidden
        self.dropout = dropout
        self.lr = lr
        self.lr_decay = lr_decay
        self.reg = reg
        self.reg_power = reg_power
        self.reg_bias = reg_bias
        self.init_std = init_std
        self.history = history
        self.raters = raters
        self.clock = clock
        self.loss = loss
        self.validation_share = validation_share
        self.patience = patience
        self.seed = seed
        self.verbose = verbose

    def _build(self, design=None):
        codes, linear, sums, squares = self._added_up(design, by_factor=True)
        pooled = layer("PairSums")(sums, squares)  # (B, k)
        return keras.Model(codes, linear + tower(self, pooled))


class DeepFM(Machine):
    r"""A factorization machine, and beside it a network on the same vectors.

    The wide part is a factorization machine. The deep part reads the fields' vectors
    side by side, :math:`e_f = \sum_{a \in f} x_a v_a` of each field f, a vector of k
    numbers a field:

    .. math::
        \hat y(x) = \hat y_{FM}(x) + h^\top a_L, \qquad
        a_0 = [e_1; \dots; e_F], \qquad a_l = \max(0,\ W_l\, a_{l-1} + b_l) .

    Both learn the same :math:`v_a`, at the same time, from the loss and the penalty of
    :class:`FactorizationMachine`; the layers have no penalty but dropout, which falls
    on :math:`a_0, \dots, a_L`.

    Parameters
    ----------
    hidden : tuple of int
        Widths of :math:`a_1, \dots, a_L`.
    dropout : float
        Share of each :math:`a_l` that a training step leaves out; none at prediction.
    n_factors, n_epochs, batch_size, lr, lr_decay, reg, reg_power, reg_bias, init_std, \
history, raters, clock, loss, validation_share, patience, seed, verbose
        As for :class:`FactorizationMachine`, and so are the attributes.

    References
    ----------
    Guo, Tang, Ye, Li & He, "DeepFM: A Factorization-Machine based Neural Network for
    CTR Prediction", IJCAI 2017, equations 1 to 4.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = DeepFM(n_factors=4, n_epochs=60, hidden=(8,), lr=0.05, lr_decay=1.0,
    ...     reg=0.05, init_std=0.1, dropout=0.0, validation_share=0).fit(load_toy())
    >>> cem_dune, cem_babe = model.predict([2, 2], [1, 5])
    >>> bool(cem_dune > 4 > 3 > cem_babe)
    True
    """

    __init__ = NeuralFM.__init__  # the same settings

    def _build(self, design=None):
        codes, linear, sums, squares = self._added_up(design, by_field=True)
        wide = linear + layer("PairSum")(sums, squares)  # (B,)
        side_by_side = keras.layers.Flatten()(sums)  # (B, F, k) -> (B, F k)
        return keras.Model(codes, wide + tower(self, side_by_side))


def layer(name):
    """Return a layer of ours; its class needs Keras, so it is imported here."""
    from recbook.deep.fm import layers

    return getattr(layers, name)()


def tower(model, a):
    """Return (B,) from (B, n): dropout and hidden layers in turn, then a product."""
    draw = seeds(model.seed)

    def dense(width, **options):
        start = keras.initializers.GlorotUniform(seed=next(draw))
        return keras.layers.Dense(width, kernel_initializer=start, **options)

    for width in model.hidden:
        a = keras.layers.Dropout(model.dropout, seed=next(draw))(a)
        a = dense(width, activation="relu")(a)  # (B, width)
    a = keras.layers.Dropout(model.dropout, seed=next(draw))(a)
    return dense(1, use_bias=False)(a)[:, 0]
