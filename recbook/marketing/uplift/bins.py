"""Numbers cut into bins, so that a linear model can follow any shape."""

import copy

import numpy as np

from recbook._core.arrays import column_names
from recbook._core.validate import check_fitted
from recbook.base import Estimator, check_settings, count
from recbook.marketing.base import check_features, check_rows
from recbook.marketing.uplift.models import A_LEARNER

__all__ = ["Binned", "Bins"]


class Bins(Estimator):
    r"""Cut each column into bins of equally many people, a 0/1 column for each bin.

    A column with more than ``n_bins`` different values is cut at its quantiles, one
    with fewer has a bin for each value. The first bin of a column gets no column of its
    own, since it is what the others are compared with: :math:`\sum_j (b_j - 1)` columns
    in all. What lies outside the range of ``fit`` falls into the first or last bin.

    Parameters
    ----------
    n_bins : int
        Most bins of a column, at least 2.

    Attributes
    ----------
    edges_ : list of arrays
        Where the second, third, … bin of each column begins. Empty for a column with
        one value.
    columns_ : list or None
        The names of the columns, where fit saw a frame: ``transform`` takes those of a
        frame by name, and refuses others.

    Examples
    --------
    >>> bins = Bins(2).fit([[1.0], [2.0], [3.0], [4.0]])
    >>> bins.transform([[0.0], [9.0]]).tolist()
    [[0.0], [1.0]]
    """

    _ranges = {"n_bins": count(2)}

    def __init__(self, n_bins=8):
        self.n_bins = n_bins

    def fit(self, X):
        """Choose the edges from the features X (n, d)."""
        check_settings(self)
        names = column_names(X)
        X = check_features("X", X)
        edges = [self._edges(column, self.n_bins) for column in X.T]
        if not sum(map(len, edges)):
            raise ValueError(
                "X has the same row for all people: there is nothing to bin"
            )
        self.edges_, self.columns_ = edges, names
        return self

    @staticmethod
    def _edges(column, n_bins):
        values = np.unique(column)
        if len(values) <= n_bins:
            return values[1:]
        shares = np.arange(1, n_bins) / n_bins
        inner = np.quantile(column, shares, method="higher")  # so that no bin is empty
        inner = np.unique(inner)
        return inner[inner > values[0]]  # else the first bin would be empty

    def transform(self, X):
        """Return the columns of zeros and ones (n, n_columns) of features X (n, d)."""
        check_fitted(self, "edges_")
        X = check_features("X", X, len(self.edges_), self.columns_)
        blocks = []
        for column, edges in zip(X.T, self.edges_, strict=True):
            place = np.searchsorted(edges, column, side="right")
            blocks.append(place[:, None] == np.arange(1, len(edges) + 1))
        return np.concatenate(blocks, axis=1).astype(np.float64)


class Binned(Estimator):
    """A learner that sees its features in bins, so that their number can be chosen.

    Parameters
    ----------
    learner : learner
        Anything with ``fit(X, treated, y, propensity)`` and ``effect(X)``, such as
        ``DRLearner()``. It is copied before each fit and stays as it is.
    n_bins : int
        Most bins of a column, at least 2; see :class:`Bins`.

    Examples
    --------
    >>> from recbook.marketing.regression import Ridge
    >>> from recbook.marketing.uplift import TLearner
    >>> X, treated, y = [[1.0], [2], [7], [9]], [0, 1, 0, 1], [1.0, 1, 1, 3]
    >>> learner = Binned(TLearner(Ridge(reg=0)), n_bins=2).fit(X, treated, y)
    >>> learner.effect([[0.0], [8.0]]).round(6).tolist()
    [0.0, 2.0]
    """

    _ranges = {"learner": A_LEARNER, "n_bins": count(2)}

    def __init__(self, learner, n_bins=8):
        self.learner = learner
        self.n_bins = n_bins

    def fit(self, X, treated, y, propensity=0.5):
        """Choose the edges from the features X (n, d), and fit the learner."""
        check_settings(self)
        check_rows(X=X, treated=treated, y=y, propensity=propensity)
        bins = Bins(self.n_bins).fit(X)
        learner = copy.deepcopy(self.learner)
        learner.fit(bins.transform(X), treated, y, propensity)
        self.bins_, self.learner_ = bins, learner
        return self

    def effect(self, X):
        """Return the estimated effect (n,) of people with features X (n, d)."""
        check_fitted(self, "learner_")
        return self.learner_.effect(self.bins_.transform(X))
