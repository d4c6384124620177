"""The steps of the report on a test: sentences, tables, charts."""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from recbook.marketing import experiments
from recbook.marketing.base import NORMAL_975
from recbook.report.base import Chart, Section
from recbook.report.wording import number, points, span

__all__ = ["NO_TABLE", "estimates", "next_sizes", "refusal", "sections"]

COLUMNS = ["estimate", "difference", "low", "high", "standard error", "p"]
COLUMNS += ["lift %", "lift low %", "lift high %"]
NO_TABLE = pd.DataFrame(columns=COLUMNS)
UNITS = "in units of the outcome"
LIFTS = (0.02, 0.05, 0.1, 0.2)  # for which the next test is planned


def estimates(readings):
    """Return the table of estimates: differences in units of the outcome."""
    rows = []
    for means, value, low, high, lift in readings:
        effect = means.effect
        ends = [100 * end for end in lift or (np.nan, np.nan, np.nan)]
        rows.append(
            [means.name, value, low, high, effect.standard_error, effect.p, *ends]
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def next_sizes(units, means, smallest, z=NORMAL_975):
    """Return how many units each arm needs, for some effects, at a power of 80 %.

    The interval of the next test has z standard errors, as that of this one.
    """
    control = means.values[1]
    wanted = [] if smallest is None else [("the smallest that counts", abs(smallest))]
    if control > 0:
        wanted += [
            (f"{100 * lift:.0f} % of the control", lift * control) for lift in LIFTS
        ]
    if not any(means.noise):
        wanted = []
    rows = []
    for name, effect in wanted:
        alpha = 2 * float(ndtr(-z))
        needed = experiments.sample_size(effect, means.noise, alpha=alpha)
        rows.append([name, effect, needed, needed / min(units.sizes)])
    heads = ["effect", UNITS, "needed in each arm", "times this test"]
    return pd.DataFrame(rows, columns=heads)


def refusal(sentence, units):
    """Return the steps of a report that ends before an estimate."""
    return (
        Section("Can the arms be compared?", (sentence, _arms(units, totals=True))),
    )


def sections(units, readings, sizes, decision, detectable, settings):
    """Return the steps of the report, in their order."""
    scale, unit = points(units.binary)
    last = readings[-1]
    plan = (
        f"With {number(min(units.sizes))} {units.name}s in the smaller arm, a true "
        f"difference of {number(scale * detectable)}{unit} is found four times in "
        "five. Half the effect needs four times as many."
    )
    compare = "The arms, before anything is concluded from them."
    found = [_said(units, reading) for reading in readings]
    if last.lift is None:
        found.append(
            "There is no relative lift: the control mean is too near 0, or below it, "
            "for a percentage of it to mean anything."
        )
    blocks = [plan, _shown(sizes, scale)] if len(sizes) else [plan]
    table = estimates(readings)
    return (
        Section("Can the arms be compared?", (compare, _arms(units))),
        Section("Did it work?", (decision, *found, _chart(units, readings), table)),
        Section("Was it large enough, and how large next?", tuple(blocks)),
        Section("What this rests on", _assumptions(units, settings)),
    )


def _said(units, reading):
    scale, unit = points(units.binary)
    found = span(reading.effect, reading.low, reading.high, scale)
    name = {"plain": "Plain", "ratio": "Ratio of sums"}.get(reading.means.name, "CUPED")
    return f"{name} difference: {found.replace(' (', f'{unit} (', 1)}."


def _arms(units, totals=False):
    """Return a row for each arm: its units, and the mean of its outcome."""
    rows = []
    for arm, name in zip((units.treated, ~units.treated), units.arms, strict=True):
        n, y = int(arm.sum()), units.y[arm]
        row = {"arm": name, f"{units.name}s": n}
        if not totals and units.denominator is not None:
            row["counted on"] = units.denominator[arm].sum()
            row[units.outcome] = y.sum() / units.denominator[arm].sum()
        elif not totals:
            row |= {f"mean of {units.outcome}": y.mean(), "deviation": y.std(ddof=1)}
        rows.append(row)
    return pd.DataFrame(rows)


def _shown(sizes, scale):
    """Return the table of sizes as a page shows it."""
    if scale == 1:
        return sizes
    shown = sizes.assign(**{UNITS: scale * sizes[UNITS]})
    return shown.rename(columns={UNITS: "in points"})


def _chart(units, readings):
    scale, unit = points(units.binary)

    def draw(ax):
        from recbook.plots import COLORS  # here: a plain install has no Matplotlib

        for row, reading in enumerate(readings):
            color = COLORS["ours" if row == len(readings) - 1 else "baseline"]
            reach = scale * (reading.high - reading.effect)
            ax.errorbar(scale * reading.effect, row, xerr=reach, fmt="o", color=color,
                        capsize=3)  # fmt: skip
        ax.axvline(0, color="black", lw=0.8)
        ax.set_yticks(range(len(readings)), [r.means.name for r in readings])
        ax.set_ylim(-0.6, len(readings) - 0.4)
        ax.set_xlabel(f"difference in {units.outcome}{',' + unit if unit else ''}")

    last = readings[-1]
    ends = span(last.effect, last.low, last.high, scale)
    caption = "The difference of the arms with its interval; the line is no difference."
    alt, height = f"{last.means.name}: {ends}{unit}.", 1.3 + 0.45 * len(readings)
    return Chart("effect", caption, alt, draw, height)


def _assumptions(units, settings):
    sentences = [
        f"The arm of one {units.name} changes only the outcome of that {units.name}. "
        "Where arms share a budget, a stock or an audience, the difference is not the "
        "effect of a roll-out.",
        "The outcome was chosen before the test. One that was picked among k needs p "
        "below .05/k, and so does a segment.",
    ]
    if settings["looks"] is None:
        alarms = 100 * experiments.false_positives(5)
        sentences.append(
            "How often did somebody look, and could have ended the test? The report "
            "does not know, and the interval is that of one look. After five looks at "
            f"it, {alarms:.0f} % of tests without an effect raise a false alarm, so it "
            f"is an interval of {100 - alarms:.0f} % and not of 95 %. Say how often."
        )
    if settings["before"] is not None:
        sentences.append(
            f"The column {settings['before']} was fixed before the first {units.name} "
            "was assigned. A number that the test has changed takes away part of the "
            "effect."
        )
    return tuple(sentences)
