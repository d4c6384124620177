"""Pictures of intervals in tables: where there is one, and what it draws."""

import re
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import assume, given
from hypothesis import strategies as st
from recbook_book.page import whiskers
from recbook_book.page.textbook_tables import textbook

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"
NUMBERS = st.integers(-999, 999)
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS).map(sorted), min_size=2)


def shown(frame, **options):
    return BeautifulSoup(textbook(frame.to_html(**options)), "html.parser")


def table(rows, heads=("gain", "low", "high"), names=None):
    """A table with intervals, of rows (estimate, low, high)."""
    return shown(pd.DataFrame(rows, names, heads))


def drawn(soup):
    """What each row of a table draws: (zero, left, right, dot), in px."""
    found = []
    for row in soup.select("tbody tr"):
        numbers = r"M([\d.]+) .*?M([\d.]+) \d+H([\d.]+).*?M([\d.]+) \d+h0"
        found.append(tuple(map(float, re.search(numbers, str(row)).groups())))
    return found


def on_scale(number, lowest, highest):
    """Where a number is drawn: from 4 px to 92 px, with zero on the scale."""
    lowest, highest = min(lowest, 0), max(highest, 0)
    return 4 + 88 * (number - lowest) / (highest - lowest)


def test_each_end_is_drawn_at_its_number():
    rows = [(2, 1, 4), (-3, -5, 0), (0.5, -1, 1)]
    soup = table(rows)
    for (middle, low, high), at in zip(rows, drawn(soup), strict=True):
        expected = [on_scale(number, -5, 4) for number in (0, low, high, middle)]
        assert at == pytest.approx(expected, abs=0.06)
    assert soup.svg["viewbox"] == "0 0 96 14"


def test_the_scale_never_leaves_zero_out():
    (zero, left, right, dot), _ = drawn(table([(10, 8, 12), (11, 9, 14)]))
    assert (zero, left, dot, right) == (
        4,
        *(round(4 + 88 * n / 14, 1) for n in (8, 10, 12)),
    )
    assert drawn(table([(-10, -12, -8), (-11, -14, -9)]))[0][0] == 92


@given(ROWS)
def test_order_is_kept_and_nothing_leaves_the_picture(rows):
    rows = [(middle, low, high) for low, middle, high in rows]
    numbers = [number for row in rows for number in (0, *row)]
    assume(any(numbers))
    ends = min(numbers), max(numbers)
    places = sorted((number, whiskers.place(number, *ends)) for number in numbers)
    assert [at for _, at in places] == sorted(at for _, at in places)
    assert places[0][1] == 4
    assert places[-1][1] == 92
    if found := whiskers.scale(rows, 0.0):
        assert found == ends
        for row in rows:
            picture = whiskers.picture((*row, None), 0, *found)
            assert f'class="zero" d="M{whiskers.place(0, *found):.1f} ' in picture
            across = re.findall(r"[MH]([\d.]+)", picture)
            assert all(0 <= float(x) <= 96 for x in across)


def test_numbers_are_what_they_were_and_nobody_hears_the_picture():
    frame = pd.DataFrame({"gain": [2.0, -3.0], "low": [1, -5], "high": [4, 0], "p": 1})
    soup = shown(frame)
    cells = soup.select(".whisker")
    assert len(cells) == 3  # behind the interval, with a head that is empty
    assert all(cell["aria-hidden"] == "true" for cell in cells)
    assert all(cell.find_previous_sibling().get_text() in "high 4 0" for cell in cells)
    for cell in cells:
        cell.extract()
    plain = textbook(frame.to_html(), pictures=False)
    assert soup == BeautifulSoup(plain, "html.parser")


def marks(soup):
    """What each row of a table draws, of a line, a full dot and an empty one."""
    found = {".line": "-", ".dot": "•", ".hole": "o"}
    rows = soup.select("tbody tr")
    return ["".join(m for kind, m in found.items() if r.select(kind)) for r in rows]


@pytest.mark.parametrize("name", ["truth", "in truth", "forecast, true"])
def test_only_the_truth_is_an_empty_dot(name):
    """A promise looks like an estimate that is sure, and must not."""
    frame = pd.DataFrame(
        {"€": ["1", "2", "2"], "low": ["0", "0", ""], "high": ["2", "3", ""]},
        ["a", "b", name],
    )
    assert marks(shown(frame)) == ["-•", "-•", "o"]
    for other in ("promise", "by a model", "untrue", ""):
        again = shown(frame.rename({name: other}))
        assert marks(again) == ["-•", "-•", ""]
        assert len(again.select("tbody .zero")) == 3


