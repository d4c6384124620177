"""Forecasts of what a plan will earn: of one's own, and of a plan that all forecast.

A forecast of one's own plan cannot be ranked: a plan of nothing is forecast to the
cent. Nor can it be where it is divided by what the trial knows of that plan: an e-mail
to one person who ordered in the trial has a large error there, and hardly any in truth.
So the class forecasts one plan besides, which nobody chose, and is ranked by that.
"""

from dataclasses import dataclass
from pathlib import Path

from recbook._core.validate import check_number
from recbook.grade.files import Refused, numbers, read_columns, shown
from recbook.lms import student_of

__all__ = ["MINE", "READERS", "Forecast", "forecast_of", "mark", "read_forecasts"]

MOST = 1e6  # euros that a forecast may name: more is a slip
MISSES = 0.05  # of intervals that are bet on 19 to 1
MINE, READERS = "mine", "readers"
_COLUMNS = ["profit", "low", "high"]


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
        how = f"missed by {euros(miss)}" if miss else "held"
        return (
            f"Forecast {euros(self.profit)} ({euros(self.low)} to "
            f"{euros(self.high)}): {how}. Interval score {euros(self.score(truth))}."
        )


def euros(value):
    """Return euros as people write them.

    >>> euros(-1234.5)
    '-1,234 €'
    """
    return f"{round(value):,} €"


def mark(forecast, truth, width):
    """Return the mark of a forecast, from 1 to 5.

    It is 6 less the interval score in widths: 5 for an interval that held and is no
    wider than the trial makes necessary, 4 for one of twice that. An interval that
    missed, or a very wide one, has a 2, and no forecast a 1.

    Parameters
    ----------
    forecast : Forecast or None
        Of the plan that all forecast.
    truth : float
        Its true profit, in euros.
    width : float
        Of the 95 % interval that the trial alone gives.

    Examples
    --------
    >>> mark(Forecast(0, -9, 9), 5, width=12), mark(Forecast(0, -1, 1), 5, width=12)
    (4.5, 2.0)
    >>> mark(None, 5, width=12)
    1.0
    """
    if forecast is None:
        return 1.0
    return min(5.0, max(2.0, 6 - forecast.score(truth) / width))


def forecast_of(path, forecast=None):
    """Return the file of a plan's forecast: as given, or beside it, or None.

    Beside it is a file of the same name that ends in .txt. Where a learning platform
    says whose a file is, the only .txt of the same student will do.

    >>> forecast_of("plan.csv", "mine.csv"), forecast_of("nowhere.csv")
    ('mine.csv', None)
    """
    path = Path(path)
    if forecast is not None or path.suffix.lower() == ".txt":
        return forecast
    texts = [path.with_suffix(".txt")]
    for folder in (path.parent, path.parent.parent):
        student = student_of(path, folder)
        if student.id and not texts[0].is_file():
            texts = [text for text in path.parent.glob("*.txt")
                     if student_of(text, folder).key == student.key]  # fmt: skip
            break
    files = [text for text in texts if text.is_file() and not text.is_symlink()]
    return files[0] if len(files) == 1 else None


def read_forecasts(path):
    """Read forecasts, ``{"mine": ..., "readers": ...}``, of which one may be absent.

    Without the column ``plan``, the only row is the forecast of one's own plan.
    """
    try:
        return _forecasts(*read_columns(path, _COLUMNS, optional=True))
    except Refused as reason:
        raise Refused(f"forecast: {reason}") from None


def _forecasts(fields, places):
    """Return the forecasts of a table, by plan."""
    plans = fields.pop("plan", None)
    unknown = [name for name in fields if name not in _COLUMNS]
    if unknown:
        raise Refused(
            f"column {shown(unknown[0])} is unknown; leave only plan,profit,low,high"
        )
    if plans is None and len(places) != 1:
        raise Refused(
            f"it has {len(places)} rows; write one row of profit,low,high, or name the "
            f"plan of each row in a column plan: {MINE} or {READERS}"
        )
    plans = [MINE] if plans is None else plans
    found = {}
    for t, (plan, place) in enumerate(zip(plans, places, strict=True)):
        if plan not in (MINE, READERS):
            what = "empty" if plan == "" else shown(plan)
            raise Refused(f"{place}: plan is {what}; write {MINE} or {READERS}")
        if plan in found:
            raise Refused(f"{place}: plan is {plan} a second time; keep one of the two")
        found[plan] = _forecast([fields[name][t] for name in _COLUMNS], place)
    return found


def _forecast(texts, place):
    """Return the forecast of one row."""
    way_out = "write euros with a decimal point, such as 4700.50, without thousands"
    profit, low, high = (
        float(numbers(name, [text], [place], -MOST, MOST, way_out)[0])
        for name, text in zip(_COLUMNS, texts, strict=True)
    )
    if not low <= profit <= high:
        raise Refused(
            f"low {low:g}, profit {profit:g} and high {high:g} are not in this order; "
            "the interval holds the profit that is expected"
        )
    return Forecast(profit, low, high)
