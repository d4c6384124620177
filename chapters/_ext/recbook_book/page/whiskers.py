"""Draw the intervals of a table beside their numbers.

``draw`` adds a column of small pictures: a line from the lower to the upper end, a dot
at the estimate, all rows on one linear scale with zero on it, and a dotted line where
the decision turns. That is at zero, or at the number of a row called "break-even". An
empty dot is the truth, of a row with that name or of a column beside the interval.

The heads of a table say whether it has pictures: "low" and "high" (or "from" and "to")
around an estimate are drawn. "2.5 %" and "97.5 %" are not: so are the ends called where
zero decides nothing, or where the rows should not be compared on one scale.

A "±" may be a standard error or a spread between seeds: two that overlap would look
like a tie, which a paired test may deny. It has a picture only if its head says 95 %.
Nor is there a picture of two sets of intervals, of rows that measure different things,
of ratios, which have nothing to do with zero, of an estimate outside its interval, of
numbers that want a logarithm, and where a dot would hide its line. A row has none if it
is an estimate without an interval, such as a promise, or what others are compared with.

This file runs in the page, too, below a cell that a reader runs.
"""

import re

from bs4 import BeautifulSoup

WIDTH, HEIGHT = 96, 14  # px
INSET, DOT = 4, 2  # px: what is free at each end of the scale, radius of a dot
ROOM = WIDTH - 2 * INSET
PHONE, LETTER, GAP = 302, 6.8, 16  # px: of a table beside pictures, on a phone
LEAST = 2 * DOT + 1  # px: no interval is narrower, so that its dot never hides it
MOST = 100  # times the smallest estimate
MISSING = {"", "–"}
ENDS = {"low": "high", "from": "to"}
END = re.compile(r"(?:(.+) )?(low|high|from|to)( [%€])?")
HALF = "± (95 %)"
# Columns that may stand between an estimate and its interval.
ERROR = re.compile(r"±.*|(standard )?errors?|s\.?[de]\.?|spread|n|p")
NUMBER = re.compile(r"([+−]?)(\d[\d,]*(?:\.\d+)?|\.\d+)(?: ?([%€$]|points))?")
WITHIN = re.compile(r"(\S+) \((\S+?)(?:–| to )(\S+)\)")  # 49.9 (49.5–50.7)
TRUE = re.compile(r"\b(truth|true)\b")  # in the name of a row
TRUTHS = re.compile(r"(in )?truth(, \S+)?")  # the head of a column
RATIO = re.compile(r"\b(over 1|beside|ratio|times)\b")  # in a head
# What rows may measure, and in which direction, as their names say.
MEASURE = re.compile(
    r"[%€$]|\b(?:points|euros?|stars|squared|nDCG|RMSE|AUC|hit rate|log \w+)"
    r"|\b(?:ahead|behind)\b"
)


def draw(columns):
    """Add pictures to a table of cells by column, if it has intervals to draw."""
    heads = {at: head_of(cells) for at, cells in columns.items()}
    texts = {at: texts_of(cells) for at, cells in columns.items()}
    found = [*pairs(heads, texts), *halves(heads, texts), *in_cells(heads, texts)]
    if len(found) != 1 or any(RATIO.search(head or "") for head in heads.values()):
        return
    ((after, rows),) = found
    head, *cells = columns[after]
    names = [words_of(cell.parent) for cell in cells]
    turn, rows = marked(rows, names, truths(heads, texts, len(cells)))
    ends = scale(rows, turn)
    if ends is None or len({measures(name) for name in names}) > 1:
        return
    kind = "whisker" if is_narrow(columns.values()) else "whisker on-wide"
    head.insert_after(new_cell(kind, ""))
    for cell, row in zip(cells, rows, strict=True):
        cell.insert_after(new_cell(kind, picture(row, turn, *ends)))


def text_of(cell):
    return cell.get_text().strip()


def texts_of(cells):
    """Return what a column says below its head, but nothing of the names of rows."""
    is_index = any(cell.name == "th" for cell in cells[1:])
    return [] if is_index else [text_of(cell) for cell in cells[1:]]


def head_of(cells):
    """Return the head of a column, or None unless there is one and a cell in each row.

    A head of several columns could not be made wider here.
    """
    table = cells[0].find_parent("table") if cells else None
    rows = table.find_all("tr") if table else []
    parts = [row.parent.name for row in rows]
    is_plain = parts == ["thead", *["tbody"] * (len(cells) - 1)]
    return text_of(cells[0]) if is_plain else None


def is_narrow(columns):
    """Whether a phone has room for pictures beside the columns of a table."""
    return sum(GAP + LETTER * max(map(longest, c), default=0) for c in columns) < PHONE


def longest(cell):
    """Return the letters of the longest part of a cell that is on one line."""
    whole = cell.name == "td" and "num" in cell.get("class", [])
    whole = whole or "short" in cell.get("class", [])
    return max(map(len, [text_of(cell)] if whole else text_of(cell).split()), default=0)


def new_cell(kind, html):
    """Return a cell that nobody needs to hear, since the numbers stand beside it."""
    html = f'<td aria-hidden="true" class="{kind}">{html}</td>'
    return BeautifulSoup(html, "html.parser").td


# What to draw: behind which column, and (estimate, low, high) or None of each row -----


