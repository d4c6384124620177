"""How the settings of the leaderboard's GRU4Rec and SASRec were chosen.

``python -m tests.benchmarks.select_sequential`` takes about ten minutes;
``selection.py`` says how. Tried before, on the same parts of train: windows of 20 to 50
films, one and two blocks, 32 and 64 factors, steps of 0.001 to 0.01, dropout from 0.2
to 0.5. On all of train, GRU4Rec and SASRec need few passes, since every rating is an
example; long runs with small steps were not better.
"""

from recbook.deep import GRU4Rec, SASRec
from tests.benchmarks import selection

GRU_GRID = {"dropout": [0.3, 0.5], "lr_decay": [0.85, 0.9]}
SASREC_GRID = {"dropout": [0.3, 0.5], "n_blocks": [1, 2]}
LISTS_GRID = {"dropout": [0.3, 0.5]}
FIXED = {"n_factors": 64, "n_steps": 50, "batch_size": 32, "lr": 0.006}
FIXED |= {"n_epochs": 14, "validation_share": 0}


def main():
    """Select for the film that comes next, and SASRec for lists of the rest."""
    gru = selection.factories(GRU4Rec, GRU_GRID, **FIXED)
    sasrec = selection.factories(SASRec, SASREC_GRID, lr_decay=0.9, **FIXED)
    lists = selection.factories(SASRec, LISTS_GRID, lr_decay=0.9, **FIXED)
    selection.record(
        selection.following("gru4rec", gru),
        selection.following("sasrec", sasrec),
        selection.ranking("sasrec", lists),
    )


if __name__ == "__main__":
    main()
