"""``python -m recbook.report``: options from the functions, files read, exit status."""

import dataclasses
import inspect
import io
import json
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import reports

from recbook import Orders, report
from recbook.report import commands, options
from recbook.report.again import command, python_call
from recbook.report.commands import main
from recbook.report.reading import read_names, read_table

OFFERED = [job for job in options.JOBS if hasattr(report, job)]


# The options cannot drift from the functions ------------------------------------------


@pytest.mark.parametrize("job", OFFERED)
def test_each_argument_of_a_job_is_an_option_with_words(job, capsys):
    with pytest.raises(SystemExit) as left:
        main([job, "--help"])
    assert left.value.code == 0
    told = " ".join(capsys.readouterr().out.split())
    known = inspect.signature(getattr(report, job)).parameters
    for name in known.keys() - {options.TABLES[job][0], *options.PYTHON_ONLY}:
        assert f"--{name.replace('_', '-')} " in told, name
        assert name in options.KINDS, name
    for action in subparser(job)._actions:
        assert action.help, f"the docstring of {job} says nothing of {action.dest}"


def subparser(job):
    (jobs,) = (a for a in options.parser()._actions if a.dest == "job")
    return jobs.choices[job]


@pytest.mark.parametrize("job", OFFERED)
def test_the_example_of_a_job_is_one_that_it_takes(job):
    example = shlex.split(options.EXAMPLES[job])
    given = vars(options.parser().parse_args([job, *example]))
    assert given["file"].endswith(".csv")
    hyphens = job.replace("_", "-")
    assert vars(options.parser().parse_args([hyphens, *example]))["job"] == hyphens


@pytest.mark.parametrize("job", OFFERED)
def test_the_defaults_are_those_of_the_function(job):
    """The command hands on only what was said."""
    given = vars(
        options.parser().parse_args([job, *shlex.split(options.EXAMPLES[job])])
    )
    said = {word[2:].replace("-", "_") for word in shlex.split(options.EXAMPLES[job])
            if word.startswith("--")}  # fmt: skip
    silent = {n for n, v in given.items() if v is None} - {"date"}
    assert not said & silent
    assert {n for n, v in given.items() if v is not None} == said | {
        "job",
        "file",
        "out",
    }


# What the command does ----------------------------------------------------------------


@pytest.fixture
def trial(tmp_path):
    """Files as another program exports them: a mark, semicolons, decimal commas."""
    rows = [f"{n:04};{'B' if n % 2 else 'A'};{'Y' if n % 7 == 0 else 'N'};1,5"
            for n in range(600)]  # fmt: skip
    path = tmp_path / "trial.csv"
    path.write_text("\n".join(["who;arm;bought;spent", *rows]), encoding="utf-8-sig")
    return path


EXPERIMENT = ["--unit", "who", "--group", "arm=B", "--outcome", "bought=Y"]


def test_an_experiment_from_file_to_page(trial, tmp_path, capsys):
    out = tmp_path / "spring"
    given = ["experiment", str(trial), *EXPERIMENT, "--out", str(out)]
    assert main(given) == 0
    said = capsys.readouterr().out
    made = report.experiment(read_table(trial, ["who"]), "who", ("arm", "B"),
                             ("bought", "Y"))  # fmt: skip
    assert said.startswith(f"Decision: {made.decision}\n")
    assert f"Written: {out / 'report.html'}, {out / 'numbers.json'}\n" in said
    assert "\nNote: looks: not said: " in said
    told = json.loads((out / "numbers.json").read_text())
    assert told["decision"] == made.decision
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "python -m recbook.report experiment trial.csv" in page
    assert str(tmp_path) not in page
    assert main(given) == 0  # and again, over its own files


def test_a_refusal_is_a_result(trial, tmp_path, capsys):
    given = ["experiment", str(trial), "--unit", "arm", "--group", "arm=B"]
    given += ["--outcome", "bought=Y", "--out", str(tmp_path / "a")]
    assert main(given) == 0
    said = capsys.readouterr().out
    assert said.startswith("No answer: Nothing can be concluded")
    assert said.count("Nothing can be concluded") == 1
    assert "\nStop: " in said


