"""Retrieve, then rank: towers that learn in batches, merged lists, and a re-ranker."""

from recbook.marketing.retrieval.pipeline import Reranker, merge
from recbook.marketing.retrieval.towers import InBatchTowers, in_batch_softmax

__all__ = ["InBatchTowers", "in_batch_softmax", "merge", "Reranker"]
