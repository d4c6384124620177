"""Stochastic gradient descent: the loop over epochs and the error on stars."""

import numpy as np
from tqdm import tqdm

from recbook._core.jit import FAST, njit
from recbook.base import DivergenceError, diverged
from recbook.factorization.base import all_finite
from recbook.ratings import Ratings

__all__ = [
    "check_validation",
    "errors_of",
    "in_blocks",
    "in_lines",
    "sgd_epochs",
    "shuffled_blocks",
]

WIDE = 100.0  # a span of ratings beyond which lr is not the first thing to change
LINE = 8  # float64 numbers in one line of the processor's cache
BLOCK = 2**17  # approximate number of ratings in a block


def check_validation(validation, train):
    """Raise unless ``validation`` is None or a table with the codes of ``train``."""
    if validation is None:
        return
    if not isinstance(validation, Ratings) or validation.n_ratings == 0:
        raise ValueError(
            f"validation must be a recbook.Ratings with ratings, got {validation!r}"
        )
    if validation.csr.shape != train.csr.shape:
        raise ValueError(
            f"validation has (users, items) {validation.csr.shape}, but train has "
            f"{train.csr.shape}; make both with subset() of one table"
        )


def in_blocks(rng, train):
    """Return train as a list of (users, items, values), each a block of random users.

    A random order over millions of ratings makes the processor wait for memory at
    almost every rating. Within a block, the ratings and the users' factors stay in the
    cache. A table of up to ``BLOCK`` ratings is one block.
    """
    # An unsigned code cannot be a negative index, which saves a comparison.
    columns = train.users.astype(np.uint32), train.items.astype(np.uint32), train.values
    n_blocks = -(-train.n_ratings // BLOCK)
    if n_blocks == 1:
        return [columns]
    dealt = rng.integers(n_blocks, size=train.n_users)[train.users]
    dealt = dealt.astype(np.min_scalar_type(n_blocks))  # small integers sort faster
    order = np.argsort(dealt, kind="stable")
    ends = np.cumsum(np.bincount(dealt, minlength=n_blocks))[:-1]
    columns = [np.split(column[order], ends) for column in columns]
    return list(zip(*columns, strict=True))


def shuffled_blocks(rng, blocks):
    """Yield each block once, with blocks and ratings in a fresh random order."""
    for b in rng.permutation(len(blocks)):
        t = rng.permutation(blocks[b][0].size)
        yield tuple(column[t] for column in blocks[b])


def in_lines(X):
    """Return a copy of X, (n, k), whose rows each fill whole cache lines.

    Rows are padded with zeros, which the updates leave at zero. A row that begins in
    the middle of a cache line takes up to a fifth more time.
    """
    n, k = X.shape
    width = -(-k // LINE) * LINE
    room = np.zeros(n * width + LINE)
    first = -room.__array_interface__["data"][0] // room.itemsize % LINE
    lines = room[first : first + n * width].reshape(n, width)
    lines[:, :k] = X
    return lines


def sgd_epochs(model, step, parameters, names, measure, decay, span=0.0):
    """Run ``n_epochs`` epochs with decaying ``lr`` and return the measured history.

    Parameters
    ----------
    model : object
        Has ``n_epochs``, ``lr`` and ``verbose``.
    step : callable
        ``step(lr)`` updates the parameters by one pass over the ratings.
    parameters : list of arrays
        Checked for overflow after each epoch.
    names : sequence of str
        Names of the measured values.
    measure : callable
        Called after each epoch. Returns one float for each name.
    decay : float
        Multiplies lr after every epoch.
    span : float
        The highest less the lowest rating, for the advice where training diverges.

    Returns
    -------
    dict of lists of float
        One number per epoch under each name.
    """
    history = {name: [] for name in names}
    lr = float(model.lr)  # an int would compile the kernel a second time
    # Overflow is checked below. Plain Python would also warn about it.
    with np.errstate(over="ignore", invalid="ignore"):
        for n in tqdm(range(model.n_epochs), disable=not model.verbose):
            step(lr)
            if not all_finite(*parameters):
                raise diverged(model, n + 1) if span <= WIDE else _too_wide(model, span)
            for name, value in zip(names, measure(), strict=True):
                history[name].append(value)
            lr *= decay
    return history


def _too_wide(model, span):
    """Return what to raise where not lr is wrong, but the scale of the ratings."""
    return DivergenceError(
        f"the ratings span {span:g}, and the parameters left the finite numbers at "
        f"lr={model.lr}, which goes with stars; divide the ratings by {span / 4:.1g}"
    )


def errors_of(train, validation, *facts):
    """Return error functions for train and, where given, validation; see error_of."""
    tables = {"train": train}
    if validation is not None:
        tables["validation"] = validation
    return {name: error_of(table, *facts) for name, table in tables.items()}


def error_of(table, known, offset, mu, scale):
    """Return a function that computes the RMSE of ``predict`` on ``table``, in stars.

    It takes (bu, bi, P, Q), where P holds the complete user vectors.
    """
    both = known[0][table.users] & known[1][table.items]
    base = np.where(both, offset, mu)  # as in predict; rows without ratings are 0

    def rmse(bu, bi, P, Q):
        pairs = (table.users, table.items, table.values, base)
        return float(np.sqrt(squared_error(*pairs, bu, bi, P, Q, *scale) / base.size))

    return rmse


@njit(cache=True, fastmath=FAST)
def squared_error(users, items, values, base, bu, bi, P, Q, low, high):
    """Return the sum of the squared errors of the clipped predictions."""
    total = 0.0
    for t in range(users.size):
        p, q = P[users[t]], Q[items[t]]
        r = base[t] + bu[users[t]] + bi[items[t]]
        for f in range(p.size):
            r += p[f] * q[f]
        total += (values[t] - min(max(r, low), high)) ** 2
    return total
