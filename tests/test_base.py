"""What all recommenders share: ranges of settings, and lists from scores."""

import itertools
import time
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from recbook import (
    EASE,
    EDLAE,
    SLIM,
    Ensemble,
    ImplicitALS,
    ItemKNN,
    NotFittedError,
    Popularity,
    Ratings,
    datasets,
    recommendations,
)
from recbook.base import COMMON, Range, Recommender, check_settings, count, ranges


class Fixed(Recommender):
    """Scores that stand in a table."""

    _ranges = {"shift": count(0)}

    def __init__(self, shift=0, reg=1.0):
        self.shift = shift
        self.reg = reg

    def fit(self, train):
        check_settings(self)
        self.shape_ = train.csr.shape
        return self

    def scores(self, users):
        table = np.arange(np.prod(self.shape_)).reshape(self.shape_)
        return np.roll(table, self.shift, axis=1)[users] % 7


@pytest.mark.parametrize("name", COMMON)
def test_a_range_refuses_what_it_says_is_outside(name):
    allowed = COMMON[name]
    assert isinstance(allowed, Range)
    for value in allowed.outside:
        with pytest.raises(ValueError, match=name):
            allowed.check(name, value)


@pytest.mark.parametrize("name", ["reg", "lr", "dropout"])
def test_numbers_that_no_kernel_takes_are_refused(name):
    """numba ends in an error of its own, for a Fraction."""
    with pytest.raises(
        ValueError, match=rf"{name} must be an int or a float, got Fraction\(1, 2\)"
    ):
        COMMON[name].check(name, Fraction(1, 2))
    for half in (0.5, np.float32(0.5), np.float64(0.5)):
        COMMON[name].check(name, half)


def test_a_class_adds_its_own_ranges_to_the_common_ones():
    assert ranges(Fixed) == {"shift": Fixed._ranges["shift"], "reg": COMMON["reg"]}

    class Narrow(Fixed):
        _ranges = {"reg": count(2)}

    assert ranges(Narrow)["reg"].outside == (1, 2.5, pytest.approx(np.nan, nan_ok=True))
    assert ranges(Narrow)["shift"] is Fixed._ranges["shift"]


def test_a_setting_without_a_range_is_named():
    class Open(Fixed):
        def __init__(self, momentum=0.9):
            self.momentum = momentum

    with pytest.raises(KeyError, match="momentum"):
        ranges(Open)


def test_settings_are_checked_in_their_order(toy):
    with pytest.raises(ValueError, match=r"shift must be .* got -1"):
        Fixed(shift=-1, reg=np.nan).fit(toy)
    with pytest.raises(ValueError, match=r"reg must be .* got nan"):
        Fixed(reg=np.nan).fit(toy)


def test_lists_against_a_loop(toy, monkeypatch):
    monkeypatch.setattr("recbook.base.recommender.BLOCK", 2)
    model = Fixed(shift=1).fit(toy)
    users = np.array([4, 0, 0, 2, 3])
    ranked = model.recommend(users, k=4, exclude=toy)
    scores = model.scores(np.arange(toy.n_users))
    for user, row in zip(users, ranked, strict=True):
        seen = toy.items[toy.users == user].tolist()
        left = [i for i in range(toy.n_items) if i not in seen]
        left.sort(key=lambda i: (-scores[user, i], i))
        assert row.tolist() == (left + [-1] * 4)[:4]


def test_an_id_is_told_its_code_where_the_table_is_known(toy):
    table = Ratings(toy.users, toy.items, toy.values, None, range(20, 25), range(6))
    model = Fixed().fit(table)
    with pytest.raises(
        ValueError, match=r"users\[0\] is 22, .* 22 is an id, whose code is 2"
    ):
        model.recommend([22], exclude=table)
    with pytest.raises(ValueError, match=r"codes are places in ratings\.user_ids"):
        model.recommend([22])


def test_before_fit_there_are_no_lists():
    with pytest.raises(NotFittedError, match="Fixed"):
        Fixed().recommend([0])