@pytest.mark.parametrize("head", ["truth", "in truth", "truth, €"])
def test_a_column_of_truths_is_drawn_in_each_row(head):
    frame = pd.DataFrame(FINE, columns=["gain", "low", "high"]).assign(x=[4, 0.5])
    soup = shown(frame.rename(columns={"x": head}))
    assert marks(soup) == ["-•o", "-•o"]
    holes = [cell["d"] for cell in soup.select(".hole")]
    assert holes == ["M92.0 7h0", "M15.0 7h0"]  # on a scale from 0 to 4
    assert drawn(soup)[0][:3] == (4, 26, 70)
    for other in ("untruth", "record", "of the truth"):
        assert marks(shown(frame.rename(columns={"x": other}))) == ["-•", "-•"]


def test_the_dotted_line_is_where_the_decision_turns():
    names = ["a", "b", "break-even"]
    rows = [("2", "1", "3"), ("1", "0", "2"), ("4", "–", "–")]
    soup = table(rows, names=names)
    assert {cell["d"] for cell in soup.select(".zero")} == {"M92.0 -6V20"}
    assert marks(soup) == ["-•", "-•", ""]
    assert drawn(table(rows[:2]))[0][:2] == (4, 33.3)
    # An estimate of the break-even is an estimate.
    both = table([*rows[:2], ("4", "3", "5")], names=names)
    assert {cell["d"] for cell in both.select(".zero")} == {"M4.0 -6V20"}


def test_a_reference_differs_by_nothing_and_has_no_dot():
    assert marks(table([*FINE, (0, 0, 0)])) == ["-•", "-•", ""]


def test_the_best_row_stays_the_best():
    frame = pd.DataFrame(
        {"€": [1, 2], "low": [0, 1], "high": [2, 3], "": ["", "◀"]}, ["a", "b"]
    )
    soup = shown(frame)
    assert len(soup.select("tr.best > .whisker svg")) == 1
    assert soup.select("thead tr > *")[-1]["class"] == ["whisker"]


@pytest.mark.parametrize(
    "heads",
    [
        ("gain", "from", "to"),
        ("gain", "low €", "high €"),
        ("value", "value low", "value high"),
    ],
)
def test_heads_that_mean_an_interval(heads):
    assert drawn(table([(2, 1, 3), (1, 0, 2)], heads)) == [
        (4, 33.3, 92, 62.7),
        (4, 4, 62.7, 33.3),
    ]


def test_an_interval_on_both_sides_in_a_cell_or_by_its_half():
    rows = [(4, 33.3, 92, 62.7), (4, 4, 62.7, 33.3)]
    assert (
        drawn(shown(pd.DataFrame({"from": [1, 0], "€": [2, 1], "to": [3, 2]}))) == rows
    )
    assert drawn(shown(pd.DataFrame({"saved": ["+2 (+1 to +3)", "+1 (0–2)"]}))) == rows
    assert drawn(shown(pd.DataFrame({"lead": [2, 1], "± (95 %)": [1, 1]}))) == rows


def test_an_error_is_not_the_estimate():
    frame = pd.DataFrame(
        {"effect": [2, 1], "error": [1.5, 1.5], "low": [1, 0], "high": [3, 2]}
    )
    assert [row[3] for row in drawn(shown(frame))] == [62.7, 33.3]


FINE = [(2.0, 1.0, 3.0), (1.0, 0.0, 2.0)]
MISLEADING = {
    "one row": table(FINE[:1], names=["a"]),
    "no estimate": table(FINE, ("p", "low", "high")),
    "an estimate outside": table([*FINE, (5, 1, 3)]),
    "the ends exchanged": table(FINE, ("gain", "high", "low")),
    "ends of two things": table(FINE, ("gain", "record from", "to")),
    "a spread": table(FINE, ("gain", "±", "± se")),
    "quantiles": table(FINE, ("median", "5 %", "95 %")),
    "ends that zero does not judge": table(FINE, ("gain", "2.5 %", "97.5 %")),
    "bins": shown(pd.DataFrame({"low": [0, 1], "high": [1, 2], "share": [0.1, 0.2]})),
    "a ratio": table(FINE, ("over 1", "low", "high")),
    "two sets": table(
        [row * 2 for row in FINE], ("record", "low", "high", "run", "from", "to")
    ),
    "units of rows": table(FINE, names=["effect, points", "effect, euros"]),
    "measures of rows": table(FINE, names=["nDCG of a − b", "squared error of a − b"]),
    "directions of rows": table(FINE, names=["a, ahead of b", "a, behind b"]),
    "units of cells": table([("1 %", "0 %", "2 %"), ("1 €", "0 €", "2 €")]),
    "one unit left out": table([("1 %", "0 %", "2 %"), ("1", "0", "2")]),
    "words among numbers": table([*FINE, ("one seed", "–", "–")]),
    "a power of ten": table([*FINE, ("1e-05", "0", "2")]),
    "for logarithms": table([(1, 0, 2), (101, 51, 201)]),
    "hidden by dots": table([(1, 0, 2), (2, 1, 3), (-90, -99, -81)]),
    "one hidden by its dot": table([(4, 0, 8), (90, 81, 99), (2, 1, 3)]),
    "a truth far away": shown(
        pd.DataFrame(FINE, columns=["gain", "low", "high"]).assign(truth=[60, 1])
    ),
    "levels far from zero": table([(0.95, 0.94, 0.96), (0.93, 0.92, 0.94)]),
    "nothing but zero": table([(0, 0, 0), (0, 0, 0)]),
}


