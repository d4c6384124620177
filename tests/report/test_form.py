"""The form behind "Your file": what it guesses, asks, says, and the report it makes."""

import gzip
import inspect
import json
import shlex
import tracemalloc

import numpy as np
import pytest

from recbook import report
from recbook._core import progress
from recbook.datasets import example_file
from recbook.orders.reading import read_cells
from recbook.report import options
from recbook.report.commands import main
from recbook.report.form import Form, calls, fields, opening
from recbook.report.form.contents import decimal_of, facts_of
from recbook.report.form.headings import guesses
from recbook.report.form.stages import overall
from recbook.report.form.words import LABELS, SLOTS, in_the_page

OWN = {  # what no file tells, and fewer resamplings than a reader would want
    "targeting": {"margin": "20", "cost": "0,60"},
    "customer_value": {"n_draws": "39"},
    "recommend": {"cuts": "2"},
}
FILES = {
    "recommend": {"orders": "orders.csv"},
    "customer_value": {"orders": "orders.csv"},
    "targeting": {"trial": "trial.csv", "everyone": "customers.csv"},
    "experiment": {"frame": "test.csv"},
    "off_policy": {"log": "banners.csv"},
}


def values_of(form):
    """What the fields hold as they are offered; JSON can carry them."""
    return {one["name"]: one["value"] for one in json.loads(json.dumps(form.fields()))}


def opened(job, **files):
    """A form with example files, by slot, and the values that it guesses."""
    form = Form(job)
    for slot, name in files.items():
        assert form.open(slot, name, example_file(name).read_bytes())["fine"]
    return form, values_of(form) | OWN.get(job, {})


def lines(*rows):
    return "\n".join(rows).encode()


# The report of the page is the command's ----------------------------------------------