def test_what_is_excluded_has_the_models_shape(toy):
    model = Fixed().fit(toy)
    with pytest.raises(TypeError, match=r"exclude must be a recbook.Ratings"):
        model.recommend([0], exclude=toy.csr)
    other = Ratings([0], [0], [5.0], None, ["Ann"], ["Alien"])
    with pytest.raises(ValueError, match=r"exclude has \(1, 1\) .* \(5, 6\)"):
        model.recommend([0], exclude=other)


# Lists with ids ----------------------------------------------------------------------

ORDERS = pd.DataFrame(
    {
        "user_id": ["007", "007", "7", "7", "8", "9", "9", "9", "10", "10"],
        "movie_id": [30, 10, 10, 20, 20, 30, 10, 20, 40, 20],
        "rating": 1,
    }
)
NAMES = {10: "bread, white", 20: "butter", 30: "=jam"}  # 40 has no name
EXPLAINED = {
    "EASE": EASE(reg=1.0),
    "EDLAE": EDLAE(reg=1.0),
    "SLIM": SLIM(reg_l1=0.1, reg_l2=1.0),
    "ItemKNN": ItemKNN(2, "cosine", feedback="implicit"),
    "stars": ItemKNN(2, "cosine", center="mean", positive_only=False),
    "ImplicitALS": ImplicitALS(2, 5, reg=0.5),
    "Ensemble": Ensemble([EASE(reg=1.0), ImplicitALS(2, 5, reg=0.5), Popularity()]),
}


@pytest.fixture(scope="module")
def bought():
    """Customers with text as ids, products with numbers."""
    return Ratings.from_frame(ORDERS)


@pytest.mark.parametrize("model", EXPLAINED.values(), ids=EXPLAINED)
@pytest.mark.parametrize("exclude", [None, False])
def test_lists_with_ids_are_those_with_codes(bought, model, exclude, monkeypatch):
    monkeypatch.setattr("recbook.base.lists.BLOCK", 2)
    model = model.fit(bought)
    found = recommendations(model, bought, k=3, names=NAMES, exclude=exclude)
    assert list(found) == ["user_id", "rank", "item_id", "name", "score", "because"]
    rows = []
    scores = model.scores(np.arange(bought.n_users))
    for user in range(bought.n_users):
        left = bought if exclude is None else None
        listed = model.recommend([user], k=3, exclude=left)[0]
        own = sorted(bought.items[bought.users == user])
        for place, item in enumerate(listed[listed >= 0]):
            codes, added = model._reasons(user, np.array([item]))
            parts = dict(zip(codes.tolist(), added[:, 0], strict=True))
            assert set(parts) <= set(own)
            best = sorted((o for o in own if o != item), key=lambda o: -parts.get(o, 0))
            because = [
                NAMES.get(int(bought.item_ids[o]), str(bought.item_ids[o]))
                for o in best[:3]
                if parts.get(o, 0) > 0
            ]
            name = NAMES.get(int(bought.item_ids[item]), "40")
            who, what = bought.user_ids[user], bought.item_ids[item]
            score = scores[user, item]
            rows.append((who, place + 1, what, name, score, "; ".join(because)))
    expected = pd.DataFrame(rows, columns=list(found))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-12)


@pytest.mark.parametrize("name", ["EASE", "EDLAE", "SLIM", "ImplicitALS", "ItemKNN"])
def test_reasons_are_the_contributions_of_explain(bought, name):
    model = EXPLAINED[name].fit(bought)
    for user, item in itertools.product(range(5), range(4)):
        codes, added = model._reasons(user, np.array([item]))
        parts = dict(zip(codes.tolist(), added[:, 0].tolist(), strict=True))
        explanation = model.explain(user, item)
        total = explanation.base + explanation.contributions.sum()
        assert total == pytest.approx(explanation.prediction, abs=1e-12)
        assert explanation.prediction == pytest.approx(model.scores([user])[0, item])
        pairs = zip(explanation.codes, explanation.contributions, strict=True)
        for code, contribution in pairs:
            assert parts.pop(int(code)) == pytest.approx(contribution)
        assert not any(parts.values())  # of neighbours that were not chosen
        products = explanation.weights * explanation.ratings
        if name != "ItemKNN":
            np.testing.assert_allclose(explanation.contributions, products)
            sizes = np.abs(explanation.contributions)
            assert (np.diff(sizes) <= 1e-15).all()
        assert explanation.ids.tolist() == bought.item_ids[explanation.codes].tolist()


