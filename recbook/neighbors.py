"""Neighbourhood models: people like you, items like those you rated."""

from recbook._explanation import Explanation
from recbook._neighborhood import Neighborhood

__all__ = ["Explanation", "ItemKNN", "UserKNN"]


class UserKNN(Neighborhood):
    r"""Predict from what the most similar users gave to the item.

    .. math::
        \hat r_{ui} = b_{ui} + \sigma_u
        \frac{\sum_{v \in N} w_{uv}\, (r_{vi} - b_{vi}) / \sigma_v}
             {\sum_{v \in N} |w_{uv}| + \lambda}

    :math:`N` are the ``n_neighbors`` users with the largest :math:`|w_{uv}|` among
    those who rated i, u aside and ties by code; not the top of all users, of whom
    most have not seen the item. ``center`` says what :math:`b` and :math:`\sigma`
    are: ``"none"`` 0 and 1, ``"mean"`` the user's mean rating and 1, ``"zscore"``
    the mean and the (population) standard deviation, ``"baseline"``
    :math:`\mu + b_u + b_i` of :class:`recbook.baselines.Bias` and 1.

    Where fewer than ``min_neighbors`` qualify, and for users or items without
    training ratings, the prediction is :math:`\mu + b_u + b_i`, a bias that is not
    known being 0.

    Parameters
    ----------
    n_neighbors : int
        Size of N, at most.
    similarity : {"cosine", "pearson", "adjusted_cosine", "jaccard", "residual"} \
or callable
        Measure between rows of ratings, from :mod:`recbook.similarity`.
        ``"residual"`` is the cosine of :math:`r - \mu - b_u - b_i`, which is
        Pearson's correlation with the biases in place of the means. A callable
        gets the (n_users, n_items) csr matrix and returns (n_users, n_users).
    center : {"none", "mean", "zscore", "baseline"}
        As said above.
    positive_only : bool
        Whether only similarities above 0 count; with False the denominator's
        absolute value keeps negative ones from exploding it.
    over : {"corated", "all"}
        Norms over the co-rated or over all ratings of each row. Jaccard has no norms.
    min_support : int
        Co-rated items below which a similarity is 0.
    shrinkage : float
        Multiplies a similarity by n / (n + shrinkage), n being the number of
        co-rated items.
    amplification : float
        Exponent :math:`\rho` of :math:`w = \mathrm{sign}(s)\,|s|^\rho`; more than
        1 listens more to the nearest.
    reg : float
        :math:`\lambda`, in units of similarity: pulls the neighbours' word to 0
        where their weights are small. Keep it 0 with ``center="none"``.
    min_neighbors : int
        Fewer than this, and none is heard.
    damping : float or (float, float)
        Damping of the users' and the items' bias, as in ``Bias(method="als")``.
    feedback : {"explicit", "implicit"}
        ``"implicit"`` looks at who rated what and not at the stars: every rating is
        a 1, a score is the plain sum :math:`\sum_{v \in N} w_{uv}`, 0 where nobody
        qualifies; users without ratings get popularity. There is no ``predict``.

    Attributes
    ----------
    similarity_ : (n_users, n_users) float64 array
        The weights :math:`w`: 0 on the diagonal, and where a similarity does not
        count.
    bias_ : Bias
        The fitted biases, of the fallback and of ``center="baseline"``.

    References
    ----------
    Herlocker, Konstan, Borchers & Riedl, "An Algorithmic Framework for Performing
    Collaborative Filtering", SIGIR 1999. Breese, Heckerman & Kadie, "Empirical
    Analysis of Predictive Algorithms", UAI 1998, section 2.2 (amplification).

    Examples
    --------
    Ann and Bob, who are most like Cem, both gave Dune a 5.

    >>> from recbook.datasets import load_toy
    >>> model = UserKNN(n_neighbors=2, similarity="pearson").fit(load_toy())
    >>> round(float(model.predict([2], [1])[0]), 2)
    4.93
    >>> model.explain(2, 1).ids.tolist()
    ['Ann', 'Bob']
    """

    _by_user = True


class ItemKNN(Neighborhood):
    r"""Predict from what the user gave to the most similar items.

    .. math::
        \hat r_{ui} = b_{ui} + \sigma_i
        \frac{\sum_{j \in N} w_{ij}\, (r_{uj} - b_{uj}) / \sigma_j}
             {\sum_{j \in N} |w_{ij}| + \lambda}

    :math:`N` are the ``n_neighbors`` items with the largest :math:`|w_{ij}|` among
    those that u rated, i aside and ties by code. It is :class:`UserKNN` with the
    table turned over: means and standard deviations are those of items, the support
    of a pair counts users, and every parameter means the same.

    Where fewer than ``min_neighbors`` qualify, and for users or items without
    training ratings, the prediction is :math:`\mu + b_u + b_i`, a bias that is not
    known being 0. With ``feedback="implicit"`` the score is the sum
    :math:`\sum_{j \in N} w_{ij}`.

    Parameters
    ----------
    n_neighbors, similarity, center, positive_only, over, min_support, shrinkage, \
amplification, reg, min_neighbors, damping, feedback
        As for :class:`UserKNN`; a callable ``similarity`` gets the (n_items,
        n_users) csr matrix.

    Attributes
    ----------
    similarity_ : (n_items, n_items) float64 array
        The weights :math:`w`: 0 on the diagonal, and where a similarity does not
        count.
    bias_ : Bias
        The fitted biases, of the fallback and of ``center="baseline"``.

    References
    ----------
    Sarwar, Karypis, Konstan & Riedl, "Item-based Collaborative Filtering
    Recommendation Algorithms", WWW 2001, equation 4. Koren, "Factor in the
    Neighbors", TKDD 2010, equation 3 (``center="baseline"``). Deshpande & Karypis,
    "Item-based Top-N Recommendation Algorithms", TOIS 2004 (implicit).

    Examples
    --------
    Cem gave Alien a 5 and Heat a 4, the two films most like Dune. A support of two
    keeps Coco out, which shares a single rater with it.

    >>> from recbook.datasets import load_toy
    >>> model = ItemKNN(similarity="cosine", center="none", min_support=2)
    >>> round(float(model.fit(load_toy()).predict([2], [1])[0]), 2)
    4.5
    """

    _by_user = False
