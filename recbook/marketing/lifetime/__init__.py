"""Who is still a customer, how often they will order, and what they are worth.

``summary`` turns a log of orders into three numbers for each customer, ``rfm`` sorts by
them, ``BetaGeo`` predicts orders, ``GammaGamma`` what an order is worth, and
``lifetime_value`` puts both into euros of today.
"""

from recbook.marketing.lifetime.history import rfm, summary
from recbook.marketing.lifetime.purchases import BetaGeo
from recbook.marketing.lifetime.spend import GammaGamma
from recbook.marketing.lifetime.value import lifetime_value

__all__ = ["summary", "rfm", "BetaGeo", "GammaGamma", "lifetime_value"]
