r"""Linear models of items: what you rated, times one table of weights.

All three learn a matrix B of item-to-item weights and score by
:math:`\hat s_{ui} = \sum_j x_{uj} B_{ji}`; they differ in what keeps B from the
identity, which would give everybody back what they have.
"""

from recbook.linear.models import EASE, EDLAE, SLIM

__all__ = ["EASE", "EDLAE", "SLIM"]
