"""RatingTowers: stars from two towers."""

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
    r"""Predict stars by two towers: sums of the vectors of what is known.

    A person u is a row :math:`x_u` of features, nearly all zeros: who it is, the films
    that they rated, a feature for each film and level of stars, age band, gender,
    occupation, region. A film i is a row :math:`y_i`: which it is, who rated it,
    genres, decade. Every feature has a vector of k numbers and a weight, and a tower
    adds them up:

    .. math::
        p_u = \sum_a x_{ua} v_a, \quad b_u = \sum_a x_{ua} c_a, \qquad
        q_i = \sum_b y_{ib} w_b, \quad b_i = \sum_b y_{ib} d_b, \qquad
        \hat r_{ui} = \mu + b_u + b_i + p_u^\top q_i .

    Of n films rated each has :math:`x_{ua} = 10 / (n + 5)`
    (:func:`history_weight`), of n raters each :math:`1 / \sqrt{n}`, of n genres each
    :math:`1 / n`; all else is 1. Over the training ratings K, Adam lowers

    .. math::
        \frac{1}{|K|} \sum_{(u,i) \in K} \bigl(r_{ui} - \hat r^{-}_{ui}\bigr)^2
        + \frac{1}{|K|} \sum_a n_a^\rho
        \bigl(\lambda \|v_a\|^2 + \lambda_b c_a^2\bigr),
        \qquad n_a = \sum_{(u,i) \in K} x_{ua}^2 ,

    and the same penalty of the films' features. In :math:`\hat r^{-}_{ui}` the rating
    is taken out of the rows of both: its level of stars stands there, and would be
    copied. In each epoch a random share of people has no id, and of films no id and no
    raters, so that the rest of a row learns to speak alone: for who and what is new.

    The network is one of standard Keras layers, and ``network_.save`` writes it for
    any other program. The answers here are sums of rows in NumPy, in float64.

    Parameters
    ----------
    n_factors : int
        Length k of the vectors.
    levels : tuple of float
        The stars at which a level of the histories begins, growing: with 3 and 4 a
        film is rated below 3, from 3 on, or from 4 on. Empty: rated, and no more.
    n_epochs, batch_size, lr, lr_decay
        Passes over the ratings, ratings a step, Adam's step, and by what it is
        multiplied after every epoch.
    reg, reg_power, reg_bias
        :math:`\lambda`, :math:`\rho` and :math:`\lambda_b`.
    init_std : float
        Standard deviation of the vectors at the start; the weights start at 0.
    id_dropout : float
        Share of people, and of films, whose ids an epoch hides.
    validation_share, patience
        Share of train that is kept for early stopping, and how many epochs without
        gain end it. The rows then lack that share. With 0 all of train is learned for
        ``n_epochs``.
    seed, verbose
        Seed of all draws; whether progress is shown.

    Attributes
    ----------
    sides_ : dict
        ``"user"`` and ``"film"``: the ``fields`` of a side, each a list of what its
        features stand for, in their order, and the rows as arrays.
    typical_ : (F,) array
        The mean row of people over train's ratings.
    weights_ : list of arrays
        The vectors of people's features (F, k), of films' (G, k), the films' weights
        (G, 1), the people's (F, 1), and the mean (1,).
    history_ : dict of str to list of float
        An epoch's mean ``loss``, penalty included, and on the part for early stopping
        ``validation``: RMSE, not clipped.

    Raises
    ------
    ValueError
        From ``fit``, for a hyper-parameter out of its range, an empty train or a frame
        without its id column.
    DivergenceError
        From ``fit``, where the loss is not finite; it names lr and the epoch.

    References
    ----------
    Covington, Adams & Sargin, "Deep Neural Networks for YouTube Recommendations",
    RecSys 2016, section 3 (people as sums over what they watched); Koren,
    "Factorization Meets the Neighborhood", KDD 2008, equation 10 (asymmetric SVD).

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
        lr_decay=0.75,
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

    def fit(self, train, movies=None, users=None):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model.

        Parameters
        ----------
        train : Ratings
            Stars.
        movies, users : pandas.DataFrame, optional
            What is known of films and people, read as by
            :meth:`recbook.FactorizationMachine.fit`.
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
        """Return μ + b_u of people, (n,): what turns scores into stars.

        ``user_vectors(rows) @ film_vectors(...).T`` plus this are stars, not clipped.
        """
        rows = self._rows("user", rows)
        return (rows @ self._weights("user"))[:, 0] + float(self.weights_[4][0])

    def settle(self, rated, values, about=None):
        r"""Return :math:`[p_u, b_u]` of somebody new, (n_factors + 1,) float64.

        Their tower, believed the more the more they rated, and corrected by their stars
        (:func:`recbook.deep.towers.rows.settled`). Before a first rating, the mean
        person of train's ratings; what is told takes the place of what is typical.
        The arguments are those of :meth:`describe_user`.
        """
        row, side = self.describe_user(rated, values), self.sides_["user"]
        told, typical = np.zeros_like(row), self.typical_
        if about is not None:
            told = rows_of.described_row(side, about)
            typical = np.where(rows_of.told_features(side), 0.0, typical)
        table = np.hstack([self._table("user"), self._weights("user")])
        own, typical = (row + told) @ table, (typical + told) @ table
        films = self.film_vectors(self.film_rows(rated)) if len(rated) else table[:0]
        mean = float(self.weights_[4][0])
        return settled(films, np.asarray(values, np.float64), mean, own, typical)

    def predict_new(self, rated, values, items, about=None):
        """Return the stars that somebody new is expected to give, (len(items),).

        Parameters
        ----------
        rated, values, about
            What they rated, how, and what is told of them: see :meth:`settle`.
        items : (n,) int
            Codes of the films asked about.
        """
        z = self.settle(rated, values, about)
        items = check_codes("items", items, self._known[1].size)
        films = self.film_vectors(self.film_rows(items))
        stars = float(self.weights_[4][0]) + z[-1] + films @ np.r_[z[:-1], 1.0]
        return np.clip(stars, *self.scale_)

    def scores(self, users):
        """Return the predictions before clipping, (len(users), n_items) float64."""
        check_fitted(self, "weights_")
        users = check_codes("users", users, self._known[0].size)
        rows, items = self.user_rows(users), np.arange(self._known[1].size)
        stars = self.user_vectors(rows) @ self.film_vectors().T
        stars += self.user_constants(rows)[:, None]
        pairs = users[:, None], items[None, :]
        return np.where(self._answered(*pairs), stars, expected(self.bias_, *pairs))

    def _answered(self, users, items):
        people, films = (k | t for k, t in zip(self._known, self._told, strict=True))
        return people[users] & films[items]

    def _raw(self, users, items):
        rows = self.user_rows(users)
        products = self.user_vectors(rows) * self.film_vectors(self.film_rows(items))
        return products.sum(axis=1) + self.user_constants(rows)
