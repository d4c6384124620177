"""Tables of results: written whole, with when and on what they were measured."""

import json
import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

__all__ = ["results_folder", "write_results"]

PACKAGES: tuple[str, ...] = ("recbook", "numpy", "scipy", "pandas", "numba")
PACKAGES += ("tensorflow-cpu", "keras")


def results_folder():
    """Return the checkout's ``data/results``, or else the working folder's.

    >>> results_folder().parts[-2:]
    ('data', 'results')
    """
    checkout = Path(__file__).resolve().parents[2]
    here = checkout if (checkout / "pyproject.toml").exists() else Path.cwd()
    return here / "data" / "results"


def write_results(name, table, folder=None, **facts):
    """Write ``name.csv`` and, in ``name.json``, when and on what it was measured.

    Parameters
    ----------
    name : str
        Name of the two files, without ending.
    table : DataFrame
        The table. Its index is left out.
    folder : path, optional
        By default the checkout's ``data/results``.
    **facts
        Further entries of the json, such as the name of the data.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_results("sizes", pd.DataFrame({"n": [3]}), folder, real=False)
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['sizes.csv', 'sizes.json']
    """
    folder = Path(folder) if folder is not None else results_folder()
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "versions": {package: version(package) for package in PACKAGES},
        **facts,
    }
    texts = {
        ".csv": table.to_csv(index=False, lineterminator="\n"),
        ".json": json.dumps(about, indent=2) + "\n",
    }
    for ending, text in texts.items():  # replaced whole: an interrupt leaves the old
        draft = folder / f".{name}{ending}.tmp"
        draft.write_text(text, encoding="utf-8")
        draft.replace(folder / f"{name}{ending}")


def version(package):
    """Return the installed version, or "none"."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "none"
