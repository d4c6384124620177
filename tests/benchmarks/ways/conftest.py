"""Scripts that run where they are read: pytest must not look for doctests in them."""

collect_ignore_glob = ["*_*.py"]
