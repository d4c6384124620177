"""Checks of chapter 6.17, two years of weekly totals."""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _carry_over(power=1 / 3, left=0.5):
    return left**power


exercise_value(
    "6.17-life",
    _carry_over,
    "the carry-over",
    atol=0.0006,
    slips={
        "three weeks multiply it three times: a root is asked for, not a power": (
            lambda: _carry_over(3)
        ),
        "an effect falls by a factor each week, not by the same amount": (
            lambda: 1 - 0.5 / 3
        ),
        "weeks multiply: what is left is not to be divided by their number": (
            lambda: 0.5 / 3
        ),
        "that is what a week loses: what does it leave?": lambda: 1 - _carry_over(),
        "there are three weeks, and so a third root": lambda: _carry_over(1 / 2),
    },
)


def _windowed(x, carry, length):
    weights = carry ** np.arange(length)
    return np.convolve(x, weights / weights.sum())[: len(x)]


def _raw(x, carry, length):
    return np.convolve(x, carry ** np.arange(length))[: len(x)]


def _endless(x, carry, length):
    return _raw(x, carry, len(x)) * (1 - carry)


_ADSTOCK_SLIPS = {
    "divide by the sum of the weights: a euro counts once": _raw,
    "that is for ads that work for ever: only length weeks count": _endless,
    "the weights of length weeks sum to another number than 1/(1 − carry)": (
        lambda x, a, n: _raw(x, a, n) * (1 - a)
    ),
    "its own week counts among the length weeks": (
        lambda x, a, n: _windowed(x, a, n + 1)
    ),
    "an ad also works in its own week: begin with a lag of 0": (
        lambda x, a, n: np.append(0.0, _windowed(x, a, n))[: len(x)]
    ),
    "time runs backwards: ads of a week work in later weeks": (
        lambda x, a, n: _windowed(x[::-1], a, n)[::-1]
    ),
}


def _campaigns():
    cases = []
    for n, carry, length in ((4, 0.5, 2), (7, 0.75, 3), (5, 0.25, 8)):
        rng = np.random.default_rng(n)
        cases.append((rng.integers(1, 90, n).astype(float), carry, length))
    return cases


exercise_function(
    "6.17-adstock", _windowed, _campaigns, "the adstock", slips=_ADSTOCK_SLIPS
)


def _seen(carry, n):
    return float(1 - (carry ** np.arange(1, n + 1)).mean())


_WINDOW_SLIPS = {
    "that is what is left: what is missing?": lambda a, n: 1 - _seen(a, n),
    "the first week without spend has a of its adstock left, and not all": (
        lambda a, n: float(1 - (a ** np.arange(n)).mean())
    ),
    "that is the last week of the test: take the mean of its weeks": (
        lambda a, n: 1 - a**n
    ),
    "that is the sum over the weeks: take the mean": lambda a, n: n * _seen(a, n),
}
exercise_function(
    "6.17-window",
    _seen,
    lambda: [(0.5, 3), (0.75, 2), (0.25, 4), (0.9, 8)],
    "the share",
    slips=_WINDOW_SLIPS,
)


def _enough(peak, half, margin):
    return np.maximum(np.sqrt(peak * half * margin) - half, 0)


_ENOUGH_SLIPS = {
    "a spend below 0 is none: 0 where not even the first euro pays": (
        lambda b, k, h: np.sqrt(b * k * h) - k
    ),
    "sales are not margin: a euro of spend must bring a euro of margin": (
        lambda b, k, h: _enough(b, k, 1.0)
    ),
    "a euro more must bring 1/margin euros of sales: the margin is upside down": (
        lambda b, k, h: _enough(b, k, 1 / h)
    ),
    "that is where the average euro pays for itself: take the next one": (
        lambda b, k, h: np.maximum(b * h - k, 0)
    ),
}


def _shops():
    return [
        (np.array([9000.0, 1000.0]), np.array([1000.0, 2000.0]), 0.25),
        (np.array([500.0, 4000.0, 8000.0]), np.array([400.0, 250.0, 6000.0]), 0.5),
        (np.array([20_000.0]), np.array([3000.0]), 0.4),
    ]


