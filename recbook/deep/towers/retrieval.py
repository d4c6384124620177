"""RetrievalTowers: two towers that rank items for users without ids."""

from typing import Self

import numpy as np

from recbook._core.validate import check_codes, check_fitted
from recbook.base import anything, check_settings, check_train, known
from recbook.deep.base import RankingModel, held_out, mean_ndcg
from recbook.deep.towers import rows as rows_of
from recbook.deep.towers.base import Towers, check_weights, towers
from recbook.deep.towers.training import HeldFilms
from recbook.deep.training import train_epochs

__all__ = ["RetrievalTowers"]


class RetrievalTowers(Towers, RankingModel):
    r"""Rank items by two towers that work for new users without fitting again.

    The rows and sums are those of :class:`~recbook.RatingTowers`, without the ids of
    users and without the raters of items. The score of item i for user u is

    .. math:: s_{ui} = b_i + p_u^\top q_i .

    No user has parameters of their own, so a new user is treated like any other. The
    items that a user rated are modelled as draws from one distribution over the
    catalogue. The loss, averaged over a batch B of users, is

    .. math::

        -\frac{1}{|B|} \sum_{u \in B} \sum_{i \in I_u} t_{ui}
        \ln \frac{e^{s_{ui}}}{\sum_j e^{s_{uj}}}
        + \lambda \Bigl(\sum_a \|v_a\|^2 + \sum_b \|w_b\|^2\Bigr),

    where :math:`I_u` are the items that u rated, :math:`t_{ui}` is the weight of the
    rating's level of stars, and :math:`v_a, w_b` are the vectors of the features. In
    training a random share of a user's features is hidden and the others are scaled up,
    so that hidden items must be found from others. In each epoch a share of the items
    has no id, so that genres and decade learn to work without it.

    The model learns from implicit feedback and has no ``predict``. A user without
    ratings and side information gets the scores :math:`b_i`, which are close to
    popularity. Rows are trained as dense tables, which suits catalogues of a few
    thousand items.

    Parameters
    ----------
    n_factors : int
        Length of the vectors.
    levels : tuple of float
        As for :class:`~recbook.RatingTowers`.
    weights : tuple of float
        :math:`t_{ui}` for each level, one more than ``levels``.
    n_epochs : int
        Largest number of passes over the users.
    batch_size : int
        Number of users per step.
    lr : float
        Adam's step size.
    lr_decay : float, optional
        Factor that multiplies the step size after each epoch. None keeps it constant.
    reg : float
        Strength :math:`\lambda` of the penalty, added once per step.
    init_std : float
        Standard deviation of the initial vectors. The items' weights start at the
        logarithm of their numbers of ratings, minus its mean.
    dropout : float
        Share of a user's features that a step hides.
    id_dropout : float
        Share of items whose ids an epoch hides.
    validation_share : float
        Share of train that is held out and measured by nDCG@10 after each epoch. With
        0, the default, the model learns from all of train for ``n_epochs``.
    patience : int
        Number of epochs without improvement after which training stops.
    seed : int
        Seeds all random draws.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    sides_ : dict
        As for :class:`~recbook.RatingTowers`.
    weights_ : list of arrays
        The vectors of users' features (F, k) and of items' (G, k), and the items'
        weights (G, 1).
    counts_ : (n_items,) int array
        Number of ratings of each item that training learned from.
    history_ : dict of str to list of float
        ``"loss"`` of each epoch, and ``"validation"`` if it was measured.

    Raises
    ------
    ValueError
        From ``fit``, if a setting is out of its range, train is empty, or a frame lacks
        its id column.
    DivergenceError
        From ``fit``, if the loss is not finite. The message names lr and the epoch.

    Notes
    -----
    Covington et al. sample negatives. Here the softmax is over all items, as in Liang
    et al.

    References
    ----------
    - Covington, Adams & Sargin (2016), "Deep Neural Networks for YouTube
      Recommendations", RecSys, section 3.1.
    - Liang, Krishnan, Hoffman & Jebara (2018), "Variational Autoencoders for
      Collaborative Filtering", WWW.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = RetrievalTowers(n_factors=4, n_epochs=60, lr=0.03).fit(load_toy())
    >>> fay = model.fold_in([0, 3], [5, 1])  # loves Alien, cannot stand Up
    >>> scores = model.film_vectors() @ fay
    >>> bool(scores[1] > scores[5])  # Dune, Babe
    True
    """

    def __init__(
        self,
        n_factors=64,
        levels=(3.0, 4.0),
        weights=(0.3, 0.6, 1.0),
        n_epochs=30,
        batch_size=128,
        lr=0.003,
        lr_decay: float | None = 0.97,
        reg=0.0,
        init_std=0.05,
        dropout=0.8,
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

    _ranges = {"weights": anything([1.0, -1.0], 3.0)}  # checked in fit, with levels

    def fit(self, train, movies=None, users=None) -> Self:
        """Learn from ratings and side information, and return the model.

        Parameters
        ----------
        train : Ratings
            Every rating counts with the weight of its level of stars.
        movies, users : pandas.DataFrame, optional
            Side information about items and users, as for
            :class:`~recbook.FactorizationMachine`.

        Returns
        -------
        RetrievalTowers
            The model itself.
        """
        train = check_train(train)
        check_settings(self)
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

        self.history_ = train_epochs(
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

    def scores(self, users) -> np.ndarray:
        """Return a score of every item for each user.

        Parameters
        ----------
        users : (n,) array_like of int
            User codes.

        Returns
        -------
        (n, n_items) float64 array
            Higher is better. A user without ratings and side information gets
            :math:`b_i`.
        """
        check_fitted(self, "weights_")
        users = check_codes("users", users, self._known[0].size)
        return self.user_vectors(self.user_rows(users)) @ self.film_vectors().T
