"""Scripts, which run where they are read: pytest is not to look for doctests in them."""

collect_ignore_glob = ["*_*.py"]
