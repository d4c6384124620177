"""EASE, EDLAE and SLIM: a weight for every pair of items."""

import numpy as np
from scipy import sparse

from recbook._core.validate import check_codes, check_fitted
from recbook.base import Recommender, at_least, check_settings, check_train
from recbook.linear.kernels import closed_form, columns, gram

__all__ = ["EASE", "EDLAE", "SLIM"]


class _Linear(Recommender):
    """What the three share: X of ones, items without raters, and the answers."""

    _fitted = "B_"

    @property
    def _shape(self):
        return self._X.shape

    def fit(self, train):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model.

        Every rating counts as a 1: the stars are not looked at.
        """
        train = check_train(train)
        check_settings(self)
        R = train.csr
        ones = np.ones(R.nnz)
        X = sparse.csr_array((ones, R.indices, R.indptr), R.shape)
        counts = np.bincount(train.items, minlength=train.n_items)
        rated = np.flatnonzero(counts)
        B = self._weights(X[:, rated] if rated.size < counts.size else X)
        if rated.size < counts.size:  # nobody's item: its row and column are 0
            B, small = np.zeros((counts.size, counts.size)), B
            B[np.ix_(rated, rated)] = small
        self.B_, self.counts_, self._X = B, counts.astype(np.float64), X
        return self

    def scores(self, users):
        """Return a score for every item, (len(users), n_items) float64.

        For a user without training ratings, the items' number of ratings.
        """
        check_fitted(self, "B_")
        users = check_codes("users", users, self._X.shape[0])
        X = self._X[users]
        scores = X @ self.B_
        scores[np.diff(X.indptr) == 0] = self.counts_
        return scores


class EASE(_Linear):
    r"""Guess each item from all others by one ridge regression an item, all at once.

    .. math::
        \min_B \|X - XB\|_F^2 + \lambda \|B\|_F^2
        \quad \text{subject to} \quad \operatorname{diag}(B) = 0,

    X (n_users, n_items) being 1 where the user rated the item, whatever the stars,
    and 0 elsewhere. A rating of 0 is one, too. The constraint forbids the answer
    :math:`B = I`. With a Lagrange multiplier for each entry of the diagonal the
    minimum has a closed form,

    .. math::
        \hat P = (X^\top X + \lambda I)^{-1}, \qquad
        B_{ij} = -\hat P_{ij} / \hat P_{jj} \;\; (i \ne j),

    which is column by column what the regression of item j on the other items gives.
    A user's scores are :math:`x_u B`. Users without training ratings get the items'
    popularity; an item that nobody rated has a row and a column of 0 in B.

    Parameters
    ----------
    reg : float
        :math:`\lambda \ge 0`, in ratings: so many are added to each item's count.
        Tuned values grow with the number of users.

    Attributes
    ----------
    B_ : (n_items, n_items) float64 array
        Weights: column j guesses item j. Zeros on the diagonal; entries may be
        negative.
    counts_ : (n_items,) float64 array
        Training ratings of each item.

    Raises
    ------
    ValueError
        From ``fit``, naming ``reg``: where it is negative, or so small that
        :math:`X^\top X + \lambda I` has no inverse, as with ``reg=0`` and two items
        of the same raters (there the weights are not determined).

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

    def __init__(self, reg=700.0):
        self.reg = reg

    def _weights(self, X):
        penalty = np.full(X.shape[1], float(self.reg))
        return closed_form(X, penalty, f"reg={self.reg!r}")


