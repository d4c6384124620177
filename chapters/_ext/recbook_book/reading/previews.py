"""Write the previews of links: terms, formulas and captions of figures.

``aids.js`` finds by itself what is on the same page, and the title of a citation. All
others are in ``_static/previews.js``, which is loaded when the first one is needed. It
is a script, because a page that is opened from disk may not fetch other files.
"""

from docutils import nodes

from recbook_book.site.written import when_written, write_data

DATA = "previews.js"


class Previews:
    """Collects what can be previewed while pages are written."""

    def __init__(self):
        self.found = {}

    def collect(self, app, doctree, docname):
        """Collect the terms, formulas and captions of a page as HTML, by address."""
        if app.builder.name != "html":
            return
        # The builder sets these two only later, when it writes the page.
        app.builder.secnumbers = app.env.toc_secnumbers.get(docname, {})
        app.builder.fignumbers = app.env.toc_fignumbers.get(docname, {})
        for id, node in targets(doctree):
            html = app.builder.render_partial(node)["fragment"].strip()
            self.found[f"{docname}.html#{id}"] = html

    def write(self, app, site):
        write_data(site, DATA, "window.recbookPreviews({});", self.found)


def targets(doctree):
    """Yield (id, what to show) of each term, labelled formula and numbered figure."""
    for item in doctree.findall(nodes.definition_list_item):
        for term in item.findall(nodes.term):
            if any(id.startswith("term-") for id in term["ids"]):
                for id in term["ids"]:
                    yield id, nodes.container("", *copies(item[-1]))
    for formula in doctree.findall(nodes.math_block):
        if formula.get("label"):
            yield f"equation-{formula['label']}", formula.deepcopy()
    for figure in doctree.findall(nodes.figure):
        for caption in list(figure.findall(nodes.caption))[:1]:
            for id in figure["ids"]:
                yield id, nodes.container("", nodes.paragraph("", "", *copies(caption)))


def copies(node):
    return [child.deepcopy() for child in node.children]


def setup(app):
    previews = Previews()
    app.connect("doctree-resolved", previews.collect, priority=960)
    when_written(app, previews.write)