@pytest.mark.parametrize("why", MISLEADING)
def test_what_would_mislead_has_no_picture(why):
    assert drawn(table(FINE))
    assert not MISLEADING[why].select(".whisker")


def test_heads_of_several_columns_stay_as_wide_as_they_are():
    columns = pd.MultiIndex.from_product([["shop"], ["gain", "low", "high"]])
    assert not shown(pd.DataFrame(FINE, columns=columns)).select(".whisker")


def test_a_picture_that_a_phone_has_no_room_for_is_marked():
    def kinds(name):
        soup = table(FINE, names=[name, "b"])
        return {tuple(cell["class"]) for cell in soup.select(".whisker")}

    assert kinds("a") == {("whisker",)}
    assert kinds("two words of which each is broken off where it ends") == {
        ("whisker",)
    }
    assert kinds("unbreakable" * 4) == {("whisker", "on-wide")}


def built():
    """Yield the name of a page, what it says up to a table, and the table."""
    for path in sorted(HTML.glob("chapters/**/*.html")):
        text = path.read_text(encoding="utf-8")
        text = text[max(0, text.find("<article")) :]
        for found in re.finditer(r"<table\b.*?</table>", text, re.DOTALL):
            if 'class="whisker' in found[0]:
                said = BeautifulSoup(text[: found.end()], "html.parser").get_text()
                yield path.name, said, BeautifulSoup(found[0], "html.parser")


def ends_in(heads, numbers):
    """The ends of an interval, of the numbers before its picture."""
    if heads[-1] == "± (95 %)":
        return numbers[-2] - numbers[-1], numbers[-2] + numbers[-1]
    both_sides = heads[-3:-2] == ["from"]
    return numbers[-3 if both_sides else -2], numbers[-1]


def before(cell):
    cells = reversed(cell.find_previous_siblings(["td", "th"]))
    return [text_of(each) for each in cells]


def text_of(cell):
    return cell.get_text().strip().replace("−", "-").replace(",", "")


@pytest.mark.site
def test_the_tables_of_the_book_have_pictures_of_their_own_numbers():
    """Read again from the cells before each picture: one line through all of them."""
    pages = []
    for name, _, soup in built():
        heads = before(soup.select_one("thead .whisker"))
        known, turn = [], 0
        for row in soup.select("tbody tr:has(.whisker)"):
            cells = [text_of(cell) for cell in row.find_all(["td", "th"])]
            if "break-even" in cells:
                turn = float(cells[1])
        for picture in soup.select("tbody .whisker:has(.line)"):
            text = " ".join(before(picture))
            numbers = [float(n) for n in re.findall(r"(?<![\w.])[+-]?\d*\.?\d+", text)]
            across = re.search(r"M([\d.]+) \d+H([\d.]+)", str(picture)).groups()
            zero = re.search(r"M([\d.]+) -6", str(picture))[1]
            places = map(float, (zero, *across))
            known += zip((turn, *ends_in(heads, numbers)), places, strict=True)
        (lowest, left), (highest, right) = min(known), max(known)
        for number, at in known:
            expected = left + (right - left) * (number - lowest) / (highest - lowest)
            assert at == pytest.approx(expected, abs=0.2), (name, number)
        pages.append(name)
    assert 25 <= len(pages) <= 60
    assert {"attribution.html", "uplift.html", "generative.html"} <= set(pages)


SURE = re.compile(r"95 % intervals?\b|interval of 95 %|± \(95 %\)")


@pytest.mark.site
def test_a_page_says_how_sure_its_first_pictures_are():
    first = {}
    for name, said, _ in built():
        first.setdefault(name, said)
    assert len(first) > 15
    silent = [name for name, said in first.items() if not SURE.search(said)]
    assert not silent
