# What is imported when it is first used: __init__.py reads this file. The reference has
# its order.
from .functions import dot_score as dot_score
from .functions import additive_score as additive_score
from .functions import softmax as softmax
from .functions import attend as attend
from .functions import causal_mask as causal_mask
from .functions import split_heads as split_heads
from .functions import merge_heads as merge_heads
from .functions import multi_head as multi_head
from .layers import MultiHeadAttention as MultiHeadAttention
from .din import DIN as DIN
