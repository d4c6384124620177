"""The API reference is never translated: a page of an edition leads to the English one.

Nobody keeps 50,000 words of docstrings in two languages for long. So an edition has no
page of the reference, and a name of ``recbook`` leads to where the English site has it,
which the inventory of that site says.
"""

import functools
import posixpath

from docutils import nodes
from sphinx.util.inventory import InventoryFile

from recbook_book.reading.api_pages import PLACE

INVENTORY = "_build/html/objects.inv"  # of the English site


def is_left_out(docname):
    """Whether an edition has no page of its own.

    >>> is_left_out("chapters/appendix/api/linear"), is_left_out("chapters/intro")
    (True, False)
    """
    return docname == PLACE or docname.startswith(f"{PLACE}/")


def leave_out(app, config):
    """Take the reference from the pages of an edition, and from their list."""
    if config.language == "en":
        return
    config.exclude_patterns += [f"{PLACE}.md", f"{PLACE}/**"]
    for tree in config.external_site_map.root.subtrees:
        tree.items = [item for item in tree.items if not is_left_out(str(item))]


def find(app, env, node, text):
    """Resolve a reference to the reference: a name of recbook, or one of its pages."""
    if app.config.language == "en":
        return None
    if node["refdomain"] == "py":
        inventory = posixpath.join(app.srcdir, INVENTORY)
        place = names(inventory).get(node["reftarget"])
    else:
        target = posixpath.join(posixpath.dirname(node["refdoc"]), node["reftarget"])
        page = posixpath.normpath(target.removesuffix(".md"))
        place = f"{page}.html" if is_left_out(page) else None
    if place is None:
        return None
    up = posixpath.relpath(".", posixpath.dirname(node["refdoc"]))
    link = nodes.reference("", "", internal=False, refuri=f"{up}/../{place}")
    link += text
    return link


@functools.cache
def names(inventory):
    """Return {name of recbook: its place on the English site}."""
    with open(inventory, "rb") as file:
        found = InventoryFile.load(file, "", posixpath.join)
    kinds = (entries for kind, entries in found.items() if kind.startswith("py:"))
    return {name: entry[2] for entries in kinds for name, entry in entries.items()}


def setup(app):
    app.connect("config-inited", leave_out, priority=950)
    app.connect("missing-reference", find)
