"""Code is folded on a phone, and nowhere else: ``make site-test``."""

import browsing
import pytest
from live import build
from livepages import edit, press

pytestmark = pytest.mark.site

PAGE = "chapters/6-marketing/uplift.html"
OTHER = "chapters/2-neighbours/user-cf.html"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
WIDE = {"width": 844, "height": 390}
FOLDS = "details.code-fold"
# Of each code in sight or in a fold: its lines, and whether it is in a fold of ours.
CODE = """() => [...document.querySelectorAll('.bd-article .cell_input')]
    .filter(e => !e.closest('.exercise, .solution, .dropdown, .fold:not(.code-fold)'))
    .map(e => [e.querySelector('pre').textContent.trimEnd().split('\\n').length,
        !!e.closest('.code-fold')])"""
is_live = pytest.mark.skipif(
    not build.MARKER.exists(), reason="the Python for the pages could not be had"
)


@pytest.fixture
def phone(browser, site):
    """A page on a phone that is touched; no complaint is heard at the end."""
    context = browser.new_context(**PHONE, service_workers="block")
    complaints = []
    tab = context.new_page()
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(f"{site}/{PAGE}", wait_until="load")
    yield tab
    context.close()
    assert not complaints


def is_open(fold):
    return fold.evaluate("fold => fold.open")


def opened(tab):
    return tab.evaluate(f"document.querySelectorAll('{FOLDS}[open]').length")


def test_a_phone_folds_long_code_and_says_how_long_it_is(phone):
    lengths = phone.evaluate(CODE)
    assert [is_folded for lines, is_folded in lengths] == [n > 3 for n, _ in lengths]
    folds = phone.locator(FOLDS)
    assert 5 < folds.count() < len(lengths)
    titles = folds.locator("summary").all_inner_texts()
    assert titles == [f"Code, {n} lines" for n, is_folded in lengths if is_folded]
    assert not opened(phone)
    assert not phone.locator(f".exercise {FOLDS}, .solution {FOLDS}").count()
    assert not phone.evaluate(browsing.WIDER)


def test_a_fold_opens_by_touch_and_by_keyboard(phone):
    fold = phone.locator(FOLDS).first
    code = fold.locator(".cell_input")
    assert not code.is_visible()
    fold.locator("summary").tap()
    assert code.is_visible()
    fold.locator("summary").focus()
    phone.keyboard.press("Enter")
    assert not code.is_visible()


def test_all_code_can_be_shown_and_that_is_remembered(phone, site):
    switch = phone.get_by_label("Show all code")
    count = phone.locator(FOLDS).count()
    switch.tap()
    assert opened(phone) == count
    phone.goto(f"{site}/{OTHER}", wait_until="load")
    switch = phone.get_by_label("Show all code")
    assert switch.is_checked()
    assert opened(phone) == phone.locator(FOLDS).count() > 5
    switch.focus()
    phone.keyboard.press("Space")
    assert opened(phone) == 0
    phone.reload(wait_until="load")
    assert opened(phone) == 0


@is_live
def test_who_edits_sees_the_code_and_finds_it_again(phone):
    label = phone.evaluate(
        f"""recbookLive.cells.find(
            c => c.run && c.box.querySelector('{FOLDS}')).label"""
    )
    area = edit(phone, label)
    assert area.is_visible()
    area.fill("x = 1\n")
    phone.set_viewport_size(WIDE)
    assert area.input_value() == "x = 1\n"
    assert area.evaluate("area => area === document.activeElement")
    phone.set_viewport_size(PHONE["viewport"])
    assert area.is_visible()
    phone.reload(wait_until="load")
    assert phone.get_by_label(f"Code of cell {label}").is_visible()


def test_a_phone_that_is_turned_shows_all_code_and_folds_it_again(phone):
    folds = phone.locator(FOLDS)
    folds.first.locator("summary").tap()
    phone.set_viewport_size(WIDE)
    phone.wait_for_function(f"!document.querySelector('{FOLDS}:not([open])')")
    assert not folds.first.locator("summary").is_visible()
    phone.set_viewport_size(PHONE["viewport"])
    phone.wait_for_function(f"document.querySelector('{FOLDS}:not([open])')")
    assert is_open(folds.first)
    assert opened(phone) == 1


def test_paper_has_the_code(phone):
    phone.evaluate("dispatchEvent(new Event('beforeprint'))")
    phone.emulate_media(media="print")
    codes = phone.locator(f"{FOLDS} .cell_input").all()
    assert all(code.is_visible() for code in codes)
    assert not phone.locator(f"{FOLDS} summary").first.is_visible()
    phone.emulate_media(media="screen")
    phone.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not opened(phone)


@pytest.mark.parametrize("query", ["?sheet", "?slides"])
def test_sheets_and_slides_have_no_fold_of_code(query, phone, site):
    phone.goto(f"{site}/{PAGE}{query}", wait_until="load")
    phone.locator(".view").first.wait_for()
    assert not phone.locator(FOLDS).count()


def test_a_desk_has_none(browser, site):
    context, tab, _ = browsing.window(browser, site, "light", 1280)
    tab.goto(f"{site}/{PAGE}", wait_until="load")
    assert not tab.locator(f"{FOLDS}, .code-all").count()
    tab.pdf(width="150mm")  # nor has paper that is as narrow as a phone
    assert not tab.locator(f"{FOLDS}, .code-all").count()
    context.close()


@is_live
def test_a_folded_cell_runs(page):
    tab = page(PAGE, width=390)
    label = tab.evaluate(
        f"""recbookLive.cells.find(c => c.run && c.printed &&
            c.box.querySelector('{FOLDS}') && !c.box.closest('.exercise')).label"""
    )
    shown = press(tab, label)
    assert shown["state"].startswith("ran in"), shown
    assert shown["shown"]
