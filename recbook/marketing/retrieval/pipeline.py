"""From candidates to a list: merge what several retrievers found, and order it anew."""

from typing import Self

import numpy as np

from recbook._core.arrays import check_array, check_reals, column_names
from recbook._core.jit import njit
from recbook._core.validate import check_fitted, check_k, check_positive_int
from recbook.base import Estimator, above, check_settings
from recbook.marketing.base import check_features, check_rows, check_yes_no
from recbook.marketing.regression import Logistic, standardized

__all__ = ["Reranker", "merge"]


def merge(lists, n) -> np.ndarray:
    """Take candidates from several lists in turn, each item once, until there are n.

    First the best of each list, then the second of each, and so on. An item that is
    there already is passed over, and the next list has its turn.

    Parameters
    ----------
    lists : sequence of (n_users, k) int arrays
        Item codes, best first, as ``recommend`` returns them. The lists may differ in
        length. -1 is padding.
    n : int
        Number of candidates of each user.

    Returns
    -------
    (n_users, n) int64 array
        Item codes, none twice in a row. -1 is padding where the lists together hold
        fewer than n items.

    Raises
    ------
    ValueError
        If there is no list, if they differ in their numbers of users, or if an entry is
        no code. The message names the list, the position and the value.

    Examples
    --------
    >>> merge([[[7, 3, 5]], [[3, 9]]], n=4).tolist()
    [[7, 3, 9, 5]]
    """
    n = check_positive_int("n", n)
    tables = [_check_lists(f"lists[{m}]", ranked) for m, ranked in enumerate(lists)]
    if not tables:
        raise ValueError("lists is empty: give at least one list of candidates")
    for m, table in enumerate(tables):
        if len(table) != len(tables[0]):
            raise ValueError(
                f"lists[{m}] has {len(table)} users, but lists[0] has {len(tables[0])}"
            )
    longest = max(table.shape[1] for table in tables)
    stacked = np.full((len(tables[0]), longest, len(tables)), -1, dtype=np.int64)
    for m, table in enumerate(tables):
        stacked[:, : table.shape[1], m] = table
    in_turn = stacked.reshape(len(stacked), -1)  # a row is in the order of the turns
    return first_sightings(in_turn, n)


@njit(cache=True)
def first_sightings(rows, n):
    """Return the first n different codes of each row, padded with -1."""
    merged = np.full((len(rows), n), -1)
    for u in range(len(rows)):
        size = 0
        for code in rows[u]:
            if size == n:
                break
            if code >= 0 and not (merged[u, :size] == code).any():
                merged[u, size] = code
                size += 1
    return merged


def _check_lists(name, ranked):
    """Return lists of item codes, -1 as padding, as an int64 array (n_users, k)."""
    array = check_array(name, ranked)
    if array.ndim != 2 or (array.size and array.dtype.kind not in "iu"):
        raise ValueError(
            f"{name} must hold a row of integer item codes for each user, got shape "
            f"{array.shape} and {array.dtype}"
        )
    if (array < -1).any():
        u, position = np.argwhere(array < -1)[0]
        raise ValueError(
            f"{name}[{u}, {position}] is {array[u, position]}: give item codes, or -1 "
            "as padding"
        )
    return array.astype(np.int64)


class Reranker(Estimator):
    r"""Order candidates by the probability that they are bought.

    A :class:`~recbook.marketing.regression.Logistic` on features of a user and an
    item, each brought to mean 0 and standard deviation 1 first, so that one penalty
    fits all of them,

    .. math:: \hat p = \sigma\Bigl(b + \sum_f w_f \frac{x_f - \bar x_f}{s_f}\Bigr) .

    Train it on the rows that it will be asked about: candidates of real retrievers,
    bought or not. Trained on other rows, its probabilities are not those of candidates.

    Parameters
    ----------
    reg : float
        Penalty on the weights, above 0.

    Attributes
    ----------
    mean_, scale_ : (d,) float64 arrays
        :math:`\bar x_f` and :math:`s_f`. A feature that never varies has scale 1 and so
        weight 0.
    model_ : Logistic
        The regression, with ``coef_`` for each standardized feature.

    Raises
    ------
    ValueError
        In ``fit``, if a number is not finite, if lengths differ, or if nothing, or
        everything, was bought. The message names the argument and the position.

    Examples
    --------
    >>> model = Reranker().fit([[0.0], [1.0], [0.0], [1.0]], [0, 1, 0, 0])
    >>> features = [[[0.0], [1.0], [0.0]]]  # of three candidates of one user
    >>> model.recommend([[4, 8, -1]], features, k=2).tolist()
    [[8, 4]]
    """

    _ranges = {"reg": above(0)}

    def __init__(self, reg=1.0):
        self.reg = reg

    def fit(self, features, bought) -> Self:
        """Fit to features (rows, d) and whether each row was bought (rows,)."""
        check_settings(self)
        check_rows(features=features, bought=bought)
        X = check_features("features", features)
        bought = check_yes_no("bought", bought, len(X))
        if bought.all() or not bought.any():
            raise ValueError(
                f"bought is {bought[0]:d} in all rows: a probability needs both answers"
            )
        Z, mean, scale = standardized(X)
        self.model_ = Logistic(reg=self.reg).fit(Z, bought)
        self.columns_, self.mean_, self.scale_ = column_names(features), mean, scale
        return self

    def predict(self, features) -> np.ndarray:
        """Return the probability that each row of features (rows, d) is bought."""
        check_fitted(self, "model_")
        X = check_features("features", features, len(self.mean_), self.columns_)
        return self.model_.predict((X - self.mean_) / self.scale_)

    def recommend(self, candidates, features, k=10) -> np.ndarray:
        """Return each user's k candidates with the highest probabilities, best first.

        Parameters
        ----------
        candidates : (n_users, n) int array
            Item codes, with -1 as padding.
        features : (n_users, n, d) array
            Features of each candidate. Those of padding are not looked at.
        k : int
            Length of the lists, at most n, or 1000 if that is more.

        Returns
        -------
        (n_users, k) int64 array
            Item codes, ties in the order of the candidates. -1 is padding if a user has
            fewer candidates than k.
        """
        check_fitted(self, "model_")
        candidates = _check_lists("candidates", candidates)
        features = check_reals("features", features)
        if features.ndim != 3 or features.shape[:2] != candidates.shape:
            raise ValueError(
                f"features must have a row for each of the {candidates.shape} "
                f"candidates, got shape {features.shape}"
            )
        k = check_k(k, candidates.shape[1])
        real = candidates >= 0
        p = np.full(candidates.shape, -np.inf)
        if real.any():
            p[real] = self.predict(features[real])
        order = np.argsort(-p, axis=1, kind="stable")[:, :k]
        ranked = np.full((len(candidates), k), -1)
        ranked[:, : order.shape[1]] = np.take_along_axis(candidates, order, axis=1)
        return ranked
