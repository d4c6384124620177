"""A reader's features as numbers: beside a plain loop, and what is refused."""

import datetime
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from estimators import Example, SettingsContract
from hypothesis import given, settings
from hypothesis import strategies as st

from recbook.marketing import features_of
from recbook.marketing.features import Features
from recbook.marketing.regression import Logistic

PEOPLE = pd.DataFrame(
    {
        "channel": ["web", "shop", None, "web"],
        "regular": [True, False, True, True],
        "orders": [3.0, np.nan, 1.0, 8.0],
        "size": pd.Categorical(["M", "L", "M", "M"]),
        "age": [30, 40, 50, 60],
    },
    index=["007", "008", "009", "010"],
)


class TestFeatures(SettingsContract):
    cases = [Example(lambda: Features(n_levels=3), lambda rng: {"frame": PEOPLE})]

    def learn(self, case, model):
        model.fit(PEOPLE)


def test_each_kind_of_column_by_hand():
    found = features_of(PEOPLE)
    assert found.index.tolist() == PEOPLE.index.tolist()
    assert (found.dtypes == np.float64).all()
    # The median of 3, 1 and 8 is 3.
    expected = {
        "channel=shop": [0, 1, 0, 0],
        "channel=web": [1, 0, 0, 1],
        "channel=missing": [0, 0, 1, 0],
        "regular=True": [1, 0, 1, 1],
        "orders": [3, 3, 1, 8],
        "orders missing": [0, 1, 0, 0],
        "size=L": [0, 1, 0, 0],
        "size=M": [1, 0, 1, 1],
        "age": [30, 40, 50, 60],
    }
    assert found.to_dict("list") == expected


WORDS = st.sampled_from(["a", "b", "c", "d", None])


@settings(max_examples=40)
@given(st.lists(WORDS, min_size=1, max_size=12), st.lists(WORDS), st.integers(1, 4))
def test_levels_beside_a_plain_loop(old, new, n_levels):
    counts = Counter(word for word in old if word is not None)
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    kept, rest = sorted(ranked[:n_levels]), ranked[n_levels:]
    if not counts or (rest and counts[ranked[0]] == 1):
        return
    names = [f"word={word}" for word in kept]
    names += ["word=other"] * bool(rest) + ["word=missing"] * (None in old)
    table = [
        [
            *(float(word == level) for level in kept),
            *([float(word is not None and word not in kept)] if rest else []),
            *([float(word is None)] if None in old else []),
        ]
        for word in new
    ]
    columns = [pd.DataFrame({"word": pd.Series(w, dtype=object)}) for w in (old, new)]
    found = features_of(columns[1], like=columns[0], n_levels=n_levels)
    assert list(found) == names
    assert found.to_numpy().tolist() == table


def test_others_get_the_columns_and_the_medians_of_those_in_the_trial():
    learnt = Features().fit(PEOPLE)
    new = (
        PEOPLE[PEOPLE.columns[::-1]].iloc[[0, 1]].assign(orders=np.nan, channel="fair")
    )
    for like in (PEOPLE, learnt):
        found = features_of(new, like=like)
        assert list(found) == learnt.names_ == list(features_of(PEOPLE))
        assert found["orders"].tolist() == [3, 3]
        assert found["orders missing"].tolist() == [1, 1]
        assert not found.filter(like="channel=").to_numpy().any()
        assert found["size=L"].tolist() == [0, 1]
    nobody = new.assign(channel=None, regular=pd.array([None, None], dtype="boolean"))
    found = features_of(nobody, like=PEOPLE)
    assert found["channel=missing"].tolist() == [1, 1]
    assert found["regular=True"].tolist() == [0, 0]


def of_polars():
    import polars  # here: the pages' Python has none

    values = PEOPLE.astype(object).where(PEOPLE.notna(), None)
    return polars.DataFrame(values.to_dict("list"))


DRESSES = {
    "polars": of_polars,
    "nullable": PEOPLE.convert_dtypes,
    "objects": lambda: PEOPLE.astype(object),
    "categories": lambda: PEOPLE.astype({"channel": "category"}),
}


