"""What a position does to clicks, and how well it is taken out again; record of 6.4.

``python -m tests.benchmarks.studies.positions`` writes ``positions.csv`` and its json
in ``data/results``. It takes four minutes of one core, and wants the bench environment
for Open Bandit, which is read from the wheel of obp; only aggregates of it are kept.

Columns: ``part``, see below; ``case`` and ``method``; ``seed``; ``value``, with ``low``
and ``high`` where it has a 95 % interval; ``n`` draws that a share or mean is of.
Of the parts from ``ndcg`` on only means over seeds are kept.

- ``error``: root mean squared error of the examination of positions 2 to 10, in % of
  the truth, over 500 draws of 20,000 visitors, each with lists of its own;
- ``bias``: the mean error, in % of the truth;
- ``interval``: share of 95 % intervals that held the truth, all positions (or all
  products with a click) together; the interval of the share is that of a mean of draws;
- ``euros``: clicks of wanted products, at .40 €, for 100,000 lists sorted by a method
  that saw 40,000 visitors; ``case`` is how visitors behave, ``seed`` the draw;
- ``ndcg``: nDCG of the same lists, with the attraction as gain;
- ``level``: mean error of the estimated attraction, in % of the mean truth;
- ``rounds``: euros as above after ``case`` rounds, in each of which the list in
  production is sorted again by what 20,000 visitors of the last round clicked;
- ``swap``: euros for 100,000 lists that it costs to swap all of them;
- ``banners``: examination of positions 2 and 3 of a real page beside position 1, where
  what was shown was random.

Visitors "read to the end" are those of a cascade without giving up. Seeds start at
100. Penalties and clips were set before the first run, and are the same everywhere.
"""

import numpy as np
import pandas as pd

from recbook.leaderboard.results import write_results
from recbook.marketing import positions, worlds
from recbook.marketing.regression import Logistic
from tests.benchmarks.studies.ope import obp_folder

SOURCES = {
    "banners": "Open Bandit (Saito et al. 2020), random policy, 10,000 impressions of "
    "each of three campaigns, from obp 0.4.1 (Apache-2.0)"
}
CLICK = 0.40  # euros
LISTS = 100_000
CLIP = 3.0
CASES = {
    "positions": {},
    "cascade": {"behaviour": "cascade"},
    "read to the end": {"behaviour": "cascade", "decay": 0.0},
    "trust": {"behaviour": "trust"},
}


def columns(log):
    """Return item, position and clicked of a log as arrays."""
    return [log[name].to_numpy() for name in ("item", "position", "clicked")]


def naive(item, position, clicked):
    """Return the click rate at each position over that at the first."""
    rate = np.bincount(position, clicked)[1:] / np.bincount(position)[1:]
    return rate / rate[0]


def swaps(log):
    """Return propensities from the lists' first products, wherever they were shown."""
    moved = log[log["rank"] == 1]
    return positions.swap_propensities(moved["position"], moved["clicked"])


def share(case, shares):
    """Return a row for the shares of intervals that held, one share for each draw."""
    mean, reach = np.mean(shares), 1.96 * np.std(shares, ddof=1) / len(shares) ** 0.5
    low, high = mean - reach, mean + reach
    return {"part": "interval", "case": case, "method": "95 %", "value": mean,
            "low": low, "high": high, "n": len(shares)}  # fmt: skip


def held(estimates, truth, keep):
    """Return the share of the intervals that held the truth."""
    inside = (estimates.low <= truth) & (truth <= estimates.high)
    return inside[keep].mean()


