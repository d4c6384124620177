"""How often tests err: CUPED, ratios, looks, a shared budget; the record of 6.5.

``python -m tests.benchmarks.studies.experiments`` writes ``experiments.csv`` and its
json in ``data/results``. It takes half a minute of one core, and wants the bench
environment for CDNOW, which is read from the wheel of lifetimes, and MovieLens 100K.
Only aggregates of them are kept.

Columns: ``part``, see below; ``case`` and ``method``; ``seed``; ``value``, with ``low``
and ``high`` where it has a 95 % interval; ``n`` tests that a share is of. Parts:

- ``power``: share of tests with p < .05 for the effect of ``case``, of spending in 13
  weeks by 40,000 customers, a random half of whom spends 5 % more (or no more);
- ``noise``: variance of the estimate beside that of the plain difference;
- ``interval``: share of 95 % intervals that held the truth;
- ``alarms``: share of tests with p < .05 where nothing was done;
- ``looks``: the same for 2,000 looks at one stream;
- ``market``: what each design says of 30 % higher bids, in per cent of the value won
  without, and the truth of the same days (``method`` truth).

The customers' future is drawn once. What differs between tests is who takes part and
who is in which arm. Seeds start at 100, and the dials
of the market were set on others. One thing was changed after a first run: visits had so
heavy a tail that their variance was infinite, and the ratio's intervals held 93 %.
"""

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from recbook import datasets
from recbook.leaderboard.results import write_results
from recbook.marketing import experiments, worlds
from tests.benchmarks.peers.lifetime import folder

SOURCES = {
    "cdnow": "CDNOW sample of Fader, Hardie and Lee, read from the wheel of lifetimes "
    "0.11.3 (MIT; none of the data's own was found)",
    "movielens": "MovieLens 100K, GroupLens; aggregates only",
}
FACTOR = 1.3


def share(part, case, method, hits):
    """Return a row for a share of tests, with Wilson's 95 % interval."""
    n, p, z = len(hits), float(np.mean(hits)), 1.959964
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    row = {"part": part, "case": case, "method": method, "value": round(p, 5)}
    return row | {"low": round(middle - reach, 5), "high": round(middle + reach, 5),
                  "n": n}  # fmt: skip


def holds(effect, truth):
    """Whether the interval of an effect holds the truth."""
    return effect.interval[0] <= truth <= effect.interval[1]


def spending(shop):
    """Return what each customer spends in the next and in the last 13 weeks."""
    n = shop.n_customers
    later = shop.truth.future(13, seed=100)
    last = shop.orders[shop.orders["week"] > 104 - 13]
    return [
        np.bincount(log["customer"], log["value"], minlength=n) for log in (later, last)
    ]


def controlled(case, y, before, lift, n, repeats=500):
    """Yield the record of plain and CUPED tests of n people on one future."""
    found = {"plain": [], "cuped": []}
    rng = np.random.default_rng(100)
    for _ in range(repeats):
        who = rng.permutation(len(y))[:n]
        treated = rng.permutation(n) < n // 2
        outcome, truth = y[who] * (1 + lift * treated), lift * y[who].mean()
        for name, effect in (
            ("plain", experiments.difference(outcome, treated)),
            ("cuped", experiments.cuped(outcome, treated, before[who])),
        ):
            hit = holds(effect, truth)
            found[name].append((effect.value - truth, effect.p < 0.05, hit))
    columns = {name: np.array(rows).T for name, rows in found.items()}
    plain = columns["plain"][0].var()
    for name, (error, hit, held) in columns.items():
        yield share("power" if lift else "alarms", case, name, hit)
        yield share("interval", case, name, held)
        ratio = round(float(error.var() / plain), 4)
        yield {
            "part": "noise",
            "case": case,
            "method": name,
            "value": ratio,
            "n": repeats,
        }
    rho = float(np.corrcoef(y, before)[0, 1])
    yield {"part": "noise", "case": case, "method": "rho", "value": round(rho, 4)}


def ratios(case, numerator, denominator, row_variance, repeats):
    """Yield false alarms of a ratio in A/A tests, by rows and by people.

    ``row_variance`` is that of one row of the numerator, given its mean.
    """
    alarms = {"rows as independent": [], "delta method": []}
    rng = np.random.default_rng(100)
    for _ in range(repeats):
        treated = rng.permutation(len(numerator)) < len(numerator) // 2
        effect = experiments.ratio(numerator, denominator, treated)
        alarms["delta method"].append(effect.p < 0.05)
        mean = numerator.sum() / denominator.sum()
        parts = [1 / denominator[arm].sum() for arm in (treated, ~treated)]
        error = np.sqrt(row_variance(mean) * sum(parts))
        alarms["rows as independent"].append(abs(effect.value) > 1.959964 * error)
    for name, hits in alarms.items():
        yield share("alarms", case, name, hits)


def visits(n=4000, seed=100):
    """Return orders and visits of n people who differ in both."""
    rng = np.random.default_rng(seed)
    count = np.floor(3 / rng.random(n) ** 0.4 - 1)
    return rng.binomial(count.astype(int), rng.beta(0.4, 3.6, n)).astype(float), count


