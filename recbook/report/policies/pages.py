"""The steps of the report on a policy: sentences, tables, charts."""

import numpy as np
import pandas as pd

from recbook.report.base import Chart, Section
from recbook.report.columns import as_words
from recbook.report.wording import number

__all__ = [
    "NO_TABLE",
    "ONE_OF_K",
    "assumptions",
    "draw_section",
    "estimates",
    "gain_section",
    "policy_list",
    "policy_section",
    "reach_section",
    "size_row",
    "support_section",
]

COLUMNS = ["estimate", "value", "gain", "low", "high", "standard error", "p"]
NO_TABLE = pd.DataFrame(columns=COLUMNS)
MOST = 24  # rows of a table on the page
SCALE = 1000
THIN = 5  # rows for each cell of context and banner, below which a model knows little
ONE_OF_K = (
    "policies judged",
    "not known",
    "note",
    "of k policies judged on this log, the best needs p below .05/k",
)


def size_row(named):
    """Return the row of a check on the size of the log."""
    n, (contexts, banners) = len(named.log), named.counts.shape
    found = f"{number(n)} rows, {number(contexts)} context{'s'[: contexts > 1]}, "
    found += f"{number(banners)} banner{'s'[: banners > 1]}"
    if n < THIN * contexts * banners:
        meaning = "few rows for each: put values together, such as ages into bands"
        return "size of the log", found, "note", meaning
    return "size of the log", found, "ok", "enough rows for each context and banner"


