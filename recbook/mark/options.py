"""What the command line of marking says, and what of it is refused."""

import argparse
import difflib
import os
import re
import sys
from pathlib import Path

from recbook._core.refusals import Refused, named
from recbook.checks import contents
from recbook.checks import ids as known_ids


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


def parsed(arguments=None):
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m recbook.mark",
        description=sys.modules[__package__].__doc__.replace("::\n\n", ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("folder", metavar="FOLDER", help="notebooks (.ipynb) and sheets (.py)")
    _add_marks(add)
    _add_tables(add)
    _add_limits(add)
    return parser.parse_args(arguments)


def _add_marks(add):
    add(
        "--ids", nargs="+", default=[], metavar="ID", help="exercises, or chapters: 2.2"
    )
    add("--ids-file", metavar="FILE", help="a text with ids, # before a comment")
    add("--points", nargs="+", default=[], metavar="ID=N",
        help="what an exercise is worth (1): 2.2-lookalike=3")  # fmt: skip
    add("--overrides", metavar="FILE",
        help="points by hand: CSV with id or name, exercise, points, why")  # fmt: skip
    add("--numbers", metavar="FILE",
        help="whose numbers an exercise has: CSV with id or name, number")  # fmt: skip


def _add_tables(add):
    add("--csv", metavar="FILE",
        help="write all marks and lines, for a spreadsheet; one of an earlier run is "
             "taken up")  # fmt: skip
    add("--feedback", metavar="FOLDER",
        help="write a text for each student, to be zipped and sent back")  # fmt: skip
    add("--worksheet", metavar="FILE",
        help="Moodle's grading worksheet: fill in grades and comments")  # fmt: skip
    add("--gradebook", metavar="FILE",
        help="Canvas's gradebook: fill in the grades of one assignment")  # fmt: skip
    add("--column", metavar="TITLE", help="which assignment of the gradebook")


def _add_limits(add):
    add("--seconds", type=float, default=60, metavar="S",
        help="of the processor that a file may take (60), a cell a quarter of it; a "
             "chapter whose own cells train networks needs 300")  # fmt: skip
    add("--memory", type=float, default=4, metavar="GIB",
        help="that a file may take (4)")  # fmt: skip
    add("--jobs", type=int, default=min(2, os.cpu_count() or 1), metavar="N",
        help="files at once (2)")  # fmt: skip


def checked(options):
    """Refuse numbers and pairs of options that make no sense."""
    if options.seconds < 1 or options.memory < 0.5 or options.jobs < 1:
        raise Refused("--seconds and --jobs are 1 at least, and --memory 0.5")
    if options.worksheet and options.gradebook:
        raise Refused("a class has one list: give --worksheet or --gradebook")
    if options.column is not None and not options.gradebook:
        raise Refused("--column goes with --gradebook; leave it out")
    if options.csv and not Path(options.csv).resolve().parent.is_dir():
        raise Refused(f"the folder of {named(options.csv)} is not there; make it first")


def ids_of(options):
    """Return the ids of what is marked, in the order of the book."""
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
    some = set(chosen(wanted, known_ids()))
    return [id for id in contents() if id in some]
