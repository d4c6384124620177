"""What an impression costs: auctions of one or several positions, and bids.

``second_price`` and ``first_price`` sell one thing, ``gsp`` and ``vcg`` the positions
of a page. ``optimal_reserve`` is the seller's question. The bidder's, in a first-price
sale, is answered by a ``WinCurve``, which is fitted to bids that won and lost, and by
``best_bid``.
"""

from recbook.marketing.auctions.positions import gsp, vcg
from recbook.marketing.auctions.shading import WinCurve, best_bid
from recbook.marketing.auctions.single import (
    first_price,
    optimal_reserve,
    second_price,
)

__all__ = [
    "second_price",
    "first_price",
    "optimal_reserve",
    "gsp",
    "vcg",
    "WinCurve",
    "best_bid",
]
