"""Checks of chapter 6.10, bandits."""

import numpy as np
from scipy import integrate, stats
from scipy.special import ndtr

from recbook.checks import exercise_function, exercise_value


def _regret(worst, middle, best, shown_worst, shown_middle, shown_best):
    """Clicks that the best banner would have had more; rates are in per cent."""
    return ((best - worst) * shown_worst + (best - middle) * shown_middle) / 100


def _came(worst, middle, best, shown_worst, shown_middle, shown_best):
    return (worst * shown_worst + middle * shown_middle + best * shown_best) / 100


exercise_value(
    "6.10-regret",
    _regret,
    "the number of clicks",
    atol=1e-6,
    slips={
        "those are the clicks that came: which are missing?": _came,
        "that is what the best banner alone would bring: some of it came": (
            lambda best, **own: 100 * best
        ),
        "each banner has a gap of its own, times its own impressions": (
            lambda worst, middle, best, **own: (2 * best - worst - middle) * 100 / 3
        ),
        "a gap is the best rate less a banner's, not the banner's rate": (
            lambda best, shown_best, **own: (
                _came(best=best, shown_best=shown_best, **own) - best * shown_best / 100
            )
        ),
        "a point is a hundredth": lambda **own: 100 * _regret(**own),
        "that is for one impression": lambda **own: _regret(**own) / 10_000,
    },
    numbers={
        "worst": [2, 1, 3],
        "middle": [3, 2, 4],
        "best": [5, 4, 6, 8],
        "shown_worst": [2000, 500, 1000, 1500, 2500],
        "shown_middle": [3000, 1500, 2000, 2500, 3500],
        "shown_best": [5000, 4500, 5500, 6000, 6500, 7000],
    },
    where=lambda worst, middle, best, shown_worst, shown_middle, shown_best: (
        worst < middle < best and shown_worst + shown_middle + shown_best == 10_000
    ),
)


def _ucb(shown, clicks, variance, factor=8.0, log=None):
    log = np.log(shown.sum()) if log is None else log
    bounds = np.full(len(shown), np.inf)
    seen = shown > 0
    width = np.sqrt(factor * variance * log / shown[seen])
    bounds[seen] = clicks[seen] / shown[seen] + width
    return bounds


def _own_log(shown, clicks, variance):
    bounds, seen = np.full(len(shown), np.inf), shown > 0
    n = shown[seen]
    bounds[seen] = clicks[seen] / n + np.sqrt(8 * variance * np.log(n) / n)
    return bounds


def _finite(shown, clicks, variance):
    bounds = _ucb(shown, clicks, variance)
    return np.where(np.isfinite(bounds), bounds, 0.0)


_UCB_SLIPS = {
    "the logarithm is of all impressions, not of the banner's own": _own_log,
    "the variance is in the formula already: 8 of it, not 2": (
        lambda *case: _ucb(*case, factor=2.0)
    ),
    "the root is missing": lambda shown, clicks, variance: np.where(
        shown > 0,
        clicks / np.maximum(shown, 1)
        + 8 * variance * np.log(shown.sum()) / np.maximum(shown, 1),
        np.inf,
    ),
    "the natural logarithm is meant": lambda *case: _ucb(
        *case, log=np.log10(case[0].sum())
    ),
    "a banner that was never shown comes first: its bound is np.inf": _finite,
}


def _counts():
    return [
        (np.array([10.0, 2.0]), np.array([2.0, 1.0]), 0.25),
        (np.array([400.0, 90.0, 35.0]), np.array([12.0, 2.0, 2.0]), 0.03),
        (np.array([30.0, 0.0, 5.0, 60.0]), np.array([1.0, 0.0, 0.0, 4.0]), 0.1),
    ]


exercise_function("6.10-ucb", _ucb, _counts, "the bounds", slips=_UCB_SLIPS)


def _posterior(actions, rewards, n_actions, a, b):
    made = np.array([[a, b]] * n_actions, dtype=float)
    for action, reward in zip(actions, rewards, strict=True):
        made[action, 0 if reward else 1] += 1
    return made


def _shown_for_misses(actions, rewards, n_actions, a, b):
    made = _posterior(actions, rewards, n_actions, a, b)
    made[:, 1] += made[:, 0] - a
    return made


_POSTERIOR_SLIPS = {
    "the second number counts impressions without a click, not all": _shown_for_misses,
    "clicks come first, impressions without a click second": (
        lambda *case: _posterior(*case)[:, ::-1]
    ),
    "the prior is missing: a banner without impressions keeps a and b": (
        lambda actions, rewards, n, a, b: _posterior(actions, rewards, n, 0.0, 0.0)
    ),
    "a row for each banner is asked for, a column for a and for b": (
        lambda *case: _posterior(*case).T
    ),
}


def _log(n, n_actions, seed):
    rng = np.random.default_rng(seed)
    actions = rng.integers(0, n_actions, n)
    return actions, (rng.random(n) < 0.3).astype(int)


exercise_function(
    "6.10-posterior",
    _posterior,
    lambda: [
        (*_log(6, 3, 1), 3, 1.0, 1.0),
        (*_log(40, 4, 2), 5, 1.0, 30.0),
        (*_log(25, 2, 3), 2, 0.5, 2.0),
    ],
    "the posterior",
    slips=_POSTERIOR_SLIPS,
)


