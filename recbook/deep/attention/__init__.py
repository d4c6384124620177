r"""Attention: a weighted average whose weights are worked out from what it averages.

In the letters of the book: :math:`e_t = f(h_t, s)`, :math:`\alpha =
\mathrm{softmax}(e)` and :math:`c = \sum_t \alpha_t h_t`. The functions here are NumPy
and take any number of leading batch axes; the Keras layer :class:`MultiHeadAttention`
and the model :class:`DIN` do the same inside of a network.
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
