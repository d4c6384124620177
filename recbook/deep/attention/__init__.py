r"""Attention: a weighted average whose weights depend on what it averages.

In the book's letters :math:`e_t = f(h_t, s)`, :math:`\alpha = \mathrm{softmax}(e)`
and :math:`c = \sum_t \alpha_t h_t`. The functions here use NumPy and accept any
number of leading batch axes. The Keras layer
:class:`~recbook.deep.attention.MultiHeadAttention` and the model
:class:`~recbook.DIN` do the same inside a network.
"""

from lazy_loader import attach_stub

# On first use: the Keras layer brings TensorFlow.
__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
