"""What is written of a class that was graded: a spreadsheet, a page, and texts."""

from pathlib import Path

from recbook.grade.code_names import code_names
from recbook.grade.files import Refused, named
from recbook.grade.replies import texts_for, written

__all__ = ["Publishing"]


class Publishing:
    """Writes what the command line asks for, and refuses what it would write over.

    Parameters
    ----------
    options : argparse.Namespace
        With ``csv``, ``html``, ``feedback``, ``anonymous`` and ``answers``.
    """

    def __init__(self, options):
        self.options, self.replies = options, None
        for path in (options.csv, options.html):
            if path is not None and Path(path).exists():
                raise Refused(f"{named(path)} is there already; name a new file")

    def check(self, table):
        """Refuse where a text for a team would take the place of another file."""
        if self.options.feedback is not None:
            files = [row.file for row in table.files]
            files += [file for file, _ in table.refused]
            self.replies = texts_for(self.options.feedback, files)

    def write(self, table):
        """Write all of it, and yield what is where."""
        options = self.options
        if options.anonymous:
            keys = [row.file.student.key for row in table.files]
            table.codes = code_names(keys, Path(options.answers).read_bytes())
        if options.csv is not None:
            table.write(options.csv)
        if options.html is not None and table.files:
            from recbook.grade.board import board

            _write(options.html, board(table))
            names = "code names, which the texts tell" if table.codes else "names"
            yield f"{options.html} can be shown to the class: {names}, and no remarks."
        if self.replies is not None:
            n = written(self.replies, table)
            yield f"{n} text{'s' * (n > 1)} to send back: {options.feedback}."


def _write(path, text):
    """Write a new file."""
    try:
        with Path(path).open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        why = error.strerror or error
        raise Refused(f"{named(path)} cannot be written: {why}") from None