exercise_function("6.17-enough", _enough, _shops, "the spends", slips=_ENOUGH_SLIPS)


def _split(peak, half, budget):
    low, high = 1e-12, float((peak / half).max())
    x = np.zeros(len(peak))
    for _ in range(200):
        price = np.sqrt(low * high)
        x = np.maximum(np.sqrt(peak * half / price) - half, 0)
        low, high = (price, high) if x.sum() > budget else (low, price)
    return x


def _all_on(peak, half, budget):
    """The split where all channels get some, below 0 or not."""
    root = np.sqrt(peak * half)
    return root * (budget + half.sum()) / root.sum() - half


def _cut(peak, half, budget):
    """The same with those below 0 cut off, so that too much is spent."""
    return np.maximum(_all_on(peak, half, budget), 0)


_SPLIT_SLIPS = {
    "a spend is below 0: such a channel gets nothing": _all_on,
    "the spends do not sum to the budget: without a channel λ is different": _cut,
    "where the next euro brings the same, the average one does not": (
        lambda b, k, budget: budget * (b / k) / (b / k).sum()
    ),
    "that is in proportion to the largest effects: compare the next euros": (
        lambda b, k, budget: budget * b / b.sum()
    ),
    "that is all for the steepest channel: its next euro soon brings less": (
        lambda b, k, budget: budget * (np.arange(len(b)) == (b / k).argmax())
    ),
}


def _budgets():
    return [
        (np.array([4000.0, 1000.0]), np.array([500.0, 500.0]), 2000.0),
        (np.array([4000.0, 1000.0, 900.0]), np.array([500.0, 500.0, 900.0]), 700.0),
        (np.array([300.0, 9000.0, 50.0]), np.array([80.0, 7000.0, 100.0]), 1500.0),
    ]


exercise_function(
    "6.17-split", _split, _budgets, "the spends", slips=_SPLIT_SLIPS, atol=0.011
)


def _stacked(X, y, sigma, j, value, error):
    row = np.zeros(X.shape[1])
    row[j] = 1 / error
    rows = np.vstack([X / sigma, row])
    return np.linalg.lstsq(rows, np.append(y / sigma, value / error))[0]


def _put_in(X, y, sigma, j, value, error):
    """The experiment alone decides, and the others are fitted around it."""
    others = np.delete(X, j, axis=1)
    rest = np.linalg.lstsq(others, y - value * X[:, j])[0]
    return np.insert(rest, j, value)


def _averaged(X, y, sigma, j, value, error):
    """Coefficient j as a mean of two, and the others left as they were."""
    beta = np.linalg.lstsq(X, y)[0]
    own = sigma**2 * np.linalg.inv(X.T @ X)[j, j]
    beta[j] = (beta[j] / own + value / error**2) / (1 / own + 1 / error**2)
    return beta


_ROW_SLIPS = {
    "the experiment has not been used": (
        lambda X, y, sigma, j, value, error: np.linalg.lstsq(X, y)[0]
    ),
    "the weeks have an error of their own: divide them by sigma": (
        lambda X, y, sigma, j, value, error: _stacked(X, y, 1.0, j, value, error)
    ),
    "the experiment has an error of its own: divide its row by it": (
        lambda X, y, sigma, j, value, error: _stacked(X, y, sigma, j, value, 1.0)
    ),
    "the row was divided by its error, and its value was not": (
        lambda X, y, sigma, j, value, error: _stacked(
            X, y, sigma, j, value * error, error
        )
    ),
    "the experiment has an error too: the weeks still have a say": _put_in,
    "the other coefficients move as well: solve for all at once": _averaged,
}


def _regressions():
    cases = []
    for n, d, j in ((6, 2, 1), (8, 3, 0), (12, 3, 2)):
        rng = np.random.default_rng(n)
        X = rng.normal(size=(n, d)) + 1
        y = X @ np.arange(1.0, d + 1) + rng.normal(size=n)
        cases.append((X, y, 0.5 * d, j, 4.0 - j, 0.25 * d + 0.1))
    return cases


exercise_function(
    "6.17-row", _stacked, _regressions, "the coefficients", slips=_ROW_SLIPS
)
