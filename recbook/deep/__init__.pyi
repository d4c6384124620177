# What is imported when it is first used: __init__.py reads this file. The reference has
# its order.
from .fm import FactorizationMachine as FactorizationMachine
from .fm import NeuralFM as NeuralFM
from .fm import DeepFM as DeepFM
from .ncf import NeuralCF as NeuralCF
from .autoencoder import AutoRec as AutoRec
from .autoencoder import MultDAE as MultDAE
from .autoencoder import MultVAE as MultVAE
from .attention import DIN as DIN
from .sequential import GRU4Rec as GRU4Rec
from .sequential import SASRec as SASRec
from .semantic import GenerativeRetrieval as GenerativeRetrieval
from .behaviour import MultiBehaviour as MultiBehaviour
from .graph import LightGCN as LightGCN
from .graph import KnowledgeMF as KnowledgeMF
from .towers import RatingTowers as RatingTowers
from .towers import RetrievalTowers as RetrievalTowers
