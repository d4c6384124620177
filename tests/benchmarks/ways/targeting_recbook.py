"""Whom to write to, with recbook."""

import sys

import pandas as pd

from recbook import report

folder = sys.argv[1]
trial = pd.read_csv(f"{folder}/trial.csv")
report.targeting(
    trial,
    trial.drop(columns=["race", "received_callback"]),
    person="resume",
    group=("race", "white"),
    outcome=("received_callback", 1),
    margin=20,
    cost=0.6,
    budget=1000,
).save(f"{folder}/report")
