"""Numbers of one's own on a page, on a sheet, in its Python and in what it saves."""

import re

import pytest
import sheets
import smallbook
from docutils import nodes
from live import build
from livepages import edit, label_of, press
from recbook_book.notebooks.pieces import pieces_of
from recbook_book.notebooks.plain_markdown import Markdown

from recbook.checks.registry import PRINTED, REGISTRY, variants_of
from recbook.checks.variants import written

PAGE = "chapters/6-marketing/ab-tests.html"
ID = "6.1-errors"
FIELD = "Your number, if your teacher gave you one"
FIRST = f".variant[data-of='{ID}']"


@pytest.fixture
def read(tmp_path):
    """Return a function: the tree of a text, its HTML, and what Sphinx said."""
    return lambda text: smallbook.page(tmp_path, f"# One\n\n{text}\n", "page.variants")


def test_the_element_has_all_numbers_and_shows_the_printed_one(read):
    text = f"Of {{variant}}`{ID}.customers`, {{variant}}`1.1-control.rate_with:.1f` %."
    tree, page, complaints = read(text)
    assert not complaints
    spans = re.findall(r'<span class="variant"[^>]*data-numbers="(.*?)">(.*?)<', page)
    for (of, name, form), (numbers, shown) in zip(
        [(ID, "customers", ""), ("1.1-control", "rate_with", ".1f")], spans, strict=True
    ):
        table = variants_of(of).table
        assert numbers.split("|") == [written(own[name], form) for own in table]
        assert shown == numbers.split("|")[0]
    writer = Markdown(lambda *_: "", lambda uri: None, lambda *_: "")
    paragraph = next(iter(tree.findall(nodes.paragraph)))
    assert writer.block(paragraph) == "Of 2,000, 8.0 %."


def test_a_page_without_code_has_a_line_and_its_notebook_a_cell(read):
    tree, page, complaints = read("How much?\n\n{check}`1.1-margin`")
    assert not complaints
    assert "To check the profit in euros" in page
    writer = Markdown(lambda *_: "", lambda uri: None, lambda *_: "")
    pieces = pieces_of(tree, writer, lambda *_: "")
    assert pieces[-1].text == 'recbook.check("1.1-margin", ...)'


@pytest.mark.parametrize(
    "role",
    ["{variant}`6.1-errors.people`", "{variant}`2.2-pull.w`", "{check}`2.2-pull`"],
)
def test_a_role_without_its_check_stops_the_book(read, role):
    assert "no check of recbook" in read(role)[2]


@pytest.mark.parametrize("text", ["0-3", "a", "5-4", "1-501", "1-", "-1"])
def test_what_is_no_range_of_numbers_is_refused(text):
    with pytest.raises(SystemExit, match=f"NUMBERS={text}: write 1-30"):
        sheets.numbers_of(text)


# On the built page ------------------------------------------------------------------


def numbers_of(tab, selector=FIRST):
    return [one.inner_text() for one in tab.locator(selector).all()]


def expected(number, of=ID):
    own = {name: written(x) for name, x in variants_of(of).of(number).items()}
    names = ("customers", "orders_with", "customers", "orders_without")
    return [own[name] for name in names]


@pytest.mark.site
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_the_readers_number_changes_the_text_and_stays(page, theme, width):
    tab = page(PAGE, theme, width)
    field = tab.get_by_label(FIELD)
    assert numbers_of(tab) == expected(0)
    for number in (1, 17, 38, 39, 61, 999_999):
        field.fill(str(number))
        assert numbers_of(tab) == expected(number)
    field.fill("0017")
    assert numbers_of(tab) == expected(17)
    field.fill("999999")
    solution = tab.locator(".solution").first
    assert solution.locator(".variant-note").count() == 1
    tab.reload(wait_until="load")
    assert tab.get_by_label(FIELD).input_value() == "999999"
    assert numbers_of(tab) == expected(999_999)
    for wrong in ("0", "-3", "1.5", ""):
        tab.get_by_label(FIELD).fill(wrong)
        assert numbers_of(tab) == expected(0)
        invalid = "whole number" in tab.locator(".variant-said").inner_text()
        assert invalid == bool(wrong)
    assert tab.locator(".variant-note").count() == 0
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.site
def test_a_check_that_is_made_elsewhere_names_the_number(page):
    tab = page("chapters/1-concepts/background.html")
    line = tab.locator(".check-line code").first
    for number, call in (("17", "…, number=17)"), ("3", "…, number=3)"), ("", "…)")):
        tab.get_by_label(FIELD).fill(number)
        assert line.inner_text() == f'recbook.check("1.1-margin", {call}'


@pytest.mark.site
def test_without_scripts_the_page_has_the_printed_numbers(browser, site):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{site}/{PAGE}")
    assert numbers_of(tab) == expected(0)
    assert tab.get_by_label(FIELD).count() == 0
    context.close()


@pytest.mark.site
def test_a_sheet_has_the_numbers_of_its_address_alone(page):
    tab = page(PAGE)
    tab.get_by_label(FIELD).fill("5")
    tab.goto(tab.url.partition("?")[0] + "?sheet&number=17", wait_until="load")
    tab.wait_for_function(sheets.READY)
    assert numbers_of(tab, f".view {FIRST}") == expected(17)
    assert tab.locator(".view h1").get_attribute("data-number") == "Number 17"
    tab.evaluate(sheets.COPY, [1, 2, 3])
    shown = numbers_of(tab, f".view {FIRST}")
    assert shown == [*expected(1), *expected(2), *expected(3)]
    tab.goto(tab.url.partition("?")[0] + "?sheet", wait_until="load")
    tab.wait_for_function(sheets.READY)
    assert numbers_of(tab, f".view {FIRST}") == expected(0)


@pytest.mark.site
@pytest.mark.skipif(not build.MARKER.exists(), reason="there is no Python for pages")
def test_the_pages_python_takes_the_same_number_and_what_is_saved_names_it(
    page, tmp_path
):
    tab = page(PAGE)
    tab.get_by_label(FIELD).fill("17")
    assert numbers_of(tab) == expected(17)
    label = label_of(tab, "ex-errors-starter")
    area = edit(tab, label)
    for number, line in ((17, "right"), (0, PRINTED)):
        answer = float(REGISTRY[ID].value(number))
        area.fill(f'recbook.check("{ID}", {answer})')
        assert line in str(press(tab, label))
    tab.get_by_role("button", name="Save or hand in").click()
    for name in ("Save the exercises", "Save the page"):
        with tab.expect_download() as download:
            tab.get_by_role("button", name=name).click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        assert "recbook.checks.set_number(17)" in file.read_text("utf-8")
    tab.get_by_label(FIELD).fill("")
    with tab.expect_file_chooser() as chooser:
        tab.get_by_role("button", name="Open my file").click()
    chooser.value.set_files(file)
    tab.get_by_text("is open").wait_for()
    assert "cannot be placed" not in tab.locator(".keep-said").inner_text()
