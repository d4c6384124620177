"""User-based and item-based neighbours: one class, two directions."""

from collections.abc import Callable
from typing import Self

import numpy as np
from scipy import sparse

from recbook import similarity as similarities
from recbook._core.validate import check_codes, check_fitted, check_pairs
from recbook.base import (
    Recommender,
    above,
    anything,
    at_least,
    check_settings,
    check_train,
    count,
    one_of,
    or_function,
)
from recbook.base.explanation import Explanation
from recbook.baselines import DAMPING, Bias
from recbook.neighbors.kernels import add_up, choose
from recbook.neighbors.weights import amplify, check_pairs_fit, weights_of

__all__ = ["ItemKNN", "Neighborhood", "UserKNN"]

SIMILARITIES = ("cosine", "pearson", "adjusted_cosine", "jaccard", "residual")
BLOCK = 256  # users per block in scores, which bounds its temporary arrays


class Neighborhood(Recommender):
    """The code of both models; ``_by_user`` says whether rows are users."""

    def __init__(
        self,
        n_neighbors=40,
        similarity: str | Callable = "pearson",
        center="mean",
        positive_only=True,
        over="corated",
        min_support=1,
        shrinkage=0.0,
        amplification=1.0,
        reg=0.0,
        min_neighbors=1,
        damping=(5.0, 2.0),
        feedback="explicit",
    ):
        self.n_neighbors = n_neighbors
        self.similarity = similarity
        self.center = center
        self.positive_only = positive_only
        self.over = over
        self.min_support = min_support
        self.shrinkage = shrinkage
        self.amplification = amplification
        self.reg = reg
        self.min_neighbors = min_neighbors
        self.damping = damping
        self.feedback = feedback

    _fitted = "similarity_"
    _ranges = {
        "n_neighbors": count(),
        "similarity": or_function(one_of(*SIMILARITIES)),
        "center": one_of("none", "mean", "zscore", "baseline"),
        "positive_only": anything(),
        "over": one_of("corated", "all"),
        "min_support": count(),
        "shrinkage": at_least(0),
        "amplification": above(0),  # 0 ** 0 would give weight 1 to similarity 0
        "min_neighbors": count(),
        "damping": DAMPING,
        "feedback": one_of("explicit", "implicit"),
    }

    def fit(self, train) -> Self:
        """Fit the model to ``train``, a :class:`~recbook.Ratings`, and return it."""
        train = check_train(train)
        check_settings(self)
        implicit = self.feedback == "implicit"
        self.bias_ = Bias(damping=self.damping).fit(train)
        R = train.csr.copy()
        if implicit:
            R.data[:] = 1.0
        self._ids = train.user_ids if self._by_user else train.item_ids
        self._columns = R.tocsc() if self._by_user else R
        self._popularity = np.bincount(train.items, minlength=train.n_items)
        self._center(implicit)
        self.similarity_ = self._weights()
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
        check_fitted(self, "similarity_")
        if self.feedback == "implicit":
            raise ValueError(
                "feedback='implicit' learns who rated what, not stars: "
                "use scores or recommend, or fit with feedback='explicit'"
            )
        users, items = check_pairs(users, items, *self._shape)
        return np.clip(self._raw(users, items), *self.bias_.scale_)

    def scores(self, users) -> np.ndarray:
        """Return a score for every item, (len(users), n_items) float64.

        They are predictions without clipping, which would tie the best items. With
        ``feedback="implicit"`` a score is the sum of the neighbours' similarities. A
        user without ratings then gets the items' numbers of ratings (popularity).
        """
        check_fitted(self, "similarity_")
        users, n_items = check_codes("users", users, self._shape[0]), self._shape[1]
        out = np.empty((users.size, n_items))
        for start in range(0, users.size, BLOCK):
            block = users[start : start + BLOCK]
            items = np.tile(np.arange(n_items, dtype=np.int64), block.size)
            pairs = np.repeat(block, n_items), items
            out[start : start + BLOCK] = self._raw(*pairs).reshape(-1, n_items)
        if self.feedback == "implicit":
            out[~self._known[users]] = self._popularity
        return out

    def explain(self, user, item):
        """Return the :class:`~recbook.neighbors.Explanation` of one pair of codes.

        ``base`` and ``contributions`` sum to the score. With ``feedback="implicit"``
        the base is 0 and each contribution is a similarity.
        """
        check_fitted(self, "similarity_")
        users, items = check_pairs([user], [item], *self._shape)
        raw = self._raw(users, items)[0]
        rows, cols = self._orient(users, items)
        start, stop = self._columns.indptr[cols[0] : cols[0] + 2]
        raters = self._columns.indices[start:stop]
        row = self.similarity_[rows[0]]
        chosen = choose(row, raters, self.n_neighbors)
        base = self._row_base[rows[0]] + self._col_base[cols[0]]
        if chosen.size < self.min_neighbors:  # too few: use the fallback
            chosen = chosen[:0]
            base = self._fallback(rows, cols)[0]
        weights = row[raters[chosen]]
        implicit = self.feedback == "implicit"
        total = 1.0 if implicit else np.abs(weights).sum() + self.reg
        deviations = self._deviations[start:stop][chosen] * self._scale[rows[0]]
        return Explanation(
            base=float(base),
            codes=raters[chosen],
            ids=np.asarray(self._ids)[raters[chosen]],
            weights=weights,
            ratings=self._columns.data[start:stop][chosen],
            contributions=weights * deviations / total if chosen.size else weights,
            prediction=float(raw if implicit else np.clip(raw, *self.bias_.scale_)),
        )

    def _reasons(self, user, items):
        if self._by_user:  # the neighbours are people, and no items of the user's own
            return super()._reasons(user, items)
        at = slice(*self._columns.indptr[user : user + 2])
        own, deviations = self._columns.indices[at], self._deviations[at]
        added = np.zeros((own.size, len(items)))
        for place, item in enumerate(items):
            row = self.similarity_[item]
            chosen = choose(row, own, self.n_neighbors)
            if chosen.size and chosen.size >= self.min_neighbors:
                weights = row[own[chosen]]
                implicit = self.feedback == "implicit"
                total = 1.0 if implicit else np.abs(weights).sum() + self.reg
                scale = self._scale[item] / total
                added[chosen, place] = weights * deviations[chosen] * scale
        return own, added

    def _orient(self, users, items):
        """Return (rows, columns): rows have neighbours, columns are shared."""
        return (users, items) if self._by_user else (items, users)

    @property
    def _shape(self):
        return self.bias_.bu_.size, self.bias_.bi_.size

    def _center(self, implicit):
        """Set the base, the scale and the deviations of the ratings from their base."""
        C = self._columns
        rows = C.indices
        cols = np.repeat(np.arange(C.indptr.size - 1), np.diff(C.indptr))
        n_rows, n_cols = self._orient(*self._shape)
        count = np.bincount(rows, minlength=n_rows)
        self._known = np.bincount(self._orient(rows, cols)[0], minlength=self._shape[0])
        self._known = self._known > 0
        self._row_base, self._col_base = np.zeros(n_rows), np.zeros(n_cols)
        self._scale = np.ones(n_rows)
        if implicit or self.center == "none":
            pass
        elif self.center == "baseline":
            bias = self.bias_
            self._row_base, b = self._orient(bias.bu_, bias.bi_)
            self._col_base = bias.mu_ + b
        else:
            sums = np.bincount(rows, weights=C.data, minlength=n_rows)
            self._row_base = sums / np.maximum(count, 1)
        self._deviations = C.data - self._row_base[rows] - self._col_base[cols]
        if self.center == "zscore" and not implicit:
            squares = np.bincount(rows, weights=self._deviations**2, minlength=n_rows)
            std = np.sqrt(squares / np.maximum(count, 1))
            # A row without spread takes the standard deviation of all ratings.
            self._scale = np.where(std > 1e-9, std, C.data.std() or 1.0)
            self._deviations = self._deviations / self._scale[rows]

    def _weights(self):
        """Return the weights between the rows, (n_rows, n_rows)."""
        rows = sparse.csr_array(self._columns if self._by_user else self._columns.T)
        check_pairs_fit(rows.shape[0], self._by_user, self.amplification)
        named = {"min_support": self.min_support, "shrinkage": self.shrinkage}
        if callable(self.similarity):
            weights = weights_of(self.similarity, rows)
        elif self.similarity == "jaccard":
            weights = similarities.jaccard(rows, **named)
        elif self.similarity == "residual":
            weights = similarities.cosine(self._residuals(rows), self.over, **named)
        else:
            measure = getattr(similarities, self.similarity)
            weights = measure(rows, over=self.over, **named)
        np.fill_diagonal(weights, 0.0)  # a row is not its own neighbour
        if self.positive_only:
            np.maximum(weights, 0.0, out=weights)
        if self.amplification != 1.0:
            amplify(weights, self.amplification)
        return weights

    def _residuals(self, rows):
        """Return the matrix of ratings minus the bias model's predictions."""
        of_row, of_column = self._orient(self.bias_.bu_, self.bias_.bi_)
        biases = np.repeat(of_row, np.diff(rows.indptr)) + of_column[rows.indices]
        residual = rows.data - self.bias_.mu_ - biases
        return sparse.csr_array((residual, rows.indices, rows.indptr), shape=rows.shape)

    def _fallback(self, rows, cols):
        users, items = self._orient(rows, cols)
        if self.feedback == "implicit":
            return np.zeros(rows.size)
        return self.bias_.mu_ + self.bias_.bu_[users] + self.bias_.bi_[items]

    def _raw(self, users, items):
        """Return the predictions of the pairs before clipping."""
        rows, cols = self._orient(users, items)
        sums, totals = np.empty(rows.size), np.empty(rows.size)  # add_up fills them
        counts = np.empty(rows.size, dtype=np.int64)
        C = self._columns
        add_up(
            weights=self.similarity_,
            indptr=C.indptr,
            indices=C.indices,
            values=self._deviations,
            rows=rows,
            cols=cols,
            k=self.n_neighbors,
            sums=sums,
            totals=totals,
            counts=counts,
        )
        qualified = counts >= self.min_neighbors
        if self.feedback == "implicit":
            return np.where(qualified, sums, 0.0)
        totals = np.where(qualified, totals + self.reg, 1.0)
        base = self._row_base[rows] + self._col_base[cols]
        moved = base + self._scale[rows] * sums / totals
        return np.where(qualified, moved, self._fallback(rows, cols))


