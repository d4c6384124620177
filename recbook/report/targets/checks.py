"""Was the letter given at random, and was all that is known of people known before?"""

import re

import numpy as np
import pandas as pd
from scipy.special import ndtr

from recbook.marketing import ctr, experiments
from recbook.report.targets.trial import Refusal
from recbook.report.wording import chance, number, percent

__all__ = ["alike", "balanced", "counted", "known_before", "permitted", "sampled"]

STOP = 0.001  # p below which the report ends
FEWEST = 100  # outcomes in the arm with fewer, below which nobody is told apart
TELLS = 0.95  # AUC above which a column alone reads like the outcome
PERMISSION = re.compile(r"consent|opt.?(in|out)|newsletter|permission|gdpr", re.I)
LATER = ("_after", " after", ".after")


def row(check, found, verdict, meaning):
    """Return a row of ``Report.checks``."""
    return {"check": check, "found": found, "verdict": verdict, "meaning": meaning}


def sampled(trial, share):
    """Check that the arms have the sizes that were planned; equal ones by default."""
    one, other = trial.sizes
    planned = 0.5 if share is None else share
    p = experiments.sample_ratio([one, other], [planned, 1 - planned])
    found = f"{one:,} : {other:,}, planned {percent(planned, 0)}, {chance(p)}"
    if p < STOP:
        raise Refusal(
            "sample_ratio", one=one, other=other, planned=planned, p=chance(p)
        )
    meaning = "the arms have the sizes that they were meant to have"
    return row("sample ratio", found, "ok", meaning)


def largest_difference(table, one, other=None):
    """Return the feature of the largest standardised difference, it, and its p.

    The difference of two means, over the deviation of both together. p is that of the
    largest of d differences, at most d times that of one (Bonferroni).

    Parameters
    ----------
    table : DataFrame
        Features as numbers.
    one : (n,) bool array
        Who is compared with the rest.
    other : (n,) bool array, optional
        With whom, in place of the rest.

    Examples
    --------
    >>> table = pd.DataFrame({"age": [30.0, 32, 30, 32], "orders": [1.0, 2, 5, 6]})
    >>> name, size, p = largest_difference(table, np.array([True, True, False, False]))
    >>> name, round(float(size), 2)
    ('orders', -1.94)
    """
    values = table.to_numpy()
    arms = values[one], values[~one if other is None else other]
    gap = arms[0].mean(axis=0) - arms[1].mean(axis=0)
    n, m = map(len, arms)
    both = np.concatenate(arms).std(axis=0)
    spread = sum(((arm - arm.mean(axis=0)) ** 2).sum(axis=0) for arm in arms)
    error = np.sqrt(spread / max(n + m - 2, 1) * (1 / n + 1 / m))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(gap == 0, 0.0, np.abs(gap) / error)
        size = np.where(gap == 0, 0.0, gap / both)
    worst = int(z.argmax())
    p = min(1.0, 2 * float(ndtr(-z[worst])) * len(z))
    return str(table.columns[worst]), size[worst], p


def permitted(trial):
    """Return a note for each feature that reads like a permission to write."""
    return [
        row("consent", f"the column {name!r} is a feature", "note",
            "if it says who may be written to, name it as the consent, with its label")
        for name in trial.raw.columns
        if PERMISSION.search(str(name))
    ]  # fmt: skip


def balanced(trial):
    """Check that the arms are alike in what is known of people."""
    name, size, p = largest_difference(trial.table, trial.treated)
    found = f"largest of {trial.table.shape[1]}: {name}, {number(size, 2)} deviations"
    found += f", {chance(p)}"
    if p < STOP:
        raise Refusal("balance", column=name, size=size, p=chance(p))
    return row("balance", found, "ok", "no feature tells the arms apart")


def known_before(trial):
    """Check that no column reads like an outcome, by name or by what it predicts."""
    best, most = "", 0.0
    happened = trial.y != 0
    for name in trial.raw.columns:
        if str(name).lower().endswith(LATER):
            raise Refusal("outcome_name", column=name)
        if (tells := predicts(trial.raw[name], happened)) > most:
            best, most = name, tells
    if most > TELLS:
        raise Refusal("outcome_like", column=best, auc=most)
    found = f"best of {trial.raw.shape[1]}: {best}, AUC {number(most, 2)}"
    meaning = "no column alone predicts the outcome as only the outcome itself can"
    return row("known before the letter", found, "ok", meaning)


def predicts(values, happened):
    """Return the AUC of one column as a prediction, whichever way and if missing.

    Each value of a text column that 30 people have predicts their mean outcome; the
    rarer ones share one.

    >>> happened = np.array([True, False, False, True])
    >>> float(predicts(pd.Series([1.0, 2.0, 3.0, 1.0]), happened))
    1.0
    """
    if happened.all() or not happened.any():
        return 0.5
    gone = values.isna().to_numpy()
    scores = [gone.astype(float)]
    if pd.api.types.is_numeric_dtype(values):
        score = values.to_numpy(dtype=np.float64, na_value=np.nan)
        middle = np.nanmedian(score) if not gone.all() else 0.0
        scores.append(np.where(gone, middle, score))
    else:
        words = values.astype(object).where(~gone, None).map(str)
        often = words.map(words.value_counts()) >= min(30, len(words) / 2)
        groups = words.where(often, "\0")
        scores.append(pd.Series(happened).groupby(groups).transform("mean").to_numpy())
    return max(abs(ctr.auc(happened, score) - 0.5) for score in scores) + 0.5


def counted(trial):
    """Return the row of how many outcomes there are, and whether they are enough."""
    fewest = least(trial)
    found = f"{fewest:,} in the arm with fewer"
    if fewest >= FEWEST:
        return row("outcomes", found, "ok", "enough to tell people apart"), True
    return row("outcomes", found, "stop", "too few to tell people apart"), False


def least(trial):
    """Return the outcomes in the arm with fewer: of yes and no, the rarer."""
    happened = trial.y != 0
    arms = [happened[arm] for arm in (trial.treated, ~trial.treated)]
    if trial.amounts:
        return min(int(arm.sum()) for arm in arms)
    return min(min(int(arm.sum()), int((~arm).sum())) for arm in arms)


def alike(trial, everyone):
    """Return the row of whether the trial's people are like everybody."""
    both = pd.concat([trial.table, everyone.table], ignore_index=True)
    first = np.arange(len(both)) < len(trial.y)
    name, size, p = largest_difference(both, first)
    found = f"{name}: {number(size, 2)} deviations"
    if p < STOP and abs(size) > 0.1:
        meaning = "the forecast is for people like those of the trial: judge whether "
        return row("trial and everyone", found, "note", meaning + "everybody is")
    return row("trial and everyone", found, "ok", "the trial's people are like all")
