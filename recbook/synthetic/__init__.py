"""Films, people and ratings in the very files of ML-100K, and all of them invented.

``python -m recbook.synthetic data/ml-100k`` writes the embedded data of the book, byte
for byte the same each time; ``data/ml-100k/README.md`` is its data card.
:func:`ratings` makes tables of other sizes. A folder of the name ``shop`` gets the
log of a shop instead: ``python -m recbook.synthetic data/shop``. One of the name
``exports`` gets the files of part 8, as shops export them.
"""

from recbook.synthetic.movielens import Synthetic, generate, ratings, splits, write

__all__ = ["generate", "Synthetic", "ratings", "splits", "write"]
