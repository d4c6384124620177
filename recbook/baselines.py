"""The models that every other one has to beat: means, biases, popularity."""

import numpy as np
from scipy import sparse

from recbook._core.validate import (
    check_codes,
    check_fitted,
    check_matrix,
    check_number,
    check_pairs,
    check_positive_int,
)
from recbook.base import Range, Recommender, check_settings, check_train, one_of

__all__ = ["Bias", "GlobalMean", "Popularity", "damping_curve", "item_offsets"]

# One number or one for users and one for items, in ratings.
DAMPING = Range(
    lambda name, value: _damping_pair(value),
    (-1.0, np.nan, (1.0, -2.0), (1.0, 2.0, 3.0)),
)


class GlobalMean(Recommender):
    r"""Predict the mean of all training ratings, :math:`\hat r_{ui} = \mu`.

    Its RMSE is the standard deviation of the ratings, the floor of every comparison.
    All scores are equal, so ``recommend`` lists items by their code.

    Attributes
    ----------
    mu_ : float
        Mean :math:`\mu` of the training ratings, in stars.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> GlobalMean().fit(load_toy()).predict([0, 4], [5, 1]).tolist()
    [3.5, 3.5]
    """

    def fit(self, train):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model."""
        train = check_train(train)
        self.mu_ = float(train.values.mean())
        self.shape_ = train.csr.shape
        return self

    def predict(self, users, items):
        """Return the mean for each pair of codes, (n,) float64 in stars."""
        check_fitted(self, "mu_")
        users, items = check_pairs(users, items, *self.shape_)
        return np.full(users.size, self.mu_)

    def scores(self, users):
        """Return the mean for every item, (len(users), n_items) float64."""
        check_fitted(self, "mu_")
        users = check_codes("users", users, self.shape_[0])
        return np.full((users.size, self.shape_[1]), self.mu_)


class Popularity(Recommender):
    r"""Recommend what most people rated: the score of item i is :math:`n_i`.

    A model of implicit feedback: it counts ratings and does not look at their
    stars, so it has no ``predict``. Everybody gets the same list, less what they
    have rated already; an item that nobody rated scores 0.

    Attributes
    ----------
    counts_ : (n_items,) float64 array
        Number :math:`n_i` of training ratings of each item.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> Popularity().fit(toy).recommend([2], k=3, exclude=toy).tolist()
    [[3, 1, 5]]
    """

    def fit(self, train):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model."""
        train = check_train(train)
        counts = np.bincount(train.items, minlength=train.n_items)
        self.counts_ = counts.astype(np.float64)
        self.shape_ = train.csr.shape
        return self

    def scores(self, users):
        """Return every item's count, (len(users), n_items) float64."""
        check_fitted(self, "counts_")
        users = check_codes("users", users, self.shape_[0])
        return np.tile(self.counts_, (users.size, 1))


