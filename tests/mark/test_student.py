"""How a student's process runs cells and hands in answers."""

import pytest
from numpy.linalg import inv

from recbook.mark.student import (
    Recorder,
    _code_of,
    _run_cell,
    with_needs,
    without_magics,
)


class Judge:
    """Takes messages, and knows one exercise."""

    def __init__(self):
        self.sent = []

    def send(self, message):
        self.sent.append(message["check"])

    def receive(self):
        return {"marked": self.sent[-1] == "2.2-leak"}


def test_what_is_not_marked_is_sent_once():
    judge = Judge()
    recorder = Recorder(judge, 5)
    for _ in range(3):
        recorder.check("y" * 40, 1)
        recorder.check("2.2-leak", 1)
    assert judge.sent == ["y" * 40, *["2.2-leak"] * 3]


@pytest.mark.parametrize(
    "own",
    [
        "if not fast:\n    k = 5",
        "try:\n    k = open('mine.txt').read()\nexcept OSError:\n    pass",
        "for x in 'ab':\n    if x > 'c':\n        k = x",
    ],
)
def test_a_cell_that_may_give_a_name_hides_no_cell_that_gives_it(own):
    assert with_needs(["k = 3", own, "k"], [2]) == [0, 1, 2]
    assert with_needs(["k = 3", "for k in 'ab':\n    pass", "k"], [2]) == [1, 2]


def test_a_check_hears_of_a_package_of_which_a_function_uses_a_part():
    assert {"inv", "numpy", "linalg"} <= {*_code_of(lambda P: inv(P))[0]}


def test_of_cells_with_a_number_too_long_to_be_written_all_are_needed():
    assert with_needs(["k = 3", f"n = 0x{'f' * 5000}", "k"], [2]) == [0, 1, 2]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("%timeit -n 10 pull(1)\nx = 1", "pass\nx = 1"),
        ("%prun -s time f()\nx = 1", "pass\nx = 1"),
        ("%time x = f()", "x = f()"),
        ("  %time --no-raise-error x = f()", "  x = f()"),
        ("%%timeit -n 10 -r 3\nx = 1", "\nx = 1"),
        ("%%capture out --no-stderr\nx = 1", "\nx = 1"),
        ("%%time\n%timeit -r 1 f(1)\nx = 1", "\npass\nx = 1"),
    ],
)
def test_magics_with_options_cost_no_cell(cell, code):
    assert without_magics(cell) == code


def test_a_statement_that_fails_costs_only_itself():
    space = {}
    source = "x = 1\n1 / 0\ny = 2\nz\nraise SystemExit\nw = 3"
    assert _run_cell(1, source, space, 5) == (
        "ZeroDivisionError: division by zero (line 2: 1 / 0)"
    )
    assert (space["x"], space["y"], space["w"]) == (1, 2, 3)
    assert _run_cell(2, "v = 1\ndef f(:", space, 5).startswith("SyntaxError")
    assert "v" not in space, "Python reads all of a cell before it runs any"


def test_a_blank_of_nbgrader_is_no_error():
    assert _run_cell(1, "raise NotImplementedError\nx = 1", space := {}, 5) is None
    assert space["x"] == 1


def test_what_is_imported_of_the_future_holds_for_the_cell():
    source = "from __future__ import annotations\ndef f(x: nothing): pass"
    assert _run_cell(1, source, {}, 5) is None


def test_time_that_others_take_of_the_processor_does_not_count():
    source = "import time\ntime.sleep(0.2)\nx = 1"
    assert _run_cell(1, source, space := {}, 0.1) is None
    assert space["x"] == 1


def test_a_cell_that_waits_for_ever_is_stopped_by_the_clock():
    source = "import time\nwhile True: time.sleep(0.01)"
    assert _run_cell(1, source, {}, 0.05) == "still runs after 0 s"


def test_a_cell_that_never_ends_is_stopped():
    source = "x = 1\nwhile True: pass\nx = 2"
    assert _run_cell(1, source, space := {}, 0.1) == "still runs after 0 s"
    assert space["x"] == 1
