"""Bandits: which banner to show while its click rate is still being found out.

A policy chooses an action, sees the reward of that one only, and learns. Four rules
keep counts for each action (``EpsilonGreedy``, ``ExploreThenCommit``, ``UCB1``,
``BetaThompson``), two a ridge regression for each (``LinUCB``, ``LinThompson``).
``simulate`` runs a policy in a world whose click rates are known, and counts what it
loses.
"""

from recbook.marketing.bandits.linear import LinThompson, LinUCB
from recbook.marketing.bandits.policies import (
    UCB1,
    BetaThompson,
    EpsilonGreedy,
    ExploreThenCommit,
)
from recbook.marketing.bandits.simulation import simulate

__all__ = [
    "EpsilonGreedy",
    "ExploreThenCommit",
    "UCB1",
    "BetaThompson",
    "LinUCB",
    "LinThompson",
    "simulate",
]
