"""Credits and effects, more draws, and a campaign of one state; the record of 6.10.

``python -m tests.benchmarks.studies.attribution`` writes
``data/results/attribution.csv``. It takes six minutes of one core, and wants the
bench environment for the real data, which are read from the package causaldata; only
aggregates of them are kept.

Columns: ``part``, see below; ``case`` and ``method``; ``seed``; ``value``, with ``low``
and ``high`` where it has a 95 % interval and ``p`` where it has one; ``n``. Parts:

- ``credit``: orders credited to a channel (``case``) by a ``method``, in months of
  60,000 people; ``caused`` is what the channel truly caused, and the case ``all`` what
  all of them caused together;
- ``game``: orders in the month of seed 0 with only some channels on (``case``);
- ``holdout``: orders that a channel caused, as a holdout of half of the people says it,
  by everybody or by those whom the channel reached or would have reached;
- ``geo``: lift in 40 regions where it is truly 5 %; ``calm``: where it is 0, in three
  times as many countries;
- ``weeks``: the same as ``geo`` with fewer weeks before the campaign (``case``);
- ``donors``: four regions judged, with the four other treated ones left out of the
  counterpart, or kept in;
- ``real``: what the wording of a question did in one of 27 states; ``regression`` is
  difference in differences again, with errors clustered by state.

Nothing is chosen here, and the seeds, from 100 on, had not been looked at.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd

from recbook._core import draws
from recbook.leaderboard.results import write_results
from recbook.marketing import attribution, geo, uplift, worlds

SEEDS = range(100, 120)
DRAWS = range(100, 300)
COUNTRIES = range(100, 1100)  # so that a share of intervals is known to a point
CALM = range(100, 700)  # false alarms are rare, so it takes many to count them
COINS = 300
RULES = {
    "last click": attribution.last_click,
    "first click": attribution.first_click,
    "linear": attribution.linear,
    "decay": attribution.decay,
    "Markov": attribution.markov,
}
SOURCES = {
    "real": "Kessler and Roth (2014), NBER working paper 20378, as organ_donations in "
    "the package causaldata 0.1.5 (MIT)",
}


def row(part, case, method, seed, value, interval=(np.nan, np.nan), p=np.nan, n=None):
    """Return a row of the table."""
    low, high = (round(float(end), 6) for end in interval)
    head = {"part": part, "case": case, "method": method, "seed": seed}
    return head | {
        "value": round(float(value), 6),
        "low": low,
        "high": high,
        "p": round(float(p), 6),
        "n": n,
    }


def credits():
    """Yield what each method credits to each channel, and what was caused."""
    for seed in SEEDS:
        world = worlds.journeys(seed=seed)
        paths, converted = world.paths, world.converted
        value = attribution.orders_within(paths, converted)
        found = {name: rule(paths, converted) for name, rule in RULES.items()}
        found["Shapley"] = attribution.shapley(value, world.channels)
        orders = int(converted.sum())
        for channel in world.channels:
            for method, credit in found.items():
                yield row("credit", channel, method, seed, credit[channel], n=orders)
            caused = orders - world.truth.orders(channel)
            yield row("credit", channel, "caused", seed, caused, n=orders)
        caused = orders - world.truth.orders()
        yield row("credit", "all", "caused", seed, caused, n=orders)
        print("credit", seed, flush=True)


def game():
    """Yield the orders of one month for each set of channels that may be on."""
    world = worlds.journeys()
    for mask in range(2 ** len(world.channels)):
        on = [c for k, c in enumerate(world.channels) if mask >> k & 1]
        orders = world.truth.orders(tuple(c for c in world.channels if c not in on))
        case = " ".join(on) or "none"
        yield row("game", case, "switched", 0, orders, n=world.n_people)


def holdouts():
    """Yield what holdouts say, for the assignments of many months like the first."""
    world = worlds.journeys()
    for channel in ("display", "retargeting"):
        number = 1 + world.channels.index(channel)
        reached = np.array([channel in path for path in world.paths])
        without = worlds.journeys(off=channel).converted
        caused = int(world.converted.sum() - without.sum())
        yield row("holdout", channel, "caused", 0, caused, n=world.n_people)
        for seed in range(1000, 1000 + COINS):
            # The draw of world.holdout, which would draw the month again each time.
            draw = draws.stream(seed, "holdout", number)
            treated = draw.random(world.n_people) >= 0.5
            ordered = np.where(treated, world.converted, without).astype(float)
            for method, people in (
                ("everybody", np.ones(world.n_people, dtype=bool)),
                ("reached", reached),
            ):
                effect = uplift.average_effect(ordered[people], treated[people])
                n = int(people.sum())
                ends = [n * end for end in effect.interval]
                value = n * effect.value
                yield row("holdout", channel, method, seed, value, ends, effect.p, n)


def before_after(sales, treated, start):
    """Return by how much the treated regions sell more than before."""
    logs = np.log(sales[treated])
    return np.expm1(logs[:, start:].mean() - logs[:, :start].mean())


def lifts():
    """Yield lifts of regions, with and without a campaign."""
    for part, lift, seeds in (("geo", 0.05, COUNTRIES), ("calm", 0.0, CALM)):
        for seed in seeds:
            world = worlds.regions(lift=lift, seed=seed)
            case = world.sales, world.treated, world.start
            n = len(world.sales)
            value = before_after(*case)
            yield row(part, f"{lift:.2f}", "before and after", seed, value, n=n)
            for method in geo.METHODS:
                e = geo.geo_lift(*case, method)
                yield row(
                    part, f"{lift:.2f}", method, seed, e.value, e.interval, e.p, n
                )
        print(part, flush=True)


def point(sales, treated, start, method="synthetic"):
    """Return a lift without its error."""
    gap = geo.weekly_gap(sales, treated, start, method)
    return np.expm1(gap[start:].mean())


def mistakes():
    """Yield lifts of short histories, and of counterparts with a campaign in them."""
    for seed in DRAWS:
        world = worlds.regions(seed=seed)
        for weeks in (4, 8, 13, 26, 52):
            cut = world.start - weeks
            for method in geo.METHODS:
                value = point(world.sales[:, cut:], world.treated, weeks, method)
                yield row("weeks", weeks, method, seed, value, n=len(world.sales))
        some = world.treated.copy()
        some[np.flatnonzero(some)[4:]] = False
        left = world.sales[some | ~world.treated], some[some | ~world.treated]
        for method in geo.METHODS:
            clean = point(*left, world.start, method)
            mixed = point(world.sales, some, world.start, method)
            yield row("donors", "left out", method, seed, clean, n=len(left[0]))
            yield row("donors", "kept in", method, seed, mixed, n=len(world.sales))


def real():
    """Yield the change of sign-ups where a state asked in another way."""
    folder = importlib.util.find_spec("causaldata").submodule_search_locations[0]
    table = pd.read_csv(Path(folder) / "organ_donations" / "organ_donation.csv")
    quarters = ["Q42010", "Q12011", "Q22011", "Q32011", "Q42011", "Q12012"]
    rates = table.pivot_table("Rate", "State", "Quarter")[quarters]
    treated, n = (rates.index == "California"), len(rates)
    case = rates.to_numpy(), treated, 3
    value = before_after(*case)
    yield row("real", "sign-ups", "before and after", None, value, n=n)
    for method in geo.METHODS:
        e = geo.geo_lift(*case, method)
        yield row("real", "sign-ups", method, None, e.value, e.interval, e.p, n)

    yield clustered(*case)


def clustered(sales, treated, start):
    """Return difference in differences with errors clustered by region."""
    from statsmodels.regression.linear_model import OLS

    n_regions, n_times = sales.shape
    region, time = np.divmod(np.arange(sales.size), n_times)
    design = np.hstack([
        region[:, None] == np.arange(n_regions),
        time[:, None] == np.arange(1, n_times),
        (treated[region] & (time >= start))[:, None],
    ]).astype(float)  # fmt: skip
    fit = OLS(np.log(sales).ravel(), design).fit(
        cov_type="cluster", cov_kwds={"groups": region}
    )
    value, p, ends = fit.params[-1], fit.pvalues[-1], np.expm1(fit.conf_int()[-1])
    return row(
        "real", "sign-ups", "regression", None, np.expm1(value), ends, p, n_regions
    )


def main():
    """Measure and write."""
    found = [*real(), *credits(), *game(), *holdouts(), *lifts(), *mistakes()]
    columns = ["part", "case", "method", "seed", "value", "low", "high", "p", "n"]
    table = pd.DataFrame(found, columns=columns)
    table["seed"] = table["seed"].astype("Int64")
    write_results(
        "attribution",
        table,
        data="worlds.journeys(), worlds.regions()",
        sources=SOURCES,
    )


if __name__ == "__main__":
    main()
