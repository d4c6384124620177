"""The options of the command line, made from what the jobs say of their arguments.

An argument of a job is an option of the same name. What kind of value it takes is in
one table here, so that a job that gains an argument without a kind fails a test.
"""

import argparse
import inspect
import re

from recbook import report
from recbook.orders import Orders
from recbook.report.again import TABLES

__all__ = [
    "JOBS", "KINDS", "arguments_of", "example", "parser", "reads_orders", "said_of",
]  # fmt: skip

JOBS = tuple(TABLES)


def label(text):
    """Return a column, or a column and its labels: "arm=B=A".

    >>> label("arm=letter"), label("treated")
    (('arm', 'letter'), 'treated')
    """
    parts = text.split("=", 2)
    return tuple(parts) if len(parts) > 1 else text


def number(text):
    """Return a number, an integer where it is one, with a decimal point.

    >>> number("20"), number("0.60")
    (20, 0.6)
    """
    try:
        return int(text)
    except ValueError:
        return float(text)


def number_or_column(text):
    """Return a number, or the name of a column or another word.

    >>> number_or_column("20"), number_or_column("margin")
    (20, 'margin')
    """
    try:
        return number(text)
    except ValueError:
        return text


number.__name__ = "number"  # argparse says it: "invalid number value: 'x'"
FILE = {"metavar": "FILE"}
COLUMN = {"metavar": "COLUMN"}
COLUMNS = {"metavar": "COLUMN", "nargs": "+"}
LABEL = {"metavar": "COLUMN=LABEL", "type": label}
NUMBER = {"metavar": "NUMBER", "type": number}
EITHER = {"metavar": "NUMBER|COLUMN", "type": number_or_column}
WHOLE = {"metavar": "N", "type": int}
SIGN = {"metavar": "SIGN"}
KINDS = {
    name: kind
    for names, kind in [
        ("everyone names", FILE),
        ("customer time item amount quantity order", COLUMN),
        ("person unit before shown chance", COLUMN),
        ("context features", COLUMNS),
        ("policy", {"metavar": "FILE|NAME"}),
        ("group outcome reward consent", LABEL),
        ("cost budget share rate smallest", NUMBER),
        ("margin denominator", EITHER),
        ("k weeks looks n_draws pairs seed", WHOLE),
        ("cuts", {"metavar": "N|DAY", "nargs": "+", "type": number_or_column}),
        ("candidates", {"metavar": "ID|all", "nargs": "+"}),
        ("kind", {"metavar": "KIND"}),
        ("sep decimal", SIGN),
        ("date_format", {"metavar": "FORMAT"}),
    ]
    for name in names.split()
}
TEXT = {"metavar": "TEXT"}
PYTHON_ONLY = {"verbose"}  # the command looks whether there is a terminal
EXAMPLES = {
    "recommend": "orders.csv --customer customer --time date --item product --k 10",
    "customer_value": "orders.csv --customer customer --time date --item product "
    "--amount amount --decimal , --margin 0.3",
    "targeting": "trial.csv --everyone customers.csv --person customer "
    "--group arm=letter --outcome bought=Y --margin 20 --cost 0.60 --budget 3000",
    "experiment": "test.csv --unit customer --group arm=B --outcome bought=Y",
    "off_policy": "banners.csv --shown banner --chance chance --reward clicked "
    "--context segment --policy B",
}
PAIR = r'\("(\w+)", "(\w+)"(?:, "(\w+)")?\)'  # in Python; on a command line "arm=B"
READING = {
    "sep": "what separates the cells, such as ';' (by default found in the file)",
    "decimal": "the decimal sign, . or ,",
}


def reads_orders(job):
    """Whether a job's file is a log of orders.

    >>> reads_orders("recommend"), reads_orders("targeting")
    (True, False)
    """
    return TABLES[job] == ("orders",)


def arguments_of(job):
    """Return the arguments of a job that the command line takes, less the first table.

    >>> list(arguments_of("experiment"))[:3]
    ['unit', 'group', 'outcome']
    """
    known = inspect.signature(getattr(report, job)).parameters
    left_out = {TABLES[job][0], *PYTHON_ONLY}
    return {name: said for name, said in known.items() if name not in left_out}


def example(job):
    """Return a command that makes the report of a job.

    >>> example("customer_value")[:54]
    'python -m recbook.report customer-value orders.csv --c'
    """
    name = job.replace("_", "-")
    return f"python -m recbook.report {name} {EXAMPLES[job]} --out spring/"


def parser():
    """Return the parser of ``python -m recbook.report``."""
    made = argparse.ArgumentParser(
        prog="python -m recbook.report",
        description="Make a report from a file: a page to forward, a list with your "
        "own ids, and numbers for programs. Nothing leaves this machine.",
        epilog="python -m recbook.report JOB --help says what each job takes.",
    )
    jobs = made.add_subparsers(dest="job", metavar="JOB", required=True)
    for job in JOBS:
        if hasattr(report, job):
            _add_job(jobs, job)
    return made


def _add_job(jobs, job):
    """Add the command of a job, with its options in the order of its arguments."""
    function = getattr(report, job)
    told = inspect.getdoc(function)
    name = job.replace("_", "-")
    command = jobs.add_parser(
        name,
        aliases=[job] if job != name else [],
        help=told.partition("\n")[0],
        description=told.partition("\n")[0],
        epilog=f"example:\n  {example(job)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("file", **FILE, help=said_of(told, TABLES[job][0]))
    if reads_orders(job):
        _add(command, Orders.read, inspect.signature(Orders.read).parameters, 1)
    _add(command, function, arguments_of(job))
    for option, words in READING.items() if not reads_orders(job) else ():
        command.add_argument(f"--{option}", **KINDS[option], help=words)
    command.add_argument(
        "--out", metavar="FOLDER", default="report",
        help="where report.html, list.csv and numbers.json go (default: report); those "
        "of an earlier report there are replaced",
    )  # fmt: skip
    command.add_argument(
        "--date", metavar="DAY", help="the day to print on the page (default: today)"
    )


def _add(command, function, parameters, skip=0):
    """Add an option for each argument of a function."""
    told = inspect.getdoc(function)
    for name, said in list(parameters.items())[skip:]:
        option = "--" + name.replace("_", "-")
        needed = said.default is said.empty
        words = READING.get(name) or said_of(told, name).replace("%", "%%")
        kind = KINDS.get(name, TEXT)  # a test finds one that is missing
        command.add_argument(option, **kind, required=needed, help=words)


def said_of(docstring, name):
    """Return the first sentence on an argument in a docstring, without its markup.

    >>> said_of("Parameters\\n----------\\nk : int\\n    How *many*. Or so.", "k")
    'How many'
    """
    of = rf"^(?:\w+, )*{name}(?:, \w+)* : .*\n((?:    .*\n?|\n)+)"
    found = re.search(of, docstring, re.M)
    words = " ".join(found[1].split()) if found else ""
    words = re.sub(r":\w+:`~?([^`<]*)[^`]*`|``|\*", lambda m: m[1] or "", words)
    words = re.sub(PAIR, lambda m: "=".join(filter(None, m.groups())), words)
    return re.split(r"(?<=\w{2})\.(?= |$)", words)[0].rstrip(".")
