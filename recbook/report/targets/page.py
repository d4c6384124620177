"""The steps of the report on letters: sentences, tables, charts."""

import numpy as np
import pandas as pd

from recbook.report.base import Chart, Section
from recbook.report.targets.checks import row
from recbook.report.targets.forecast import LENGTHS
from recbook.report.wording import euros, interval, number, percent

__all__ = ["average_table", "left_out", "plans_table", "refused", "sections", "works"]

PLANS = {
    "everybody": "everybody, as far as the budget goes",
    "response": "by response with a letter",
    "spend": "by what they spent so far",
    "T": "by effect, T-learner",
    "DR": "by effect, DR-learner",
}
MORE = "more than everybody"
SHOWN = 8  # features in the table of who is on the list
BALANCED = 5  # and in that of balance


def left_out(columns):
    """Return a row of checks for each column that is no feature, and why."""
    return [
        row("left out", str(name), "note", f"a column {why}: no feature")
        for name, why in columns.items()
    ]


def refused(sentence):
    """Return the steps of a report that ends early."""
    return (Section("Why there is no list", (sentence,)),)


def average_table(trial, average):
    """Return the average effect as a table."""
    scale = 1 if trial.amounts else 100
    unit = "" if trial.amounts else ", points"
    rows = [
        (f"effect on {trial.outcome}{unit}", average.effect, scale),
        ("euros of a letter, after its cost", average.euros, 1),
    ]
    found = [
        (name, scale * e.value, scale * e.interval[0], scale * e.interval[1])
        for name, e, scale in rows
    ]
    return pd.DataFrame(found, columns=["average", "value", "low", "high"])


def works(trial, average, settings):
    """Return the step on the average effect, beside what pays for a letter."""
    table = average_table(trial, average)
    if trial.amounts:
        even = f"{number(average.break_even)} of {trial.outcome}"
    else:
        even = f"{number(100 * average.break_even)} points"
    low, high = average.euros.interval
    word = "holds 0: on average it may earn or lose"
    if low > 0:
        word = "is above 0: on average it pays"
    elif high < 0:
        word = "is below 0: on average it loses money"
    return Section(
        "Does the letter work?",
        (
            f"A letter costs {euros(settings['cost'])}, which an effect of {even} pays "
            f"for. The interval of its profit, {interval(low, high)} €, {word}.",
            table,
        ),
    )


def plans_table(judged, plan):
    """Return the plans with their forecasts, and each beside everybody."""
    rows = [("nobody", 0, 0.0, 0.0, 0.0, *_beside(judged, None))]
    for kind, name in PLANS.items():
        if kind in judged.names:
            effect = judged.forecast(kind)
            rows.append((name, round(judged.length(kind)), effect.value,
                         *effect.interval, *_beside(judged, kind)))  # fmt: skip
    heads = ["plan", "letters", "profit €", "low €", "high €", f"{MORE} €"]
    heads += [f"{MORE}, low €", f"{MORE}, high €"]
    table = pd.DataFrame(rows, columns=heads)
    chosen = {"list": PLANS["DR"], "everybody": PLANS["everybody"], "nothing": "nobody"}
    table[""] = np.where(table["plan"] == chosen.get(plan.kind, ""), "◀", "")
    table.attrs["caption"] = (
        "What each plan will earn, on people from whom it was not learnt."
    )
    return table


def _beside(judged, kind):
    """Return how much more a plan earns than a letter to everybody."""
    if kind == "everybody":
        return 0.0, 0.0, 0.0
    if kind is None:
        effect = judged.forecast("everybody")
        return -effect.value, -effect.interval[1], -effect.interval[0]
    effect = judged.forecast(kind, "everybody")
    return effect.value, *effect.interval


def sections(trial, everyone, judged, average, plan, listed, table, numbers, settings):
    """Return the steps of the report, in their order."""
    n = len(everyone.margin)
    found = [
        Section("Was it randomised?", (arms_of(trial), balance(trial))),
        works(trial, average, settings),
        Section("Whom to write to?", (*whom(judged, plan, numbers), table)),
        Section("How many?", (profit_chart(judged, n, numbers), price(plan, settings))),
    ]
    if listed is not None:
        found += [
            Section("Who is on the list?", who(everyone, plan)),
            Section("How will you know?", (holdout(numbers["season"]),)),
        ]
    return (*found, Section("What this rests on", (assumptions(settings),)))


def arms_of(trial):
    """Return the arms of the trial, those without consent left out."""
    rows = [
        (name, int(arm.sum()), trial.y[arm].mean())
        for name, arm in zip(trial.arms, (trial.treated, ~trial.treated), strict=True)
    ]
    return pd.DataFrame(rows, columns=["arm", "people", f"mean of {trial.outcome}"])


def balance(trial):
    """Return the features in which the arms differ most, in standard deviations."""
    table, arms = trial.table, (trial.treated, ~trial.treated)
    one, other = (table[arm].mean() for arm in arms)
    size = ((one - other) / table.std().replace(0, np.nan)).fillna(0.0)
    names = size.abs().sort_values(ascending=False, kind="stable").index[:BALANCED]
    found = pd.DataFrame({
        "feature": names,
        f"mean, {trial.arms[0]}": one[names].to_numpy(),
        f"mean, {trial.arms[1]}": other[names].to_numpy(),
        "difference, deviations": size[names].to_numpy(),
    })  # fmt: skip
    found.attrs["caption"] = "The features in which the arms differ most."
    return found


