"""Who stands out, who is chosen, and what a default does; the record of 6.13.

``python -m tests.benchmarks.studies.responsible`` writes
``data/results/responsible.csv``. It takes two minutes of one core, and wants the bench
environment for the real data: they are read from the package causaldata, and only
aggregates of them are kept.

Columns: ``part``, see below; ``case`` and ``method``; ``seed``; ``value``, with ``low``
and ``high`` where it has a 95 % interval; ``n`` people, letters or villages. Parts:

- ``single``: share of the customers of data/shop whom ``case`` of their own purchases
  fit alone, where the products are known or only their categories (``method``);
- ``audience``: of 2,500 letters by a list (``method``) that one trial of 50,000 leads
  to, the share of each age band that gets one, in percent (``case`` the band);
- ``gain``: the same lists, the margin that letters truly bring in a band, in
  euros for each of its people, letter or not;
- ``floor``: what the list of effects truly earns, in euros, with a floor of ``method``
  times a group's share of the customers, by how groups are made (``case``); ``n`` is
  how many letters go to other people than without the floor;
- ``real``: an experiment with the default of a form, in points. Villages were drawn,
  so the interval is that of a mean over villages, or allows for villages.

The trials have seeds from 100, as in 6.8. Learners and penalties are the package's
defaults, the letters cost 1,500 euros, and nothing is chosen here.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd

from recbook.datasets import load_shop
from recbook.leaderboard.results import write_results
from recbook.marketing import fairness, privacy, uplift, worlds
from recbook.marketing.base import NORMAL_975
from recbook.marketing.regression import Logistic

LETTERS = 2500  # 1,500 euros
SEEDS = range(100, 120)
FLOORS = (0.0, 0.25, 0.5, 0.75, 1.0)
SOURCES = {
    "default": "Cai, de Janvry and Sadoulet (2015), American Economic Journal: Applied "
    "Economics 7(2), as social_insure in the package causaldata 0.1.5 (MIT)"
}


def bought_sets():
    """Return what each customer of the shop's log bought: products, and categories."""
    shop = load_shop()
    bought = shop.purchases()
    category = shop.products["category"].factorize()[0]
    kinds = {"products": bought.items, "categories": category[bought.items]}
    people = np.unique(bought.users)
    return {
        name: [codes[bought.users == u] for u in people]
        for name, codes in kinds.items()
    }


def singles():
    """Yield how many customers a few of their purchases single out."""
    for method, sets in bought_sets().items():
        for k in range(1, 7):
            for seed in range(20):
                rng = np.random.default_rng(seed)
                value = privacy.singled_out(sets, k, rng)
                n = sum(len(np.unique(items)) >= k for items in sets)
                yield row("single", str(k), method, value, seed=seed, n=n)


def row(part, case, method, value, **more):
    """Return a row of the table; rounded, because its last bits say nothing."""
    more = {name: round(float(v), 6) for name, v in more.items()}
    return {"part": part, "case": case, "method": method, "value": round(value, 6)} | {
        name: int(v) if name in ("seed", "n") else v for name, v in more.items()
    }


def lists_of(shop, bins, everybody, seed):
    """Return what two models of one trial say of everybody: effect and response."""
    trial = shop.letters(seed)
    X, treated = bins.transform(trial.X), trial.treated
    effect = uplift.DRLearner().fit(X, treated, trial.y).effect(everybody)
    model = Logistic(20).fit(X[treated], trial.y[treated])
    return {"effect": effect, "response": model.predict(everybody)}


def letters_to(rows, n):
    """Return a mask of who gets a letter."""
    chosen = np.zeros(n, dtype=bool)
    chosen[rows] = True
    return chosen


def audiences(shop):
    """Yield who is chosen by two lists, and what floors cost."""
    bins = uplift.Bins(8).fit(shop.features())
    everybody = bins.transform(shop.features())
    table, truth = shop.table, shop.truth
    groups = {
        "age": table["age"].to_numpy().astype(str),
        "orders": np.where(table["frequency"] > 0, "some", "none"),
    }
    gain = 20 * truth.effect
    for seed in SEEDS:
        lists = lists_of(shop, bins, everybody, seed)
        for method, score in lists.items():
            best = np.argsort(-score, kind="stable")[:LETTERS]
            plain = letters_to(best, len(score))
            for band in np.unique(groups["age"]):
                inside = groups["age"] == band
                n = np.count_nonzero(inside)
                share = 100 * plain[inside].mean()
                yield row("audience", band, method, share, seed=seed, n=n)
                each = (gain * plain)[inside].mean()
                yield row("gain", band, method, each, seed=seed, n=n)
        score = lists["effect"]
        plain = letters_to(np.argsort(-score, kind="stable")[:LETTERS], len(score))
        for case, labels in groups.items():
            names, counts = np.unique(labels, return_counts=True)
            for part in FLOORS:
                shares = part * counts / len(labels)
                floor = dict(zip(names.tolist(), shares.tolist(), strict=True))
                rows = fairness.with_floor(score, labels, floor, LETTERS)
                chosen = letters_to(rows, len(score))
                moved = np.count_nonzero(chosen & ~plain)
                euros = truth.profit(chosen)
                yield row("floor", case, f"{part:g}", euros, seed=seed, n=moved)
        print("audience", seed, flush=True)


def real():
    """Yield what the default of a form did, to those who had it and to neighbours."""
    folder = importlib.util.find_spec("causaldata").submodule_search_locations[0]
    table = pd.read_csv(Path(folder) / "social_insure" / "Cai_2015.csv")
    village = table.groupby("address").agg(
        buy=("default", "first"), first=("pre_takeup_rate", "first")
    )
    arms = [100 * village.loc[village["buy"] == a, "first"] for a in (0, 1)]
    error = np.sqrt(sum(arm.var() / len(arm) for arm in arms))
    yield from default_rows(
        "first round", [a.mean() for a in arms], error, len(village)
    )
    # Farmers who were asked later: a sum of squared village totals of residuals.
    y, buy = 100 * table["takeup_survey"], table["default"]
    means = y.groupby(buy).mean()
    apart = (y - buy.map(means)).groupby([buy, table["address"]]).sum()
    parts = [
        (apart[a] ** 2).sum()
        / (buy == a).sum() ** 2
        * len(apart[a])
        / (len(apart[a]) - 1)
        for a in (0, 1)
    ]
    yield from default_rows("later", means.tolist(), np.sqrt(sum(parts)), len(table))


def default_rows(case, means, error, n):
    """Yield both means and their difference, with its interval."""
    effect = means[1] - means[0]
    ends = {"low": effect - NORMAL_975 * error, "high": effect + NORMAL_975 * error}
    yield row("real", case, "not to buy", means[0], n=n)
    yield row("real", case, "to buy", means[1], n=n)
    yield row("real", case, "effect", effect, n=n, **ends)


def main():
    """Measure and write."""
    found = [*real(), *singles(), *audiences(worlds.customers())]
    columns = ["part", "case", "method", "seed", "value", "low", "high", "n"]
    table = pd.DataFrame(found, columns=columns)
    table["seed"] = table["seed"].astype("Int64")
    data = "worlds.customers(), seed 0; data/shop"
    write_results("responsible", table, data=data, sources=SOURCES)


if __name__ == "__main__":
    main()
