"""What to show next? Lists for all customers, from a model chosen over time."""

from recbook.report.recommending.job import recommend

__all__ = ["recommend"]
