"""How long members stay: the record of 6.15's section on churn by contract.

``python -m tests.benchmarks.studies.survival`` writes ``data/results/survival.csv``. It
takes five minutes of one core.

Columns: ``part``, see below; ``case``; ``method``; ``value``, ``truth``; ``sd`` over
draws; ``held``, the share of 95 % intervals that hold the truth; ``n`` draws. Parts:

- ``curve``: Kaplan–Meier's survival after so many months (``case``) with 4,000 members
  (``method`` "4000") or 300;
- ``months``, ``euros``: months and euros (6 € a month, discounted by 1 % a month) of a
  new member's first 36 months, by method. ``still there counted as churned`` and
  ``still there dropped`` are what their names say, ``constant churn`` takes the churn
  rate of the last six months for all months. The hazard model's interval comes from
  its values when the members are drawn again (50 times, Student's t), as do those of
  ``portal`` and ``friend``, its values of members who came by these channels;
- ``retention``: the shares of two cohorts who are left after each year (``case``) of
  Fader and Hardie (2007), table 1, as ``truth``, and what three methods predict from
  the first seven years: ``value``. Their figures are typed here.

Nothing is chosen here, and the seeds, from 7000 on, had not been looked at.
"""

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from recbook.leaderboard.results import write_results
from recbook.marketing import survival, worlds

DRAWS = range(7000, 7500)
AGAIN = 50
HORIZON = np.arange(36)
MARGIN, RATE = 6.0, 0.01
LOOKED_AT = (3, 6, 12, 24, 35)
COHORTS = {
    "regular": [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173],
    "high end": [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394],
}
SEEN = 7  # years
SOURCES = {"retention": "Fader and Hardie (2007), table 1: shares of two real cohorts"}


def row(part, case, method, value, truth, sd=np.nan, held=np.nan, n=None):
    """Return a row of the table."""
    numbers = {"value": value, "truth": truth, "sd": sd, "held": held}
    numbers = {name: round(float(number), 6) for name, number in numbers.items()}
    return {"part": part, "case": case, "method": method, **numbers, "n": n}


def curves(truth):
    """Yield how often Kaplan–Meier's interval holds the truth, and its mean."""
    for n in (4000, 300):
        found = {month: [] for month in LOOKED_AT}
        for seed in DRAWS:
            table = worlds.members(n, seed=seed).table
            curve = survival.kaplan_meier(table["months"], table["churned"])
            curve = curve.set_index("month")
            for month in LOOKED_AT:
                if month in curve.index:
                    one = curve.loc[month]
                    found[month].append([one["survival"], one["low"], one["high"]])
        for month, rows in found.items():
            values, low, high = np.transpose(rows)
            held = (low <= truth[month]) & (truth[month] <= high)
            yield row(
                "curve",
                month,
                n,
                values.mean(),
                truth[month],
                values.std(ddof=1),
                held.mean(),
                len(rows),
            )
        print("curve", n, flush=True)


def both(curve):
    """Return months and euros of a survival curve."""
    curve = np.asarray(curve)[: len(HORIZON)]
    months = survival.expected_months(curve)
    return months, survival.member_value(curve, MARGIN, RATE)


def monthly_churn(table, window=36, last=6):
    """Return the share of the members of a month who left at its end, lately."""
    end = table["joined"] + table["months"]
    left = ((table["churned"] == 1) & (end > window - last)).sum()
    months = range(window - last, window)
    members = sum(((table["joined"] <= m) & (end > m)).sum() for m in months)
    return left / members


def by_each(world):
    """Return months and euros by each method."""
    table = world.table
    months, churned = table["months"], table["churned"]
    gone = churned == 1

    def km(months, churned):
        curve = survival.kaplan_meier(months, churned)["survival"]
        return both(curve.reindex(HORIZON, method="ffill"))

    constant = (1 - monthly_churn(table)) ** HORIZON
    geometric = survival.ShiftedBetaGeometric().fit(months, churned)
    return {
        "Kaplan–Meier": km(months, churned),
        "shifted beta-geometric": both(geometric.survival(HORIZON)),
        "still there counted as churned": km(months, np.ones(len(months))),
        "still there dropped": km(months[gone], churned[gone]),
        "constant churn": both(constant),
    }


