"""Which banner, with Open Bandit Pipeline: another policy's clicks from today's log.

Not said: whether each context has every item of the new policy, whether the weights
average 1, the interval of the difference to today's policy.
"""

import sys

import numpy as np
import pandas as pd
from obp.ope import (
    InverseProbabilityWeighting,
    OffPolicyEvaluation,
    SelfNormalizedInverseProbabilityWeighting,
)

folder = sys.argv[1]
log = pd.read_csv(f"{folder}/log.csv")
policy = pd.read_csv(f"{folder}/policy.csv", index_col="position")
feedback = {
    "n_rounds": len(log),
    "n_actions": policy.shape[1],
    "action": log["item_id"].to_numpy(),
    "reward": log["click"].to_numpy(),
    "position": log["position"].to_numpy() - 1,
    "pscore": log["propensity_score"].to_numpy(),
}
chances = np.repeat(policy.to_numpy().T[None], len(log), axis=0)
evaluation = OffPolicyEvaluation(
    feedback,
    [InverseProbabilityWeighting(), SelfNormalizedInverseProbabilityWeighting()],
)
values, intervals = evaluation.summarize_off_policy_estimates(
    chances, n_bootstrap_samples=1000, random_state=0
)
print(values, log["click"].mean(), sep="\n")
print(values.iloc[1, 0], *intervals.iloc[1, 1:])
