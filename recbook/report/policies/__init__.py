"""Which banner? A policy that was never shown, judged from a reader's log."""

from recbook.report.policies.job import off_policy

__all__ = ["off_policy"]
