"""The values of a form as arguments of a job, and as the command that does the same."""

import re
import shlex

import pandas as pd

from recbook.report.again import TABLES, command
from recbook.report.base import Report
from recbook.report.form import fields
from recbook.report.making import settings_of
from recbook.report.options import KINDS

__all__ = ["command_of", "elsewhere", "given", "names_of"]


def given(job, files, values):
    """Return the arguments that the values of a form stand for.

    Parameters
    ----------
    job : str
        Its name.
    files : dict of str to Opened
        By slot.
    values : dict
        By the name of a field.

    Raises
    ------
    ValueError
        Where a value is missing, or is no number; it begins with the argument.
    """
    found = {}
    for name, kind in fields.kinds(job).items():
        value = values.get(name)
        if value in (None, "", []) or (kind == "label" and not value[0]):
            if name in fields.needed(job):
                raise ValueError(f"{name} is not given: choose or write it")
            continue
        if value == fields.default_of(job, name):
            continue  # the function has it
        found[name] = _read(name, kind, value)
    if control := (values.get("control") or "").strip():
        if not isinstance(found["group"], tuple):
            raise ValueError("group has no label: choose that of the treated, too")
        found["group"] = (*found["group"], control)
    return _as_the_file_has_it(job, files, values, found)


def _read(name, kind, value):
    """Return one value as the argument takes it."""
    if kind == "label":
        column, label = [*value, None][:2]
        return (column, str(label)) if label not in (None, "") else column
    if kind == "columns":
        value = [value] if isinstance(value, str) else list(value)
        return value[0] if name == "context" and len(value) == 1 else value
    if kind == "number" or (kind == "number_or_column" and _is_number(value)):
        return _number(name, value)
    if name in ("candidates", "cuts"):
        words = str(value).split()
        if name == "cuts":
            words = [_number(name, w) if w.isdigit() else w for w in words]
        return words
    return value


def _is_number(value):
    return bool(re.fullmatch(r"[+-]?[\d.,]+", str(value).strip()))


def _number(name, value):
    """Return a number that a reader wrote, with a point or a comma before the rest."""
    text = str(value).strip().replace("\u2212", "-")
    two = re.fullmatch(r"([+-]?[1-9]\d{0,2})[.,](\d{3})", text)
    if two:  # 1.000 is a thousand in German, and 1,000 one in English
        raise ValueError(
            f"{name} is {text!r}, which can be read in two ways: write "
            f"{two[1]}{two[2]} or {two[1]}.{two[2]}0"
        )
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"{name} is {text!r}: write a number, such as 0.5") from None
    return int(found) if found.is_integer() else found


def _as_the_file_has_it(job, files, values, found):
    """Return the arguments with the separator, decimal sign and dates of the file."""
    first = files.get(TABLES[job][0])
    if first is None:
        return found
    if found.get("decimal", first.decimal) is None:
        raise ValueError("decimal is not given: choose the sign that your file has")
    if found.setdefault("decimal", first.decimal) == ".":
        del found["decimal"]  # as by default
    column = found.get("time")
    if column in first.facts:
        readings = fields.readings(first.facts[column])
        said = values.get("date_format")
        form = readings.get(said) if said in readings else _only(readings, column)
        found.pop("date_format", None)
        if form:
            found["date_format"] = form
    return found


def _only(readings, column):
    """Return the one format of a column's dates."""
    if len(readings) > 1:
        raise ValueError(
            f"date_format is open: the dates of {column!r} can be read in two ways; "
            "choose one"
        )
    return next(iter(readings.values()), None)


def names_of(job):
    """Return the names of the fields of a job."""
    return [*fields.kinds(job), "control"]


def command_of(report):
    """Return the line for a shell that makes a report again."""
    return command(report)


def elsewhere(job, slot, name, given=None):
    """Return the words on how a file is read on a computer with Python.

    >>> print(elsewhere("experiment", "frame", "our test.csv"))
    on a computer with Python: python -m recbook.report experiment 'our test.csv' \
--unit COLUMN --group COLUMN=LABEL --outcome COLUMN=LABEL
    """
    first = TABLES[job][0]
    if given:
        settings, reading = settings_of(job, given)
        how = {"files": {first: name}, "reading": {first: reading}}
        none = pd.DataFrame()
        report = Report(job, "", True, none, none, settings=settings, source=how)
        return f"on a computer with Python: {command(report)}"
    file = name if slot == first else f"{first}.csv"
    words = ["python", "-m", "recbook.report", job, file]
    if slot != first:
        words += [f"--{slot}", name]
    for argument in fields.needed(job):
        words += [f"--{argument.replace('_', '-')}", KINDS[argument]["metavar"]]
    line = shlex.join(words).replace("'NUMBER|COLUMN'", "NUMBER")
    return f"on a computer with Python: {line}"
