"""Matrix factorization and its family: a user and an item are short vectors of taste.

``sgd`` (``MatrixFactorization``), ``svdpp`` (``SVDpp``) and ``als`` (``ALS``) predict
stars; ``implicit`` (``ImplicitALS``) and ``bpr`` (``BPR``) order a catalogue.
"""

__all__ = []
