"""Figures that a reader moves, by the keyboard alone (``make site-test``)."""

import re

import browsing
import pytest
import serve

pytestmark = pytest.mark.site

PAGES = {"letters": "uplift", "silence": "customers", "looks": "experiments"}


@pytest.fixture(params=[("light", 1280), ("dark", 390)])
def figure(request, browser):
    """Open the page of a figure; return the figure. Nothing is asked of any server."""
    theme, width = request.param
    site = serve.HTML.as_uri()
    context, tab, complaints = browsing.window(browser, site, theme, width)

    def opened(name):
        tab.goto(f"{site}/chapters/6-marketing/{PAGES[name]}.html", wait_until="load")
        found = tab.locator(f".explore[data-figure={name}]")
        found.locator("output").wait_for()
        return found

    yield opened
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert not complaints


def numbers(figure):
    """Return the numbers of what a figure says."""
    said = figure.locator("output").inner_text().replace("−", "-").replace(",", "")
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", said)]


def test_letters_fill_squares_and_the_other_list_earns(figure):
    figure = figure("letters")
    slider = figure.get_by_role("slider", name="Letters sent")
    slider.fill("0")
    assert numbers(figure) == [0, 0]
    slider.press("ArrowRight")
    assert numbers(figure)[0] == 250
    slider.fill("8000")
    _, by_response = numbers(figure)
    squares = figure.locator("rect").count()
    figure.get_by_label("to those who are most likely").press("ArrowRight")
    _, by_effect = numbers(figure)
    assert by_response < 0 < by_effect
    assert figure.locator("output").get_attribute("class") == ""
    assert figure.locator("rect.grey").count() < squares / 2
    blue = figure.locator("rect.blue").count()
    assert by_effect == pytest.approx(10 * blue * 20 - 8000 * 0.60, abs=101)
    said = figure.get_by_role("img").get_attribute("aria-label")
    assert "orders that come anyway" in said
    assert "orders that pay for the letters: 240" in said


def test_silence_lowers_the_probability_of_a_customer(figure):
    """As P(alive) of the page has it, which the model computed, for two customers."""
    figure = figure("silence")
    assert numbers(figure) == [2, 26, 0.63]
    figure.get_by_label("monthly").check()
    assert numbers(figure)[:2] == [12, 26]
    assert numbers(figure)[2] < 0.2  # the same silence, of somebody who came often
    today = figure.get_by_role("slider", name="Today")
    for _ in range(13):
        today.press("ArrowLeft")
    orders, silent, alive = numbers(figure)
    assert (orders, silent) == (12, 13)
    figure.get_by_role("button", name="an order today").press("Enter")
    assert numbers(figure)[:2] == [13, 0]
    assert numbers(figure)[2] > alive
    figure.get_by_role("button", name="take the last one away").press("Enter")
    assert numbers(figure) == [orders, silent, alive]


def test_who_looks_more_often_finds_more_of_nothing(figure):
    figure = figure("looks")
    slider = figure.get_by_role("slider", name="How often")
    found = []
    for looks in (1, 2, 5, 10, 20):
        slider.fill(str(looks))
        found.append(numbers(figure)[-2])
    assert found == sorted(found)
    assert 2 <= found[0] <= 20  # 5 % of 200, as drawn
    assert 40 <= found[-1] <= 62  # 25 %, by the page's recursion
    slider.press("ArrowLeft")
    assert figure.locator("output").inner_text().startswith("19 looks")


def test_paper_has_the_still_figure_alone(figure):
    figure = figure("looks")
    figure.page.emulate_media(media="print")
    assert not figure.is_visible()
    figure.page.emulate_media(media="screen")
