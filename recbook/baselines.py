"""The models that every other one has to beat: means, biases and popularity."""

from typing import Self

import numpy as np
from scipy import sparse

from recbook._core.arrays import check_reals
from recbook._core.validate import (
    check_codes,
    check_fitted,
    check_matrix,
    check_number,
    check_pairs,
    check_positive_int,
    generator,
)
from recbook.base import Range, Recommender, check_settings, check_train, one_of

__all__ = ["GlobalMean", "Popularity", "Bias", "item_offsets", "damping_curve"]

# One number, or one for users and one for items, in ratings.
DAMPING = Range(
    lambda name, value: _damping_pair(value),
    (-1.0, np.nan, (1.0, -2.0), (1.0, 2.0, 3.0)),
)


class GlobalMean(Recommender):
    r"""Predict the mean of all training ratings for every pair.

    .. math:: \hat r_{ui} = \mu

    The constant :math:`\mu` minimises the squared error on train, and its RMSE there is
    the standard deviation of the ratings, the reference of every comparison. Users and
    items without ratings get :math:`\mu`, too. All scores are equal, so ``recommend``
    lists items by their code.

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

    def fit(self, train) -> Self:
        """Fit the model to ``train``, a :class:`~recbook.Ratings`, and return it."""
        train = check_train(train)
        self.mu_ = float(train.values.mean())
        self.shape_ = train.csr.shape
        return self

    def predict(self, users, items) -> np.ndarray:
        """Return the mean for each pair of codes, (n,) float64, in stars."""
        check_fitted(self, "mu_")
        users, items = check_pairs(users, items, *self.shape_)
        return np.full(users.size, self.mu_)

    def scores(self, users) -> np.ndarray:
        """Return the mean for every item, (len(users), n_items) float64."""
        check_fitted(self, "mu_")
        users = check_codes("users", users, self.shape_[0])
        return np.full((users.size, self.shape_[1]), self.mu_)


class Popularity(Recommender):
    r"""Recommend the items with the most ratings.

    .. math:: \hat s_{ui} = n_i

    :math:`n_i` is the number of training ratings of item i. The model counts ratings
    and ignores the stars, so it has no ``predict``. All users get the same list,
    apart from their excluded items. An item without ratings scores 0.

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

    def fit(self, train) -> Self:
        """Fit the model to ``train``, a :class:`~recbook.Ratings`, and return it."""
        train = check_train(train)
        counts = np.bincount(train.items, minlength=train.n_items)
        self.counts_ = counts.astype(np.float64)
        self.shape_ = train.csr.shape
        return self

    def scores(self, users) -> np.ndarray:
        """Return every item's count, (len(users), n_items) float64."""
        check_fitted(self, "counts_")
        users = check_codes("users", users, self.shape_[0])
        return np.tile(self.counts_, (users.size, 1))


