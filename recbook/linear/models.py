"""EASE, EDLAE and SLIM: one weight for every pair of items."""

from typing import Self

import numpy as np
from scipy import sparse

from recbook._core.validate import check_codes, check_fitted
from recbook.base import (
    Recommender,
    at_least,
    check_settings,
    check_train,
    rated_after,
)
from recbook.base.explanation import explained
from recbook.linear.kernels import check_pairs_fit, closed_form, columns, gram

__all__ = ["EASE", "EDLAE", "SLIM"]


class _Linear(Recommender):
    """What the three models share: the matrix of ones, unrated items and the scores."""

    _fitted = "B_"

    @property
    def _shape(self):
        return self._X.shape

    def fit(self, train) -> Self:
        """Fit the model to ``train``, a :class:`~recbook.Ratings`, and return it.

        Every rating counts as a 1. The stars are ignored. A MemoryError says so before
        the work if the weights of all pairs of items do not fit into memory.
        """
        train = check_train(train)
        check_settings(self)
        R = train.csr
        ones = np.ones(R.nnz)
        X = sparse.csr_array((ones, R.indices, R.indptr), R.shape)
        counts = np.bincount(train.items, minlength=train.n_items)
        rated = np.flatnonzero(counts)
        if rated.size < counts.size:
            check_pairs_fit(counts.size, rated.size)
        B = self._weights(X[:, rated] if rated.size < counts.size else X)
        if rated.size < counts.size:  # an unrated item: row and column 0
            B, small = np.zeros((counts.size, counts.size)), B
            B[np.ix_(rated, rated)] = small
        self.B_, self.counts_ = B, counts.astype(np.float64)
        self._X, self._ids = self._rows(train, X), train.item_ids
        return self

    def _rows(self, train, X):
        """Return the rows that the scores are made from."""
        return X

    def scores(self, users) -> np.ndarray:
        """Return a score for every item.

        A user without training ratings gets the items' numbers of ratings.

        Parameters
        ----------
        users : (n,) int array
            User codes.

        Returns
        -------
        (n, n_items) float64 array
            One row for each user.
        """
        check_fitted(self, "B_")
        users = check_codes("users", users, self._X.shape[0])
        X = self._X[users]
        scores = X @ self.B_
        scores[np.diff(X.indptr) == 0] = self.counts_
        return scores

    def explain(self, user, item):
        r"""Return the :class:`~recbook.neighbors.Explanation` of one pair of codes.

        The score is the sum of :math:`x_{uj} B_{ji}` over the user's items j, so the
        base is 0, up to rounding. A user without training ratings has no items, and
        the base is the item's number of ratings.
        """
        check_fitted(self, "B_")
        return explained(self, user, item, self._ids)

    def _parts(self, user, items):
        at = slice(*self._X.indptr[user : user + 2])
        own = self._X.indices[at]
        return own, self._X.data[at], self.B_[np.ix_(own, items)]

    def _reasons(self, user, items):
        own, held, weights = self._parts(user, items)
        return own, held[:, None] * weights


