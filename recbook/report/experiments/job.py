"""The report on a test: what was checked, what was found, in one sentence."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from recbook._core.validate import check_number, check_positive_int
from recbook.marketing import experiments
from recbook.marketing.base import NORMAL_975
from recbook.report.base import Report
from recbook.report.experiments import checks, estimates, pages
from recbook.report.experiments.units import read_units
from recbook.report.wording import number, points, span

__all__ = ["experiment"]

MOST_LOOKS = 500
POWER = 0.8


class Reading(NamedTuple):
    """One estimate with its interval, for the looks that were taken."""

    means: estimates.Means
    effect: float
    low: float
    high: float
    lift: tuple | None


def experiment(
    frame,
    unit,
    group,
    outcome,
    before=None,
    denominator=None,
    share=0.5,
    looks=None,
    smallest=None,
) -> Report:
    """Say whether a test of two arms worked, by how much, and how surely.

    Checks come first: a unit in both arms, rows that are no units, a sample ratio that
    was not planned or a ``before`` that differs end the report. Then the difference
    of the arms with its 95 % interval, by :func:`recbook.marketing.experiments.\
difference`, with ``before`` by CUPED, with ``denominator`` by the delta method over
    units; and the relative lift with Fieller's interval, which holds 0 exactly if the
    interval of the difference does.

    Parameters
    ----------
    frame : DataFrame
        One row for each unit, or with ``denominator`` several. A table of pandas,
        polars or Arrow, or a dict of columns.
    unit : str
        Column of what was randomised, such as the customer.
    group : tuple or str
        ``("arm", "B")``: column and label of the treated arm. Where there are more than
        two arms, ``("arm", "B", "A")`` names the control group, too, and the rows of
        other arms are left out. Or a column of True and False.
    outcome : str or tuple
        A column of numbers or bools, or a column and the label that counts as 1, such
        as ``("bought", "Y")``.
    before : str, optional
        A column of numbers from *before* the test, such as what was spent in the season
        before. It may be missing for some.
    denominator : str or 1, optional
        A column of what the outcome is counted on, such as visits: the ratio of sums is
        compared. 1 counts rows. Not together with ``before``.
    share : float
        Planned fraction of units in the treated arm, among the two.
    looks : int, optional
        How often somebody looked and could have ended the test, the last look included,
        in about equal steps. The interval then has Pocock's bound in place of 1.96.
    smallest : float, optional
        The smallest effect that would change the decision, in units of the outcome
        (0.005 is half a point): the next test is planned for it.

    Returns
    -------
    Report
        Its ``table`` has a row for each estimate, and the last decides. There is no
        list.

    Raises
    ------
    ValueError
        For a column or label that is not there, a missing value other than in
        ``before``, more than two arms without a control group, or a number out of its
        range.

    References
    ----------
    Kohavi, Tang and Xu (2020); Fieller (1954); Deng et al. (2013).

    Examples
    --------
    >>> arm = ["B"] * 4000 + ["A"] * 4000
    >>> y = ["Y"] * 320 + ["N"] * 3680 + ["Y"] * 260 + ["N"] * 3740
    >>> trial = {"customer": range(8000), "arm": arm, "bought": y}
    >>> print(experiment(trial, "customer", ("arm", "B"), ("bought", "Y")).decision)
    More bought = Y with B than with A: +1.5 points (0.4 to 2.6), +23 % (5 to 44), if \
