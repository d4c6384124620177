"""Each split is a partition in the code spaces of the whole, by its stated rule."""

import datetime
import inspect

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbook import Ratings, splits

SPLITTERS = {
    "holdout": lambda ratings: [splits.holdout(ratings)],
    "k_fold": lambda ratings: list(splits.k_fold(ratings, n_splits=2)),
    "by item": lambda ratings: [splits.stratified(ratings)],
    "by user": lambda ratings: [splits.stratified(ratings, ratio=0.3, by="user")],
    "leave_last_out": lambda ratings: [splits.leave_last_out(ratings)],
    "by_time": lambda ratings: [splits.by_time(ratings)],
    "at": lambda ratings: [splits.by_time(ratings, at=2)],
}


@st.composite
def tables(draw, min_size=2):
    """Draw a small table with many ties in time, and with users who rated nothing."""
    cells = st.tuples(st.integers(0, 4), st.integers(0, 5))
    pairs = draw(st.lists(cells, unique=True, min_size=min_size, max_size=20))
    times = st.lists(st.integers(0, 4), min_size=len(pairs), max_size=len(pairs))
    users, items = np.array(pairs, dtype=int).reshape(-1, 2).T
    values = np.arange(1.0, len(pairs) + 1)  # each rating another, to know it again
    return Ratings(users, items, values, draw(times), range(5), range(6))


def rows(ratings):
    """Return the ratings as tuples."""
    columns = (ratings.users, ratings.items, ratings.values, ratings.timestamps)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize("name", SPLITTERS)
@given(ratings=tables())
def test_the_halves_part_the_whole(name, ratings):
    for train, test in SPLITTERS[name](ratings):
        assert train.csr.shape == test.csr.shape == ratings.csr.shape
        assert train.item_ids.tolist() == ratings.item_ids.tolist()
        assert not set(rows(train)) & set(rows(test))
        order = {row: place for place, row in enumerate(rows(ratings))}
        for half in (train, test):
            places = [order[row] for row in rows(half)]
            assert places == sorted(places)
        assert train.n_ratings + test.n_ratings == ratings.n_ratings


@pytest.mark.parametrize("name", SPLITTERS)
def test_the_same_call_gives_the_same_halves(name, movielens):
    once, again = SPLITTERS[name](movielens.ratings), SPLITTERS[name](movielens.ratings)
    for (train, _), (same, _) in zip(once, again, strict=True):
        np.testing.assert_array_equal(train.users, same.users)
        np.testing.assert_array_equal(train.items, same.items)


@pytest.mark.parametrize(
    "split",
    [
        lambda ratings, seed: splits.holdout(ratings, seed=seed),
        lambda ratings, seed: next(splits.k_fold(ratings, seed=seed)),
        lambda ratings, seed: splits.stratified(ratings, seed=seed),
    ],
)
def test_another_seed_gives_other_halves(split, toy):
    draws = {tuple(rows(split(toy, seed)[1])) for seed in range(5)}
    assert len(draws) > 1


@given(tables(), st.floats(0.01, 0.99))
def test_holdout_keeps_its_share(ratings, ratio):
    train, _ = splits.holdout(ratings, ratio=ratio)
    assert train.n_ratings == round(ratio * ratings.n_ratings)


@given(tables(min_size=5), st.integers(2, 5))
def test_k_fold_tests_each_rating_once(ratings, n_splits):
    tests = [test for _, test in splits.k_fold(ratings, n_splits)]
    seen = sorted(row for test in tests for row in rows(test))
    assert seen == sorted(rows(ratings))
    sizes = [test.n_ratings for test in tests]
    assert max(sizes) - min(sizes) <= 1


@given(tables(), st.sampled_from(["item", "user"]), st.sampled_from([0.25, 0.5, 0.75]))
def test_stratified_takes_its_share_of_each_group(ratings, by, ratio):
    train, _ = splits.stratified(ratings, ratio=ratio, by=by)
    groups = {
        "item": (ratings.items, train.items),
        "user": (ratings.users, train.users),
    }
    whole, kept = groups[by]
    for code in range(6):
        assert (kept == code).sum() == round(ratio * (whole == code).sum())


