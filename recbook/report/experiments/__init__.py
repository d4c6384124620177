"""Did it work? A test of two arms, from a reader's table to a decision."""

from recbook.report.experiments.job import experiment

__all__ = ["experiment"]
