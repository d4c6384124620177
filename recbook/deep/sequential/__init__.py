"""What comes next: networks that read a person's films in their order."""

from recbook.deep.sequential.gru4rec import GRU4Rec
from recbook.deep.sequential.sasrec import SASRec

__all__ = ["GRU4Rec", "SASRec"]
