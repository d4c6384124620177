r"""Attention: a weighted average whose weights depend on what it averages.

In the book's letters :math:`e_t = f(h_t, s)`, :math:`\alpha = \mathrm{softmax}(e)`
and :math:`c = \sum_t \alpha_t h_t`. The functions here use NumPy and accept any
number of leading batch axes. The Keras layer
:class:`~recbook.deep.attention.MultiHeadAttention` and the model
:class:`~recbook.DIN` do the same inside a network.
"""

from lazy_loader import attach

from recbook.deep.attention.din import DIN
from recbook.deep.attention.functions import (
    additive_score,
    attend,
    causal_mask,
    dot_score,
    merge_heads,
    multi_head,
    softmax,
    split_heads,
)

__all__ = [
    "DIN",
    "MultiHeadAttention",
    "additive_score",
    "attend",
    "causal_mask",
    "dot_score",
    "merge_heads",
    "multi_head",
    "softmax",
    "split_heads",
]

# The Keras layer, and with it TensorFlow, is imported when it is first used.
__getattr__, _, _ = attach(__name__, submod_attrs={"layers": ["MultiHeadAttention"]})
