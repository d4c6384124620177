"""The rating table against plain loops, and everything that it refuses."""

import dataclasses
import datetime
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

import recbook
from recbook import Ratings


@st.composite
def frames(draw):
    """Draw a frame of ratings, each pair once, of whole or textual ids."""
    kind = draw(st.sampled_from([st.integers(-(2**40), 2**40), st.text(max_size=3)]))
    pairs = draw(st.lists(st.tuples(kind, kind), unique=True, max_size=20))
    number = st.floats(-10, 10)
    size = len(pairs)
    columns = {
        "user_id": [user for user, _ in pairs],
        "movie_id": [item for _, item in pairs],
        "rating": draw(st.lists(number, min_size=size, max_size=size)),
    }
    if draw(st.booleans()):
        # Whole numbers that read like dates are refused, which has its own test.
        second = st.integers(-(2**60), 2**60).filter(
            lambda second: not 19000101 <= second <= 21001231
        )
        columns["timestamp"] = draw(st.lists(second, min_size=size, max_size=size))
    return pd.DataFrame(columns)


def table(rows, **columns):
    """Build a frame of (user, item, rating) rows."""
    df = pd.DataFrame(rows, columns=["user_id", "movie_id", "rating"])
    return df.assign(**columns)


@given(frames())
def test_from_frame_holds_each_row(df):
    ratings = Ratings.from_frame(df)
    assert ratings.n_ratings == len(df)
    assert ratings.user_ids.tolist() == sorted(set(df["user_id"]))
    assert ratings.item_ids.tolist() == sorted(set(df["movie_id"]))
    for t, row in enumerate(df.to_dict("records")):
        assert ratings.user_ids[ratings.users[t]] == row["user_id"]
        assert ratings.item_ids[ratings.items[t]] == row["movie_id"]
        assert ratings.values[t] == row["rating"]
        if "timestamp" in row:
            assert ratings.timestamps[t] == row["timestamp"]
    assert (ratings.timestamps is None) == ("timestamp" not in df)


@given(frames())
def test_frame_round_trips(df):
    ratings = Ratings.from_frame(df)
    again = Ratings.from_frame(ratings.frame())
    for field in dataclasses.fields(Ratings):
        one, other = getattr(ratings, field.name), getattr(again, field.name)
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_array_equal(one, other)


@given(frames())
def test_csr_is_the_table(df):
    ratings = Ratings.from_frame(df)
    dense = np.zeros((ratings.n_users, ratings.n_items))
    for u, i, r in zip(ratings.users, ratings.items, ratings.values, strict=True):
        dense[u, i] = r
    assert isinstance(ratings.csr, sparse.csr_array)
    assert ratings.csr.dtype == np.float64
    assert ratings.csr.nnz == ratings.n_ratings  # a rating of 0 is stored too
    np.testing.assert_array_equal(ratings.csr.toarray(), dense)


def test_dtypes_and_derived_numbers(toy):
    assert (toy.users.dtype, toy.items.dtype) == (np.int32, np.int32)
    assert (toy.values.dtype, toy.timestamps.dtype) == (np.float64, np.int64)
    assert (toy.n_users, toy.n_items, toy.n_ratings) == (5, 6, 20)
    assert toy.density == 20 / 30
    assert repr(toy) == "Ratings(5 users × 6 items, 20 ratings, density 66.7%)"
    assert toy.csr is toy.csr


def test_arrays_are_frozen_copies():
    values = np.array([4.0])
    ratings = Ratings([0], [0], values, [7], ["Ann"], ["Up"])
    values[0] = 1.0
    assert ratings.values.tolist() == [4.0]
    for field in dataclasses.fields(Ratings):
        with pytest.raises(ValueError, match="read-only"):
            getattr(ratings, field.name)[:] = 0
    with pytest.raises(ValueError, match="read-only"):
        ratings.csr.data[:] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        ratings.values = values


