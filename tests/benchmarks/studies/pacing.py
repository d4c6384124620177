"""Days on a budget: ways to pace and steps, on days that nobody had seen; of 6.4.

``python -m tests.benchmarks.studies.pacing`` writes ``data/results/pacing.csv`` in five
seconds of one core. Budget 60 €, days of 100,000 impressions from ``worlds.day``.

Columns: ``part``, see below; ``case`` and ``method``; ``seed`` of the day; ``value``;
``spend`` in euros; ``end``, the hour at which 99 % of the spending was done. Parts:

- ``day``: worth of the impressions won as a share of what hindsight would have won.
  Methods: ``value`` bids the value until the money is gone; ``at random`` takes part in
  a share of all auctions at which yesterday's money would just have lasted; ``clock``
  plans the same spending for each minute, ``impressions`` for each impression,
  ``yesterday`` keeps the multiplier of yesterday's hindsight, and ``both`` starts there
  and goes on learning;
- ``step``: the same of ``impressions`` by step (``case``), from a multiplier of 0;
- ``roas``: return on spend reached, by the target (``case``).

The step of 3 was chosen on days 0 to 2. Seeds are from 100; day s knows day s − 1.
"""

import numpy as np
import pandas as pd

from recbook.leaderboard.results import write_results
from recbook.marketing import pacing, worlds

BUDGET, STEP = 60.0, 3.0
SEEDS = range(100, 120)
STEPS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
TARGETS = (4.0, 5.0, 6.0)


def at_random(today, yesterday, seed):
    """Return today's run where only a random share of the auctions is entered."""
    worth = yesterday.values > yesterday.prices
    share = BUDGET / yesterday.prices[worth].sum()
    enters = np.random.default_rng(seed).random(today.n_impressions) < share
    return pacing.pace(today.values * enters, today.prices, BUDGET, 0)


def ways(today, yesterday, seed):
    """Yield the name of each method and its run of the day."""
    values, prices = today.values, today.prices
    known = pacing.offline_multiplier(yesterday.values, yesterday.prices, BUDGET)
    clock = np.diff(today.minutes, prepend=0.0) / 1440 * BUDGET
    yield "value", pacing.pace(values, prices, BUDGET, 0)
    yield "at random", at_random(today, yesterday, seed)
    yield "clock", pacing.pace(values, prices, BUDGET, STEP, known, clock)
    yield "impressions", pacing.pace(values, prices, BUDGET, STEP)
    yield "yesterday", pacing.pace(values, prices, BUDGET, 0, known)
    yield "both", pacing.pace(values, prices, BUDGET, STEP, known)


def runs(seed):
    """Yield a row for each way, step and target on one day."""
    today, yesterday = worlds.day(seed=seed), worlds.day(seed=seed - 1)
    day = today.values, today.prices, BUDGET
    share, _ = pacing.offline_plan(*day)
    best = share @ today.values

    def row(part, case, method, run, value):
        spent = np.cumsum(today.prices * run.won)
        last = today.minutes[np.searchsorted(spent, 0.99 * spent[-1])] / 60
        return {
            "part": part,
            "case": case,
            "method": method,
            "seed": seed,
            "value": round(value, 5),
            "spend": round(run.spend, 3),
            "end": round(last, 2),
        }

    for method, run in ways(today, yesterday, seed):
        yield row("day", "", method, run, run.value / best)
    for step in STEPS:
        run = pacing.pace(*day, step)
        yield row("step", f"{step:g}", "impressions", run, run.value / best)
    for target in TARGETS:
        run = pacing.pace(*day, STEP, roas=target)
        yield row("roas", f"{target:g}", "impressions", run, run.roas)


def main():
    """Measure and write."""
    found = [row for seed in SEEDS for row in runs(seed)]
    write_results("pacing", pd.DataFrame(found), data="worlds.day(), seeds 100 to 119")


if __name__ == "__main__":
    main()
