"""Checks of chapter 6.11, what another policy would have earned."""

import numpy as np

from recbook.checks import exercise_function, exercise_value

# Weights .25/.5, .5/.25, .5/.25, .25/.25 = .5, 2, 2, 1; clicks in the first and third.


def _estimates(power=1, by=4, square=2):
    old, new = np.array([0.5, 0.25, 0.25, 0.25]), np.array([0.25, 0.5, 0.5, 0.25])
    w = (new / old) ** power  # A, B, B, C: the first and the third were clicked
    clicked = w[0] + w[2]
    return [clicked / by, clicked / w.sum(), w.sum() ** square / (w**2).sum()]


exercise_value(
    "6.11-hand",
    _estimates,
    "[IPS, SNIPS, effective n]",
    atol=0.005,
    slips={
        "upside down: a weight is the new probability over the old one": (
            lambda: _estimates(power=-1)
        ),
        "IPS divides by all impressions, clicked or not": lambda: _estimates(by=2),
        "the effective size squares the sum of the weights, too": (
            lambda: _estimates(square=1)
        ),
        "IPS comes first, SNIPS second": lambda: [_estimates()[k] for k in (1, 0, 2)],
        "the weights are missing: the new policy shows other banners": (
            lambda: _estimates(power=0)
        ),
    },
)


def _share(mean_square=4, draw=4 - 1, rate=0.05):
    of_reward, of_draw = mean_square * rate * (1 - rate), draw * rate**2
    return of_draw / (of_reward + of_draw)


# .05 · .95 · 4 = .19 of luck, and (4 - 1) · .05² = .0075 of which rounds were drawn.
exercise_value(
    "6.11-share",
    _share,
    "the fraction (0 to 1)",
    atol=0.0006,
    slips={
        "a model removes the luck of the draw, not that of the reward": (
            lambda: 1 - _share()
        ),
        "divide by both kinds of luck, not by one": lambda: _share() / (1 - _share()),
        "a variance is a mean square less a squared mean": lambda: _share(draw=4),
        "the luck of the reward has weights, too": lambda: _share(mean_square=1),
        "give it as a fraction: 0.05 for 5 %": lambda: 100 * _share(),
        "that is the answer for the other click rate": lambda: _share(rate=0.5),
    },
)


def _weights():
    rng = np.random.default_rng(65)
    cases = [(rng.exponential(1, n) * (rng.random(n) < 0.7),) for n in (5, 12, 40)]
    return [(np.array([2.0, 2.0, 2.0]),), (np.array([5.0, 0.0, 1.0]),), *cases]


_EFFECTIVE_SLIPS = {
    "that counts the weights that are not 0, a tiny one like a large one": (
        lambda w: np.count_nonzero(w)
    ),
    "that is upside down: the squared sum belongs above, the sum of squares below": (
        lambda w: (w**2).sum() / w.sum() ** 2
    ),
    "that divides the sum by the largest weight; the squares of all belong below": (
        lambda w: w.sum() / w.max()
    ),
    "that is right only where the weights sum to their number: square their sum": (
        lambda w: len(w) ** 2 / (w**2).sum()
    ),
}
exercise_function(
    "6.11-effective",
    lambda w: w.sum() ** 2 / (w**2).sum(),
    _weights,
    "the effective n",
    slips=_EFFECTIVE_SLIPS,
)


def _logged():
    """Weights and rewards: clicks, then minutes."""
    rng = np.random.default_rng(656)
    cases = []
    for n in (6, 15, 50):
        w = rng.exponential(1.2, n)
        cases += [(w, (rng.random(n) < 0.4) * 1.0), (w, rng.normal(4, 0.5, n))]
    return cases


def _snips(w, reward):
    value = (w * reward).sum() / w.sum()
    error = np.sqrt((w**2 * (reward - value) ** 2).mean() / len(w)) / w.mean()
    return value, error


_SNIPS_SLIPS = {
    "the value is IPS: divide by the sum of the weights, not by n": (
        lambda w, r: ((w * r).mean(), _snips(w, r)[1])
    ),
    "the error treats w r over the mean weight as an ordinary mean: the mean weight is "
    "random too, so take r - value before you square": (
        lambda w, r: (_snips(w, r)[0], (w * r / w.mean()).std() / np.sqrt(len(w)))
    ),
    "that error, too, treats the mean weight as a fixed number": (
        lambda w, r: (
            _snips(w, r)[0],
            (w * r / w.mean()).std(ddof=1) / np.sqrt(len(w)),
        )
    ),
    "the error lacks the division by the mean weight": (
        lambda w, r: (_snips(w, r)[0], _snips(w, r)[1] * w.mean())
    ),
    "the error is a spread, not yet that of a mean: divide by the root of n": (
        lambda w, r: (_snips(w, r)[0], _snips(w, r)[1] * np.sqrt(len(w)))
    ),
    "weights are squared in the error: w² (r - value)²": (
        lambda w, r: (
            _snips(w, r)[0],
            np.sqrt((w * (r - _snips(w, r)[0]) ** 2).mean() / len(w)) / w.mean(),
        )
    ),
}
exercise_function("6.11-snips", _snips, _logged, "(value, error)", slips=_SNIPS_SLIPS)


