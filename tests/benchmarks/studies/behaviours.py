"""Who predicts the next purchase in the shop, at which moment and for which reason.

``python -m tests.benchmarks.studies.behaviours`` writes ``data/results/behaviours.csv``
(chapter 4.6): popularity, EASE and counts beside a factorization machine and light
attention over events, five seeds each, on the invented log of the shop. It takes some
minutes on one core.

Train is the log before the last 30 days, test are the purchases of these, asked for
when their visit begins; all products are candidates. Weights and half-life of counts
were chosen on the 30 days before the test; all settings are those of the chapter. A
group is all purchases, those of a moment, or those of a reason: the product had been
bought before, it had been seen or carted, or it was new to the person.
"""

import numpy as np
import pandas as pd

from recbook import EASE, FactorizationMachine, MultiBehaviour, Ratings, datasets
from recbook.leaderboard.results import write_results

SEEDS = range(5)
DAYS = 30
GAP = 1800  # seconds of silence that end a visit
CONTEXT = ["hour", "device", "weekday"]
WEIGHTS, HALF_LIFE = {"view": 1, "cart": 4, "purchase": 1}, 15
MOMENTS = ["phone, night", "desktop, noon", "weekend", "other"]
REASONS = ["bought", "seen", "new"]
PARTS = np.repeat(
    ["night", "early", "morning", "noon", "afternoon", "evening", "night"],
    [1, 6, 4, 3, 4, 3, 3],
)


def moment_of(frame):
    """Return the name of each row's moment; the first that fits."""
    night = (frame.device == "phone") & frame.hour.isin([21, 22, 23, 0])
    noon = (frame.device == "desktop") & frame.hour.isin([11, 12, 13])
    weekend = frame.weekday.isin(["Sat", "Sun"])
    return np.select([night, noon, weekend], MOMENTS[:3], "other")


def circumstances(frame):
    """Return the fields of the factorization machine."""
    found = frame[["device"]].copy()
    found["part"] = PARTS[frame.hour.to_numpy()]
    found["weekend"] = frame.weekday.isin(["Sat", "Sun"])
    return found


class Task:
    """The purchases of the last month, and what was known as each visit began."""

    def __init__(self, shop):
        self.shop, self.n_items = shop, len(shop.products)
        self.before, after = shop.split(days=DAYS)
        self.purchases = shop.purchases(self.before)
        rows = shop.events.sort_values(["user_id", "timestamp"], kind="stable")
        new = rows.user_id.ne(rows.user_id.shift()) | rows.timestamp.diff().gt(GAP)
        self.events = rows = rows.assign(visit=new.cumsum())
        rows = rows[rows.timestamp >= after.timestamp.min()]
        begins = rows.drop_duplicates("visit").set_index("visit")
        bought = rows[rows.behaviour == "purchase"]
        cases = begins.loc[bought.visit, ["timestamp", *CONTEXT]]
        self.cases = cases.reset_index(drop=True).assign(
            user=bought.user_id.to_numpy() - 1, item=bought.product_id.to_numpy() - 1
        )

    def counts(self, weights, half_life):
        """Return a row for each purchase: faded counts of what came before."""
        users = self.events.user_id.to_numpy() - 1
        starts = np.searchsorted(users, np.arange(len(self.shop.users) + 1))
        times = self.events.timestamp.to_numpy()
        items = self.events.product_id.to_numpy() - 1
        worth = self.events.behaviour.map(weights).to_numpy(float)
        table = np.zeros((len(self.cases), self.n_items))
        asked = zip(self.cases.user, self.cases.timestamp, strict=True)
        for row, (u, now) in zip(table, asked, strict=True):
            first = starts[u]
            past = slice(
                first, first + np.searchsorted(times[first : starts[u + 1]], now)
            )
            left = 0.5 ** ((now - times[past]) / 86_400 / half_life)
            row += np.bincount(items[past], worth[past] * left, minlength=self.n_items)
        return table

    def gains(self, scores):
        """Return nDCG@10 of each purchase, where one product is right; ties by code."""
        item = self.cases.item.to_numpy()
        own = scores[np.arange(len(item)), item][:, None]
        tied = (scores == own) & (np.arange(self.n_items) < item[:, None])
        place = ((scores > own) | tied).sum(axis=1)
        return np.where(place < 10, 1 / np.log2(place + 2), 0)

    def of_the_moment(self, popular):
        """Return popularity at each purchase's moment, smoothed by twenty purchases."""
        paid = self.before[self.before.behaviour == "purchase"]
        group, now = moment_of(paid), moment_of(self.cases)
        table = np.tile(20 * popular / popular.sum(), (len(now), 1))
        for name in MOMENTS:
            there = paid.product_id[group == name] - 1
            table[now == name] += np.bincount(there, minlength=self.n_items)
        return table

    def shown(self):
        """Return the last purchase of each pair, and nine drawn at random for each."""
        rng = np.random.default_rng(0)
        paid = self.before[self.before.behaviour == "purchase"]
        paid = paid.drop_duplicates(["user_id", "product_id"], keep="last")
        drawn = paid.loc[paid.index.repeat(9)].assign(bought=0.0)
        drawn["product_id"] = rng.integers(1, self.n_items + 1, len(drawn))
        rows = pd.concat([paid.assign(bought=1.0), drawn])
        return rows.drop_duplicates(["user_id", "product_id"], ignore_index=True)

    def machine(self, shown, seed):
        """Return the scores of a factorization machine with the moment as fields."""
        codes = shown.user_id - 1, shown.product_id - 1, shown.bought, None
        ids = self.purchases.user_ids, self.purchases.item_ids
        fm = FactorizationMachine(
            n_factors=16, n_epochs=12, lr=0.02, reg=0.1, loss="logistic",
            history=False, raters=False, validation_share=0.0, seed=seed,
        ).fit(Ratings(*codes, *ids), context=circumstances(shown))  # fmt: skip
        n_users = len(self.shop.users)
        first, person = n_users + self.n_items, fm.V_[self.cases.user]
        for field, column in circumstances(self.cases).items():
            values = list(fm.fields_[field])
            person = person + fm.V_[first + column.map(values.index)]
            first += len(values)
        items = slice(n_users, n_users + self.n_items)
        return fm.w_[items] + person @ fm.V_[items].T

    def attention(self, seed):
        """Return the scores of light attention over the last twelve events."""
        model = MultiBehaviour(
            n_steps=12, n_epochs=8, others=0.5, lr=0.01, validation_share=0.0, seed=seed
        ).fit(self.purchases, self.before)
        when = self.cases.user.to_numpy(), self.cases.timestamp.to_numpy()
        return model.scores(*when, self.cases[CONTEXT], log=self.shop.events)


