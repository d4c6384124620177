"""The checks: one line, right or what is off; never the answer, never an exception."""

import contextlib
import dataclasses
import re
import signal
import subprocess
import sys

import bookpages
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse, special
from scipy.special import ndtri

from recbook import checks
from recbook.checks import (
    call,
    check,
    exercise,
    exercise_function,
    exercise_value,
    same,
)
from recbook.checks.compare import decimals
from recbook.checks.guard import Problem, alike, describe
from recbook.checks.registry import FAILED, REGISTRY
from recbook.deep import attention

ALL_IDS = checks.ids()
JUNK = [None, ..., 0, -1.5, np.nan, "", "x", [], {}, np.zeros((2, 3)), object(), int]
JUNK += [lambda *a, **k: ..., lambda *a, **k: 0, lambda: 1, lambda *a: "x"]
JUNK += [lambda *a: np.zeros(3), lambda *a: 1 / 0, lambda *a: sys.exit(3)]


@pytest.fixture
def register():
    """Register checks under ids of this test, and forget them afterwards."""
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


def verdict(capsys, id, answer):
    """The result and the one line printed."""
    result = check(id, answer)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("right") == result
    return result, lines[0]


# Every check of the book ---------------------------------------------------------


@pytest.mark.parametrize("id", ALL_IDS)
def test_junk_is_refused_in_one_line(id, capsys):
    with np.errstate(all="ignore"):
        refused = [not verdict(capsys, id, junk)[0] for junk in JUNK]
    # One item of junk may be the true answer of a question (0, say); not two.
    assert sum(refused) >= len(JUNK) - 1
    assert refused[0]  # None, an unfilled starter
    assert refused[1]  # ..., an unfilled starter
    assert not any(check(id, junk) for junk in JUNK if callable(junk))


@pytest.mark.parametrize("id", ALL_IDS)
def test_a_hard_coded_answer_fails(id, capsys):
    compare = REGISTRY[id]
    if not hasattr(compare, "cases"):
        pytest.skip("not a function compared by cases")
    cases = compare.cases()
    assert len(cases) >= 2
    for case in cases:
        constant = compare.reference(*case)
        assert not verdict(capsys, id, lambda *a, constant=constant, **k: constant)[0]


@pytest.mark.parametrize("id", ALL_IDS)
def test_a_reference_is_accepted(id, capsys):
    compare = REGISTRY[id]
    if not hasattr(compare, "cases"):
        pytest.skip("not a function compared by cases")
    assert verdict(capsys, id, lambda *a: compare.reference(*a)) == (True, "right")


@pytest.mark.parametrize("id", ALL_IDS)
def test_a_slip_gets_its_own_message(id, capsys):
    for message, slip in getattr(REGISTRY[id], "slips", {}).items():
        with np.errstate(all="ignore"):
            result = verdict(capsys, id, lambda *a, slip=slip: slip(*a))
        assert result == (False, message)


def on_the_pages():
    """(id, text of the exercise, its starter) of each check that a page calls."""
    return [
        (id, exercise.text, cell.source)
        for page in bookpages.notebooks()
        for exercise in page.exercises
        for cell in exercise.starters
        for id in bookpages.CHECK.findall(cell.source)
    ]


def test_each_exercise_with_a_function_names_a_mistake():
    starters = {id: starter for id, _, starter in on_the_pages()}
    asked = {id for id, starter in starters.items() if re.search(r"(?m)^def ", starter)}
    named = {id for id in ALL_IDS if getattr(REGISTRY[id], "slips", None)}
    missing = sorted(asked - named - {id for id, _, _ in MISTAKES + DEEP_MISTAKES})
    assert len(asked) >= 50
    assert not missing


def test_a_rounded_answer_has_its_decimals_in_the_text():
    words = {0: "whole", 1: "one decimal", 2: "two decimals", 3: "three decimals"}
    missing = []
    for id, text, _ in on_the_pages():
        if getattr(REGISTRY[id], "atol", 0) < 1e-4:
            continue  # not a value, or one that is not rounded
        n = max(0, decimals(REGISTRY[id].atol))
        value = np.ravel(REGISTRY[id].value())
        if not np.allclose(value, value.round(n), atol=1e-9) and words[n] not in text:
            missing.append(f"{id} asks for {words[n]}")
    assert not missing


