"""Print the book as PDF files for a tablet: one for each part, and one of all.

Usage: .venv/bin/python .ci/pdf.py [PART], after `make book`

Each page of the built book is opened and printed (``paper/tablet.js``), the solutions
apart from the exercises, as they come after the last chapter of their part. Then the
pieces are joined (``paper/joining.py``). What is up to date is not printed again. The
files are in ``_build/pdf``, and the built site offers them (``paper/volumes.py``).
"""

import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict

import offline
import site_html
from paper import printing, volumes
from paper.joining import Piece
from paper.printer import PAPER, Printer
from settings import call

HTML = site_html.HTML
PIECES = volumes.MADE / "pieces"


def make(volume):
    """Print a part, keep what its pieces are for the whole, and return its pages."""
    with printing.chromium(*PAPER) as context:
        printer = Printer(context, volume, HTML)
        pieces = printer.pieces()
        kept = [asdict(piece) for piece in pieces if piece.is_own]
        file = PIECES / f"{volume.file}.json"
        file.write_text(json.dumps(kept), encoding="utf-8")
        return volume, printer.bound(pieces)


def make_whole(parts):
    """Join what the parts were made of."""
    volume, pieces = volumes.whole(), []
    for part in parts:
        text = (PIECES / f"{part.file}.json").read_text(encoding="utf-8")
        pieces += [Piece(**known) for known in json.loads(text)]
    with printing.chromium(*PAPER) as context:
        return volume, Printer(context, volume, HTML).bound(pieces)


def chosen(only):
    """Return the volumes that are asked for, of a part's number or of all."""
    names = {part.number or "appendix": part for part in volumes.volumes()}
    if only and only not in names:
        sys.exit(f"recbook: PART={only}: take one of {', '.join(names)}.")
    return [names[only]] if only else list(names.values())


def main(only=""):
    """Print what is not up to date, and report the progress."""
    begun, parts = time.perf_counter(), chosen(only)
    if not (HTML / "chapters" / "intro.html").exists():
        sys.exit(f"recbook: there is no built book: run `{call('book')}` first.")
    stale = [part for part in parts if not volumes.is_current(part, HTML)]
    whole = not only and (stale or not volumes.is_current(volumes.whole(), HTML))
    stale.sort(key=lambda part: -len(part.pages))  # the longest first
    n_all = len(stale) + bool(whole)
    editions = {v: volumes.edition(v, HTML) for v in (*stale, volumes.whole())}

    def report(n_done, made):
        volume, n_pages = made
        volumes.note(volume, editions[volume], n_pages)
        seconds = time.perf_counter() - begun
        said = f"{n_done} of {n_all}: {volume.title}, {n_pages:,} pages"
        print(f"  {said}, {seconds:.0f} s", flush=True)

    if stale:
        with ProcessPoolExecutor(min(len(stale), os.cpu_count())) as pool:
            waiting = [pool.submit(make, part) for part in stale]
            for n_done, job in enumerate(as_completed(waiting), 1):
                report(n_done, job.result())
    if whole:
        report(n_all, make_whole(parts))
    volumes.offer(HTML)
    offline.write(HTML)
    print(f"The files are in {volumes.MADE}, and the built book offers them.")


if __name__ == "__main__":
    main(*sys.argv[1:])
