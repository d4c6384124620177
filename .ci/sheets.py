"""Print the exercises, answers and slides of the guide's sessions as PDF files.

Usage: .venv/bin/python .ci/sheets.py [SESSION], after `make book`

The built instructor's guide begins each session with the addresses of its three views
(``recbook_book/page/sessions.py``), and the pages know how to print themselves
(``chapters/_static/sheet.js``): here they are only opened and printed.
"""

import os
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from html.parser import HTMLParser
from pathlib import Path

import browsing
from settings import call

BUILD = Path(__file__).resolve().parents[1] / "_build"
APPENDIX = BUILD / "html" / "chapters" / "appendix"
SHEETS = BUILD / "sheets"
BLANKS = "paper-sheets"  # the page of tables to fill in
# Large, and of no use on paper.
LEFT_OUT = re.compile(r"fontawesome|searchindex|searchtools|language_data")
READY = "() => document.documentElement.dataset.ready"
# A link on paper leads nowhere, and in a file it would tell where it was made.
PREPARE = """(title) => {
    document.title = title;
    for (const link of document.querySelectorAll('.view a'))
        link.removeAttribute('href');
}"""
HEADER = '@page sheet {{ @top-left {{ content: "{}"; font: 9pt sans-serif; }} }}'
DATE = re.compile(rb"\(D:\d{14}[^)]*\)")


class Guide(HTMLParser):
    """Read the sessions of the built guide: number -> (name, {kind: address})."""

    def __init__(self, text):
        super().__init__()
        self.sessions = {}
        self.name = self.address = None
        self.in_links = self.in_heading = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "h2":
            self.name, self.in_heading = "", True
        elif tag == "p":
            self.in_links = found.get("class") == "session-links"
        elif tag == "a":
            self.in_heading = False  # the mark that links to the heading
            self.address = found.get("href") if self.in_links else None

    def handle_data(self, data):
        if self.in_heading:
            self.name += data
        elif self.address:
            number = int(re.match(r"Session (\d+)", self.name)[1])
            _, links = self.sessions.setdefault(number, (self.name, {}))
            links[data.lower()] = self.address
            self.address = None


def read_guide():
    """Return the sessions of the guide that `make book` has built."""
    page = APPENDIX / "instructor-guide.html"
    if not page.exists():
        sys.exit(f"recbook: there is no built guide: run `{call('book')}` first.")
    return Guide(page.read_text(encoding="utf-8")).sessions


def printed(context, address, title):
    """Return a view as the bytes of a PDF: the same bytes for the same page."""
    tab = context.new_page()
    tab.goto(f"{APPENDIX.as_uri()}/{address}", wait_until="load")
    tab.wait_for_function(READY)
    tab.evaluate(PREPARE, title)
    tab.add_style_tag(content=HEADER.format(title.replace('"', r"\"")))
    pdf = tab.pdf(prefer_css_page_size=True, print_background=True)
    tab.close()
    return DATE.sub(lambda m: b"(D:20000101000000".ljust(len(m[0]) - 1) + b")", pdf)


def print_all(files):
    """Print files, {name: (address, title)}, with one browser."""
    with browsing.chromium() as browser:
        # As large as a slide, so that on paper it is laid out as on the screen.
        context = browser.new_context(
            viewport={"width": 1280, "height": 720}, reduced_motion="reduce"
        )
        context.route(LEFT_OUT, lambda route: route.abort())
        for name, (address, title) in files.items():
            (SHEETS / f"{name}.pdf").write_bytes(printed(context, address, title))


def main(only=""):
    """Print one session, or all and the paper sheets, and report the progress."""
    begun, sessions = time.perf_counter(), read_guide()
    if only and only not in map(str, sessions):
        sys.exit(f"recbook: SESSION={only}: take one from 1 to {max(sessions)}.")
    jobs = {
        name: {f"session-{n:02}-{kind}": (at, name) for kind, at in links.items()}
        for n, (name, links) in sessions.items()
        if only in ("", str(n))
    }
    if not only:
        jobs["Paper sheets"] = {BLANKS: (f"{BLANKS}.html?sheet", "")}
    SHEETS.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(min(len(jobs), os.cpu_count())) as pool:
        waiting = {pool.submit(print_all, files): name for name, files in jobs.items()}
        for n_done, job in enumerate(as_completed(waiting), 1):
            job.result()
            seconds = time.perf_counter() - begun
            print(f"  {n_done} of {len(jobs)}: {waiting[job]}, {seconds:.0f} s")
    print(f"The sheets are in {SHEETS}")


if __name__ == "__main__":
    main(*sys.argv[1:])
