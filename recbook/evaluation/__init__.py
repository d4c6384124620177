"""Measure models the same way: reports on one split, comparisons over folds, tests.

Every model with ``fit`` and ``recommend``, and ``predict`` if it predicts ratings, can
be measured. A model that is not fitted yet is fitted to the training half first. Tables
are tidy: one row for each metric, with the columns ``mean``, ``standard_error`` and
``n``, the number of values that the mean is over. On a log of orders
:func:`~recbook.evaluation.choose` takes several moments in time.
"""

from recbook.evaluation.choice import Choice, choose
from recbook.evaluation.folds import compare, fold_values, summarise
from recbook.evaluation.reports import (
    ranking_report,
    rating_report,
    sampled_ranking_report,
    user_values,
)
from recbook.evaluation.significance import PairedTest, bootstrap_interval, paired_test

__all__ = [
    "rating_report",
    "ranking_report",
    "sampled_ranking_report",
    "compare",
    "choose",
    "Choice",
    "fold_values",
    "user_values",
    "summarise",
    "bootstrap_interval",
    "paired_test",
    "PairedTest",
]
