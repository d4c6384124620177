"""RatingTowers: stars from two towers."""

from typing import Self

import numpy as np

from recbook._core.validate import check_codes, check_fitted
from recbook.base import check_settings, check_train, known
from recbook.baselines import Bias
from recbook.deep.base import RatingModel, expected, held_out
from recbook.deep.towers import rows as rows_of
from recbook.deep.towers.base import Towers, towers
from recbook.deep.towers.rows import settled
from recbook.deep.towers.training import Stars
from recbook.deep.training import train_epochs

__all__ = ["RatingTowers"]


class RatingTowers(Towers, RatingModel):
    r"""Predict stars from two towers that sum the vectors of known features.

    A user u is a row :math:`x_u` of features, nearly all zeros: id, one feature for
    each rated item and level of stars, age band, gender, occupation and region. An item
    i is a row :math:`y_i`: id, raters, genres and decade. Every feature a of users has
    a vector :math:`v_a` of length k and a weight :math:`c_a`, and every feature b of
    items has a vector :math:`w_b` and a weight :math:`d_b`. A tower sums them:

    .. math::

        \begin{aligned}
        p_u &= \sum_a x_{ua} v_a, \quad b_u = \sum_a x_{ua} c_a, \qquad
        q_i = \sum_b y_{ib} w_b, \quad b_i = \sum_b y_{ib} d_b, \\
        \hat r_{ui} &= \mu + b_u + b_i + p_u^\top q_i ,
        \end{aligned}

    where :math:`\mu` is a learned mean. Each of n rated items has the entry
    :math:`10 / (n + 5)` (:func:`~recbook.deep.towers.history_weight`), each of n raters
    :math:`1 / \sqrt{n}` and each of n genres :math:`1 / n`. All other entries are 1.

    The loss over the training ratings K, minimised by Adam in batches, is

    .. math::

        \frac{1}{|K|} \sum_{(u,i) \in K} \bigl(r_{ui} - \hat r^{-}_{ui}\bigr)^2
        + \frac{1}{|K|} \sum_a n_a^\rho
        \bigl(\lambda \|v_a\|^2 + \lambda_b c_a^2\bigr),
        \qquad n_a = \sum_{(u,i) \in K} x_{ua}^2 ,

    plus the same penalty for the items' features. For :math:`\hat r^{-}_{ui}` the
    rating itself is taken out of both rows, which would otherwise give away its level
    of stars. In each epoch a random share of users has no id, and a share of items has
    neither id nor raters, so that the other features learn to work for new users and
    items.

    A user or item without training ratings is predicted from its side information, if
    it has any, and otherwise from the mean plus the known bias.

    Parameters
    ----------
    n_factors : int
        Length k of the vectors.
    levels : tuple of float
        Increasing stars at which a new level of the history begins. With 3 and 4 an
        item is rated below 3, from 3 on, or from 4 on. Empty means a single level.
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
        Standard deviation of the initial vectors. The weights start at 0.
    id_dropout : float
        Share of users, and of items, whose ids an epoch hides.
    validation_share : float
        Share of train that is held out for early stopping and also missing from the
        rows. With 0, the default, the model learns from all of train for ``n_epochs``.
    patience : int
        Number of epochs without improvement after which training stops.
    seed : int
        Seeds all random draws.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    sides_ : dict
        ``"user"`` and ``"film"``. Each has the ``fields`` of its side, lists of what
        its features stand for in order, and the rows as arrays.
    typical_ : (F,) array
        Mean row of users over train's ratings.
    weights_ : list of arrays
        The vectors of users' features (F, k) and of items' (G, k), the items' weights
        (G, 1), the users' weights (F, 1) and the mean (1,).
    history_ : dict of str to list of float
        ``"loss"``, the mean loss of each epoch including the penalty, and
        ``"validation"``, the RMSE without clipping, if it was measured.

    Raises
    ------
    ValueError
        From ``fit``, if a setting is out of its range, train is empty, or a frame lacks
        its id column.
    DivergenceError
        From ``fit``, if the loss is not finite. The message names lr and the epoch.

    Notes
    -----
    The network consists of standard Keras layers, and ``network_.save`` writes it for
    any other program. Predictions are computed in NumPy as sums of rows, in float64.

    References
    ----------
    - Covington, Adams & Sargin (2016), "Deep Neural Networks for YouTube
      Recommendations", RecSys, section 3: users as sums over the items they watched.
    - Koren (2008), "Factorization Meets the Neighborhood", KDD, equation 10
      (asymmetric SVD).

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = RatingTowers(n_factors=2, n_epochs=60, lr=0.05, lr_decay=1.0,
    ...     reg=0.1, init_std=0.1).fit(load_toy())
    >>> cem_dune, cem_babe = model.predict([2, 2], [1, 5])
    >>> bool(cem_dune > 4 > 3 > cem_babe)
    True

    Fay has just come. She loves Alien and cannot stand Up:

    >>> dune, babe = model.predict_new([0, 3], [5, 1], items=[1, 5])
    >>> bool(dune > babe)
    True
    """

    def __init__(
        self,
        n_factors=32,
        levels=(3.0, 4.0),
        n_epochs=10,
        batch_size=4096,
        lr=0.01,
        lr_decay: float | None = 0.75,
        reg=3.0,
        reg_power=0.5,
        reg_bias=0.5,
        init_std=0.02,
        id_dropout=0.05,
        validation_share=0.0,
        patience=3,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.levels = levels
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.lr = lr
        self.lr_decay = lr_decay
        self.reg = reg
        self.reg_power = reg_power
        self.reg_bias = reg_bias
        self.init_std = init_std
        self.id_dropout = id_dropout
        self.validation_share = validation_share
        self.patience = patience
        self.seed = seed
        self.verbose = verbose

    def fit(self, train, movies=None, users=None) -> Self:
        """Learn from ratings and side information, and return the model.

        Parameters
        ----------
        train : Ratings
            Stars to learn from.
        movies, users : pandas.DataFrame, optional
            Side information about items and users, as for
            :class:`~recbook.FactorizationMachine`.

        Returns
        -------
        RatingTowers
            The model itself.
        """
        train = check_train(train)
        check_settings(self)
        fewer, validation = held_out(train, self.validation_share, self.seed)
        levels, rng = tuple(self.levels), np.random.default_rng(self.seed)
        sides = {
            "user": rows_of.user_side(fewer, users, levels, ids=True),
            "film": rows_of.film_side(fewer, movies, raters=True),
        }
        work = Stars(self, fewer, sides, rng)
        network = self._build(sides, float(fewer.values.mean()), work.start)
        measure = None if validation is None else work.measure(network, validation)
        self.history_ = train_epochs(
            self, network, work.loss(network), work.draw, rng, measure, jit=False
        )
        self.sides_, self._told = sides, work.told()
        counts = np.bincount(fewer.users, minlength=fewer.n_users)
        self.typical_ = counts @ rows_of.matrix(sides["user"]) / fewer.n_ratings
        self.bias_, self._known = Bias().fit(fewer), known(fewer)
        self.scale_ = (float(train.values.min()), float(train.values.max()))
        self._keep(network)
        return self

    def _build(self, sides=None, mean=0.0, tables=None):
        sides = sides or self.sides_
        sizes = [sides[name]["shape"][1] for name in ("user", "film")]
        return towers(sizes, self.n_factors, mean, tables)

    def user_constants(self, rows=None):
        r"""Return the constants :math:`\mu + b_u` that turn scores into stars.

        ``user_vectors(rows) @ film_vectors().T`` plus these are stars, not clipped.

        Parameters
        ----------
        rows : (n, F) csr or dense array, optional
            As for ``user_vectors``.

        Returns
        -------
        (n,) float64 array
            One constant per row.
        """
        rows = self._rows("user", rows)
        return (rows @ self._weights("user"))[:, 0] + float(self.weights_[4][0])

    def settle(self, rated, values, about=None):
        """Return the vector :math:`[p_u, b_u]` of a new user.

        The result of the user's tower gains weight with the number of ratings and is
        then corrected by the stars. Without ratings it is the result for the mean row
        of train's ratings. Side information replaces the corresponding mean features.

        Parameters
        ----------
        rated, values, about
            As ``items``, ``values`` and ``about`` of ``describe_user``.

        Returns
        -------
        (n_factors + 1,) float64 array
            The user's vector and bias.
        """
        row, side = self.describe_user(rated, values), self.sides_["user"]
        side_row, typical = np.zeros_like(row), self.typical_
        if about is not None:
            side_row = rows_of.described_row(side, about)
            typical = np.where(rows_of.told_features(side), 0.0, typical)
        table = np.hstack([self._table("user"), self._weights("user")])
        own, typical = (row + side_row) @ table, (typical + side_row) @ table
        films = self.film_vectors(self.film_rows(rated)) if len(rated) else table[:0]
        mean = float(self.weights_[4][0])
        return settled(films, np.asarray(values, np.float64), mean, own, typical)

    def predict_new(self, rated, values, items, about=None) -> np.ndarray:
        """Return the stars that a new user is predicted to give.

        Parameters
        ----------
        rated, values, about
            Rated items, their stars and side information, as for ``settle``.
        items : (n,) array_like of int
            Codes of the items to predict.

        Returns
        -------
        (n,) float64 array
            Stars, clipped to the lowest and highest rating of train.
        """
        z = self.settle(rated, values, about)
        items = check_codes("items", items, self._known[1].size)
        films = self.film_vectors(self.film_rows(items))
        stars = float(self.weights_[4][0]) + z[-1] + films @ np.r_[z[:-1], 1.0]
        return np.clip(stars, *self.scale_)

    def scores(self, users) -> np.ndarray:
        """Return the predicted stars of every item for each user, not clipped.

        Parameters
        ----------
        users : (n,) array_like of int
            User codes.

        Returns
        -------
        (n, n_items) float64 array
            Stars before clipping.
        """
        check_fitted(self, "weights_")
        users = check_codes("users", users, self._known[0].size)
        rows, items = self.user_rows(users), np.arange(self._known[1].size)
        stars = self.user_vectors(rows) @ self.film_vectors().T
        stars += self.user_constants(rows)[:, None]
        pairs = users[:, None], items[None, :]
        return np.where(self._answered(*pairs), stars, expected(self.bias_, *pairs))

    def _answered(self, users, items):
        known_users, known_items = (
            k | t for k, t in zip(self._known, self._told, strict=True)
        )
        return known_users[users] & known_items[items]

    def _raw(self, users, items):
        rows = self.user_rows(users)
        products = self.user_vectors(rows) * self.film_vectors(self.film_rows(items))
        return products.sum(axis=1) + self.user_constants(rows)
