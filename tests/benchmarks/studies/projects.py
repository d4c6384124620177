"""What the class projects' flag sees, and what forecasts earn; the record of both.

``python -m tests.benchmarks.studies.projects`` writes ``data/results/projects.csv``. It
takes some five minutes of one core. Every world is invented, as for a class.

Columns: ``part``, see below; ``method``; ``case``, what was done to its file, and
``share``, of how much of it; ``seed`` of the world, less FIRST; ``score``; ``z`` of the
chance part; ``flagged``, ``first`` and ``mark``. Rows without a seed sum up ``n``
worlds: means, and the least and the greatest z, or score where there is no z, in
``low`` and ``high``. Parts:

- ``stars``: predictions of the book's quick recipes and of the mean of six; as they
  are, with a share of each answer ``mixed`` in, or that share of the rows ``copied``.
  ``score`` is the RMSE over that of the best baseline. ``ceiling``: the six weighted by
  the answers themselves, which no team can reach;
- ``lists``: ten films; as they are, with a share of all ``places`` given to liked films
  of the answers, or of the ``people`` given as many as there are. ``score`` is the nDCG
  over that of the best baseline;
- ``plans``: of the campaign; ``score`` is the share of the best plan's profit;
- ``own``: forecasts of a team's own plan; ``score`` is the interval score in euros, and
  ``first`` has the least of its class;
- ``readers``: forecasts of the readers' plan, with the trial's difference of means in
  the middle but for ``nothing, surely``; ``score`` is the interval score in widths
  of the trial's 95 % interval, with its ``mark``.

The bounds of the flag and the rule of the marks were set in other worlds. Nothing is
chosen here.
"""

import numpy as np
import pandas as pd

from recbook import metrics
from recbook._core.topk import top_k
from recbook.grade.campaign import make as campaigns
from recbook.grade.campaign import rules
from recbook.grade.campaign.forecasts import READERS, Forecast, mark
from recbook.grade.campaign.scores import TOO_GOOD as TOO_GOOD_A_PLAN
from recbook.grade.campaign.scores import CampaignAnswers
from recbook.grade.films.lists import LIKED, K
from recbook.grade.films.make import invent
from recbook.grade.films.noise import FAR, noise_in_lists, noise_in_predictions
from recbook.grade.films.scores import TOO_GOOD
from recbook.leaderboard import recipes
from recbook.leaderboard.results import write_results
from recbook.marketing import experiments, uplift, worlds
from recbook.marketing.worlds.campaign import COSTS, EMAIL, NOTHING, TAKEN

FIRST = 2**90  # seeds that nobody had looked at
FILMS, CAMPAIGNS = 50, 60  # worlds
SHARES = 0.1, 0.05, 0.02, 0.01
RATERS = "userknn", "sgd", "svdpp", "als"  # beside the baselines, bias and knn
LISTERS = "popularity", "ease", "ials"  # the first two are the baselines
GROUP = ["part", "method", "case", "share"]


def stars(world, rng):
    """Yield files of stars: honest ones, and what knows some of the answers."""
    answers, held = world.answers(), world.pairs
    truth, known = answers.stars, list(answers.baselines.values())
    best = min(metrics.rmse(truth, values) for values in known)
    own = {}
    for name in RATERS:
        model = recipes()[name]().fit(world.task.train)
        own[name] = model.predict(held.users, held.items)
    six = np.column_stack([*known, *own.values()])
    own["mean of six"] = np.clip(six.mean(axis=1), 1, 5)

    def row(method, case, share, values):
        score = metrics.rmse(truth, values) / best
        z = noise_in_predictions(values, known, answers.noise)
        flagged = bool(score < TOO_GOOD or z > FAR)
        return {"part": "stars", "method": method, "case": case, "share": share,
                "score": score, "z": z, "flagged": flagged}  # fmt: skip

    X = np.column_stack([np.ones(len(truth)), six])
    blend = X @ np.linalg.lstsq(X, truth, rcond=None)[0]
    yield row("six", "ceiling", 0, np.clip(blend, 1, 5))
    for name, values in own.items():
        yield row(name, "honest", 0, values)
    for name in ("svdpp", "mean of six"):
        for share in SHARES:
            mixed = (1 - share) * own[name] + share * truth
            yield row(name, "mixed", share, mixed)
            copied = np.where(rng.random(len(truth)) < share, truth, own[name])
            yield row(name, "copied", share, copied)


