"""How an answer is marked: in one line, and nothing is raised."""

import contextlib
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from verdicts import verdict

from recbook import checks
from recbook.checks import (
    call,
    check,
    exercise,
    exercise_function,
    exercise_value,
    same,
)
from recbook.checks.registry import FAILED, REGISTRY


@pytest.fixture
def register():
    """Register checks under ids of this test, and forget them afterwards."""
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


def test_unknown_ids_get_close_ones(register, capsys):
    exercise_value("0.0-cosine", lambda: 1)
    result, line = verdict(capsys, "0.0-cosin", 1)
    assert not result
    assert "'0.0-cosine'" in line
    assert not verdict(capsys, None, 1)[0]
    assert not verdict(capsys, ["a list"], 1)[0]
    assert "recbook.checks.ids()" in verdict(capsys, "zzzzzz", 1)[1]


def test_an_id_is_taken_once(register):
    exercise_value("0.0-taken", lambda: 1)

    with pytest.raises(ValueError, match=r"0\.0-taken.*taken"):
        exercise("0.0-taken")(lambda answer: None)
    with pytest.raises(ValueError, match=r"0\.0-taken.*taken"):
        exercise_function("0.0-taken", abs, [-1, -2])
    assert check("0.0-taken", 1)


def test_a_slip_is_named_where_it_explains_every_case(register, capsys):
    def raises(a):
        return a if a == -1 else 1 / 0

    slips = {"that is the number itself": lambda a: a, "that is its square": np.square}
    exercise_function("0.0-slip", abs, [2, -1, -3], slips=slips)
    assert verdict(capsys, "0.0-slip", lambda a: a)[1] == "that is the number itself"
    assert verdict(capsys, "0.0-slip", lambda a: a * a)[1] == "that is its square"
    # Right for 2 and -1, the square for -3: the first slip does not explain -3.
    answer = {2: 2, -1: 1, -3: 9}.__getitem__
    assert verdict(capsys, "0.0-slip", lambda a: answer(a))[1] == "that is its square"
    neither = {2: 2, -1: -1, -3: 9}.__getitem__
    _, line = verdict(capsys, "0.0-slip", lambda a: neither(a))
    assert line == "with (-1): your result is off: you have -1"
    exercise_function("0.0-raises", abs, [-1, -2], slips=slips)
    _, line = verdict(capsys, "0.0-raises", raises)
    assert line == "with (-1): your result is off: you have -1"


def test_a_value_has_slips_too_as_closely_as_it_is_asked_for(register, capsys):
    def line(answer):
        return verdict(capsys, "0.0-part", answer)[1]

    slips = {"divide by all": lambda: 3 / 4, "as a fraction": lambda: 300 / 7}
    slips |= {"of both": lambda: 3 / 49}
    exercise_value("0.0-part", lambda: 3 / 7, "x", atol=0.0006, slips=slips)
    assert line(3 / 7) == line(0.429) == "right"
    assert line(0.75) == line(0.7505) == "divide by all"
    assert line(0.752) == "x is off: you have 0.752"
    assert line(42.9) == "as a fraction"  # per cent have a decimal
    assert line(0.061) == "of both"
    assert line(0.05) == "x is off: you have 0.05"
    slips = {"both": lambda: [5.0, 7.0], "the first": lambda: [5.0, 2.0]}
    exercise_value("0.0-pair", lambda: [1.0, 2.0], "x", 0.01, slips=slips)
    for pair, says in [([5, 7], "both"), ([5, 2], "the first"), ([1, 7], "both")]:
        assert verdict(capsys, "0.0-pair", pair) == (False, says)
    for pair in ([5, 3], [1, 3], [7, 5], [np.nan, 7]):
        assert "x is off at" in verdict(capsys, "0.0-pair", pair)[1]
    exercise_value("0.0-word", lambda: "yes", slips={"why?": lambda: "no"})
    assert verdict(capsys, "0.0-word", "No") == (False, "why?")


