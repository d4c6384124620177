"""Checks of chapter 6.20, a campaign from scores to money."""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _email(lost=0.9, leave=0.003, price=0.003, margin=25):
    return 0.012 * margin - leave * lost * 60 - price


exercise_value(
    "6.20-email",
    _email,
    "the value of the e-mail",
    atol=0.0006,
    slips={
        "some readers unsubscribe, and their year is lost": lambda: _email(lost=0),
        "who unsubscribes is lost for most of the year, not for all of it": (
            lambda: _email(lost=1)
        ),
        "that is before its price": lambda: _email(price=0),
        "only a few readers unsubscribe": lambda: _email(leave=1),
        "what may be lost is taken off": lambda: _email(lost=-0.9),
        "an order has its margin": lambda: _email(margin=1),
    },
)


def _plan(letter, price=0.0):
    """One letter; the others get an e-mail where that is worth more than nothing."""
    emails = {"Fay": 0.40, "Gil": -0.10, "Hal": 0.02}
    letters = {"Fay": 1.10, "Gil": 0.95, "Hal": 0.85}
    rest = sum(max(x, 0) for name, x in emails.items() if name != letter)
    return letters.get(letter, 0.0) + rest - price


exercise_value(
    "6.20-step",
    lambda: _plan("Gil"),
    "the total of the best plan",
    atol=0.006,
    slips={
        "the highest letter is not the largest step from the next best": (
            lambda: _plan("Fay")
        ),
        "who would get nothing is not sent an e-mail that loses": (
            lambda: _plan("Fay") - 0.10
        ),
        "a step starts from the best that one has without the letter": (
            lambda: _plan("Hal")
        ),
        "the values are after their price already": (
            lambda: _plan("Gil", 0.60 + 2 * 0.003)
        ),
        "there is money for e-mails to the others, too": lambda: 0.95,
        "there is money for a letter, too": lambda: _plan("nobody"),
    },
)


def _values(effect, margin, year, consent, lost, cost, kappa=0.9):
    rows = []
    for u in range(len(margin)):
        email = effect[u, 0] * margin[u] - lost * kappa * year[u] - cost[0]
        letter = effect[u, 1] * margin[u] - cost[1]
        rows.append([0.0, email, letter if consent[u] else -np.inf])
    return np.array(rows)


def _changed(column, change):
    """Return a wrong answer: one column of the right one, changed."""

    def wrong(effect, margin, year, consent, lost, cost, kappa=0.9):
        case = effect, margin, year, consent, lost, cost, kappa
        table = _values(*case)
        table[:, column] = change(table[:, column], *case)
        return table

    return wrong


_VALUES_SLIPS = {
    "an e-mail loses readers, with a part of their year": _changed(
        1, lambda v, e, m, y, c, lost, cost, k: v + lost * k * y
    ),
    "a lost reader takes along a part of the year, κ, and not all": _changed(
        1, lambda v, e, m, y, c, lost, cost, k: v + lost * (k - 1) * y
    ),
    "only an e-mail loses readers, a letter does not": _changed(
        2, lambda v, e, m, y, c, lost, cost, k: v - lost * k * y
    ),
    "people without consent get no letter: minus infinity": _changed(
        2, lambda v, e, m, y, c, lost, cost, k: e[:, 1] * m - cost[1]
    ),
    "without consent a letter is impossible, and 0 would let it win": _changed(
        2, lambda v, e, m, y, c, lost, cost, k: np.where(c, v, 0.0)
    ),
    "the prices are missing": (
        lambda e, m, y, c, lost, cost, kappa=0.9: _values(e, m, y, c, lost, 0 * cost)
    ),
}


def _value_cases():
    cases = []
    for n in (3, 5, 8):
        rng = np.random.default_rng(n)
        effect = rng.integers(-2, 9, (n, 2)) / 64
        margin, year = rng.integers(8, 40, n) * 1.0, rng.integers(4, 90, n) * 1.0
        consent = np.arange(n) % 3 != 1
        lost, cost = (n + 1) / 256, np.array([0.0625, 0.5])
        cases.append((effect, margin, year, consent, lost, cost))
    return cases


exercise_function(
    "6.20-worth", _values, _value_cases, "the values", slips=_VALUES_SLIPS
)


def _actions(worth, cost, multiplier, price=lambda m: 1 + m, nothing=True):
    chosen = []
    for row in worth:
        net = [w - price(multiplier) * c for w, c in zip(row, cost, strict=True)]
        best = int(np.argmax(net))
        chosen.append(best + 1 if net[best] > 0 or not nothing else 0)
    return np.array(chosen)


