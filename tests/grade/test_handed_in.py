"""Whose a file of predictions is, as learning platforms name files and folders."""

from recbook.grade.handed_in import handed_in

MOODLE = "_assignsubmission_file_"


def names_of(folder, *paths):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    return {one.name: (one.student.id, one.student.late) for one in handed_in(folder)}


def test_files_of_canvas_have_name_id_and_lateness(tmp_path):
    names = names_of(
        tmp_path, "ann_1001_90001_week3.csv", "bob_LATE_1002_90002_week3.csv", "cy.csv"
    )
    assert names == {
        "ann": ("1001", False),
        "bob": ("1002", True),
        "cy.csv": ("", False),
    }


def test_namesakes_and_files_of_one_student_are_told_apart(tmp_path):
    names = names_of(
        tmp_path,
        f"Li Wei_101{MOODLE}/week3.csv",
        f"Li Wei_102{MOODLE}/a.csv",
        f"Li Wei_102{MOODLE}/b.csv",
        f"Ann Lee_103{MOODLE}/week3.csv",
        f"Bob Roe_104{MOODLE}/week3.xlsx",
    )
    assert names == {
        "Ann Lee": ("103", False),
        "Bob Roe": ("104", False),
        "Li Wei (101)": ("101", False),
        "Li Wei (102)/a.csv": ("102", False),
        "Li Wei (102)/b.csv": ("102", False),
    }
