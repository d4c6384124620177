"""What the reports on a test and on a policy say of worlds whose truth is known.

``python -m tests.benchmarks.studies.judged`` writes ``judged.csv`` and its json in
``data/results``. It takes some minutes on one core, and no data but drawn ones. All is
read from the reports, as a reader would: ``report.experiment`` and
``report.off_policy`` get a table with names, and give a decision and an interval.

Columns: ``job``, ``part``, ``case`` and ``method``; ``value`` is a share of ``n``
reports, with Wilson's 95 % interval from ``low`` to ``high``, or a mean. Parts:

- ``coverage``: intervals that hold the truth, of those that the report gave;
- ``refused``: reports that end in a refusal;
- ``false``: decisions for a change in worlds without an effect; for tests also those
  against it, and those at any of five looks, either way;
- ``found``: the same in worlds with an effect;
- ``value``: the mean of what IPS says, and of the truth, where a report refuses.

Experiments: ``shop`` is what customers of 200 drawn shops spend in 13 weeks, the
treated 5 % more, 20,000 of them, with what they spent before missing for 15 %;
``rates`` are 400 tests of 8,000 people of different rates, which the treatment raises
by 1.5 points; ``visits`` 400 tests of 4,000 people with several visits each, whose
rate it raises by a tenth. The truth is the effect on those in the test.

Policies: 300 drawn worlds of banners, a log of each, with the policies of chapter
6.7: ``new`` is given, ``greedy`` is learnt by the report. ``no effect``: the same
worlds with all banners alike in each segment, where every policy equals today's.
``three logs``: ``ope.gain`` alone, on three other logs of 200 worlds.
One thing was changed after a first run: weights that are off only over all contexts
together had raised an error, and are a refusal now.
"""

import dataclasses
import functools

import numpy as np
import pandas as pd
from scipy.special import softmax

from recbook import report
from recbook.leaderboard.results import write_results
from recbook.marketing import ope, worlds
from tests.benchmarks.studies.experiments import share, spending

FIRST, N_WORLDS, N_TESTS, N_BANNERS = 100, 200, 400, 300
GROUP = ("arm", "B")
FEATURES = ["phone", "evening", "young", "returning"]
SIZE = {"clicks": 10_000, "minutes": 2_000}


def row(job, part, case, method, hits):
    """Return the row of a share."""
    return {"job": job, **share(part, case, method, np.asarray(hits, dtype=float))}


def holds(low, high, truth):
    """Whether an interval holds the truth."""
    return low <= truth <= high


# Experiments -------------------------------------------------------------------------


def halves(rng, n):
    """Return a random half of n people."""
    return rng.permutation(n) < n // 2


@functools.lru_cache(maxsize=N_WORLDS)
def customers(seed):
    """Return what each customer of a drawn shop spends, and spent before."""
    return spending(worlds.customers(n=40_000, seed=seed))


def shop(seed, lift):
    """Return a table of customers of a drawn shop, and the truth."""
    y, before = customers(seed)
    rng = np.random.default_rng(10_000 + seed)
    who = rng.permutation(len(y))[:20_000]
    treated, x = halves(rng, len(who)), before[who]
    x = np.where(rng.random(len(who)) < 0.15, np.nan, x)
    spent = y[who] * (1 + lift * treated)
    frame = {"person": who, "arm": np.where(treated, "B", "A"), "y": spent, "x": x}
    return frame, lift * y[who].mean(), lift


def rates(seed, lift, n=8000):
    """Return a table of yes and no, and the truth; the effect is 1.5 points."""
    rng = np.random.default_rng([20, seed])
    base, treated = rng.beta(2.0, 28.0, n) * 0.9, halves(rng, n)
    y = rng.random(n) < base + lift * treated
    frame = {"person": range(n), "arm": np.where(treated, "B", "A"), "y": y}
    return frame, lift, lift / base.mean()


