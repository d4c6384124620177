"""Set the tables that cells show as a good textbook would.

pandas writes a data frame as HTML with two header rows if the index has a name, with
NaN, with hyphens for minus signs and with numbers of mixed length. ``textbook``
corrects this in the printed page, in the students' notebooks and, since this file also
runs in the page, below a cell that a reader runs. It adds the classes by which
``tables.css`` aligns the columns: numbers to the right with their decimal points in
line, words to the left.
"""

import re

from bs4 import BeautifulSoup

from recbook_book.page import facts, whiskers

MISSING = {"NaN", "None", "NaT", "<NA>"}
NOTHING = {"", "–", "-", "?", "…", "."}  # neither a number nor a word
BEST = {"◀", "▲"}  # mark the best rows, in a column of their own
# A hyphen is a minus sign if a number follows and no word or number stands before it.
SIGN = re.compile(r"(?<![\w.,)\]–-])-(?=\.?\d|inf\b)")
ZERO = re.compile(r"−(0(?:\.0+)?)")  # what rounding leaves of a small loss
POWER = re.compile(r"([+−]?\d[\d.]*)e([+-])0*(\d+)")
NUMBER = re.compile(r"[+−]?(?:\d[\d,]*)?(?:\.(\d+)|\d)")
WHOLE = re.compile(r"\d+\.0")  # in an index
MANY = re.compile(r"\d{2,}\.0")  # in a column, where 1.0 may be a measure
STYLER = re.compile(r"T_[0-9a-f]{5}(_|$)")  # begins the ids that pandas gives
SHORT = 24  # letters: shorter row names are not broken
# Numbers and what may stand around them: "49.9 (49.5–50.7)", "−3 €", "1.5 points".
NUMERIC = re.compile(
    r"[\s()\[\]<>≤≥≈~=]*[+−±]?[.∞\d][\d\s.,:%€$()\[\]+−–±×·/∞=]*( [a-z]+)?"
)


def textbook(html, locate=None, pictures=True, said=str):
    """Return the HTML of an output with its tables set.

    ``locate`` gives the new address of a link, or None to remove the link. Without
    ``pictures`` it is for a notebook, which has no style for them. ``said`` puts words
    into the edition's language (``edition/strings.py``).
    """
    soup = BeautifulSoup(html, "html.parser")
    for style in soup.find_all("style", scoped=True):
        style.extract()  # pandas' own style
    drop_names(soup)
    for table in soup.find_all("table"):
        is_frame = "dataframe" in table.get("class", [])
        mend_words(table, said)
        merge_heads(table)
        mark_best(table, said)
        if is_frame:
            drop_counter(table)
        say_what_heads(table)
        align(table)
        if pictures:
            facts.lay_out(soup, table)
            whiskers.draw(by_column(table))
        del table["border"]
        # Without this class the theme draws no borders and stripes.
        others = [name for name in table.get("class", []) if name != "dataframe"]
        table["class"] = [*others, "table", "data"]
        table.wrap(soup.new_tag("div", **{"class": "pst-scrollable-table-container"}))
    for link in soup.find_all("a", href=True) if locate else ():
        if address := locate(link["href"]):
            link["href"] = address
        else:
            link.unwrap()
    return str(soup)


def drop_names(soup):
    """Remove the random ids of pandas' Styler, unless a style rule uses them."""
    if any(style.get_text().strip() for style in soup.find_all("style")):
        return
    for style in soup.find_all("style"):
        style.extract()
    for cell in soup.find_all(id=STYLER):
        del cell["id"]


def cells_of(row):
    return row.find_all(["td", "th"], recursive=False)


def text_of(cell):
    return cell.get_text().strip()


def rows_of(table, part):
    found = table.find(part)
    return found.find_all("tr", recursive=False) if found else []


def mend_words(table, said):
    """Write NaN as a dash, hyphens as minus, 1e-05 as a power of ten, True as yes."""
    for cell in table.find_all(["td", "th"]):
        for text in cell.find_all(string=True):
            if not text.find_parent("code"):
                text.replace_with(SIGN.sub("−", text).replace("−inf", "−∞"))
        text = text_of(cell)
        if cell.name == "td" and text in MISSING:
            cell.string = "–"
        elif cell.name == "td" and text in ("True", "False"):
            cell.string = said("yes") if text == "True" else said("no")
        elif zero := ZERO.fullmatch(text):
            cell.string = zero[1]
        elif power := POWER.fullmatch(text):
            sign = "−" if power[2] == "-" else ""
            cell.string = f"{power[1]} · 10"
            exponent = BeautifulSoup(f"<sup>{sign}{power[3]}</sup>", "html.parser")
            cell.append(exponent)


def merge_heads(table):
    """Move the names of the index into the row with the names of the columns."""
    head, body = rows_of(table, "thead"), rows_of(table, "tbody")
    if len(head) < 2 or not body:
        return
    names, above = cells_of(head[-1]), cells_of(head[-2])
    n_index = len(body[0].find_all("th", recursive=False))
    if any(text_of(cell) for cell in names[n_index:]) or len(names) <= n_index:
        return
    if len(above) < n_index:  # a head above the index spans its levels
        return
    for name, place in zip(names[:n_index], above[:n_index], strict=True):
        place.replace_with(name)
    head[-1].extract()


