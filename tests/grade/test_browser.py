"""The page of a class in a real browser: ``make site-test``.

It is opened as a file. Screenshots are left in ``_build/screenshots``.
"""

import browsing
import numpy as np
import pytest
from browsing import AXE, MODES, SHOTS, WIDER

from recbook.grade.board import board
from recbook.grade.campaign.forecasts import Forecast
from recbook.grade.campaign.scores import CampaignScore
from recbook.grade.films.scores import Score
from recbook.grade.handed_in import HandedIn
from recbook.grade.table import Row, Table
from recbook.lms import Student

pytestmark = pytest.mark.site

NAMES = [
    "Ann",
    "<script>alert(1)</script>",
    "W" * 60,
    "李明",
    "Zoë \u202ecod",
    "cy.csv",
]


def films():
    """Return a class whose files predict stars."""
    rng, rows = np.random.default_rng(0), []
    base = Score("knn", {"RMSE": 0.93, "MAE": 0.7}, (0.91, 0.95), np.full(50, 0.86))
    for place, name in enumerate(NAMES, start=1):
        value = 0.9 + place / 100
        people = value**2 + 0.01 * rng.standard_normal(50)
        measures, ends = {"RMSE": value, "MAE": 0.7}, (value - 0.02, value + 0.02)
        score = Score(name, measures, ends, people, None, [base])
        rows.append(Row(name, score, ["Too good"], HandedIn(Student(name), name)))
        rows[-1].place = place
    return Table([*rows, Row("(knn)", base, place=3)], [(rows[0].file, "no")])


def campaign():
    """Return a class of plans, with forecasts."""
    rows = []
    for place, name in enumerate(NAMES, start=1):
        given = Forecast(100 * place, -2000 * place, 4000)
        score = CampaignScore(
            name, {"of the best": 0.8 / place}, (0.7 / place, 0.9 / place),
            np.full(50, 0.8 / place), profit=8000 / place, best=10_000.0,
            readers=given, readers_profit=2700.0,
        )  # fmt: skip
        rows.append(Row(name, score, [], HandedIn(Student(name), name)))
        rows[-1].place = place
    return Table(rows, [])


KINDS = {"films": films, "campaign": campaign}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("theme", "width"), MODES)
def test_it_asks_nobody_fits_and_can_be_read_by_all(
    browser, tmp_path, kind, theme, width
):
    page = tmp_path / "board.html"
    page.write_text(board(KINDS[kind]()), encoding="utf-8")
    address = page.as_uri()
    context, tab, complaints = browsing.window(browser, address, theme, width)
    try:
        tab.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        tab.goto(address)
        tab.screenshot(path=SHOTS / f"board-{kind}-{theme}-{width}.png", full_page=True)
        assert tab.evaluate(WIDER) == []
        tab.evaluate(browsing.axe())
        assert tab.evaluate(AXE) == []
        assert not complaints
    finally:
        context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_it_prints_whole_and_by_day(browser, tmp_path, kind):
    page = tmp_path / "board.html"
    page.write_text(board(KINDS[kind]()), encoding="utf-8")
    context, tab, complaints = browsing.window(browser, page.as_uri(), "dark", 660)
    try:
        tab.goto(page.as_uri())
        tab.emulate_media(media="print", color_scheme="dark")
        ground, cut = tab.evaluate("""() => [
            getComputedStyle(document.querySelector(".recbook-report")).backgroundColor,
            [...document.querySelectorAll(".scroll")]
                .filter(box => box.scrollWidth > box.clientWidth + 1).length]""")
        assert (ground, cut) == ("rgb(255, 255, 255)", 0)
        assert not complaints
    finally:
        context.close()
