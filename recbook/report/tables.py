"""A table for a page: numbers for people, words as text and never as markup."""

import math
import re
from functools import partial
from html import escape
from numbers import Real

import numpy as np
import pandas as pd

from recbook.report.wording import NONE, decimals, interval, number, p_value

__all__ = ["seen", "table_html", "text"]

MOST = 60  # rows on a page
BEST = "◀"
# What a page cannot show, or what would turn the words around it.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
LOW = re.compile(r"(?i)\blow\b")
# Numbers that a job has written itself, and what may stand around them. 007 is an id.
NUMERIC = re.compile(r"(?!0\d)[\d\s.,:%€()+−–±<=]+")
VERDICTS = {"ok": "OK", "note": "Note", "stop": "Stop"}


def text(value):
    """Return anything as text of a page, with no markup in it.

    >>> text("<b>tea & 'milk'</b>"), text("a\\x00b")
    ('&lt;b&gt;tea &amp; &#x27;milk&#x27;&lt;/b&gt;', 'a�b')
    """
    return escape(seen(value))


def seen(value):
    """Return anything as words, with a sign for each letter that no page can show.

    >>> seen("a\\x1b[2J")
    'a�[2J'
    """
    return UNSEEN.sub("�", str(value))


def table_html(frame):
    """Return the ``<table>`` of a frame. An index that has a name becomes a column.

    >>> frame = pd.DataFrame({"plan": ["nobody", "T"], "profit €": [0.0, 1454.3],
    ...                       "low": [0.0, 102.2], "high": [0.0, 2806.1]})
    >>> html = table_html(frame)
    >>> "102 to 2,806" in html, "1,454" in html
    (True, True)
    """
    if frame.index.name is not None or not isinstance(frame.index, pd.RangeIndex):
        name = "" if frame.index.name is None else frame.index.name
        frame = frame.rename_axis(name).reset_index(allow_duplicates=True)
    shown, best = frame.head(MOST), set()
    columns = []  # (head, cells, class)
    names, place = [str(name) for name in frame.columns], 0
    while place < len(names):
        name, column = names[place], shown.iloc[:, place]
        place += 1
        if not name and set(column.astype(str)) <= {BEST, ""}:
            best = set(np.flatnonzero(column == BEST))
        elif place < len(names) and is_interval(names[place - 1 : place + 1]):
            columns.append(interval_column(name, column, shown.iloc[:, place]))
            place += 1
        elif name == "verdict" and set(column) <= set(VERDICTS):
            columns.append((name, [badge(verdict) for verdict in column], ""))
        else:
            columns.append(plain_column(name, column))
    return markup(columns, len(shown), best) + rest_of(len(frame))


def rest_of(n):
    hidden = n - MOST
    return f'<p class="more">{hidden:,} more rows.</p>' if hidden > 0 else ""


def is_interval(pair):
    low, high = pair
    return bool(LOW.search(low)) and LOW.sub("high", low).lower() == high.lower()


def interval_column(name, low, high):
    """Two columns as one: "102 to 2,806"."""
    unit = name.strip()[-1:] if name.strip()[-1:] in "€%" else ""
    said = re.sub(r"\s+", " ", LOW.sub("", name.strip().strip("€%"))).strip(" ,")
    head = ", ".join(part for part in (said, "95 % interval") if part)
    pairs = list(zip(low, high, strict=True))
    ends = [end for pair in pairs for end in pair]
    if any(isinstance(end, str) for end in ends):  # the job has written them itself
        write = "{} to {}".format
    elif are_alike(ends, places := decimals_of(ends, unit)):
        write = partial(interval, places=places)
    else:
        write = interval
    cells = [NONE if is_missing(a) or is_missing(b) else text(write(a, b))
             for a, b in pairs]  # fmt: skip
    return f"{head} {unit}".strip(), cells, "num"


def plain_column(name, column):
    values = list(column)
    some = [value for value in values if not is_missing(value)]
    if some and all(isinstance(v, bool | np.bool_) for v in some):
        words = {True: "yes", False: "no"}
        return name, [NONE if is_missing(v) else words[bool(v)] for v in values], ""
    if some and all(isinstance(v, Real | np.number) for v in some):
        write = p_value if name == "p" else writer(some, name.strip()[-1:])
        return (
            name,
            [NONE if is_missing(v) else escape(write(v)) for v in values],
            "num",
        )
    words = [NONE if is_missing(v) else str(in_words(v)) for v in values]
    if not words or not all(NUMERIC.fullmatch(w.replace(" to ", " ")) for w in words):
        return name, [text(word) for word in words], ""
    pads = zip(words, paddings(words), strict=True)
    return name, [text(word) + pad for word, pad in pads], "num"


def paddings(words):
    """What brings the points of numbers that a job has written into one line."""
    ends = [re.fullmatch(r"[+−]?[\d,]+((?:\.\d+)?)", word) for word in words]
    most = max((len(end[1]) for end in ends if end), default=0)
    short = [("." + "0" * most)[len(end[1]) : most] if end else "" for end in ends]
    return [f'<span class="pad" data-pad="{pad}"></span>' if pad else ""
            for pad in short]  # fmt: skip


def in_words(value):
    """A date without a time that is midnight, a number for people, or the text."""
    if isinstance(value, pd.Timestamp):
        return str(value.date() if value == value.normalize() else value)
    if isinstance(value, Real | np.number) and not isinstance(value, bool | np.bool_):
        return number(value)
    return value


def decimals_of(values, unit):
    """Decimals of a column: cents or whole euros, or three digits of the largest."""
    values = [float(v) for v in values if not is_missing(v)]
    places = decimals(values)
    if unit == "€" and places:
        return 2 if max(map(abs, values)) < 100 else 0
    return places


def writer(values, unit):
    """What writes the numbers of a column: alike where they are alike."""
    places = decimals_of(values, unit)
    return partial(number, places=places) if are_alike(values, places) else number


def are_alike(values, places):
    """Whether no number loses a tenth of itself with so many decimals.

    >>> are_alike([1454.2, 102.0], 0), are_alike([157.0, 0.68], 0)
    (True, False)
    """
    values = [float(v) for v in values if not is_missing(v)]
    return all(abs(round(v, places) - v) <= abs(v) / 10 for v in values)


def is_missing(value):
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, Real | np.number) and not math.isfinite(value)


def badge(verdict):
    return f'<span class="verdict {verdict}">{VERDICTS[verdict]}</span>'


def markup(columns, n_rows, best):
    """The table: the first column of words is the head of each row."""
    head = "".join(
        f"<th{css(kind)} scope=col>{head_of(name)}</th>" if name else "<td></td>"
        for name, _, kind in columns
    )
    named = bool(columns) and columns[0][2] == ""
    rows = []
    for row in range(n_rows):
        cells = []
        for place, (_, values, kind) in enumerate(columns):
            is_head = named and place == 0
            tag = "th" if is_head else "td"
            mark = " (best)" if row in best and place == 0 else ""
            note = f'<span class="unseen">{mark}</span>' if mark else ""
            scope = " scope=row" if is_head else ""
            cells.append(f"<{tag}{css(kind)}{scope}>{values[row]}{note}</{tag}>")
        rows.append(f"<tr{css('best' if row in best else '')}>{''.join(cells)}</tr>")
    body = "\n".join(rows)
    return (
        f'<table class="table data"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{body}</tbody></table>"
    )


def head_of(name):
    """A unit stays on the line of its number or name."""
    return re.sub(r" (?=[€%](?:\s|$))", "\N{NO-BREAK SPACE}", text(name))


def css(name):
    return f' class="{name}"' if name else ""
