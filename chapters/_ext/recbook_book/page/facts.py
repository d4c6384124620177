"""Set a table with one row as a strip: what there is, and how much of it.

It stays a table, of two columns, for who hears it and for the slides; ``tables.css``
lays it out as a line. ``tables.py`` does the same with short lists in the text.

This file runs in the page, too, below a cell that a reader runs.
"""

import re

from recbook_book.page.whiskers import END

UNITS = ("%", "€", "points", "stars", "minutes")
UNIT = re.compile(rf"(.*), ({'|'.join(UNITS)})", re.DOTALL)  # "profit, €"
NAMELESS = ("", "0")  # "0" is the row of a frame without names
COUNT = re.compile(r"[\d.,]+")  # among heads: the row is a curve, one thing


def lay_out(soup, table):
    """Make a strip of a table of one named row of numbers."""
    rows = [row.find_all(["td", "th"]) for row in table.find_all("tr")]
    if len(rows) != 2 or len(rows[0]) != len(rows[1]) or len(rows[0]) < 3:
        return
    (corner, *heads), (name, *numbers) = rows
    words = [head.get_text().strip() for head in heads]
    is_one = all(map(COUNT.fullmatch, words)) or any(map(END.fullmatch, words))
    are_numbers = all("num" in cell.get("class", []) for cell in numbers)
    if corner.get_text().strip() or name.name != "th" or is_one or not are_numbers:
        return
    caption, strip = soup.new_tag("caption"), soup.new_tag("tbody")
    caption.extend(list(name.contents))
    said = caption.get_text().strip()
    common = said if said in UNITS else ""
    for head, number in zip(heads, numbers, strict=True):
        row = soup.new_tag("tr")
        row.extend([head.extract(), number.extract()])
        head["scope"] = "row"
        unit = common
        if own := UNIT.fullmatch(head.get_text()):
            head.string, unit = own.groups()
        if unit:
            number.append(f" {unit}")
        strip.append(row)
    table.clear()
    table.extend([strip] if common or said in NAMELESS else [caption, strip])
    table["class"] = [*table.get("class", []), "facts"]