def lists(world, rng):
    """Yield files of lists: honest ones, and what knows some of the answers."""
    train, held = world.task.train, world.pairs
    relevant = world.lists.subset(world.lists.values >= LIKED).csr
    scores = {}
    for name in LISTERS:
        model = recipes("ranking")[name]().fit(train)
        scores[name] = model.scores(np.arange(train.n_users))
        scores[name][train.users, train.items] = -np.inf
        scores[name][held.users, held.items] = -np.inf
    honest = {name: top_k(values, K) for name, values in scores.items()}
    ndcg = {n: np.nanmean(metrics.ndcg(r, relevant, K)) for n, r in honest.items()}
    best = max(ndcg[name] for name in LISTERS[:2])

    def row(method, case, share, ranked):
        score = np.nanmean(metrics.ndcg(ranked, relevant, K)) / best
        z = noise_in_lists(ranked, world.lists, world.noise[1])
        flagged = bool(score > 2 or z > FAR)
        return {"part": "lists", "method": method, "case": case, "share": share,
                "score": score, "z": z, "flagged": flagged}  # fmt: skip

    for name, ranked in honest.items():
        yield row(name, "honest", 0, ranked)
        for share in SHARES[:3]:
            few = rng.binomial(K, share, len(ranked))
            yield row(name, "places", share, with_liked(ranked, relevant, few, rng))
            all_of_them = K * (rng.random(len(ranked)) < share)
            lists = with_liked(ranked, relevant, all_of_them, rng)
            yield row(name, "people", share, lists)


def with_liked(ranked, relevant, places, rng):
    """Return lists whose last places are given to liked films of the answers."""
    ranked = ranked.copy()
    for person in np.flatnonzero(places):
        liked = relevant.indices[slice(*relevant.indptr[person : person + 2])]
        liked = np.setdiff1d(liked, ranked[person])
        n = min(places[person], len(liked))
        ranked[person, K - n :] = rng.permutation(liked)[:n]
    return ranked


def campaign(seed):
    """Yield plans of one campaign, and forecasts of one's own and of the readers'."""
    shop = worlds.customers(100_000, seed, campaigns.JITTER)
    trial = shop.campaign(seed, round(campaigns.TRIED * shop.n_customers))
    books = rules.books(shop.table, shop.features())
    seen = trial.customers, trial.action, trial.ordered
    lost = rules.lost_share(trial.action, trial.left)
    effects = rules.effects(books, *seen, uplift.XLearner)
    plans = campaigns.baselines(shop, trial)
    plans |= {"X-learner": rules.planned(books, effects, lost)[0]}
    everybody, value = np.arange(shop.n_customers), trial.truth.value
    best = CampaignAnswers(everybody, value, {}, "a world").best()
    for name, plan in plans.items():
        score = trial.truth.profit(plan) / best
        yield {"part": "plans", "method": name, "case": "honest", "score": score,
               "flagged": bool(score > TOO_GOOD_A_PLAN)}  # fmt: skip
    width, middle = by_the_trial(shop, trial, books, plans[READERS])
    yield from own(trial, books, plans, (width, middle))
    yield from of_readers(trial.truth.profit(plans[READERS]), width, middle)


def by_the_trial(shop, trial, books, plan):
    """Return the trial's interval for the readers' plan: its width and its middle."""
    task = campaigns.CampaignTask(shop.table, trial.frame(), "a world")
    readers = plan == EMAIL
    some = readers[trial.customers] & (trial.action <= EMAIL)
    mailed = trial.action[some] == EMAIL
    lost = rules.lost_share(trial.action[some], trial.left[some])
    added = experiments.difference(trial.euros[some], mailed).value * readers.sum()
    paid = readers.sum() * COSTS[EMAIL] + TAKEN * lost * books.year[readers].sum()
    return rules.width_of_trial(task), added - paid


