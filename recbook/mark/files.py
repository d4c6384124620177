"""Find what a class handed in, and read the code of it without running any."""

import ast
import collections
import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from recbook._core.refusals import Refused, named
from recbook.lms import Student, class_folder, student_of

LARGEST = 50 * 2**20  # bytes of a notebook with its outputs
MOST_CODE = 2 * 2**20
KINDS = (".ipynb", ".py")
PACKED = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz")
SKIPPED = {"__MACOSX", "__pycache__"}
# Notes that begin so are for the teacher alone.
SUSPICION = "look at this one"
BOOKS = "a cell of the book failed"
SEAL = "recbook"  # the key of a cell's metadata under which the book puts its seal
_SOLUTION = re.compile(r"^\s*[`:]{3,}\{solution-(start|end)\}", re.MULTILINE)
_DIVIDER = re.compile(r"^(?=# %%)", re.MULTILINE)
# Words of code that looks behind the scenes, for which there may be a good reason.
_WORDS = re.compile(
    r"recbook\.checks(?:\.\w+)?|REGISTRY|sys\.modules|__globals__|__closure__|"
    r"\b(?:inspect|ctypes|gc|subprocess|socket|signal|pickle|multiprocessing)\b|"
    r"\b_getframe\b|\bos\.(?:_exit|kill|fork|system|remove|walk|listdir)\b|"
    r"\bshutil\b|recbook\.check\s*=|__file__|/proc\b"
)
_HARMLESS = {"recbook.checks.last", "recbook.checks.ids"}


@dataclass
class Sheet:
    """One file that was handed in.

    Parameters
    ----------
    student : Student
        Whose it is, as the name of the folder or file says.
    file : str
        Its path from the folder of the class.
    cells : list of [number, source, may_raise]
        Its code; empty where the file was not read.
    notes : list of str
        What a teacher should know.
    books : list of int
        Numbers of the cells that are the book's own, as it gave them out.

    Examples
    --------
    >>> Sheet(Student("Ada"), "Ada/2.2.ipynb", [[1, "x = 1", False]]).who
    'Ada'
    """

    student: Student
    file: str
    cells: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    books: list = field(default_factory=list)

    @property
    def who(self):
        """The student's name, which may be another's, too."""
        return self.student.name


def sealed(source):
    """Return the seal by which a cell of the book is known again if nobody changed it.

    >>> sealed("x = 1 ") == sealed("x = 1") != sealed("x = 2")
    True
    """
    return hashlib.sha256(source.rstrip().encode()).hexdigest()[:16]


def collect(folder):
    """Read all notebooks and sheets in a folder, and what is in folders of it.

    Parameters
    ----------
    folder : str or Path
        As a learning platform exports it, unpacked; or one file.

    Returns
    -------
    list of Sheet
        One for each file, sorted; also for a file that cannot be read, and for a
        student of whom there is none.

    Raises
    ------
    Refused
        If it is neither folder nor notebook, or nothing is in it.

    Examples
    --------
    >>> collect("nowhere")
    Traceback (most recent call last):
    ...
    recbook._core.refusals.Refused: 'nowhere' is no folder; name the one with ...
    """
    folder = Path(folder)
    if folder.is_file() and folder.suffix.lower() in PACKED:
        raise Refused(f"{named(folder)} is an archive; unpack it and name the folder")
    if folder.is_file() and folder.suffix.lower() in KINDS:
        return [_read(folder, folder.parent)]
    if not folder.is_dir():
        raise Refused(f"{named(folder)} is no folder; name the one with the notebooks")
    sheets = _named(_walked(class_folder(folder, KINDS + PACKED)))
    if not any(_is_file(sheet) for sheet in sheets):
        raise Refused(f"{named(folder)} holds no notebook (.ipynb) and no sheet (.py)")
    return sorted(
        sheets, key=lambda sheet: (sheet.who.casefold(), sheet.student.id, sheet.file)
    )


def _walked(folder):
    """Return a sheet for each file, and for each folder without files or not read."""
    sheets = []

    def add(place, note):
        name = str(place.relative_to(folder))
        sheets.append(Sheet(student_of(place, folder), name, [], [note]))

    def unread(error):
        why = f"not marked: the folder cannot be read: {error.strerror}"
        add(Path(error.filename), why)

    for place, folders, names in os.walk(folder, onerror=unread):
        place = Path(place)
        folders[:] = sorted(f for f in folders if f[0] != "." and f not in SKIPPED)
        shown = sorted(name for name in names if name[0] not in ".~")
        files = [n for n in shown if Path(n).suffix.lower() in KINDS + PACKED]
        sheets += [_read(place / name, folder) for name in files]
        if not files and place.parent == folder:
            what = ", ".join((shown + folders)[:3]) or "nothing"
            add(place, f"no notebook (.ipynb) or sheet (.py) in the folder: {what}")
        for name in folders:
            if (place / name).is_symlink():
                add(place / name, "not marked: it is a link; copy the folder itself")
    return sheets


