"""What rules of a campaign truly earn, forecast and measure; the record of 6.14.

``python -m tests.benchmarks.studies.campaign`` writes ``data/results/campaign.csv``. It
takes a quarter of an hour of one core, in the ordinary environment.

Columns: ``part``, see below; ``case`` and ``method``; ``seed`` of the trial; ``value``
in euros, with ``low`` and ``high`` where it has a 95 % interval; ``truth`` in euros;
``emails`` and ``letters`` of the plan. Parts:

- ``profit``: what a rule truly earns on a budget of 1,500 euros; ``case`` is "known"
  where no trial is needed, and "trial" for trials of 30,000;
- ``size``: the same plan from trials of other sizes (``case``);
- ``promise``: the sum of a plan's own expectations (``value``) beside the truth;
- ``forecast``: the plan judged on people whom it has not seen, in 3 or 10 rounds
  (``case``), beside the truth;
- ``measured``: the plan sent with a tenth left out at random, and compared with them,
  by a plain difference of means, by CUPED, or with the plain error from the sizes of
  all orders and each arm's own rate (``method``), beside the truth;
- ``held``: the share of ten such seasons of a plan (``value``) in which that interval
  held the truth, and in which the truth was below (``low``) or above it (``high``).

Models and penalties are the package's defaults. The trials have seeds from 100, which
nobody had looked at. Ten rounds were chosen over three on other trials. Nothing is
chosen here.
"""

import numpy as np
import pandas as pd

from recbook.grade.campaign import rules
from recbook.leaderboard.results import write_results
from recbook.marketing import experiments, uplift, worlds
from recbook.marketing.base import normal_effect
from recbook.marketing.worlds.campaign import COSTS, EMAIL, LETTER, TAKEN

SEEDS = range(100, 120)
MANY = range(100, 300)
ROUNDS = (3, 10)
SEASONS = 10  # of each plan: one draw and one season say little of an interval
HELD_OUT = 0.1
LEARNERS = {
    "T": uplift.TLearner,
    "X": uplift.XLearner,
    "DR": uplift.DRLearner,
}


def row(part, case, method, seed=None, actions=None, **numbers):
    """Return a row of the table."""
    counts = {} if actions is None else {
        "emails": int((actions == EMAIL).sum()),
        "letters": int((actions == LETTER).sum()),
    }  # fmt: skip
    rounded = {name: round(float(value), 2) for name, value in numbers.items()}
    facts = {"part": part, "case": case, "method": method, "seed": seed}
    return {**facts, **rounded, **counts}


def learnt(books, trial, learner):
    """Return the effects that a trial shows, and the share of readers it lost."""
    seen = trial.customers, trial.action, trial.ordered
    lost = rules.lost_share(trial.action, trial.left)
    return rules.effects(books, *seen, learner), lost


def oracle(truth):
    """Return the best actions, from the true values."""
    worth = np.where(np.isfinite(truth.value), truth.value, -1.0) + COSTS
    return uplift.spend(worth[:, 1:], [COSTS[1:]], 1500.0)[0] + 1


def known(shop, books):
    """Yield the profits of rules that need no trial."""
    truth = shop.campaign().truth
    random = np.random.default_rng(0).random(shop.n_customers)
    keys = {"lifetime value": books.year, "recency x frequency": books.rfm}
    keys["at random"] = random
    rules_ = {name: rules.letters_to(key, books.consent) for name, key in keys.items()}
    rules_["e-mail to everybody"] = np.full(shop.n_customers, EMAIL)
    rules_["the truth"] = oracle(truth)
    for name, actions in rules_.items():
        value = truth.profit(actions)
        yield row("profit", "known", name, actions=actions, value=value)


def tried(books, trial, seed):
    """Yield the profits of rules that learn from a trial, and two promises."""
    truth, seen = trial.truth, (trial.customers, trial.action, trial.ordered)
    response = rules.response(books, *seen)
    plans = {
        "response": rules.letters_to(response, books.consent),
        "response x margin": rules.letters_to(response * books.margin, books.consent),
    }
    for name, learner in LEARNERS.items():
        effect, lost = learnt(books, trial, learner)
        plans[name] = rules.planned(books, effect, lost)[0]
        worth = effect * books.margin[:, None] - COSTS[1:]
        worth[:, 0] -= TAKEN * lost * books.year
        got = np.flatnonzero(plans[name])
        promise = worth[got, plans[name][got] - 1].sum()
        true = truth.profit(plans[name])
        yield row("promise", "trial", name, seed, value=promise, truth=true)
    plans["DR, readers forgotten"] = rules.planned(books, effect, 0.0)[0]
    letters = np.stack([np.full(len(effect), -1.0), effect[:, 1]], axis=1)
    plans["DR, letters only"] = rules.planned(books, letters, lost)[0]
    emails = np.stack([effect[:, 0], np.full(len(effect), -1.0)], axis=1)
    plans["DR, e-mails only"] = rules.planned(books, emails, lost)[0]
    for name, actions in plans.items():
        value = truth.profit(actions)
        yield row("profit", "trial", name, seed, actions, value=value)