_ACTIONS_SLIPS = {
    "nothing is an action, too: it wins where all the others lose": (
        lambda *case: _actions(*case, nothing=False)
    ),
    "a euro costs 1 + λ: its own price, and λ for the budget": (
        lambda *case: _actions(*case, price=lambda m: m)
    ),
    "the multiplier is missing": lambda *case: _actions(*case, price=lambda m: 1.0),
    "the columns begin at 1: 0 is nothing": lambda *case: _actions(*case) - 1,
}


def _worth_cases():
    tables = [
        ([[0.5, 1.5], [0.25, 0.75], [-0.5, 1.25], [0.125, 0.0]], [0.0625, 0.5], 1.5),
        ([[1.0, 2.0, 4.0], [2.0, 1.0, 1.0], [0.1, 0.2, 0.1]], [0.25, 1.0, 2.0], 0.75),
        ([[0.5], [3.0], [1.0], [1.25], [-1.0]], [0.5], 1.25),
    ]
    return [(np.array(worth), np.array(cost), m) for worth, cost, m in tables]


exercise_function(
    "6.20-price", _actions, _worth_cases, "the actions", slips=_ACTIONS_SLIPS
)


def _gains(q, done, reward, chance, plan, sign=1.0, divide=True, nothing=True):
    gains = []
    for u in range(len(q)):
        psi = [float(value) for value in q[u]]
        error = sign * (reward[u] - q[u, done[u]])
        psi[done[u]] += error / chance[u] if divide else error
        gains.append(psi[plan[u]] - psi[0] * nothing)
    return np.array(gains)


_GAINS_SLIPS = {
    "compare with doing nothing: take the scores of action 0 away": (
        lambda *case: _gains(*case, nothing=False)
    ),
    "divide the error by the propensity of the action that was taken": (
        lambda *case: _gains(*case, divide=False)
    ),
    "the error is what was seen less what was expected": (
        lambda *case: _gains(*case, sign=-1.0)
    ),
    "the errors are missing: that is the model's own promise": (
        lambda q, done, reward, chance, plan: q[np.arange(len(q)), plan] - q[:, 0]
    ),
    "the error belongs to the action that was taken, not to the plan's": (
        lambda q, done, reward, chance, plan: (
            q[np.arange(len(q)), plan]
            + (reward - q[np.arange(len(q)), done]) / chance
            - q[:, 0]
        )
    ),
}


def _gain_cases():
    cases = []
    for n in (4, 7, 12):
        rng = np.random.default_rng(n)
        q = rng.integers(-4, 9, (n, 3)) / 8
        done, plan = np.arange(n) % 3, rng.integers(0, 3, n)
        plan[:3] = 0, 2, 2
        chance = rng.choice([0.25, 0.5], n)
        cases.append((q, done, rng.integers(-1, 4, n) / 2, chance, plan))
    return cases


exercise_function("6.20-gain", _gains, _gain_cases, "the gains", slips=_GAINS_SLIPS)


def _score(truth, low, high, alpha=0.05):
    width = high - low
    if truth < low:
        return width + 2 / alpha * (low - truth)
    return width + 2 / alpha * max(0.0, truth - high)


_SCORE_SLIPS = {
    "a miss costs 2 / alpha for each euro": (
        lambda truth, low, high, alpha=0.05: _score(truth, low, high, 2.0)
    ),
    "a miss costs 2 / alpha, not 1 / alpha": (
        lambda truth, low, high, alpha=0.05: _score(truth, low, high, 2 * alpha)
    ),
    "the truth may also lie below the interval": (
        lambda truth, low, high, alpha=0.05: (
            high - low + 2 / alpha * max(0.0, truth - high)
        )
    ),
    "the truth may also lie above the interval": (
        lambda truth, low, high, alpha=0.05: (
            high - low + 2 / alpha * max(0.0, low - truth)
        )
    ),
    "the width counts, too: else the widest interval would be best": (
        lambda truth, low, high, alpha=0.05: (
            _score(truth, low, high, alpha) - high + low
        )
    ),
}
exercise_function(
    "6.20-score",
    _score,
    lambda: [
        (4.0, 1.0, 9.0),
        (4700.0, 7000.0, 7500.0),
        (12.0, 1.0, 9.0, 0.1),
        (-3.0, 1.0, 9.0, 0.2),
    ],
    "the score",
    slips=_SCORE_SLIPS,
)
