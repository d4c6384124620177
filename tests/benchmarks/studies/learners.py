"""Which learner, where orders are frequent, in other shops, with other penalties: 6.8.

``python -m tests.benchmarks.studies.learners`` writes ``data/results/learners.csv``. It
takes ten minutes of one core, in the ordinary environment.

Columns: ``part``, see below; ``case``; ``method``, a learner, ``response`` for the list
of a response model, or ``known`` for letters by the true effect; ``seed`` of the trial;
``value``, what the letters of the rule truly earn in euros; ``n``, how many letters.
Trials are of 50,000, and letters go to a random half unless it says otherwise. Parts:

- ``frequent``: the shop of 6.8, where orders are moved from one customer in fifty
  (``case`` "rare") to four in ten ("frequent"). There effects are three times as large
  and an order leaves a third, so that all effects are worth the same euros as before;
- ``along``: effects that go along with the response, .6 of it for everybody;
- ``shops``: twelve other shops, whose dials are turned as for a class (``case`` is the
  seed of the shop);
- ``penalty``: the S-, the T- and the DR-learner of the shop with other penalties of the
  logistic models inside, by how the trial gave letters out: "half, 5" or
  "by-score, 200".

Other settings are the package's defaults. Trials have seeds from 100, as those of the
table uplift, or from 500 for the twelve shops. Nothing is chosen here.
"""

from dataclasses import replace

import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit

from recbook.leaderboard.results import write_results
from recbook.marketing import uplift, worlds
from recbook.marketing.regression import Logistic
from tests.benchmarks.studies.uplift import COST, MARGIN, SEEDS
from tests.benchmarks.studies.uplift import LEARNERS as ALL

SHOPS, TRIALS = range(1, 13), range(500, 505)
JITTER = 0.2
FREQUENT, TIMES, SHARE = 0.4, 3.0, 0.6
PENALTIES = (5, 20, 60, 200)
# Without the S-learner that has no interactions: it is another world's lesson.
LEARNERS = {n: make for n, make in ALL.items() if n != "S, no interactions"}


def frequent(shop):
    """Return the shop with an order from four in ten, and effects three times as large.

    All log odds of an order are moved by the same number.
    """
    truth = shop.truth
    odds = logit(truth.response)
    moved = brentq(lambda by: expit(odds + by).mean() - FREQUENT, 0, 20)
    return with_truth(shop, expit(odds + moved), TIMES * truth.effect)


def along(shop):
    """Return the shop with effects that are a fraction of the response."""
    return with_truth(shop, shop.truth.response, SHARE * shop.truth.response)


def with_truth(shop, response, effect):
    """Return the shop with other probabilities of an order."""
    assert ((response + effect >= 0) & (response + effect <= 1)).all()
    return replace(shop, truth=replace(shop.truth, response=response, effect=effect))


def lists(shop, part, case, seeds, learners, margin=MARGIN, assign="half"):
    """Yield what lists of letters earn: by the truth, and by what trials show."""
    bins = uplift.Bins(8).fit(shop.features())
    everybody = bins.transform(shop.features())

    def earned(method, effect, seed=None):
        chosen = effect * margin > COST
        euros = round(shop.truth.profit(chosen, margin, COST), 2)
        head = {"part": part, "case": case, "method": method, "seed": seed}
        return head | {"value": euros, "n": int(chosen.sum())}

    yield earned("known", shop.truth.effect)
    for seed in seeds:
        trial = shop.letters(seed, assign=assign)
        X, got = bins.transform(trial.X), trial.treated
        response = Logistic(20).fit(X[got], trial.y[got]).predict(everybody)
        yield earned("response", response, seed)
        for name, make in learners.items():
            learner = make().fit(X, got, trial.y, trial.propensity)
            yield earned(name, learner.effect(everybody), seed)
    print(part, case, flush=True)


def penalties(shop):
    """Yield what the S-, the T- and the DR-learner earn with other penalties."""
    for assign in ("half", "by-score"):
        for penalty in PENALTIES:
            learners = {
                "S": lambda penalty=penalty: uplift.SLearner(Logistic(penalty)),
                "T": lambda penalty=penalty: uplift.TLearner(Logistic(penalty)),
                "DR": lambda penalty=penalty: uplift.DRLearner(Logistic(penalty)),
            }
            case = f"{assign}, {penalty}"
            yield from lists(shop, "penalty", case, SEEDS, learners, assign=assign)


def main():
    """Measure and write."""
    shop = worlds.customers()
    found = [*lists(shop, "frequent", "rare", SEEDS, LEARNERS)]
    common = frequent(shop)
    found += lists(common, "frequent", "frequent", SEEDS, LEARNERS, MARGIN / TIMES)
    found += lists(along(shop), "along", "0.6", SEEDS, LEARNERS)
    for seed in SHOPS:
        other = worlds.customers(seed=seed, jitter=JITTER)
        found += lists(other, "shops", f"{seed}", TRIALS, LEARNERS)
    found += penalties(shop)
    table = pd.DataFrame(found).astype({"seed": "Int64"})
    write_results("learners", table, data="worlds.customers(), seeds 0 to 12")


if __name__ == "__main__":
    main()
