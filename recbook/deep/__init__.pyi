# What editors and type checkers see of the lazy face; a test holds it to _HOMES.
from recbook.deep.attention import DIN as DIN
from recbook.deep.autoencoder import AutoRec as AutoRec
from recbook.deep.autoencoder import MultDAE as MultDAE
from recbook.deep.autoencoder import MultVAE as MultVAE
from recbook.deep.behaviour import MultiBehaviour as MultiBehaviour
from recbook.deep.fm import DeepFM as DeepFM
from recbook.deep.fm import FactorizationMachine as FactorizationMachine
from recbook.deep.fm import NeuralFM as NeuralFM
from recbook.deep.graph import KnowledgeMF as KnowledgeMF
from recbook.deep.graph import LightGCN as LightGCN
from recbook.deep.ncf import NeuralCF as NeuralCF
from recbook.deep.semantic import GenerativeRetrieval as GenerativeRetrieval
from recbook.deep.sequential import GRU4Rec as GRU4Rec
from recbook.deep.sequential import SASRec as SASRec
from recbook.deep.towers import RatingTowers as RatingTowers
from recbook.deep.towers import RetrievalTowers as RetrievalTowers
