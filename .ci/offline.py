"""Make an app of the written site: what it is called, and what a browser keeps of it.

``sw.js`` (``chapters/_ext/recbook_book/site/sw.js``) keeps the files that
``offline.json`` names, each with its sum: ``now`` all that pages need, ``later`` what a
reader may ask for. The Python of the pages is in neither list, as its addresses name
what they hold, nor are the files for a tablet. The same site has the same bytes here.
"""

import hashlib
import json

import digests

WORKER = digests.ROOT / "chapters/_ext/recbook_book/site/sw.js"
LIST, START = "offline.json", "chapters/intro.html"
LATER = (".ipynb", ".whl", ".md", ".inv")
# Sources of the theme's words, and what describes the build.
LEFT_OUT = ("webpack-macros.html", ".po", ".mo", ".buildinfo", ".map", ".nojekyll")
OURS = (LIST, "sw.js")
MANIFEST = {
    "name": "Recommender systems for marketing",
    "short_name": "Recommenders",
    "id": START,
    "start_url": START,
    "scope": "./",
    "display": "minimal-ui",  # with a way back from a note
    "background_color": "#ffffff",
    "theme_color": "#0a58ad",
    "icons": [{"src": "_static/favicon.svg", "sizes": "any", "type": "image/svg+xml"}],
}


def write(html, **names):
    """Write the manifest, the list and the worker, when all else is written.

    ``names`` are those of an edition: ``name`` and ``short_name``.
    """
    manifest = json.dumps(MANIFEST | names, indent=1) + "\n"
    (html / "manifest.webmanifest").write_text(manifest, encoding="utf-8", newline="\n")
    text = json.dumps(listed(html), indent=0, sort_keys=True) + "\n"
    (html / LIST).write_text(text, encoding="utf-8", newline="\n")
    edition = hashlib.sha256(text.encode()).hexdigest()
    worker = f'const EDITION = "{edition}";\n' + WORKER.read_text(encoding="utf-8")
    (html / "sw.js").write_text(worker, encoding="utf-8", newline="\n")


def listed(html):
    """Return {"now": {path: sum}, "later": likewise} of the site's files."""
    found = {"now": {}, "later": {}}
    for path in sorted(html.rglob("*")):
        name = path.relative_to(html).as_posix()
        packed = name.startswith("_static/live/") and path.suffix != ".txt"
        packed |= name.startswith("pdf/")  # large: whoever wants one, asks for it
        if not path.is_file() or packed or name in OURS or name.endswith(LEFT_OUT):
            continue
        asked = name.endswith(LATER) or name.startswith(("_sources/", "notebooks/"))
        kind = "later" if asked else "now"
        found[kind][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