class Bias(Recommender):
    r"""A mean, a leaning of each user and one of each item.

    .. math:: \hat r_{ui} = \mu + b_u + b_i

    The biases minimise, over the observed pairs and with :math:`\mu` held at the
    mean of all ratings,

    .. math::
        \sum_{(u,i)} (r_{ui} - \mu - b_u - b_i)^2
        + \lambda_U \sum_u b_u^2 + \lambda_I \sum_i b_i^2 .

    With the users' biases held still the items' have a closed form, and the other
    way round (:math:`I_u`: what u rated, :math:`U_i`: who rated i):

    .. math::
        b_i = \frac{\sum_{u \in U_i} (r_{ui} - \mu - b_u)}{|U_i| + \lambda_I},
        \qquad
        b_u = \frac{\sum_{i \in I_u} (r_{ui} - \mu - b_i)}{|I_u| + \lambda_U} .

    ``method="damped"`` takes each step once, items first with :math:`b_u = 0`:
    damped means. ``method="als"`` repeats the two steps ``n_iterations`` times
    (alternating least squares), which goes downhill to the one minimum.

    Parameters
    ----------
    method : {"als", "damped"}
        How far to go, as said above.
    damping : float or (float, float)
        :math:`\lambda_U` and :math:`\lambda_I`, in ratings: so many average
        ratings are added to those seen. One number serves both.
    n_iterations : int
        Number of passes of ``"als"``; ``"damped"`` is one pass.

    Attributes
    ----------
    mu_ : float
        Mean of the training ratings, in stars.
    bu_, bi_ : (n_users,) and (n_items,) float64 arrays
        Biases, in stars; 0 without a training rating, so that a prediction is
        the mean plus whatever bias is known.

    References
    ----------
    Koren, "Factor in the Neighbors", TKDD 2010, section 2.1.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = Bias(method="damped", damping=2).fit(load_toy())
    >>> round(float(model.bi_[1]), 2)  # Dune: (1.5 + 1.5) / (2 + 2)
    0.75
    """

    def __init__(self, method="als", damping=(5.0, 2.0), n_iterations=10):
        self.method = method
        self.damping = damping
        self.n_iterations = n_iterations

    _fitted = "bu_"
    _ranges = {
        "method": one_of("als", "damped"),
        "damping": DAMPING,
    }

    @property
    def _shape(self):
        return self.bu_.size, self.bi_.size

    def fit(self, train):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model."""
        train = check_train(train)
        check_settings(self)
        reg_users, reg_items = _damping_pair(self.damping)
        n_iterations = 1 if self.method == "damped" else self.n_iterations
        R = train.csr
        rated = sparse.csr_array((np.ones(R.nnz), R.indices, R.indptr), shape=R.shape)
        mu = float(train.values.mean())
        du, nu = _sums(train.values - mu, train.users, train.n_users)
        di, ni = _sums(train.values - mu, train.items, train.n_items)
        bu = np.zeros(train.n_users)
        for _ in range(n_iterations):  # rated @ bi sums b_i over what u rated
            bi = _shrunk(di - rated.T @ bu, ni, reg_items)
            bu = _shrunk(du - rated @ bi, nu, reg_users)
        self.mu_, self.bu_, self.bi_ = mu, bu, bi
        self.scale_ = (float(train.values.min()), float(train.values.max()))
        return self

    def predict(self, users, items):
        """Return (n,) stars, clipped to the lowest and highest rating of train."""
        check_fitted(self, "bu_")
        users, items = check_pairs(users, items, self.bu_.size, self.bi_.size)
        raw = self.mu_ + self.bu_[users] + self.bi_[items]
        return np.clip(raw, *self.scale_)

    def scores(self, users):
        """Return the predictions of all items, (len(users), n_items), unclipped.

        Clipping would tie the best items, whose order is what matters here.
        """
        check_fitted(self, "bu_")
        users = check_codes("users", users, self.bu_.size)
        return self.mu_ + self.bu_[users][:, None] + self.bi_[None, :]


def item_offsets(R, damping=0.0):
    r"""Return how far each item lies above or below the mean, damped.

    .. math:: b_i = \frac{\sum_{u \in U_i} (r_{ui} - \mu)}{|U_i| + \lambda}

    Parameters
    ----------
    R : (n_users, n_items) sparse or dense matrix
        Ratings in stars, of mean :math:`\mu`; absent or 0 where there is none.
    damping : float
        :math:`\lambda \ge 0`, in ratings.

    Returns
    -------
    (n_items,) float64 array
        Offsets in stars; 0 for an item that nobody rated.

    Examples
    --------
    >>> item_offsets([[5, 0], [5, 2]], damping=1).round(2).tolist()
    [0.67, -1.0]
    """
    R = check_matrix("R", R)
    check_number("damping", damping, minimum=0.0)
    if R.nnz == 0:
        return np.zeros(R.shape[1])
    return _shrunk(*_sums(R.data - R.data.mean(), R.indices, R.shape[1]), damping)


def damping_curve(ratings, dampings, n_splits=5, seed=0):
    r"""Return the error of the item offsets on hidden ratings, for each damping.

    A tenth of the ratings, another one in each split, is hidden; the mean and the
    offsets of :func:`item_offsets` come from the rest.

    Parameters
    ----------
    ratings : Ratings
        The whole table; at least 10 ratings.
    dampings : sequence of float
        Values of :math:`\lambda`, each at least 0.
    n_splits, seed : int
        Number of tenths to hide in turn, 10 at most; seed of the shuffle.

    Returns
    -------
    (n_splits, len(dampings)) float64 array
        Root mean squared errors, in stars.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> damping_curve(load_toy(), [0, 5], n_splits=2).shape
    (2, 2)
    """
    ratings = check_train(ratings)
    if check_positive_int("n_splits", n_splits) > 10:
        raise ValueError(f"n_splits must be at most 10 (tenths), got {n_splits}")
    if ratings.n_ratings < 10:
        raise ValueError(f"ratings must hold at least 10, got {ratings.n_ratings}")
    tenth = np.random.default_rng(seed).permutation(ratings.n_ratings) % 10
    errors = np.empty((n_splits, len(dampings)))
    for split in range(n_splits):
        seen, hidden = tenth != split, tenth == split
        items, values = ratings.items[hidden], ratings.values[hidden]
        mu = ratings.values[seen].mean()
        sums, counts = _sums(
            ratings.values[seen] - mu, ratings.items[seen], ratings.n_items
        )
        for column, damping in enumerate(dampings):
            check_number("dampings", damping, minimum=0.0)
            b = _shrunk(sums, counts, damping)
            errors[split, column] = np.sqrt(np.mean((values - mu - b[items]) ** 2))
    return errors


def _sums(values, groups, n_groups):
    """Return each group's sum of ``values`` and its size."""
    sums = np.bincount(groups, weights=values, minlength=n_groups)
    return sums, np.bincount(groups, minlength=n_groups)


def _shrunk(sums, counts, damping):
    """Return sums / (counts + damping), and 0 for an empty group."""
    # Without damping an empty group is 0 / 0: its sum of 0 is divided by 1 instead.
    return np.where(counts == 0, 0.0, sums / np.where(counts == 0, 1, counts + damping))


def _damping_pair(damping):
    """Return (for users, for items) from one number or a pair of them."""
    pair = (damping, damping) if np.ndim(damping) == 0 else tuple(damping)
    if len(pair) != 2:
        raise ValueError(f"damping must be one number or a pair, got {damping!r}")
    for value in pair:
        check_number("damping", value, minimum=0.0)
    return pair
