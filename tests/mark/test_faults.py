"""What a student and a teacher hear of a cell that fails."""

from recbook.mark.faults import Faults

BOOK, MADE = "import numpy as np", "model = fit(np)"
OWN = "x = model\nrecbook.check('2.2-leak', x)"
LOST = "NameError: name 'model' is not defined"


def faults(*sources, books=(), quiet=False):
    cells = [[n, source, quiet] for n, source in enumerate(sources, start=1)]
    return Faults({"cells": cells, "ids": ["2.2-leak", "2.2-le"], "books": books})


def test_only_what_no_cell_names_was_not_handed_in():
    found = faults("recbook.check('2.2-leak', x)")
    assert found.line("2.2-leak") == "the cell did not get as far as `check`"
    assert found.line("2.2-le") == "not handed in"
    found.errors[1] = "TypeError: no (line 1: recbook)"
    assert found.line("2.2-leak") == "your cell fails: TypeError: no (line 1: recbook)"


def test_a_cell_that_may_raise_is_told_of_where_an_answer_was_lost_with_it():
    found = faults(BOOK, OWN, quiet=True)
    found.errors |= {1: "ValueError: shown on purpose", 2: LOST}
    assert found.notes(["2.2-leak"]) == [f"cell 2: {LOST}"]
    assert found.notes([]) == []


def test_a_cell_of_the_book_is_no_students_fault():
    found = faults(BOOK, MADE, "w = model", OWN, books=[1, 2, 3])
    found.errors |= {2: "still runs after 15 s", 3: LOST, 4: LOST}
    words = "not marked: your cell needs the book's cell 2, which failed"
    assert found.line("2.2-leak") == words
    (note,) = found.notes(["2.2-leak"])
    failed = "a cell of the book failed, cell 2: still runs after 15 s (and 2 more)"
    assert note == failed
    # An own mistake stays one, whatever else failed.
    found.errors[4] = "SyntaxError: invalid syntax (line 1: x = = model)"
    assert found.line("2.2-leak").startswith("your cell fails: SyntaxError")
    found.errors[4] = "NameError: name 'modle' is not defined"
    assert found.line("2.2-leak").startswith("your cell fails: NameError")


def test_who_took_the_imports_away_hears_of_the_name_first():
    found = faults("k = 1 / 0", MADE, OWN, books=[2])
    gone = "NameError: name 'np' is not defined"
    found.errors |= {1: "KeyError: 'mean'", 2: gone, 3: LOST}
    assert found.line("2.2-leak") == f"your cell fails: {LOST}"
    # It is missing because cell 2 failed: the first error is what helps.
    assert found.notes(["2.2-leak"])[0] == "cell 1: KeyError: 'mean' (and 1 more)"
    found.errors[3] = gone
    assert found.notes(["2.2-leak"])[0] == f"cell 3: {gone} (and 1 more)"


def test_a_cell_that_ended_the_process_is_told_to_whom_it_belongs():
    found = faults(MADE, OWN, books=[1])
    found.ended |= {1: "stopped after 60 s", 2: "ended the process (SIGSEGV)"}
    assert found.line("2.2-leak") == "your cell fails: ended the process (SIGSEGV)"
    assert found.notes([]) == [
        "a cell of the book failed, cell 1: stopped after 60 s",
        "cell 2: ended the process (SIGSEGV)",
    ]


def test_the_book_makes_the_name_that_an_error_or_a_line_lacks():
    cells = ["k = 3", "from math import *", "n = 3", "k = int('a')"]
    order = {"cells": [[n, code, False] for n, code in enumerate(cells)], "ids": []}
    faults = Faults(order | {"books": [0, 1, 2]})
    lines = ["your code raises NameError: name 'k' is not defined (line 2: k)"]
    assert faults.makers_of_missing(["right"]) == set()
    assert faults.makers_of_missing(lines) == {0, 1}
    faults.errors[3] = "NameError: name 'n' is not defined"
    assert faults.makers_of_missing([]) == {1, 2}
