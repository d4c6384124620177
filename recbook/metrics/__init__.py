"""How good is a prediction, and how good is a ranked list?

*Rating* metrics compare pairs of numbers. *Ranking* metrics compare a list of items
with the set that turned out to be relevant, one value a user; relevance is yes or no.
Four more describe the lists without asking who liked what.

The ranking metrics share their arguments and their conventions:

``ranked``
    (n_users, ≥ k) integer array, the best item first. -1 pads: it is no item and
    never a hit. A list shorter than k counts as padded.
``relevant``
    (n_users, n_items) sparse matrix. Every stored non-zero is a relevant item; an
    explicit zero is not.
``k``
    Only the first k places count.

A user with nothing relevant gets NaN: no list is good or bad for them, and it is for
the caller to leave them out, and to say how many they were.
Below, :math:`h_{u,r}` is 1 where the item at place :math:`r` of user :math:`u`'s list
is relevant and 0 elsewhere, and :math:`n_u` is the number of relevant items.
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
    "average_precision",
    "coverage",
    "diversity",
    "gini",
    "hit_rate",
    "mae",
    "ndcg",
    "novelty",
    "precision",
    "recall",
    "reciprocal_rank",
    "rmse",
]