@pytest.mark.parametrize("job", FILES)
def test_the_command_makes_the_files_of_the_page(job, tmp_path, monkeypatch):
    form, values = opened(job, **FILES[job])
    shares = []
    made = form.make(values, lambda share, words: shares.append(share))
    assert made["fine"], made
    assert not made["refused"]
    assert made["decision"] in made["html"].replace("&#x27;", "'")
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)
    assert len(shares) > 2 or not fields_with_bars(job)
    monkeypatch.chdir(example_file("orders.csv").parent)
    words = shlex.split(made["command"].replace("\\\n", ""))
    assert words[:4] == ["python", "-m", "recbook.report", job]
    assert main([*words[3:], "--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == set(made["files"])
    for name in ("list.csv", "numbers.json"):
        if name in made["files"]:
            assert (tmp_path / name).read_bytes() == made["files"][name], name


def fields_with_bars(job):
    return job in ("recommend", "customer_value", "targeting")


@pytest.mark.parametrize(
    ("job", "slot", "name"),
    [
        ("customer_value", "orders", "refused/three-weeks.csv"),
        ("experiment", "frame", "refused/visits.csv"),
    ],
)
def test_a_refusal_is_a_report(job, slot, name):
    form, values = opened(job, **{slot: name})
    made = form.make(values)
    assert made["fine"], made
    assert made["refused"]
    assert set(made["files"]) == {"report.html", "numbers.json"}


def test_the_receipt_is_that_of_the_orders_and_read_once():
    form, values = opened("customer_value", orders="orders.csv")
    rows = form.receipt(values)
    assert rows[0] == ["Read", "7,167", "67,986.80"]
    assert rows[1] == ["Read as Windows-1252, not UTF-8", "0", "0.00"]
    assert rows[-1][0] == "Kept"
    read = form._orders
    assert form.make(values | {"weeks": "400"})["refused"]
    assert form._orders is read
    assert form.receipt(values | {"customer": None}) == []
    assert Form("customer_value").receipt({}) == []
    assert Form("experiment").receipt({}) == []


# What is asked ------------------------------------------------------------------------


@pytest.mark.parametrize("job", FILES)
def test_each_argument_of_a_job_is_a_field_or_a_file(job):
    form = Form(job)
    slots, asked = form.slots(), form.fields()
    names = {one["name"] for one in [*slots, *asked]}
    known = set(inspect.signature(getattr(report, job)).parameters)
    assert known - options.PYTHON_ONLY <= names
    assert [one["needed"] for one in slots] == [True] + [False] * (len(slots) - 1)
    needed = [one["needed"] for one in asked]
    assert needed == sorted(needed, reverse=True)
    assert {one["name"] for one in asked if one["needed"]} == set(fields.needed(job))
    for one in [*slots, *asked]:
        assert one["help"].endswith(".")
        assert not {"DataFrame", "tuple", "bool", "('", "%%", ":ref:"} & set(
            one["help"].split()
        )
    for one in asked:
        assert one["label"] == LABELS[one["name"]]
        assert one["slot"] in {slot["name"] for slot in slots}
        assert not (one["needed"] and one["advanced"])
        assert set(one) == {"name", "label", "help", "kind", "slot", "needed", "value",
                            "choices", "advanced"}  # fmt: skip
    assert all(slot["label"] == SLOTS[slot["name"]] for slot in slots)


def test_a_page_makes_tables_of_fewer_pairs_and_says_so(monkeypatch):
    form, values = opened("recommend", orders="orders.csv")
    assert values["pairs"] is None
    monkeypatch.setattr(fields, "IN_PAGE", True)
    assert values_of(form)["pairs"] is None  # of 112 products
    monkeypatch.setattr(fields, "PAIRS", 50)
    assert values_of(form)["pairs"] == "50"
    given = calls.given("recommend", form._files, values_of(form))
    assert given["pairs"] == 50


def test_defaults_are_those_of_the_functions():
    known = inspect.signature(report.customer_value).parameters
    found = {one["name"]: one["value"] for one in Form("customer_value").fields()}
    assert int(found["weeks"]) == known["weeks"].default
    assert float(found["rate"]) == known["rate"].default
    assert found["margin"] is None


# Guesses ------------------------------------------------------------------------------


ORDERS = ["customer", "time", "item", "amount", "quantity", "order"]
SHOPS = [
    # English, German, French, Chinese; a price of one piece is no amount.
    ("customer_id,date,product_id,amount", "7,2026-01-31,A,1.50",
     ["customer_id", "date", "product_id", "amount", None, None]),
    ("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
     "5,A,Tea,2,2026-01-31,1.50,7,UK",
     ["CustomerID", "InvoiceDate", "StockCode", None, "Quantity", "InvoiceNo"]),
    ("Kundennummer;Bestelldatum;Artikelnr;Menge;Umsatz;Rechnungsnr",
     "007;31.01.2026;A;2;1,50;R7",
     ["Kundennummer", "Bestelldatum", "Artikelnr", "Umsatz", "Menge", "Rechnungsnr"]),
    ("Kunde;Datum;Artikelbezeichnung;Artikel-Nr.;Betrag", "007;31.01.2026;Tee;A;1,50",
     ["Kunde", "Datum", "Artikel-Nr.", "Betrag", None, None]),
    ("client;jour;produit;montant;quantité;commande", "7;31/01/2026;A;1,50;2;C7",
     ["client", "jour", "produit", "montant", "quantité", "commande"]),
    ("客户编号,日期,商品,金额,数量,订单号", "7,2026-01-31,A,1.50,2,5",
     ["客户编号", "日期", "商品", "金额", "数量", "订单号"]),
    ("order_no;customer_no;order_date;product;pieces;total", "5;7;31.01.2026;A;2;1,50",
     ["customer_no", "order_date", "product", "total", "pieces", "order_no"]),
    ("user_id\tsku\tcreated_at\tqty\trevenue", "7\tA\t2026-01-31T10:00\t2\t1.50",
     ["user_id", "created_at", "sku", "revenue", "qty", None]),
    ("buyer|item|when|price", "7|A|20260131|1.50",
     ["buyer", "when", "item", "price", None, None]),
    # Only the cells tell: one column of dates, one of numbers with decimals.
    ("a,b,c,d", "x7,2026-01-31,A,1.50", [None, "b", None, "d", None, None]),
    ("Customer Segment,Customer,Birthday,Date,Item Category,Item",
     "gold,7,1990-01-31,2026-01-31,Tea,A",
     ["Customer", "Date", "Item", None, None, None]),
    # As Shopify and Google Analytics export them.
    ("Email,Created at,Total,Lineitem quantity,Lineitem sku,Lineitem price",
     "7,2026-01-31,,2,A,1.50",
     ["Email", "Created at", "Lineitem sku", None, "Lineitem quantity", None]),
    ("Transaction ID,User ID,Date,Item name,Items purchased,Item revenue",
     "5,7,20260131,Tea,2,1.50",
     ["User ID", "Date", "Item name", "Item revenue", "Items purchased",
      "Transaction ID"]),
    ("member,visit_date,product_name", "7,2026-01-31,Tea",
     ["member", "visit_date", "product_name", None, None, None]),
]  # fmt: skip


def facts_in(text):
    return [facts_of(column) for column in read_cells(text).columns]


@pytest.mark.parametrize(("heading", "row", "expected"), SHOPS)
def test_columns_of_orders_are_guessed(heading, row, expected):
    again = row.replace("31.01", "05.02").replace("01-31", "02-05").replace("7", "8")
    found = guesses(ORDERS, facts_in(lines(heading, row, again)))
    assert list(found.values()) == expected


TRIALS = [
    ("targeting", "trial", "Kunde;Gruppe;Gekauft", ["1;Brief;ja", "2;Kontrolle;nein"],
     {"person": "Kunde", "group": ["Gruppe", "Brief"], "outcome": ["Gekauft", "ja"]}),
    ("experiment", "frame", "user_id,variant,converted,revenue,revenue_before",
     ["1,test,1,2.5,1.5", "2,control,0,0.0,2.5"],
     {"unit": "user_id", "group": ["variant", "test"], "outcome": ["converted", "1"],
      "before": "revenue_before"}),
    ("experiment", "frame", "客户,实验组,购买", ["1,A,是", "2,B,否"],
     {"unit": "客户", "group": ["实验组", "B"], "outcome": ["购买", "是"]}),
    ("experiment", "frame", "client,groupe,achat", ["1,envoi,oui", "2,rien,non"],
     {"unit": "client", "group": ["groupe", "envoi"], "outcome": ["achat", "oui"]}),
    # Yes of a control is no treatment, and one of several orders no yes.
    ("experiment", "frame", "Kunde;Kontrollgruppe;Umsatz", ["1;ja;3", "2;nein;5"],
     {"group": ["Kontrollgruppe", ""], "outcome": ["Umsatz", ""]}),
    ("experiment", "frame", "user,group,purchases", ["1,test,1", "2,control,2"],
     {"group": ["group", "test"], "outcome": ["purchases", ""]}),
    ("off_policy", "log", "segment,action,propensity,clicked",
     ["new,A,0.25,0", "old,B,0.75,1"],
     {"shown": "action", "chance": "propensity", "reward": ["clicked", "1"],
      "context": ["segment"]}),
    ("off_policy", "log", "Gerät;Anzeige;Wahrscheinlichkeit;Klick",
     ["Handy;A;0,25;nein", "Rechner;B;0,75;ja"],
     {"shown": "Anzeige", "chance": "Wahrscheinlichkeit", "reward": ["Klick", "ja"],
      "context": ["Gerät"], "decimal": ","}),
]  # fmt: skip


@pytest.mark.parametrize(("job", "slot", "heading", "rows", "expected"), TRIALS)
def test_labels_are_guessed_with_what_means_treated(job, slot, heading, rows, expected):
    form = Form(job)
    assert form.open(slot, "a.csv", lines(heading, *rows))["fine"]
    assert values_of(form) | expected == values_of(form)


def test_a_label_s_choices_come_from_the_cells_and_nothing_is_a_name():
    form, values = opened("targeting", trial="trial.csv")
    (group,) = (one for one in form.fields() if one["name"] == "group")
    assert set(group["choices"]["arm"]) == {"letter", "none"}  # no word for "missing"
    assert values["group"] == ["arm", "letter"]
    assert group["choices"]["spend"] == [""]  # the numbers themselves
    assert group["choices"]["customer"] == []  # 8,000 different ids


def test_consent_stands_with_those_who_may_be_written_to():
    form, values = opened("targeting", trial="trial.csv", everyone="customers.csv")
    (consent,) = (one for one in form.fields() if one["name"] == "consent")
    assert consent["slot"] == "everyone"
    assert values["consent"] == ["consent", "yes"]


def test_no_column_is_guessed_for_two_fields():
    form = Form("experiment")
    form.open(
        "frame", "a.csv", lines("customer", "1", "2").replace(b"customer", b"c,d")
    )
    for heading in ("customer,customer_id", "bought,arm", "test,test_2"):
        form.open("frame", "a.csv", lines(heading, "1,0", "2,1"))
        used = [v[0] if isinstance(v, list) else v for v in values_of(form).values()]
        used = [column for column in used if column in heading.split(",")]
        assert len(used) == len(set(used))


# Dates and decimal signs --------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "formats"),
    [
        (["05.01.2026", "31.01.2026"], ("%d.%m.%Y",)),
        (["05/01/2026", "31/01/2026"], ("%d/%m/%Y",)),
        (["01/05/2026", "01/31/2026"], ("%m/%d/%Y",)),
        (["05/01/2026", "06/02/2026"], ("%d/%m/%Y", "%m/%d/%Y")),
        (["1/5/26", "1/31/26"], ("%m/%d/%y",)),
        (["2026-01-05", "2026-01-31 18:30"], ("",)),
        (["20260105", "20260131"], ("%Y%m%d",)),
        (["2026/01/05", "2026/01/31"], ("%Y/%m/%d",)),
        (["05.01.2026", "05.01.2026 18:30"], ("%d.%m.%Y %H:%M",)),
        (["13/13/2026", "01/05/2026"], ()),
        (["7", "8"], ()),
    ],
)
def test_the_form_of_dates_is_found_in_them(days, formats):
    (facts, _) = facts_in(lines("day,x", *(f"{day},1" for day in days)))
    assert set(facts.formats) == set(formats)


def test_one_day_after_the_12th_among_thousands_tells():
    days = [
        f"{1 + k % 12:02}/{1 + k // 12 % 12:02}/{2000 + k // 144}" for k in range(9000)
    ]
    (facts, _) = facts_in(
        lines("day,x", *(f"{day},1" for day in [*days, "01/31/2026"]))
    )
    assert facts.formats == ("%m/%d/%Y",)


def test_days_that_can_be_read_in_two_ways_are_asked_for():
    form = Form("recommend")
    rows = [f"{k},0{1 + k % 9}/03/2026,A{k % 7},{k % 5}.5" for k in range(60)]
    form.open("orders", "a.csv", lines("customer,date,product,amount", *rows))
    (asked,) = (one for one in form.fields() if one["name"] == "date_format")
    assert asked["needed"]
    assert asked["value"] is None
    assert asked["choices"] == [
        "01/03/2026 is 1 March 2026",
        "01/03/2026 is 3 January 2026",
    ]
    values = values_of(form)
    made = form.make(values)
    assert (made["fine"], made["field"]) == (False, "date_format")
    assert "can be read in two ways" in made["sentence"]
    assert form.receipt(values) == []
    for choice, format_ in zip(asked["choices"], ["%d/%m/%Y", "%m/%d/%Y"], strict=True):
        given = calls.given("recommend", form._files, values | {"date_format": choice})
        assert given["date_format"] == format_
        assert form.receipt(values | {"date_format": choice})


@pytest.mark.parametrize(
    ("cells", "sign"),
    [
        (["1,50", "2"], ","),
        (["1.50", "2"], "."),
        (["1", "2"], "."),
        (["1.234,50", "7,00"], ","),
        (["1,234", "2,500"], None),  # a little over 1, or a thousand
        (["0,125", "0,250"], ","),
    ],
)
def test_the_decimal_sign_is_found_in_the_numbers(cells, sign):
    facts = facts_in(lines("x;who", *(f"{cell};a" for cell in cells)))
    assert decimal_of(facts) == sign


def test_a_decimal_sign_that_the_file_leaves_open_is_asked_for():
    form = Form("experiment")
    rows = [f"{k};{'AB'[k % 2]};{1 + k % 9},500" for k in range(50)]
    form.open("frame", "a.csv", lines("customer;arm;spent", *rows))
    values = values_of(form)
    made = form.make(values)
    assert made["field"] == "decimal"
    assert form.make(values | {"decimal": ","})["fine"]


# Files that are messy -----------------------------------------------------------------


GOOD = lines("customer;date;product;amount", *(
    f"{k % 40:03};{1 + k % 28:02}.{1 + k % 12:02}.2025;A{k % 9};{k % 5},50"
    for k in range(300)))  # fmt: skip


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (GOOD, "Cells separated by semicolons."),
        (b"\xef\xbb\xbf" + GOOD, "Cells separated by semicolons."),
        (GOOD.decode().encode("utf-16"), "Read as UTF-16, not UTF-8."),
        (GOOD.replace(b"A1;", "Tee für A1;".encode("cp1252")),
         "Read as Windows-1252, not UTF-8."),
        (GOOD.replace(b";", b"\t"), "Cells separated by tabs."),
        (b"sep=;\n" + GOOD, "Cells separated by semicolons."),
        (GOOD.replace(b"\n", b"\r\n"), "Cells separated by semicolons."),
        (GOOD + b"\n\n;;;\n", "Cells separated by semicolons."),
        (gzip.compress(GOOD), "Unpacked by gzip."),
        (GOOD.replace(b"A1;", b'"A;1\nblue";'), "Cells separated by semicolons."),
    ],
)  # fmt: skip
def test_messy_files_are_read_and_what_was_done_is_said(data, said):
    form = Form("recommend")
    found = form.open("orders", "a.csv", data)
    assert found["fine"], found
    assert found["rows"] == 300
    assert found["columns"] == ["customer", "date", "product", "amount"]
    assert said in found["said"]
    assert form.receipt(values_of(form))[0][:2] == ["Read", "300"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"customer;date\n", "There are no lines below the names of the columns."),
        (b"a\nb\nc\n", "The file has one column only, 'a'; export it with commas, "
         "semicolons or tabs between the cells."),
        (GOOD.replace(b"A3", b"A\0003", 1), "Line 5 of the file holds a NUL byte; "
         "export "
         "it again."),
        (b"PAR1xxxx", "The file is a Parquet file; export it as CSV."),
        (b"PK\x03\x04xx", "The file is a workbook or an archive, not text; save "
         "the sheet "
         "as CSV."),
        (b"Orders of May\n\n" + GOOD, "The names of the columns do not stand in the "
         "first "
         "line; delete the lines above them."),
        (b"Orders;;;\nMay;;Shop 1;\n" + GOOD, "The names of the columns do not stand "
         "in the first line; delete the lines above them."),
        (GOOD.replace(b"A3", b"A3;x", 1), "Line 5 has 5 cells, but the header has 4; "
         "put a "
         "cell that holds the separator into quotes."),
        (GOOD.replace(b"A3", b'"A3', 1), "Line 5: a quote (\") is not closed; write it "
         "twice within a cell."),
        (gzip.compress(GOOD)[:-20], "The file is compressed, and broken off; copy it "
         "again."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence(data, sentence):
    form = Form("recommend")
    assert form.open("orders", "a.csv", data) == {
        "fine": False, "sentence": sentence, "field": None,
    }  # fmt: skip
    assert form.make({})["sentence"] == 'Choose a file under "Your orders".'


def test_a_file_too_large_says_how_large_and_by_which_command(monkeypatch):
    monkeypatch.setattr(opening, "LARGEST", 5_000)
    form = Form("recommend")
    for data in (GOOD, gzip.compress(GOOD)):
        found = form.open("orders", "our orders.csv", data)
        assert found["sentence"].startswith("The file ")
        assert (
            "python -m recbook.report recommend 'our orders.csv' --customer COLUMN"
            in (found["sentence"])
        )


def test_what_a_file_unpacks_to_is_bounded(monkeypatch):
    monkeypatch.setattr(opening, "LARGEST", 1_000_000)
    bomb = gzip.compress(b"a;b\n" + b"0;0\n" * 10_000_000)
    tracemalloc.start()
    try:
        assert not Form("recommend").open("orders", "a.csv.gz", bomb)["fine"]
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_memory_that_does_not_suffice_is_said_with_the_command(monkeypatch):
    form, values = opened("customer_value", orders="orders.csv")

    def full(*_):
        raise MemoryError

    monkeypatch.setattr("recbook.report.form.panel.make_report", full)
    made = form.make(values)
    assert made["sentence"].startswith("The memory of this page does not suffice")
    assert "recbook.report customer_value orders.csv" in made["sentence"]
    assert "--customer customer_no" in made["sentence"]
    monkeypatch.setattr("recbook.report.form.panel.open_file", full)
    assert "does not suffice" in form.open("orders", "orders.csv", b"")["sentence"]


# Hostile cells ------------------------------------------------------------------------


HOSTILE = ['<img src=x onerror="x()">', "=1+1", "a\nb", "\u202eabc", "'; DROP TABLE"]


def test_a_name_is_text_in_preview_menus_report_and_list():
    rng = np.random.default_rng(0)
    named = [f'"{one.replace(chr(34), chr(34) * 2)}"' for one in HOSTILE]
    rows = [
        f"{named[k % 5] if k < 300 else rng.integers(60)};"
        f"{np.datetime64('2025-01-01') + int(rng.integers(300))};{named[k % 5]}"
        for k in range(1200)
    ]
    head = '"<b>customer</b>";date;product'
    form = Form("recommend")
    found = form.open("orders", "<i>a</i>.csv", lines(head, *rows))
    assert found["columns"][0] == "<b>customer</b>"
    assert HOSTILE[0] in {row[0] for row in found["preview"]}
    made = form.make(values_of(form) | {"cuts": "2", "k": "2"})
    assert made["fine"], made
    for page in (made["html"], made["files"]["report.html"].decode()):
        assert "<img src=x" not in page
        assert "<b>customer" not in page
        assert "<i>a" not in page
    assert "\n=1+1" not in made["files"]["list.csv"].decode("utf-8-sig")
    words = shlex.split(made["command"].replace("\\\n", ""))
    assert words[4] == "<i>a</i>.csv"
    assert words[words.index("--customer") + 1] == "<b>customer</b>"


# Errors in the words of the page ------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"unit": None}, "unit", "Unit is not given: choose or write it."),
        ({"share": "1,5"}, "share", "Planned share must be"),
        ({"share": "half"}, "share", "Planned share is 'half': write a number"),
        (
            {"looks": "1,000"},
            "looks",
            "which can be read in two ways: write 1000 or 1.0000",
        ),
        ({"looks": "1.000"}, "looks", "write 1000 or 1.0000"),
        ({"outcome": ["ordered", ""]}, "outcome", "'yes' in row 1 of the data, which"),
        ({"group": ["arm", "C"]}, "group", "Treated arm: the column 'arm' has no 'C'"),
        ({"before": "spent"}, None, ""),
        ({"decimal": "."}, "decimal", 'if it has decimal commas, choose "," under'),
        ({"denominator": "spent"}, "before", "adjusts a mean of units"),
    ],
)
def test_an_error_names_its_field(change, field, sentence):
    form, values = opened("experiment", frame="test.csv")
    made = form.make(values | change)
    assert made["fine"] == (field is None)
    if field:
        assert sentence in made["sentence"]
        assert made["field"] == field
        assert "=" not in made["sentence"].replace("==", "")


