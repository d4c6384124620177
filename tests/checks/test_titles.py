"""The table of all exercises: order, numbers and titles of the pages."""

import exercises

from recbook.checks import contents, ids
from recbook.checks.titles import TABLE


def test_the_table_is_what_the_chapters_say():
    """Where it differs, ``python .ci/exercises.py`` writes it again."""
    assert TABLE.read_text(encoding="utf-8") == exercises.text()


def test_it_has_what_has_a_check_and_nothing_twice():
    rows = [id for id, *_ in exercises.rows()]
    assert sorted(rows) == ids()
    assert list(contents()) == rows


def test_an_exercise_without_a_check_is_counted_as_on_the_page():
    """2.2.6 is one for paper: the ninth of ten is the last with a check."""
    numbers = {id: number for id, (number, _) in contents().items()}
    assert (numbers["2.2-zscore"], numbers["2.2-pull"]) == ("2.2.5", "2.2.7")
    assert numbers["2.2-lookalike"] == "2.2.9"


def test_pages_without_a_number_count_through():
    assert contents()["0.1-numeric"] == ("5", "Check any slope")
    assert contents()["0.2-entry"] == ("6", "One entry")
