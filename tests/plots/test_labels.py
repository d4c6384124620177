"""Names in figures: none lies on another, and all are in the page's own type."""

import io
import re
from itertools import pairwise

import numpy as np
import pytest

plt = pytest.importorskip("matplotlib.pyplot")

from matplotlib import font_manager  # noqa: E402  (matplotlib may be absent)
from matplotlib.text import Text  # noqa: E402

from recbook import plots  # noqa: E402
from recbook.plots.style import (  # noqa: E402
    FONTS,
    SMALLEST,
    as_text,
    inline_settings,
    luminance,
)


@pytest.fixture
def ax():
    yield plt.figure().gca()
    plt.close("all")


def one(ax, words):
    (text,) = (t for t in ax.findobj(Text) if t.get_text() == words)
    return text


def svg_of(figure):
    file = io.StringIO()
    figure.savefig(file, format="svg", **inline_settings())
    return file.getvalue()


@pytest.mark.parametrize("ends", [[1, 1, 1, 1], [0, 0.01, 0.5, 0.51], [3, 2, 1, 0]])
def test_names_of_lines_do_not_overlap_and_keep_the_order(ax, ends):
    for number, end in enumerate(ends):
        ax.plot([0, 1], [number, end], label=f"line {number}")
    names = plots.name_lines(ax)
    ax.figure.draw_without_rendering()
    boxes = [name.get_window_extent() for name in names]
    order = np.argsort(ends, kind="stable")
    for low, high in pairwise(boxes[i] for i in order):
        assert low.y1 <= high.y0 + 1e-6
    assert [n.get_text() for n in names] == [f"line {n}" for n in range(len(ends))]


def test_a_name_alone_stands_where_its_line_ends(ax):
    ax.plot([0, 2, 1], [0, 0.7, 1], label="ours")  # the rightmost point is the second
    ax.plot([0, 2], [0.1, np.nan])
    (name,) = plots.name_lines(ax)
    ax.figure.draw_without_rendering()
    box, (_, y) = name.get_window_extent(), ax.transData.transform((2, 0.7))
    np.testing.assert_allclose((box.y0 + box.y1) / 2, y, atol=1)


def test_names_can_stand_where_lines_are_apart_and_clear_of_them(ax):
    """The third climbs steeply beneath its name."""
    x = np.linspace(0, 10, 101)
    for label, y in (
        ("hump", 40 * x - 3.9 * x**2),
        ("low", x**0.0),
        ("a steep climb", 9 * x),
    ):
        ax.plot(x, y, label=label)
    ax.set(xlim=(0, 10), ylim=(-20, 130))
    names = plots.name_lines(ax, at=0.4)
    ax.figure.draw_without_rendering()
    middle = ax.transAxes.transform((0.4, 0))[0]
    for name, line in zip(names, ax.get_lines(), strict=True):
        box = name.get_window_extent()
        assert (box.x0 + box.x1) / 2 == pytest.approx(middle, abs=1)
        inside = ax.transData.transform(line.get_xydata())
        inside = inside[(inside[:, 0] >= box.x0) & (inside[:, 0] <= box.x1), 1]
        assert inside.max() < box.y0 < inside.max() + 12
    boxes = sorted((name.get_window_extent() for name in names), key=lambda b: b.y0)
    assert all(low.y1 <= high.y0 for low, high in pairwise(boxes))


def test_names_of_lines_stay_within_the_figure(ax):
    ax.plot([0, 1], [0, 1], label="a name that is quite long")
    (name,) = plots.name_lines(ax)
    ax.figure.draw_without_rendering()
    assert name.get_window_extent().x1 <= ax.figure.bbox.x1


def test_lines_without_a_label_are_refused(ax):
    ax.plot([0, 1])
    with pytest.raises(ValueError, match="no line has a label"):
        plots.name_lines(ax)


def test_no_name_is_smaller_than_the_floor(ax):
    ax.plot([0, 1], label="ours")
    ax.set(xlim=(0, 1), ylim=(0, 1))
    plots.name_lines(ax, fontsize=6)
    plots.name_points(ax, [0.5], [0.5], ["Up"], fontsize=6)
    assert [text.get_fontsize() for text in ax.texts] == [SMALLEST, SMALLEST]


def test_a_headline_begins_where_the_first_panel_does_and_lies_on_nothing(ax):
    figure, (first, second) = plt.subplots(1, 2)
    first.set(ylabel="stars", yticks=[0], yticklabels=["a name that is quite long"])
    title = plots.headline(figure, "Both fall, one faster", "MF", "ALS")
    first.set_ylabel("stars,\nand one line more")  # the layout moves the panels after
    figure.draw_without_rendering()
    box, names = title.get_window_extent(), [one(first, "MF"), one(second, "ALS")]
    np.testing.assert_allclose(box.x0, first.get_window_extent().x0, atol=2)
    assert box.y0 >= max(name.get_window_extent().y1 for name in names)
    assert box.y1 <= figure.bbox.y1
    weights = [font_manager.weight_dict[text.get_fontweight()] for text in names]
    assert max(weights) < font_manager.weight_dict[title.get_fontweight()]
    assert max(name.get_fontsize() for name in names) < title.get_fontsize()


def test_a_headline_names_no_more_panels_than_there_are(ax):
    with pytest.raises(ValueError, match="2 titles for 1 panels"):
        plots.headline(ax.figure, "Both fall", "MF", "ALS")


def test_a_line_s_name_can_be_read_on_white():
    for color in plots.COLORS.values():
        assert 1.05 / (luminance(as_text(color)) + 0.05) >= 4.5, color


def test_all_text_is_in_the_book_s_type_powers_of_ten_too(ax, caplog):
    ax.loglog([1, 1000], [1, 1000])
    ax.set(title="Fast", xlabel="$x^2$ of people")
    ax.text(1, 1, "best", weight="bold")
    ax.legend(["ours"])
    svg = svg_of(ax.figure)
    families = re.findall(r"(?:px|font-family:) '([^']*)'", svg)
    assert len(families) > 20
    assert set(families) == {"Recbook Sans"}
    # Exponents, and nothing else, are set smaller than the floor.
    sizes = [float(size) for size in re.findall(r"([\d.]+)px", svg)]
    assert min(sizes) >= 0.7 * SMALLEST
    assert not caplog.messages, "a type that is not there"


def test_the_type_is_shipped_with_its_licence():
    faces = [font_manager.get_font(file) for file in sorted(FONTS.glob("*.ttf"))]
    assert [face.style_name for face in faces] == ["Bold", "Italic", "Regular"]
    licence = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE" in licence
    # The licence reserves the name of the whole for the whole: ours are subsets.
    assert not any("source" in face.family_name.lower() for face in faces)
    for face in faces:
        for sign in "−·×Σλαŷ₂→√²±€…⁻":
            assert face.get_char_index(ord(sign)), f"{face.style_name} lacks {sign}"


def test_a_figure_is_as_large_as_it_was_asked_for(ax):
    ax.set(xlabel="years", ylabel="stars")
    assert 'viewBox="0 0 518.4 259.2"' in svg_of(ax.figure)  # 7.2 and 3.6 inches
