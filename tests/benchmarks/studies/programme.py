"""What a firm's tests say together: false findings, winners, ramps; the record of 6.9.

``python -m tests.benchmarks.studies.programme`` writes ``programme.csv`` and its json
in ``data/results``. It takes some five minutes of one core, and no real data: whether
an estimate of a firm's archive is right can only be said where the truth is known.

Columns: ``part``, see below; ``case`` and ``method``; ``value``, with ``low`` and
``high`` where it has a 95 % interval; ``n`` draws, or tests that a share is of. Parts:

- ``false``, ``found``: of the findings that a method keeps, the fraction without an
  effect; of the tests with an effect, the fraction that is kept (means of archives);
- ``risk``: the fraction of significant tests without an effect, and what the firm
  computes from its share of significant tests;
- ``promised``: what the significant gains of an archive bring a year, in euros, as each
  method predicts and in truth; ``missing``: the first less the second;
- ``rule``: what a year brings, less the upkeep, of the tests that a rule rolls out;
  ``gain``: that less the same of the significant gains;
- ``interval``: share of 95 % intervals that held the truth;
- ``alarms``, ``power``: of tests with looks that nobody planned, by kinds of bounds;
- ``ratio``: share of tests that a check of the arms' sizes stops, where they are as
  planned, and where one person in fifty of an arm is lost;
- ``launch``: mean of an estimate, and of its standard error, in a test ramped up.

Seeds start at 1000; the dials of the worlds were set on seeds below 300.
"""

import numpy as np
import pandas as pd

from recbook.leaderboard.results import write_results
from recbook.marketing import experiments, worlds
from tests.benchmarks.studies.experiments import holds, share

YEAR = 100_000 / 100 * 26 * 20  # euros of an order more of 100 customers each fortnight
UPKEEP = 30_000  # euros a year for a change that is kept


def mean(part, case, method, values, digits=4):
    """Return a row for the mean of draws, with its 95 % interval."""
    values = np.asarray(values, dtype=float)
    error = 1.959964 * values.std(ddof=1) / np.sqrt(len(values))
    ends = [round(float(values.mean() + side * error), digits) for side in (0, -1, 1)]
    row = {"part": part, "case": case, "method": method, "n": len(values)}
    return row | dict(zip(["value", "low", "high"], ends, strict=True))


def discoveries(n=500):
    """Yield how many findings are false, and how many effects are found."""
    false, found, risks = {}, {}, []
    for seed in range(1000, 1000 + n):
        world = worlds.archive(seed=seed)
        p, none = world.table["p"].to_numpy(), world.truth.effect == 0
        for name, keep in (
            ("p < .05", p < 0.05),
            ("Benjamini-Hochberg", experiments.false_discoveries(p, 0.1)),
            ("Bonferroni", p < 0.05 / len(p)),
        ):
            false.setdefault(name, []).append((keep & none).sum() / max(keep.sum(), 1))
            found.setdefault(name, []).append(keep[~none].mean())
        significant = p < 0.05
        row = [none[significant].mean()]
        for power in (0.8, significant[~none].mean()):  # planned; in truth
            s = min(max(significant.mean(), 0.05), power)
            row.append(experiments.false_positive_risk(s, power))
        risks.append(row)
    for name in false:
        yield mean("false", "mixture", name, false[name])
        yield mean("found", "mixture", name, found[name])
    names = "truth", "formula, power .8", "formula, true power"
    for name, values in zip(names, np.array(risks).T, strict=True):
        yield mean("risk", "mixture", name, values)


def plans(kind, n):
    """Yield what is promised of an archive's winners, and what arrives."""
    promised, rules, held, names = {}, {}, {}, ("normal prior", "prior with null")
    for seed in range(1000, 1000 + n):
        world = worlds.archive(kind=kind, seed=seed)
        effect, error, p = (
            world.table[c].to_numpy() for c in ("effect", "standard_error", "p")
        )
        true, won = world.truth.effect, (effect > 0) & (p < 0.05)
        reach = 1.959964 * error
        by = {"measured": (effect, effect - reach, effect + reach)}
        for name in names:
            prior = experiments.effect_prior(effect, error, null=name == names[1])
            found = experiments.shrink(effect, error, prior)
            by[name] = found.value, *found.interval
        promised.setdefault("truth", []).append(YEAR * true[won].sum())
        kept = {"significant": won}
        for name, (value, low, high) in by.items():
            promised.setdefault(name, []).append(YEAR * value[won].sum())
            inside = (low <= true) & (true <= high)
            held.setdefault((f"{kind}, all", name), []).append(inside)
            held.setdefault((f"{kind}, winners", name), []).append(inside[won])
            if name != "measured":
                kept[name] = YEAR * value > UPKEEP
        for name, keep in kept.items():
            rules.setdefault(name, []).append((YEAR * true - UPKEEP)[keep].sum())
    for name, euros in promised.items():
        yield mean("promised", kind, name, euros, 0)
        if name != "truth":
            gap = np.array(euros) - np.array(promised["truth"])
            yield mean("missing", kind, name, gap, 0)
    for name, euros in rules.items():
        yield mean("rule", kind, name, euros, 0)
        if name != "significant":
            gap = np.array(euros) - np.array(rules["significant"])
            yield mean("gain", kind, name, gap, 0)
    for (case, name), hits in held.items():
        yield share("interval", case, name, np.concatenate(hits))


