"""Send the text, values and figures of a cell to the page, each in its form."""

import base64
import io
import pprint
import re
import sys
import time
from pathlib import Path

from recbook_later import is_pending

MOST = 200_000  # characters that a cell may print
PAUSE = 0.05  # seconds between two messages with printed text
SVG = re.compile(r'<svg\b[^>]*role="img".*?</svg>', re.DOTALL)

drawn = iter(range(1, 10**9))  # numbers of figures, for their ids
page = {"send": print, "quiet": False}


def send(form, text):
    if form == "error" or not page["quiet"]:
        page["send"](form, text)


class Stream(io.TextIOBase):
    """The output of a cell. Its text is sent in pieces, at least PAUSE apart."""

    def __init__(self, name):
        self.name, self.kept, self.told, self.last = name, [], 0, 0.0

    def writable(self):
        return True

    def write(self, text):
        if self.told <= MOST:
            room = MOST - self.told
            self.told += len(text)
            whole = len(text) <= room
            self.kept.append(text if whole else text[:room] + "\n… and more\n")
            if "\n" in text and time.monotonic() - self.last > PAUSE:
                self.flush()
        return len(text)

    def flush(self):
        text = "".join(self.kept)
        self.kept.clear()
        if text:
            self.last = time.monotonic()
            send(self.name, text)


def flush():
    sys.stdout.flush()
    sys.stderr.flush()


def display(*values, **_):
    """Show values as IPython would: each in the richest form that a page can show."""
    if page["quiet"]:
        return
    for value in values:
        flush()
        for form in ("html", "svg", "markdown"):
            made = represented(value, form)
            if made is not None:
                send(form, in_page(made) if form in ("html", "svg") else made)
                break
        else:
            figure = getattr(value, "savefig", None)
            if figure is None or isinstance(value, type):
                send("text", pretty(value))
            else:
                send("svg", picture(value))


def represented(value, form):
    make = getattr(value, f"_repr_{form}_", None)
    return None if make is None or isinstance(value, type) else make()


def pretty(value):
    """Return a value as text, long containers on several lines.

    >>> print(pretty({"b": list(range(30)), "a": "x"}).count("\\n"), pretty("a'b"))
    30 "a'b"
    """
    if type(value) in (list, tuple, dict, set, frozenset):
        return pprint.pformat(value, width=80, sort_dicts=False)
    return repr(value)


def in_page(html):
    """Set the tables of HTML, then its figures, as they are on the printed page."""
    if "<table" in html:
        # Here, because its parser takes most of a second to import.
        from recbook_book.page.textbook_tables import textbook

        html = textbook(html)
    return SVG.sub(lambda match: inlined(match[0]), html)


def inlined(svg):
    """Return an SVG with the fonts and colours of the page."""
    from recbook.plots.inline_svg import inline

    alt = re.search(r'aria-label="([^"]*)"', svg)
    return inline(svg, alt[1] if alt else "", f"live-{next(drawn)}")


def picture(figure):
    """Draw a figure as the book's notebooks do."""
    file, settings = io.StringIO(), {"metadata": {"Date": None}}
    if "recbook.plots.style" in sys.modules:
        settings = sys.modules["recbook.plots.style"].inline_settings()
    figure.savefig(file, format="svg", **settings)
    return inlined(file.getvalue())


def show_figures():
    """Show the figures that a cell left open, as a notebook does."""
    if draws():
        sys.modules["matplotlib.pyplot"].show()


def close_figures():
    if draws():
        sys.modules["matplotlib.pyplot"].close("all")


def draws():
    """Whether a cell has used Matplotlib; most have only imported it."""
    name = "matplotlib.pyplot"
    return name in sys.modules and not is_pending(name)


class Form:
    """A value of one form, given as text or, with ``filename``, as a file."""

    form = "html"

    def __init__(self, data=None, filename=None, **_):
        self.data = Path(filename).read_text(encoding="utf-8") if filename else data

    def __getattr__(self, name):
        if name != f"_repr_{self.form}_":
            raise AttributeError(name)
        return lambda: self.data


class HTML(Form):
    """IPython's ``HTML``."""


class Drawing(Form):
    """IPython's ``SVG``."""

    form = "svg"


class Markdown(Form):
    """IPython's ``Markdown``, shown as text."""

    form = "markdown"


class Image(Form):
    """IPython's ``Image``."""

    def __init__(self, data=None, filename=None, **_):
        data = Path(filename).read_bytes() if filename else data
        text = base64.b64encode(data).decode()
        super().__init__(f'<img alt="" src="data:image/png;base64,{text}">')