this was the only look.
    """
    share = check_number("share", share, above=0, below=1)
    if looks is not None and check_positive_int("looks", looks) > MOST_LOOKS:
        raise ValueError(f"looks is {looks}: with over {MOST_LOOKS} looks use "
                         "experiments.confidence_sequence")  # fmt: skip
    if smallest is not None and check_number("smallest", smallest) == 0:
        raise ValueError("smallest is 0, which no test finds: leave it out")
    if before is not None and denominator is not None:
        raise ValueError(
            f"before ({before!r}) adjusts a mean of units, and denominator "
            f"({denominator!r}) makes a ratio: give one of them"
        )
    if before is not None and before in (outcome, *np.atleast_1d(outcome)):
        raise ValueError(
            f"before is {before!r}, the outcome itself: name a column from before the "
            "test, or leave it out"
        )
    settings = {"unit": unit, "group": group, "outcome": outcome, "before": before}
    settings |= {"denominator": denominator, "share": share, "looks": looks}
    settings |= {"smallest": smallest}
    units = read_units(frame, unit, group, outcome, before, denominator)
    sentence, row = checks.rows_of(units, group)
    rows = [row]
    if not sentence:
        sentence, more = checks.first_refusal(units, share, before)
        rows += more
    if sentence:
        return _refused(sentence, units, rows, settings)
    return _answered(units, rows, settings)


def _refused(sentence, units, rows, settings):
    sections = pages.refusal(sentence, units)
    numbers = {"units": list(units.sizes)}
    return Report("experiment", sentence, True, _table(rows), pages.NO_TABLE,
                  sections=sections, numbers=numbers, settings=settings)  # fmt: skip


def _answered(units, rows, settings):
    looks, smallest = settings["looks"], settings["smallest"]
    z = NORMAL_975 if looks in (None, 1) else float(experiments.bounds(looks)[-1])
    readings = [_read(means, z) for means in _estimates(units)]
    last = readings[-1]
    detectable = float((z + ndtri(POWER)) * last.means.effect.standard_error)
    rows = rows + checks.notes(units, last.means, smallest, looks, detectable)
    sizes = pages.next_sizes(units, last.means, smallest, z)
    decision = _decision(units, last, detectable, looks)
    numbers = {
        "units": list(units.sizes),
        "difference": {"value": last.effect, "low": last.low, "high": last.high},
        "lift": None,
        "p": last.means.effect.p,
        "minimum_detectable_effect": detectable,
    }
    if last.lift:
        ends = dict(zip(("value", "low", "high"), last.lift, strict=True))
        numbers["lift"] = ends
    sections = pages.sections(units, readings, sizes, decision, detectable, settings)
    table = pages.estimates(readings)
    return Report("experiment", decision, False, _table(rows), table,
                  sections=sections, numbers=numbers, settings=settings)  # fmt: skip


def _estimates(units):
    """Return the estimates of the difference, the one that decides last."""
    if units.denominator is not None:
        return [estimates.means_of_ratio(units.y, units.denominator, units.treated)]
    found = [estimates.means_of(units.y, units.treated)]
    if units.before is not None and np.isfinite(units.before).any():
        args = units.y, units.treated, units.before
        found.append(estimates.means_with_before(*args))
    return found


def _read(means, z):
    effect = means.effect
    reach = z * effect.standard_error
    ends = effect.value - reach, effect.value + reach
    return Reading(means, effect.value, *ends, estimates.lift(means, z))


def _decision(units, reading, detectable, looks):
    """Return the answer in one sentence; that nothing was shown is never no effect."""
    scale, unit = points(units.binary)
    found = span(reading.effect, reading.low, reading.high, scale)
    found = found.replace(" (", f"{unit} (", 1)
    one, control = units.arms
    if reading.low <= 0 <= reading.high:
        missed = f"{number(scale * detectable)}{unit}"
        return (
            f"Nothing was shown: {units.outcome} with {one} less that with {control} "
            f"is {found}, and a true difference of {missed} would be found four times "
            "in five, a smaller one more seldom."
        )
    word = "More" if reading.effect > 0 else "Less"
    lifted = ", without a percentage, since the control mean is too near 0"
    if reading.lift:
        lifted = f", {span(*reading.lift, 100).replace(' (', ' % (', 1)}"
    only = ", if this was the only look" if looks is None else ""
    return (
        f"{word} {units.outcome} with {one} than with {control}: {found}{lifted}{only}."
    )


def _table(rows):
    return pd.DataFrame(rows, columns=["check", "found", "verdict", "meaning"])
