"""The clerk's letters: what was put in, and what a shop would see."""

import numpy as np
import pytest
from scipy.special import expit

from recbook.marketing import worlds
from recbook.marketing.regression import Logistic
from recbook.marketing.worlds.observational import rule


@pytest.fixture(scope="module")
def shop():
    return worlds.customers()


def test_one_seed_is_one_mailing(shop):
    one, again, other = (worlds.mailing(shop, seed, n=3000) for seed in (1, 1, 2))
    assert (one.y == again.y).all()
    assert one.X.equals(again.X)
    assert (one.customers != other.customers).any()
    assert shop.table["consent"].to_numpy()[one.customers].all()
    assert (np.diff(one.customers) > 0).all()


def test_the_rule_is_a_logistic_one_of_the_columns(shop):
    world = worlds.mailing(shop, n=80_000)
    e = expit(rule(world.X) - 1.2)
    np.testing.assert_allclose(world.truth.propensity, e, atol=1e-8)
    fitted = Logistic(1e-3).fit(world.X, world.treated).predict(world.X)
    assert np.abs(fitted - e).mean() < 0.01
    assert world.treated.mean() == pytest.approx(e.mean(), abs=0.01)
    chance = worlds.mailing(shop, n=2000, steep=0.0).truth.propensity
    assert np.ptp(chance) == 0


def test_the_letter_does_what_the_card_says(shop):
    world = worlds.mailing(shop, n=80_000)
    t, truth = world.treated, world.truth
    assert world.y.mean() == pytest.approx(
        (truth.response + t * truth.effect).mean(), abs=0.002
    )
    assert (truth.response + truth.effect >= 0).all()
    # A naive comparison says that a letter pays its 3 points; in truth it does not.
    assert world.y[t].mean() - world.y[~t].mean() > 0.03
    for target in ("all", "treated", "overlap"):
        assert 0.004 < truth.average(target) < 0.01
    assert world.truth.average("treated") == pytest.approx(truth.effect[t].mean())


def test_a_hidden_cause_moves_letters_and_orders(shop):
    for hidden, moved in ((0.0, False), (1.0, True)):
        world = worlds.mailing(shop, n=80_000, hidden=hidden)
        warmth = world.truth.warmth
        e = world.truth.propensity
        for outcome in (world.treated, world.y, world.other):
            assert (abs(np.corrcoef(warmth, outcome)[0, 1]) > 0.02) == moved
        assert (np.corrcoef(warmth, e)[0, 1] > 0.1) == moved


def test_warmth_moves_other_orders_between_customers_and_not_their_rate(shop):
    """The mean of exp(h u - h² / 2) is 1."""
    cold = worlds.mailing(shop, n=80_000).truth.other
    warm = worlds.mailing(shop, n=80_000, hidden=0.5).truth.other
    assert warm.mean() == pytest.approx(cold.mean(), rel=0.03)
    assert warm.std() > cold.std()


def test_other_orders_do_not_know_the_letter(shop):
    world = worlds.mailing(shop, n=80_000)
    assert world.other.mean() == pytest.approx(world.truth.other.mean(), abs=0.002)
    e = world.truth.propensity
    gap = np.mean(world.other * (world.treated / e - (1 - world.treated) / (1 - e)))
    assert abs(gap) < 0.006


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"hidden": -1}, "hidden"),
        ({"steep": 9}, "steep"),
        ({"n": 10**6}, "customers"),
        ({"n": 1}, "n must"),
    ],
)
def test_mailings_are_refused(shop, how, message):
    with pytest.raises(ValueError, match=message):
        worlds.mailing(shop, **how)


def test_targets_are_refused(shop):
    with pytest.raises(ValueError, match="target"):
        worlds.mailing(shop, n=100).truth.average("atc")
