"""What chapter 6.18's correction and ranker are worth, with more seeds and real data.

``python -m tests.benchmarks.studies.candidates`` writes
``data/results/candidates.csv``. It needs the real MovieLens 100K and takes some minutes
on one core.

Columns: ``study``; ``data``; ``model``; ``seed`` (none for a test over people, and for
models without luck); ``metric``, ``value``.

- ``retrieve``: recall@20 of items that are new to the person. A person finds h of r
  relevant items and has h / min(r, 20); ``uncapped`` is h / r. On the ``shop``, models
  learn from all that was viewed, carted or bought before the last 30 days; relevant is
  what was bought in these without having been touched before. On ``ml-100k``, models
  learn from u1's train ratings of four stars and more; relevant are the test ratings of
  four and more. Learning rate and penalty were chosen from one grid for the towers with
  and without the correction, and the penalty of EASE, on the 30 days before the shop's
  test and inside u1's train: ``chosen-…``. ``masked`` leaves out of a batch the columns
  that repeat a row's own item, ``full`` has all items as columns; both take the choice
  of ``logq``, and one seed, being slow. ``against`` is a paired test over people, each
  with the mean of its seeds, of ``logq`` with the same seeds against the model.
- ``rank``: nDCG@10 of what the shop's customers bought in 30 days, items bought before
  included, on three windows of 30 days, the shop's last three. The ranker learned from
  the candidates of the window before. The ranker's settings were not chosen on the
  windows. The towers' penalty and the weights and half-life of the faded counts were
  chosen on the second of them, 60 days ago.

The tasks of ``retrieve`` were not settled blindly. What counts as relevant on the shop,
and the capped count on ``ml-100k``, were fixed after earlier drafts had shown figures
of the test month and of u1's test, to match a design. Read the differences between
models, which share a task, rather than the height of one recall.
"""

import itertools

import numpy as np
import pandas as pd
from scipy import sparse

from recbook import EASE, InBatchTowers, Popularity, datasets, metrics, splits
from recbook.evaluation import paired_test
from recbook.leaderboard.results import write_results
from recbook.marketing.retrieval import Reranker, merge, towers

COLUMNS = ["study", "data", "model", "seed", "metric", "value"]
SEEDS = range(5)
GRID = list(itertools.product((0.03, 0.1), (0.03, 0.1, 0.3)))  # lr, reg
PENALTIES = (50.0, 100.0, 200.0, 400.0, 800.0)  # of EASE
KINDS, HALF_LIVES = ("view", "cart", "purchase"), (3, 15, 60)
DAY = 86_400


def row(study, data, model, metric, value, seed=None):
    """Return one row of the table."""
    return dict(
        zip(COLUMNS, (study, data, model, seed, metric, float(value)), strict=True)
    )


# Retrieve ----------------------------------------------------------------------------


def touched(shop, events):
    """Return who viewed, carted or bought what."""
    return shop.purchases(events.assign(behaviour="purchase"))


def until(shop, days_ago):
    """Return the events before the last so many days."""
    return shop.split(days=days_ago)[0]


def of_shop(days_ago):
    """Return what is learned from, what is left out, and what is to be found."""
    shop = datasets.load_shop()
    before, later = until(shop, days_ago), until(shop, days_ago - 30)
    known = touched(shop, before)
    bought = shop.purchases(later.loc[later.index.difference(before.index)])
    return known, known, bought.subset(known.csr[bought.users, bought.items] == 0)


def of_ratings(train, test):
    """Return likes to learn from, all ratings to leave out, and likes to find."""
    return train.subset(train.values >= 4), train, test.subset(test.values >= 4)


def splits_of(name):
    """Return the split on which settings are chosen, and the one that tests them."""
    if name == "shop":
        return of_shop(60), of_shop(30)
    train, test = datasets.load_ml100k().fold(1)
    inner = splits.holdout(train, 0.8, seed=1)
    return of_ratings(*inner), of_ratings(train, test)


