"""What order is worth: the next film of each person, with and without the order.

``python -m tests.benchmarks.studies.order`` writes ``data/results/order.csv`` (chapter
4.5): models of sets, a Markov chain, an EASE whose rows fade, and light networks with
five seeds, on the leave-last-out split of the real MovieLens 100K. It takes some
minutes on one core.

The dials of the chain and of the faded EASE are chosen on each person's last film of
train; the networks' settings were not tuned. Metrics: nDCG@10 over all films, the hit
rate, nDCG@10 of those with and without a tie at their last second, and nDCG@10 among
100 films that were drawn at random. A row with a second model compares the two, person
by person, each person's gain averaged over the seeds.
"""

import numpy as np
import pandas as pd

import recbook
from recbook import datasets, evaluation, leaderboard, splits
from recbook.leaderboard.results import write_results

SEEDS = range(5)
BETAS = (1, 5, 20, 100, 500)
GAMMAS = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
LIGHT = {"n_factors": 32, "n_steps": 20, "batch_size": 32, "n_epochs": 6}
LIGHT |= {"lr": 0.015, "validation_share": 0}
SETS = {"popularity": "popularity", "itemknn": "item kNN", "ease": "EASE"}
PAIRS = (
    ("SASRec", "SASRec, no order"),
    ("SASRec", "EASE, faded"),
    ("SASRec", "GRU4Rec"),
    ("EASE, faded", "EASE"),
)


def in_order(ratings):
    """Return the item codes of each user by time, ties as in the table."""
    order = np.lexsort((ratings.timestamps, ratings.users))  # stable
    lengths = np.bincount(ratings.users, minlength=ratings.n_users)
    return np.split(ratings.items[order], np.cumsum(lengths)[:-1])


def latest(ratings, n):
    """Return each user's last n ratings, ties as in the table."""
    order = np.lexsort((ratings.timestamps, ratings.users))
    lengths = np.bincount(ratings.users, minlength=ratings.n_users)
    left = np.empty(ratings.n_ratings, dtype=int)
    left[order] = np.cumsum(lengths)[ratings.users[order]] - np.arange(len(order))
    return ratings.subset(left <= n)


def shuffled(ratings, seed):
    """Return the same ratings with times that mean nothing."""
    times = np.random.default_rng(seed).permutation(ratings.n_ratings)
    columns = ratings.users, ratings.items, ratings.values, times
    return recbook.Ratings(*columns, ratings.user_ids, ratings.item_ids)


def markov(sequences, n_items, beta):
    """Return the smoothed probability of each item after each."""
    counts = np.zeros((n_items, n_items))
    for sequence in sequences:
        np.add.at(counts, (sequence[:-1], sequence[1:]), 1)
    popular = np.bincount(np.concatenate(sequences), minlength=n_items)
    popular = popular / popular.sum()
    return (counts + beta * popular) / (counts.sum(axis=1, keepdims=True) + beta)


def faded(sequences, n_items, gamma):
    """Return rows in which what was seen a steps before the end counts gamma**a."""
    rows = np.zeros((len(sequences), n_items))
    for row, sequence in zip(rows, sequences, strict=True):
        row[sequence] = gamma ** np.arange(len(sequence))[::-1]
    return rows


def discount(places, k=10):
    return np.where(places <= k, 1 / np.log2(places + 1), 0.0)


def gains(scores, known, hidden):
    """Return nDCG@10 of each of hidden's ratings among the films not in known."""
    scores = np.array(scores, dtype=float)
    scores[known.csr[hidden.users].nonzero()] = -np.inf
    own = np.take_along_axis(scores, hidden.items[:, None], axis=1)
    return discount(1 + (scores > own).sum(axis=1))


def drawn_gains(scores, hidden, drawn):
    """Return nDCG@10 of each of hidden's ratings among the films drawn for it."""
    own = np.take_along_axis(scores, hidden.items[:, None], axis=1)
    others = np.take_along_axis(scores, drawn, axis=1)
    return discount(1 + (others > own).sum(axis=1))


