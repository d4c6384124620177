"""A damaged file is refused by name and line, never read in part."""

import shutil

import pytest

from recbook import datasets


@pytest.mark.parametrize(
    ("name", "number", "line", "message"),
    [
        ("u.data", 3, "2\t1\t4\t9\t9", "5 fields where 4 belong"),
        ("u.data", 3, "2\t1\t4", "3 fields where 4 belong"),
        ("u.data", 1, "2 1 4 9", "1 fields where 4 belong"),
        ("u.data", 4, "", "1 fields where 4 belong"),
        ("u.data", 5, "3\t2\t6\t9", "rating is 6, not from 1 to 5"),
        ("u.data", 5, "3\t2\t0\t9", "rating is 0, not from 1 to 5"),
        ("u.data", 5, "3\t2\t4.5\t9", r"rating is '4\.5', not a whole number"),
        ("u.data", 10, "-1\t2\t4\t9", "user id is '-1', not a whole number"),
        ("u.data", 2, "1\t2\t3\tnan", "timestamp is 'nan', not a whole number"),
        ("u.data", 2, "5\t2\t3\t9", r"user id 5 is not in u\.user"),
        ("u.data", 2, "1\t6\t3\t9", r"item id 6 is not in u\.item"),
        ("u.data", 9, "1\t1\t3\t9", "user 1 and item 1 stand in a line above too"),
        ("u.data", 9, "1234567890\t1\t3\t9", "an id is too large"),
        ("u.item", 2, "2|Uphill", "2 fields where 8 belong"),
        ("u.item", 2, "2|Up|hill|4-Feb-1971|||0|0|1", "9 fields where 8 belong"),
        ("u.item", 2, "x|Uphill||||0|0|1", "id is 'x', not a whole number"),
        ("u.item", 2, "1|Uphill||||0|0|1", "id 1 stands above too"),
        ("u.item", 2, "2|Uphill||||0|0|2", "genre flag is '2', not 0 or 1"),
        ("u.item", 2, "2|U|1971-02-04|||0|0|1", "release date is '1971-02-04'"),
        ("u.item", 2, "2|U|30-Feb-1971|||0|0|1", "release date is '30-Feb-1971'"),
        ("u.item", 2, "2|U|01-Maj-1971|||0|0|1", "release date is '01-Maj-1971'"),
        ("u.item", 1, "1|\xe9\x83||||0|0|1", "'.x83' is not text in latin-1 or UTF-8"),
        ("u.user", 3, "3|7|M|student", "4 fields where 5 belong"),
        ("u.user", 3, "3|seven|M|student|1", "age is 'seven', not a whole number"),
        ("u.genre", 2, "Action|2", "number is '2', not 1"),
        ("u.genre", 2, "|1", "the genre has no name"),
        ("u.genre", 2, " |1", "the genre has no name"),
        ("u.genre", 2, "unknown|1", "genre 'unknown' stands above too"),
        ("u.genre", 2, "title|1", "genre 'title' is called like a column of films"),
    ],
)
@pytest.mark.parametrize("source", ["auto", "real"])
def test_a_bad_line_is_named(tiny, source, name, number, line, message):
    path = tiny / name
    lines = path.read_bytes().decode("latin-1").split("\n")
    lines[number - 1] = line
    path.write_bytes("\n".join(lines).encode("latin-1"))
    where = rf"{name}, line {number}: {message}.*RECBOOK_ML100K"
    with pytest.raises(ValueError, match=where):
        datasets.load_ml100k(source)


@pytest.mark.parametrize("name", ["u.data", "u.item", "u.user", "u.genre"])
def test_a_missing_file_is_named(tiny, name):
    (tiny / name).unlink()
    with pytest.raises(FileNotFoundError, match=rf"{name} is missing.*RECBOOK_ML100K"):
        datasets.load_ml100k()


@pytest.mark.parametrize("name", ["u.data", "u.item", "u.user", "u.genre"])
def test_an_empty_file_is_named(tiny, name):
    (tiny / name).write_bytes(b"")
    with pytest.raises(ValueError, match=f"{name}, line 1: the file is empty"):
        datasets.load_ml100k()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_an_unknown_encoding_is_named(tiny, encoding):
    text = (tiny / "u.item").read_bytes().decode("latin-1")
    (tiny / "u.item").write_bytes(text.encode(encoding))
    with pytest.raises(ValueError, match=r"u\.item, line 1: .* is not text"):
        datasets.load_ml100k()


def test_a_table_cut_between_two_lines_is_found(tiny):
    lines = (tiny / "u.data").read_bytes().splitlines(keepends=True)
    (tiny / "u.data").write_bytes(b"".join(lines[:6]))
    with pytest.raises(ValueError, match=r"u\.data ends at line 6, .* hold 10 lines"):
        datasets.load_ml100k()


def test_a_split_that_is_not_the_whole_is_found(tiny):
    movielens = datasets.load_ml100k()
    shutil.copy(tiny / "u2.test", tiny / "u3.test")
    with pytest.raises(ValueError, match=r"u3\.base and u3\.test hold 10 ratings"):
        movielens.fold(3)
    (tiny / "u4.test").unlink()
    with pytest.raises(FileNotFoundError, match=r"u4\.test is missing"):
        movielens.fold(4)


@pytest.mark.parametrize(
    ("name", "number", "line", "message"),
    [
        (
            "u3.base",
            2,
            "1\t2\t4\t172800",
            "rating of user 1 for item 2 is 4, but 3 in u",
        ),
        (
            "u3.test",
            1,
            "3\t2\t3\t432000",
            "rating of user 3 for item 2 is 3, but 2 in u",
        ),
        (
            "u3.test",
            2,
            "3\t5\t5\t9",
            "timestamp of user 3 for item 5 is 9, but 518400 i",
        ),
    ],
)
def test_a_split_of_other_values_than_the_whole_is_found(
    tiny, name, number, line, message
):
    lines = (tiny / name).read_text().splitlines()
    lines[number - 1] = line
    (tiny / name).write_text("\n".join(lines) + "\n")
    movielens = datasets.load_ml100k()
    with pytest.raises(ValueError, match=rf"{name}, line {number}: the {message}"):
        movielens.fold(3)


def test_halves_that_were_exchanged_are_found(tiny):
    (tiny / "u1.base").rename(tiny / "old")
    (tiny / "u1.test").rename(tiny / "u1.base")
    (tiny / "old").rename(tiny / "u1.test")
    movielens = datasets.load_ml100k()
    with pytest.raises(ValueError, match=r"u1\.base holds 2 ratings and u1\.test 8"):
        movielens.fold(1)


@pytest.mark.parametrize("source", ["auto", "real"])
def test_a_folder_that_is_not_there_is_named(fresh, monkeypatch, tmp_path, source):
    monkeypatch.setenv("RECBOOK_ML100K", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="nowhere is not a folder"):
        datasets.load_ml100k(source)
    archive = tmp_path / "ml-100k.zip"
    archive.write_bytes(b"")
    monkeypatch.setenv("RECBOOK_ML100K", str(archive))
    with pytest.raises(FileNotFoundError, match="is not a folder; unzip it"):
        datasets.load_ml100k(source)
