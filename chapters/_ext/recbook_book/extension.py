"""Sets up all parts of the extension, and makes small corrections to every page."""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_external_toc.collectors import TocTreeCollectorWithStyles

from recbook_book.edition import (
    api_in_english,
    english_left,
    outputs,
    strings,
    style,
    switch,
    theme,
    translations,
)
from recbook_book.edition.strings import said
from recbook_book.first import (
    decisions,
    doors,
    four_doors,
    landing,
    ledger,
    paths,
    road,
)
from recbook_book.live import live_cells, your_file
from recbook_book.notebooks import kept, students
from recbook_book.page import (
    chinese,
    explore,
    figures,
    line_breaks,
    minutes,
    opening,
    quick,
    sessions,
    tables,
    variants,
    workbook,
)
from recbook_book.reading import (
    api_links,
    api_pages,
    chinese_terms,
    glossary,
    metadata,
    previews,
    search,
)
from recbook_book.site import own_trees, students_site, weight
from recbook_book.site.written import rewrite, when_written

# Their priorities order the work, not this list. On the tree of a page
# ("doctree-resolved"): 500 changes what the notebooks get, too; 900 writes the
# notebooks; 940 leaves out what is for teachers; 950 changes the page alone, in any
# order; 960 collects the previews.
# On the written site ("build-finished"): 500 changes pages and data, 950 deletes files.
PARTS = [
    api_in_english,
    api_links,
    api_pages,
    chinese,
    chinese_terms,
    decisions,
    doors,
    english_left,
    explore,
    four_doors,
    kept,
    landing,
    ledger,
    line_breaks,
    live_cells,
    metadata,
    minutes,
    students,
    students_site,
    theme,
    opening,
    outputs,
    own_trees,
    paths,
    figures,
    glossary,
    previews,
    quick,
    road,
    search,
    sessions,
    strings,
    style,
    switch,
    tables,
    translations,
    variants,
    weight,
    workbook,
    your_file,
]

BANNER = """The figures on this page come from recbook's own
generated data. See <a href="{results}">Results</a> for those of the real data."""

# What the loader prints about the generated data, and the empty output without it.
PRINTED = re.compile(r"Note: [^\n]*\nFor the real one: [^\n]*\n")
EMPTY = re.compile(
    r'<div class="cell_output[^"]*">\s*<div class="output stream[^"]*">\s*'
    r'<div class="highlight"><pre>(<span></span>)?</pre></div>\s*</div>\s*</div>'
)

# The arguments of a long signature, as Sphinx writes them.
ARGUMENTS = re.compile(r"<dl>\s*((?:<dd><em class=\"sig-param\">.*</dd>\s*)+)</dl>")

# The button that looks like a field. "Search" is in the theme's language.
SEARCH_BUTTON = re.compile(
    r'(btn search-button-field search-button__button pst-js-only" title="[^"]*")'
    r' aria-label="[^"]*"'
)


class OneLineACheck(SphinxPostTransform):
    """Show only the line that a check prints, without its value True or False."""

    default_priority = 20  # myst-nb has chosen by now which form of an output to show

    def run(self):
        for cell in list(self.document.findall(nodes.container)):
            if cell.get("nb_element") != "cell_code":
                continue
            if "recbook.check(" not in cell[0].astext():
                continue
            for block in list(cell.findall(nodes.literal_block)):
                if block.astext().strip() in ("True", "False"):
                    block.parent.remove(block)


class NoHoles(SphinxPostTransform):
    """Show one empty line in the code of a cell where the notebook has two."""

    default_priority = 20

    def run(self):
        for code in self.document.findall(nodes.literal_block):
            if "\n\n\n" in code.astext() and is_input(code.parent):
                code.rawsource = code.astext().replace("\n\n\n", "\n\n")
                code[:] = [nodes.Text(code.rawsource)]


def is_input(node):
    return node.get("nb_element") == "cell_code_source"


