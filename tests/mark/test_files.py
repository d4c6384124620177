"""What is found in a class's folder, and under whose name."""

import json
import os
import time

import pytest
from classroom import notebook

from recbook.grade import Refused
from recbook.mark import collect
from recbook.mark.cells import SEAL, sealed

CODE = notebook(["x = 1"])


def write(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CODE if name.endswith("ipynb") else "x = 1", encoding="utf-8")


def names_of(folder):
    return [(sheet.who, sheet.file.replace(os.sep, "/")) for sheet in collect(folder)]


def test_folders_of_moodle(tmp_path):
    ada, bob = "Ada Byron_123_assignsubmission_file_", "Bob_77_assignsubmission_file_"
    write(tmp_path, f"{ada}/2.2.ipynb", f"{bob}/my work/a.ipynb", f"{bob}/b.py")
    assert names_of(tmp_path) == [
        ("Ada Byron", f"{ada}/2.2.ipynb"),
        ("Bob", f"{bob}/b.py"),
        ("Bob", f"{bob}/my work/a.ipynb"),
    ]
    assert [s.notes for s in collect(tmp_path)] == [
        [], ["one of 2 files of Bob"], ["one of 2 files of Bob"],
    ]  # fmt: skip


def test_files_of_canvas_and_plain_ones(tmp_path):
    write(
        tmp_path,
        "byronada_12345_67890_x.ipynb",
        "cybob_LATE_1_222_x_1.ipynb",
        "d.ipynb",
    )
    assert [who for who, _ in names_of(tmp_path)] == ["byronada", "cybob", "d"]


def test_what_is_left_alone(tmp_path):
    write(tmp_path, "ann.ipynb", ".ipynb_checkpoints/ann-checkpoint.ipynb", "notes.txt")
    write(tmp_path, "__MACOSX/._ann.ipynb", "._ann.ipynb", "~ann.ipynb")
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "ann.ipynb")
    (tmp_path / "loop").symlink_to(tmp_path)
    first, second, third = collect(tmp_path)
    assert (first.who, first.notes) == ("ann", [])
    assert (second.who, second.cells) == ("link", [])
    assert "it is a link" in second.notes[0]
    assert (third.who, third.cells) == ("loop", [])
    assert "it is a link" in third.notes[0]


def test_somebody_who_handed_in_no_notebook_has_a_row(tmp_path):
    write(tmp_path, "ann/a.ipynb", "bob/report.pdf", "cy/all.zip")
    _, bob, cy = collect(tmp_path)
    assert bob.notes == [
        "not marked: no notebook (.ipynb) or sheet (.py), only report.pdf; hand in the "
        "notebook itself, as a PDF or a web page of it cannot run"
    ]
    assert "not marked: it is no zip archive, or a damaged one" in cy.notes[0]


def test_folders_beside_a_notebook_are_no_more_files(tmp_path):
    write(tmp_path, "ann/a.ipynb", "ann/figures/b.png", "ann/data/raw/c.csv")
    write(tmp_path, "bob/report.pdf", "bob/figures/b.png")
    ann, bob = collect(tmp_path)
    assert (ann.who, ann.notes) == ("ann", [])
    assert (bob.who, bob.cells) == ("bob", [])
    assert "only report.pdf, b.png; hand in" in bob.notes[0]


def test_an_export_in_a_folder_of_its_own(tmp_path):
    write(tmp_path, "export/Ada/work/a.ipynb", "export/Bob/b.ipynb", "__MACOSX/x/y.py")
    assert [who for who, _ in names_of(tmp_path)] == ["Ada", "Bob"]
    canvas = tmp_path / "canvas"
    write(canvas, "all/adab_1_222_x.ipynb", "all/bobc_LATE_3_444_x.ipynb")
    assert [who for who, _ in names_of(canvas)] == ["adab", "bobc"]


def test_a_class_of_one_keeps_the_name(tmp_path):
    moodle = "Ada Byron_123_assignsubmission_file_"
    write(tmp_path / "a", "Ada/a.ipynb", "Ada/b.ipynb", "Ada/data/c.csv")
    write(tmp_path / "b", f"{moodle}/one/a.ipynb", f"{moodle}/two/a.ipynb")
    assert {who for who, _ in names_of(tmp_path / "a")} == {"Ada"}
    assert {who for who, _ in names_of(tmp_path / "b")} == {"Ada Byron"}


def test_a_folder_that_cannot_be_read_has_a_row(tmp_path, monkeypatch):
    write(tmp_path, "ann/a.ipynb", "bob/b.ipynb")
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("bob"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    _, bob = collect(tmp_path)
    assert (bob.who, bob.cells) == ("bob", [])
    assert bob.notes == ["not marked: the folder cannot be read: Permission denied"]


def test_folders_that_cannot_be(tmp_path):
    with pytest.raises(Refused, match="'nowhere' is no folder"):
        collect("nowhere")
    with pytest.raises(Refused, match="holds no notebook"):
        collect(tmp_path)
    write(tmp_path, "class.zip")
    with pytest.raises(Refused, match="is no zip archive that can be read; unpack it"):
        collect(tmp_path / "class.zip")
    write(tmp_path, "class.rar")
    with pytest.raises(Refused, match="is an archive; unpack it"):
        collect(tmp_path / "class.rar")


def test_one_file_is_a_class_of_one(tmp_path):
    write(tmp_path, "ann.ipynb", "bob.ipynb")
    assert [sheet.who for sheet in collect(tmp_path / "ann.ipynb")] == ["ann"]


def test_cells_that_may_raise_and_cells_without_code(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["# words"]},
        {"cell_type": "code", "source": ["1 /", " 0"],
         "metadata": {"tags": ["raises-exception"]}},
        {"cell_type": "code", "source": "  "},
        {"cell_type": "code", "source": "x = 1", "metadata": None},
    ]  # fmt: skip
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (sheet,) = collect(path)
    assert sheet.cells == [[2, "1 / 0", True], [4, "x = 1", False]]


