"""Orders.read: what is recognised in a file, and what is asked for in one sentence."""

import gzip
import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from order_logs import ALL, NAMES, logs

from recbook import Orders

HEADER = "who;day;what;euros;n"
LINES = ["007;2026-01-05;tea;12.50;1", "008;2026-02-05;tea, green;3.00;2"]
MORE = {"amount": "euros", "quantity": "n"}


def text(*lines, header=HEADER):
    return "\n".join([header, *lines, ""])


def read(file, **arguments):
    data = file.encode() if isinstance(file, str) else file
    return Orders.read(data, **{**NAMES, **MORE, **arguments})


def test_a_file_of_each_kind_gives_the_same_log(tmp_path):
    file = text(*LINES)
    expected = read(file).frame()
    assert expected["customer"].tolist() == ["007", "008"]
    assert expected["item"].tolist() == ["tea", "tea, green"]
    assert expected["amount"].tolist() == [12.5, 3.0]
    comma = file.replace("tea, green", '"tea, green"').replace(";", ",")
    path = tmp_path / "orders.csv"
    path.write_text(file)
    for kind in (
        b"\xef\xbb\xbf" + file.encode(),  # a byte-order mark
        file.encode("utf-16"),
        (file + "\n" * 200).encode("utf-16-le"),
        (file + "\n" * 200).encode("utf-16-be"),
        file.replace("\n", "\r\n").encode(),
        file.replace("\n", "\r").encode(),
        file.replace(";", "\t").encode(),
        file.replace(";", "|").encode(),
        comma.encode(),
        f"sep=;\n{file}".encode(),  # Excel's own first line
        f"\n{file}\n\n;;;;\n\n".encode(),  # empty lines
        text(*(line + ";" for line in LINES)).encode(),  # a separator at the end
        file.replace(";", " ; ").encode(),
        path,
        str(path),
        path.open(),
        path.open("rb"),
        io.StringIO(file),
        io.BytesIO(file.encode()),
        memoryview(file.encode()),
    ):
        pd.testing.assert_frame_equal(
            Orders.read(kind, **NAMES, **MORE).frame(), expected
        )
        if hasattr(kind, "close"):
            kind.close()


def test_another_encoding_is_in_the_receipt():
    file = text(*LINES).replace("tea", "5 € Käse").encode("cp1252")
    orders = read(file)
    assert orders.item_ids.tolist() == ["5 € Käse", "5 € Käse, green"]
    assert orders.receipt.index.tolist() == [
        "read",
        "read as Windows-1252, not UTF-8",
        "kept",
    ]


def test_cells_are_data():
    file = text(
        '=1+1;2026-01-05;"tea; ""green""\nin a box";1;1',
        "-5;2026-01-06;<script>alert(1)</script>;1;1",
        "NA;2026-01-06;nobody bought this;1;1",
        '0070;2026-01-07;5" pipe;1;1',
    )
    orders = read(file)
    assert orders.frame()["customer"].tolist() == ["=1+1", "-5", "0070"]
    assert orders.frame()["item"].tolist() == [
        'tea; "green"\nin a box', "<script>alert(1)</script>", '5" pipe'
    ]  # fmt: skip


@given(log=logs(), sep=st.sampled_from(",;\t|"), decimal=st.sampled_from(".,"))
@settings(max_examples=15, deadline=None)
def test_a_file_is_read_as_its_table(log, sep, decimal):
    log = log.assign(euros=log["euros"] * 1000)
    file = io.StringIO()
    log.to_csv(file, sep=sep, decimal=decimal, date_format="%d.%m.%Y", index=False)
    arguments = {"decimal": decimal, "date_format": "%d.%m.%Y"}
    orders = Orders.read(file.getvalue().encode("utf-16"), **ALL, **arguments)
    expected = Orders.from_frame(log, **ALL)
    pd.testing.assert_frame_equal(orders.frame(), expected.frame())
    rows = orders.receipt.drop("read as UTF-16, not UTF-8")
    pd.testing.assert_frame_equal(rows, expected.receipt)


