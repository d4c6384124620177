"""What the modules of marketing share: estimates with errors, and checked arrays."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from recbook._core.arrays import check_reals, column_names, is_number, place_in
from recbook._core.frames import check_rows as check_rows  # the modules' own checks
from recbook._core.frames import framed
from recbook._core.validate import generator, in_bounds

NORMAL_975 = 1.959963984540054  # 97.5 % of a standard normal lie below it


@dataclass(frozen=True)
class Effect:
    """What a treatment changes: a difference of two means, with its uncertainty.

    Parameters
    ----------
    value : float
        The difference, in the units of the outcome.
    standard_error : float
        Standard error of the difference. 0 where the outcome never varies.
    interval : tuple of float
        Low and high end of the 95 % interval.
    p : float
        Two-sided p-value of "no effect".

    Examples
    --------
    >>> Effect(0.015, 0.005, (0.005, 0.025), 0.003).value
    0.015
    """

    value: float
    standard_error: float
    interval: tuple[float, float]
    p: float


def normal_effect(value, error):
    """Return an effect with its standard error, by the normal distribution.

    >>> normal_effect(0.0, 0.0).p
    1.0
    """
    value, error = float(value), float(error)
    reach = NORMAL_975 * error
    if not np.isfinite([value - reach, value + reach]).all():
        raise ValueError(
            f"y overflows: its effect would be {value} ± {error}; give the outcome in "
            "larger units"
        )
    without_error = 0.0 if value else 1.0
    p = float(2 * ndtr(-abs(value) / error)) if error else without_error
    return Effect(value, error, (value - reach, value + reach), p)


def compare(y, arms):
    """Return the difference of the means of two arms, with Welch's error.

    ``arms`` are two masks (n,), or rows, of two people at least.

    >>> compare(np.array([3.0, 5.0, 1.0, 1.0]), [[0, 1], [2, 3]]).value
    3.0
    """
    one, other = (y[arm] for arm in arms)
    with np.errstate(over="ignore", invalid="ignore"):
        variance = one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other)
        return normal_effect(one.mean() - other.mean(), np.sqrt(variance))


@dataclass(frozen=True)
class Estimate:
    r"""The value of a policy, estimated from a log of another one.

    Parameters
    ----------
    value : float
        Mean reward of a logged sample, in the units of the reward.
    standard_error : float
        Standard error of the value.
    effective_n : float
        As many samples with equal weights would be worth as much:
        :math:`(\sum w)^2 / \sum w^2`, 0 where all weights are 0.
    max_weight : float
        The largest weight of a sample.
    mean_weight : float
        Mean of the weights, 1 on average where the log gives a chance to all that the
        policy does and the propensities are those of the draw.

    Examples
    --------
    >>> estimate = Estimate(0.068, 0.002, 4150.0, 8.3, 0.99)
    >>> [round(end, 4) for end in estimate.interval]
    [0.0641, 0.0719]
    """

    value: float
    standard_error: float
    effective_n: float
    max_weight: float
    mean_weight: float

    @property
    def interval(self):
        """Low and high end of the 95 % interval, by the normal distribution."""
        reach = NORMAL_975 * self.standard_error
        return self.value - reach, self.value + reach


def check_columns(name, X, columns, whose="fit saw"):
    """Return a frame with its columns in the sequence of ``columns``.

    ``columns`` are the names that ``column_names`` kept of another table. What has no
    names, of the two, is taken by place: an array, a list. Tables of polars and Arrow
    and dicts of columns become frames of pandas. Other names are refused.

    >>> import pandas as pd
    >>> X = pd.DataFrame({"orders": [1], "age": [30]})
    >>> check_columns("X", X, ["age", "orders"]).columns.tolist()
    ['age', 'orders']
    >>> check_columns("X", X, ["age", "visits"])
    Traceback (most recent call last):
    ...
    ValueError: the columns of X are orders, age, but fit saw age, visits: give the ...
    """
    X = framed(name, X)
    names = column_names(X)
    if columns is None or names is None or names == columns:
        return X
    if len(names) == len(columns) == len({*names} & {*columns}):
        return X[columns]
    if len(names) == len(columns) > 8 and {*names} - {*columns}:  # too many to compare
        one = next(name for name in names if name not in columns)
        other = next(name for name in columns if name not in names)
    else:
        one, other = (", ".join(map(str, either)) for either in (names, columns))
    raise ValueError(
        f"the columns of {name} are {one}, but {whose} {other}: give the same columns"
    )


def check_features(name, X, n_columns=None, columns=None):
    """Return ``X`` as a float64 array of shape (n, d) of finite numbers.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    X : (n, d) array_like
        At least one row and one column, also a table of polars or Arrow, or a dict of
        columns. True and False count as 1 and 0.
    n_columns : int, optional
        How many columns there must be.
    columns : list, optional
        The names that a frame's columns must have, as ``column_names`` keeps them. The
        result has their sequence.

    Raises
    ------
    ValueError
        That names the row, the column (of a frame by its name) and the value, or the
        columns of a frame that are text.

    Examples
    --------
    >>> check_features("X", [[1, 2], [3, True]]).tolist()
    [[1.0, 2.0], [3.0, 1.0]]
    >>> check_features("X", [[1, 2], [3, float("nan")]])
    Traceback (most recent call last):
    ...
    ValueError: X[1, 1] is nan: give a finite number
    """
    X = check_columns(name, X, columns)
    names = column_names(X)
    X = check_reals(name, X, bools=True)
    if X.ndim != 2 or 0 in X.shape:
        raise ValueError(
            f"{name} must have a row for each person and at least one column, "
            f"got shape {X.shape}"
        )
    if n_columns is not None and X.shape[1] != n_columns:
        raise ValueError(f"{name} has {X.shape[1]} columns, but fit saw {n_columns}")
    if not np.isfinite(X).all():
        place = int((~np.isfinite(X)).argmax())
        at = place_in(X.shape, place, names)
        raise ValueError(f"{name}[{at}] is {X.flat[place]}: give a finite number")
    return X


def check_values(name, values, n=None, low=None, high=None, above=None):
    """Return ``values`` as a float64 array (n,) of finite numbers within bounds.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    values : (n,) array_like
        At least one number. True and False count as 1 and 0.
    n : int, optional
        How many there must be.
    low, high : float, optional
        Bounds, which are allowed themselves.
    above : float, optional
        A bound that is not.

    Raises
    ------
    ValueError
        That names the row and the value.

    Examples
    --------
    >>> check_values("cost", [0.6, 0.6], n=2, low=0).tolist()
    [0.6, 0.6]
    >>> check_values("cost", [0.6, -1.0], low=0)
    Traceback (most recent call last):
    ...
    ValueError: cost[1] is -1.0: give a finite number of at least 0
    """
    _refuse_words(name, values)
    values = check_reals(name, values, bools=True)
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(
            f"{name} must be a flat list of at least one number, "
            f"got shape {values.shape}"
        )
    if n is not None and len(values) != n:
        raise ValueError(f"{name} has {len(values)} rows, but {n} are needed")
    inside, words = in_bounds(values, low, high, above=above)
    wrong = ~(np.isfinite(values) & inside)
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(f"{name}[{row}] is {values[row]}: give {words}")
    return values


def _refuse_words(name, values):
    """Raise where a word stands for an answer, with the comparison that makes it 1."""
    try:
        array = np.asarray(values)
    except ValueError:  # ragged, which has its own word
        return
    if array.ndim != 1 or array.dtype.kind not in "OU":
        return
    for row, value in enumerate(array.tolist()):
        if isinstance(value, str) and not is_number(value):
            raise ValueError(
                f"{name}[{row}] is {value!r}, not a number: where it is one of two "
                f"answers, give {name} == {value!r}"
            )


def check_counts(name, values, n=None, of="orders"):
    """Return ``values`` as a float64 array (n,) of whole numbers of at least 0.

    ``of`` says what is counted, for the error.

    >>> check_counts("frequency", [0, 2, 1.5])
    Traceback (most recent call last):
    ...
    ValueError: frequency[2] is 1.5: give a whole number of orders
    """
    values = check_values(name, values, n, low=0)
    if (broken := values != np.floor(values)).any():
        row = int(broken.argmax())
        raise ValueError(f"{name}[{row}] is {values[row]}: give a whole number of {of}")
    return values


def check_weights(weight, n):
    """Return the weights of ``n`` rows, at least 0 and not all 0; None gives ones.

    >>> check_weights(None, 2).tolist()
    [1.0, 1.0]
    """
    if weight is None:
        return np.ones(n)
    weight = check_values("weight", weight, n, low=0)
    if not weight.any():
        raise ValueError("weight is 0 in all rows: at least one row must count")
    return weight


def check_yes_no(name, values, n=None):
    """Return ``values``, each True or False or 1 or 0, as a bool array (n,).

    Examples
    --------
    >>> check_yes_no("y", [1, 0, 1]).tolist()
    [True, False, True]
    >>> check_yes_no("y", [1, 0, 2])
    Traceback (most recent call last):
    ...
    ValueError: y[2] is 2.0: give True or False, or 1 or 0
    """
    array = check_values(name, values, n)
    wrong = (array != 0) & (array != 1)
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"{name}[{row}] is {array[row]}: give True or False, or 1 or 0"
        )
    return array == 1


def check_treated(treated, n=None, name="treated"):
    """Return ``treated`` as a bool array (n,) with at least one person in either arm.

    ``name`` is what the caller's argument is called, for its messages.

    Examples
    --------
    >>> check_treated([1, 1, 1])
    Traceback (most recent call last):
    ...
    ValueError: treated has nobody untreated: an effect needs people in both arms
    """
    treated = check_yes_no(name, treated, n)
    for arm, some in ((name, treated.any()), ("un" + name, not treated.all())):
        if not some:
            raise ValueError(
                f"{name} has nobody {arm}: an effect needs people in both arms"
            )
    return treated


def check_arms(treated, n, name="treated"):
    """Return who was treated and who was not, bool arrays (n,) of two people at least.

    >>> check_arms([1, 1, 0], 3)
    Traceback (most recent call last):
    ...
    ValueError: treated has one person untreated: an error needs two in each arm
    """
    treated = check_treated(treated, n, name)
    for arm, people in ((name, treated), ("un" + name, ~treated)):
        if people.sum() < 2:
            raise ValueError(
                f"{name} has one person {arm}: an error needs two in each arm"
            )
    return treated, ~treated


def folds_of(treated, n_folds, seed, least=1):
    """Return the fold of each person; each has its share of both arms.

    ``least`` people of either arm are in each fold.

    >>> folds_of(np.array([True, False, False, True]), 2, seed=0).tolist()
    [1, 1, 0, 0]
    """
    fold = np.empty(len(treated), dtype=np.int64)
    rng = generator(seed)
    for arm in (treated, ~treated):
        n = int(arm.sum())
        if n < least * n_folds:
            each = f" with {least} each" if least > 1 else ""
            raise ValueError(
                f"treated has {n} people in an arm, fewer than the {n_folds} folds"
                f"{each}: give fewer folds or more people"
            )
        fold[arm] = np.argsort(rng.random(n), kind="stable") % n_folds
    return fold


def check_propensity(propensity, n):
    """Return the probability of treatment of each of ``n`` people, inside (0, 1).

    Parameters
    ----------
    propensity : float or (n,) array_like
        One number stands for all.
    n : int
        Number of people.

    Examples
    --------
    >>> check_propensity(0.5, 3).tolist()
    [0.5, 0.5, 0.5]
    >>> check_propensity([0.5, 1.0], 2)
    Traceback (most recent call last):
    ...
    ValueError: propensity[1] is 1.0: it must lie between 0 and 1, both excluded, ...
    """
    values = check_reals("propensity", propensity)
    values = check_values(
        "propensity", np.full(n, values) if not values.ndim else values, n
    )
    wrong = (values <= 0) | (values >= 1)
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"propensity[{row}] is {values[row]}: it must lie between 0 and 1, both "
            "excluded, since nothing is learned where all or none are treated"
        )
    return values
