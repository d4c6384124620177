"""7.3 and 7.4: prices are the arithmetic that they show, answers are in the records."""

import re

import pandas as pd
import pytest
from bookpages import CHAPTERS, ROOT

from recbook.marketing.experiments import false_positives, sample_size

LINE = 66  # letters of a line in the column of the book
ROLE = re.compile(r"\{\w+\}`(?:([^`<]+) <[^>]+>|[^`]+)`")


def read(page):
    text = (CHAPTERS / "7-outlook" / f"{page}.md").read_text(encoding="utf-8")
    return re.sub(r"(?<!\n)\n(?=[^\n|:`#-])", " ", text)  # unwrap paragraphs


def record(name):
    return pd.read_csv(ROOT / "data" / "results" / f"{name}.csv")


@pytest.fixture(scope="module")
def trends():
    return read("trends-and-challenges")


@pytest.fixture(scope="module")
def faq():
    return read("faq")


# Answers ---------------------------------------------------------------------------


def test_thirty_answers_of_six_lines_in_three_groups_link_into_the_book(faq):
    groups = re.split(r"^## ", faq, flags=re.M)[1:4]
    for group in groups:
        questions = re.findall(r"^### (.+)\n\n(.+)$", group, flags=re.M)
        assert len(questions) == 10
        for question, answer in questions:
            assert question.endswith("?")
            assert "{doc}`" in answer, question
            shown = ROLE.sub(lambda role: role[1] or "the title of a page", answer)
            assert len(shown) <= 6 * LINE, f"{question}: {len(shown)} letters"


def test_what_the_answers_say_of_lists_is_in_the_leaderboard(faq):
    scores = record("leaderboard").query("metric == 'ndcg'")
    scores = scores.groupby(["kind", "model"])["value"].mean()
    what_else, what_next = scores["ranking"], scores["next"]
    networks = ["gmf", "neumf", "mlp", "multdae", "multvae", "lightgcn", "twotower"]
    simple = what_else[["ease", "ials"]].max()
    assert what_else[networks].max() < simple + 0.015, "clearly ahead of EASE and ALS"
    assert what_else["popularity"] < 0.6 * simple
    assert what_next[["gru4rec", "sasrec"]].min() > what_next[["ease", "ials"]].max()
    order = record("order").set_index(["model", "other", "metric"])["value"]
    small = order["SASRec", "EASE, faded", "high"], order["SASRec", "GRU4Rec", "high"]
    assert max(small) < 0, "a small SASRec is behind both"
    alone = record("order").query("metric == 'ndcg' and other.isna()")
    alone = alone.groupby("model")["value"]
    assert alone.max()["GRU4Rec"] < alone.min()["EASE, faded"] - 0.01
    assert what_next["sasrec"] > alone.mean()["EASE, faded"] - 0.005, "a large one"
    assert what_next["gru4rec"] > alone.mean()["EASE, faded"]
    behind = record("people").query("kind == 'next'").set_index("model")
    assert -0.005 < behind.loc["ease-faded", "high"] < 0, "GRU4Rec is just ahead"
    assert "A full GRU4Rec was ahead of it, just" in faq


def test_what_the_answers_say_of_old_logs_is_in_the_record():
    log = record("ope").query("experiment == 'open-bandit' and method == 'IPS'")
    rounds = log[log["metric"] == "effective n"]["value"]
    assert 1.5 < rounds.min() < 2.5


def test_what_the_answers_say_of_letters_is_in_the_record():
    trials = record("uplift")
    by_method = trials.query("part == 'profit' and case == 'half'").groupby("method")
    assert by_method["value"].max()["response"] < 0
    assert by_method.size()["response"] == 20
    sizes = trials.query("part == 'size'").groupby(["case", "method"])["value"]
    assert (sizes.min()["5000"] < 0).all(), "eighty orders teach nobody enough"
    assert sizes.min()["20000", "X"] > 0, "three hundred do"


def test_what_the_answers_say_of_tests_can_be_computed(faq):
    variances = [0.065 * 0.935, 0.08 * 0.92]
    assert 4_650 < sample_size(0.015, variances) < 4_750
    assert "about 4,700 in each arm" in faq
    assert round(100 * false_positives(5)) == 14
    assert "from 5 to 14 in a hundred" in faq


# Prices ----------------------------------------------------------------------------


def test_a_list_by_a_language_model_costs_what_the_table_says(trends):
    read, written = (50 + 100) * 15 + 250, 50
    earned = 100 * 20 / 500
    for per_read, per_written, list_cents, day, lift in (
        (0.20, 0.80, "0.054", "540", "1.4"),
        (3.00, 15.0, "0.825", "8,250", "20.6"),
    ):
        cents = 100 * (read * per_read + written * per_written) / 1e6
        assert f"{cents:.3f}" == list_cents
        assert f"**{list_cents} cents**" in trends
        assert f"{cents * 1e6 / 100:,.0f}" == day
        assert f"| {day} €" in trends
        assert f"{100 * cents / earned:.1f}" == lift
        assert f"{lift} %" in trends
    assert f"{100 * 0.05 / 3600 / 50:.5f}" == "0.00003"  # a core for 5 cents an hour
    assert f"{20_000 * 0.00825 * 365:,.0f}" == "60,225"
    assert "60,225 € a year" in trends


def test_the_other_prices_are_their_arithmetic(trends):
    impressions = 0.02 * 0.98 / 0.005**2
    assert round(impressions) == 784
    assert f"{impressions * 0.002:.2f} €" == "1.57 €"  # a CPM of 2 €
    assert pytest.approx(120) == 200 * 300 * 0.002
    assert f"{0.291 * 100_000 * 0.042:,.0f}" == "1,222"
    people = (1.96 + 0.84) ** 2 * 2 * 0.03 * 0.97 / (0.03 * 0.0124) ** 2
    assert f"{people / 1e6:.1f} " in "3.3 million"
    for said in (
        "784$ impressions",
        "1.57 €",
        "120 € a month",
        "1{,}222$ €",
        "3.3 \\text",
    ):
        assert said in trends, said
