"""Settings chosen without the truth, and a real trial of frequent outcomes: 6.14.

``python -m tests.benchmarks.studies.choosing`` writes ``data/results/choosing.csv``. It
takes ten minutes of one core, and wants the bench environment for the real data: they
are read from the package causaldata, and only aggregates of them are kept.

Columns: ``part`` and ``case``, see below; ``method``; ``seed`` of the trial or split;
``value``; ``n`` people in the trial. In the first five parts ``method`` is a learner
with its setting, ``value`` what the letters of its list truly earn in euros, learnt
from the whole trial, and ``n`` the size of that trial. ``gain`` with ``gain_error`` is
what ``uplift.choose`` finds by the R-loss, in squared percentage points, ``profit``
with ``profit_error`` by held-out profit, in euros for all customers of the shop. The
method "constant" is its baseline, "known" are letters by the true effect. Parts:

- ``settings``: the shop of 6.14, trials of 50,000, a random half (``case`` is "half");
- ``by-score``: the same, letters by score;
- ``small``: the same, a random half of 10,000;
- ``frequent``: an order from four in ten, effects that are worth the same euros, as in
  the table learners;
- ``shops``: four other shops (``case`` is the seed of the shop);
- ``coverage``: 1 where an interval of ``choose`` held the truth, for lists that the
  trial's folds have led to, and all customers of a shop of 5,000: ``case`` "rare" or
  "frequent", ``method`` "gain", "profit" or "behind", with ``low`` and ``high`` less
  that truth; trials of 10,000;
- ``real``: answers of legislators, by the size of the training set (``case``) and the
  ``seed`` of the split: Qini coefficient per 1,000 on the others. ``method`` is a
  learner, ``response``, ``untreated`` (the response without), ``r`` for the learner
  that the R-loss chose on the training set, or ``own people``, the Qini coefficient of
  a T-learner with a weak penalty on its training set;
- ``effect``: the average effect in that trial with its interval in ``low``, ``high``.

Trials have seeds from 100, as those of the table uplift, or from 500 for other shops.
Settings were not changed after a look at what they earn.
"""

import numpy as np
import pandas as pd

from recbook.leaderboard.results import write_results
from recbook.marketing import uplift, worlds
from recbook.marketing.regression import Logistic, Ridge
from tests.benchmarks import real
from tests.benchmarks.studies.learners import JITTER, LEARNERS, TIMES, frequent
from tests.benchmarks.studies.uplift import COST, MARGIN

SEEDS, TEN, OTHERS = range(100, 112), range(100, 110), range(500, 502)
SHOPS, PENALTIES = (1, 2, 3, 4), (5, 20, 80, 320)
DRAWS, SPLITS, HALF = 500, 60, 2796
COLUMNS = ["part", "case", "method", "seed", "value", "low", "high"]
COLUMNS += ["gain", "gain_error", "profit", "profit_error", "n"]


def settings(bins):
    """Return the learners with their settings, on features that are not yet binned."""
    T, DR = uplift.TLearner, uplift.DRLearner
    found = {f"T, {p}": T(Logistic(p)) for p in PENALTIES}
    found |= {f"DR, {p}": DR(Logistic(p)) for p in PENALTIES}
    found |= {f"DR, ridge {p}": DR(None, Ridge(p)) for p in (50, 800, 3200)}
    found = {name: uplift.Binned(learner, 8) for name, learner in found.items()}
    for n in bins:
        found[f"T, {n} bins"] = uplift.Binned(T(), n)
        found[f"DR, {n} bins"] = uplift.Binned(DR(), n)
    return found


def judged(shop, part, case, seeds, margin=MARGIN, bins=(), **how):
    """Yield what each setting truly earns, beside what a trial shows of it."""
    everybody, n = shop.features().to_numpy(), shop.n_customers

    def row(method, effect, seed=None):
        chosen = effect * margin > COST
        euros = round(shop.truth.profit(chosen, margin, COST), 2)
        head = {"part": part, "case": case, "method": method, "seed": seed}
        return head | {"value": euros}

    yield row("known", shop.truth.effect)
    for seed in seeds:
        trial = shop.letters(seed, **how)
        given = trial.X, trial.treated, trial.y, trial.propensity
        models = settings(bins)
        choice = uplift.choose(models, *given, margin=margin, cost=COST, seed=seed)
        effects = {n: m.fit(*given).effect(everybody) for n, m in models.items()}
        average = uplift.average_effect(trial.y, trial.treated, trial.propensity)
        effects["constant"] = np.full(n, average.value)
        for method, found in choice.table.iterrows():
            scores = {
                name: round(float(found[name] * (1e4 if "gain" in name else n)), 5)
                for name in ("gain", "gain_error", "profit", "profit_error")
            }
            facts = scores | {"n": len(trial.y)}
            yield row(method, effects[method], seed) | facts
        print(part, case, seed, flush=True)


class Kept(uplift.TransformedOutcome):
    """A learner that keeps what each fold's copy finds of everybody."""

    everybody, found = None, {}  # shared by all copies

    def fit(self, X, treated, y, propensity=0.5):
        """Fit, and keep the average effect."""
        self.average_ = uplift.average_effect(y, treated).value
        return super().fit(X, treated, y, propensity)

    def effect(self, X):
        """Return the effects, and keep those of everybody."""
        of_all = super().effect(self.everybody)
        self.found.setdefault(self.effect_model.reg, []).append((self.average_, of_all))
        return super().effect(X)