class UserKNN(Neighborhood):
    r"""Predict from the ratings that the most similar users gave to the item.

    .. math::
        \hat r_{ui} = b_{ui} + \sigma_u
        \frac{\sum_{v \in N} w_{uv}\, (r_{vi} - b_{vi}) / \sigma_v}
             {\sum_{v \in N} |w_{uv}| + \lambda}

    The neighbours :math:`N` are the ``n_neighbors`` other users with the largest
    :math:`|w_{uv}|` among those who rated i. Ties are broken by code. ``center`` sets
    the base b and the scale :math:`\sigma`: 0 and 1 (``"none"``), the user's mean and 1
    (``"mean"``), the mean and the population standard deviation (``"zscore"``), or
    :math:`\mu + b_u + b_i` of :class:`~recbook.Bias` and 1 (``"baseline"``). A user
    whose ratings are all equal takes that of all ratings. No loss is minimised.

    With fewer than ``min_neighbors`` neighbours, and for a user or an item without
    training ratings, the prediction is :math:`\mu + b_u + b_i`. An unknown bias is 0.

    Parameters
    ----------
    n_neighbors : int
        Largest size of N.
    similarity : str or callable
        Measure from :mod:`recbook.similarity`: ``"pearson"``, ``"cosine"``,
        ``"adjusted_cosine"``, ``"jaccard"``, or ``"residual"``, the cosine of
        :math:`r - \mu - b_u - b_i`. A callable maps the (n_users, n_items) csr matrix
        of ratings to an (n_users, n_users) matrix.
    center : {"none", "mean", "zscore", "baseline"}
        Base and scale, as above. The default is the mean.
    positive_only : bool
        Whether only similarities above 0 count.
    over : {"corated", "all"}
        Whether the norms of a similarity run over the co-rated items or over all
        ratings of each user. Jaccard has no norms.
    min_support : int
        A similarity over fewer co-rated items is 0.
    shrinkage : float
        Multiplies a similarity over n co-rated items by n / (n + shrinkage).
    amplification : float
        Exponent :math:`\rho` in :math:`w = \mathrm{sign}(s)\,|s|^\rho`. Above 1 the
        nearest neighbours gain weight.
    reg : float
        :math:`\lambda`, in units of similarity. It pulls the prediction towards the
        base where the weights are small. Keep it 0 with ``center="none"``.
    min_neighbors : int
        With fewer neighbours the fallback is used. Implicit scores are then 0.
    damping : float or (float, float)
        Damping of the user and item biases, as in :class:`~recbook.Bias`.
    feedback : {"explicit", "implicit"}
        ``"implicit"`` ignores the stars. A score is :math:`\sum_{v \in N} w_{uv}`. A
        user without ratings gets the items' numbers of them. ``predict`` then raises.

    Attributes
    ----------
    similarity_ : (n_users, n_users) float64 array
        Weights :math:`w_{uv}`, with zeros on the diagonal.
    bias_ : Bias
        Fitted biases, for the fallback and for ``center="baseline"``.

    Raises
    ------
    ValueError
        In ``fit``, for an invalid argument. The message names it and its value.
    MemoryError
        In ``fit``, before the work, if the weights of all pairs do not fit into memory.

    References
    ----------
    Herlocker, Konstan, Borchers & Riedl, "An Algorithmic Framework for Performing
    Collaborative Filtering", SIGIR 1999.

    Breese, Heckerman & Kadie, "Empirical Analysis of Predictive Algorithms for
    Collaborative Filtering", UAI 1998, section 2.2 (amplification).

    Examples
    --------
    Ann and Bob are most similar to Cem, and both gave Dune a 5.

    >>> from recbook.datasets import load_toy
    >>> model = UserKNN(n_neighbors=2, similarity="pearson").fit(load_toy())
    >>> round(float(model.predict([2], [1])[0]), 2)
    4.93
    >>> model.explain(2, 1).ids.tolist()
    ['Ann', 'Bob']
    """

    _by_user = True


