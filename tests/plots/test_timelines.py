"""A day of squares, a budget that ends, lanes of contacts."""

import numpy as np
import pytest

plt = pytest.importorskip("matplotlib.pyplot")

from recbook import plots  # noqa: E402  (matplotlib may be absent)
from recbook.plots.style import COLORS  # noqa: E402


@pytest.fixture
def ax():
    yield plt.figure().gca()
    plt.close("all")


def test_squares_of_all_hours_are_the_rounded_total(ax):
    # Three quarters of a square each hour: 0.75, 1.5, 2.25, 3, of which the running
    # totals round to 1, 2, 2, 3. Rounded one by one there would be four.
    counts = plots.hourly(ax, [0, 1, 2, 3], [1.5] * 4, unit=2)
    assert counts[:5].tolist() == [1, 1, 0, 1, 0]
    assert len(counts) == 24


@pytest.mark.parametrize(("at", "low", "high"), [(3, 3, 5), (-3, -5, -3), (0, 0, 2)])
def test_columns_stand_on_their_line_or_hang_from_one_below_zero(ax, at, low, high):
    plots.hourly(ax, [7], [2.0], unit=1, at=at)
    box = ax.patches[7].get_path().get_extents()
    assert low < box.y0 < low + 0.2
    assert high - 0.2 < box.y1 < high
    assert 7 < box.x0 < box.x1 < 8


@pytest.mark.parametrize(("amounts", "unit"), [([-1.0], 1), ([1.0], 0)])
def test_hourly_refuses(ax, amounts, unit):
    with pytest.raises(ValueError, match="at least 0"):
        plots.hourly(ax, [0], amounts, unit)


def test_a_budget_ends_where_a_thousandth_is_left(ax):
    # 2,401 moments are one in 36 seconds; half of the money is gone at noon.
    left = np.linspace(1, 0, 2401)
    assert plots.drain(ax, left) == pytest.approx(24, abs=0.05)
    assert plots.drain(ax, np.maximum(0, 1 - 2 * np.linspace(0, 1, 25))) == 12
    assert plots.drain(ax, [1, 0.9]) == 24


@pytest.mark.parametrize(("at", "height"), [(0, 2), (-1, -2)])
def test_a_budget_is_as_high_as_what_is_left(ax, at, height):
    plots.drain(ax, [1, 0.5, 0.2], at, height)
    corners = ax.collections[0].get_paths()[0].vertices
    assert len(corners) < 250
    for hour, share in ((0, 1), (12, 0.5), (24, 0.2)):
        seen = corners[np.isclose(corners[:, 0], hour), 1]
        assert set(np.round(seen, 9)) == {at, at + height * share}


NAMES = ["display", "search"]


def test_contacts_stand_in_their_lanes_and_the_order_below(ax):
    met = ["search", "display", "search"]
    off = plots.lanes(ax, NAMES, [1, 2, 4], met, 5, ["search"], {"search": "#D55E00"})
    assert off == 1
    assert [line.get_xydata().tolist() for line in ax.lines] == [
        [[2, 0]],
        [[1, 1], [4, 1]],
        [[5, 2]],
    ]
    full, empty, star = ax.lines
    assert full.get_color() == COLORS["baseline"]
    assert full.get_fillstyle() == "full"
    assert (empty.get_color(), empty.get_fillstyle()) == ("#D55E00", "none")
    assert star.get_marker() == "*"
    assert ax.get_xlim() == (-1, 6)
    assert ax.yaxis_inverted()


def test_nobody_orders_without_an_order(ax):
    plots.lanes(ax, NAMES, [1], ["search"])
    assert all(line.get_marker() != "*" for line in ax.lines)


@pytest.mark.parametrize(
    ("days", "channels", "off"),
    [([1, 2], ["search"], []), ([1], ["radio"], []), ([1], ["search"], ["radio"])],
)
def test_lanes_refuse(ax, days, channels, off):
    with pytest.raises(ValueError, match="one day for each contact"):
        plots.lanes(ax, NAMES, days, channels, off=off)
