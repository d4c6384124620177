"""Figures that a reader moves, by the keyboard alone (``make site-test``)."""

import re

import browsing
import numpy as np
import pytest
import serve

from recbook import datasets, similarity
from recbook.marketing import pacing, worlds

pytestmark = pytest.mark.site

PAGES = {
    "divisor": "6-marketing/pacing",
    "letters": "6-marketing/uplift",
    "looks": "6-marketing/experiments",
    "ruler": "2-neighbours/user-cf",
    "silence": "6-marketing/customers",
}
MOST_BYTES = 11_264, 2_300  # of the script and of the style, for all figures together


@pytest.fixture(params=[("light", 1280), ("dark", 390)])
def figure(request, browser):
    """Open the page of a figure; return the figure. Nothing is asked of any server."""
    theme, width = request.param
    site = serve.HTML.as_uri()
    context, tab, complaints = browsing.window(browser, site, theme, width)

    def opened(name):
        tab.goto(f"{site}/chapters/{PAGES[name]}.html", wait_until="load")
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


def is_bad(figure):
    return figure.locator("output.bad").count() == 1


def test_all_figures_together_are_a_small_script():
    files = [serve.HTML / "_static" / f"explore.{kind}" for kind in ("js", "css")]
    sizes = [file.stat().st_size for file in files]
    assert all(size < most for size, most in zip(sizes, MOST_BYTES, strict=True)), sizes


def test_letters_fill_squares_and_the_other_list_earns(figure):
    figure = figure("letters")
    slider = figure.get_by_role("slider", name="Letters sent")
    slider.fill("0")
    assert numbers(figure) == [0, 0]
    slider.press("ArrowRight")
    assert numbers(figure)[0] == 1000
    slider.fill("8000")
    _, by_response = numbers(figure)
    squares = figure.locator("rect").count()
    figure.get_by_label("to those who are most likely").press("ArrowRight")
    _, by_effect = numbers(figure)
    assert by_response < 0 < by_effect
    assert not is_bad(figure)
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


def test_a_negative_weight_takes_the_balance_off_the_ruler(figure):
    """Over Σw and over Σ|w|, as Eq. user-cf-signed has it for Cem and *Up*."""
    toy = datasets.load_toy()
    means = toy.csr.sum(axis=1) / (toy.csr != 0).sum(axis=1)
    others, cem, up = [0, 1, 3, 4], 2, 3  # Ann, Bob, Dee and Eve
    votes = toy.csr[others, [up] * 4] - means[others]
    weights = similarity.pearson(toy.csr)[cem, others]

    def balance(dee, size):
        w = np.where(np.arange(4) == 2, dee, weights)
        total = size(w).sum()
        return pytest.approx([total, means[cem] + w @ votes / total], abs=0.006)

    figure = figure("ruler")
    slider = figure.get_by_role("slider", name="Dee")
    sums = figure.get_by_role("radio")
    for n, size in enumerate((np.asarray, np.abs)):
        if n:
            sums.first.press("ArrowRight")
        assert sums.nth(n).is_checked()
        slider.press("End")
        assert numbers(figure) == balance(1, size)
        assert not is_bad(figure)
        slider.press("ArrowLeft")
        assert numbers(figure) == balance(0.99, size)
        slider.fill("-0.75")
        slider.press("ArrowLeft")  # her own, which has more digits than the slider
        assert numbers(figure) == balance(weights[2], size)
        assert is_bad(figure) == (n == 0)
        slider.press("Home")
        assert numbers(figure) == balance(-1, size)
    assert figure.locator("circle").count() == 4


def test_one_divisor_buys_the_most_for_the_budget(figure):
    """As the page's own function spends the money of its day, with a fixed divisor."""
    day = worlds.day(seed=1)
    market = day.values, day.prices, 60.0
    plan, multiplier = pacing.offline_plan(*market)

    figure = figure("divisor")
    slider = figure.get_by_role("slider", name="Divide each bid")
    best = f"{1 + multiplier:.1f}"
    for by, key in {"1": "Home", best: "ArrowRight", "4": "End"}.items():
        if key == "ArrowRight":
            slider.fill(f"{float(by) - 0.1:.1f}")
        slider.press(key)
        run = pacing.pace(*market, step=0, start=float(by) - 1)
        divisor, spent, *_, value = numbers(figure)
        assert divisor == float(by)
        assert (spent, value) == pytest.approx((run.spend, run.value), abs=0.51)
        widths = [
            float(figure.locator(f"rect.{look}").get_attribute("width"))
            for look in ("blue", "board")
        ]
        share = run.value / (plan @ day.values)
        assert widths[0] / widths[1] == pytest.approx(share, abs=0.002)
        assert is_bad(figure) == (by != best)


def test_paper_has_the_still_figure_alone(figure):
    figure = figure("looks")
    figure.page.emulate_media(media="print")
    assert not figure.is_visible()
    figure.page.emulate_media(media="screen")
