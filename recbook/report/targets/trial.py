"""What a reader hands in: a trial, and everybody who may be written to."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recbook.marketing.features import Features
from recbook.marketing.uplift import Bins
from recbook.report.columns import arms, column, listed, numbers, outcome, table

__all__ = ["People", "Refusal", "Trial", "read_people", "repeated"]

SPENT = ("spend", "spent", "revenue", "turnover", "umsatz")  # in the name of a column
ADDED = ("send", "effect", "expected")  # to the person's column, in the list


class Refusal(Exception):
    """What the data cannot carry: a key of ``REFUSALS``, and what it names."""

    def __init__(self, key, **facts):
        super().__init__(key)
        self.key, self.facts = key, facts


@dataclass(frozen=True, eq=False)
class People:
    """People with their features.

    Parameters
    ----------
    ids : Series
        As read.
    table : DataFrame
        Their features as numbers, by the names of their columns.
    X : (n, d) array
        The same in bins.
    margin : (n,) array
        Euros for a unit of the outcome.
    spend : (n,) array or None
        What was spent so far, where a column has such a name.
    """

    ids: pd.Series
    table: pd.DataFrame
    X: np.ndarray
    margin: np.ndarray
    spend: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Trial(People):
    """Those who took part, and what they did.

    Parameters
    ----------
    treated : (n,) bool array
        Who got a letter.
    y : (n,) array
        What they did.
    chance : float
        Of a letter.
    arms : tuple of str
        Names of both arms, the treated first.
    outcome : str
        Name of the outcome.
    raw : DataFrame
        The features as read.
    left_out : dict
        Columns that are no features, and why.
    sizes : tuple of int
        People in either arm, those without consent among them.
    """

    treated: np.ndarray
    y: np.ndarray
    chance: float
    arms: tuple
    outcome: str
    raw: pd.DataFrame
    left_out: dict
    sizes: tuple

    @property
    def amounts(self):
        """Whether the outcome is more than yes or no."""
        return not np.isin(self.y, (0, 1)).all()


def read_people(trial, everyone, person, group, outcome_, margin, share, consent,
                features):  # fmt: skip
    """Return the trial, and everybody who may be written to.

    Without ``everyone``, those of the trial are everybody. Those without consent take
    no part, in either table.

    Raises
    ------
    ValueError
        For a column or a label that is not there, values that are missing or no
        numbers, and features that ``everyone`` lacks or holds as another kind.
    Refusal
        Where a person stands twice, or the outcome never varies.
    """
    trial = table("trial", trial)
    treated, present, names = arms(trial, group)
    trial, treated = trial[present].reset_index(drop=True), treated[present]
    everyone = trial if everyone is None else table("everyone", everyone)
    y, counted = outcome(trial, "outcome", outcome_)
    for argument, frame in (("trial", trial), ("everyone", everyone)):
        repeated(argument, column(frame, "person", person))
    if (y == y[0]).all():
        raise Refusal("varies", outcome=counted, value=f"{y[0]:g}")
    if person in ADDED:
        raise ValueError(
            f"person is {person!r}, which the list needs for itself: rename the column"
        )
    used = [person, _name(group), _name(outcome_), _name(consent)]
    used += [margin] if isinstance(margin, str) else []
    chosen = features_among(trial, everyone, features, used)
    sizes = int(treated.sum()), int((~treated).sum())
    allowed = consenting(trial, "trial", consent, needed=False)
    some = trial[allowed], everyone[consenting(everyone, "everyone", consent)]
    trial, everyone = (frame.reset_index(drop=True) for frame in some)
    treated, y = treated[allowed], y[allowed]
    if (y == y[0]).all() or treated.all() or not treated.any():
        raise Refusal("consent", consent=consent)
    (table_, X), (table_all, X_all), left_out = as_features(trial, everyone, chosen)
    margins = margins_of(trial, everyone, person, margin)
    one = trial[person], table_, X, margins[0], _spend(trial, everyone, table_)
    all_ = everyone[person], table_all, X_all, margins[1]
    chance = treated.mean() if share is None else share
    return (
        Trial(*one, treated, y, float(chance), names, counted, trial[chosen], left_out,
              sizes),
        People(*all_, _spend(trial, everyone, table_all)),
    )  # fmt: skip


def _name(wanted):
    """Return the column of ``(column, label)``, or of a column alone."""
    return wanted[0] if isinstance(wanted, tuple | list) and len(wanted) else wanted


def repeated(argument, ids):
    """Refuse a table in which a person stands twice.

    >>> repeated("trial", pd.Series(["007", "7"], name="customer"))
    """
    twice = ids.duplicated().to_numpy()
    if twice.any():
        facts = {"table": argument, "column": ids.name, "person": ids[twice].iloc[0]}
        raise Refusal("twice", **facts, n=int(twice.sum()))


def features_among(trial, everyone, features, used):
    """Return the columns that are features, which both tables must have."""
    if features is None:
        features = [name for name in trial.columns if name not in used]
    features = [features] if isinstance(features, str) else list(features)
    if not features:
        raise ValueError(
            "trial has no column that could be a feature: a list needs to know "
            "something of people, such as their orders so far"
        )
    for name in features:
        if name in used:
            raise ValueError(
                f"features has {name!r}, which is the person, the group, the outcome, "
                "the consent or the margin: leave it out"
            )
        column(trial, "features", name, gaps=True)
    missing = [name for name in features if name not in everyone.columns]
    if missing:
        raise ValueError(
            f"everyone has no column {listed(missing)}, which the trial has: give it "
            "to everyone, or name the columns that both have, features=[...]"
        )
    return features


def consenting(frame, argument, consent, needed=True):
    """Return who may be written to (n,), bools."""
    if consent is None or (not needed and _name(consent) not in frame.columns):
        return np.ones(len(frame), dtype=np.bool)
    yes = outcome(frame, "consent", consent)[0]
    if not np.isin(yes, (0, 1)).all():
        raise ValueError(
            f"consent names the column {_name(consent)!r} of {argument}, which is not "
            "of yes and no: give it with the label of yes, such as ('newsletter', "
            "'yes')"
        )
    if not yes.any():
        raise ValueError(
            f"consent: nobody of {argument} has it in the column {_name(consent)!r}"
        )
    return yes == 1


def as_features(trial, everyone, chosen):
    """Return features and bins of both tables, and what was left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the checks say what is left out
        made = Features().fit(trial[chosen])
    tables = made.transform(trial[chosen]), made.transform(everyone[chosen])
    if not (tables[0] != tables[0].iloc[0]).to_numpy().any():
        raise ValueError(
            f"features: {listed(chosen)} are the same for everybody in the trial, so "
            "that nobody can be told from others"
        )
    bins = Bins(8).fit(tables[0])
    pairs = [(frame, bins.transform(frame)) for frame in tables]
    return *pairs, dict(made.left_out_)


