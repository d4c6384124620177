"""What a graph adds to ratings, and what facts add to films that nobody has rated.

``python -m tests.benchmarks.studies.graph`` writes ``data/results/graph.csv`` (chapter
4.7). It needs the real MovieLens 100K and takes some minutes on one core.

Columns: ``study``; ``model``; ``other``, the other model of a paired test over people,
each person's gain averaged over the splits (``low`` and ``high`` are its 95 %
interval); ``layers``, where a table of vectors is smoothed; ``split``, or seed, from 0;
``metric`` and ``value``. A split hides a quarter of each film's ratings, which are then
relevant; all films that a person has not rated in train are candidates.

- ``smoothing``: the finished factors of ImplicitALS after some layers of the graph, the
  last alone and the mean of all, and popularity, on five splits;
- ``layers``: a light LightGCN beside itself without layers (with its own penalty, and
  with another), ImplicitALS and EASE, on five splits. LightGCN's settings were chosen
  among some forty, those without layers among fourteen, inside the training part of
  another split; about three quarters of these tests lie in that part, for all models;
- ``cold``: films whose ratings are all hidden, a tenth, ranked among themselves:
  chance, the popularity of their facts, and KnowledgeMF, five seeds.
"""

import numpy as np
import pandas as pd

import recbook
from recbook import datasets, leaderboard, metrics, splits
from recbook.deep import graph
from recbook.leaderboard.results import write_results
from tests.benchmarks.paired import paired

SEEDS = range(5)
DEPTHS = (0, 1, 2, 4, 8)
LIGHT = {"n_factors": 32, "n_epochs": 40, "batch_size": 236, "lr": 0.04}
LIGHT |= {"user_power": 0.25, "validation_share": 0.0}
FLAT = LIGHT | {"n_layers": 0, "n_epochs": 60, "lr": 0.02}
FACTS = {"n_factors": 32, "n_epochs": 40, "batch_size": 236, "lr": 0.02}
FACTS |= {"reg": 0.1, "kg_weight": 1.0, "validation_share": 0.0}
OURS = "LightGCN"
COLUMNS = ["study", "model", "other", "layers", "split", "metric", "value"]


def row(study, model, value, metric="ndcg", **more):
    """Return one row of the table."""
    return {"study": study, "model": model, "metric": metric, "value": value} | more


def top_ndcg(scores, train, test):
    """Return nDCG@10 of each person in test."""
    users = np.unique(test.users)
    scores = np.where(train.csr[users].toarray() > 0, -np.inf, scores[users])
    best = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    return metrics.ndcg(best, test.csr[users], 10)


def smoothing(parts):
    """Yield rows: finished factors after some layers."""
    for split, (train, test) in enumerate(parts):
        als = leaderboard.recipes("ranking")["ials"]().fit(train)
        A, m = graph.normalized_adjacency(train.csr), train.n_users
        last = total = np.r_[als.P_, als.Q_].astype(float)
        for k in range(max(DEPTHS) + 1):
            for name, E in (("last layer", last), ("mean of layers", total)):
                if k in DEPTHS:  # the sum gives the same lists as the mean
                    found = top_ndcg(E[:m] @ E[m:].T, train, test).mean()
                    yield row("smoothing", name, found, layers=k, split=split)
            last = A @ last
            total = total + last
        popular = np.bincount(train.items, minlength=train.n_items).astype(float)
        found = top_ndcg(np.tile(popular, (m, 1)), train, test).mean()
        yield row("smoothing", "popularity", found, split=split)


def factories():
    """Return {name: factory of a model with that seed}."""
    recipes = leaderboard.recipes("ranking")

    def recipe(name, seed):
        model = recipes[name]()
        if hasattr(model, "seed"):  # EASE draws nothing
            model.seed = seed
        return model

    make = recbook.LightGCN
    return {
        OURS: lambda s: make(n_layers=2, reg=0.02, seed=s, **LIGHT),
        "no layers": lambda s: make(reg=0.2, seed=s, **FLAT),
        "no layers, 0.3": lambda s: make(reg=0.3, seed=s, **FLAT),
        "ImplicitALS": lambda s: recipe("ials", s),
        "EASE": lambda s: recipe("ease", s),
    }


def layers(parts):
    """Yield rows: LightGCN and the others, and their paired tests."""
    per_person = {}
    for name, make in factories().items():
        table = np.full((len(parts), parts[0][0].n_users), np.nan)
        for split, (train, test) in enumerate(parts):
            users = np.unique(test.users)
            top = make(split).fit(train).recommend(users, k=10, exclude=train)
            table[split, users] = metrics.ndcg(top, test.csr[users], 10)
            yield row("layers", name, np.nanmean(table[split]), split=split)
        per_person[name] = np.nanmean(table, axis=0)
    for other in list(per_person)[1:]:
        found = paired(per_person[OURS], per_person[other])
        for metric, value in found.items():
            yield row("layers", OURS, value, metric, other=other)


def popularity_of_facts(train, triples):
    """Return each film's mean, over its facts, of the popularity of a fact."""
    counts = np.bincount(train.items, minlength=train.n_items)
    counts = pd.Series(counts, index=train.item_ids)
    facts = triples.assign(n=triples["film"].map(counts[counts > 0]))
    facts["of fact"] = facts.groupby(["relation", "entity"])["n"].transform("mean")
    of_film = facts.groupby("film")["of fact"].mean()
    return of_film.reindex(train.item_ids).fillna(0.0).to_numpy()


def cold(ratings, movies):
    """Yield rows: hidden films, ranked among themselves."""
    triples = graph.film_triples(movies)
    counts = np.bincount(ratings.items, minlength=ratings.n_items)
    rated = np.flatnonzero(counts >= 5)
    for seed in SEEDS:
        films = np.random.default_rng(seed).permutation(rated)
        films = np.sort(films[: round(0.1 * rated.size)])
        hidden = np.isin(ratings.items, films)
        train, test = ratings.subset(~hidden), ratings.subset(hidden)
        users, shape = np.unique(test.users), (train.n_users, train.n_items)
        model = recbook.KnowledgeMF(seed=seed, **FACTS).fit(train, movies)
        genres = popularity_of_facts(train, triples[triples["relation"] == "genre"])
        lists = {
            "chance": np.random.default_rng(seed).random(shape),
            "popularity of genres": np.tile(genres, (shape[0], 1)),
            "popularity of all facts": np.tile(
                popularity_of_facts(train, triples), (shape[0], 1)
            ),
            "KnowledgeMF": model.scores(np.arange(shape[0])),
        }
        relevant = test.csr[users][:, films]
        for name, scores in lists.items():
            part = scores[users][:, films]
            best = np.argsort(-part, axis=1, kind="stable")[:, :10]
            found = metrics.ndcg(best, relevant, 10).mean()
            yield row("cold", name, found, split=seed)


def main():
    """Measure and write."""
    movielens = datasets.load_ml100k("real")
    ratings = movielens.ratings
    parts = [splits.stratified(ratings, 0.75, "item", seed=s) for s in SEEDS]
    rows = []
    for study in (smoothing(parts), layers(parts), cold(ratings, movielens.movies)):
        for found in study:
            rows.append(found)
            print(*found.values(), flush=True)
    table = pd.DataFrame(rows, columns=COLUMNS)
    table = table.astype({"layers": "Int64", "split": "Int64"})
    write_results("graph", table, data=movielens.name, real=True)


if __name__ == "__main__":
    main()
