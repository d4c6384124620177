"""Data sets of the book: the toy table, MovieLens 100K and a shop's log."""

from recbook.datasets.movielens import MovieLens, load_ml100k
from recbook.datasets.shop import Shop, load_shop
from recbook.datasets.toy import load_toy

__all__ = ["load_ml100k", "load_shop", "load_toy", "MovieLens", "Shop"]
