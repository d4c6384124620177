"""How one will know: who is held out at random, and what they will be able to show."""

import math

import numpy as np
import pandas as pd

from recbook._core.validate import generator
from recbook.marketing.base import NORMAL_975

__all__ = ["list_of", "people_needed", "season_of"]

POWER = NORMAL_975 + 0.8416212335729143  # standard errors found four times in five
HOLDOUTS = (0.05, 0.1, 0.2, 0.3, 0.5)
USUAL = 0.1  # where none of them can tell the forecast from 0


def season_of(trial, judged, kind, n, value):
    r"""Return how many to hold out, and what the season will be able to show.

    The profit of :math:`n_1` letters is measured by
    :math:`n_1 (\bar y_1 - \bar y_0) - c\, n_1` in euros, beside :math:`n_0` people of
    the list who got none. Its error is

    .. math:: \mathrm{se} = n_1 \sqrt{v_1 / n_1 + v_0 / n_0}

    with the variances of the trial's people who would have been on the list. The
    smallest of ``HOLDOUTS`` is taken with which the forecast is told from 0 four times
    in five; the next trial has a half.

    Parameters
    ----------
    trial : Trial
        Gives the variances.
    judged : Judged
        Says who of it would have been on the list.
    kind : str
        The decision.
    n : int
        Length of the list.
    value : float
        Forecast of the whole list in euros.

    Returns
    -------
    dict
        Empty where there is nothing to send, or one letter. ``share``, ``held_out``
        (people), and in euros ``expected`` (of the letters
        sent), ``reach`` (half of the 95 % interval) and ``detectable``.
    """
    if kind == "nothing" or n < 2:  # one alone cannot be compared
        return {}
    weight = judged.listed if kind != "everybody" else np.ones(len(trial.y))
    variances = [
        variance(trial, weight, arm) for arm in (trial.treated, ~trial.treated)
    ]
    for share in HOLDOUTS if kind != "trial" else (0.5,):
        found = shown_by(share, n, value, variances)
        if found["detectable"] <= found["expected"] or kind == "trial":
            return found
    return shown_by(USUAL, n, value, variances)


def variance(trial, weight, arm):
    """Return the variance of the euros of an arm, by weight; of all if few have any."""
    euros = (trial.y * trial.margin)[arm]
    weight = weight[arm] if weight[arm].sum() >= 30 else np.ones(len(euros))
    mean = np.average(euros, weights=weight)
    return float(np.average((euros - mean) ** 2, weights=weight))


def shown_by(share, n, value, variances):
    """Return what a share of n people held out will show.

    >>> found = shown_by(0.1, 1000, 500.0, (9.0, 9.0))
    >>> found["held_out"], found["expected"], round(found["reach"])
    (100, 450.0, 558)
    """
    out = min(max(round(share * n), 1), n // 2)
    sent = n - out
    error = sent * math.sqrt(variances[0] / max(sent, 1) + variances[1] / out)
    return {
        "share": share,
        "held_out": out,
        "expected": value * sent / n,
        "reach": NORMAL_975 * error,
        "detectable": POWER * error,
    }


def list_of(everyone, on, effect, cost, held_out, seed):
    """Return the list: ids as read, who is held out, effect and expected euros."""
    rows = np.flatnonzero(on)
    send = np.ones(len(rows), dtype=np.bool)
    send[generator(seed).spawn(2)[1].permutation(len(rows))[:held_out]] = False
    ids = everyone.ids.iloc[rows].reset_index(drop=True)
    added = effect[rows]
    return pd.DataFrame({
        ids.name: ids,
        "send": send,
        "effect": added,
        "expected": added * everyone.margin[rows] - cost,
    })  # fmt: skip


def people_needed(n, error, smallest):
    r"""Return how many people tell ``smallest`` euros from 0, from n with this error.

    .. math:: N = n\, (1.96 + .84)^2\, \mathrm{se}^2 / \text{smallest}^2

    >>> people_needed(1000, 100.0, 280.0)
    1002
    """
    return math.ceil(n * (POWER * error / smallest) ** 2)