def visits(seed, lift, n=4000):
    """Return a table with a row for each visit, and the truth of orders for each."""
    rng = np.random.default_rng([30, seed])
    count = np.floor(3 / rng.random(n) ** 0.4 - 1).astype(int)
    rate, treated = rng.beta(0.4, 3.6, n), halves(rng, n)
    person = np.repeat(np.arange(n), count)
    y = rng.random(len(person)) < (rate * (1 + lift * treated))[person]
    arm = np.where(treated, "B", "A")[person]
    truth = lift * (rate @ count) / count.sum()
    return {"person": person, "arm": arm, "y": y}, truth, lift


KINDS = {
    "shop": (shop, 0.05, {"before": "x"}),
    "rates": (rates, 0.015, {}),
    "visits": (visits, 0.1, {"denominator": 1}),
}


def experiments():
    """Yield the rows on tests with and without an effect."""
    for case, (draw, lift, more) in KINDS.items():
        held, found, refused = {}, {lift: [], 0.0: []}, []
        n = N_WORLDS if case == "shop" else N_TESTS
        for effect in (lift, 0.0):
            for seed in range(FIRST, FIRST + n):
                frame, truth, relative = draw(seed, effect)
                made = report.experiment(frame, "person", GROUP, "y", looks=1, **more)
                refused.append(made.refused)
                if made.refused:
                    continue
                found[effect].append(made.decision.partition(" ")[0])
                for method, ends, true in intervals(made.table, truth, relative):
                    hit = holds(*ends, true)
                    held.setdefault((effect, method), []).append(hit)
        for (effect, method), hits in held.items():
            name = case if effect else f"{case}, no effect"
            yield row("experiment", "coverage", name, method, hits)
        for part, effect in (("found", lift), ("false", 0.0)):
            words = np.array(found[effect])
            yield row("experiment", part, case, "B is better", words == "More")
            yield row("experiment", part, case, "B is worse", words == "Less")
        yield row("experiment", "refused", case, "right tables", refused)


def intervals(table, truth, lift):
    """Yield the name, the ends and the truth of each interval of a report."""
    for line in table.to_dict("records"):
        name = line["estimate"]
        yield f"{name} difference", (line["low"], line["high"]), truth
        yield f"{name} lift", (line["lift low %"], line["lift high %"]), 100 * lift


def peeking():
    """Yield how often five looks at a test without an effect raise a false alarm."""
    alarms = {None: [], 5: []}
    for seed in range(FIRST, FIRST + N_TESTS):
        frame = pd.DataFrame(rates(seed, 0.0, n=10_000)[0])
        parts = [frame[: 2000 * k] for k in range(1, 6)]
        for looks, hits in alarms.items():
            made = [report.experiment(p, "person", GROUP, "y", looks=looks)
                    for p in parts]  # fmt: skip
            hits.append(any(r.decision.startswith(("More", "Less")) for r in made))
    for looks, hits in alarms.items():
        yield row("experiment", "false", "five looks", f"looks={looks}", hits)


def lost():
    """Yield how often tests that lost people, or whose rows are visits, are refused."""
    gone, rows, touched = [], [], []
    for seed in range(FIRST, FIRST + N_WORLDS):
        frame = pd.DataFrame(rates(seed, 0.0, n=20_000)[0])
        rng = np.random.default_rng([40, seed])
        stays = (frame["arm"] == "A") | (rng.random(len(frame)) > 0.08)
        gone.append(report.experiment(frame[stays], "person", GROUP, "y").refused)
        rows.append(
            report.experiment(visits(seed, 0.0)[0], "person", GROUP, "y").refused
        )
        frame["x"] = rng.gamma(0.5, 40, len(frame)) * (1 + 0.15 * (frame["arm"] == "B"))
        made = report.experiment(frame, "person", GROUP, "y", before="x")
        touched.append(made.refused)
    for case, hits in (("8 % of one arm lost", gone), ("rows are visits", rows),
                       ("before raised by 15 %", touched)):  # fmt: skip
        yield row("experiment", "refused", case, "wrong tables", hits)


