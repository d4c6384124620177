"""What another policy would have earned: how wrong the estimators are, and how often.

``python -m tests.benchmarks.studies.ope`` writes ``data/results/ope.csv``, which
chapter 6.11 reads. It takes two minutes on one core, and needs the Open Bandit data
that the wheel of obp carries (it is read without importing obp; no row of it is kept).

- ``errors``: bias, standard deviation and root mean squared error over 300 logs of the
  world of banners, in points (clicks per 100 impressions) or minutes.
- ``gain``: what estimates promise over the old policy, in clicks per 100 impressions,
  over the same 300 logs of clicks: SNIPS for the new policy and for the greedy one
  ("always"), and the model by banner; and how often each would have changed the policy.
- ``coverage``: share of 95 % intervals that hold the truth, over 300 logs, and over
  3,000, the 300 among them; and the share of "wrong SNIPS error" intervals.
- ``slates``: lists of three of eight banners, 300 logs of 5,000 lists, in a world in
  which people read downwards and one in which the positions have nothing to do with
  each other; clicks per 100 lists.
- ``open-bandit``: real logs of two policies, each used to judge the other, beside the
  rate that the other truly had. The policy "bts" is Thompson sampling, 100,000 draws
  from the priors that obp ships; five such simulations give the spread.

Settings were fixed before the first run: damping 20 for clicks and 1 for minutes,
weights clipped at 3, switched at 5.
"""

import dataclasses
import importlib.metadata
import importlib.util
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from scipy.special import softmax

from recbook.leaderboard.results import write_results
from recbook.marketing import ope, worlds

COLUMNS = ["experiment", "case", "method", "metric", "value"]
WORLD = worlds.banners()
N_LOGS, MANY = 300, 3000
DAMPING = {"clicks": 20.0, "minutes": 1.0}
UNIT = {"clicks": 100.0, "minutes": 1.0}
SIZE = {"clicks": 10_000, "minutes": 1_000}
EUROS, COST = 400.0, 600.0  # a month's euros for a point of the click rate; to build it


def policies():
    """Return the old, the new and the greedy policy (16, 8), as the page makes them."""
    even = np.full((16, 8), 1 / 8)
    small = ope.draw_log(WORLD, even, 800, seed=9)
    large = ope.draw_log(WORLD, even, 15_000, seed=101)
    guess = ope.cell_means(small, 16, 8)
    old = 0.3 / 8 + 0.7 * softmax(30 * guess, axis=1)
    new = softmax(80 * ope.cell_means(large, 16, 8), axis=1)
    return old, new, np.eye(8)[guess.argmax(axis=1)]


def estimates(log, policy, damping):
    """Return every method's estimate of one log."""
    by_banner = ope.cross_fitted(log, lambda part: ope.cell_means(part, 16, 8, 1e9))
    by_cell = ope.cross_fitted(log, lambda part: ope.cell_means(part, 16, 8, damping))
    return {
        "direct, by banner": ope.direct(log, policy, by_banner),
        "direct, by cell": ope.direct(log, policy, by_cell),
        "IPS": ope.ips(log, policy),
        "IPS, clipped at 3": ope.ips(log, policy, clip=3.0),
        "SNIPS": ope.snips(log, policy),
        "DR, by banner": ope.doubly_robust(log, policy, by_banner),
        "DR, by cell": ope.doubly_robust(log, policy, by_cell),
        "switch-DR at 5": ope.switch_dr(log, policy, by_cell, 5.0),
    }


def spread(experiment, case, method, errors, unit):
    """Return three rows: how far off on average, how scattered, and both."""
    errors = unit * np.asarray(errors)
    values = {"bias": errors.mean(), "sd": errors.std(ddof=1),
              "rmse": np.sqrt(np.mean(errors**2))}  # fmt: skip
    return [(experiment, case, method, k, v) for k, v in values.items()]


