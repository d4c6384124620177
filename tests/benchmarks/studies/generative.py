"""Semantic IDs: what the codes are made of, the trie, the beam, and new films.

``python -m tests.benchmarks.studies.generative`` writes ``data/results/generative.csv``
(chapter 7.5) from the real MovieLens 100K, on the leave-last-out split of the
leaderboard. It takes some ten minutes on one core.

All runs have the settings of the leaderboard's recipe, which was chosen on each
person's last film of train. Only the vectors behind the codes differ: *neighbours* in
time, *genres and year*, and *shuffled*, the vectors of the neighbours dealt out anew to
the films, so that the words are as many and as long and mean nothing. *no trie* is the
same network, trained with a softmax over whole alphabets. *test seen* has vectors of
neighbours that were counted with the test's ratings too, which is a mistake. A row with
a second model compares the two, person by person, each person's gain averaged over the
seeds.

For *new films* 150 films lose all their ratings before training, and each person's
ratings of them are what is asked: the metric is the share of pairs of new films, one
rated by the person and one not, that stand in the right order (AUC). From each film's
scores their mean over people is subtracted first. What is left says for whom a film is,
and not how famous it is, which nobody knows of a new film, and which alone would move
the metric of 150 films by several points either way.
"""

import numpy as np
import pandas as pd

from recbook import datasets, evaluation, leaderboard, splits
from recbook.deep.semantic import sequence_vectors
from recbook.leaderboard.results import write_results

SEEDS = {"neighbours": 3, "shuffled": 3, "genres and year": 3, "GRU4Rec": 3}
SEEDS |= {"no trie": 2, "test seen": 1}
PAIRS = (
    ("neighbours", "EASE"),
    ("neighbours", "shuffled"),
    ("neighbours", "genres and year"),
    ("genres and year", "EASE"),
    ("EASE", "shuffled"),
    ("neighbours", "no trie"),
    ("test seen", "neighbours"),
    ("GRU4Rec", "neighbours"),
)
WIDTHS = (1, 3, 10, 30, 100)
N_NEW, AT_LEAST = 150, 5  # new films, and the ratings that each has at least


def content_vectors(movies, item_ids):
    """Return genres, each film's of length 1, and the year in standard deviations."""
    table = movies.set_index("movie_id").loc[item_ids]
    genres = table.select_dtypes(bool).to_numpy(float)
    genres = genres / np.sqrt(np.maximum(genres.sum(axis=1, keepdims=True), 1))
    year = table["year"].fillna(table["year"].median()).to_numpy(float)
    return np.column_stack([genres, (year - year.mean()) / year.std()])


def vectors_of(name, seed, train, ratings, movies):
    """Return what the words are made from; None is what the model takes itself."""
    if name == "shuffled":
        deal = np.random.default_rng(seed).permutation(train.n_items)
        return sequence_vectors(train, window=made(seed).window)[deal]
    if name == "genres and year":
        return content_vectors(movies, train.item_ids)
    if name == "test seen":
        return sequence_vectors(ratings, window=made(seed).window)
    return None


def made(seed, **settings):
    """Return the model of the recipe with another seed."""
    model = leaderboard.recipes("next")["generative"]()
    return model.set_params(seed=seed, **settings)


def discount(places, k=10):
    return np.where(places <= k, 1 / np.log2(places + 1), 0.0)


def gains(scores, known, hidden, ties=0):
    """Return nDCG@10 of each of hidden's ratings among the films not in known.

    ``ties`` is 0 where equal films stand behind the one to be found, 1 where before.
    """
    scores = np.array(scores, dtype=float)
    scores[known.csr[hidden.users].nonzero()] = -np.inf
    own = np.take_along_axis(scores, hidden.items[:, None], axis=1)
    level = (np.abs(scores - own) < 1e-6).sum(axis=1) - 1
    above = (scores > own + 1e-6).sum(axis=1)
    return discount(1 + above + ties * level)


def without_last_number(model, scores):
    """Return scores in which all films with the same codes have their word's."""
    _, word = np.unique(model.ids_.codes_[:, :-1], axis=0, return_inverse=True)
    word = word.ravel()
    order = np.argsort(word, kind="stable")
    starts = np.searchsorted(word[order], np.arange(word.max() + 1))
    total = np.add.reduceat(np.exp(scores[:, order]), starts, axis=1)
    return np.log(np.maximum(total, 1e-300))[:, word]


def beam_gains(model, histories, known, hidden, width):
    """Return nDCG@10 of what a beam finds, without the films in known."""
    items, _ = model.beam_search(histories, width)
    seen = known.csr[hidden.users].toarray() > 0
    new = ~np.take_along_axis(seen, np.maximum(items, 0), axis=1) & (items >= 0)
    hits = (items == hidden.items[:, None]) & new
    places = np.where(hits.any(axis=1), (new.cumsum(axis=1) * hits).sum(axis=1), 1e9)
    return discount(places)


