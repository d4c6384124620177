"""Join printed pieces to one PDF: jumps, bookmarks, tags, and a foot on each page.

A printed piece has links to ``https://inside.invalid/PAGE#ID`` for all that lies in the
book (``tablet.js``), and a place for each id. Here each such link becomes a jump to its
place, or none, where the file does not have it. What a screen reader is told of each
piece, its tree of tags, becomes a branch of one tree.
"""

from dataclasses import dataclass, field
from urllib.parse import unquote

from pikepdf import (
    Array,
    Dictionary,
    Name,
    ObjectStreamMode,
    OutlineItem,
    Pdf,
    String,
)

INSIDE = "https://inside.invalid/"  # as in tablet.js
# The browser counts from the paper's margin of 12 mm, a jump from the paper's edge.
MARGIN = 12 * 72 / 25.4
ABOVE = 6  # points of air above the place of a jump


@dataclass
class Piece:
    """Something printed: of which page of the book, its file, title and headings."""

    page: str
    file: str
    n_pages: int
    title: str
    name: str = ""  # the title without its number
    number: str = ""
    id: str = ""  # of its first heading
    headings: list = field(default_factory=list)  # [level, words, id]
    n_answers: int = 0
    of: str = ""  # what it stands under in the list of contents
    is_text: bool = True  # and not what is answered there
    is_own: bool = True  # and not a list for this volume alone

    @property
    def address(self):
        """Where a link to it leads."""
        return f"{self.page}#{self.id}"


class Joined:
    """One file in the making: pieces are added one by one, then all is tied up."""

    def __init__(self, folder):
        self.folder, self.pdf = folder, Pdf.new()  # where the pieces are
        self.pieces = []  # (piece, its file, number of its first page)
        self.places = {}  # (page of the book, id): (number of the page, x, y)
        self.tags = Array()
        self.owners = Array()  # number, what the marks of a page belong to, …
        self.shift = 0

    def add(self, piece):
        """Add the pages of a piece, its places and its tags."""
        source, first = Pdf.open(self.folder / piece.file), len(self.pdf.pages)
        rename(source, len(self.pieces))
        self.pieces.append((piece, source, first))
        number_of = {page.objgen: first + n for n, page in enumerate(source.pages)}
        for name, place in source.Root.get("/Dests", {}).items():
            at = number_of[place[0].objgen], float(place[2]), float(place[3])
            self.places.setdefault((piece.page, unquote(name[1:])), at)
        self.places.setdefault((piece.page, ""), (first, 0, 1e4))
        self.pdf.pages.extend(source.pages)
        self.add_tags(source.Root.StructTreeRoot, self.pdf.pages[first:])

    def add_tags(self, tree, pages):
        """Hang the tree of a piece into that of the file."""
        kids = tree.K if isinstance(tree.K, Array) else [tree.K]
        self.tags.extend(self.pdf.copy_foreign(kid) for kid in kids)
        last = -1
        for last, owner in sorted(numbered(tree.ParentTree), key=lambda pair: pair[0]):
            if isinstance(owner, Array):
                copies = Array([copied(self.pdf, one) for one in owner])
                owner = self.pdf.make_indirect(copies)
            else:
                owner = self.pdf.copy_foreign(owner)
            self.owners.extend([self.shift + last, owner])
        for page in pages:
            if "/StructParents" in page:
                page.StructParents += self.shift
            for note in page.get("/Annots", []):
                if "/StructParent" in note:
                    note.StructParent += self.shift
        self.shift += last + 1

    def jump(self):
        """Turn each link into the book into a jump, or remove it; keep all others."""
        for page in self.pdf.pages:
            kept = Array()
            for note in page.get("/Annots", []):
                address = str(note.get("/A", {}).get("/URI", ""))
                if address.startswith(INSIDE):
                    there, _, id = address.removeprefix(INSIDE).partition("#")
                    del note["/A"]
                    at = self.places.get((unquote(there), unquote(id)))
                    if at is None:
                        continue
                    note.Dest = self.place(at)
                kept.append(note)
            page.Annots = kept

    def place(self, at):
        """Return where a jump leads: a page, and how far down."""
        number, left, top = at
        page = self.pdf.pages[number]
        top = min(top - MARGIN + ABOVE, float(page.MediaBox[3]))
        return Array([page.obj, Name.XYZ, left, round(top, 2), 0])

    def bookmark(self):
        """Write the bookmarks: what a piece stands under, its title, its sections."""
        with self.pdf.open_outline() as outline:
            groups = {"": outline.root}
            for n, (piece, _, first) in enumerate(self.pieces):
                first += n == 0  # the contents, behind the cover
                if piece.of not in groups:
                    item = OutlineItem(piece.of, self.place((first, 0, 1e4)))
                    outline.root.append(item)
                    groups[piece.of] = item.children
                item = OutlineItem(piece.title, self.place((first, 0, 1e4)))
                groups[piece.of].append(item)
                item.is_closed = True
                for level, words, id in piece.headings:
                    at = self.places.get((piece.page, id))
                    if level == 2 and at and piece.is_text:
                        item.children.append(OutlineItem(words, self.place(at)))

    def feet(self):
        """Return the words at the foot of each page: a title and a number."""
        titles = []
        for n, (piece, _, _) in enumerate(self.pieces):
            title = piece.title if piece.is_text else f"Solutions: {piece.title}"
            titles += [title] * piece.n_pages
            if n == 0:
                titles[0] = ""  # the cover
        return [[title, str(n) if title else ""] for n, title in enumerate(titles, 1)]

    def put_feet(self, file):
        """Lay the pages of a file over those of this one, as what no reader is told."""
        with Pdf.open(self.folder / file) as feet:
            for page, foot in zip(self.pdf.pages, feet.pages, strict=True):
                form = self.pdf.copy_foreign(foot.as_form_xobject())
                name = page.add_resource(form, Name.XObject, Name.Foot)
                page.contents_add(b"q\n", prepend=True)
                over = f"\nQ\n/Artifact BMC\nq {name} Do Q\nEMC\n"
                page.contents_add(over.encode())

    def save(self, file, title, author):
        """Tie up all, and write the file: the same pieces, the same bytes."""
        pdf, root = self.pdf, self.pdf.Root
        tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        whole = Dictionary(Type=Name.StructElem, S=Name.Document, P=tree, K=self.tags)
        tree.K = pdf.make_indirect(whole)
        for kid in self.tags:
            kid.P = tree.K
        tree.ParentTree = pdf.make_indirect(Dictionary(Nums=self.owners))
        tree.ParentTreeNextKey = self.shift
        tree.IDTree = pdf.make_indirect(Dictionary(Names=listed(pdf)))
        share(pdf)
        root.StructTreeRoot, root.Lang = tree, String("en")
        root.MarkInfo = Dictionary(Marked=True)
        root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        pdf.docinfo["/Title"], pdf.docinfo["/Author"] = title, author
        packed = {"object_stream_mode": ObjectStreamMode.generate}
        pdf.save(file, **packed, recompress_flate=True, deterministic_id=True)
        for _, source, _ in self.pieces:
            source.close()


