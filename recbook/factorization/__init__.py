"""Matrix factorization and its family: a user and an item are short vectors of taste.

``sgd`` (``MatrixFactorization``), ``svdpp`` (``SVDpp``) and ``als`` (``ALS``) predict
stars; ``implicit`` (``ImplicitALS``) and ``bpr`` (``BPR``) order a catalogue.
"""

from recbook.base import DivergenceError
from recbook.factorization.als import ALS
from recbook.factorization.bpr import BPR, draw_triples, log_sigmoid
from recbook.factorization.implicit import ImplicitALS, implicit_objective
from recbook.factorization.sgd import MatrixFactorization
from recbook.factorization.svdpp import SVDpp

__all__ = [
    "ALS",
    "BPR",
    "DivergenceError",
    "ImplicitALS",
    "MatrixFactorization",
    "SVDpp",
    "draw_triples",
    "implicit_objective",
    "log_sigmoid",
]