def test_the_reasons_of_an_ensemble_are_in_its_own_unit(bought):
    model = Ensemble([EASE(reg=1.0), Popularity()], weights=[2.0, 1.0]).fit(bought)
    ease = model.models_[0]
    codes, added = model._reasons(0, np.array([1, 3]))
    own, parts = ease._reasons(0, np.array([1, 3]))
    spread = ease.scores([0])[0].std()
    whole = np.zeros((4, 2))
    whole[own] = 2.0 * parts / spread
    np.testing.assert_allclose(added, whole[codes])
    assert whole.sum() == pytest.approx(added.sum())


def test_lists_by_hand(bought):
    """Short lists have fewer rows, and no place is filled with -1."""
    model = Popularity().fit(bought)  # 20: four, 10: three, 30: two, 40: one
    found = recommendations(model, bought, ["9", "007"], k=3, names=NAMES)
    assert found["user_id"].tolist() == ["9", "007", "007"]
    assert found["item_id"].tolist() == [40, 20, 40]
    assert found["rank"].tolist() == [1, 1, 2]
    assert found["name"].tolist() == ["40", "butter", "40"]
    assert found["score"].tolist() == [1, 4, 1]
    assert found["because"].tolist() == ["", "", ""]
    again = recommendations(model, bought, ["9"], k=2, exclude=False)
    assert again["item_id"].tolist() == [20, 10]
    assert recommendations(model, bought, [], k=2).shape == (0, 6)


def test_a_series_names_items_and_gaps_take_the_id(bought):
    model = EASE(reg=1.0).fit(bought)
    names = pd.Series(["bread, white", None], index=[10, 20])
    found = recommendations(model, bought, ["8"], names=names, reasons=False)
    assert dict(zip(found["item_id"], found["name"], strict=True)) == {
        10: "bread, white",
        30: "30",
        40: "40",
    }
    assert found["because"].tolist() == ["", "", ""]


def test_lists_refuse_with_the_way_out(bought):
    model = Popularity().fit(bought)
    wrong = [
        ({"ids": ["007", 7]}, ValueError, r"ids\[1\] is 7, which is no user_id"),
        ({"ids": "007"}, ValueError, r"write \['007'\]"),
        ({"names": {"10": "bread"}}, ValueError, "'10' there, 10 in ratings"),
        ({"names": ["bread"]}, TypeError, "names must be a dict or a Series"),
        ({"names": pd.Series("a", index=[10, 10])}, ValueError, "holds 10 twice"),
        ({"exclude": True}, TypeError, "exclude must be a recbook.Ratings"),
        ({"k": 0}, ValueError, "k must be"),
    ]
    for arguments, error, words in wrong:
        with pytest.raises(error, match=words):
            recommendations(model, bought, **arguments)
    with pytest.raises(NotFittedError):
        recommendations(EASE(), bought)
    with pytest.raises(TypeError, match=r"model must be a model of recbook .* not int"):
        recommendations(7, bought)
    with pytest.raises(ValueError, match=r"ratings has \(5, 6\) .* \(5, 4\)"):
        recommendations(model, datasets.load_toy())


@pytest.mark.slow
def test_lists_for_two_thousand_customers_are_quick():
    rng = np.random.default_rng(0)
    pairs = np.unique(rng.integers(0, 2000 * 3000, 80_000))
    who, what = np.divmod(pairs, 3000)
    log = Ratings(who, what, np.ones(len(who)), None, np.arange(2000), np.arange(3000))
    model = EASE().fit(log)
    start = time.perf_counter()
    found = recommendations(model, log)
    assert len(found) == 20_000
    assert time.perf_counter() - start < 5  # 0.4 s where nobody else works
