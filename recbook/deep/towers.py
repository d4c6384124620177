"""Two towers: people and films as sums of vectors of what is known of them."""

import numpy as np

from recbook._ranking import check_train
from recbook._settings import check_settings, known
from recbook._validate import check_codes, check_fitted
from recbook.baselines import Bias
from recbook.deep import _tower_rows as rows_of
from recbook.deep._model import RankingModel, RatingModel, expected, held_out, mean_ndcg
from recbook.deep._tower_rows import history_weight
from recbook.deep._tower_training import HeldFilms, Stars
from recbook.deep._towers import Towers, check_levels, check_weights, towers
from recbook.deep._training import descend

__all__ = ["RatingTowers", "RetrievalTowers", "history_weight"]


class RatingTowers(Towers, RatingModel):
    r"""Predict stars by two towers: sums of the vectors of what is known.

    A person u is a row of features :math:`x_u`, nearly all zeros: who it is, the films
    rated in train (a feature for each film and level of stars, each
    :math:`1 / \sqrt{|I_u|}`), age band, gender, occupation. A film i is a row
    :math:`y_i`: which it is, its raters, each :math:`1 / \sqrt{|U_i|}`, genres, decade.
    Each feature has a weight and a vector of k numbers, and a tower adds them up:

    .. math::
        \hat r_{ui} = \mu + \sum_a x_{ua} w_a + \sum_b y_{ib} w_b
        + \Bigl(\sum_a x_{ua} v_a\Bigr)^\top \Bigl(\sum_b y_{ib} v_b\Bigr) .

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = RatingTowers(n_factors=2, n_epochs=60, lr=0.05, lr_decay=1.0,
    ...     reg=0.1, init_std=0.1).fit(load_toy())
    >>> cem_dune, cem_babe = model.predict([2, 2], [1, 5])
    >>> bool(cem_dune > 4 > 3 > cem_babe)
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
        id_dropout=0.1,
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
        check_levels(self.levels)
        fewer, validation = held_out(train, self.validation_share, self.seed)
        levels, rng = tuple(self.levels), np.random.default_rng(self.seed)
        sides = {
            "user": rows_of.user_side(fewer, users, levels, ids=True),
            "film": rows_of.film_side(fewer, movies, raters=True),
        }
        work = Stars(self, fewer, sides, rng)
        network = self._build(sides, float(fewer.values.mean()), work.start)
        measure = None if validation is None else work.measure(network, validation)
        self.history_ = descend(
            self, network, work.loss(network), work.draw, rng, measure, jit=False
        )
        self.sides_, self._told = sides, work.told()
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

    def predict_new(self, rated, values, items, about=None):
        """Return the stars that somebody new is expected to give, (len(items),).

        Parameters
        ----------
        rated, values, about
            What they rated, how, and what is told of them: see :meth:`describe_user`.
        items : (n,) int
            Codes of the films asked about.
        """
        row = self.describe_user(rated, values, about)
        items = check_codes("items", items, self._known[1].size)
        films = self.film_vectors(self.film_rows(items))
        stars = films @ self.user_vectors(row)[0] + self.user_constants(row)[0]
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


class RetrievalTowers(Towers, RankingModel):
    r"""Order the catalogue by two towers, for people who need no id.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = RetrievalTowers(n_factors=4, n_epochs=60, lr=0.03).fit(load_toy())
    >>> model.fold_in([0, 1], [5, 4]).shape
    (5,)
    """

    def __init__(
        self,
        n_factors=64,
        levels=(3.0, 4.0),
        weights=(0.3, 0.6, 1.0),
        n_epochs=30,
        batch_size=128,
        lr=0.003,
        lr_decay=0.97,
        reg=0.0,
        init_std=0.05,
        dropout=0.6,
        id_dropout=0.3,
        validation_share=0.0,
        patience=5,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.levels = levels
        self.weights = weights
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.lr = lr
        self.lr_decay = lr_decay
        self.reg = reg
        self.init_std = init_std
        self.dropout = dropout
        self.id_dropout = id_dropout
        self.validation_share = validation_share
        self.patience = patience
        self.seed = seed
        self.verbose = verbose

    def fit(self, train, movies=None, users=None):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model.

        ``movies`` and ``users`` as for :meth:`RatingTowers.fit`.
        """
        train = check_train(train)
        check_settings(self)
        check_levels(self.levels)
        check_weights(self.weights, self.levels)
        fewer, validation = held_out(train, self.validation_share, self.seed)
        levels, rng = tuple(self.levels), np.random.default_rng(self.seed)
        sides = {
            "user": rows_of.user_side(fewer, users, levels, ids=False),
            "film": rows_of.film_side(fewer, movies, raters=False),
        }
        work = HeldFilms(self, fewer, sides, rng)
        network, measure = self._build(sides, work.start), None
        if validation is not None:

            def measure():
                return mean_ndcg(work.scorer(network), fewer, validation)

        self.history_ = descend(
            self, network, work.loss(network), work.draw, rng, measure, True, jit=False
        )
        self.sides_, self._known = sides, known(fewer)
        self.counts_ = np.bincount(fewer.items, minlength=fewer.n_items)
        self.scale_ = (float(train.values.min()), float(train.values.max()))
        self._keep(network)
        return self

    def _build(self, sides=None, tables=None):
        sides = sides or self.sides_
        sizes = [sides[name]["shape"][1] for name in ("user", "film")]
        return towers(sizes, self.n_factors, tables=tables)

    def scores(self, users):
        """Return a score for every item, (len(users), n_items) float64.

        Of somebody without training ratings, of whom nothing is told: b_i alone.
        """
        check_fitted(self, "weights_")
        users = check_codes("users", users, self._known[0].size)
        return self.user_vectors(self.user_rows(users)) @ self.film_vectors().T
