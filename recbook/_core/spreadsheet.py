"""Cells that a spreadsheet reads as text, where it would take them for a formula."""

import re

__all__ = ["inert", "may_change"]

# A cell begins at the beginning, and where a spreadsheet of another country splits.
_FORMULA = re.compile(
    r"^(?=[\s']*[=+\-@|%＝＋－＠]|[\t\r])|(?<=[;\t\r\n])(?=[\s']*[=+\-@|%＝＋－＠])"
)


def inert(value):
    """Return a cell of a spreadsheet that no program takes for a formula.

    Text that would be a formula gets an apostrophe in front; so does text that has one
    there already, so that taking one away gives the text back. Numbers stay numbers.

    >>> inert("=1+1"), inert("Ada"), inert(-0.5), inert("'=1+1")
    ("'=1+1", 'Ada', -0.5, "''=1+1")
    >>> inert("salt; =1+1")
    "salt;' =1+1"
    """
    if not isinstance(value, str):
        return value
    return _FORMULA.sub("'", value) if _FORMULA.search(value) else value


def may_change(texts):
    """Return whether :func:`inert` may change one of many texts; at once, and fast.

    >>> may_change(["Ada", "salt-free"]), may_change(["Ada", "=1+1"])
    (False, True)
    """
    return _FORMULA.search("\n" + "\n".join(texts)) is not None
