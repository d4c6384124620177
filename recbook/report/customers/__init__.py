"""What customers are worth: how often each will order, what that brings, how sure."""

from recbook.report.customers.job import customer_value

__all__ = ["customer_value"]
