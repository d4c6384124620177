"""From a reader's file to an answer: one function for each job, one page for each.

A report has a decision in one sentence, the checks behind it, a table, a list with the
reader's own ids, and figures. It refuses where the data cannot carry an answer.
"""

from recbook.report.base import Chart, Report, Section
from recbook.report.customers import customer_value
from recbook.report.experiments import experiment
from recbook.report.policies import off_policy
from recbook.report.reading import read_table
from recbook.report.recommending import recommend
from recbook.report.targets import targeting

__all__ = [
    "Report",
    "Section",
    "Chart",
    "customer_value",
    "experiment",
    "off_policy",
    "read_table",
    "recommend",
    "targeting",
]
