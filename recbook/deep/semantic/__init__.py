"""Generative retrieval: items as words of a few codes, predicted code by code."""

from recbook.deep.semantic.codes import SemanticIDs, sequence_vectors
from recbook.deep.semantic.generative import GenerativeRetrieval
from recbook.deep.semantic.trie import Trie

__all__ = ["GenerativeRetrieval", "SemanticIDs", "Trie", "sequence_vectors"]
