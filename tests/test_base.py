"""What all recommenders share: ranges of settings, and lists from scores."""

from fractions import Fraction

import numpy as np
import pytest

from recbook import NotFittedError, Ratings
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
