"""Find what a class handed in, and read the code of it without running any."""

import collections
import contextlib
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath

from recbook._core.refusals import Refused, named
from recbook.lms import Student, class_folder, student_of, told_apart
from recbook.mark.archives import Allowance, class_archive, places, unpacked
from recbook.mark.cells import cells_of
from recbook.mark.places import PACKED, Place, of_file, of_folder

# Of one student. The book has fewer pages, and all of them together have less code.
MOST_FILES = 60
MOST_CODE = 2 * 2**20
MOST_CELLS = 5000  # of one file
NOT_ITSELF = "hand in the notebook itself, as a PDF or a web page of it cannot run"
LONGEST = 400  # characters of a path that is shown
# Notes that begin so are for the teacher alone.
SUSPICION = "look at this one"
BOOKS = "a cell of the book failed"
ONE_OF = "one of "  # so begins a note on a student's several files
# Words of code that looks behind the scenes, for which there may be a good reason.
_WORDS = re.compile(
    r"recbook\.checks(?:\.\w+)?|REGISTRY|sys\.modules|__globals__|__closure__|"
    r"\b(?:inspect|ctypes|gc|subprocess|socket|signal|pickle|multiprocessing)\b|"
    r"\b_getframe\b|\bos\.(?:_exit|kill|fork|system|remove|walk|listdir)\b|"
    r"\bshutil\b|recbook\.check\s*=|__file__|/proc\b"
)
_HARMLESS = {f"recbook.checks.{x}" for x in ("last", "ids", "numbers", "set_number")}
_MARKED = ("ipynb", "py")


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
    called : str
        The student's name, with the id where somebody else has the same name.
    number : int, optional
        Of the student, by which an exercise has numbers of its own, as a list says;
        without it, the file's own word counts.

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
    called: str = ""
    number: int | None = None

    def __post_init__(self):
        self.called = self.called or self.who

    @property
    def who(self):
        """The student's name, which somebody else may have, too."""
        return self.student.name


def collect(folder):
    """Read all notebooks and sheets in a folder, and what is in folders of it.

    Parameters
    ----------
    folder : str or Path
        As a learning platform exports it, unpacked or as its zip archive; or one file.

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
    with _handed_in(Path(folder)) as found:
        by_student = collections.defaultdict(list)
        for place in found:
            student = student_of(place.path, "")
            by_student[student.key].append((student, place))
        names, sheets = told_apart(by_student), []
        for key, theirs in by_student.items():
            made = _sheets([place for _, place in theirs], theirs[0][0])
            for sheet in made:
                sheet.called = names[key]
                if len(made) > 1:
                    sheet.notes.append(f"{ONE_OF}{len(made)} files of {sheet.called}")
            sheets += made
        is_work = any(place.kind for place in found)
    if not is_work and not any(sheet.cells for sheet in sheets):
        raise Refused(f"{named(folder)} holds no notebook (.ipynb) and no sheet (.py)")
    sheets.sort(key=lambda s: (s.who.casefold(), s.student.id, s.file))
    return sheets


@contextlib.contextmanager
def _handed_in(path):
    """Yield what is in a folder or an archive, as places; or a file alone."""
    one = Place(PurePath(path.name), lambda: of_file(path))
    if path.is_file() and path.suffix.lower() == ".zip":
        with class_archive(path) as archive:
            inner = class_folder(zipfile.Path(archive), (".ipynb", ".py", *PACKED))
            yield places(archive, PurePosixPath(), prefix=inner.at)
    elif path.is_file() and one.kind == "packed":
        raise Refused(f"{named(path)} is an archive; unpack it and name the folder")
    elif path.is_file() and one.kind:
        yield [one]
    elif path.is_dir():
        yield of_folder(class_folder(path, (".ipynb", ".py", *PACKED)))
    else:
        raise Refused(f"{named(path)} is no folder; name the one with the notebooks")


def _sheets(found, student):
    """Return the sheets of one student; without a file, one that says why."""
    files = _without_archives(found, student)
    chosen = [place for place in files if place.kind]
    if not any(place.kind in _MARKED for place in chosen):
        chosen = [place for place in files[:MOST_FILES] if _is_notebook(place)] + chosen
    sheets, room = [], MOST_CODE
    for place in chosen[:MOST_FILES]:
        sheet, taken = _read(place, student, room)
        sheets.append(sheet)
        room -= taken
    more = len(chosen) - len(sheets)
    if more:
        note = f"not marked: {more} more; hand in one notebook"
        sheets.append(Sheet(student, student.folder, [], [note]))
    is_loose = found[0].read and len(found[0].path.parts) == 1 and not student.id
    return sheets or ([] if is_loose else [_nothing(student, files, found)])


def _without_archives(found, student):
    """Return places with what is in the archives in place of these."""
    allowance, files = Allowance(), []
    for place in found:
        try:
            if place.kind != "packed" or place.why:
                files.append(place)
            elif place.path.suffix.lower() == ".zip":
                files += _of_one(unpacked(place, allowance), place, student)
            else:
                kind = place.path.suffix.lower()
                raise Refused(
                    f"it is a {kind} archive; hand in the notebook itself, or a zip"
                )
        except Refused as why:
            files.append(Place(place.path, why=str(why)))
    return files


def _of_one(inside, place, student):
    """Return what is in an archive, or refuse one of many students."""
    if len(place.path.parts) == 1 and not student.id:
        owners = [
            student_of(p.path, place.path) for p in inside if p.path != place.path
        ]
        if any(owner.id for owner in owners):
            raise Refused("it holds a whole class; name it instead of the folder")
    return inside


def _is_notebook(place):
    """Return whether a file is a notebook that goes by another name."""
    if place.path.suffix.lower() not in (".json", ".txt") or not place.read:
        return False
    try:
        data = place.read()
    except Refused:
        return False
    return data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{" and b'"cell_type"' in data


def _nothing(student, files, found):
    """Return the sheet of a student of whom there is no file to mark."""
    shown = [place for place in files if place.read] or found
    names = list(dict.fromkeys(place.path.name[:60] for place in shown if place.read))
    note = "the folder is empty"
    if names:
        what = ", ".join(names[:3])
        note = f"no notebook (.ipynb) or sheet (.py), only {what}; {NOT_ITSELF}"
    note = next((place.why for place in files if place.why), note)
    return Sheet(student, student.folder, [], [f"not marked: {note}"])


def _read(place, student, room):
    """Return the sheet of a file, and how much code was read.

    Where it cannot be read, it has a note and no code.
    """
    sheet, taken = Sheet(student, str(place.path)[:LONGEST]), 0
    try:
        if place.why:
            raise Refused(place.why)
        data = place.read()
        much = Refused(f"there is more than {MOST_CODE // 2**20} MiB of code")
        if place.kind == "py":
            if len(data) > room:
                raise much  # before it is parsed, which takes seconds
            taken = len(data)  # whatever comes of it
        cells = cells_of(data, place.kind or "ipynb")
        size = sum(len(cell[1]) for cell in cells)
        if size > room:
            raise much
        taken = max(taken, size)
        if len(cells) > MOST_CELLS:
            raise Refused(f"it has more than {MOST_CELLS:,} cells or statements")
    except Refused as reason:
        sheet.notes.append(f"not marked: {reason}")
        return sheet, taken
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
    return sheet, taken