def searched(model, histories, scores, known, hidden):
    """Yield what a beam finds of the best ten films, and what it costs in nDCG@10."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    for width in WIDTHS:
        items, _ = model.beam_search(histories, width)
        found = (best[:, :, None] == items[:, None]).any(axis=2)
        yield f"of the ten, beam {width}", found.mean()
        gain = beam_gains(model, histories, known, hidden, width)
        yield f"ndcg, beam {width}", gain.mean()
    items, _ = model.beam_search(histories, 10, trie=False)
    yield "words that exist, free beam", (items >= 0).mean()


def measured(name, seed, model, train, test, histories, scores):
    """Yield the metrics of one run. The searches are made with the first seed alone."""
    gain = gains(scores, train, test)
    yield "ndcg", gain.mean()
    yield "hit_rate", (gain > 0).mean()
    if not hasattr(model, "weights_"):
        return
    yield "numbers learned", sum(w.size for w in model.weights_)
    if name in ("GRU4Rec", "test seen"):
        return
    yield "words", len(np.unique(model.ids_.codes_[:, :-1], axis=0))
    yield "last numbers", model.ids_.codes_[:, -1].max() + 1
    for level, left in enumerate(model.ids_.left_, 1):
        yield f"left after {level}", left
    yield "mass on films", np.exp(scores).sum(axis=1).mean()
    if name == "neighbours":
        merged = without_last_number(model, scores)
        yield "ndcg, ties won", gains(merged, train, test).mean()
        yield "ndcg, ties lost", gains(merged, train, test, ties=1).mean()
    if name in ("neighbours", "no trie") and seed == 0:
        yield from searched(model, histories, scores, train, test)


def runs(train, ratings, movies):
    """Yield the name, the seed and the fitted model of every run."""
    for key, name in (("popularity", "popularity"), ("ease", "EASE")):
        yield name, 0, leaderboard.recipes("next")[key]().fit(train)
    for name, n_seeds in SEEDS.items():
        for seed in range(n_seeds):
            yield name, seed, one_run(name, seed, train, ratings, movies)


def one_run(name, seed, train, ratings, movies):
    """Return the fitted network of one run."""
    if name == "GRU4Rec":
        model = leaderboard.recipes("next")["gru4rec"]()
        return model.set_params(seed=seed).fit(train)
    vectors = vectors_of(name, seed, train, ratings, movies)
    return made(seed, masked=name != "no trie").fit(train, vectors)


def in_order(ratings):
    """Return the item codes of each user by time, ties as in the table."""
    order = np.lexsort((ratings.timestamps, ratings.users))
    lengths = np.bincount(ratings.users, minlength=ratings.n_users)
    return np.split(ratings.items[order], np.cumsum(lengths)[:-1])


def auc(scores, rated):
    """Return the share of pairs (rated, not rated) in the right order, ties half."""
    gap = scores[rated][:, None] - scores[~rated]
    return np.mean((gap > 0) + 0.5 * (gap == 0))


def new_films(train, movies):
    """Yield the AUC among films that were in no history, by the words they have."""
    counts = np.bincount(train.items, minlength=train.n_items)
    rng = np.random.default_rng(0)
    new = np.sort(rng.choice(np.flatnonzero(counts >= AT_LEAST), N_NEW, replace=False))
    is_new = np.isin(train.items, new)
    fewer, asked = train.subset(~is_new), train.subset(is_new)
    content = content_vectors(movies, train.item_ids)
    deal = rng.permutation(train.n_items)
    for name, vectors in (
        ("new films, genres and year", content),
        ("new films, shuffled", content[deal]),
    ):
        model, values = made(0).fit(fewer, vectors), []
        table = model.scores(np.arange(train.n_users))[:, new]
        table -= table.mean(axis=0)
        for user, rated in enumerate(asked.csr[:, new].toarray() > 0):
            if 0 < rated.sum() < N_NEW and fewer.csr[[user]].nnz:
                values.append(auc(table[user], rated))
        yield name, np.array(values)


def main():
    """Measure and write."""
    movielens = datasets.load_ml100k("real")
    ratings, movies = movielens.ratings, movielens.movies
    train, test = splits.leave_last_out(ratings)
    histories = in_order(train)
    histories, rows, per_person = [histories[u] for u in test.users], [], {}
    for name, seed, model in runs(train, ratings, movies):
        scores = model.scores(test.users)
        found = dict(measured(name, seed, model, train, test, histories, scores))
        per_person.setdefault(name, []).append(gains(scores, train, test))
        rows += [(name, None, seed, metric, value) for metric, value in found.items()]
        print(name, seed, {k: round(float(v), 4) for k, v in found.items()}, flush=True)
    for a, b in PAIRS:
        one, other = (np.mean(per_person[name], axis=0) for name in (a, b))
        rows += compared(a, b, evaluation.paired_test(one, other))
    of_new = dict(new_films(train, movies))
    for name, values in of_new.items():
        rows.append((name, None, 0, "auc", values.mean()))
    (a, one), (b, other) = of_new.items()
    rows += compared(a, b, evaluation.paired_test(one, other))
    columns = ["model", "other", "seed", "metric", "value"]
    table = pd.DataFrame(rows, columns=columns).astype({"seed": "Int64"})
    facts = {"people": int(test.n_ratings), "films": int(train.n_items)}
    facts |= {"settings": leaderboard.settings(made(0)), "new films": N_NEW}
    facts |= {"people asked about new films": int(one.size)}
    facts |= {"source": "MovieLens 100K, GroupLens: aggregate figures only"}
    write_results("generative", table, data="ml-100k", real=True, **facts)


def compared(a, b, test):
    """Return the rows of a paired test, and print them."""
    low, high = test.interval
    found = {"difference": test.difference, "low": low, "high": high, "p": test.p}
    print(a, "-", b, {k: round(float(v), 4) for k, v in found.items()}, flush=True)
    return [(a, b, None, metric, value) for metric, value in found.items()]


if __name__ == "__main__":
    main()
