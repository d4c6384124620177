"""How often a nudge, a roll-out and a threshold mislead: the record of 6.13.

``python -m tests.benchmarks.studies.natural`` writes ``natural.csv`` and its json in
``data/results``. It takes a minute of one core, in the bench environment, whose package
causaldata carries the real tables. No row of them is written, only aggregates.

Columns: ``part``; ``case`` and ``method``; ``value``, with ``low`` and ``high`` where
it has a 95 % interval; ``sd`` over draws; ``n`` draws or people. Parts:

- ``interval``: share of 95 % intervals that held the truth, of 500 draws;
- ``naive``: the same, of errors that are commonly reported and do not hold;
- ``weak``: nudges that move a share ``case`` of 4,000 people: the median F, the share
  of intervals that held the truth, the median effect, the share of sets without ends;
- ``broken``: an estimate less the truth, mean and deviation over 500 draws;
- ``seen``: share of draws in which the picture's test raises the alarm (p < .05);
- ``real``: what the methods find in published data.

Seeds start at 100. The dials of the worlds were set on others, from 0 on, and nothing
was changed after a run of this study.
"""

from dataclasses import asdict

import numpy as np
import pandas as pd

from recbook.leaderboard.results import write_results
from recbook.marketing import experiments, worlds
from recbook.marketing import observational as natural
from tests.benchmarks import real

SEEDS = range(100, 600)
RICH = 60.0  # euros that always-takers bring above the others, in the strong case


def share(part, case, method, hits):
    """Return a row for a share of draws, with Wilson's 95 % interval."""
    n, p, z = len(hits), float(np.mean(hits)), 1.959964
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return {
        "part": part,
        "case": case,
        "method": method,
        "value": round(p, 4),
        "low": round(middle - reach, 4),
        "high": round(middle + reach, 4),
        "n": n,
    }


def off(case, method, errors):
    """Return a row for the mean and the deviation of errors over draws."""
    errors = np.asarray(errors, dtype=float)
    return {
        "part": "broken",
        "case": case,
        "method": method,
        "value": round(float(errors.mean()), 4),
        "sd": round(float(errors.std(ddof=1)), 4),
        "n": len(errors),
    }


def holds(effect, truth):
    """Whether the interval of an effect holds the truth."""
    return effect.interval[0] <= truth <= effect.interval[1]


def nudged():
    """Yield coverage and bias of what one reads off a nudge of 10,000 people."""
    held = {"itt": [], "wald": [], "anderson-rubin": []}
    for seed in SEEDS:
        world = worlds.nudges(10_000, seed=seed)
        data = world.margin, world.uses, world.nudged
        itt = experiments.difference(world.margin, world.nudged)
        held["itt"].append(holds(itt, world.truth.itt))
        held["wald"].append(holds(natural.wald(*data), world.truth.late))
        held["anderson-rubin"].append(world.truth.late in natural.anderson_rubin(*data))
    for method, hits in held.items():
        yield share("interval", "nudges", method, hits)
    for case, dials in {
        "nudges": {},
        "letter adds .30": {"direct": 0.3},
        "defiers 5 %": {"defiers": 0.05},
    }.items():
        found = {"wald": [], "as treated": [], "per protocol": [], "itt": []}
        for seed in SEEDS:
            world = worlds.nudges(10_000, seed=seed, **dials)
            y, uses, letter, late = world.margin, world.uses, world.nudged, 1.5
            found["wald"].append(natural.wald(y, uses, letter).value - late)
            found["as treated"].append(experiments.difference(y, uses).value - late)
            obeyed = uses == letter
            gap = experiments.difference(y[obeyed], letter[obeyed]).value
            found["per protocol"].append(gap - late)
            itt = experiments.difference(y, letter).value
            found["itt"].append(itt - world.truth.itt)
        for method, errors in found.items():
            yield off(case, method, errors)


def weak():
    """Yield what a nudge says that moves fewer and fewer of 4,000 people."""
    for name, pull in (("mild", 8.0), ("strong", RICH)):
        for compliers in (0.2, 0.05, 0.02, 0.01):
            rows = []
            for seed in SEEDS:
                world = worlds.nudges(4000, compliers=compliers, pull=pull, seed=seed)
                data, late = (world.margin, world.uses, world.nudged), world.truth.late
                region = natural.anderson_rubin(*data)
                f = natural.compliance(world.uses, world.nudged).f
                if not f:  # Wald's estimate would be a division by 0
                    rows.append([f, np.nan, True, np.nan, late in region, True])
                    continue
                effect = natural.wald(*data)
                rows.append([f, effect.value, holds(effect, late), effect.p < 0.05,
                             late in region, not region.bounded])  # fmt: skip
            table = np.array(rows, dtype=float)
            case = f"{name} {compliers}"
            for method, column in (("F", 0), ("median effect", 1)):
                median = round(float(np.nanmedian(table[:, column])), 3)
                yield {
                    "part": "weak", "case": case, "method": method, "value": median,
                    "n": len(table),
                }  # fmt: skip
            yield share("weak", case, "wald", table[:, 2])
            yield share("weak", case, "anderson-rubin", table[:, 4])
            yield share("weak", case, "without ends", table[:, 5])
            seen = table[table[:, 3] == 1]
            if len(seen) >= 20:
                yield share("weak", case, "wald, where p < .05", seen[:, 2])


