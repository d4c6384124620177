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


def test_a_figure_and_a_printed_table_are_looked_at():
    """Not so the words of a caption, nor a table of the text, which has words."""
    figure = nodes.figure("", nodes.image(), nodes.caption("", "word " * 400))
    printed = nodes.raw("", "<table><tr><td>1</td></tr></table>", format="html")
    drawn = nodes.container("", figure.deepcopy())
    plain = nodes.container("", nodes.raw("", "<b>one</b>", format="html"))
    outputs = [nodes.container("", printed), drawn, plain]
    looked = [cell(hide_mode="input") for _ in outputs]
    for code, output in zip(looked, outputs, strict=True):
        code += output
    assert minutes.weight(page(figure, *looked)) == pytest.approx(3 / 2)
    assert minutes.weight(page(nodes.table("", words(100)))) == pytest.approx(1 / 2)


def test_what_is_folded_is_counted_apart_and_what_is_solved_is_not_read():
    inner = nodes.admonition("", words(4000), classes=["dropdown"])
    fold = nodes.admonition("", words(1000), nodes.math_block(), classes=["dropdown"])
    solution = solution_node("", words(9000), inner.deepcopy(), classes=["dropdown"])
    ask = exercise("★ · 5 minutes · paper. How many?")
    ask[1] += inner
    seen = page(words(2000), cell(hide_mode="input"), solution, ask, page(fold))
    assert minutes.measure(seen) == minutes.Minutes(10, 15, 1, unfolded=15)


def test_an_exercise_takes_the_minutes_that_it_says():
    levels = "★ · 5 minutes · paper. How many?", "★★ · 20 minutes · code."
    ask = [exercise(level) for level in levels]
    assert minutes.measure(page(words(2000), *ask)) == (10, 35, 2, 10)


def test_hours_come_in_halves():
    shown = [minutes.as_hours(n) for n in (5, 55, 60, 100, 120, 165)]
    assert shown == ["5 min", "55 min", "1 h", "1½ h", "2 h", "3 h"]
