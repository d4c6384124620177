"""Whether a log can carry an answer: its chances, its support, its weights."""

import numpy as np
import pandas as pd
from scipy.special import bdtr, bdtrc

from recbook.marketing.ope.support import too_far, weight_sizes
from recbook.report.columns import as_words
from recbook.report.wording import chance, number

__all__ = ["REFUSALS", "cell_table", "chances", "context_table", "support", "weighing"]

REFUSALS = {
    "never_random": "Nothing can be concluded: the chance is 1 in every row, so "
    "nothing was drawn at random, and the log knows only what it showed. Show each "
    "banner at times from now on, and log with which chance.",
    "chances": "Nothing can be concluded: the chances are not those of the draw. "
    "{banner} was shown {shown} times to {context}, and its chances would make "
    "{expected}{constant}. Log the chance at the moment of the draw, for this visitor "
    "and this banner, and name in context= each column that today's policy looks at.",
    "sum": "Nothing can be concluded: the chances of {context} add up to {total} over "
    "the banners, and not to 1. Log the chance at the moment of the draw.",
    "off_support": "The log cannot judge this policy: it shows {banner} to {context} "
    "in {wanted} of its choices there, and the log never did. Show it there at times "
    "from now on, or judge a policy without it.",
    "nowhere": "The log cannot judge this policy: it shows {banner}, and the log never "
    "did, only {known}. Show it at times from now on, or judge a policy without it.",
    "mean_weight": "The log cannot judge this policy: the weights of {context} average "
    "{mean}, and not 1. Worst is {banner}, with {wanted} of the choices there and "
    "{shown} of the weight. Either the chances are not those of the draw, or the log "
    "has too few rows where the policy goes.",
    "few": "The log cannot judge this policy: only {n} effective rows speak for the "
    "policy, and an interval needs about {needed}. Judge a policy nearer to today's, "
    "or log more.",
    "few_rewards": "Nothing can be concluded yet: {reward} differs from its usual "
    "value in only {n} of the rows that speak for the policy, and an interval needs at "
    "least {needed}.",
}
ALARM = 0.001  # p over all cells, below which chances are not those of the draw
ROUNDED = 0.02  # by which written chances, and sums of them, may be off
IMPOSSIBLE, UNSEEN = 0.01, 0.05  # share of the choices that no row can, or does, show
FEWEST_ROWS, FEWEST_REWARDS = 100, 10
AGREE = 30  # rows of one chance that show that it is fixed, where others vary


def cell_table(named):
    """Return a row for each context and banner that was shown in it.

    Columns: ``context``, ``banner``, ``rows``, ``expected`` by the chances, ``chance``
    on average, and ``p`` of "the counts are those of the chances". Where the chance of
    a cell never varies that is the exact test of a binomial; where it varies, p is 0 if
    the mean of one over the chance is further from 1 than luck takes it, else 1. Where
    the chances of its context vary, a few rows that agree do not show a fixed one.
    """
    counts, rows = named.counts.astype(np.int64), []
    n, odds = counts.sum(axis=1), _mean_chances(named)
    low, high = _ends(named)
    fixed = high - low < 1e-9
    fixed &= fixed.all(axis=1, keepdims=True) | (counts >= AGREE)
    for x, a in np.argwhere(counts > 0):
        k = counts[x, a]
        if fixed[x, a]:
            p = _binomial(k, n[x], low[x, a])
        else:
            here = named.groups[x]
            inverse = 1 / named.log.propensity[here]
            inverse[named.log.action[here] != a] = 0
            p = 0.0 if too_far(inverse) else 1.0
        cell = [named.keys[x], named.banners[a], k, n[x] * odds[x, a], odds[x, a], p]
        rows.append(cell)
    heads = ["context", "banner", "rows", "expected", "chance", "p"]
    return as_words(pd.DataFrame(rows, columns=heads), heads[:2])


