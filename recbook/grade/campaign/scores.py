"""Grade a plan for a campaign by its true profit, and a forecast by its interval."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from recbook.grade.campaign.forecasts import (
    MINE,
    READERS,
    Forecast,
    euros,
    forecast_of,
    mark,
    read_forecasts,
)
from recbook.grade.files import Refused, read_columns, shown, whole_numbers
from recbook.grade.films.scores import Score, drawn_people, gain, middle
from recbook.marketing import uplift
from recbook.marketing.worlds.campaign import ACTIONS, BUDGET, COSTS, LETTER

__all__ = ["CampaignAnswers", "CampaignScore", "grade_campaign"]

GROUPS = 1000  # of customers, drawn anew together
SHARE = "of the best"
TOO_GOOD = 0.9  # of the best plan: those of the book come to three quarters at most
_PLAN = ["customer_id", "action"]
# Points of the rubric for each mark of 1 to 5.
FORECAST_WEIGHT, SCORE_WEIGHT = 3, 1


@dataclass(frozen=True, eq=False)
class CampaignAnswers:
    """What each action truly brings for each customer: the teacher's side.

    Parameters
    ----------
    customers : (n,) int64 array
        Their ids.
    value : (n, 3) float64 array
        Euros beyond doing nothing, all costs taken off; minus infinity for a letter to
        somebody who has not consented.
    baselines : dict of str to (n,) int array
        Actions of the baselines, by name; may be empty.
    name : str
        Name of the data.
    budget : float
        What the actions may cost, in euros.
    width : float
        Of the 95 % interval that the trial gives for the plan that all forecast, in
        euros; NaN if it is not known.

    Examples
    --------
    >>> CampaignAnswers([7], np.array([[0.0, 0.1, 0.5]]), {}, "by hand").best()
    0.5
    """

    customers: np.ndarray
    value: np.ndarray = field(repr=False)
    baselines: dict = field(repr=False)
    name: str
    budget: float = BUDGET
    width: float = np.nan

    def best(self):
        """Return what the best plan within the budget would earn, in euros."""
        worth = np.where(np.isfinite(self.value), self.value, -1.0) + COSTS
        choice = uplift.spend(worth[:, 1:], [COSTS[1:]], self.budget)[0]
        return float(self.value[np.arange(len(choice)), choice + 1].sum())


@dataclass(frozen=True, eq=False)
class CampaignScore(Score):
    """The grade of one plan; its score is the share of the best plan's profit.

    Parameters
    ----------
    profit : float
        What the plan truly earns, in euros.
    best : float
        What the best plan would earn, in euros.
    forecast : Forecast, optional
        What was handed in before the plan was graded.
    readers : Forecast, optional
        Of the plan that all forecast.
    readers_profit, width : float
        What that plan truly earns, and the width of the 95 % interval that the trial
        gives for it, in euros; NaN if there is none.

    Examples
    --------
    >>> people = np.array([0.4, 0.6])
    >>> score = CampaignScore("a.csv", {"of the best": 0.5}, (0.4, 0.6), people)
    >>> score.value
    0.5
    """

    profit: float = 0.0
    best: float = 1.0
    forecast: Forecast | None = None
    readers: Forecast | None = None
    readers_profit: float = np.nan
    width: float = np.nan

    @property
    def rivalry(self):
        """Interval score of the forecast by which a class is ranked; NaN without."""
        if self.readers is None or np.isnan(self.readers_profit):
            return np.nan
        return self.readers.score(self.readers_profit)

    def headline(self):
        """Return the score with its interval, in words."""
        low, high = self.interval
        return (
            f"{euros(self.profit)}, {self.value:.1%} of the best plan's "
            f"{euros(self.best)} (95 % interval {low:.1%} to {high:.1%})"
        )

    def columns(self):
        """Return what a spreadsheet has besides, name to cell."""
        return {
            "profit": self.profit,
            **_cells(self.forecast, self.profit, "forecast", "low", "high", "held"),
            "readers' plan": self.readers_profit,
            **_cells(self.readers, self.readers_profit,
                     *(f"readers {c}" for c in ("forecast", "low", "high", "held"))),
            "interval score": self.rivalry,
        }  # fmt: skip

    def points(self):
        """Return the points of the rubric that are computed, name to (points, of)."""
        points = {}
        if self.baselines:
            points["The score"] = SCORE_WEIGHT * self._mark(), 5 * SCORE_WEIGHT
        if not np.isnan(self.readers_profit + self.width):
            got = mark(self.readers, self.readers_profit, self.width)
            got = round(FORECAST_WEIGHT * got, 1)
            points["The forecast"] = got, 5 * FORECAST_WEIGHT
        return points

    def _mark(self):
        """The mark of the score: a 1 below the e-mail to everybody, a 2 above."""
        low, high = gain(self)[2:]
        profit = {b.name: b.profit for b in self.baselines}.get("everybody", -np.inf)
        return 5 if low > 0 else 3 if high >= 0 else 1 if self.profit < profit else 2

    def forecasts(self):
        """Return a sentence on each forecast."""
        own = self.forecast
        said = [f"Own plan: {own.report(self.profit)}" if own else NO_FORECAST]
        if not np.isnan(self.readers_profit):
            told = self.readers.report(self.readers_profit) if self.readers else NONE
            said.append(f"Readers' plan, truly {euros(self.readers_profit)}: {told}")
        return said

    def gained(self):
        """Say how the plan stands to the best baseline, in euros."""
        best, *parts = gain(self)
        value, low, high = (self.best * part for part in parts)
        word = "better" if low > 0 else "worse" if high < 0 else "no different"
        return (
            f"Gain over the best baseline, {best}: {euros(value)} ({euros(low)} to "
            f"{euros(high)}), so {word}."
        )

    def report(self):
        """Return the lines to print."""
        rows = [self, *sorted(self.baselines, key=lambda b: -b.value)]
        names = [shown(row.name, most=200)[1:-1] for row in rows]
        width = max(map(len, names))
        lines = []
        for row, name in zip(rows, names, strict=True):
            low, high = row.interval
            lines.append(
                f"{name:<{width}}   {euros(row.profit):>9}   {row.value:7.1%} of the "
                f"best   ({low:.1%} to {high:.1%})"
            )
        lines.append(
            f"The best plan would earn {euros(self.best)}. In brackets: a 95 % "
            "interval of the share, customers drawn anew."
        )
        return "\n".join([*lines, *self.forecasts(), *self.remarks])


NO_FORECAST = "No forecast: a plan without one is half a piece of work."
NONE = f"no forecast. It is the row {READERS} of the forecasts."


def _cells(forecast, truth, *names):
    """Return name to cell of a forecast: profit, ends, whether the interval held."""
    if forecast is None:
        return dict.fromkeys(names, "")
    held = "" if np.isnan(truth) else "no" if forecast.missed(truth) else "yes"
    cells = forecast.profit, forecast.low, forecast.high, held
    return dict(zip(names, cells, strict=True))


def grade_campaign(path, answers, forecast=None):
    """Grade a plan: what its actions truly earn, beside the best plan's profit.

    Parameters
    ----------
    path : str or Path
        CSV in UTF-8 with the header customer_id,action. It holds each customer once, in
        any order, with ``nothing``, ``email`` or ``letter``; no letter to somebody who
        has not consented, and no more than the budget.
    answers : CampaignAnswers
        As from :func:`recbook.grade.read_campaign`.
    forecast : str or Path, optional
        CSV with the header plan,profit,low,high and the rows mine and readers, or one
        of them. By default the file of the same name as ``path`` that ends in .txt,
        where there is one.

    Returns
    -------
    CampaignScore

    Raises
    ------
    Refused
        The message names row, column, value and the way out.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> value = np.array([[0.0, 0.1, 0.5], [0.0, 0.2, -np.inf]])
    >>> answers = CampaignAnswers(np.array([7, 8]), value, {}, "by hand")
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "plan.csv")
    ...     _ = path.write_text("customer_id,action\\n7,email\\n8,email\\n")
    ...     round(grade_campaign(path, answers).value, 3)  # .30 of .70 euros
    0.429
    """
    actions = read_actions(path, answers)
    forecast = forecast_of(path, forecast)
    said = {} if forecast is None else read_forecasts(forecast)
    best = answers.best()
    group = np.arange(len(actions)) % min(GROUPS, len(actions))
    baselines = [
        _scored(name, plan, answers, best, group)
        for name, plan in answers.baselines.items()
    ]
    score = _scored(Path(path).name, actions, answers, best, group, baselines)
    score = replace(
        score,
        forecast=said.get(MINE),
        readers=said.get(READERS),
        readers_profit={b.name: b.profit for b in baselines}.get(READERS, np.nan),
        width=answers.width,
    )
    if score.value > TOO_GOOD:
        score.remarks.append(
            f"Too good: {score.value:.0%} of the best plan, where those of the book "
            "come to three quarters at most. Ask how it was made."
        )
    if baselines:
        score.remarks.append(score.gained())
    return score


def read_actions(path, answers):
    """Read a plan, (n,) int in the order of the answers."""
    fields, places = read_columns(path, _PLAN)
    ids = whole_numbers("customer_id", fields["customer_id"], places)
    codes = dict(zip(ACTIONS, range(len(ACTIONS)), strict=True))
    actions = np.empty(len(ids), dtype=np.int64)
    for t, (word, place) in enumerate(zip(fields["action"], places, strict=True)):
        if word not in codes:
            what = "empty" if word == "" else shown(word)
            raise Refused(f"{place}: action is {what}; write nothing, email or letter")
        actions[t] = codes[word]
    order = _in_order(ids, places, answers)
    consent = np.isfinite(answers.value[:, LETTER])
    actions, places = actions[order], [places[t] for t in order]
    wrong = (actions == LETTER) & ~consent
    if wrong.any():
        t = int(wrong.argmax())
        raise Refused(
            f"{places[t]}: customer_id {answers.customers[t]} has not consented to "
            f"letters ({wrong.sum()} such rows); give them nothing or an email"
        )
    paid = float(np.array(COSTS)[actions].sum())
    if paid > answers.budget + 1e-6:
        raise Refused(
            f"the plan costs {paid:,.2f} €, but there are {answers.budget:,.2f} €; "
            "leave out what brings least for a euro"
        )
    return actions


def _in_order(ids, places, answers):
    """Return the row of each customer of the answers, or refuse what does not fit."""
    rows = {}
    for t, number in enumerate(ids.tolist()):
        if number in rows:
            raise Refused(
                f"{places[t]}: customer_id {number} stands in {places[rows[number]]} "
                "already; keep one of the two"
            )
        rows[number] = t
    known = set(answers.customers.tolist())
    extra = [t for number, t in rows.items() if number not in known]
    if extra:
        raise Refused(
            f"{places[extra[0]]}: customer_id {ids[extra[0]]} is no customer of "
            f"{answers.name} ({len(extra)} such rows); keep the ids of customers.csv"
        )
    missing = [number for number in answers.customers.tolist() if number not in rows]
    if missing:
        raise Refused(
            f"{len(missing)} of {len(known)} customers are missing, the first "
            f"customer_id {missing[0]}; write nothing for those who get nothing"
        )
    return [rows[number] for number in answers.customers.tolist()]


def _scored(name, actions, answers, best, group, baselines=()):
    """Score actions against the values."""
    euros = answers.value[np.arange(len(actions)), actions]
    n_groups = group.max() + 1
    people = np.bincount(group, euros) * n_groups / best
    drawn = drawn_people(n_groups) @ people / n_groups
    departures = euros
    if baselines:
        top = answers.baselines[max(baselines, key=lambda b: b.value).name]
        departures = euros - answers.value[np.arange(len(top)), top]
    return CampaignScore(
        name,
        {SHARE: float(people.mean())},
        middle(drawn),
        people,
        baselines=list(baselines),
        departures=departures,
        profit=float(euros.sum()),
        best=best,
    )
