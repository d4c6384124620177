"""Link each entry of the API reference back to the chapters that mention it.

A chapter links to a name with ``{py:class}`recbook.ItemKNN```. The entry then says "In
the book: 2.3 Films you liked before", without any list kept by hand.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.environment.collectors import EnvironmentCollector

from recbook_book.edition.strings import said
from recbook_book.page.minutes import is_exercise


class ApiMentions(EnvironmentCollector):
    """Collects the names that each chapter links to, and the first link's section."""

    def clear_doc(self, app, env, docname):
        mentions(env).pop(docname, None)

    def merge_other(self, app, env, docnames, other):
        mentions(env).update({name: mentions(other)[name] for name in docnames})

    def process_doc(self, app, doctree):
        first = mentions(app.env)[app.env.docname] = {}
        for link in doctree.findall(addnodes.pending_xref):
            if link.get("refdomain") == "py":
                first.setdefault(link["reftarget"], section_of(link))


def mentions(env):
    """Return {chapter: {public name: id of the section}}, kept with the pages."""
    if not hasattr(env, "recbook_mentions"):
        env.recbook_mentions = {}
    return env.recbook_mentions


def section_of(node):
    """Return the id of the section that a node is in; an exercise is no section."""
    while not isinstance(node, nodes.section) or is_exercise(node.parent):
        node = node.parent
    return node["ids"][0]


def add_chapters(app, doctree, docname):
    """Put the links below the heading of each entry."""
    for entry in doctree.findall(addnodes.desc):
        if entry["domain"] != "py" or not entry[0]["ids"]:
            continue
        links = list(chapters_of(app, docname, entry[0]["ids"][0]))
        if links:
            line = nodes.paragraph("", said("In the book: "), classes=["in-the-book"])
            for link in links:
                line += [link, nodes.Text(said(", "))]
            line.pop()
            body = entry[-1]
            body.insert(min(1, len(body)), line)  # below its first sentence


def chapters_of(app, docname, name):
    """Yield a link to each chapter that links to ``name``, in the book's order."""
    env = app.env
    for page in env.toctree_includes.get(env.config.root_doc, []):
        section = mentions(env).get(page, {}).get(name)
        number = env.titles[page].get("secnumber")
        if section is None or number is None:
            continue
        title = ".".join(map(str, number)) + " " + env.titles[page].astext()
        address = app.builder.get_relative_uri(docname, page) + "#" + section
        yield nodes.reference("", title, internal=True, refuri=address)


def setup(app):
    app.add_env_collector(ApiMentions)
    app.connect("doctree-resolved", add_chapters)
