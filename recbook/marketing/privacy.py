"""Privacy of the people in a table: who stands out, and counts that hide everyone.

Two questions. How many others look just like a person, by columns without a name or by
what the person bought? And how can a total be given away without giving away anyone in
it? Noise answers the second, at a price that adds up with each answer.
"""

import math

import numpy as np

from recbook._core.arrays import check_reals
from recbook._core.frames import framed
from recbook._core.validate import check_codes, check_number, check_positive_int

__all__ = [
    "group_sizes",
    "matches",
    "singled_out",
    "noisy_counts",
    "best_guess",
    "PrivacyBudget",
]

MOST_CODES = 2**31
ROUNDING = 1e-9  # by which ten answers of a tenth may exceed the whole


def group_sizes(frame, columns):
    r"""Return how many rows have the same values as each row, itself included.

    .. math:: k_u = \#\{v : x_v = x_u\}

    A table is *k-anonymous* in these columns if the smallest of these numbers is at
    least k. It says nothing of columns that are not listed.

    Parameters
    ----------
    frame : DataFrame
        A row for each person.
    columns : str or list of str
        What somebody else might know of a person. Missing values are alike.

    Returns
    -------
    (n,) int array
        In the order of the rows. Without a column, all rows are alike.

    Raises
    ------
    ValueError
        If a column is not there, or holds values that cannot be compared.

    References
    ----------
    Sweeney (2002).

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": ["18-29", "18-29", "60+"], "phone": [1, 1, 1]})
    >>> group_sizes(people, ["age", "phone"]).tolist()
    [2, 2, 1]
    """
    frame = framed("frame", frame)
    if not hasattr(frame, "columns"):
        raise ValueError(f"frame must be a DataFrame, got {type(frame).__name__}")
    columns = _listed("columns", [columns] if isinstance(columns, str) else columns)
    group = np.zeros(len(frame), dtype=np.int64)
    for column in columns:
        group = _split(group, _codes(frame, column))
    return np.bincount(group)[group]


def _codes(frame, column):
    """Return a whole number for each row, equal where the values of a column are."""
    if list(frame.columns).count(column) != 1:
        raise ValueError(
            f"columns names {column!r}, but frame has {list(frame.columns)}: "
            "give the name of one column"
        )
    try:
        return frame[column].factorize(use_na_sentinel=False)[0]
    except TypeError:
        raise ValueError(
            f"column {column!r} holds lists or other values that cannot be compared: "
            "make them text or numbers first"
        ) from None


def _split(group, codes):
    """Return groups numbered from 0 that differ in the old group or in the codes."""
    n_codes = int(codes.max(initial=0)) + 1
    wide = group.astype(np.int64) * n_codes + codes
    return np.unique(wide, return_inverse=True)[1]


def matches(sets, k, rng):
    r"""Return how many people k things fit that are drawn from each person's own set.

    Somebody knows :math:`k` things about a person: a random subset
    :math:`S \subseteq I_u` of what the person bought. How many customers does that fit?

    .. math:: m_u = \#\{v : S \subseteq I_v\}

    Parameters
    ----------
    sets : sequence of (n_u,) int array_like or set
        What each person bought, as codes from 0. Repeats count once.
    k : int
        How many things are known, at least 1.
    rng : numpy.random.Generator
        Draws the things.

    Returns
    -------
    (n,) int array
        At least 1, the person; 0 for a person with fewer than k things, of whom nothing
        was drawn.

    Raises
    ------
    ValueError
        If there is nobody, and for what is no code, no ``k`` or no generator.

    References
    ----------
    De Montjoye et al. (2015), who call the share of ones unicity.

    Examples
    --------
    Only the third person bought both 1 and 2; everyone bought 0.

    >>> rng = np.random.default_rng(0)
    >>> matches([[0, 1], [0, 2], [1, 2], [0]], 2, rng).tolist()
    [1, 1, 1, 0]
    >>> matches([[0], [0], [0]], 1, rng).tolist()
    [3, 3, 3]
    """
    k = check_positive_int("k", k)
    _check_rng(rng)
    owner, item, size = _pairs(sets)
    n = len(size)
    order = np.lexsort([item])
    start = np.concatenate([[0], np.cumsum(np.bincount(item))]).astype(np.int64)
    owners = owner[order]  # of one item after the other, in ascending order
    key = rng.random(len(owner))
    shuffled = item[np.lexsort([key, owner])]
    first = np.concatenate([[0], np.cumsum(size)])
    n_matches = np.zeros(n, dtype=np.int64)
    for u in np.flatnonzero(size >= k):
        known = shuffled[first[u] : first[u] + k]
        lists = [owners[start[i] : start[i + 1]] for i in known]
        lists.sort(key=len)
        fit = lists[0]
        for others in lists[1:]:
            place = np.searchsorted(others, fit)  # both ascend
            fit = fit[others.take(place, mode="clip") == fit]
        n_matches[u] = len(fit)
    return n_matches


