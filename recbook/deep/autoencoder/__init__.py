"""Autoencoders: say again, through a narrow place, what was heard with gaps.

``AutoRec`` predicts stars; ``MultDAE`` and ``MultVAE`` make lists.
"""

from recbook.deep.autoencoder.autorec import AutoRec
from recbook.deep.autoencoder.multdae import MultDAE
from recbook.deep.autoencoder.multvae import MultVAE

__all__ = ["AutoRec", "MultDAE", "MultVAE"]
