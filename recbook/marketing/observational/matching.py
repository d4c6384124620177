"""Each treated person beside untreated ones who are like them."""

import numpy as np
from scipy.spatial import cKDTree

from recbook._core.validate import check_positive_int, generator
from recbook.marketing.base import (
    check_arms,
    check_features,
    check_propensity,
    check_rows,
    check_values,
    normal_effect,
)
from recbook.marketing.regression import Ridge

__all__ = ["matched_effect"]

BESIDE = 4  # neighbours that say how much an untreated person's outcome varies
TIE = 1e-12  # deviations by which people who are alike are moved apart, at random


def matched_effect(y, treated, X, propensity=None, n_neighbours=1, *, correct=True):
    r"""Return the mean effect on the treated, each beside its nearest untreated people.

    .. math::
       \hat\tau = \frac{1}{n_1} \sum_{t_i = 1} \Bigl( y_i - \frac1M \sum_{j \in N(i)}
       \bigl( y_j + \hat\mu_0(x_i) - \hat\mu_0(x_j) \bigr) \Bigr)

    Neighbours may serve again. They are nearest in Mahalanobis' distance of the
    columns, or in the log odds of the propensity where it is given.
    :math:`\hat\mu_0` is a least squares line in what is matched on, through the
    neighbours, each as often as it serves: it takes away the part of a difference that
    is left because no neighbour is quite the same. The squared error is that of Abadie
    and Imbens,

    .. math::
       \frac{1}{n_1^2} \Bigl( \sum_{t_i = 1} (\hat\tau_i - \hat\tau)^2
       + \sum_{t_j = 0} \frac{K_j (K_j - 1)}{M^2}\, \hat\sigma_j^2 \Bigr)

    where :math:`K_j` says how often j serves and :math:`\hat\sigma_j^2` is four fifths
    of the squared difference of j and the mean of its own four nearest untreated
    neighbours. A bootstrap would not do: who serves how often is not smooth in the
    data.

    Parameters
    ----------
    y : (n,) array_like
        Outcomes, any finite numbers.
    treated : (n,) array_like
        True or 1 for those who were treated; at least two people in either arm.
    X : (n, d) array_like
        Columns, known before the treatment.
    propensity : (n,) array_like, optional
        Probability of treatment, inside (0, 1). That it was estimated is not counted
        in.
    n_neighbours : int
        :math:`M`, at most the number of untreated people.
    correct : bool
        Whether :math:`\hat\mu_0` is used. It is 0 otherwise.

    Returns
    -------
    Effect
        In the units of the outcome. Of people who are equally near some are taken at
        random, others for each treated person, and the same whenever it is asked.

    Raises
    ------
    ValueError
        If lengths differ, an arm has fewer than two people, a value is not finite, a
        propensity is 0 or 1, or there are fewer untreated people than neighbours.

    References
    ----------
    Abadie and Imbens (2006, 2008, 2011).

    Examples
    --------
    >>> X, treated = [[1.0], [3.0], [1.0], [3.0], [9.0]], [1, 1, 0, 0, 0]
    >>> matched_effect([5.0, 8.0, 4.0, 6.0, 0.0], treated, X, correct=False).value
    1.5
    """
    check_rows(y=y, treated=treated, X=X, propensity=propensity)
    X = check_features("X", X)
    y = check_values("y", y, len(X))
    arms = check_arms(treated, len(y))
    M = check_positive_int("n_neighbours", n_neighbours)
    if arms[1].sum() < M:
        raise ValueError(
            f"n_neighbours is {M}, but {arms[1].sum()} people are untreated: ask for "
            "fewer"
        )
    if propensity is not None:
        e = check_propensity(propensity, len(y))
        X = np.log(e / (1 - e))[:, None]
    Z = whitened(X)
    place = Z + TIE * generator(0).standard_normal(Z.shape)
    (one, y1), (other, y0) = ((Z[arm], y[arm]) for arm in arms)
    tree = cKDTree(place[arms[1]])
    near = tree.query(place[arms[0]], M)[1].reshape(len(one), M)
    served = np.bincount(near.ravel(), minlength=len(other))
    counterpart = y0[near]
    if correct and served.any():
        line = Ridge(reg=0.0).fit(other, y0, weight=served)
        expected = line.predict(other)
        counterpart = counterpart + line.predict(one)[:, None] - expected[near]
    gaps = y1 - counterpart.mean(axis=1)
    noise = _noise(tree, place[arms[1]], y0)
    spread = ((gaps - gaps.mean()) ** 2).sum()
    spread += (served * (served - 1) / M**2) @ noise
    return normal_effect(gaps.mean(), np.sqrt(spread) / len(one))


def whitened(X):
    """Return columns whose plain distance is Mahalanobis' distance of those of X.

    What the other columns explain adds nothing.

    >>> whitened(np.array([[0.0, 0.0], [2.0, 4.0]])).round(6).tolist()
    [[-1.0], [1.0]]
    """
    C = X - X.mean(axis=0)
    size = np.abs(C).max(axis=0)
    C = C / np.where(size > 0, size, 1.0)
    left, sizes, _ = np.linalg.svd(C, full_matrices=False)
    kept = sizes > 1e-10 * max(sizes.max(), 1e-300) * len(X) ** 0.5
    if not kept.any():  # everybody is alike
        return np.zeros((len(X), 1))
    Z = left[:, kept] * np.sqrt(len(X))
    return Z * np.sign(Z[-1] + (Z[-1] == 0))


def _noise(tree, points, y):
    """Return the variance of each point's outcome, by its nearest others."""
    J = min(BESIDE, len(points) - 1)
    near = tree.query(points, J + 1)[1]
    own = np.arange(len(points))[:, None]
    other = near != own
    other[other.all(axis=1), -1] = False  # among many alike, a point may miss itself
    beside = y[near[other].reshape(len(points), J)]
    return J / (J + 1) * (y - beside.mean(axis=1)) ** 2
