r"""Marketing mix modelling: what each channel adds to weekly sales, from totals alone.

Sales of week t are a baseline with trend and season, and what C channels add:

.. math::
   y_t = b_t + \sum_{c=1}^{C} \beta_c \, s\bigl( A_{tc};\, k_c \bigr) + e_t

``adstock`` spreads spend over the weeks in which it works, :math:`A_{tc}`, and
``saturate`` says how much less the next euro does, :math:`s`. ``MediaMix`` fits all of
it by least squares, in which priors and lift tests are further rows, and ``allocate``
splits a budget so that the next euro earns the same in each channel.
"""

from recbook.marketing.mix.budget import Allocation, allocate
from recbook.marketing.mix.curves import adstock, half_life, saturate
from recbook.marketing.mix.lift import LiftTest
from recbook.marketing.mix.model import MediaMix, Returns

__all__ = [
    "adstock",
    "saturate",
    "half_life",
    "MediaMix",
    "Returns",
    "LiftTest",
    "allocate",
    "Allocation",
]
