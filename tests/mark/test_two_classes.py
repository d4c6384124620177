"""A class as Moodle gives it and one as Canvas gives it: marked whole, and given back.

Each student is planned: the exercises that are right, and so the grade.
"""

import csv
import io
import zipfile

from classroom import HOSTILE, IDS, IMPORTS, exercises, solved
from platforms import gradebook, worksheet

from recbook.mark.commands import main

FIRST, SECOND, THIRD = IDS[0], IDS[1], IDS[5]
TRICK = HOSTILE["patched-numpy"]
TYPO = f"def f(:\n    return 1\nrecbook.check({SECOND!r}, f)"


def zipped(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("_dot_", "."), text)
    return file.getvalue()


def sheet(*right):
    """As the page saves it."""
    parts = [IMPORTS, *(exercises()[id][1] for id in right)]
    return "".join(f"# %% From the page (x)\n{part}\n" for part in parts)


def plan():
    """[(name, {file: content}, how many are right, or None where nothing is read)]"""
    full, some = solved(IDS), solved((FIRST, THIRD))
    inner = zipped(work_dot_ipynb=some, __MACOSX="x")
    return [
        ("Ada Byron", {"2.2.ipynb": full}, 8),
        ("Same Name", {"2.2-1.ipynb": some}, 2),
        ("Same Name", {"2.2 (1).ipynb": full}, 8),
        ("李伟", {"2.2.ipynb.txt": "\ufeff" + full}, 8),
        ("Zip Zoë", {"all.zip": zipped(inner_dot_zip=inner)}, 2),
        ("Page Paul", {"2.2-user-cf.py": sheet(FIRST, SECOND)}, 2),
        ("Two Tom", {"a.ipynb": some, "b.json": "{}", "c.py": sheet(SECOND)}, 3),
        ("Typo Tina", {"2.2.json": solved((FIRST,), after=[TYPO])}, 1),
        ("Eve", {"2.2.ipynb": solved((FIRST,), before=[TRICK])}, 1),
        ("Pdf Pam", {"report.pdf": "%PDF"}, None),
        ("Nothing Ned", {}, None),
    ]


def rows_of(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def check(rows, ids, grades, of):
    """What the CSV and the platform's list say is what was planned."""
    for id, (name, files, right) in zip(ids, plan(), strict=True):
        marked = [row for row in rows if row["id"] == id]
        assert [row["points"] for row in marked] == (
            ["2", "1"] if name == "Two Tom" else [str(right or 0)]
        )
        assert grades[id] == ("" if right is None else f"{of * right / 8:.2f}"), name
        is_unread = bool(files) and right is None
        assert ("not marked" in marked[0]["note"]) == is_unread


def test_a_class_as_moodle_gives_it(tmp_path, capsys):
    ids, names = [str(100201 + n) for n in range(11)], [name for name, *_ in plan()]
    for id, (name, files, _) in zip(ids, plan(), strict=True):
        for file, content in files.items():
            place = f"{name}_{id}_assignsubmission_file/{file}"
            put(tmp_path / "HW2" / place, content)
    late = ["Submitted for grading - 1 day late"]
    people = [
        (id, name, *late[: name == "Page Paul"])
        for id, name in zip(ids, names, strict=True)
    ]
    path, out = tmp_path / "moodle.csv", tmp_path / "marks.csv"
    path.write_text(worksheet(*people), encoding="utf-8")
    given = ["--ids", "2.2", "--worksheet", path, "--csv", out, "--jobs", "1"]
    given += ["--feedback", tmp_path / "replies"]
    assert main([str(word) for word in (tmp_path / "HW2", *given)]) == 1
    grades = {row["Identifier"].split()[-1]: row["Grade"] for row in rows_of(path)}
    check(rows_of(out), ids, grades, of=10)
    assert {row["id"] for row in rows_of(out) if row["late"]} == {ids[5]}
    printed = capsys.readouterr().out
    assert "Same Name (100202)    2 of 8\nSame Name (100203)    8 of 8\n" in printed
    assert "\n1 of 11 files were not marked.\n" in printed
    assert "Nothing from: Nothing Ned (100211).\n" in printed
    assert len(list((tmp_path / "replies").glob("*/feedback.txt"))) == 10


def test_a_class_as_canvas_gives_it(tmp_path, capsys):
    members, people, attachment = {}, [], 67000
    for n, (name, files, _) in enumerate(plan()):
        sortable = ", ".join(reversed(name.split()))
        who = sortable.replace(", ", "").lower() + "_LATE" * (name == "Page Paul")
        for file, content in files.items():
            attachment += 1
            members[f"{who}_{12345 + n}_{attachment}_{file}"] = content
        people.append((str(12345 + n), sortable, f"s{n}"))
    put(tmp_path / "class.zip", zipped(**members))
    path, out = tmp_path / "canvas.csv", tmp_path / "marks.csv"
    path.write_text(gradebook(*people), encoding="utf-8", newline="")
    given = ["--gradebook", path, "--column", "Homework 2, late", "--csv", out]
    given += ["--ids", "2.2", "--jobs", "1"]
    assert main([str(word) for word in (tmp_path / "class.zip", *given)]) == 1
    column = "Homework 2, late (902)"
    grades = {row["ID"]: row[column] for row in rows_of(path)}
    check(rows_of(out), [id for id, *_ in people], grades, of=20)
    assert [row["name"] for row in rows_of(out) if row["late"]] == ["paulpage"]
    printed = capsys.readouterr().out
    assert "namesame (12346)    2 of 8\nnamesame (12347)    8 of 8\n" in printed
    assert "Nothing from: Ned, Nothing (12355).\n" in printed