def looks(repeats=2000, n=2000):
    """Yield how often a stream without an effect ever looks significant."""
    rng = np.random.default_rng(100)
    x = rng.standard_normal((repeats, n))
    z = np.abs(np.cumsum(x, axis=1)) / np.sqrt(np.arange(1, n + 1))
    yield share("looks", "no effect", "fixed", (z > 1.959964).any(axis=1))
    for tau in (0.05, 0.1, 0.2):
        last = [experiments.always_valid(row, tau**2, 1.0)[-1] for row in x]
        yield share("looks", "no effect", f"always valid {tau}", np.array(last) <= 0.05)


def by_day(world, y, treated):
    """Return the paired effect per impression of two arms, with its interval."""
    day = world.truth.day
    gap = [
        np.bincount(day, y * arm) / np.bincount(day, arm) for arm in (treated, ~treated)
    ]
    gap = gap[0] - gap[1]
    reach = stdtrit(len(gap) - 1, 0.975) * gap.std(ddof=1) / np.sqrt(len(gap))
    return gap.mean(), gap.mean() - reach, gap.mean() + reach


def markets(seeds=range(100, 120)):
    """Yield what each design says of higher bids on the same days, and the truth."""
    for seed in seeds:
        world = worlds.market(seed=seed)
        rng = np.random.default_rng(10_000 + seed)
        table, value = world.table, world.table["value"].to_numpy()
        day, hour = world.truth.day, world.truth.day * 24 + table["hour"].to_numpy()
        base = (value * world.play()[0]).mean()
        found = {"truth": (world.truth.effect(FACTOR),)}
        coin = rng.random(world.n_impressions) < 0.5
        for name, budget_of in (("shared budget", None), ("split budget", coin * 1)):
            y = value * world.play(np.where(coin, FACTOR, 1.0), budget_of)[0]
            found[name] = by_day(world, y, coin)
        for name, block in (("switchback, days", day), ("switchback, hours", hour)):
            n_blocks = block.max() + 1
            on = (rng.permutation(n_blocks) < n_blocks // 2)[block]
            y = value * world.play(np.where(on, FACTOR, 1.0))[0]
            effect = experiments.switchback(y, on, block)
            found[name] = effect.value, *effect.interval
        names = ["value", "low", "high"]
        for name, euros in found.items():
            row = {"part": "market", "case": "1.3", "method": name, "seed": seed}
            percent = [round(100 * end / base, 3) for end in euros]
            yield row | dict(zip(names, percent, strict=False))


def blocks(repeats=500):
    """Yield how often the interval of a switchback over 20 noisy days held nought."""
    rng, held = np.random.default_rng(100), []
    for _ in range(repeats):
        y = rng.standard_normal(20).repeat(24) + rng.standard_normal(480)
        on = (rng.permutation(20) < 10).repeat(24)
        effect = experiments.switchback(y, on, np.arange(20).repeat(24))
        held.append(holds(effect, 0.0))
    yield share("interval", "noisy days", "switchback", held)


def repeated_visits(repeats=500):
    """Yield how often the intervals of other kinds held nought, on new people each."""
    held = {"difference": [], "ratio": []}
    for seed in range(100, 100 + repeats):
        orders, count = visits(2000, seed)
        treated = np.arange(2000) % 2 == 0
        held["ratio"].append(holds(experiments.ratio(orders, count, treated), 0.0))
        bought = (orders > 0) * 1.0
        held["difference"].append(holds(experiments.difference(bought, treated), 0.0))
    for name, hits in held.items():
        yield share("interval", "visits", name, hits)


def real():
    """Yield tests of nothing on CDNOW's customers and on MovieLens' users."""
    names = ["all", "customer", "date", "discs", "value"]
    log = pd.read_csv(folder() / "CDNOW_sample.txt", sep=r"\s+", names=names)
    half = log["date"] > 19970930
    early, late = (
        part.groupby("customer")["value"].sum() for part in (log[~half], log[half])
    )
    y, x = (v.reindex(early.index, fill_value=0.0).to_numpy() for v in (late, early))
    yield from controlled("cdnow", y, x, 0.0, len(y), repeats=2000)
    data = datasets.load_ml100k("real").ratings
    liked = np.bincount(data.users, data.values >= 4).astype(float)
    rated = np.bincount(data.users).astype(float)
    yield from ratios("movielens", liked, rated, lambda p: p * (1 - p), 2000)


def main():
    """Measure and write."""
    shop = worlds.customers()
    y, before = spending(shop)
    found = [*controlled("shop", y, before, 0.05, 40_000)]
    found += [*controlled("shop, no effect", y, before, 0.0, 40_000)]
    found += [*ratios("visits", *visits(), lambda p: p * (1 - p), 2000)]
    found += [*repeated_visits(), *blocks(), *looks(), *markets(), *real()]
    columns = ["part", "case", "method", "seed", "value", "low", "high", "n"]
    table = pd.DataFrame(found, columns=columns)
    for name in ("seed", "n"):
        table[name] = table[name].astype("Int64")
    facts = {"data": "worlds.customers(), seed 0; worlds.market(), seeds 100 to 119"}
    write_results("experiments", table, sources=SOURCES, **facts)


if __name__ == "__main__":
    main()
