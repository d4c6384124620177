"""What a type checker must see. `make lint` lets mypy read it, and nothing runs it."""

from typing import assert_type

import numpy as np

import recbook
from recbook import ItemKNN, Ratings, check, datasets, splits
from recbook.datasets import MovieLens
from recbook.deep import SASRec


def sample() -> None:
    """State the type of each public name that students use, or of its result."""
    # The README's sample.
    movielens = datasets.load_ml100k()
    train, test = movielens.fold(1)
    model = ItemKNN().fit(train)
    top = model.recommend([0], k=10, exclude=train)

    assert_type(movielens, MovieLens)
    assert_type(train, Ratings)
    assert_type(model, ItemKNN)
    assert_type(top, np.ndarray)
    assert_type(model.predict(test.users, test.items), np.ndarray)

    # Names that are imported on first use are classes and functions, not Any.
    assert_type(SASRec(n_heads=2).fit(train), SASRec)
    assert_type(recbook.ItemKNN(), ItemKNN)
    assert_type(recbook.datasets.load_toy(), Ratings)
    assert_type(check("2.1-cosine", min), bool)
    assert_type(recbook.__version__, str)

    # A default does not say all that a setting may be.
    ItemKNN(similarity=lambda rows: rows @ rows.T)
    SASRec(lr_decay=None)

    # A table is made of lists as well, and its columns are arrays.
    table = Ratings([0, 0], [0, 1], [5, 3], None, ["Ann"], ["Up", "Jaws"])
    assert_type(table.users, np.ndarray)
    assert_type(table.n_ratings, int)
    assert_type(table.subset(table.values > 3), Ratings)
    assert_type(splits.holdout(table), tuple[Ratings, Ratings])
    for fold in splits.k_fold(table):
        assert_type(fold, tuple[Ratings, Ratings])