def textbook(repeats=2000):
    """Yield coverage where outcome and treatment share nearly all of their noise."""
    for rho in (0.5, 0.9, 0.99):
        rng, held = np.random.default_rng(100), []
        for _ in range(repeats):
            z = np.arange(1000) % 2 == 0
            v, e = rng.standard_normal((2, 1000))
            d = 0.1 * z + v  # F has a median of 2.5
            y = rho * v + np.sqrt(1 - rho**2) * e
            held.append((holds(natural.wald(y, d, z), 0.0),
                         0.0 in natural.anderson_rubin(y, d, z)))  # fmt: skip
        for method, hits in zip(
            ("wald", "anderson-rubin"), np.transpose(held), strict=True
        ):
            yield share("weak", f"textbook {rho}", method, hits)


def by_rows(sales, treated, start):
    """Return effect and error of two-way fixed effects, with rows as independent."""
    y, d = (
        table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
        for table in (sales, start[:, None] <= np.arange(sales.shape[1]))
    )
    effect = (d * y).sum() / (d * d).sum()
    left = y - effect * d
    free = sales.size - sum(sales.shape)
    return effect, np.sqrt((left**2).sum() / free / (d * d).sum())


def rolled_out():
    """Yield coverage and bias of what one reads off a roll-out, and its alarms."""
    sizes = {"40 shops": {}, "6 shops": {"n": 6, "n_treated": 3},
             "4 shops": {"n": 4, "n_treated": 2}}  # fmt: skip
    for case, dials in sizes.items():
        held, rows = [], []
        for seed in SEEDS:
            world = worlds.rollout(seed=seed, **dials)
            held.append(holds(natural.did(world.sales, world.treated, 16), 1.0))
            effect, error = by_rows(world.sales, world.treated, world.start)
            rows.append(abs(effect - 1) <= 1.959964 * error)
        yield share("interval", case, "did", held)
        yield share("naive", case, "weeks as independent", rows)
    held = []
    for seed in SEEDS:
        world = worlds.rollout(staggered=True, n_treated=18, seed=seed)
        effect = natural.staggered(world.sales, world.start)
        held.append(holds(effect, world.truth.effect))
    yield share("interval", "three waves", "staggered", held)
    yield from roll_outs_that_mislead()


def roll_outs_that_mislead():
    """Yield the bias of a roll-out's estimates, and how often its picture warns."""
    for case, drift in (("parallel", 0.0), ("drift .02", 0.02), ("drift .05", 0.05)):
        found, seen = {"did": [], "after": [], "before and after": []}, []
        for seed in SEEDS:
            world = worlds.rollout(drift=drift, seed=seed)
            y, treated = world.sales, world.treated
            after, before = y[:, 16:].mean(axis=1), y[:, :16].mean(axis=1)
            found["did"].append(natural.did(y, treated, 16).value - 1)
            gap = after[treated].mean() - after[~treated].mean()
            found["after"].append(gap - 1)
            change = (after - before)[treated].mean()
            found["before and after"].append(change - 1)
            seen.append(natural.did(y[:, :16], treated, 8).p < 0.05)
        for method, errors in found.items():
            yield off(case, method, errors)
        yield share("seen", case, "weeks before the start", seen)
    found = {"staggered": [], "two-way fixed effects": []}
    for seed in SEEDS:
        world = worlds.rollout(staggered=True, n_treated=18, seed=seed)
        y, start, truth = world.sales, world.start, world.truth.effect
        found["staggered"].append(natural.staggered(y, start).value - truth)
        effect, _ = by_rows(y, world.treated, start)
        found["two-way fixed effects"].append(effect - truth)
    for method, errors in found.items():
        yield off("three waves", method, errors)


def polynomial(y, x, order):
    """Return the jump at 0 of two polynomials through everybody."""
    scaled = x / np.abs(x).max()
    below, above = (
        np.polynomial.Polynomial.fit(scaled[side], y[side], order)(0.0)
        for side in (x < 0, x >= 0)
    )
    return above - below


