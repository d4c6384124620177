"""The world of days: its traffic, its prices, and what an impression is worth."""

import numpy as np
import pytest

from recbook.marketing import worlds


def test_a_seed_makes_the_day():
    one, two, other = (worlds.day(500, seed) for seed in (4, 4, 5))
    for name in ("minutes", "values", "prices"):
        assert (getattr(one, name) == getattr(two, name)).all()
    assert not (one.prices == other.prices).all()


def test_a_day_has_the_traffic_and_prices_of_its_card():
    today = worlds.day(seed=2)
    assert today.n_impressions == 100_000
    assert (np.diff(today.minutes) >= 0).all()
    assert today.minutes[0] >= 0
    assert today.minutes[-1] < 1440
    hours = np.bincount((today.minutes // 60).astype(int), minlength=24)
    assert hours.argmax() == 20
    assert hours[20] > 9 * hours[3:5].max()
    odds = np.log(today.values / (0.4 - today.values))
    assert odds.mean() == pytest.approx(-4, abs=0.02)
    assert odds.std() == pytest.approx(1, abs=0.02)
    late = today.minutes >= 18 * 60
    rest = np.log(today.prices / 0.008) - 0.4 * (odds + 4)
    assert rest.std() == pytest.approx(0.7, abs=0.04)
    for part, factor in ((late, 1.15), (~late, 1 / 1.15)):
        assert rest[part].mean() == pytest.approx(np.log(factor), abs=0.02)
    worth = today.values > today.prices
    assert 330 < today.prices[worth].sum() < 410  # the card says some 370 €
    with pytest.raises(ValueError, match="n must be an integer"):
        worlds.day(0)
