"""How strong a hidden cause would have to be to undo an effect."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from recbook._core.arrays import column_names
from recbook._core.frames import framed
from recbook._core.validate import check_number
from recbook.marketing.base import (
    Effect,
    check_arms,
    check_features,
    check_rows,
    check_values,
)

__all__ = ["Robustness", "robustness"]

BENCHMARKS = ["own_treatment", "own_outcome", "r2_treatment", "r2_outcome", "adjusted"]


@dataclass(frozen=True)
class Robustness:
    r"""A regression's effect, and the hidden causes that would move it to the null.

    Parameters
    ----------
    effect : Effect
        The coefficient of the treatment in least squares of the outcome on treatment
        and columns, with the error for equal noise.
    null : float
        The effect at which the decision turns.
    value : float
        The robustness value RV, 0 to 1: a hidden cause that explains this share of what
        the columns leave of the treatment *and* of what columns and treatment leave of
        the outcome moves the effect to the null. A weaker one does not.
    value_interval : float
        The same for the nearer end of the 95 % interval; 0 where it is across already.
    benchmarks : DataFrame
        One row for each column: ``own_treatment`` and ``own_outcome``, its partial
        :math:`R^2`; ``r2_treatment`` and ``r2_outcome``, those of a hidden cause as
        strong as this column; and ``adjusted``, the effect that such a cause would
        leave, moved towards the null.
    scale : float
        :math:`\mathrm{se} \sqrt{\mathrm{df}}`, by which partial :math:`R^2` become a
        bias.

    Examples
    --------
    >>> effect = Effect(2.0, 0.5, (1.0, 3.0), 0.0001)
    >>> result = Robustness(effect, 0.0, 0.33, 0.18, pd.DataFrame(), 5.0)
    >>> result.bias(0.2, 0.1)
    0.79...
    """

    effect: Effect
    null: float
    value: float
    value_interval: float
    benchmarks: pd.DataFrame
    scale: float

    def bias(self, r2_treatment, r2_outcome):
        r"""Return how far a hidden cause moves the effect at most, in its units.

        .. math::
           |\text{bias}| = \mathrm{se} \sqrt{\mathrm{df}}\,
           \sqrt{\frac{R^2_{Y \sim Z \mid T, X}\, R^2_{T \sim Z \mid X}}
           {1 - R^2_{T \sim Z \mid X}}}

        Parameters
        ----------
        r2_treatment : float
            :math:`R^2_{T \sim Z \mid X}`, 0 to below 1: what the cause explains of the
            treatment beyond the columns.
        r2_outcome : float
            :math:`R^2_{Y \sim Z \mid T, X}`, 0 to 1: what it explains of the outcome
            beyond columns and treatment.
        """
        r2_treatment = check_number("r2_treatment", r2_treatment, 0, below=1)
        r2_outcome = check_number("r2_outcome", r2_outcome, 0, 1)
        return float(_bias(self.scale, r2_treatment, r2_outcome))


def robustness(y, treated, X, null=0.0, strength=1.0):
    r"""Return how strong a hidden cause has to be to move an effect to the null.

    With t the distance of the effect from the null in standard errors, df the degrees
    of freedom and :math:`f = |t| / \sqrt{\mathrm{df}}`,

    .. math:: \mathrm{RV} = \tfrac12 \bigl( \sqrt{f^4 + 4 f^2} - f^2 \bigr)

    the share at which the bias of :meth:`Robustness.bias`, with both of its
    :math:`R^2` equal, is as large as that distance. For ``value_interval`` f is less by
    :math:`t_{.975} / \sqrt{\mathrm{df} - 1}`.

    A benchmark is a hidden cause ``strength`` times as strong as a column,

    .. math::
       R^2_{T \sim Z \mid X} = k f^2_{T \sim X_j \mid X_{-j}}, \qquad
       R^2_{Y \sim Z \mid T, X} \le \eta^2 f^2_{Y \sim X_j \mid T, X_{-j}}, \qquad
       \eta = \frac{\sqrt{k} + \rho}{\sqrt{1 - \rho^2}}

    where :math:`f^2 = R^2/(1 - R^2)` and :math:`\rho^2 = k (R^2_j)^2 /
    ((1 - k R^2_j)(1 - R^2_j))` with :math:`R^2_j = R^2_{T \sim X_j \mid X_{-j}}`.

    Parameters
    ----------
    y : (n,) array_like
        Outcomes, any finite numbers.
    treated : (n,) array_like
        True or 1 for those who was treated; at least two people in either arm.
    X : (n, d) array_like
        Columns, known before the treatment. The names of a frame are kept. A column
        that the others explain benchmarks nothing: its :math:`R^2` are 0.
    null : float
        The effect at which the decision turns: 0, or one that pays the costs.
    strength : float
        How many times as strong as a column, k, above 0.

    Returns
    -------
    Robustness
        Where a cause as strong as a benchmark would explain all of the treatment, its
        :math:`R^2` are 1 and ``adjusted`` is infinite.

    Raises
    ------
    ValueError
        If lengths differ, a value is not finite, an arm has fewer than two people,
        there are too few people for the columns, the columns explain all of the
        treatment, or columns and treatment all of the outcome.

    References
    ----------
    Cinelli and Hazlett (2020).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=2000)
    >>> treated = x + rng.normal(size=2000) > 0
    >>> y = x + treated + 2 * rng.normal(size=2000)
    >>> result = robustness(y, treated, {"x": x})
    >>> round(result.value, 2)
    0.18
    >>> result.benchmarks.loc["x", ["own_treatment", "own_outcome"]].round(2).tolist()
    [0.32, 0.14]
    """
    check_rows(y=y, treated=treated, X=X)
    null, k = check_number("null", null), check_number("strength", strength, above=0)
    X = framed("X", X)
    names, X = column_names(X), check_features("X", X)
    y = check_values("y", y, len(X))
    t = check_arms(treated, len(y))[0]
    R, df = _triangle(X, t, y)
    columns, n_columns = list(range(X.shape[1] + 1)), X.shape[1]
    T, Y = n_columns + 1, n_columns + 2
    value, error = _coefficient(R, columns, T, Y, df)
    scale = error * np.sqrt(df)
    f = abs(value - null) / scale
    rows = []
    for j in columns[1:]:
        others = [column for column in columns if column != j]
        own = _partial(R, others, j, T), _partial(R, [*others, T], j, Y)
        as_strong = _as_strong(*own, k)
        towards = np.copysign(_bias(scale, *as_strong), null - value)
        rows.append((*own, *as_strong, value + towards))
    index = pd.Index(range(n_columns) if names is None else names, name="column")
    table = pd.DataFrame(rows, index, BENCHMARKS)
    near = stdtrit(df - 1, 0.975) / np.sqrt(df - 1)
    values = _value(f), _value_of_the_end(f, near)
    effect = _effect(value, error, df)
    return Robustness(effect, null, *values, table, float(scale))


def _triangle(X, t, y):
    """Return the triangle of (1, X, t, y), which has their products, and what is free.

    All regressions among these columns are the same in it, in a few rows.
    """
    size = np.abs(X).max(axis=0)
    X = X / np.where(size > 0, size, 1.0)
    table = np.column_stack([np.ones(len(y)), X, t, y])
    R = np.linalg.qr(table, mode="r")
    df = len(y) - np.linalg.matrix_rank(table[:, :-1])
    if df < 3:
        raise ValueError(
            f"X has {X.shape[1]} columns for {len(y)} people: a regression needs more "
            "people or fewer columns"
        )
    return R, int(df)


def _left(R, of, by):
    """Return the rest of a column that others do not explain."""
    return R[:, of] - R[:, by] @ np.linalg.lstsq(R[:, by], R[:, of])[0]


def _coefficient(R, columns, T, Y, df):
    """Return the coefficient of the treatment, and its standard error."""
    t, y = (_left(R, each, columns) for each in (T, Y))
    if t @ t < 1e-18 * (R[:, T] @ R[:, T]):
        raise ValueError("X explains all of treated: there is no one to compare with")
    value = t @ y / (t @ t)
    rest = y - value * t
    if rest @ rest < 1e-18 * (R[:, Y] @ R[:, Y]) or not y.any():
        raise ValueError(
            "X and treated explain all of y: nothing is left for a hidden cause"
        )
    return float(value), float(np.sqrt(rest @ rest / df / (t @ t)))


def _partial(R, others, j, of):
    """Return the partial R² of column j with another one, given the others."""
    x, rest = _left(R, j, others), _left(R, of, others)
    if x @ x < 1e-18 * (R[:, j] @ R[:, j]) or not rest @ rest:
        return 0.0
    return float((x @ rest) ** 2 / (x @ x) / (rest @ rest))


def _as_strong(r2_t, r2_y, k):
    """Return both partial R² of a cause k times as strong as one with these two."""
    if k * r2_t >= 1 - r2_t:
        return 1.0, 1.0
    rho2 = k * r2_t**2 / ((1 - k * r2_t) * (1 - r2_t))
    if rho2 >= 1 or r2_y == 1:
        return 1.0, 1.0
    eta2 = (np.sqrt(k) + np.sqrt(rho2)) ** 2 / (1 - rho2)
    return k * r2_t / (1 - r2_t), min(1.0, eta2 * r2_y / (1 - r2_y))


def _bias(scale, r2_t, r2_y):
    with np.errstate(divide="ignore"):
        return scale * np.sqrt(r2_y * np.asarray(r2_t) / (1 - np.asarray(r2_t)))


def _value(f):
    """Return the share at which both R² together make a bias of f."""
    return float((np.sqrt(f**4 + 4 * f**2) - f**2) / 2)


def _value_of_the_end(f, near):
    """Return the robustness value of the interval's nearer end."""
    if f <= near:
        return 0.0
    if f > 1 / near:
        return float((f**2 - near**2) / (1 + f**2))
    return _value(f - near)


def _effect(value, error, df):
    """Return an effect with Student's interval."""
    reach = float(stdtrit(df, 0.975)) * error
    p = float(2 * stdtr(df, -abs(value) / error))
    return Effect(value, error, (value - reach, value + reach), p)
