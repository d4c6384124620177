"""The choice over time against a plain loop, properties, and what it refuses."""

import numpy as np
import pandas as pd
import pytest

from recbook import EASE, Orders, Popularity, Ratings, datasets, evaluation
from recbook.base import Recommender
from recbook.evaluation import choice as choices


def log_of(rows):
    frame = pd.DataFrame(rows, columns=["customer", "item", "day"])
    return frame.assign(
        day=pd.Timestamp("2026-01-01") + pd.to_timedelta(frame["day"], "D")
    )


def orders_of(rows):
    return Orders.from_frame(log_of(rows), customer="customer", item="item", time="day")


def drawn(seed, n=400, n_customers=25, n_items=9, days=60):
    """Lines whose customers have tastes: each prefers three of the items."""
    rng = np.random.default_rng(seed)
    who = rng.integers(n_customers, size=n)
    what = (3 * (who % 3) + rng.integers(5, size=n)) % n_items
    when = rng.integers(days, size=n)
    lines = zip(who, what, when, strict=True)  # a pair counts once a day
    return sorted({(f"c{c:03}", f"i{i}", int(d)) for c, i, d in lines})


class Counts(Recommender):
    """Scores items by how often a column of train's pairs holds them, to a power."""

    _ranges = {}

    def __init__(self, sign=1.0):
        self.sign = sign

    def fit(self, train):
        self.shape_ = train.csr.shape
        self.counts_ = self.sign * np.bincount(train.items, train.values, train.n_items)
        return self

    def scores(self, users):
        return np.tile(self.counts_, (len(users), 1))


def oracle(rows, cuts, end, sign, k):
    """{kind: {customer: nDCG}} of Counts for the window from cuts[-1], by loops."""
    before = [(c, i) for c, i, d in rows if d < cuts[-1]]
    after = {(c, i) for c, i, d in rows if cuts[-1] <= d < end}
    found = {"discoveries": {}, "repurchases": {}}
    items = sorted({i for _, i, _ in rows})
    for kind, values in found.items():
        for customer in sorted({c for c, _ in before}):
            own = {i for c, i in before if c == customer}
            sold = {i for _, i in before}
            bought = {i for c, i in after if c == customer}
            can = sold - own if kind == "discoveries" else own
            want = bought - own if kind == "discoveries" else bought & own
            if not want:
                continue
            score = {i: sign * sum(j == i for _, j in before) for i in can}
            ranked = sorted(can, key=lambda i: (-score[i], items.index(i)))[:k]
            gain = sum(1 / np.log2(r + 2) for r, i in enumerate(ranked) if i in want)
            ideal = sum(1 / np.log2(r + 2) for r in range(min(k, len(want))))
            values[customer] = gain / ideal
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_table_is_that_of_a_plain_loop(seed):
    rows = drawn(seed)
    cuts = ["2026-02-01", "2026-02-15"]  # days 31 and 45
    models = {"counts": [lambda: Counts(-1.0), lambda: Counts(1.0)]}
    choice = evaluation.choose(models, orders_of(rows), cuts, k=3)
    for kind in choices.KINDS:
        early = {s: oracle(rows, [31], 45, s, 3)[kind] for s in (-1.0, 1.0)}
        means = {s: np.mean(list(values.values())) for s, values in early.items()}
        shown = choice.earlier[
            (choice.earlier["kind"] == kind) & (choice.earlier["model"] == "counts")
        ]
        assert shown["mean"].tolist() == pytest.approx([means[-1.0], means[1.0]])
        sign = max(means, key=means.get)
        late = list(oracle(rows, [45], 99, sign, 3)[kind].values())
        row = choice.table.query(
            f"kind == '{kind}' and model == 'counts' and metric == 'ndcg'"
        ).iloc[0]
        assert row["settings"] == repr(Counts(sign))
        assert row["n"] == len(late)
        assert row["mean"] == pytest.approx(np.mean(late))
        assert row["standard_error"] == pytest.approx(
            np.std(late, ddof=1) / np.sqrt(len(late))
        )


