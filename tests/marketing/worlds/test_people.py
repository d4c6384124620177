"""The customers' world: its log, the truth behind it, and the card."""

import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recbook.marketing import worlds

CARD = Path(__file__).resolve().parents[3] / "data" / "campaign" / "README.md"


@pytest.fixture(scope="module")
def shop():
    return worlds.customers()


@pytest.fixture(scope="module")
def small():
    return worlds.customers(3000, seed=4)


# The table and the log ---------------------------------------------------------------


def test_a_seed_makes_the_world(small):
    again, other = worlds.customers(3000, seed=4), worlds.customers(3000, seed=5)
    pd.testing.assert_frame_equal(small.table, again.table)
    pd.testing.assert_frame_equal(small.orders, again.orders)
    np.testing.assert_array_equal(small.truth.effect, again.truth.effect)
    assert not small.table.equals(other.table)


def test_the_table_is_what_the_log_says(small):
    table, orders = small.table, small.orders
    assert orders["customer"].is_monotonic_increasing
    for code, own in orders[orders["customer"] < 200].groupby("customer"):
        row = table.loc[code]
        week = own["week"].to_numpy()
        assert (np.diff(week) >= 0).all()
        assert len(own) == row["frequency"] + 1
        assert week[0] == pytest.approx(104 - row["T"])  # all are seen until week 104
        assert week[-1] - week[0] == pytest.approx(row["recency"])
        assert own["value"].mean() == pytest.approx(row["spend"], abs=0.006)
    assert orders["week"].between(0, 104).all()
    assert (orders["value"] > 0).all()
    assert orders["customer"].nunique() == small.n_customers


def test_columns_hold_what_they_may(small):
    table = small.table
    assert table["age"].cat.categories.tolist() == ["18-29", "30-44", "45-59", "60+"]
    assert table["region"].between(0, 39).all()
    assert table["T"].between(13, 104).all()
    assert table["opens"].between(0, 8).all()
    assert table["opens"].nunique() == 9
    assert table["thrift"].between(0, 1).all()
    assert (table["recency"] <= table["T"]).all()
    assert (table["recency"] == 0).equals(table["frequency"] == 0)


def test_features_are_numbers_that_the_shop_knows(small):
    features, table = small.features(), small.table
    quiet = features["quiet"].to_numpy()
    np.testing.assert_array_equal(quiet, table["T"] - table["recency"])
    bands = features[[f"age {age}" for age in table["age"].cat.categories]]
    np.testing.assert_array_equal(bands.sum(axis=1), 1.0)
    assert (features.dtypes == np.float64).all()
    truths = [getattr(small.truth, name) for name in vars(small.truth)]
    for column in features.columns:  # nothing that only the generator knows
        assert not any(np.array_equal(features[column], truth) for truth in truths)


def test_people_order_while_they_are_customers(shop):
    table, truth = shop.table, shop.truth
    # Nobody leaves without a repeat order; of the others some are gone.
    assert truth.alive[table["frequency"] == 0].all()
    assert not truth.alive.all()
    # While somebody stays, repeat orders are Poisson with the person's rate: those who
    # never leave (p below .01) have rate × weeks of them on average.
    loyal = truth.leaving < 0.01
    expected = (truth.rate * table["T"])[loyal].sum()
    assert table["frequency"][loyal].sum() == pytest.approx(expected, rel=0.05)
    value = shop.orders["value"].to_numpy() / truth.mean_value[shop.orders["customer"]]
    assert value.mean() == pytest.approx(1.0, abs=0.003)
    assert value.var() == pytest.approx(1 / 6.25, rel=0.02)  # gamma of shape 6.25


# The letter --------------------------------------------------------------------------


def plain_effect(row, thrift):
    """Response and effect of one customer, written out."""
    quiet = row["T"] - row["recency"]
    s = -5.4 + 1.2 * math.log(1 + row["frequency"]) - 0.03 * quiet
    s += 0.006 * min(row["spend"], 100) + 0.06 * row["opens"] - 0.6 * thrift
    s += 0.25 if row["age"] == "30-44" else 0.0
    response = 1 / (1 + math.exp(-s))
    gain = 0.13 * math.exp(-(((s + 4.7) / 0.55) ** 2))
    gain *= min(1.0, max(0.0, 4 * (thrift - 0.4))) * (0.75 if row["phone"] else 1.15)
    if row["opens"] <= 3:
        gain -= 0.02 / (1 + math.exp(-2 * (s + 3.6)))
    return response, max(gain, -0.6 * response)


def test_the_truth_is_what_the_card_says(small):
    table, truth = small.table, small.truth
    for code in range(400):
        response, effect = plain_effect(table.loc[code], truth.thrift[code])
        assert truth.response[code] == pytest.approx(response, abs=2e-9)
        assert truth.effect[code] == pytest.approx(effect, abs=2e-9)
    assert ((truth.response + truth.effect) > 0).all()
    assert ((truth.response + truth.effect) < 1).all()
    score = np.log(truth.response / (1 - truth.response)) + 0.6 * truth.thrift
    np.testing.assert_allclose(table["score"], score, atol=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: worlds.customers(0), "n must be"),
        (lambda: worlds.customers(10, seed=-1), "seed must be"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# The card ----------------------------------------------------------------------------


def shown(shop):
    """What the card's table has to say: statistic to text."""
    table, truth = shop.table, shop.truth
    with_letter = truth.response + truth.effect
    tenths = np.argsort(-with_letter, kind="stable").reshape(10, -1)
    everybody = np.ones(shop.n_customers, dtype=bool)
    pays = truth.effect * 20 > 0.60

    def percent(values):
        return f"{100 * np.mean(values):.1f}"

    def rates(tenth):
        people = tenths[tenth]
        means = with_letter[people].mean(), truth.response[people].mean()
        return ", ".join(f"{100 * mean:.1f}" for mean in means)

    def euros(chosen):
        return f"{truth.profit(chosen):,.0f}".replace("-", "−")

    return {
        "customers; orders": f"{shop.n_customers:,}; {len(shop.orders):,}",
        "customers without a second order, %": percent(table["frequency"] == 0),
        "repeat orders of a customer, mean": f"{table['frequency'].mean():.2f}",
        "still customers today, %": percent(truth.alive),
        "mean value of an order, €": f"{shop.orders['value'].mean():.1f}",
        "consent to direct mail; order by phone, %": (
            f"{percent(table['consent'])}; {percent(table['phone'])}"
        ),
        "correlation of the thrift that is seen with the trait": (
            f"{np.corrcoef(table['thrift'], truth.thrift)[0, 1]:.2f}"
        ),
        "order within two weeks: without, with a letter, %": (
            f"{100 * truth.response.mean():.2f}, {100 * with_letter.mean():.2f}"
        ),
        "first tenth by response: with, without, %": rates(0),
        "second tenth: with, without, %": rates(1),
        "third tenth: with, without, %": rates(2),
        "fourth tenth: with, without, %": rates(3),
        "lose more than half a point by the letter, %": percent(truth.effect < -0.005),
        "gain more than the three points that pay": f"{pays.sum():,}",
        "letters to everybody truly earn, €": euros(everybody),
        "letters to those who gain enough truly earn, €": euros(pays),
    }


def test_the_card_says_what_the_program_draws(shop):
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", CARD.read_text(encoding="utf-8"), re.M)
    written = {name: value for name, value in rows if name in shown(shop)}
    assert written == shown(shop)


def test_the_card_names_its_licence_and_that_all_is_invented():
    text = CARD.read_text(encoding="utf-8")
    for words in ("CC0 1.0", "are invented", "What it is not", "worlds.customers("):
        assert words in text
