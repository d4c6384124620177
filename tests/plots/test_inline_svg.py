"""An SVG in a page: its own ids, the page's type, each colour in light and dark."""

import io
import re
from xml.etree import ElementTree

import pytest

plt = pytest.importorskip("matplotlib.pyplot")

from recbook import plots  # noqa: E402  (the book's extra may be absent)
from recbook.plots import dark_colors  # noqa: E402
from recbook.plots.dark_colors import INK, PAPER, TWINS, contrast, dark  # noqa: E402
from recbook.plots.inline_svg import inline  # noqa: E402

SVG = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="518.4pt" height="100pt" viewBox="0 0 518.4 100">
 <metadata>who made it</metadata>
 <defs><style>*{stroke-linejoin: round}</style><path id="tick" d="M 0 0.123456
L 0 3.5"/></defs>
 <g id="axes_1"><use xlink:href="#tick" x="1.98765" style="stroke: #0072b2"/>
  <path d="M 0 0" style="fill: none"/>
  <g clip-path="url(#tick)" fill="white"><text style="font: italic 700 11px
  'Recbook Sans', 'Arial', sans-serif; text-anchor: middle">Ann &amp; Bob</text></g></g>
</svg>"""


@pytest.fixture
def drawn():
    return inline(SVG, 'An "axis"', "drawn-3")


def test_it_says_what_is_to_be_seen_and_has_a_size(drawn):
    root = ElementTree.fromstring(drawn)
    assert (root.get("role"), root.get("aria-label")) == ("img", 'An "axis"')
    assert root.get("viewBox") == "0 0 518.4 100"
    assert root.get("style") == "width:44.00rem"


def test_ids_are_the_figure_s_own_and_only_those_that_are_needed(drawn):
    assert set(re.findall(r'\bid="([^"]*)"', drawn)) == {"drawn-3", "drawn-3-tick"}
    assert 'href="#drawn-3-tick"' in drawn
    assert 'clip-path="url(#drawn-3-tick)"' in drawn
    assert all(rule.startswith("#drawn-3 .") for rule in rules(drawn))


def rules(drawn):
    return re.findall(r"[^{}]*\{[^}]*\}", re.search("<style>(.*?)</style>", drawn)[1])


def test_a_hatched_area_keeps_its_hatch():
    figure, ax = plt.subplots()
    ax.bar([1], [1], hatch="//")
    file = io.StringIO()
    figure.savefig(file, format="svg")
    plt.close(figure)
    drawn = inline(file.getvalue(), "a bar", "drawn-1")
    hatches = re.findall(r"fill:url\(#([^)]*)\)", drawn)
    assert hatches
    assert all(f'id="{name}"' in drawn for name in hatches)


def test_a_figure_has_the_same_bytes_in_each_build():
    box = '<rect stroke="#0072b2" fill="#e69f00" color="#000000" width="9"/>'
    source = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{box}</svg>'
    names = re.findall(r"[{;]([a-z]+):#", inline(source, "a box", "drawn-1"))
    assert names == ["color", "fill", "stroke"]  # a set has them in any order


def test_words_are_words_in_the_page_s_type(drawn):
    assert ">Ann &amp; Bob</text>" in drawn
    assert "Recbook" not in drawn
    for said in ("font-style:italic", "font-weight:700", "font-size:11px"):
        assert said in drawn


def test_what_is_part_of_a_page_already_stays_as_it_is(drawn):
    assert inline(drawn, "another", "drawn-9") == drawn


def test_what_nobody_sees_is_left_out(drawn):
    assert "made" not in drawn
    assert "axes_1" not in drawn
    assert 'd="M 0 0"' not in drawn
    assert "0.123" not in drawn
    assert 'x="1.99"' in drawn


def test_each_colour_is_a_pair(drawn):
    assert "stroke:#0072b2;stroke:light-dark(#0072b2,#4ba3e3)" in drawn
    assert "fill:var(--pst-color-background)" in drawn  # white is the page


@pytest.mark.parametrize("color", sorted(set(plots.COLORS.values())))
def test_lines_of_the_palette_can_be_seen_and_named_in_the_dark(color):
    twin = dark(color, ink=True)
    assert contrast(twin, PAPER) >= 3
    _, *light = dark_colors.oklab(color.lower())
    _, *night = dark_colors.oklab(twin)
    if abs(light := complex(*light)) > 0.05:  # what has a hue keeps it
        turn = light / complex(*night)
        assert abs(turn / abs(turn) - 1) < 0.3


def test_words_and_lines_that_are_in_no_table_can_be_read_in_the_dark():
    for color in ("#b35900", "#8b3a7a", "#00805e", "#9a6b00", "#5a5a5a", "#085d6c"):
        assert contrast(dark(color, ink=True), PAPER) >= 4.5, color


def test_words_of_the_axes_can_be_read_in_the_dark():
    for color in ("#1a1a1a", "#333333", "#000000"):
        assert contrast(TWINS[color], PAPER) >= 7


def test_pale_grounds_turn_dark_and_stay_in_order():
    ramp = [
        plt.matplotlib.colors.to_hex(plt.colormaps["Blues"](i))
        for i in range(0, 256, 16)
    ]
    lights = [dark_colors.luminance(dark(color)) for color in ramp]
    assert lights == sorted(lights)
    assert contrast(dark(ramp[0]), INK) > 10


def test_no_two_colours_of_the_palette_are_one_in_the_dark():
    colors = set(plots.COLORS.values())
    assert len({dark(color) for color in colors}) == len(colors)


def test_a_figure_that_moves_keeps_what_its_style_sheet_asks_for():
    path = [[1.0, 1.0], [0.5, 0.25], [0.0, 0.0]]
    shown = plots.descent(
        lambda a, b: a**2 + b**2, {"A": path}, (-1, 1), (-1, 1), "ab", "A bowl", "Down."
    )
    drawn = inline(shown.still, "Down.", "drawn-1")
    assert "font-size:13px" in drawn
    assert re.search(r'class="t0 s\d+"', drawn)
    assert re.search(r'class="o0 s\d+"', drawn)
    (clip,) = re.findall(r'<clipPath id="(drawn-1-\w+)"', drawn)
    assert f"url(#{clip})" in drawn
