"""The lines of ``check`` in another language, looked up when one is printed.

``zh.csv`` has them, an English and a Chinese one a row, with {} for what varies. What
stands there is looked up, too, as the name of a value in "{} is off: you have {}".
"""

import csv
import functools
import itertools
import os
import re
import string
from pathlib import Path

LANGUAGE = "RECBOOK_LANGUAGE"  # of the lines, in the environment: "zh", or "en"
LONGEST = 2000  # letters of a line that is looked up; what is longer, code has made


def translated(line, language=None):
    """Return a line in another language, or as it is where that has none for it.

    Parameters
    ----------
    line : str
        In English.
    language : str, optional
        "zh", or a longer tag as "zh-CN"; without it, that of the environment.

    Examples
    --------
    >>> translated("S is off at [1]: you have 2.5", "zh")
    'S 在 [1] 处不对：你的是 2.5'
    >>> translated("S is off at [1]: you have 2.5", "zz")
    'S is off at [1]: you have 2.5'
    """
    exact, forms = _lines(_short(language or os.environ.get(LANGUAGE, "en")))
    return _looked_up(line, exact, forms) if exact or forms else line


def _looked_up(line, exact, forms):
    """Return what a line says in the language, or itself; the part of a value, too."""
    said = " ".join(line.split())
    if said in exact:
        return exact[said]
    name, bracket, place = said.partition("[")
    if name in exact and said.endswith("]"):
        return f"{exact[name]}{bracket}{place}"
    if len(said) > LONGEST:
        return line
    for pieces, other in forms:
        if parts := _between(pieces, said):
            return _filled(other, [_looked_up(part, exact, forms) for part in parts])
    return line


def _between(pieces, said):
    """Return what stands between the pieces of a form, None where it is not of it.

    Each piece is taken where it comes first, so that the time grows with the length
    of the line alone.

    >>> _between(["with (", "): ", ""], "with (1, 2): S is off")
    ['1, 2', 'S is off']
    >>> _between(["", " is off"], " is off") is None
    True
    """
    first, *middle, last = pieces
    if not said.startswith(first):
        return None
    at, end, parts = len(first), len(said) - len(last), []
    for piece in middle:
        found = said.find(piece, at + 1, end)
        if found < 0:
            return None
        parts.append(said[at:found])
        at = found + len(piece)
    return [*parts, said[at:end]] if at < end and said.endswith(last) else None


def _filled(form, parts):
    """A form with its parts in their places, by number where their order differs.

    >>> _filled("{1}的{}不对", ["S", "余弦"])
    '余弦的 S 不对'
    """
    said, count = "", itertools.count()
    for literal, place, _, _ in string.Formatter().parse(form):
        said = _joined(said, literal)
        if place is not None:
            said = _joined(said, parts[int(place or next(count))])
    return said


def _joined(left, right):
    """Two pieces of a line, with a space between a Chinese letter and a Latin one.

    >>> _joined("余弦", " 不对"), _joined("S", "不对"), _joined("（度）", "不对")
    ('余弦不对', 'S 不对', '（度）不对')
    """
    before, after = left.rstrip(), right.lstrip()
    if not before or not after:
        return left + right
    kinds = _kind(before[-1]), _kind(after[0])
    if "mark" in kinds or kinds == ("han", "han"):
        return before + after
    return f"{before} {after}" if "han" in kinds else left + right


def _kind(letter):
    """What a letter is: Chinese, a mark of Chinese punctuation, or another."""
    if letter in "，。；：？！、（）《》“”…":
        return "mark"
    return "han" if "㐀" <= letter <= "鿿" else "latin"


def _short(tag):
    """The first letters of a tag, as "zh" of "zh_CN"; "en" where it is no tag."""
    found = re.match(r"[a-z]{2}(?![a-z])", tag.lower())
    return found[0] if found else "en"


@functools.cache
def _lines(language):
    """The table of a language: lines that are whole, and forms, the strictest first."""
    path = Path(__file__).with_name(f"{language}.csv")
    if not path.is_file():
        return {}, []
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["en"], row[language]) for row in csv.DictReader(file)]
    exact = {en: other for en, other in rows if "{}" not in en}
    forms = [(en.split("{}"), other) for en, other in rows if "{}" in en]
    # A form that says how a line begins has its say before one for any beginning.
    forms.sort(key=lambda form: (not form[0][0], -sum(map(len, form[0]))))
    return exact, forms
