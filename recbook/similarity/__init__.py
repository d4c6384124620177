r"""Similarities between the rows of a rating matrix, in [-1, 1].

Every measure is a quotient of sums, and the columns that each sum runs over make a
difference. In the formulas :math:`I_u` is the set of columns that row u rated,
:math:`I_{uv} = I_u \cap I_v` are the co-rated ones and :math:`n_{uv} = |I_{uv}|` is
their number. Rows are users and columns are items, or the other way round: pass ``R``
to compare users and ``R.T`` to compare items.
"""

from recbook.similarity.measures import (
    adjusted_cosine,
    cosine,
    jaccard,
    nearest,
    pearson,
)

__all__ = ["cosine", "pearson", "adjusted_cosine", "jaccard", "nearest"]
