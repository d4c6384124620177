"""How the settings of the leaderboard's GRU4Rec and SASRec were chosen.

``python -m tests.benchmarks.select_sequential`` takes about ten minutes;
``selection.py`` says how. Tried before, on the same parts of train (with ties in time
standing by item code then): windows of 20 to 50 films, one and two blocks, 32 and 64
factors, steps of 0.001 to 0.01, dropout from 0.2 to 0.5. Few candidates are left,
because a fit is a minute. For the lists of the random split nothing was chosen: SASRec
stands there with the settings that it has for what comes next.
"""

from recbook.deep import GRU4Rec, SASRec
from tests.benchmarks.studies import selection

SHORT = {"n_epochs": 14, "lr": 0.006, "lr_decay": 0.9}
LONG = {"n_epochs": 30, "lr": 0.003, "lr_decay": 0.96}
FIXED = {"n_factors": 64, "n_steps": 50, "batch_size": 32, "validation_share": 0.0}


def candidates(model):
    """Return a short run, and a long one with two shares of dropout."""
    short = selection.factories(model, {"dropout": [0.4]}, **FIXED, **SHORT)
    return short + selection.factories(model, {"dropout": [0.4, 0.5]}, **FIXED, **LONG)


def main():
    """Select for the film that comes next."""
    for name, model in (("gru4rec", GRU4Rec), ("sasrec", SASRec)):
        selection.record(selection.following(name, candidates(model)))


if __name__ == "__main__":
    main()
