"""Whom a letter changes: more trials, two real experiments; the record of 6.8.

``python -m tests.benchmarks.studies.uplift`` writes ``data/results/uplift.csv``. It
takes three minutes of one core, and wants the bench environment for the real data: they
are read from the package causaldata, and only aggregates of them are kept.

Columns: ``part``, see below; ``case`` and ``method``; ``seed`` of the trial; ``value``,
with ``low`` and ``high`` where it has a 95 % interval; ``n`` people. Parts:

- ``profit``: what the letters of a rule truly earn, in euros, over 100,000 customers,
  by how the trial of 50,000 gave letters out (``case``); ``n`` is how many letters;
- ``size``: the same for trials of other sizes (``case``), letters to a random half;
- ``interval``: 1 where the 95 % interval of a trial's average effect held the truth,
  with ``low`` and ``high`` less that truth;
- ``qini``: Qini coefficient, on tests of 20,000, of the true effect and of the true
  response as orders of people: with no estimate in play, all noise is the test's;
- ``real``: effects in two experiments, and in one of them without its control group.

Models and penalties are the package's defaults, chosen on earlier draws of the world.
The trials of ``profit`` and ``size`` have seeds from 100, which nobody had looked at.
Nothing is chosen here.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd

from recbook.leaderboard.results import write_results
from recbook.marketing import uplift, worlds
from recbook.marketing.regression import Logistic

MARGIN, COST = 20.0, 0.60
SEEDS = range(100, 120)
LEARNERS = {
    "S, no interactions": lambda: uplift.SLearner(interactions=False),
    "S": uplift.SLearner,
    "T": uplift.TLearner,
    "X": uplift.XLearner,
    "transformed outcome": uplift.TransformedOutcome,
    "R": uplift.RLearner,
    "DR": uplift.DRLearner,
}
SOURCES = {
    "thornton": "Thornton (2008), American Economic Review 98(5), as thornton_hiv in "
    "the package causaldata 0.1.5 (MIT)",
    "nsw": "LaLonde (1986) and Dehejia and Wahba (1999), as nsw_mixtape and "
    "cps_mixtape in the package causaldata 0.1.5 (MIT)",
}


def response_of(X, trial, everybody):
    """Return what a response model of those with a letter says of everybody."""
    model = Logistic(20).fit(X[trial.treated], trial.y[trial.treated])
    return model.predict(everybody)


def profits(shop, part, case, learners, **how):
    """Yield rows of the true profit of each rule that one trial leads to."""
    bins = uplift.Bins(8).fit(shop.features())
    everybody = bins.transform(shop.features())
    for seed in SEEDS:
        trial = shop.letters(seed, **how)
        X = bins.transform(trial.X)
        estimates = {}
        if part == "profit":
            estimates["response"] = response_of(X, trial, everybody)
        for name in learners:
            learner = LEARNERS[name]()
            learner.fit(X, trial.treated, trial.y, trial.propensity)
            estimates[name] = learner.effect(everybody)
        for name, effect in estimates.items():
            chosen = effect * MARGIN > COST
            yield {
                "part": part,
                "case": case,
                "method": name,
                "seed": seed,
                "value": round(shop.truth.profit(chosen), 2),
                "n": int(chosen.sum()),
            }
        print(part, case, seed, flush=True)


def bounds(shop):
    """Yield rows of what the truth earns: everybody, and everyone who is worth it."""
    truth = shop.truth
    rules = {
        "everybody": np.ones(shop.n_customers, dtype=bool),
        "true response": (truth.response + truth.effect) * MARGIN > COST,
        "true effect": truth.effect * MARGIN > COST,
    }
    for name, chosen in rules.items():
        euros = round(truth.profit(chosen), 2)
        yield {
            "part": "profit",
            "case": "known",
            "method": name,
            "value": euros,
            "n": int(chosen.sum()),
        }


def intervals(shop, repeats=300):
    """Yield whether the interval of a trial's average effect held the truth."""
    for seed in range(repeats):
        for case in ("half", "by-score"):
            trial = shop.letters(1000 + seed, assign=case)
            truth = trial.truth.effect.mean()
            ways = {"plain": None, "weighted": trial.propensity}
            for name in ("plain", "weighted") if case == "by-score" else ("plain",):
                effect = uplift.average_effect(trial.y, trial.treated, ways[name])
                low, high = effect.interval
                yield {
                    "part": "interval",
                    "case": case,
                    "method": name,
                    "seed": 1000 + seed,
                    "value": float(low <= truth <= high),
                    "low": round(low - truth, 7),
                    "high": round(high - truth, 7),
                    "n": len(trial.y),
                }


def qini_noise(shop, repeats=300):
    """Yield Qini coefficients of the two true orders on small tests."""
    for seed in range(repeats):
        test = shop.letters(2000 + seed, n=20_000)
        truth = test.truth
        orders = {"true effect": truth.effect}
        orders["true response"] = truth.response + truth.effect
        for name, order in orders.items():
            yield {
                "part": "qini",
                "case": "half",
                "method": name,
                "seed": 2000 + seed,
                "value": round(uplift.qini(test.y, order, test.treated), 5),
                "n": len(test.y),
            }


def causaldata(name):
    """Return a table of the package causaldata, which is not imported."""
    folder = importlib.util.find_spec("causaldata").submodule_search_locations[0]
    return pd.read_stata(Path(folder) / name / f"{name}.dta")


def real():
    """Yield the effects of two experiments, and one without its control group."""
    hiv = causaldata("thornton_hiv").dropna(subset=["got", "any"])
    nsw, cps = causaldata("nsw_mixtape"), causaldata("cps_mixtape")
    trained = nsw[nsw["treat"] == 1]
    mixed = pd.concat([trained, cps])
    for case, table, y, treated in (
        ("thornton", hiv, "got", "any"),
        ("nsw", nsw, "re78", "treat"),
        ("nsw, others as control", mixed, "re78", "treat"),
    ):
        arms = table[treated].to_numpy(dtype=float)
        outcome = table[y].to_numpy(dtype=float)
        effect = uplift.average_effect(outcome, arms)
        rows = {"effect": effect.value}
        rows["treated"] = outcome[arms == 1].mean()
        rows["untreated"] = outcome[arms == 0].mean()
        for name, value in rows.items():
            ends = effect.interval if name == "effect" else (np.nan, np.nan)
            counted = {"effect": len(arms), "treated": (arms == 1).sum()}
            yield {
                "part": "real",
                "case": case,
                "method": name,
                "value": round(float(value), 5),
                "low": round(float(ends[0]), 5),
                "high": round(float(ends[1]), 5),
                "n": int(counted.get(name, (arms == 0).sum())),
            }


def main():
    """Measure and write."""
    shop = worlds.customers()
    found = [*real(), *bounds(shop)]
    for assign in ("half", "nine-tenths", "by-score"):
        found += profits(shop, "profit", assign, LEARNERS, assign=assign)
    for n in (5000, 10_000, 20_000, 100_000):
        found += profits(shop, "size", f"{n}", ("T", "X", "DR"), n=n)
    found += [*intervals(shop), *qini_noise(shop)]
    columns = ["part", "case", "method", "seed", "value", "low", "high", "n"]
    table = pd.DataFrame(found, columns=columns)
    table["seed"] = table["seed"].astype("Int64")
    write_results("uplift", table, data="worlds.customers(), seed 0", sources=SOURCES)


if __name__ == "__main__":
    main()