def around(middle, reach):
    """Return a forecast with an interval of the same reach on both sides."""
    return Forecast(middle, middle - reach, middle + reach)


def own(trial, books, plans, readers):
    """Yield forecasts of teams' own plans."""
    width, middle = readers
    judged = rules.forecast(books, trial, uplift.XLearner, n_folds=3)
    buyers = (trial.action == EMAIL) & (trial.ordered > 0)
    one = np.full(len(books.margin), NOTHING)
    one[trial.customers[buyers.argmax()]] = EMAIL
    teams = {
        READERS: (plans[READERS], around(middle, width / 2)),
        "X-learner": (plans["X-learner"], Forecast(judged.value, *judged.interval)),
        "nothing": (np.full_like(one, NOTHING), around(0, 0)),
        "one buyer": (one, around(0, 2)),
    }
    scores = {n: f.score(trial.truth.profit(plan)) for n, (plan, f) in teams.items()}
    for name, score in scores.items():
        case = "honest" if name in (READERS, "X-learner") else "gaming"
        yield {"part": "own", "method": name, "case": case, "score": score,
               "first": score == min(scores.values())}  # fmt: skip


def of_readers(truth, width, middle):
    """Yield forecasts of the readers' plan by what a team makes of the trial."""
    teams = {
        "as wide as the trial's": around(middle, width / 2),
        "half as wide": around(middle, width / 4),
        "twice as wide": around(middle, width),
        "a tenth each side": around(middle, abs(middle) / 10),
        "a point": around(middle, 0),
        "a million each side": around(middle, 1e6),
        "nothing, surely": around(0, 10),
        "none": None,
    }
    scores = {n: f.score(truth) / width if f else np.inf for n, f in teams.items()}
    for name, forecast in teams.items():
        score = scores[name]
        yield {"part": "readers", "method": name,
               "case": "honest" if name.startswith("as wide") else "gaming",
               "score": score if forecast else None,
               "mark": mark(forecast, truth, width),
               "first": score == min(scores.values())}  # fmt: skip


def summary(rows):
    """Return a row for each file of all worlds, and one for all honest files."""
    films = rows[rows["part"].isin(["stars", "lists"])]
    honest = films[films["case"] == "honest"].assign(method="all")
    found = []
    for key, some in pd.concat([rows, honest]).groupby(GROUP, sort=False, dropna=False):
        of = "score" if some["z"].isna().all() else "z"
        means = some[["score", "z", "flagged", "mark", "first"]].mean()
        ends = {"low": some[of].min(), "high": some[of].max()}
        worlds = {"n": some["seed"].nunique()}
        found.append(dict(zip(GROUP, key, strict=True)) | dict(means) | ends | worlds)
    return pd.DataFrame(found)


def main():
    """Measure and write."""
    rows = []
    for t in range(FILMS):
        world, rng = invent(FIRST + t), np.random.default_rng(t)
        found = [*stars(world, rng), *lists(world, rng)]
        rows += [row | {"seed": t} for row in found]
        print("films", t, flush=True)
    for t in range(CAMPAIGNS):
        rows += [row | {"seed": t} for row in campaign(FIRST + t)]
        print("campaign", t, flush=True)
    columns = [*GROUP, "seed", "score", "z", "flagged", "mark", "first"]
    rows = pd.DataFrame(rows)[columns].round(4)
    for name in ("flagged", "first"):
        rows[name] = rows[name].astype(float)
    table = pd.concat([rows, summary(rows)]).round(4)
    for name in ("seed", "n"):
        table[name] = table[name].astype("Int64")
    facts = {"data": "worlds of recbook.grade, seeds from 2**90"}
    write_results("projects", table, sources={}, **facts)


if __name__ == "__main__":
    main()