def errors_and_coverage():
    """Return the rows of the first two experiments, and facts of the two policies."""
    old, new, always = policies()
    rows, gains = [], {"SNIPS, new": [], "SNIPS, always": [], "direct, by banner": []}
    for reward in ("clicks", "minutes"):
        table = getattr(WORLD.truth, reward)
        truth = (new * table).sum(axis=1).mean()
        before = (old * table).sum(axis=1).mean()
        greedy = (always * table).sum(axis=1).mean()
        tenth = 0.9 * greedy + 0.1 * table.mean()
        facts = {"old": UNIT[reward] * before, "new": UNIT[reward] * truth,
                 "always": UNIT[reward] * greedy, "a tenth even": UNIT[reward] * tenth,
                 "max weight": (new / old).max()}  # fmt: skip
        rows += [("errors", reward, "truth", k, v) for k, v in facts.items()]
        errors, inside, effective = {}, {}, []
        for seed in range(MANY):
            log = ope.draw_log(WORLD, old, SIZE[reward], seed, reward)
            policy = new[log.context]
            found = {"IPS": ope.ips(log, policy), "SNIPS": ope.snips(log, policy)}
            effective.append(found["SNIPS"].effective_n)
            if seed < N_LOGS:
                found = estimates(log, policy, DAMPING[reward])
                errors.setdefault("as before", []).append(log.reward.mean() - truth)
                for name, estimate in found.items():
                    errors.setdefault(name, []).append(estimate.value - truth)
                if reward == "clicks":
                    gains["SNIPS, new"].append(gain(log, policy))
                    gains["SNIPS, always"].append(gain(log, always[log.context]))
                    promised = found["direct, by banner"].value - log.reward.mean()
                    gains["direct, by banner"].append((promised, 0.0))
            found["SNIPS, wrong error"] = wrong_error(log, policy)
            for name, estimate in found.items():
                low, high = estimate.interval
                inside.setdefault(name, []).append(low <= truth <= high)
        mean = float(np.mean(effective))
        rows.append(("errors", reward, "truth", "effective n", mean))
        for name, values in errors.items():
            rows += spread("errors", reward, name, values, UNIT[reward])
        for name, held in inside.items():
            rows.append(("coverage", reward, name, "300", np.mean(held[:N_LOGS])))
            if len(held) == MANY:
                rows.append(("coverage", reward, name, "3000", np.mean(held)))
        print(reward, "done", flush=True)
    for name, pairs in gains.items():
        points, errors = 100 * np.array(pairs).T
        sure = EUROS * (points - 1.96 * errors) > COST
        facts = {
            "mean": points.mean(),
            "sd": points.std(ddof=1),
            "changes": sure.mean(),
        }
        rows += [("gain", "clicks", name, k, v) for k, v in facts.items()]
    return rows


def gain(log, policy):
    """Return the gain over the log's own mean by SNIPS, and its standard error."""
    w, r = ope.weights(log, policy), log.reward
    value = (w * r).sum() / w.sum()
    u = w / w.mean() * (r - value) - (r - r.mean())
    return value - r.mean(), np.sqrt((u**2).sum()) / len(u)


def wrong_error(log, policy):
    """Return SNIPS with the error of terms that were each divided by a constant."""
    right = ope.snips(log, policy)
    w = ope.weights(log, policy)
    terms = w * log.reward / w.mean()
    error = terms.std(ddof=1) / np.sqrt(len(log))
    return dataclasses.replace(right, standard_error=error)


# Lists --------------------------------------------------------------------------------

ORDERS = np.array(list(itertools.permutations(range(8), 3)))  # 336


def list_odds(scores):
    """Return the odds of each item of each list (16, 336, 3), given those above.

    Items are drawn one after the other, without putting back (Plackett and Luce).
    """
    mass = np.exp(scores)[:, ORDERS]  # (16, 336, 3)
    taken = np.cumsum(mass, axis=2) - mass
    return mass / (np.exp(scores).sum(axis=1)[:, None, None] - taken)


def at_place(odds):
    """Return the odds of an item at a position, whatever the others are (16, 3, 8)."""
    whole = odds.prod(axis=2)
    table = np.zeros((16, 3, 8))
    for place, item in itertools.product(range(3), range(8)):
        table[:, place, item] = whole[:, ORDERS[:, place] == item].sum(axis=1)
    return table


