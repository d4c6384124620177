"""Describe each page for other sites, and give shared links a picture.

``html_baseurl`` in ``_config.yml`` is the address of the published site. Without it
there is no canonical link, and no picture, which needs the address.
"""

import html
import re
from urllib.parse import urljoin, urlsplit

from docutils import nodes

from recbook_book.edition.strings import said
from recbook_book.reading import words
from recbook_book.site import page_facts
from recbook_book.site.written import when_written

CARD = "_static/card.png"  # made by .ci/pictures.py
WIDTH, HEIGHT = 1200, 630
MARK = re.compile(r"<[^>]*>")

ROOT = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="description" content="{description}">
<meta http-equiv="refresh" content="0; url={page}">
{canonical}</head>
<body><p><a href="{page}">{title}</a></p></body>
</html>
"""

LOST = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{lost} · {title}</title>
<script>
// It is shown at any address, so its links are to be read from where the site begins.
const [site, page] = location.pathname.split(/(?=(?:chapters|notebooks|_static)\\/)/);
const base = page ? site : "{base}";
if (location.protocol !== "file:")
  document.head.insertAdjacentHTML("beforeend", `<base href="${{base}}">`);
</script>
<link rel="icon" href="_static/favicon.svg">
<style>
:root {{ color-scheme: light dark; }}
@font-face {{
  font-family: "Source Sans 3"; font-weight: 200 900;
  src: url(_static/fonts/source-sans-3-latin-wght-normal.woff2); }}
body {{
  font: 1.1rem/1.6 "Source Sans 3", system-ui, sans-serif;
  margin: 12vh auto; max-width: 34rem; padding: 0 1.25rem; }}
svg {{ height: 6rem; width: 6rem; }}
h1 {{ font-size: 2rem; line-height: 1.2; }}
a {{ color: light-dark(#0a58ad, #86b7f2); }}
input, button {{ border: 1px solid #8a94a3; border-radius: 0.375rem; font: inherit; }}
input {{
  background: none; color: inherit; padding: 0.3rem 0.6rem; width: min(16rem, 60%); }}
button {{ background: #0a58ad; color: #fff; padding: 0.3rem 0.9rem; }}
</style>
</head>
<body>
<main>
{logo}
<h1>{empty}</h1>
<p>{why}</p>
<form action="search.html" role="search">
<input type="search" name="q" aria-label="{field}"> <button>{search}</button>
</form>
</main>
</body>
</html>
"""
WHY = """\
There is no page at this address. Perhaps it was moved, or the link has a slip in it.
Begin at <a href="{page}">the first page</a>, or look for what you want:"""


def describe(env, docname):
    """Return one or two lines about a page: its subtitle and its beginning."""
    subtitle = env.recbook_subtitles.get(docname)
    title = env.titles[docname].astext()
    begins = env.recbook_beginnings.get(docname, title)
    if not subtitle:
        return begins
    if words.is_chinese(subtitle):  # not that of a page that is not translated
        return said("{subtitle}. {begins}", subtitle=subtitle, begins=begins)
    return f"{subtitle}. {begins}"


def beginning(doctree):
    """Return the first paragraph of a page that is long enough."""
    skipped = nodes.Admonition | nodes.Invisible | nodes.table | nodes.figure
    for paragraph in doctree.findall(nodes.paragraph):
        text = words.of(paragraph)
        is_long = len(text) >= (20 if words.is_chinese(text) else 40)
        is_text = "subtitle" not in paragraph["classes"] and is_long
        if is_text and not inside(paragraph, skipped):
            return words.shorten(text)
    return None


def inside(node, kinds):
    """Whether a node is inside a node of one of these kinds."""
    while node.parent is not None:
        node = node.parent
        if isinstance(node, kinds):
            return True
    return False


def tag(name, content, key="property"):
    return f'<meta {key}="{name}" content="{html.escape(content)}">'


def add_tags(app, pagename, templatename, context, doctree):
    """Add the description and the tags for shared links to the head of a page."""
    site, home = app.config.html_title, app.config.root_doc
    title = html.unescape(MARK.sub("", context.get("title", "")))
    if pagename == home:
        context["docstitle"] = ""  # else the title of the book stands there twice
    if doctree is None:
        return
    description = describe(app.env, pagename)
    tags = [tag("description", description, key="name")]
    tags += [tag("og:type", "website" if pagename == home else "article")]
    tags += [tag("og:site_name", site), tag("og:title", " ".join(title.split()))]
    tags += [tag("og:description", description)]
    if app.config.html_baseurl:
        card = urljoin(app.config.html_baseurl, CARD)
        tags += [tag("og:url", context["pageurl"]), tag("og:image", card)]
        tags += [tag("og:image:width", str(WIDTH)), tag("og:image:height", str(HEIGHT))]
        tags += [tag("og:image:alt", said("A table of ratings with one gap to fill"))]
        tags += [tag("twitter:card", "summary_large_image", key="name")]
    context["metatags"] = "\n".join([context.get("metatags", ""), *tags, ""])


def write_ends(app, site):
    """Write the page at the site's root, and the page for unknown addresses."""
    home, base = app.config.root_doc, app.config.html_baseurl
    page = f"{home}.html"
    canonical = f'<link rel="canonical" href="{urljoin(base, page)}">\n' if base else ""
    values = {
        "language": app.config.language.replace("_", "-"),
        "title": html.escape(app.config.html_title),
        "description": html.escape(describe(app.env, home)),
        "page": page,
        "lost": said("Page not found"),
        "empty": said("This cell is empty"),
        "why": said(WHY, page=page),
        "field": said("Search the course"),
        "search": said("Search"),
        "canonical": canonical,
        "base": html.escape(urlsplit(base).path or "/"),
        "logo": (site / "_static" / "logo.svg").read_text(encoding="utf-8"),
    }
    (site / "index.html").write_text(ROOT.format(**values), encoding="utf-8")
    (site / "404.html").write_text(LOST.format(**values), encoding="utf-8")


def setup(app):
    page_facts.keep(app, "recbook_beginnings", beginning)
    app.connect("html-page-context", add_tags)
    when_written(app, write_ends, priority=960)