def recall(model, train, known, test):
    """Return each person's h / min(r, 20), and h / r; NaN if nothing is relevant."""
    lists = model.fit(train).recommend(np.arange(train.n_users), 20, exclude=known)
    uncapped = metrics.recall(lists, test.csr, 20)
    relevant = np.diff(test.csr.indptr)
    return uncapped * relevant / np.clip(relevant, 1, 20), uncapped


class Columns(InBatchTowers):
    """The same towers, with other columns than the batch's: NumPy, and slower."""

    masked = False

    def _train(self, rng, V, W, users, taken, log_q):
        slopes = [np.zeros_like(V), np.zeros_like(W)]
        squares = [np.full_like(X, towers.START) for X in (V, W)]
        n_items, every = len(V), np.ones(len(V), dtype=bool)
        table = sparse.csr_array((np.ones(len(users)), taken[1], taken[0]))
        table.resize(taken[0].size - 1, n_items)
        for _ in range(self.n_epochs):
            order = rng.permutation(len(users))
            for first in range(0, len(order), self.batch_size):
                u, i = (x[order[first : first + self.batch_size]]
                        for x in (users, taken[1]))  # fmt: skip
                self._slopes(V, W, table[u], i, log_q, slopes)
                for X, s, G in zip((V, W), squares, slopes, strict=True):
                    towers.adagrad(X, s, G, every.copy(), self.lr)
        return []

    def _slopes(self, V, W, H, i, log_q, slopes):
        """Write the slopes of a batch with the histories H, of items i."""
        n, k, rows = len(i), V.shape[1], np.arange(len(i))
        root = np.sqrt(np.maximum(H.sum(axis=1) - 1, 1))[:, None]
        P = np.column_stack([(H @ V - V[i]) / root, np.ones(n)])
        columns = i if self.masked else np.arange(len(V))
        S = P @ W[columns].T
        if self.masked:
            S = S - log_q[i]
            S[(i[:, None] == i) & ~np.eye(n, dtype=bool)] = -np.inf
        E = np.exp(S - S.max(axis=1, keepdims=True))
        E /= E.sum(axis=1, keepdims=True)
        E[rows, rows if self.masked else i] -= 1.0
        E /= n
        G_P = (E @ W[columns])[:, :k] + self.reg / n * P[:, :k]
        np.add.at(slopes[1], columns, E.T @ P)
        np.add.at(slopes[1][:, :k], i, self.reg / n * W[i, :k])
        slopes[0] += H.T @ (G_P / root)
        np.subtract.at(slopes[0], i, G_P / root)


class Masked(Columns):
    """A batch's columns, without those that repeat the row's own item."""

    masked = True


def makers():
    """Return for each model how to make it from a setting and a seed, and its grid."""

    def of(kind, **more):
        return lambda pair, seed: kind(lr=pair[0], reg=pair[1], seed=seed, **more)

    return {
        "popularity": (lambda *_: Popularity(), [None], [None]),
        "ease": (lambda reg, _: EASE(reg=reg), PENALTIES, [None]),
        "logq": (of(InBatchTowers), GRID, SEEDS),
        "plain": (of(InBatchTowers, correction=None), GRID, SEEDS),
        "masked": (of(Masked), None, SEEDS[:1]),
        "full": (of(Columns), None, SEEDS[:1]),
    }


def chosen(make, grid, inner):
    """Return the setting with the best recall on the inner split."""
    tried = [np.nanmean(recall(make(setting, 0), *inner)[0]) for setting in grid]
    return grid[int(np.argmax(tried))]


