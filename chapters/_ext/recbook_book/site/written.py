"""Change the site after all its pages are written."""

import json
from pathlib import Path


def when_written(app, do, priority=500):
    """Call ``do(app, site)`` with the site's folder after HTML is written."""

    def listen(app, error):
        if not error and app.builder.name == "html":
            do(app, Path(app.outdir))

    app.connect("build-finished", listen, priority=priority)


def rewrite(site, change):
    """Replace each page by ``change(page, name)``; its name is that in the book."""
    for path in sorted(site.rglob("*.html")):
        page = path.read_text(encoding="utf-8")
        changed = change(page, path.relative_to(site).with_suffix("").as_posix())
        if changed != page:
            path.write_text(changed, encoding="utf-8")


def write_data(site, name, form, data):
    """Write data as a script in ``form``: pages opened from disk cannot fetch files."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    file = site / "_static" / name
    file.write_text(form.format(text) + "\n", encoding="utf-8")