def test_decimal_commas_are_asked_for():
    file = text("007;2026-01-05;tea;1.234,50;1", "008;2026-02-05;cup;3,00;1")
    with pytest.raises(ValueError, match=r"line 2: '1.234,50' .* give decimal=','$"):
        read(file)
    assert read(file, decimal=",").frame()["amount"].tolist() == [1234.5, 3.0]
    with pytest.raises(ValueError, match=r"line 2: '12\.50' .*; give decimal='\.'$"):
        read(text(*LINES), decimal=",")
    with pytest.raises(ValueError, match="decimal"):
        read(file, decimal=";")


def test_a_line_is_numbered_as_an_editor_counts():
    file = text('007;2026-01-05;"tea\nin a\nbox";1;1', "", *LINES, "7;5.1.26;tea;1;1")
    with pytest.raises(ValueError, match=r"line 8: '5\.1\.26' is not in ISO form"):
        read(file)
    with pytest.raises(ValueError, match="line 4: 'x' is not a number"):
        read("sep=;\n" + text(LINES[0], "008;2026-02-05;tea;x;2"))


REFUSED = {
    "an empty file": (b"", "the file is empty"),
    "blank lines": (b"\n \n\n", "the file is empty"),
    "a header only": (HEADER, "no lines? below"),
    "a header and blank lines": (HEADER + "\n\n;;;;\n", "no lines? below"),
    "one column": (
        text(*LINES).replace(";", "~"),
        "one column only, 'who~day~what~euros~n'; name the separator with sep=",
    ),
    "another name": (
        text(*LINES, header="Who;day;what;euros;n"),
        "customer='who', but the file has no such column, only 'Who', 'day'",
    ),
    "a repeated name": (
        text(*LINES, header="who;who;day;what;euros;n"),
        "customer='who', but the file has 2 columns of this name",
    ),
    "lines above": (
        "Orders of 2026; all shops\n\n" + text(*LINES),
        "the names of the columns stand in line 3; delete the lines above it",
    ),
    "a line too long": (
        text(*LINES, "9;2026-01-05;tea;1;1;1"),
        "line 4 has 6 cells, but the header has 5; put a cell .* into quotes",
    ),
    "a first line too long": (
        text("9;2026-01-05;tea;1;1;x", *LINES),
        "line 2: 'x' is beyond the 5 columns of the header",
    ),
    "a line too short": (
        text(*LINES, "9;2026-01-05;tea"),
        r"column 'n' \(quantity=\), line 4: '' is empty",
    ),
    "a quote left open": (
        text('9;2026-01-05;"tea;1;1', *LINES),
        r'line 2: a quote \("\) is not closed; write it twice',
    ),
    "a quote that swallows lines": (
        text(LINES[0], '9;2026-01-05;"tea;1;1', LINES[1], '9;2026-01-05;"cup";1;1'),
        r'line 3: a quote \("\) is not closed; write it twice',
    ),
    "a NUL byte": (text(*LINES).replace("green", "\0"), "line 3 .* holds a NUL byte"),
    "a workbook": (
        b"PK\x03\x04" + bytes(90),
        "is a workbook .*; save the sheet as CSV",
    ),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + bytes(90), "save the sheet as CSV"),
    "a compressed file": (
        gzip.compress(text(*LINES).encode())[:-9],
        "compressed, and broken off; copy it again",
    ),
    "a Parquet file": (b"PAR1" + bytes(90), "give pandas.read_parquet"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(name):
    file, message = REFUSED[name]
    with pytest.raises(ValueError, match=message) as error:
        read(file)
    assert "\n" not in str(error.value)


def test_a_separator_is_checked():
    with pytest.raises(ValueError, match="sep=',' is not in the header"):
        read(text(*LINES), sep=",")
    with pytest.raises(ValueError, match="sep must be one character"):
        read(text(*LINES), sep=";;")
    assert len(read(text(*LINES).replace(";", "~"), sep="~")) == 2


def test_what_is_no_file_is_refused():
    with pytest.raises(TypeError, match="must be a path, a file or bytes, not int"):
        Orders.read(7, **NAMES)
    with pytest.raises(ValueError, match=r"give a path, or io\.StringIO\(text\)"):
        Orders.read(text(*LINES), **NAMES)
    with pytest.raises(FileNotFoundError):
        Orders.read("nobody/has/this.csv", **NAMES)


def test_usual_names_of_columns_need_not_be_said():
    orders = Orders.read(b"customer,date,product\n007,2026-01-05,tea\n")
    assert orders.frame()[["customer", "item"]].to_numpy().tolist() == [["007", "tea"]]