def slates():
    """Return the rows of the lists."""
    odds = [list_odds(np.log(policy)) for policy in policies()[:2]]
    whole, places = odds[0].prod(axis=2), [at_place(each) for each in odds]
    segment = np.arange(16)[:, None, None]
    clicks = WORLD.truth.clicks[segment, ORDERS]  # (16, 336, 3)
    rows = []
    for case in ("cascade", "independent"):
        stays = (
            np.minimum(0.95, 0.3 + 6 * clicks) if case == "cascade" else 1 + 0 * clicks
        )
        seen = np.cumprod(
            np.concatenate([0 * stays[..., :1] + 1, stays], axis=2), axis=2
        )
        gain = (clicks * seen[..., :3]).sum(axis=2)
        truth = (odds[1].prod(axis=2) * gain).sum(axis=1).mean()
        errors, most = {}, {}
        for seed in range(N_LOGS):
            rng = np.random.default_rng([seed, 65])
            x = rng.integers(0, 16, 5000)
            lot = rng.random(5000)[:, None]
            k = np.minimum((lot >= whole.cumsum(axis=1)[x]).sum(axis=1), 335)
            goes_on = rng.random((5000, 2)) < stays[x, k][:, :2]
            there = np.cumprod(np.column_stack([np.ones(5000), goes_on]), axis=1)
            reward = there * (rng.random((5000, 3)) < clicks[x, k])
            pick = (x[:, None], np.arange(3), ORDERS[k])
            for kind in ("standard", "independent", "cascade"):
                one, other = [each[x, k] for each in odds]
                if kind == "independent":
                    one, other = [each[pick] for each in places]
                estimate = ope.slate_ips(reward, one, other, kind)
                errors.setdefault(kind, []).append(estimate.value - truth)
                most.setdefault(kind, []).append(estimate.max_weight)
        rows.append(("slates", case, "truth", "new", 100 * truth))
        for kind, values in errors.items():
            rows += spread("slates", case, kind, values, 100.0)
            rows.append(("slates", case, kind, "max weight", np.mean(most[kind])))
    return rows


# Open Bandit --------------------------------------------------------------------------


def obp_folder():
    """Return the folder of the wheel, without importing the package."""
    spec = importlib.util.find_spec("obp")
    if spec is None:
        raise SystemExit("this study reads the data of obp 0.4.1: install the wheel")
    return Path(spec.submodule_search_locations[0])


def thompson(alpha, beta, seed, n_draws=100_000):
    """Return the odds (3, K) that an item comes first, second and third."""
    rng = np.random.default_rng(seed)
    counts = np.zeros((3, len(alpha)))
    for _ in range(10):
        drawn = rng.beta(alpha, beta, (n_draws // 10, len(alpha)))
        top = np.argsort(-drawn, axis=1)[:, :3]
        for place in range(3):
            counts[place] += np.bincount(top[:, place], minlength=len(alpha))
    return counts / counts.sum(axis=1, keepdims=True)


def real_log(folder, policy, campaign):
    """Return a log of the wheel, the position as its context."""
    path = folder / "dataset" / "obd" / policy / campaign / f"{campaign}.csv"
    rows = pd.read_csv(path, index_col=0)
    columns = [rows["position"] - 1, rows["item_id"], rows["click"]]
    return ope.BanditLog(*columns, rows["propensity_score"])


def open_bandit():
    """Return the rows of the real logs."""
    folder = obp_folder()
    priors = yaml.safe_load((folder / "policy/conf/prior_bts.yaml").read_text())
    rows = []
    for campaign in ("all", "men", "women"):
        prior = priors[campaign]
        logs = {name: real_log(folder, name, campaign) for name in ("random", "bts")}
        n_items = len(prior["alpha"])
        even = np.full((3, n_items), 1 / n_items)
        drawn = [thompson(prior["alpha"], prior["beta"], seed) for seed in range(5)]
        for source, target, tables in (
            ("random", "bts", drawn),
            ("bts", "random", [even]),
        ):
            case = f"{campaign}: {source} to {target}"
            log, other = logs[source], logs[target]
            n = len(other)
            rate = other.reward.mean()
            error = other.reward.std(ddof=1) / np.sqrt(n)
            found = {("on-policy", "value"): rate, ("on-policy", "se"): error}
            for name in ("ips", "snips"):
                answers = [getattr(ope, name)(log, t[log.context]) for t in tables]
                values = [answer.value for answer in answers]
                label = name.upper()
                found[label, "value"] = np.mean(values)
                found[label, "se"] = answers[0].standard_error
                if len(values) > 1:
                    found[label, "sd of simulations"] = np.std(values, ddof=1)
                found[label, "effective n"] = answers[0].effective_n
                found[label, "max weight"] = answers[0].max_weight
            mean = ope.weights(log, tables[0][log.context]).mean()
            found["weights", "mean"] = mean
            rows += [("open-bandit", case, *k, v) for k, v in found.items()]
            print(case, {k: float(f"{v:.4g}") for k, v in found.items()}, flush=True)
    return rows


def main():
    """Measure and write."""
    rows = open_bandit() + slates() + errors_and_coverage()
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["value"] = [float(f"{value:.6g}") for value in table["value"]]
    write_results(
        "ope",
        table,
        data="worlds.banners, and Open Bandit (Saito et al. 2020), 10,000 rows of each "
        "campaign and policy",
        source=f"wheel obp {importlib.metadata.version('obp')}",
        licence="Apache-2.0 (wheel and repository); none of its rows is kept here",
        real=True,
    )


if __name__ == "__main__":
    main()
