"""Which banner, with recbook."""

import sys

import pandas as pd

from recbook import report

folder = sys.argv[1]
log = pd.read_csv(f"{folder}/log.csv")
policy = pd.read_csv(f"{folder}/policy.csv", index_col="position")
report.off_policy(
    log, "item_id", "propensity_score", "click", context="position", policy=policy
).save(f"{folder}/report")