class TrueMinus(SphinxPostTransform):
    """Write a minus sign, not a hyphen, in numbers that the page computed."""

    default_priority = 20

    def run(self):
        for number in self.document.findall(is_pasted):
            tables.mend_signs(number)


def is_pasted(node):
    return isinstance(node, nodes.inline) and "pasted-text" in node["classes"]


def number_pages(collector, env):
    """Number pages ``part.chapter``. The part is in the folder's name: 5-project → 5.

    Figures, equations and exercises take their page's number. Sections have
    none, nor have the pages of a part that are no chapters (``doors.ENDS``).
    """
    before, env.toc_secnumbers = env.toc_secnumbers, {}
    for root in env.numbered_toctrees:
        for toctree in env.get_doctree(root).findall(addnodes.toctree):
            if not toctree.get("numbered"):
                continue
            pages = [page for _, page in toctree["entries"]]
            chapters = [page for page in pages if doors.is_chapter(page)]
            for chapter, page in enumerate(chapters, 1):
                number = int(page.split("/")[-2].split("-")[0]), chapter
                env.titles[page]["secnumber"] = list(number)
                numbers = env.toc_secnumbers[page] = {}
                for entry in env.tocs[page].findall(addnodes.compact_paragraph):
                    link = entry[0]
                    is_title = link["anchorname"] == ""
                    numbers[link["anchorname"]] = number if is_title else ()
                    link["secnumber"] = list(number) if is_title else None
    now = env.toc_secnumbers
    return [page for page in now if now[page] != before.get(page)]


def correct_page(app, pagename, templatename, context, doctree):
    """Add the banner about the data; load each script once; correct roles and lists."""
    seen = {repr(vars(script)): script for script in context["script_files"]}
    context["script_files"] = list(seen.values())
    body = context.get("body", "")
    if students.NOTICE in body.replace("&#39;", "'"):
        results = context["pathto"]("chapters/appendix/results")
        # Below the riddle of a chapter; on other pages below the title.
        end = "</blockquote>\n</div>" if 'class="riddle"' in body else "</h1>"
        before, end, rest = body.partition(end)
        note = said(BANNER, results=results)
        body = f'{before}{end}<p class="data-note">{note}</p>{rest}'
    # Sphinx writes the arguments of a long signature as a list of definitions.
    body = ARGUMENTS.sub(as_lines, body)
    computed = '<span class="pasted-text"'
    tip = said("computed by this page")
    body = body.replace(computed, f'{computed} title="{tip}"')
    # The children of a list must have the role of list items.
    context["body"] = body.replace('role="doc-biblioentry"', 'role="listitem"')


def drop_printed_notes(app, pagename, templatename, context, doctree):
    """Remove the note about the data from outputs: the banner says it."""
    body = context.get("body", "")
    if "data-note" in body:
        context["body"] = EMPTY.sub("", PRINTED.sub("", body))


def as_lines(match):
    """Write each argument of a signature on a line of its own."""
    lines = match[1].replace("<dd>", "<div>").replace("</dd>", "</div>")
    return f'<div class="sig-lines">{lines}</div>'


def name_theme_buttons(app, site):
    """Give the search button the name that it shows, and the folds in menus a name."""
    fold = '<summary><span class="toctree-toggle"'
    named = fold.replace("<summary>", f'<summary aria-label="{said("Its pages")}">')

    def renamed(page, name):
        return SEARCH_BUTTON.sub(r"\1", page).replace(fold, named)

    rewrite(site, renamed)


def setup(app):
    # Two processes write, but one reads: not all extensions say whether two may.
    app.is_parallel_allowed = lambda kind: kind == "write"
    TocTreeCollectorWithStyles.assign_section_numbers = number_pages
    app.add_post_transform(OneLineACheck)
    app.add_post_transform(NoHoles)
    app.add_post_transform(TrueMinus)
    for part in PARTS:
        part.setup(app)
    app.connect("html-page-context", correct_page, priority=900)
    app.connect("html-page-context", drop_printed_notes, priority=901)
    when_written(app, name_theme_buttons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