class EASE(_Linear):
    r"""Score each item by a ridge regression on all other items, in closed form.

    The scores of a user are :math:`\hat s_u = x_u B`. The row :math:`x_u` of the
    (n_users, n_items) matrix X is 1 for the items that u rated, whatever the stars, and
    0 elsewhere. The loss is the squared error of reconstructing X plus a penalty,

    .. math::
        \min_B \|X - XB\|_F^2 + \lambda \|B\|_F^2
        \quad \text{subject to} \quad \operatorname{diag}(B) = 0 .

    The constraint excludes the trivial solution :math:`B = I`. With one Lagrange
    multiplier for each diagonal entry, the minimum has a closed form,

    .. math::
        \hat P = (X^\top X + \lambda I)^{-1}, \qquad
        B_{ij} = -\hat P_{ij} / \hat P_{jj} \;\; (i \ne j) .

    Its column j is the ridge regression of item j on all other items. A user without
    training ratings gets the items' numbers of ratings as scores. An item without
    ratings has zeros in its row and column of B.

    With a ``decay`` :math:`\gamma` below 1, recent ratings count more in the row that
    the scores are made of: an item after which u rated a others has :math:`\gamma^a`
    in place of 1. B stays what it is.

    Parameters
    ----------
    reg : float
        Strength :math:`\lambda \ge 0` of the penalty, which is added to each item's
        number of ratings. Good values grow with the number of users.
    decay : float
        :math:`\gamma`, from 0 to 1. With 1 there is no order, and no timestamps are
        read. With 0 only a user's last item counts.

    Attributes
    ----------
    B_ : (n_items, n_items) float64 array
        Weights. Column j predicts item j. The diagonal is 0, and other entries may be
        negative.
    counts_ : (n_items,) float64 array
        Number of training ratings of each item.

    Raises
    ------
    ValueError
        In ``fit``, if ``decay`` is below 1 and train has no timestamps, or if ``reg``
        is negative or too small: with ``reg=0`` and two items
        that have the same raters, :math:`X^\top X + \lambda I` has no inverse.

    References
    ----------
    Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> EASE(reg=1.0).fit(toy).recommend([2], k=1, exclude=toy).tolist()
    [[3]]
    """

    _ranges = {"decay": at_least(0, 1.0)}

    def __init__(self, reg=700.0, decay=1.0):
        self.reg = reg
        self.decay = decay

    def _weights(self, X):
        penalty = np.full(X.shape[1], float(self.reg))
        return closed_form(X, penalty, f"reg={self.reg!r}")

    def _rows(self, train, X):
        if self.decay == 1:
            return X
        faded = float(self.decay) ** rated_after(train)
        return sparse.csr_array((faded, (train.users, train.items)), X.shape)


class EDLAE(_Linear):
    r"""Learn the weights of EASE while a random share of each user's ratings is hidden.

    The scores are :math:`\hat s_u = x_u B` as in :class:`~recbook.EASE`. Each 1 of X is
    dropped with probability p, else divided by :math:`1 - p`, which gives a random
    matrix Z. The loss is the expected weighted error of reconstructing X from Z, plus a
    penalty,

    .. math::
        \min_B \operatorname{E}_Z \sum_u w_u \|x_u - z_u B\|^2 + \lambda \|B\|_F^2
        \quad \text{subject to} \quad \operatorname{diag}(B) = 0 .

    The expectation is known exactly, so no Z is drawn. It adds to the diagonal of the
    Gram matrix, more for items with more ratings. With
    :math:`W = \operatorname{diagMat}(w)`,

    .. math::
        \begin{aligned}
        \Lambda &= \lambda I
        + \frac{p}{1 - p} \operatorname{diagMat}(\operatorname{diag}(X^\top W X)), \\
        \hat P &= (X^\top W X + \Lambda)^{-1}, \qquad
        B_{ij} = -\hat P_{ij} / \hat P_{jj} \;\; (i \ne j) .
        \end{aligned}

    The weight of a user with :math:`n_u` ratings falls with that number,

    .. math::
        w_u = c \, n_u^{-\text{power}}, \qquad \sum_u w_u n_u = \sum_u n_u .

    The constant c keeps the average weight of a rating at 1, so that :math:`\lambda`
    keeps its unit. :class:`~recbook.EASE` is the case p = 0 with power 0. Users and
    items without ratings are treated as there.

    Parameters
    ----------
    reg : float
        Strength :math:`\lambda \ge 0` of the penalty, in ratings.
    dropout : float
        Probability :math:`p` that a rating is hidden, at least 0 and less than 1.
    user_power : float
        Power by which users with many ratings count less, from 0 to 10. With the
        default 0 all ratings weigh the same. With 1 all users weigh the same.

    Attributes
    ----------
    B_ : (n_items, n_items) float64 array
        Weights. Column j predicts item j. The diagonal is 0.
    counts_ : (n_items,) float64 array
        Number of training ratings of each item.

    Raises
    ------
    ValueError
        In ``fit``, if a setting is out of its range, or if ``reg`` and ``dropout`` are
        so small that :math:`X^\top W X + \Lambda` has no inverse.

    Notes
    -----
    The weights of users are not in the paper.

    References
    ----------
    Steck, "Autoencoders that don't overfit towards the Identity", NeurIPS 2020,
    equations 5 and 8.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> model = EDLAE(reg=0.0, dropout=0.5).fit(toy)
    >>> model.recommend([2], k=1, exclude=toy).tolist()
    [[3]]
    """

    def __init__(self, reg=300.0, dropout=0.8, user_power=0.0):
        self.reg = reg
        self.dropout = dropout
        self.user_power = user_power

    def _weights(self, X):
        odds = self.dropout / (1.0 - self.dropout)
        weights = _voices(np.diff(X.indptr), self.user_power)
        penalty = self.reg + odds * (X.T @ weights)
        shown = f"reg={self.reg!r}, dropout={self.dropout!r}"
        return closed_form(X, penalty, shown, weights)


