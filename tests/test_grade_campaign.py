"""Grading a campaign: profit and forecast by hand, and plans that must be refused."""

import contextlib
import gzip
import math
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbook import grade
from recbook.grade.campaign import make, rules
from recbook.grade.campaign.scores import CampaignAnswers, Forecast
from recbook.grade.commands import main
from recbook.marketing import uplift, worlds
from recbook.marketing.regression import Logistic
from recbook.marketing.worlds.campaign import effects
from recbook.marketing.worlds.dials import Dials
from recbook.marketing.worlds.uplift import odds

HEAD = "customer_id,action\n"
ROWS = ["1,letter", "2,email", "3,nothing", "9,email"]
TRUTH = """customer_id,email,letter,everybody,idle
1,.05,1.0,email,nothing
2,.25,.2,email,nothing
3,-.5,.9,email,nothing
9,.1,,email,nothing
"""


@pytest.fixture
def answers(tmp_path):
    path = tmp_path / "answers-campaign.csv"
    path.write_text(TRUTH, encoding="utf-8")
    return path


@pytest.fixture
def run(tmp_path, answers, capsys):
    """Grade the bytes of a plan by the command; return status, output and error."""

    def call(data, *options, forecast=None):
        path = tmp_path / "plan.csv"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        if forecast is not None:
            (tmp_path / "plan.txt").write_text(forecast, encoding="utf-8")
        status = main([str(path), "--answers", str(answers), *options])
        return status, *capsys.readouterr()

    return call


def file_of(rows):
    return HEAD + "".join(f"{row}\n" for row in rows)


# What is graded ----------------------------------------------------------------------


def test_profit_by_hand(tmp_path, answers):
    path = tmp_path / "plan.csv"
    path.write_text(file_of(ROWS), encoding="utf-8")
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


def test_the_command_prints_all_of_it(run):
    status, out, err = run(file_of(ROWS), forecast="profit,low,high\n1.5,1,2\n")
    assert (status, err) == (0, "")
    assert "60.0% of the best" in out
    assert "everybody" in out
    assert "Gain over the best baseline" in out
    assert "Forecast 2 € (1 € to 2 €): held. Interval score 1 €." in out
    assert "Too good" not in out


def test_a_plan_without_a_forecast_is_graded_and_told(run):
    status, out, _ = run(file_of(ROWS))
    assert status == 0
    assert "No forecast" in out


def test_the_best_plan_is_flagged(run):
    best = ["1,letter", "2,email", "3,letter", "9,email"]
    status, out, _ = run(file_of(best))
    assert status == 0
    assert "Too good: 100% of the best plan" in out


def test_order_bom_line_ends_blanks_and_quotes_do_not_matter(run):
    plain = run(file_of(ROWS))
    other = '\ufeff"action", customer_id\r\nemail, 9\r\n\r\n"nothing",3\r\n'
    assert run(other + "email,2\r\nletter ,1") == plain


@given(
    st.floats(-1e5, 1e5), st.floats(-1e5, 1e5), st.floats(-1e5, 1e5), st.floats(0, 1e5)
)
def test_the_interval_score_by_its_definition(truth, a, b, wider):
    low, high = min(a, b), max(a, b)
    score = Forecast(low, low, high).score(truth)
    below, above = truth < low, truth > high
    plain = high - low + 40 * (low - truth) * below + 40 * (truth - high) * above
    assert score == pytest.approx(plain)
    if not (below or above):  # an interval that held gains nothing by being wider
        assert Forecast(low, low, high + wider).score(truth) >= score


def test_the_score_rewards_the_interval_that_is_believed():
    # N(0, 1): the mean score is least for ends at -1.96 and 1.96
    truths = np.random.default_rng(0).standard_normal(4000)
    means = {
        reach: np.mean([Forecast(0, -reach, reach).score(t) for t in truths])
        for reach in (1.0, 1.6, 1.96, 2.4, 3.0)
    }
    assert min(means, key=means.get) == 1.96


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


# What is refused ---------------------------------------------------------------------

