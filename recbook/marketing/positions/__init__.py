"""Position bias: how much of a click is the product, and how much its position.

A click needs two things: the position was looked at (examination), and the product was
attractive. ``PositionBased`` estimates both from a log in which products were shown at
several positions, ``Cascade`` is for readers who stop at the first click.
``swap_propensities`` and ``harvest_propensities`` measure the examination alone, from
randomised swaps or from several rankers, and ``ips_attraction`` and
``clicks_over_expected`` count clicks as if all positions had been looked at alike.
"""

from recbook.marketing.positions.base import Estimates
from recbook.marketing.positions.counts import clicks_over_expected, ips_attraction
from recbook.marketing.positions.models import Cascade, PositionBased
from recbook.marketing.positions.propensities import (
    harvest_propensities,
    swap_propensities,
)

__all__ = [
    "PositionBased",
    "Cascade",
    "Estimates",
    "swap_propensities",
    "harvest_propensities",
    "ips_attraction",
    "clicks_over_expected",
]
