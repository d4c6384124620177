"""What a treatment did where nobody was randomised, and when one cannot say."""

from recbook.marketing.observational.differences import did, event_study, staggered
from recbook.marketing.observational.instruments import (
    Compliance,
    ConfidenceSet,
    anderson_rubin,
    compliance,
    wald,
)
from recbook.marketing.observational.thresholds import (
    Jump,
    density_jump,
    discontinuity,
    jump_bandwidth,
)

__all__ = [
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
