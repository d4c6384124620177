"""Tables of results: written whole, with when and on what they were measured."""

import json
import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from recbook.datasets.bundled import bundled

__all__ = ["results_folder", "tried", "write_results"]

PACKAGES: tuple[str, ...] = ("recbook", "numpy", "scipy", "pandas", "numba")
PACKAGES += ("tensorflow-cpu", "keras")


def results_folder():
    """Return the folder of the tables: the checkout's ``data/results``, or the wheel's.

    >>> results_folder().name
    'results'
    """
    return bundled("results", "the tables of results")


def output_folder():
    """Return where a command writes its tables: the checkout's folder, or a new one.

    Outside of a checkout that is ``data/results`` in the working folder: the tables
    that an installed package brings stay as they are.
    """
    checkout = Path(__file__).resolve().parents[2]
    here = checkout if (checkout / "pyproject.toml").exists() else Path.cwd()
    return here / "data" / "results"


def tried(kind, folder=None):
    """Return how many settings were compared for each recipe of one kind.

    Parameters
    ----------
    kind : {"rating", "ranking", "next"}
        The task: a model that stands in more than one was chosen in each by itself.
    folder : path, optional
        Where ``selection.csv`` stands, by default ``results_folder()``.

    Returns
    -------
    dict
        Name of the recipe: number of settings. A recipe that had nothing to choose, or
        whose choice is not on record, is not in it.

    Raises
    ------
    ValueError
        If nothing was chosen for such a kind.

    Examples
    --------
    >>> tried("ranking")["ials"]
    288
    """
    import pandas as pd

    chosen = pd.read_csv(
        (Path(folder) if folder else results_folder()) / "selection.csv"
    )
    kinds = list(chosen["kind"].unique())
    if kind not in kinds:
        raise ValueError(f"kind is {kind!r}; use one of {', '.join(map(repr, kinds))}")
    counts = chosen[chosen["kind"] == kind].groupby("model")["candidates"].max()
    return {name: int(count) for name, count in counts.items()}


def write_results(name, table, folder=None, **facts):
    """Write ``name.csv`` and, in ``name.json``, when and on what it was measured.

    Parameters
    ----------
    name : str
        Name of the two files, without ending.
    table : DataFrame
        The table. Its index is left out.
    folder : path, optional
        By default ``data/results`` in the checkout, else in the working folder.
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
    folder = Path(folder) if folder is not None else output_folder()
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
