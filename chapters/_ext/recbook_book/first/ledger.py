"""Numbers that other pages have glued, for the ledger on the landing of part 6.

``{glued}`clicks ledger-better:,.0f` `` becomes the number that the page ``clicks`` of
the same folder has glued as ``ledger-better``, in that format. It is read when all
pages are read, so it is the page's very number. MyST-NB's own roles know one page only.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from myst_nb.core.variables import format_plain_text
from sphinx.errors import SphinxError
from sphinx.util.docutils import SphinxRole

from recbook_book.site import page_facts

FORM = re.compile(r"(?P<page>[\w-]+) (?P<key>[\w-]+):(?P<spec>[^:`]+)")


def formatted(plain, spec):
    """Return a glued number, as it is stored, in a format and with a true minus.

    >>> formatted("-253.3", ",.0f"), formatted("1850", "+,d")
    ('−253', '+1,850')
    """
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


def stored(app, docname):
    """What a page has glued, as MyST-NB stores it beside the page's outputs."""
    folder = Path(app.env.mystnb_config.output_folder)
    path = folder / f"{docname}.glue.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def fill(app, doctree, docname):
    """Put the numbers of other pages in their places."""
    folder = docname.rpartition("/")[0]
    for node in glued(doctree) or ():
        numbers = stored(app, f"{folder}/{node['page']}")
        if node["key"] not in numbers:
            raise SphinxError(f"{node['page']} has glued no {node['key']}")
        plain = numbers[node["key"]]["data"]["text/plain"]
        node[:] = [nodes.Text(formatted(plain, node["spec"]))]


def again(app, env):
    """Write a ledger each time: a page may have other numbers than it had."""
    return list(env.recbook_ledgers)


def setup(app):
    app.add_role("glued", Glued())
    page_facts.keep(app, "recbook_ledgers", lambda tree: bool(glued(tree)) or None)
    app.connect("env-updated", again)
    app.connect("doctree-resolved", fill)