def _logs():
    """Reward, action, propensity, policy and model of some impressions."""
    rng = np.random.default_rng(65_000)
    cases = []
    for n, k in [(5, 2), (12, 3), (40, 4)]:
        policy = rng.dirichlet(np.ones(k), n)
        action = rng.integers(0, k, n)
        reward = rng.normal(2, 1, n)
        propensity = rng.uniform(0.1, 0.9, n)
        cases.append((reward, action, propensity, policy, rng.normal(2, 1, (n, k))))
    return cases


def _robust(reward, action, propensity, policy, q_hat):
    rows = np.arange(len(reward))
    w = policy[rows, action] / propensity
    model = (policy * q_hat).sum(axis=1)
    return (model + w * (reward - q_hat[rows, action])).mean()


def _with(change):
    """Return doubly robust as ``change`` has it, from what it is made of."""

    def answer(reward, action, propensity, policy, q_hat):
        rows = np.arange(len(reward))
        w = policy[rows, action] / propensity
        model = (policy * q_hat).sum(axis=1)
        return change(w, reward, model, q_hat[rows, action]).mean()

    return answer


_ROBUST_SLIPS = {
    "the model's errors are not weighted": _with(lambda w, r, m, q: m + r - q),
    "that is the model alone: add its weighted errors": _with(lambda w, r, m, q: m),
    "that is IPS: the model takes no part": _with(lambda w, r, m, q: w * r),
    "an error is the reward less the model's prediction for the action *shown*": (
        _with(lambda w, r, m, q: m + w * (r - m))
    ),
    "the errors have the wrong sign": _with(lambda w, r, m, q: m - w * (r - q)),
    "the model's prediction is weighted, too; only its errors should be": (
        _with(lambda w, r, m, q: w * (m + r - q))
    ),
    "the model is averaged over the new policy, with its probabilities": (
        lambda r, a, p, policy, q_hat: (
            _robust(r, a, p, policy, q_hat)
            - (policy * q_hat).sum(axis=1).mean()
            + q_hat.mean()
        )
    ),
}
exercise_function("6.11-robust", _robust, _logs, "the estimate", slips=_ROBUST_SLIPS)


def _months():
    rng = np.random.default_rng(6_500)
    cases = []
    for n, impressions, euros in [
        (8, 1_000, 0.4),
        (30, 20_000, 0.25),
        (60, 100_000, 1.5),
    ]:
        w, reward = rng.exponential(1.1, n), (rng.random(n) < 0.4) * 1.0
        reward[:2] = 0.0, 1.0
        cases.append((w, reward, impressions, euros))
    return cases


def _gain(w, reward, impressions, euros, paired=True, old=True, z=1.96):
    value, error = _snips(w, reward)
    before = reward.mean() if old else 0.0
    if paired:
        u = w * (reward - value) / w.mean() - old * (reward - before)
        error = np.sqrt((u**2).mean() / len(u))
    else:
        error = np.hypot(error, reward.std() / np.sqrt(len(w)))
    middle = value - before
    return tuple(impressions * euros * (middle + s * z * error) for s in (-1, 1))


_GAIN_SLIPS = {
    "that is what the new policy earns; the gain is over the old one": (
        lambda *case: _gain(*case, old=False)
    ),
    "the two values come from the same impressions, so their errors are not "
    "independent: take the difference within each impression, then its spread": (
        lambda *case: _gain(*case, paired=False)
    ),
    "that is the spread of one impression, not yet the error of a mean: divide by the "
    "root of n": lambda *case: _gain(*case, z=1.96 * np.sqrt(len(case[0]))),
    "that reaches one standard error to each side; 95 % wants 1.96": (
        lambda *case: _gain(*case, z=1.0)
    ),
    "that is the gain of one impression: a month has many, and a click has a value": (
        lambda w, reward, impressions, euros: _gain(w, reward, 1, 1)
    ),
}
exercise_function(
    "6.11-gain", _gain, _months, "(low, high)", atol=1e-6, slips=_GAIN_SLIPS
)


def _cells():
    rng = np.random.default_rng(650)
    cases = []
    for n, kinds, k in [(6, 2, 3), (10, 3, 4), (25, 4, 5)]:
        context = rng.integers(0, kinds, n)
        action = rng.integers(0, k, n)
        action[context == 0] = 0
        policy = rng.dirichlet(np.ones(k), kinds)[context]
        cases.append((context, action, policy))
    return cases


def _covered(context, action, policy, by_cell=True):
    seen = np.zeros((context.max() + 1, policy.shape[1]), dtype=bool)
    seen[context if by_cell else slice(None), action] = True
    return (policy * seen[context]).sum(axis=1).mean()


_COVERED_SLIPS = {
    "an action may be shown in one context and never in another: look at the pairs": (
        lambda *case: _covered(*case, by_cell=False)
    ),
    "that is the fraction of pairs; weight each by how often the policy takes it": (
        lambda context, action, policy: (
            len(set(zip(context, action, strict=True)))
            / (len(set(context)) * policy.shape[1])
        )
    ),
    "that is the policy's probability of what this impression showed; every impression "
    "of the same context counts": (
        lambda context, action, policy: policy[np.arange(len(action)), action].mean()
    ),
    "that is the fraction that the log does *not* cover": (
        lambda *case: 1 - _covered(*case)
    ),
}
exercise_function(
    "6.11-covered", _covered, _cells, "the fraction (0 to 1)", slips=_COVERED_SLIPS
)