def dials(train):
    """Return beta and gamma, chosen on the last film of each person in train."""
    fewer, validation = splits.leave_last_out(train)
    past, people = in_order(fewer), validation.users
    last = np.array([past[u][-1] for u in people])
    B = leaderboard.recipes("next")["ease"]().fit(fewer).B_

    def best(tried, scores):
        found = [gains(scores(x), fewer, validation).mean() for x in tried]
        return tried[int(np.argmax(found))]

    n = train.n_items
    beta = best(BETAS, lambda b: markov(past, n, b)[last])
    return beta, best(GAMMAS, lambda g: (faded(past, n, g) @ B)[people])


def lists(train, people, beta, gamma):
    """Yield the name, the seed and the scores of every model."""
    history, n = in_order(train), train.n_items
    sets = {key: leaderboard.recipes("next")[key]().fit(train) for key in SETS}
    for key, name in SETS.items():
        yield name, 0, sets[key].scores(people)
    last = np.array([history[u][-1] for u in people])
    yield "Markov chain", 0, markov(history, n, beta)[last]
    yield "EASE, faded", 0, faded(history, n, gamma)[people] @ sets["ease"].B_
    recent = latest(train, LIGHT["n_steps"] + 1)
    for seed in SEEDS:
        gru = recbook.GRU4Rec(**LIGHT, seed=seed)
        yield "GRU4Rec", seed, gru.fit(recent).scores(people)
        sasrec = recbook.SASRec(**LIGHT, n_blocks=1, seed=seed)
        yield "SASRec", seed, sasrec.fit(recent).scores(people)
        sasrec = sasrec.fit(shuffled(recent, seed))
        yield "SASRec, no order", seed, sasrec.scores(people)


def main():
    """Measure and write."""
    ratings = datasets.load_ml100k("real").ratings
    train, test = splits.leave_last_out(ratings)
    beta, gamma = dials(train)
    times = pd.DataFrame({"u": ratings.users, "t": ratings.timestamps})
    tied = times.groupby("u")["t"].apply(lambda t: (t == t.max()).sum() > 1)
    tied, rng = tied.loc[test.users].to_numpy(), np.random.default_rng(0)
    unrated = [np.flatnonzero(row == 0) for row in ratings.csr[test.users].toarray()]
    drawn = np.array([rng.choice(free, 100, replace=False) for free in unrated])
    rows, per_person = [], {}
    for name, seed, scores in lists(train, test.users, beta, gamma):
        gain = gains(scores, train, test)
        per_person.setdefault(name, []).append(gain)
        measured = {
            "ndcg": gain.mean(),
            "hit_rate": (gain > 0).mean(),
            "ndcg of tied": gain[tied].mean(),
            "ndcg of others": gain[~tied].mean(),
            "ndcg of 100 drawn": drawn_gains(scores, test, drawn).mean(),
        }
        rows += [(name, None, seed, m, v) for m, v in measured.items()]
        print(name, seed, round(measured["ndcg"], 4), flush=True)
    for a, b in PAIRS:
        one, other = (np.mean(per_person[name], axis=0) for name in (a, b))
        t = evaluation.paired_test(one, other)
        low, high = t.interval
        found = {"difference": t.difference, "low": low, "high": high, "p": t.p}
        rows += [(a, b, None, m, v) for m, v in found.items()]
        print(a, "-", b, found)
    columns = ["model", "other", "seed", "metric", "value"]
    table = pd.DataFrame(rows, columns=columns).astype({"seed": "Int64"})
    facts = {"people": int(test.n_ratings), "tied": int(tied.sum())}
    facts |= {"beta": beta, "gamma": gamma}
    write_results("order", table, data="ml-100k", real=True, **facts)


if __name__ == "__main__":
    main()
