"""The command line of the reports."""

import contextlib
import dataclasses
import datetime
import inspect
import sys
from importlib.util import find_spec
from pathlib import Path

from recbook import report
from recbook._core.install import missing
from recbook.orders import Orders
from recbook.report.again import TABLES
from recbook.report.files import check_folder
from recbook.report.options import arguments_of, parser, reads_orders
from recbook.report.reading import read_frame, read_names, read_table
from recbook.report.tables import VERDICTS, seen

__all__ = ["main"]

IDS = ("person", "unit", "shown")  # arguments that name a column of ids


def main(arguments=None):
    """Do what the command line says; return the exit status.

    0 with an answer and with a refusal, which is a result; 2 where the arguments or the
    file are wrong, with one sentence that says how to go on.
    """
    options = parser().parse_args(arguments)
    job = options.job.replace("-", "_")
    try:
        check_folder(options.out)  # before minutes of work
        made = make(job, {n: v for n, v in vars(options).items() if v is not None})
        day = datetime.date.today() if options.date is None else options.date
        files = made.save(options.out, day)
    except (OSError, ValueError, TypeError, MemoryError) as reason:
        if isinstance(reason, OSError) and reason.filename:
            reason = f"{reason.filename} cannot be used: {reason.strerror}"
        said = str(reason).rstrip(".") or type(reason).__name__
        say(f"recbook.report: {said}.", sys.stderr)
        return 2
    with contextlib.suppress(BrokenPipeError):  # who reads has seen enough
        for line in told(made, files):
            say(line, sys.stdout)
    return 0


def say(line, stream):
    """Print a line that no terminal obeys and that none is unable to print."""
    coding = getattr(stream, "encoding", None) or "utf-8"  # of a file on Windows cp1252
    words = seen(line)
    if words.encode(coding, errors="replace").decode(coding) != words:
        words = words.replace("−", "-").encode(coding, errors="replace").decode(coding)
    print(words, file=stream, flush=True)


def make(job, given):
    """Return the report of a job, with the files that it was made from."""
    settings = {name: given[name] for name in arguments_of(job) if name in given}
    settings = {name: one_or_all(name, value) for name, value in settings.items()}
    first, *others = TABLES[job]
    paths = {first: given["file"]}
    paths |= {n: given[n] for n in (*others, "names", "policy") if n in given}
    if paths.get("policy") and not Path(paths["policy"]).exists():
        del paths["policy"]  # the name of one banner
    known = inspect.signature(Orders.read if reads_orders(job) else read_table)
    reading = {name: given[name] for name in known.parameters if name in given}
    read = orders_of if reads_orders(job) else frames_of
    tables, how = read(paths, settings, reading)
    function = getattr(report, job)
    if "verbose" in inspect.signature(function).parameters:
        settings["verbose"] = sys.stderr.isatty()
    made = function(**{**settings, **tables})
    # Not where they are: a page that is sent on tells nobody the folders of its maker.
    files = {name: Path(path).name for name, path in paths.items()}
    return dataclasses.replace(made, source={"files": files, "reading": how})


def one_or_all(name, value):
    """Return the only one of a list, as a reader would write it."""
    if name == "features" or (name == "candidates" and value != ["all"]):
        return value
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def orders_of(paths, settings, reading):
    """Return the log of orders, and the names of its items where a file has them."""
    tables = {"orders": Orders.read(paths["orders"], **reading)}
    how = {"orders": reading}
    if "names" in paths:
        tables["names"] = read_names(paths["names"], reading["item"])
        how["names"] = {"text": [reading["item"]], "column": tables["names"].name}
    return tables, how


def frames_of(paths, settings, reading):
    """Return tables, in which ids, contexts and columns with a label are text."""
    wanted = {name: settings[name] for name in IDS if name in settings}
    context = settings.get("context", [])
    named = [*wanted.values(), *([context] if isinstance(context, str) else context)]
    named += [said[0] for said in settings.values() if isinstance(said, tuple)]
    tables, how = {}, {}
    for name, path in paths.items():
        needed = {} if name == "policy" else wanted
        tables[name] = read_frame(path, needed, named, **reading)
        text = [column for column in tables[name].columns if column in named]
        how[name] = {"text": text, **reading}
    return tables, how


def told(made, files):
    """Yield the lines that the command prints: decision, checks, files."""
    yield f"{'No answer' if made.refused else 'Decision'}: {made.decision}"
    for check in made.checks.itertuples(index=False):
        said = [str(words).rstrip(".") for words in (check.found, check.meaning)]
        said = [words for words in said if words != made.decision.rstrip(".")]
        if check.verdict != "ok" and said:
            yield f"{VERDICTS[check.verdict]}: {check.check}: {': '.join(said)}."
    yield "Written: " + ", ".join(map(str, files))
    if made.figures and find_spec("matplotlib") is None:
        yield missing("A figure", "Matplotlib", "report")
