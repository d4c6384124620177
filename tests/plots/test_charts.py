"""Figures say what their data say, and come out the same twice."""

import colorsys
import io
import json
import runpy
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy import sparse

plt = pytest.importorskip("matplotlib.pyplot")

from recbook import plots  # noqa: E402  (matplotlib may be absent)
from recbook.plots.style import inline_settings, luminance  # noqa: E402


@pytest.fixture
def ax():
    yield plt.figure().gca()
    plt.close("all")


def test_mean_and_spread_by_hand(ax):
    # Column 0: mean (1 + 3) / 2 = 2, s = sqrt(((1-2)² + (3-2)²) / 1) = sqrt 2.
    line = plots.mean_and_spread(ax, [10, 20], [[1, 4], [3, 4]])
    np.testing.assert_allclose(line.get_ydata(), [2, 4])
    band = ax.collections[0].get_paths()[0].vertices
    at_ten = band[band[:, 0] == 10, 1]
    np.testing.assert_allclose([at_ten.min(), at_ten.max()], [2 - 2**0.5, 2 + 2**0.5])


def test_one_repeat_has_no_band(ax):
    plots.mean_and_spread(ax, [1, 2], [[1, 2]])
    assert not ax.collections


@pytest.mark.parametrize("values", [[1, 2], [[1, 2, 3]]])
def test_mean_and_spread_refuses(ax, values):
    with pytest.raises(ValueError, match="values has shape"):
        plots.mean_and_spread(ax, [1, 2], values)