def lists(task):
    """Yield the name, the seed and the scores of every model."""
    bought, items = task.purchases, task.n_items
    popular = np.bincount(bought.items, bought.values, minlength=items)
    own = np.minimum(task.counts({"view": 0, "cart": 0, "purchase": 1}, np.inf), 1)
    counts, faint = task.counts(WEIGHTS, HALF_LIFE), 1e-9 * popular
    yield "popularity", 0, np.tile(popular, (len(own), 1))
    yield "EASE on purchases", 0, own @ EASE(reg=100.0).fit(bought).B_ + faint
    yield "counts that fade", 0, counts + faint
    yield "popularity of the moment", 0, task.of_the_moment(popular)
    shown = task.shown()
    for seed in SEEDS:
        scores = task.machine(shown, seed)
        yield "FM with the moment", seed, scores
        yield "counts × moment", seed, np.log(counts + 0.02) + 0.3 * scores
        yield "attention", seed, task.attention(seed)


def main():
    """Measure and write."""
    task = Task(datasets.load_shop())
    at = np.arange(len(task.cases)), task.cases.item.to_numpy()
    own = task.counts({"view": 0, "cart": 0, "purchase": 1}, np.inf)[at]
    seen = task.counts({"view": 1, "cart": 1, "purchase": 0}, np.inf)[at]
    reason = np.select([own > 0, seen > 0], REASONS[:2], "new")
    groups = {"all": np.ones(len(own), bool)}
    groups |= {name: moment_of(task.cases) == name for name in MOMENTS}
    groups |= {name: reason == name for name in REASONS}
    rows = []
    for name, seed, scores in lists(task):
        gain = task.gains(scores)
        for group, who in groups.items():
            rows.append((name, seed, group, "ndcg", gain[who].mean()))
            rows.append((name, seed, group, "hit_rate", (gain[who] > 0).mean()))
        print(name, seed, round(gain.mean(), 4), flush=True)
    columns = ["model", "seed", "group", "metric", "value"]
    facts = {"data": "the shop's log", "purchases": len(own)}
    write_results("behaviours", pd.DataFrame(rows, columns=columns), **facts)


if __name__ == "__main__":
    main()
