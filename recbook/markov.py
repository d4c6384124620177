"""A Markov chain of items: what was rated directly after the last one."""

from typing import Self

import numpy as np
from scipy import sparse

from recbook._core.validate import check_codes, check_fitted
from recbook.base import (
    Recommender,
    at_least,
    check_settings,
    check_train,
    order_of_time,
)

__all__ = ["MarkovChain"]


class MarkovChain(Recommender):
    r"""Score each item by how often it came directly after the user's last one.

    .. math::
        \hat s_{uj} = \Pr(j \mid i)
        = \frac{n_{i \to j} + \beta\, p_j}{n_{i \to} + \beta}

    i is the item that u rated last, :math:`n_{i \to j}` how often users rated j
    directly after i, :math:`n_{i \to}` how often any item came after i, and
    :math:`p_j` the share of all ratings that are j's. :math:`\beta` imaginary steps
    that go by popularity smooth the counts. The stars are ignored, so the model has no
    ``predict``. Scores are probabilities: a row sums to 1. A user without ratings gets
    :math:`p_j`, and so does one whose last item was never left if :math:`\beta` is 0.

    Parameters
    ----------
    prior : float
        :math:`\beta`, a number of steps.

    Attributes
    ----------
    counts_ : (n_items, n_items) sparse array
        Row i and column j hold :math:`n_{i \to j}`.
    popular_ : (n_items,) float64 array
        Shares :math:`p_j` of the ratings.
    last_ : (n_users,) int array
        Code of each user's last item, and -1 for a user without ratings.

    Raises
    ------
    ValueError
        In ``fit``, if train has no timestamps or ``prior`` is negative.

    References
    ----------
    Rendle, Freudenthaler and Schmidt-Thieme, "Factorizing Personalized Markov Chains
    for Next-Basket Recommendation", WWW 2010, whose baseline it is.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> chain = MarkovChain(prior=2.0).fit(toy)
    >>> chain.counts_.toarray()[3].tolist()  # after Up: Coco three times, Babe once
    [0.0, 0.0, 0.0, 0.0, 3.0, 1.0]
    >>> chain.scores([0])[0, 5].round(3).item()  # Babe after Coco, (1 + 2 · 0.1) / 3
    0.4
    """

    _ranges = {"prior": at_least(0)}

    def __init__(self, prior=20.0):
        self.prior = prior

    def fit(self, train) -> Self:
        """Fit the model to ``train``, a :class:`~recbook.Ratings`, and return it."""
        train = check_train(train)
        check_settings(self)
        rows = order_of_time(train)
        users, items = train.users[rows], train.items[rows]
        goes_on = users[1:] == users[:-1]
        steps = items[:-1][goes_on], items[1:][goes_on]
        shape = train.n_items, train.n_items
        self.shape_ = train.csr.shape
        self.counts_ = sparse.csr_array((np.ones(len(steps[0])), steps), shape)
        counts = np.bincount(items, minlength=train.n_items)
        self.popular_ = counts / counts.sum()
        self.last_ = np.full(train.n_users, -1, dtype=np.int64)
        self.last_[users] = items  # of several for one user, the last one stays
        return self

    def scores(self, users) -> np.ndarray:
        """Return the probability of each item to come next.

        Parameters
        ----------
        users : (n,) int array
            User codes.

        Returns
        -------
        (n, n_items) float64 array
            One row for each user, which sums to 1.
        """
        check_fitted(self, "counts_")
        last = self.last_[check_codes("users", users, self.last_.size)]
        found = self.counts_[last].toarray()  # (n, n_items)
        found[last < 0] = 0.0
        steps = found.sum(axis=1, keepdims=True)
        weight = np.where(steps + self.prior > 0, self.prior, 1.0)
        return (found + weight * self.popular_) / (steps + weight)