def thresholds():
    """Yield coverage and bias at a threshold, and how often its pictures warn."""
    for n in (2000, 20_000):
        held = {"robust": [], "line alone": [], "density": []}
        for seed in SEEDS:
            table = worlds.vouchers(n, seed=seed).table
            jump = natural.discontinuity(table["margin"], table["spent"], 100)
            held["robust"].append(holds(jump, 1.2))
            reach = 1.959964 * jump.standard_error
            held["line alone"].append(abs(jump.value - 1.2) <= reach)
            held["density"].append(holds(natural.density_jump(table["spent"], 100), 0))
        name = f"{n:,} people"
        yield share("interval", name, "discontinuity", held["robust"])
        yield share("naive", name, "line alone", held["line alone"])
        yield share("interval", name, "density_jump", held["density"])
    for case, sorting in (("no sorting", 0.0), ("sorting .25", 0.25),
                          ("sorting .5", 0.5)):  # fmt: skip
        found = {name: [] for name in ("discontinuity", "all above, all below")}
        found |= {f"polynomial {order}": [] for order in range(1, 7)}
        seen = {"density": [], "visits": []}
        for seed in SEEDS:
            table = worlds.vouchers(sorting=sorting, seed=seed).table
            y, x = (table[name].to_numpy() for name in ("margin", "spent"))
            jump = natural.discontinuity(y, x, 100)
            found["discontinuity"].append(jump.value - 1.2)
            gap = y[x >= 100].mean() - y[x < 100].mean()
            found["all above, all below"].append(gap - 1.2)
            for order in range(1, 7):
                wild = polynomial(y, x - 100, order)
                found[f"polynomial {order}"].append(wild - 1.2)
            seen["density"].append(natural.density_jump(x, 100).p < 0.05)
            jump = natural.discontinuity(table["visits"], x, 100)
            seen["visits"].append(jump.p < 0.05)
        for method, errors in found.items():
            yield off(case, method, errors)
        for method, alarms in seen.items():
            yield share("seen", case, method, alarms)


def published():
    """Yield what the methods find in published data."""

    def row(case, method, effect, n, ends=None):
        low, high = ends or effect.interval
        return {"part": "real", "case": case, "method": method, "n": n,
                "value": round(effect.value, 5), "low": round(low, 5),
                "high": round(high, 5)}  # fmt: skip

    men = real.colleges()
    near = men["nearc4"] == 1
    data = men["lwage"], men["educ"], near
    effect = natural.wald(*data)
    yield row("colleges", "wald, a year of education", effect, len(men))
    (ends,) = natural.anderson_rubin(*data).parts
    yield row("colleges", "anderson-rubin", effect, len(men), ends)
    for name in ("black", "south", "smsa"):
        gap = experiments.difference(men[name], near)
        yield row("colleges", f"near, {name}", gap, len(men))
    states = real.castle()
    rates = states.pivot(index="sid", columns="year", values="l_homicide")
    first = states[states["post"] > 0].groupby("sid")["year"].min() - 2000
    start = first.reindex(rates.index).astype(float).fillna(np.inf).to_numpy()
    effect = natural.staggered(rates.to_numpy(), start)
    yield row("castle", "staggered, log homicides", effect, len(rates))
    old, error = by_rows(rates.to_numpy(), np.isfinite(start), start)
    ends = old - 1.959964 * error, old + 1.959964 * error
    kept = type(effect)(float(old), float(error), ends, np.nan)
    yield row("castle", "two-way fixed effects, rows", kept, len(rates))
    homes = real.transfers()
    below = -homes["Income_Centered"]  # money below the threshold: turned round
    for name in ("Support", "Age", "Education"):
        known = homes[name].notna()
        jump = natural.discontinuity(homes[name][known], below[known], 0.0)
        yield row("transfers", f"jump, {name}", jump, int(known.sum()))
    jump = natural.density_jump(below, 0.0)
    yield row("transfers", "jump, people", jump, len(homes))


def main():
    """Measure and write."""
    found = [*nudged(), *weak(), *textbook(), *rolled_out(), *thresholds()]
    found += published()
    columns = ["part", "case", "method", "value", "low", "high", "sd", "n"]
    table = pd.DataFrame(found, columns=columns)
    table["n"] = table["n"].astype("Int64")
    used = ("castle", "colleges", "transfers")
    write_results(
        "natural",
        table,
        sources={name: asdict(real.SOURCES[name]) for name in used},
        data="worlds.nudges, rollout and vouchers, seeds 100 to 599",
    )


if __name__ == "__main__":
    main()
