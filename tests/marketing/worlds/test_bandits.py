"""The world of banners: its draws beside their definitions, and what it refuses."""

import numpy as np
import pytest
from scipy.special import expit, logit

from recbook.marketing import worlds

WORLD = worlds.banners()
N = 200_000


def test_a_segment_for_each_combination_of_features():
    assert WORLD.segments.shape == (16, 4)
    assert len({tuple(row) for row in WORLD.segments}) == 16
    assert set(np.unique(WORLD.segments)) == {0.0, 1.0}
    # Segment 5 is 0101 in binary, read from the right: phone and young.
    assert WORLD.segments[5].tolist() == [1, 0, 1, 0]


def test_features_add_up_in_log_odds():
    """logit(f, g) - logit(f) - logit(g) + logit(none) is 0: no interaction."""
    scores = logit(WORLD.truth.clicks)
    for one, other in [(1, 2), (1, 8), (4, 8)]:
        both = scores[one + other] - scores[one] - scores[other] + scores[0]
        np.testing.assert_allclose(both, 0, atol=1e-5)  # rounded to nine decimals


def test_minutes_go_by_the_same_scores_and_are_never_negative():
    scores = WORLD.truth.minutes - 4 - 3.4
    np.testing.assert_allclose(expit(scores), WORLD.truth.clicks, atol=1e-8)
    assert WORLD.truth.minutes.min() > 1.5  # five times the noise of a stay


def test_the_best_banner_differs_between_segments():
    best = WORLD.truth.clicks.argmax(axis=1)
    assert len(set(best)) >= 4
    assert 0.04 < WORLD.truth.clicks.mean() < 0.05


def test_segments_are_equally_frequent():
    counts = np.bincount(WORLD.impressions(N, seed=1), minlength=16)
    # Expected 12,500, standard deviation of a count sqrt(12,500 · 15/16) = 108.
    assert np.abs(counts - N / 16).max() < 5 * 108


def test_rates_and_stays_are_the_true_ones():
    segments = np.full(N, 9)
    shown = np.full(N, 6)
    p, mean = WORLD.truth.clicks[9, 6], WORLD.truth.minutes[9, 6]
    clicks = WORLD.clicks(segments, shown, seed=3)
    assert abs(clicks.mean() - p) < 4 * np.sqrt(p * (1 - p) / N)
    minutes = WORLD.minutes(segments, shown, seed=3)
    assert abs(minutes.mean() - mean) < 4 * 0.3 / np.sqrt(N)
    assert abs(minutes.std() - 0.3) < 0.005


def test_one_seed_serves_all_draws():
    """Whoever looks at the page and whoever clicks do not hang on the same numbers."""
    segments = WORLD.impressions(N, seed=0)
    clicks = WORLD.clicks(segments, np.full(N, 2), seed=0)
    for segment in (0, 7, 15):
        p, here = WORLD.truth.clicks[segment, 2], clicks[segments == segment]
        assert abs(here.mean() - p) < 5 * np.sqrt(p * (1 - p) / len(here))
    minutes = WORLD.minutes(segments, np.full(N, 2), seed=0)
    noise = minutes - WORLD.truth.minutes[segments, 2]
    assert abs(np.corrcoef(noise, segments)[0, 1]) < 0.02
    assert abs(np.corrcoef(noise, clicks)[0, 1]) < 0.02


def test_the_same_seed_draws_the_same():
    again = worlds.banners()
    np.testing.assert_array_equal(WORLD.truth.clicks, again.truth.clicks)
    assert (worlds.banners(seed=1).truth.clicks != WORLD.truth.clicks).all()
    segments, shown = WORLD.impressions(50, seed=2), np.arange(50) % 8
    for draw in (WORLD.clicks, WORLD.minutes):
        np.testing.assert_array_equal(
            draw(segments, shown, 4), draw(segments, shown, 4)
        )
        assert (draw(segments, shown, 4) != draw(segments, shown, 5)).any()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: worlds.banners(1), "n_banners must be an integer of at least 2"),
        (lambda: worlds.banners(seed=-1), "seed must be an integer of at least 0"),
        (lambda: WORLD.impressions(0), "n must be an integer of at least 1"),
        (lambda: WORLD.clicks([0, 16], [0, 0]), r"segments\[1\] is 16"),
        (lambda: WORLD.clicks([0, 1], [0, 8]), r"shown\[1\] is 8"),
        (
            lambda: WORLD.minutes([0, 1], [0]),
            "2 impressions and shown 1: give one banner",
        ),
        (lambda: WORLD.minutes([0.0], [0]), "segments must hold integer codes"),
        (lambda: WORLD.clicks([0], [0], seed=1.5), "seed must be an integer"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(ValueError, match=words):
        call()
