r"""A day on a budget: what to bid so that the money buys the best impressions.

All decisions hang on one number, the multiplier :math:`\mu \ge 0`: bid
:math:`v / (1 + \mu)`. ``offline_multiplier`` and ``offline_plan`` find it when the day
is over, ``pace`` while it runs, and ``roas_bid`` adds a target for the return on spend.
"""

from recbook.marketing.pacing.offline import offline_multiplier, offline_plan
from recbook.marketing.pacing.online import Pacing, pace, roas_bid

__all__ = ["offline_multiplier", "offline_plan", "pace", "Pacing", "roas_bid"]
