"""A file of orders as a table of text."""

__all__ = ["read_table"]


def read_table(source, names, sep, decimal):
    """Placeholder."""
    raise NotImplementedError
