"""Thompson sampling beside a NumPy loop that draws for all repetitions at once.

Eight banners, 50,000 impressions, 40 repetitions. The peer goes through them one by
one, and at each draws the 40 × 8 rates in one call: the usual way to simulate without
a compiler. Both draw at random, so they agree in the mean regret only, within
three standard errors. No library is compared: those for bandits that we know serve one
view at a time, and would be timed for something else.
"""

import numpy as np

from recbook.marketing.bandits import BetaThompson, simulate
from tests.benchmarks.peers.clock import medians

TARGET = 2.5
MEANS = np.array([0.020, 0.022, 0.024, 0.026, 0.028, 0.030, 0.033, 0.042])
ROUNDS, REPEATS = 50_000, 40


def numpy_loop(n_rounds=ROUNDS, n_repeats=REPEATS, seed=0):
    """Return the regret of each repetition after the last round."""
    rng = np.random.default_rng(seed)
    shown, clicks = (np.zeros((n_repeats, len(MEANS))) for _ in range(2))
    regret, rows = np.zeros(n_repeats), np.arange(n_repeats)
    for _ in range(n_rounds):
        k = rng.beta(1 + clicks, 1 + shown - clicks).argmax(axis=1)
        shown[rows, k] += 1
        clicks[rows, k] += rng.random(n_repeats) < MEANS[k]
        regret += MEANS.max() - MEANS[k]
    return regret


def ours(n_rounds=ROUNDS, n_repeats=REPEATS):
    """Return the same by ``simulate``."""
    return simulate(BetaThompson(len(MEANS)), MEANS, n_rounds, n_repeats)[:, -1]


def parity():
    """Raise unless both have the same mean regret after 5,000 rounds."""
    peer, found = numpy_loop(5_000, 400), ours(5_000, 400)
    error = np.hypot(peer.std(), found.std()) / 400**0.5
    assert abs(peer.mean() - found.mean()) < 3 * error, (peer.mean(), found.mean())


def rows():
    """Measure both, compiled before the clock starts."""
    ours(10, 1)
    own, peer = medians(ours, numpy_loop)
    return [
        {
            "benchmark": "Thompson sampling, simulated",
            "size": f"{ROUNDS} impressions × {REPEATS}, {len(MEANS)} banners",
            "ours_s": own,
            "peer": "NumPy loop over impressions",
            "peer_s": peer,
            "ratio": peer / own,
            "target": TARGET,
            "note": "one second was asked for; the peer draws for all repetitions of "
            "a view at once",
        }
    ]