@given(frames(), st.data())
def test_subset_keeps_order_and_code_spaces(df, data):
    ratings = Ratings.from_frame(df)
    flags = st.lists(st.booleans(), min_size=len(df), max_size=len(df))
    mask = np.array(data.draw(flags), dtype=bool)
    part = ratings.subset(mask)
    assert part.csr.shape == ratings.csr.shape
    np.testing.assert_array_equal(part.users, ratings.users[mask])
    np.testing.assert_array_equal(part.items, ratings.items[mask])
    np.testing.assert_array_equal(part.values, ratings.values[mask])
    assert (part.timestamps is None) == (ratings.timestamps is None)


@pytest.mark.parametrize("mask", [[0, 1], [True], [True] * 21, "all"])
def test_subset_refuses_what_is_no_mask(toy, mask):
    with pytest.raises(ValueError, match="mask must be 20 bools"):
        toy.subset(mask)


def test_empty_frame_is_legal():
    ratings = Ratings.from_frame(table([]))
    assert (ratings.n_users, ratings.n_ratings, ratings.density) == (0, 0, 0.0)
    assert ratings.csr.shape == (0, 0)
    assert ratings.timestamps is None
    assert len(ratings.frame()) == 0


def test_dates_become_seconds():
    dates = pd.to_datetime(["1970-01-02", "2000-01-01"])
    df = table([(1, 1, 3), (1, 2, 4)], timestamp=dates)
    # 1 day = 86,400 s; 2000-01-01 is day 10,957.
    assert Ratings.from_frame(df).timestamps.tolist() == [86_400, 946_684_800]
    there = dates.tz_localize("Asia/Shanghai")  # 8 hours ahead of UTC
    df = table([(1, 1, 3), (1, 2, 4)], timestamp=there)
    assert Ratings.from_frame(df).timestamps.tolist() == [57_600, 946_656_000]


TEXTS = {
    "days": (["1970-01-02", "2000-01-01"], 86_400),
    "with a time": (["1970-01-02T00:00:01", "2000-01-01 00:00:00.9"], 86_401),
    "with a zone": (["1970-01-02T00:00+08:00", "2000-01-01T00:00Z"], 57_600),
    "whole seconds": (["86400", "946684800"], 86_400),
}


@pytest.mark.parametrize("dtype", [object, "string", "category"])
@pytest.mark.parametrize(("texts", "first"), TEXTS.values(), ids=TEXTS)
def test_text_in_iso_form_is_a_date(texts, first, dtype):
    df = table([(1, 1, 3), (1, 2, 4)], timestamp=pd.Series(texts, dtype=dtype))
    assert Ratings.from_frame(df).timestamps.tolist() == [first, 946_684_800]


def test_dates_among_objects_are_dates():
    day = datetime.date(1970, 1, 2)
    noon = datetime.datetime(1970, 1, 2, 12, tzinfo=datetime.UTC)
    for one in (day, pd.Timestamp(day), np.datetime64(day)):
        column = pd.Series([one, one], dtype=object)
        df = table([(1, 1, 3), (1, 2, 4)], timestamp=column)
        assert Ratings.from_frame(df).timestamps.tolist() == [86_400, 86_400]
    column = pd.Series([noon, None], dtype=object)
    with pytest.raises(ValueError, match="row 1: None is not a date"):
        Ratings.from_frame(df.assign(timestamp=column))


@pytest.mark.parametrize("text", ["13.02.2024", "12/01/2023", "yesterday"])
def test_text_that_hides_the_day_is_refused_at_its_row(text):
    df = table([(1, 1, 3), (1, 2, 4)], timestamp=["2024-10-01", text])
    with pytest.raises(
        ValueError,
        match=r"'timestamp', row 1: .* is not a date in ISO form; say which is the "
        r"day, as in df\['timestamp'\] = pd.to_datetime\(df\['timestamp'\], format='%d",
    ):
        Ratings.from_frame(df)


