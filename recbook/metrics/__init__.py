"""Metrics of predicted ratings and of ranked lists.

*Rating* metrics compare predicted and true ratings. *Ranking* metrics compare each
user's list with the set of relevant items and return one value per user. Relevance is
yes or no. Four more metrics describe the lists without asking which items are relevant.

The ranking metrics share their arguments:

``ranked``
    (n_users, ≥ k) integer array, one list per row, best item first. -1 is padding and
    never a hit. A list shorter than k counts as padded.
``relevant``
    (n_users, n_items) sparse matrix. Every stored non-zero is a relevant item. An
    explicit zero is not.
``k``
    Only the first k positions count.

A user without relevant items gets NaN, because no list is good or bad for that user.
The caller leaves these users out of the mean and says how many they are.

In the formulas :math:`h_{u,r}` is 1 if the item at position :math:`r` of the list of
user :math:`u` is relevant, else 0, and :math:`n_u` is the user's number of relevant
items.
"""

from recbook.metrics.lists import coverage, diversity, gini, novelty
from recbook.metrics.ranking import (
    average_precision,
    hit_rate,
    ndcg,
    precision,
    recall,
    reciprocal_rank,
)
from recbook.metrics.rating import mae, rmse

__all__ = [
    "rmse",
    "mae",
    "precision",
    "recall",
    "ndcg",
    "average_precision",
    "reciprocal_rank",
    "hit_rate",
    "coverage",
    "diversity",
    "novelty",
    "gini",
]
