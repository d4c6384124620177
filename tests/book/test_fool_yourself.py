"""The catalogue of mistakes: its place, its form, and its numbers from the records."""

import posixpath
import re

import pandas as pd
from bookpages import ROOT, chapters, pages
from test_prose import crowded

from recbook.marketing.experiments import false_positives

(PAGE,) = [page for page in pages() if page.path.stem == "how-to-fool-yourself"]
ENTRIES = re.findall(r"^### (.+?)\n\n(.+?)(?=^##|\Z)", PAGE.text, flags=re.M | re.S)
TEXTS = dict(ENTRIES)


def record(name):
    return pd.read_csv(ROOT / "data" / "results" / f"{name}.csv")


def says(title, *words):
    """Whether an entry has each of the words, between others."""
    text = TEXTS[title]
    return all(re.search(rf"(?<![\d.]){re.escape(w)}(?![\d%])", text) for w in words)


def test_it_stands_behind_the_page_on_evaluation_and_before_the_questions():
    names = [page.name for page in pages()]
    here = names.index(PAGE.name)
    assert names[here - 1 : here + 2 : 2] == [
        "1-concepts/evaluation",
        "1-concepts/quick-questions",
    ]
    assert not PAGE.is_chapter


def test_each_entry_has_its_size_its_cure_and_the_page_that_tells_it():
    assert len(ENTRIES) == 21, "the opening says twenty-one"
    assert len(re.findall("^## ", PAGE.text, flags=re.M)) == 6, "and in five groups"
    for title, text in ENTRIES:
        what, how_large, how_to_notice = re.split(r"\n\n?- ", text.strip())
        assert 100 < len(what) < 350, title
        assert how_large.startswith("**How large.** "), title
        assert how_to_notice.startswith("**How to notice.** "), title
        assert "In full: {doc}`" in how_to_notice, title


def test_a_link_has_the_number_of_its_page():
    links = re.findall(r"\{doc\}`(\d)\.(\d+) <([^>]+)>`", PAGE.text)
    assert len(links) > 30
    for part, place, target in links:
        there = posixpath.normpath(posixpath.join("1-concepts", target))
        names = [page.name for page in chapters() if page.part == part]
        assert names[int(place) - 1] == there


def test_no_paragraph_is_crowded_with_numbers():
    assert not crowded(PAGE)


def test_a_table_that_it_names_is_there():
    named = set(re.findall(r"(?:, |\()`([a-z]+)`\)", PAGE.text))
    assert len(named) > 8
    for name in named:
        assert (ROOT / "data" / "results" / f"{name}.csv").exists(), name


# Its numbers ---------------------------------------------------------------------


def test_what_a_look_at_choices_gains():
    known = record("factors").query("study == 'newcomers'").astype({"setting": int})
    error = known.query("setting == 0").groupby("model").value.mean()
    honest, leak = (f"{error[way]:.3f}" for way in ("habit", "peek"))
    assert says("Test rows by the back door", honest, leak)
    folds = record("leaderboard").query("metric == 'rmse'").groupby("model")
    folds = folds.value.mean()
    assert error["habit"] - error["peek"] > 2 * (folds["sgd"] - folds["svdpp"])


def test_what_the_latest_of_repeated_purchases_leaks():
    ndcg = record("leak").set_index(["data", "kept", "model"]).ndcg.sort_index()
    of = {kept: ndcg["groceries", kept] for kept in ("first", "latest", "orders")}
    both = (f"{of[kept]['popularity']:.3f}" for kept in ("first", "latest"))
    gains = (ndcg["shop", "latest"] - ndcg["shop", "first"]).round(3)
    assert (gains == 0.008).all()
    assert says("The latest of repeated purchases", *both, "0.008")
    found = record("leak").query("model == 'EASE'").set_index(["data", "kept"])
    assert found.low["groceries", "first"] > 0 > found.high["groceries", "latest"]
    assert of["orders"].equals(of["first"])  # what Orders counts


def test_what_plans_promise():
    plans = record("campaign").query("part == 'promise' and method == 'DR'")
    assert len(plans) == 20
    promise, truth = (f"{plans[at].mean():,.0f}" for at in ("value", "truth"))
    assert says("Settings chosen on the test", promise, truth)


