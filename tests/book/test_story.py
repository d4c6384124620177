"""The letter of 1.1 goes on in 6.8: what 1.1 says of the world there is so."""

import numpy as np
import pytest

from recbook.marketing import worlds

MARGIN, COST = 20.0, 0.60


@pytest.fixture(scope="module")
def shop():
    return worlds.customers(seed=0)


def by_tenths(shop, values):
    """Means over the tenths of the shop's own order, the best tenth first."""
    first = np.argsort(-shop.table["score"].to_numpy(), kind="stable")
    return values[first].reshape(10, -1).mean(axis=1)


def test_about_two_percent_order_and_most_letters_are_wasted(shop):
    everybody = np.ones(shop.n_customers, dtype=bool)
    response = (shop.truth.response + shop.truth.effect).mean()
    assert 0.018 < response < 0.022
    assert 0.004 < shop.truth.effect.mean() < 0.007
    assert shop.truth.profit(everybody) < -40_000


def test_those_whom_the_model_puts_first_would_have_come_anyway(shop):
    with_letter = by_tenths(shop, shop.truth.response + shop.truth.effect)
    uplift = by_tenths(shop, shop.truth.effect)
    assert with_letter[0] == with_letter.max()
    assert with_letter[0] > 2 * COST / MARGIN, "it looks well worth a letter"
    assert uplift[0] < 0.1 * COST / MARGIN, "and is not"
    assert uplift.argmax() in (2, 3)


def test_the_letters_that_pay_go_to_others(shop):
    pays = shop.truth.effect * MARGIN > COST
    assert shop.truth.profit(pays) > 6000
    first = np.argsort(-shop.table["score"].to_numpy(), kind="stable")[:10_000]
    assert pays[first].mean() < 0.02