def one_draw(seed):
    """Return relative errors of examination by method, and what intervals held."""
    world = worlds.product_lists(seed=seed)
    theta, gamma = world.truth.examination, world.truth.attraction
    log = columns(world.log(20_000, seed=seed))
    fitted = positions.PositionBased().fit(*log).estimates_
    found = {
        "swaps": swaps(world.log(20_000, swap=0.25, seed=seed)),
        "harvest": positions.harvest_propensities(*log),
        "model": fitted,
    }
    errors = {name: (e.value / theta - 1)[1:] for name, e in found.items()}
    errors["click rates"] = (naive(*log) / theta - 1)[1:]
    holds = {name: held(e, theta, slice(1, None)) for name, e in found.items()}
    for name, count in (("IPS", positions.ips_attraction),
                        ("COEC", positions.clicks_over_expected)):  # fmt: skip
        found = count(*log, theta)
        holds[name] = held(found, gamma, found.value > 0)
    world = worlds.product_lists(seed=seed, behaviour="cascade", decay=0.0)
    log = world.log(20_000, seed=seed)
    cascade = positions.Cascade().fit(log["session"], *columns(log)).estimates_
    holds["cascade"] = held(cascade, gamma, cascade.value > 0)
    return errors, holds


def examination(draws=500):
    """Yield error and bias of the examination, and what the intervals held."""
    found = [one_draw(seed) for seed in range(100, 100 + draws)]
    for name in found[0][0]:
        errors = 100 * np.array([errors[name] for errors, _ in found])
        rmse = np.sqrt((errors**2).mean())
        yield {"part": "error", "method": name, "value": rmse, "n": draws}
        mean = errors.mean(axis=1)
        reach = 1.96 * mean.std(ddof=1) / draws**0.5
        yield {"part": "bias", "method": name, "value": mean.mean(),
               "low": mean.mean() - reach, "high": mean.mean() + reach,
               "n": draws}  # fmt: skip
    for name in found[0][1]:
        yield share(name, [holds[name] for _, holds in found])


