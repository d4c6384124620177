"""The recipes of the leaderboard: the settings chosen for every model, on train.

RATING predicts stars, RANKING orders a catalogue, NEXT orders it for what comes next.
``python -m tests.benchmarks.select`` chooses among the candidates of a recipe's grid,
and ``tests/benchmarks/studies/selection.py`` says how. The comment above a recipe says
what was tried on parts of train before its grid was drawn: what wins or loses there
does so in validation RMSE for stars, and in validation nDCG@10 for lists.
"""

from recbook.leaderboard.tuned.next import NEXT
from recbook.leaderboard.tuned.ranking import RANKING
from recbook.leaderboard.tuned.rating import RATING
from recbook.leaderboard.tuned.recipe import Recipe, unit_cosine

__all__ = ["NEXT", "RANKING", "RATING", "Recipe", "unit_cosine"]
