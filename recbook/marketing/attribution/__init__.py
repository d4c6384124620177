r"""Who gets the credit for an order: rules, a Markov chain, Shapley's value.

All of them take ``paths``, for each person the channels that were met in the order of
time, and ``converted``, who ordered. They share out orders that happened. None of them
says what would have happened without a channel: only an experiment does, as
:mod:`recbook.marketing.geo` and a holdout.
"""

from recbook.marketing.attribution.chain import markov, removal_effects, transitions
from recbook.marketing.attribution.games import orders_within, shapley
from recbook.marketing.attribution.rules import decay, first_click, last_click, linear

__all__ = [
    "last_click",
    "first_click",
    "linear",
    "decay",
    "transitions",
    "removal_effects",
    "markov",
    "orders_within",
    "shapley",
]