@pytest.mark.parametrize("id", ALL_IDS)
def test_ids_name_their_chapter(id):
    chapter, _, word = id.partition("-")
    assert all(part.isdigit() for part in chapter.split("."))
    assert word.replace("-", "").isalnum()
    assert word == word.lower()


def test_ids_are_sorted_and_unique():
    assert sorted(set(ALL_IDS)) == ALL_IDS


# The framework -------------------------------------------------------------------


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
    assert line == "with (*recbook.checks.last()): your result is off: you have 2"
    assert len(checks.last()[0]) == 40
    assert verdict(capsys, "0.0-many", lambda a, k: a.sum() * k)[0]
    with pytest.raises(LookupError, match="check one, then ask again"):
        checks.last()


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


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no alarm")
def test_a_loop_without_an_end_is_ended(register, capsys, monkeypatch):
    monkeypatch.setattr("recbook.checks.registry.SECONDS", 0.1)
    exercise_function("0.0-loop", abs, [-1, -2])

    def loop(a):
        while True:
            with contextlib.suppress(Exception):
                a += 1

    assert "still runs after 0.1 s" in verdict(capsys, "0.0-loop", loop)[1]
    assert verdict(capsys, "0.0-loop", abs) == (True, "right")
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


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


@dataclasses.dataclass
class Table:
    values: np.ndarray


@pytest.mark.parametrize(
    ("argument", "change"),
    [
        (np.array([1.0, 2.0]), lambda a: a.fill(0)),
        (np.array([3, 1]), lambda a: a.sort()),
        (sparse.csr_array(np.eye(2)), lambda a: a.data.fill(4)),
        ([3, 1], lambda a: a.sort()),
        ({"a": 1}, lambda a: a.clear()),
        (pd.DataFrame({"a": [1, 2]}), lambda a: a.insert(0, "b", 1)),
        (Table(np.ones(2)), lambda a: a.values.fill(0)),
        ([np.ones(2)], lambda a: a[0].fill(0)),
    ],
)
def test_changing_an_argument_is_refused(argument, change):
    def spoil(a):
        change(a)
        return 1

    before = str(argument)
    with pytest.raises(Problem, match="changed its argument 1"):
        call(spoil, argument)
    assert str(argument) == before


def test_a_keyword_argument_is_guarded_by_name():
    def spoil(a, values):
        values.append(1)
        return a

    with pytest.raises(Problem, match="argument values"):
        call(spoil, 1, values=[])


def test_nan_in_an_argument_is_no_change():
    assert call(np.nansum, np.array([np.nan, 1.0])) == 1
    assert alike(float("nan"), float("nan"))
    assert alike(object(), object())
    assert not alike(1, 1.0)


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


# same ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("got", "expected", "says"),
    [
        (None, 1, "not filled in"),
        (..., 1, "not filled in"),
        ("1", 1.0, "is a str"),
        (len, 1.0, "function"),
        ([1.0], 1.0, r"shape \(1,\)"),
        (2.0, 1.0, "you have 2"),
        (np.nan, 1.0, "you have nan"),
        (np.inf, 1.0, "you have inf"),
        (1.0, np.inf, "you have 1"),
        ([2.0, 0.0], [2.0, -np.inf], "you have 0"),
        ([[1, 2], [3]], np.ones((2, 2)), "different lengths"),
        (np.ones(3), np.ones((3, 1)), r"\(3,\).*\(3, 1\)"),
        ([1, 2.5], [1, 2], "dtype float64.*whole numbers"),
        ([True, False], [1, 2], "dtype bool.*whole numbers"),
        ([1, 0], [True, False], "dtype int64.*booleans"),
        (np.array(["a"]), np.array([1.0]), "dtype <U1"),
        (np.array([None]), np.array([1.0]), "dtype object"),
        ([1.0, 2, 3], [1.0, 5, 6], r"at \[1\] \(and at 1 other place\): you have 2"),
        (1, True, "True or False"),
        (False, True, "you have False"),
        ("user", "item", "'user'"),
        (3, "item", "text in quotes"),
        ({"a"}, {"a", "b"}, "lacks members"),
        ({"a", "c"}, {"a", "b"}, "'c'"),
        (3, {1}, "a set is asked for"),
        ({"a": 1}, {"a": 2}, r"\['a'\] is off"),
        ({"a": 1}, {"a": 1, "b": 2}, "too few"),
        ({"b": 1}, {"a": 1}, "'b'"),
        ([1], {"a": 1}, "a dict is asked for"),
        ((1,), (1, 2), "too few"),
        ((1, 2, 3), (1, 2), "too many"),
        (np.ones(4), (np.ones(4), 1.0), "is one array; 2 values are asked for"),
        (5, (1, 2), "a tuple is asked for"),
        (["a", "c"], ["a", "b"], r"\[1\] is off"),
    ],
)
def test_same_says_what_is_off(got, expected, says):
    assert re.search(says, same(got, expected))


