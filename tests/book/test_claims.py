"""What pages say of their results in words, held to the tables that they read."""

import pandas as pd
import pytest
from bookpages import ROOT, pages

from recbook.evaluation import paired_test

PAGES = {page.path.stem: page for page in pages()}


def record(name):
    """Return a table of results; what it calls a case may look like a number."""
    table = ROOT / "data" / "results" / f"{name}.csv"
    return pd.read_csv(table, dtype={"case": str})


def run(page, cell, **names):
    """Run one cell of a page by itself, and return what it glued."""
    glued = {}
    names["glue"] = lambda name, value, display: glued.update({name: value})
    (source,) = [c.source for c in PAGES[page].code if c.id == cell]
    exec(source, names)
    return glued


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (-0.04, -0.005, "behind: its interval lies below 0"),
        (0.005, 0.04, "ahead: its interval lies above 0"),
        (-0.01, 0.02, "agrees: its interval contains 0"),
    ],
)
def test_attention_says_on_which_side_of_0_the_live_interval_lies(low, high, says):
    row = pd.DataFrame({"low": low, "high": high}, ["live: unit-mean"])
    assert says in run("attention", "glue-live", versus=row)["live-agrees"]


# 6.6, which learner ------------------------------------------------------------------

SIX = ["S", "T", "X", "transformed outcome", "R", "DR"]


@pytest.fixture(scope="module")
def learners():
    return record("learners")


def trials_of(learners, case):
    return learners.query("case == @case").pivot_table("value", "seed", "method")


def is_ahead(rows, one, other):
    return paired_test(rows[one], rows[other]).interval[0] > 0


def test_the_rare_shop_of_the_learners_is_that_of_the_page(learners):
    uplift = record("uplift").query("part == 'profit' and case == 'half'")
    uplift = uplift.pivot_table("value", "seed", "method")
    pd.testing.assert_frame_equal(trials_of(learners, "rare")[SIX], uplift[SIX])


def test_the_transformed_outcome_keeps_up_with_rare_orders_alone(learners):
    rare, frequent = (trials_of(learners, case) for case in ("rare", "frequent"))
    assert rare["transformed outcome"].mean() > 0.97 * rare["DR"].mean()
    others = [name for name in SIX if name != "transformed outcome"]
    assert all(is_ahead(frequent, name, "transformed outcome") for name in others)
    assert frequent["transformed outcome"].mean() < 0.6 * frequent["DR"].mean()


def test_the_t_learner_is_behind_with_rare_orders_and_first_with_frequent(learners):
    rare, frequent = (trials_of(learners, case) for case in ("rare", "frequent"))
    assert is_ahead(rare, "DR", "T")
    others = [name for name in SIX if name != "T"]
    assert all(is_ahead(frequent, "T", name) for name in others)


def test_effects_along_with_the_response_leave_something_to_gain(learners):
    along = trials_of(learners, "0.6")
    assert all(is_ahead(along, name, "response") for name in SIX)
    assert along["response"].mean() > 0


def test_shops_differ_in_whether_the_t_or_the_dr_learner_is_ahead(learners):
    shops = learners.query("part == 'shops'").pivot_table("value", "case", "method")
    assert len(shops) == 12
    assert 3 < (shops["T"] > shops["DR"]).sum() < 9


def test_a_penalty_decides_what_t_earns_by_score_and_never_as_much_as_dr(learners):
    cases = [f"by-score, {penalty}" for penalty in (5, 20, 60, 200)]
    earned = pd.DataFrame({case: trials_of(learners, case)["T"] for case in cases})
    assert earned.mean().is_monotonic_decreasing
    weak, page, strong, _ = cases
    assert earned[weak].mean() > 800
    assert abs(earned[page].mean()) < 500
    assert earned[strong].mean() < -2000
    dr = record("uplift").query("part == 'profit' and case == 'by-score'")
    dr = dr.query("method == 'DR'").set_index("seed")["value"]
    assert paired_test(dr, earned[weak]).interval[0] > 0
