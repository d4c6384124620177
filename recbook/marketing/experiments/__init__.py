r"""Was it the campaign? Tests planned, measured, watched, checked and collected.

``sample_size`` and ``power`` plan a test of two arms. ``difference``, ``cuped`` and
``ratio`` measure it, ``sample_ratio`` says whether the arms can be trusted. Looking
before the end has its own error rate: ``crossing`` computes it exactly, ``bounds``,
``spending_bounds`` and ``always_valid`` keep it. ``switchback`` is for arms that would
disturb each other, ``stratified`` for a split that changed, ``fading`` for an effect
that does.

A firm has many tests: ``false_discoveries`` and ``false_positive_risk`` say which
findings to believe, and ``shrink`` how large they are.
"""

from recbook.marketing.experiments.archive import Prior, Shrunk, effect_prior, shrink
from recbook.marketing.experiments.blocks import switchback
from recbook.marketing.experiments.effects import cuped, difference, ratio
from recbook.marketing.experiments.looks import (
    always_valid,
    bounds,
    confidence_sequence,
    crossing,
    false_positives,
)
from recbook.marketing.experiments.many import (
    adjusted_p,
    false_discoveries,
    false_positive_risk,
)
from recbook.marketing.experiments.periods import fading, stratified
from recbook.marketing.experiments.planning import power, sample_size
from recbook.marketing.experiments.shares import sample_ratio
from recbook.marketing.experiments.spending import spending_bounds, spent

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
    "spent",
    "spending_bounds",
    "always_valid",
    "confidence_sequence",
    "switchback",
    "stratified",
    "fading",
    "adjusted_p",
    "false_discoveries",
    "false_positive_risk",
    "Prior",
    "Shrunk",
    "effect_prior",
    "shrink",
]
