"""Squares are as many as they should be, and where; a person has head and shoulders."""

import io

import numpy as np
import pytest

plt = pytest.importorskip("matplotlib.pyplot")

from matplotlib.colors import same_color  # noqa: E402  (matplotlib may be absent)

from recbook import plots  # noqa: E402


@pytest.fixture
def ax():
    yield plt.figure().gca()
    plt.close("all")


def middles(patch):
    """The middle of each square, from its five points."""
    points = patch.get_path().vertices.reshape(-1, 5, 2)
    return ((points.min(axis=1) + points.max(axis=1)) / 2).tolist()


def test_rows_are_filled_from_the_corner_upwards(ax):
    assert plots.squares(ax, 4, at=(10, 5), across=3) == 4
    (patch,) = ax.patches
    places = [[10.5, 5.5], [11.5, 5.5], [12.5, 5.5], [10.5, 6.5]]
    np.testing.assert_allclose(middles(patch), places)


def test_what_comes_next_stands_after_what_is_there(ax):
    end = plots.squares(ax, 4, across=3)
    assert plots.squares(ax, 3, across=3, start=end) == 7
    both = [middle for patch in ax.patches for middle in middles(patch)]
    alone = plt.figure().gca()
    plots.squares(alone, 7, across=3)
    assert both == middles(alone.patches[0])


def test_neighbours_do_not_touch_and_squares_are_square(ax):
    plots.squares(ax, 2)
    one, other = ax.patches[0].get_path().vertices.reshape(-1, 5, 2)
    assert one[:, 0].max() < other[:, 0].min()
    assert np.ptp(one[:, 0]) == pytest.approx(np.ptp(one[:, 1]))
    assert ax.get_aspect() == 1


def test_the_axes_show_them_all(ax):
    plots.squares(ax, 25, at=(3, -2), across=10)
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    assert left <= 3.1
    assert right >= 12.9
    assert low <= -1.9
    assert high >= 0.9


def test_a_thousand_are_one_element(ax):
    sizes = []
    for n in (1, 1000):
        plots.squares(ax, n)
        file = io.StringIO()
        ax.figure.savefig(file, format="svg")
        sizes.append(file.getvalue().count("<path"))
    assert sizes[1] - sizes[0] <= 20  # the second patch, and ticks of longer axes
    assert len(ax.patches) == 2


def test_outlines_have_no_ground(ax):
    plots.squares(ax, 1, color="red", filled=False)
    plots.squares(ax, 1, color="red")
    empty, full = ax.patches
    assert empty.get_facecolor()[3] == 0
    assert same_color(empty.get_edgecolor(), "red")
    assert same_color(full.get_facecolor(), "red")


def test_none_are_drawn_as_none(ax):
    assert plots.squares(ax, 0, start=3) == 3
    ax.figure.draw_without_rendering()


@pytest.mark.parametrize("wrong", [{"n": -1}, {"start": -1}, {"across": 0}])
def test_squares_refuse(ax, wrong):
    with pytest.raises(ValueError, match="counted from 0"):
        plots.squares(ax, **{"n": 1, **wrong})


def test_a_person_keeps_to_the_square_and_the_head_is_free(ax):
    patch = plots.person(ax, at=(3, 4), size=2, color="red")
    path = patch.get_path()
    box = path.get_extents()
    assert 3 <= box.x0 < box.x1 <= 5
    assert box.y0 == 4
    assert 5.8 < box.y1 <= 6
    for inside, at in ((True, (4, 5.54)), (True, (4, 4.5)), (False, (4, 5.08))):
        assert path.contains_point(at) == inside, at
    assert same_color(patch.get_facecolor(), "red")
    assert ax.get_aspect() == 1
