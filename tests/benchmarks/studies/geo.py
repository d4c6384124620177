"""How small a lift a test of regions finds; the record of 6.16's plan.

``python -m tests.benchmarks.studies.geo`` writes ``data/results/geo.csv``. It takes
four minutes of one core.

Columns: ``regions``, of which a fifth have the campaign; ``weeks`` that it runs;
``method``; ``plan``, how the least lift with a power of 80 % was computed from the two
years before the start: ``simulated`` by ``geo.detectable``, or by the ``formula``,
2.80 deviations of placebo effects in the same stretches; ``detectable``, that lift, on
average over the draws, and its deviation ``sd``; ``found``, the share of draws in which
a campaign with this very lift, as it was promised in each draw, has p ≤ .05; ``alarms``
the same without any lift; ``error``, the deviation of what is estimated where nothing
happened; ``n`` draws.

Each draw is a country of its own, and its campaign starts in another week of the year,
after the plan was made. Nothing is chosen here, and the seeds, from 6000 on, had not
been looked at.
"""

import numpy as np
import pandas as pd

from recbook.leaderboard.results import write_results
from recbook.marketing import geo, worlds

BEFORE = 52
CASES = [
    (10, 4, "synthetic"),
    (10, 8, "synthetic"),
    (20, 4, "synthetic"),
    (20, 8, "synthetic"),
    (40, 4, "synthetic"),
    (40, 8, "synthetic"),
    (20, 8, "did"),
    (40, 8, "did"),
]
DRAWS = range(6000, 6250)
TRIES = 39  # for each stretch of the past, of which there are six or thirteen
FEW = 15  # the same for the formula
ASSIGNMENTS = 99


def formula(past, n_treated, weeks, method):
    """Return 2.80 deviations of what placebos find in the past."""
    treated = np.arange(len(past)) < n_treated
    squares = []
    for end in range(past.shape[1], BEFORE + weeks - 1, -weeks):
        stretch = past[:, end - BEFORE - weeks : end]
        found = geo.placebos(stretch, treated, BEFORE, method, FEW, seed=end)
        squares.append(np.mean(np.log1p(found) ** 2))
    return float(np.expm1(2.8016 * np.sqrt(np.mean(squares))))


def effects(sales, treated, method):
    """Return what the true assignment finds, and then what the others find."""
    gap = geo.weekly_gap(sales, treated, BEFORE, method)[BEFORE:].mean()
    others = geo.placebos(sales, treated, BEFORE, method, ASSIGNMENTS)
    return np.append(gap, np.log1p(others))


def p_value(effects):
    """Return the share of assignments that find as much as the true one, the first."""
    return np.mean(np.abs(effects) >= abs(effects[0]) * (1 - 1e-9))


def draw(n_regions, weeks, method, seed):
    """Return both promises, the p with each and without a lift, and the miss."""
    start = 2 * BEFORE + seed % BEFORE
    n_treated = n_regions // 5
    world = worlds.regions(n_regions, start + weeks, start, n_treated, 0.0, seed)
    past = world.sales[:, start - 2 * BEFORE : start]
    simulated = geo.detectable(past, n_treated, weeks, BEFORE, method, n=TRIES)
    lifts = simulated, formula(past, n_treated, weeks, method)
    calm = world.sales[:, start - BEFORE :]
    busy = calm.copy()
    busy[world.treated, BEFORE:] *= np.e
    without, whole = (effects(s, world.treated, method) for s in (calm, busy))
    added = whole - without  # by a lift of 1 in logarithms: weights are of the past
    with_lifts = [p_value(without + np.log1p(lift) * added) for lift in lifts]
    return [*lifts, p_value(without), np.expm1(without[0]), *with_lifts]


def main():
    """Measure and write."""
    rows = []
    for n_regions, weeks, method in CASES:
        drawn = [draw(n_regions, weeks, method, seed) for seed in DRAWS]
        *lifts, calm, miss, p, q = np.transpose(drawn)
        for plan, lift, ps in zip(("simulated", "formula"), lifts, (p, q), strict=True):
            rows.append({
                "regions": n_regions,
                "weeks": weeks,
                "method": method,
                "plan": plan,
                "detectable": round(float(lift.mean()), 6),
                "sd": round(float(lift.std(ddof=1)), 6),
                "found": round(float((ps <= 0.05).mean()), 6),
                "alarms": round(float((calm <= 0.05).mean()), 6),
                "error": round(float(miss.std(ddof=1)), 6),
                "n": len(drawn),
            })  # fmt: skip
            print(rows[-1], flush=True)
    write_results("geo", pd.DataFrame(rows), data="worlds.regions()")


if __name__ == "__main__":
    main()