def retrieve(name):
    """Yield the recall of all models on one set of data, and the tests over people."""
    inner, outer = splits_of(name)
    person, best = {}, {}
    for key, (make, grid, seeds) in makers().items():
        best[key] = chosen(make, grid, inner) if grid else best["logq"]
        runs = [recall(make(best[key], seed), *outer) for seed in seeds]
        person[key] = np.array([capped for capped, _ in runs])  # (seeds, people)
        for seed, (capped, uncapped) in zip(seeds, runs, strict=True):
            yield row("retrieve", name, key, "recall", np.nanmean(capped), seed)
            yield row("retrieve", name, key, "uncapped", np.nanmean(uncapped), seed)
        if grid:
            names = ("reg",) if key == "ease" else ("lr", "reg")
            values = np.atleast_1d(best[key]) if best[key] else ()
            for what, value in zip(names, values, strict=False):
                yield row("retrieve", name, key, f"chosen-{what}", value)
        print(name, key, best[key], np.nanmean(person[key]).round(4), flush=True)
    some = ~np.isnan(person["logq"][0])
    yield row("retrieve", name, "all", "people", some.sum())
    for key, values in person.items():
        if key != "logq":
            ours = person["logq"]
            if key in ("masked", "full"):  # one seed against the same seed
                ours = ours[: len(values)]
            found = paired_test(
                ours[:, some].mean(axis=0), values[:, some].mean(axis=0)
            )
            yield from against(found, "retrieve", name, key)


def against(found, study, data, key, seed=None):
    """Yield the difference of a paired test and the ends of its interval."""
    yield row(study, data, key, "against", found.difference, seed)
    yield row(study, data, key, "against-low", found.interval[0], seed)
    yield row(study, data, key, "against-high", found.interval[1], seed)


# Rank --------------------------------------------------------------------------------


class Window:
    """Thirty days of the shop, what was known as they began, and who found what."""

    def __init__(self, shop, days_ago, seed):
        past, later = until(shop, days_ago), until(shop, days_ago - 30)
        self.shop, self.past = shop, past
        self.bought = shop.purchases(later.loc[later.index.difference(past.index)])
        last_day = int(shop.events.timestamp.max()) // DAY + 1
        self.age = (last_day - days_ago) - past.timestamp.to_numpy() / DAY  # days
        self.who = past.user_id.to_numpy() - 1, past.product_id.to_numpy() - 1
        self.shape = len(shop.users), len(shop.products)
        self.counts = {
            (kind, half): self.faded({kind: 1}, half)
            for kind, half in itertools.product(KINDS, HALF_LIVES)
        }
        self.recent = self.faded({"view": 1, "cart": 4, "purchase": 1}, 15)
        self.taken, self.touched = shop.purchases(past), touched(shop, past)
        self.popular = np.bincount(self.taken.items, minlength=self.shape[1])
        self.towers = InBatchTowers(reg=0.3, seed=seed).fit(self.touched)

    def faded(self, weights, half_life):
        """Return weighted counts of each pair's events, which fade by their age."""
        worth = self.past.behaviour.map(weights).fillna(0).to_numpy(float)
        worth = worth * 0.5 ** (self.age / half_life)
        return sparse.coo_array((worth, self.who), self.shape).toarray()

    def candidates(self, n):
        """Return n candidates of each person, from three sources in turn."""
        everyone = np.arange(self.shape[0])
        own = np.argsort(-self.recent, axis=1, kind="stable")
        seen = np.take_along_axis(self.recent, own, axis=1) > 0
        own = np.where(seen, own, -1)[:, :n]
        popular = Popularity().fit(self.taken).recommend(everyone, n)
        new = self.towers.recommend(everyone, n, exclude=self.touched)
        return merge([own, new, popular], n)

    def features(self, candidates):
        """Return (n_users, n, 14) features of candidates; those of padding are 0."""
        u, c = np.arange(len(candidates))[:, None], np.maximum(candidates, 0)
        group = pd.factorize(self.shop.products.category)[0]
        paid = (self.past.behaviour == "purchase").to_numpy()
        people, things = (codes[paid] for codes in self.who)
        last = np.full(self.shape, np.inf)
        np.minimum.at(last, (people, things), self.age[paid])
        interest = np.zeros((self.shape[0], group.max() + 1))
        np.add.at(interest, (self.who[0], group[self.who[1]]), 0.5 ** (self.age / 30))
        interest /= np.maximum(interest.sum(axis=1, keepdims=True), 1e-9)
        scores = self.towers.scores(np.arange(self.shape[0]))
        columns = [np.log1p(table[u, c]) for table in self.counts.values()]
        columns += [scores[u, c] - scores.mean(axis=1)[:, None]]
        columns += [np.log1p(self.popular[c]), interest[u, group[c]]]
        columns += [(last[u, c] > 20) & (last[u, c] < 40), last[u, c] < 15]
        table = np.stack([np.asarray(x, float) for x in columns], axis=-1)
        return np.where((candidates >= 0)[..., None], table, 0.0)

    def rows(self, candidates):
        """Return features and outcomes of the candidates that are not padding."""
        real = candidates >= 0
        bought = self.bought.csr.toarray() > 0
        labels = np.take_along_axis(bought, np.maximum(candidates, 0), axis=1)
        return self.features(candidates)[real], labels[real]

    def at_random(self, n, seed):
        """Return what each person bought, filled up with n products at random."""
        rng = np.random.default_rng(seed)
        drawn = rng.integers(0, self.shape[1], (self.shape[0], n))
        bought = self.bought.csr.toarray() > 0
        order = np.argsort(~bought, axis=1, kind="stable")[:, :n]
        real = np.take_along_axis(bought, order, axis=1)
        return merge([np.where(real, order, -1), drawn], n)

    def ndcg(self, lists):
        """Return each person's nDCG@10, NaN for a person who bought nothing."""
        return metrics.ndcg(lists, self.bought.csr, 10)