@pytest.mark.parametrize(
    ("got", "expected", "atol", "decimals"),
    [
        (4.3, 4.26, 0.01, 2),
        (4.2, 4.26, 0.01, None),  # no rounding of it
        (1.11, 1.105, 0.002, 3),
        (0.0, 0.03, 0.01, None),  # who has 0 may have no idea
        ([1.11, 2.2], [1.105, 2.234], 0.002, 3),
        ([1.11, 2.3], [1.105, 2.234], 0.002, None),
        (4.3, 4.26, 1e-8, None),  # computed, not written down
    ],
)
def test_too_few_decimals_are_no_wrong_answer(got, expected, atol, decimals):
    message = same(got, expected, atol=atol)
    assert ("decimals are asked for" in message) == (decimals is not None)
    assert decimals is None or f", {decimals} decimals" in message


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1, 1.0),
        (3.0, 3),
        ([1.0, 2.0], [1, 2]),
        ([True, False], [1, 0]),
        (np.float32(0.5), 0.5),
        (np.array(2.0), 2.0),
        ([1, 2], np.array([1.0, 2.0])),
        (sparse.csr_array(np.eye(2)), np.eye(2)),
        (np.array([np.nan, np.inf]), [np.nan, np.inf]),
        (np.True_, True),
        (" Item ", "item"),
        ([2, 1, 1], {1, 2}),
        ({"a": np.ones(2)}, {"a": np.ones(2)}),
        ((np.ones(2), 3), (np.ones(2), 3)),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 2]})),
    ],
)
def test_same_lets_equal_values_pass(got, expected):
    assert same(got, expected) is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6), st.integers(0, 5))
def test_same_finds_the_place(values, place):
    expected = np.array(values)
    got = expected.copy()
    place %= len(got)
    got[place] += 1
    assert same(expected.copy(), expected) is None
    assert f"[{place}]" in same(got, expected)
    assert same(got, expected, atol=1.001) is None


@given(st.floats(100, 999), st.floats(1000, 9999))
def test_same_does_not_print_what_is_expected(got, expected):
    assert f"{expected:.6g}" not in same(got, expected)


def test_describe_is_short():
    assert describe(np.arange(3)) == "array([0, 1, 2])"
    assert describe(np.eye(2)) == "array([[1.0, 0.0], [0.0, 1.0]])"
    assert describe(np.array([1 / 3])) == "array([0.3333])"
    assert describe(np.zeros((9, 9))) == "an array of shape (9, 9)"
    assert describe(sparse.csr_array((2, 3))) == "a sparse matrix of shape (2, 3)"
    assert describe(np.int64(3)) == "3"
    assert describe("x" * 99) == "a str"


