"""Draws beside the laws that they are named for, and streams that share no number."""

import numpy as np
import pytest
from scipy import stats

from recbook._core import draws


@pytest.mark.parametrize(
    ("draw", "law"),
    [
        (
            lambda rng: draws.exponential(rng, np.full(4000, 2.0)),
            stats.expon(scale=0.5),
        ),
        (lambda rng: draws.gamma(rng, 4000, 0.55, 9.0), stats.gamma(0.55, scale=1 / 9)),
        (lambda rng: draws.beta(rng, 4000, 0.9, 2.8), stats.beta(0.9, 2.8)),
        (lambda rng: draws.normal(rng, 4000), stats.norm()),
    ],
    ids=["exponential", "gamma", "beta", "normal"],
)
def test_draws_have_their_law(draw, law):
    values = draw(np.random.default_rng(1))
    assert stats.kstest(values, law.cdf).pvalue > 0.01
    np.testing.assert_array_equal(values, np.round(values, 9))


def test_counts_are_the_inverse_of_poissons_law():
    rates = np.repeat([0.0, 0.1, 1.0, 5.0, 80.0, 650.0], 500)
    counts = draws.poisson(np.random.default_rng(3), rates)
    expected = stats.poisson.ppf(np.random.default_rng(3).random(len(rates)), rates)
    np.testing.assert_array_equal(counts, np.maximum(expected, 0))


def test_no_two_kinds_of_draws_share_a_stream():
    starts = [np.random.default_rng(seed).random() for seed in (0, 1)]
    for seed in (0, 1):
        starts += [draws.stream(seed, kind).random() for kind in draws.STREAMS]
        starts += [draws.stream(seed, "holdout", k).random() for k in range(1, 6)]
    assert len(set(starts)) == len(starts)
