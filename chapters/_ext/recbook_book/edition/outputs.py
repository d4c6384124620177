"""What the cells of a translated page show, in the language of the edition.

The outputs are those of the English edition. Their words are exchanged last: a table
has been set by its English heads then, with its pictures, and a figure is part of the
page. For what a reader runs there, ``live_results.js`` gets the same rules.
"""

from docutils import nodes

from recbook.checks.language import translated
from recbook_book.edition.labels import exchange_between_tags, for_scripts, parse
from recbook_book.edition.translations import labels_of, translation_of
from recbook_book.live.live_cells import as_script
from recbook_book.notebooks.students import cells_at
from recbook_book.page.figures import Drawn, is_cell

SCRIPT = '<script type="application/json" id="recbook-labels">{}</script>'


def exchange_words(app, doctree, docname):
    """Exchange the words in the outputs of a page that has been translated."""
    if not translation_of(app, docname):
        return
    labels, source = labels_of(app, docname), cells_at(app.env.doc2path(docname))
    for cell in doctree.findall(is_cell):
        rules = parse(labels.get(source[cell["cell_index"]]["id"], ""))
        for drawn in cell.findall(Drawn):
            drawn["svg"] = exchange_between_tags(rules, drawn["svg"])
        for raw in cell.findall(nodes.raw):
            if raw.get("format") == "html":
                rewrite(raw, exchange_between_tags(rules, raw.astext()))
        for block in printed(cell):
            lines = block.astext().split("\n")
            lines = [translated(line, app.config.language) for line in lines]
            rewrite(block, "\n".join(lines))


def printed(cell):
    """Yield what the checks in a cell have printed."""
    if "recbook.check(" in cell[0].astext():
        for part in cell.findall(nodes.container):
            if part.get("nb_element") == "cell_code_output":
                yield from part.findall(nodes.literal_block)


def rewrite(node, text):
    """Give a node another text; its raw source goes along, or it is not highlighted."""
    node.rawsource, node[:] = text, [nodes.Text(text)]


def tell(app, pagename, templatename, context, doctree):
    """Give the page's script the rules of all cells, if its cells run."""
    if 'id="live-cells"' in context.get("body", "") and translation_of(app, pagename):
        labels = {"": "", **labels_of(app, pagename)}  # "" is any other cell
        told = {id: for_scripts(parse(lines)) for id, lines in labels.items()}
        context["body"] += SCRIPT.format(as_script(told))


def setup(app):
    app.connect("doctree-resolved", exchange_words, priority=955)
    app.connect("html-page-context", tell, priority=951)