def looks(n=4000):
    """Yield false alarms and power of tests whose looks came when they came."""
    rng = np.random.default_rng(1000)
    names = ("1.96", "planned for even looks", "error spending")
    found = {name: ([], []) for name in names}
    for _ in range(n):
        k = int(rng.integers(3, 8))
        days = np.sort(rng.permutation(np.arange(1, 28))[: k - 1])
        t = np.append(days, 28) / 28
        bounds = np.full(k, 1.959964), None, experiments.spending_bounds(t)
        planned = experiments.bounds(5, "obrien-fleming")
        bounds = bounds[0], planned[np.minimum(np.arange(k), 4)], bounds[2]
        steps = rng.standard_normal(k) * np.sqrt(np.diff(t, prepend=0.0))
        for drift, side in ((0.0, 0), (2.8016, 1)):
            z = (np.cumsum(steps) + drift * t) / np.sqrt(t)
            for name, b in zip(names, bounds, strict=True):
                found[name][side].append((np.abs(z) > b).any())
    for name, (alarms, power) in found.items():
        yield share("alarms", "looks of 28 days", name, alarms)
        yield share("power", "looks of 28 days", name, power)


def ratios(n=4000, people=10_000, days=14):
    """Yield how often a check of the arms' sizes stops a test, by when it is made."""
    rng = np.random.default_rng(1000)
    for case, lost in (("as planned", 0.0), ("one in fifty lost", 0.02)):
        one = rng.binomial(people, 0.5, (n, days))
        counts = np.array([rng.binomial(one, 1 - lost), people - one])
        total = counts.cumsum(axis=2)
        chi2 = (total[0] - total[1]) ** 2 / total.sum(axis=0)
        for name, limit in (("p < .05", 3.841459), ("p < .001", 10.827566)):
            alarm = chi2 > limit
            yield share("ratio", case, f"{name}, each day", alarm.any(axis=1))
            yield share("ratio", case, f"{name}, at the end", alarm[:, -1])


def estimates(world):
    """Return the estimates of one launch, each with its truth."""
    table, y = world.table, world.daily.mean(axis=1)
    treated, met, stage = (table[c].to_numpy() for c in ("treated", "met", "share"))
    half = stage == 0.5
    inside = half & met
    all_people, those = 0.2 * world.truth.effect(), world.truth.effect()
    weeks = world.daily[inside].reshape(-1, 2, 7).mean(axis=2).T
    found = {
        "pooled": (experiments.difference(y, treated), all_people),
        "stratified": (experiments.stratified(y, treated, stage), all_people),
        "by people": (
            experiments.stratified(y, treated, stage, "people"),
            all_people,
        ),
        "everybody at half": (
            experiments.difference(y[half], treated[half]),
            all_people,
        ),
        "met at half": (experiments.difference(y[inside], treated[inside]), those),
        "first week": (
            experiments.difference(weeks[0], treated[inside]),
            world.truth.lasting,
        ),
        "second week": (
            experiments.difference(weeks[1], treated[inside]),
            world.truth.lasting,
        ),
    }
    for half_life in (1, 2, 4):
        lasting, _ = experiments.fading(world.daily[inside], treated[inside], half_life)
        found[f"half-life {half_life}"] = lasting, world.truth.lasting
    return found


def launches(n=500):
    """Yield what the analyses of a ramp-up find."""
    rows = [estimates(worlds.launch(seed=seed)) for seed in range(1000, 1000 + n)]
    for name in rows[0]:
        effects = [row[name][0] for row in rows]
        yield mean("launch", "value", name, [e.value for e in effects])
        yield mean("launch", "error", name, [e.standard_error for e in effects])
        yield share("interval", "launch", name, [holds(*row[name]) for row in rows])
    yield {"part": "launch", "case": "value", "method": "truth, everybody",
           "value": round(rows[0]["pooled"][1], 4)}  # fmt: skip
    yield {"part": "launch", "case": "value", "method": "truth, met",
           "value": round(rows[0]["met at half"][1], 4)}  # fmt: skip


def main():
    """Measure and write."""
    found = [*discoveries()]
    for kind, n in (("mixture", 500), ("normal", 200), ("heavy", 200)):
        found += [*plans(kind, n)]
    found += [*looks(), *ratios(), *launches()]
    columns = ["part", "case", "method", "value", "low", "high", "n"]
    table = pd.DataFrame(found, columns=columns)
    table["n"] = table["n"].astype("Int64")
    facts = {"data": "worlds.archive() and worlds.launch(), seeds from 1000"}
    write_results("programme", table, sources={}, **facts)


if __name__ == "__main__":
    main()
