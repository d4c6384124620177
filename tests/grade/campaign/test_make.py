"""A campaign for a class: what students get, by which seed, and what a trial shows."""

import numpy as np
import pandas as pd
import pytest
from handed_in import PLAN, plan_of, small_campaign

from recbook import grade
from recbook.grade.campaign import make, rules
from recbook.grade.commands import main
from recbook.marketing import worlds
from recbook.marketing.worlds.campaign import effects
from recbook.marketing.worlds.dials import Dials
from recbook.marketing.worlds.uplift import odds


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
    status, _, err = run(plan_of(PLAN))
    assert status == 2
    assert words in err


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
