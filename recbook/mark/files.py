"""Find what a class handed in, and read the code of it without running any."""

import ast
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from recbook.grade.files import Refused, named, student_of

LARGEST = 50 * 2**20  # bytes of a notebook with its outputs
MOST_CODE = 2 * 2**20
KINDS = (".ipynb", ".py")
PACKED = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz")
SKIPPED = {"__MACOSX", "__pycache__"}
# "byronada_LATE_12345_67890_2.2.ipynb", a file of Canvas's.
CANVAS = re.compile(r"([^_]+)_(?:LATE_)?\d+_\d+_.+")
_SOLUTION = re.compile(r"^\s*[`:]{3,}\{solution-(start|end)\}", re.MULTILINE)
# Words of code that looks behind the scenes; a student may have a good reason.
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
    who : str
        As the name of the folder or file says.
    file : str
        Its path from the folder of the class.
    cells : list of [number, source, may_raise]
        Its code; empty where the file was not read.
    notes : list of str
        What a teacher should know.

    Examples
    --------
    >>> Sheet("Ada", "Ada/2.2.ipynb", [[1, "x = 1", False]]).notes
    []
    """

    who: str
    file: str
    cells: list = field(default_factory=list)
    notes: list = field(default_factory=list)


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
        student's folder in which there is none.

    Raises
    ------
    Refused
        If it is neither folder nor notebook, or nothing is in it.

    Examples
    --------
    >>> collect("nowhere")
    Traceback (most recent call last):
    ...
    recbook.grade.files.Refused: 'nowhere' is no folder; name the one with the notebooks
    """
    folder = Path(folder)
    if folder.is_file() and folder.suffix.lower() in PACKED:
        raise Refused(f"{named(folder)} is an archive; unpack it and name the folder")
    if folder.is_file() and folder.suffix.lower() in KINDS:
        return [_read(folder, folder.parent)]
    if not folder.is_dir():
        raise Refused(f"{named(folder)} is no folder; name the one with the notebooks")
    sheets = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if f[0] != "." and f not in SKIPPED)
        sheets += _sheets_of(Path(place), sorted(files), folder, bool(folders))
    if not any(Path(sheet.file).suffix.lower() in KINDS + PACKED for sheet in sheets):
        raise Refused(f"{named(folder)} holds no notebook (.ipynb) and no sheet (.py)")
    by_name = {}
    for sheet in sheets:
        by_name.setdefault(sheet.who, []).append(sheet)
    for who, theirs in by_name.items():
        if len(theirs) > 1:
            for sheet in theirs:
                sheet.notes.append(f"one of {len(theirs)} files of {who}")
    return sorted(sheets, key=lambda sheet: (sheet.who.casefold(), sheet.file))


def _sheets_of(place, files, folder, has_folders):
    """Yield the sheets of one folder."""
    files = [name for name in files if name[0] not in ".~"]
    found = False
    for name in files:
        if Path(name).suffix.lower() in KINDS + PACKED:
            found = True
            yield _read(place / name, folder)
    if not found and not has_folders and place != folder:
        what = ", ".join(files[:3]) or "nothing"
        note = f"no notebook (.ipynb) or sheet (.py) in the folder: {what}"
        yield Sheet(
            _who(place / "x", folder), str(place.relative_to(folder)), [], [note]
        )


def _who(path, folder):
    """Return the name of a student, by the folder below the class's or by the file."""
    first, *rest = path.relative_to(folder).parts
    if rest:
        return student_of(first)
    canvas = CANVAS.fullmatch(first)
    return canvas[1] if canvas else Path(first).stem


def _read(path, folder):
    """Return the sheet of a file, with a note in place of code where it has none."""
    sheet = Sheet(_who(path, folder), str(path.relative_to(folder)))
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
    kept = [cell[:3] for cell in cells if not cell[3:]]
    if len(kept) < len(cells):
        sheet.notes.append("the book's solutions in it were left out")
    sheet.cells = [cell for cell in kept if cell[1].strip()]
    if not sheet.cells:
        sheet.notes.append("it holds no code")
    code = "\n".join(source for _, source, _ in sheet.cells)
    words = sorted({m[0] for m in _WORDS.finditer(code)} - _HARMLESS)
    if words:
        sheet.notes.append(f"look at this one: it mentions {', '.join(words[:5])}")
    return sheet


def _cells(path):
    """Return [number, source, may_raise] of each cell of code; a solution has a 4th."""
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
    """Return a sheet's statements as cells: one that fails costs only itself."""
    try:
        nodes = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [[1, text, False]]
    lines, cells, begin = text.splitlines(keepends=True), [], 0
    for node in nodes:
        cells.append([node.lineno, "".join(lines[begin : node.end_lineno]), False])
        begin = max(begin, node.end_lineno)
    return cells


def _code_of(cells):
    """Yield the code of a notebook's cells; in the book's own, solutions have gates."""
    solution = []
    for number, cell in enumerate(cells, start=1):
        source = cell["source"]
        source = source if isinstance(source, str) else "".join(source)
        if cell["cell_type"] == "markdown":
            for gate in _SOLUTION.findall(source):
                solution = [True] if gate == "start" else []
        elif cell["cell_type"] == "code":
            tags = (cell.get("metadata") or {}).get("tags") or []
            yield [number, source, "raises-exception" in tags, *solution]
