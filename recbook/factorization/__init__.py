"""Matrix factorization and its family: one short vector per user and one per item.

:class:`~recbook.MatrixFactorization`, :class:`~recbook.SVDpp` and
:class:`~recbook.ALS` predict stars. :class:`~recbook.ImplicitALS` and
:class:`~recbook.BPR` rank items.
"""

from recbook.base import DivergenceError
from recbook.factorization.als import ALS
from recbook.factorization.bpr import BPR, draw_triples, log_sigmoid
from recbook.factorization.implicit import ImplicitALS, implicit_objective
from recbook.factorization.sgd import MatrixFactorization
from recbook.factorization.svdpp import SVDpp

__all__ = [
    "MatrixFactorization",
    "SVDpp",
    "ALS",
    "ImplicitALS",
    "implicit_objective",
    "BPR",
    "draw_triples",
    "log_sigmoid",
    "DivergenceError",
]