def _is_file(sheet):
    return Path(sheet.file).suffix.lower() in KINDS + PACKED


def _named(sheets):
    """Return each student's files; without any, the last folder, which says why."""
    by_student = {}
    for sheet in sheets:
        by_student.setdefault(sheet.student.key, []).append(sheet)
    names = collections.Counter(name for name, _ in by_student)
    kept = []
    for (who, id), theirs in by_student.items():
        files = [sheet for sheet in theirs if _is_file(sheet)]
        if len(files) > 1:
            who = f"{who} ({id})" if names[who] > 1 and id else who
            for sheet in files:
                sheet.notes.append(f"one of {len(files)} files of {who}")
        kept += files or theirs[-1:]
    return kept


def _read(path, folder):
    """Return the sheet of a file; where it cannot be read, with a note and no code."""
    sheet = Sheet(student_of(path, folder), str(path.relative_to(folder)))
    try:
        if path.is_symlink() or not path.is_file():
            raise Refused("it is a link or no regular file; copy the file itself")
        if path.suffix.lower() in PACKED:
            raise Refused("it is an archive; unpack it, then mark again")
        cells = _cells(path)
        if sum(len(cell[1]) for cell in cells) > MOST_CODE:
            raise Refused("it holds more than 2 MiB of code")
    except (Refused, OSError) as reason:
        sheet.notes.append(f"not marked: {reason}")
        return sheet
    kept = [cell for cell in cells if cell[3] != "solution"]
    if len(kept) < len(cells):
        sheet.notes.append("the book's solutions in it were left out")
    sheet.cells = [cell[:3] for cell in kept if cell[1].strip()]
    sheet.books = [cell[0] for cell in kept if cell[3] == "book"]
    if not sheet.cells:
        sheet.notes.append("it holds no code")
    code = "\n".join(source for _, source, _ in sheet.cells)
    words = sorted({m[0] for m in _WORDS.finditer(code)} - _HARMLESS)
    if words:
        sheet.notes.append(f"{SUSPICION}: it mentions {', '.join(words[:5])}")
    return sheet


def _cells(path):
    """Return [number, source, may_raise, whose] of each cell of code."""
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Refused(f"it is larger than {LARGEST // 2**20} MiB; clear its outputs")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("it is not UTF-8 text; save it again") from None
    if path.suffix.lower() == ".py":
        return _statements(text)
    try:
        cells = json.loads(text)["cells"]
        return list(_code_of(cells))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise Refused("it is no notebook; open it in Jupyter and save it") from None


def _statements(text):
    """Return a sheet's statements as cells: one that fails costs only itself.

    A typo costs the whole text, or the part in which it is where lines that begin with
    "# %%" divide the text, as in the sheets that a page of the book saves.
    """
    if (cells := _parsed(text, 1)) is not None:
        return cells
    cells, first = [], 1
    for part in _DIVIDER.split(text):
        cells += _parsed(part, first) or [[first, part, False, "student"]]
        first += part.count("\n")
    return cells


def _parsed(text, first):
    """Return the statements of text that begins at line ``first``, None for a typo."""
    try:
        nodes = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    lines, cells, begin = text.splitlines(keepends=True), [], 0
    for node in nodes:
        source = "".join(lines[begin : node.end_lineno])
        cells.append([first + node.lineno - 1, source, False, "student"])
        begin = max(begin, node.end_lineno)
    return cells


def _code_of(cells):
    """Yield each code cell; in the book's notebooks, gates enclose a solution."""
    in_solution = False
    for number, cell in enumerate(cells, start=1):
        source = cell["source"]
        source = source if isinstance(source, str) else "".join(source)
        if cell["cell_type"] == "markdown":
            for gate in _SOLUTION.findall(source):
                in_solution = gate == "start"
        elif cell["cell_type"] == "code":
            metadata = cell.get("metadata") or {}
            tags = metadata.get("tags") or []
            is_book = metadata.get(SEAL) == sealed(source)
            whose = "solution" if in_solution else "book" if is_book else "student"
            yield [number, source, "raises-exception" in tags, whose]
