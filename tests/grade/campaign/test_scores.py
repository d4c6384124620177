"""Profit and forecast by hand, and plans and forecasts that must be refused."""

import contextlib
import gzip
import math
import pickle

import numpy as np
import pandas as pd
import pytest
from handed_in import PLAN, PLAN_HEAD, PLAN_TRUTH, assert_refused, plan_of
from hypothesis import given
from hypothesis import strategies as st

from recbook import grade
from recbook.grade.campaign.scores import CampaignAnswers


def test_profit_by_hand(tmp_path, answers):
    path = tmp_path / "plan.csv"
    path.write_text(plan_of(PLAN), encoding="utf-8")
    score = grade.grade_campaign(path, grade.read_campaign(answers))
    # 1.00 + .25 + 0 + .10 = 1.35; at best the third gets a letter, .90 more: 2.25
    assert score.profit == pytest.approx(1.35)
    assert score.best == pytest.approx(2.25)
    assert score.value == pytest.approx(1.35 / 2.25)
    assert score.people.mean() == pytest.approx(score.value)
    everybody, idle = score.baselines
    assert everybody.profit == pytest.approx(0.05 + 0.25 - 0.5 + 0.1)
    assert idle.profit == 0
    assert score.interval[0] <= score.value <= score.interval[1]
    gain, low, high = score.gain_over(idle)
    assert gain == pytest.approx(score.value)
    assert low < gain < high


def test_the_budget_binds_the_best_plan():
    # one letter and two e-mails: 0.606 euros. The letter adds 1.00 - .05 for the first
    # and .90 for the third, so the first gets it: 1.00 + .25 + .10 = 1.35
    value = np.array([[0, 0.05, 1], [0, 0.25, 0.2], [0, -0.5, 0.9], [0, 0.1, -np.inf]])
    answers = CampaignAnswers(np.arange(4), value, {}, "by hand", budget=0.606)
    assert answers.best() == pytest.approx(1.35)


def test_a_plan_without_a_forecast_is_graded_and_told(run):
    status, out, _ = run(plan_of(PLAN))
    assert status == 0
    assert "No forecast" in out


def test_the_best_plan_is_flagged(run):
    best = ["1,letter", "2,email", "3,letter", "9,email"]
    status, out, _ = run(plan_of(best))
    assert status == 0
    assert "Too good: 100% of the best plan" in out


def test_order_bom_line_ends_blanks_and_quotes_do_not_matter(run):
    plain = run(plan_of(PLAN))
    other = '\ufeff"action", customer_id\r\nemail, 9\r\n\r\n"nothing",3\r\n'
    assert run(other + "email,2\r\nletter ,1") == plain


def test_the_interval_draws_customers(tmp_path):
    rng = np.random.default_rng(1)
    value = np.zeros((5000, 3))
    value[:, 1] = rng.normal(0.1, 1, 5000)
    baselines = {"idle": np.zeros(5000, dtype=int)}
    answers = CampaignAnswers(np.arange(5000), value, baselines, "drawn")
    frame = pd.DataFrame({"customer_id": np.arange(5000), "action": "email"})
    frame.to_csv(tmp_path / "plan.csv", index=False)
    score = grade.grade_campaign(tmp_path / "plan.csv", answers)
    low, high = (end * score.best for end in score.interval)
    reach = 1.96 * value[:, 1].std() * math.sqrt(5000)
    assert high - low == pytest.approx(2 * reach, rel=0.1)


