r"""Two models of clicks in a list: by position, and from the top down."""

import numpy as np

from recbook._core.validate import check_fitted
from recbook.base import Estimator, check_settings, count
from recbook.marketing.base import check_rows
from recbook.marketing.positions.base import (
    MOST,
    by_lognormal,
    cells_of,
    check_codes,
    check_log,
    check_whole,
)
from recbook.marketing.positions.likelihood import check_linked, climb, errors

__all__ = ["Cascade", "PositionBased"]


class PositionBased(Estimator):
    r"""The position-based model: a click is an examination and an attraction.

    .. math:: \Pr(c = 1 \mid i, k) = \theta_k\, \gamma_i, \qquad \theta_1 = 1

    Fitted by maximum likelihood over the cells of item and position,
    :math:`\sum_{ik} c_{ik} \ln\theta_k\gamma_i + (n_{ik} - c_{ik})
    \ln(1 - \theta_k\gamma_i)`. A step is Fisher's scoring of the logarithms, with the
    items solved out. Where that would give a probability above 1 or lower the
    likelihood, it is a step of EM, which never does. Only products count, so
    :math:`\theta_1 = 1` is a convention: :math:`\gamma_i` is the click rate at
    position 1.

    Parameters
    ----------
    n_iterations : int
        Most steps. A dozen are enough where no fitted probability comes near 1.

    Attributes
    ----------
    examination_ : (K,) array
        :math:`\theta_k`, relative to position 1. It may exceed 1.
    estimates_ : Estimates
        The same with standard errors and intervals, by Fisher's information.
    attraction_ : (n_items,) array
        :math:`\gamma_i`, for each code up to the largest. 0 where an item has no click;
        for a code without an impression, the mean of the items that have one.
    log_likelihood_ : float
        Of all impressions.
    n_iter_ : int
        Steps taken.

    Raises
    ------
    ValueError
        If a position has no click, or no item with clicks links it to position 1: with
        one ranking alone, item and position cannot be told apart.

    Notes
    -----
    Each item has a number of its own. Where many items have a few impressions each, low
    positions get too small an examination, with too narrow an interval; take
    :func:`harvest_propensities` there, which estimates no attraction.

    References
    ----------
    Richardson, Dominowska and Ragno (2007); Chuklin, Markov and de Rijke (2015).

    Examples
    --------
    Of ten impressions each: item 0 has 8 clicks at position 1 and 4 at 2, item 1 has 4
    at position 1 and 2 at 2.

    >>> item, position = [0] * 20 + [1] * 20, ([1] * 10 + [2] * 10) * 2
    >>> clicked = [k < c for c in (8, 4, 4, 2) for k in range(10)]
    >>> model = PositionBased().fit(item, position, clicked)
    >>> model.examination_.round(9).tolist(), model.attraction_.round(9).tolist()
    ([1.0, 0.5], [0.8, 0.4])
    >>> model.predict([1], [2]).round(9).tolist()
    [0.2]
    """

    _ranges = {"n_iterations": count()}

    def __init__(self, n_iterations=20_000):
        self.n_iterations = n_iterations

    def fit(self, item, position, clicked):
        """Fit to impressions: codes of items from 0, positions from 1, clicks (n,)."""
        check_settings(self)
        item, position, clicked = check_log(item, position, clicked)
        known, row = np.unique(item, return_inverse=True)
        cells = cells_of(row, position, clicked)
        check_linked(cells, len(known))
        steps = climb(cells, len(known), self.n_iterations)
        theta, gamma, self.log_likelihood_, self.n_iter_ = steps
        error = errors(cells, theta, gamma)
        self.estimates_ = by_lognormal(theta / theta[0], error)
        self.examination_ = self.estimates_.value
        rate = gamma * theta[0]
        self.attraction_ = np.full(known[-1] + 1, rate.mean())
        self.attraction_[known] = rate
        return self

    def predict(self, item, position):
        """Return the probability of a click (n,) of items at positions.

        To rank items, take the same position for all, such as 1.
        """
        check_fitted(self, "attraction_")
        check_rows(item=item, position=position)
        item = _known("item", check_codes("item", item), len(self.attraction_) - 1)
        position = check_whole("position", position, len(item), low=1)
        position = _known("position", position, len(self.examination_))
        return self.examination_[position - 1] * self.attraction_[item]


