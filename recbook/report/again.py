"""A report as the call that makes it again, in Python and on a command line."""

import inspect
import platform
import shlex
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import pandas as pd

import recbook

__all__ = ["command", "plain", "python_call", "versions"]

LABELLED = (
    "group",
    "outcome",
    "reward",
    "consent",
)  # a column and its labels: "arm=letter"
LONG = 200  # characters of a setting that a line still takes
WIDTH = 78  # of a line for the shell
LIBRARIES = ("numpy", "scipy", "pandas")
# The first arguments of each job: what a reader brings.
TABLES = {
    "recommend": ("orders",),
    "customer_value": ("orders",),
    "targeting": ("trial", "everyone"),
    "experiment": ("frame",),
    "off_policy": ("log",),
}


def versions():
    """Return the version of each part that a result depends on.

    >>> sorted(versions())
    ['Python', 'numpy', 'pandas', 'recbook', 'scipy']
    """
    found = {"recbook": recbook.__version__, "Python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # in the pages' Python
            found[name] = sys.modules[name].__version__
    return found


def settings_of(report):
    """Return what differs from the job's defaults, less its tables."""
    job = getattr(import_module("recbook.report"), report.job, None)
    known = inspect.signature(job).parameters if job else {}
    defaults = {name: argument.default for name, argument in known.items()}
    read = dict.fromkeys(report.source.get("files", {}))  # a job may not keep them
    told = {**read, **report.settings}
    return {
        name: value
        for name, value in told.items()
        if name not in TABLES.get(report.job, ())
        and (
            name in read or name == "seed" or not _same(value, defaults.get(name, ...))
        )
    }


def tables_of(report):
    """Return the arguments that are tables, of a command those that it had."""
    tables = TABLES.get(report.job, ())
    files = report.source.get("files", tables)
    return [name for name in tables if name in files]


def _same(value, default):
    try:
        return value is default or bool(plain(value) == plain(default))
    except (TypeError, ValueError):
        return False


def python_call(report):
    """Return the call in Python.

    >>> from recbook.report import Report
    >>> nothing = pd.DataFrame()
    >>> print(python_call(Report("experiment", "No.", True, nothing, nothing,
    ...                          settings={"unit": "customer", "seed": 0})))
    from recbook import report
    <BLANKLINE>
    report.experiment(frame, unit='customer', seed=0)
    """
    arguments = list(tables_of(report))
    for name, value in settings_of(report).items():
        told = name if _is_large(report, name, value) else _python(value)
        arguments.append(f"{name}={told}")
    return f"{_reading(report)}{_call(f'report.{report.job}', arguments)}"


def _call(function, arguments):
    """A call on one line, or with a line for each argument."""
    line = f"{function}({', '.join(arguments)})"
    if len(line) <= WIDTH:
        return line
    lines = "".join(f"    {argument},\n" for argument in arguments)
    return f"{function}(\n{lines})"


def _reading(report):
    """The lines that read the files, where they are known."""
    lines = []
    for name, path in report.source.get("files", {}).items():
        how = {**report.source["reading"].get(name, {})}
        column = how.pop("column", None)
        told = [repr(path), *(f"{a}={value!r}" for a, value in how.items())]
        reader = "Orders.read" if name == "orders" else "report.read_table"
        line = _call(f"{name} = {reader}", told)
        if column is not None:  # a Series by the ids
            line += f".set_index({how['text'][0]!r})[{column!r}]"
        lines.append(line)
    orders = "Orders, " if TABLES.get(report.job) == ("orders",) else ""
    return "\n".join([f"from recbook import {orders}report", "", *lines]) + "\n"


def _is_large(report, name, value):
    """Whether a setting is a table: from a file, or too long for a line."""
    from_file = name in report.source.get("files", {})
    return from_file or len(repr(plain(value))) > LONG


def _python(value):
    told = plain(value)
    return repr(tuple(told)) if isinstance(value, tuple) else repr(told)


def command(report):
    r"""Return the line for a shell.

    >>> from recbook.report import Report
    >>> nothing = pd.DataFrame()
    >>> print(command(Report("targeting", "Send.", False, nothing, nothing,
    ...     settings={"group": ("arm", "a letter"), "margin": 20.0, "seed": 0})))
    python -m recbook.report targeting TRIAL.csv --everyone EVERYONE.csv \
      --group 'arm=a letter' --margin 20 --seed 0
    """
    first, *_ = TABLES.get(report.job, ("file",))
    files = report.source.get("files", {})
    words = [files.get(first, f"{first.upper()}.csv")]
    for name in tables_of(report)[1:]:
        words += [f"--{name}", files.get(name, f"{name.upper()}.csv")]
    reading = {**report.source.get("reading", {}).get(first, {})}
    reading.pop("text", None)  # which the options tell
    parts = [shlex.join(["python", "-m", "recbook.report", report.job, words[0]])]
    parts += [shlex.join(words[at : at + 2]) for at in range(1, len(words), 2)]
    for name, value in {**reading, **settings_of(report)}.items():
        if _is_large(report, name, value):
            value = files.get(name, f"{name.upper()}.csv")
        option = f"--{name.replace('_', '-')}"
        parts.append(shlex.join([option, *_shell(name, plain(value))]))
    lines = [parts[0]]
    for part in parts[1:]:
        if len(lines[-1]) + len(part) < WIDTH:
            lines[-1] += f" {part}"
        else:
            lines.append(f"  {part}")
    return " \\\n".join(lines)


def _shell(name, value):
    """A setting as words of a shell."""
    if isinstance(value, list):
        words = [str(one) for one in value]
        return ["=".join(words)] if name in LABELLED else words
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return [str(value)]


def plain(value):
    """Return a value as JSON has it: no NaN, no NumPy, ids and dates as text.

    >>> import numpy as np
    >>> plain({"a": (np.int64(3), float("nan")), 7: pd.Timestamp("2026-01-05")})
    {'a': [3, None], '7': '2026-01-05'}
    """
    if isinstance(value, pd.DataFrame):
        if value.index.name is not None or not isinstance(value.index, pd.RangeIndex):
            value = value.reset_index(allow_duplicates=True)
        names = [str(name) for name in value.columns]
        rows = value.itertuples(index=False, name=None)
        return [dict(zip(names, map(plain, row), strict=True)) for row in rows]
    if isinstance(value, pd.Series):
        value = value.to_dict()
    if isinstance(value, dict):
        return {str(plain(name)): plain(of) for name, of in value.items()}
    if hasattr(value, "tolist"):  # NumPy's
        value = value.tolist()
    if isinstance(value, list | tuple | set | frozenset):
        values = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [plain(one) for one in values]
    return _scalar(value)


def _scalar(value):
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if hasattr(value, "isoformat"):
        return value.isoformat().removesuffix("T00:00:00")
    if callable(value):  # a function's own words name a place in memory
        return getattr(value, "__qualname__", type(value).__name__)
    return repr(value)
