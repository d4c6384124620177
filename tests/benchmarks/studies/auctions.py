"""A day's impressions at first price: what each way to bid earns; the record of 6.3.

``python -m tests.benchmarks.studies.auctions`` writes ``data/results/auctions.csv`` in
a quarter of a minute of one core.

Columns: ``method``; ``seed`` of the day; ``value``, what the impressions won are worth
less what was bid for them, in euros, on a day of 100,000 impressions from
``worlds.day``. Day s is bid for with what was learned on day s − 1, where each bid was
a random share of the value. Methods:

- ``value``, ``half``: these shares of the value;
- ``one curve``, ``curves by kind``: the best bid for a win curve of all impressions,
  and of each of five groups of equally many, by value;
- ``wins only``: as the last, from won bids alone, taken for the rivals' bids;
- ``the random day``: what the day of learning earned;
- ``known prices``: each impression that is worth its price at a hair more than that
  price.

Five groups were chosen on days 1 to 8. Days have seeds from 100.
"""

import numpy as np
import pandas as pd

from recbook.leaderboard.results import write_results
from recbook.marketing import auctions, worlds

SEEDS, N_KINDS = range(100, 120), 5
GRID = np.geomspace(0.0005, 0.4, 200)  # values at which the best bid is computed


def learned(day, seed):
    """Return bids of a random share of the value, and whether they won."""
    bids = day.values * (1 - np.random.default_rng(seed).random(day.n_impressions))
    return bids, bids > day.prices


def best(values, curve):
    """Return the best bid for each value, by interpolation."""
    return np.interp(values, GRID, auctions.best_bid(GRID, curve))


def of_wins(bids, won):
    """Return the share of won bids that is at most a bid, as if it were a win curve."""
    wins = np.sort(bids[won])
    return lambda bid: np.searchsorted(wins, bid, side="right") / len(wins)


def ways(today, yesterday, seed):
    """Yield the name of each way to bid, and its bids."""
    bids, won = learned(yesterday, seed)
    yield "value", today.values
    yield "half", today.values / 2
    yield "one curve", best(today.values, auctions.WinCurve().fit(bids, won))
    ends = np.quantile(yesterday.values, np.arange(1, N_KINDS) / N_KINDS)
    then, now = (np.searchsorted(ends, d.values) for d in (yesterday, today))
    by_kind, wins_only = np.zeros((2, today.n_impressions))
    for kind in range(N_KINDS):
        log = bids[then == kind], won[then == kind]
        of_kind = today.values[now == kind]
        by_kind[now == kind] = best(of_kind, auctions.WinCurve().fit(*log))
        wins_only[now == kind] = best(of_kind, of_wins(*log))
    yield "curves by kind", by_kind
    yield "wins only", wins_only


def earned(day, bids):
    """Return the surplus of these bids at first price."""
    return float((day.values - bids)[bids > day.prices].sum())


def main():
    """Measure and write."""
    found = []
    for seed in SEEDS:
        today, yesterday = worlds.day(seed=seed), worlds.day(seed=seed - 1)
        euros = {name: earned(today, b) for name, b in ways(today, yesterday, seed)}
        euros["the random day"] = earned(yesterday, learned(yesterday, seed)[0])
        euros["known prices"] = float(np.maximum(today.values - today.prices, 0).sum())
        found += [
            {"method": name, "seed": seed, "value": round(value, 4)}
            for name, value in euros.items()
        ]
    write_results(
        "auctions", pd.DataFrame(found), data="worlds.day(), seeds 100 to 119"
    )


if __name__ == "__main__":
    main()