def by_all_sizes(euros, sent):
    """Return the plain difference with an error from the sizes of all orders.

    Few of those left out order, so their own orders say little of how much sizes vary.
    Takes sizes as alike in both arms.
    An arm with the rate p then has the variance p E[s^2] - (p E[s])^2.
    """
    ordered = euros > 0
    size = euros[ordered]
    variance = 0.0
    for arm in (sent, ~sent):
        rate = ordered[arm].mean()
        spread = rate * (size**2).mean() - (rate * size.mean()) ** 2
        variance += spread / arm.sum()
    value = euros[sent].mean() - euros[~sent].mean()
    return normal_effect(value, np.sqrt(variance))


def measured(books, trial, actions, before, seed):
    """Return measures of the profit of a season by its holdout, and the truth."""
    chosen = np.flatnonzero(actions)
    out = np.random.default_rng([seed, 1]).random(len(chosen)) < HELD_OUT
    sent = actions.copy()
    sent[chosen[out]] = 0
    season = trial.play(sent, seed)
    paid = np.array(COSTS)[sent].sum() + TAKEN * books.year[season.left].sum()
    euros = season.euros[chosen]
    effects = {
        "plain": experiments.difference(euros, ~out),
        "CUPED": experiments.cuped(euros, ~out, before[chosen]),
        "sizes of all orders": by_all_sizes(euros, ~out),
    }
    ends = {
        name: [x * (~out).sum() - paid for x in (effect.value, *effect.interval)]
        for name, effect in effects.items()
    }
    return ends, trial.truth.profit(sent), sent


def seasons_of(books, trial, actions, seed):
    """Yield a first season of a plan, and how often the intervals of ten held."""
    X, none = books.X[trial.customers], trial.action == 0
    before = rules.Logistic(20).fit(X[none], trial.ordered[none]).predict(books.X)
    before = before * books.margin
    sides = {}
    for k in range(SEASONS):
        found = measured(books, trial, actions, before, seed + 1000 * k)
        for name, (value, low, high) in found[0].items():
            true, sent = found[1:]
            sides.setdefault(name, []).append((true < low, true > high))
            if k == 0:
                yield row("measured", "holdout", name, seed, sent, value=value,
                          low=low, high=high, truth=true)  # fmt: skip
    for name, missed in sides.items():
        below, above = np.mean(missed, axis=0)
        yield row("held", "holdout", name, seed, value=1 - below - above, low=below,
                  high=above)  # fmt: skip


def seasons(shop, books):
    """Yield forecasts and measured profits of the DR plan of many trials."""
    for seed in MANY:
        trial = shop.campaign(seed)
        actions = rules.planned(books, *learnt(books, trial, uplift.DRLearner))[0]
        true = trial.truth.profit(actions)
        for rounds in ROUNDS:
            ahead = rules.forecast(books, trial, n_folds=rounds)
            low, high = ahead.interval
            yield row("forecast", f"{rounds}", "DR", seed, value=ahead.value, low=low,
                      high=high, truth=true)  # fmt: skip
        yield from seasons_of(books, trial, actions, seed)
        print("season", seed, flush=True)


def sizes(shop, books):
    """Yield the profit of the DR plan by the size of its trial."""
    for n in (5000, 10_000, 20_000, 50_000, 100_000):
        for seed in SEEDS:
            trial = shop.campaign(seed, n)
            actions = rules.planned(books, *learnt(books, trial, uplift.DRLearner))[0]
            value = trial.truth.profit(actions)
            yield row("size", f"{n}", "DR", seed, actions, value=value)
        print("size", n, flush=True)


def main():
    """Measure and write."""
    shop = worlds.customers()
    books = rules.books(shop.table, shop.features())
    found = [*known(shop, books)]
    for seed in SEEDS:
        found += tried(books, shop.campaign(seed), seed)
        print("trial", seed, flush=True)
    found += [*sizes(shop, books), *seasons(shop, books)]
    columns = ["part", "case", "method", "seed", "value", "low", "high", "truth"]
    table = pd.DataFrame(found, columns=[*columns, "emails", "letters"])
    table = table.astype(dict.fromkeys(("seed", "emails", "letters"), "Int64"))
    write_results("campaign", table, data="worlds.customers(), seed 0")


if __name__ == "__main__":
    main()
