"""Factorization machines: any number of sparse fields, each pair of them a product."""

from recbook.deep.fm.models import DeepFM, FactorizationMachine, NeuralFM

__all__ = ["DeepFM", "FactorizationMachine", "NeuralFM"]
