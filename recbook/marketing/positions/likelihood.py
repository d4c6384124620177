"""The likelihood of the position-based model, and how its top is reached."""

import numpy as np

from recbook.base import DivergenceError
from recbook.marketing.positions.base import Cells

__all__ = ["check_linked", "climb", "errors"]

TOLERANCE = 1e-11  # largest step of a logarithm after which the likelihood has its top
ALMOST = 1 - 1e-9  # no probability of a click is above it in a step of scoring


def check_linked(cells, n_items):
    """Raise unless items with clicks link all positions to the first."""
    clicks = cells.by_position(cells.clicks)
    if not clicks.all():
        k = int((clicks == 0).argmax()) + 1
        raise ValueError(
            f"position {k} has no click, so nothing tells its examination from 0: "
            "take more impressions, or leave these rows out"
        )
    clicked = cells.by_item(cells.clicks, n_items) > 0
    linked = np.arange(len(clicks)) == 0
    for _ in clicks:  # as many rounds as positions reach all that can be reached
        items = (cells.by_item(linked[cells.position], n_items) > 0) & clicked
        linked = linked | (cells.by_position(items[cells.item]) > 0)
    if not linked.all():
        k = int(linked.argmin()) + 1
        raise ValueError(
            f"position {k} shares no item with clicks, directly or by others, with "
            "position 1: item and position cannot be told apart; log rankers that "
            "differ, or swap at random"
        )


def climb(cells, n_items, n_iterations):
    """Return theta, gamma, the log-likelihood and the number of steps at its top."""
    cells, some = _with_clicks(cells, n_items)
    theta = np.full(int(cells.position.max()) + 1, 0.5)
    gamma = np.clip(
        cells.by_item(cells.clicks, some.sum()) / cells.by_item(cells.n, some.sum()),
        0.0,
        0.9,
    )
    top = _likelihood(cells, theta, gamma)
    for n_iter in range(1, n_iterations + 1):
        theta, gamma, size = _better(cells, theta, gamma, top)
        before, top = top, _likelihood(cells, theta, gamma)
        if size < TOLERANCE or (size == np.inf and top - before < 1e-12 * abs(top)):
            every = np.zeros(n_items)
            every[some] = gamma
            return theta, every, top, n_iter
    raise DivergenceError(
        f"PositionBased: not settled after n_iterations={n_iterations} steps; take "
        "more of them, or leave out items with few impressions"
    )


def errors(cells, theta, gamma):
    """Return the standard errors (K,) of ln θ relative to position 1."""
    cells, some = _with_clicks(cells, len(gamma))
    A, _, _ = _information(cells, theta, gamma[some])
    variance = np.linalg.inv(A).diagonal() if len(A) else []
    return np.append(0.0, np.sqrt(variance))


def _with_clicks(cells, n_items):
    """Return the cells of items that have clicks, renumbered, and which items."""
    some = cells.by_item(cells.clicks, n_items) > 0
    keep = some[cells.item]
    item = (np.cumsum(some) - 1)[cells.item[keep]]
    return Cells(item, cells.position[keep], cells.n[keep], cells.clicks[keep]), some


def _likelihood(cells, theta, gamma):
    """Return the log-likelihood, with 0 ln 0 = 0."""
    p = theta[cells.position] * gamma[cells.item]
    misses = cells.n - cells.clicks
    lost = misses * np.log1p(-np.where(misses > 0, p, 0.0))
    return float((cells.clicks * np.log(p) + lost).sum())


def _better(cells, theta, gamma, top):
    """Return parameters with no lower a likelihood, and the step; inf for one of EM."""
    if theta.max() * gamma.max() < ALMOST:
        up, out = _scoring(cells, theta, gamma)
        for share in (1.0, 0.5, 0.25):
            one, other = theta * np.exp(share * up), gamma * np.exp(share * out)
            if one.max() * other.max() >= ALMOST:
                continue
            if _likelihood(cells, one, other) >= top - 1e-13 * abs(top):
                return one, other, max(np.abs(up).max(), np.abs(out).max())
    largest = theta.max()  # EM wants both to be probabilities
    return *_em(cells, theta / largest, gamma * largest), np.inf


def _em(cells, theta, gamma):
    """Return one step of EM: impressions examined, and attracted, over all of them."""
    t, g = theta[cells.position], gamma[cells.item]
    misses = (cells.n - cells.clicks) / np.maximum(1 - t * g, 1 - ALMOST)
    examined = cells.clicks + misses * t * (1 - g)
    attracted = cells.clicks + misses * g * (1 - t)
    n_items = len(gamma)
    return (
        cells.by_position(examined) / cells.by_position(cells.n),
        cells.by_item(attracted, n_items) / cells.by_item(cells.n, n_items),
    )


def _scoring(cells, theta, gamma):
    """Return the step of ln θ and ln γ by Fisher's scoring, ln θ of position 1 kept."""
    p = theta[cells.position] * gamma[cells.item]
    slope = (cells.clicks - cells.n * p) / (1 - p)
    A, cross, items = _information(cells, theta, gamma)
    of_items = cells.by_item(slope, len(gamma))
    of_positions = cells.by_position(slope)[1:] - cross.T @ (of_items / items)
    up = np.linalg.solve(A, of_positions)
    return np.append(0.0, up), (of_items - cross @ up) / items


def _information(cells, theta, gamma):
    """Return Fisher's of ln θ with the items solved out, and what it was made of."""
    p = np.minimum(theta[cells.position] * gamma[cells.item], ALMOST)
    cross = np.zeros((len(gamma), len(theta)))
    cross[cells.item, cells.position] = cells.n * p / (1 - p)
    items = cross.sum(axis=1)
    A = np.diag(cross.sum(axis=0)) - cross.T @ (cross / items[:, None])
    return A[1:, 1:], cross[:, 1:], items
