"""A log whose policy learns: chances change from row to row, and one is rare."""

import numpy as np
import pytest

from recbook import report


@pytest.mark.parametrize("seed", range(3))
def test_one_row_of_a_rare_banner_does_not_make_its_chance_a_fixed_one(seed):
    """C had 2 % for 100 rows and then next to nothing: it was shown once, in those.

    If 2 % had been its chance in all 1,000 rows it would have been shown 20 times. On
    the logs of Thompson sampling that obp carries the report was refused for that.
    """
    rng, n = np.random.default_rng(seed), 1000
    a = np.linspace(0.8, 0.3, n)
    c = np.where(np.arange(n) < 100, 0.02, 1e-6)
    chances = np.stack([a, 1 - a - c, c], axis=1)
    chances[0], shown = [0.78, 0.2, 0.02], (rng.random(n) > a).astype(int)
    shown[0] = 2
    log = {
        "banner": np.array(["A", "B", "C"])[shown],
        "p": chances[np.arange(n), shown],
        "click": rng.random(n) < 0.1,
    }
    found = report.off_policy(log, "banner", "p", "click", policy={"everybody": "B"})
    assert found.checks.set_index("check").loc["chances", "verdict"] == "ok"
    assert not found.refused


def test_a_fixed_chance_among_changing_ones_is_still_held_to_its_count():
    """C has 10 % in each of 4,000 rows, so 400 are expected, and it has 250."""
    rng, n = np.random.default_rng(0), 4000
    a = np.linspace(0.6, 0.3, n)
    shown = np.where(rng.random(n) < a / 0.9, 0, 1)
    shown[rng.permutation(n)[:250]] = 2
    chances = np.stack([a, 0.9 - a, np.full(n, 0.1)], axis=1)
    log = {
        "banner": np.array(["A", "B", "C"])[shown],
        "p": chances[np.arange(n), shown],
        "click": rng.random(n) < 0.1,
    }
    found = report.off_policy(log, "banner", "p", "click", policy={"everybody": "B"})
    assert found.refused
    assert "C was shown 250 times" in found.decision
