"""The steps of the report on recommendations, its checks and its charts."""

import numpy as np
import pandas as pd

from recbook.evaluation.choice import BASELINES, TO_BEAT
from recbook.report.base import Chart, Section
from recbook.report.columns import as_words
from recbook.report.recommending.contenders import pairs_gib
from recbook.report.wording import amount, whole

__all__ = [
    "NO_MODELS",
    "as_checks",
    "checks",
    "models",
    "receipt_check",
    "refusal",
    "sections",
]

COLUMNS = ["kind", "model", "settings", "chosen", "hits", "difference", "low", "high"]
NO_MODELS = pd.DataFrame(columns=[*COLUMNS, "n"])
COLOR = {  # of the lines over time, in recbook.plots.COLORS
    "popularity": "popularity",
    "bought before": "bias",
    "ItemKNN": "item-knn",
    "EASE": "ours",
    "ImplicitALS": "implicit-als",
    "ensemble": "als",
}
WHAT = {"discoveries": "newly bought", "repurchases": "bought again"}


def models(choice):
    """Return the models at the last cut, in hits of 100 customers."""
    scale = 100 * choice.k
    means = choice.table[choice.table["metric"] == "precision"].copy()
    means["hits"] = scale * means["mean"]
    tests = choice.tests[
        choice.tests["against"] == choice.tests["kind"].map(TO_BEAT)
    ].set_index(["kind", "model"])
    rows = pd.MultiIndex.from_frame(means[["kind", "model"]])
    for name in ("difference", "low", "high"):
        means[name] = (scale * tests[name]).reindex(rows).to_numpy()
    against = means["model"] == means["kind"].map(TO_BEAT)
    means.loc[against, ["difference", "low", "high"]] = 0.0  # of itself
    return means[[*COLUMNS, "n"]].reset_index(drop=True)


def checks(choice, verdicts, kind, orders, n_learnt):
    """Return the rows of what was checked."""
    cuts, last = choice.cuts, choice.cuts.iloc[-1]
    n_items = len(orders.item_ids)
    rows = receipt_check(orders)
    found = (
        f"{len(cuts)} cuts from {cuts['cut'].iloc[0].date()} to {last['cut'].date()}"
    )
    meaning = f"chosen at the first {len(cuts) - 1}, tested once at the last"
    rows.append(("time splits", found, "ok", meaning))
    for one, verdict in verdicts.items():
        found = f"{whole(verdict.n)} of {whole(last['customers'])} customers"
        meaning = f"they had bought before, and {WHAT[one]} in the last window"
        few = verdict.outcome == "few"
        rows.append((f"customers with {one}", found, "note" if few else "ok", meaning))
    found = f"{whole(last['new'])} of {whole(last['customers'])} customers"
    meaning = "not measured: every model sends them the most popular"
    rows.append(("new in the last window", found, "ok", meaning))
    size = pairs_gib(n_items)
    size = f"{amount(size)} GiB" if size >= 1 else f"{amount(1024 * size)} MiB"
    found = f"{whole(n_items)} products: a table of all pairs takes {size}"
    verdict, meaning = "ok", "8 bytes times their square"
    if n_learnt < n_items:
        verdict = "note"
        meaning = (
            f"8 bytes times their square: so ItemKNN and EASE learn from the "
            f"{whole(n_learnt)} with most customers, ImplicitALS from all. To have all "
            "in the pairs, count by product type"
        )
    rows.append(("memory", found, verdict, meaning))
    for one, verdict in verdicts.items():
        ahead = verdict.outcome == "better"
        found = f"{verdict.model}, chosen at earlier cuts"
        meaning = f"its interval is {'above' if ahead else 'not above'} 0 at the last"
        if verdict.outcome == "baseline":
            meaning = "the plain list itself, so there was nothing to test"
        rows.append((f"ahead in {one}", found, "ok" if ahead else "note", meaning))
    return as_checks(rows)


def receipt_check(orders):
    """Return the check of how many lines of the file were kept."""
    counts = orders.receipt["rows"]
    read, kept = int(counts.iloc[0]), len(orders)
    found = f"{whole(kept)} of {whole(read)} lines kept"
    return [("receipt", found, "ok" if kept == read else "note", "see the receipt")]


def as_checks(rows):
    """Return the rows as ``Report.checks``."""
    return pd.DataFrame(rows, columns=["check", "found", "verdict", "meaning"])


def refusal(sentence, orders):
    """Return the sections of a refusal."""
    return (
        Section("Which lists to send?", (sentence,)),
        Section("What was read?", (_receipt(orders),)),
    )


def sections(choice, decisions, kind, orders, table, found):
    """Return the steps of the page, in order."""
    by_kind = [kind, *(one for one in decisions if one != kind)]
    steps = [
        Section("Which lists to send?", (decisions[kind],)),
        Section("What was read?", (_receipt(orders),)),
        Section("How was it tested?", (_splits(choice), _cuts(choice), found)),
    ]
    for one in by_kind:
        title = f"Who finds more {one}?"
        steps.append(Section(title, tuple(_judged(choice, one, decisions[one]))))
    shown = table["user_id"].iloc[:1].tolist()
    example = as_words(table[table["user_id"].isin(shown)], ["user_id", "item_id"])
    steps.append(Section("What a list looks like", (_about(kind, table), example)))
    steps.append(Section("What this rests on", _assumptions(choice)))
    return tuple(steps)


