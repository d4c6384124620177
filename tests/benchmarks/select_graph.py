"""How the settings of the leaderboard's LightGCN and KnowledgeMF were chosen.

``python -m tests.benchmarks.select_graph`` takes some minutes; ``selection.py`` says
how. Tried before, on the same parts of train: LightGCN with 0 to 4 layers, 16 to 128
factors, penalties from 0.0001 to 1, each rating or each user counting the same, a
third or a half of the edges dropped, steps of 0.005 to 0.05, item biases (which bring
nothing), some forty settings in all; KnowledgeMF with hinges of weight 0.1 and 1 and
dropout of 0 and 0.4.
"""

from recbook import KnowledgeMF, LightGCN
from tests.benchmarks.studies import selection

LIGHTGCN = {"n_epochs": [70, 100], "reg": [0.03, 0.045], "user_power": [0.1, 0.25]}
KGMF = {"reg": [0.15, 0.2, 0.25], "dropout": [0.1, 0.2]}
FIXED = {"n_factors": 64, "lr": 0.02, "batch_size": 236, "validation_share": 0.0}


def main():
    """Select on the 75/25 split's train."""
    lightgcn = selection.factories(LightGCN, LIGHTGCN, n_layers=2, **FIXED)
    kgmf = selection.factories(
        KnowledgeMF, KGMF, n_epochs=40, user_power=0.25, kg_weight=0.1, **FIXED
    )
    selection.record(selection.ranking("lightgcn", lightgcn))
    selection.record(selection.ranking("kgmf", kgmf))


if __name__ == "__main__":
    main()
