"""Run a page's exercises and oracle cells in Pyodide, each as on a fresh page.

Usage: node node.mjs CORE cells.py JOB, with recbook_page on its path

JOB is a JSON file ``{page: {"cells": …, "press": [indices]}}``, where ``cells`` is what
the page tells ``live.js``. Each cell is run in an empty namespace, after those that it
needs and no others; what it shows is written to ``JOB.out``, a JSON list for each page.
Python starts once for all pages.
"""

import builtins
import gc
import json
import os
import sys
import time


def press(page, cells, index):
    """Run a cell on a fresh page; return what it showed, and how long it took."""
    shown, begin = [], time.perf_counter()
    page.space.clear()
    page.space |= {"__name__": "__main__", "__builtins__": builtins}
    page.space["get_ipython"] = page.Shell
    page.page["send"] = lambda form, text: shown.append([form, text])
    for needed in cells[index]["needs"]:
        ran = page.run(cells[needed]["source"], f"cell {needed}", quiet=True)
        if not ran["fine"]:
            shown.append(["needed", cells[needed]["id"]])
            break
    else:
        page.run(cells[index]["source"], f"cell {index}")
    return {"index": index, "shown": shown, "seconds": time.perf_counter() - begin}


def main(job):
    import recbook_page

    from recbook._core import wasm

    wasm.fallback = False  # a kernel that is not compiled for a call is an error

    with open(f"/host{job}") as file:
        told = json.load(file)
    recbook_page.start(print)
    os.environ["RECBOOK_PROJECT"] = "/book/_build/project"  # as trial.py says
    done = {}
    for name, page in told.items():
        cells = page["cells"]
        done[name] = [press(recbook_page, cells, index) for index in page["press"]]
        gc.collect()
    with open(f"/host{job}.out", "w") as file:
        json.dump(done, file)


if __name__ == "__main__":
    main(sys.argv[1])
