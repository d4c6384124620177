"""The fixed words of the Chinese edition are those of the glossary."""

import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "chapters/appendix/glossary.md"
TERMS = ROOT / "zh/terms.csv"
ENTRY = re.compile(r"((?:^\S.*\n)+)    \*\*(.+?)\*\*", re.MULTILINE)


def fixed():
    """The rows of the list: English, Chinese words, and where they are from."""
    with TERMS.open(encoding="utf-8", newline="") as file:
        return [
            (row["en"], row["zh"].split("；"), row["source"])
            for row in csv.DictReader(file)
        ]


def names(bold):
    """The Chinese names in the bold head of a definition, the first one first."""
    return [name for name in re.split("[；、（）]", bold) if name]


def entries():
    """(English term, bold head) of each term of the glossary."""
    _, _, text = GLOSSARY.read_text(encoding="utf-8").partition("```{glossary}\n")
    return [
        (term, bold)
        for lines, bold in ENTRY.findall(text)
        for term in lines.split("\n")
        if term
    ]


def disagreement(term, bold, words, source):
    """What is wrong with the row of a term, or nothing."""
    if words[0] in (bold, names(bold)[0]):
        return ""
    if words[0] not in names(bold):
        return f"{term}: {words[0]} is no name in {bold}"
    return "" if source.startswith("G: ") else f"{term}: why not {names(bold)[0]}?"


def test_each_term_of_the_glossary_has_the_word_of_the_glossary():
    rows = {english: row for english, *row in fixed()}
    found = entries()
    assert len(found) > 500
    assert not {term for term, _ in found} - rows.keys()
    assert not list(filter(None, (disagreement(*e, *rows[e[0]]) for e in found)))


@pytest.mark.parametrize(
    ("words", "source", "right"),
    [
        (["激活函数"], "G", True),
        (["激活函数；修正线性单元（ReLU）"], "G", True),
        (["修正线性单元"], "G", False),
        (["修正线性单元"], "G: second name of the entry", True),
        (["激励函数"], "G: nicer", False),
    ],
)
def test_another_name_wants_a_reason(words, source, right):
    bold = "激活函数；修正线性单元（ReLU）"
    assert bool(disagreement("ReLU", bold, words, source)) is not right


def test_no_term_stands_twice_and_no_word_is_empty():
    terms = [english.lower() for english, *_ in fixed()]
    assert not sorted({term for term in terms if terms.count(term) > 1})
    assert not [e for e, words, _ in fixed() if not e or "" in words]
    assert not [e for e, words, _ in fixed() if len(set(words)) < len(words)]
