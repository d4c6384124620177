"""Data sets: the toy table, MovieLens 100K, a shop's log, and files as exported."""

from recbook.datasets.exports import example_file
from recbook.datasets.movielens import MovieLens, load_ml100k
from recbook.datasets.shop import Shop, load_shop
from recbook.datasets.toy import load_toy

__all__ = [
    "example_file",
    "load_ml100k",
    "load_shop",
    "load_toy",
    "MovieLens",
    "Shop",
]
