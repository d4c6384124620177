"""A descent shown moving: what moves, where it rests, and who is spared the motion."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from recbook import plots

SPIRAL = np.array([[1.0, 1.0], [0.5, 0.75], [0.0, 0.0]])
ALT = "A dot rolls from the corner <of> the bowl to its bottom."


def bowl(a, b):
    return a**2 + b**2


def drawn(paths=None, **changes):
    given = {"x": (-1, 1), "y": (-1, 1), "labels": ("a", "b"), "levels": [0.25, 1.0]}
    given |= {"title": "One bowl", "alt": ALT} | changes
    return plots.descent(bowl, paths or {"A": SPIRAL}, **given)


def test_the_still_is_well_formed_and_says_what_is_to_be_seen():
    root = ElementTree.fromstring(drawn().still)
    assert root.get("role") == "img"
    assert root.get("aria-label") == ALT
    words = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"One bowl", "a", "b", "A"} <= set(words)
    assert {"−1", "−0.5", "0", "0.5", "1"} <= set(words)  # a true minus


def test_its_switch_says_what_moves():
    label = re.search(r"<label [^>]*>([^<]*)</label>", drawn().moving).group(1)
    assert label == "Let the dots move"


def test_a_contour_lies_at_its_height():
    # The plane is 446 x 298 pixels from (58, 34): a circle of radius 0.5 at its middle.
    first = ElementTree.fromstring(drawn().still).find(
        ".//{http://www.w3.org/2000/svg}path[@stroke-opacity]"
    )
    numbers = np.array(re.findall(r"-?[\d.]+", first.get("d")), float).reshape(-1, 2)
    a, b = (numbers - [58 + 224, 34 + 149]).T / [[224], [149]]
    np.testing.assert_allclose(np.hypot(a, b), 0.5, atol=0.01)


def test_the_dot_takes_its_steps_in_equal_times_and_then_rests():
    found = re.search(r"@keyframes \w+o0\{(.*?)\}\}", drawn().moving).group(1)
    times = [float(at) for at in re.findall(r"([\d.]+)%\{", found)]
    assert times == [0, 40, 80, 100]
    places = re.findall(r"translate\(([\d.]+)px,([\d.]+)px\)", found)
    assert places[0] == ("506.0", "34.0")  # (1, 1) is the upper right corner
    assert places[2] == places[3] == ("282.0", "183.0")  # (0, 0), twice


def test_motion_is_for_those_who_want_it():
    html = drawn().moving
    moving = html.index("@media screen and (prefers-reduced-motion:no-preference)")
    assert "animation" not in html[:moving]
    assert "@media print,(prefers-reduced-motion:reduce)" in html
    assert re.search(r'<label for="(\w+)">', html).group(1) in html.split("<input")[1]
    assert "<script" not in html
    assert len(html) < 60_000


def test_the_same_descent_has_the_same_bytes_and_another_has_another_name():
    assert drawn().moving == drawn().moving
    names = {re.search(r'class="(\w+)"', drawn(title=t).moving)[1] for t in "ab"}
    assert len(names) == 2


def test_long_paths_are_thinned_and_wild_ones_kept_near():
    long = np.linspace([1, 1], [0, 0], 1000)
    assert drawn({"A": long}).moving.count("translate(") < 60
    assert "e+" not in drawn({"A": [[0, 0], [1e9, -1e9]]}).moving


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ({"A": [[1.0, 2.0, 3.0]]}, "path 'A' has shape"),
        ({"A": [[1.0, 2.0]]}, "path 'A' has shape"),
        (dict.fromkeys("ABCDE", SPIRAL), "give 1 to 4"),
    ],
)
def test_other_paths_are_refused(paths, message):
    with pytest.raises(ValueError, match=message):
        drawn(paths)


def test_no_path_is_refused():
    with pytest.raises(ValueError, match="paths has 0"):
        plots.descent(bowl, {}, (-1, 1), (-1, 1), ("a", "b"), "t", "alt")


def test_names_do_not_lie_on_each_other():
    plt = pytest.importorskip("matplotlib.pyplot")
    fig, ax = plt.subplots()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    rng = np.random.default_rng(0)
    x, y = rng.uniform(size=(2, 60))
    names = [f"a film of number {k}" for k in range(60)]
    written = plots.name_points(ax, x, y, names)
    assert 5 < len(written) < 60
    assert written[0] == 0
    fig.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    for k, box in enumerate(boxes):
        assert box.count_overlaps(boxes[k + 1 :]) == 0
    plt.close("all")


def test_a_point_without_a_name_is_kept_clear_too():
    plt = pytest.importorskip("matplotlib.pyplot")
    _, ax = plt.subplots()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    assert plots.name_points(ax, [0.5, 0.52], [0.5, 0.5], ["Dune"]) == [0]
    assert ax.texts[0].get_ha() == "right"  # the right side is taken by the other
    plt.close("all")


def test_names_of_other_lengths_are_refused():
    plt = pytest.importorskip("matplotlib.pyplot")
    with pytest.raises(ValueError, match="1, 1 and 2 entries"):
        plots.name_points(plt.figure().gca(), [0], [0], ["a", "b"])
    plt.close("all")
