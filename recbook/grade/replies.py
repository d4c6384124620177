"""One text for each team: what it reached, and how the points came about."""

from recbook.grade.spreadsheet import printable
from recbook.lms import Replies

__all__ = ["texts_for"]

LAST = "Graded by python -m recbook.grade."
AGAIN = (
    "Put that right and hand it in again. Whether a file can be graded, this says "
    "beforehand: python -m recbook.grade FILE --form students"
)


def texts_for(folder, files):
    """Return where the texts go; refused, where a file of somebody else is there.

    Parameters
    ----------
    folder : str or Path
        New, or with the texts of an earlier run.
    files : list of HandedIn
        All files of the class, whose students get a text each.

    Returns
    -------
    Replies
    """
    return Replies(folder, [file.student for file in files], LAST)


def written(replies, table):
    """Write the text of each student, and return how many there are.

    Parameters
    ----------
    replies : Replies
        As from ``texts_for``.
    table : Table
        The class, graded.
    """
    blocks = {}
    for row in table.files:
        blocks.setdefault(row.file.student.key, []).append(_graded(row, table))
    for file, reason in table.refused:
        blocks.setdefault(file.student.key, []).append(_refused(file, reason))
    for key, told in blocks.items():
        told.insert(0, [key[0]])
        if key in table.codes:
            told.append([f"On the page of the class you are {table.codes[key]}."])
        told.append([LAST])
        text = "\n\n".join("\n".join(map(printable, lines)) for lines in told)
        replies.write(key, f"{text}\n")
    return len(blocks)


def _graded(row, table):
    """Return the lines on a file that was graded."""
    score, n = row.score, len(table.files)
    lines = [f"{row.file.path.name}: {score.headline()}."]
    if score.baselines:
        lines.append(score.gained())
    others = sum(other.place == row.place for other in table.rows) - 1
    shared = f", shared with {others} from which the data cannot tell it" * (others > 0)
    listed = f"{_counted(n, 'file')} and {_counted(len(table.rows) - n, 'baseline')}"
    lines.append(f"Place {row.place}{shared}. {listed} have places.")
    lines += score.forecasts()
    rivals = table.rivals()
    if row in rivals:
        place = 1 + sum(other.score.rivalry < score.rivalry for other in rivals)
        lines.append(f"By that score, it is forecast {place} of {len(rivals)}.")
    points = [f"{name} {got:g} of {of:g}" for name, (got, of) in score.points().items()]
    if points:
        lines.append(f"Points of the rubric that are computed: {', '.join(points)}.")
    return lines


def _counted(n, what):
    return f"{n} {what}{'s' * (n != 1)}"


def _refused(file, reason):
    """Return the lines on a file that was not graded."""
    name = file.path.name if file.path else file.name
    lines = [f"{name} was not graded: {reason}."]
    if file.path:
        lines.append(AGAIN)
    return lines
