r"""Linear item models: a user's ratings times one matrix of item-to-item weights.

All three learn a matrix B and score by :math:`\hat s_{ui} = \sum_j x_{uj} B_{ji}`.
They differ in how they keep B from being the identity, which would recommend to all
users what they already have.
"""

from recbook.linear.models import EASE, EDLAE, SLIM

__all__ = ["EASE", "EDLAE", "SLIM"]
