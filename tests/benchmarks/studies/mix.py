"""Mix models on forty draws of two years: returns, fit and money; the record of 6.11.

``python -m tests.benchmarks.studies.mix`` writes ``data/results/mix.csv``. It takes two
minutes of one core. All data are drawn, since the truth of real data is not known.

Columns: ``part``, see below; ``case``; ``channel``; ``seed`` of the world; ``value``,
with ``low`` and ``high`` where it has a 95 % interval; ``truth``. Parts:

- ``return``: sales for each euro of spend by what the model is given (``case``), each
  on top of the one before from "season" on: the lift test of search, that search works
  at once, tests of social and TV, queries. "queries alone" has the season and queries;
  "spend at random" has the season where all spend was randomised, "at random, at
  once" also has the prior that search works at once; "test alone" is what sales lost
  in a lift test, divided by the spend that was saved;
- ``short``: the return of TV by a test of three weeks, read like "test alone", and by
  the model with season that is given this test and no other;
- ``fit``: share of the variance of sales that the model explains (R²);
- ``profile``: with the return of search fixed at ``case``: R² (``channel`` "r2"), and
  for a model of the first 78 weeks the mean absolute error of its forecast of the other
  26, in euros (``channel`` "forecast");
- ``budget``: true profit of a year, in euros, of the weekly split of today's total that
  a model leads to (``channel`` "all"), and where it moves each channel by half at most
  ("half");
- ``spend``: that split, in euros per week, of the model by itself;
- ``adstock``: as ``budget``, where the half points of adstock that was not normalised
  are taken for weekly spend.

Settings are the package's defaults, but for the prior that search works in the week in
which it is paid, which was thought of when a test without it had failed on other seeds.
The world was chosen on seeds below 20, and nobody had looked at those of the record.
"""

import numpy as np
import pandas as pd

from recbook.leaderboard.results import write_results
from recbook.marketing import mix, worlds

SEEDS = range(200, 240)
MARGIN = 20 / 56  # of a euro of sales
GRID = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
TRAIN = 78
AT_ONCE = ((0.4, 0.4, 0.1), (1.0, 1.0, 0.5))  # prior of carry-over


def tests_of(world):
    """Return lift tests of search, social and TV, one after the other."""
    on = world.spend[:, world.channels.index("tv")] > 0
    flight = 68 + int(on[68:].argmax())
    return [
        world.lift_test("search", 52),
        world.lift_test("social", 60),
        world.lift_test("tv", flight),
    ]


def models(world):
    """Yield each case's name and model."""
    tests, queries = tests_of(world), world.queries[:, None]
    at_once = {"carry": AT_ONCE}
    for case, settings, known in (
        ("no season", {"season": 0}, {}),
        ("season", {}, {}),
        ("queries alone", {}, {"controls": queries}),
        ("search test", {}, {"lift_tests": tests[:1]}),
        ("at once", at_once, {"lift_tests": tests[:1]}),
        ("three tests", at_once, {"lift_tests": tests}),
        ("queries", at_once, {"lift_tests": tests, "controls": queries}),
    ):
        model = mix.MediaMix(**settings)
        yield case, model.fit(world.sales, world.spend, **known)


def returns(world, case, model):
    """Yield the return of each channel, and R²."""
    found = model.mean_returns()
    truth = world.truth.contribution.sum(axis=0) / world.spend.sum(axis=0)
    for c, channel in enumerate(world.channels):
        yield {
            "part": "return",
            "case": case,
            "channel": channel,
            "value": round(float(found.value[c]), 4),
            "low": round(float(found.low[c]), 4),
            "high": round(float(found.high[c]), 4),
            "truth": round(float(truth[c]), 4),
        }
    yield {"part": "fit", "case": case, "value": round(model.r2_, 5)}


def tests_alone(world):
    """Yield what each lift test finds by itself."""
    truth = world.truth.contribution.sum(axis=0) / world.spend.sum(axis=0)
    for test in tests_of(world):
        c = test.channel
        saved = -test.change * world.spend[test.start : test.stop, c].sum()
        value = -test.value / saved
        reach = 1.96 * test.standard_error / saved
        yield {
            "part": "return",
            "case": "test alone",
            "channel": world.channels[c],
            "value": round(value, 4),
            "low": round(value - reach, 4),
            "high": round(value + reach, 4),
            "truth": round(float(truth[c]), 4),
        }


