"""What each policy loses while it learns: the record of chapter 6.10.

``python -m tests.benchmarks.studies.bandits`` writes ``data/results/bandits.csv``; it
takes two minutes on one core. Run it where ``obp`` 0.4.1 is installed for the rows of
the Open Bandit data, which are read from its wheel and left out where it is not.

Columns: ``part``; ``policy`` and its ``setting``; ``world``, the seed of the banners, 0
where there is one only; ``impressions`` and ``repeats``; ``mean``, standard deviation
``sd``, ``median`` and 95 % quantile ``high`` of the regret in clicks over the repeats.
Parts:

* ``banners``: eight banners with the rates of the design, 50,000 impressions, and
  ``batch``, the same told after 5,000 impressions each;
* ``horizon``: the same banners for fewer and for more impressions;
* ``segments``: 16 kinds of visitors, 20,000 impressions, five worlds;
* ``equal``: two banners of one rate, 5,000 impressions each: ``mean`` is the share of
  repeats in which a test of two proportions says p < .05, ``median`` the mean observed
  rate of the banner that was shown less;
* ``open bandit``: impressions and clicks (``mean`` is clicks) of the two policies that
  a shop ran at random, campaign by campaign. Saito et al. (2020), Apache-2.0.

No setting was chosen by what came out: all that were tried are in the table.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtr

from recbook.leaderboard.results import write_results
from recbook.marketing import worlds
from recbook.marketing.bandits import (
    UCB1,
    BetaThompson,
    EpsilonGreedy,
    ExploreThenCommit,
    LinThompson,
    LinUCB,
    simulate,
)

MEANS = np.array([0.020, 0.022, 0.024, 0.026, 0.028, 0.030, 0.033, 0.042])
IMPRESSIONS, REPEATS, BATCH = 50_000, 200, 5_000
WORLDS, SEGMENT_IMPRESSIONS, SEGMENT_REPEATS = range(5), 20_000, 40
RATE, EQUAL_IMPRESSIONS, EQUAL_REPEATS = 0.03, 5_000, 4_000

POLICIES = {
    "epsilon-greedy": (lambda e: EpsilonGreedy(8, e), (0.0, 0.02, 0.05, 0.1, 0.2, 1.0)),
    "test": (
        lambda n: ExploreThenCommit(8, n),
        (2_000, 4_000, 8_000, 12_000, 25_000),
    ),
    "ucb": (lambda v: UCB1(8, v), (0.25, 0.1, 0.03, 0.01, 0.003, 0.001)),
    "thompson": (lambda b: BetaThompson(8, 1.0, b), (1.0, 30.0)),
}


def summary(regret, **facts):
    """Return a row about the regret (n_repeats,) at the end."""
    return {
        **facts,
        "repeats": len(regret),
        "mean": regret.mean(),
        "sd": regret.std(ddof=1),
        "median": np.median(regret),
        "high": np.quantile(regret, 0.95),
    }


def banners():
    """Yield the rows of one population, told at once and in batches."""
    for policy, (make, settings) in POLICIES.items():
        for setting in settings:
            for part, batch in (("banners", 1), ("batch", BATCH)):
                found = simulate(
                    make(setting), MEANS, IMPRESSIONS, REPEATS, batch=batch
                )
                facts = {"part": part, "policy": policy, "setting": setting}
                yield summary(found[:, -1], **facts, world=0, impressions=IMPRESSIONS)
            print(policy, setting, flush=True)


def horizons():
    """Yield what is lost until three moments."""
    for policy, make in (("thompson", BetaThompson(8)), ("ucb", UCB1(8))):
        found = simulate(make, MEANS, 500_000, 40)
        for n in (5_000, 50_000, 500_000):
            facts = {"part": "horizon", "policy": policy, "setting": 1.0}
            yield summary(found[:, n - 1], **facts, world=0, impressions=n)


def segments():
    """Yield the rows of sixteen kinds of visitors, in five worlds."""
    for seed in WORLDS:
        world = worlds.banners(seed=seed)
        rates = world.truth.clicks
        X = np.column_stack([np.ones(len(rates)), world.segments])
        own = np.arange(len(rates))
        policies = [("random", 1.0, EpsilonGreedy(8, 1.0), None)]
        policies += [("thompson", 1.0, BetaThompson(8), None)]
        policies += [("thompson per segment", 1.0, BetaThompson(8), own)]
        for a in (0.0, 0.05, 0.1, 0.2, 0.5, 1.0):
            policies += [("linucb", a, LinUCB(8, 5, a), X)]
        for v in (0.05, 0.1, 0.2, 0.5):
            policies += [("linthompson", v, LinThompson(8, 5, v), X)]
        for name, setting, policy, seen in policies:
            found = simulate(
                policy, rates, SEGMENT_IMPRESSIONS, SEGMENT_REPEATS, contexts=seen
            )
            facts = {"part": "segments", "policy": name, "setting": setting}
            yield summary(
                found[:, -1], **facts, world=seed, impressions=SEGMENT_IMPRESSIONS
            )
        print("world", seed, flush=True)


def equal_banners(thompson, seed=0):
    """Return p-values, and the observed rate of the banner that was shown less."""
    rng, rows = np.random.default_rng(seed), np.arange(EQUAL_REPEATS)
    shown, clicks = np.zeros((2, EQUAL_REPEATS, 2))
    for _ in range(EQUAL_IMPRESSIONS):
        if thompson:
            k = rng.beta(1 + clicks, 1 + shown - clicks).argmax(axis=1)
        else:
            k = rng.integers(2, size=EQUAL_REPEATS)
        shown[rows, k] += 1
        clicks[rows, k] += rng.random(EQUAL_REPEATS) < RATE
    observed = clicks / shown
    p = clicks.sum(axis=1) / EQUAL_IMPRESSIONS
    error = np.sqrt(p * (1 - p) * (1 / shown).sum(axis=1))
    values = 2 * ndtr(-np.abs(observed[:, 0] - observed[:, 1]) / error)
    return values, observed[rows, shown.argmin(axis=1)]


def equals():
    """Yield how often a test finds a difference where there is none."""
    for name, thompson in (("thompson", True), ("random", False)):
        values, less = equal_banners(thompson)
        yield {
            "part": "equal", "policy": name, "setting": RATE, "world": 0,
            "impressions": EQUAL_IMPRESSIONS, "repeats": EQUAL_REPEATS,
            "mean": (values < 0.05).mean(), "median": less.mean(),
        }  # fmt: skip


def open_bandit():
    """Yield impressions and clicks of both policies in the sample of Open Bandit."""
    spec = importlib.util.find_spec("obp")
    if spec is None:
        print("obp is not installed: no rows of the Open Bandit data", flush=True)
        return
    folder = Path(spec.submodule_search_locations[0]) / "dataset" / "obd"
    for campaign in ("all", "men", "women"):
        for policy in ("random", "bts"):
            file = folder / policy / campaign / f"{campaign}.csv"
            clicks = pd.read_csv(file, usecols=["click"])["click"]
            yield {
                "part": "open bandit", "policy": policy, "setting": campaign,
                "world": 0, "impressions": len(clicks), "repeats": 1,
                "mean": clicks.sum(),
            }  # fmt: skip


def main():
    """Measure and write."""
    rows = [*open_bandit(), *equals(), *horizons(), *banners(), *segments()]
    table = pd.DataFrame(rows)
    table[["mean", "sd", "median", "high"]] = table[
        ["mean", "sd", "median", "high"]
    ].round(4)
    write_results(
        "bandits",
        table,
        data="drawn by recbook.marketing.worlds; Open Bandit data, sample in obp "
        "0.4.1, Saito et al. (2020), Apache-2.0",
    )


if __name__ == "__main__":
    main()
