"""The class's table: ranks, ties, folders as a learning platform exports them."""

import csv
import os

import numpy as np
from handed_in import HEAD, hand_in

from recbook import grade
from recbook.evaluation import paired_test
from recbook.grade.commands import main


def test_table_ranks_and_calls_a_tie_a_tie(tmp_path):
    noise = np.random.default_rng(1).normal(0, 0.02, size=1000)
    judge = hand_in(tmp_path, cy=0.7, ann=0.6 + noise, bob=0.6 - noise)
    (tmp_path / "in" / "dan.csv").write_text(HEAD + "0,0,nan\n", encoding="utf-8")
    (tmp_path / "in" / "notes.txt").write_text("not a file to grade", encoding="utf-8")
    os.symlink(tmp_path / "in" / "ann.csv", tmp_path / "in" / "eve.csv")
    lines = grade.standings(tmp_path / "in", judge).splitlines()
    first, second, third, baseline = (line.split() for line in lines[:4])
    assert {first[1], second[1]} == {"ann.csv", "bob.csv"}
    assert (first[0], second[0], third[:2]) == ("1", "1=", ["3", "cy.csv"])
    assert baseline[:2] == ["4", "(bias)"]
    a, b = (judge(tmp_path / "in" / f"{row[1]}").people for row in (second, first))
    assert f"p {paired_test(a, b).p:.4f}" in lines[1]
    assert lines[5].startswith(
        "refused: 'dan.csv': row 1 (line 2): prediction is 'nan'"
    )
    assert lines[6].startswith("refused: 'eve.csv': it is a link")


def test_a_difference_that_is_not_printed_is_a_tie(tmp_path):
    judge = hand_in(tmp_path, ann=0.6, bob=0.600001)
    first, second = grade.standings(tmp_path / "in", judge).splitlines()[:2]
    assert first.startswith("  1   ann.csv")
    assert second.startswith("  1=  bob.csv")
    assert "p 0.0001" in second, "as sure as can be, and of no size"


def test_tables_that_cannot_be(tmp_path, capsys):
    assert main(["--table", str(tmp_path)]) == 2
    assert "holds no .csv file" in capsys.readouterr().err
    assert main(["--table", str(tmp_path / "nowhere")]) == 2
    assert "is no folder" in capsys.readouterr().err


def rows_of(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_a_table_for_spreadsheets(tmp_path, capsys):
    judge = hand_in(tmp_path, ann=0.6, cy=0.7)
    ann = tmp_path / "in" / "ann.csv"
    ann.rename(tmp_path / "in" / "=1+1.csv")
    (tmp_path / "in" / "dan.csv").write_text(HEAD + "0,0,nan\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    given = ["--table", str(tmp_path / "in"), "--answers", str(tmp_path / "truth.txt")]
    assert main([*given, "--csv", str(out)]) == 0
    first, second, baseline, refused = rows_of(out)
    assert (first["place"], first["name"]) == ("1", "'=1+1.csv")
    score = judge(tmp_path / "in" / "=1+1.csv")
    assert float(first["RMSE"]) == score.value
    assert (float(first["from"]), float(first["to"])) == score.interval
    best = score.baselines[0]
    said = [float(first[name]) for name in ("gain", "gain from", "gain to")]
    assert said == list(score.gain_over(best))
    assert first["best baseline"] == "bias"
    assert first["p"] == ""
    assert float(second["p"]) < 0.05
    assert (baseline["name"], baseline["gain"]) == ("(bias)", "")
    assert (refused["name"], refused["place"]) == ("dan.csv", "")
    assert "prediction is 'nan'" in refused["refused"]
    assert main([*given, "--csv", str(out)]) == 2
    assert "there already" in capsys.readouterr().err
    assert main([*given, "--csv", str(tmp_path / "no" / "out.csv")]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert main(["x.csv", "--csv", str(out)]) == 2
    assert "--csv goes with --table only" in capsys.readouterr().err


def test_the_spreadsheet_says_of_each_row_whether_its_place_is_shared(tmp_path):
    judge = hand_in(tmp_path, ann=0.6, bob=0.600001, cy=0.7)
    grade.standings(tmp_path / "in", judge, csv=tmp_path / "out.csv")
    shared = {row["name"]: row["shared"] for row in rows_of(tmp_path / "out.csv")}
    assert shared == {
        "ann.csv": "yes",
        "bob.csv": "yes",
        "cy.csv": "no",
        "(bias)": "no",
    }


def test_a_table_of_folders_as_a_learning_platform_exports_them(tmp_path):
    judge = hand_in(tmp_path, ann=0.6, bob=0.7, cy=0.8)
    folder = tmp_path / "in"
    for name, inside in (("ann", "Ann Lee_12_assignsubmission_file_"), ("bob", "b"),
                         ("cy", "b")):  # fmt: skip
        (folder / inside).mkdir(exist_ok=True)
        (folder / f"{name}.csv").rename(folder / inside / f"{name}.csv")
    (folder / "__MACOSX").mkdir()
    (folder / "dan").mkdir()
    table = grade.standings(folder, judge).splitlines()
    assert [line[6:].partition("   ")[0].strip() for line in table[:4]] == [
        "Ann Lee", "b/bob.csv", "b/cy.csv", "(bias)",
    ]  # fmt: skip
    assert table[5:] == ["refused: 'dan': there is no .csv file in the folder"]


def test_a_table_of_an_export_in_a_folder_of_its_own(tmp_path, monkeypatch):
    judge = hand_in(tmp_path, ann=0.6, bob=0.7)
    folder = tmp_path / "in"
    for name in ("ann", "bob"):
        (folder / "export" / name).mkdir(parents=True)
        (folder / f"{name}.csv").rename(folder / "export" / name / "mine.csv")
    (folder / "export" / "cy").symlink_to(folder / "export" / "ann")
    (folder / "export" / "dan").mkdir()
    scandir, listdir = os.scandir, os.listdir

    def refusing(read):
        def refuse(path="."):
            if str(path).endswith("dan"):
                raise PermissionError(13, "Permission denied", str(path))
            return read(path)

        return refuse

    monkeypatch.setattr(os, "scandir", refusing(scandir))
    monkeypatch.setattr(os, "listdir", refusing(listdir))
    lines = grade.standings(folder, judge).splitlines()
    assert [line.split()[1] for line in lines[:2]] == ["ann", "bob"]
    assert lines[4:] == [
        "refused: 'cy': it is a link; copy the folder itself",
        "refused: 'dan': the folder cannot be read: Permission denied",
    ]
