"""Numbers of one's own: the draw, the answers, and the words for the printed ones."""

import itertools
import json
import re
import shutil
import subprocess
import textwrap

import bookpages
import numpy as np
import pytest
from verdicts import verdict

from recbook import checks
from recbook.checks import registry
from recbook.checks.registry import REGISTRY, exercise_value, variants_of
from recbook.checks.variants import LARGEST, SIZE, Variants, current, written

IDS = [id for id in checks.ids() if variants_of(id)]
CLASS = range(1, 31)
ROLE = re.compile(r"\{variant\}`([^`:]+)\.([^`.:]+)(?::([^`]*))?`")
PARTS = ["1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "3.1", "6.1", "6.2", "6.5", "6.6"]
PARTS += ["6.10", "6.14", "6.16"]


@pytest.fixture(autouse=True)
def nobodys_number(monkeypatch):
    monkeypatch.delenv("RECBOOK_NUMBER", raising=False)


@pytest.fixture
def summed():
    """An exercise of six variants, whose slip is right in one of them."""
    exercise_value(
        "0.0-summed",
        lambda a, b: a + b,
        slips={"that is the product": lambda a, b: a * b},
        numbers={"a": [3, 2, 4], "b": [10, 2, 30]},
        where=lambda a, b: (a, b) != (4, 30),
    )
    yield "0.0-summed"
    del REGISTRY["0.0-summed"]


def exercises():
    """{id: text of its exercise} of all pages, by the roles that are in it."""
    return {
        id: exercise.text
        for page in bookpages.pages()
        for exercise in page.exercises
        for id, _, _ in ROLE.findall(exercise.text)
    }


# The draw -----------------------------------------------------------------------------


def test_the_draw_is_the_same_for_ever():
    """Another Python, or another year, must not give a class other numbers."""
    drawn = Variants("0.0-x", {"a": [1, 2, 3, 4, 5]}, str).table
    assert [row["a"] for row in drawn] == [1, 3, 2, 4, 5]
    assert checks.numbers("6.1-errors", number=1) == {
        "customers": 1000,
        "orders_with": 150,
        "orders_without": 130,
    }


def test_what_is_unfit_is_left_out(summed):
    rows = [(row["a"], row["b"]) for row in variants_of(summed).table]
    assert rows[0] == (3, 10)
    # 2 + 2 is 2 · 2, 4 + 30 is not as hard, and the rest stays.
    assert sorted(rows) == [(2, 10), (2, 30), (3, 2), (3, 10), (3, 30), (4, 2), (4, 10)]


def test_no_two_have_the_same_answer(summed):
    exercise_value("0.0-even", lambda a: a // 2, numbers={"a": [2, 3, 4, 5]})
    assert len(variants_of("0.0-even").table) == 2
    del REGISTRY["0.0-even"]


@pytest.mark.parametrize("id", IDS)
def test_a_class_has_different_answers(id):
    """Neighbours always, and of thirty nearly all."""
    values = [np.ravel(REGISTRY[id].value(number)) for number in CLASS]
    assert np.isfinite(values).all()
    near = REGISTRY[id].atol
    for one, next_one in itertools.pairwise(values):
        assert not np.allclose(one, next_one, rtol=0, atol=near)
    different = {tuple(np.rint(value / np.multiply(near, 2))) for value in values}
    assert len(different) >= 25
    assert len(variants_of(id).table) <= SIZE + 1


def test_there_are_enough_of_them():
    assert len(IDS) >= 16
    assert set(PARTS) <= {id.partition("-")[0] for id in IDS}


# The check ----------------------------------------------------------------------------


@pytest.mark.parametrize("id", IDS)
def test_each_variant_has_its_answer_and_its_slips(id, capsys):
    check_of = REGISTRY[id]
    printed = check_of.value()
    for number, own in enumerate(variants_of(id).table):
        answer = check_of.value(number)
        assert check_of(answer, number) is None
        for message, slip in check_of.slips.items():
            wrong = slip.func(**own)
            assert check_of(wrong, number) in (message, registry.PRINTED)
        if number:
            assert check_of(printed, number) == registry.PRINTED
    assert variants_of(id).of(0) == variants_of(id).table[0]


@pytest.mark.parametrize(
    ("id", "decimals"),
    [
        ("1.1-control", 2),
        ("1.2-explore", 1),
        ("1.2-inverse", 2),
        ("2.1-cross", 1),
        ("2.2-explode", 2),
        ("6.1-errors", 2),
        ("6.1-size", 0),
        ("6.2-kept", 3),
        ("6.6-hand", 2),
        ("6.14-people", 0),
        ("6.16-log", 2),
    ],
)
def test_as_many_decimals_as_are_asked_for_are_enough(id, decimals):
    for number in range(len(variants_of(id).table)):
        rounded = np.round(REGISTRY[id].value(number), decimals).tolist()
        assert REGISTRY[id](rounded, number) is None


def test_a_better_margin_is_better():
    """The text says that it rises: the page has worked with 20 € until then."""
    assert min(row["margin"] for row in variants_of("1.1-margin").table) > 20


def test_the_number_comes_from_the_call_or_from_before(summed, capsys):
    assert verdict(capsys, summed, 13)[0]
    checks.set_number(2)
    own = checks.numbers(summed)
    assert own == variants_of(summed).table[2]
    assert verdict(capsys, summed, own["a"] + own["b"])[0]
    assert verdict(capsys, summed, 13) == (False, registry.PRINTED)
    assert checks.check(summed, 13, number=0)
    assert checks.numbers("2.2-pull", number=3) == {}
    checks.set_number(0)
    assert current() == 0


@pytest.mark.parametrize("number", [-1, 1.0, "17", True, None, LARGEST + 1])
def test_what_is_no_number_is_told_so(summed, number, capsys):
    if number is not None:
        assert not checks.check(summed, 13, number=number)
        assert "as your teacher gave it" in capsys.readouterr().out
    with pytest.raises(ValueError, match="as your teacher gave it"):
        checks.set_number(number)


def test_numbers_of_no_exercise():
    with pytest.raises(ValueError, match="did you mean"):
        checks.numbers("6.1-error")


# What is printed ----------------------------------------------------------------------


def test_each_quantity_stands_in_its_exercise_and_nowhere_else():
    used = {}
    for page in bookpages.pages():
        for id, name, _ in ROLE.findall(page.text):
            used.setdefault(id, set()).add(name)
    assert used == {id: set(variants_of(id).choices) for id in IDS}
    assert set(exercises()) == set(IDS)  # all roles stand in exercises
    for text in exercises().values():
        assert text.count("{variant}") == len(ROLE.findall(text))


@pytest.mark.parametrize(
    ("id", "says"),
    [
        ("1.1-control", "true rates 8.0 % with a letter and 6.5 % without"),
        ("1.2-inverse", "90 % favourable reviews"),
        ("1.2-inverse", "three times as likely"),
        ("1.4-how-many", "deviation of 0.07"),
        ("6.1-errors", "Of 2,000 random customers with a voucher 120 ordered"),
        ("6.1-size", "a margin of 150 €"),
        ("6.6-hand", "worth 8, 3, 6 and 2 € at prices of 4, 1, 4 and 2 €"),
    ],
)
def test_number_0_is_what_was_printed(id, says):
    def filled(match):
        return written(variants_of(match[1]).printed[match[2]], match[3] or "")

    assert says in ROLE.sub(filled, exercises()[id]).replace("\N{NO-BREAK SPACE}", " ")


def test_answers_that_the_text_of_a_solution_has():
    """Of the pages without code; a notebook's solution is run."""
    values = {id: REGISTRY[id].value() for id in IDS if id < "1.3"}
    np.testing.assert_allclose(values.pop("1.1-margin"), 14_500)
    np.testing.assert_allclose(values.pop("1.1-control"), [1.6, 1.0], atol=0.03)
    np.testing.assert_allclose(values.pop("1.2-inverse"), [0.75, 0.964], atol=0.001)
    np.testing.assert_allclose(values.pop("1.2-explore"), 47.5)
    assert not values


def test_the_page_picks_as_python_does():
    """By ``pick`` of variants.js, run by node where there is one."""
    node = shutil.which("node")
    if not node:
        pytest.skip("no node: test_variants.py of the book asks a browser")
    script = (bookpages.CHAPTERS / "_static" / "variants.js").read_text("utf-8")
    pick = re.search(r"const pick = .*?;$", script, re.M | re.S)[0]
    table = variants_of("6.1-errors").table
    texts = json.dumps([str(row["customers"]) for row in table])
    code = f"{pick} for (let n = 0; n < 200; n++) console.log(pick({texts}, n))"
    done = subprocess.run([node, "-e", textwrap.dedent(code)], capture_output=True)
    shown = done.stdout.decode().split()
    of = variants_of("6.1-errors").of
    assert shown == [str(of(number)["customers"]) for number in range(200)]
