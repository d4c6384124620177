"""Checks of chapter 4.3, autoencoders."""

import functools

import numpy as np

from recbook.checks import exercise_function
from recbook.checks.inside import without


def _tables():
    """Deviations, their mask and the outputs of a network; one row has no rating."""
    rng = np.random.default_rng(43)
    made = []
    for shape, fraction in [((4, 5), 0.5), ((6, 3), 0.4), ((2, 7), 0.8)]:
        observed = (rng.random(shape) < fraction).astype(float)
        observed[0, 0], observed[-1] = 1.0, 0.0
        D = observed * rng.integers(-4, 5, shape) / 2
        made.append((D, observed, rng.normal(size=shape).round(2)))
    return made


def _masked(D, observed, said):
    cells = np.argwhere(observed > 0)
    return sum((D[u, i] - said[u, i]) ** 2 for u, i in cells) / len(cells)


def _by_rows(D, observed, said):
    squares, counts = (observed * (D - said) ** 2).sum(axis=1), observed.sum(axis=1)
    return (squares[counts > 0] / counts[counts > 0]).mean()


MASKED = {
    "divided by all cells: the mean is over the observed ones alone": (
        lambda D, observed, said: (observed * (D - said) ** 2).mean()
    ),
    "gaps are taken for ratings: the mask is missing": (
        lambda D, observed, said: ((D - said) ** 2).mean()
    ),
    "the gaps are in the sum: the mask belongs into it": (
        lambda D, observed, said: ((D - said) ** 2).sum() / observed.sum()
    ),
    "that is a sum: divide by how many were observed": (
        lambda D, observed, said: (observed * (D - said) ** 2).sum()
    ),
    "no root: the loss is a mean of squares": lambda *case: np.sqrt(_masked(*case)),
    "the mean over rows of each one's mean lets an entry of a short row count more": (
        _by_rows
    ),
}
exercise_function("4.3-masked", _masked, _tables, "the loss", atol=1e-8, slips=MASKED)


def _slope(D, observed, H, W):
    """The loss's slope by central differences: exact, but for rounding, in a square."""
    slope = np.empty_like(W)
    for place in np.ndindex(W.shape):
        step = np.zeros_like(W)
        step[place] = 0.5
        higher = _masked(D, observed, H @ (W + step))
        slope[place] = higher - _masked(D, observed, H @ (W - step))
    return slope


def _codes():
    rng = np.random.default_rng(431)
    return [
        (D, o, rng.normal(size=(len(D), f)).round(2), rng.normal(size=(f, D.shape[1])))
        for (D, o, _), f in zip(_tables(), (2, 3, 1), strict=True)
    ]


SLOPE = {
    "the 2 of the square is missing": lambda *case: _slope(*case) / 2,
    "the sign is that of a step down, not of the slope": lambda *case: -_slope(*case),
    "the mask is missing: nothing is to be learned from gaps": (
        lambda D, observed, H, W: 2 * H.T @ (H @ W - D) / observed.sum()
    ),
    "divided by all cells: the loss is a mean over the observed ones alone": (
        lambda D, observed, H, W: _slope(D, observed, H, W) * observed.mean()
    ),
    "that is the slope of a sum: the loss is a mean": (
        lambda D, observed, H, W: _slope(D, observed, H, W) * observed.sum()
    ),
}
exercise_function(
    "4.3-slope", _slope, _codes, "the slopes of W", atol=1e-8, slips=SLOPE
)


def _likelihood(x, logits):
    top = logits.max()
    total = top + np.log(np.exp(logits - top).sum())
    return sum(logits[i] - total for i in np.flatnonzero(x))


