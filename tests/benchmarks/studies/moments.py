"""What views, carts and the moment add to purchases: the next purchase in the shop.

``python -m tests.benchmarks.studies.moments`` writes ``data/results/moments.csv`` for
chapter 4.6: four forms of MultiBehaviour, three seeds each, on the invented log of the
shop, so that what is found is what was put in. It takes some minutes on one core. All
events are compared with each other form over people, in nDCG@10: the mean over a
person's purchases, averaged over the seeds.

Train is the log before the last 30 days, test are the purchases of these. Histories go
on growing through the test, as they do in a live shop, but end where the visit of the
purchase begins. Candidates are all products. Settings, and whether an event has its own
context beside the query's (no), were chosen on the 30 days before the test, with train
less these. A test value of an earlier form of the network, with it, had been seen: .430
from three seeds, and .429 without any context.
"""

import numpy as np
import pandas as pd

from recbook import MultiBehaviour, datasets
from recbook.leaderboard.results import write_results
from tests.benchmarks.paired import paired

SEEDS = (0, 1, 2)
DAYS = 30
GAP = 1800  # seconds of silence that end a visit
MOMENT = ["hour", "device", "weekday"]


def purchases(events, start):
    """Return the purchases from ``start`` on, with time and moment of their visits."""
    rows = events.sort_values(["user_id", "timestamp"], kind="stable")
    new = rows["user_id"].ne(rows["user_id"].shift()) | rows["timestamp"].diff().gt(GAP)
    rows["visit"] = new.cumsum()
    rows = rows[rows["timestamp"] >= start]
    begins = rows.drop_duplicates("visit").set_index("visit")
    bought = rows[rows["behaviour"] == "purchase"]
    begins = begins.loc[bought["visit"], ["timestamp", *MOMENT]].reset_index(drop=True)
    return begins.assign(
        user=bought["user_id"].to_numpy() - 1, item=bought["product_id"].to_numpy() - 1
    )


def measured(scores, items):
    """Return each purchase's nDCG@10 and hit, one product being right; ties by code."""
    own = scores[np.arange(items.size), items][:, None]
    ahead = scores > own
    ahead |= (scores == own) & (np.arange(scores.shape[1]) < items[:, None])
    place = ahead.sum(axis=1)
    gain = np.where(place < 10, 1 / np.log2(place + 2), 0)
    return {"ndcg": gain, "hit_rate": place < 10}


def variants(events):
    """Return the forms of the log: everything, and with something left out."""
    merged = events["behaviour"].where(events["behaviour"] == "purchase", "other")
    return {
        "all": events,
        "no moment": events.drop(columns=MOMENT),
        "purchases only": events[events["behaviour"] == "purchase"],
        "no kinds": events.assign(behaviour=merged),
    }


def main():
    """Measure and write."""
    shop = datasets.load_shop()
    before, after = shop.split(days=DAYS)
    start = after["timestamp"].min()
    cases, rows, people = purchases(shop.events, start), [], {}
    columns = cases["user"].to_numpy(), cases["timestamp"].to_numpy()
    for (name, log), whole in zip(
        variants(before).items(), variants(shop.events).values(), strict=True
    ):
        moment = None if name == "no moment" else cases[MOMENT]
        for seed in SEEDS:
            model = MultiBehaviour(n_epochs=14, validation_share=0.0, seed=seed)
            model.fit(shop.purchases(before), log)
            scores = model.scores(*columns, moment, log=whole)
            values = measured(scores, cases["item"].to_numpy())
            found = {m: v.mean() for m, v in values.items()}
            rows += [(name, None, seed, m, v) for m, v in found.items()]
            print(name, seed, found, flush=True)
            own = pd.Series(values["ndcg"]).groupby(cases["user"]).mean()
            people.setdefault(name, []).append(own)
    every, *others = people
    for other in others:
        found = paired(*(np.mean(people[n], 0) for n in (every, other)))
        rows += [
            (every, other, None, m, found[m]) for m in ("difference", "low", "high")
        ]
    columns = ["model", "other", "seed", "metric", "value"]
    table = pd.DataFrame(rows, columns=columns).astype({"seed": "Int64"})
    write_results("moments", table, data="the shop's log", purchases=len(cases))


if __name__ == "__main__":
    main()