# Policies ----------------------------------------------------------------------------


def banners(seed, n_banners=8, alike=False):
    """Return a world, today's policy and the new one, as chapter 6.11 makes them."""
    world = worlds.banners(n_banners, seed)
    if alike:
        truth = {}
        for name in ("clicks", "minutes"):
            table = getattr(world.truth, name)
            mean = table.mean(axis=1, keepdims=True)
            truth[name] = np.repeat(mean, n_banners, axis=1)
        truth = dataclasses.replace(world.truth, **truth)
        world = dataclasses.replace(world, truth=truth)
    even, shape = np.full((16, n_banners), 1 / n_banners), (16, n_banners)
    small, large = (ope.draw_log(world, even, n, seed + 1000) for n in (800, 15_000))
    old = 0.3 / n_banners + 0.7 * softmax(30 * ope.cell_means(small, *shape), axis=1)
    new = softmax(80 * ope.cell_means(large, *shape), axis=1)
    return world, old, new


def named(world, log):
    """Return a log as a reader's table, with names."""
    kinds = np.where(world.segments[log.context] == 1, "yes", "no")
    frame = pd.DataFrame(kinds, columns=FEATURES)
    frame["banner"] = np.array(list("ABCDEFGH"))[log.action]
    return frame.assign(p=log.propensity, reward=log.reward)


def judge(frame, policy=None, **more):
    """Return the report on a log, with a policy as an array or the greedy one."""
    columns = {"shown": "banner", "chance": "p", "reward": "reward"}
    return report.off_policy(frame, **columns, context=FEATURES, policy=policy, **more)


def by_name(world, policy):
    """Return a policy as a frame with the names of segments and banners."""
    kinds = np.where(world.segments == 1, "yes", "no")
    index = pd.MultiIndex.from_arrays(kinds.T, names=FEATURES)
    return pd.DataFrame(policy, index, list("ABCDEFGH")[: policy.shape[1]])


def as_array(world, made):
    """Return the list of a report as an array of probabilities."""
    table = np.zeros(world.truth.clicks.shape)
    segments = (made.list[FEATURES] == "yes").to_numpy() @ (2 ** np.arange(4))
    shown = made.list["banner"].map("ABCDEFGH".index).to_numpy()
    table[segments, shown] = made.list["chance"]
    return table


def policies(alike):
    """Yield the rows on logs with right chances."""
    held, decided, refused = {}, {}, {}
    for seed in range(FIRST, FIRST + N_BANNERS):
        world, old, new = banners(seed, alike=alike)
        wanted = {"new": by_name(world, new), "greedy": None}
        wanted["today's"] = by_name(world, old)
        for reward, n in SIZE.items():
            q = getattr(world.truth, reward)
            log = ope.draw_log(world, old, n, 10_000 + seed, reward)
            frame = named(world, log)
            for name, policy in wanted.items():
                made = judge(frame, policy, seed=seed)
                key = reward, name
                refused.setdefault(key, []).append(made.refused)
                if made.refused:
                    continue
                says = made.decision.startswith("Change")
                decided.setdefault(key, []).append(says)
                if name == "today's":
                    continue
                table = new if name == "new" else as_array(world, made)
                truth = ((table - old) * q).sum(axis=1).mean()
                for line in made.table.itertuples():
                    hit = holds(line.low, line.high, truth)
                    held.setdefault((*key, line.estimate), []).append(hit)
    end = ", no effect" if alike else ""
    for (reward, name, method), hits in held.items():
        yield row("off_policy", "coverage", f"{reward}, {name}{end}", method, hits)
    for (reward, name), hits in decided.items():
        part = "false" if alike or name == "today's" else "found"
        name += end if name == "today's" else ""
        yield row("off_policy", part, f"{reward}, {name}", "decision", hits)
    for (reward, name), hits in refused.items():
        yield row("off_policy", "refused", f"{reward}, {name}{end}", "right logs", hits)


