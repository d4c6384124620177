"""All files of ``data/exports``: a module for each makes its own.

``python -m recbook.synthetic data/exports`` writes them, byte for byte the same each
time; ``data/exports/README.md`` is their data card.
"""

from pathlib import Path

from recbook.synthetic.exports import banners, checkout, orders, subscriptions, trial

__all__ = ["generate", "write"]

# each has files(seed): {name: bytes}
MODULES = (orders, subscriptions, trial, checkout, banners)


def generate(seed=0):
    """Invent the files.

    Parameters
    ----------
    seed : int
        Seed of ``numpy.random.default_rng``, for each module anew.

    Returns
    -------
    dict of str to bytes
        By name below the folder.

    Examples
    --------
    >>> "orders.csv" in generate()
    True
    """
    return {
        name: data for module in MODULES for name, data in module.files(seed).items()
    }


def write(folder, data=None):
    """Write the files into ``folder``; return their paths.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     [path.name for path in write(folder, {"refused/a.csv": b"a,b"})]
    ['a.csv']
    """
    written = []
    for name, content in (generate() if data is None else data).items():
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return written
