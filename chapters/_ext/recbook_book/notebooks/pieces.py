"""What stands on a page, in order: pieces of text and code, each in its place.

A page comes as a resolved doctree. Its code cells are containers with their index in
the source; of a node's line, myst-nb makes 10,000 for each cell of the source, so that
a text, too, knows the cell that it was written in.
"""

from dataclasses import dataclass

from docutils import nodes
from sphinx.addnodes import toctree

LINES_PER_CELL = 10_000


@dataclass
class Piece:
    """A "text" or "figure", as Markdown; "code", by its index; a quick "check".

    ``place`` is "main", "exercise" or "solution", and ``label`` the exercise's.
    ``cell`` is the index of the source's cell, or, without cells, that of the section.
    """

    kind: str
    cell: int
    text: str = ""
    place: str = "main"
    label: str = ""
    id: str = ""


def pieces_of(doctree, writer, number, source=()):
    """Return the pieces of a page whose source has these cells, none in a text.

    ``writer`` is a ``plain_markdown.Markdown``, and ``number(kind, node)`` the number
    that the book gives an exercise.
    """
    walk = Walk(writer, number, has_cells=bool(source))
    walk.walk(doctree.children, 0)
    return with_hidden(walk.pieces, source)


class Walk:
    """Go through the nodes of a page, and note its pieces."""

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
            elif not isinstance(node, toctree):
                kind = "figure" if isinstance(node, nodes.figure) else "text"
                ids = node.get("ids") if kind == "figure" else ()
                self.add(kind, self.writer.block(node), next(iter(ids), ""))

    def move_to(self, node):
        """Note in which cell of the source we are."""
        if self.has_cells and (node.line or 0) >= LINES_PER_CELL:
            self.cell = node.line // LINES_PER_CELL - 1

    def next_cell(self):
        """In a page without cells, begin one."""
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
        """What is said of a cell's figures: the pictures are among its outputs."""
        for caption in cell.findall(nodes.caption):
            id = next(iter(caption.parent["ids"]), "")
            self.add("figure", self.writer.block(caption), id, cell["cell_index"])

    def exercise(self, node, level):
        """Its title comes as " (title)", and its number is of the page's making."""
        self.next_cell()
        self.place, self.label = "exercise", node["label"]
        title = self.writer.inline(node[0]).strip()
        title = title.removeprefix("(").removesuffix(")")
        name = " · ".join(filter(None, [self.number("exercise", node), title]))
        self.add("text", f"### {name}", id=node["label"])
        self.walk(node.children[1:], level)
        self.place, self.label = "main", ""

    def quick(self, node):
        """A quick question: its number, text and options, and a check to fill in."""
        self.next_cell()
        self.questions += 1  # as the page counts them
        self.add("text", f"### Question {self.questions}", id=node["check"])
        for child in node.children:
            if "quick-answer" not in child.get("classes", ()):
                self.add("text", self.writer.block(child), id=node["check"])
        self.add("check", f'recbook.check("{node["check"]}", "")', id=node["check"])
        self.next_cell()


def with_hidden(pieces, source):
    """Put in the code cells that the page hides, of which its doctree has nothing."""
    shown = {piece.cell for piece in pieces if piece.kind == "code"}
    for index, cell in enumerate(source):
        if cell["cell_type"] != "code" or index in shown:
            continue
        after = [n for n, piece in enumerate(pieces) if piece.cell > index]
        at = after[0] if after else len(pieces)
        pieces.insert(at, Piece("code", index))
        before, behind = pieces[max(at - 1, 0)], pieces[min(at + 1, len(pieces) - 1)]
        # An exercise or a solution ends in a text only.
        follows_code = (before.kind, before.cell) == ("code", index - 1)
        around = {(before.place, before.label), (behind.place, behind.label)}
        if follows_code or len(around) == 1:
            pieces[at].place, pieces[at].label = before.place, before.label
    return pieces
