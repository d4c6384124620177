"""What all recommenders share: ranges of settings, checks of train, and lists."""

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
    "COMMON",
    "DivergenceError",
    "Range",
    "Recommender",
    "above",
    "anything",
    "at_least",
    "check_ratings",
    "check_settings",
    "check_train",
    "count",
    "diverged",
    "known",
    "one_of",
    "optional",
    "or_function",
    "order_of_time",
    "ranges",
    "rated_after",
    "share",
]
