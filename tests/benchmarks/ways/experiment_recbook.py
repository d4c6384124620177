"""Did it work, with recbook."""

import sys

import pandas as pd

from recbook import report

folder = sys.argv[1]
trial = pd.read_csv(f"{folder}/trial.csv")
found = report.experiment(trial, "resume", ("race", "white"), "received_callback")
found.save(f"{folder}/report")