def _better(a, b, c, d):
    """P(B(c, d) > B(a, b)), by numerical integration."""
    first, second = stats.beta(a, b), stats.beta(c, d)
    low = min(first.ppf(1e-12), second.ppf(1e-12))
    high = max(first.ppf(1 - 1e-12), second.ppf(1 - 1e-12))
    x = np.linspace(low, high, 4001)
    return float(integrate.simpson(second.pdf(x) * first.cdf(x), x=x))


_BETTER_SLIPS = {
    "that is the probability of the first: the second is asked for": (
        lambda *case: 1 - _better(*case)
    ),
    "the means alone are compared: how sure is each of them?": (
        lambda a, b, c, d: float(c / (c + d) > a / (a + b))
    ),
    "a and b are parameters already: no prior is to be added": (
        lambda a, b, c, d: _better(a + 1, b + 1, c + 1, d + 1)
    ),
}
exercise_function(
    "6.10-better",
    _better,
    [(3, 9, 2, 2), (21, 481, 13, 189), (5, 100, 9, 150), (40, 900, 31, 960)],
    "the probability",
    atol=0.012,
    slips=_BETTER_SLIPS,
)


def _test_loss(m, n_impressions, gap, variance, tests=2, spread=2.0):
    wrong = ndtr(-gap * np.sqrt(m / (spread * variance)))
    return float(m * gap + (n_impressions - tests * m) * gap * wrong)


_TEST_SLIPS = {
    "both banners take m impressions in the test: 2m are gone when it ends": (
        lambda *case: _test_loss(*case, tests=1)
    ),
    "the variance of a difference is the sum of two": (
        lambda *case: _test_loss(*case, spread=1.0)
    ),
    "the test itself costs clicks, too: m impressions of the worse banner": (
        lambda m, *rest: _test_loss(m, *rest) - m * rest[1]
    ),
    "only half of the test's 2m impressions are of the worse banner": (
        lambda m, *rest: _test_loss(m, *rest) + m * rest[1]
    ),
}
exercise_function(
    "6.10-test",
    _test_loss,
    [(100, 1_000, 0.1, 0.2), (2_000, 50_000, 0.009, 0.03), (4_000, 20_000, 0.02, 0.05)],
    "the clicks lost",
    atol=1e-6,
    slips=_TEST_SLIPS,
)


def _window(actions, rewards, n_actions, window):
    last = slice(max(len(actions) - window, 0), None)
    return _posterior(actions[last], rewards[last], n_actions, 1.0, 1.0)


def _window_each(actions, rewards, n_actions, window):
    made = np.ones((n_actions, 2))
    for k in range(n_actions):
        own = rewards[actions == k][-window:]
        made[k] += own.sum(), len(own) - own.sum()
    return made


_WINDOW_SLIPS = {
    "that is the whole log: only its last impressions count": (
        lambda actions, rewards, n, _: _posterior(actions, rewards, n, 1.0, 1.0)
    ),
    "the window holds impressions of all banners together, not of each": _window_each,
    "those are the first impressions: the last ones are asked for": (
        lambda actions, rewards, n, w: _posterior(actions[:w], rewards[:w], n, 1.0, 1.0)
    ),
    "the prior of one click and one miss is missing": (
        lambda *case: _window(*case) - 1.0
    ),
}
exercise_function(
    "6.10-window",
    _window,
    lambda: [
        (*_log(9, 2, 4), 2, 4),
        (*_log(60, 3, 5), 3, 25),
        (*_log(12, 3, 6), 3, 50),
    ],
    "the posterior",
    slips=_WINDOW_SLIPS,
)


def _linucb(X, actions, rewards, x, n_actions, alpha, reg, root=True, shared=False):
    bounds = np.empty(n_actions)
    for k in range(n_actions):
        own = X[actions == k]
        A = (X if shared else own).T @ (X if shared else own) + reg * np.eye(len(x))
        theta = np.linalg.solve(A, own.T @ rewards[actions == k])
        width = x @ np.linalg.solve(A, x)
        bounds[k] = x @ theta + alpha * (np.sqrt(width) if root else width)
    return bounds


_LINUCB_SLIPS = {
    "the width is a root": lambda *case: _linucb(*case, root=False),
    "each banner has a matrix of its own, from the impressions in which it was shown": (
        lambda *case: _linucb(*case, shared=True)
    ),
    "the width is missing: those are the predicted rewards": (
        lambda *case: _linucb(*case[:5], 0.0, case[6])
    ),
    "alpha is missing": lambda *case: _linucb(*case[:5], 1.0, case[6]),
}


def _linear_logs():
    rng = np.random.default_rng(64)
    made = []
    for n, d, K, alpha, reg in ((8, 2, 2, 0.5, 1.0), (60, 3, 4, 0.2, 2.0)):
        X = np.column_stack([np.ones(n), rng.integers(0, 2, (n, d - 1))]).astype(float)
        actions, rewards = rng.integers(0, K, n), rng.random(n)
        made.append((X, actions, rewards, X[0], K, alpha, reg))
    X, actions, *rest = made[1]
    made.append((X, np.minimum(actions, 2), *rest))  # the last was never shown
    return made


exercise_function(
    "6.10-linucb", _linucb, _linear_logs, "the bounds", slips=_LINUCB_SLIPS
)
