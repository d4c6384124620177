"""The built site carries nothing by others without its licence; after ``make book``."""

import re
import zipfile
from pathlib import Path

import licences
import pytest
from live import build, pack
from recbook_book.notebooks.install import WHEEL

pytestmark = pytest.mark.site

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"
LIVE = HTML / "_static" / "live"
# Beside _static/: our pages, their sources and pictures, and the lists of Sphinx.
OURS = (
    r".*\.html|(_sources|_images|_downloads|notebooks)/.*|searchindex\.js|objects\.inv"
    r"|recbook-[\d.]+-py3-none-any\.whl"  # test_packaging.py looks into it
    r"|pdf/recommender-systems-[\w-]+\.pdf"  # printed from them
    r"|sw\.js|offline\.json|manifest\.webmanifest"  # what makes an app of it
)
OURS = re.compile(OURS + r"|\.nojekyll|\.buildinfo")


@pytest.fixture(scope="module")
def packed():
    """Every file of the packs, bytes by path."""
    if not LIVE.exists():
        pytest.skip("the Python of the pages was not built")
    files = {}
    for name in build.PACKS:
        files |= pack.read(LIVE / f"{name}.bin")
    return files


def test_nothing_lies_on_the_site_whose_licence_is_not_known():
    assert HTML.is_dir(), "no pages: run `make book` first"
    files = [p.relative_to(HTML).as_posix() for p in HTML.rglob("*") if p.is_file()]
    files = [name.removeprefix("zh/") for name in files]  # an edition is the same kind
    strange = [f for f in files if not f.startswith("_static/")]
    assert [f for f in strange if not OURS.fullmatch(f)] == []
    assert licences.unknown_in_site(HTML) == []
    if (HTML / "zh").is_dir():
        assert licences.unknown_in_site(HTML / "zh") == []


def test_the_site_says_whose_its_parts_are():
    said = (HTML / "_static" / licences.NAME).read_text(encoding="utf-8")
    static = HTML / "_static"
    files = [path.relative_to(static).as_posix() for path in static.rglob("*")]
    for part in licences.parts("site"):
        there = any(re.match(part["files"], name) for name in files)
        assert (licences.name_of(part) in said) == there, part
    home = (HTML / "chapters" / "intro.html").read_text(encoding="utf-8")
    assert f'href="../_static/{licences.NAME}"' in home


def test_the_site_has_one_wheel_and_says_whose_it_is():
    (wheel,) = HTML.glob("*.whl")
    assert wheel.name == WHEEL
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
    said = (HTML / "_static" / licences.NAME).read_text(encoding="utf-8")
    assert "*.whl beside the pages, is ours" in " ".join(said.split())
    home = (HTML / "chapters" / "intro.html").read_text(encoding="utf-8")
    assert f'href="../{WHEEL}"' in home


def test_no_part_is_named_that_is_not_there(packed):
    kinds = ("core", "library", "book")
    files = [path.removeprefix(licences.PURELIB) for path in packed]
    for part in (part for kind in kinds for part in licences.parts(kind)):
        assert any(re.match(part["files"], path) for path in files), part


def test_the_packs_carry_their_licences(packed):
    assert licences.unknown_in_packs(packed) == []
    said = (LIVE / licences.NAME).read_text(encoding="utf-8")
    assert "\0" not in said
    found = licences.packages(packed)
    assert {"numpy", "scipy", "pandas", "matplotlib", "pillow", "tqdm"} <= set(found)
    for texts in found.values():
        for name, text in texts.items():
            if licences.TEXT.search(name):
                assert text.strip() in said, name
    version = re.search(rb'"(\d+\.\d+\.\d+)"', packed["pyodide.mjs"])[1].decode()
    assert f"Pyodide {version}" in said
