r"""How often to show an ad to a person: caps measured, fitted, and chosen by price.

``reach`` says how many people see an ad, and how often. ``cap_effects`` and
``impression_effects`` analyse a trial in which each person's frequency cap was drawn at
random, ``ResponseCurve`` draws one curve through it, and ``best_cap`` is the number of
impressions that are worth their price.
"""

from recbook.marketing.frequency.counts import reach
from recbook.marketing.frequency.curve import ResponseCurve, best_cap
from recbook.marketing.frequency.trials import cap_effects, impression_effects

__all__ = [
    "reach",
    "cap_effects",
    "impression_effects",
    "ResponseCurve",
    "best_cap",
]
