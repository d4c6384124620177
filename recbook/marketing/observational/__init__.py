r"""What a treatment did where nobody was randomised, and when one cannot say.

``overlap`` shows whether there is anyone to compare with, ``balance`` whether the arms
are alike. ``weighted_effect``, ``matched_effect`` and ``doubly_robust`` estimate the
effect if all that matters to both treatment and outcome is among the columns, and
``robustness`` says how strong a hidden cause would have to be to undo it. Where some
chance moved the treatment all the same, ``compliance`` and ``wald`` use an
encouragement, ``did`` two periods, and ``discontinuity`` a threshold.
"""

from recbook.marketing.observational.differences import did, event_study, staggered
from recbook.marketing.observational.instruments import (
    Compliance,
    ConfidenceSet,
    anderson_rubin,
    compliance,
    wald,
)
from recbook.marketing.observational.matching import matched_effect
from recbook.marketing.observational.propensity import balance, overlap
from recbook.marketing.observational.robust import doubly_robust
from recbook.marketing.observational.sensitivity import Robustness, robustness
from recbook.marketing.observational.thresholds import (
    Jump,
    density_jump,
    discontinuity,
    jump_bandwidth,
)
from recbook.marketing.observational.weighting import (
    balancing_weights,
    weighted_effect,
)

__all__ = [
    "overlap",
    "balance",
    "balancing_weights",
    "weighted_effect",
    "matched_effect",
    "doubly_robust",
    "robustness",
    "Robustness",
    "compliance",
    "Compliance",
    "wald",
    "anderson_rubin",
    "ConfidenceSet",
    "did",
    "event_study",
    "staggered",
    "discontinuity",
    "Jump",
    "jump_bandwidth",
    "density_jump",
]
