"""Files as shops export them, invented: the examples of part 8."""

from pathlib import Path

from recbook.datasets.bundled import bundled

__all__ = ["example_file"]


def example_file(name) -> Path:
    """Return the path of an example: a file as a shop exports it, with its faults.

    Everything in these files is invented. Some are there to be refused: their names
    begin with "refused/". ``data/exports/README.md`` says what is in each.

    Parameters
    ----------
    name : str
        Such as "orders.csv" or "refused/subscriptions.csv".

    Returns
    -------
    Path

    Raises
    ------
    FileNotFoundError
        For another name, with those that there are, or if the package was installed
        without its data.

    Examples
    --------
    >>> example_file("orders.csv").name
    'orders.csv'
    """
    folder = bundled("exports", "the example files")
    known = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*.csv"))}
    if name not in known:
        listed = ", ".join(known)
        raise FileNotFoundError(f"there is no example {name!r}, only {listed}")
    return known[name]
