"""Show HTML in Pyodide as a cell of a page would.

Usage: node node.mjs CORE shown.py JOB, with recbook_page on its path

JOB is a JSON file {page: what its cells put out}; JOB.out gets what the page is sent.
"""

import json
import sys
from pathlib import Path


def main(job):
    import recbook_shows

    shown = {}
    told = json.loads(Path(f"/host{job}").read_text(encoding="utf-8"))
    for page, texts in told.items():
        sent = shown[page] = []
        recbook_shows.page["send"] = lambda form, text, to=sent: to.append(text)
        recbook_shows.display(*map(recbook_shows.HTML, texts))
    Path(f"/host{job}.out").write_text(json.dumps(shown), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