REFUSED = {
    "missing": (file_of(ROWS[1:]), "1 of 4 customers are missing, the first cust"),
    "extra": (file_of([*ROWS, "4,email"]), "row 5 (line 6): customer_id 4 is no "),
    "codes": (file_of(["0,email", *ROWS[1:]]), "customer_id 0 is no customer of"),
    "twice": (file_of([*ROWS, ROWS[0]]), "stands in row 1 (line 2) already"),
    "twice, other": (file_of([*ROWS, "1,email"]), "row 5 (line 6): customer_id 1"),
    "consent": (file_of([*ROWS[:3], "9,letter"]), "customer_id 9 has not consented to"),
    "code": (file_of([*ROWS[:3], "9,1"]), "action is '1'; write nothing, email or let"),
    "capitals": (file_of([*ROWS[:3], "9,Email"]), "action is 'Email'; write nothing"),
    "hyphen": (file_of([*ROWS[:3], "9,e-mail"]), "action is 'e-mail'"),
    "both": (file_of([*ROWS[:3], "9,email+letter"]), "action is 'email+letter'"),
    "empty": (file_of([*ROWS[:3], "9,"]), "row 4 (line 5): action is empty"),
    "formula": (file_of([*ROWS[:3], "9,=1+1"]), "action is '=1+1'"),
    "escape": (file_of([*ROWS[:3], "9,\x1b[2J"]), r"\x1b[2J"),
    "float id": (file_of(["1.0,email", *ROWS[1:]]), "customer_id is '1.0'; write a"),
    "long id": (file_of(["9" * 5000 + ",email"]), "customer_id is '999"),
    "no header": ("\n".join(ROWS), "column customer_id is missing"),
    "index": (",customer_id,action\n0,1,email\n", "column '' is unknown (pan"),
    "value": ("customer_id,action,profit\n1,email,9e9\n", "column 'profit' is unknown"),
    "semicolons": ("customer_id;action\n1;email\n", "separate columns by"),
    "nothing": ("", "the file is empty; its first line must be customer_id,action"),
    "header only": (HEAD, "a header and no rows"),
    "open quote": (HEAD + '1,"email\n', "is not CSV"),
    "nul": (HEAD + "1,\x00email\n", "NUL bytes"),
    "xlsx": (b"PK\x03\x04 and so on", "a zip archive, as an .xlsx workbook is"),
    "gzip": (gzip.compress(file_of(ROWS).encode()), "a gzip archive"),
    "pickle": (pickle.dumps(["plan"]), "a pickle"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_refusals(run, kind):
    data, words = REFUSED[kind]
    status, out, err = run(data)
    assert (status, out) == (2, "")
    assert words in err
    assert "plan.csv' was not graded: " in err
    assert err.count("\n") == 1, "one sentence"
    assert len(err) < 500
    assert err.strip().isprintable(), "what a file says is escaped"


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
    status, out, err = run(file_of(ROWS), forecast=text)
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


@given(st.binary(max_size=200), st.sampled_from([b"", HEAD.encode(), b"profit,low,"]))
def test_no_bytes_bring_it_down(tmp_path_factory, data, head):
    folder = tmp_path_factory.getbasetemp()
    (folder / "any.csv").write_bytes(file_of(ROWS).encode())
    (folder / "any.txt").write_bytes(head + data)
    (folder / "other.csv").write_bytes(head + data)
    (folder / "truth.csv").write_text(TRUTH, encoding="utf-8")
    truth = grade.read_campaign(folder / "truth.csv")
    for name in ("any.csv", "other.csv"):
        with contextlib.suppress(grade.Refused):  # and no other error
            grade.grade_campaign(folder / name, truth)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("customer_id,email,letter\n1,nan,2\n", "email is 'nan'"),
        ("customer_id,email,letter,b\n1,.1,2,mail\n", "unknown action"),
        ("customer_id,email\n1,.1\n", "column letter is missing"),
    ],
)
def test_broken_answers_are_refused(run, answers, text, words):
    answers.write_text(text, encoding="utf-8")
    status, _, err = run(file_of(ROWS))
    assert status == 2
    assert words in err


@pytest.mark.parametrize(
    "options",
    [
        ["--seed", "1", "a.csv"],
        ["--new", "x", "--new-campaign", "y"],
        ["--new-campaign", "x", "--forecast", "f.txt"],
        ["a.csv", "--forecast", "f.txt"],
    ],
)
def test_options_that_do_not_go_together(options, capsys):
    assert main(options) == 2
    assert capsys.readouterr().err.startswith("recbook.grade: ")