def short(world):
    """Yield the return of TV by a test of three weeks, without a model and with it."""
    on = world.spend[:, 0] > 0
    begins = np.flatnonzero(on[52:-3] & ~on[51:-4])[0] + 52
    test = world.lift_test("tv", int(begins), 3)
    saved = world.spend[begins : begins + 3, 0].sum()
    model = mix.MediaMix().fit(world.sales, world.spend, [test])
    truth = world.truth.contribution.sum(axis=0)[0] / world.spend.sum(axis=0)[0]
    values = {"test alone": -test.value / saved}
    values["in the model"] = model.mean_returns().value[0]
    for case, value in values.items():
        yield {
            "part": "short",
            "case": case,
            "channel": "tv",
            "value": round(float(value), 4),
            "truth": round(float(truth), 4),
        }


def profile(world):
    """Yield fit and forecast with the return of search fixed."""
    for r in GRID:
        prior = ((2.0, 2.0, r), (1.0, 1.0, 1e-4))
        model = mix.MediaMix(returns=prior)
        r2 = model.fit(world.sales, world.spend).r2_
        known, later = slice(0, TRAIN), slice(TRAIN, None)
        model.fit(world.sales[known], world.spend[known])
        error = np.abs(model.forecast(world.spend[later]) - world.sales[later]).mean()
        for name, value in (("r2", round(r2, 5)), ("forecast", round(error, 1))):
            yield {"part": "profile", "case": r, "channel": name, "value": value}


def profit(world, spend):
    """Return the true profit of a year with this weekly spend (C,), in euros."""
    return round(52 * (MARGIN * world.truth.sales(spend) - spend.sum()), 1)


def budgets(world, fitted):
    """Yield true profits of the splits of today's total."""
    now, truth = world.spend.mean(axis=0), world.truth
    best = mix.allocate(truth.peak, truth.half, now.sum()).spend
    splits = {"as now": now, "truth": best}
    for case, model in fitted.items():
        splits[case] = model.allocate(now.sum()).spend
        limits = model.allocate(now.sum(), 0.5 * now, 1.5 * now)
        value = profit(world, limits.spend)
        yield {"part": "budget", "case": case, "channel": "half", "value": value}
    for case, spend in splits.items():
        value = profit(world, spend)
        yield {"part": "budget", "case": case, "channel": "all", "value": value}
        for channel, euros in zip(world.channels, spend, strict=True):
            euros = round(float(euros), 1)
            yield {"part": "spend", "case": case, "channel": channel, "value": euros}
    model = fitted["queries"]
    for case, half in (
        ("normalised", model.half_),
        ("not normalised", model.half_ / (1 - model.carry_)),
    ):
        split = mix.allocate(model.peak_, half, now.sum())
        value = profit(world, split.spend)
        yield {"part": "adstock", "case": case, "channel": "all", "value": value}
        for channel, euros in zip(world.channels, split.spend, strict=True):
            euros = round(float(euros), 1)
            yield {"part": "adstock", "case": case, "channel": channel, "value": euros}


def draw(seed):
    """Yield all rows of one world."""
    world = worlds.weeks(seed=seed)
    fitted = {}
    for case, model in models(world):
        fitted[case] = model
        yield from returns(world, case, model)
    yield from tests_alone(world)
    yield from short(world)
    yield from profile(world)
    yield from budgets(world, fitted)
    randomised = worlds.weeks(plan="random", seed=seed)
    for case, settings in (
        ("spend at random", {}),
        ("at random, at once", {"carry": AT_ONCE}),
    ):
        model = mix.MediaMix(**settings).fit(randomised.sales, randomised.spend)
        yield from returns(randomised, case, model)


def main():
    """Measure and write."""
    found = []
    for seed in SEEDS:
        found += [{**row, "seed": seed} for row in draw(seed)]
        print(seed, flush=True)
    columns = ["part", "case", "channel", "seed", "value", "low", "high", "truth"]
    table = pd.DataFrame(found, columns=columns)
    write_results("mix", table, data="worlds.weeks(), seeds 200 to 239")


if __name__ == "__main__":
    main()
