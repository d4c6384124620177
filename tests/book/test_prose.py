"""A result in one form: the finding in words, its numbers in a table or a figure."""

import re

import pytest
from bookpages import chapters

MOST = 3  # numbers in a paragraph
NO_PROSE = ("|", "```", ":", "#", "$$", "<", "%")  # how a table, a block, a head begins
BLOCK = re.compile(r"^(`{3,}|:{3,}) *\{(?!admonition).*?^\1 *$", re.M | re.S)
EXERCISE = re.compile(
    r"^`{3,}\{exercise-start\}.*?(?:^`{3,}\{solution-end\}|\Z)", re.M | re.S
)
# The worked number of a box is arithmetic, to be followed with a pencil.
WORKED = "**What it costs when wrong"
BREAK = re.compile(r"\n\s*\n|\n(?= *(?:[-*]|\d+\.) )")
NUMBER = re.compile(r"(?<![\w.])[−-]?\d[\d,]*(?:\.\d+)?(?!\w)")
WITHOUT = [  # what is no number of a sentence, in the order in which it goes
    (r"\{glue:\w+\}`[^`]*`", " 1.0 "),
    (r"\{[\w:-]+\}`[^`]*`", " "),  # a reference
    (r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)", " "),  # code, a formula, where a link leads
    (r"\b(?:1[89]|20)\d\d\b", " "),  # a year
    (r"^\s*\d+\. ", " "),  # of a list
    (r"[A-Za-z][\w-]*\d[\w-]*|@\d+", " "),  # u1, nDCG@10
]


def numbers(paragraph):
    """The numbers that a reader must keep in mind, glued ones included."""
    for pattern, instead in WITHOUT:
        paragraph = re.sub(pattern, instead, paragraph, flags=re.M)
    return NUMBER.findall(paragraph)


def paragraphs(text):
    """Paragraphs and items of lists, without blocks, tables and displayed formulas."""
    text = BLOCK.sub("\n\n", EXERCISE.sub("\n\n", text))
    for paragraph in BREAK.split(text):
        if not paragraph.lstrip().startswith((*NO_PROSE, WORKED)):
            yield paragraph


def crowded(page):
    """The paragraphs of a page, exercises apart, that have too many numbers."""
    found = paragraphs(page.text)
    return [paragraph for paragraph in found if len(numbers(paragraph)) > MOST]


def test_numbers_are_counted_as_a_reader_meets_them():
    text = (
        "In 2009, 7 % of the 1,200 people gave {glue:text}`a:.2f` stars: $x = 4$, −0.5."
    )
    assert numbers(text) == ["7", "1,200", "1.0", "−0.5"]
    assert numbers("Of `u1` to `u5`, see {doc}`../1-concepts/data` and nDCG@10.") == []
    text = "```{exercise-start} A\n```\n1\n```{solution-end}\n```\n\nTwo."
    assert list(paragraphs(text))[-1] == "Two."
    text = "One.\n\n| 1 | 2 |\n\n```{math}\n3\n```\n\n- 4\n- 5\n"
    assert [numbers(paragraph) for paragraph in paragraphs(text)] == [[], ["4"], ["5"]]


@pytest.mark.parametrize("page", chapters(), ids=lambda page: page.name)
def test_a_paragraph_has_at_most_three_numbers(page):
    found = crowded(page)
    assert not found, "\n\n".join(found)
