"""FactorizationMachine, NeuralFM and DeepFM."""

from recbook.deep.base import seeds
from recbook.deep.fm.base import Machine
from recbook.deep.lazy import keras

__all__ = ["DeepFM", "FactorizationMachine", "NeuralFM"]


class FactorizationMachine(Machine):
    r"""Predict from a weight of each feature and a product of each pair of features.

    Everything known of a rating stands in one long row :math:`x`, nearly all zeros: the
    user, the item, the user's age band, gender, occupation, region and history, the
    item's genres and decade, and the context. Each feature a has a weight :math:`w_a`
    and a vector :math:`v_a` of length k:

    .. math::

        \hat y(x) = w_0 + \sum_a w_a x_a + \sum_{a < b} v_a^\top v_b \, x_a x_b ,

    where :math:`w_0` is a constant. After ``fit`` the properties ``w0_``, ``w_`` and
    ``V_`` hold these parameters, which are 0 for a feature without training ratings.

    With n non-zero entries in x, the sum over all pairs costs only O(kn):

    .. math::

        \sum_{a < b} v_a^\top v_b\, x_a x_b = \frac12 \sum_{f=1}^{k} \Bigl[
        \Bigl(\sum_a v_{af} x_a\Bigr)^2 - \sum_a v_{af}^2 x_a^2 \Bigr] .

    The loss over the observed ratings K, minimised by Adam in batches, is

    .. math::

        \frac{1}{|K|} \sum_{t \in K} \ell\bigl(y_t, \hat y(x_t)\bigr) + \frac{1}{|K|}
        \sum_a n_a^\rho \bigl(\lambda \|v_a\|^2 + \lambda_b w_a^2\bigr),
        \qquad n_a = \sum_{t \in K} x_{ta}^2 .

    Here :math:`\ell` is the squared error. With ``loss="logistic"`` it is the log loss
    :math:`-y \ln \sigma(\hat y) - (1 - y) \ln (1 - \sigma(\hat y))` for y = 1 or 0,
    such as a click. For a one-hot feature, :math:`n_a` is its number of ratings.

    A user or an item without training ratings is predicted from its side information,
    if it has any, and otherwise from the mean plus the known bias.

    Parameters
    ----------
    n_factors : int
        Length k of the vectors.
    n_epochs : int
        Largest number of passes over the ratings.
    batch_size : int
        Number of ratings per step.
    lr : float
        Adam's step size.
    lr_decay : float, optional
        Factor that multiplies the step size after each epoch. None keeps it constant.
    reg : float
        Strength :math:`\lambda` of the penalty on the vectors.
    reg_power : float
        Exponent :math:`\rho` of :math:`n_a` in the penalty.
    reg_bias : float
        Strength :math:`\lambda_b` of the penalty on the weights.
    init_std : float
        Standard deviation of the initial vectors.
    history : bool
        Whether the items that a user rated in train are a field, each with the entry
        :math:`1 / \sqrt{|I_u|}`.
    raters : bool
        Whether the users who rated an item are a field, each with the entry
        :math:`1 / \sqrt{|U_i|}`.
    clock : bool
        Whether a rating's hour and weekday (UTC) are fields. They need timestamps. A
        live system knows them only for the present moment.
    loss : {"squared", "logistic"}
        The loss :math:`\ell`. With "logistic", predictions are probabilities.
    validation_share : float
        Share of train that is held out for early stopping. With 0 the model learns from
        all of train for ``n_epochs``.
    patience : int
        Number of epochs without improvement after which training stops.
    seed : int
        Seeds all random draws.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    fields_ : dict of str to list
        The values of each field, in the order of the features.
    history_ : dict of str to list of float
        ``"loss"``, the mean loss of each epoch including the penalty, and
        ``"validation"`` if it was measured: RMSE without clipping, or mean log loss.

    Notes
    -----
    With the fields user and item alone this is matrix factorization with biases. With
    the history as well it is SVD++ plus three terms: a weight for each item of the
    history, the pairs of the user with these items, and the pairs within the history.
    The field of raters describes an item also by who chose to rate it.

    References
    ----------
    Rendle (2010), "Factorization Machines", ICDM, equations 1 and 5.

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
        lr_decay: float | None = 0.75,
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
    r"""Predict by a factorization machine whose pooled pairs go through a network.

    The pairs are pooled into a vector of length k, and layers read it:

    .. math::

        \begin{aligned}
        b(x) &= \sum_{a < b} x_a v_a \odot x_b v_b = \frac12 \Bigl[
        \Bigl(\sum_a x_a v_a\Bigr)^2 - \sum_a (x_a v_a)^2 \Bigr], \\
        \hat y(x) &= w_0 + \sum_a w_a x_a + h^\top a_L ,
        \end{aligned}

    .. math::

        a_0 = b(x), \qquad a_l = \max(0,\ W_l\, a_{l-1} + b_l) .

    The row x, the weights w and the vectors v are those of
    :class:`~recbook.FactorizationMachine`, :math:`\odot` is the product entry by entry,
    and h, :math:`W_l` and :math:`b_l` are learned. Without hidden layers and with h all
    ones, this is the factorization machine. The loss and its penalty are those of
    :class:`~recbook.FactorizationMachine`, and so are the fallbacks. The layers have no
    penalty but dropout on :math:`a_0, \dots, a_L`.

    Parameters
    ----------
    n_factors, n_epochs, batch_size
        As for :class:`~recbook.FactorizationMachine`.
    hidden : tuple of int
        Widths of :math:`a_1, \dots, a_L`.
    dropout : float
        Share of each :math:`a_l` that is set to 0 in training.
    lr, lr_decay, reg, reg_power, reg_bias, init_std, history, raters, clock, loss
        As for :class:`~recbook.FactorizationMachine`.
    validation_share, patience, seed, verbose
        As for :class:`~recbook.FactorizationMachine`.

    Attributes
    ----------
    fields_, history_
        As for :class:`~recbook.FactorizationMachine`.

    References
    ----------
    He & Chua (2017), "Neural Factorization Machines for Sparse Predictive Analytics",
    SIGIR, equations 2 to 7.

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
        lr_decay: float | None = 0.75,
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
    r"""Predict by a factorization machine plus a network on the same vectors.

    The wide part is a factorization machine. The deep part reads the vectors of the
    fields side by side. The vector of field f is :math:`e_f = \sum_{a \in f} x_a v_a`:

    .. math::

        \hat y(x) = \hat y_{FM}(x) + h^\top a_L, \qquad
        a_0 = [e_1; \dots; e_F], \qquad a_l = \max(0,\ W_l\, a_{l-1} + b_l) ,

    where :math:`[\cdot;\cdot]` joins vectors and h, :math:`W_l` and :math:`b_l` are
    learned. Both parts learn the same :math:`v_a` at the same time. The loss and its
    penalty are those of :class:`~recbook.FactorizationMachine`, and so are the
    fallbacks. The layers have no penalty but dropout on :math:`a_0, \dots, a_L`.

    Parameters
    ----------
    n_factors, n_epochs, batch_size
        As for :class:`~recbook.FactorizationMachine`.
    hidden : tuple of int
        Widths of :math:`a_1, \dots, a_L`.
    dropout : float
        Share of each :math:`a_l` that is set to 0 in training.
    lr, lr_decay, reg, reg_power, reg_bias, init_std, history, raters, clock, loss
        As for :class:`~recbook.FactorizationMachine`.
    validation_share, patience, seed, verbose
        As for :class:`~recbook.FactorizationMachine`.

    Attributes
    ----------
    fields_, history_
        As for :class:`~recbook.FactorizationMachine`.

    References
    ----------
    Guo, Tang, Ye, Li & He (2017), "DeepFM: A Factorization-Machine based Neural Network
    for CTR Prediction", IJCAI, equations 1 to 4.

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
    """Return one of our layers, imported here because its class needs Keras."""
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