def _known(name, codes, largest):
    """Return codes, none of them above the largest that fit saw."""
    if codes.max() > largest:
        row = int((codes > largest).argmax())
        raise ValueError(
            f"{name}[{row}] is {codes[row]}, but fit saw no {name} above {largest}"
        )
    return codes


class Cascade(Estimator):
    r"""The cascade model: a reader goes down the list and stops at the first click.

    .. math::
       \Pr(\text{first click at } k) = \gamma_{i_k} \prod_{l < k} (1 - \gamma_{i_l})

    Everything down to the first click was examined, and nothing below it; a list
    without a click was read to its end. So the likelihood is a product of one binomial
    likelihood for each item, and its maximum is a share,

    .. math::
       \hat\gamma_i = \frac{\text{lists with the first click on } i}
                           {\text{lists in which } i \text{ was examined}}, \qquad
       \mathrm{se}_i^2 = \frac{\hat\gamma_i (1 - \hat\gamma_i)}{\text{examined}} .

    Where readers give up without a click, too few are counted for the lower positions:
    items there come out too small.

    Attributes
    ----------
    attraction_ : (n_items,) array
        :math:`\gamma_i`, for each code up to the largest. For an item that nobody
        reached, the share over all items.
    examined_ : (n_items,) array
        Lists in which an item was examined.
    estimates_ : Estimates
        The same attraction with standard errors and 95 % intervals. The error is 0 for
        an item without a click, with nothing but clicks, or never reached.

    Raises
    ------
    ValueError
        If a list has two impressions at one position.

    References
    ----------
    Craswell, Zoeter, Taylor and Ramsey (2008).

    Examples
    --------
    List 0 was clicked at its second position, list 1 nowhere.

    >>> model = Cascade().fit([0, 0, 0, 1, 1], [0, 1, 2, 1, 2], [1, 2, 3, 1, 2],
    ...                       [0, 1, 0, 0, 0])
    >>> model.examined_.tolist(), model.attraction_.tolist()
    ([1, 2, 1], [0.0, 0.5, 0.0])
    """

    def fit(self, session, item, position, clicked):
        """Fit to impressions: codes of lists and items, positions from 1, clicks."""
        check_settings(self)
        session, item, position, clicked = _lists(session, item, position, clicked)
        above = _above(session, position, clicked * 1.0)  # clicks higher in the list
        reached = above == 0
        examined = np.bincount(item, reached).astype(np.int64)
        first = np.bincount(item, reached & clicked)
        n = np.maximum(examined, 1)
        share = np.where(examined > 0, first / n, first.sum() / reached.sum())
        error = np.sqrt((1 - share) / np.maximum(first, 1)) * (first > 0)
        self.examined_, self.estimates_ = examined, by_lognormal(share, error)
        self.attraction_ = share
        return self

    def predict(self, session, item, position):
        """Return the probability (n,) that each impression gets its list's click.

        It depends on the items above, so whole lists are wanted.
        """
        check_fitted(self, "attraction_")
        session, item, position, _ = _lists(session, item, position, None)
        gamma = self.attraction_[_known("item", item, len(self.attraction_) - 1)]
        with np.errstate(divide="ignore"):
            lost = np.maximum(np.log1p(-gamma), -700.0)  # an item that all click on
        return gamma * np.exp(_above(session, position, lost))


def _lists(session, item, position, clicked):
    """Return checked impressions of lists, in which no position stands twice."""
    check_rows(session=session, item=item, position=position, clicked=clicked)
    session = check_codes("session", session)
    item = check_codes("item", item, len(session), MOST)
    item, position, clicked = check_log(
        item, position, np.zeros(len(item)) if clicked is None else clicked
    )
    order = np.lexsort((position, session))
    twice = (np.diff(session[order]) == 0) & (np.diff(position[order]) == 0)
    if twice.any():
        row = order[1:][twice][0]
        raise ValueError(
            f"session {session[row]} has two impressions at position "
            f"{position[row] + 1}: give each list its own session"
        )
    return session, item, position, clicked


def _above(session, position, values):
    """Return the sum of the values (n,) that stand higher in the same list."""
    order = np.lexsort((position, session))
    total = np.cumsum(values[order]) - values[order]
    starts = np.append(True, np.diff(session[order]) != 0)
    total -= total[starts][np.cumsum(starts) - 1]
    result = np.empty(len(values))
    result[order] = total
    return result
