"""Part 7: what no test can hold to the truth says when somebody looked."""

import re
from datetime import date

import pytest
from bookpages import CHAPTERS

TOOLS = CHAPTERS / "7-outlook" / "tools-and-resources.md"
TEXT = TOOLS.read_text(encoding="utf-8")
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]
MONTHS += ["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
RELEASE = re.compile(rf"({'|'.join(MONTHS)})\s(\d{{4}})")
LOOKED = date(2026, 11, 1)  # as the page says


def rows(head):
    """The rows of all tables whose head begins with a word, as lists of cells."""
    found, inside = [], False
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == head:
            inside, width = True, len(cells)
        elif inside and not line.startswith("|-"):
            assert len(cells) == width, line
            found.append(cells)
    return found


LIBRARIES = rows("library")


def released(cell):
    month, year = RELEASE.fullmatch(cell).groups()
    return date(int(year), MONTHS.index(month) + 1, 1)


def test_the_page_says_when_somebody_looked():
    assert "**in November 2026**" in TEXT
    assert "terms, as found in November 2026" in TEXT


@pytest.mark.parametrize("row", LIBRARIES, ids=lambda row: row[0])
def test_each_library_has_a_licence_a_date_and_a_case_against_it(row):
    _, best, licence, release, against = row
    assert best
    assert re.match(r"MIT|BSD-3|Apache\s2\.0|GPL 3", licence)
    assert len(against) > 10
    if release != "with this book":
        assert date(2015, 1, 1) < released(release) <= LOOKED


def test_no_library_stands_there_twice():
    names = [row[0] for row in LIBRARIES]
    assert len(names) > 20
    assert len(set(names)) == len(names)


def test_as_many_are_dormant_as_the_page_says():
    dates = [released(row[3]) for row in LIBRARIES if row[3] != "with this book"]
    dormant = [day for day in dates if LOOKED.year - day.year >= 3]
    dormant = [day for day in dormant if day <= LOOKED.replace(year=LOOKED.year - 3)]
    assert len(dormant) == 5
    assert "Five libraries of the tables above" in TEXT


def test_each_data_set_has_terms():
    data = rows("data")
    assert len(data) > 8
    assert all(len(terms) > 2 for _, _, terms, _, _ in data)


def test_the_sums_of_the_page_add_up():
    day = 8 * 80
    a, b = day + 2 * 4 * day, 3 * day + 2 * day // 2
    assert (a, b, a - b) == (5_760, 2_560, 3_200)
    for number in ("5,760", "2,560", "3,200"):
        assert number in TEXT
    hits = 1 / 1 + 2 / 3
    for divisor, shown in ((5, "0.33"), (3, "0.56"), (2, "0.83")):
        assert f"{hits / divisor:.2f}" == shown
        assert f"**{shown}**" in TEXT