def test_a_chance_in_per_cent_is_told_how_to_be_written():
    form = Form("off_policy")
    rows = [f"{'AB'[k % 2]};50 %;{k % 3 % 2}" for k in range(60)]
    form.open("log", "a.csv", lines("banner;chance;click", *rows))
    made = form.make(values_of(form) | {"chance": "chance"})
    assert made["field"] == "chance"
    assert made["sentence"].endswith("no number: write shares as 0.25, not as 25 %.")


def test_dates_among_features_are_said_to_be_labels():
    data = example_file("trial.csv").read_bytes()
    said = Form("targeting").open("trial", "trial.csv", data)["said"]
    assert said[-1].startswith("'last_order' holds dates, and each is a label")


def test_three_arms_ask_for_the_control():
    form = Form("experiment")
    rows = [f"{k};{'ABC'[k % 3]};{k % 2}" for k in range(600)]
    form.open("frame", "a.csv", lines("customer;arm;bought", *rows))
    (control,) = (one for one in form.fields() if one["name"] == "control")
    assert not control["advanced"]
    assert control["needed"]
    assert control["choices"] == ["A", "B", "C"]
    values = values_of(form)
    made = form.make(values)
    assert made["field"] == "control"
    assert 'choose the control group under "Control arm"' in made["sentence"]
    made = form.make(values | {"control": "A"})
    assert made["fine"], made
    assert "--group arm=B=A" in made["command"]


