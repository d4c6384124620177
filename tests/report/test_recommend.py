"""report.recommend: its lists by a plain loop, its sentences, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest

from recbook import EASE, Ensemble, ImplicitALS, ItemKNN, Orders, Popularity, report
from recbook.evaluation import Choice
from recbook.evaluation.windows import KINDS
from recbook.leaderboard.results import results_folder
from recbook.report.recommending import contenders, job, lists

LIST = ["user_id", "rank", "item_id", "name", "score", "because"]


def orders_of(frame):
    return Orders.from_frame(frame, customer="who", item="what", time="day")


def tastes(n_customers=240, n_lines=3600, days=160, seed=0, share=0.8):
    """Lines of customers who like one of six groups of five products."""
    rng = np.random.default_rng(seed)
    who = rng.integers(n_customers, size=n_lines)
    group = np.where(
        rng.random(n_lines) < share, who % 6, rng.integers(6, size=n_lines)
    )
    what = 5 * group + rng.integers(5, size=n_lines)
    start = pd.Timestamp("2026-01-01")
    return pd.DataFrame(
        {
            "who": [f"{one:04}" for one in who],
            "what": [f"p{one:02}" for one in what],
            "day": start + pd.to_timedelta(rng.integers(days, size=n_lines), unit="D"),
        }
    )


@pytest.fixture(scope="module")
def made():
    names = {"p00": "Tea", "p01": "Jam"}
    return report.recommend(orders_of(tastes()), k=3, names=names, verbose=False)


def test_with_taste_it_sends_a_models_lists(made):
    assert made.job == "recommend"
    assert not made.refused
    assert made.decision.startswith("Send the lists of ")
    assert made.numbers["discoveries"]["outcome"] == "better"
    test = made.numbers["discoveries"]["difference"]
    assert 0 < test["low"] < test["value"] < test["high"]
    gap = made.numbers["discoveries"]
    assert gap["hits_of_100"] - gap["baseline_hits_of_100"] == pytest.approx(
        test["value"]
    )
    assert list(made.checks) == ["check", "found", "verdict", "meaning"]
    assert set(made.checks["verdict"]) <= {"ok", "note", "stop"}
    json.dumps(made.numbers)
    json.dumps(made.settings)


def test_the_table_is_in_hits_of_100_customers(made):
    table = made.table
    assert table["kind"].unique().tolist() == list(KINDS)
    assert table.groupby("kind")["chosen"].sum().tolist() == [1, 1]
    assert table[["hits", "difference", "low", "high"]].notna().all(axis=None)
    one = table[table["kind"] == "discoveries"].set_index("model")
    base = one["hits"]["popularity"]
    assert one["difference"].to_numpy() == pytest.approx(one["hits"].to_numpy() - base)


def test_the_list_has_the_readers_ids_and_only_new_products(made):
    frame = tastes()
    assert list(made.list) == LIST
    assert set(made.list["user_id"]) == set(frame["who"])  # text, with its zeros
    bought = set(zip(frame["who"], frame["what"], strict=True))
    listed = list(zip(made.list["user_id"], made.list["item_id"], strict=True))
    assert not bought & set(listed)
    assert len(set(listed)) == len(listed)
    by_customer = made.list.groupby("user_id")
    assert (by_customer["rank"].max() <= 3).all()
    assert (
        by_customer["rank"].apply(lambda r: list(r) == list(range(1, len(r) + 1))).all()
    )
    assert (by_customer["score"].diff().dropna() <= 0).all()
    named = made.list.set_index("item_id")["name"]
    assert set(named["p00"]) == {"Tea"}
    assert set(named["p07"]) == {"p07"}  # without a name, the id
    name_of = {"Tea": "p00", "Jam": "p01"}
    because = made.list[made.list["because"].str.match("bought (p|Tea|Jam)")]
    assert len(because)
    for row in because.head(50).itertuples():
        for reason in row.because.removeprefix("bought ").split("; "):
            assert (row.user_id, name_of.get(reason, reason)) in bought


@pytest.mark.parametrize(
    "model",
    [
        EASE(reg=5.0),
        ItemKNN(similarity="cosine", over="all", feedback="implicit"),
        ImplicitALS(n_factors=4, reg=1.0, n_iterations=3),
        Ensemble([EASE(reg=5.0), Popularity()]),
        contenders.Frequent(EASE(reg=5.0), n=12),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_lists_are_those_of_a_plain_loop(model, kind):
    frame = tastes(30, 300)
    orders = orders_of(frame)
    stock = orders.item_ids[:20]
    table = lists.make_lists(model, orders, kind, 4, stock)
    train = orders.ratings()
    scores = model.fit(train).scores(np.arange(train.n_users))
    rows = []
    for code, customer in enumerate(train.user_ids):
        own = set(frame.loc[frame["who"] == customer, "what"])
        can = [
            (-scores[code, place], place)
            for place, item in enumerate(train.item_ids)
            if item in stock and (item in own) == (kind == "repurchases")
        ]
        rows += [
            (customer, rank, train.item_ids[place], pytest.approx(-minus))
            for rank, (minus, place) in enumerate(sorted(can)[:4], start=1)
        ]
    found = table[["user_id", "rank", "item_id", "score"]].itertuples(index=False)
    assert [tuple(row) for row in found] == rows


def test_a_reason_is_the_own_product_with_the_largest_weight():
    orders = orders_of(tastes(30, 300))
    train = orders.ratings()
    model = EASE(reg=5.0)
    table = lists.make_lists(model, orders, "discoveries", 3, orders.item_ids)
    row = table.iloc[7]
    code = train.user_ids.tolist().index(row["user_id"])
    item = train.item_ids.tolist().index(row["item_id"])
    own = train.csr[[code]].indices
    best = sorted(own, key=lambda j: -model.B_[j, item])[:3]
    best = [train.item_ids[j] for j in best if model.B_[j, item] > 0]
    assert best
    assert row["because"] == "bought " + "; ".join(best)
    again = lists.make_lists("bought before", orders, "repurchases", 3, orders.item_ids)
    times = train.csr.toarray()
    for row in again.head(20).itertuples():
        code = train.user_ids.tolist().index(row.user_id)
        n = times[code, train.item_ids.tolist().index(row.item_id)]
        assert row.because == ("bought once" if n == 1 else f"bought {n:g} times")
    popular = lists.make_lists("popularity", orders, "discoveries", 1, orders.item_ids)
    item = train.item_ids.tolist().index(popular["item_id"][0])
    n = (train.items == item).sum()
    assert popular["because"][0] == f"bought by {n} customers"


def test_what_was_given_back_is_not_offered_again():
    frame = tastes(30, 300).assign(n=1)
    customer, item = frame["who"].iloc[0], frame["what"].value_counts().index[0]
    own = (frame["who"] == customer) & (frame["what"] == item)
    last = frame["day"].max()
    bought = {"who": customer, "what": item, "day": last, "n": 1}
    extra = pd.DataFrame([bought, bought | {"n": -1}])
    log = pd.concat([frame[~own], extra], ignore_index=True)
    names = {"customer": "who", "item": "what", "time": "day", "quantity": "n"}
    orders = Orders.from_frame(log, **names)
    table = lists.make_lists("popularity", orders, "discoveries", 3, orders.item_ids)
    mine = table.loc[table["user_id"] == customer, "item_id"]
    assert len(mine) == 3
    assert item not in mine.tolist()  # although nobody's list lacks it who has it not


def test_what_is_no_longer_sold_is_not_offered():
    frame = tastes()
    old = pd.DataFrame({"who": frame["who"].unique(), "what": "old"})
    old["day"] = pd.Timestamp("2026-01-02")  # the most popular, for two days
    new = frame[["who"]].drop_duplicates().assign(
        what=lambda rows: [f"x{n % 3}" for n in range(len(rows))],
        day=pd.Timestamp("2026-06-01"),
    )  # fmt: skip
    orders = orders_of(pd.concat([frame, old.iloc[:200], new]))
    assert "old" not in lists.still_sold(orders)
    by_default = report.recommend(orders, k=3, verbose=False)
    assert "old" not in set(by_default.list["item_id"])
    chosen = report.recommend(
        orders, k=3, candidates=["p01", "p02", "x1"], verbose=False
    )
    assert set(chosen.list["item_id"]) <= {"p01", "p02", "x1"}
    assert chosen.settings["candidates"] == ["p01", "p02", "x1"]
    every = report.recommend(orders, k=3, candidates="all", verbose=False)
    assert every.settings["candidates"] == "all"


def test_repurchases_are_lists_of_their_own():
    made = report.recommend(orders_of(tastes()), k=3, kind="repurchases", verbose=False)
    frame = tastes()
    bought = set(zip(frame["who"], frame["what"], strict=True))
    assert set(zip(made.list["user_id"], made.list["item_id"], strict=True)) <= bought
    assert "Remind customers" in made.decision


def test_without_taste_the_most_popular_are_sent():
    frame = tastes(share=0.0)
    made = report.recommend(orders_of(frame), k=3, verbose=False)
    assert made.decision.startswith("Send the most popular")
    assert made.list["because"].str.match(r"bought by \d+ customers").all()


NUMBERS = (31.2, 18.9, 12.3, 8.1, 16.5, 684, 120)
VERDICT = job.Verdict("discoveries", "better", "EASE", "EASE", *NUMBERS)
SENTENCES = {
    "better": "Send the lists of EASE: of the products that 100 customers bought for "
    "the first time in the 22 days after the last cut they hold 31, where the 10 most "
    "popular hold 19: +12 (8 to 16), over 684 customers.",
    "worse": "Send the most popular products: EASE, the best at earlier cuts, holds "
    "fewer of the products that 100 customers newly bought at the last: +12 (8 to 16), "
    "over 684 customers.",
    "no_difference": "Send the most popular products: EASE, the best at earlier cuts, "
    "is not shown to hold more of what customers newly bought, +12 (8 to 16) products "
    "for 100 of them, over 684 customers, though a tenth more is found four "
    "times in five.",
    "baseline": "Send the most popular products: at the earlier cuts no model held "
    "more of what customers newly bought.",
    "few": "Send the most popular products: only 684 customers bought something new in "
    "the last window, too few to compare models.",
}


@pytest.mark.parametrize("outcome", SENTENCES)
def test_each_outcome_has_its_sentence(outcome):
    found = job.decision_of(VERDICT._replace(outcome=outcome), 10, 22)
    assert found == SENTENCES[outcome]
    again = VERDICT._replace(outcome=outcome, kind="repurchases", model="ensemble")
    other = job.decision_of(again, 10, 22)
    assert other.startswith("Remind customers")
    assert "{" not in other
    assert outcome in ("baseline", "few") or "the ensemble" in other


def test_the_number_needed_is_said_where_it_is_not_reached():
    # s = (16.5 - 8.1) / 3.92 = 2.142857, d = 1.89: 684 (2.8 · 2.142857 / 1.89)²
    # is 6893.5
    assert job._need(8.1, 16.5, 18.9, 684) == 6894
    assert job._need(8.1, 16.5, 0.0, 684) is None
    assert job._need(0.0, 0.0, 5.0, 684) == job.FEWEST
    found = job.decision_of(
        VERDICT._replace(outcome="no_difference", need=6894), 10, 22
    )
    needs = (
        "; about 6,900 such customers tell a tenth more from none four times in five."
    )
    assert found.endswith(needs)
    assert job.decision_of(VERDICT._replace(outcome="few", need=None), 10, 22).endswith(
        "too few to compare models."
    )


@pytest.mark.parametrize(
    ("low", "high", "n", "outcome"),
    [
        (0.001, 0.003, 50, "better"),
        (-0.001, 0.005, 50, "no_difference"),
        (-0.004, -0.001, 50, "worse"),
        (0.001, 0.003, 29, "few"),
    ],
)
def test_a_model_is_sent_only_if_its_interval_is_above_0(low, high, n, outcome):
    about = {"kind": "discoveries", "model": "EASE", "settings": "", "chosen": True}
    table = pd.DataFrame(
        [
            {**about, "model": name, "metric": "precision", "mean": mean, "n": n}
            for name, mean in (("popularity", 0.02), ("EASE", 0.022))
        ]
    )
    middle = {"difference": (low + high) / 2, "low": low, "high": high, "p": 0.5}
    tests = pd.DataFrame([about | middle | {"confirmatory": True, "n": n}])
    empty, chosen = pd.DataFrame(), {"discoveries": "EASE"}
    choice = Choice(table, tests, empty, empty, chosen, 10, "precision")
    found = job._verdict(choice, "discoveries")
    assert found.outcome == outcome
    assert found.sent == ("EASE" if outcome == "better" else "popularity")
    # in hits of 100 customers with lists of ten: 1000 times the precision
    assert found.low == pytest.approx(1000 * low)
    assert found.hits == pytest.approx(22)
    assert choice.better() == (low > 0)


def test_thirty_customers_are_not_said_to_tell_a_tenth_more_from_none():
    """Without a test nothing is known of how many would do."""
    about = {"kind": "discoveries", "model": "popularity", "chosen": True}
    table = pd.DataFrame([about | {"metric": "precision", "mean": 0.02, "n": 20}])
    tests = pd.DataFrame(columns=["kind", "confirmatory"]).astype(
        {"confirmatory": bool}
    )
    empty, chosen = pd.DataFrame(), {"discoveries": "popularity"}
    found = job._verdict(
        Choice(table, tests, empty, empty, chosen, 10, "precision"), "discoveries"
    )
    assert (found.outcome, found.need) == ("few", None)


def test_few_customers_in_the_last_window_get_the_most_popular():
    made = report.recommend(orders_of(tastes(25, 250)), k=3, verbose=False)
    assert made.numbers["discoveries"]["outcome"] == "few"
    assert "too few to compare models" in made.decision
    assert not made.refused
    assert len(made.list)


def short():
    return orders_of(tastes(days=6))


REFUSED = {
    "one_cut": (lambda: orders_of(tastes()), ["2026-03-01"], "1 date is one window"),
    "too_short": (short, 4, "the log covers 6 days: 4 windows"),
}


@pytest.mark.parametrize("reason", job.REFUSALS)
def test_each_refusal_says_what_is_missing(reason):
    orders, cuts, words = REFUSED[reason]
    made = report.recommend(orders(), k=3, cuts=cuts, verbose=False)
    assert made.refused
    assert made.list is None
    assert words in made.decision
    assert made.checks["verdict"].tolist()[-1] == "stop"
    assert made.sections[0].blocks == (made.decision,)
    json.dumps(made.settings)


def test_one_cut_as_a_number_is_refused_too():
    made = report.recommend(orders_of(tastes()), cuts=1, verbose=False)
    assert made.refused


def test_a_kind_that_nobody_buys_is_refused():
    frame = tastes().drop_duplicates(["who", "what"])  # nobody buys again
    made = report.recommend(orders_of(frame), k=3, kind="repurchases", verbose=False)
    assert made.refused
    assert "fewer than two customers have repurchases" in made.decision


WRONG = {
    "orders must be a recbook.Orders, not DataFrame": {"orders": pd.DataFrame()},
    "kind": {"kind": "returns"},
    "candidates": {"candidates": "some"},
    "holds 'zz'": {"candidates": ["zz"]},
    "names holds none": {"names": {1: "Tea"}},
    "cuts must be": {"cuts": "2026-03-01"},
    "got True": {"cuts": True},
    "k must be": {"k": 0},
}


@pytest.mark.parametrize("message", WRONG)
def test_wrong_arguments_are_named(message):
    arguments = {"orders": orders_of(tastes(40, 400)), "k": 3, **WRONG[message]}
    with pytest.raises(ValueError, match=message):
        report.recommend(**arguments, verbose=False)


def test_a_large_catalogue_is_cut_to_the_most_bought():
    made = report.recommend(orders_of(tastes()), k=3, pairs=12, verbose=False)
    assert made.settings["pairs"] == 12
    row = made.checks.set_index("check").loc["memory"]
    assert row["verdict"] == "note"
    assert "the 12 with most customers" in row["meaning"]
    assert "30 products" in row["found"]
    shown = made.table.set_index(["kind", "model"])["settings"]
    assert shown["discoveries", "EASE"].startswith("Frequent(model=EASE(")


def test_little_memory_cuts_the_table_of_pairs(monkeypatch):
    # a quarter of 3,200 bytes holds a table of 10 × 10
    monkeypatch.setattr(contenders, "available", lambda: 3200)
    assert contenders.largest(500) == 10
    monkeypatch.setattr(contenders, "available", lambda: None)
    assert contenders.largest(500) == 500
    assert contenders.largest(5000) == contenders.LARGEST
    assert contenders.largest(500, 20) == 20


def test_frequent_scores_the_rest_below_by_popularity():
    train = orders_of(tastes(30, 300)).ratings()
    model = contenders.Frequent(EASE(reg=5.0), n=12).fit(train)
    scores = model.scores(np.arange(5))
    counts = np.bincount(train.items, minlength=train.n_items)
    kept, rest = model.kept_, np.setdiff1d(np.arange(train.n_items), model.kept_)
    assert counts[kept].min() >= counts[rest].max()
    assert (scores[:, rest].max(axis=1) < scores[:, kept].min(axis=1)).all()
    ranked = np.argsort(-scores[0, rest], kind="stable")
    assert (np.diff(counts[rest][ranked]) <= 0).all()


def test_the_record_holds_what_is_promised():
    """Models sent without taste, and intervals that held the truth, by the study."""
    rows = pd.read_csv(results_folder() / "choices.csv").set_index("part")
    assert rows.loc["alarms", "n"] >= 200
    assert rows.loc["alarms", "value"] <= 0.05
    assert 0.93 <= rows.loc["coverage", "value"] <= 0.97
    assert rows.loc["sent", "n"] >= 40
    assert rows.loc["gain", "value"] > 0


def test_charts_draw(made):
    plt = pytest.importorskip("matplotlib.pyplot")
    assert set(made.figures) == {
        f"{what}_{kind}" for what in ("models", "cuts") for kind in KINDS
    }
    for chart in made.figures.values():
        figure, ax = plt.subplots()
        chart.draw(ax)
        assert ax.lines
        assert chart.alt.endswith(".")
        plt.close(figure)


def test_whole_numbers_that_are_ids_are_no_amounts_on_the_page():
    frame = tastes(60, 900)
    frame = frame.assign(who=1_200_000 + frame["who"].astype(int))
    found = report.recommend(orders_of(frame), k=3, verbose=False)
    assert "1200000" in found._repr_html_()
    assert "1,200,000" not in found._repr_html_()
    assert found.list["user_id"].dtype.kind == "i"  # as it was read


def test_customers_who_bought_everything_have_no_list():
    lines = [f"{k % 40},2025-{1 + k % 12:02}-{1 + k % 28:02},T{k % 9}"
             for k in range(400)]  # fmt: skip
    file = "\n".join(["who,day,what", *lines]).encode()
    orders = Orders.read(file, customer="who", time="day", item="what")
    assert report.recommend(orders).list.empty
