"""The page of a report, and what a notebook shows: all that it says, and no markup."""

import re
import sys
from html.parser import HTMLParser

import pandas as pd
import pytest
import reports
from reports import SCRIPT

from recbook.report import Chart, Report, Section, page, tables
from recbook.report.page import POLICY, fragment

EMPTY = pd.DataFrame(columns=["check", "found", "verdict", "meaning"])


class Reader(HTMLParser):
    """Collects tags, attributes and words of a page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.words = [], [], []
        self.feed(re.sub("(?s)<style>.*?</style>", "<style></style>", html))

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data):
        self.words.append(data)


def words_of(html):
    return " ".join(" ".join(Reader(html).words).split())


@pytest.fixture(scope="module")
def html():
    return page.page(reports.report())


@pytest.fixture(scope="module")
def hostile():
    return page.page(reports.report(SCRIPT, SCRIPT, refused=True), SCRIPT)


def test_the_page_has_all_that_the_report_says_in_its_order(html):
    words = words_of(html)
    said = ["Report Whom to write to", "Send 1,666 letters: they are forecast"]
    said += [
        "sample ratio",
        "Does the letter work?",
        "0.7 points",
        "Two.",
        "The plans.",
    ]
    said += ["Table 1.", "95 % interval", "By length.", "Figure 1.", "In Python"]
    said += ["person='customer'", "--margin 20", "recbook 0", "Nothing was sent"]
    places = [words.index(one) for one in said]
    assert places == sorted(places)
    assert "3 rows: customer, send, effect, expected." in words


def test_the_page_asks_for_nothing(html):
    read = Reader(html)
    assert not set(read.tags) & {"script", "iframe", "object", "embed", "img", "base"}
    for name, value in read.attributes:
        assert name not in ("src", "srcset", "action", "ping"), value
        assert name != "href" or value.startswith(("data:", "#")), value
        assert not name.startswith("on")
    assert not re.search(r"@import|url\((?!\"?(data:|#))", html)
    assert f'content="{POLICY}"' in html.replace("&#x27;", "'")
    for asked in ("default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"):
        assert asked in POLICY
    # The policy comes before anything that it could forbid.
    assert html.index("Content-Security-Policy") < html.index("<link")


def test_markup_in_names_is_shown_and_never_run(html, hostile):
    calm, read = Reader(html), Reader(hostile)
    assert set(read.tags) <= set(calm.tags)
    assert {name for name, _ in read.attributes} <= {n for n, _ in calm.attributes}
    assert "<script" not in hostile.lower()
    assert "<img" not in hostile.lower()
    # In the decision, checks, tables, captions, names of columns, and settings.
    assert words_of(hostile).count("<img src=x onerror=alert(2)>") >= 12
    shown = fragment(reports.report(SCRIPT, SCRIPT))
    assert "<script" not in shown.lower()


def test_a_refusal_looks_different_and_says_so(html, hostile):
    assert "Decision" in words_of(html)
    assert "No answer" in words_of(hostile)
    assert 'class="decision refused"' in hostile
    assert 'class="decision refused"' not in html


def test_a_verdict_is_a_word_and_not_only_a_colour(hostile):
    for word in ("OK", "Note", "Stop"):
        assert f">{word}</span>" in hostile


def test_no_row_of_the_list_is_on_the_page(html):
    assert "007" not in words_of(html)


def test_the_day_is_on_the_page_only_where_it_is_given(html):
    made = reports.report()
    assert page.page(made) == html
    assert "Report of 2026-03-01" in words_of(page.page(made, "2026-03-01"))


def test_a_notebook_gets_the_same_without_the_frame(html):
    shown = reports.report()._repr_html_()
    assert "<html" not in shown
    assert "font/woff2" not in shown
    assert 'level="' not in shown
    assert "<h3>Whom to write to</h3>" in shown
    assert words_of(shown) in words_of(html)


def test_a_sentence_that_is_the_decision_stands_once():
    made = Report("experiment", "It worked.", False, EMPTY, EMPTY,
                  sections=(Section("Did it?", ("It worked.", "Yes.")),))  # fmt: skip
    assert page.page(made).count("It worked.") == 1


def test_a_check_whose_words_are_the_decision_points_to_it():
    checks = pd.DataFrame([["rows", "7", "stop", "Too few."]], columns=EMPTY.columns)
    words = words_of(page.page(Report("experiment", "Too few.", True, checks, EMPTY)))
    assert words.count("Too few.") == 1
    assert "rows 7 Stop see above" in words


def test_the_table_of_the_decision_is_shown_where_no_section_has_it():
    table = pd.DataFrame({"plan": ["nobody"], "profit €": [0.0]})
    made = Report("targeting", "No.", False, EMPTY, table)
    assert "nobody" in page.page(made)
    made = Report("targeting", "No.", False, EMPTY, table,
                  sections=(Section("Whom?", (table,)),))  # fmt: skip
    assert page.page(made).count("nobody") == 1


def test_a_long_table_says_what_it_leaves_out():
    html = tables.table_html(pd.DataFrame({"n": range(tables.MOST + 1_500)}))
    assert html.count("<tr>") == tables.MOST + 1
    assert "1,500 more rows." in html


# Tables -------------------------------------------------------------------------------


def cells(frame):
    html = tables.table_html(frame)
    rows = re.findall(r"<tr.*?</tr>", html, re.DOTALL)
    return [[words_of(cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", row)]
            for row in rows]  # fmt: skip


def test_numbers_are_written_for_people():
    frame = pd.DataFrame(
        {
            "n": [1_469_307, 12],
            "share": [0.25, -0.125],
            "profit €": [-5281.33, 12.0],
            "price €": [0.6, 12.25],
            "p": [0.0000123, 0.42],
            "none": [float("nan"), None],
            "ok": [True, False],
            "day": [pd.Timestamp("2026-01-05"), pd.Timestamp("2026-02-02 10:30")],
        }
    )
    assert cells(frame)[1:] == [
        ["1,469,307", "0.250", "−5,281", "0.60", "< .001", "–", "yes", "2026-01-05"],
        ["12", "−0.125", "12", "12.25", ".42", "–", "no", "2026-02-02 10:30:00"],
    ]


def test_small_numbers_beside_large_ones_are_not_written_as_nothing():
    assert cells(pd.DataFrame({"x": [0.004, 12_000.0]}))[1:] == [["0.004"], ["12,000"]]


def test_two_ends_are_one_interval():
    frame = pd.DataFrame(
        {"plan": ["T", "none"], "value": [1454.0, 0.0], "low": [102.4, float("nan")],
         "high": [2806.0, 0.0], "lift low": [0.1, 0.2], "lift high": [0.3, 0.25],
         "slow": [1, 2]}
    )  # fmt: skip
    assert cells(frame) == [
        ["plan", "value", "95 % interval", "lift, 95 % interval", "slow"],
        ["T", "1,454", "102 to 2,806", "0.10 to 0.30", "1"],
        ["none", "0", "–", "0.20 to 0.25", "2"],
    ]


def test_an_index_with_a_name_is_a_column_and_a_counter_is_not():
    frame = pd.DataFrame({"n": [3]}, index=pd.Index(["tea"], name="item"))
    assert cells(frame) == [["item", "n"], ["tea", "3"]]
    assert cells(frame.reset_index(drop=True)) == [["n"], ["3"]]


def test_the_best_row_is_marked_in_words_too():
    html = tables.table_html(pd.DataFrame({"plan": ["a", "b"], "": ["", "◀"]}))
    assert words_of(html) == "plan a b (best)"
    assert html.count('class="best"') == 1


def test_what_turns_the_words_around_or_cannot_be_shown_is_a_sign():
    assert tables.text("a\x00b\u202ec\ud800") == "a�b�c�"
    assert tables.text("Zoë 👩‍👩‍👧") == "Zoë 👩‍👩‍👧"
    made = Report("experiment", "a\ud800", False, EMPTY, EMPTY)
    assert "a�" in words_of(page.page(made))


# Figures ------------------------------------------------------------------------------


def test_a_figure_has_the_same_bytes_twice_and_both_themes():
    pytest.importorskip("matplotlib")
    chart = reports.report().figures["length"]
    assert chart.svg("a") == chart.svg("a")
    assert "light-dark(" in chart.svg("a")
    assert ">1,500</text>" in chart.svg("a")
    assert 'aria-label="A hill, tea."' in chart.svg("a")
    assert "<figcaption>Profit by length, tea.</figcaption>" in chart._repr_html_()


@pytest.mark.parametrize("label", ["$\\frac{", "5 $ to 6 $", "a\x00b\x1b", "＝茶"])
def test_a_label_in_a_figure_is_words_whatever_it_holds(label, recwarn):
    pytest.importorskip("matplotlib")
    chart = Chart("a", "A line.", label, lambda ax: ax.set_title(label))
    svg = chart.svg("a")
    assert f">{tables.text(label)}</text>" in svg
    assert f'aria-label="{tables.text(label)}"' in svg
    assert not recwarn.list


def test_without_matplotlib_the_page_says_how_to_get_figures(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    chart = Chart("a", "A line.", "It rises.", lambda ax: None)
    step = Section("One", (chart, pd.DataFrame({"n": [7]})))
    made = Report("experiment", "No.", False, EMPTY, EMPTY, sections=(step,))
    words = words_of(page.page(made))
    assert "A figure needs Matplotlib, which is not installed" in words
    assert "'.[report]'" in words
    assert "It shows: It rises." in words
    assert "7" in words


def test_the_pages_of_the_book_show_a_report_as_it_is():
    """Their tables are set, and their figures drawn in two themes, as all others."""
    pytest.importorskip("matplotlib")
    textbook = pytest.importorskip("recbook_book.page.textbook_tables").textbook
    from recbook.plots.inline_svg import inline

    shown = textbook(reports.report()._repr_html_())
    assert words_of(shown) == words_of(reports.report()._repr_html_())
    (svg,) = re.findall(r"<svg.*?</svg>", shown, re.DOTALL)
    assert inline(svg, "another", "another") == svg
    assert "light-dark(" in svg
