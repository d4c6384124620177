"""How the settings of the leaderboard's autoencoders were chosen.

``python -m tests.benchmarks.select_autoencoder`` takes some ten minutes of one core;
``selection.py`` says how. The grids were narrowed on the part of u1's train and on the
part of the 75/25 split's train that choose here. On stars, by validation RMSE: hearing
who rated, beside how, won .016, hiding a part of the input .003, the decay of the
steps .003; rows of users instead of items lost .016, deviations divided by the root of
their number .027; who rated counts the more the louder it is, and the loudest of the
grid was chosen. On lists, by validation nDCG@10: a code of 200 instead of 64, a
hidden layer, a linear table of weights from items to items beside the code, and
counting a user's errors less where they rated much won nothing; a penalty lost .003.
"""

from recbook.deep import AutoRec, MultDAE, MultVAE
from tests.benchmarks.studies import selection

WHOLE = {"validation_share": 0.0}  # all of train, for a number of epochs that is chosen
STARS = [{"implicit": 2.0}, {"implicit": 4.0}, {"implicit": 3.0, "dropout": 0.7}]
DAE = {"n_factors": [64, 100], "dropout": [0.6, 0.7], "n_epochs": [40]}
VAE = {"beta": [0.4, 0.8], "dropout": [0.3, 0.5], "n_epochs": [50]}


def main():
    """Select all three."""
    stars = [
        factory
        for settings in STARS
        for factory in selection.factories(AutoRec, {}, **settings, **WHOLE)
    ]
    selection.record(
        selection.ranking("multdae", selection.factories(MultDAE, DAE, **WHOLE)),
        selection.ranking("multvae", selection.factories(MultVAE, VAE, **WHOLE)),
        selection.rating("autorec", stars),
    )


if __name__ == "__main__":
    main()