def _binomial(k, n, p):
    """Return the p-value of k of n, from both sides.

    >>> round(_binomial(8, 10, 0.5), 6)
    0.109375
    """
    if p == 1:
        return float(k == n)
    return float(min(1.0, 2 * min(bdtr(k, n, p), bdtrc(k - 1, n, p))))


def _mean_chances(named):
    """Return the harmonic mean of the chances in each cell, 0 without rows.

    A row that was shown with chance p stands for 1/p rows of its context, so it is that
    mean, and not the usual one, which estimates the mean chance over all of them.
    """
    inverse = named.cells(1 / named.log.propensity)
    return np.where(inverse > 0, named.counts / np.where(inverse > 0, inverse, 1), 0)


def _ends(named):
    """Return the smallest and the largest chance of each cell; 1 and 0 without rows."""
    low, high = np.ones(named.counts.shape), np.zeros(named.counts.shape)
    cell = named.log.context, named.log.action
    np.minimum.at(low, cell, named.log.propensity)
    np.maximum.at(high, cell, named.log.propensity)
    return low, high


def chances(named, cells):
    """Return the refusal of chances that are not those of the draw, or None, and rows.

    Counts may differ from those expected by 2 % before a small p says anything: a
    chance of a third is written as .33.
    """
    odds = named.log.propensity
    if odds.min() == 1:
        row = "chances", "1 in every row", "stop", "nothing was drawn at random"
        return REFUSALS["never_random"], [row]
    low, high = _ends(named)
    fixed = (high - low < 1e-9).all(axis=1)  # elsewhere the sum is known only roughly
    sums = np.where(fixed, _mean_chances(named).sum(axis=1), 0)
    x = int(sums.argmax())
    found = f"{number(sums[x])} for {named.keys[x]}, the largest"
    if sums[x] > 1 + ROUNDED:
        words = {"context": named.keys[x], "total": number(sums[x])}
        row = "sum of the chances", found, "stop", "over the banners they make 1"
        return REFUSALS["sum"].format(**words), [row]
    found = found if fixed.any() else "they vary within the contexts"
    summed = ("sum of the chances", found, "ok", "at most 1 in every context")
    off = np.abs(cells["rows"] / cells["expected"] - 1) > ROUNDED
    worst = cells[off].sort_values("p").head(1)
    if len(worst) and worst["p"].iloc[0] < ALARM / len(cells):
        cell = worst.iloc[0]
        constant = ""
        if odds.max() - odds.min() < 1e-9:
            constant = f" (the chance is {number(odds[0])} in every row)"
        words = {"banner": cell["banner"], "context": cell["context"]}
        words |= {"shown": number(cell["rows"]), "expected": number(cell["expected"])}
        found = f"{words['shown']} of {cell['banner']} for {cell['context']}, "
        found += f"{words['expected']} expected"
        row = "chances", found, "stop", "luck does not make such counts"
        return REFUSALS["chances"].format(constant=constant, **words), [summed, row]
    least = min(1.0, float(cells["p"].min()) * len(cells))
    found = f"{number(len(cells))} cells of context and banner, worst {chance(least)}"
    return None, [
        summed,
        ("chances", found, "ok", "the counts are those of the chances"),
    ]


