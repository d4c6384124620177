"""Run the cells that may lack something in the Python of the pages; say which do.

Usage: node node.mjs CORE trial.py JOB, with recbook_page on its path

JOB is a JSON file, {page: {"cells": what the page tells of them, "suspects": [index],
"starters": [index], "barred": {index: what it lacks, of an earlier trial}}}. Each
suspect is run once, after the cells that it needs. JOB.out gets a line of JSON for
each: page, index, what it lacks; "" where it merely fails, null where it runs. A line
is written before the next cell begins, so that of a process that had to be ended all
is known but the cell at which it was.
"""

import builtins
import gc
import json
import re
import sys
from pathlib import Path

LACKS = re.compile(r"This cell needs (.+): make lab")


def lacking(page, cell, name, starter):
    """Run a cell; what it lacks, "" where it fails for another reason, None if not."""
    shown = []
    page.page["send"] = lambda form, text: shown.append((form, text))
    if page.run(cell["source"], name, quiet=True)["fine"]:
        return None
    match = LACKS.match(shown[-1][1])
    return match[1] if match else (None if starter else "")


def verdicts(page, cells, suspects, starters, barred):
    """Yield (index, what it lacks) of each suspect, in the order of the page."""
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
    told = json.loads(Path(f"/host{job}").read_text(encoding="utf-8"))
    with open(f"/host{job}.out", "w", encoding="utf-8") as out:
        for name, page in told.items():
            for index, lacks in verdicts(recbook_page, **page):
                print(json.dumps([name, index, lacks]), file=out, flush=True)
            gc.collect()


if __name__ == "__main__":
    main(sys.argv[1])