def test_a_column_of_times_that_is_named_must_exist():
    df = table([(1, 1, 3)], timestamp=[7])
    with pytest.raises(ValueError, match=r"no column 'tmestamp'.*timestamp=\.\.\."):
        Ratings.from_frame(df, timestamp="tmestamp")
    assert Ratings.from_frame(df, timestamp=None).timestamps is None
    assert Ratings.from_frame(df.drop(columns="timestamp")).timestamps is None


def test_own_column_names_and_an_own_index():
    df = pd.DataFrame({"who": ["b", "a"], "what": [1, 1], "stars": ["4", "2.5"]})
    df.index = ["x", "y"]
    ratings = Ratings.from_frame(df, user="who", item="what", rating="stars")
    assert ratings.user_ids.tolist() == ["a", "b"]
    assert ratings.users.tolist() == [1, 0]
    assert ratings.values.tolist() == [4.0, 2.5]


@pytest.mark.parametrize(
    ("df", "message"),
    [
        (table([(1, 1, 3)]).drop(columns="rating"), "no column 'rating'.*rating="),
        (table([(1, 1, 3)]).drop(columns="movie_id"), "no column 'movie_id'.*item="),
        (table([(1, 1, 3), (1, 2, np.nan)]), "'rating', row 1: nan"),
        (table([(1, 1, np.inf)]), "'rating', row 0: inf"),
        (table([(1, 1, -np.inf)]), "'rating', row 0: -inf"),
        (table([(1, 1, 3), (1, 2, "four")]), "'rating', row 1: 'four'"),
        (table([(1, 1, None)]), "'rating', row 0: None"),
        (table([(1, np.nan, 3)]), "'movie_id', row 0: nan"),
        (table([("Ann", 1, 3), (None, 1, 3)]), "'user_id', row 1: (None|nan)"),
        (table([(np.inf, 1, 3)]), "'user_id', row 0: inf"),
        (table([(1.5, 1, 3), (np.inf, 1, 3)]), "'user_id', row 1: inf"),
        (
            table([(5, 7, 3), (5, 8, 3), (5, 7, 4)]),
            r"'user_id' and 'movie_id', rows 0 and 2: the pair \(5, 7\) stands twice",
        ),
        (table([(1, 1, 3)], timestamp=[np.nan]), "'timestamp', row 0: nan"),
        (table([(1, 1, 3)], timestamp=[np.inf]), "'timestamp', row 0: inf"),
        (table([(1, 1, 3)], timestamp=[0.5]), r"'timestamp', row 0: 0\.5"),
        (table([(1, 1, 3)], timestamp=[1e300]), r"'timestamp', row 0: 1e\+300"),
        (table([(1, 1, 3)], timestamp=[1e17]), r"'timestamp', row 0: 1e\+17"),
        (table([(1, 1, 3)], timestamp=[pd.NaT]), "'timestamp', row 0: NaT"),
        (
            pd.concat([table([(1, 1, 3)])] * 2, axis=1),
            "2 columns named 'user_id'",
        ),
        (
            pd.DataFrame(
                [[1, 1, 3, 7, 8]],
                columns=["user_id", "movie_id", "rating", "timestamp", "timestamp"],
            ),
            "2 columns named 'timestamp'",
        ),
    ],
)
def test_from_frame_names_column_row_and_value(df, message):
    with pytest.raises(ValueError, match=message):
        Ratings.from_frame(df)


def test_the_advice_on_a_repeated_pair_does_not_lead_into_a_leak():
    days = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-09-01"])
    log = table([(5, 7, 1), (5, 8, 1), (5, 7, 1)], timestamp=days)
    advice = "for stars keep the latest row; for a log of orders use recbook.Orders"
    with pytest.raises(ValueError, match=advice):
        Ratings.from_frame(log)
    # 7 was bought in January, so it is no discovery of September.
    names = {"customer": "user_id", "item": "movie_id", "time": "timestamp"}
    train, test = recbook.Orders.from_frame(log, **names).split(days[2])
    assert train.ratings().n_ratings == 2
    assert test.ratings().n_ratings == 1
    assert test.ratings(new_to=train).n_ratings == 0


