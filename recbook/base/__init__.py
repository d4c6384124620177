"""What all estimators share: settings, their ranges, checks of train, and lists."""

from recbook.base.estimator import Estimator
from recbook.base.lists import recommendations
from recbook.base.recommender import Recommender
from recbook.base.settings import (
    COMMON,
    Range,
    above,
    anything,
    at_least,
    check_settings,
    count,
    one_of,
    optional,
    or_function,
    ranges,
    share,
)
from recbook.base.training import (
    DivergenceError,
    check_ratings,
    check_train,
    diverged,
    known,
    order_of_time,
    rated_after,
)

__all__ = [
    "Recommender",
    "recommendations",
    "DivergenceError",
    "Estimator",
    "Range",
    "at_least",
    "above",
    "count",
    "share",
    "one_of",
    "optional",
    "or_function",
    "anything",
    "ranges",
    "check_settings",
    "COMMON",
    "check_train",
    "check_ratings",
    "known",
    "order_of_time",
    "rated_after",
    "diverged",
]
