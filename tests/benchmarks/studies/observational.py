"""Letters that a clerk chose, and training beside a survey; the record of 6.12.

``python -m tests.benchmarks.studies.observational`` writes ``observational.csv`` and
its json in ``data/results``. It takes five minutes of one core, and wants the bench
environment for the real data: they are read from the package causaldata, and only
aggregates of them are kept.

Columns: ``part``, see below; ``case`` and ``method``; ``value``, with ``low`` and
``high`` where it has a 95 % interval; ``n`` draws or people. Parts:

- ``bias``: mean error of a method over the draws, in points (orders of 100 customers),
  with the interval of that mean; ``sd``: spread of the estimates, and ``truth``, the
  mean of what they estimate;
- ``interval``: share of draws whose 95 % interval held the truth of that draw;
- ``alarm``: share of draws in which a negative control, orders of other things, differs
  between the arms with p < .05, all columns allowed for;
- ``undone``: share of draws in which a hidden cause as strong as some column would move
  the regression's effect across what pays a letter; ``rv`` the mean robustness value
  for that;
- ``continue``: share of draws in which a method says that a letter brings more than it
  costs; ``euros``: what a letter truly brings beyond its cost, on average, in euros;
- ``strength``: partial R² of the hidden cause, which only the world knows, with the
  treatment and with the outcome, on average;
- ``real``: what each method reports of the men of the National Supported Work
  Demonstration beside the Current Population Survey, in dollars of 1978; ``placebo``:
  the same of the earnings of 1975, before the training.

A case is the size of the hidden cause, or ``steep 3``: no hidden cause, and a clerk who
follows the rule so strictly that many have hardly a chance of the other arm. Draws have
seeds from 100, which nobody had looked at. Columns, penalties and the clerk's rule were
set on others; the propensity model is the clerk's own kind of rule by construction.
"""

import numpy as np
import pandas as pd

from recbook.leaderboard.results import write_results
from recbook.marketing import experiments, observational, worlds
from recbook.marketing.base import normal_effect
from recbook.marketing.regression import Logistic, standardized
from tests.benchmarks.real import survey, training
from tests.benchmarks.studies.experiments import share

MARGIN, COST = 20.0, 0.60
PAYS = COST / MARGIN
CASES = {  # how a mailing is drawn, and how often
    "0": ({}, 500),
    "0.25": ({"hidden": 0.25}, 100),
    "0.5": ({"hidden": 0.5}, 100),
    "1": ({"hidden": 1.0}, 100),
    "steep 3": ({"steep": 3.0}, 100),
}
SOURCES = {
    "survey": "LaLonde (1986) and Dehejia and Wahba (1999), as nsw_mixtape and "
    "cps_mixtape in the package causaldata 0.1.5 (MIT)",
}


def estimates(X, y, treated):
    """Return {method: (effect, whom it speaks of)}, and the regression's robustness."""
    e = Logistic(1e-3).fit(X, treated).predict(X)
    regression = observational.robustness(y, treated, X, null=PAYS)
    z = np.where(treated, y / e, -y / (1 - e))
    by_people = normal_effect(z.mean(), z.std(ddof=1) / np.sqrt(len(z)))
    found = {
        "difference": (experiments.difference(y, treated), "treated"),
        "regression": (regression.effect, "overlap"),
        "Horvitz-Thompson": (by_people, "all"),
    }
    for target in ("all", "treated", "overlap"):
        effect = observational.weighted_effect(y, treated, e, target, X)
        found[f"weighted, {target}"] = effect, target
    known = observational.weighted_effect(y, treated, e)
    found["weighted, all, as if known"] = known, "all"
    matched = observational.matched_effect(y, treated, X, e)
    found["matched"] = matched, "treated"
    for target in ("all", "treated"):
        effect = observational.doubly_robust(X, y, treated, target=target)
        found[f"doubly robust, {target}"] = effect, target
    return found, regression