DATES = pd.to_datetime(["2000-01-01", "2000-01-02"])
NO_NUMBERS = {  # what pandas and NumPy would convert to a number in silence
    "dates": DATES,
    "dates with a zone": DATES.tz_localize("UTC"),
    "spans of time": DATES - DATES[0],
    "periods": DATES.to_period("D"),
    "complex numbers": [3 + 4j, 1j],
    "dates among objects": np.array(list(DATES), dtype=object),
    "a span among objects": np.array([3, np.timedelta64(4, "s")], dtype=object),
    "lists": [[1], [2, 3]],
}


BOOLS = {
    "bools": [True, False],
    "bools that may be missing": pd.array([True, False], dtype="boolean"),
    "a bool among numbers": np.array([1, False], dtype=object),
    "a category of bools": pd.Categorical([True, False]),
}


@pytest.mark.parametrize("column", BOOLS.values(), ids=BOOLS)
def test_bools_are_ratings_of_one_and_zero_and_no_times(column):
    """A column such as liked was refused: True is not a finite number."""
    df = table([(1, 1, 3), (1, 2, 4)], rating=pd.Series(column))
    assert Ratings.from_frame(df).values.tolist() == [1.0, 0.0]
    for values in (column, pd.Series(column)):
        ratings = Ratings([0, 0], [0, 1], values, None, ["Ann"], [1, 2])
        assert ratings.values.tolist() == [1.0, 0.0]
    with pytest.raises(ValueError, match=r"'timestamp', row [01]: .*"):
        Ratings.from_frame(df.assign(timestamp=pd.Series(column)))
    with pytest.raises(ValueError, match="timestamps must be integers"):
        Ratings([0, 0], [0, 1], [3, 4], column, ["Ann"], [1, 2])
    gap = pd.array([True, None], dtype="boolean")
    with pytest.raises(ValueError, match="'rating', row 1: <NA> is not a finite num"):
        Ratings.from_frame(df.assign(rating=gap))


@pytest.mark.parametrize("column", NO_NUMBERS.values(), ids=NO_NUMBERS)
def test_what_is_no_number_is_no_rating(column):
    df = table([(1, 1, 3), (1, 2, 4)], rating=pd.Series(column))
    with pytest.raises(ValueError, match=r"'rating', row [01]: .* is not a finite num"):
        Ratings.from_frame(df)
    for values in (column, pd.Series(column)):
        with pytest.raises(
            ValueError, match=r"values\[[01]\] is .*, not a real number"
        ):
            Ratings([0, 0], [0, 1], values, None, ["Ann"], [1, 2])


@pytest.mark.parametrize("name", [name for name in NO_NUMBERS if name[:5] != "dates"])
def test_what_is_no_number_is_no_time(name):
    column = pd.Series(NO_NUMBERS[name])
    with pytest.raises(ValueError, match=r"'timestamp', row [01]: .*"):
        Ratings.from_frame(table([(1, 1, 3), (1, 2, 4)], timestamp=column))
    with pytest.raises(ValueError, match="timestamps must be integers"):
        Ratings([0, 0], [0, 1], [3, 4], column, ["Ann"], [1, 2])


@pytest.mark.parametrize("dtype", ["uint64", "UInt64"])
def test_a_time_beyond_64_bits_is_refused(dtype):
    times = pd.Series([7, 2**63], dtype=dtype)
    df = table([(1, 1, 3), (1, 2, 4)], timestamp=times)
    with pytest.raises(ValueError, match=f"'timestamp', row 1: {2**63}"):
        Ratings.from_frame(df)
    with pytest.raises(ValueError, match=rf"timestamps\[1\] is {2**63}"):
        Ratings([0, 0], [0, 1], [3, 4], times, ["Ann"], [1, 2])
    last = pd.Series([7, 2**63 - 1], dtype=dtype)
    kept = Ratings.from_frame(df.assign(timestamp=last)).timestamps
    assert kept.tolist() == [7, 2**63 - 1]