def test_the_difference_is_paired_over_the_same_customers():
    orders = orders_of(drawn(5))
    choice = evaluation.choose({"EASE": lambda: EASE(reg=3.0)}, orders, 2, k=3)
    means = choice.table[choice.table["metric"] == "ndcg"].set_index(["kind", "model"])
    for _, row in choice.tests.iterrows():
        gap = means["mean"][row.kind, row.model] - means["mean"][row.kind, row.against]
        assert row.difference == pytest.approx(gap)
        assert row.low <= row.difference <= row.high
        assert row.n == means["n"][row.kind, row.model]
    assert set(choice.tests["against"][choice.tests["kind"] == "repurchases"]) == {
        "popularity",
        "bought before",
    }


def test_the_baselines_are_popularity_and_a_customers_own_counts():
    users, items, times = [0, 0, 1, 2], [0, 2, 2, 1], [1.0, 3.0, 1.0, 1.0]
    train = Ratings(users, items, times, None, list("abc"), list("xyz"))
    popularity = choices.baseline("popularity", train)
    assert popularity([0, 1]).tolist() == [[1.0, 1.0, 2.0]] * 2
    assert Popularity().fit(train).scores([0]).tolist() == popularity([0]).tolist()
    # counts 1, 0, 3 and popularity 1, 1, 2 divided by 3, so below one purchase
    own = choices.baseline("bought before", train)([0])
    assert own[0].tolist() == pytest.approx([1 + 1 / 3, 1 / 3, 3 + 2 / 3])


def test_one_comparison_of_each_kind_was_decided_before():
    orders = orders_of(drawn(5))
    models = {"EASE": lambda: EASE(reg=3.0), "counts": Counts}
    choice = evaluation.choose(models, orders, 3, k=3)
    for kind, name in choice.chosen.items():
        marked = choice.tests[
            choice.tests["confirmatory"] & (choice.tests.kind == kind)
        ]
        if name == choices.TO_BEAT[kind]:
            assert marked.empty
            assert choice.test(kind) is None
            assert not choice.better(kind)
        else:
            assert marked["model"].tolist() == [name]
            assert marked["against"].tolist() == [choices.TO_BEAT[kind]]
        pooled = choice.earlier[choice.earlier.kind == kind].assign(
            total=lambda frame: frame["mean"] * frame["n"]
        )
        pooled = pooled.groupby("model")[["total", "n"]].sum()
        assert (pooled["total"] / pooled["n"]).idxmax() == name


def test_the_order_of_lines_and_of_customers_changes_nothing():
    rows = drawn(7)
    first = evaluation.choose({"EASE": lambda: EASE(reg=3.0)}, orders_of(rows), 2, k=3)
    mixed = [rows[place] for place in np.random.default_rng(0).permutation(len(rows))]
    again = evaluation.choose({"EASE": lambda: EASE(reg=3.0)}, orders_of(mixed), 2, k=3)
    pd.testing.assert_frame_equal(first.table, again.table)
    pd.testing.assert_frame_equal(first.tests, again.tests)
    renamed = [(f"c{999 - int(c[1:]):03}", i, d) for c, i, d in rows]  # codes reversed
    other = evaluation.choose(
        {"EASE": lambda: EASE(reg=3.0)}, orders_of(renamed), 2, k=3
    )
    pd.testing.assert_frame_equal(first.table, other.table)


def test_no_model_sees_what_comes_after_a_cut():
    rows, seen = drawn(8), []

    class Spy(Counts):
        def fit(self, train):
            seen.append(train)
            return super().fit(train)

    orders = orders_of(rows)
    cuts = ["2026-01-25", "2026-02-10", "2026-02-20"]
    evaluation.choose({"spy": Spy}, orders, cuts, k=3)
    days = (24, 40, 50)
    assert len(seen) == 3  # the last window is opened once
    for train, day in zip(seen, days, strict=True):
        assert train.values.sum() == sum(d < day for _, _, d in rows)
        moment = pd.Timestamp("2026-01-01") + pd.Timedelta(days=day)
        assert train.timestamps.max() < moment.timestamp()
    # And what is bought after the last cut changes no choice.
    kept = evaluation.choose({"spy": Spy, "EASE": lambda: EASE(3.0)}, orders, cuts, k=3)
    rng = np.random.default_rng(3)
    later = [(c, f"i{rng.integers(9)}" if d >= 50 else i, d) for c, i, d in rows]
    moved = evaluation.choose(
        {"spy": Spy, "EASE": lambda: EASE(3.0)}, orders_of(later), cuts, k=3
    )
    assert kept.chosen == moved.chosen
    pd.testing.assert_frame_equal(kept.earlier, moved.earlier)