def _pairs(sets):
    """Return owner and item of each thing owned, and how many things each has."""
    sets = _listed("sets", sets)
    if not sets:
        raise ValueError("sets is empty: give what each of at least one person bought")
    unique = []
    for u, items in enumerate(sets):
        items = list(items) if isinstance(items, set | frozenset) else items
        unique.append(np.unique(check_codes(f"sets[{u}]", items, MOST_CODES)))
    size = np.array([len(items) for items in unique])
    item = np.unique(np.concatenate(unique), return_inverse=True)[1]
    return np.repeat(np.arange(len(size)), size), item, size


def singled_out(sets, k, rng):
    r"""Return the share of people whom k of their own purchases fit, and nobody else.

    .. math:: \frac{\#\{u : m_u = 1\}}{\#\{u : |I_u| \ge k\}}

    with :math:`m_u` of :func:`matches`. It rises with k, but for the luck of the draw
    and for those who is left: people with fewer than k purchases are not counted.

    Parameters
    ----------
    sets, k, rng
        As for :func:`matches`.

    Returns
    -------
    float
        0 to 1; 0 where nobody bought k things.

    Raises
    ------
    ValueError
        As :func:`matches`.

    References
    ----------
    De Montjoye et al. (2015).

    Examples
    --------
    >>> singled_out([[0, 1], [0, 2], [0, 1], [0]], 2, np.random.default_rng(0))
    0.3333333333333333
    """
    n_matches = matches(sets, k, rng)
    counted = np.count_nonzero(n_matches)
    return float(np.count_nonzero(n_matches == 1) / counted) if counted else 0.0


def noisy_counts(counts, epsilon, rng, sensitivity=1.0):
    r"""Add Laplace noise to counts, so that no person can be read out of them.

    .. math::
       \tilde c = c + b\, \eta, \qquad b = \frac{\Delta}{\varepsilon}, \qquad
       \eta \text{ with density } \tfrac12 e^{-|\eta|}

    If one person changes all counts together by at most :math:`\Delta`, then whatever
    is published has at most :math:`e^\varepsilon` times the probability with the person
    that it has without: it is *ε-differentially private*. The noise is off by b on
    average. Further answers cost further ε: see :class:`PrivacyBudget`.

    For teaching. A release to the public wants a source of noise that nobody can
    repeat (so no seed), and whole numbers or rounding, since the last bits of a float
    give away more than the formula says (Mironov 2012).

    Parameters
    ----------
    counts : float or array_like of any shape
        True counts, finite.
    epsilon : float
        Privacy loss, above 0. The smaller, the more noise.
    rng : numpy.random.Generator
        Draws the noise.
    sensitivity : float
        :math:`\Delta`, the most by which one person changes the sum of all counts:
        1 where everyone stands in one group, 5 where in five.

    Returns
    -------
    float array of the shape of counts
        May be negative, and is no whole number. Rounding or clipping it afterwards
        costs no privacy.

    Raises
    ------
    ValueError
        If a count is not finite, or epsilon or sensitivity not above 0.

    References
    ----------
    Dwork, McSherry, Nissim and Smith (2006); Mironov (2012).

    Examples
    --------
    >>> noisy_counts([12, 0, 240], 0.5, np.random.default_rng(0)).round(1).tolist()
    [14.0, -2.7, 235.2]
    """
    counts = check_reals("counts", counts)
    wrong = ~np.isfinite(counts)
    if wrong.any():
        place = int(wrong.argmax())
        raise ValueError(
            f"counts has {counts.flat[place]} at place {place}: give finite numbers"
        )
    sensitivity = check_number("sensitivity", sensitivity, above=0)
    scale = sensitivity / check_number("epsilon", epsilon, above=0)
    if not math.isfinite(40 * scale):
        raise ValueError(
            f"epsilon is {epsilon} at a sensitivity of {sensitivity}: that noise has "
            "no end; give a larger epsilon"
        )
    _check_rng(rng)
    u, v = rng.random((2, *counts.shape))
    # The difference of two exponential numbers has Laplace's distribution.
    return counts + scale * (np.log1p(-v) - np.log1p(-u))


