"""Networks that predict the next item from a user's items in order."""

from recbook.deep.sequential.gru4rec import GRU4Rec
from recbook.deep.sequential.sasrec import SASRec

__all__ = ["GRU4Rec", "SASRec"]
