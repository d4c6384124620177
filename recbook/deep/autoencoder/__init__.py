"""Autoencoders that reconstruct a row of ratings from a short code.

:class:`~recbook.AutoRec` predicts stars. :class:`~recbook.MultDAE` and
:class:`~recbook.MultVAE` rank items.
"""

from recbook.deep.autoencoder.autorec import AutoRec
from recbook.deep.autoencoder.multdae import MultDAE
from recbook.deep.autoencoder.multvae import MultVAE

__all__ = ["AutoRec", "MultDAE", "MultVAE"]
