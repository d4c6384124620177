"""Cells are changed in place: what Python's csv reads, and no other byte."""

import csv
import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbook._core.refusals import Refused
from recbook.lms.cells import Cells, replace_file

TEXTS = st.text("ab \"é,;\t\n\r'=", max_size=4)
ROWS = st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4)
FORMS = st.tuples(
    st.sampled_from(",;\t"),
    st.sampled_from(["\r\n", "\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["", "\ufeff"]),
)


def written(rows, form):
    delimiter, end, quoting, mark = form
    file = io.StringIO(newline="")
    how = {"delimiter": delimiter, "lineterminator": end, "quoting": quoting}
    csv.writer(file, **how).writerows([("h1", "h2", "h3"), *rows])
    return mark + file.getvalue()


def read(text, delimiter):
    text = io.StringIO(text.removeprefix("\ufeff"), newline="")
    return list(csv.reader(text, delimiter=delimiter))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("cells") / "table.csv"


@given(ROWS, FORMS, st.booleans(), TEXTS)
def test_one_cell_changes_and_no_other_byte(path, rows, form, ends, value):
    text = written(rows, form)
    text = text if ends else text.removesuffix(form[1])
    path.write_text(text, encoding="utf-8", newline="")
    cells = Cells(path)
    expected = read(text, form[0])
    assert [cells.values(row) for row in range(len(cells.rows))] == expected
    assert cells.changed() == text
    cells.put(1, 1, value)
    start, end = cells.rows[1][1]
    changed = cells.changed()
    assert changed.startswith(text[:start])
    assert changed.endswith(text[end:])
    expected[1][1] = value
    assert read(changed, form[0]) == expected


def test_a_cell_keeps_its_quotes_and_gets_those_that_it_needs(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('a,b\n"1",2\n3,4\n')
    cells = Cells(path)
    for place, value in ((0, "5"), (1, 'x, "y"')):
        cells.put(1, place, value)
    cells.put(2, 1, "7,50")
    assert cells.changed() == 'a,b\n"5","x, ""y"""\n3,"7,50"\n'


@pytest.mark.parametrize("text", ['a,b\n"1,2\n', 'a,b\n1,"2"3\n', '"'])
def test_an_open_quotation_mark_is_refused_with_its_line(tmp_path, text):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(Refused, match=r"line \d of .*t\.csv' is not CSV"):
        Cells(tmp_path / "t.csv")


def test_what_changed_meanwhile_is_not_written_over(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")
    cells = Cells(path)
    cells.put(1, 0, "9")
    path.write_text("a,b\n1,3\n")
    with pytest.raises(Refused, match="has changed since it was read"):
        cells.save()
    assert path.read_text() == "a,b\n1,3\n"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("old")
    path.chmod(0o640)
    replace_file(path, b"new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)
    monkeypatch.setattr(os, "replace", None)
    with pytest.raises(TypeError):
        replace_file(path, b"half")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["t.csv"]


def test_a_link_is_followed_to_a_class_list_and_nowhere_else(tmp_path):
    path, link = tmp_path / "t.csv", tmp_path / "link.csv"
    path.write_text("a,b\n1,2\n")
    link.symlink_to(path)
    cells = Cells(link)
    cells.put(1, 0, "9")
    cells.save()
    assert (path.read_text(), link.is_symlink()) == ("a,b\n9,2\n", True)
    replace_file(link, b"new")
    assert (path.read_text(), link.read_text()) == ("a,b\n9,2\n", "new")