@pytest.mark.parametrize("dress", DRESSES.values(), ids=DRESSES)
def test_the_same_table_in_another_dress_gives_the_same_numbers(dress):
    expected = features_of(PEOPLE)
    for found in (features_of(dress()), features_of(dress(), like=PEOPLE)):
        assert list(found) == list(expected)
        assert found.to_numpy().tolist() == expected.to_numpy().tolist()


def test_bools_that_may_be_missing_have_a_level_for_it():
    answers = pd.DataFrame({"yes": pd.array([True, None, False], dtype="boolean")})
    assert features_of(answers).to_dict("list") == {
        "yes=True": [1, 0, 0],
        "yes=missing": [0, 1, 0],
    }


def test_a_value_called_other_or_missing_is_counted_with_those():
    words = pd.DataFrame({"w": ["other", "other", "x", "y", "missing", None, "x"]})
    found = features_of(words, n_levels=2)  # "other" and "x" are the most frequent
    assert found["w=other"].tolist() == [1, 1, 0, 1, 1, 0, 0]
    assert found["w=missing"].tolist() == [0, 0, 0, 0, 0, 1, 0]
    found = features_of(words)
    assert found["w=missing"].tolist() == [0, 0, 0, 0, 1, 1, 0]


def test_columns_of_which_nothing_can_be_learnt_are_left_out_and_named():
    people = PEOPLE.assign(
        mail=["a@b", "c@d", "e@f", "g@h"], fax=np.nan, phone=pd.Series(dtype=object)
    )
    with pytest.warns(
        UserWarning, match="column 'mail', in which no text stands twice"
    ):
        learnt = Features(n_levels=3).fit(people)
    assert list(learnt.left_out_) == ["mail", "fax", "phone"]
    pd.testing.assert_frame_equal(learnt.transform(people), features_of(PEOPLE))
    with pytest.raises(
        ValueError, match="no column that could be a feature: column 'f"
    ):
        features_of(people[["fax"]])


DAY = datetime.date(2026, 3, 4)
REFUSED = {
    "dates": (
        [DAY] * 4,
        "'x' holds dates.*: give a number instead, such as days since",
    ),
    "times": (pd.to_datetime([DAY] * 4), "'x' holds dates"),
    "spans": (pd.to_timedelta([1, 2, 3, 4]), "'x' holds dates or spans"),
    "text of dates": (["2026-03-04"] * 4, "'x' holds dates"),
    "whole numbers": ([20260304] * 4, "'x', row '007': 20260304 reads like a date"),
    "infinity": ([1, 2, np.inf, 3], "'x', row '009' is infinite: leave it missing"),
}


@pytest.mark.parametrize(("column", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_feature_is_refused_with_the_way_out(column, words):
    with pytest.raises(ValueError, match=f"column {words}"):
        features_of(PEOPLE.assign(x=column))


def test_other_columns_and_other_kinds_are_named():
    with pytest.raises(
        ValueError, match="frame lacks 'age' and also has 'years': give"
    ):
        features_of(PEOPLE.rename(columns={"age": "years"}), like=PEOPLE)
    with pytest.raises(ValueError, match="'age' holds text, but fit saw numbers"):
        features_of(PEOPLE.assign(age="old"), like=PEOPLE)
    twice = pd.concat([PEOPLE, PEOPLE[["age"]]], axis=1)
    with pytest.raises(ValueError, match="two columns named 'age'"):
        features_of(twice)
    with pytest.raises(ValueError, match="two columns would be named 'age missing'"):
        features_of({"age": [1, None], "age missing": [0, 1]})
    with pytest.raises(ValueError, match="no rows"):
        features_of(PEOPLE[:0])
    with pytest.raises(TypeError, match=r"frame must be a table .*, not numpy"):
        features_of(np.ones((3, 2)))


def test_a_model_learns_from_them():
    X = features_of(PEOPLE)
    model = Logistic().fit(X, PEOPLE["regular"])
    assert model.predict(X).shape == (4,)