def pairs(heads, texts):
    """Find two columns for the ends, after an estimate or on both sides of it."""
    for low, head in heads.items():
        name = END.fullmatch(head or "")
        if not name or name[2] not in ENDS:
            continue
        wanted = (name[1], ENDS[name[2]], name[3])
        for high in (low + 1, low + 2):
            end = END.fullmatch(heads.get(high) or "")
            if end and end.groups() == wanted:
                middle = low + 1 if high > low + 1 else estimate(heads, low)
                # "value low" is the end of a "value".
                if middle is not None and name[1] in (None, heads[middle]):
                    yield from checked(high, texts[middle], texts[low], texts[high])


def estimate(heads, low):
    """Return the column of the estimate: the first to the left that is no error."""
    left = range(low - 1, -1, -1)
    return next((at for at in left if not ERROR.fullmatch(heads[at] or "")), None)


def halves(heads, texts):
    """Find a column for the half width of a 95 % interval."""
    for at, head in heads.items():
        if head == HALF and len(texts.get(at - 1, ())) == len(texts[at]):
            both = list(zip(texts[at - 1], texts[at], strict=True))
            if all(NUMBER.fullmatch(text) for pair in both for text in pair):
                rows = [(value(a), value(b)) for a, b in both]
                yield at, [(a, a - b, a + b) for a, b in rows]


def in_cells(heads, texts):
    """Find cells with an interval in brackets behind an estimate."""
    for at, column in texts.items():
        found = [WITHIN.fullmatch(text) for text in column]
        if heads[at] is not None and any(found):
            parts = [
                match.groups() if match else (text, "", "")
                for match, text in zip(found, column, strict=True)
            ]
            yield from checked(at, *zip(*parts, strict=True))


def checked(after, *columns):
    """Yield the rows of three columns of texts, if they are what their heads say."""
    if len({len(column) for column in columns}) > 1:
        return
    matches = [NUMBER.fullmatch(t) for c in columns for t in c if t not in MISSING]
    if not all(matches) or len({match[3] for match in matches}) > 1:
        return
    rows = [tuple(map(value, row)) for row in zip(*columns, strict=True)]
    whole = [row for row in rows if None not in row]
    if len(whole) > 1 and all(low <= middle <= high for middle, low, high in whole):
        yield after, [None if row[0] is None else row for row in rows]


def value(text):
    """Return the number that a cell shows, or None if it shows none."""
    if text in MISSING:
        return None
    sign, digits, _ = NUMBER.fullmatch(text).groups()
    return (-1 if sign == "−" else 1) * float(digits.replace(",", ""))


def words_of(row):
    """Return the words of a row, such as its name."""
    words = [text_of(cell) for cell in row.find_all(["th", "td"])]
    return [w for w in words if not (NUMBER.fullmatch(w) or WITHIN.fullmatch(w))]


def measures(words):
    """Return what a row measures, as far as its words say so."""
    return frozenset(m for word in words for m in MEASURE.findall(word))


def truths(heads, texts, n_rows):
    """Return the truth of each row, if a column has it."""
    for at, head in heads.items():
        if TRUTHS.fullmatch(head or "") and all(map(is_number, texts[at])):
            return [value(text) for text in texts[at]]
    return [None] * n_rows


def is_number(text):
    return text in MISSING or NUMBER.fullmatch(text)


def marked(rows, names, truths):
    """Return where the dotted line is, and what to draw: (dot, low, high, truth).

    A reference, which differs by 0 from itself, and an estimate without an interval
    have nothing to draw. The truth is never taken for an estimate.
    """
    turn, found = 0.0, []
    for row, words, truth in zip(rows, names, truths, strict=True):
        if row and None not in row and any(row):
            found.append((*row, truth))
            continue
        alone = row[0] if row else None
        if "break-even" in words and alone is not None:
            turn = alone
        is_truth = any(map(TRUE.search, words))
        found.append((None, None, None, alone if is_truth else None))
    return turn, found


# How to draw it -----------------------------------------------------------------------


def scale(rows, turn):
    """Return the ends of the scale of all rows, or None if one scale would mislead."""
    values = [0.0, turn, *(v for row in rows for v in row if v is not None)]
    low, high = min(values), max(values)
    lines = [row[:3] for row in rows if row[0] is not None]
    sizes = [abs(middle) for middle, _, _ in lines if middle]
    if low * high == 0 and sizes and max(sizes) > MOST * min(sizes):
        return None
    widths = [right - left for _, left, right in lines]
    if not widths or min(widths) * ROOM < LEAST * (high - low):
        return None
    return low, high


def place(number, low, high):
    """Return where a number stands between the ends of the scale, in px.

    >>> place(-5, -5, 15), place(0, -5, 15), place(15, -5, 15)
    (4.0, 26.0, 92.0)
    """
    return INSET + ROOM * (number - low) / (high - low)


def picture(row, turn, low, high):
    """Draw a row: a full dot on a line, and an empty dot where the truth is.

    A dot is a line without length, which stays round when the picture is made narrow.
    """
    x = [None if number is None else place(number, low, high) for number in row]
    dot, left, right, truth = x
    middle, turn = HEIGHT // 2, place(turn, low, high)
    parts = [f'<path class="zero" d="M{turn:.1f} -6V{HEIGHT + 6}"/>']
    if dot is not None:
        parts.append(f'<path class="line" d="M{left:.1f} {middle}H{right:.1f}"/>')
    if truth is not None:
        at = f'd="M{truth:.1f} {middle}h0"/>'
        parts += [f'<path class="ring" {at}', f'<path class="hole" {at}']
    if dot is not None:
        parts.append(f'<path class="dot" d="M{dot:.1f} {middle}h0"/>')
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none"'
    return f"<svg {box}>{''.join(parts)}</svg>"
