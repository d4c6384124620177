"""Pacing beside a plain loop, a linear programme, numbers by hand."""

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import linprog

from recbook.marketing import pacing, worlds

FEW = hypothesis.settings(max_examples=40)
EUROS = st.integers(0, 12).map(lambda quarters: quarters / 4)
HAND = [6, 5, 4, 3], [4, 2, 2, 1]  # returns 1.5, 2.5, 2 and 3


@pytest.fixture(scope="module")
def today():
    return worlds.day(20_000, seed=1)


@st.composite
def days(draw):
    n = draw(st.integers(1, 10))
    values, prices = (
        np.array(draw(st.lists(EUROS, min_size=n, max_size=n))) for _ in range(2)
    )
    return values, prices, draw(EUROS)


# When the day is over ----------------------------------------------------------------


def test_hindsight_by_hand():
    # 3 for 1 €, 5 for 2 €, 4 for 2 €: 12 for 5 €. The next would be 6 for 4 €: 1.5.
    for budget, share, multiplier in (
        (5, [0, 1, 1, 1], 0.5),
        (4, [0, 1, 0.5, 1], 1.0),  # half of the third; its return is 2
        (3, [0, 1, 0, 1], 1.0),
        (0, [0, 0, 0, 0], 2.0),
        (9, [1, 1, 1, 1], 0.0),
    ):
        found, mu = pacing.offline_plan(*HAND, budget)
        assert found.tolist() == share
        assert mu == multiplier == pacing.offline_multiplier(*HAND, budget)


def test_what_is_not_worth_its_price_is_left_and_what_is_free_taken():
    share, mu = pacing.offline_plan([1, 2, 3, 0], [2, 2, 0, 0], budget=100)
    assert (share.tolist(), mu) == ([0, 0, 1, 0], 0.0)
    assert pacing.offline_multiplier([1, 2], [0, 0], budget=0) == 0.0


@FEW
@given(days())
def test_hindsight_is_the_linear_programme(day):
    values, prices, budget = day
    share, _ = pacing.offline_plan(*day)
    found = linprog(prices - values, [prices], [budget], bounds=(0, 1))
    assert (values - prices) @ share == pytest.approx(-found.fun, abs=1e-9)
    assert prices @ share <= budget + 1e-9
    assert ((share > 0) & (share < 1)).sum() <= 1


@FEW
@given(days())
def test_the_multiplier_is_the_smallest_that_fits(day):
    values, prices, budget = day
    mu = pacing.offline_multiplier(*day)

    def spent(factor):
        return prices[values > factor * prices].sum()

    assert spent(1 + mu) <= budget
    assert mu == 0 or spent((1 + mu) * (1 - 1e-9)) > budget


# While it runs -----------------------------------------------------------------------


def plain_pace(values, prices, budget, step, start, target, roas):
    """The recursion of the docstring, an impression at a time."""
    left, mu, lam = budget, start, 0.0
    won, multipliers = [], []
    for v, p, rho in zip(values, prices, target, strict=True):
        multipliers.append(mu)
        bid = v * (1 + lam) / (1 + mu + lam * (roas or 0))
        win = bid > p and p <= left
        left -= p * win
        if roas and win:
            lam = max(0, lam - step * (v - roas * p))
        mu = max(0, mu - step * (rho - p * win))
        won.append(win)
    return won, multipliers


@FEW
@given(
    days(), st.sampled_from([0, 0.25, 2]), st.sampled_from([0, 1.5]),
    st.sampled_from([None, 0.5, 2]), st.booleans(),
)  # fmt: skip
def test_a_day_is_what_the_recursion_says(day, step, start, roas, planned):
    values, prices, budget = day
    target = np.arange(len(values)) / 4 if planned else None
    plan = target if planned else np.full(len(values), budget / len(values))
    won, multipliers = plain_pace(values, prices, budget, step, start, plan, roas)
    run = pacing.pace(*day, step, start, target, roas)
    assert run.won.tolist() == won
    np.testing.assert_allclose(run.multipliers, multipliers, atol=1e-12)
    assert run.value == pytest.approx(values[won].sum())
    assert run.spend == pytest.approx(prices[won].sum())
    assert run.spend <= budget
    assert run.wins == sum(won)


def test_a_day_by_hand():
    # At 1 + mu = 1 the first impression eats 4 of 5 €; 2 does not fit twice; 1 does: 6
    # + 3.
    assert pacing.pace(*HAND, 5, step=0).won.tolist() == [True, False, False, True]
    # At 1.75 its bid is 3.43 < 4; the others win for 5 €: 12.
    run = pacing.pace(*HAND, 5, step=0, start=0.75)
    assert (run.value, run.spend, run.roas) == (12.0, 5.0, 2.4)
    # Plan 1.25 an impression, step .4: after 4 € mu = .4 · 2.75 = 1.1; after nothing
    # .6, .1.
    run = pacing.pace(*HAND, 5, step=0.4)
    np.testing.assert_allclose(run.multipliers, [0, 1.1, 0.6, 0.1])


