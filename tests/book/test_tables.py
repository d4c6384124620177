"""Tables as the book sets them: what pandas wrote, what the text has, what is built."""

import re
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.core import publish_doctree
from recbook_book.page.tables import mend_table
from recbook_book.page.textbook_tables import textbook

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"
PAGES = sorted(p.relative_to(HTML).as_posix() for p in HTML.glob("chapters/**/*.html"))
# A hyphen where a minus belongs: before a number, and after nothing it could join to.
HYPHEN = re.compile(r"(?<![\w.,)\]–-])-(?=\.?\d)")


def mended(frame, **options):
    return BeautifulSoup(textbook(frame.to_html(**options)), "html.parser")


def texts(soup, selector):
    return [cell.get_text() for cell in soup.select(selector)]


def column(soup, at):
    return soup.select(f"tbody tr > :nth-child({at})")


def test_what_is_missing_is_a_dash_and_minus_is_no_hyphen():
    frame = pd.DataFrame({"a": [None, -1.5], "b": ["x -2", "2026-11-26"]}, [-3, 4])
    assert texts(mended(frame), "tbody th, td") == (
        ["", "−3", "–", "x −2", "4", "−1.5", "2026-11-26"]
    )
    infinite = pd.DataFrame({"a": ["-inf", "1-5", "e-1", "-add"]})
    assert texts(mended(infinite, index=False), "td") == ["−∞", "1-5", "e-1", "-add"]


def test_zero_has_no_sign():
    frame = pd.DataFrame({"a": ["-0.00", "-0.01", "-0"], "b": [-0.001, 1, 2]})
    shown = mended(frame.round(2), index=False)
    assert texts(shown, "td") == ["0.00", "0.0", "−0.01", "1.0", "0", "2.0"]


def test_words_that_look_like_nothing_stay_in_heads():
    frame = pd.DataFrame({"x": [1.0]}, ["None"])
    assert texts(mended(frame), "tbody th") == ["None"]


def test_a_styled_table_has_no_names_drawn_by_chance():
    frame = pd.DataFrame({"a": [1.5]})
    plain = [frame.style.format(precision=2).to_html() for _ in range(2)]
    assert plain[0] != plain[1]
    assert textbook(plain[0]) == textbook(plain[1])
    assert "T_" not in textbook(plain[0])
    assert "<style" not in textbook(plain[0])
    loud = frame.style.set_properties(color="red").to_html()  # its rules name cells
    assert re.search(r"#(T_\w+) \{\s*color: red", textbook(loud))
    assert re.search(r'id="T_\w+_row0_col0"', textbook(loud))


def test_yes_and_no_and_powers_of_ten_are_read():
    frame = pd.DataFrame({"real": [True, False], "size": ["2.65e+07", "-1e-05"]})
    soup = mended(frame, index=False)
    assert texts(soup, "td") == ["yes", "2.65 · 107", "no", "−1 · 10−5"]
    assert texts(soup, "sup") == ["7", "−5"]


def test_the_name_of_an_index_stands_in_the_row_of_heads():
    frame = pd.DataFrame({"a": [1], "b": [2]}, pd.Index([5], name="k"))
    soup = mended(frame.rename_axis(columns="what"))
    assert len(soup.select("thead tr")) == 1
    assert texts(soup, "thead th") == ["k", "a", "b"]


def test_a_head_that_spans_the_index_stays_above_its_names():
    html = (
        "<table><thead><tr><th colspan=3>all</th></tr>"
        "<tr><th>a</th><th>b</th><th></th></tr></thead>"
        "<tbody><tr><th>1</th><th>2</th><td>3</td></tr></tbody></table>"
    )
    soup = BeautifulSoup(textbook(html), "html.parser")
    assert texts(soup, "thead th") == ["all", "a", "b"]


def test_heads_of_several_columns_keep_a_row_of_their_own():
    columns = pd.MultiIndex.from_product([["mean", "sd"], ["hit", "ndcg"]])
    soup = mended(pd.DataFrame([[1, 2, 3, 4]], pd.Index(["m"], name="model"), columns))
    heads = [texts(row, "th") for row in soup.select("thead tr")]
    assert heads == [["mean", "sd"], ["model", "hit", "ndcg", "hit", "ndcg"]]
    assert {cell["scope"] for cell in soup.select(".spanner")} == {"colgroup"}
    assert [c["scope"] for c in soup.select("tbody th")] == ["row"]