def test_a_slip_is_named_beside_a_case_that_came_out_as_nan(register, capsys):
    slips = {"that is its square": np.square}
    exercise_function("0.0-nan", abs, [0, 2, -1, -3], slips=slips)
    _, line = verdict(capsys, "0.0-nan", lambda a: a * a if a else np.nan)
    assert line == "that is its square"
    for other in (abs, lambda a: "a text", lambda a: ([a], a)):
        _, line = verdict(capsys, "0.0-nan", lambda a, f=other: f(a) if a else np.nan)
        assert line == "with (0): your result is off: you have nan"


def test_what_failed_can_be_had_and_is_the_smallest_there_is(register, capsys):
    cases = [(np.arange(40.0), 2), (np.array([]), 2), (np.array([3.0, 4.0]), 2)]
    exercise_function("0.0-many", lambda a, k: a.sum() * k, cases)
    _, line = verdict(capsys, "0.0-many", lambda a, k: -1.0)
    assert line.startswith("with (array([3.0, 4.0]), 2): ")
    values, _ = checks.last()
    assert values.tolist() == [3.0, 4.0]
    values[:] = 0  # what was got is a copy
    assert checks.last()[0].tolist() == [3.0, 4.0]
    # Right for the small ones: the large one does not fit the line.
    _, line = verdict(capsys, "0.0-many", lambda a, k: a[:2].sum() * k)
    assert line.endswith("is off: you have 2; recbook.checks.last() has the input")
    assert len(checks.last()[0]) == 40
    assert verdict(capsys, "0.0-many", lambda a, k: a.sum() * k)[0]
    with pytest.raises(LookupError, match="check one, then ask again"):
        checks.last()


def test_of_many_arguments_each_is_named(register, capsys):
    cases = [(1, 2.0, 3, 4, 0), (5, 6.0, 7, 8, 9)]
    exercise_function("0.0-five", lambda *five: sum(five), cases)
    _, line = verdict(capsys, "0.0-five", lambda a, b, c, d, x: 0)
    assert line.startswith("with (a=1, b=2.0, c=3, d=4, x=0): your result is off")
    _, line = verdict(capsys, "0.0-five", lambda a, *others: 0)
    assert line.startswith("with (1, 2.0, 3, 4, 0): your result is off")


def test_what_failed_can_be_had_of_every_kind_of_check(register, capsys):
    @exercise("0.0-call")
    def twice(answer):
        for x in (1, 2):
            if problem := same(answer(x), 2 * x):
                return problem

    assert not verdict(capsys, "0.0-call", lambda x: 2)[0]
    assert checks.last() == (2,)
    assert "ZeroDivisionError" in verdict(capsys, "0.0-call", lambda x: 1 / 0)[1]
    assert checks.last() == (1,)
    exercise_value("0.0-one", lambda: 1)
    assert not verdict(capsys, "0.0-one", 3)[0]
    with pytest.raises(LookupError):
        checks.last()


@pytest.mark.skipif(sys.platform == "emscripten", reason="a page has no second thread")
@pytest.mark.parametrize("alarm", [True, False])
def test_a_loop_without_an_end_is_ended(register, capsys, monkeypatch, alarm):
    if not alarm:  # Windows has none
        monkeypatch.delattr(signal, "setitimer", raising=False)
    elif not hasattr(signal, "setitimer"):
        pytest.skip("Windows has no alarm")
    monkeypatch.setattr("recbook.checks.registry.SECONDS", 0.1)
    exercise_function("0.0-loop", abs, [-1, -2])
    running = threading.active_count()

    def loop(a):
        while True:
            with contextlib.suppress(Exception):
                a += 1

    assert "still runs after 0.1 s" in verdict(capsys, "0.0-loop", loop)[1]
    monkeypatch.undo()  # a busy machine may take longer for what does end
    assert verdict(capsys, "0.0-loop", abs) == (True, "right")
    assert threading.active_count() == running
    assert not alarm or signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_further_check_sees_right_answers_alone(register, capsys):
    seen = []

    def then(answer):
        seen.append(answer(-5))
        return "too slow" if answer.__name__ == "slow" else None

    def slow(a):
        return abs(a)

    exercise_function("0.0-then", abs, [-1, -2], then=then)
    assert not verdict(capsys, "0.0-then", lambda a: a)[0]
    assert seen == []
    assert verdict(capsys, "0.0-then", slow)[1] == "too slow"
    assert verdict(capsys, "0.0-then", lambda a: abs(a)) == (True, "right")


