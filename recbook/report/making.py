"""From files and settings to a report, for the command and for the pages."""

import dataclasses
import inspect
from typing import NamedTuple

from recbook import report
from recbook.orders import Orders
from recbook.report.options import arguments_of, reads_orders
from recbook.report.reading import read_frame, read_names, read_table

__all__ = ["File", "make_report", "settings_of"]

IDS = ("person", "unit", "shown")  # arguments that name a column of ids


class File(NamedTuple):
    """A file of a reader: its name without a folder, and what it holds.

    Parameters
    ----------
    name : str
        As the report gives it.
    content : path, bytes, Cells or Orders
        Where it is, or what was read of it.

    Examples
    --------
    >>> File("shop.csv", b"who;day").name
    'shop.csv'
    """

    name: str
    content: object


def make_report(job, files, given, verbose=False):
    """Return the report of a job, with the files that it was made from.

    Parameters
    ----------
    job : str
        Its name, such as "targeting".
    files : dict of str to File
        By the argument that it is: the job's tables, "names" and "policy".
    given : dict
        Arguments of the job, and of what reads its files.
    verbose : bool
        Whether the job may show a progress bar.

    Raises
    ------
    ValueError, TypeError
        Where the job or what reads the files refuses.

    Examples
    --------
    >>> rows = "".join(f"{n},{'BA'[n % 2]},{n % 3 % 2}\\n" for n in range(600))
    >>> files = {"frame": File("test.csv", f"who,arm,bought\\n{rows}".encode())}
    >>> given = {"unit": "who", "group": ("arm", "B"), "outcome": "bought"}
    >>> make_report("experiment", files, given).source["files"]
    {'frame': 'test.csv'}
    """
    settings, reading = settings_of(job, given)
    if "policy" in files:
        settings.pop("policy", None)
    read = orders_of if reads_orders(job) else frames_of
    tables, how = read(files, settings, reading)
    function = getattr(report, job)
    if "verbose" in inspect.signature(function).parameters:
        settings["verbose"] = verbose
    made = function(**{**settings, **tables})
    # Not where they are: a page that is sent on tells nobody the folders of its maker.
    names = {name: file.name for name, file in files.items()}
    return dataclasses.replace(made, source={"files": names, "reading": how})


def settings_of(job, given):
    """Return the arguments of a job, and those of what reads its files.

    >>> settings_of("experiment", {"unit": "who", "decimal": ",", "date": "May"})
    ({'unit': 'who'}, {'decimal': ','})
    """
    settings = {name: given[name] for name in arguments_of(job) if name in given}
    settings = {name: one_or_all(name, value) for name, value in settings.items()}
    known = inspect.signature(Orders.read if reads_orders(job) else read_table)
    return settings, {name: given[name] for name in known.parameters if name in given}


def one_or_all(name, value):
    """Return the only one of a list, as a reader would write it."""
    if name == "features" or (name == "candidates" and value != ["all"]):
        return value
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def orders_of(files, settings, reading):
    """Return the log of orders, and the names of its items where a file has them."""
    orders = files["orders"].content
    if not isinstance(orders, Orders):  # or the page has it from the receipt
        orders = Orders.read(orders, **reading)
    tables = {"orders": orders}
    how = {"orders": reading}
    if "names" in files:
        tables["names"] = read_names(files["names"].content, reading["item"])
        how["names"] = {"text": [reading["item"]], "column": tables["names"].name}
    return tables, how


def frames_of(files, settings, reading):
    """Return tables, in which ids, contexts and columns with a label are text."""
    wanted = {name: settings[name] for name in IDS if name in settings}
    context = settings.get("context", [])
    named = [*wanted.values(), *([context] if isinstance(context, str) else context)]
    named += [said[0] for said in settings.values() if isinstance(said, tuple)]
    tables, how = {}, {}
    for name, file in files.items():
        needed = {} if name == "policy" else wanted
        tables[name] = read_frame(file.content, needed, named, **reading)
        text = [column for column in tables[name].columns if column in named]
        how[name] = {"text": text, **reading}
    return tables, how