REFUSED = {
    "missing": (plan_of(PLAN[1:]), "1 of 4 customers are missing, the first cust"),
    "extra": (plan_of([*PLAN, "4,email"]), "row 5 (line 6): customer_id 4 is no "),
    "codes": (plan_of(["0,email", *PLAN[1:]]), "customer_id 0 is no customer of"),
    "twice": (plan_of([*PLAN, PLAN[0]]), "stands in row 1 (line 2) already"),
    "twice, other": (plan_of([*PLAN, "1,email"]), "row 5 (line 6): customer_id 1"),
    "consent": (plan_of([*PLAN[:3], "9,letter"]), "customer_id 9 has not consented to"),
    "code": (plan_of([*PLAN[:3], "9,1"]), "action is '1'; write nothing, email or let"),
    "capitals": (plan_of([*PLAN[:3], "9,Email"]), "action is 'Email'; write nothing"),
    "hyphen": (plan_of([*PLAN[:3], "9,e-mail"]), "action is 'e-mail'"),
    "both": (plan_of([*PLAN[:3], "9,email+letter"]), "action is 'email+letter'"),
    "empty": (plan_of([*PLAN[:3], "9,"]), "row 4 (line 5): action is empty"),
    "formula": (plan_of([*PLAN[:3], "9,=1+1"]), "action is '=1+1'"),
    "escape": (plan_of([*PLAN[:3], "9,\x1b[2J"]), r"\x1b[2J"),
    "float id": (plan_of(["1.0,email", *PLAN[1:]]), "customer_id is '1.0'; write a"),
    "long id": (plan_of(["9" * 5000 + ",email"]), "customer_id is '999"),
    "no header": ("\n".join(PLAN), "column customer_id is missing"),
    "index": (",customer_id,action\n0,1,email\n", "column '' is unknown (pan"),
    "value": ("customer_id,action,profit\n1,email,9e9\n", "column 'profit' is unknown"),
    "semicolons": ("customer_id;action\n1;email\n", "separate columns by"),
    "nothing": ("", "the file is empty; its first line must be customer_id,action"),
    "header only": (PLAN_HEAD, "a header and no rows"),
    "open quote": (PLAN_HEAD + '1,"email\n', "is not CSV"),
    "nul": (PLAN_HEAD + "1,\x00email\n", "NUL bytes"),
    "xlsx": (b"PK\x03\x04 and so on", "a zip archive, as an .xlsx workbook is"),
    "gzip": (gzip.compress(plan_of(PLAN).encode()), "a gzip archive"),
    "pickle": (pickle.dumps(["plan"]), "a pickle"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_refusals(run, kind):
    data, words = REFUSED[kind]
    assert_refused(run(data), words)


FORECASTS = {
    "nan": ("profit,low,high\nnan,1,2\n", "forecast: row 1 (line 2): profit is 'nan'"),
    "inf": ("profit,low,high\n1,-inf,2\n", "low is '-inf'"),
    "huge": ("profit,low,high\n1,0,1e308\n", "'1e308', outside of -1,000,000 to 1,0"),
    "order": ("profit,low,high\n5,6,7\n", "low 6, profit 5 and high 7 are not in this"),
    "two": ("profit,low,high\n1,0,2\n1,0,2\n", "it has 2 rows; write one row"),
    "words": ("about 5,000 euros\n", "forecast: column profit is missing"),
    "thousands": ("profit,low,high\n4.700 €,1,2\n", "profit is '4.700 €'; write euros"),
    "missing": ("profit,low\n1,0\n", "column high is missing"),
    "empty": ("", "forecast: the file is empty"),
}


@pytest.mark.parametrize("kind", FORECASTS)
def test_forecasts_that_are_refused(run, kind):
    text, words = FORECASTS[kind]
    status, out, err = run(plan_of(PLAN), forecast=text)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_a_plan_over_the_budget_is_refused(tmp_path):
    value = np.tile([0.0, 0.1, 0.5], (2501, 1))
    answers = CampaignAnswers(np.arange(2501), value, {}, "by hand")
    path = tmp_path / "plan.csv"
    for letters, fits in ((2500, True), (2501, False)):
        actions = np.where(np.arange(2501) < letters, "letter", "nothing")
        frame = pd.DataFrame({"customer_id": np.arange(2501), "action": actions})
        frame.to_csv(path, index=False)
        if fits:
            assert grade.grade_campaign(path, answers).profit == pytest.approx(1250)
        else:
            with pytest.raises(grade.Refused, match=r"costs 1,500\.60 €, but there"):
                grade.grade_campaign(path, answers)


@given(
    st.binary(max_size=200), st.sampled_from([b"", PLAN_HEAD.encode(), b"profit,low,"])
)
def test_no_bytes_bring_it_down(tmp_path_factory, data, head):
    folder = tmp_path_factory.getbasetemp()
    (folder / "any.csv").write_bytes(plan_of(PLAN).encode())
    (folder / "any.txt").write_bytes(head + data)
    (folder / "other.csv").write_bytes(head + data)
    (folder / "truth.csv").write_text(PLAN_TRUTH, encoding="utf-8")
    truth = grade.read_campaign(folder / "truth.csv")
    for name in ("any.csv", "other.csv"):
        with contextlib.suppress(grade.Refused):  # and no other error
            grade.grade_campaign(folder / name, truth)
