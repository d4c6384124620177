"""How the settings of the leaderboard's BPR were chosen.

``python -m tests.benchmarks.select_bpr`` takes some minutes; ``selection.py`` says how.
Tried before, on the same parts of train: 10 to 200 factors, first steps of 0.02 to 0.2
that stay or shrink (those that stay end in noise), penalties from 0.003 to 0.08.
"""

from recbook.factorization import BPR
from tests.benchmarks.studies import selection

GRID = {
    "n_factors": [64, 128],
    "lr_decay": [0.97, 0.98],
    "reg": [0.015, 0.02, 0.03],
    "reg_bias": [0.005, 0.01, 0.02],
}


def main():
    """Select on the 75/25 split's train."""
    candidates = selection.factories(BPR, GRID, n_epochs=200, lr=0.1)
    selection.record(selection.ranking("bpr", candidates))


if __name__ == "__main__":
    main()