def test_lists_of_films_are_no_plan(run):
    status, _, err = run(file_of(ROWS), "--lists")
    assert status == 2
    assert "--lists goes with films" in err


def test_lists_are_no_form_of_a_plan(folder, tmp_path, capsys):
    (tmp_path / "plan.csv").write_text(file_of(ROWS), encoding="utf-8")
    students = str(folder / "students")
    assert main([str(tmp_path / "plan.csv"), "--form", students, "--lists"]) == 2
    assert "--lists goes with films" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--new-campaign", "--form", "--answers"])
def test_a_name_too_long_for_the_disk_is_refused(option, tmp_path, capsys):
    (tmp_path / "plan.csv").write_text(file_of(ROWS), encoding="utf-8")
    file = [] if option == "--new-campaign" else [str(tmp_path / "plan.csv")]
    assert main([*file, option, "x" * 300]) == 2
    err = capsys.readouterr().err
    assert err.startswith("recbook.grade: ")
    assert err.count("\n") == 1


def test_forecasts_of_folders_have_their_students_names(answers, tmp_path, capsys):
    for name, high in (("Ada", 10), ("Bob", 20)):
        place = tmp_path / "class" / f"{name}_12_assignsubmission_file_"
        place.mkdir(parents=True)
        (place / "plan.csv").write_text(file_of(ROWS), encoding="utf-8")
        (place / "plan.txt").write_text(f"profit,low,high\n1,0,{high}\n", "utf-8")
    assert main(["--table", str(tmp_path / "class"), "--answers", str(answers)]) == 0
    out = capsys.readouterr().out
    assert out.index("'Ada/plan.csv': Forecast") < out.index("'Bob/plan.csv': Fore")


# A campaign for a class --------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class") / "spring"
    small_campaign(folder, 2**100)
    return folder


def small_campaign(folder, seed=None):
    """Make a small campaign; the command makes the same with 100,000 customers."""
    with warnings.catch_warnings():  # of 360 people in an arm hardly any order
        warnings.filterwarnings("ignore", "y is 1 for")
        return grade.new_campaign(folder, seed, 4000)


def test_students_get_no_answer(folder):
    given_out = {path.name for path in (folder / "students").iterdir()}
    assert given_out == {"customers.csv", "trial.csv", "README.md"}
    customers = pd.read_csv(folder / "students" / "customers.csv")
    hidden = {"rate", "leaving", "alive", "mean_value", "response", "effect", "email"}
    assert not hidden & {*customers}
    answers = pd.read_csv(folder / "answers-campaign.csv")
    for column in customers.columns[1:]:
        assert not np.array_equal(customers[column], answers["email"])


def test_the_seed_makes_it_again_and_turns_the_dials(folder, tmp_path):
    small_campaign(tmp_path / "again", 2**100)
    for name in ("students/trial.csv", "students/customers.csv", make.ANSWERS):
        one, other = (place / name for place in (folder, tmp_path / "again"))
        assert one.read_bytes() == other.read_bytes()
    seed = small_campaign(tmp_path / "drawn")
    assert 2**64 < seed < 2**128
    text = (tmp_path / "drawn" / "seed.txt").read_text(encoding="utf-8")
    assert int(text) == seed


def test_the_task_is_the_trial(folder):
    task = grade.load_campaign(folder / "students")
    shop = worlds.customers(4000, 2**100, make.JITTER)
    trial, log = shop.campaign(2**100, 1200), task.log()
    for name in ("customers", "action", "propensity", "ordered", "left", "consent"):
        np.testing.assert_array_equal(getattr(log, name), getattr(trial, name))
    np.testing.assert_allclose(log.euros, trial.euros)
    pd.testing.assert_frame_equal(task.features(), shop.features())
    assert log.truth is None


