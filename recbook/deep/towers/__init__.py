"""Two towers: people and films as sums of vectors of what is known of them."""

from recbook.deep.towers.rating import RatingTowers
from recbook.deep.towers.retrieval import RetrievalTowers
from recbook.deep.towers.rows import history_weight

__all__ = ["RatingTowers", "RetrievalTowers", "history_weight"]
