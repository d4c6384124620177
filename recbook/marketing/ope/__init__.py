"""Off-policy evaluation: what another policy would have earned, from the log of ours.

A log keeps, for each sample, who was there, what was shown, what came of it, and with
which probability it was shown. A policy that is to be judged is a row of probabilities
for each sample. ``snips`` is the estimator to begin with, ``doubly_robust`` is better
where a model explains much of the reward. ``gain`` is the difference to the policy of
the log, with the interval of a difference.
"""

from recbook.marketing.base import Estimate
from recbook.marketing.ope.estimators import (
    direct,
    doubly_robust,
    ips,
    snips,
    switch_dr,
    weights,
)
from recbook.marketing.ope.gains import gain
from recbook.marketing.ope.log import BanditLog, cell_means, cross_fitted, draw_log
from recbook.marketing.ope.slates import slate_ips

__all__ = [
    "BanditLog",
    "Estimate",
    "weights",
    "ips",
    "snips",
    "direct",
    "doubly_robust",
    "switch_dr",
    "slate_ips",
    "gain",
    "draw_log",
    "cell_means",
    "cross_fitted",
]