TOTAL, DAY = "column 'total' (amount=), line 5:", "column 'day' (time=), line 2:"


@pytest.mark.parametrize(
    ("python", "page", "field"),
    [
        (
            f"{TOTAL} '1,5' is not a number with decimal='.'; give decimal=','",
            "The column 'total' (Amount), line 5: '1,5' is not a number with the "
            'decimal sign "."; choose "," under "Decimal sign".',
            "decimal",
        ),
        (
            f"{DAY} '5/1/26' is not in ISO form; say which is the day with "
            "date_format='%d/%m/%y' or date_format='%m/%d/%y'",
            "The column 'day' (Date), line 2: '5/1/26' is not in ISO form; choose how "
            'it is read under "How dates are read".',
            "date_format",
        ),
        (
            f"{TOTAL} the cell is empty; write the number there",
            "The column 'total' (Amount), line 5: the cell is empty; write the number "
            "there.",
            "amount",
        ),
        (
            "customer= and item= are both 'a'; name a column once",
            "Customer and Product are both 'a'; name a column once.",
            "customer",
        ),
        (
            "candidates holds 'A9', which is no item of the orders; give ids of "
            "orders.item_ids",
            "What may be recommended holds 'A9', which is no item of the orders; write "
            "ids of products that were ordered.",
            "candidates",
        ),
        (
            "group: the column 'arm' is missing in 2 of 3 rows, the first of them row "
            "0: fill it in",
            "Treated arm: the column 'arm' is missing in 2 of 3 rows, the first of "
            "them row 1 of the data: fill it in.",
            None,
        ),
        ("k must be at most 3", "Length of the lists must be at most 3.", "k"),
    ],
)
def test_python_s_words_become_those_of_the_page(python, page, field):
    names = calls.names_of("recommend")
    assert in_the_page(python, names) == (page, field)


# Progress -----------------------------------------------------------------------------


def test_who_listens_hears_bars_that_nobody_sees(capsys):
    heard = []
    with progress.heard(lambda share, words: heard.append((share, words))):
        assert list(progress.bar(range(4), "folds", disable=True)) == [0, 1, 2, 3]
    assert heard[0] == (0.0, "folds")
    assert heard[-1] == (1.0, "folds")
    assert list(progress.bar(range(2), "later")) == [0, 1]
    assert {words for _, words in heard} == {"folds"}
    assert capsys.readouterr() == ("", "")


def test_a_step_before_its_turn_is_not_the_whole():
    told = []
    hear = overall(
        "recommend", lambda share, words: told.append((round(share, 2), words))
    )
    hear(1.0, "lists")  # of one customer, to try the names
    hear(0.5, "settings at earlier cuts")
    hear(0.5, "lists")
    hear(0.1, "settings at earlier cuts")
    assert [share for share, _ in told] == [0.4, 0.8, 0.8]
