"""Checks of chapter 4.3, autoencoders."""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _tables():
    """Deviations, their mask and what a network says; one row has no rating."""
    rng = np.random.default_rng(43)
    made = []
    for shape, share in [((4, 5), 0.5), ((6, 3), 0.4), ((2, 7), 0.8)]:
        observed = (rng.random(shape) < share).astype(float)
        observed[0, 0], observed[-1] = 1.0, 0.0
        D = observed * rng.integers(-4, 5, shape) / 2
        made.append((D, observed, rng.normal(size=shape).round(2)))
    return made


def _masked(D, observed, said):
    cells = np.argwhere(observed > 0)
    return sum((D[u, i] - said[u, i]) ** 2 for u, i in cells) / len(cells)


exercise_function("4.3-masked", _masked, _tables, "the loss", atol=1e-8)


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


exercise_function("4.3-slope", _slope, _codes, "the slopes of W", atol=1e-8)


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


exercise_function(
    "4.3-likelihood", _likelihood, _baskets, "the log-likelihood", atol=1e-6
)

exercise_value("4.3-price", lambda: 0.5 * (3.0**2 + 4.0**2), "the price", atol=1e-6)


def _kl(mean, sigma):
    each = (sigma**2 + mean**2 - 1.0) / 2 - np.log(sigma)
    return each.sum(axis=1)


def _gaussians():
    rng = np.random.default_rng(433)
    return [
        (rng.normal(size=shape).round(2), rng.uniform(0.1, 2.0, shape).round(2))
        for shape in [(3, 2), (1, 5), (4, 1)]
    ]


exercise_function("4.3-kl", _kl, _gaussians, "the divergences", atol=1e-8)


def _risen(beta, n_anneal, n_epochs):
    return np.array(
        [beta * (min(1.0, t / n_anneal) if n_anneal else 1.0) for t in range(n_epochs)]
    )


exercise_function(
    "4.3-anneal",
    _risen,
    [(0.5, 4, 8), (1.0, 10, 5), (0.2, 0, 3), (2.0, 1, 4)],
    "the values of beta",
    atol=1e-9,
)


def _active(mean, sigma, threshold):
    each = ((sigma**2 + mean**2 - 1.0) / 2 - np.log(sigma)).mean(axis=0)
    return int((each > threshold).sum())


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
    return [*made, (mean, sigma, 0.2)]


exercise_function("4.3-active", _active, _collapsed, "the number of dimensions")


def _fold_in(films, V, c, W, b, k):
    """MultDAE's answer to a new basket, without what is in it."""
    x = np.zeros(len(V))
    x[list(films)] = 1.0
    scores = np.tanh(x / np.sqrt(x.sum()) @ V + c) @ W + b
    free = [i for i in range(len(V)) if x[i] == 0]
    return np.array(sorted(free, key=lambda i: (-scores[i], i))[:k])


def _newcomers():
    rng = np.random.default_rng(435)
    made = []
    for n, f, films, k in [(8, 2, [1, 5], 3), (6, 3, [0], 2), (9, 1, [8, 2, 4, 3], 5)]:
        V, W = rng.normal(size=(n, f)), rng.normal(size=(f, n))
        made.append(
            (np.array(films), V, rng.normal(size=f), W, rng.normal(size=n) / 3, k)
        )
    # Two equal films, fewer left than asked for, and a code that tanh holds back.
    W = np.array([[0, 1, 0, 1, -1, 2.0], [2, 0, 2.5, 0, 0, 1]])
    c, b = np.array([3.0, 0.5]), np.zeros(6)
    made.append((np.array([5, 0]), np.eye(6, 2) / 4, c, W, b, 10))
    return made


exercise_function("4.3-fold-in", _fold_in, _newcomers, "the list")
