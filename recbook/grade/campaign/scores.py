"""Grade a plan for a campaign by its true profit, and a forecast by its interval."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from recbook._core.validate import check_number
from recbook.grade.files import Refused, numbers, read_columns, shown, whole_numbers
from recbook.grade.films.scores import Score, drawn_people, middle
from recbook.marketing import uplift
from recbook.marketing.worlds.campaign import ACTIONS, BUDGET, COSTS, LETTER

__all__ = ["CampaignAnswers", "CampaignScore", "Forecast", "grade_campaign"]

MOST = 1e6  # euros that a forecast may name: more is a slip
MISSES = 0.05  # of intervals that are bet on 19 to 1
GROUPS = 1000  # of customers, drawn anew together
SHARE = "of the best"
TOO_GOOD = 0.9  # of the best plan: those of the book come to a half or two thirds
_PLAN, _FORECAST = ["customer_id", "action"], ["profit", "low", "high"]


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

    def best(self):
        """Return what the best plan within the budget would earn, in euros."""
        worth = np.where(np.isfinite(self.value), self.value, -1.0) + COSTS
        choice = uplift.spend(worth[:, 1:], [COSTS[1:]], self.budget)[0]
        return float(self.value[np.arange(len(choice)), choice + 1].sum())


@dataclass(frozen=True)
class Forecast:
    r"""A profit in euros, and an interval on which one would bet 19 to 1.

    Parameters
    ----------
    profit, low, high : float
        Euros, with low ≤ profit ≤ high.

    Examples
    --------
    >>> wide, narrow = Forecast(5000, 1000, 9000), Forecast(7200, 7000, 7500)
    >>> round(wide.score(4700)), round(narrow.score(4700))  # 500 + 40 x 2,300
    (8000, 92500)
    """

    profit: float
    low: float
    high: float

    def missed(self, truth):
        """Return by how many euros the interval missed the truth; 0 where it held."""
        return max(0.0, self.low - truth, truth - self.high)

    def score(self, truth):
        r"""Return the interval score, in euros: the less, the better.

        .. math:: (h - l) + \tfrac{2}{.05} \max(0,\ l - \Pi,\ \Pi - h)

        Parameters
        ----------
        truth : float
            The true profit :math:`\Pi`, in euros.

        References
        ----------
        Gneiting and Raftery (2007), section 6.2.
        """
        truth = check_number("truth", truth)
        return self.high - self.low + 2 / MISSES * self.missed(truth)

    def report(self, truth):
        """Return a sentence on how the forecast did."""
        miss = self.missed(truth)
        how = f"missed by {_euros(miss)}" if miss else "held"
        return (
            f"Forecast {_euros(self.profit)} ({_euros(self.low)} to "
            f"{_euros(self.high)}): {how}. Interval score {_euros(self.score(truth))}."
        )


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

    def report(self):
        """Return the lines to print."""
        rows = [self, *sorted(self.baselines, key=lambda b: -b.value)]
        names = [shown(row.name, most=200)[1:-1] for row in rows]
        width = max(map(len, names))
        lines = []
        for row, name in zip(rows, names, strict=True):
            low, high = row.interval
            lines.append(
                f"{name:<{width}}   {_euros(row.profit):>9}   {row.value:7.1%} of the "
                f"best   ({low:.1%} to {high:.1%})"
            )
        lines.append(
            f"The best plan would earn {_euros(self.best)}. In brackets: a 95 % "
            "interval of the share, customers drawn anew."
        )
        said = self.forecast.report(self.profit) if self.forecast else NO_FORECAST
        return "\n".join([*lines, said, *self.remarks])


NO_FORECAST = "No forecast: a plan without one is half a piece of work."


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
        CSV with the header profit,low,high and one row. By default the file of the same
        name as ``path`` that ends in .txt, where there is one.

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
    said = None if forecast is None else read_forecast(forecast)
    best = answers.best()
    group = np.arange(len(actions)) % min(GROUPS, len(actions))
    baselines = [
        _scored(name, plan, answers, best, group)
        for name, plan in answers.baselines.items()
    ]
    score = _scored(Path(path).name, actions, answers, best, group, baselines, said)
    if score.value > TOO_GOOD:
        score.remarks.append(
            f"Too good: {score.value:.0%} of the best plan, where those of the book "
            "come to a half or two thirds. Ask how it was made."
        )
    if baselines:
        score.remarks.append(_gained(score))
    return score


def forecast_of(path, forecast=None):
    """Return the file of a plan's forecast: as given, or beside it, or None.

    >>> forecast_of("plan.csv", "mine.csv"), forecast_of("nowhere.csv")
    ('mine.csv', None)
    """
    beside = Path(path).with_suffix(".txt")
    is_there = beside != Path(path) and beside.is_file() and not beside.is_symlink()
    return forecast if forecast is not None else beside if is_there else None


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


def read_forecast(path):
    """Read a forecast: one row of profit, low and high, in euros."""
    try:
        return _forecast(*read_columns(path, _FORECAST))
    except Refused as reason:
        raise Refused(f"forecast: {reason}") from None


def _forecast(fields, places):
    if len(places) != 1:
        raise Refused(f"it has {len(places)} rows; write one row of profit,low,high")
    way_out = "write euros with a decimal point, such as 4700.50, without thousands"
    profit, low, high = (
        float(numbers(name, fields[name], places, -MOST, MOST, way_out)[0])
        for name in _FORECAST
    )
    if not low <= profit <= high:
        raise Refused(
            f"low {low:g}, profit {profit:g} and high {high:g} are not in this order; "
            "the interval holds the profit that is expected"
        )
    return Forecast(profit, low, high)


def _scored(name, actions, answers, best, group, baselines=(), forecast=None):
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
        forecast=forecast,
    )


def _gained(score):
    """Say how a plan stands to the best baseline, in euros."""
    best = max(score.baselines, key=lambda b: b.value)
    gain, low, high = (score.best * part for part in score.gain_over(best))
    word = "better" if low > 0 else "worse" if high < 0 else "no different"
    return (
        f"Gain over the best baseline, {best.name}: {_euros(gain)} ({_euros(low)} to "
        f"{_euros(high)}), so {word}."
    )


def _euros(value):
    return f"{round(value):,} €"
