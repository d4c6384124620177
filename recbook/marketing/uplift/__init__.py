r"""Whom a letter changes: effects estimated, ordered, judged and bought on a budget.

The effect :math:`\tau(x)` is what a treatment adds to the expected outcome of people
with features x. Six learners estimate it from a trial, ``choose`` chooses among them
and their settings, curves judge a ranking of people on another trial, and ``spend``
turns effects and costs into a list of addressees.
"""

from recbook.marketing.uplift.bins import Binned, Bins
from recbook.marketing.uplift.budget import spend
from recbook.marketing.uplift.choosing import Choice, choose, r_loss
from recbook.marketing.uplift.curves import (
    profit_curve,
    qini,
    qini_curve,
    uplift_curve,
)
from recbook.marketing.uplift.learners import (
    DRLearner,
    RLearner,
    SLearner,
    TLearner,
    TransformedOutcome,
    XLearner,
)
from recbook.marketing.uplift.trials import (
    average_effect,
    pseudo_outcome,
    transformed_outcome,
)

__all__ = [
    "SLearner",
    "TLearner",
    "XLearner",
    "TransformedOutcome",
    "RLearner",
    "DRLearner",
    "Bins",
    "Binned",
    "average_effect",
    "transformed_outcome",
    "pseudo_outcome",
    "qini_curve",
    "uplift_curve",
    "qini",
    "profit_curve",
    "r_loss",
    "choose",
    "Choice",
    "spend",
]