def test_a_broken_chapter_harms_its_own_exercises_alone(monkeypatch, register, capsys):
    monkeypatch.setitem(FAILED, "recbook.checks.deep.broken", ValueError("typing"))
    exercise_value("0.0-whole", lambda: 1)
    assert verdict(capsys, "0.0-whole", 1)[0]
    line = verdict(capsys, "0.0-of-the-broken-one", 1)[1]
    assert "recbook.checks.deep.broken failed: typing" in line
    with pytest.raises(ImportError, match=r"deep\.broken: typing"):
        checks.ids()


def test_the_readers_line_is_shown(register, capsys):
    exercise_function("0.0-add", lambda a, b: a + b, [(1, 2), (3, 4)])

    def wrong(a, b):
        return a + missing  # noqa: F821

    _, line = verdict(capsys, "0.0-add", wrong)
    assert "NameError" in line
    assert "return a + missing" in line
    assert str(wrong.__code__.co_firstlineno + 1) in line


def test_a_wrong_number_of_arguments_is_reported(register, capsys):
    exercise_function("0.0-add", lambda a, b: a + b, [(1, 2), (3, 4)])
    assert "TypeError" in verdict(capsys, "0.0-add", lambda a: a)[1]


def test_messages_are_one_short_line(register, capsys):
    def shout(a):
        raise ValueError("two\nlines " + "x" * 1000)

    exercise_function("0.0-one", abs, [-1, -2])
    assert len(verdict(capsys, "0.0-one", shout)[1]) <= 300


def test_starters_get_a_friendly_line(register, capsys):
    exercise_function("0.0-one", abs, [-1, -2])

    def dots(a): ...

    def not_yet(a):
        raise NotImplementedError

    assert "dots" in verdict(capsys, "0.0-one", dots)[1]
    assert "not filled in" in verdict(capsys, "0.0-one", not_yet)[1]
    assert "not filled in" in verdict(capsys, "0.0-one", ...)[1]
    assert "not filled in" in verdict(capsys, "0.0-one", [1, ...])[1]
    assert "function" in verdict(capsys, "0.0-one", 3)[1]


def test_a_bug_in_a_check_does_not_raise(register, capsys):
    @exercise("0.0-bug")
    def bug(answer):
        raise KeyError("oops")

    assert "KeyError" in verdict(capsys, "0.0-bug", 1)[1]


def test_an_interrupt_passes_through(register):
    exercise_function("0.0-one", abs, [-1, -2])

    def stop(a):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("0.0-one", stop)


def test_a_class_is_not_wrapped(register, capsys):
    @exercise("0.0-class")
    def model(answer):
        for x in (1, 2):
            if problem := same(call(answer(x).double), 2 * x):
                return problem

    class Double:
        def __init__(self, x):
            self.x = x

        def double(self):
            return 2 * self.x

    assert verdict(capsys, "0.0-class", Double) == (True, "right")


def test_the_checks_are_loaded_at_first_use():
    code = (
        "import sys; from recbook import checks as c; "
        "from recbook.checks.registry import REGISTRY; "
        "assert not REGISTRY; c.ids(); assert REGISTRY; "
        "heavy = {'tensorflow', 'matplotlib'} & set(sys.modules); assert not heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
