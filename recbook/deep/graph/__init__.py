"""Models on graphs: LightGCN on ratings, and KnowledgeMF on facts about items."""

from recbook.deep.graph.facts import film_triples
from recbook.deep.graph.knowledge import KnowledgeMF
from recbook.deep.graph.lightgcn import LightGCN, normalized_adjacency, propagate

__all__ = [
    "LightGCN",
    "normalized_adjacency",
    "propagate",
    "KnowledgeMF",
    "film_triples",
]