def test_stratified_draws_each_rating_alike():
    # One item of 4 ratings, 3 in train: each rating is the test one in a quarter of
    # 2,000 draws, 500 give or take 5 standard errors of sqrt(2000 * 3/16) = 19.
    four = Ratings(range(4), [0] * 4, [1, 2, 3, 4], None, range(4), [0])
    drawn = [splits.stratified(four, seed=seed)[1].values[0] for seed in range(2000)]
    counts = np.bincount(np.array(drawn, dtype=int))[1:]
    assert np.abs(counts - 500).max() < 97


@given(tables())
def test_leave_last_out_takes_the_latest_and_of_these_the_last_row(ratings):
    _, test = splits.leave_last_out(ratings)
    expected = []
    for user in range(ratings.n_users):
        own = [row for row in rows(ratings) if row[0] == user]
        latest = [row for row in own if row[3] == max(row[3] for row in own)]
        if len(own) > 1:
            expected.append(latest[-1])
    assert sorted(rows(test)) == sorted(expected)


def test_leave_last_out_on_the_toy(toy):
    _, test = splits.leave_last_out(toy)
    # The last day of each: 5, 10, 13, 18, 20.
    assert test.timestamps.tolist() == [5, 10, 13, 18, 20]


@pytest.fixture(scope="module")
def dated():
    """Four purchases of 2024."""
    df = pd.DataFrame({"user_id": 1, "movie_id": range(4), "rating": range(1, 5)})
    days = ["2024-01-01", "2024-09-30 23:59:59", "2024-10-01", "2024-12-01"]
    return Ratings.from_frame(df.assign(timestamp=days))


@given(tables(), st.floats(0.01, 0.99))
def test_by_time_never_trains_on_the_moment_it_tests(ratings, ratio):
    train, test = splits.by_time(ratings, ratio=ratio)
    if train.n_ratings and test.n_ratings:
        assert train.timestamps.max() < test.timestamps.min()
    share = round(ratio * ratings.n_ratings)
    assert train.n_ratings <= share
    if test.n_ratings:  # the ties of one moment are all that is missing
        first = test.timestamps.min()
        assert train.n_ratings + (test.timestamps == first).sum() >= share


def test_by_time_on_the_toy(toy):
    train, test = splits.by_time(toy, ratio=0.75)  # 15 of 20 days
    assert train.timestamps.tolist() == list(range(1, 16))
    assert test.timestamps.tolist() == list(range(16, 21))
    train, test = splits.by_time(toy, at=3)
    assert train.timestamps.tolist() == [1, 2]


@pytest.mark.parametrize(
    "at",
    [
        "2024-10-01",
        "2024-10-01T00:00:00",
        "2024-10-01T02:00+02:00",
        datetime.date(2024, 10, 1),
        datetime.datetime(2024, 10, 1),
        pd.Timestamp("2024-10-01"),
        pd.Timestamp("2024-09-30T20:00-04:00"),
        np.datetime64("2024-10-01"),
        1_727_740_800,
    ],
    ids=repr,
)
def test_by_time_takes_a_date(dated, at):
    train, test = splits.by_time(dated, at=at)
    assert (train.values.tolist(), test.values.tolist()) == ([1, 2], [3, 4])


@pytest.mark.parametrize(
    "at",
    [
        *("01.10.2024", "10/01/2024", "soon", "", pd.NaT),
        *map(np.datetime64, ("NaT", "20000-01-01")),
    ],
    ids=repr,
)
def test_what_is_no_date_is_no_moment(dated, at):
    with pytest.raises(
        ValueError,
        match=r"at must be a finite number or a date in ISO form, such as '2024-10-01'",
    ):
        splits.by_time(dated, at=at)