def test_windows_follow_each_other_and_end_with_the_log():
    orders = orders_of(drawn(9, days=80))
    dates = choices.cut_dates(orders, 4)
    assert [str(date.date()) for date in dates] == [
        # 80 days: half of them in four windows of ten
        "2026-02-10", "2026-02-20", "2026-03-02", "2026-03-12", "2026-03-22",
    ]  # fmt: skip
    window = choices.windows_of(orders, dates)[1]
    both = {}
    for kind in choices.KINDS:
        pairs = window.relevant[kind].tocoo()
        both[kind] = set(zip(window.users[kind][pairs.row], pairs.col, strict=True))
    before, rest = orders.split(dates[1])
    after = rest.split(dates[2])[0]
    new = after.ratings(new_to=before)
    known = set(before.ratings().users.tolist())
    expected = {
        (u, i) for u, i in zip(new.users.tolist(), new.items.tolist(), strict=True)
        if u in known
    }  # fmt: skip
    assert both["discoveries"] == expected
    assert len(both["repurchases"]) == after.ratings().n_ratings - new.n_ratings


def test_a_window_weighs_as_much_as_it_has_customers():
    earlier = pd.DataFrame(
        [("discoveries", "EASE", s, cut, mean, n) for s, cut, mean, n in (
            (0, 1, 0.5, 10), (0, 2, 0.1, 90), (1, 1, 0.2, 10), (1, 2, 0.2, 90))],
        columns=["kind", "model", "setting", "cut", "mean", "n"],
    )  # fmt: skip
    # (5 + 9) / 100 against (2 + 18) / 100, though the plain means are .3 and .2
    assert choices._best(earlier) == {"discoveries": {"EASE": (1, pytest.approx(0.2))}}


def test_what_is_not_sold_before_a_cut_can_be_in_no_list():
    rows = [("a", "x", 0), ("b", "y", 1), ("a", "y", 12), ("b", "x", 13)]
    rows += [("a", "z", 25), ("b", "z", 26), ("a", "x", 27)]
    orders = orders_of(rows)
    first, last = choices.windows_of(
        orders, choices.cut_dates(orders, ["2026-01-11", "2026-01-21"])
    )
    for window in (first, last):
        assert window.allowed.tolist() == [True, True, False]
    assert last.relevant["discoveries"].indices.tolist() == [2, 2]  # and so missed
    found = choices.lists(choices.baseline("popularity", last.train), last, 3)
    assert (found["discoveries"] == -1).all()


def test_candidates_restrict_the_lists():
    rows = drawn(11)
    orders = orders_of(rows)
    dates = choices.cut_dates(orders, 2)
    chosen = ["i1", "i2", "i3"]
    by_ids = choices.windows_of(orders, dates, chosen)[0]
    by_rule = choices.windows_of(orders, dates, lambda before: chosen)[0]
    whole = choices.windows_of(orders, dates)[0]
    assert by_ids.allowed.tolist() == by_rule.allowed.tolist()
    assert np.flatnonzero(by_ids.allowed).tolist() == [1, 2, 3]
    # A list says what counts, a rule only what can be found.
    assert set(by_ids.relevant["discoveries"].indices) <= {1, 2, 3}
    assert by_rule.relevant["discoveries"].nnz == whole.relevant["discoveries"].nnz
    lists = choices.lists(choices.baseline("popularity", whole.train), by_rule, 5)
    for kind in choices.KINDS:
        assert set(np.unique(lists[kind])) <= {-1, 1, 2, 3}


