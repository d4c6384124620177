"""Whom to write to: a list from a trial, with a forecast, or a refusal."""

from recbook.report.targets.job import targeting

__all__ = ["targeting"]
