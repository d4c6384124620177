"""Neighbourhood models: people like you, items like those you rated."""

from recbook.neighbors.explanation import Explanation
from recbook.neighbors.models import ItemKNN, UserKNN

__all__ = ["Explanation", "ItemKNN", "UserKNN"]