def test_new_customers_are_counted_and_not_measured():
    rows = [("old", "a", 0), ("older", "b", 0), ("old", "c", 1), ("older", "c", 2)]
    rows += [("old", "b", 15), ("older", "a", 15), ("new", "a", 15)]
    rows += [("old", "d", 21), ("older", "d", 21), ("new", "a", 30)]
    orders = orders_of(rows)
    choice = evaluation.choose({"c": Counts}, orders, ["2026-01-11", "2026-01-20"], k=2)
    assert choice.cuts["customers"].tolist() == [3, 3]
    assert choice.cuts["new"].tolist() == [1, 0]
    assert choice.cuts["discoveries"].tolist() == [2, 2]
    assert list(choice.chosen) == ["discoveries"]  # nobody buys again twice
    with pytest.raises(ValueError, match="kind"):
        choice.test("repurchases")


REFUSED = {
    "models must be": ({}, 2),
    "models has 'popularity'": ({"popularity": Counts}, 2),
    "is 3; give a factory": ({"a": 3}, 2),
    r"models\['a'\] is \[\]; give": ({"a": []}, 2),
    "cuts must be an integer of at least 2, got 1": ({"a": Counts}, 1),
    "cuts=40, but the log covers 60 days": ({"a": Counts}, 40),
    "at least 2 dates, got 1": ({"a": Counts}, ["2026-02-01"]),
    "must be a number of cuts or a list": ({"a": Counts}, "2026-02-01"),
    r"cuts\[1\] must be a date such as '2026-10-01', got 'soon'": (
        {"a": Counts},
        ["2026-02-01", "soon"],
    ),
    r"2026-03-01; cuts\[1\] does not": ({"a": Counts}, ["2026-02-01", "2026-01-20"]),
    r"cuts\[0\] does not": ({"a": Counts}, ["2025-02-01", "2026-01-20"]),
}


@pytest.mark.parametrize("message", REFUSED)
def test_wrong_arguments_are_named(message):
    models, cuts = REFUSED[message]
    with pytest.raises(ValueError, match=message):
        evaluation.choose(models, orders_of(drawn(0)), cuts, k=3)


def test_unknown_candidates_and_metrics_are_named():
    orders = orders_of(drawn(0))
    for candidates, message in ((["i1", "zz"], "'zz'"), ([], "is empty")):
        with pytest.raises(ValueError, match=message):
            evaluation.choose({"a": Counts}, orders, 2, k=3, candidates=candidates)
    with pytest.raises(ValueError, match="metric"):
        evaluation.choose({"a": Counts}, orders, 2, metric="auc")


def test_a_window_without_known_customers_is_named():
    rows = [("a", "x", 0), ("b", "x", 20), ("c", "x", 25), ("d", "x", 30)]
    with pytest.raises(ValueError, match="fewer than two customers"):
        evaluation.choose({"a": Counts}, orders_of(rows), ["2026-01-11", "2026-01-23"])


def test_an_empty_window_is_named():
    rows = [("a", "x", 0), ("b", "x", 1), ("a", "y", 30), ("b", "y", 31)]
    with pytest.raises(
        ValueError, match="nothing was bought from 2026-01-11 to 2026-01-21"
    ):
        evaluation.choose({"a": Counts}, orders_of(rows), ["2026-01-11", "2026-01-21"])


def test_a_recipe_is_a_grid():
    class Grid:
        def candidates(self):
            return [lambda: Counts(-1.0), lambda: Counts(1.0)]

    choice = evaluation.choose({"grid": Grid()}, orders_of(drawn(1)), 2, k=3)
    assert choice.earlier["settings"].nunique() == 3  # and the baselines, without any


def test_on_the_shop_a_model_finds_more_than_the_most_popular():
    shop = datasets.load_shop()
    bought = shop.events[shop.events["behaviour"] == "purchase"]
    bought = bought.assign(day=pd.to_datetime(bought["timestamp"], unit="s"))
    orders = Orders.from_frame(
        bought, customer="user_id", item="product_id", time="day"
    )
    choice = evaluation.choose(
        {"EASE": [lambda: EASE(reg=50.0), lambda: EASE(reg=1000.0)]}, orders
    )
    assert choice.chosen == {"discoveries": "EASE", "repurchases": "bought before"}
    assert choice.better("discoveries")
    assert not choice.better("repurchases")
    assert choice.model("discoveries").get_params()["reg"] == 1000.0
    assert choice.model("repurchases") is None