def _receipt(orders):
    receipt = orders.receipt
    return receipt.reset_index() if receipt.index.name else receipt


def _splits(choice):
    n = len(choice.cuts)
    return (
        "At each cut a model learns from what was bought before it, and is judged by "
        "what the same customers buy until the next. "
        f"The first {n - 1} cuts chose the settings and the model. The last was opened "
        "once, for one comparison of each kind."
    )


def _cuts(choice):
    cuts = choice.cuts.copy()
    for name in ("cut", "end"):
        cuts[name] = cuts[name].dt.strftime("%Y-%m-%d")
    return cuts


def _judged(choice, kind, sentence):
    table = models(choice)
    table = table[table["kind"] == kind].drop(columns="kind").reset_index(drop=True)
    yield sentence
    yield (
        f"Hits are products of the lists that 100 customers {WHAT[kind]} in the last "
        f"window. The difference is to {TO_BEAT[kind]}, customer by customer. Only the "
        "row of the chosen model was decided on before: the best of the others owes "
        "part of its lead to luck."
    )
    yield table
    yield _differences(table, kind)
    yield _over_time(choice, kind)


def _differences(table, kind):
    rows = table[table["model"] != TO_BEAT[kind]].iloc[::-1]

    def draw(ax):
        from recbook.plots import COLORS  # here: a plain install has no Matplotlib

        for place, row in enumerate(rows.itertuples()):
            color = COLORS["ours" if row.chosen else "baseline"]
            if np.isfinite(row.low):
                ax.plot([row.low, row.high], [place, place], color=color, lw=2)
            ax.plot(row.difference, place, "o", color=color)
        ax.axvline(0, color="black", lw=0.8)
        ax.set_yticks(range(len(rows)), list(rows["model"]))
        ax.set_ylim(-0.6, len(rows) - 0.4)
        ax.set_xlabel(f"hits of 100 customers beyond {TO_BEAT[kind]}")

    ends = "; ".join(
        f"{row.model} {amount(row.difference, 2, sign=True)}"
        for row in rows.itertuples()
    )
    caption = (
        f"Hits beyond {TO_BEAT[kind]} at the last cut, with 95 % intervals; the chosen "
        "model in blue."
    )
    return Chart(f"models_{kind}", caption, f"Beyond {TO_BEAT[kind]}: {ends}.", draw)


def _over_time(choice, kind):
    lines = over_time(choice, kind)

    def draw(ax):
        from recbook.plots import COLORS

        for name, line in lines.items():
            color = COLORS[COLOR.get(name, "baseline")]
            dashes = "--" if name in BASELINES else "-"
            ax.plot(line.index, line.to_numpy(), dashes, marker="o", color=color,
                    label=name)  # fmt: skip
        ax.axvline(choice.cuts["cut"].iloc[-1], color="black", lw=0.8, ls=":")
        ax.set_ylim(bottom=0)
        ax.set_xticks(choice.cuts["cut"], choice.cuts["cut"].dt.strftime("%Y-%m-%d"))
        ax.set_xlabel("cut")
        ax.set_ylabel("hits of 100 customers")
        ax.legend()

    ends = "; ".join(
        f"{name} from {amount(line.iloc[0], 2)} to {amount(line.iloc[-1], 2)}"
        for name, line in lines.items()
    )
    caption = (
        "Hits at each cut, with the settings chosen at the first ones; the dotted "
    )
    return Chart(f"cuts_{kind}", caption + "line marks the last.", f"{ends}.", draw)


def over_time(choice, kind):
    """Return {model: hits by cut} with the chosen settings of each model."""
    rows = choice.table[
        (choice.table["kind"] == kind) & (choice.table["metric"] == "precision")
    ]
    lines = {}
    for row in rows.itertuples():
        earlier = choice.earlier[
            (choice.earlier["kind"] == kind)
            & (choice.earlier["model"] == row.model)
            & (choice.earlier["settings"] == row.settings)
        ].set_index("cut")["mean"]
        line = pd.concat([earlier, pd.Series({choice.cuts["cut"].iloc[-1]: row.mean})])
        lines[row.model] = 100 * choice.k * line
    return lines


def _about(kind, table):
    n = table["user_id"].nunique()
    what = (
        "products that they have not bought" if kind == "discoveries" else "their own"
    )
    return (
        f"The file list.csv has {whole(len(table))} rows for {whole(n)} customers, "
        f"with {what}. The first customer's:"
    )


def _assumptions(choice):
    return (
        "The interval speaks of other customers in the same weeks, not of another "
        "season or another range of products.",
        "A model is sent only where the interval of its lead is above 0: a lead that "
        "just passes is on average too high. How often the interval is right was "
        "measured for one model with one setting (95 %), and not for one chosen.",
        "What customers bought without these lists is what is counted. How much more "
        "they buy because of them, only a test with a control group shows.",
        "Customers who bought nothing before the last cut are not measured. Products "
        "that nobody had bought before it can be in no list, and count as missed.",
    )