def mark_best(table, said):
    """Remove a column of marks, and give the marked rows the class ``best``."""
    columns = by_column(table)
    for cells in columns.values():
        marks = [text_of(cell) for cell in cells if cell.find_parent("tbody")]
        heads = [text_of(cell) for cell in cells if cell.find_parent("thead")]
        if not BEST & set(marks) or set(marks) - BEST - {""} or any(heads):
            continue
        for cell in cells:
            row = cell.parent
            if text_of(cell) in BEST:
                add_class([row], "best")
                name = [*row.find_all("th", recursive=False), *cells_of(row)][0]
                if name.get("rowspan"):  # a group's name
                    name = name.find_next_sibling()
                name["class"] = ["best-name"]
                note = f'<span class="visually-hidden">{said(" (best)")}</span>'
                name.append(BeautifulSoup(note, "html.parser"))
            cell.extract()


def drop_counter(table):
    """Remove an index 0, 1, 2, … that only counts the rows of a table with words."""
    columns = list(by_column(table).values())
    if not columns:
        return
    head = [text_of(c) for c in columns[0] if c.find_parent("thead")]
    index = [c for c in columns[0] if c.find_parent("tbody")]
    counts = [text_of(c) for c in index] == [str(n) for n in range(len(index))]
    has_words = any(not is_numeric(texts_of(column)) for column in columns[1:])
    if counts and has_words and not any(head):
        for cell in columns[0]:
            cell.extract()


def by_column(table):
    """Return {column: its cells, with the header}, without cells of several columns.

    Columns are counted from the right: the left cells of an index with several levels
    span several rows, so that the rows below have fewer cells.
    """
    rows = table.find_all("tr")
    width = max((sum(map(span, cells_of(row))) for row in rows), default=0)
    found = {column: [] for column in range(width)}
    for row in rows:
        column = width - sum(map(span, cells_of(row)))
        for cell in cells_of(row):
            if span(cell) == 1:
                found[column].append(cell)
            column += span(cell)
    return found


def span(cell):
    """Return how many columns a cell spans, 1 without a number, as in a browser."""
    says = cell.get("colspan", "")
    return int(says) if says.isdecimal() else 1


def say_what_heads(table):
    """Give each header cell its scope: a column, a row, or a group of them."""
    head, body = rows_of(table, "thead"), rows_of(table, "tbody")
    for row in head:
        del row["style"]
        for cell in cells_of(row):
            del cell["halign"], cell["valign"]
            if not text_of(cell):
                cell.name = "td"
            elif span(cell) > 1:
                cell["scope"], cell["class"] = "colgroup", ["spanner"]
            else:
                cell["scope"] = "col"
    width = max((len(cells_of(row)) for row in body), default=0)
    groups = any(row.find("th", rowspan=True) for row in body)
    for row in body:
        if groups and len(cells_of(row)) == width:
            add_class([row], "group")
        for cell in row.find_all("th", recursive=False):
            del cell["valign"]
            cell["scope"] = "rowgroup" if cell.get("rowspan") else "row"


def align(table):
    """Mark columns of numbers, and add what aligns their decimal points."""
    for cells in by_column(table).values():
        body = [cell for cell in cells if cell.find_parent("tbody")]
        texts = texts_of(cells)
        is_index = all(cell.name == "th" for cell in body)
        if not is_numeric(texts):
            if is_index and all(len(text) <= SHORT for text in texts):
                add_class(body, "short")
            continue
        whole = WHOLE if is_index else MANY
        if all(whole.fullmatch(text) for text in texts):
            for cell in body:  # pandas made floats of them
                cell.string = text_of(cell).removesuffix(".0")
        add_class(cells, "num")
        for cell, pad in zip(body, paddings([text_of(c) for c in body]), strict=True):
            if pad:
                cell["data-pad"] = pad


def add_class(cells, name):
    for cell in cells:
        cell["class"] = [*cell.get("class", []), name]


def texts_of(cells):
    return [text_of(cell) for cell in cells if cell.find_parent("tbody")]


def is_numeric(texts):
    """Whether a column has numbers: at least half of its entries that say something."""
    said = [text for text in texts if text not in NOTHING]
    return 2 * sum(bool(NUMERIC.fullmatch(text)) for text in said) >= max(len(said), 1)


def paddings(texts):
    """Return what each number needs at its end, such as ".00", to align the points."""
    if any("·" in text for text in texts):
        return [""] * len(texts)  # powers of ten
    matches = [NUMBER.fullmatch(text) for text in texts]
    digits = [len(match[1] or "") if match else None for match in matches]
    most = max((n for n in digits if n is not None), default=0)
    return [
        "" if n is None or n == most else "." * (n == 0) + "0" * (most - n)
        for n in digits
    ]