def support(named, table, banners):
    """Return the refusal of choices that the log cannot show, or None, and the row."""
    counts, n = named.counts, len(named.log)
    share = counts.sum(axis=1) / n
    if len(banners) > len(named.banners):
        extra = share @ table[:, len(named.banners) :]
        if extra.sum() > IMPOSSIBLE:
            banner = banners[len(named.banners) + int(extra.argmax())]
            words = {"banner": banner, "known": ", ".join(map(str, named.banners))}
            found = f"{number(100 * extra.sum())} % of the choices are never shown"
            row = "support", found, "stop", "a banner that the log does not know"
            return REFUSALS["nowhere"].format(**words), row
    known = table[:, : len(named.banners)]
    off = np.where(counts == 0, known, 0.0) * share[:, None]
    left = np.clip(1 - _mean_chances(named).sum(axis=1), 0, 1)
    # A banner that had the rest of the chance would not stay away for so many rows.
    closed = (left <= ROUNDED) | ((1 - left) ** counts.sum(axis=1) < ALARM)
    never = closed[:, None] | (counts.sum(axis=0) == 0)
    impossible = off[never].sum()
    found = f"{number(100 * off.sum())} % of the choices are never shown there"
    found = found if off.any() else "all choices are in the log"
    if impossible > IMPOSSIBLE or off.sum() > UNSEEN:
        x, a = np.unravel_index(off.argmax(), off.shape)
        words = {"banner": named.banners[a], "context": named.keys[x]}
        words["wanted"] = f"{number(100 * known[x, a])} %"
        row = (
            "support",
            found,
            "stop",
            f"worst: {words['banner']} for {words['context']}",
        )
        return REFUSALS["off_support"].format(**words), row
    if off.any():
        meaning = "a little of what the policy does, of which nothing can be known"
        return None, ("support", found, "note", meaning)
    return None, ("support", found, "ok", "in every context")


def context_table(named, table, w):
    """Return a row for each context: what the log has there for the policy."""
    rows = []
    for x, key in enumerate(named.keys):
        here = w[named.groups[x]]
        tried = table[x, : len(named.banners)][named.counts[x] > 0].sum()
        if len(here):
            effective, largest, mean = weight_sizes(here)
            rows.append([key, len(here), tried, mean, effective, largest])
    heads = ["context", "rows", "choices tried", "mean weight", "effective rows"]
    table = pd.DataFrame(rows, columns=[*heads, "largest weight"])
    return as_words(table, heads[:1])


def weighing(named, table, w):
    """Return the refusal of weights that do not average 1, or None, and the rows."""
    for x, here in enumerate(named.groups):
        if len(here) > 1 and _off(w[here]):
            return _unbalanced(named, table, w, x)
    if _off(w):  # too little to be seen in any context alone
        sums = np.array([(w[here] - 1).sum() for here in named.groups])
        return _unbalanced(named, table, w, int(np.abs(sums).argmax()))
    effective, largest, mean = weight_sizes(w)
    found = f"{mean:.2f}; largest {number(largest)}"
    rows = [("mean weight", found, "ok", "near 1, in every context")]
    found = f"{number(effective)} of {number(len(w))} rows"
    if effective < FEWEST_ROWS:
        sentence = REFUSALS["few"].format(n=number(effective), needed=FEWEST_ROWS)
        return sentence, [*rows, ("effective rows", found, "stop", "too few")]
    rows.append(("effective rows", found, "ok", "as many of equal weight say as much"))
    values, counts = np.unique(named.log.reward[w > 0], return_counts=True)
    other = int(counts.sum() - counts.max())
    found = f"{number(other)} rows differ from {values[counts.argmax()]:g}"
    if other < FEWEST_REWARDS:
        words = {"reward": named.reward, "n": other, "needed": FEWEST_REWARDS}
        row = "rewards", found, "stop", "too few for a normal interval"
        return REFUSALS["few_rewards"].format(**words), [*rows, row]
    return None, [*rows, ("rewards", found, "ok", "enough for a normal interval")]


def _off(w):
    return not w.any() or too_far(w)


def _unbalanced(named, table, w, x):
    """Return the refusal of a context whose weights are off, and its row."""
    here = named.groups[x]
    mean = float(w[here].mean())
    wanted = table[x, : len(named.banners)]
    shown = np.bincount(named.log.action[here], w[here], len(named.banners)) / len(here)
    a = int(((wanted - shown) * np.sign(1 - mean)).argmax())
    words = {
        "context": named.keys[x],
        "mean": f"{mean:.2f}",
        "banner": named.banners[a],
    }
    words |= {"wanted": f"{number(100 * wanted[a])} %"}
    words |= {"shown": f"{number(100 * shown[a])} %"}
    row = "mean weight", f"{mean:.2f} for {named.keys[x]}", "stop", "not near 1"
    return REFUSALS["mean_weight"].format(**words), [row]
