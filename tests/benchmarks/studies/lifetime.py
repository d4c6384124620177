"""Who is still a customer: the records of chapter 6.15.

``python -m tests.benchmarks.studies.lifetime`` writes ``data/results/lifetime.csv``, a
row for each study, model, group, seed and metric. It takes half a minute on one core.
The CDNOW sample is read from the wheel of lifetimes, and only aggregates are written.

- ``cdnow``: parameters and likelihoods of both models, fitted on the first 39 weeks;
- ``holdout``: what each rule predicted for the next 39 weeks, with a standard error
  over people. ``gain``, ``gain mae`` and ``gain tenth`` are BG/NBD's lead in
  squared error, absolute error and the share of orders in its best tenth;
- ``by frequency``: mean orders in these weeks, by orders in the first;
- ``recovery``: parameters from random parts of one world of 100,000, by their size;
- ``shop``: five worlds, their P(alive) beside the truth by tenths, and the orders and
  margins that the next 52 weeks bring to the best tenth of each ranking;
- ``newcomer``: the same five worlds, repeat orders per year: of customers who ordered
  in the last quarter, at the mean rate, by BG/NBD for a newcomer, and of those in the
  log in the first year of each;
- ``alike``: ten trials of 50,000 letters, whose responders are the list; lift and true
  effect in the best tenth of the 50,000 customers who took no part.

CDNOW's 39 weeks and the shares are those of the literature. The ten weeks of the "seen
lately" rule are not, and an earlier form of it had been tried on the same 39 weeks. So
``lately`` has its ``gain mae`` with other numbers of weeks.
"""

import numpy as np
import pandas as pd

from recbook.leaderboard.results import write_results
from recbook.marketing import worlds
from recbook.marketing.lifetime import (
    BetaGeo,
    GammaGamma,
    lifetime_value,
    rfm,
    summary,
)
from recbook.marketing.lookalike import lift, lookalike
from tests.benchmarks.peers.lifetime import folder

COLUMNS = ["study", "model", "group", "seed", "metric", "value", "se", "n"]
SOURCE = (
    "CDNOW sample of Fader, Hardie and Lee, read from the wheel of lifetimes 0.11.3"
)
LICENCE = "the package is under MIT; none of the data's own was found; aggregates only"
LATELY = 10.0  # weeks
MONTHS = np.arange(1, 13) * 52 / 12
NAMES = ("r", "alpha", "a", "b")


def row(study, model, metric, value, **more):
    """Return one row of the table."""
    return {"study": study, "model": model, "metric": metric, "value": value, **more}


def cdnow():
    """Return the summaries after 39 weeks, and orders in the 39 weeks after them."""
    log = pd.read_csv(
        folder() / "CDNOW_sample.txt",
        sep=r"\s+",
        header=None,
        names=["all", "customer", "date", "discs", "value"],
    )
    log["date"] = pd.to_datetime(log["date"].astype(str))
    half, end = pd.Timestamp("1997-09-30"), pd.Timestamp("1998-06-30")
    early = summary(log["customer"], log["date"], log["value"], half)
    late = log[(log["date"] > half) & (log["date"] <= end)]
    days = late.drop_duplicates(["customer", "date"]).groupby("customer").size()
    return early, days.reindex(early.index, fill_value=0).to_numpy(float)


def history(table):
    """Return frequency, recency and T as arrays."""
    return [table[name].to_numpy(float) for name in ("frequency", "recency", "T")]


def parameters(study, model, **more):
    """Yield the parameters of a fitted model, and its likelihood."""
    for name, value in vars(model).items():
        if name != "at_limit_":
            yield row(study, type(model).__name__, name.rstrip("_"), value, **more)


def fits(early):
    """Yield the rows of ``cdnow``."""
    past = history(early)
    orders, spend = BetaGeo().fit(*past), GammaGamma()
    spend.fit(past[0], early["monetary"])
    for model in (orders, spend):
        yield from parameters("cdnow", model, n=len(early))
    again = early[early["frequency"] > 0]
    together = np.corrcoef(again["frequency"], again["monetary"])[0, 1]
    yield row("cdnow", "GammaGamma", "correlation", together, n=len(again))
    days = BetaGeo().fit(past[0], 7 * past[1], 7 * past[2])
    yield from parameters("cdnow", days, group="in days", n=len(early))


def rules(early):
    """Return what each rule expects of each person in the next 39 weeks."""
    x, t_x, T = past = history(early)
    return {
        "BG/NBD": BetaGeo().fit(*past).expected_purchases(39.0, *past),
        "as before": x,
        "own rate": 39.0 * x / T,
        "seen lately": np.where(T - t_x <= LATELY, x, 0.0),
        "mean of all": np.full(len(x), x.mean()),
    }