def _baskets():
    rng = np.random.default_rng(432)
    made = []
    for n, height in [(4, 1.0), (7, 3.0), (5, 1000.0)]:
        x = (rng.random(n) < 0.5).astype(float)
        x[n // 2] = 1.0
        made.append((x, (rng.normal(size=n) * height).round(2)))
    return made


def _overflowing(x, logits):
    with np.errstate(all="ignore"):
        powers = np.exp(logits)
        return x @ np.log(powers / powers.sum())


def _log_of_zero(x, logits):
    powers = np.exp(logits - logits.max())
    with np.errstate(divide="ignore"):
        return np.log(powers / powers.sum())[x > 0].sum()


def _film_by_film(x, logits):
    return (x * logits - np.logaddexp(0, logits)).sum()


LIKELIHOOD = {
    "an exponential overflows, or a logarithm meets 0: what may be taken off all logits"
    " and changes no probability?": _overflowing,
    "a probability has been rounded to 0 before its logarithm was taken": _log_of_zero,
    "the logarithm of the sum is taken off once: each film of the basket loses it": (
        lambda x, logits: (
            _likelihood(x, logits) + (x.sum() - 1) * np.logaddexp.reduce(logits)
        )
    ),
    "that is a sigmoid for each film: here all films share one softmax": _film_by_film,
    "a loss has this sign, a log-likelihood the other": lambda *case: (
        -_likelihood(*case)
    ),
    "that is a mean: each film of the basket adds its own logarithm": (
        lambda x, logits: _likelihood(x, logits) / x.sum()
    ),
}
exercise_function(
    "4.3-likelihood",
    _likelihood,
    _baskets,
    "the log-likelihood",
    atol=1e-6,
    slips=LIKELIHOOD,
    then=without("scipy"),
)


def _each_kl(mean, sigma):
    return (sigma**2 + mean**2 - 1.0) / 2 - np.log(sigma)


def _kl(mean, sigma):
    return _each_kl(mean, sigma).sum(axis=1)


def _gaussians():
    rng = np.random.default_rng(433)
    return [
        (rng.normal(size=shape).round(2), rng.uniform(0.1, 2.0, shape).round(2))
        for shape in [(3, 2), (1, 5), (4, 1)]
    ]


KL = {
    "averaged over dimensions: independent dimensions add up": (
        lambda *case: _each_kl(*case).mean(axis=1)
    ),
    "the half in front is missing": lambda *case: 2 * _kl(*case),
    "the logarithm is that of the variance, and sigma is a standard deviation": (
        lambda mean, sigma: (sigma**2 + mean**2 - 1 - np.log(sigma)).sum(axis=1) / 2
    ),
    "sigma is taken for a variance: it is a standard deviation": (
        lambda mean, sigma: _kl(mean, np.sqrt(sigma))
    ),
    "the logarithm has the wrong sign": (
        lambda mean, sigma: (_each_kl(mean, sigma) + 2 * np.log(sigma)).sum(axis=1)
    ),
    "one number for all: each person has a divergence": lambda *case: _kl(*case).sum(),
    "added up over people: add up over the dimensions of each": (
        lambda *case: _each_kl(*case).sum(axis=0)
    ),
}
exercise_function("4.3-kl", _kl, _gaussians, "the divergences", atol=1e-8, slips=KL)


def _risen(beta, n_anneal, n_epochs):
    return np.array(
        [beta * (min(1.0, t / n_anneal) if n_anneal else 1.0) for t in range(n_epochs)]
    )


def _climbing(beta, n_anneal, n_epochs, first=0, last=0):
    """Begins and ends its climb elsewhere: a slip."""
    steps = np.arange(first, n_epochs + first)
    return beta * np.minimum(1, steps / max(n_anneal + last, 1))


ANNEAL = {
    "the first epoch is free here, even where nothing is annealed": _climbing,
    "the first epoch pays already: the price begins at 0": functools.partial(
        _climbing, first=1
    ),
    "the top is reached an epoch too early": functools.partial(_climbing, last=-1),
    "it never stops rising: after the climb it is to stay": (
        lambda beta, n_anneal, n: (
            beta * np.arange(n) / n_anneal if n_anneal else np.full(n, beta)
        )
    ),
}
exercise_function(
    "4.3-anneal",
    _risen,
    [(0.5, 4, 8), (1.0, 10, 5), (0.2, 0, 3), (2.0, 1, 4)],
    "the values of beta",
    atol=1e-9,
    slips=ANNEAL,
)


def _active(mean, sigma, threshold):
    return int((_each_kl(mean, sigma).mean(axis=0) > threshold).sum())


def _collapsed():
    rng = np.random.default_rng(434)
    made = []
    for alive, f, threshold in [(2, 5, 0.05), (0, 3, 0.05), (4, 4, 0.02), (1, 6, 0.3)]:
        mean, sigma = np.zeros((9, f)), np.ones((9, f))
        mean[:, :alive] = rng.normal(size=(9, alive)) * 2
        sigma[:, :alive] = 0.4
        mean[:, alive:] += 0.01 * rng.normal(size=(9, f - alive))
        order = rng.permutation(f)
        made.append((mean[:, order], sigma[:, order], threshold))
    mean, sigma = np.zeros((10, 4)), np.ones((10, 4))
    mean[0, 0] = 1.45  # one person's price is 1.1, everybody's mean 0.1
    mean[:4, 1] = 3.0, -3.0, 3.0, -3.0  # four pay 4.5: a mean of 1.8, a median of 0
    sigma[:, 2] = 0.3  # the price of being sure alone: 0.75
    mean[:, 3] = 0.3  # 0.045 from each of ten, and a sum of 0.45
    return [*made, (mean, sigma, 0.2)]


ACTIVE = {
    "here one person with an unusual code makes a dimension used": (
        lambda *case: int((_each_kl(*case[:2]) > case[2]).any(axis=0).sum())
    ),
    "added up over people: a mean is asked for": (
        lambda *case: int((_each_kl(*case[:2]).sum(axis=0) > case[2]).sum())
    ),
    "that counts people: average over them, and count dimensions": (
        lambda *case: int((_each_kl(*case[:2]).mean(axis=1) > case[2]).sum())
    ),
    "sigma is missing in the divergence": (
        lambda mean, sigma, threshold: _active(mean, np.ones_like(sigma), threshold)
    ),
}
exercise_function(
    "4.3-active", _active, _collapsed, "the number of dimensions", slips=ACTIVE
)


def _fold_in(films, V, c, W, b, k, power=0.5, squash=np.tanh, tie=1, cut=None, own=0):
    """MultDAE's answer to a new basket, without what is in it; options are slips."""
    x = np.zeros(len(V))
    x[list(films)] = 1.0
    scores = squash(x / x.sum() ** power @ V + c) @ W + b
    best = sorted(range(len(V)), key=lambda i: (-scores[i], tie * i))[:cut]
    return np.array([i for i in best if x[i] <= own][:k], dtype=int)


def _newcomers():
    rng = np.random.default_rng(435)
    made = []
    for n, f, films, k in [(8, 2, [1, 5], 3), (6, 3, [0], 2), (9, 1, [8, 2, 4, 3], 5)]:
        V, W = rng.normal(size=(n, f)), rng.normal(size=(f, n))
        made.append(
            (np.array(films), V, rng.normal(size=f), W, rng.normal(size=n) / 3, k)
        )
    made.append(
        (np.array([2]), np.zeros((9, 1)), np.ones(1), np.zeros((1, 9)), np.zeros(9), 6)
    )  # all are equal
    # Two equal films, fewer left than asked for, and a code that tanh holds back.
    W = np.array([[0, 1, 0, 1, -1, 2.0], [2, 0, 2.5, 0, 0, 1]])
    c, b = np.array([3.0, 0.5]), np.zeros(6)
    made.append((np.array([5, 0]), np.eye(6, 2) / 4, c, W, b, 10))
    return made


FOLD_IN = {
    "take the films of the basket out before the list is cut": (
        lambda *case: _fold_in(*case, cut=case[-1])
    ),
    "the films of the basket are among those recommended": (
        functools.partial(_fold_in, own=1)
    ),
    "the row of the basket is not scaled": functools.partial(_fold_in, power=0),
    "the row is divided by the number of films: its length is to be 1": (
        functools.partial(_fold_in, power=1)
    ),
    "the code has not gone through tanh": functools.partial(
        _fold_in, squash=np.asarray
    ),
    "of equal films the lower code is to come first": functools.partial(
        _fold_in, tie=-1
    ),
}
exercise_function("4.3-fold-in", _fold_in, _newcomers, "the list", slips=FOLD_IN)
