"""Print the exercises, answers and slides of the guide's sessions as PDF files.

Usage: .venv/bin/python .ci/sheets.py [SESSION [NUMBERS]], after `make book`

The built instructor's guide begins each session with the addresses of its three views
(``recbook_book/page/sessions.py``), and the pages know how to print themselves
(``chapters/_static/sheet.js``): here they are only opened and printed. With numbers of
students, such as 1-30, a file has the session's exercises for each of them
(``chapters/_static/variants.js``), and a table has the answers.
"""

import csv
import os
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
from paper import printing
from settings import call

from recbook.checks.registry import REGISTRY, variants_of

BUILD = Path(__file__).resolve().parents[1] / "_build"
APPENDIX = BUILD / "html" / "chapters" / "appendix"
SHEETS = BUILD / "sheets"
BLANKS = "paper-sheets"  # the page of tables to fill in
READY = "() => document.documentElement.dataset.ready"
# A link on paper leads nowhere, and in a file it would tell where it was made.
PREPARE = """(title) => {
    document.title = title;
    for (const link of document.querySelectorAll('.view a'))
        link.removeAttribute('href');
}"""
COPY = """(numbers) => {
    const sheet = document.querySelector('.view .bd-article');
    const copies = numbers.map((number) => {
        const copy = sheet.cloneNode(true);
        recbookNumber.show(copy, number);
        copy.style.breakAfter = 'page';
        return copy;
    });
    sheet.replaceWith(...copies);
}"""
IDS = "() => [...document.querySelectorAll('.view .variant')].map((x) => x.dataset.of)"
MOST = 500  # sheets in one file
HEADER = '@page sheet {{ @top-left {{ content: "{}"; font: 9pt sans-serif; }} }}'


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


def opened(context, address, title):
    """Return a view in a tab, ready to be printed."""
    tab = context.new_page()
    tab.goto(f"{APPENDIX.as_uri()}/{address}", wait_until="load")
    tab.wait_for_function(READY)
    tab.evaluate(PREPARE, title)
    return tab


def printed(context, address, title, numbers=()):
    """Return a view as the bytes of a PDF: the same bytes for the same page."""
    tab = opened(context, address, title)
    if numbers:
        tab.evaluate(COPY, list(numbers))
    tab.add_style_tag(content=HEADER.format(title.replace('"', r"\"")))
    pdf = tab.pdf(prefer_css_page_size=True, print_background=True)
    tab.close()
    return printing.undated(pdf)


def numbers_of(text):
    """Return the numbers of students that a setting names.

    >>> numbers_of("3-5"), numbers_of("17")
    (range(3, 6), range(17, 18))
    """
    match = re.fullmatch(r"([1-9]\d{0,5})(?:-([1-9]\d{0,5}))?", text)
    first, last = (
        (int(n) for n in (match[1], match[2] or match[1])) if match else (1, 0)
    )
    if not 0 <= last - first < MOST:
        sys.exit(f"recbook: NUMBERS={text}: write 1-30, or one number; {MOST} at most.")
    return range(first, last + 1)


def for_numbers(session, sessions, numbers):
    """Print a sheet of the session for each number, and write the table of answers."""
    name, links = sessions[session]
    file = SHEETS / f"session-{session:02}-exercises-{numbers[0]}-{numbers[-1]}.pdf"
    with printing.chromium() as context:
        tab = opened(context, links["exercises"], name)
        ids = list(dict.fromkeys(tab.evaluate(IDS)))
        if not ids:
            sys.exit(
                f"recbook: no exercise of session {session} has numbers of one's own."
            )
        file.write_bytes(printed(context, links["exercises"], name, numbers))
    answers = file.with_suffix(".csv")
    with answers.open("w", newline="", encoding="utf-8-sig") as table:
        writer = csv.writer(table)
        writer.writerow(["number", *ids])
        writer.writerows([n, *(answer(id, n) for id in ids)] for n in numbers)
    print(f"The sheets are {file}\nThe answers are {answers}")


def answer(id, number):
    """Return the answer of a variant as a teacher compares it with a sheet.

    >>> answer("1.2-inverse", 0), answer("6.1-errors", 0)
    ('0.75, 0.964', '2.13')
    """
    assert variants_of(id)  # which loads all checks
    value, near = REGISTRY[id].value(number), REGISTRY[id].atol
    decimals = max(0, 1 - round(np.log10(2 * np.min(near))))
    parts = np.ravel(value).round(decimals)
    return ", ".join(f"{part:.10g}" for part in parts)


def print_all(files):
    """Print files, {name: (address, title)}, with one browser."""
    with printing.chromium() as context:
        for name, (address, title) in files.items():
            (SHEETS / f"{name}.pdf").write_bytes(printed(context, address, title))


def main(only="", numbers=""):
    """Print one session, or all and the paper sheets, and report the progress."""
    begun, sessions = time.perf_counter(), read_guide()
    if only and only not in map(str, sessions):
        sys.exit(f"recbook: SESSION={only}: take one from 1 to {max(sessions)}.")
    if numbers and not only:
        sys.exit("recbook: NUMBERS goes with one session: SESSION=40 NUMBERS=1-30.")
    SHEETS.mkdir(parents=True, exist_ok=True)
    if numbers:
        return for_numbers(int(only), sessions, numbers_of(numbers))
    jobs = {
        name: {f"session-{n:02}-{kind}": (at, name) for kind, at in links.items()}
        for n, (name, links) in sessions.items()
        if only in ("", str(n))
    }
    if not only:
        jobs["Paper sheets"] = {BLANKS: (f"{BLANKS}.html?sheet", "")}
    with ProcessPoolExecutor(min(len(jobs), os.cpu_count())) as pool:
        waiting = {pool.submit(print_all, files): name for name, files in jobs.items()}
        for n_done, job in enumerate(as_completed(waiting), 1):
            job.result()
            seconds = time.perf_counter() - begun
            print(f"  {n_done} of {len(jobs)}: {waiting[job]}, {seconds:.0f} s")
    print(f"The sheets are in {SHEETS}")


if __name__ == "__main__":
    main(*sys.argv[1:])
