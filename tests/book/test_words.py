"""The trade's own words: WORDS.md lists what is called otherwise, and is held here."""

import csv
import functools
import io
import re
import subprocess
import tokenize
from typing import NamedTuple

import pytest
from bookpages import ROOT, read_cells

# What a reader reads, below the root.
READ = re.compile(
    r"(README\.md|chapters/(?!_).*\.(md|ipynb)|chapters/_ext/drawings/.*\.py"
    r"|recbook/.*\.py|data/.*/README\.md|data/results/.*\.csv)$"
)
NO_WORDS = (  # formulas, code, where a link leads, options
    r"(?s)^(`{3,}|:{3,})\{math\}.*?^\1",
    r"(?s)\$\$.*?\$\$|\$[^$\n]*\$",
    r"(?ms)^```(?:bash|python)?\n.*?^```",
    r"\{[\w:+]+\}`[^`<]*`(?!<)",
    r"`[^`\n]*`",
    r"(?<=\])\([^)\n]*\)|<[^>\n]*>",
    r"(?m)^\(.*\)=$|^:(?!alt)\w+:.*$|^ *>>>.*$|^ *\.\.\. .*$",
)


class Rule(NamedTuple):
    """One row of WORDS.md."""

    words: str
    instead: str
    pattern: re.Pattern
    stays: re.Pattern | None
    where: tuple

    def holds(self, path):
        paths = path, path.removeprefix("chapters/")
        return not self.where or any(p.startswith(self.where) for p in paths)

    def found_in(self, text):
        if self.stays:
            text = self.stays.sub(" ", text)
        return self.pattern.findall(text)


def any_of(phrases):
    """A pattern that matches whole phrases, over line ends too."""
    each = (r"\s+".join(map(re.escape, p.split())) for p in phrases)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(each)})(?![\w-])", re.I)


def split(cell):
    return [part.strip() for part in cell.split(",") if part.strip()]


def rules():
    rows = re.findall(r"(?m)^\|(.*)\|$", (ROOT / "WORDS.md").read_text("utf-8"))[2:]
    for row in rows:
        words, instead, stays, where = (cell.strip() for cell in row.split("|"))
        exceptions = any_of(split(stays)) if stays else None
        yield Rule(
            words, instead, any_of(split(words)), exceptions, tuple(split(where))
        )


def prose(text):
    """A text without formulas, code and addresses."""
    text = re.sub(r"\{\w+\}`([^`<]+)<[^`>]*>`", r"\1", text)
    for pattern in NO_WORDS:
        text = re.sub(pattern, " ", text)
    return text


def of_code(source):
    """The strings and comments of code, which readers see in pages and messages."""
    kinds = tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", -1)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in kinds:
            yield token.start[0], prose(token.string)


def of_notebook(path):
    for cell in read_cells(path):
        if cell.kind == "markdown":
            yield cell.id, prose(cell.source)
            continue
        yield from ((cell.id, text) for _, text in of_code(cell.source))
        book = cell.raw["metadata"].get("mystnb", {})
        yield cell.id, prose(book.get("figure", {}).get("caption", ""))
        yield cell.id, prose(book.get("image", {}).get("alt", ""))


def texts(path):
    """[(where, text)] of a file."""
    if path.suffix == ".ipynb":
        return of_notebook(path)
    if path.suffix == ".py":
        return of_code(path.read_text("utf-8"))
    if path.suffix == ".csv":
        with path.open(encoding="utf-8") as lines:
            words = {
                c for row in csv.reader(lines) for c in row if re.search("[a-z]", c)
            }
        return [("labels", " · ".join(sorted(words)))]
    return [("", prose(path.read_text("utf-8")))]


@functools.cache
def read():
    """[(path, where, text)] of all that is read."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    return [
        (path, where, text)
        for path in filter(READ.match, listed)
        for where, text in texts(ROOT / path)
    ]


@pytest.mark.parametrize("rule", list(rules()), ids=lambda rule: split(rule.words)[0])
def test_the_trades_word_is_the_word(rule):
    found = [
        f"{path}, {where}: {word!r}"
        for path, where, text in read()
        if rule.holds(path)
        for word in rule.found_in(text)
    ]
    assert not found, f"write {rule.instead!r} (WORDS.md):\n" + "\n".join(found)


def test_words_are_found_where_they_are_read():
    (rule,) = (rule for rule in rules() if "purse" in rule.words)
    assert rule.found_in("Two arms that share a\npurse.") == ["purse"]
    assert not rule.found_in("purser, `purse`".replace("`purse`", ""))
    text = "The $purse$ and `purse` of {doc}`the purse <purse>`, [a purse](purse)."
    assert len(rule.found_in(prose(text))) == 2
    assert [text for _, text in of_code('x = 1  # a purse\ny = "purse"')] == [
        "# a purse",
        '"purse"',
    ]
    (rule,) = (rule for rule in rules() if "view" in split(rule.words))
    assert rule.holds("chapters/6-marketing/clicks.ipynb")
    assert not rule.holds("chapters/4-deep/attention.ipynb")
    assert not rule.found_in("a page view, a point of view")