class ItemKNN(Neighborhood):
    r"""Predict from the ratings that the user gave to the most similar items.

    .. math::
        \hat r_{ui} = b_{ui} + \sigma_i
        \frac{\sum_{j \in N} w_{ij}\, (r_{uj} - b_{uj}) / \sigma_j}
             {\sum_{j \in N} |w_{ij}| + \lambda}

    The neighbours :math:`N` are the ``n_neighbors`` other items with the largest
    :math:`|w_{ij}|` among those that u rated. It is :class:`~recbook.UserKNN` with
    users and items exchanged: means and standard deviations are those of items, and a
    pair's support counts users.

    Parameters
    ----------
    n_neighbors, similarity, center, positive_only, over, min_support
        As in :class:`~recbook.UserKNN`. A callable gets the (n_items, n_users) matrix.
    shrinkage, amplification, reg, min_neighbors, damping, feedback
        As in :class:`~recbook.UserKNN`, and so are the fallbacks.

    Attributes
    ----------
    similarity_ : (n_items, n_items) float64 array
        Weights :math:`w_{ij}`, with zeros on the diagonal.
    bias_ : Bias
        Fitted biases, for the fallback and for ``center="baseline"``.

    References
    ----------
    Sarwar, Karypis, Konstan & Riedl, "Item-based Collaborative Filtering
    Recommendation Algorithms", WWW 2001, equation 4. Koren, "Factor in the
    Neighbors", TKDD 2010, equation 3 (``center="baseline"``). Deshpande & Karypis,
    "Item-based Top-N Recommendation Algorithms", TOIS 2004 (``feedback="implicit"``).

    Examples
    --------
    Cem gave Alien a 5 and Heat a 4, the two films most similar to Dune. A support of
    two excludes Coco, which shares a single rater with Dune.

    >>> from recbook.datasets import load_toy
    >>> model = ItemKNN(similarity="cosine", center="none", min_support=2)
    >>> round(float(model.fit(load_toy()).predict([2], [1])[0]), 2)
    4.5
    """

    _by_user = False
