"""Leave out of a students' site what is for teachers: solutions, and pages of theirs.

``make book SOLUTIONS=no`` writes such a site beside the teacher's, by
``.ci/students.py``. It is written from the pages that were read for the teacher's site,
so all numbers are the same. Nothing is read again but the first page, whose list of
pages is shorter. With ``recbook_solutions = True``, as is usual, nothing here acts.
"""

from docutils import nodes

from recbook_book.page.minutes import is_solution

PAGES = ("instructor-guide", "running-a-class", "course-plans", "nbgrader")
PAGES = tuple(f"chapters/appendix/{name}" for name in PAGES)
SECTION = "for-teachers"  # of the projects, their last one
SOURCE = "download-source-button"  # of the theme


def is_for_students(app):
    """True for the students' site; other parts of the extension work without it."""
    return not getattr(app.config, "recbook_solutions", True)


def leave_out_pages(app):
    """Take the teacher's pages from the list of pages, and the sources from the site.

    Sphinx has compared the settings with those of the pages that were read, so that
    what is set here makes it read none of them again.
    """
    if not is_for_students(app):
        return
    app.config.exclude_patterns += [f"{page}.*" for page in PAGES]
    app.config.html_copy_source = False  # they have the solutions
    for tree in app.config.external_site_map.root.subtrees:
        tree.items = [item for item in tree.items if str(item) not in PAGES]


def remember(app, env, docname):
    """Keep the title of a page that is left out, and the labels that lead to it."""
    if is_for_students(app) and docname in PAGES:
        labels = env.get_domain("std").anonlabels
        names = {name for name, (page, _) in labels.items() if page == docname}
        names.add(docname.rpartition("/")[2])
        title = env.titles[docname].astext()
        env.recbook_left_out = getattr(env, "recbook_left_out", {})
        env.recbook_left_out |= dict.fromkeys(names, title)


def as_text(app, env, node, text):
    """Show a link to a page that is left out as plain text."""
    name = node["reftarget"].partition("#")[0].rpartition("/")[2]
    name = name.removesuffix(".md").lower()
    title = getattr(env, "recbook_left_out", {}).get(name)
    if title is None:
        return None
    named = node.get("refexplicit") and text.astext()
    return nodes.inline("", text.astext() if named else title, classes=["left-out"])


def shorten_contents(app, env):
    """Take the teacher's section of a page from its table of contents."""
    if not is_for_students(app):
        return
    for contents in env.tocs.values():
        for link in list(contents.findall(nodes.reference)):
            if link["anchorname"] == f"#{SECTION}":
                item = link.parent.parent
                item.parent.remove(item)


def leave_out(app, doctree, docname):
    """Remove solutions and the teacher's section, after the page's notebook is written.

    The notebook leaves them out by itself, and needs them to know which hidden code
    cells are theirs.
    """
    if not is_for_students(app):
        return
    doctree["answers"] = []  # the places of their code cells in the notebook
    for node in list(doctree.findall(is_left_out)):
        cells = [each for each in node.findall(nodes.container) if "cell_index" in each]
        doctree["answers"] += [cell["cell_index"] for cell in cells]
        node.parent.remove(node)


def is_left_out(node):
    """Whether a node is a solution, or a section for teachers."""
    is_section = isinstance(node, nodes.section) and SECTION in node["ids"]
    return is_section or is_solution(node)


def offer_no_source(app, pagename, templatename, context, doctree):
    """Offer no download of a page's source, which has its solutions."""
    if is_for_students(app):
        for group in context.get("header_buttons", []):
            if buttons := group.get("buttons"):
                group["buttons"] = [b for b in buttons if b["label"] != SOURCE]


def without_section(pieces):
    """Return the pieces of a page's notebook up to the teacher's section."""
    ends = (n for n, piece in enumerate(pieces) if piece.text == "## For teachers")
    return pieces[: next(ends, None)]


def without_answers(cells, answers):
    """Return what live.js is told of the cells that are shown, and of those they need.

    ``answers`` are the ids of the cells in solutions. An exercise may stand on an
    earlier one: on this site it needs what the student has written there.

    >>> alone = {"needs": [], "reads": {}}
    >>> cells = [{"id": "a", **alone}, {"id": "b", **alone}, {"id": "c", **alone}]
    >>> cells[2] |= {"place": 5, "needs": [0, 1], "reads": {"x": 0, "y": 1}}
    >>> for cell in without_answers(cells, {"a"}):
    ...     print(cell)
    {'id': 'b', 'needs': [], 'reads': {}}
    {'id': 'c', 'needs': [0], 'reads': {'y': 0}, 'place': 5}
    """
    kept = {n for n, cell in enumerate(cells) if "place" in cell}
    kept = kept.union(*(cells[n]["needs"] for n in kept))
    kept = sorted(n for n in kept if cells[n]["id"] not in answers)
    number = {old: new for new, old in enumerate(kept)}

    def renumbered(cell):
        needs = [number[n] for n in cell["needs"] if n in number]
        reads = {x: number[n] for x, n in cell["reads"].items() if n in number}
        return {**cell, "needs": needs, "reads": reads}

    return [renumbered(cells[n]) for n in kept]


def setup(app):
    app.add_config_value("recbook_solutions", True, "", bool)
    app.connect("builder-inited", leave_out_pages)
    app.connect("env-purge-doc", remember, priority=100)
    app.connect("missing-reference", as_text)
    app.connect("env-updated", shorten_contents)
    app.connect("doctree-resolved", leave_out, priority=940)
    app.connect("html-page-context", offer_no_source, priority=910)
