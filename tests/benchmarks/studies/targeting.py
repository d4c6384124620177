"""Whether the report on letters keeps its word: the record of ``report.targeting``.

``python -m tests.benchmarks.studies.targeting`` writes ``data/results/targeting.csv``.
It takes ten minutes of one core, in the ordinary environment.

Columns: ``part`` and ``case``, see below; ``seed`` of the world and its trial; ``n``
people in the trial; ``verdict`` of the report (list, everybody, trial, nothing, or
refused); ``quantity`` (of what the numbers are), ``value`` with the ``low`` and
``high`` end of its 95 % interval, and ``truth``; ``letters`` of the list; ``seconds``
that the report took, while the machine had other work. A report has a row for each
quantity:

- ``list``: profit in euros of the list that was handed out, those held out included;
  its truth is the true effect of each of its people times the margin, less the cost.
  Where no list was handed out, the forecast is of the plan that was not recommended,
  and has no truth;
- ``everybody``: the same for a letter to everybody, as far as the budget goes;
- ``average``: the effect of the letter on the outcome, mean of everybody.

Parts:

- ``effect``: 200 worlds of the shop of part 6, their dials turned by a fifth, with four
  times as many orders and effects four times as large, so that a trial of 6,000 tells
  as much as one of 24,000; ``case`` is the budget in euros, or "none";
- ``no effect``: 200 such worlds, in which the letter changes nobody; ``case`` says what
  is counted, yes or no ("orders") or the euros of a skewed amount ("euros");
- ``break even``: 60 such worlds, in which the letter adds as much for everybody as
  pays for it, .12 orders, so that each list truly earns 0;
- ``size``: worlds with an effect by the size of the trial (``case``).

A margin of 5 euros (of euros, .075), a letter at .60. Folds, penalties and the variance
of folds that lean on each other were chosen on worlds of the seeds 9000 to 9099, which
are not in here, with the orders of part 6 and trials of 30,000. Nothing is chosen here.
"""

import sys
import time

import numpy as np
import pandas as pd

from recbook import report
from recbook.leaderboard.results import write_results
from recbook.marketing import worlds

MARGIN, COST, JITTER, TIMES = 5.0, 0.60, 0.2, 4
PEOPLE, TRIED = 10_000, 6000
SEEDS, HALF, FEW = range(1000, 1200), range(1000, 1060), range(1000, 1020)
KNOWN = ["age", "phone", "frequency", "recency", "spend", "thrift"]
COLUMNS = ["part", "case", "seed", "n", "verdict", "quantity", "value", "low", "high"]
COLUMNS += ["truth", "letters", "seconds"]


def drawn(part, seed, n):
    """Return a world's table, its trial, who took part, and the true effects."""
    shop = worlds.customers(PEOPLE, seed, JITTER)
    tried = shop.letters(seed, n)
    table = shop.table[KNOWN].assign(customer=np.arange(PEOPLE))
    trial = table.iloc[tried.customers].reset_index(drop=True)
    trial["arm"] = np.where(tried.treated, "letter", "none")
    response = np.minimum(TIMES * shop.truth.response, 0.8)
    effect = np.clip(TIMES * shop.truth.effect, -response, 1 - response)
    if part in ("no effect", "break even"):
        effect = np.full(PEOPLE, COST / MARGIN if part == "break even" else 0.0)
    chance = response[tried.customers] + effect[tried.customers] * tried.treated
    y = np.random.default_rng([seed, 1]).random(n) < chance
    trial["bought"] = np.where(y, "Y", "N")
    return table, trial, effect


def reported(part, case, seed, n=TRIED):
    """Yield the rows of one report."""
    table, trial, effect = drawn(part, seed, n)
    budget = float(case) if part == "effect" and case != "none" else None
    outcome, margin = ("bought", "Y"), MARGIN
    if case == "euros":
        size = np.random.default_rng([seed, 2]).lognormal(3.9, 0.8, n)
        trial["paid"] = np.where(trial.pop("bought") == "Y", size, 0.0)
        outcome, margin = "paid", 0.075
    start = time.perf_counter()
    made = report.targeting(
        trial, table, person="customer", group=("arm", "letter"), outcome=outcome,
        margin=margin, cost=COST, budget=budget,
    )  # fmt: skip
    facts = {"part": part, "case": case, "seed": seed, "n": n}
    facts["verdict"] = made.numbers.get("verdict", "refused")
    facts["seconds"] = round(time.perf_counter() - start, 2)
    yield from quantities(made, effect, margin, budget, facts)


def quantities(made, effect, margin, budget, facts):
    """Yield a row for each quantity of a report, beside the truth."""
    numbers = made.numbers
    if "average_effect" in numbers:
        found = {name: round(v, 6) for name, v in numbers["average_effect"].items()}
        yield facts | found | {"quantity": "average", "truth": round(effect.mean(), 6)}
    if "forecast" not in numbers:
        return
    net = effect * margin - COST
    found = {name: round(v, 2) for name, v in numbers["forecast"].items()}
    if made.list is not None:
        found["truth"] = round(net[made.list["customer"]].sum(), 2)
        found["letters"] = len(made.list)
    yield facts | found | {"quantity": "list"}
    row = made.table.set_index("plan").loc["everybody, as far as the budget goes"]
    share = 1.0 if budget is None else min(1.0, budget / COST / len(net))
    ends = {"value": row["profit €"], "low": row["low €"], "high": row["high €"]}
    ends["truth"] = share * net.sum()
    yield facts | {k: round(v, 2) for k, v in ends.items()} | {"quantity": "everybody"}


def plan():
    """Yield part, case, seed and people of each report."""
    for seed in SEEDS:
        yield "effect", "500" if seed % 2 else "none", seed, TRIED
    for seed in SEEDS:
        yield "no effect", "euros" if seed % 2 else "orders", seed, TRIED
    for seed in HALF:
        yield "break even", "orders", seed, TRIED
    for n in (500, 1000, 2000, 4000, 8000):
        for seed in FEW:
            yield "size", f"{n}", seed, n


def main():
    """Measure and write."""
    found = []
    for part, case, seed, n in plan():
        found += reported(part, case, seed, n)
        print(part, case, seed, flush=True)
    written(found)


def written(found):
    """Write the rows as the record."""
    table = pd.DataFrame(found, columns=COLUMNS)
    table["letters"] = table["letters"].astype("Int64")
    write_results(
        "targeting",
        table,
        data="worlds.customers(10000, seed, .2), four times the orders",
    )


if __name__ == "__main__":
    sys.exit(main())