def coverage(shop, case, margin):
    """Yield whether the intervals of ``choose`` held the truth."""
    X = uplift.Bins(8).fit(shop.features()).transform(shop.features())
    tau, Kept.everybody = shop.truth.effect, X
    models = {reg: Kept(Ridge(reg)) for reg in (200.0, 3200.0)}
    how = {"margin": margin, "cost": COST, "score": "profit"}
    for seed in range(1000, 1000 + DRAWS):
        rng = np.random.default_rng([seed, 33])
        people = rng.integers(len(tau), size=10_000)
        treated = rng.random(len(people)) < 0.5
        chance = shop.truth.response[people] + treated * tau[people]
        y = (rng.random(len(people)) < chance).astype(float)
        Kept.found.clear()
        choice = uplift.choose(
            models, X[people], treated, y, outcome_model=Ridge(200.0), seed=seed, **how
        )
        head = {"part": "coverage", "case": case, "seed": seed, "n": len(people)}
        for found in held(choice, tau, margin):
            yield head | found
    print("coverage", case, flush=True)


def held(choice, tau, margin):
    """Yield where the truth lies, for the first learner and the one that is behind."""

    def profit(effect):
        return np.mean((effect * margin > COST) * (tau * margin - COST))

    def gain(average, effect):
        return np.mean((average - tau) ** 2 - (effect - tau) ** 2)

    folds = Kept.found
    truth = {
        name: np.mean([profit(v) for _, v in fold]) for name, fold in folds.items()
    }
    first = next(iter(folds))
    truth["constant"] = np.mean([profit(np.full(len(tau), a)) for a, _ in folds[first]])
    rows = choice.table.to_dict("index")
    other = next(name for name in folds if name != choice.chosen)
    for method, name, value in (
        ("gain", first, np.mean([gain(*one) for one in folds[first]])),
        ("profit", first, truth[first]),
        ("behind", other, truth[choice.chosen] - truth[other]),
    ):
        off = rows[name][method] - value
        reach = 1.96 * rows[name][f"{method}_error"]
        ends = {"low": float(off - reach), "high": float(off + reach)}
        yield {"method": method, "value": float(abs(off) <= reach)} | ends


def legislators():
    """Yield Qini coefficients of learners, fitted to one half and judged on the other.

    Treated are those who were written to from their own district.
    """
    table = real.legislators()
    y = table["responded"].to_numpy(float)
    treated = table["treat_out"].to_numpy() == 0
    X = table.drop(columns=["responded", "treat_out"]).to_numpy(float)
    effect = uplift.average_effect(y, treated)
    row = {"part": "effect", "case": "legislators", "method": "effect", "n": len(y)}
    low, high = effect.interval
    yield row | {"value": effect.value, "low": low, "high": high}
    for seed in range(SPLITS):
        people = np.random.default_rng(seed).permutation(len(y))
        for n in (1000, HALF):
            train, test = people[:n], people[n:]
            head = {"part": "real", "case": f"{n}", "seed": seed, "n": len(test)}
            found = rankings(X, treated, y, train, test, seed)
            for method, (rows, ranking) in found.items():
                value = uplift.qini(y[rows], ranking, treated[rows])
                yield head | {"method": method, "value": round(value, 4)}
    print("real", flush=True)


def rankings(X, treated, y, train, test, seed):
    """Return {method: (people, their ranking)}, learnt from the training set."""
    bins = uplift.Bins(8).fit(X[train])
    seen, new = bins.transform(X[train]), bins.transform(X[test])
    t, outcome = treated[train], y[train]
    models = {name: make() for name, make in LEARNERS.items()}
    choice = uplift.choose(models, seen, t, outcome, treated.mean(), seed=seed)
    fitted = {n: m.fit(seen, t, outcome, treated.mean()) for n, m in models.items()}
    found = {name: (test, m.effect(new)) for name, m in fitted.items()}
    found["r"] = found.get(choice.chosen, (test, np.zeros(len(test))))
    for name, arm in (("response", t), ("untreated", ~t)):
        model = Logistic(20).fit(seen[arm], outcome[arm])
        found[name] = test, model.predict(new)
    weak = uplift.TLearner(Logistic(1.0)).fit(seen, t, outcome)
    found["own people"] = train, weak.effect(seen)
    return found


def main():
    """Measure and write."""
    shop, small = worlds.customers(), worlds.customers(5000)
    found = [*legislators()]
    found += coverage(small, "rare", MARGIN)
    found += coverage(frequent(small), "frequent", MARGIN / TIMES)
    found += judged(shop, "settings", "half", SEEDS, bins=(3, 16))
    found += judged(shop, "by-score", "by-score", TEN, assign="by-score")
    found += judged(shop, "small", "10000", TEN, n=10_000)
    found += judged(frequent(shop), "frequent", "frequent", TEN, MARGIN / TIMES)
    for seed in SHOPS:
        other = worlds.customers(seed=seed, jitter=JITTER)
        found += judged(other, "shops", f"{seed}", OTHERS)
    table = pd.DataFrame(found, columns=COLUMNS).astype({"seed": "Int64", "n": "Int64"})
    source = real.SOURCES["legislators"]
    sources = {"legislators": f"{source.what}; {source.package}; {source.licence}"}
    data = "worlds.customers(), seeds 0 to 4, and legislators of the USA"
    write_results("choosing", table.round(6), data=data, sources=sources)


if __name__ == "__main__":
    main()