def best_guess(epsilon):
    r"""Return how often the best guess is right whether a person is in a noisy count.

    An attacker knows everyone else, so that the count is c or c + 1, and holds both for
    equally likely. The best guess looks which of the two is nearer, and is right with
    probability

    .. math:: 1 - \tfrac12 e^{-\varepsilon / 2}
       \;\le\; \frac{e^\varepsilon}{1 + e^\varepsilon} .

    The right side is the most that *any* mechanism with this ε allows.

    Parameters
    ----------
    epsilon : float
        Privacy loss of the count, at least 0.

    Returns
    -------
    float
        From 1/2, a guess, at ε = 0, towards 1.

    Examples
    --------
    >>> [round(best_guess(epsilon), 3) for epsilon in (0, 0.1, 1, 3)]
    [0.5, 0.524, 0.697, 0.888]
    """
    return 1 - 0.5 * math.exp(-check_number("epsilon", epsilon, 0) / 2)


class PrivacyBudget:
    r"""A total of ε, from which each answer about the same people is paid.

    Two answers with :math:`\varepsilon_1` and :math:`\varepsilon_2` have together the
    privacy loss :math:`\varepsilon_1 + \varepsilon_2`, because the ratios of their
    densities multiply. Anyone who may ask forever can average the noise away, so
    somebody has to keep the account.

    Parameters
    ----------
    epsilon : float
        What may be spent in all, above 0.

    Attributes
    ----------
    epsilon, spent, left : float
        The total, what the answers so far have cost, and what is left of it.

    References
    ----------
    Dwork, McSherry, Nissim and Smith (2006).

    Examples
    --------
    >>> budget = PrivacyBudget(1.0)
    >>> _ = budget.counts([12, 40], 0.8, np.random.default_rng(0))
    >>> round(budget.left, 2)
    0.2
    >>> budget.counts([12, 40], 0.8, np.random.default_rng(0))
    Traceback (most recent call last):
    ...
    ValueError: this answer costs 0.8, but only 0.2 of the budget of 1 is left
    """

    def __init__(self, epsilon):
        self.epsilon = check_number("epsilon", epsilon, above=0)
        self.spent = 0.0

    @property
    def left(self):
        """What may still be spent; what rounding leaves of it counts as 0."""
        left = self.epsilon - self.spent
        return left if left > ROUNDING * self.epsilon else 0.0

    def counts(self, counts, epsilon, rng, sensitivity=1.0):
        """Return noisy counts, as :func:`noisy_counts`, and book their cost.

        Raises
        ------
        ValueError
            If the answer costs more than is left, in which case nothing is spent.
        """
        cost = check_number("epsilon", epsilon, above=0)
        if cost > self.left + ROUNDING * self.epsilon:
            raise ValueError(
                f"this answer costs {cost:.4g}, but only {self.left:.4g} of the budget "
                f"of {self.epsilon:.4g} is left"
            )
        answer = noisy_counts(counts, epsilon, rng, sensitivity)
        self.spent += cost
        return answer


def _listed(name, values):
    try:
        return list(values)
    except TypeError:
        raise ValueError(f"{name} must be a list, got {values!r}") from None


def _check_rng(rng):
    if not isinstance(rng, np.random.Generator):
        raise ValueError(
            f"rng must be a generator, got {rng!r}: write numpy.random.default_rng()"
        )
