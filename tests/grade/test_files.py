"""Files that must be refused: a message names the place, the value, the way out."""

import contextlib
import gzip
import os
import pickle

import pytest
from handed_in import HEAD, ROWS, TRUTH, assert_refused, file_of
from hypothesis import given
from hypothesis import strategies as st

from recbook import grade
from recbook.grade.commands import main
from recbook.grade.files import LIMIT


def test_order_bom_line_ends_blanks_and_quotes_do_not_matter(run):
    plain = run(file_of(ROWS))
    other = (
        '\ufeff"prediction", movie_id ,user_id\r\n2.0,20,3\r\n\r\n1.5,30,2\r\n'
        '4,10, 2\r\n"3",20,1\r\n+5.,10,1'
    )
    assert run(other) == plain


REFUSED = {
    "missing": (file_of(ROWS[1:]), "1 of 5 pairs are missing, the first user_id 1 wi"),
    "extra": (file_of([*ROWS, "3,30,2"]), "row 6 (line 7): user_id 3 with movie_id 30"),
    "other": (file_of([*ROWS[:4], "9,9,2"]), "to predict of answers.csv (1 such rows)"),
    "twice": (file_of([*ROWS, ROWS[0]]), "stands in row 1 (line 2) already"),
    "twice, other": (file_of([*ROWS, "1,10,2"]), "row 6 (line 7): user_id 1 with"),
    "nan": (file_of([*ROWS[:4], "3,20,NaN"]), "row 5 (line 6): prediction is 'NaN'"),
    "inf": (file_of([*ROWS[:4], "3,20,-inf"]), "prediction is '-inf'; give every pair"),
    "huge": (file_of([*ROWS[:4], "3,20,1e400"]), "prediction is '1e400'"),
    "inf, later": (file_of([*ROWS[:4], "3,20,1e999"]), "outside of 1 to 5; clip it"),
    "empty value": (file_of([*ROWS[:4], "3,20,"]), "prediction is empty"),
    "below": (file_of([*ROWS[:4], "3,20,0.99"]), "'0.99', outside of 1 to 5; clip it"),
    "above": (file_of([*ROWS[:4], "3,20,5.01"]), "'5.01', outside of 1 to 5; clip it"),
    "text": (file_of([*ROWS[:4], "3,20,good"]), "prediction is 'good'; write a number"),
    "underscore": (file_of([*ROWS[:4], "3,20,0_4"]), "prediction is '0_4'"),
    "other digits": (file_of([*ROWS[:4], "3,20,\u0664"]), "prediction is '\u0664'"),
    "hex": (file_of([*ROWS[:4], "3,20,0x2"]), "prediction is '0x2'"),
    "formula": (file_of([*ROWS[:4], "3,20,=1+1"]), "prediction is '=1+1'"),
    "decimal comma": (file_of([*ROWS[:4], "3,20,2,5"]), "row 5 (line 6) has 4 values"),
    "short row": (file_of([*ROWS[:4], "3,20"]), "has 2 values and the header 3"),
    "float id": (file_of(["1.0,10,5", *ROWS[1:]]), "user_id is '1.0'; write a whole"),
    "negative id": (file_of(["-1,10,5", *ROWS[1:]]), "row 1 (line 2): user_id is '-1'"),
    "empty id": (file_of([",10,5", *ROWS[1:]]), "user_id is empty; write a whole"),
    "long id": (file_of(["9" * 5000 + ",10,5"]), "user_id is '999"),
    "no column": ("user_id,movie_id\n1,10\n", "column prediction is missing"),
    "no header": ("\n".join(ROWS), "column user_id is missing from the header '1,10"),
    "index": (",user_id,movie_id,prediction\n0,1,10,5\n", "column '' is unknown (pan"),
    "unknown": ("user_id,movie_id,prediction,rating\n1,10,5,4\n", "'rating' is unk"),
    "repeated": ("user_id,user_id,movie_id,prediction\n1,1,10,5\n", "stands twice"),
    "semicolons": ("user_id;movie_id;prediction\n1;10;5\n", "separate columns by"),
    "empty": ("", "the file is empty; its first line must be user_id,movie_id,pred"),
    "blank": ("\n\n", "the file is empty"),
    "header only": (HEAD, "a header and no rows"),
    "open quote": (HEAD + '1,10,"5\n', "is not CSV"),
    "huge field": (HEAD + "1,10," + "5" * 200_000 + "\n", "is not CSV"),
    "latin-1": (HEAD.encode() + b"1,10,\xe9\n", "line 2 of the file is not UTF-8 (by"),
    "utf-16": (file_of(ROWS).encode("utf-16"), "the file is UTF-16 text, not CSV"),
    "nul": (HEAD + "1,10,\x005\n", "NUL bytes"),
    "xlsx": (b"PK\x03\x04 and so on", "a zip archive, as an .xlsx workbook is"),
    "gzip": (gzip.compress(file_of(ROWS).encode()), "a gzip archive"),
    "npy": (b"\x93NUMPY\x01\x00", "an .npy array"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_refusals(run, kind):
    data, words = REFUSED[kind]
    assert_refused(run(data), words)


@given(st.binary(max_size=300), st.sampled_from([b"", HEAD.encode()]))
def test_no_bytes_bring_it_down(tmp_path_factory, data, head):
    folder = tmp_path_factory.getbasetemp()
    (folder / "any.csv").write_bytes(head + data)
    (folder / "truth.csv").write_text(TRUTH, encoding="utf-8")
    truth = grade.read_answers(folder / "truth.csv")
    with contextlib.suppress(grade.Refused):  # and no other error
        grade.grade(folder / "any.csv", truth)


def test_many_rows_or_columns_are_refused_early(run):
    assert "more than 500000 rows" in run(HEAD + "1,1,1\n" * 500_001)[2]
    assert "has 200003 columns" in run(HEAD.strip() + "," * 200_000)[2]


class Trap:
    """A pickle of it makes a file when loaded."""

    def __reduce__(self):
        return (open, (os.environ["RECBOOK_TRAP"], "w"))


def test_a_pickle_is_not_loaded(run, tmp_path, monkeypatch):
    trap = tmp_path / "sprung"
    monkeypatch.setenv("RECBOOK_TRAP", str(trap))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        status, _, err = run(pickle.dumps(Trap(), protocol), name="mine.pkl")
        assert status == 2
        assert "not graded" in err
    assert not trap.exists()


def test_escapes_do_not_reach_the_terminal(run):
    _, _, err = run(file_of([*ROWS[:4], "3,20,\x1b[2Jgone\u202e"]))
    assert r"\x1b[2Jgone\u202e" in err
    assert "\x1b" not in err


def test_no_more_than_the_limit_is_read(run, tmp_path):
    big = tmp_path / "big.csv"
    with big.open("wb") as file:
        file.truncate(2**40)  # a terabyte, sparse
    status = main([str(big), "--answers", str(tmp_path / "answers.csv")])
    assert status == 2
    status, _, err = run(file_of(ROWS) + "\n" * LIMIT)
    assert status == 2
    assert "larger than 16 MiB" in err


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "is a folder"), ("nowhere.csv", "does not exist"), ("x\0y", "does not")],
)
def test_paths_that_are_no_file(tmp_path, answers, capsys, name, words):
    path = str(tmp_path / name) if name else str(tmp_path)
    assert main([path, "--answers", str(answers)]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path, answers, capsys):
    os.mkfifo(tmp_path / "pipe")
    assert main([str(tmp_path / "pipe"), "--answers", str(answers)]) == 2
    assert "no regular file" in capsys.readouterr().err
