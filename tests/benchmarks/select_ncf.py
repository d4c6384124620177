"""How the settings of the leaderboard's GMF, MLP and NeuMF were chosen.

``python -m tests.benchmarks.select_ncf`` takes minutes; ``selection.py`` says how.
Tried before, on the same parts of train: penalties from 0.003 to 0.1, 32 and 64
factors, steps of 0.002 to 0.02 that stay or shrink (of MLP, four with short steps that
stay came to .2023), a penalty on the weights of the layers too (they then tell nothing
but popularity), and one of the product that leaves h out (the embeddings shrink, h
grows, and after ten epochs the lists get worse).
"""

from recbook import NeuralCF
from tests.benchmarks.studies import selection

GRIDS = {
    "gmf": {"reg": [0.015, 0.02, 0.03], "n_negatives": [4, 8]},
    "mlp": {"reg": [0.01, 0.02], "lr": [0.002, 0.004], "n_negatives": [4, 8]},
    "neumf": {"reg": [0.02, 0.04], "n_epochs": [8, 14], "lr": [0.005, 0.01]},
}
FIXED = {
    "gmf": {"n_factors": 64, "lr": 0.02},
    "mlp": {"n_epochs": 12, "lr_decay": 0.9},
    "neumf": {},
}


def main():
    """Select on the 75/25 split's train."""
    tables = []
    for kind, grid in GRIDS.items():
        fixed = {"kind": kind, "validation_share": 0.0, **FIXED[kind]}
        candidates = selection.factories(NeuralCF, grid, **fixed)
        tables.append(selection.ranking(kind, candidates))
    selection.record(*tables)


if __name__ == "__main__":
    main()
