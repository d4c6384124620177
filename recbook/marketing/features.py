"""A reader's table of features as numbers, by the names of its columns."""

import warnings

import numpy as np
import pandas as pd

from recbook._core.arrays import no_real
from recbook._core.dates import check_no_dates, to_dates
from recbook._core.frames import as_frame
from recbook._core.validate import check_fitted
from recbook.base import Estimator, check_settings, count

__all__ = ["Features", "features_of"]

OTHER, MISSING = "other", "missing"


def features_of(frame, like=None, n_levels=20):
    """Return a table of features as numbers: one column for each that a model can use.

    Numbers stay. Text, categories and bools become columns of 0 and 1. What is missing
    stays visible, in a column of its own.
    :class:`~recbook.marketing.features.Features` has the rules.

    Parameters
    ----------
    frame : DataFrame
        One row for each person, or other tables of :func:`recbook.Ratings.from_frame`.
        All columns are features: leave out the id, the arm and the outcome.
    like : DataFrame or Features, optional
        From which the columns, their levels and their medians are taken, such as the
        table of those who were in the trial. By default ``frame`` itself.
    n_levels : int
        Most values of a text column that have a column each. The others, which are
        rarer, share the column ``name=other``.

    Returns
    -------
    DataFrame of float64
        With the row labels of ``frame``.

    Raises
    ------
    ValueError
        For dates, columns that ``like`` does not have or holds as another kind, and
        numbers that are not finite. It names column, row and value.

    Examples
    --------
    >>> people = {"channel": ["web", "shop", None], "orders": [3, None, 1]}
    >>> features = features_of(people)
    >>> list(features)
    ['channel=shop', 'channel=web', 'channel=missing', 'orders', 'orders missing']
    >>> features.iloc[1].tolist()  # 2 is the median of 3 and 1
    [1.0, 0.0, 0.0, 2.0, 1.0]

    New customers get the same columns, whatever they hold.

    >>> features_of({"orders": [5], "channel": ["fair"]}, like=people).iloc[0].tolist()
    [0.0, 0.0, 0.0, 5.0, 0.0]
    """
    if not isinstance(like, Features):
        like = Features(n_levels).fit(frame if like is None else like)
    return like.transform(frame)


class Features(Estimator):
    """Turns tables with the same columns into the same columns of numbers.

    ========================= =======================================================
    a column of               becomes
    ========================= =======================================================
    numbers                   itself. A missing number is the median of ``fit``, and
                              the column ``name missing`` is 1 there, if any was
                              missing in ``fit``
    text, categories          ``name=value``, 0 or 1, for each value. If there are more
                              than ``n_levels``, the most frequent have a column, and
                              the others share ``name=other``. Missing is a value of
                              its own, ``name=missing``
    bools                     ``name=True``, 0 or 1, and ``name=missing`` likewise
    ========================= =======================================================

    A value that ``fit`` has not seen counts as other, or has a 0 in all columns of its
    name where there is no other. Whole numbers that only name something, such as a
    segment or a postcode, are numbers here: turn them into text first.

    Parameters
    ----------
    n_levels : int
        Most values of a column with columns of their own.

    Attributes
    ----------
    columns_ : list
        The names of the columns that ``fit`` saw. ``transform`` takes them by name, in
        any sequence, and refuses others.
    names_ : list of str
        The names of the columns that ``transform`` returns.
    left_out_ : dict
        The columns of which nothing can be learnt, with the reason: numbers that are
        all missing, and more than ``n_levels`` texts of which none stands twice, such
        as a name or an address. ``fit`` warns of them.

    Examples
    --------
    >>> trial = pd.DataFrame({"channel": ["web", "web", "shop"], "regular": [True] * 3})
    >>> features = Features(n_levels=1).fit(trial)
    >>> features.transform(trial).to_dict("list")
    {'channel=web': [1.0, 1.0, 0.0], 'channel=other': [0.0, 0.0, 1.0], \
'regular=True': [1.0, 1.0, 1.0]}
    """

    _ranges = {"n_levels": count()}

    def __init__(self, n_levels=20):
        self.n_levels = n_levels

    def fit(self, frame):
        """Learn levels and medians from a table with a row for each person."""
        check_settings(self)
        frame = _table(frame)
        if not len(frame):
            raise ValueError("frame has no rows: there is nothing to learn")
        left_out, plan, names = {}, {}, []
        for name in frame.columns:
            kind, values = _read(name, frame[name])
            learnt, why = _learnt(kind, values, self.n_levels)
            if why:
                left_out[name] = why
            else:
                names += _columns(str(name), kind, values, learnt)
            plan[name] = kind, learnt
        if not names:
            raise ValueError(
                f"frame has no column that could be a feature: {_said(left_out)}"
            )
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two columns would be named {min(twice)!r}; rename one")
        if left_out:
            warnings.warn(f"left out {_said(left_out)}", UserWarning, stacklevel=2)
        self.columns_, self.names_ = list(frame.columns), names
        self.left_out_, self._plan = left_out, plan
        return self

    def transform(self, frame):
        """Return the columns of ``fit`` for a table, as a DataFrame of float64."""
        check_fitted(self, "names_")
        frame = _table(frame)
        self._check_names(frame)
        columns = {}
        for name, (kind, learnt) in self._plan.items():
            if name in self.left_out_:
                continue
            now, values = _read(name, frame[name])
            if now not in (kind, "nothing"):
                raise ValueError(
                    f"column {name!r} holds {now}, but fit saw {kind}; give the same"
                )
            if now == "nothing":
                values = pd.Series([None] * len(frame), dtype=object)
            columns |= _columns(str(name), kind, values, learnt)
        return pd.DataFrame(columns, index=frame.index)[self.names_]

    def _check_names(self, frame):
        """Raise unless a table has the columns that ``fit`` saw."""
        wanted, given = set(self.columns_), set(frame.columns)
        if wanted != given:
            lacks, more = (
                ", ".join(repr(name) for name in names)
                for names in (
                    [name for name in self.columns_ if name not in given],
                    [name for name in frame.columns if name not in wanted],
                )
            )
            words = [f"lacks {lacks}"] * bool(lacks) + [f"also has {more}"] * bool(more)
            raise ValueError(
                f"frame {' and '.join(words)}: give the columns that fit saw, "
                f"{self.columns_}"
            )


