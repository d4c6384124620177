"""What the record of judged reports promises: intervals, false decisions, refusals."""

import pandas as pd
import pytest

from recbook import leaderboard


@pytest.fixture(scope="module")
def record():
    return pd.read_csv(leaderboard.results_folder() / "judged.csv")


def test_intervals_hold_the_truth(record):
    held = record[record["part"] == "coverage"]
    assert set(held["job"]) == {"experiment", "off_policy"}
    # Each case, as far as so many reports can tell, and all of a method together.
    assert (held["high"] >= 0.93).all()
    assert (held["low"] <= 0.97).all()
    for _, rows in held.groupby(["job", "method"]):
        share = (rows["value"] * rows["n"]).sum() / rows["n"].sum()
        assert 0.93 <= share <= 0.97


def test_a_world_without_an_effect_seldom_gets_a_change(record):
    false = record[(record["part"] == "false") & (record["case"] != "five looks")]
    assert (false["value"] <= 0.05).all()
    looks = record[record["case"] == "five looks"].set_index("method")
    assert looks.loc["looks=None", "value"] > 0.1
    assert looks.loc["looks=5", "low"] <= 0.05


def test_wrong_tables_are_refused_and_right_ones_are_not(record):
    refused = record[record["part"] == "refused"].groupby("method")["value"]
    assert (refused.min()[["wrong tables", "wrong logs"]] > 0.98).all()
    assert (refused.max()[["right tables", "right logs"]] < 0.01).all()
