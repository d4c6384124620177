"""Who is ahead of whom, over people: the lists of every recipe, person by person.

``python -m tests.benchmarks.studies.people`` fits the leaderboard's recipes for lists
and for the next film on its splits of the real MovieLens 100K and writes
``data/results/people.csv``, one row for each task and model: the mean nDCG@10, its
standard error over people, and the difference to the task's best row, person by person,
with the 95 % interval and the p of a permutation test. Where ``seeds.csv`` has several
seeds of a model, each person's value is the mean over them. It takes about half an hour
on one core, and measures only the models of which ``_build/people`` has no values.
Names after the command measure these models again.
"""

import sys

import numpy as np
import pandas as pd

from recbook import datasets, evaluation, leaderboard
from recbook.leaderboard.measure import fitted, folds, knowledge
from recbook.leaderboard.results import results_folder, write_results
from tests.benchmarks.paired import paired
from tests.benchmarks.studies.seeds import seeded

KINDS = ("ranking", "next")


def values(kind, name, split, movielens, seeds):
    """Return each person's nDCG@10, the mean over the seeds."""
    make, knows = leaderboard.recipes(kind)[name], knowledge(name, kind)
    runs = [seeded(make, seed) for seed in seeds] or [make]
    found = []
    for run in runs:
        model = fitted(run(), split[0], movielens, knows)
        found.append(evaluation.user_values(model, *split, k=10)["ndcg"].to_numpy())
    return np.mean(found, axis=0)


def compared(kind, people):
    """Return the rows of one task: mean, standard error, difference to the best."""
    best = max(people, key=lambda name: people[name].mean())
    for name, own in people.items():
        row = {"kind": kind, "model": name, "ndcg": own.mean(), "n_people": own.size}
        row["standard_error"] = own.std(ddof=1) / np.sqrt(own.size)
        row["best"] = best
        if name != best:
            found = paired(own, people[best])
            row |= {name: found[name] for name in ("difference", "p", "low", "high")}
        yield row


def main(names):
    """Measure what the folder of drafts lacks, and write the comparison."""
    drafts = results_folder().parents[1] / "_build" / "people"
    drafts.mkdir(parents=True, exist_ok=True)
    seeds = pd.read_csv(results_folder() / "seeds.csv")
    seeds = seeds.groupby(["kind", "model"])["seed"].unique().to_dict()
    movielens = datasets.load_ml100k("real")
    rows = []
    for kind in KINDS:
        (split,) = folds(movielens, kind).values()
        people = {}
        for name, make in leaderboard.recipes(kind).items():
            path = drafts / f"{kind}-{name}.npy"
            if name in names or not path.exists():
                own = seeds.get((kind, name), [])
                np.save(path, values(kind, name, split, movielens, own))
                print(kind, leaderboard.settings(make()), np.load(path).mean().round(4))
            people[name] = np.load(path)
        rows += compared(kind, people)
    table = pd.DataFrame(rows).sort_values(
        ["kind", "ndcg"], ascending=[True, False], kind="stable"
    )
    write_results("people", table.round(6), data="ml-100k", real=True)
    print(table.round(4).to_string(index=False))


if __name__ == "__main__":
    main(sys.argv[1:])
