"""Archives that students and platforms send: read where they are, or refused."""

import io
import os
import stat
import zipfile

import pytest
from classroom import notebook

from recbook.grade import Refused
from recbook.mark import archives, collect, files, places

CODE = notebook(["x = 1"])
ADA = "Ada Byron_100201_assignsubmission_file_"


def zipped(members, packed=zipfile.ZIP_DEFLATED):
    """Return an archive as bytes; of names, or of what ``ZipInfo`` can say."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packed) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return file.getvalue()


def hand_in(folder, name, data):
    path = folder / ADA / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def only(folder):
    (sheet,) = collect(folder)
    assert sheet.who == "Ada Byron"
    return sheet


def test_members_are_read_as_if_they_had_been_unpacked(tmp_path):
    inner = zipped({"b.py": "y = 2"})
    members = {"work/a.ipynb": CODE, "work/": "", "c.zip": inner, "__MACOSX/._a.py": ""}
    members |= {".ipynb_checkpoints/a-checkpoint.ipynb": CODE, "data/films.csv": "1"}
    hand_in(tmp_path, "all.zip", zipped(members))
    one, two = collect(tmp_path)
    assert one.file.replace(os.sep, "/") == f"{ADA}/all.zip/c.zip/b.py"
    assert two.file.replace(os.sep, "/") == f"{ADA}/all.zip/work/a.ipynb"
    assert (one.cells, two.cells) == ([[1, "y = 2", False]], [[1, "x = 1", False]])
    assert two.notes == ["one of 2 files of Ada Byron"]
    assert os.listdir(tmp_path) == [ADA]
    assert os.listdir(tmp_path / ADA) == ["all.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_members_with_one_name_the_later_is_read(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for text in ("x = 1", "x = 2"):
            archive.writestr("a.py", text)
    hand_in(tmp_path, "all.zip", file.getvalue())
    assert only(tmp_path).cells == [[1, "x = 2", False]]


@pytest.mark.parametrize("name", [
    "../a.ipynb", "/etc/a.ipynb", "..\\..\\a.ipynb", "C:\\a.ipynb", "\u0444/a.ipynb",
])  # fmt: skip
def test_a_name_of_a_member_leads_nowhere(tmp_path, name):
    hand_in(tmp_path / "in", "all.zip", zipped({name: CODE}))
    assert only(tmp_path / "in").cells == [[1, "x = 1", False]]
    assert os.listdir(tmp_path) == ["in"]


def test_a_name_in_no_unicode_is_read(tmp_path):
    data = zipped({"uebung.ipynb": CODE}).replace(b"uebung", b"\xfcbung\xff")
    hand_in(tmp_path, "all.zip", data)
    assert only(tmp_path).cells


def link():
    info = zipfile.ZipInfo("a.ipynb")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zipped({info: "/etc/passwd"})


def flagged():
    data = bytearray(zipped({"a.ipynb": CODE}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def nested(depth):
    data = CODE
    for _ in range(depth):
        data = zipped({"a.ipynb" if data == CODE else "a.zip": data})
    return data


BROKEN = {
    "a link": (link, "it is a link; pack the file itself"),
    "locked": (flagged, "it is locked by a password"),
    "unusual": (lambda: zipped({"a.py": "1"}, zipfile.ZIP_LZMA), "in an unusual way"),
    "no zip": (lambda: b"Rar!", "no zip archive, or a damaged one"),
    "cut": (lambda: zipped({"a.py": "x" * 99})[:60], "no zip archive, or a damaged"),
    "wrong sum": (lambda: zipped({"a.py": "abc"}, 0).replace(b"abc", b"abd"),
                  "it is damaged in its archive"),
    "two names": (lambda: zipped({"a.py": "abc"}).replace(b"a.py", b"b.py", 1),
                  "it is damaged in its archive"),
    "deep": (lambda: nested(3), "it is an archive within archives"),
    "empty": (lambda: zipped({}), "only all.zip"),
    "no notebook": (lambda: zipped({"a.pdf": "%PDF"}), "only a.pdf; hand in the note"),
    "many": (lambda: zipped(dict.fromkeys(map(str, range(10_001)), "")),
             "it holds more than 10,000 files"),
    "bomb": (lambda: zipped({"a.ipynb": bytes(places.LARGEST + 1)}),
             "it is larger than 50 MiB"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_what_cannot_be_read_is_said_and_stops_nobody(tmp_path, kind):
    make, why = BROKEN[kind]
    hand_in(tmp_path, "all.zip", make())
    other = tmp_path / "Bob_100202_assignsubmission_file_" / "b.ipynb"
    other.parent.mkdir()
    other.write_text(CODE, encoding="utf-8")
    ada, bob = collect(tmp_path)
    assert (ada.who, ada.cells, len(ada.notes)) == ("Ada Byron", [], 1)
    assert ada.notes[0].startswith("not marked: ")
    assert why in ada.notes[0]
    assert bob.cells == [[1, "x = 1", False]]


def test_the_archives_of_a_student_are_limited_together(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 10_000)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 5)
    large = {f"{t}.py": f"x = '{'0' * 4000}'" for t in range(4)}
    hand_in(tmp_path, "large.zip", zipped(large))
    sheets = collect(tmp_path)
    assert [bool(sheet.cells) for sheet in sheets] == [True, True, False, False]
    assert "it unpacks to more than" in sheets[-1].notes[0]
    hand_in(tmp_path, "more.zip", zipped({"1.py": "x", "2.py": "y"}))
    (*_, last) = collect(tmp_path)
    assert "more than 5 files" in last.notes[0]


def test_a_student_has_so_many_files_and_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST_FILES", 3)
    hand_in(tmp_path, "all.zip", zipped({f"{t}.py": "x = 1" for t in range(9)}))
    first, *_, last = sorted(collect(tmp_path), key=lambda sheet: len(sheet.cells))
    assert first.notes[0] == "not marked: 6 more; hand in one notebook"
    assert last.cells


def test_other_archives_are_refused(tmp_path):
    hand_in(tmp_path, "all.RAR", b"Rar!")
    assert only(tmp_path).notes == [
        "not marked: it is a .rar archive; hand in the notebook itself, or a zip"
    ]


def test_a_data_archive_beside_a_notebook_is_nobodys_second_file(tmp_path):
    hand_in(tmp_path, "data.zip", zipped({"films.csv": "1"}))
    hand_in(tmp_path, "a.ipynb", CODE.encode())
    assert only(tmp_path).notes == []


# The archive of a class ---------------------------------------------------------------


def test_a_class_is_the_same_packed_as_unpacked(tmp_path):
    members = {
        f"HW2/{ADA}/2.2.ipynb": CODE,
        f"HW2/{ADA}/more/b.py": "y = 2",
        "HW2/Bob_100202_assignsubmission_file_/c.zip": zipped({"c.ipynb": CODE}),
        "HW2/Cy_100203_assignsubmission_file_/c.pdf": "%PDF",
        "__MACOSX/HW2/._x": "",
    }
    (tmp_path / "class.zip").write_bytes(zipped(members))
    with zipfile.ZipFile(tmp_path / "class.zip") as archive:
        archive.extractall(tmp_path / "class")
    packed, unpacked = collect(tmp_path / "class.zip"), collect(tmp_path / "class")
    assert packed == unpacked
    assert [sheet.student.id for sheet in packed] == ["100201"] * 2 + [
        "100202",
        "100203",
    ]


def test_canvas_packs_files_without_folders(tmp_path):
    members = {"byronada_LATE_12345_67890_2.2-1.ipynb": CODE, "li_2_333_text.html": "x"}
    (tmp_path / "class.zip").write_bytes(zipped(members))
    ada, li = collect(tmp_path / "class.zip")
    assert (ada.student.id, ada.student.late, ada.notes) == ("12345", True, [])
    assert "only li_2_333_text.html; hand in" in li.notes[0]


def test_a_class_that_leads_out_of_its_archive_is_refused(tmp_path):
    for name in ("../a.ipynb", "/a.ipynb", "a//b.ipynb"):
        (tmp_path / "class.zip").write_bytes(zipped({name: CODE}))
        with pytest.raises(Refused, match="a name that no platform writes"):
            collect(tmp_path / "class.zip")


def test_an_archive_of_a_class_in_its_folder_is_no_student(tmp_path):
    class_ = zipped({f"{ADA}/a.ipynb": CODE, "Bob_2_assignsubmission_file_/b.py": "1"})
    (tmp_path / "HW2.zip").write_bytes(class_)
    (sheet,) = collect(tmp_path)
    assert sheet.notes == [
        "not marked: it holds a whole class; name it instead of the folder"
    ]


LARGE = {
    "statements": ("a.py", "x=1\n" * 5001, "more than 5,000 cells or statements"),
    "lines": ("a.py", "x=1;" * 20_001, "more than 20,000 lines"),
    "code": ("a.py", "#" * (2 * 2**20 + 1), "there is more than 2 MiB of code"),
    "a cell": ("a.ipynb", notebook(["#" * (2 * 2**20 + 1)]), "more than 2 MiB of code"),
    "parts": ("a.ipynb", '{"cells": [' + "[]," * 10**6 + "[]]}", "too many parts"),
}


@pytest.mark.parametrize("kind", LARGE)
def test_a_small_archive_makes_no_large_work(tmp_path, kind):
    name, text, why = LARGE[kind]
    hand_in(tmp_path, "all.zip", zipped({name: text}))
    sheet = only(tmp_path)
    assert sheet.cells == []
    assert why in sheet.notes[0]


def test_the_code_of_all_files_is_limited_together(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST_CODE", 100)
    hand_in(
        tmp_path, "all.zip", zipped({f"{t}.py": f"x = '{t:040}'" for t in range(3)})
    )
    assert [bool(sheet.cells) for sheet in collect(tmp_path)] == [True, True, False]


def test_code_that_is_read_in_vain_counts_too(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST_CODE", 100)
    monkeypatch.setattr(files, "MOST_CELLS", 9)
    many = {f"{t}.py": "x=1\n" * 10 for t in range(3)}
    hand_in(tmp_path, "all.zip", zipped(many | {"large.py": "#" * 101}))
    notes = [sheet.notes[0] for sheet in collect(tmp_path)]
    assert [("more than 9 cells" in n, "MiB of code" in n) for n in notes] == [
        (True, False), (True, False), (False, True), (False, True)
    ]  # fmt: skip