def _table(frame):
    """Return a table as a DataFrame, each of whose columns has its own name."""
    frame = as_frame("frame", frame)
    if not frame.columns.is_unique:
        name = frame.columns[frame.columns.duplicated()][0]
        raise ValueError(f"frame has two columns named {name!r}; rename or drop one")
    return frame


def _said(left_out):
    """Return why columns are left out, as the end of a sentence."""
    return "; ".join(f"column {name!r}, {why}" for name, why in left_out.items())


def _read(name, column):
    """Return the kind of a column, and its values: floats, text or as they are."""
    place, way = f"column {name!r}", f"give a number instead, such as days since {name}"
    if isinstance(column.dtype, pd.CategoricalDtype):
        return "text", _as_text(column)
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if column.isna().all():
        return "nothing", column
    if kind == "boolean":
        return "bools", column
    if kind.startswith(("date", "timedelta", "period")):
        raise ValueError(f"{place} holds dates or spans of time: {way}")
    if kind != "string" and no_real(column.dropna().to_numpy()) is None:
        numbers = pd.to_numeric(column, errors="coerce")
        if (numbers.notna() == column.notna()).all():
            values = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
            wrong = np.isinf(values)
            if wrong.any():
                row = column.index[int(wrong.argmax())]
                raise ValueError(f"{place}, row {row!r} is infinite: leave it missing")
            check_no_dates(place, column, way)
            return "numbers", values
    values = _as_text(column)
    if _are_dates(values):
        raise ValueError(f"{place} holds dates: {way}")
    return "text", values


def _as_text(column):
    """Return a column as text, None where it is missing."""
    values = column.astype(object)
    return values.where(values.notna(), None).map(str, na_action="ignore")


def _are_dates(values):
    """Return whether all text that is there is a date in ISO form."""
    try:
        return bool(to_dates("text", values.dropna()).size)
    except ValueError:
        return False


def _learnt(kind, values, n_levels):
    """Return what ``_columns`` needs of a column, and why nothing can be learnt."""
    if kind == "nothing":
        return None, "in which all is missing"
    if kind == "numbers":
        return (float(np.nanmedian(values)), bool(np.isnan(values).any())), None
    if kind == "bools":
        return (["True"], False, bool(values.isna().any())), None
    counts = values.value_counts().sort_index().sort_values(
        ascending=False, kind="stable"
    )  # fmt: skip
    if len(counts) > n_levels and counts.iloc[0] == 1:
        return None, "in which no text stands twice"
    levels = sorted(counts.index[:n_levels])
    return (levels, len(counts) > n_levels, bool(values.isna().any())), None


def _columns(name, kind, values, learnt):
    """Return the columns of numbers that one column becomes, by their names."""
    if kind == "numbers":
        median, gaps = learnt
        values = np.asarray(values, dtype=np.float64)
        missing = np.isnan(values)
        columns = {name: np.where(missing, median, values)}
        return columns | ({f"{name} {MISSING}": missing * 1.0} if gaps else {})
    levels, others, gaps = learnt
    missing = values.isna().to_numpy()
    text = values.map(str, na_action="ignore").to_numpy(dtype=object)
    columns = {f"{name}={level}": (text == level) * 1.0 for level in levels}
    for more, label, rows in (
        (others, OTHER, ~missing & ~np.isin(text.astype(str), levels)),
        (gaps, MISSING, missing),
    ):
        if more:  # and where a value is itself called so, it is one of them
            before = columns.get(f"{name}={label}", 0.0)
            columns[f"{name}={label}"] = np.maximum(before, rows * 1.0)
    return columns
