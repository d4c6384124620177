"""The form behind "Your file" on a page: a file, its columns in menus, a report."""

from recbook.report.form.panel import Form

__all__ = ["Form"]
