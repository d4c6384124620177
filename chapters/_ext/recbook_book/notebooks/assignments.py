"""Write the exercises of a page as an assignment for nbgrader.

It is a source in nbgrader's sense: it has the solutions, and ``generate_assignment``
removes them. It runs from top to bottom by itself, so it begins with the page's imports
and with the cells that make what the solutions use.
"""

import ast
import re

from recbook.mark.slices import needs_of
from recbook_book.edition.strings import said
from recbook_book.notebooks.cells import code_cell, seal, source_of, tags_of, text_cell
from recbook_book.notebooks.hidden import without_machinery

SOLUTION = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
TITLE = "{title}: exercises"
INTRODUCTION = (
    "The formulas and figures that they refer to are on the page of this number."
)


def assignment(title, pieces, source):
    """Return the cells of a page's assignment; none if no exercise has a check."""
    labels = dict.fromkeys(piece.label for piece in pieces if piece.place == "exercise")
    exercises = [Exercise(label, pieces, source) for label in labels]
    if not any(exercise.check for exercise in exercises):
        return []
    codes = without_machinery(source)
    main = [codes.get(p.cell) for p in pieces if in_place(p, "main", "code")]
    main = [code for code in main if code]
    answers = [f"{exercise.answer}\n{exercise.check}" for exercise in exercises]
    heading = f"# {said(TITLE, title=title)}\n\n{said(INTRODUCTION)}"
    cells = [text_cell(heading, "exercises")]
    for number, code in enumerate(needed(main, answers)):
        cells.append(code_cell(code, f"from-the-page-{number}"))
        seal(cells[-1])
    for exercise in exercises:
        cells += exercise.cells()
    return cells


class Exercise:
    """One exercise: its text, its starter with the check, and its solution."""

    def __init__(self, label, pieces, source):
        own = [piece for piece in pieces if piece.label == label]
        self.label = label
        self.text = joined(p.text for p in own if in_place(p, "exercise", "text"))
        self.prose = joined(p.text for p in own if in_place(p, "solution", "text"))
        seen = [(p, source[p.cell]) for p in own if p.kind == "code"]
        seen = [(p, cell) for p, cell in seen if "remove-cell" not in tags_of(cell)]
        starter = [source_of(cell) for p, cell in seen if p.place == "exercise"]
        answer = [source_of(cell) for p, cell in seen if p.place == "solution"]
        self.starter, self.check, asked = at_check(joined(starter))
        self.answer, _, given = at_check(joined(answer))
        if asked != given:  # the solution checks an expression, the starter a name
            self.answer += f"\n{asked} = {given}"

    def cells(self):
        """Return its cells: graded by its check, or else by hand."""
        id = re.sub(r"[^\w-]", "-", self.label)
        text = text_cell(self.text, f"{id}-text")
        if not self.check:
            answer = text_cell(SOLUTION.format(self.prose), id)
            return [text, graded(answer, points=1, solution=True)]
        code = f"{self.starter}\n\n{SOLUTION.format(self.answer)}".strip()
        return [
            text,
            graded(code_cell(code, id), solution=True),
            graded(
                code_cell(f"assert {self.check}", f"{id}-check"), points=1, locked=True
            ),
        ]


def in_place(piece, place, kind):
    return (piece.place, piece.kind) == (place, kind)


def joined(texts):
    return "\n\n".join(texts)


def graded(cell, points=None, solution=False, locked=False):
    """Return a cell with the metadata of nbgrader."""
    cell["metadata"]["nbgrader"] = {
        "schema_version": 3,
        "grade_id": cell["id"],
        "grade": points is not None,
        "solution": solution,
        "locked": locked,
        "task": False,
        **({} if points is None else {"points": points}),
    }
    return cell


def at_check(code):
    """Split code into the lines before its check, the check, and what is checked.

    Lines after the check are left out: they are for the page.
    """
    for statement in ast.parse(code).body:
        text = ast.get_source_segment(code, statement)
        if text.startswith("recbook.check("):
            before = "\n".join(code.splitlines()[: statement.lineno - 1])
            value = ast.get_source_segment(code, statement.value.args[1])
            return before.strip(), text, value
    return code, "", ""


def needed(cells, answers):
    r"""Return the first cell (the imports), and those that any of the answers needs.

    >>> needed(["import math", "x = 1", "y = 2"], ["def f(): return y\ncheck(f)"])
    ['import math', 'y = 2']
    """
    kept = {0}.union(*(needs_of([*cells, answer])[-1].needs for answer in answers))
    return [cell for place, cell in enumerate(cells) if place in kept]