class Bias(Recommender):
    r"""Predict the mean rating plus a bias of the user and a bias of the item.

    .. math:: \hat r_{ui} = \mu + b_u + b_i

    :math:`\mu` is the mean of all training ratings. The loss is the sum of the squared
    errors over the observed pairs plus a penalty on the biases,

    .. math::
        \sum_{(u,i)} (r_{ui} - \mu - b_u - b_i)^2
        + \lambda_U \sum_u b_u^2 + \lambda_I \sum_i b_i^2 .

    With the users' biases fixed the items' have a closed form, and vice versa. With
    :math:`I_u` the items that u rated and :math:`U_i` the users who rated i,

    .. math::
        b_i = \frac{\sum_{u \in U_i} (r_{ui} - \mu - b_u)}{|U_i| + \lambda_I},
        \qquad
        b_u = \frac{\sum_{i \in I_u} (r_{ui} - \mu - b_i)}{|I_u| + \lambda_U} .

    ``method="als"`` repeats the two steps (alternating least squares) and approaches
    the minimum. ``method="damped"`` takes each step once, items first with
    :math:`b_u = 0`. The results are called damped means.

    A user or an item without training ratings has bias 0. Its predictions are
    :math:`\mu` plus the bias of the other side.

    Parameters
    ----------
    method : {"als", "damped"}
        Whether to repeat the two steps or to take each once, as above.
    damping : float or (float, float)
        :math:`\lambda_U` and :math:`\lambda_I`, as a number of average ratings that are
        added to the observed ones. One number serves both.
    n_iterations : int
        Number of passes of ``"als"``. ``"damped"`` always takes one.

    Attributes
    ----------
    mu_ : float
        Mean of the training ratings, in stars.
    bu_ : (n_users,) float64 array
        User biases, in stars. 0 for a user without a training rating.
    bi_ : (n_items,) float64 array
        Item biases, in stars. 0 for an item without a training rating.

    Raises
    ------
    ValueError
        In ``fit``, for an invalid argument. The message names it and its value.

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

    def fit(self, train) -> Self:
        """Fit the model to ``train``, a :class:`~recbook.Ratings`, and return it."""
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
        for _ in range(n_iterations):  # rated @ bi sums b_i over the items of u
            bi = _shrunk(di - rated.T @ bu, ni, reg_items)
            bu = _shrunk(du - rated @ bi, nu, reg_users)
        self.mu_, self.bu_, self.bi_ = mu, bu, bi
        self.scale_ = (float(train.values.min()), float(train.values.max()))
        return self

    def predict(self, users, items) -> np.ndarray:
        r"""Return the predicted rating :math:`\hat r_{ui}` of each pair.

        Parameters
        ----------
        users, items : (n,) int arrays
            Codes of the pairs.

        Returns
        -------
        (n,) float64 array
            Stars, clipped to the lowest and highest rating of train.
        """
        check_fitted(self, "bu_")
        users, items = check_pairs(users, items, self.bu_.size, self.bi_.size)
        raw = self.mu_ + self.bu_[users] + self.bi_[items]
        return np.clip(raw, *self.scale_)

    def scores(self, users) -> np.ndarray:
        """Return unclipped predictions for all items, (len(users), n_items) float64.

        Clipping would tie the best items, and here only their order matters.
        """
        check_fitted(self, "bu_")
        users = check_codes("users", users, self.bu_.size)
        return self.mu_ + self.bu_[users][:, None] + self.bi_[None, :]


def item_offsets(R, damping=0.0):
    r"""Return how far each item's ratings lie above or below the mean, damped.

    .. math:: b_i = \frac{\sum_{u \in U_i} (r_{ui} - \mu)}{|U_i| + \lambda}

    :math:`U_i` are the users who rated item i, and :math:`\mu` is the mean of all
    ratings.

    Parameters
    ----------
    R : (n_users, n_items) sparse or dense matrix
        Ratings in stars. An absent or zero entry is no rating.
    damping : float
        :math:`\lambda \ge 0`, in ratings. The default 0 does not damp.

    Returns
    -------
    (n_items,) float64 array
        Offsets in stars. 0 for an item without ratings.

    Examples
    --------
    >>> item_offsets([[5, 0], [5, 2]], damping=1).round(2).tolist()
    [0.67, -1.0]
    """
    R = check_matrix("R", R)
    damping = check_number("damping", damping, minimum=0.0)
    if R.nnz == 0:
        return np.zeros(R.shape[1])
    return _shrunk(*_sums(R.data - R.data.mean(), R.indices, R.shape[1]), damping)


def damping_curve(ratings, dampings, n_splits=5, seed=0):
    r"""Return the error of the item offsets on hidden ratings, for each damping.

    The ratings are dealt at random into ten tenths, and each split hides another tenth.
    The mean and the offsets of :func:`~recbook.baselines.item_offsets` come from the
    rest.

    Parameters
    ----------
    ratings : Ratings
        The whole table, with at least 10 ratings.
    dampings : sequence of float
        Values of :math:`\lambda`, each at least 0.
    n_splits : int
        Number of tenths to hide in turn, at most 10.
    seed : int
        Seeds the deal.

    Returns
    -------
    (n_splits, len(dampings)) float64 array
        Root mean squared errors over the hidden ratings, in stars.

    Raises
    ------
    ValueError
        If an argument is out of its range or there are fewer than 10 ratings.

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
    tenth = generator(seed).permutation(ratings.n_ratings) % 10
    dampings = check_reals("dampings", dampings)
    if dampings.ndim != 1:
        raise ValueError(f"dampings must be a list of numbers, got {dampings!r}")
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
    """Return the sum of ``values`` in each group, and the group's size."""
    sums = np.bincount(groups, weights=values, minlength=n_groups)
    return sums, np.bincount(groups, minlength=n_groups)


def _shrunk(sums, counts, damping):
    """Return sums / (counts + damping), and 0 for an empty group."""
    # Without damping an empty group would be 0 / 0, so its sum of 0 is divided by 1.
    return np.where(counts == 0, 0.0, sums / np.where(counts == 0, 1, counts + damping))


def _damping_pair(damping):
    """Return (for users, for items) from one number or a pair of numbers."""
    pair = (damping, damping) if np.ndim(damping) == 0 else tuple(damping)
    if len(pair) != 2:
        raise ValueError(f"damping must be one number or a pair, got {damping!r}")
    return tuple(check_number("damping", value, minimum=0.0) for value in pair)
