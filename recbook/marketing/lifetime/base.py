"""What both models of a customer share: checked histories, and the climb."""

import warnings

import numpy as np
from scipy import optimize

from recbook.marketing.base import check_counts, check_rows, check_values

LIMIT = 1e4  # a parameter, in scaled units, lies between 1 / LIMIT and LIMIT
FLAT = 1e-8  # of the steepest curvature: no direction to go along
SETTLED = {"maxiter": 1000, "maxcor": 20, "ftol": 1e-15, "gtol": 1e-8}


def check_history(frequency, recency, T):
    """Return the three as float64 arrays (n,), if they can be a customer's history.

    >>> check_history([0, 2], [0.0, 40.0], [38.0, 38.0])
    Traceback (most recent call last):
    ...
    ValueError: recency[1] is 40.0, after T = 38.0: both count from the first order
    """
    check_rows(frequency=frequency, recency=recency, T=T)
    x = check_counts("frequency", frequency)
    t_x = check_values("recency", recency, len(x), low=0)
    T = check_values("T", T, len(x), low=0)
    wrong = {
        "after T = {2}: both count from the first order": t_x > T,
        "but frequency is 0: without a repeat order the last is the first, at 0": (
            (x == 0) & (t_x > 0)
        ),
        "but frequency is {0:.0f}: count the orders of a day once, as summary does": (
            (x > 0) & (t_x == 0)
        ),
    }
    for words, rows in wrong.items():
        if rows.any():
            row = int(rows.argmax())
            words = words.format(x[row], t_x[row], T[row])
            raise ValueError(f"recency[{row}] is {t_x[row]}, {words}")
    return x, t_x, T


def at_limit(model, parameters, n_people):
    """Return the names of parameters that ended at a limit, and warn of them.

    Parameters
    ----------
    model : str
        Its name, for the warning.
    parameters : dict of str to float
        In scaled units, as :func:`maximize` returns them.
    n_people : int
        On whose histories they stand.

    Examples
    --------
    >>> at_limit("BetaGeo", {"r": 0.5, "b": 2.0}, 4000)
    ()
    """
    inside = (1 + 1e-6) / LIMIT, LIMIT / (1 + 1e-6)
    names = tuple(
        name for name, value in parameters.items()
        if not inside[0] < value < inside[1]
    )  # fmt: skip
    if names:
        warnings.warn(
            f"{model}: {', '.join(names)} ended at the limit of the search: "
            f"{n_people} customers say too little about the parameters; take more "
            "customers or a longer time, and do not trust answers for single customers",
            stacklevel=3,
        )
    return names


def check_weights(weights, n):
    """Return how often each of n rows counts (m,), and which rows count at all (n,).

    >>> check_weights([2, 0, 1], 3)
    (array([2., 1.]), array([ True, False,  True]))
    """
    weights = np.ones(n) if weights is None else check_values("weights", weights, n, 0)
    kept = weights > 0
    return weights[kept], kept


def maximize(log_likelihood, start, n_people, steps=None):
    """Return the positive parameters at which a log-likelihood is largest.

    It climbs over the logarithms of the parameters, by L-BFGS.

    Parameters
    ----------
    log_likelihood : callable
        Takes the parameters (n_parameters,) and returns the value and the gradient.
    start : (n_parameters,) array_like
        Where the climb begins.
    n_people : float
        The value is a sum over n_people, and its mean is what has to settle.
    steps : (n_parameters, n_parameters) array, optional
        Of :func:`steps_of` for like data, such as those of which the customers were
        drawn again: along them the climb is as steep in each direction, and short.

    Returns
    -------
    (n_parameters,) array
        Each between 1 / LIMIT and LIMIT.
    """

    def loss(logs):
        parameters = np.exp(logs)
        value, gradient = log_likelihood(parameters)
        return -value / n_people, -gradient * parameters / n_people

    def along(moves):
        value, gradient = loss(np.clip(start + steps @ moves, -edge, edge))
        return value, steps.T @ gradient

    edge = np.log(LIMIT)
    start = np.clip(np.log(start), -edge, edge)
    how = {"method": "L-BFGS-B", "jac": True, "options": SETTLED}
    if steps is not None:
        moves = optimize.minimize(along, np.zeros(len(start)), **how).x
        logs = start + steps @ moves
        if np.abs(logs).max() < edge:
            return np.exp(logs)
    bounds = [(-edge, edge)] * len(start)
    return np.exp(optimize.minimize(loss, start, bounds=bounds, **how).x)


def steps_of(log_likelihood, parameters, n_people):
    """Return the directions along which a maximum falls alike, None where it is flat.

    Its columns are the eigenvectors of the curvature in the logarithms of the
    parameters, each divided by the root of its eigenvalue.
    """

    def slope(logs):
        moved = np.exp(logs)
        return log_likelihood(moved)[1] * moved / n_people

    logs, h = np.log(parameters), 1e-4
    around = np.eye(len(logs)) * h
    rows = [(slope(logs - one) - slope(logs + one)) / (2 * h) for one in around]
    sizes, directions = np.linalg.eigh((np.array(rows) + np.transpose(rows)) / 2)
    return directions / np.sqrt(sizes) if sizes.min() > FLAT * sizes.max() else None