def test_from_the_task_to_the_table(folder, tmp_path, capsys):
    task = grade.load_campaign(folder / "students")
    plans = tmp_path / "plans"
    plans.mkdir()
    ids = np.arange(len(task.customers))
    some = task.customers["opens"] > 5
    for name, action in (("a", "email"), ("b", np.where(some, "email", "nothing"))):
        frame = pd.DataFrame({"customer_id": ids, "action": action})
        frame.to_csv(plans / f"{name}.csv", index=False)
    (plans / "b.txt").write_text("profit,low,high\n50,0,100\n", encoding="utf-8")
    (plans / "c.csv").write_text("no plan\n", encoding="utf-8")
    students = str(folder / "students")
    assert main([str(plans / "b.csv"), "--form", students]) == 0
    assert "can be graded" in capsys.readouterr().out
    assert main([str(plans / "c.csv"), "--form", students]) == 2
    capsys.readouterr()
    answers = str(folder / make.ANSWERS)
    csv = tmp_path / "class.csv"
    assert main(["--table", str(plans), "--answers", answers, "--csv", str(csv)]) == 0
    out = capsys.readouterr().out
    assert "refused: 'c.csv'" in out
    assert "'b.csv': Forecast 50 €" in out
    assert "'a.csv': no forecast" in out
    rows = pd.read_csv(csv)
    assert {"a.csv", "b.csv", "c.csv", "(uplift)"} <= {*rows["name"]}
    everybody = rows.set_index("name")["of the best"]
    assert everybody["a.csv"] == everybody["(everybody)"]


def test_a_folder_that_holds_something_is_not_written_over(folder, capsys):
    assert main(["--new-campaign", str(folder)]) == 2
    assert "not an empty folder" in capsys.readouterr().err
    with pytest.raises(grade.Refused, match="seed is -1"):
        grade.new_campaign(folder / "x", seed=-1)


@pytest.mark.parametrize(
    ("name", "text"),
    [("trial.csv", "customer_id,action\n1,email\n"), ("customers.csv", "a,b\n1,2\n")],
)
def test_what_was_handed_out_and_changed_is_refused(folder, tmp_path, name, text):
    for path in (folder / "students").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(grade.Refused, match="take a fresh copy"):
        grade.load_campaign(tmp_path)


def test_the_package_does_not_give_a_secret_world_away():
    """The formulas of the card, with its numbers, against what a trial shows."""
    profits = {"card": 0.0, "truth": 0.0}
    for seed in range(4):
        shop = worlds.customers(5000, 2**99 + seed, make.JITTER)
        trial = shop.campaign(seed, 5000)
        books = rules.books(shop.table, shop.features())
        lost = rules.lost_share(trial.action, trial.left)
        thrift = shop.table["thrift"].to_numpy()
        known = {
            "card": (
                effects(shop.table, thrift, Dials())[0],
                odds(shop.table, thrift)[1],
            ),
            "truth": (shop.truth.email, shop.truth.effect),
        }
        for name, columns in known.items():
            effect = np.stack(columns, axis=1)
            plan = rules.planned(books, effect, lost, budget=75)[0]
            profits[name] += trial.truth.profit(plan)
    assert profits["card"] < 0.5 * profits["truth"]


# The rules ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small():
    shop = worlds.customers(6000, seed=2)
    return shop, shop.campaign(seed=0, n=5000)


def test_letters_go_down_a_list_as_far_as_the_money_goes():
    key, consent = np.arange(6000.0), np.arange(6000) % 2 == 0
    actions = rules.letters_to(key, consent)
    sent = np.flatnonzero(actions)
    assert (actions[sent] == 2).all()
    assert sent.tolist() == [*range(6000 - 2 * 2500, 6000, 2)]
    few = rules.letters_to(key[:10], consent[:10])
    assert np.flatnonzero(few).tolist() == [0, 2, 4, 6, 8]


