"""Whom to treat, and how, when there is not enough money for everybody."""

import numpy as np

from recbook._core.arrays import check_reals, column_names
from recbook._core.frames import framed
from recbook._core.validate import check_number
from recbook.marketing.base import check_columns, check_features, check_rows

__all__ = ["spend"]

HALVINGS = 100  # more than it takes until no number lies between low and high


def spend(value, cost, budget=None):
    r"""Choose at most one action for each person, so that a budget earns the most.

    Everybody gets the action of the greatest

    .. math:: v_{ia} - (1 + \lambda)\, c_{ia}

    if that is above 0, and none otherwise. The multiplier :math:`\lambda \ge 0` is the
    smallest at which the costs fit the budget: what the next euro would earn beyond
    itself. Where people tie at this price, those of lower rows come first as far as the
    money goes. No other plan that costs as much is worth more. What is left over is
    less than the next person's action costs.

    Parameters
    ----------
    value : (n,) or (n, n_actions) array_like
        Value of each action for each person in euros, before its cost: effect times
        margin. May be negative.
    cost : float, (n,) or (n, n_actions) array_like
        Euros for each action, at least 0; broadcast to the shape of ``value``. The
        columns of two frames are paired by their names.
    budget : float, optional
        Euros, at least 0. Without it, there is enough for all that pays.

    Returns
    -------
    choice : (n,) int array
        The action of each person, -1 for none.
    multiplier : float
        :math:`\lambda`; 0 where the money suffices for all that pays. With a budget of
        0, only what costs nothing is chosen.

    Raises
    ------
    ValueError
        If a value is not finite, a cost or the budget is negative or NaN, or the shapes
        do not fit.

    Examples
    --------
    Worth .90, 3.00 and .40 € at .60 € each: the third never pays, and 1 € is enough for
    one letter. The next euro would buy the first, and earn half of itself.

    >>> choice, multiplier = spend([0.9, 3.0, 0.4], 0.6, budget=1)
    >>> choice.tolist(), round(multiplier, 6)
    ([-1, 0, -1], 0.5)
    """
    check_rows(value=value, cost=cost)
    cost = check_columns("cost", cost, column_names(value), "those of value are")
    value = _table("value", framed("value", value))
    cost = _costs(cost, value.shape)
    best = _choose(value, cost, 1.0)
    if budget is None or _total(cost, best) <= check_number("budget", budget, 0):
        return best, 0.0
    low, high = 1.0, _dearest(value, cost)
    for _ in range(HALVINGS):
        # The geometric mean: prices may differ by any power of ten.
        middle = float(np.sqrt(low) * np.sqrt(high))
        if not low < middle < high:
            break
        if _total(cost, _choose(value, cost, middle)) <= budget:
            high = middle
        else:
            low = middle
    choice = _choose(value, cost, high)
    return _fill(choice, _choose(value, cost, low), cost, budget), high - 1


def _table(name, values):
    """Return values (n,) or (n, n_actions) as (n, n_actions) finite numbers."""
    values = check_reals(name, values)
    return check_features(name, values[:, None] if values.ndim == 1 else values)


def _costs(cost, shape):
    cost = check_reals("cost", cost)
    cost = cost[:, None] if cost.ndim == 1 else cost
    try:
        cost = np.broadcast_to(cost, shape)
    except ValueError:
        raise ValueError(
            f"cost has shape {cost.shape}, but value has {shape}: give one cost, one "
            "for each person, or one for each person and action"
        ) from None
    cost = _table("cost", cost)
    if (cost < 0).any():
        row, column = np.argwhere(cost < 0)[0]
        raise ValueError(
            f"cost[{row}, {column}] is {cost[row, column]}: give a number of at least 0"
        )
    return cost


def _dearest(value, cost):
    """Return a price of a euro at which nobody buys what costs anything."""
    paid = cost > 0
    with np.errstate(over="ignore"):
        most = float((value[paid] / cost[paid]).max())
    return min(1.0 + most, float(np.finfo(np.float64).max))


def _choose(value, cost, price):
    """Return the best action of each person at this price of a euro, -1 for none."""
    with np.errstate(over="ignore"):
        net = value - price * cost
    best = net.argmax(axis=1)
    return np.where(net[np.arange(len(net)), best] > 0, best, -1)


def _cost_of(cost, choice):
    return np.where(choice < 0, 0.0, cost[np.arange(len(cost)), choice])


def _total(cost, choice):
    return float(_cost_of(cost, choice).sum())


def _fill(choice, richer, cost, budget):
    """Give the richer choice to the first people who differ, as far as money goes."""
    more = _cost_of(cost, richer) - _cost_of(cost, choice)
    people = np.flatnonzero(more > 0)
    left = budget - _total(cost, choice)
    bought = people[np.cumsum(more[people]) <= left]
    choice = choice.copy()
    choice[bought] = richer[bought]
    return choice
