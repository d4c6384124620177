"""The table of the parts by others that we publish, and the lists made from it."""

import re
from importlib import metadata

import licences
import pytest
from live import build

KINDS = ("site", "core", "library", "book")
PARTS = [(kind, part) for kind in KINDS for part in licences.parts(kind)]
# Licences that are a sentence, which stands in the name, or an address.
SHORT = {"public domain", "AGG 2.4", "CC-BY-4.0"}
INFO = f"{licences.PURELIB}other-1.0.dist-info/"
OTHER = {
    f"{INFO}METADATA": b"Name: other\nVersion: 1.0\nLicense: MIT\n\nIts text.\n",
    f"{INFO}licenses/LICENSE": b"Copyright (c) 2020 Others\n",
    f"{licences.PURELIB}other/__init__.pyc": b"\0",
}


@pytest.mark.parametrize(("kind", "part"), PARTS)
def test_each_part_by_others_has_its_licence(kind, part):
    if "package" in part:
        assert any(licences.texts_of(part["package"]).values())
        assert set(part) == {"package", "files"}
    else:
        assert {"name", "files", "licence", "copyright", "source"} == set(part)
        named = re.split(r" (?:AND|OR|WITH) ", part["licence"])
        assert set(named) <= {*licences.shared(part), *SHORT}
    said = licences.section(part)
    assert licences.name_of(part) in said
    assert "opyright" in said


def test_each_text_is_that_of_a_part():
    asked = {name for _, part in PARTS for name in licences.shared(part)}
    assert {path.stem for path in licences.HERE.glob("*.txt")} == asked


def test_a_pack_keeps_the_licences_of_its_packages():
    """They were once left out, with all of .dist-info but METADATA."""
    kept = ["METADATA", "LICENSE", "LICENSE.txt", "licenses/numpy/ma/LICENSE"]
    kept += ["licenses/LICENCE", "COPYING", "NOTICE.txt"]
    for name in kept:
        assert not build.DROPPED.search(f"numpy-2.4.3.dist-info/{name}"), name
    for name in ("RECORD", "WHEEL", "direct_url.json", "entry_points.txt"):
        assert build.DROPPED.search(f"numpy-2.4.3.dist-info/{name}"), name


def test_what_is_copied_from_this_environment_brings_its_licence(tmp_path):
    build.take_installed("tqdm", tmp_path)
    files = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")}
    info = f"tqdm-{metadata.version('tqdm')}.dist-info"
    assert {"tqdm/std.py", f"{info}/METADATA", f"{info}/licenses/LICENCE"} <= files
    assert not any("__pycache__" in name or "RECORD" in name for name in files)


def test_a_list_says_what_is_in_the_packs_and_nothing_else():
    files = {**OTHER, "pyodide.mjs": b"", "/book/recbook/__init__.py": b""}
    said = licences.of_packs(files)
    for words in ("other 1.0", "2020 Others", "Pyodide 314", "Mozilla Public License"):
        assert words in said
    assert "OpenBLAS\n" not in said  # the library is not there
    assert not licences.unknown_in_packs(files)


@pytest.mark.parametrize(
    "path",
    [
        "stranger.wasm",
        f"{licences.PURELIB}stranger/__init__.pyc",
        f"{licences.PURELIB}stranger.pyc",
        "/book/recbook/_core/stranger.so",
        "/book/recbook/stranger/letters.ttf",
    ],
)
def test_a_file_of_a_pack_that_nobody_claims_is_found(path):
    assert licences.unknown_in_packs({**OTHER, path: b""}) == [path]


def test_a_package_without_its_licence_is_found():
    files = {path: text for path, text in OTHER.items() if "LICENSE" not in path}
    assert licences.unknown_in_packs(files) == sorted(files)


def test_the_list_of_the_pages_names_what_is_there(tmp_path):
    static = tmp_path / "_static"
    for name in ("mathjax/tex-chtml.js", "book.css", "live/core.bin", "stranger.js"):
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).write_text("")
    licences.write(tmp_path)
    said = (static / licences.NAME).read_text(encoding="utf-8")
    assert "MathJax" in said
    assert "Apache License" in said
    assert "Bootstrap" not in said
    assert licences.unknown_in_site(tmp_path) == ["stranger.js"]