def test_planned_by_brute_force():
    # all 27 plans of three customers, with money for one letter and two e-mails
    effect = np.array([[0.01, 0.08], [0.015, 0.04], [0.004, 0.09]])
    margin, year = np.array([20.0, 20.0, 30.0]), np.array([40.0, 10.0, 50.0])
    books = rules.Books(None, np.ones(3, dtype=bool), margin, year, None)
    cost, lost = np.array([0, 0.003, 0.6]), 0.004
    value = np.zeros((3, 3))
    value[:, 1:] = effect * margin[:, None] - cost[1:]
    value[:, 1] -= 0.9 * lost * year
    rows = np.arange(3)
    best = max(
        value[rows, plan].sum()
        for plan in np.ndindex(3, 3, 3)
        if cost[list(plan)].sum() <= 0.606
    )
    actions, price = rules.planned(books, effect, lost, budget=0.606)
    assert value[rows, actions].sum() == pytest.approx(best)
    assert price > 0
    # an e-mail that gains .20 and costs .003 and .9 x .004 x 54 = .1944: .0026 is left
    one = rules.Books(
        None, np.ones(1, dtype=bool), np.array([20.0]), np.array([54.0]), None
    )
    assert rules.planned(one, np.array([[0.01, 0.0]]), lost)[0].tolist() == [1]
    refused = rules.Books(None, np.zeros(3, dtype=bool), margin, year, None)
    assert 2 not in rules.planned(refused, effect, lost)[0]


def test_effects_are_those_of_the_learner_on_the_two_arms(small):
    shop, trial = small
    books = rules.books(shop.table, shop.features())
    found = rules.effects(books, trial.customers, trial.action, trial.ordered)
    some = trial.action < 2
    X = books.X[trial.customers[some]]
    email = uplift.TLearner().fit(X, trial.action[some], trial.ordered[some])
    np.testing.assert_allclose(found[:, 0], email.effect(books.X))
    assert found.shape == (6000, 2)


def test_a_forecast_in_euros_for_everybody(small):
    shop, trial = small
    books = rules.books(shop.table, shop.features())
    ahead = rules.forecast(books, trial)
    again = rules.forecast(books, trial)
    assert ahead == again
    assert ahead.max_weight == pytest.approx(3.0)
    assert ahead.standard_error > 0
    idle = rules.forecast(books, trial, learner=Useless)
    assert idle.value == pytest.approx(0, abs=1e-9)  # a plan that does nothing


def test_a_forecast_by_a_plain_loop(small):
    shop, trial = small
    books = rules.books(shop.table, shop.features())
    ahead = rules.forecast(books, trial, learner=Hopeful, seed=4)
    fold = np.random.default_rng(4).permutation(5000) % 10
    gains, weights = [], []
    for k in range(10):
        rest = fold != k
        lost = (trial.left[rest].sum() + 0.5) / ((trial.action[rest] == 1).sum() + 1)
        models = []
        for a in range(3):
            arm = rest & (trial.action == a)
            X = books.X[trial.customers[arm]]
            models.append(Logistic(20).fit(X, trial.ordered[arm]))
        for i in np.flatnonzero(~rest):
            u, done = trial.customers[i], trial.action[i]
            x, m = books.X[u : u + 1], books.margin[u]
            loss = 0.9 * lost * books.year[u]
            q = [
                models[0].predict(x)[0] * m,
                models[1].predict(x)[0] * m - 0.003 - loss,
            ]
            plan = 1 if 0.05 * m - loss - 0.003 > 0 else 0
            psi = [*q]
            if done < 2:
                seen = trial.ordered[i] * m - (0.003 + loss if done == 1 else 0)
                psi[done] += (seen - q[done]) / trial.propensity[i, done]
            gains.append(psi[plan] - psi[0])
            weights.append((plan == done) / trial.propensity[i, done])
    gains = np.array(gains)
    assert ahead.value == pytest.approx(6000 * gains.mean())
    error = gains.std(ddof=1) / math.sqrt(5000)
    assert ahead.standard_error == pytest.approx(6000 * error)
    assert ahead.mean_weight == pytest.approx(np.mean(weights))
    assert ahead.effective_n == pytest.approx(
        sum(weights) ** 2 / np.dot(weights, weights)
    )
    assert abs(ahead.mean_weight - 1) < 0.1  # the lot gave each action its chance


class Hopeful:
    """A learner who expects five more orders of a hundred e-mails, and no letter's."""

    n_fits = 0

    def fit(self, X, treated, y):
        self.effect_ = 0.05 if Hopeful.n_fits % 2 == 0 else -1.0
        Hopeful.n_fits += 1
        return self

    def effect(self, X):
        return np.full(len(X), self.effect_)


class Useless:
    """A learner who expects harm of everything."""

    def fit(self, X, treated, y):
        return self

    def effect(self, X):
        return np.full(len(X), -1.0)