def values(X, months, churned, weight):
    """Return months and euros by the hazard model: of all, the portal's, a friend's."""
    model = survival.DiscreteHazard().fit(X, months, churned, weight)
    kinds, kind = np.unique(X, axis=0, return_inverse=True)
    weight = np.bincount(kind.ravel(), weight)
    curves = model.survival(kinds, HORIZON)
    out = []
    for some in (kinds[:, 0] >= 0, kinds[:, 1] == 1, kinds[:, 0] == 1):
        out.extend(both(np.average(curves[some], axis=0, weights=weight[some])))
    return np.array(out)


def by_hazard(world, seed):
    """Return the six values of the hazard model, and their errors."""
    table = world.features().assign(
        months=world.table["months"], churned=world.table["churned"]
    )
    cells = table.value_counts().reset_index()
    X = cells[["friend", "portal", "family"]].to_numpy()
    months, churned = cells["months"].to_numpy(), cells["churned"].to_numpy()
    counts, n = cells["count"].to_numpy(), len(table)
    rng = np.random.default_rng(seed)
    again = [
        values(X, months, churned, rng.multinomial(n, counts / n).astype(float))
        for _ in range(AGAIN)
    ]
    return values(X, months, churned, counts.astype(float)), np.std(again, 0, ddof=1)


def worth(truths):
    """Yield months and euros by each method, over draws."""
    found, hazard = [], []
    for seed in DRAWS:
        world = worlds.members(seed=seed)
        found.append(by_each(world))
        hazard.append(by_hazard(world, seed))
        if seed % 50 == 0:
            print("worth", seed, flush=True)
    value, error = np.moveaxis(np.array(hazard), 1, 0)
    held = np.abs(value - truths) <= stdtrit(AGAIN - 1, 0.975) * error
    for k in range(6):
        part, case = ("months", "euros")[k % 2], ("all", "portal", "friend")[k // 2]
        spread = value[:, k].std(ddof=1)
        numbers = value[:, k].mean(), truths[k], spread, held[:, k].mean()
        yield row(part, case, "hazard model", *numbers, len(DRAWS))
    for method in found[0]:
        each = np.array([one[method] for one in found])
        for k, part in enumerate(("months", "euros")):
            spread = each[:, k].std(ddof=1)
            numbers = each[:, k].mean(), truths[k], spread
            yield row(part, "all", method, *numbers, n=len(DRAWS))


def retention():
    """Yield the shares of two cohorts who are left, and what is predicted of them."""
    years = np.arange(len(COHORTS["regular"]))
    for cohort, left in COHORTS.items():
        gone = -np.diff(left)[:SEEN]
        months = [*range(1, SEEN + 1), SEEN]
        churned, weight = [1] * SEEN + [0], [*gone, left[SEEN]]
        model = survival.ShiftedBetaGeometric().fit(months, churned, weight)
        rate = gone.sum() / np.dot(months, weight)
        line = np.polyfit(years[: SEEN + 1], left[: SEEN + 1], 1)
        predicted = {
            "shifted beta-geometric": model.survival(years),
            "constant churn": (1 - rate) ** years,
            "straight line": np.polyval(line, years) / 1000,
        }
        for method, curve in predicted.items():
            for year in years:
                name = f"{method}, {cohort}"
                yield row("retention", year, name, curve[year], left[year] / 1000)
        for name in ("a", "b", "log_likelihood"):
            value = getattr(model, f"{name}_")
            yield row("retention", name, f"parameters, {cohort}", value, np.nan)


def main():
    """Measure and write."""
    many = worlds.members(1_000_000, seed=0)
    curve = many.truth.survival(HORIZON)
    truths = []
    for channel in (None, "portal", "friend"):
        some = slice(None) if channel is None else many.table["channel"] == channel
        truths.extend(both(curve[some].mean(axis=0)))
    rows = [*retention(), *curves(curve.mean(axis=0)), *worth(np.array(truths))]
    table = pd.DataFrame(rows)
    table["n"] = table["n"].astype("Int64")
    write_results("survival", table, data="worlds.members()", sources=SOURCES)


if __name__ == "__main__":
    main()