def copied(pdf, one):
    """Return an object of another file in this one; there may be none."""
    return None if one is None else pdf.copy_foreign(one)


def numbered(tree):
    """Yield the numbers and values of a tree of numbers."""
    for kid in tree.get("/Kids", []):
        yield from numbered(kid)
    pairs = list(tree.get("/Nums", []))
    yield from zip(map(int, pairs[::2]), pairs[1::2], strict=True)


def rename(source, prefix):
    """Number the tags of a piece that others name, such as heads of columns.

    A browser counts them on while it runs: two pieces may have the same names, and the
    same piece others each time.
    """
    names, tags = {}, list(tagged(source))
    for tag in tags:
        if "/ID" in tag:
            names[str(tag.ID)] = String(f"{prefix:04}-{len(names):05}")
            tag.ID = names[str(tag.ID)]
    for tag in tags:
        for about in tag.A if isinstance(tag.get("/A"), Array) else []:
            if "/Headers" in about:
                about.Headers = Array([names[str(name)] for name in about.Headers])


def listed(pdf):
    """Return the tags that have names, by these: name, tag, …"""
    tags = {str(tag.ID): tag for tag in tagged(pdf) if "/ID" in tag}
    return Array([each for name in sorted(tags) for each in (name, tags[name])])


def tagged(pdf):
    """Yield the tags of a file."""
    for each in pdf.objects:
        if isinstance(each, Dictionary) and each.get("/Type") == Name.StructElem:
            yield each


def share(pdf):
    """Keep one drawing of each letter: a variable font draws its own in every piece."""
    drawings = {}
    for each in pdf.objects:
        if isinstance(each, Dictionary) and each.get("/Subtype") == Name.Type3:
            for name, drawing in each.CharProcs.items():
                first = drawings.setdefault(drawing.read_raw_bytes(), drawing)
                each.CharProcs[name] = first