def margins_of(trial, everyone, person, margin):
    """Return the euros of a unit of the outcome, of the trial's people and of all."""
    if not isinstance(margin, str):
        return np.full(len(trial), margin), np.full(len(everyone), margin)
    of_all = numbers(everyone, "margin", margin)
    check_margins("everyone", margin, of_all)
    if margin in trial.columns:
        of_trial = numbers(trial, "margin", margin)
        check_margins("trial", margin, of_trial)
        return of_trial, of_all
    known = pd.Series(of_all, index=everyone[person]).reindex(trial[person])
    if known.isna().any():
        raise ValueError(
            f"margin: trial has no column {margin!r}, and {known.isna().sum():,} of "
            f"its people are not in everyone: give trial the column {margin!r}"
        )
    return known.to_numpy(), of_all


def check_margins(argument, name, values):
    """Raise where a margin is below 0, or all are 0."""
    if (values < 0).any() or not values.any():
        raise ValueError(
            f"margin: the column {name!r} of {argument} has a number below 0, or "
            "nothing but 0: give what a unit of the outcome earns"
        )


def _spend(trial, everyone, features):
    """Return what people spent so far, where a column of numbers is named so."""
    for name in features.columns:
        named = any(word in str(name).lower() for word in SPENT)
        if named and name in trial.columns and name in everyone.columns:
            return features[name].to_numpy()
    return None