class EDLAE(_Linear):
    r"""EASE that learns with a part of each user's ratings hidden.

    Each 1 of X is kept with probability :math:`1 - p` and then divided by it, else
    dropped: Z. The weights give X back from Z, on average over all such Z,

    .. math::
        \min_B \operatorname{E}_Z \sum_u w_u \|x_u - z_u B\|^2 + \lambda \|B\|_F^2
        \quad \text{subject to} \quad \operatorname{diag}(B) = 0 .

    The average is known without drawing a Z: it adds to the Gram matrix's diagonal,
    so that EASE's closed form holds with a :math:`\Lambda` for its
    :math:`\lambda I`, which is larger for items with more ratings,

    .. math::
        \Lambda = \lambda I
        + \frac{p}{1 - p} \operatorname{diagMat}(\operatorname{diag}(X^\top W X)),
        \qquad \hat P = (X^\top W X + \Lambda)^{-1}, \qquad
        B_{ij} = -\hat P_{ij} / \hat P_{jj} \;\; (i \ne j).

    W = diagMat(w) is the identity unless ``user_power`` is more than 0: then those
    who rated much count less than they would, a user of :math:`n_u` ratings

    .. math::
        w_u = c \, n_u^{-\text{power}}, \qquad \sum_u w_u n_u = \sum_u n_u ,

    c being such that the average rating's weight, and with it the unit of
    :math:`\lambda`, stays 1. X, the scores and the fallbacks are those of
    :class:`EASE`, which is p = 0 with a power of 0.

    Parameters
    ----------
    reg : float
        :math:`\lambda \ge 0`, in ratings.
    dropout : float
        :math:`p`, the probability of being hidden, from 0 to less than 1.
    user_power : float
        Power by which a user's errors count less, from 0 to 10. With 1 everybody's
        ratings together weigh the same.

    Attributes
    ----------
    B_ : (n_items, n_items) float64 array
        Weights: column j guesses item j. Zeros on the diagonal.
    counts_ : (n_items,) float64 array
        Training ratings of each item.

    Raises
    ------
    ValueError
        From ``fit``, naming the argument: where one is out of its range, or where
        both are so small that :math:`X^\top W X + \Lambda` has no inverse.

    References
    ----------
    Steck, "Autoencoders that don't overfit towards the Identity", NeurIPS 2020,
    equations 5 and 8; the weights of users are an addition.

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
    r"""Guess each item from few others, none of them against it: sparse, B ≥ 0.

    Column j of B is the one minimum of

    .. math::
        \tfrac{1}{2} \|x_j - X b\|^2 + \tfrac{\beta}{2} \|b\|^2 + \lambda_1 \|b\|_1
        \quad \text{subject to} \quad b \ge 0, \; b_j = 0,

    :math:`x_j` being column j of X, which is 1 where a user rated the item and 0
    elsewhere. It is found by coordinate descent: every other weight held still, the
    best :math:`b_i` is

    .. math::
        b_i = \max\Bigl(0, \frac{x_i^\top (x_j - X b + x_i b_i) - \lambda_1}
                                {x_i^\top x_i + \beta}\Bigr),

    round and round, until no correlation :math:`x_i^\top (x_j - X b)` is further than
    ``tolerance`` times :math:`x_j^\top x_j` from where the minimum has it. Only the
    Gram matrix :math:`X^\top X` is needed. An item that shares at most
    :math:`\lambda_1` raters with j has weight 0. Scores and fallbacks are those of
    :class:`EASE`.

    Parameters
    ----------
    reg_l1 : float
        :math:`\lambda_1 \ge 0`, in ratings: the larger, the fewer weights.
    reg_l2 : float
        :math:`\beta \ge 0`, in ratings: the larger, the smaller the weights. With 0
        for both the weights are least squares with b ≥ 0, perhaps one solution of
        several.
    tolerance : float
        When to stop, at least 0, as said above; at most 1000 rounds an item.

    Attributes
    ----------
    B_ : (n_items, n_items) float64 array
        Weights, at least 0: column j guesses item j. Zeros on the diagonal.
    counts_ : (n_items,) float64 array
        Training ratings of each item.

    Raises
    ------
    ValueError
        From ``fit``, naming an argument that is negative.

    References
    ----------
    Ning & Karypis, "SLIM: Sparse Linear Methods for Top-N Recommender Systems",
    ICDM 2011. Friedman, Hastie & Tibshirani, "Regularization Paths for Generalized
    Linear Models via Coordinate Descent", JSS 2010 (covariance updates).

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
        settings = float(self.reg_l1), float(self.reg_l2), float(self.tolerance)
        return columns(gram(X), *settings)


def _voices(counts, power):
    """Return each user's weight, n^-power, such that the average rating has 1."""
    weights = np.maximum(counts, 1.0) ** -power  # without ratings there is no error
    return weights * (counts.sum() / (weights @ counts))
