r"""Was it the campaign? Tests planned, measured, watched and checked.

``sample_size`` and ``power`` plan a test of two arms. ``difference``, ``cuped`` and
``ratio`` measure it, ``sample_ratio`` says whether the arms can be trusted. Looking
before the end has its own error rate: ``crossing`` computes it exactly, ``bounds`` and
``always_valid`` keep it. ``switchback`` is for arms that would disturb each other.
"""

from recbook.marketing.experiments.blocks import switchback
from recbook.marketing.experiments.effects import cuped, difference, ratio
from recbook.marketing.experiments.looks import (
    always_valid,
    bounds,
    confidence_sequence,
    crossing,
    false_positives,
)
from recbook.marketing.experiments.planning import power, sample_size
from recbook.marketing.experiments.shares import sample_ratio

__all__ = [
    "sample_size",
    "power",
    "difference",
    "cuped",
    "ratio",
    "sample_ratio",
    "crossing",
    "false_positives",
    "bounds",
    "always_valid",
    "confidence_sequence",
    "switchback",
]
