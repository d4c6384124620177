"""Choose the towers' settings, on parts of train; see selection.py.

    python -m tests.benchmarks.select_towers

The grids are small; they were drawn after searches on the parts of u1's and u3's train
(stars) and on the part of the 75/25 split's train (lists). Stars: with the histories
in three levels the error is .004 lower than with rated films alone, with a weight of
10 / (n + 5) instead of 1 / sqrt(n) another .001. Lists: with the rows of train divided
by the length of what is left of them, instead of by the share that is left, nDCG@10
is .02 lower; what is told of a person costs .005 unless part of it is hidden as well.

A penalty adds nothing (.0003 at reg=.003), and vectors of 100 numbers are no better
than of 64 (by .0003, over three seeds).

Three settings are not there for these figures. Held-out people with five ratings each
chose the weight 10 / (n + 5) (RMSE 1.010 against 1.030, nDCG@10 .358 against .342),
and held-out films ``id_dropout`` (RMSE .974 with a share of .05, 1.075 without; the
others' RMSE grows by less than .001). ``weights`` of less than 1 for few stars leave
nDCG@10 as it is, and that on the films of 4 and 5 stars is .014 higher.
"""

from recbook.deep import RatingTowers, RetrievalTowers
from tests.benchmarks.studies import selection

STARS = {"reg": [2.5, 3.0, 3.5]}
LISTS = {"dropout": [0.6, 0.7, 0.8, 0.9]}


def main():
    """Select both, and record each as soon as it is chosen."""
    candidates = selection.factories(RetrievalTowers, LISTS)
    selection.record(selection.ranking("twotower", candidates))
    candidates = selection.factories(RatingTowers, STARS)
    selection.record(selection.rating("towers", candidates))


if __name__ == "__main__":
    main()
