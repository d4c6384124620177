"""Two towers that order a catalogue, for people who need no id."""

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
    r"""Order the catalogue by two towers: which films will this person turn to?

    The rows and sums of :class:`recbook.RatingTowers`, less the ids of people and the
    raters of films:

    .. math:: s_{ui} = b_i + p_u^\top q_i .

    Nobody has a number of their own, so somebody new is no special case. The films
    that a person rated are taken as draws from one distribution over the catalogue;
    over the people of a batch B, Adam lowers

    .. math::
        -\frac{1}{|B|} \sum_{u \in B} \sum_{i \in I_u} t_{ui}
        \ln \frac{e^{s_{ui}}}{\sum_j e^{s_{uj}}}
        + \lambda \Bigl(\sum_a \|v_a\|^2 + \sum_b \|w_b\|^2\Bigr),

    with :math:`t_{ui}` the weight of its level of stars. In training a random share of
    a person's features is hidden, and what is left divided by the rest of 1, so that
    hidden films are to be found from others; and in each epoch a share of the films
    has no id, so that genres and decade learn to speak alone.

    A model of implicit feedback: it has no ``predict``. Whoever rated nothing, and of
    whom nothing is told, has :math:`b_i` alone, which is nearly the popularity. Rows
    are trained as dense tables: for catalogues of some thousands.

    Parameters
    ----------
    n_factors, levels
        As for :class:`recbook.RatingTowers`.
    weights : tuple of float
        :math:`t_{ui}` of each level, one more than ``levels``.
    n_epochs, batch_size, lr, lr_decay
        Passes over the people, people a step, Adam's step, and by what it is
        multiplied after every epoch.
    reg : float
        :math:`\lambda`, in nats: paid once a step.
    init_std : float
        Standard deviation of the vectors at the start. The films' weights start at
        the logarithm of their number of ratings, less its mean.
    dropout : float
        Share of a person's features that a step hides.
    id_dropout : float
        Share of films whose ids an epoch hides.
    validation_share, patience
        As for :class:`recbook.RatingTowers`; measured by nDCG@10.
    seed, verbose
        Seed of all draws; whether progress is shown.

    Attributes
    ----------
    sides_, history_
        As of :class:`recbook.RatingTowers`.
    weights_ : list of arrays
        The vectors of people's features (F, k), of films' (G, k), and the films'
        weights (G, 1).
    counts_ : (n_items,) int array
        Number of training ratings of each item.

    Raises
    ------
    ValueError, DivergenceError
        As from :class:`recbook.RatingTowers`.

    References
    ----------
    Covington, Adams & Sargin, "Deep Neural Networks for YouTube Recommendations",
    RecSys 2016, section 3.1, there with sampled negatives; Liang, Krishnan, Hoffman &
    Jebara, "Variational Autoencoders for Collaborative Filtering", WWW 2018, for the
    loss.

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
        lr_decay=0.97,
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

    _ranges = {"weights": anything([1.0, -1.0], 3.0)}  # check_weights knows the levels

    def fit(self, train, movies=None, users=None):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model.

        ``movies`` and ``users`` as for :meth:`recbook.RatingTowers.fit`.
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

    def scores(self, users):
        """Return a score for every item, (len(users), n_items) float64.

        Of somebody without training ratings, of whom nothing is told: b_i alone.
        """
        check_fitted(self, "weights_")
        users = check_codes("users", users, self._known[0].size)
        return self.user_vectors(self.user_rows(users)) @ self.film_vectors().T