def test_what_an_untuned_rival_gives_away():
    leads = record("graph").query("study == 'layers' and model == 'LightGCN'")
    leads = leads.set_index(["other", "metric"]).value
    untuned, tuned = (
        f"{leads[of, 'difference']:.3f}" for of in ("no layers, 0.3", "no layers")
    )
    assert says("An untuned rival", untuned, tuned)
    assert leads["no layers", "low"] < 0 < leads["no layers", "high"]


def test_what_looks_cost():
    assert round(100 * false_positives(5)) == 14
    assert 0.24 < false_positives(20) < 0.26
    assert says("Looking at a running test", "14", "a quarter")


def test_what_a_sample_of_candidates_turns_round():
    alone = record("order").query("other.isna()")
    alone = alone.groupby(["metric", "model"]).value.mean()
    full, few = alone["ndcg"], alone["ndcg of 100 drawn"]
    assert full.idxmax() == "EASE, faded"
    assert few.idxmax() == "GRU4Rec"
    both = (f"{full[name]:.3f}" for name in ("EASE, faded", "GRU4Rec"))
    assert says("A few sampled candidates", *both, "six of 28")
    pairs = [(a, b) for a in full.index for b in full.index if a < b]
    turned = [(full[a] - full[b]) * (few[a] - few[b]) < 0 for a, b in pairs]
    assert (sum(turned), len(pairs)) == (6, 28)


def test_what_stars_do_to_lists():
    lists = record("factors").query("study == 'lists'").groupby("model").value
    assert (lists.size() == 5).all()
    values = (f"{lists.mean()[name]:.3f}" for name in ("als", "popularity", "ials"))
    assert says("Stars that choose a list", *values)


def test_what_popularity_would_have_said():
    found = record("candidates").query("data == 'ml-100k' and metric == 'recall'")
    found = found.groupby("model").value.mean()
    values = (f"{found[name]:.3f}" for name in ("plain", "popularity", "logq"))
    assert says("Popularity left out", *values)


def test_what_a_tie_decides():
    lists = record("generative").query("model == 'neighbours'").groupby("metric")
    ends = (f"{lists.value.mean()[f'ndcg, ties {end}']:.3f}" for end in ("won", "lost"))
    assert says("Ties", *ends)


def test_who_is_measured():
    people = record("project").query("part == 'lists' and model == 'people'")
    assert says("People with nothing to find", f"{people.value.item():.0f} of 943")


def test_what_five_errors_make():
    squares, counts = [1, 4], [4, 1]  # of Ann and of Bob, as the page on lists has them
    assert (sum(squares) / sum(counts)) ** 0.5 == 1
    of_each = [(s / n) ** 0.5 for s, n in zip(squares, counts, strict=True)]
    assert says("A mean over the wrong unit", "1", f"{sum(of_each) / 2:.2f}")


def test_how_often_ratings_raise_a_false_alarm():
    alarms = record("experiments").query("part == 'alarms' and case == 'movielens'")
    alarms = 100 * alarms.set_index("method").value
    rows, people = alarms["rows as independent"], alarms["delta method"]
    assert says("Ratings counted as witnesses", f"{rows:.0f}", f"{people:.0f}")


def test_how_far_seeds_lie_apart():
    gmf = record("seeds").query("model == 'gmf' and metric == 'ndcg'").value
    low, high = gmf.min(), gmf.max()
    rival = record("leaderboard").query("kind == 'ranking' and metric == 'ndcg'")
    rival = rival.set_index("model").value["ensemble"]
    assert low < rival < high
    assert says("One seed, one split", *(f"{x:.3f}" for x in (low, high, rival)))


def test_what_a_list_of_buyers_earns():
    lists = record("uplift").query("part == 'profit' and method == 'response'")
    lists = lists.query("case == 'half'").value
    assert len(lists) == 20
    assert lists.max() < 0


def test_what_the_last_click_is_paid():
    orders = record("attribution").query("part == 'credit' and case == 'retargeting'")
    orders = orders.groupby("method").value
    assert (orders.size() == 20).all()
    both = (f"{orders.mean()[of]:,.0f}" for of in ("last click", "caused"))
    assert says("Credit taken for effect", *both)


def test_what_a_shared_budget_shows():
    gain = record("experiments").query("part == 'market'").groupby("method").value
    assert says("Arms that share a budget", f"{gain.mean()['shared budget']:.0f}")
    assert abs(gain.mean()["truth"]) < 0.5