def test_blank_lines_take_no_time(tmp_path):
    cells = [{"cell_type": "markdown", "source": "\n" * 40_000}]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    began = time.process_time()
    collect(path)
    assert time.process_time() - began < 2, "their square, for want of a limit"


def test_the_books_own_cells_are_known_until_somebody_changes_them(tmp_path):
    cells = [
        {"cell_type": "code", "source": source, "metadata": {SEAL: sealed("x = 1")}}
        for source in ("x = 1", "x = 2")
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (sheet,) = collect(path)
    assert sheet.books == [1]


def test_code_that_looks_behind_the_scenes_has_a_note(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(["from recbook.checks.registry import REGISTRY"]))
    (sheet,) = collect(path)
    assert sheet.notes == [
        "look at this one: it mentions REGISTRY, recbook.checks.registry"
    ]
    path.write_text(notebook(["recbook.checks.last()\nrecbook.check('2.2-leak', 1)"]))
    assert collect(path)[0].notes == []


def test_a_typo_costs_its_part_of_a_sheet(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("x = 1\n# %% one\ndef f(:\n# %% two\ny = 2\nz = (y,\n  1)\n")
    (sheet,) = collect(path)
    assert sheet.cells == [
        [1, "x = 1\n", False],
        [2, "# %% one\ndef f(:\n", False],
        [5, "# %% two\ny = 2\n", False],
        [6, "z = (y,\n  1)\n", False],
    ]
    path.write_text('x = """\n# %% no divider\n"""\n')
    assert [cell[0] for cell in collect(path)[0].cells] == [1]


@pytest.mark.parametrize("name", [
    "work.ipynb.txt", "work.ipynb.json", "2.2-user-cf (1).ipynb", "2.2-1.ipynb",
    "2.2.ipynb (1).txt", "2.2.ipynb-1.txt", "work.IPYNB", "work.json", "work.txt",
])  # fmt: skip
def test_a_notebook_by_another_name(tmp_path, name):
    path = tmp_path / "ann" / name
    path.parent.mkdir()
    path.write_text("\ufeff" + CODE, encoding="utf-8")
    (sheet,) = collect(tmp_path)
    assert (sheet.who, sheet.cells) == ("ann", [[1, "x = 1", False]])
    (tmp_path / "ann.ipynb.txt").write_text(CODE, encoding="utf-8")
    assert {sheet.who for sheet in collect(tmp_path)} == {"ann"}


def test_a_sheet_by_another_name(tmp_path):
    write(tmp_path, "2.2.py.txt")
    (sheet,) = collect(tmp_path)
    assert (sheet.who, sheet.cells) == ("2.2", [[1, "x = 1", False]])


def test_data_and_texts_are_no_notebooks(tmp_path):
    write(tmp_path, "ann/a.ipynb", "ann/b.txt", "bob/b.txt", "c.txt", "c.json", "d.pdf")
    (tmp_path / "ann" / "c.json").write_text(CODE, encoding="utf-8")
    ann, bob = collect(tmp_path)
    assert (ann.file, ann.notes) == (os.path.join("ann", "a.ipynb"), [])
    assert "only b.txt; hand in" in bob.notes[0]


def test_a_web_page_that_was_saved_as_a_notebook(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text("\n<!DOCTYPE html><html></html>", encoding="utf-8")
    (sheet,) = collect(path)
    assert sheet.notes == ["not marked: it is a web page; download the notebook itself"]


def test_an_empty_file_is_said_to_be_empty(tmp_path):
    for name in ("a.ipynb", "b.py"):
        (tmp_path / name).write_text("\ufeff \n", encoding="utf-8")
    for sheet in collect(tmp_path):
        assert sheet.notes == [
            "not marked: the file is empty; save the work and hand it in again"
        ]


def test_namesakes_are_told_apart_by_their_ids(tmp_path):
    write(tmp_path, "liwei_22345_777_a.ipynb", "liwei_32345_778_a.ipynb")
    write(tmp_path, "liwei_32345_779_b.py", "ann_LATE_4_780_a.ipynb")
    ann, first, second, third = collect(tmp_path)
    assert (ann.called, ann.student.late) == ("ann", True)
    assert (first.called, first.notes) == ("liwei (22345)", [])
    assert {s.called for s in (second, third)} == {"liwei (32345)"}
    assert second.notes == third.notes == ["one of 2 files of liwei (32345)"]
    assert {s.who for s in (first, second)} == {"liwei"}


def test_one_student_has_a_file_and_a_text(tmp_path):
    write(tmp_path, "Ada_7_assignsubmission_file_/a.ipynb")
    write(tmp_path, "Ada_7_assignsubmission_onlinetext_/onlinetext.html")
    (sheet,) = collect(tmp_path)
    assert (sheet.who, sheet.notes) == ("Ada", [])


def test_a_folder_may_be_called_like_a_file(tmp_path):
    write(tmp_path, "ann/work.zip/a.ipynb", "ann/old.ipynb/b.txt")
    (sheet,) = collect(tmp_path)
    assert (sheet.who, sheet.notes) == ("ann", [])
