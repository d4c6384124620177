"""What levels of stars, and the hour, add to likes: the next liked film, one a person.

``python -m tests.benchmarks.studies.levels`` writes ``data/results/levels.csv`` for
chapter 4.6: five logs of the same people, three seeds each, beside EASE and
popularity. It needs the real MovieLens 100K and takes half an hour on one core.

All levels bring nearly twice the events of the likes alone. So there are two controls
with the same events: ``two names`` calls so-so and disliked by one name, and ``one
name`` calls all three by one, so that the network learns to find the next rated film.
A pair of rows is compared over people, each person's nDCG averaged over the seeds.

The test film of a person is the last that got four or five stars; only what was rated
before it is known, of all people what was rated before their own. Candidates are all
films that the person had not rated by then. Settings were not tuned for the comparison:
the network has those of the shop, for fewer epochs, and EASE those of the leaderboard.
"""

import numpy as np
import pandas as pd

from recbook import EASE, MultiBehaviour, Popularity, datasets
from recbook.leaderboard.results import write_results
from tests.benchmarks.paired import paired

SEEDS = (0, 1, 2)
LIKED = 4
PAIRS = (("levels", "likes"), ("one name", "likes"), ("levels", "one name"),
         ("levels", "two names"), ("two names", "one name"),
         ("levels and hour", "levels"), ("likes", "EASE on likes"))  # fmt: skip
LEVELS = {1: "disliked", 2: "disliked", 3: "so-so", 4: "liked", 5: "liked"}


def parts(ratings):
    """Return what was rated before each person's last liked film, and these films."""
    order = np.lexsort((ratings.items, ratings.timestamps, ratings.users))
    last = np.full(ratings.n_users, -1)
    liked = order[ratings.values[order] >= LIKED]
    last[ratings.users[liked]] = liked  # the latest stays
    clock = np.where(last >= 0, ratings.timestamps[last], 0)
    return ratings.subset(ratings.timestamps < clock[ratings.users]), last[last >= 0]


def log_of(train):
    """Return the ratings as a log: three behaviours, and the hour as context."""
    log = train.frame()
    log["behaviour"] = log.pop("rating").map(LEVELS)
    log["hour"] = log["timestamp"] // 3600 % 24
    return log


def measured(scores, train, users, films):
    """Return each person's nDCG@10 and hit among ten unrated films."""
    scores = np.array(scores)
    scores[train.csr[users].nonzero()] = -np.inf
    ranked = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    hit = ranked == films[:, None]
    return {
        "ndcg": (hit / np.log2(np.arange(2, 12))).sum(axis=1),
        "hit_rate": hit.any(axis=1),
    }


def compared(people):
    """Yield a row for each number of the paired tests over people, in nDCG."""
    means = {name: np.mean(runs, axis=0) for name, runs in people.items()}
    for one, other in PAIRS:
        found = paired(means[one], means[other])
        yield from ((one, other, None, m, v) for m, v in found.items())


def main():
    """Measure and write."""
    movielens = datasets.load_ml100k("real")
    ratings = movielens.ratings
    train, last = parts(ratings)
    users, films, now = (x[last] for x in (ratings.users, ratings.items,
                                           ratings.timestamps))  # fmt: skip
    log, rows, people = log_of(train), [], {}
    moment = {"hour": now // 3600 % 24}
    named = log.drop(columns="hour")
    is_liked = log["behaviour"] == "liked"
    logs = {
        "likes": (named[is_liked], None),
        "levels": (named, None),
        "levels and hour": (log, moment),
        "two names": (named.assign(behaviour=np.where(is_liked, "liked", "not")), None),
        "one name": (named.assign(behaviour="liked"), None),
    }

    def enter(name, seed, scores):
        values = measured(scores, train, users, films)
        people.setdefault(name, []).append(values["ndcg"])
        found = {m: v.mean() for m, v in values.items()}
        rows.extend((name, None, seed, m, v) for m, v in found.items())
        print(name, seed, found, flush=True)

    for name, (events, context) in logs.items():
        for seed in SEEDS:
            model = MultiBehaviour(
                target="liked", others=0.5, visit_gap=0, n_epochs=8, seed=seed,
                validation_share=0.0,
            ).fit(train, events)  # fmt: skip
            enter(name, seed, model.scores(users, now, context))
    liked = train.subset(train.values >= LIKED)
    for name, model, table in (
        ("popularity", Popularity(), liked),
        ("EASE on likes", EASE(reg=500.0), liked),
        ("EASE on all", EASE(reg=700.0), train),
    ):
        enter(name, 0, model.fit(table).scores(users))
    rows += compared(people)
    columns = ["model", "other", "seed", "metric", "value"]
    table = pd.DataFrame(rows, columns=columns).astype({"seed": "Int64"})
    write_results("levels", table, data=movielens.name, people=int(users.size))


if __name__ == "__main__":
    main()
