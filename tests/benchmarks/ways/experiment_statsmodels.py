"""Did it work, with statsmodels: two shares, their difference and its interval.

Not said: whether the groups have the planned sizes, rows that are no units, the lift
with its interval, how often one looked, the size of the next test.
"""

import sys

import pandas as pd
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    test_proportions_2indep,
)

folder = sys.argv[1]
trial = pd.read_csv(f"{folder}/trial.csv")
arms = trial.groupby("race")["received_callback"].agg(["sum", "size"])
counts = [*arms.loc["white"], *arms.loc["black"]]
test = test_proportions_2indep(*counts, method="wald", correction=False)
print(test.pvalue)
print(test.diff, *confint_proportions_2indep(*counts, method="wald"))
