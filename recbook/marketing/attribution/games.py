"""Shapley's value: what a player adds, averaged over all orders of joining."""

from collections import Counter
from collections.abc import Mapping
from math import factorial

import numpy as np
import pandas as pd

from recbook._core.validate import check_number
from recbook.marketing.attribution.touches import check_paths

__all__ = ["orders_within", "shapley"]

MOST_PLAYERS = 16  # 65,536 coalitions


def shapley(value, players):
    r"""Share out what all players reach together by Shapley's value.

    .. math::
       \phi_i = \sum_{S \not\ni i} \frac{|S|!\, (n - |S| - 1)!}{n!}
       \bigl( v(S \cup \{i\}) - v(S) \bigr)

    Parameters
    ----------
    value : callable or mapping
        :math:`v(S)` of a ``frozenset`` S of players: a finite number for each of the
        :math:`2^n` coalitions, the empty one included.
    players : sequence of str
        Their names, 1 to 16, all different.

    Returns
    -------
    Series
        :math:`\phi_i` by player, which sum to :math:`v(N) - v(\emptyset)`.

    Raises
    ------
    ValueError
        If a name occurs twice, there are none or more than 16, a coalition has no
        value, or its value is not a finite number.

    References
    ----------
    Shapley (1953).

    Examples
    --------
    >>> v = {"": 2, "D": 3, "S": 5, "DS": 8}
    >>> shapley(lambda S: v["".join(sorted(S))], ["D", "S"]).to_dict()
    {'D': 2.0, 'S': 4.0}
    """
    players = _checked(players)
    n = len(players)
    masks = np.arange(2**n)
    values = np.array([_value_of(value, _coalition(players, m)) for m in masks])
    size = np.array([int(m).bit_count() for m in masks])
    share = np.array([factorial(k) * factorial(n - k - 1) for k in range(n)])
    share = share / factorial(n)
    credit = []
    for i in range(n):
        without = masks[masks >> i & 1 == 0]
        added = values[without | 1 << i] - values[without]
        credit.append(share[size[without]] @ added)
    return pd.Series(credit, players, name="value")


def orders_within(paths, converted):
    r"""Return the game :math:`v(S)`: orders whose channels all lie in S.

    In it, Shapley's value credits each order in equal parts to the channels of its
    path, each counted once.

    Parameters
    ----------
    paths, converted
        As for :func:`~recbook.marketing.attribution.last_click`.

    Returns
    -------
    callable
        From a set of channels to a number of orders; :math:`v(\emptyset)` is the number
        of orders without a touch.

    Raises
    ------
    ValueError
        If there is no touch at all, a channel is no str, or lengths differ.

    References
    ----------
    Zhao, Mahboobi and Bagheri (2018).

    Examples
    --------
    >>> v = orders_within([("display", "search"), ("search",), ()], [1, 1, 1])
    >>> v(set()), v({"search"}), v({"display", "search"})
    (1, 2, 3)
    """
    touches = check_paths(paths, converted)
    names = np.array(touches.channels, dtype=object)[touches.codes]
    each = np.split(names, np.cumsum(touches.lengths)[:-1])  # the channels of a path
    ordered = (path for path, yes in zip(each, touches.converted, strict=True) if yes)
    counts = Counter(map(frozenset, ordered))

    def value(coalition):
        """Return the orders whose channels all lie in the coalition."""
        coalition = frozenset(coalition)
        return sum(n for channels, n in counts.items() if channels <= coalition)

    return value


def _checked(players):
    if isinstance(players, str):
        raise ValueError(f"players is {players!r}: give a list of names")
    players = list(players)
    if not 1 <= len(players) <= MOST_PLAYERS:
        raise ValueError(
            f"players has {len(players)} names: give 1 to {MOST_PLAYERS}, since each "
            "further one doubles the coalitions"
        )
    for place, player in enumerate(players):
        if players.index(player) < place:
            raise ValueError(f"players[{place}] is {player!r} once more: name it once")
    return players


def _coalition(players, mask):
    return frozenset(p for i, p in enumerate(players) if mask >> i & 1)


def _value_of(value, coalition):
    name = f"value of {sorted(map(str, coalition))}"
    if isinstance(value, Mapping):
        if coalition not in value:
            raise ValueError(f"{name} is missing: give one for each coalition")
        return check_number(name, value[coalition])
    return check_number(name, value(coalition))
