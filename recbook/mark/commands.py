"""The command line of marking."""

import argparse
import concurrent.futures
import difflib
import os
import queue
import re
import sys
import time
from pathlib import Path

from recbook._core.order import PACKAGE
from recbook.checks import ids as known_ids
from recbook.grade.files import Refused, named
from recbook.grade.spreadsheet import write_csv
from recbook.mark import report
from recbook.mark.files import collect
from recbook.mark.processes import Helper
from recbook.mark.wire import Broken

START = 120  # seconds that a judge may take to load all checks
SLACK = 90  # seconds that a judge may be late with a file


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
    found = []
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
        found += some
    return list(dict.fromkeys(found))


class Judge:
    """A process that marks files, and the channel to it."""

    def __init__(self):
        self.helper = Helper("recbook.mark.judge")
        self.helper.channel.receive(time.monotonic() + START)

    def mark(self, order):
        """Return the marks and notes of one file."""
        self.helper.channel.send(order)
        return self.helper.channel.receive(
            time.monotonic() + 2 * order["seconds"] + SLACK
        )

    def close(self):
        """End it."""
        self.helper.close()


def mark_all(sheets, ids, seconds=60, memory=4, jobs=2):
    """Yield (place, marks, notes) of each sheet, as they are done.

    Parameters
    ----------
    sheets : list of Sheet
        As from ``collect``.
    ids : list of str
        What is marked, for all the same.
    seconds, memory : float
        That a file may take: time on the clock, and GiB.
    jobs : int
        Files at once.

    Examples
    --------
    >>> from recbook.mark import Sheet
    >>> list(mark_all([Sheet("Ada", "empty.ipynb")], ["2.2-pull"]))
    [(0, {'2.2-pull': [False, 'not handed in']}, [])]
    """
    nobody = {id: [False, "not handed in"] for id in ids}
    judges = queue.SimpleQueue()
    for _ in range(jobs):
        judges.put(None)  # is started when it is needed

    def one(sheet):
        if not sheet.cells:
            return nobody, []
        judge = judges.get()
        try:
            judge = judge or Judge()
            order = {"cells": sheet.cells, "ids": ids}
            done = judge.mark(order | {"seconds": seconds, "memory": memory})
            return done["marks"], done["notes"]
        except Broken:
            if judge:
                judge.close()
            judge = None
            return nobody, ["not marked: the process that marks it was ended"]
        finally:
            judges.put(judge)

    try:
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            waiting = {pool.submit(one, s): place for place, s in enumerate(sheets)}
            for done in concurrent.futures.as_completed(waiting):
                yield waiting[done], *done.result()
    finally:
        for _ in range(jobs):
            if judge := judges.get():
                judge.close()


def main(arguments=None):
    """Do what the command line says; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        if not hasattr(os, "fork"):
            raise Refused("marking needs Linux or macOS; on Windows, run it in WSL")
        ids, sheets = _prepared(options)
        results = _marked(sheets, ids, options)
        _write(sheets, results, ids, options)
    except Refused as reason:
        print(f"recbook.mark: {reason}.", file=sys.stderr)
        return 2
    return 0


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
        help="that a file may take (60), a cell a quarter of it; a chapter whose own "
             "cells train networks needs 300")  # fmt: skip
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
    if options.csv and Path(options.csv).exists():
        raise Refused(f"{named(options.csv)} is there already; name a new file")
    if options.csv and not Path(options.csv).resolve().parent.is_dir():
        raise Refused(f"the folder of {named(options.csv)} is not there; make it first")
    if options.feedback:
        folder = Path(options.feedback)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refused(f"{named(folder)} is not empty; name a new folder")
    return ids, collect(options.folder)


def _marked(sheets, ids, options):
    """Return the marks of each sheet, and let each have its notes."""
    from tqdm import tqdm

    results, before = [None] * len(sheets), _package()
    limits = options.seconds, options.memory, min(options.jobs, len(sheets))
    done = mark_all(sheets, ids, *limits)
    for place, marks, notes in tqdm(done, total=len(sheets), disable=None):
        results[place] = marks
        sheets[place].notes += notes
        if before is not None and before != _package():
            before = None
            print(
                f"recbook.mark: while {named(sheets[place].file)} was marked, files of "
                "recbook itself were changed. The marks are by what was loaded before; "
                "install recbook again, and mark in a container.",
                file=sys.stderr,
            )
    return results


def _package():
    """Return what tells whether the files of recbook are those of before."""
    return {
        str(path): path.stat().st_mtime_ns for path in sorted(PACKAGE.rglob("*.py"))
    }


def _write(sheets, results, ids, options):
    """Print the table, and write the files that were asked for."""
    if options.csv:
        rows = [
            report.row(sheet, marks, ids)
            for sheet, marks in zip(sheets, results, strict=True)
        ]
        write_csv(options.csv, report.columns(ids), rows)
    if options.feedback:
        folder = Path(options.feedback)
        folder.mkdir(parents=True, exist_ok=True)
        report.feedback(folder, sheets, results, ids)
    for line in report.table(sheets, results, ids):
        print(line)
    print()
    for line in report.summary(results, ids):
        print(line)