def test_the_checks_are_loaded_at_first_use():
    code = (
        "import sys; from recbook import checks as c; "
        "from recbook.checks.registry import REGISTRY; "
        "assert not REGISTRY; c.ids(); assert REGISTRY; "
        "heavy = {'tensorflow', 'matplotlib'} & set(sys.modules); assert not heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# Checks of chapter 3.4 ------------------------------------------------------------


def negatives(rng, seen, users):
    """One number for each user, looked up among the free films."""
    free = np.cumsum(~seen[users], axis=1)
    n_free = free[:, -1]
    place = rng.integers(np.maximum(n_free, 1)) + 1
    found = (free >= place[:, None]).argmax(axis=1)
    return np.where(n_free > 0, found, -1)


def negatives_by_largest(rng, seen, users):
    """The largest of random numbers, of which those of rated films do not count."""
    numbers = np.where(seen[users], -1.0, rng.random(seen[users].shape))
    return np.where(seen[users].all(axis=1), -1.0, numbers.argmax(axis=1))


def negatives_one_by_one(rng, seen, users):
    films = [np.flatnonzero(~seen[u]) for u in users]
    return [int(rng.choice(free)) if free.size else -1 for free in films]


def negatives_again_and_again(rng, seen, users):
    drawn = []
    for u in users:
        j = -1 if seen[u].all() else rng.integers(seen.shape[1])
        while j >= 0 and seen[u, j]:
            j = rng.integers(seen.shape[1])
        drawn.append(j)
    return np.array(drawn)


def negatives_in_rounds(rng, seen, users):
    drawn = rng.integers(seen.shape[1], size=len(users))
    while (bad := seen[users, drawn] & ~seen[users].all(axis=1)).any():
        drawn[bad] = rng.integers(seen.shape[1], size=bad.sum())
    return np.where(seen[users].all(axis=1), -1, drawn)


def negatives_of_its_own(rng, seen, users):
    return negatives(np.random.default_rng(0), seen, users)


def negatives_of_all(rng, seen, users):
    return negatives(np.random.default_rng(), seen, users)


def half_its_own(rng, seen, users):
    rng.random()
    return negatives_of_all(rng, seen, users)


def beside(bu, bi, P, Q, other=1):
    """Biases beside the factors, each with another number in the other's row."""
    A = np.column_stack([bu, np.full(len(bu), other), P])
    return A, np.column_stack([np.full(len(bi), other), bi, Q])


def log_sigma(x):
    return -np.logaddexp(0, -x), np.exp(-np.logaddexp(0, x))


def log_sigma_by_scipy(x):
    return special.log_expit(x), special.expit(-x)


def log_sigma_by_branches(x):
    small = np.exp(-np.abs(x))
    slope = np.where(x > 0, small, 1) / (1 + small)
    return (np.minimum(x, 0) - np.log1p(small)).tolist(), slope


# Checks of chapter 3.6 ------------------------------------------------------------


def share(truth, draws, alpha, level, ddof=0, noise=None):
    noise = np.mean(1 / alpha) if noise is None else noise
    sd = np.sqrt(draws.var(axis=0, ddof=ddof) + noise)
    return np.mean(np.abs(truth - draws.mean(axis=0)) <= ndtri((1 + level) / 2) * sd)


def ranked(mean, sd, bar, k):
    return np.argsort((bar - mean) / sd, kind="stable")[:k]


def side_by_side(P, Q):
    return [np.hstack(list(side)) / len(P) ** 0.5 for side in (P, Q)]


@pytest.mark.parametrize(
    ("id", "answer"),
    [
        ("3.4-draw", negatives),
        ("3.4-draw", negatives_by_largest),
        ("3.4-draw", negatives_one_by_one),
        ("3.4-log", log_sigma),
        ("3.4-log", log_sigma_by_branches),
        ("3.6-coverage", share),
        ("3.6-coverage", lambda *case: share(*case, ddof=1)),
        ("3.6-promise", lambda *case: tuple(ranked(*case).tolist())),
        ("3.6-store", side_by_side),
        ("3.6-store", lambda *case: tuple(a.tolist() for a in side_by_side(*case))),
        ("3.6-store", lambda *case: [sparse.csr_array(a) for a in side_by_side(*case)]),
    ],
)
def test_right_answers_pass_in_any_form(capsys, id, answer):
    assert verdict(capsys, id, answer)[0]


MISTAKES = [
    ("3.1-turn", lambda P, Q: (P, Q), "can be less"),
    ("3.2-longer", lambda bu, bi, P, Q: beside(bu, bi, P, Q, 0), "each bias must meet"),
    ("3.4-draw", negatives_again_and_again, "draws again and again"),
    ("3.4-draw", negatives_in_rounds, "draws again and again"),
    ("3.4-draw", negatives_of_its_own, "generator of your own"),
    ("3.4-draw", negatives_of_all, "equal seeds"),
    ("3.4-draw", half_its_own, "equal seeds"),
    ("3.4-log", log_sigma_by_scipy, "now without scipy"),
    ("3.4-log", lambda x: (log_sigma(x)[0], log_sigma(-x)[1]), "not σ(x)"),
    ("3.6-coverage", lambda *case: share(*case, noise=0.0), "noise is missing"),
    ("3.6-coverage", lambda *case: share(*case, noise=1 / case[2].mean()), "1/α"),
    ("3.6-coverage", lambda *case: share(*case, noise=1.0), "the share is off"),
    ("3.6-promise", lambda m, sd, bar, k: ranked(m, sd, bar - 0.5, k), "half a star"),
    ("3.6-promise", lambda m, sd, bar, k: np.argsort(-m - sd)[:k], "you have 3"),
    (  # ends where the chances fall under a half
        "3.6-promise",
        lambda m, sd, bar, k: [i for i in ranked(m, sd, bar, k) if m[i] > bar],
        "shape (3,)",
    ),
    (  # of equal chances the larger number first
        "3.6-promise",
        lambda m, sd, bar, k: np.argsort((m - bar) / sd, kind="stable")[::-1][:k],
        "kind= of argsort",
    ),
    ("3.6-store", lambda P, Q: (P[0].tolist(), "Q"), "two arrays of numbers"),
    ("3.6-store", lambda P, Q: (P.mean(0).tolist(), Q.mean(0)), "mirror images"),
]


@pytest.mark.parametrize(("id", "answer", "says"), MISTAKES)
def test_wrong_answers_are_told_what_is_off(capsys, id, answer, says):
    right, line = verdict(capsys, id, answer)
    assert not right
    assert says in line


# Checks of parts 4 and 5 ----------------------------------------------------------


def softened(scores):
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def exploded(scores):
    with np.errstate(over="ignore", invalid="ignore"):
        powers = np.exp(scores)
        return powers / powers.sum()


def masked(scores, mask, weights=softened):
    found = np.zeros(len(scores))
    if mask.any():
        found[mask] = weights(scores[mask])
    return found


def masked_by_the_book(scores, mask):
    return attention.softmax(np.where(mask, scores, 0.0), mask)


def may_look(codes, k=0):
    return np.tri(codes.shape[1], k=k, dtype=bool) & (codes != 0)[:, None]


def look_back(h, s, behaviour, real, weights=softened):
    events = h + behaviour
    return masked(events @ s / np.sqrt(len(s)), real, weights) @ events


def chance_by_scipy(place, n_items, n_negatives, k):
    j = np.arange(min(k, n_negatives + 1))
    above, below = place - 1, n_items - place
    ways = special.comb(above, j) * special.comb(below, n_negatives - j)
    return ways.sum() / special.comb(n_items - 1, n_negatives)


def log_likelihood(x, logits):
    def log_softmax(z):  # a helper of this name is not SciPy's
        return z - z.max() - np.log(np.exp(z - z.max()).sum())

    return x @ log_softmax(logits)


def log_likelihood_by_scipy(x, logits):
    return x @ special.log_softmax(logits)


def log_likelihood_by_an_import(x, logits):
    from scipy.special import logsumexp

    return x @ (logits - logsumexp(logits))


def folded_in(films, V, c, W, b, k, backwards=False):
    scores = np.tanh(V[films].sum(axis=0) / np.sqrt(len(films)) + c) @ W + b
    order = np.argsort(scores if backwards else -scores, kind="stable")
    return [i for i in order[:: -1 if backwards else 1] if i not in films][:k]


def gained(scores, target, seen, k):
    """By sorting: of equal scores the lower code stands first."""
    order = [i for i in np.argsort(-scores, kind="stable") if i not in seen]
    place = order.index(target)
    return 1 / np.log2(place + 2) if place < k else 0.0


def gained_by_counting(scores, target, seen, k):
    place = (np.delete(scores, seen) > scores[target]).sum()
    return 1 / np.log2(place + 2) if place < k else 0.0


def additive(S, H, W_q, W_k, v):
    return np.array([[v @ np.tanh(W_q @ s + W_k @ h) for h in H] for s in S])


def response(eigenvalues, n_layers):
    total, k = 0.0 * eigenvalues, 0
    while k <= n_layers:
        total, k = total + eigenvalues**k, k + 1
    return total / (n_layers + 1)


def indexed(P, Q, h, b):
    return np.insert(P, 0, 1.0, axis=1).tolist(), np.insert(Q * h, 0, b, axis=1)


def latest(frame, first="timestamp", kind="stable"):
    pair = ["user_id", "movie_id"]
    last = frame.sort_values(first, kind=kind).drop_duplicates(pair, keep="last")
    return last.sort_values(pair, ignore_index=True)


def as_points(people, films, root=np.sqrt, extra=0.0):
    squares = (films**2).sum(axis=1)
    extra = np.full((len(people), 1), extra)
    fill = root(np.maximum(squares.max() - squares, 0))
    return np.hstack([people, extra]), np.column_stack([films, fill])


def on_a_circle(n, endpoint=False):
    angle = np.linspace(0, 2 * np.pi, n, endpoint=endpoint)
    return [np.column_stack([np.cos(angle), np.sin(angle)])] * 2


@pytest.mark.parametrize(
    ("id", "answer"),
    [
        ("4.1-onehot", lambda codes, E: [E[code].tolist() for code in codes]),
        ("4.1-pairs", lambda x, V: np.triu(np.outer(x, x) * (V @ V.T), 1).sum()),
        ("4.2-dot", indexed),
        ("4.2-twice", (-1.0, -0.0012)),
        ("4.3-masked", lambda D, o, said: np.average((D - said) ** 2, weights=o)),
        ("4.3-kl", lambda m, s: (m**2 + s**2 - 1 - np.log(s**2)).sum(axis=1) / 2),
        ("4.3-likelihood", log_likelihood),
        ("4.3-fold-in", folded_in),
        ("4.4-masks", may_look),
        ("4.4-masks", lambda codes: may_look(codes) & (codes != 0)[:, :, None]),
        ("4.4-softmax", lambda *row: masked(*row).tolist()),
        ("4.5-gain", gained_by_counting),
        ("4.6-look-back", look_back),
        ("4.7-filter", lambda x, n: (x[:, None] ** np.arange(n + 1)).mean(axis=1)),
        ("5.1-latest", latest),
        ("5.2-circle", on_a_circle),
        ("5.2-distance", as_points),
        ("5.2-scores", lambda P, Q, users: np.float32(P[users]) @ np.float32(Q).T),
        ("5.6-percentile", lambda s, q: np.quantile(s, q, method="inverted_cdf")),
    ],
)
def test_right_answers_of_parts_4_and_5_pass(capsys, id, answer):
    assert verdict(capsys, id, answer) == (True, "right")


DEEP_MISTAKES = [
    ("4.2-dot", lambda P, Q, h, b: (P * h, Q), "b is missing"),
    ("4.2-dot", lambda P, Q, h, b: indexed(P, Q, h / h, b), "h is missing"),
    ("4.2-chance", chance_by_scipy, "now without scipy"),
    ("4.3-fold-in", lambda *case: folded_in(*case, backwards=True), "lower code"),
    ("4.3-likelihood", log_likelihood_by_scipy, "now without scipy"),
    ("4.3-likelihood", log_likelihood_by_an_import, "now without scipy"),
    ("4.4-additive", additive, "now without a loop"),
    ("4.4-masks", lambda codes: may_look(codes, k=-1), "hides a step from itself"),
    ("4.4-masks", lambda codes: may_look(codes, k=1), "off by one"),
    ("4.4-softmax", lambda *row: masked(*row, weights=exploded), "overflows"),
    ("4.4-softmax", lambda scores, mask: softened(scores) * mask, "too late"),
    ("4.4-softmax", masked_by_the_book, "now without recbook"),
    ("4.5-gain", gained, "ties are to count for the target"),
    ("4.6-look-back", lambda *case: look_back(*case, weights=exploded), "overflows"),
    ("4.7-filter", response, "now without a loop"),
    ("5.1-latest", lambda frame: latest(frame, "user_id"), "stands last in the log"),
    ("5.1-latest", lambda frame: latest(frame[::-1]), "of equal times"),
    ("5.2-circle", lambda n: on_a_circle(n, endpoint=True), "where the first one lies"),
    ("5.2-distance", lambda *case: as_points(*case, root=np.abs), "no root yet"),
    ("5.2-distance", lambda *case: as_points(*case, extra=1.0), "nothing to fill up"),
    ("5.2-scores", lambda P, Q, users: np.array([Q @ P[u] for u in users]), "a loop"),
]


@pytest.mark.parametrize(("id", "answer", "says"), DEEP_MISTAKES)
def test_wrong_answers_of_parts_4_and_5_are_told_what_is_off(capsys, id, answer, says):
    with np.errstate(all="ignore"):
        right, line = verdict(capsys, id, answer)
    assert not right
    assert says in line


def test_what_failed_in_a_check_of_its_own_can_be_had(capsys):
    verdict(capsys, "4.4-softmax", lambda *row: masked(*row, weights=exploded))
    assert checks.last()[0].max() == 1e4
    verdict(capsys, "5.1-latest", lambda frame: latest(frame, "user_id"))
    assert len(checks.last()[0]) == 4
