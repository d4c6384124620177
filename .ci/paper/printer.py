"""Print the pages of a volume, each as a piece, and make one file of the pieces."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pikepdf

from paper import printing, volumes
from paper.joining import Joined, Piece

HERE = Path(__file__).parent
TITLE, AUTHOR = "Recommender systems for marketing", "The recbook authors"
PAPER = (605, 805)  # as wide as the paper, so that all is measured as it is printed
# A formula that waited for a part of its font may have got indices of another size.
# When all parts are there, it is set again, the same each time.
SET_AGAIN = """async () => {
    await window.MathJax?.startup?.promise;
    window.MathJax?.startup?.document?.rerender(11); // from their TeX
}"""
NUMBER = re.compile(r'<h1><span class="section-number">([\d.]+)')


class Printer:
    """A browser that prints the pieces of one volume of a built site."""

    def __init__(self, context, volume, html):
        self.context, self.volume, self.html = context, volume, html
        self.folder = volumes.MADE / "pieces"
        self.folder.mkdir(parents=True, exist_ok=True)
        pages = {
            page: {"volume": each.file, "number": self.number(page)}
            for each in volumes.volumes()
            for page in each.pages
        }
        if volume.number:  # then it has lists of its own
            pages |= {page: {"volume": "", "number": ""} for page in volumes.LISTS}
        self.about = {"root": html.as_uri() + "/", "own": volume.file, "pages": pages}
        self.wanted = {}

    def number(self, page):
        """Return the number of a chapter, or "" of a page that has none."""
        text = (self.html / f"{page}.html").read_text(encoding="utf-8")
        found = NUMBER.search(text)
        return found[1] if found else ""

    def opened(self, page):
        """Return a page in a tab, with what makes it one of a tablet."""
        tab = self.context.new_page()
        tab.emulate_media(media="print", color_scheme="light")
        tab.goto((self.html / f"{page}.html").as_uri(), wait_until="load")
        tab.evaluate(SET_AGAIN)
        tab.add_style_tag(path=HERE / "tablet.css")
        tab.add_script_tag(path=HERE / "tablet.js")
        return tab

    def saved(self, tab, name, tagged=True):
        """Print a tab into a file; return its name and its number of pages."""
        pdf = tab.pdf(prefer_css_page_size=True, print_background=True, tagged=tagged)
        name = f"{self.volume.file[:-4]}-{name.replace('/', '-')}.pdf"
        (self.folder / name).write_bytes(printing.undated(pdf))
        return name, n_pages(pdf)

    def piece(self, tab, page, do, name="", **more):
        """Let tablet.js do something to a tab, and print what comes of it."""
        about = {**self.about, "here": page, **more}
        facts = tab.evaluate(
            "([does, about]) => recbookTablet[does](about)", [do, about]
        )
        for address in facts.pop("wanted"):
            there, _, id = address.partition("#")
            self.wanted.setdefault(there, set()).add(id)
        return Piece(page, *self.saved(tab, f"{page}{name}"), **facts)

    def pieces(self):
        """Print all pages, then what is answered there, then what they look up."""
        texts, answers = [], []
        for page in self.volume.pages:
            tab = self.opened(page)
            texts.append(self.piece(tab, page, "text"))
            if texts[-1].n_answers:
                answers.append(self.piece(tab, page, "answered", "-answers"))
            tab.close()
        of = self.volume.title
        return [
            *(replace(text, of=of) for text in texts),
            *(replace(a, of=f"{of}: solutions", is_text=False) for a in answers),
            *self.lists(),
        ]

    def lists(self):
        """Yield the entries of the glossary and the references that pieces lead to."""
        for page in volumes.LISTS:
            if page not in self.volume.pages and self.wanted.get(page):
                tab, wanted = self.opened(page), sorted(self.wanted[page])
                listed = self.piece(tab, page, "listed", wanted=wanted)
                yield replace(listed, of="Words and references", is_own=False)
                tab.close()

    def front(self, pieces):
        """Print the cover and the contents, with the numbers of the pages."""
        tab, part, n_front = self.opened("chapters/intro"), self.volume.number, 0
        says = {
            "part": part,
            "of": TITLE,
            "name": self.volume.name,
            "by": f"{AUTHOR} · {volumes.dated()}",
        }
        if self.volume.title == volumes.ALL:
            says |= {"of": "", "name": TITLE}
        says["kicker"] = f"Part {part}" if part else ""
        says["image"] = (self.html / "_static" / "cover.svg").as_uri()
        while True:  # once to see how many pages it has
            rows = contents(pieces, n_front)
            tab.evaluate("(says) => recbookTablet.front(says)", {**says, "rows": rows})
            front = Piece("", *self.saved(tab, "front"), "Contents")
            if n_front == front.n_pages:
                tab.close()
                return front
            n_front = front.n_pages

    def bound(self, pieces):
        """Make the file of the volume; return how many pages it has."""
        book = Joined(self.folder)
        for piece in (self.front(pieces), *pieces):
            book.add(piece)
        book.jump()
        book.bookmark()
        tab = self.opened("chapters/intro")
        tab.evaluate("(rows) => recbookTablet.feet(rows)", book.feet())
        feet, _ = self.saved(tab, "feet", tagged=False)
        tab.close()
        book.put_feet(feet)
        name = self.volume.title
        title = TITLE if name == volumes.ALL else f"{name} · {TITLE}"
        book.save(volumes.MADE / self.volume.file, title, AUTHOR)
        return len(book.pdf.pages)


def n_pages(pdf):
    """Return the number of pages of a PDF in memory."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def contents(pieces, page):
    """Return [kind, number, title, address, number of the page] of each line."""
    rows, of = [], None
    for piece in pieces:
        here = [piece.address, page + 1]
        if piece.of != of:
            rows.append(["part", "", piece.of, *here])
        if piece.is_text:
            rows.append(["page", piece.number, piece.name, *here])
        of, page = piece.of, page + piece.n_pages
    return rows