def test_rows_of_a_group_are_kept_together():
    index = pd.MultiIndex.from_product([["all", "few"], ["x", "y"]])
    soup = mended(pd.DataFrame({"share": [1.5, 2.5, 3.5, 4.5]}, index))
    assert ["group" in row.get("class", []) for row in soup.select("tbody tr")] == (
        [True, False, True, False]
    )
    assert len(soup.select("th[scope=rowgroup]")) == 2
    assert all("num" in cell["class"] for cell in soup.select("td:last-child")[1:])


def test_numbers_are_told_from_words():
    frame = pd.DataFrame(
        {
            "words": ["1 of 2 films", "x", "y"],
            "numbers": ["12 %", "49.9 (49.5–50.7)", "not finite"],
            "gaps": [1, None, None],
            "units": ["1.5 points", "−3 €", "2"],
        },
        list("abc"),
    )
    rows = mended(frame).select("tr")
    are_numbers = [
        ["num" in c.get("class", []) for c in r.find_all(True)] for r in rows
    ]
    assert are_numbers == [[False, False, True, True, True]] * 4


def test_decimal_points_stand_under_each_other():
    frame = pd.DataFrame({"a": ["0.49", "0.216", "3", "–"], "b": [1, 2, 3, 4]})
    cells = column(mended(frame, index=False), 1)
    assert [cell.get("data-pad") for cell in cells] == ["0", None, ".000", None]
    assert [cell.get_text() for cell in cells] == ["0.49", "0.216", "3", "–"]


def test_whole_numbers_made_floats_lose_their_point():
    frame = pd.DataFrame({"raters": [323.0, 15.0], "x": [1.0, 15.0]}, [0.0, 1.0])
    soup = mended(frame)
    assert texts(soup, "tbody th, tbody td") == ["0", "323", "1.0", "1", "15", "15.0"]


def test_an_index_that_only_counts_is_left_out_of_a_table_of_words():
    words = pd.DataFrame({"film": ["Up", "Heat"], "stars": [4, 5]})
    assert texts(mended(words), "thead th, thead td") == ["film", "stars"]
    ranked = words.set_axis([1, 2])
    assert texts(mended(ranked), "tbody th") == ["1", "2"]
    numbers = pd.DataFrame({"a": [4, 5]})
    assert texts(mended(numbers), "tbody th") == ["0", "1"]


def test_the_best_row_is_told_by_more_than_a_colour():
    frame = pd.DataFrame({"RMSE": [0.9, 0.8], "": ["", "◀"]}, ["knn", "bayes"])
    soup = mended(frame)
    assert texts(soup, "tbody th") == ["knn", "bayes (best)"]
    assert texts(soup, "tr.best td") == ["0.8"]
    assert texts(soup, "thead th") == ["RMSE"]


def test_a_table_of_one_row_is_a_strip_of_facts():
    frame = pd.DataFrame({"clicks, %": ["8.2"], "n": [20]}, ["SNIPS"])
    soup = mended(frame)
    assert soup.caption.get_text() == "SNIPS"
    assert texts(soup, "tr") == ["clicks8.2 %", "n20"]
    assert "facts" in soup.table["class"]
    assert {cell["scope"] for cell in soup.select("th")} == {"row"}
    assert texts(mended(frame.set_axis(["€"])), "tr") == ["clicks8.2 %", "n20 €"]
    assert not mended(frame.set_axis([0])).caption
    plain = textbook(frame.to_html(), pictures=False)
    assert "facts" not in plain  # in a notebook, which has no style for it


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, 2], "b": [3, 4]}, ["x", "y"]),
        pd.DataFrame({"0": [1], "10": [2]}, ["RMSE"]),  # a curve
        pd.DataFrame({"film": ["Up"], "stars": [4]}, ["Ann"]),
        pd.DataFrame({"a": [1], "b": [2]}, pd.Index(["x"], name="record")),
        pd.DataFrame({"a": [1]}, ["x"]),
        pd.DataFrame({"a": [], "b": []}),
    ],
)
def test_what_is_compared_or_not_a_number_stays_a_table(frame):
    assert not mended(frame).select(".facts")


def test_links_lead_where_they_are_located():
    html = (
        "<table><tr><td><a href='x.html'>x</a> <a href='y.html'>y</a></td></tr></table>"
    )
    soup = BeautifulSoup(textbook(html, {"x.html": "2-x.ipynb"}.get), "html.parser")
    assert [a["href"] for a in soup.find_all("a")] == ["2-x.ipynb"]
    assert soup.get_text() == "x y"


