"""Cells of a page: to press them, to edit them, to see what they show."""

import json
import time
from pathlib import Path

from live import build, runtime

PATIENCE = 100_000  # ms: other tests may run beside
PRESS = "label => recbookLive.cells.find(c => c.label === label).run.click()"
STATE = """label => {
    const {id, state, out} = recbookLive.cells.find(c => c.label === label);
    return {id, state: state.textContent, shown: out.innerText};
}"""


def press(tab, label):
    """Press Run of a cell, wait, and return its id, its state and what it shows."""
    tab.evaluate(PRESS, label)
    # Asked again and again from here: a policy may forbid that the page does it.
    end = time.monotonic() + PATIENCE / 1000
    while not tab.evaluate("recbookLive.idle()") and time.monotonic() < end:
        tab.wait_for_timeout(50)
    return tab.evaluate(STATE, label)


def edit(tab, label):
    """Press Edit of a cell, and return its editor."""
    tab.get_by_role("button", name=f"Edit cell {label}", exact=True).click()
    return tab.get_by_label(f"Code of cell {label}")


def run_apart(script, job, folder):
    """Run a ``job`` of page_python's ``script`` under Node.js; return what it wrote."""
    file = folder / "job.json"
    file.write_text(json.dumps(job))
    script = Path(__file__).parents[1] / "page_python" / script
    process = runtime.start(build.RUNTIME, script, file, path=build.PATH)
    said = process.communicate()[0]
    assert process.returncode == 0, said[-3000:]
    return json.loads(Path(f"{file}.out").read_text())


def labels(tab):
    return tab.evaluate("recbookLive.cells.filter(c => c.run).map(c => c.label)")


def label_of(tab, id):
    return tab.evaluate("id => recbookLive.cells.find(c => c.id === id).label", id)
