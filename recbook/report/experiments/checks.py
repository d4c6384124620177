"""What stands in the way of an answer, and what a reader should know beside it."""

import math

import numpy as np
import pandas as pd

from recbook.marketing import experiments
from recbook.report.wording import chance, number, points

__all__ = ["REFUSALS", "first_refusal", "notes", "rows_of"]

REFUSALS = {
    "both_arms": "Nothing can be concluded: {n} of the {unit}s are in both arms. See "
    "how the arm was logged; throwing them out would compare what is left of them.",
    "rows": "Nothing can be concluded yet: the table has {rows} rows of {units} "
    "{unit}s, and rows of one {unit} are not independent. Either add up by {unit}, "
    "{way}, or count on rows, with a denominator of 1, or on a column such as visits, "
    "with the error counted over {unit}s.",
    "too_few_units": "Nothing can be concluded: {arm} has {n} {unit}s, and an error "
    "needs at least ten in each arm.",
    "sample_ratio": "Nothing can be concluded: {sizes} cannot be the arms that were "
    "planned (p = {p:.2g}). Look for what lost or added {unit}s in one arm, and throw "
    "no rows away. If the plan was another split, give the planned share.",
    "never_varies": "Nothing can be concluded: {outcome} is {value} for every {unit}. "
    "See which values the column has, and which of them counts.",
    "follows_arm": "Nothing can be concluded: {outcome} is {one} for every {unit} with "
    "{arm} and {zero} for every one with {control}. Such a column repeats the arm, and "
    "measures nothing.",
    "too_few": "Nothing can be concluded yet: {outcome} differs from its usual value "
    "for only {n} {unit}s in all, and with such arms a normal interval needs at least "
    "{needed}.",
    "no_denominator": "Nothing can be concluded: the denominator is 0 for all of "
    "{arm}, so that there is no ratio.",
    "before_differs": "Nothing can be concluded: {before} already differs between the "
    "arms ({one} with {arm}, {zero} with {control}, p = {p:.2g}). Either the arms were "
    "not assigned at random, or the column was not measured before the test. Only in "
    "the second case leave before= out.",
}
ALARM = 0.001  # p below which arms cannot be what was planned; made in every test
MOVED = 0.01  # p below which the denominator is said to differ
FEWEST = 10  # units in an arm, and outcomes in both where they are of one size
RULE = 355  # skewness squared times this: units that a normal interval wants


def rows_of(units, group):
    """Return the refusal of rows that are no units, or None, and the row of a check."""
    n, words = len(units.y), {"unit": units.name}
    found = f"{number(units.n_rows)} rows of {number(n)} {units.name}s"
    if units.n_both:
        sentence = REFUSALS["both_arms"].format(n=number(units.n_both), **words)
        return sentence, ("unit of the draw", found, "stop", "units in both arms")
    if units.denominator is None and units.n_rows > n:
        words |= {"rows": number(units.n_rows), "units": number(n)}
        words["way"] = _added_up(units, group if isinstance(group, str) else group[0])
        sentence = REFUSALS["rows"].format(**words)
        return sentence, ("unit of the draw", found, "stop", "rows are no units")
    meaning = f"one row for each {units.name}"
    if units.denominator is not None:
        meaning = f"a ratio of sums, with the error counted over {units.name}s"
    return None, ("unit of the draw", found, "ok", meaning)


def _added_up(units, group):
    """Return how to come from rows to units, in code."""
    name, _, label = units.outcome.partition(" = ")
    by, frame = f"groupby([{units.name!r}, {group!r}], as_index=False)", "frame"
    if label:
        frame += f".assign({name}=frame[{name!r}] == {label!r})"
    return f"{frame}.{by}[{name!r}].{'max' if label else 'sum'}()"


def first_refusal(units, share, before):
    """Return the first refusal of the data, or None, and the rows of its checks."""
    rows = []
    for check in (_sizes, _sample_ratio, _outcomes, _before):
        sentence, row = check(units, share, before)
        rows += [row] if row else []
        if sentence:
            return sentence, rows
    return None, rows


def _sizes(units, share, before):
    for arm, n in zip(units.arms, units.sizes, strict=True):
        if n < FEWEST:
            row = "units in each arm", f"{n} in {arm}", "stop", "too few for an error"
            words = {"arm": arm, "n": n, "unit": units.name}
            return REFUSALS["too_few_units"].format(**words), row
    return None, None


def _sample_ratio(units, share, before):
    p = experiments.sample_ratio(units.sizes, [share, 1 - share])
    pairs = zip(units.sizes, units.arms, strict=True)
    sizes = " and ".join(f"{number(n)} in {arm}" for n, arm in pairs)
    found = f"{sizes}, planned {number(100 * share)} % treated, {chance(p)}"
    if p < ALARM:
        words = {"sizes": sizes, "p": p, "unit": units.name}
        row = "sample ratio", found, "stop", "chance does not make such arms"
        return REFUSALS["sample_ratio"].format(**words), row
    return None, ("sample ratio", found, "ok", "arms of the planned sizes")


