"""Tables of other libraries come in as they are: text, dates, long ids and gaps."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from recbook import Popularity, Ratings, datasets, metrics, similarity
from recbook._core.frames import as_frame
from recbook.marketing import attribution, lifetime, ope, uplift

LONG = 2**53 + 1  # the first whole number that a float rounds
DAY = datetime.date(2026, 3, 4)
NOON = datetime.datetime(2026, 3, 4, 12)
COLUMNS = {
    "id": ["007", "7"],
    "gap": ["a", None],
    "n": [LONG, 1],
    "some": [LONG, None],
    "euro": [1.5, None],
    "yes": [True, False],
    "known": [True, None],
    "day": [DAY, None],
    "time": [NOON, NOON],
    "nothing": [None, None],
}
FRAMES = {
    "polars": pl.DataFrame(COLUMNS),
    "a slice of polars": pl.DataFrame(COLUMNS).vstack(pl.DataFrame(COLUMNS))[:2],
    "arrow": pa.table(COLUMNS),
    "arrow in pieces": pa.concat_tables([pa.table(COLUMNS)[:1], pa.table(COLUMNS)[1:]]),
}


@pytest.mark.parametrize("table", FRAMES.values(), ids=FRAMES)
def test_each_column_of_another_library_keeps_its_kind(table):
    frame = as_frame("log", table)
    assert list(frame) == list(COLUMNS)
    assert frame["id"].tolist() == ["007", "7"]
    assert frame["n"].tolist() == [LONG, 1]
    assert frame["n"].dtype == np.int64
    assert (frame["some"].dtype, frame["some"][0]) == ("Int64", LONG)
    assert (frame["yes"].dtype, frame["known"].dtype) == (bool, "boolean")
    assert frame["euro"].dtype == np.float64
    assert pd.api.types.is_datetime64_dtype(frame["day"])
    assert frame["day"][0] == pd.Timestamp(DAY)
    assert frame["time"].tolist() == [pd.Timestamp(NOON)] * 2
    gaps = frame.isna()
    for name in ("gap", "some", "euro", "known", "day"):
        assert gaps[name].tolist() == [False, True], name
    assert gaps["nothing"].all()


@pytest.mark.parametrize("library", [pl.DataFrame, pa.table])
def test_a_zone_and_a_category_are_kept(library):
    there = pd.Timestamp("2026-03-04 23:30", tz="America/Los_Angeles")
    frame = as_frame("log", library({"time": [there.to_pydatetime()]}))
    assert frame["time"][0] == there
    assert frame["time"].dt.day.tolist() == [4]  # in UTC it is the 5th
    kinds = pa.table({"kind": pa.array(["tea", None]).dictionary_encode()})
    for table in (kinds, pl.DataFrame({"kind": ["tea", None]}).cast(pl.Categorical)):
        frame = as_frame("log", table)
        assert frame["kind"][0] == "tea"
        assert frame["kind"].isna().tolist() == [False, True]


def test_an_empty_table_keeps_its_columns():
    for table in (pl.DataFrame({"a": []}), pa.table({"a": []}), {"a": []}):
        assert as_frame("log", table).shape == (0, 1)


def test_dicts_are_columns_and_lists_are_rows():
    frame = as_frame("log", {"who": ["007"], "n": np.array([1])})
    assert frame.to_dict("list") == {"who": ["007"], "n": [1]}
    rows = as_frame("log", [{"who": "007", "n": 1}, {"who": "8", "n": 2}])
    assert rows.to_dict("list") == {"who": ["007", "8"], "n": [1, 2]}
    frame = pd.DataFrame({"a": [1]}, index=["x"])
    assert as_frame("log", frame) is frame


def test_columns_that_do_not_fit_together_are_named():
    with pytest.raises(ValueError, match=r"differ in length: \{'a': 1, 'b': 2\}"):
        as_frame("log", {"a": [1], "b": [1, 2]})
    one, other = pd.Series([1, 2], ["x", "y"]), pd.Series([1, 2], ["y", "x"])
    with pytest.raises(ValueError, match=r"log\['a'\] and log\['b'\] have different"):
        as_frame("log", {"a": one, "b": other})
    with pytest.raises(TypeError, match=r"log\['a'\] must be a column of values, not"):
        as_frame("log", {"a": "tea", "b": [1]})
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(ValueError, match="two columns of one name"):
        as_frame("log", twice)


SECRET = 424242
NO_TABLES = {
    "a lazy frame": (
        pl.DataFrame({"a": [SECRET]}).lazy(),
        r"polars\.Lazy.*collect\(\)",
    ),
    "a Series": (pd.Series([SECRET]), r"pandas\.Series; take log\.to_frame\(\)"),
    "an array": (np.array([[SECRET]]), r"numpy\.ndarray"),
    "a list": ([[SECRET]], "not list"),
    "text": ("log.csv", "not str"),
    "nothing": (None, "NoneType"),
}


@pytest.mark.parametrize(("table", "words"), NO_TABLES.values(), ids=NO_TABLES)
def test_what_is_no_table_is_named_and_never_printed(table, words):
    with pytest.raises(TypeError, match=rf"log must be a table .*{words}") as refusal:
        as_frame("log", table)
    assert str(SECRET) not in str(refusal.value)


@pytest.mark.parametrize("library", [pl.DataFrame, pa.table, dict])
def test_ratings_come_from_any_table(library):
    table = library({"user_id": ["007", "8"], "movie_id": [3, 3], "rating": [5.0, 4]})
    ratings = Ratings.from_frame(table)
    assert ratings.user_ids.tolist() == ["007", "8"]
    assert ratings.values.tolist() == [5, 4]


CALLS = {
    "recommend": lambda X: Popularity().fit(datasets.load_toy()).recommend(X),
    "codes": lambda X: datasets.load_toy().codes(X),
    "Ratings": lambda X: Ratings(X, X, X, None, [1], [2]),
    "BanditLog": lambda X: ope.BanditLog(X, X, X, X),
    "summary": lambda X: lifetime.summary(X, X),
    "TLearner": lambda X: uplift.TLearner().fit(X, [0, 1], [0, 1]),
    "average_effect": lambda X: uplift.average_effect(X, X),
    "policy": lambda X: ope.snips(ope.BanditLog([0, 0], [0, 1], [1, 0], [1, 1]), X),
    "rmse": lambda X: metrics.rmse(X, X),
    "cosine": lambda X: similarity.cosine(X),
    "spend": lambda X: uplift.spend(X, 1.0),
    "linear": lambda X: attribution.linear(X, [0, 1]),
    "to_dates": lambda X: lifetime.summary([1, 2], X),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_no_error_prints_the_rows_of_a_table(call):
    """ "X must be numbers, got" was followed by 60 rows of customers."""
    people = pd.DataFrame(
        {"name": ["Ann Secret", "Bob Secret"], "income": [SECRET] * 2}
    )
    with pytest.raises((ValueError, TypeError)) as refusal:
        call(people)
    assert "Secret" not in str(refusal.value)
    assert str(SECRET) not in str(refusal.value)
    assert "Cannot construct" not in str(refusal.value)  # pandas' own