@pytest.mark.parametrize(
    "missing",
    [None, np.nan, np.inf, pd.NA, pd.NaT, np.datetime64("NaT")],
    ids=repr,
)
def test_a_missing_id_is_none(missing):
    df = pd.DataFrame({"user_id": [1, missing], "movie_id": 7, "rating": 3})
    with pytest.raises(ValueError, match=r"'user_id', row 1: .* is not an id"):
        Ratings.from_frame(df)
    ids = np.array([1, missing], dtype=object)
    with pytest.raises(ValueError, match=r"user_ids\[1\] is .*, not an id"):
        Ratings([0, 1], [0, 0], [3, 3], None, ids, [7])
    if isinstance(missing, float | np.datetime64):
        ids = np.array([missing, missing])
        with pytest.raises(ValueError, match=r"item_ids\[0\] is .*, not an id"):
            Ratings([0, 0], [0, 1], [3, 3], None, [7], ids)


@pytest.mark.parametrize("argument", [0, 1, 2, 3, 4, 5])
def test_masked_entries_are_refused(argument):
    arguments = [[0, 1], [0, 1], [4, 5], [7, 8], [1, 2], [1, 2]]
    arguments[argument] = np.ma.array(arguments[argument], mask=[False, True])
    name = dataclasses.fields(Ratings)[argument].name
    with pytest.raises(ValueError, match=f"{name} has masked entries"):
        Ratings(*arguments)
    arguments[argument].mask = np.ma.nomask
    assert Ratings(*arguments).n_ratings == 2


@pytest.mark.parametrize("df", [[1, 2], "log.csv", None])
def test_what_is_no_frame_is_named(df):
    with pytest.raises(TypeError, match=r"df must be a table .*, not"):
        Ratings.from_frame(df)


def test_the_frame_of_another_library_is_named_with_the_way_out():
    other = type("DataFrame", (), {"to_pandas": None, "__module__": "cudf.core"})
    with pytest.raises(TypeError, match=r"not cudf\.DataFrame; take df\.to_pandas\(\)"):
        Ratings.from_frame(other())


def test_an_id_that_may_change_is_none():
    df = pd.DataFrame({"user_id": [[1], [2]], "movie_id": 7, "rating": 3})
    with pytest.raises(ValueError, match=r"'user_id', row 0: \[1\] is not an id"):
        Ratings.from_frame(df)
    with pytest.raises(ValueError, match=r"user_ids\[0\] is {}, not an id"):
        Ratings([0], [0], [3], None, [{}], [7])


def test_rows_of_unequal_length_and_huge_ints_are_named():
    good = [[0, 1], [0, 0], [3, 3], [7, 8], [1, 2], [7]]
    for place, name in enumerate(["users", "items", None, "timestamps", "user_ids"]):
        if name:
            bad = [*good[:place], [[1], [2, 3]], *good[place + 1 :]]
            with pytest.raises(ValueError, match=f"{name} must be"):
                Ratings(*bad)
    huge = table([(1, 1, 3), (1, 2, 3)], rating=np.array([1, 10**400], dtype=object))
    with pytest.raises(ValueError, match=r"'rating', row 1: 10+ is not a finite"):
        Ratings.from_frame(huge)


def test_from_frame_names_the_row_by_its_label():
    df = table([(1, 1, 3), (1, 2, np.nan)]).set_index(pd.Index(["first", "second"]))
    with pytest.raises(ValueError, match="row 'second': nan"):
        Ratings.from_frame(df)


