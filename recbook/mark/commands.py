"""The command line of marking."""

import argparse
import contextlib
import difflib
import os
import re
import secrets
import sys
from pathlib import Path

from recbook.checks import ids as known_ids
from recbook.grade.files import Refused, named
from recbook.grade.spreadsheet import Spreadsheet, write_csv
from recbook.mark import report
from recbook.mark.files import collect
from recbook.mark.judges import CHANGED, mark_all


def chosen(wanted, known):
    """Return the ids that were asked for, by full ids and prefixes such as "2.2".

    Parameters
    ----------
    wanted : list of str
        Ids, chapters ("2.2") or parts ("2").
    known : list of str
        All ids.

    Raises
    ------
    Refused
        If one is neither, with those that are near.

    Examples
    --------
    >>> chosen(["2.1", "3.1-step"], ["2.1-angle", "2.1-eve", "3.1-step"])
    ['2.1-angle', '2.1-eve', '3.1-step']
    """
    full = []
    for word in wanted:
        parts = (f"{word}-", f"{word}.")
        some = [id for id in known if id == word or id.startswith(parts)]
        if not some:
            near = difflib.get_close_matches(word, known, n=3, cutoff=0.5)
            chapter = word.partition("-")[0]
            near = near or [id for id in known if id.startswith(f"{chapter}-")][:3]
            hint = f"did you mean {' or '.join(near)}?" if near else (
                "give full ids, or a chapter as 2.2"
            )  # fmt: skip
            raise Refused(f"there is no exercise {word!r}; {hint}")
        full += some
    return list(dict.fromkeys(full))


def main(arguments=None):
    """Do what the command line says; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        if not hasattr(os, "fork"):
            raise Refused("marking needs Linux or macOS; on Windows, run it in WSL")
        ids, sheets = _prepared(options)
        with _opened(options.csv, ids) as csv:
            results, told = _marked(sheets, ids, options, csv)
    except Refused as reason:
        print(f"recbook.mark: {reason}.", file=sys.stderr)
        return 2
    unmarked = _print(sheets, results, ids)
    written = _write(sheets, results, ids, options)
    for sentence in told:
        print(f"\n{sentence}")
    whole = not any(CHANGED in sheet.notes for sheet in sheets)
    return 0 if whole and written and not unmarked else 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m recbook.mark",
        description=sys.modules[__package__].__doc__.replace("::\n\n", ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("folder", metavar="FOLDER", help="notebooks (.ipynb) and sheets (.py)")
    add(
        "--ids", nargs="+", default=[], metavar="ID", help="exercises, or chapters: 2.2"
    )
    add("--ids-file", metavar="FILE", help="a text with ids, # before a comment")
    add("--csv", metavar="FILE", help="write all marks and lines, for a spreadsheet")
    add("--feedback", metavar="FOLDER", help="write a text for each file to send back")
    add("--seconds", type=float, default=60, metavar="S",
        help="of the processor that a file may take (60), a cell a quarter of it; a "
             "chapter whose own cells train networks needs 300")  # fmt: skip
    add(
        "--memory",
        type=float,
        default=4,
        metavar="GIB",
        help="that a file may take (4)",
    )
    add("--jobs", type=int, default=min(2, os.cpu_count() or 1), metavar="N",
        help="files at once (2)")  # fmt: skip
    return parser


def _prepared(options):
    """Return ids and sheets, or refuse before anything runs."""
    if options.seconds < 1 or options.memory < 0.5 or options.jobs < 1:
        raise Refused("--seconds and --jobs are 1 at least, and --memory 0.5")
    wanted = list(options.ids)
    if options.ids_file:
        try:
            text = Path(options.ids_file).read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            raise Refused(
                f"{named(options.ids_file)} cannot be read: {error}"
            ) from None
        wanted += re.sub(r"#.*", "", text).replace(",", " ").split()
    if not wanted:
        raise Refused("say what is marked: --ids 2.2, or --ids-file FILE")
    ids = chosen(wanted, known_ids())
    if options.csv and not Path(options.csv).resolve().parent.is_dir():
        raise Refused(f"the folder of {named(options.csv)} is not there; make it first")
    if options.feedback:
        folder = Path(options.feedback)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refused(f"{named(folder)} is not empty; name a new folder")
    return ids, collect(options.folder)


@contextlib.contextmanager
def _opened(path, ids):
    """Yield a new table, to which each row is added at once; None without a path."""
    if not path:
        yield None
        return
    try:
        csv = Spreadsheet(path, report.columns(ids))
    except FileExistsError:
        raise Refused(f"{named(path)} is there already; name a new file") from None
    except OSError as error:
        raise Refused(_unwritten(path, error)) from None
    with contextlib.closing(csv):
        yield csv


def _unwritten(path, error):
    return f"{named(path)} cannot be written: {error.strerror}"


def _marked(sheets, ids, options, csv):
    """Mark all sheets; return their marks, and what no fence keeps a file from."""
    from tqdm import tqdm

    results, told = [None] * len(sheets), []
    limits = options.seconds, options.memory, min(options.jobs, len(sheets))
    done = mark_all(sheets, ids, *limits, told)
    for place, marks, notes in tqdm(done, total=len(sheets), disable=None):
        results[place], sheet = marks, sheets[place]
        sheet.notes += notes
        if csv is not None:
            with contextlib.suppress(OSError):  # all rows are written again at the end
                csv.add(report.row(sheet, marks, ids))
        if CHANGED in notes:
            print(
                f"recbook.mark: while {named(sheet.file)} was marked, files of "
                "recbook itself were changed. The marks are by what was loaded before; "
                "install recbook again, and mark in a container.",
                file=sys.stderr,
            )
    return results, told


def _print(sheets, results, ids):
    """Print the table and the summary; return how many files were not marked."""
    for line in report.table(sheets, results, ids):
        print(line)
    print()
    for line in report.summary(results, ids):
        print(line)
    n = sum(any(note.startswith("not marked") for note in s.notes) for s in sheets)
    if n:
        files = "files were" if len(sheets) > 1 else "file was"
        print(f"\n{n} of {len(sheets)} {files} not marked.")
    return n


def _write(sheets, results, ids, options):
    """Write the files that were asked for; return whether that went well."""
    going_well = True
    if options.csv:
        path = Path(options.csv)
        # Not into the file that was open until now: a student may have written there.
        new = path.with_name(f"{secrets.token_hex(8)}.csv")
        rows = map(report.row, sheets, results, [ids] * len(sheets))
        try:
            write_csv(new, report.columns(ids), rows)
            os.replace(new, path)
        except OSError as error:
            new.unlink(missing_ok=True)
            going_well = False
            print(f"recbook.mark: {_unwritten(path, error)}.", file=sys.stderr)
    if options.feedback:
        folder = Path(options.feedback)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            report.feedback(folder, sheets, results, ids)
        except OSError as error:
            going_well = False
            print(f"recbook.mark: {_unwritten(folder, error)}.", file=sys.stderr)
    return going_well
