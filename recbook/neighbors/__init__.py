"""Neighbourhood models: predict from similar users or from similar items."""

from recbook.base.explanation import Explanation
from recbook.neighbors.models import ItemKNN, UserKNN

__all__ = ["UserKNN", "ItemKNN", "Explanation"]
