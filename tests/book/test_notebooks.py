"""Each notebook runs, its oracles print what is stored, its solutions are right.

The executed copies are those of `make book`; what is stale runs here, and is kept.
"""

import re
from collections import defaultdict

import bookpages
import nbformat
import pages
import pytest
from execute import SETTINGS
from nbformat.v4 import new_output

ORACLE = "nbval-check-output"
# What differs from run to run, or from machine to machine: ids of widgets, and pixels.
ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6}")
UNCOMPARED = {"application/vnd.jupyter.widget-view+json", "image/png", "image/jpeg"}


@pytest.fixture(scope="module")
def executed(request):
    """Return a function: the executed copy of a notebook, or what failed in it."""
    asked = [
        item.callspec.params
        for item in request.session.items
        if item.path == request.path and "executed" in getattr(item, "fixturenames", ())
    ]
    wanted = {p["path"] if "path" in p else p["page"].path for p in asked}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        patch.delenv("MPLBACKEND", raising=False)
        copies = pages.Copies(pages.environment())
        failures = copies.refresh(sorted(wanted))

    def copy(path):
        assert path not in failures, failures[path]
        return copies.get(path)

    return copy


def shown(outputs):
    """What a cell shows, by kind: streams whole, results and errors in their order."""
    found, streams = defaultdict(list), defaultdict(str)
    for output in outputs:
        if output.output_type == "stream":
            streams[output.name] += output.text
        elif output.output_type == "error":
            found["error"].append(f"{output.ename}: {output.evalue}")
        else:
            for kind in output.data.keys() - UNCOMPARED:
                found[kind].append(output.data[kind])
    for name, text in streams.items():  # of a line written anew, the last form stays
        found[name] = [re.sub(r"^.*\r(?=[^\n])", "", text, flags=re.M)]
    return dict(found)


def problems(stored, copy):
    """Yield what is wrong with an executed copy, beside the notebook as stored."""
    ours, theirs = (
        [cell for cell in notebook.cells if cell.cell_type == "code"]
        for notebook in (stored, copy)
    )
    for cell, run in zip(ours, theirs, strict=True):
        tags = cell.metadata.get("tags", [])
        printed = shown(run.outputs)
        if "error" in printed and "raises-exception" not in tags:
            yield f"cell `{cell.id}` raised {printed['error'][0]}"
        if ADDRESS.search("".join(printed.get("stdout", []))):
            yield f"cell `{cell.id}` printed an address in memory, new in each run"
        if ORACLE not in tags:
            continue
        if not cell.outputs or cell.execution_count is None:
            yield f"cell `{cell.id}` has no stored output: run it, and store it"
        elif shown(cell.outputs) != printed:
            yield f"cell `{cell.id}` printed {printed}, stored is {shown(cell.outputs)}"


@pytest.mark.parametrize("path", pages.notebooks(), ids=pages.name_of)
def test_a_notebook_prints_what_is_stored_in_it(path, executed):
    stored = nbformat.read(path, as_version=4)
    wrong = list(problems(stored, executed(path)))
    assert not wrong, "\n".join(wrong)


# What a page says of its data ---------------------------------------------------------


def untrue(copy):
    """Names of the glued booleans ``holds-…`` that are not True.

    Each stands for a sentence of the page: what it says must hold on the data that the
    page has run on, the real ones or those that come with the book.
    """
    for cell in copy.cells:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name", "")
            # ``glue(…, display=False)`` puts a prefix in front of the type.
            if name.startswith("holds-") and "True" not in output.data.values():
                yield name


def test_a_sentence_that_does_not_hold_is_named():
    def glued(name, value, display):
        prefix = "" if display else "application/papermill.record/"
        facts = {"scrapbook": {"name": name, "mime_prefix": prefix}}
        data = {f"{prefix}text/plain": value}
        return new_output("display_data", data, metadata=facts)

    shown = [glued("holds-a", "True", True), glued("holds-b", "False", True)]
    hidden = [glued("holds-c", "True", False), glued("holds-d", "False", False)]
    outputs = [*shown, *hidden, glued("e", "False", False)]
    copy = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell(), nbformat.v4.new_code_cell()]
    )
    copy.cells[1].outputs = outputs
    assert list(untrue(copy)) == ["holds-b", "holds-d"]


