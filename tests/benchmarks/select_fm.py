"""Choose the factorization machines' settings, on parts of train; see selection.py.

    python -m tests.benchmarks.select_fm

The grids are small, as a fit takes a quarter of a minute; they were drawn after a
coarse search on the part of u1's train, with the fields of films and people. There the
machine's error is .007 higher without ``raters``, .006 higher from ``init_std=0.1``
than from .03, .003 higher with a penalty of 1.5 than of 2.5, and batches of 4096 learn
too little in as many epochs. The recipes are what that search chose; this command has
not been run whole yet. A NeuralFM learned too fast at the others' lr (.004
higher). Steps shrink fast enough for ten epochs to be all. The recipes learn from all
of train, without early stopping.
"""

from recbook.deep import DeepFM, FactorizationMachine, NeuralFM
from tests.benchmarks.studies import selection

TRAINED = {"validation_share": 0.0}
NEURAL = {**TRAINED, "hidden": (64,), "lr": 0.005, "init_std": 0.05}
GRIDS = {
    "fm": (FactorizationMachine, TRAINED, {"reg": [2.5, 3.5]}),
    "deepfm": (DeepFM, TRAINED, {"reg": [3.0, 4.0]}),
    "nfm": (NeuralFM, NEURAL, {"reg": [3.0, 5.0]}),
}


def main():
    """Select all three, and record each as soon as it is chosen."""
    for name, (model, fixed, grid) in GRIDS.items():
        candidates = selection.factories(model, grid, **fixed)
        selection.record(selection.rating(name, candidates))


if __name__ == "__main__":
    main()