def whom(judged, plan, numbers):
    """Return sentences on how the plans were compared, and on the list's promise."""
    yield (
        "The list by the DR-learner was the candidate, and a letter to everybody the "
        "plan that it has to beat. Both were fixed before a forecast was made; the "
        "other rows are there to be compared, and the intervals of those by response "
        "and by the T-learner are a little narrow. Ten times a list was learnt from "
        "nine tenths of the trial's people and judged on the last tenth."
    )
    ahead = judged.forecast("DR", "everybody")
    low, high = ahead.interval
    shown = "is shown" if low > 0 else "is not shown"
    yield (
        f"The list {shown} to earn more than a letter to everybody: on the same people "
        f"the difference of both profits is {euros(ahead.value)} ({euros(low)} to "
        f"{euros(high)})."
    )
    if plan.kind != "nothing":
        yield (
            f"By its own estimates it would earn {euros(numbers['promise'])}, and "
            f"{euros(numbers['forecast']['value'])} are forecast: the effects in the "
            "list are scaled so that they add up to the forecast."
        )


def price(plan, settings):
    """Return the sentence on the price of the next euro."""
    if settings["budget"] is None:
        return "Without a budget the list holds all whose letter is estimated to pay."
    if plan.multiplier == 0:
        return "The budget pays for all whose letter is estimated to pay."
    return (
        f"The next euro of the budget would bring {euros(1 + plan.multiplier)}, by the "
        f"list's own estimates: {euros(plan.multiplier)} more than it costs."
    )


def profit_chart(judged, n, numbers):
    """Return the chart of the profit by the length of the list, with its band."""
    effects = [judged.forecast(share) for share in LENGTHS]
    length = np.append(0, LENGTHS * n)
    middle = np.append(0, [effect.value for effect in effects])
    low, high = (np.append(0, [e.interval[side] for e in effects]) for side in (0, 1))
    best = int(middle.argmax())

    def draw(ax):
        from recbook.plots import COLORS  # here: a plain install has no Matplotlib

        color = COLORS["ours"]
        ax.fill_between(length, low, high, color=color, alpha=0.18, lw=0)
        ax.plot(length, middle, color=color)
        ax.axhline(0, color="black", lw=0.8)
        if numbers["verdict"] == "list":
            ax.axvline(numbers["letters"], color=COLORS["baseline"], ls=":", lw=1.5)
        ax.xaxis.set_major_formatter("{x:,.0f}")
        ax.yaxis.set_major_formatter("{x:,.0f}")
        ax.set(xlim=(0, n), xlabel="letters", ylabel="profit, €")

    dotted = " Dotted: the list." if numbers["verdict"] == "list" else ""
    return Chart(
        "profit",
        "Forecast profit of letters to the first people by estimated effect, with a "
        f"95 % band for each length.{dotted}",
        f"A curve from 0 that is highest, at {euros(middle[best])}, with "
        f"{length[best]:,.0f} letters and ends at {euros(middle[-1])} with {n:,.0f}.",
        draw,
    )


def who(everyone, plan):
    """Return who is on the list: the features that differ most from everybody."""
    table, on = everyone.table, plan.on
    if on.all():
        return ("Everybody is.",)
    spread = table.std().replace(0, np.nan)
    gap = ((table[on].mean() - table.mean()) / spread).fillna(0)
    names = gap.abs().sort_values(ascending=False, kind="stable").index[:SHOWN]
    found = pd.DataFrame({
        "feature": names,
        "mean on the list": table.loc[on, names].mean().to_numpy(),
        "mean of everybody": table[names].mean().to_numpy(),
    })  # fmt: skip
    found.attrs["caption"] = (
        "The features in which the list differs most. The mean of a column of yes and "
        "no is a share."
    )
    return (found,)


def holdout(season):
    """Return the sentence on those held out, and on what they will show."""
    if not season:
        return "One letter alone cannot be compared: nobody is held out."
    told = season["detectable"] <= season["expected"]
    verdict = "is told from 0 four times in five"
    if not told:
        verdict = "is often not told from 0 in one season: repeat it, or hold out more"
    return (
        f"{season['held_out']:,} people of the list, {percent(season['share'], 0)} of "
        "it, are held out at random and get no letter: send is False. Afterwards the "
        "difference of both groups measures the profit of the letters sent to within "
        f"{euros(season['reach'])}. The smallest profit that is found four times in "
        f"five is {euros(season['detectable'])}, so the one expected of them, "
        f"{euros(season['expected'])}, {verdict}."
    )


def assumptions(settings):
    """Return what has to hold, as a list of sentences."""
    return (
        "All features were known before the letter, for everybody as for the trial's "
        "people.",
        "The trial's people are like those who may be written to now, and the next "
        "letter and season are like the trial's.",
        "A letter to one person changes nothing for others.",
        "The lists that were judged have learnt from nine tenths of the people, which "
        "makes the forecast a little low. But only a list with a forecast above 0 is "
        "handed out, which makes it too high where letters hardly pay. Its interval is "
        "of this list, for the letter as a whole, and of no single person.",
        f"Folds, ties and those held out are drawn by the seed {settings['seed']}.",
    )
