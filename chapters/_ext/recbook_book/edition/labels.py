r"""The words in what a cell shows, a figure, a table or a glued sentence, exchanged.

A page's translation has them by cell, a line "English = 中文" each. Between slashes the
English is a regular expression, whose groups are \1, \2 on the right. A word is
exchanged only where it is the whole of a text, that is of what stands between two tags,
or of what a figure is read out as.
"""

import html
import re
from typing import NamedTuple

from recbook_book.edition.strings import said
from recbook_book.page.facts import UNIT

FORM = re.compile(r"/(.+)/ = (.*)")
BETWEEN = re.compile(  # two tags, or the quotes of what is read out
    r"(?<=>)[^<>]*\S[^<>]*(?=<)|(?<=\baria-label=\")[^\"]+(?=\")"
)
MUTE = re.compile(r"(<(style|script|metadata|defs)\b.*?</\2>)", re.DOTALL)
# What the setting of tables writes: whether it is so, and the mark of the best row.
OF_ANY_TABLE = ("yes", "no", "(best)")


class Rules(NamedTuple):
    """The words of one cell: those that are exchanged as they are, and forms."""

    words: dict
    forms: list


def parse(lines):
    """Return the rules that the lines, or the text, of a unit ``ID.labels`` tell.

    Both sides may have an equals sign, usually as many, so that the middle one parts
    them. Where one side has one more, it is the English.

    >>> rules = parse(["low = 下限", "β = 26 = β = 26", r"/(\\d+) stars/ = \\1 星"])
    >>> rules.words["low"], rules.words["β = 26"]
    ('下限', 'β = 26')
    """
    words, forms = {}, []
    for line in lines.splitlines() if isinstance(lines, str) else lines:
        if form := FORM.fullmatch(line.strip()):
            forms.append((re.compile(form[1]), form[2].strip()))
        elif " = " in line:
            parts = line.strip().split(" = ")
            middle = (len(parts) - 1) // 2 + 1
            words[plain(" = ".join(parts[:middle]))] = " = ".join(parts[middle:])
    for english, other in list(words.items()):
        take_apart(english, other, words, forms)
    for word in OF_ANY_TABLE:
        words.setdefault(word, said(word))
    return Rules(words, forms)


def take_apart(english, other, words, forms):
    """Add rules for a head with a unit, which ``facts.py`` puts behind the number.

    >>> rules = parse(["gain, points = 增益，个百分点"])
    >>> exchange(rules, "gain"), exchange(rules, "3.5 points")
    ('增益', '3.5 个百分点')
    """
    head = UNIT.fullmatch(english)
    name, _, unit = re.sub("[（(](.*)[)）]$", r"，\1", other).rpartition("，")
    if head and name:
        words.setdefault(head[1], name.strip())
        forms.append((re.compile(rf"(.*\d) {head[2]}"), rf"\1 {unit.strip()}"))


def plain(text):
    """Return a text as it is compared: single spaces, hyphens for minus signs."""
    return " ".join(text.replace("−", "-").split())


def exchange(rules, text):
    """Return a text in the edition's language, or as it is where no rule has it.

    >>> exchange(parse([r"/(\\d+) stars/ = \\1 星"]), "5 stars")
    '5 星'
    """
    same = plain(text)
    if same in rules.words:
        return rules.words[same]
    for form, other in rules.forms:
        for written in (text, same):
            if found := form.fullmatch(written):
                return found.expand(other)
    return text


def exchange_between_tags(rules, markup):
    """Return HTML or SVG with its texts exchanged, and the names of its figures.

    >>> exchange_between_tags(parse(["a & b = 甲与乙"]), "<th>a &amp; b</th>")
    '<th>甲与乙</th>'
    >>> exchange_between_tags(parse(["a bowl = 一只碗"]), '<svg aria-label="a bowl">')
    '<svg aria-label="一只碗">'
    """
    pieces = MUTE.split(markup)  # a third is markup, one what is mute, one its name
    for at in range(0, len(pieces), 3):
        pieces[at] = BETWEEN.sub(lambda found: in_place(rules, found[0]), pieces[at])
        if at + 2 < len(pieces):
            pieces[at + 2] = ""
    return "".join(pieces)


def in_place(rules, text):
    """Return a text between two tags exchanged, the space around it kept."""
    core = text.strip()
    other = exchange(rules, html.unescape(core))
    if other == html.unescape(core):
        return text
    return text.replace(core, html.escape(other))


def for_scripts(rules):
    """Return rules as the page's own script reads them: pairs, forms between slashes.

    >>> for_scripts(parse(["low = 下限", r"/(a|b) stars/ = \\1 星"]))[-1]
    ['/(a|b) stars/', '$1 星']
    """
    pairs = [[english, other] for english, other in rules.words.items()]
    for form, other in rules.forms:
        written = re.sub(r"\\(\d)", r"$\1", other.replace("$", "$$"))
        pairs.append([f"/{form.pattern}/", written])
    return pairs
