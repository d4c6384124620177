"""Pages of one edition lead to the same page of the other.

The Chinese edition lies in the folder ``zh`` of the site. Each page has a link to its
sister at its head, and tells search engines of both. There is no redirect by the
language of a browser, and no cookie. Where no other edition is built, nothing is said
of one.
"""

import posixpath

from docutils import nodes

from recbook_book.edition.api_in_english import is_left_out
from recbook_book.edition.strings import said
from recbook_book.edition.translations import is_english, sibling_of
from recbook_book.site.students_site import is_for_students
from recbook_book.site.written import rewrite, when_written

FOLDER = "zh/"
HEAD = '<div class="article-header-buttons">'
LINK = (
    '<a class="edition btn btn-sm" href="{page}" hreflang="{code}" lang="{code}">'
    "{name}</a>"
)
ALTERNATE = '<link rel="alternate" hreflang="{code}" href="{page}" />\n'
SCRIPT = "edition.js"  # carries the place on the page over
NOTE = '<p class="behind">{}</p>'


def is_alone(app):
    """Whether no other edition lies beside this one; beside a students' site, none."""
    beside = "zh" in app.config.recbook_editions and not is_for_students(app)
    return is_english(app) and not beside


def lead_over(app, site):
    """Give each page of the book a link to its sister, once all is written."""
    if is_alone(app):
        return
    sisters = {page for page in app.env.found_docs if not is_left_out(page)}

    def led(page, name):
        if name not in sisters:
            return page
        up = posixpath.relpath(".", posixpath.dirname(name)) + "/"
        to_english = up if is_english(app) else f"{up}../"
        ways = {"en": to_english, "zh-CN": f"{to_english}{FOLDER}"}
        code, shown = ("zh-CN", "中文") if is_english(app) else ("en", "English")
        link = LINK.format(page=f"{ways[code]}{name}.html", code=code, name=shown)
        if base := app.config.html_baseurl.rstrip("/"):
            ways = {"en": f"{base}/", "zh-CN": f"{base}/{FOLDER}"}
        ways["x-default"] = ways["en"]
        links = "".join(
            ALTERNATE.format(code=code, page=f"{way}{name}.html")
            for code, way in ways.items()
        )
        page = page.replace(HEAD, f"{HEAD}\n{link}", 1)
        return page.replace("</head>", f"{links}</head>", 1)

    rewrite(site, led)


def load(app, pagename, templatename, context, doctree):
    """Load the script of the link; say which pages are not translated yet."""
    if is_alone(app):
        return
    if doctree is not None:
        app.add_js_file(SCRIPT, loading_method="defer")
    if is_english(app) or doctree is None or sibling_of(app, pagename).exists():
        return
    note = NOTE.format(said("This page has not been translated yet."))
    body = context["body"].replace("<section", '<section lang="en"', 1)
    context["body"] = note + body


def name_pages(app, doctree, docname):
    """Name a page that is named by its title alone by its number, too: 1.1《标题》."""
    if is_english(app):
        return
    for link in doctree.findall(nodes.reference):
        inside = link.children[0] if len(link) == 1 else None
        if not isinstance(inside, nodes.inline) or "doc" not in inside["classes"]:
            continue
        path = link.get("refuri", "").partition("#")[0].removesuffix(".html")
        there = posixpath.normpath(posixpath.join(docname, "..", path))
        page = there if path else docname
        title = app.env.titles.get(page)
        if title is not None and link.astext() == title.astext():
            number = ".".join(map(str, title.get("secnumber") or ()))
            inside[:] = [nodes.Text(f"{number}《{title.astext()}》")]
            if not number:
                close_up(link)


def close_up(link):
    """Take the space before a link that begins with a full-width mark."""
    at = link.parent.index(link)
    before = link.parent[at - 1] if at else None
    if isinstance(before, nodes.Text):
        link.parent[at - 1] = nodes.Text(before.rstrip(" "))


def name_parts(app):
    """Give the parts in the list of pages their names in the edition."""
    for tree in app.config.external_site_map.root.subtrees:
        tree.caption = said(tree.caption)


def setup(app):
    app.add_config_value("recbook_editions", [], "")
    app.connect("builder-inited", name_parts)
    app.connect("doctree-resolved", name_pages, priority=600)
    app.connect("html-page-context", load, priority=890)
    when_written(app, lead_over)