def draws(shop, case, how, repeats):
    """Yield the record of one case."""
    errors, rows, truths = {}, [], {}
    for seed in range(100, 100 + repeats):
        world = worlds.mailing(shop, seed, **how)
        found, regression = estimates(world.X, world.y, world.treated)
        for name, (effect, target) in found.items():
            truth = world.truth.average(target)
            low, high = effect.interval
            hit = low <= truth <= high
            errors.setdefault(name, []).append(
                (effect.value - truth, hit, effect.value)
            )
            truths.setdefault(name, []).append(truth)
        control = observational.doubly_robust(
            world.X, world.other, world.treated, target="treated"
        )
        crossed = (regression.benchmarks["adjusted"] < PAYS) != (
            regression.effect.value < PAYS
        )
        seen = world.X.assign(warmth=world.truth.warmth)
        strength = observational.robustness(world.y, world.treated, seen).benchmarks
        own = strength.loc["warmth", ["own_treatment", "own_outcome"]]
        rows.append((control.p < 0.05, crossed.any(), regression.value, *own))
    for name, values in errors.items():
        error, hit, value = np.array(values).T
        middle, reach = 100 * error.mean(), 196 * error.std() / np.sqrt(repeats)
        yield row("bias", case, name, middle, middle - reach, middle + reach, repeats)
        yield row("sd", case, name, 100 * error.std(), n=repeats)
        yield row("truth", case, name, 100 * np.mean(truths[name]), n=repeats)
        yield share("interval", case, name, hit)
        yield share("continue", case, name, value > PAYS)
    control, crossed, rv, *strength = np.array(rows).T
    yield share("alarm", case, "other orders", control)
    yield share("undone", case, "strongest column", crossed)
    yield row("rv", case, "regression", rv.mean(), n=repeats)
    for name, r2 in zip(("treatment", "outcome"), strength, strict=True):
        yield row("strength", case, name, r2.mean(), n=repeats)
    gains = MARGIN * np.mean(truths["difference"]) - COST
    yield row("euros", case, "a letter", gains, n=repeats)
    print(case, flush=True)


def row(part, case, method, value, low=np.nan, high=np.nan, n=None):
    """Return a row of the table."""
    ends = {"low": round(float(low), 5), "high": round(float(high), 5)}
    names = {"part": part, "case": case, "method": method}
    return names | {"value": round(float(value), 5)} | ends | {"n": n}


def real():
    """Yield what the methods report of men who were trained, beside a survey."""
    men = survey()
    X, treated = men.drop(columns=["treated", "re78"]), men["treated"].to_numpy()
    later, before = (men[year].to_numpy() for year in ("re78", "re75"))
    everybody = np.ones(len(men), dtype=bool)
    chance = propensity(X, treated)
    likely = (chance > 0.1) & (chance < 0.9)
    without = X.drop(columns=["re75", "none75"])
    for part, case, columns, y, who in (
        ("real", "all men", X, later, everybody),
        ("real", "chance .1 to .9", X, later, likely),
        ("placebo", "all men", without, before, everybody),
    ):
        t, Z = treated[who], standardized(columns[who].to_numpy())[0]
        for name, effect in reports(y[who], t, Z).items():
            ends = effect.value, *effect.interval
            yield row(part, case, name, *ends, n=int(who.sum()))
        result = observational.robustness(y[who], t, columns[who])
        yield row(part, case, "robustness value", result.value, n=int(t.sum()))
        worst = result.benchmarks["adjusted"].abs().idxmin()
        moved = result.benchmarks.loc[worst, "adjusted"]
        yield row(part, case, f"as strong as {worst}", moved, n=int(t.sum()))
    trial = training()
    effect = experiments.difference(trial["re78"], trial["treat"])
    yield row("real", "experiment", "difference", effect.value, *effect.interval,
              n=len(trial))  # fmt: skip


def propensity(X, treated):
    """Return estimated propensities."""
    Z = standardized(X.to_numpy())[0]
    return Logistic(1e-3).fit(Z, treated).predict(Z)


def reports(y, treated, Z):
    """Return {method: effect} of the men's earnings."""
    e = Logistic(1e-3).fit(Z, treated).predict(Z)
    weighted = observational.weighted_effect
    robust = {
        target: observational.doubly_robust(Z, y, treated, target=target)
        for target in ("all", "treated")
    }
    return {
        "difference": experiments.difference(y, treated),
        "regression": observational.robustness(y, treated, Z).effect,
        "weighted, all": weighted(y, treated, e, "all", Z),
        "weighted, treated": weighted(y, treated, e, "treated", Z),
        "weighted, overlap": weighted(y, treated, e, "overlap", Z),
        "matched": observational.matched_effect(y, treated, Z, e),
        "matched, columns": observational.matched_effect(y, treated, Z),
        "doubly robust, all": robust["all"],
        "doubly robust, treated": robust["treated"],
    }


def main():
    """Measure and write."""
    shop = worlds.customers()
    found = [*real()]
    for case, (how, repeats) in CASES.items():
        found += draws(shop, case, how, repeats)
    columns = ["part", "case", "method", "value", "low", "high", "n"]
    table = pd.DataFrame(found, columns=columns)
    table["n"] = table["n"].astype("Int64")
    data = "worlds.mailing(worlds.customers()), seeds from 100"
    write_results("observational", table, data=data, sources=SOURCES)


if __name__ == "__main__":
    main()