class SLIM(_Linear):
    r"""Score each item by a few other items, with sparse and non-negative weights.

    The scores of a user are :math:`\hat s_u = x_u B`. The row :math:`x_u` of the matrix
    X is 1 for the items that u rated and 0 elsewhere. Column j of B minimises the loss

    .. math::
        \tfrac{1}{2} \|x_j - X b\|^2 + \tfrac{\beta}{2} \|b\|^2 + \lambda_1 \|b\|_1
        \quad \text{subject to} \quad b \ge 0, \; b_j = 0 ,

    where :math:`x_j` is column j of X. Coordinate descent finds the minimum. With all
    other weights fixed, the best :math:`b_i` is

    .. math::
        b_i = \max\Bigl(0, \frac{x_i^\top (x_j - X b + x_i b_i) - \lambda_1}
                                {x_i^\top x_i + \beta}\Bigr) .

    The rounds over all i end when every step is small,
    :math:`|\Delta b_i|\,(x_i^\top x_i + \beta) \le \varepsilon\, x_j^\top x_j` with
    :math:`\varepsilon` the ``tolerance``. Only the Gram matrix :math:`X^\top X`
    is needed. An item that shares at most :math:`\lambda_1` raters with j has weight 0.
    Users and items without ratings are treated as in :class:`~recbook.EASE`.

    Parameters
    ----------
    reg_l1 : float
        Penalty :math:`\lambda_1 \ge 0`, in ratings. Larger values give fewer weights.
    reg_l2 : float
        Penalty :math:`\beta \ge 0`, in ratings. Larger values give smaller weights. If
        both penalties are 0, the weights are non-negative least squares, and the
        minimum may not be unique.
    tolerance : float
        When to stop, :math:`\varepsilon \ge 0` above. At most 1000 rounds are taken.

    Attributes
    ----------
    B_ : (n_items, n_items) float64 array
        Weights, at least 0. Column j predicts item j. The diagonal is 0.
    counts_ : (n_items,) float64 array
        Number of training ratings of each item.

    Raises
    ------
    ValueError
        In ``fit``, if a setting is negative. The message names it.

    References
    ----------
    Ning & Karypis, "SLIM: Sparse Linear Methods for Top-N Recommender Systems",
    ICDM 2011.

    Friedman, Hastie & Tibshirani, "Regularization Paths for Generalized Linear Models
    via Coordinate Descent", JSS 2010 (covariance updates).

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> model = SLIM(reg_l1=0.1, reg_l2=1.0).fit(toy)
    >>> model.recommend([2], k=1, exclude=toy).tolist()
    [[3]]
    """

    def __init__(self, reg_l1=1.0, reg_l2=400.0, tolerance=1e-4):
        self.reg_l1 = reg_l1
        self.reg_l2 = reg_l2
        self.tolerance = tolerance

    _ranges = {
        "reg_l1": at_least(0),
        "reg_l2": at_least(0),
        "tolerance": at_least(0),
    }

    def _weights(self, X):
        check_pairs_fit(X.shape[1], X.shape[1])  # the Gram matrix and B
        settings = float(self.reg_l1), float(self.reg_l2), float(self.tolerance)
        return columns(gram(X), *settings)


def _voices(counts, power):
    """Return each user's weight n^-power, scaled so that the average rating has 1."""
    weights = np.maximum(counts, 1.0) ** -power  # a user without ratings has no error
    return weights * (counts.sum() / (weights @ counts))
