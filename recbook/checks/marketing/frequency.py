"""Checks of chapter 6.7, what the fifth impression adds."""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _stop(points=0.008, cents=4, beyond=0, whole=False):
    """The last impression that is worth its price, or up to which all of them are."""
    gains = 25 * points * 0.6 ** np.arange(40)
    gains = gains.cumsum() / np.arange(1, 41) if whole else gains
    return int((gains > cents / 100).sum()) + beyond


exercise_value(
    "6.7-stop",
    _stop,
    "the cap",
    slips={
        "the last impression must bring more than it costs": lambda: _stop(beyond=1),
        "go on as long as one more brings more than it costs": lambda: _stop(beyond=-1),
        "the first is already above its price: go on until one is not": lambda: 1,
        "0.8 points are 0.008, not 0.8": lambda: _stop(points=0.8),
        "compare each further impression with its own price, not all with all": (
            lambda: _stop(whole=True)
        ),
    },
)


def _reached(mean, shape):
    reach = 1 - (1 + mean / shape) ** -shape
    return reach, mean / reach


exercise_function(
    "6.7-reach",
    _reached,
    lambda: [(4.0, 1.0), (2.0, 0.5), (0.75, 3.0)],
    "reach and frequency",
    slips={
        "that is Poisson's reach: here people differ": lambda m, k: (
            1 - np.exp(-m),
            m / (1 - np.exp(-m)),
        ),
        "that is the share that is not reached": lambda m, k: (
            (1 + m / k) ** -k,
            m / (1 + m / k) ** -k,
        ),
        "the frequency is that of those who are reached: divide m by the reach": (
            lambda m, k: (_reached(m, k)[0], m)
        ),
        "a mean of m, among those reached, is more than m: divide, not multiply": (
            lambda m, k: (_reached(m, k)[0], m * _reached(m, k)[0])
        ),
    },
)


def _shape(counts, ddof=0):
    mean, spread = counts.mean(), counts.var(ddof=ddof)
    return mean**2 / (spread - mean)


exercise_function(
    "6.7-shape",
    _shape,
    lambda: [
        (np.array([0, 0, 1, 7, 2, 8, 0, 6]),),
        (np.array([0, 5, 0, 0, 1, 12, 3, 3]),),
        (np.random.default_rng(1).negative_binomial(2, 0.3, 60),),
    ],
    "the shape",
    slips={
        "the mean is part of the variance: subtract it first": lambda counts: (
            counts.mean() ** 2 / counts.var()
        ),
        "solve for k: the mean squared is above": lambda counts: (
            (counts.var() - counts.mean()) / counts.mean() ** 2
        ),
        "the mean is squared": lambda counts: (
            counts.mean() / (counts.var() - counts.mean())
        ),
        "divide the variance by n, as NumPy's var() does": lambda counts: _shape(
            counts, 1
        ),
    },
)


def _step(cap, impressions, y, lower, upper):
    one, other = cap == upper, cap == lower
    added = impressions[one].mean() - impressions[other].mean()
    return (y[one].mean() - y[other].mean()) / added


def _by_received(cap, impressions, y, lower, upper):
    one, other = impressions == upper, impressions == lower
    return (y[one].mean() - y[other].mean()) / (upper - lower)


def _trials():
    for seed, (lower, upper) in ((0, (0.0, 2.0)), (1, (1.0, 4.0)), (2, (2.0, 4.0))):
        rng = np.random.default_rng(seed)
        cap = np.repeat([0.0, 1.0, 2.0, 4.0], 12)
        came = np.concatenate([[0, 1, 2, 3, 4, 5, 6, 8] * 6])
        seen = np.minimum(came, cap)
        y = (rng.random(48) < 0.2 + 0.05 * came) * 1.0
        yield cap, seen, y, lower, upper


exercise_function(
    "6.7-step",
    _step,
    lambda: [*_trials()],
    "the effect of an impression",
    slips={
        "that compares people by what they received: take the cap that was drawn": (
            _by_received
        ),
        "that is the effect of the whole step: divide by the impressions added": (
            lambda cap, n, y, lower, upper: (
                y[cap == upper].mean() - y[cap == lower].mean()
            )
        ),
        "few people reach their cap: divide by the impressions that were added": (
            lambda cap, n, y, lower, upper: (
                (y[cap == upper].mean() - y[cap == lower].mean()) / (upper - lower)
            )
        ),
    },
)


def _cap(first, ratio, price, margin, multiplier=0.0, late=0):
    n = 0
    while margin * first * ratio ** (n + late) > (1 + multiplier) * price:
        n += 1
    return n


exercise_function(
    "6.7-cap",
    _cap,
    lambda: [
        (0.01, 0.5, 0.03, 20.0, 0.0),
        (0.01, 0.5, 0.03, 20.0, 1.5),
        (0.02, 0.75, 0.05, 15.0, 0.25),
        (0.0005, 0.5, 0.03, 20.0, 0.0),
    ],
    "the cap",
    slips={
        "a euro of budget costs 1 + mu": lambda r, q, p, g, mu: _cap(r, q, p, g),
        "one too few: the first impression brings r_1 itself": (
            lambda r, q, p, g, mu: _cap(r, q, p, g, mu, late=1)
        ),
        "that is the first impression that does not pay: stop before it": (
            lambda r, q, p, g, mu: _cap(r, q, p, g, mu) + 1
        ),
    },
)


def _profit(cap, reached, marginal, price, margin):
    return float(reached[:cap] @ (margin * marginal[:cap] - price))


exercise_function(
    "6.7-profit",
    _profit,
    lambda: [
        (2, 0.8 ** np.arange(1, 6), 0.01 * 0.5 ** np.arange(5), 0.03, 20.0),
        (4, 0.8 ** np.arange(1, 6), 0.01 * 0.5 ** np.arange(5), 0.03, 20.0),
        (3, np.array([0.6, 0.3, 0.2, 0.1]), np.array([0.02, 0.01, 0.008, 0.001]),
         0.05, 10.0),
    ],
    "the profit",
    slips={
        "not everybody comes so often: weigh by the share reached": (
            lambda cap, reached, marginal, price, margin: float(
                (margin * marginal[:cap] - price).sum()
            )
        ),
        "those who do not come cost nothing: the price has the share, too": (
            lambda cap, reached, marginal, price, margin: float(
                reached[:cap] @ (margin * marginal[:cap]) - price * cap
            )
        ),
        "that is without a cap": lambda cap, reached, marginal, price, margin: (
            _profit(len(reached), reached, marginal, price, margin)
        ),
    },
)  # fmt: skip
