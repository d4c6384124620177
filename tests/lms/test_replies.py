"""Where a text for each student goes, and what it must not write over."""

import os
from pathlib import Path

import pytest

from recbook._core.refusals import Refused
from recbook.lms import Replies, Student, student_of

FROM = "Marked."

NAMES = {  # as the platforms give it -> where they look for it again
    "Ada Byron_100201_assignsubmission_file_/2.2.ipynb":
        "Ada Byron_100201_assignsubmission_file_/feedback.txt",
    "Ada Byron_100201_assignsubmission_file/2.2.ipynb":
        "Ada Byron_100201_assignsubmission_file/feedback.txt",
    "Ada Byron_100201_assignsubmission_file_2.2.ipynb":
        "Ada Byron_100201_assignsubmission_file_feedback.txt",
    "byronada_LATE_12345_67890_2.2.ipynb": "byronada_LATE_12345_67890_2.2.ipynb.txt",
    "Ada Byron/2.2.ipynb": "Ada Byron.txt",
    "ada.ipynb": "ada.txt",
}  # fmt: skip


@pytest.mark.parametrize("given", NAMES)
def test_a_reply_stands_where_the_platform_looks_for_it(tmp_path, given):
    student = student_of(given, ".")
    replies = Replies(tmp_path / "replies", [student], FROM)
    replies.write(student.key, "Zoë\n")
    path = tmp_path / "replies" / NAMES[given]
    assert path.read_text(encoding="utf-8-sig") == "Zoë\n"


@pytest.mark.parametrize(
    "name",
    ["../../x", "/etc/x", "..", "a/b", "x" * 300, "é" * 300, "\ud800", "", "CON:"],
)
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    for student in (Student(name, "", folder="x"), Student("x", "7", folder=name)):
        if student.id and ("/" in name or len(name) < 3 or not name.isprintable()):
            continue  # no name of a file that is there
        inside = tmp_path / "replies"
        replies = Replies(inside, [student], FROM)
        replies.write(student.key, f"a\n{FROM}\n")
        found = {path for path in tmp_path.rglob("*") if path.is_file()}
        assert all(inside in path.resolve().parents for path in found)
        assert found


def test_names_that_a_disk_takes_for_one_get_files_of_their_own(tmp_path):
    students = [Student("a:b"), Student("A?B"), Student("a_b")]
    places = Replies(tmp_path, students, FROM).places.values()
    assert [*map(str, places)] == ["a_b.txt", "A_B 2.txt", "a_b 3.txt"]


def test_texts_of_an_earlier_run_are_replaced_and_others_stay(tmp_path):
    ada, bob = Student("Ada"), Student("Bob")
    (tmp_path / "notes.txt").write_text("mine")
    for points in ("1 of 2", "2 of 2"):
        Replies(tmp_path, [ada], FROM).write(ada.key, f"{points}\n\n{FROM}\n")
    Replies(tmp_path, [bob], FROM).write(bob.key, f"0 of 2\n\n{FROM}\n")
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "Ada.txt").read_text("utf-8-sig").startswith("2 of 2")
    assert sorted(os.listdir(tmp_path)) == ["Ada.txt", "Bob.txt", "notes.txt"]


def test_what_is_not_one_of_these_texts_is_not_replaced(tmp_path):
    ada = Student("Ada")
    (tmp_path / "Ada.txt").write_text("mine")
    with pytest.raises(Refused, match=r"Ada\.txt' is there already"):
        Replies(tmp_path, [ada], FROM)
    (tmp_path / "Ada.txt").unlink()
    (tmp_path / "Ada.txt").symlink_to(Path("/etc/hostname"))
    with pytest.raises(Refused, match="leads elsewhere by a link"):
        Replies(tmp_path, [ada], FROM)
    with pytest.raises(Refused, match="is no folder"):
        Replies(__file__, [ada], FROM)