def test_a_date_outside_of_the_times_is_no_split(toy, dated):
    with pytest.raises(
        ValueError,
        match=r"at is '2024-10-01', but ratings\.timestamps, read as seconds, are from "
        r"1970-01-01T00:00:01 to 1970-01-01T00:00:20; give a date between them, or, "
        r"where they are not seconds, one of their own numbers",
    ):
        splits.by_time(toy, at="2024-10-01")
    for outside in ("2024-01-01", "2024-12-02", "1.1e9"):
        with pytest.raises(ValueError, match=r"^at "):
            splits.by_time(dated, at=outside)
    assert splits.by_time(dated, at="2024-12-01")[1].n_ratings == 1


def test_by_time_gives_all_to_test_where_all_is_one_moment():
    tied = Ratings([0, 1], [0, 0], [1, 2], [9, 9], [0, 1], [0])
    train, test = splits.by_time(tied, ratio=0.5)
    assert (train.n_ratings, test.n_ratings) == (0, 2)


@pytest.mark.parametrize("name", [name for name in SPLITTERS if name != "k_fold"])
def test_an_empty_table_gives_two_empty_halves(name):
    empty = Ratings([], [], [], [], range(3), range(2))
    [(train, test)] = SPLITTERS[name](empty)
    assert train.csr.shape == test.csr.shape == (3, 2)


def test_real_ties(real):
    ratings = real.ratings
    last = np.zeros(ratings.n_users, dtype=np.int64)
    np.maximum.at(last, ratings.users, ratings.timestamps)
    at_last = np.bincount(ratings.users[ratings.timestamps == last[ratings.users]])
    assert (at_last > 1).sum() == 415
    _, test = splits.leave_last_out(ratings)
    np.testing.assert_array_equal(np.bincount(test.users), np.ones(ratings.n_users))


@pytest.mark.parametrize("ratio", [0, 1, -0.1, 1.5, np.nan, "half", None, True])
@pytest.mark.parametrize("name", ["holdout", "stratified", "by_time"])
def test_a_bad_ratio_is_named(name, ratio, toy):
    with pytest.raises(ValueError, match=r"ratio must be .*, got"):
        getattr(splits, name)(toy, ratio=ratio)


def test_other_bad_arguments_are_named(toy):
    timeless = Ratings([0], [0], [1], None, [0], [0])
    with pytest.raises(ValueError, match=r"by must be 'item' or 'user', got 'film'"):
        splits.stratified(toy, by="film")
    with pytest.raises(ValueError, match=r"n_splits must be .* at least 2, got 1"):
        splits.k_fold(toy, n_splits=1)  # at the call, not at the first fold
    with pytest.raises(ValueError, match=r"n_splits is 21, but .* only 20 ratings"):
        splits.k_fold(toy, n_splits=21)
    for split in (splits.leave_last_out, splits.by_time):
        with pytest.raises(ValueError, match=r"ratings\.timestamps is None"):
            split(timeless)
    with pytest.raises(ValueError, match="at must be a finite number, got nan"):
        splits.by_time(toy, at=np.nan)


@pytest.mark.parametrize(
    ("split", "defaults"),
    [
        (splits.holdout, {"ratio": 0.8, "seed": 0}),
        (splits.k_fold, {"n_splits": 5, "seed": 0}),
        (splits.stratified, {"ratio": 0.75, "by": "item", "seed": 42}),
        (splits.by_time, {"ratio": 0.8, "at": None}),
    ],
)
def test_defaults_are_the_documented_ones(split, defaults):
    parameters = inspect.signature(split).parameters.values()
    assert {p.name: p.default for p in parameters if p.name != "ratings"} == defaults


@pytest.mark.parametrize("name", SPLITTERS)
def test_what_is_no_table_is_named(name):
    for table in (None, [[0, 0, 5]]):
        with pytest.raises(TypeError, match=r"ratings must be a recbook\.Ratings, not"):
            list(SPLITTERS[name](table))


@pytest.mark.parametrize("name", ["holdout", "k_fold", "stratified"])
@pytest.mark.parametrize("seed", ["x", -1, 0.5, None])
def test_a_bad_seed_is_named(name, seed, toy):
    with pytest.raises(ValueError, match="seed must be an integer of at least 0, got"):
        getattr(splits, name)(toy, seed=seed)
