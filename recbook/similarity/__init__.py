r"""How alike two rows of a rating matrix are: one number a pair, in [-1, 1].

Every measure is a quotient of sums, and a measure is not settled until it says
over which columns each sum runs. Below, :math:`I_u` is the set of columns that
row u rated, :math:`I_{uv} = I_u \cap I_v` the co-rated ones and
:math:`n_{uv} = |I_{uv}|` their number. Rows are users and columns items, or the
other way round: pass ``R`` for users, ``R.T`` for items.
"""

from recbook.similarity.measures import (
    adjusted_cosine,
    cosine,
    jaccard,
    nearest,
    pearson,
)

__all__ = ["adjusted_cosine", "cosine", "jaccard", "nearest", "pearson"]