def best(score, share=0.1):
    """Return the rows of the best tenth; ties go to the lower row."""
    return np.argsort(-score, kind="stable")[: int(np.ceil(share * len(score) - 1e-9))]


def holdout(early, coming):
    """Yield the rows of ``holdout`` and ``by frequency``."""
    said, n = rules(early), len(early)
    squares = {model: (coming - s) ** 2 for model, s in said.items()}
    rng = np.random.default_rng(0)
    draws = rng.integers(0, n, (500, n))
    misses = {model: np.abs(coming - s) for model, s in said.items()}
    tenths = {
        model: np.array([coming[d][best(s[d])].sum() / coming[d].sum() for d in draws])
        for model, s in said.items()
    }
    ours = said["BG/NBD"]
    for model, s in said.items():
        share = coming[best(s)].sum() / coming.sum()
        lead = coming[best(ours)].sum() / coming.sum() - share
        gain, less = (
            squares[model] - squares["BG/NBD"],
            misses[model] - misses["BG/NBD"],
        )
        roots = squares[model][draws].mean(axis=1) ** 0.5
        for metric, value, error in (
            ("total", s.sum(), None),
            ("rmse", squares[model].mean() ** 0.5, roots.std()),
            ("mae", misses[model].mean(), misses[model].std() / n**0.5),
            ("best tenth", share, tenths[model].std()),
            ("gain", gain.mean(), gain.std(ddof=1) / n**0.5),
            ("gain mae", less.mean(), less.std(ddof=1) / n**0.5),
            ("gain tenth", lead, (tenths["BG/NBD"] - tenths[model]).std()),
        ):
            yield row("holdout", model, metric, value, se=error, n=n)
    x, t_x, T = history(early)
    for weeks in (4, 10, 13, 20, 26):
        kept = np.where(T - t_x <= weeks, x, 0.0)
        less = np.abs(coming - kept) - misses["BG/NBD"]
        at = {"group": str(weeks), "se": less.std(ddof=1) / n**0.5, "n": n}
        yield row("lately", "seen lately", "gain mae", less.mean(), **at)
    yield row("holdout", "people", "total", coming.sum(), n=n)
    none = coming[x == 0] > 0
    yield row("holdout", "people", "silent who order", none.mean(), n=len(none))
    for k in range(8):
        group = x == k if k < 7 else x >= k
        at = {"group": str(k) if k < 7 else "7 or more", "n": int(group.sum())}
        error = coming[group].std(ddof=1) / group.sum() ** 0.5
        mean = coming[group].mean()
        yield row("by frequency", "people", "orders", mean, se=error, **at)
        for model in ("BG/NBD", "as before", "seen lately"):
            yield row("by frequency", model, "orders", said[model][group].mean(), **at)


def recovery():
    """Yield the parameters from twenty parts of each size."""
    table = worlds.customers(seed=0).table
    for n in (2_000, 10_000, 50_000):
        for seed in range(20):
            rng = np.random.default_rng(seed)
            part = table.iloc[rng.permutation(len(table))[:n]]
            model = BetaGeo().fit(*history(part))
            yield from parameters("recovery", model, seed=seed, n=n)
            for metric, value in (
                ("rate", model.r_ / model.alpha_),
                ("leaving", model.a_ / (model.a_ + model.b_)),
            ):
                yield row("recovery", "BetaGeo", metric, value, seed=seed, n=n)


def rankings(table, past):
    """Return lifetime value and its rivals, for each customer."""
    orders = BetaGeo().fit(*past)
    spend = GammaGamma().fit(past[0] + 1, table["spend"])
    each = spend.expected_spend(past[0] + 1, table["spend"])
    value = lifetime_value(orders.expected_purchases(MONTHS, *past), each, 0.36, 0.01)
    quiet, number = past[2] - past[1], past[0] + 1
    return {
        "lifetime value": value,
        "orders expected": orders.expected_purchases(52.0, *past),
        "RFM": rfm(quiet, number, table["spend"])["score"].to_numpy(float),
        "spent so far": number * table["spend"].to_numpy(),
        "orders so far": number,
        "seen lately": -quiet,
    }