def gains(n_logs=3):
    """Yield how often the interval of ``ope.gain`` holds the truth, over more logs."""
    held = {}
    for seed in range(FIRST, FIRST + N_WORLDS):
        world, old, new = banners(seed)
        for reward, n in SIZE.items():
            truth = ((new - old) * getattr(world.truth, reward)).sum(axis=1).mean()
            for k in range(n_logs):
                log = ope.draw_log(world, old, n, 50_000 * (k + 1) + seed, reward)
                policy = new[log.context]
                q_hat = ope.cross_fitted(log, lambda part: ope.cell_means(part, 16, 8))
                for name, model in (("SNIPS", None), ("doubly robust", q_hat)):
                    try:
                        ends = ope.gain(log, policy, model).interval
                    except ValueError:  # the mean weight is too far from 1
                        continue
                    held.setdefault((reward, name), []).append(holds(*ends, truth))
    for (reward, name), hits in held.items():
        yield row("off_policy", "coverage", f"{reward}, new, three logs", name, hits)


def wrong():
    """Yield how often wrong chances, and what is off support, are refused."""
    cases = ["a quarter each", "by banner, afterwards", "in another context"]
    refused = {name: [] for name in [*cases, "off support"]}
    means = ["IPS, a quarter each", "truth, a quarter each", "IPS, off support"]
    values = {name: [] for name in [*means, "truth, off support"]}
    for seed in range(FIRST, FIRST + N_WORLDS):
        world, old, new = banners(seed, n_banners=4)
        clicks, policy = world.truth.clicks, by_name(world, new)
        log = ope.draw_log(world, old, 10_000, seed + 5000)
        frame = named(world, log)
        refused["a quarter each"].append(judge(frame.assign(p=0.25), policy).refused)
        w = new[log.context, log.action] / 0.25
        values["IPS, a quarter each"].append((w * log.reward).mean())
        values["truth, a quarter each"].append((new * clicks).sum(axis=1).mean())
        rate = frame["banner"].map(frame["banner"].value_counts(normalize=True))
        later = judge(frame.assign(p=rate), policy)
        refused["by banner, afterwards"].append(later.refused)
        mixed = frame.assign(p=frame["p"].to_numpy()[::-1])
        refused["in another context"].append(judge(mixed, policy).refused)
        # Banner A is never shown to those on the phone; the policy wants it there.
        phone = world.segments[:, 0] == 1
        without = old * ~(phone[:, None] & (np.arange(4) == 0))
        without /= without.sum(axis=1, keepdims=True)
        wants = np.where(phone[:, None], [0.8, 0.2 / 3, 0.2 / 3, 0.2 / 3], without)
        log = ope.draw_log(world, without, 10_000, seed + 6000)
        made = judge(named(world, log), by_name(world, wants))
        refused["off support"].append(
            made.refused and "shows A to yes" in made.decision
        )
        w = wants[log.context, log.action] / log.propensity
        values["IPS, off support"].append((w * log.reward).mean())
        values["truth, off support"].append((wants * clicks).sum(axis=1).mean())
    for case, hits in refused.items():
        yield row("off_policy", "refused", case, "wrong logs", hits)
    for name, numbers in values.items():
        method, _, case = name.partition(", ")
        found = {"job": "off_policy", "part": "value", "case": case, "method": method}
        yield found | {"value": round(float(np.mean(numbers)), 5), "n": len(numbers)}


def main():
    """Measure and write."""
    found = [*experiments(), *peeking(), *lost()]
    found += [*policies(alike=False), *policies(alike=True), *gains(), *wrong()]
    columns = ["job", "part", "case", "method", "value", "low", "high", "n"]
    table = pd.DataFrame(found, columns=columns)
    table["n"] = table["n"].astype("Int64")
    facts = "worlds.customers(40,000), worlds.banners(), seeds from 100; drawn tests"
    write_results("judged", table, data=facts)


if __name__ == "__main__":
    main()
