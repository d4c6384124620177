"""Two towers: users and items as sums of the vectors of their features."""

from recbook.deep.towers.rating import RatingTowers
from recbook.deep.towers.retrieval import RetrievalTowers
from recbook.deep.towers.rows import history_weight

__all__ = ["RatingTowers", "RetrievalTowers", "history_weight"]
