"""A formula is not parted from its brackets and its comma."""

import re

import pytest
from docutils import nodes
from recbook_book.notebooks.plain_markdown import Markdown
from recbook_book.page.line_breaks import keep_together


def paragraph(text):
    """A paragraph with formulas between dollars, after the transform."""
    found = nodes.paragraph()
    for part in re.split(r"(\$[^$]+\$)", text):
        if part.startswith("$"):
            found += nodes.math("", part.strip("$"))
        elif part:
            found += nodes.Text(part)
    for math in list(found.findall(nodes.math)):
        keep_together(math)
    return found


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Let $a$, and since", ["a,"]),
        ("the set ($a$), or $b$'s ratings.", ["(a),", "b's"]),
        ("$k$-means of ($a$ and $b$).", ["k-means", "(a", "b)."]),
        ("of $a$ and $b$ there", []),
        ("$a$", []),
        ("设（$a$），则《$b$》为 $c$。", ["（a），", "《b》", "c。"]),
        ("取 $k$-均值的 $a$ 或 $b$、$c$", ["k-均", "b、"]),
    ],
)
def test_what_clings_to_a_formula_is_kept_with_it(text, kept):
    wholes = list(paragraph(text).findall(nodes.inline))
    assert [node.astext() for node in wholes] == kept
    assert all(node["classes"] == ["nobr"] for node in wholes)


def test_nothing_of_the_text_is_lost():
    text = "It is ($a$), or $b$."
    assert paragraph(text).astext() == text.replace("$", "")
    assert Markdown(None, None, None).blocks([paragraph(text)]) == text