def _outcomes(units, share, before):
    for arm, name in zip((units.treated, ~units.treated), units.arms, strict=True):
        if units.denominator is not None and not units.denominator[arm].any():
            row = "denominator", f"0 in {name}", "stop", "there is no ratio"
            return REFUSALS["no_denominator"].format(arm=name), row
    values, counts = np.unique(units.y, return_counts=True)
    words = {"outcome": units.outcome, "unit": units.name}
    if len(values) == 1 and units.denominator is None:
        row = "outcomes", f"always {values[0]:g}", "stop", "it never varies"
        return REFUSALS["never_varies"].format(value=f"{values[0]:g}", **words), row
    one, zero = units.y[units.treated], units.y[~units.treated]
    if units.denominator is None and not (np.ptp(one) or np.ptp(zero)):
        words |= {"arm": units.arms[0], "control": units.arms[1]}
        words |= {"one": f"{one[0]:g}", "zero": f"{zero[0]:g}"}
        row = "outcomes", "the same within each arm", "stop", "it repeats the arm"
        return REFUSALS["follows_arm"].format(**words), row
    other = int(len(units.y) - counts.max())
    found = f"{number(other)} of {number(len(units.y))} {units.name}s"
    # Half of them in the smaller arm, if there were no effect: with fewer, an arm that
    # has none by chance would be shown to have less.
    needed = math.ceil(round(FEWEST / 2 / min(share, 1 - share), 9))
    if other < needed:
        row = "outcomes", found, "stop", "too few for a normal interval"
        return REFUSALS["too_few"].format(n=other, needed=needed, **words), row
    usual = f"differ from {values[counts.argmax()]:g}, the most frequent value"
    usual = "it varies" if counts.max() < len(units.y) / 20 else usual
    return None, ("outcomes", found, "ok", usual)


def _before(units, share, before):
    if before is None:
        return None, None
    known = ~np.isnan(units.before)
    name, n_missing = str(before), int((~known).sum())
    if min(known[units.treated].sum(), known[~units.treated].sum()) < 2:
        found = f"missing for {number(n_missing)} {units.name}s"
        return None, ("before the test", found, "note", "too few to adjust with")
    x, treated = units.before[known], units.treated[known]
    gap = experiments.difference(x, treated)
    one, zero = (number(x[arm].mean()) for arm in (treated, ~treated))
    found = f"{name}: {one} and {zero}, {chance(gap.p)}"
    found += f"; missing for {number(n_missing)}" if n_missing else ""
    if gap.p < ALARM:
        words = {"arm": units.arms[0], "control": units.arms[1]}
        words |= {"before": name, "one": one, "zero": zero, "p": gap.p}
        row = "before the test", found, "stop", "the arms differed before, or it is not"
        return REFUSALS["before_differs"].format(**words), row
    meaning = "the arms were alike before"
    if n_missing:
        meaning += ": where it is missing it is the mean of the others, with a flag"
    return None, ("before the test", found, "note" if n_missing else "ok", meaning)


def notes(units, means, smallest, looks, detectable):
    """Return the rows of what does not stop the report."""
    scale, unit = points(units.binary)
    rows = (
        [] if units.binary else [(_tail if units.denominator is None else _base)(units)]
    )
    found, verdict = f"{number(scale * detectable)}{unit} at 80 %", "ok"
    meaning = "the effect that such a test finds four times in five"
    if smallest is not None:
        enough = detectable <= abs(smallest)
        verdict = "ok" if enough else "note"
        wanted = f"{number(scale * abs(smallest))}{unit}"
        meaning = f"{'enough' if enough else 'too small'} for {wanted}, the smallest "
        meaning += "effect that would change the decision"
    rows.append(("minimum detectable effect", found, verdict, meaning))
    rows.append(_looks(looks))
    if units.n_left_out:
        found = f"{number(units.n_left_out)} rows"
        meaning = "not compared here; with k comparisons read each p against .05/k"
        rows.append(("other arms", found, "note", meaning))
    return rows


def _looks(looks):
    if looks is None:
        alarms = 100 * experiments.false_positives(5)
        meaning = f"right for one look; with five looks {alarms:.0f} % false alarms "
        return "looks", "not said", "note", meaning + "in place of 5: say how many"
    if looks == 1:
        return (
            "looks",
            "1",
            "ok",
            "the interval of a test that is read once, at its end",
        )
    bound = experiments.bounds(looks)[-1]
    meaning = f"the interval has {bound:.2f} standard errors in place of 1.96 (Pocock)"
    meaning += "; p is that of one look"
    return "looks", str(looks), "ok", meaning


def _base(units):
    """Return whether the treatment moved what the outcome is counted on."""
    gap = experiments.difference(units.denominator, units.treated)
    one, zero = (
        units.denominator[arm].mean() for arm in (units.treated, ~units.treated)
    )
    found = f"{number(one)} and {number(zero)} for each {units.name}, {chance(gap.p)}"
    if gap.p >= MOVED:
        return "denominator", found, "ok", "alike in both arms"
    meaning = (
        "the treatment may have changed what is counted on, and the ratio with it: "
    )
    return "denominator", found, "note", meaning + "look at the sum of the outcome, too"


def _tail(units):
    """Return how much the largest outcomes decide, and whether a normal may be used."""
    size = np.sort(np.abs(units.y))[::-1]
    share = size[: max(1, len(size) // 100)].sum() / size.sum()
    skewness = abs(float(pd.Series(units.y).skew()))
    wanted = RULE * skewness**2
    found = f"the largest 1 % have {100 * share:.0f} % of the sum"
    if min(units.sizes) >= wanted:
        return "large outcomes", found, "ok", "a normal interval may be used"
    meaning = f"so skewed that a normal interval wants {number(wanted)} in each arm "
    meaning += "(355 skewness²): set a cap before the next test, or count yes and no"
    return "large outcomes", found, "note", meaning
