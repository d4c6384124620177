"""The report on a test, beside plain loops, the library, and numbers by hand."""

import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from recbook import report
from recbook.marketing import experiments
from recbook.report.experiments.checks import REFUSALS
from recbook.report.experiments.estimates import Means, lift, means_with_before

GROUP, BOUGHT = ("arm", "B"), ("bought", "Y")


def trial(orders=(320, 260), n=4000):
    """Customers of two arms of n, of whom some ordered; ids are text with zeros."""
    y = np.repeat(
        ["Y", "N", "Y", "N"], [orders[0], n - orders[0], orders[1], n - orders[1]]
    )
    ids = [f"{k:05}" for k in range(2 * n)]
    return pd.DataFrame({"customer": ids, "arm": np.repeat(["B", "A"], n), "bought": y})


def euros(seed=0, n=4000, effect=0.0):
    rng = np.random.default_rng(seed)
    before = rng.gamma(0.5, 40, n)
    arm = rng.permutation(np.repeat(["A", "B"], n // 2))
    spent = before * rng.uniform(0.5, 1.5, n) + rng.gamma(0.3, 20, n)
    spent += effect * (arm == "B")
    columns = {"customer": range(n), "arm": arm, "spent": spent, "before": before}
    return pd.DataFrame(columns)


def verdict(made, check):
    return made.checks.set_index("check").loc[check, "verdict"]


# What was found ----------------------------------------------------------------------


def test_the_answer_by_hand():
    # Rates .08 and .065. Variances .0736 and .060775, times 4000/3999, over 4,000:
    # se² = (.0736 + .060775)/3999 = 3.3602e-5, se = .0057967.
    # .015 ± 1.96 · .0057967 = .0036 to .0264. The lift is .08/.065 - 1 = 23 %.
    made = report.experiment(trial(), "customer", GROUP, BOUGHT, looks=1)
    assert made.decision == (
        "More bought = Y with B than with A: +1.5 points (0.4 to 2.6), +23 % (5 to 44)."
    )
    found = made.numbers["difference"]
    assert found["value"] == pytest.approx(0.015)
    reach = 1.959964 * np.sqrt((0.0736 + 0.060775) / 3999)
    assert (found["high"] - found["value"]) == pytest.approx(reach)
    assert made.numbers["lift"]["value"] == pytest.approx(0.08 / 0.065 - 1)
    assert not made.refused
    assert made.list is None
    # (1.96 + .8416) · .0057967 = .01624.
    assert made.numbers["minimum_detectable_effect"] == pytest.approx(0.01624, abs=1e-5)


def test_the_library_finds_the_same():
    frame = euros(effect=3)
    made = report.experiment(frame, "customer", GROUP, "spent", before="before")
    treated = (frame["arm"] == "B").to_numpy()
    plain = experiments.difference(frame["spent"].to_numpy(), treated)
    cuped = experiments.cuped(
        frame["spent"].to_numpy(), treated, frame["before"].to_numpy()
    )
    for row, effect in zip(made.table.itertuples(), (plain, cuped), strict=True):
        assert row.difference == pytest.approx(effect.value)
        assert (row.low, row.high) == pytest.approx(effect.interval)
        assert row.p == pytest.approx(effect.p)
    assert (
        made.table["standard error"].iloc[1]
        < 0.7 * made.table["standard error"].iloc[0]
    )
    assert made.decision.startswith("More spent with B than with A: ")


def test_a_ratio_is_that_of_the_library():
    rng = np.random.default_rng(3)
    rows = pd.DataFrame({"customer": rng.integers(0, 500, 3000)})
    rows["arm"] = np.where(rows["customer"] % 2, "A", "B")
    rows["orders"], rows["visits"] = rng.random(3000) < 0.1, rng.integers(1, 4, 3000)
    made = report.experiment(rows, "customer", GROUP, "orders", denominator="visits")
    sums = rows.groupby(["customer", "arm"])[["orders", "visits"]].sum().reset_index()
    effect = experiments.ratio(sums["orders"], sums["visits"], sums["arm"] == "B")
    found = made.table.iloc[0]
    assert (found["difference"], found["p"]) == pytest.approx((effect.value, effect.p))
    ones = report.experiment(
        rows.assign(one=1), "customer", GROUP, "orders", denominator="one"
    )
    each = report.experiment(rows, "customer", GROUP, "orders", denominator=1)
    assert each.table.equals(ones.table)


def test_nothing_shown_is_never_no_effect():
    made = report.experiment(trial((265, 260)), "customer", GROUP, BOUGHT)
    assert made.decision.startswith(
        "Nothing was shown: bought = Y with B less that with A"
    )
    assert "four times in five" in made.decision
    assert "no effect" not in made.decision


def test_less_is_less():
    made = report.experiment(trial((260, 320)), "customer", GROUP, BOUGHT, looks=1)
    assert made.decision.startswith(
        "Less bought = Y with B than with A: −1.5 points (−2.6 "
    )


def test_other_arms_are_left_out_and_counted():
    three = pd.concat([trial(), trial()[:1000].assign(arm="C")], ignore_index=True)
    three["customer"] = range(len(three))
    made = report.experiment(three, "customer", ("arm", "B", "A"), BOUGHT)
    assert made.checks.set_index("check").loc["other arms", "found"] == "1,000 rows"
    assert made.numbers["difference"]["value"] == pytest.approx(0.015)
    with pytest.raises(ValueError, match="name the control group"):
        report.experiment(three, "customer", GROUP, BOUGHT)


# The relative lift -------------------------------------------------------------------


def test_the_ends_of_a_lift_are_those_that_the_data_just_allow():
    # Fieller: (8 - θ 6.5)² = 1.96² (.1 - 2 θ .02 + θ² .2) at both ends.
    means = Means("plain", (8.0, 6.5), (0.1, 0.2), (1, 1), shared=0.02)
    _, *ends = lift(means)
    for end in ends:
        theta = 1 + end
        left = (8 - theta * 6.5) ** 2
        right = 1.959963984540054**2 * (0.1 - 2 * theta * 0.02 + theta**2 * 0.2)
        assert left == pytest.approx(right)


@pytest.mark.parametrize("seed", range(20))
def test_a_lift_holds_0_exactly_if_the_difference_does(seed):
    rng = np.random.default_rng(seed)
    values, variances = rng.uniform(2, 3, 2), rng.uniform(0.01, 0.15, 2)
    means = Means("plain", tuple(values), tuple(variances), (1, 1), 0.002)
    low, high = means.effect.interval
    _, lift_low, lift_high = lift(means)
    assert (low <= 0 <= high) == (lift_low <= 0 <= lift_high)


def test_without_a_control_mean_there_is_no_percentage():
    assert lift(Means("plain", (1.0, -2.0), (0.1, 0.1), (1, 1))) is None
    rng = np.random.default_rng(1)
    frame = euros(1)
    frame["spent"] = rng.normal(0, 1, len(frame)) + (frame["arm"] == "B")
    made = report.experiment(frame, "customer", GROUP, "spent", looks=1)
    assert made.decision.endswith(
        "without a percentage, since the control mean is too near 0."
    )
    assert made.numbers["lift"] is None


# Before the test ---------------------------------------------------------------------


def test_a_missing_before_is_the_mean_of_the_others_with_a_flag():
    frame = euros(2)
    gone = np.random.default_rng(5).random(len(frame)) < 0.2
    frame.loc[gone, "before"] = np.nan
    made = report.experiment(frame, "customer", GROUP, "spent", before="before")
    assert verdict(made, "before the test") == "note"
    assert f"missing for {gone.sum()}" in made.checks["found"].str.cat()
    # By hand: y on arm, filled x and flag, all at once; its slope on the arm.
    x, treated = frame["before"].to_numpy(), (frame["arm"] == "B").to_numpy()
    filled = np.where(gone, x[~gone].mean(), x)
    X = np.column_stack([np.ones(len(x)), treated, filled, gone])
    slope = np.linalg.lstsq(X, frame["spent"].to_numpy(), rcond=None)[0][1]
    assert made.table["difference"].iloc[1] == pytest.approx(slope)


def test_a_before_that_says_nothing_changes_nothing():
    y, treated = np.array([5.0, 8.0, 1.0, 4.0]), np.array([True, True, False, False])
    means = means_with_before(y, treated, np.full(4, 7.0))
    assert means.values == (6.5, 2.5)
    assert means.shared == 0
    frame = euros(2).assign(before=np.nan)
    made = report.experiment(frame, "customer", GROUP, "spent", before="before")
    assert made.table["estimate"].tolist() == ["plain"]
    assert verdict(made, "before the test") == "note"


# Looks -------------------------------------------------------------------------------


def test_looks_widen_the_interval_by_pocock():
    once = report.experiment(trial(), "customer", GROUP, BOUGHT, looks=1)
    five = report.experiment(trial(), "customer", GROUP, BOUGHT, looks=5)
    wider = (
        np.diff(five.table[["low", "high"]])[0]
        / np.diff(once.table[["low", "high"]])[0]
    )
    assert wider == pytest.approx(2.413 / 1.96, abs=1e-3)
    never = report.experiment(trial(), "customer", GROUP, BOUGHT)
    assert verdict(never, "looks") == "note"
    assert never.decision.endswith("if this was the only look.")
    assert "14 %" in "".join(b for b in never.sections[-1].blocks)


# Size --------------------------------------------------------------------------------


def test_the_next_test_is_planned_for_the_smallest_effect_that_counts():
    made = report.experiment(trial(), "customer", GROUP, BOUGHT, smallest=0.005)
    variances = [0.08 * 0.92 * 4000 / 3999, 0.065 * 0.935 * 4000 / 3999]
    needed = experiments.sample_size(0.005, variances)
    sizes = made.sections[2].blocks[1]
    assert sizes["needed in each arm"].iloc[0] == needed
    assert verdict(made, "minimum detectable effect") == "note"


def test_the_next_test_is_planned_with_as_many_looks():
    """What this test finds four times in five needs a test of its size, looks or not.

    At first the sizes had the bound of one look, and were a quarter too small for five.
    """
    for looks in (1, 5):
        made = report.experiment(trial(), "customer", GROUP, BOUGHT, looks=looks)
        found = made.numbers["minimum_detectable_effect"]
        more = {"looks": looks, "smallest": found}
        made = report.experiment(trial(), "customer", GROUP, BOUGHT, **more)
        times = made.sections[2].blocks[1]["times this test"].iloc[0]
        assert times == pytest.approx(1, abs=1e-3)


def test_p_is_said_to_be_that_of_one_look():
    made = report.experiment(trial(), "customer", GROUP, BOUGHT, looks=5)
    row = made.checks.set_index("check").loc["looks"]
    assert row["meaning"].endswith("p is that of one look")


def test_a_heavy_tail_is_said():
    frame = euros(3)
    frame.loc[0, "spent"] = 1e5
    made = report.experiment(frame, "customer", GROUP, "spent")
    assert verdict(made, "large outcomes") == "note"
    calm = report.experiment(
        frame.assign(spent=np.arange(4000)), "customer", GROUP, "spent"
    )
    assert verdict(calm, "large outcomes") == "ok"


def test_a_small_arm_needs_more_outcomes():
    """Of 20 outcomes, a tenth of the people had none: that was said to be fewer.

    In 574 drawn tests without an effect, with 16 outcomes and a tenth in the small arm,
    20 % of the decisions were for a change. Five outcomes have to be expected there.
    """
    arm = np.repeat(["B", "A"], [400, 3600])
    table = {"customer": range(4000), "arm": arm}
    for n, stops in ((20, True), (49, True), (50, False)):
        bought = np.arange(4000) >= 4000 - n
        made = report.experiment({**table, "y": bought}, "customer", GROUP, "y",
                                 share=0.1)  # fmt: skip
        assert made.refused == stops
        assert not stops or made.decision.endswith("needs at least 50.")


# Refusals ----------------------------------------------------------------------------


def refused(frame, outcome=BOUGHT, **more):
    made = report.experiment(frame, "customer", GROUP, outcome, **more)
    assert made.refused
    assert made.checks["verdict"].iloc[-1] == "stop"
    assert made.table.empty
    assert made.sections[0].blocks[0] == made.decision
    return made.decision


def begins(name):
    """The beginning of a refusal, up to what it fills in."""
    return REFUSALS[name].partition("{")[0]


def test_rows_that_are_no_units():
    visits = trial().loc[np.repeat(range(8000), 2)]
    sentence = refused(visits)
    assert "16,000 rows of 8,000 customers" in sentence
    # The code in the sentence does what it says.
    code = sentence.partition("add up by customer, ")[2].partition(", or count")[0]
    units = eval(code, {"frame": visits})
    assert report.experiment(units, "customer", GROUP, "bought").numbers["difference"][
        "value"
    ] == pytest.approx(0.015)
    orders = visits.assign(orders=(visits["bought"] == "Y") * 1)
    sentence = refused(orders, "orders")
    code = sentence.partition("add up by customer, ")[2].partition(", or count")[0]
    assert eval(code, {"frame": orders})["orders"].sum() == 2 * 580


def test_units_in_both_arms():
    frame = pd.concat([trial(), trial()[:3].assign(arm="A")])
    assert refused(frame, denominator=1).startswith(
        "Nothing can be concluded: 3 of the customers are in both arms."
    )


def test_a_sample_ratio_that_was_not_planned():
    frame = trial()[700:]
    assert "3,300 in B and 4,000 in A cannot be" in refused(frame)
    made = report.experiment(frame, "customer", GROUP, BOUGHT, share=3300 / 7300)
    assert not made.refused


def test_too_few_units_and_too_few_outcomes():
    few = pd.concat([trial()[:9], trial()[-9:]])
    assert refused(few).startswith("Nothing can be concluded: B has 9 customers")
    assert refused(trial((4, 5))).startswith(begins("too_few"))
    assert not report.experiment(trial((4, 6)), "customer", GROUP, BOUGHT).refused


def test_an_outcome_that_never_varies():
    assert "spent is 0 for every customer" in refused(euros().assign(spent=0), "spent")


def test_an_outcome_that_repeats_the_arm():
    frame = euros()
    frame["spent"] = (frame["arm"] == "B") * 5
    sentence = refused(frame, "spent")
    assert "spent is 5 for every customer with B and 0 for every one with A" in sentence


def test_a_denominator_of_nothing():
    frame = euros()
    frame["visits"] = (frame["arm"] == "A") * 1
    sentence = refused(frame, "spent", denominator="visits")
    assert sentence == REFUSALS["no_denominator"].format(arm="B")


def test_a_before_that_is_none():
    frame = euros(4)
    frame["before"] += 10 * (frame["arm"] == "B")
    sentence = refused(frame, "spent", before="before")
    assert "before already differs between the arms" in sentence


def test_every_refusal_has_its_test():
    tested = {"both_arms", "rows", "too_few_units", "sample_ratio", "never_varies"}
    tested |= {"follows_arm"}
    assert set(REFUSALS) == tested | {"too_few", "no_denominator", "before_differs"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"unit": "person"}, "unit names the column 'person'"),
        ({"outcome": ("bought", "yes")}, "has no 'yes', only 'Y', 'N'"),
        ({"outcome": "bought"}, "which is no number"),
        ({"share": 50}, "share must be a finite number above 0 and below 1, got 50"),
        ({"looks": 0}, "looks must be an integer of at least 1, got 0"),
        ({"looks": 1000}, "confidence_sequence"),
        ({"smallest": 0}, "smallest is 0"),
        ({"before": "bought", "denominator": 1}, "give one of them"),
        ({"before": "bought"}, "the outcome itself"),
        ({"frame": 7}, "frame must be a table"),
    ],
)
def test_a_wrong_argument_is_named(changed, words):
    arguments = {
        "frame": trial(),
        "unit": "customer",
        "group": GROUP,
        "outcome": BOUGHT,
    }
    with pytest.raises((ValueError, TypeError), match=words):
        report.experiment(**arguments | changed)


def test_a_negative_denominator_is_named():
    with pytest.raises(ValueError, match=r"'visits' is -1 in row 0"):
        report.experiment(
            trial().assign(visits=-1), "customer", GROUP, BOUGHT, denominator="visits"
        )


# The page ----------------------------------------------------------------------------


def test_a_chart_draws_and_a_report_needs_no_matplotlib():
    made = report.experiment(euros(), "customer", GROUP, "spent", before="before")
    ax = plt.figure().gca()
    made.figures["effect"].draw(ax)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["plain", "CUPED"]
    plt.close("all")
    code = (
        "import sys; from recbook import report; report.experiment({'who': range(40), "
    )
    code += "'arm': [1, 0] * 20, 'y': range(40)}, 'who', ('arm', 1), 'y'); "
    code += "assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_rows_may_stand_in_any_sequence():
    frame = euros(6, effect=2)
    mixed = frame.sample(frac=1, random_state=1)
    one, other = (
        report.experiment(each, "customer", GROUP, "spent", before="before")
        for each in (frame, mixed)
    )
    pd.testing.assert_frame_equal(one.table, other.table)
    assert one.decision == other.decision