def shops():
    """Yield the rows of ``shop``."""
    for seed in range(5):
        shop = worlds.customers(seed=seed)
        past, n = history(shop.table), shop.n_customers
        alive = BetaGeo().fit(*past).p_alive(*past)
        for k in range(10):
            group = (alive >= k / 10) & (alive < (k + 1) / 10) & (past[0] > 0)
            at = {"group": f"{k / 10:.1f}", "seed": seed, "n": int(group.sum())}
            if group.sum() < 30:
                continue
            yield row("shop", "BG/NBD", "alive", alive[group].mean(), **at)
            share = shop.truth.alive[group].mean()
            yield row("shop", "truth", "alive", share, **at)
        future = shop.truth.future(52, seed=100 + seed)
        margin = 0.36 * np.bincount(future["customer"], future["value"], n)
        for model, score in rankings(shop.table, past).items():
            value = margin[best(score)].sum() / margin.sum()
            yield row("shop", model, "best tenth", value, seed=seed, n=n)
            if model == "orders expected":
                yield row("shop", model, "total", score.sum(), seed=seed, n=n)
        yield row("shop", "truth", "total", float(len(future)), seed=seed, n=n)


def newcomers():
    """Yield the rows of ``newcomer``."""
    for seed in range(5):
        shop = worlds.customers(seed=seed)
        _, t_x, T = past = history(shop.table)
        orders, n = shop.orders, shop.n_customers
        since = orders["week"] - (104 - T[orders["customer"]])
        again = orders[since > 1e-6]
        last = again.loc[again["week"] > 52, "customer"]
        first = again.loc[since[again.index] <= 52, "customer"]
        old = T >= 52
        active = old & (T - t_x <= 13)
        model = BetaGeo().fit(*past)
        for name, value in {
            "active": np.bincount(last, minlength=n)[active].mean(),
            "mean rate": 52 * model.r_ / model.alpha_,
            "BG/NBD": model.expected_purchases(52.0, [0], [0.0], [0.0])[0],
            "first year": np.bincount(first, minlength=n)[old].mean(),
        }.items():
            yield row("newcomer", name, "orders in a year", value, seed=seed, n=n)


def centroid(X, listed):
    """Return the cosine of each standardised row to the mean of the list's."""
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    mean = Z[listed].mean(axis=0)
    return Z @ mean / np.linalg.norm(Z, axis=1) / np.linalg.norm(mean)


def alike():
    """Yield the rows of ``alike``."""
    shop = worlds.customers(seed=0)
    X, table = shop.features().to_numpy(), shop.table
    scores = rfm(table["T"] - table["recency"], table["frequency"], table["spend"])
    truth = shop.truth
    with_letter = truth.response + truth.effect
    for seed in range(1, 11):
        trial = shop.letters(seed)
        listed = np.zeros(shop.n_customers, dtype=bool)
        listed[trial.customers[trial.treated & (trial.y == 1)]] = True
        others = np.ones(shop.n_customers, dtype=bool)
        others[trial.customers] = False
        models = {
            "logistic": lookalike(X, listed),
            "centroid": centroid(X, listed),
            "RFM": scores["score"].to_numpy(float),
        }
        rng = np.random.default_rng(1000 + seed)  # the trial's own is another
        came = (rng.random(shop.n_customers) < with_letter)[others].astype(float)
        more = {"seed": seed, "n": int(others.sum())}
        for model, score in models.items():
            score = score[others]
            found = lift(came, score)
            top = best(score)
            effect = truth.effect[others][top].mean()
            earned = (truth.effect[others][top] * 20 - 0.6).sum()
            yield row("alike", model, "lift", found, **more)
            yield row("alike", model, "effect", 100 * effect, **more)
            yield row("alike", model, "profit", earned, **more)
        mean = 100 * truth.effect[others].mean()
        yield row("alike", "everybody", "effect", mean, **more)
        yield row("alike", "listed", "people", float(listed.sum()), **more)


def main():
    """Measure and write."""
    early, coming = cdnow()
    found = []
    for rows in (
        fits(early), holdout(early, coming), recovery(), shops(), newcomers(), alike()
    ):  # fmt: skip
        found += rows
        print(len(found), found[-1]["study"], flush=True)
    table = pd.DataFrame(found, columns=COLUMNS)
    table["seed"] = table["seed"].astype("Int64")
    table = table.round({"value": 6, "se": 6})
    facts = {"data": SOURCE, "licence": LICENCE, "real": ["cdnow", "holdout"]}
    facts["real"] += ["by frequency", "lately"]
    write_results("lifetime", table, **facts)
    keys = ["study", "model", "group", "metric", "n"]
    means = table[table["study"] != "recovery"].groupby(keys[:4], dropna=False)
    print(means["value"].agg(["mean", "std", "count"]).round(4).to_string())
    means = table[table["study"] == "recovery"].groupby(["n", "metric"])["value"]
    print(means.agg(["mean", "std"]).round(4).to_string())


if __name__ == "__main__":
    main()
