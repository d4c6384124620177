"""Run suspect cells in the Python of the pages, and write down which of them fail.

Usage: node node.mjs CORE trial.py JOB, with recbook_page on its path

JOB is a JSON file, {page: {"cells": the page's JSON of them, "suspects": [index],
"starters": [index], "barred": {index: what it lacked in an earlier trial}}}. Each
suspect is run once, after the cells that it needs. JOB.out gets a line of JSON for
each: page, index and what it lacks, "" if it fails for another reason, null if it
runs. The line is written before the next cell begins: if the process has to be ended,
only the verdict on the current cell is missing.
"""

import builtins
import gc
import json
import os
import re
import sys
from pathlib import Path

LACKS = re.compile(r"This cell needs (.+): make lab")


def lacking(page, cell, name, starter):
    """Run a cell; return what it lacks, "" if it fails otherwise, None if it runs."""
    shown = []
    page.page["send"] = lambda form, text: shown.append((form, text))
    if page.run(cell["source"], name, quiet=True)["fine"]:
        return None
    match = LACKS.match(shown[-1][1])
    return match[1] if match else (None if starter else "")


def verdicts(page, cells, suspects, starters, barred):
    """Yield (index, what it lacks) for each suspect, in the order of the page."""
    page.space.clear()
    page.space |= {"__name__": "__main__", "__builtins__": builtins}
    page.space["get_ipython"] = page.Shell
    done = {int(k): lacks for k, lacks in barred.items()}  # what each cell lacks
    for index in suspects:
        needs = cells[index]["needs"]
        lacks = next((done[n] for n in needs if done.get(n) is not None), None)
        for k in [*needs, index]:
            if lacks is None and k not in done:
                done[k] = lacking(page, cells[k], f"cell {k}", k in starters)
                lacks = done[k]
        done[index] = lacks
        yield index, lacks


def main(job):
    import recbook_page

    recbook_page.start(print)
    # As in a browser, in memory: another process runs the film project beside this one.
    os.environ["RECBOOK_PROJECT"] = "/book/_build/project"
    told = json.loads(Path(job).read_text(encoding="utf-8"))
    with open(f"{job}.out", "w", encoding="utf-8") as out:
        for name, page in told.items():
            for index, lacks in verdicts(recbook_page, **page):
                print(json.dumps([name, index, lacks]), file=out, flush=True)
            gc.collect()


if __name__ == "__main__":
    main(f"/host{sys.argv[1]}")