def estimates(readings):
    """Return the table of estimates, in units of the reward for each impression."""
    rows = []
    for name, value, gain in readings:
        rows.append(
            [name, value, gain.value, *gain.interval, gain.standard_error, gain.p]
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def draw_section(sentence, cells):
    """Return the step on the chances, its worst cells first."""
    first = cells.assign(off=(cells["rows"] - cells["expected"]).abs())
    first = first.sort_values(["p", "off"], ascending=[True, False]).head(MOST)
    table = first.drop(columns=["p", "off"]).reset_index(drop=True)
    table = table.rename(columns={"expected": "rows by the chances"})
    blocks = [sentence, table]
    if len(cells) > MOST:
        blocks.insert(1, f"The {MOST} furthest of {number(len(cells))} cells:")
    return Section("Are the chances those of the draw?", tuple(blocks))


def support_section(sentence, named, table, reach=None):
    """Return the step that ends a report: what the log lacks for the policy."""
    if reach is not None:
        return Section("Does the log reach so far?", (sentence, _short(reach)))
    known = table[:, : len(named.banners)]
    rows = [
        [named.keys[x], named.banners[a], 100 * known[x, a]]
        for x, a in np.argwhere((known > 0) & (named.counts == 0))
    ]
    heads = ["context", "banner", "of the policy's choices there, %"]
    missing = as_words(pd.DataFrame(rows[:MOST], columns=heads), heads[:2])
    blocks = (sentence, missing) if rows else (sentence,)
    return Section("Does the log reach so far?", blocks)


def reach_section(reach):
    """Return the step on support and weights, by context."""
    words = (
        "The weight of a row is how much likelier the policy makes what was shown. In "
        "each context the weights should average 1, and the effective rows say how "
        "many rows of equal weight would say as much."
    )

    def draw(ax):
        from recbook.plots import COLORS  # here: a plain install has no Matplotlib

        shown = reach.sort_values("rows", ascending=False).head(MOST)[::-1]
        ax.plot(shown["mean weight"], range(len(shown)), "o", color=COLORS["ours"])
        ax.axvline(1, color="black", lw=0.8)
        ax.set_yticks(range(len(shown)), shown["context"])
        ax.set_xlabel("mean weight, 1 where the log reaches all that the policy does")

    low, high = reach["mean weight"].min(), reach["mean weight"].max()
    alt = f"Mean weights from {low:.2f} to {high:.2f}."
    caption = "The mean weight in each context; the line is 1."
    chart = Chart("weights", caption, alt, draw, 1.3 + 0.3 * min(len(reach), MOST))
    return Section("Does the log reach so far?", (words, _short(reach), chart))


def _short(reach):
    """Return the table of contexts as a page shows it, the worst first."""
    worst = (reach["mean weight"] - 1).abs().sort_values(ascending=False).index[:MOST]
    shown = reach.loc[worst].reset_index(drop=True)
    shown.insert(2, "choices tried, %", 100 * shown.pop("choices tried"))
    return shown


def gain_section(decision, readings, today, needed, reward):
    """Return the step on what the policy brings."""
    table = estimates(readings).drop(columns=["p"])
    table[table.columns[1:]] *= SCALE
    table = table.rename(columns={"estimate": f"per {number(SCALE)} impressions"})
    blocks = [decision, table, _chart(readings, reward)]
    if needed:
        sizes = "; ".join(
            f"{number(n)} for {100 * lift:.0f} % of today's" for lift, n in needed
        )
        blocks.insert(2, f"Impressions that show a gain four times in five: {sizes}.")
    return Section("What would it bring?", tuple(blocks))


def _chart(readings, reward):
    def draw(ax):
        from recbook.plots import COLORS  # here: a plain install has no Matplotlib

        for row, (_, _, gain) in enumerate(readings):
            color = COLORS["ours" if row == len(readings) - 1 else "baseline"]
            reach = SCALE * (gain.interval[1] - gain.value)
            ax.errorbar(SCALE * gain.value, row, xerr=reach, fmt="o", color=color,
                        capsize=3)  # fmt: skip
        ax.axvline(0, color="black", lw=0.8)
        ax.set_yticks(range(len(readings)), [reading.name for reading in readings])
        ax.set_ylim(-0.6, len(readings) - 0.4)
        ax.set_xlabel(
            f"gain over today's policy, {reward} per {number(SCALE)} impressions"
        )

    low, high = (SCALE * end for end in readings[-1].gain.interval)
    alt = f"{readings[-1].name}: {number(low)} to {number(high)}."
    caption = "The gain over today's policy with its interval; the line is no gain."
    return Chart("gain", caption, alt, draw, 1.2 + 0.4 * len(readings))


def policy_list(named, table):
    """Return the policy by the reader's names: a row for each context and banner.

    Columns: those of the context, that of the banner, ``chance`` under the policy,
    ``today``'s share of the rows, and ``rows`` of the log behind it.
    """
    counts = named.counts
    n = counts.sum(axis=1)
    x, a = np.nonzero(table > 0)
    found = named.contexts.iloc[x].reset_index(drop=True)
    found[named.shown] = [named.banners[k] for k in a]
    found["chance"] = table[x, a]
    found["today"] = np.where(n[x] > 0, counts[x, a] / np.maximum(n[x], 1), np.nan)
    return found.assign(rows=counts[x, a].astype(np.int64))


def policy_section(chosen, greedy):
    """Return the step that shows the policy."""
    words = "The policy that was judged:"
    if greedy:
        words = (
            "The policy was learnt on a random half of the log and judged on the other "
            "half: in each context the banner of the best damped mean."
        )
    ids = [name for name in chosen.columns if name not in ("chance", "today", "rows")]
    return Section("Which banner for whom?", (words, as_words(chosen, ids)))


def assumptions(greedy):
    """Return the step on what the answer rests on."""
    sentences = [
        "The world is still the one of the log. If the season has changed, the weights "
        "cannot know: use recent rows.",
        "Each row is drawn by itself. Where the same visitor stands in many rows, the "
        "interval is too narrow.",
        "What is shown to one visitor changes only what that visitor does.",
        "In drawn worlds the interval of 95 % held the truth in 94 % of the reports, "
        "and in single cases in 91 %: an end that is near 0 is not sure.",
    ]
    if greedy:
        sentences.append(
            "A policy without any randomness writes a log that cannot judge the next "
            "one: keep a small chance for every banner."
        )
    return Section("What this rests on", tuple(sentences))
