"""The command line of the reports."""

import contextlib
import datetime
import sys
from importlib.util import find_spec
from pathlib import Path

from recbook._core.install import missing
from recbook.report.again import TABLES
from recbook.report.files import check_folder
from recbook.report.making import File, make_report
from recbook.report.options import parser
from recbook.report.tables import VERDICTS, seen

__all__ = ["main"]


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
    names = [n for n in (*TABLES[job][1:], "names", "policy") if n in given]
    files = {TABLES[job][0]: Path(given["file"])}
    files |= {name: Path(given[name]) for name in names}
    if "policy" in files and not files["policy"].exists():
        del files["policy"]  # the name of one banner
    named = {name: File(path.name, path) for name, path in files.items()}
    return make_report(job, named, given, verbose=sys.stderr.isatty())


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
