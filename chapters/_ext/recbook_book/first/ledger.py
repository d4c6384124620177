"""What other pages have glued: for the ledger of part 6, its road, the first page.

``{glued}`clicks ledger-better:,.0f` `` becomes the number that the page ``clicks`` of
the same folder has glued as ``ledger-better``, in that format. A page of another folder
is named with it, ``6-marketing/uplift``; without a format, it is what was glued as it
is. It is read when all pages are read, so it is the page's very number. MyST-NB's own
roles know one page only.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from myst_nb.core.variables import format_plain_text
from sphinx.errors import SphinxError
from sphinx.util.docutils import SphinxRole

from recbook_book.site import page_facts

FORM = re.compile(r"(?P<page>[\w/-]+) (?P<key>[\w-]+)(:(?P<spec>[^:`]+))?")
TAKES = "takes-numbers"  # a class of places that are made of other pages' numbers


def formatted(plain, spec):
    """Return a glued number, as it is stored, in a format and with a true minus.

    >>> formatted("-253.3", ",.0f"), formatted("1850", "+,d")
    ('−253', '+1,850')
    >>> formatted("'[[0, 12]]'", None)
    '[[0, 12]]'
    """
    if spec is None:
        return plain.strip("'\"")
    return format_plain_text(plain, spec).replace("-", "−")


class Glued(SphinxRole):
    """Marks the place of a number, which is put there after all pages are read."""

    def run(self):
        found = FORM.fullmatch(self.text)
        if not found:
            where = f"{self.env.docname}, line {self.lineno}"
            raise SphinxError(f"{where}: write page key:format, not {self.text!r}")
        return [nodes.inline(classes=["glued"], **found.groupdict())], []


def glued(doctree):
    """Return the places of a page, None where it has none."""
    found = [n for n in doctree.findall(nodes.inline) if "glued" in n["classes"]]
    return found or None


def takes(doctree):
    """Whether a page has numbers of others."""
    places = doctree.findall(nodes.Element)
    return any({"glued", TAKES} & set(place.get("classes", ())) for place in places)


def number(app, docname, key, spec):
    """Return a number that a page has glued, in a format."""
    numbers = stored(app, docname)
    if key not in numbers:
        raise SphinxError(f"{docname} has glued no {key}")
    return formatted(numbers[key]["data"]["text/plain"], spec)


def stored(app, docname):
    """What a page has glued, as MyST-NB stores it beside the page's outputs."""
    folder = Path(app.env.mystnb_config.output_folder)
    path = folder / f"{docname}.glue.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def fill(app, doctree, docname):
    """Put the numbers of other pages in their places."""
    for node in glued(doctree) or ():
        page = node["page"]
        folder = "chapters" if "/" in page else docname.rpartition("/")[0]
        found = number(app, f"{folder}/{page}", node["key"], node["spec"])
        node[:] = [nodes.Text(found)]


def again(app, env):
    """Write such a page each time: another may have other numbers than it had."""
    return list(env.recbook_ledgers)


def setup(app):
    app.add_role("glued", Glued())
    page_facts.keep(app, "recbook_ledgers", lambda tree: takes(tree) or None)
    app.connect("env-updated", again)
    app.connect("doctree-resolved", fill)
