"""How the settings of DIN were chosen, for what comes next and for the random split.

``python -m tests.benchmarks.select_din`` takes five minutes of one core;
``selection.py`` says how. The grids are small: the number of epochs, the decay of the
step and the widths were taken from one fit that was watched on the same validation
part (the last film but one), after twelve epochs of which it was best at the tenth.
The recipe for what comes next was chosen while ties in time stood by item code; its row
left ``selection.csv`` when that changed, and comes back when this command is run again.
"""

from recbook.deep.attention import DIN
from tests.benchmarks.studies import selection

FIXED = {"n_epochs": 10, "lr_decay": 0.9, "validation_share": 0.0}
NEXT_GRID = {"n_steps": [10, 20]}
RANKING_GRID = {"n_steps": [30], "dropout": [0.3]}


def main():
    """Select both."""
    following = selection.factories(DIN, NEXT_GRID, **FIXED)
    selection.record(selection.following("din", following))
    ranking = selection.factories(DIN, RANKING_GRID, **FIXED)
    selection.record(selection.ranking("din", ranking))


if __name__ == "__main__":
    main()