def test_a_styler_keeps_its_format_and_a_frame_loses_the_style_of_pandas():
    styler = pd.DataFrame({"a": [-0.5]}).style.hide(axis="index").format(precision=2)
    soup = BeautifulSoup(textbook(styler.to_html()), "html.parser")
    assert texts(soup, "td") == ["−0.50"]
    frame = BeautifulSoup(
        textbook(pd.DataFrame({"a": [1]})._repr_html_()), "html.parser"
    )
    assert not frame.select("style, [border], .dataframe")


def table_of_text(rows, classes=()):
    """A table of the text with these rows, the first its head."""
    table = ".. list-table::\n   :header-rows: 1\n\n"
    for row in rows:
        mark = "   * - "
        for cell in row:
            table += f"{mark}{cell}\n"
            mark = "     - "
    document = publish_doctree(table, settings_overrides={"report_level": 5})
    (found,) = document.findall(nodes.table)
    for cell in found.findall(nodes.entry):
        cell["classes"] += classes
    mend_table(found)
    return found


def is_number(table):
    rows = [row.children for row in table.findall(nodes.row)]
    return [["num" in cell["classes"] for cell in row] for row in rows]


def test_columns_of_numbers_in_the_text_are_told_from_words():
    rows = [
        ["name", "stars", "profit", "gap"],
        ["Ann", "5", ":math:`-1{,}000`", "–"],
        ["Bob", "4.5", "-3 €", "7"],
    ]
    table = table_of_text(rows)
    assert is_number(table) == [[False, True, True, True]] * 3
    assert "−3 €" in table.astext()
    assert "-1{,}000" in table.astext()  # a formula keeps its own minus


def test_a_short_list_of_numbers_without_a_head_is_a_strip():
    rows = [["this run", ""], ["pairs", "242"], ["equal *answers*, %", "38"]]
    table = table_of_text([*rows, ["what :math:`x` is, stars", ".80"]])
    assert table["classes"] == ["facts"]
    (head,) = next(table.findall(nodes.thead))
    assert [cell.astext() for cell in head] == ["this run"]
    assert head[0]["morecols"] == 1
    assert [row.astext().split("\n\n") for row in next(table.findall(nodes.tbody))] == (
        [["pairs", "242"], ["equal answers", "38 %"], ["what x is", ".80 stars"]]
    )
    assert list(table.findall(nodes.emphasis))
    unnamed = table_of_text([["what", "how much"], *rows[1:]], ["text-right"])
    assert unnamed["classes"] == ["facts"]
    assert not list(unnamed.findall(nodes.thead))


@pytest.mark.parametrize(
    "rows",
    [
        [["model", "nDCG"], ["a", "1"], ["b", "2"]],  # a comparison
        [["", ""], ["Ann", "likes Up"], ["Bob", "likes Heat"]],
        [["", ""], ["a", "1"]],
        [["", ""], *[["a", "1"]] * 6],
        [["", "", ""], ["a", "1", "2"], ["b", "3", "4"]],
    ],
)
def test_other_tables_of_the_text_stay_as_they_are(rows):
    table = table_of_text(rows)
    assert not table["classes"]
    assert list(table.findall(nodes.thead))


def test_what_the_source_says_of_its_columns_stands():
    table = table_of_text([["a", "b"], ["1", "2"]], ["text-center"])
    assert is_number(table) == [[False, False]] * 2


def test_code_in_a_table_keeps_its_hyphen():
    assert "-1" in table_of_text([["a"], ["``x[-1]``"]]).astext()


@pytest.mark.site
@pytest.mark.parametrize("name", PAGES)
def test_no_table_shows_what_only_a_program_would(name):
    soup = BeautifulSoup((HTML / name).read_text(encoding="utf-8"), "html.parser")
    (article,) = soup.find_all("article")
    tables = article.find_all("table")  # to select in the whole page takes longer
    for code in [code for table in tables for code in table.select("code, .math")]:
        code.decompose()
    cells = [text for table in tables for text in texts(table, "td, th")]
    assert not [text for text in cells if re.fullmatch(r"\s*(NaN|NaT|<NA>)\s*", text)]
    computed = [number.get_text() for number in article.find_all(class_="pasted-text")]
    assert not [text for text in cells + computed if HYPHEN.search(text)]
    assert not [table for table in tables if "dataframe" in table.get("class", ())]
