r"""Attention: a weighted average whose weights depend on what it averages.

In the book's letters :math:`e_t = f(h_t, s)`, :math:`\alpha = \mathrm{softmax}(e)`
and :math:`c = \sum_t \alpha_t h_t`. The functions here use NumPy and accept any
number of leading batch axes. The Keras layer
:class:`~recbook.deep.attention.MultiHeadAttention` and the model
:class:`~recbook.DIN` do the same inside a network.
"""

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
    "additive_score",
    "attend",
    "causal_mask",
    "dot_score",
    "merge_heads",
    "multi_head",
    "softmax",
    "split_heads",
]


def __getattr__(name):
    """Import the Keras layer, and with it TensorFlow, on first use (PEP 562)."""
    if name == "MultiHeadAttention":
        from recbook.deep.attention.layers import MultiHeadAttention

        globals()[name] = MultiHeadAttention
        return MultiHeadAttention
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
