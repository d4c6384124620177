"""Functions in place of a student's."""

from recbook.checks.inside import used_by, without_loop
from recbook.mark.stand_ins import MOST_NAMES, stand_in


def test_a_check_sees_names_and_loops_of_the_students_function():
    answer = stand_in(["np", "linalg", "class", "x y", 7], True, lambda *_: None)
    assert {"np", "linalg"} <= set(used_by(answer))
    assert without_loop(answer)
    assert without_loop(stand_in([], False, lambda *_: None)) is None


def test_what_is_forged_makes_no_large_function():
    answer = stand_in([f"x{n}" for n in range(10**5)], False, lambda *_: 1)
    assert len(answer.__code__.co_names) == MOST_NAMES + 2
    assert answer() == 1
