"""The command line of the reports."""

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
from recbook.report.reading import read_frame, read_names
from recbook.report.tables import VERDICTS

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
        print(f"recbook.report: {said}.", file=sys.stderr)
        return 2
    for line in told(made, files):
        print(line)
    return 0


def make(job, given):
    """Return the report of a job, with the files that it was made from."""
    settings = {name: given[name] for name in arguments_of(job) if name in given}
    first, *others = TABLES[job]
    paths = {first: given["file"], **{name: given[name] for name in others}}
    if reads_orders(job):
        reading = {n: given[n] for n in inspect.signature(Orders.read).parameters
                   if n in given}  # fmt: skip
        tables = {"orders": Orders.read(given["file"], **reading)}
        if "names" in settings:
            paths["names"] = settings["names"]
            settings["names"] = read_names(settings["names"], given["item"])
        how = {"orders": reading}
    else:
        reading = {name: given[name] for name in ("sep", "decimal") if name in given}
        tables = {name: table(path, settings, reading) for name, path in paths.items()}
        named = text_in(settings)
        how = {
            name: {"text": [n for n in named if n in frame.columns], **reading}
            for name, frame in tables.items()
        }
    made = getattr(report, job)(**{**settings, **tables})
    names = {
        name: Path(path).name for name, path in paths.items()
    }  # not where they are
    return dataclasses.replace(made, source={"files": names, "reading": how})


def table(path, settings, reading):
    """Return a table. Ids, and columns that were named with a label, are text."""
    wanted = {name: settings[name] for name in IDS if name in settings}
    return read_frame(path, wanted, text_in(settings), **reading)


def text_in(settings):
    """Return the columns that are read as text: of ids, or named with a label."""
    named = [settings[name] for name in IDS if name in settings]
    named += [said[0] for said in settings.values() if isinstance(said, tuple)]
    return list(dict.fromkeys(named))


def told(made, files):
    """Yield the lines that the command prints: decision, checks, files."""
    yield f"{'No answer' if made.refused else 'Decision'}: {made.decision}"
    for check in made.checks.itertuples(index=False):
        if check.verdict != "ok":
            verdict = VERDICTS[check.verdict]
            yield f"{verdict}: {check.check}: {check.found}. {check.meaning}"
    yield "Written: " + ", ".join(map(str, files))
    if made.figures and find_spec("matplotlib") is None:
        yield missing("A figure", "Matplotlib", "report")
