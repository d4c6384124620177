"""Cut a page into pieces of text and code, in their order.

A page comes as a resolved doctree. Its code cells are containers with their index in
the source. myst-nb counts 10,000 lines for each cell of the source, so the line of a
text, too, says which cell it was written in.
"""

from dataclasses import dataclass

from docutils import nodes
from sphinx.addnodes import toctree

from recbook_book.edition.strings import said

LINES_PER_CELL = 10_000


@dataclass
class Piece:
    """A "text" or "figure" as Markdown, "code" by its index, or a quick "check".

    ``place`` is "main", "exercise" or "solution", and ``label`` that of the exercise.
    ``cell`` is the index of the cell in the source, or of the section in a text.
    """

    kind: str
    cell: int
    text: str = ""
    place: str = "main"
    label: str = ""
    id: str = ""


def pieces_of(doctree, writer, number, source=()):
    """Return the pieces of a page whose source has these cells (a text has none).

    ``writer`` is a ``plain_markdown.Markdown``, and ``number(kind, node)`` the number
    that the book gives an exercise.
    """
    walk = Walk(writer, number, has_cells=bool(source))
    walk.walk(doctree.children, 0)
    return with_hidden(walk.pieces, source)


class Walk:
    """Walks through the nodes of a page and collects its pieces."""

    def __init__(self, writer, number, has_cells):
        self.writer, self.number, self.has_cells = writer, number, has_cells
        self.pieces, self.cell, self.questions = [], 0, 0
        self.place, self.label = "main", ""

    def walk(self, children, level):
        for node in children:
            self.move_to(node)
            if isinstance(node, nodes.section):
                self.walk(node.children, level + 1)
            elif isinstance(node, nodes.title):
                self.heading(level, self.writer.inline(node), node.parent["ids"])
            elif node.tagname == "exercise_enumerable_node":
                self.exercise(node, level)
            elif node.tagname == "solution_node":
                self.place, self.label = "solution", node["target_label"]
                self.walk(node.children[1:], level)
                self.place, self.label = "main", ""
            elif node.get("nb_element") == "cell_code":
                self.add("code", cell=node["cell_index"])
                self.captions(node)
            elif "quick" in node.get("classes", ()):
                self.quick(node)
            elif is_check_line(node):
                self.check(node[0]["check"], "...")
                self.next_cell()
            elif not isinstance(node, toctree):
                kind = "figure" if isinstance(node, nodes.figure) else "text"
                ids = node.get("ids") if kind == "figure" else ()
                self.add(kind, self.writer.block(node), next(iter(ids), ""))

    def move_to(self, node):
        """Set the current cell of the source to that of the node."""
        if self.has_cells and (node.line or 0) >= LINES_PER_CELL:
            self.cell = node.line // LINES_PER_CELL - 1

    def next_cell(self):
        """Begin a new cell in a page without cells."""
        self.cell += not self.has_cells

    def add(self, kind, text="", id="", cell=None):
        where = self.cell if cell is None else cell
        if text or kind == "code":
            self.pieces.append(Piece(kind, where, text, self.place, self.label, id))

    def heading(self, level, text, ids):
        if level <= 2:
            self.next_cell()
        self.add("text", f"{'#' * level} {text}", id=next(iter(ids), ""))

    def captions(self, cell):
        """Add the captions of a cell's figures; the pictures are among its outputs."""
        for caption in cell.findall(nodes.caption):
            id = next(iter(caption.parent["ids"]), "")
            self.add("figure", self.writer.block(caption), id, cell["cell_index"])

    def exercise(self, node, level):
        """Add an exercise: its title comes as " (title)", its number from the page."""
        self.next_cell()
        self.place, self.label = "exercise", node["label"]
        title = self.writer.inline(node[0]).strip()
        title = title.removeprefix("(").removesuffix(")")
        name = " · ".join(filter(None, [self.number("exercise", node), title]))
        self.add("text", f"### {name}", id=node["label"])
        self.walk(node.children[1:], level)
        self.place, self.label = "main", ""

    def quick(self, node):
        """Add a quick question: number, text, options, and a check to fill in."""
        self.next_cell()
        self.questions += 1  # numbered as on the page
        name = said("Question {n}", n=self.questions)
        self.add("text", f"### {name}", id=node["check"])
        for child in node.children:
            if "quick-answer" not in child.get("classes", ()):
                self.add("text", self.writer.block(child), id=node["check"])
        self.check(node["check"], '""')
        self.next_cell()

    def check(self, id, blank):
        """Add a check to fill in, of a page that has no code of its own."""
        self.add("check", f'recbook.check("{id}", {blank})', id=id)


def is_check_line(node):
    """Whether a paragraph is the line of an exercise that is checked elsewhere."""
    return isinstance(node, nodes.paragraph) and any(
        "check-line" in child.get("classes", ()) for child in node.findall(nodes.inline)
    )


def with_hidden(pieces, source):
    """Add the code cells that the page hides, which the doctree does not have."""
    shown = {piece.cell for piece in pieces if piece.kind == "code"}
    for index, cell in enumerate(source):
        if cell["cell_type"] != "code" or index in shown:
            continue
        after = [n for n, piece in enumerate(pieces) if piece.cell > index]
        at = after[0] if after else len(pieces)
        pieces.insert(at, Piece("code", index))
        before, behind = pieces[max(at - 1, 0)], pieces[min(at + 1, len(pieces) - 1)]
        # An exercise or a solution can only end in a text.
        follows_code = (before.kind, before.cell) == ("code", index - 1)
        around = {(before.place, before.label), (behind.place, behind.label)}
        if follows_code or len(around) == 1:
            pieces[at].place, pieces[at].label = before.place, before.label
    return pieces