def test_nullable_columns():
    df = table([(1, 1, 3), (1, 2, 4)]).astype("Int64")
    assert Ratings.from_frame(df).values.tolist() == [3.0, 4.0]
    df.loc[1, "rating"] = pd.NA
    with pytest.raises(ValueError, match="'rating', row 1: <NA>"):
        Ratings.from_frame(df)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"users": [0, 2]}, r"users\[1\] is 2"),
        ({"items": [0]}, "items has 1 entries, but users has 2"),
        ({"values": [1.0]}, "values has 1 entries"),
        ({"timestamps": [1, 2, 3]}, "timestamps has 3 entries"),
        ({"values": [1.0, np.nan]}, r"values\[1\] is nan"),
        ({"values": ["one", 2]}, "values must be numbers"),
        ({"values": [[1.0, 2.0]]}, "values must be one-dimensional"),
        ({"timestamps": [0.5, 1.0]}, "timestamps must be integers"),
        ({"timestamps": [[1, 2]]}, "timestamps must be one-dimensional"),
        ({"user_ids": ["Ann", "Ann"]}, r"user_ids\[1\] is 'Ann', which stands there"),
        ({"item_ids": 7}, "item_ids must be one-dimensional"),
        ({"users": [1, 1], "items": [1, 1]}, "ratings 0 and 1 are both of users=1"),
    ],
)
def test_constructor_names_what_is_wrong(changed, message):
    good = {
        "users": [0, 1],
        "items": [0, 1],
        "values": [4, 5],
        "timestamps": None,
        "user_ids": ["Ann", "Bob"],
        "item_ids": ["Up", "Heat"],
    }
    Ratings(**good)
    with pytest.raises(ValueError, match=message):
        Ratings(**{**good, **changed})


def test_import_is_light():
    code = (
        "import time; start = time.perf_counter(); import recbook; "
        "seconds = time.perf_counter() - start; import sys; recbook.Ratings; "
        "heavy = {'pandas', 'tensorflow', 'matplotlib', 'numba'} & set(sys.modules); "
        "assert not heavy, heavy; assert seconds < 0.5, seconds"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_lazy_names_are_listed_and_unknown_ones_refused():
    assert {"Ratings", "check", "splits", "datasets", "UserKNN"} <= set(dir(recbook))
    assert recbook.ratings.Ratings is recbook.Ratings
    with pytest.raises(AttributeError, match="attribute Rating"):
        recbook.Rating  # noqa: B018


@given(frames(), st.data())
def test_codes_lead_back_to_their_ids(df, data):
    ratings = Ratings.from_frame(df)
    for of, known in (("user", ratings.user_ids), ("item", ratings.item_ids)):
        if not len(known):
            continue
        ids = data.draw(st.lists(st.sampled_from(known.tolist()), max_size=9))
        for given_ids in (ids, pd.Series(ids, dtype=object), tuple(ids)):
            codes = ratings.codes(given_ids, of)
            assert codes.dtype == np.int64
            assert known[codes].tolist() == ids
    assert ratings.codes(ratings.user_ids).tolist() == list(range(ratings.n_users))


def test_an_id_that_is_not_there_is_named_with_its_type():
    """Text and number are two ids: "7" was looked for among numbers, and 7 is one."""
    numbers = Ratings([0, 1], [0, 0], [3, 3], None, [7, 8], ["a"])
    texts = Ratings([0, 1], [0, 0], [3, 3], None, ["7", "007"], ["a"])
    assert numbers.codes(np.array([8])).tolist() == [1]
    with pytest.raises(
        ValueError, match=r"ids\[1\] is '7', .* whole numbers, such as 7"
    ):
        numbers.codes([7, "7"])
    with pytest.raises(
        ValueError, match=r"ids\[0\] is 7, .* ids are text, such as '7'"
    ):
        texts.codes([7])
    with pytest.raises(ValueError, match=r"ids\[0\] is 'b', which is no item_id"):
        texts.codes(["b"], of="item")
    for alone in ("7", 7):
        with pytest.raises(ValueError, match=rf"must be a list .* write \[{alone!r}\]"):
            texts.codes(alone)
    with pytest.raises(ValueError, match="flat list, got 2 dimensions"):
        numbers.codes(np.array([[7]]))
    with pytest.raises(ValueError, match="of must be 'user' or 'item', got 'film'"):
        numbers.codes([7], of="film")