def with_position(item, position, clicked):
    """Return click rates at position 1, of a regression on item and position."""
    n_items, n_positions = item.max() + 1, position.max()
    code, cell = np.unique(item * n_positions + position - 1, return_inverse=True)
    n, c = np.bincount(cell), np.bincount(cell, clicked)
    X = np.zeros((len(code), n_items + n_positions))
    X[np.arange(len(code)), code // n_positions] = 1
    X[np.arange(len(code)), n_items + code % n_positions] = 1
    y = np.repeat([1.0, 0.0], len(code))
    model = Logistic().fit(np.vstack([X, X]), y, np.concatenate([c, n - c]))
    first = np.zeros((n_items, X.shape[1]))
    first[np.arange(n_items), np.arange(n_items)] = first[:, n_items] = 1
    return model.predict(first)


def ranked(world, scores):
    """Return each list's products by falling score."""
    within = np.argsort(-scores.reshape(world.n_lists, -1), axis=1, kind="stable")
    return within + world.n_products * np.arange(world.n_lists)[:, None]


def scored(world, log):
    """Return each method's scores of all products, from one log."""
    args = columns(log)
    harvest = positions.harvest_propensities(*args).value
    return {
        "clicks": np.bincount(args[0], args[2]) / np.bincount(args[0]),
        "position as a feature": with_position(*args),
        "position-based": positions.PositionBased().fit(*args).attraction_,
        "IPS": positions.ips_attraction(*args, harvest).value,
        "IPS, clipped": positions.ips_attraction(*args, harvest, clip=CLIP).value,
        "IPS, naive propensities": positions.ips_attraction(*args, naive(*args)).value,
        "IPS, true examination": positions.ips_attraction(
            *args, world.truth.examination
        ).value,
        "COEC": positions.clicks_over_expected(*args, harvest).value,
        "cascade": positions.Cascade().fit(log["session"], *args).attraction_,
        "oracle": world.truth.attraction,
    }


def euros(world, rankings):
    """Return what 100,000 lists bring."""
    return LISTS * CLICK * world.truth.clicks(rankings)


def ndcg(world, rankings):
    """Return the mean nDCG with the attraction as gain."""
    discount = 1 / np.log2(np.arange(2, world.n_products + 2))
    gains = world.truth.attraction[rankings]
    return float(((gains @ discount) / (-np.sort(-gains, axis=1) @ discount)).mean())


def lists(case, seed):
    """Yield euros, nDCG and the level of each method's attraction."""
    world = worlds.product_lists(seed=seed, **CASES[case])
    found = scored(world, world.log(40_000, seed=seed))
    rankings = {name: ranked(world, scores) for name, scores in found.items()}
    rankings["today"] = world.rankings[0]
    for name, ranking in rankings.items():
        row = {"case": case, "method": name, "seed": seed}
        yield row | {"part": "euros", "value": euros(world, ranking)}
        yield row | {"part": "ndcg", "value": ndcg(world, ranking)}
        if name not in ("today", "oracle"):
            truth = world.truth.attraction.mean()
            off = 100 * (found[name].mean() / truth - 1)
            yield row | {"part": "level", "value": off}


def rounds(seed, n=6):
    """Yield what lists bring that are sorted again and again by their own clicks."""
    world = worlds.product_lists(seed=seed)
    for name in ("clicks", "clicks, one ranker", "position-based"):
        rankings = world.rankings
        shares = (1, 0, 0) if name == "clicks, one ranker" else (0.8, 0.1, 0.1)
        for number in range(n + 1):
            row = {"part": "rounds", "case": str(number), "method": name, "seed": seed}
            yield row | {"value": euros(world, rankings[0])}
            log = columns(
                world.log(20_000, shares, rankings=rankings, seed=1000 * number + seed)
            )
            scores = (
                positions.PositionBased().fit(*log).attraction_
                if name == "position-based"
                else np.bincount(log[0], log[2])
            )
            rankings = np.stack([ranked(world, scores), *world.rankings[1:]])


def swap_cost(seed):
    """Return what it costs to swap the first product of all lists at random."""
    world = worlds.product_lists(seed=seed)
    shown = []
    for k in range(world.n_products):
        swapped = world.rankings[0].copy()
        swapped[:, [0, k]] = swapped[:, [k, 0]]
        shown.append(euros(world, swapped))
    return {"part": "swap", "seed": seed,
            "value": euros(world, world.rankings[0]) - np.mean(shown)}  # fmt: skip


def banners():
    """Yield the examination of a real page, on which products were random."""
    folder = obp_folder() / "dataset" / "obd" / "random"
    logs = [pd.read_csv(folder / c / f"{c}.csv") for c in ("all", "men", "women")]
    log = pd.concat(logs)
    found = positions.swap_propensities(log["position"], log["click"])
    for k in (1, 2):
        yield {"part": "banners", "case": f"position {k + 1}", "method": "random",
               "value": found.value[k], "low": found.low[k], "high": found.high[k],
               "n": len(log)}  # fmt: skip


def averaged(table):
    """Return the table with means over seeds in all parts but euros."""
    lone = table["seed"].notna() & (table["part"] != "euros")
    keys = ["part", "case", "method"]
    found = table[lone].groupby(keys, dropna=False, sort=False)["value"]
    found = found.agg(["mean", "std", "size"]).reset_index()
    reach = 1.96 * found["std"] / found["size"] ** 0.5
    means = found[keys].assign(
        value=found["mean"],
        low=found["mean"] - reach,
        high=found["mean"] + reach,
        n=found["size"],
    )
    return pd.concat([table[~lone], means])[table.columns]


def main():
    """Measure and write."""
    found = [*banners(), *examination()]
    for seed in range(100, 150):
        found += [row for case in CASES for row in lists(case, seed)]
        found.append(swap_cost(seed))
    for seed in range(100, 120):
        found += rounds(seed)
    names = ["part", "case", "method", "seed", "value", "low", "high", "n"]
    table = averaged(pd.DataFrame(found, columns=names))
    for name in ("seed", "n"):
        table[name] = table[name].astype("Int64")
    for name in ("value", "low", "high"):
        table[name] = table[name].astype(float).round(4)
    facts = {"data": "worlds.product_lists, seeds 100 to 599"}
    write_results("positions", table, sources=SOURCES, **facts)


if __name__ == "__main__":
    main()
