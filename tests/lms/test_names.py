"""Whose a file is: names as Moodle and Canvas write them, and any others.

Moodle's are made by mod/assign (locallib.php until 4.0, classes/downloader.php since):
the full name with "_" as blanks and without what no file system takes, "_", the number
of the participant, and "_assignsubmission_" with the kind of submission; a folder, or
the beginning of a file where the teacher's setting asks for no folders. Canvas's are
made by lib/content_zipper.rb: the sortable name in small letters, "LATE" if so, the
user, the attachment and the file's own name; of names and numbers the letters, digits
and "_" are kept.
"""

import random

import pytest

from recbook.lms import Student, class_folder, student_of
from recbook.lms.names import _parsed

WORDS = [
    "_",
    "LATE",
    "anon",
    "assignsubmission",
    "file",
    "7",
    "123",
    "é",
    " ",
    ".",
    "李",
]


def student(name):
    found = student_of(f"hw/{name}", "hw")
    return found.name, found.id, found.late


@pytest.mark.parametrize(
    ("folder", "who"),
    [
        ("Ada Byron_100201_assignsubmission_file_", ("Ada Byron", "100201")),
        ("Ada Byron_100201_assignsubmission_file", ("Ada Byron", "100201")),
        ("Ada Byron_100201_assignsubmission_onlinetext", ("Ada Byron", "100201")),
        ("Byron, Ada_100201_assignsubmission_file", ("Byron, Ada", "100201")),
        ("Miles O'Brien-Li_7_assignsubmission_file_", ("Miles O'Brien-Li", "7")),
        ("李伟_100202_assignsubmission_file_", ("李伟", "100202")),
        ("Raveena_Ram_657853_assignsubmission_file_", ("Raveena_Ram", "657853")),
        ("Participant_100203_assignsubmission_file_", ("Participant", "100203")),
        ("Group 3_88_assignsubmission_file_", ("Group 3", "88")),
        ("Default group_assignsubmission_file", ("Default group", "")),
        ("Ada Byron_1_assignsubmission_file_ (1)", ("Ada Byron", "1")),
        ("_100204_assignsubmission_file_", ("100204", "100204")),
    ],
)
def test_folders_of_moodle(folder, who):
    assert student(f"{folder}/2.2.ipynb") == student(folder) == (*who, False)
    assert student_of(f"hw/{folder}/a/b.py", "hw").folder == folder


def test_files_of_moodle_without_folders():
    name = "Ada Byron_100201_assignsubmission_file_2.2 (1).ipynb"
    assert student(name) == ("Ada Byron", "100201", False)
    assert student("Bob_2_assignsubmission_onlinetext_onlinetext.html")[1] == "2"


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("byronada_12345_67890_2.2.ipynb", ("byronada", "12345", False)),
        ("byronada_LATE_12345_67890_2.2.ipynb", ("byronada", "12345", True)),
        ("byronada_12345_67890_2.2-1.ipynb", ("byronada", "12345", False)),
        ("byron_ada_12345_67890_2.2.ipynb", ("byron_ada", "12345", False)),
        ("李伟_LATE_22345_67891_x_1.ipynb", ("李伟", "22345", True)),
        ("12345_LATE_22345_67890_x.py", ("12345", "22345", True)),
        ("_22345_67890_x.py", ("22345", "22345", False)),
        ("byronada_12345_text.html", ("byronada", "12345", False)),
        ("byronada_LATE_12345_link.html", ("byronada", "12345", True)),
        ("anon_x7Kq2_67890_2.2.ipynb", ("anon", "x7Kq2", False)),
        ("LATE_anon_x7Kq2_67890_2022_x.ipynb", ("anon", "x7Kq2", True)),
        ("LATE_anon_x7Kq2_text.html", ("anon", "x7Kq2", True)),
    ],
)
def test_files_of_canvas(name, who):
    assert student(name) == student(f"{name}/a.ipynb") == who


def test_a_file_cannot_be_named_as_somebody_elses():
    """What a student chooses stands behind what the platform wrote."""
    for trick in (
        "Bob_2_assignsubmission_file_x.ipynb",
        "bob_LATE_222_333_x.ipynb",
        "_222_333_444_x.ipynb",
        "LATE_anon_b_333_x.ipynb",
    ):
        assert student(f"eve_66666_77777_{trick}") == ("eve", "66666", False)
        assert student(f"Eve_6_assignsubmission_file_{trick}") == ("Eve", "6", False)
        assert student(f"eve/{trick}")[0] == "eve"


def test_names_that_no_platform_gave():
    for name, who in {
        "ada.ipynb": "ada",
        "Ada Byron.IPYNB.txt": "Ada Byron",
        "ada v1.2.ipynb": "ada v1.2",
        "hw_2_2_ada.ipynb": "hw_2_2_ada",
        "2.2-user-cf (1).ipynb": "2.2-user-cf (1)",
        "team_7/x.ipynb": "team_7",
        "Dr. Li": "Dr. Li",
        ".py": ".py",
    }.items():
        assert student(name) == (who, "", False)


def test_an_accent_is_one_character_wherever_it_was_unpacked():
    decomposed = "Zoe\u0301_5_assignsubmission_file_"
    assert student(decomposed)[0] == "Zo\u00e9"
    assert student_of(f"hw/{decomposed}/x.py", "hw").folder == decomposed


def test_any_name_has_a_student():
    rng = random.Random(0)
    for _ in range(3000):
        name = "".join(rng.choices(WORDS, k=rng.randint(1, 14)))
        if name not in {".", ".."}:
            found = student_of(f"hw/{name}/x.py", "hw")
            assert found.folder == name
            assert found.name
            assert not found.late or "LATE_" in name


def test_namesakes_are_two():
    wei, other = Student("Li Wei", "22345"), Student("Li Wei", "32345", late=True)
    assert wei.key != other.key
    assert wei.key == Student("Li Wei", "22345", True, "elsewhere").key


@pytest.mark.parametrize("names", [
    ["Ada_1_assignsubmission_file_/a.py", "Bob_2_assignsubmission_file_/b.py"],
    ["Ada_1_assignsubmission_file_a.py", "Bob_2_assignsubmission_file_b.py"],
    ["byronada_1_222_a.py", "lee_LATE_3_444_a.py"],
])  # fmt: skip
def test_a_class_may_be_one_folder_below(tmp_path, names):
    for name in names:
        path = tmp_path / "export" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert class_folder(tmp_path, (".py",)) == tmp_path / "export"
    assert all(_parsed(name) for name in names)


def test_a_folder_of_a_student_is_no_class(tmp_path):
    for name in ("a.py", "b.py"):
        path = tmp_path / "Ada" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert class_folder(tmp_path, (".py",)) == tmp_path
