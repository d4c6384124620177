"""What stochastic gradient descent shares: its loop, and the true error on stars."""

import numpy as np
from tqdm import tqdm

from recbook._core.jit import FAST, njit
from recbook.base import diverged
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

LINE = 8  # float64s in a line of the processor's cache
BLOCK = 2**17  # ratings, at most or little more, that a pass stays with for a while


def check_validation(validation, train):
    """Raise unless ``validation`` is None or a table over the codes of ``train``."""
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
    """Return [(users, items, values)] of train: blocks of whole users, dealt at random.

    One random order over millions of ratings has the processor wait for the memory at
    almost each of them. Within a block, the ratings and the users' factors stay in its
    cache. A table of up to ``BLOCK`` ratings is one block.
    """
    # An unsigned code can't be an index from the end, which spares a comparison.
    columns = train.users.astype(np.uint32), train.items.astype(np.uint32), train.values
    n_blocks = -(-train.n_ratings // BLOCK)
    if n_blocks == 1:
        return [columns]
    dealt = rng.integers(n_blocks, size=train.n_users)[train.users]
    dealt = dealt.astype(np.min_scalar_type(n_blocks))  # small numbers sort faster
    order = np.argsort(dealt, kind="stable")
    ends = np.cumsum(np.bincount(dealt, minlength=n_blocks))[:-1]
    columns = [np.split(column[order], ends) for column in columns]
    return list(zip(*columns, strict=True))


def shuffled_blocks(rng, blocks):
    """Yield each block once, blocks and their ratings in an order drawn anew."""
    for b in rng.permutation(len(blocks)):
        t = rng.permutation(blocks[b][0].size)
        yield tuple(column[t] for column in blocks[b])


def in_lines(X):
    """Return a copy of X, (n, k), whose every row is a number of whole cache lines.

    Rows are filled up with zeros, which updates leave at zero and sums don't notice. A
    row that begins in the middle of a line costs a processor up to a fifth more time.
    """
    n, k = X.shape
    width = -(-k // LINE) * LINE
    room = np.zeros(n * width + LINE)
    first = -room.__array_interface__["data"][0] // room.itemsize % LINE
    lines = room[first : first + n * width].reshape(n, width)
    lines[:, :k] = X
    return lines


def sgd_epochs(model, step, parameters, names, measure, decay):
    """Take ``n_epochs`` steps of falling ``lr``; return what was measured after each.

    Parameters
    ----------
    model : object
        Has ``n_epochs``, ``lr``, ``verbose``.
    step : callable
        ``step(lr)`` changes the parameters by one pass over the ratings.
    parameters : list of arrays
        Whose squares must have finite sums.
    names : sequence of str
        What is measured.
    measure : callable
        Returns a float for each name; called after each epoch.
    decay : float
        Multiplies lr after every epoch.

    Returns
    -------
    dict of lists of float
        One number an epoch under each name.
    """
    history = {name: [] for name in names}
    lr = float(model.lr)  # an int would be compiled anew
    # Overflow is looked for below; in plain Python it would also warn on its way.
    with np.errstate(over="ignore", invalid="ignore"):
        for n in tqdm(range(model.n_epochs), disable=not model.verbose):
            step(lr)
            if not all_finite(*parameters):
                raise diverged(model, n + 1)
            for name, value in zip(names, measure(), strict=True):
                history[name].append(value)
            lr *= decay
    return history


def errors_of(train, validation, *facts):
    """Return {"train": function}, and "validation" where there is one; see error_of."""
    tables = {"train": train}
    if validation is not None:
        tables["validation"] = validation
    return {name: error_of(table, *facts) for name, table in tables.items()}


def error_of(table, known, offset, mu, scale):
    """Return a function that gives the RMSE of ``predict`` on ``table``, in stars.

    The function takes (bu, bi, P, Q), P being the users' vectors in full.
    """
    both = known[0][table.users] & known[1][table.items]
    base = np.where(both, offset, mu)  # as predict does it: rows of strangers are 0

    def rmse(bu, bi, P, Q):
        pairs = (table.users, table.items, table.values, base)
        return float(np.sqrt(squared_error(*pairs, bu, bi, P, Q, *scale) / base.size))

    return rmse


@njit(cache=True, fastmath=FAST)
def squared_error(users, items, values, base, bu, bi, P, Q, low, high):
    """Return the sum of squared errors of the clipped predictions."""
    total = 0.0
    for t in range(users.size):
        p, q = P[users[t]], Q[items[t]]
        r = base[t] + bu[users[t]] + bi[items[t]]
        for f in range(p.size):
            r += p[f] * q[f]
        total += (values[t] - min(max(r, low), high)) ** 2
    return total