def test_heatmap_writes_each_number_and_marks_the_missing(ax):
    plots.heatmap(ax, [[5, np.nan], [0, 2.5]], ["Ann", "Bob"], ["Up", "Heat"])
    assert [t.get_text() for t in ax.texts] == ["5", "–", "0", "2.5"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["Up", "Heat"]


def test_heatmap_of_a_sparse_matrix_leaves_out_what_is_not_stored(ax):
    plots.heatmap(ax, sparse.csr_array([[4, 0]]), ["Ann"], ["Up", "Heat"], missing="?")
    assert [t.get_text() for t in ax.texts] == ["4", "?"]


def test_numbers_have_the_minus_of_the_axes(ax):
    plots.heatmap(ax, [[-1.5]], ["Ann"], ["Up"])
    plots.bars_with_error(ax, ["a"], [-0.5], [0], fmt=".1f")
    assert [t.get_text() for t in ax.texts] == ["−1.5", "−0.5  best"]


def test_heatmap_numbers_stand_out(ax):
    values = [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]
    plots.heatmap(ax, [values], ["Ann"], list("abcdefghi"))
    cells = ax.collections[0]
    for text, value in zip(ax.texts, values, strict=True):
        ground = luminance(cells.to_rgba(value))
        ink = luminance(plt.matplotlib.colors.to_rgba(text.get_color()))
        low, high = sorted([ground, ink])
        assert (high + 0.05) / (low + 0.05) > 4.4, value


def test_heatmap_refuses_labels_that_do_not_fit(ax):
    with pytest.raises(ValueError, match=r"\(1, 2\).*\(2, 2\)"):
        plots.heatmap(ax, [[1, 2]], ["a", "b"], ["c", "d"])


@pytest.mark.parametrize(("better", "best"), [("low", 2), ("high", 0)])
@pytest.mark.parametrize("from_zero", [True, False])
def test_best_bar_is_marked_by_more_than_colour(ax, better, best, from_zero):
    found = plots.bars_with_error(
        ax, ["a", "b", "c"], [3, 2, 1], [0.1, 0.1, 0.1], better, from_zero
    )
    assert found == best
    assert [t.get_text().endswith("best") for t in ax.texts] == [
        i == best for i in range(3)
    ]
    weights = [t.get_fontweight() for t in ax.get_yticklabels()]
    assert weights[best] == "bold"
    assert weights.count("bold") == 1


@pytest.mark.parametrize("from_zero", [True, False])
def test_all_bars_that_are_level_with_the_best_are_marked(ax, from_zero):
    found = plots.bars_with_error(
        ax, ["a", "b", "c"], [3, 1.1, 1], [0.1] * 3, "low", from_zero, best=["c", "b"]
    )
    assert found == 2
    assert [t.get_text().endswith("  best") for t in ax.texts] == [False, True, True]
    for texts in (ax.texts, ax.get_yticklabels()):
        assert [t.get_fontweight() for t in texts] == ["normal", "bold", "bold"]
    if from_zero:
        colors = [bar.get_facecolor() for bar in ax.patches]
        assert colors[0] != colors[1] == colors[2]


def test_marks_must_be_rows_and_have_the_best_mean(ax):
    with pytest.raises(ValueError, match="best='d' is not among"):
        plots.bars_with_error(ax, ["a", "b"], [2, 1], [0, 0], best=["b", "d"])
    with pytest.raises(ValueError, match="leaves out 'b'"):
        plots.bars_with_error(ax, ["a", "b"], [2, 1], [0, 0], best=["a"])


def test_no_bar_is_marked_where_nothing_was_tested(ax):
    assert plots.bars_with_error(ax, ["a", "b"], [2, 1], [0, 0], best=[]) == 1
    assert [t.get_text() for t in ax.texts] == ["2.000", "1.000"]


def test_bars_start_at_zero(ax):
    plots.bars_with_error(ax, ["a", "b"], [0.95, 0.92], [0, 0])
    assert ax.get_xlim()[0] == 0


def test_bars_refuse(ax):
    with pytest.raises(ValueError, match="1, 2 and 2"):
        plots.bars_with_error(ax, ["a"], [1, 2], [1, 2])
    with pytest.raises(ValueError, match="better='least'"):
        plots.bars_with_error(ax, ["a"], [1], [1], better="least")


def test_dots_count_strict_wins_and_skip_nan(ax):
    first, second = [1, 1, 1, np.nan], [0.5, 1, 2, 0]
    assert plots.dots(ax, first, second) == 1
    assert plots.dots(ax, first, second, better="high") == 1
    assert len(ax.lines) == 6  # three pairs, twice


def test_dots_refuse(ax):
    with pytest.raises(ValueError, match="same pairs"):
        plots.dots(ax, [1, 2], [1])
    with pytest.raises(ValueError, match="better"):
        plots.dots(ax, [1], [1], better="up")


def test_palette_has_one_hue_for_ours_and_no_hue_for_baselines():
    for name in ("baseline", "popularity", "global-mean", "bias"):
        rgb = plt.matplotlib.colors.to_rgb(plots.COLORS[name])
        assert colorsys.rgb_to_hsv(*rgb)[1] == 0, name
    others = [c for name, c in plots.COLORS.items() if name != "ours"]
    assert plots.COLORS["ours"] not in others


def test_figures_are_reproducible_text_on_a_transparent_ground(ax):
    plots.bars_with_error(ax, ["a", "b"], [2, 1], [0.1, 0.1])
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        ax.figure.savefig(file, format="svg", metadata={"Date": None})
    svg = files[0].getvalue().decode()
    assert files[0].getvalue() == files[1].getvalue()
    assert ">1.000  best</text>" in svg
    assert "fill: #ffffff" not in svg


def test_package_does_not_import_matplotlib():
    code = "import sys, recbook; print('matplotlib' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert json.loads(run.stdout.lower()) is False


CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
DRAWINGS = CHAPTERS / "_ext" / "drawings"


@pytest.fixture(params=["figures", "architectures"])
def drawings(request, monkeypatch):
    """A module that draws SVG files, run as its readers run it."""
    monkeypatch.syspath_prepend(str(DRAWINGS))
    return runpy.run_path(str(DRAWINGS / f"{request.param}.py"))


def test_committed_diagrams_are_what_their_code_draws(drawings):
    for name, draw in drawings["FIGURES"].items():
        committed = (CHAPTERS / "_static" / name).read_bytes()
        assert committed == draw().encode(), f"run {drawings['__file__']} again: {name}"


def test_diagrams_have_a_title_and_keep_to_their_frame(drawings):
    for name, draw in drawings["FIGURES"].items():
        drawing = ElementTree.fromstring(draw())
        title = drawing.find("{*}title")
        assert title is not None, name
        assert len(title.text) >= 15, name
        width, height = float(drawing.get("width")), float(drawing.get("height"))
        for rect in drawing.iter("{*}rect"):
            x, y, w, h = (float(rect.get(k)) for k in ("x", "y", "width", "height"))
            assert 0 <= x <= x + w <= width, f"{name}: {rect.attrib}"
            assert 0 <= y <= y + h <= height, f"{name}: {rect.attrib}"


def test_words_in_diagrams_are_large_enough_to_read(drawings):
    for name, draw in drawings["FIGURES"].items():
        for words in ElementTree.fromstring(draw()).iter("{*}text"):
            assert float(words.get("font-size")) >= 12, f"{name}: {words.text}"


def test_without_matplotlib_one_sentence_names_the_extra():
    code = "import sys; sys.modules['matplotlib'] = None; from recbook import plots"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    said = "ImportError: recbook.plots needs Matplotlib, which is not installed: run "
    assert done.stderr.splitlines()[-1].startswith(f"{said}`python -m pip install '.[")


def test_a_figure_stands_on_white_but_on_the_site(monkeypatch):
    monkeypatch.delenv("RECBOOK_SITE", raising=False)
    assert inline_settings()["facecolor"] == "white"
    monkeypatch.setenv("RECBOOK_SITE", "1")
    assert "facecolor" not in inline_settings()