SIZES = (15, 30, 60, 120)
SIZE = 60  # of the comparisons


def ranked(shop, days_ago, seed):
    """Yield the lists of one window, and each person's nDCG of the chosen size."""
    learn, ask = (Window(shop, days, seed) for days in (days_ago + 30, days_ago))
    data, everyone = f"shop, {days_ago} days ago", np.arange(ask.shape[0])
    faint = ask.recent + 1e-9 * ask.popular
    person = {
        "popularity": ask.ndcg(
            np.tile(np.argsort(-ask.popular)[:10], (len(everyone), 1))
        ),
        "towers": ask.ndcg(ask.towers.recommend(everyone, 10)),
        "ease": ask.ndcg(EASE(reg=200.0).fit(ask.taken).recommend(everyone, 10)),
        "faded counts": ask.ndcg(np.argsort(-faint, axis=1, kind="stable")[:, :10]),
    }
    for n in SIZES:
        learned, asked = learn.candidates(n), ask.candidates(n)
        features = ask.features(asked)
        ranker = Reranker().fit(*learn.rows(learned))
        values = ask.ndcg(ranker.recommend(asked, features))
        found = metrics.recall(asked, ask.bought.csr, n)
        yield row("rank", data, f"ranker, {n}", "ceiling", np.nanmean(found), seed)
        yield row("rank", data, f"ranker, {n}", "ndcg", np.nanmean(values), seed)
        if n == SIZE:
            person["ranker"] = values
            X, labels = ask.rows(asked)
            yield row("rank", data, "candidates", "ratio",
                      ranker.predict(X).mean() / labels.mean(), seed)  # fmt: skip
            other = Reranker().fit(*learn.rows(learn.at_random(n, seed)))
            person["random rows"] = ask.ndcg(other.recommend(asked, features))
            yield row("rank", data, "random rows", "ratio",
                      other.predict(X).mean() / labels.mean(), seed)  # fmt: skip
    for key, values in person.items():
        yield row("rank", data, key, "ndcg", np.nanmean(values), seed)
    some = ~np.isnan(person["ranker"])
    for key in person:
        if key != "ranker":
            found = paired_test(person["ranker"][some], person[key][some])
            yield from against(found, "rank", data, key, seed)
    said = {key: np.nanmean(values).round(4) for key, values in person.items()}
    print(data, seed, said, flush=True)


def main():
    """Measure and write."""
    movielens, shop = datasets.load_ml100k(), datasets.load_shop()
    rows = [*retrieve("shop"), *retrieve("ml-100k")]
    for days_ago, seed in itertools.product((30, 60, 90), range(3)):
        rows += ranked(shop, days_ago, seed)
    facts = {
        "data": f"the shop's log (CC0, invented) and {movielens.name}",
        "source": "MovieLens 100K, GroupLens: aggregate figures only",
    }
    write_results("candidates", pd.DataFrame(rows, columns=COLUMNS), **facts)


if __name__ == "__main__":
    main()
