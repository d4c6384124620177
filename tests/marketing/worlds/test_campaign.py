"""The campaign of three actions: its world by plain loops, and what it refuses."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from recbook.marketing import uplift, worlds
from recbook.marketing.worlds import campaign
from recbook.marketing.worlds.dials import Dials, turned

CARD = Path(__file__).parents[3] / "data" / "campaign" / "README.md"


@pytest.fixture(scope="module")
def shop():
    return worlds.customers(20_000, seed=3)


@pytest.fixture(scope="module")
def trial(shop):
    return shop.campaign(seed=1, n=15_000)


def test_a_seed_makes_the_trial(shop, trial):
    again, other = shop.campaign(seed=1, n=15_000), shop.campaign(seed=2, n=15_000)
    for name in ("customers", "action", "ordered", "euros", "left"):
        np.testing.assert_array_equal(getattr(trial, name), getattr(again, name))
    assert not np.array_equal(trial.customers, other.customers)
    assert (np.diff(trial.customers) > 0).all()
    assert shop.campaign(n=20_000).customers.tolist() == [*range(20_000)]


def test_the_lot_is_what_the_propensities_say(shop, trial):
    consent = shop.table["consent"].to_numpy()[trial.customers]
    np.testing.assert_allclose(trial.propensity[consent], 1 / 3)
    assert (trial.propensity[~consent] == [0.5, 0.5, 0.0]).all()
    assert not (trial.action[~consent] == 2).any()
    for some, share in ((consent, 1 / 3), (~consent, 1 / 2)):
        for action in range(3 if share < 0.5 else 2):
            error = math.sqrt(share * (1 - share) / some.sum())
            mean = (trial.action[some] == action).mean()
            assert abs(mean - share) < 4 * error


def test_the_effects_of_an_e_mail_are_what_the_card_says(shop):
    table, truth = shop.table, shop.truth
    for code in range(300):
        row = table.loc[code]
        s = row["score"] - 0.6 * truth.thrift[code]
        gain = 0.04 * math.exp(-(((s + 4.4) / 0.7) ** 2)) * row["opens"] / 8
        gain *= 1.0 if row["phone"] else 0.5
        assert truth.email[code] == pytest.approx(gain, abs=2e-9)
        lost = 0.002 + 0.003 * (1 - row["opens"] / 8)
        assert truth.lost[code] == pytest.approx(lost, abs=2e-9)


def test_the_accounts_by_hand(shop, trial):
    people, books = shop.truth, trial.truth
    consent = shop.table["consent"].to_numpy()
    for code in range(300):
        margin = 0.36 * people.mean_value[code]
        rate, p = people.rate[code], people.leaving[code]
        # while a customer, orders come at the rate; a share p of them is the last
        orders = (1 - math.exp(-rate * p * 52)) / p if people.alive[code] else 0.0
        assert books.year[code] == pytest.approx(margin * orders)
        email = people.email[code] * margin - 0.003
        email -= 0.9 * people.lost[code] * margin * orders
        letter = people.effect[code] * margin - 0.60
        letter = letter if consent[code] else -math.inf
        assert books.value[code] == pytest.approx([0, email, letter], abs=1e-8)
    actions = np.zeros(20_000, dtype=int)
    assert books.profit(actions) == 0.0
    actions[[4, 9]] = 1
    two = books.value[[4, 9], 1].sum()
    assert books.profit(actions) == pytest.approx(two)


def test_a_year_of_orders_is_what_the_model_of_customers_gives():
    # 20,000 lives of one customer who orders each fifth week and leaves after one of
    # four orders: (1 - exp(-52 / 20)) / (1 / 4) = 3.703 orders in a year
    n = 20_000
    alike = np.full(n, 0.2), np.full(n, 0.25), np.ones(n, dtype=bool)
    table = dict.fromkeys(("thrift", "response", "effect", "email", "lost"), None)
    truth = worlds.people.CustomerTruth(*alike, np.ones(n), **table)
    expected = campaign.coming_year(truth)
    assert expected[0] == pytest.approx(3.7029, abs=1e-4)
    drawn = len(truth.future(52, seed=1)) / n
    assert drawn == pytest.approx(expected[0], rel=0.02)


def test_people_do_what_the_truth_says(trial):
    truth, people = trial.truth, trial.customers
    chance = truth.chance[people, trial.action]
    for action in range(3):
        some = trial.action == action
        error = math.sqrt(chance[some].mean() / some.sum())
        assert abs(trial.ordered[some].mean() - chance[some].mean()) < 4 * error
    assert not trial.left[trial.action != 1].any()
    mailed = trial.action == 1
    lost = truth.lost[people][mailed].mean()
    error = math.sqrt(lost / mailed.sum())
    assert abs(trial.left[mailed].mean() - lost) < 4 * error
    assert ((trial.euros > 0) == (trial.ordered == 1)).all()
    size = trial.euros[trial.euros > 0] / truth.margin[people[trial.euros > 0]]
    assert size.mean() == pytest.approx(1.0, abs=4 * 0.4 / math.sqrt(len(size)))


def test_a_season_is_the_same_for_the_same_seed_and_action(trial):
    nobody = np.zeros(20_000, dtype=int)
    some = nobody.copy()
    some[:1000] = 1
    quiet, loud, again = (trial.play(a, seed=5) for a in (nobody, some, some))
    np.testing.assert_array_equal(loud.euros, again.euros)
    np.testing.assert_array_equal(quiet.euros[1000:], loud.euros[1000:])
    # the same numbers are held against chances that an e-mail never lowers
    assert (quiet.ordered <= loud.ordered).all()
    assert not quiet.left.any()
    other = trial.play(nobody, seed=6)
    assert not np.array_equal(quiet.ordered, other.ordered)


def test_the_budget_is_2500_letters(trial):
    plan = np.zeros(20_000, dtype=int)
    plan[np.flatnonzero(trial.consent)[:2500]] = 2
    assert len(trial.play(plan).euros) == 20_000
    plan[np.flatnonzero(trial.consent)[2500]] = 2
    with pytest.raises(ValueError, match=r"actions cost 1,500\.60 €"):
        trial.play(plan)


def test_a_trial_as_a_table(trial):
    frame = trial.frame()
    names = ["customer_id", "action", "chance", "ordered", "euros", "left"]
    assert frame.columns.tolist() == names
    assert set(frame["action"]) == {"nothing", "email", "letter"}
    drawn = trial.propensity[np.arange(15_000), trial.action]
    np.testing.assert_allclose(frame["chance"], drawn, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a, consent: a[:-1], "actions has 19999 rows"),
        (lambda a, consent: np.where(consent, 0, 2), "has not consented"),
        (lambda a, consent: np.where(consent, 2, 0), "but the budget is 1,500"),
        (lambda a, consent: a + 3, "actions"),
        (lambda a, consent: a + 0.5, "actions"),
    ],
)
def test_plans_that_cannot_be_sent_are_refused(trial, change, message):
    plan = change(np.zeros(20_000, dtype=int), trial.consent)
    with pytest.raises(ValueError, match=message):
        trial.play(plan)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda shop: shop.campaign(n=20_001), "n is 20001, but there are 20000"),
        (lambda shop: shop.campaign(n=1), "n must be"),
        (lambda shop: shop.campaign(seed=-1, n=9), "seed must be"),
        (lambda shop: worlds.customers(10, jitter=0.3), "jitter"),
        (lambda shop: worlds.customers(10, jitter=float("nan")), "jitter"),
        (lambda shop: shop.campaign(n=50).truth.profit([0]), "actions has 1 rows"),
    ],
)
def test_what_makes_no_sense_is_refused(shop, call, message):
    with pytest.raises(ValueError, match=message):
        call(shop)


def test_jitter_turns_the_dials_and_nothing_else():
    plain, turned_ = (worlds.customers(2000, seed=8, jitter=j) for j in (0.0, 0.2))
    assert plain.table.equals(turned_.table)
    np.testing.assert_array_equal(plain.truth.response, turned_.truth.response)
    for name in ("effect", "email", "lost"):
        mine, theirs = (getattr(w.truth, name) for w in (plain, turned_))
        assert np.abs(mine - theirs).max() > 0
    chance = turned_.campaign(n=100).truth.chance
    assert ((chance > 0) & (chance < 1)).all()


def test_dials_stay_near_those_of_the_card():
    base = vars(Dials())
    for seed in range(200):
        dials = vars(turned(2**100 + seed, 0.2))
        assert 0.8 * base["height"] <= dials["height"] <= 1.2 * base["height"]
        assert abs(dials["centre"] - base["centre"]) <= 1.0
        assert all(0.2 <= age <= 1.8 for age in dials["ages"] + dials["mail_ages"])
    coins = [turned(seed, 0.2) for seed in range(200)]
    for name in ("spenders", "readers"):
        assert 70 < sum(getattr(c, name) for c in coins) < 130
    assert 70 < sum(c.phone > c.other for c in coins) < 130


def test_the_card_says_what_comes_out():
    shop = worlds.customers()
    truth = shop.campaign(n=30).truth
    worth = np.where(np.isfinite(truth.value), truth.value, -1) + campaign.COSTS
    choice, price = uplift.spend(worth[:, 1:], [campaign.COSTS[1:]], 1500)
    plan = choice + 1

    def euros(value):
        return f"{value:,.0f}".replace("-", "−")

    shown = {
        "an e-mail to everybody truly earns, €": euros(truth.profit(plan * 0 + 1)),
        "the best plan for 1,500 € truly earns, €": euros(truth.profit(plan)),
        "its e-mails; its letters": f"{(plan == 1).sum():,}; {(plan == 2).sum():,}",
        "what its next euro would earn, €": f"{price:.2f}",
        "a customer's coming year, mean, €": f"{truth.year.mean():.1f}",
        "readers whom an e-mail loses, %": f"{100 * truth.lost.mean():.2f}",
    }
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", CARD.read_text("utf-8"), re.M)
    written = {name: value for name, value in rows if name in shown}
    assert written == shown