@pytest.mark.parametrize("path", pages.notebooks(), ids=pages.name_of)
def test_what_a_page_says_of_its_data_holds(path, executed):
    assert not list(untrue(executed(path)))


# Exercises ----------------------------------------------------------------------------

WITH_CHECKS = [page for page in bookpages.notebooks() if any(
    exercise.check_ids(exercise.starters) for exercise in page.exercises
)]  # fmt: skip


def lines(copy, cells):
    """What the cells printed in the executed copy, line by line."""
    ids = {cell.id for cell in cells}
    text = [
        output.text
        for cell in copy.cells
        if cell.id in ids
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stdout"
    ]
    return "".join(text).splitlines()


@pytest.mark.parametrize("page", WITH_CHECKS, ids=lambda page: page.name)
def test_each_solution_is_accepted_and_each_starter_refused(page, executed):
    copy = executed(page.path)
    for exercise in page.exercises:
        ids = exercise.check_ids(exercise.starters)
        assert exercise.check_ids(exercise.answers) == ids, exercise.label
        answered = lines(copy, exercise.answers)
        assert answered.count("right") == len(ids), (exercise.label, answered)
        started = lines(copy, exercise.starters)
        assert "right" not in started, exercise.label
        assert len(started) >= len(ids), exercise.label


def test_pages_have_exercises_that_are_checked():
    assert len(WITH_CHECKS) >= 25


# That it is as strict as it should be -----------------------------------------------

RESULT = new_output("execute_result", {"text/plain": "3"}, execution_count=1)
PRINTED = [new_output("stream", name="stdout", text=text) for text in ("a\n", "b\n")]
RAISED = new_output("error", ename="ValueError", evalue="no", traceback=[])
PICTURE = new_output("display_data", {"text/plain": "<Figure>", "image/png": "AA=="})


def one_cell(outputs, tags=(ORACLE,), count=1):
    cell = nbformat.v4.new_code_cell("1 + 2", outputs=list(outputs), id="sum")
    cell.metadata.tags, cell.execution_count = list(tags), count
    return nbformat.v4.new_notebook(cells=[cell])


@pytest.mark.parametrize(
    ("stored", "printed", "wrong"),
    [
        ([RESULT], [RESULT], False),
        ([RESULT], [new_output("execute_result", {"text/plain": "4"})], True),
        ([RESULT], [], True),
        ([RESULT], [RESULT, RESULT], True),
        ([RESULT], [RESULT, *PRINTED], True),
        ([RESULT], [new_output("display_data", {"text/html": "3"})], True),
        ([], [RESULT], True),
        (PRINTED, [new_output("stream", name="stdout", text="a\nb\n")], False),
        (PRINTED, [new_output("stream", name="stderr", text="a\nb\n")], True),
        (PRINTED, PRINTED[::-1], True),
        ([PRINTED[0]], [new_output("stream", name="stdout", text="1\r2\ra\n")], False),
        ([PICTURE], [PICTURE | {"data": PICTURE.data | {"image/png": "B"}}], False),
        ([RESULT], [RAISED], True),
    ],
)
def test_an_oracle_cell_is_compared(stored, printed, wrong):
    copies = (
        [nbformat.from_dict(o) for o in stored],
        [nbformat.from_dict(o) for o in printed],
    )
    assert bool(list(problems(*map(one_cell, copies)))) == wrong


def test_an_oracle_cell_that_never_ran_is_refused():
    assert list(problems(one_cell([RESULT], count=None), one_cell([RESULT])))


def test_other_cells_may_print_what_they_like_but_not_raise():
    silent, starter = one_cell([], ()), one_cell([], ["raises-exception"])
    assert not list(problems(silent, one_cell([RESULT, *PRINTED], ())))
    assert list(problems(silent, one_cell([RAISED], ())))
    assert not list(problems(starter, one_cell([RAISED], ["raises-exception"])))
