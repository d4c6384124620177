"""How long a page takes, which no author types."""

import pytest
from docutils import nodes
from recbook_book.page import minutes
from sphinx_exercise.nodes import exercise_enumerable_node, solution_node


def words(n):
    return nodes.paragraph("", "", nodes.Text("word " * n))


def cell(**kind):
    code = nodes.literal_block("", "one two three")
    return nodes.container("", code, nb_element="cell_code", **kind)


def exercise(level):
    body = nodes.section("", nodes.paragraph("", level), words(2000))
    return exercise_enumerable_node("", nodes.title("", "A title"), body)


def page(*children):
    return nodes.section("", *children)


def test_words_cells_and_formulas_are_counted():
    text = [words(2000), *[cell() for _ in range(10)], nodes.math_block("", "x y z")]
    assert minutes.weight(page(*text)) == pytest.approx(10 + 10 / 2 + 1)
    assert minutes.measure(page(*text)).read == 15


def test_what_is_folded_and_what_is_solved_is_not_read():
    fold = nodes.admonition("", words(9000), classes=["dropdown"])
    hidden = [cell(hide_mode="input"), solution_node("", words(9000)), fold]
    seen = page(words(2000), *hidden)
    assert minutes.measure(seen) == minutes.Minutes(read=10, work=10, exercises=0)


def test_an_exercise_takes_the_minutes_that_it_says():
    levels = "★ · 5 minutes · paper. How many?", "★★ · 20 minutes · code."
    ask = [exercise(level) for level in levels]
    assert minutes.measure(page(words(2000), *ask)) == (10, 35, 2)


def test_hours_come_in_halves():
    shown = [minutes.as_hours(n) for n in (5, 55, 60, 100, 120, 165)]
    assert shown == ["5 min", "55 min", "1 h", "1½ h", "2 h", "3 h"]
