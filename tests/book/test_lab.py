"""Open some of the students' notebooks in JupyterLab as ``make lab`` does; run them.

One by day, three at night. Read after ``make book``, by ``make site-test``. Nothing
here waits for a time: only for what Lab shows, and long, since a machine may be slow.
"""

import json
import os
import re
import subprocess
import sys
import time

import browsing
import lab
import pytest
from bookpages import ALL_PAGES
from studentpages import NOTEBOOKS, RAW, file_of, written

pytestmark = pytest.mark.site

PAGES = ["2-neighbours/user-cf"]
if ALL_PAGES:
    PAGES += ["1-concepts/data", "5-project/model"]
UNFILLED = re.compile("not filled in yet|replace its dots")
LIMIT = 15 * 60_000  # milliseconds
# All cells are drawn, not only those in sight.
ALL_CELLS = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}
READY = """path => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.context?.path === path && panel.context.isReady
        && panel.sessionContext.session?.kernel?.status === 'idle';
}"""
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
# What is typeset, and what the reader sees of the text beside it and beside code.
TYPESET = """() => {
    const cells = [...document.querySelectorAll('.jp-Notebook .jp-MarkdownCell')];
    const text = cells.map(cell => {
        const copy = cell.querySelector('.jp-RenderedMarkdown').cloneNode(true);
        copy.querySelectorAll('mjx-container, code, pre').forEach(e => e.remove());
        return copy.innerText;
    }).join('\\n');
    const all = '.jp-Notebook img:not(.cm-widgetBuffer)';  // the editor's own
    const images = [...document.querySelectorAll(all)];
    return cells.length && cells.every(c => c.classList.contains('jp-mod-rendered'))
        && images.every(image => image.complete)
        && !/\\$[^$\\s][^$\\n]*\\$|\\$\\$|\\\\[a-zA-Z]{2,}/.test(text) && {
            text,
            formulas: document.querySelectorAll('.jp-Notebook mjx-container').length,
            refused: document.querySelectorAll('mjx-merror, [data-mjx-error]').length,
            missing: images.filter(i => !i.naturalWidth).map(i => i.alt || i.src),
            asked: document.querySelectorAll('.jp-Dialog, .Toastify__toast').length,
        };
}"""
OUTPUTS = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === 'code')
    .map(cell => cell.model.toJSON())"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Start Lab on a copy of the notebooks, with no settings of the reader's own."""
    home = tmp_path_factory.mktemp("home")
    my = tmp_path_factory.mktemp("my")
    lab.copy(NOTEBOOKS, my)
    own = ("CONFIG", "DATA", "RUNTIME")
    folders = {f"JUPYTER_{name}_DIR": str(home / name) for name in own}
    folders |= {
        f"JUPYTERLAB_{n}_DIR": str(home / n) for n in ("SETTINGS", "WORKSPACES")
    }
    settings = lab.settings(home, {**lab.QUIET, **ALL_CELLS})
    environment = {**os.environ, **folders, **settings, "IPYTHONDIR": str(home)}
    environment.pop("MPLBACKEND", None)
    options = ["--no-browser", "--IdentityProvider.token=", "--expose-app-in-browser"]
    command = lab.command(my, options)
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield found(server, home)
        finally:
            server.terminate()
            server.wait()


def found(server, home):
    """The address that a server writes down once it has found a port."""
    while server.poll() is None:
        for path in (home / "RUNTIME").glob("jpserver-*.json"):
            return json.loads(path.read_text())["url"]
        time.sleep(0.1)
    pytest.fail((home / "log").read_text())


@pytest.mark.skipif(sys.platform == "win32", reason="the book is built on Unix")
@pytest.mark.parametrize("name", PAGES)
def test_a_notebook_reads_well_in_lab_and_runs_from_top_to_bottom(
    name, address, browser
):
    (page,) = (page for page in written() if page.name == name)
    path = file_of(page).relative_to(NOTEBOOKS).as_posix()
    context, tab, complaints = browsing.window(browser, address, "light", 1280)
    tab.set_default_timeout(LIMIT)
    workspace = name.replace("/", "-")  # without the tabs of the other tests
    tab.goto(f"{address}lab/workspaces/{workspace}/tree/{path}")
    tab.wait_for_function(READY, arg=path)
    for step in ("as it was built", "after a run"):
        if step == "after a run":
            tab.evaluate(RUN_ALL)
        seen = tab.wait_for_function(TYPESET).json_value()
        assert seen["formulas"] > 20, step
        assert (seen["refused"], seen["missing"], seen["asked"]) == (0, [], 0), step
        raw = [kind for kind in RAW if re.search(RAW[kind], seen["text"], re.M)]
        assert not raw, step
        assert "Solution to" not in seen["text"], step
    cells = {cell["id"]: cell for cell in tab.evaluate(OUTPUTS)}
    for cell in cells.values():
        kinds = [o["output_type"] for o in cell["outputs"] if o.get("name") != "stdout"]
        assert cell["execution_count"], f"{cell['id']} did not run"
        assert "error" not in kinds, cell["id"]
    for exercise in page.exercises:
        for starter in exercise.starters:
            (output,) = cells[starter.id]["outputs"]  # and no bare False below it
            assert UNFILLED.search("".join(output["text"])), starter.id
    tab.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
    )
    context.close()
    assert not [line for line in complaints if line.startswith("asked another host")]
