"""Each sentence of the extension and the scripts has its Chinese one, and no more."""

import ast
import csv
import re

import pytest
import yaml

pytest.importorskip("sphinx")

from recbook_book.edition import strings, theme, translations
from recbook_book.first import course_map, paths, road
from recbook_book.live import suspects
from recbook_book.notebooks import students

from recbook.report.form import Form
from recbook.report.options import JOBS

EXTENSION = strings.SCRIPTS.parent / "_ext" / "recbook_book"
PARTS = ("label", "help")  # of a place for a reader's file
FIELD = re.compile(r"\$?\{[\w!:.]*\}")
MARKS = re.compile(r'\*\*|href="[^"]*"|<code>')
# What a call of said() takes from a table, or makes.
MADE = {
    *course_map.SHORT.values(),
    *road.QUESTIONS,
    *road.UNITS.values(),
    *(path.title for path in paths.PATHS.values()),
    *suspects.ABSENT.values(),
    paths.BOX_TITLE,
    *students.PARAGRAPH.findall(students.WELCOME),
    *(students.NUMBERS, students.ON_MOVIELENS, students.ON_GENERATED),
    *(students.SOLUTIONS, students.IN_FOLDS, students.NOWHERE),
    *(translations.BEHIND, translations.MISSING),
    *theme.NAMES,
    *(slot[part] for job in JOBS for slot in Form(job).slots() for part in PARTS),
    *("Note", "Tip", "Warning", "Important", "Seealso", "Hint", "Caution"),
}


def rows():
    path = strings.ROOT / "zh" / "strings.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["en"], row["zh"]) for row in csv.DictReader(file)]


def texts_in(tree):
    """Yield what each call of said() in a module takes: a literal, or a constant."""
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "said":
            text = node.args[0]
            both = [text.body, text.orelse] if isinstance(text, ast.IfExp) else [text]
            yield from (
                each.value
                if isinstance(each, ast.Constant)
                else constants.get(ast.unparse(each))
                for each in both
            )


def wanted():
    """Return all sentences, as they stand in the table."""
    found = {*MADE, *strings.of_scripts()}
    for file in EXTENSION.rglob("*.py"):
        found.update(texts_in(ast.parse(file.read_text(encoding="utf-8"))))
    contents = yaml.safe_load((strings.ROOT / "_toc.yml").read_text(encoding="utf-8"))
    found.update(part["caption"] for part in contents["parts"])
    return {strings.key(text) for text in found if text}


def test_nearly_each_sentence_is_in_the_table_and_no_other():
    """One in fifty may wait: who writes English need not know Chinese."""
    table = [english for english, _ in rows()]
    assert len(set(table)) == len(table), "a sentence stands there twice"
    waiting = wanted() - {*table}
    assert len(waiting) <= len(table) / 50, f"add to zh/strings.csv: {waiting}"
    assert not {*table} - wanted(), "nothing says these any more"


@pytest.mark.parametrize(("english", "other"), rows())
def test_a_sentence_keeps_its_fields_and_marks(english, other):
    for marks in (FIELD, MARKS):
        assert sorted(marks.findall(english)) == sorted(marks.findall(other))
    assert other.strip()
    assert not re.search(r"[㐀-鿿] [㐀-鿿]|[㐀-鿿][,;:?!]", other)


def test_scripts_say_literals():
    files = [*strings.SCRIPTS.glob("*.js"), strings.SEARCH]
    said = sum(file.read_text(encoding="utf-8").count("recbookSay(") for file in files)
    assert len(strings.of_scripts()) == said


def test_the_extension_speaks_the_language_of_the_edition():
    try:
        strings.use("zh_CN")
        assert strings.said("{n} min", n=5) == "5 分钟"
        assert strings.said("What nobody says") == "What nobody says"
    finally:
        strings.use("en")
    assert strings.said("{n} min", n=5) == "5 min"