def test_a_label_commands_no_terminal_and_each_can_print_it():
    """A file on Windows holds cp1252, which has no true minus."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    commands.say("\x1b[2J −5 € for 茶", stream)
    assert stream.buffer.getvalue().decode("cp1252").splitlines() == ["?[2J -5 € for ?"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"--unit": "whom"},
            "unit='whom', but the file has no such column, only 'who'",
        ),
        ({"--group": "arm=C"}, "group: the column 'arm' has no 'C', only 'A', 'B'"),
        ({"--share": "1.5"}, "share must be"),
        ({"--decimal": ";"}, "decimal must be"),
        ({"file": "nowhere.csv"}, "nowhere.csv cannot be used: No such file"),
    ],
)
def test_what_is_wrong_is_one_sentence(change, words, trial, tmp_path, capsys):
    given = dict(zip(EXPERIMENT[::2], EXPERIMENT[1::2], strict=True)) | change
    file = given.pop("file", str(trial))
    out = tmp_path / "a"
    arguments = [word for pair in given.items() for word in pair]
    assert main(["experiment", file, *arguments, "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("recbook.report: ")
    assert words in said
    assert said.count("\n") == 1
    assert said.endswith(".\n")
    assert not out.exists()


def test_another_s_file_is_not_written_over_and_nothing_is_computed(
    trial, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(commands, "make", pytest.fail)
    (tmp_path / "list.csv").write_text("mine")
    given = ["experiment", str(trial), *EXPERIMENT, "--out", str(tmp_path)]
    assert main(given) == 2
    assert "is no report's; choose another folder" in capsys.readouterr().err


def test_the_command_on_the_page_makes_the_same_report(trial, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = ["experiment", "trial.csv", *EXPERIMENT, "--looks", "3", "--date", "May"]
    assert main([*given, "--out", "a"]) == 0
    made = commands.make("experiment", {
        "file": "trial.csv", "unit": "who", "group": ("arm", "B"),
        "outcome": ("bought", "Y"), "looks": 3,
    })  # fmt: skip
    words = shlex.split(command(made).replace("\\\n", ""))
    assert words[:3] == ["python", "-m", "recbook.report"]
    assert main([*words[3:], "--date", "May", "--out", "b"]) == 0
    for path in Path("a").iterdir():
        assert path.read_bytes() == (Path("b") / path.name).read_bytes()


def test_python_says_the_same_call(trial, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"file": "trial.csv", "unit": "who", "group": ("arm", "B"),
             "outcome": ("bought", "Y"), "decimal": ","}  # fmt: skip
    made = commands.make("experiment", given)
    *lines, call = python_call(made).split("\nreport.")
    space = {}
    exec("\nreport.".join(lines) + f"\nmade = report.{call}", space)
    assert space["made"].decision == made.decision
    pd.testing.assert_frame_equal(space["made"].table, made.table)


def test_a_list_stays_a_list_and_a_pair_a_pair():
    settings = {"features": ["a", "b c"], "group": ("arm", "B"), "seed": 0}
    made = dataclasses.replace(reports.report(), settings=settings)
    assert "features=['a', 'b c'],\n" in python_call(made)
    assert "group=('arm', 'B'),\n" in python_call(made)
    assert "--features a 'b c'" in command(made)
    assert "--group arm=B" in command(made)


def test_a_log_of_orders_is_read_by_orders(tmp_path, monkeypatch):
    log, names = tmp_path / "orders.csv", tmp_path / "names.csv"
    log.write_text("c;d;p;a\n007;05.01.2026;x;1,50\n008;06.01.2026;y;2\n")
    names.write_text("p,name\nx,Tea\ny,Milk\n")
    seen = {}

    def recommend(orders, k=10, names=None):
        seen.update(orders=orders, k=k, names=names)
        return dataclasses.replace(reports.report(), job="recommend", settings={"k": k})

    monkeypatch.setattr(report, "recommend", recommend, raising=False)
    made = commands.make("recommend", {
        "file": str(log), "customer": "c", "time": "d", "item": "p", "amount": "a",
        "decimal": ",", "date_format": "%d.%m.%Y", "k": 3, "names": str(names),
    })  # fmt: skip
    assert isinstance(seen["orders"], Orders)
    assert seen["orders"].frame()["customer"].tolist() == ["007", "008"]
    assert seen["k"] == 3
    assert seen["names"].to_dict() == {"x": "Tea", "y": "Milk"}
    assert made.source["files"] == {"orders": "orders.csv", "names": "names.csv"}
    assert "--names names.csv" in command(made)
    names = "report.read_table('names.csv', text=['p']).set_index('p')['name']"
    assert f"names = {names}\n" in python_call(made)
    assert "names=names" in python_call(made)


def test_it_runs_as_a_program(trial, tmp_path):
    call = [sys.executable, "-m", "recbook.report", "experiment", str(trial)]
    run = subprocess.run([*call, *EXPERIMENT, "--out", str(tmp_path / "a")],
                         capture_output=True, text=True)  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    run = subprocess.run([*call, "--unit", "x"], capture_output=True, text=True)
    assert run.returncode == 2
    assert "--group" in run.stderr


# Reading a table ----------------------------------------------------------------------


def test_ids_keep_their_zeros_and_numbers_are_numbers():
    file = b"id;zip;n;euro;word;gap;yes\n007;01234;1;1,5;tea;;Y\n8;99999;2;-2;1;3;N\n"
    frame = read_table(file, text=["id"], decimal=",")
    assert frame["id"].tolist() == ["007", "8"]
    assert frame["zip"].tolist() == ["01234", "99999"]  # what begins with 0 is an id
    assert frame["n"].tolist() == [1, 2]
    assert frame["n"].dtype == "int64"
    assert frame["euro"].tolist() == [1.5, -2.0]
    assert frame["word"].tolist() == ["tea", "1"]
    assert frame["gap"].isna().tolist() == [True, False]
    assert read_table(b"id\n1\n2\n3,4\n", ["id"], sep=";")["id"].tolist()[2] == "3,4"
    with pytest.raises(ValueError, match=r"text\[0\]='ID', but the file has no such"):
        read_table(file, text=["ID"])
    # without a column by name, that with which the header has the most cells
    assert read_table(b"a;b\n1,5;2\n", decimal=",")["a"].tolist() == [1.5]


def test_names_are_the_column_of_that_name_or_the_first_other():
    assert read_names(b"p,n\n1,tea\n", "p").to_dict() == {"1": "tea"}
    assert read_names(b"p,colour,name\n1,red,tea\n", "p").to_dict() == {"1": "tea"}
    with pytest.raises(ValueError, match="names has no column beside 'p'"):
        read_names(b"p,\n1,\n", "p")
