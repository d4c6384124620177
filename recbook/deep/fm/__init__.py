"""Factorization machines: a product for each pair of features of sparse fields."""

from recbook.deep.fm.models import DeepFM, FactorizationMachine, NeuralFM

__all__ = ["FactorizationMachine", "NeuralFM", "DeepFM"]
