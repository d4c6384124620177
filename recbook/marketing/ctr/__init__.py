"""Click-through rates: probabilities of clicks that a bid can trust.

``hash_fields`` turns any fields into numbers of buckets, ``FTRL`` and ``HashedFM``
estimate the probability of a click from them, the scores say how good it is, and
``undo_sampling``, ``Platt`` and ``Isotonic`` calibrate one that is off.
"""

from recbook.marketing.ctr.calibration import Isotonic, Platt, undo_sampling
from recbook.marketing.ctr.ftrl import FTRL
from recbook.marketing.ctr.hashing import hash_fields
from recbook.marketing.ctr.machine import HashedFM
from recbook.marketing.ctr.scores import (
    auc,
    calibration_error,
    log_loss,
    normalized_entropy,
    reliability,
)

__all__ = [
    "hash_fields",
    "FTRL",
    "HashedFM",
    "log_loss",
    "normalized_entropy",
    "auc",
    "reliability",
    "calibration_error",
    "undo_sampling",
    "Platt",
    "Isotonic",
]
