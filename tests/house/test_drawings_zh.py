"""Drawings of translated pages have Chinese words, and no row is left over."""

import csv
import re

import pytest

pytest.importorskip("sphinx")

from recbook_book.edition import strings
from recbook_book.edition.drawings import in_language
from recbook_book.edition.labels import BETWEEN, MUTE, plain
from recbook_book.edition.units import page_of

STATIC = strings.SCRIPTS
ENGLISH = re.compile("[^\u3400-\u9fff]*[A-Za-z]{3}[^\u3400-\u9fff]*")  # no Han letter
TITLE = re.compile("<title>.*?</title>")  # the page has its own in place of it
USED = re.compile(r"_static/([\w-]+\.svg)")
# People, films, and what code says.
KEPT = {"Alien", "Babe", "Coco", "Dune", "Heat", "Dot", "Flatten", "ReLU(", "softmax"}
KEPT |= {"movie_id", "user_id", "Embedding: 944 × 50", "Embedding: 1683 × 50"}


class Chinese:
    srcdir = strings.ROOT

    class config:
        language = "zh_CN"


def words_of(drawing):
    shown = TITLE.sub("", MUTE.sub("", drawing))
    return {word.strip() for word in BETWEEN.findall(shown)}


def drawings():
    """Return the drawings that translated pages show, by their names."""
    found = set()
    for sibling in (strings.ROOT / "zh").rglob("*.md"):
        page = page_of(sibling, strings.ROOT)
        found |= set(USED.findall(page.read_text(encoding="utf-8")))
    return {name: (STATIC / name).read_text(encoding="utf-8") for name in sorted(found)}


def test_nearly_all_words_of_drawings_are_translated():
    """One in fifty may wait: who draws in English need not know Chinese."""
    shown = {
        word
        for drawing in drawings().values()
        for word in words_of(in_language(Chinese, drawing))
    }
    english = {word for word in shown - KEPT if ENGLISH.fullmatch(word)}
    assert len(english) <= len(shown) / 50, english


def test_each_row_is_a_word_of_a_drawing():
    words = {plain(w) for drawing in drawings().values() for w in words_of(drawing)}
    with (strings.ROOT / "zh" / "drawings.csv").open(encoding="utf-8") as file:
        rows = [plain(row["en"]) for row in csv.DictReader(file)]
    assert len(rows) == len(set(rows))
    assert not set(rows) - words