def test_a_multiplier_of_hindsight_buys_what_hindsight_buys(today):
    values, prices = today.values, today.prices
    share, mu = pacing.offline_plan(values, prices, 12)
    run = pacing.pace(values, prices, 12, step=0, start=mu)
    np.testing.assert_array_equal(run.won, share == 1)


def hostile_days(n=250):
    """Ordinary days, rising, falling, in bursts; some impressions are free."""
    for seed in range(n):
        rng = np.random.default_rng(seed)
        values = rng.lognormal(0, 1, 200)
        prices = values * rng.lognormal(-0.5, 1, 200) * (rng.random(200) > 0.1)
        order = np.argsort(values / (prices + 1e-9))
        yield values, prices
        yield values[order], prices[order]  # the best come when the money is gone
        yield values[order[::-1]], prices[order[::-1]]
        burst = np.where(np.arange(200) // 20 % 2, 1e6, 1.0)
        yield values * burst, prices * burst


def test_a_budget_is_never_overspent():
    rng = np.random.default_rng(0)
    for values, prices in hostile_days():
        budget = float(rng.choice([0, 0.1, 3, 50, 1e5]))
        step = float(rng.choice([0, 0.01, 1, 1e6]))
        roas = rng.choice([None, 0.5, 3.0])
        run = pacing.pace(values, prices, budget, step, roas=roas)
        assert run.spend <= budget
        assert prices[run.won].sum() <= budget * (1 + 1e-12)
        assert np.isfinite(run.multipliers).all()
        assert (run.multipliers >= 0).all()
        share, _ = pacing.offline_plan(values, prices, budget)
        if roas is None:  # hindsight buys at most as dear, so nobody gains more
            gain = run.value - run.spend
            assert gain <= (values - prices) @ share * (1 + 1e-9) + 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_a_day_of_pacing_comes_near_to_hindsight(seed):
    today = worlds.day(seed=seed)
    share, _ = pacing.offline_plan(today.values, today.prices, 60)
    best = share @ today.values
    for step in (1, 3, 10):
        run = pacing.pace(today.values, today.prices, 60, step)
        assert run.value >= 0.985 * best
        assert run.spend > 59.5
    at_once = pacing.pace(today.values, today.prices, 60, 0)
    assert at_once.value < 0.55 * best


def test_a_target_for_the_return_is_approached(today):
    free = pacing.pace(today.values, today.prices, 12, step=20)
    for roas in (2, 5, 6):
        run = pacing.pace(today.values, today.prices, 12, step=20, roas=roas)
        assert run.roas > min(0.97 * roas, free.roas)
        assert roas > 2 or run.value > 0.97 * free.value  # met already


def test_roas_bid_is_the_best_answer_to_its_prices():
    # (v - p) - mu p + lam (v - r p) > 0 where p is below the bid, by brute force.
    value, roas, mu, lam = 6.0, 3.0, 0.4, 0.7
    bid = pacing.roas_bid(value, roas, mu, lam)
    assert bid == pytest.approx(1.7 * 6 / (1 + 0.4 + 2.1))
    for price in np.linspace(0, 8, 81):
        gain = value - price - mu * price + lam * (value - roas * price)
        assert (gain > 0) == (price < bid)
    assert pacing.roas_bid([6, 3], 3, roas_multiplier=1e9) == pytest.approx([2, 1])
    assert pacing.roas_bid(6, 3, multiplier=1) == 3.0  # without the target: v/(1 + mu)


# What is refused ---------------------------------------------------------------------

NAN = float("nan")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pacing.offline_plan([], [], 1), "values must be a flat list"),
        (lambda: pacing.offline_plan([1, NAN], [1, 1], 1), r"values\[1\] is nan"),
        (lambda: pacing.offline_plan([1, 1], [1, -1], 1), r"prices\[1\] is -1.0"),
        (lambda: pacing.offline_plan([1, 1], [1], 1), "prices has 1 rows, but 2"),
        (lambda: pacing.offline_multiplier([1], [1], -1), "budget must be"),
        (lambda: pacing.pace([1], [1], NAN, 1), "budget must be"),
        (lambda: pacing.pace([1], [1], 1, -1), "step must be"),
        (lambda: pacing.pace([1], [1], 1, 1, start=-1), "start must be"),
        (lambda: pacing.pace([1], [1], 1, 1, target=[1, 2]), "target has 2 rows"),
        (lambda: pacing.pace([1], [1], 1, 1, target=[-1]), r"target\[0\] is -1.0"),
        (
            lambda: pacing.pace([1], [1], 1, 1, roas=0),
            "roas must be a finite number above 0",
        ),
        (lambda: pacing.pace([1e13], [1], 1, 1), r"values\[0\] is 1"),
        (lambda: pacing.roas_bid(-1, 2), r"value\[0\] is -1.0"),
        (lambda: pacing.roas_bid(1, 2, multiplier=-1), "multiplier must be"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
