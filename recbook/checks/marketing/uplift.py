"""Checks of chapter 6.14, whom the letter changes."""

import numpy as np

from recbook.checks import exercise_function


def _trial(n, seed):
    """Outcome, treatment and two outcome models of n people."""
    rng = np.random.default_rng(seed)
    treated = np.arange(n) % 3 != 1
    y = np.where(rng.random(n) < 0.4, rng.integers(1, 4, n), 0).astype(float)
    y[:2] = 1.0, 2.0
    mu_0 = rng.integers(1, 9, n) / 10
    return y, treated, mu_0, mu_0 + rng.integers(-2, 5, n) / 16


def _transformed(y, treated, e):
    return np.array([
        outcome / e if t else -outcome / (1 - e)
        for outcome, t in zip(y, treated, strict=True)
    ])  # fmt: skip


_TRANSFORMED_SLIPS = {
    "an order without a letter counts against the letter: with a minus": (
        lambda y, t, e: np.abs(_transformed(y, t, e))
    ),
    "the untreated have a probability of their own, 1 − e": (
        lambda y, t, e: np.where(t, y / e, -y / e)
    ),
    "the propensities are swapped: divide by the probability of what happened": (
        lambda y, t, e: np.where(t, y / (1 - e), -y / e)
    ),
    "divide by the probability: people who are rare in their arm count for more": (
        lambda y, t, e: np.where(t, y * e, -y * (1 - e))
    ),
    "that is the sign only: divide by the probability of what happened": (
        lambda y, t, e: np.where(t, y, -y)
    ),
}
exercise_function(
    "6.14-transformed",
    _transformed,
    lambda: [(*_trial(n, n)[:2], e) for n, e in ((4, 0.25), (7, 0.5), (12, 0.9))],
    "the outcomes",
    slips=_TRANSFORMED_SLIPS,
)


def _qini(y, effect, treated, falling=True, scale="seen"):
    order = sorted(range(len(y)), key=lambda i: -effect[i] if falling else effect[i])
    n_all = sum(treated) / (len(treated) - sum(treated))
    y_t = y_c = n_t = n_c = 0.0
    curve = []
    for i in order:
        if treated[i]:
            y_t, n_t = y_t + y[i], n_t + 1
        else:
            y_c, n_c = y_c + y[i], n_c + 1
        factor = {"seen": n_t / n_c if n_c else 0.0, "all": n_all, "none": 1.0}[scale]
        curve.append(y_t - y_c * factor)
    return np.array(curve)


def _uplift_curve(y, effect, treated):
    order = np.argsort(-effect)
    n_t, n_c = np.cumsum(treated[order]), np.cumsum(~treated[order])
    y_t = np.cumsum((y * treated)[order]) / np.maximum(n_t, 1)
    y_c = np.cumsum((y * ~treated)[order]) / np.maximum(n_c, 1)
    return (n_t + n_c) * (y_t - y_c)


_QINI_SLIPS = {
    "the highest effects come first": lambda *case: _qini(*case, falling=False),
    "the untreated are counted as they are: scale them by N_T(k)/N_C(k)": (
        lambda *case: _qini(*case, scale="none")
    ),
    "scale by the arms among the first k, not by those of the whole trial": (
        lambda *case: _qini(*case, scale="all")
    ),
    "that is the uplift curve: Q counts the treated of the first k only": _uplift_curve,
    "the people are not ranked by their effects": (
        lambda y, effect, treated: _qini(y, -np.arange(len(y)), treated)
    ),
}


def _orders():
    cases = []
    for n in (5, 9, 14):
        y, treated, _, _ = _trial(n, n)
        cases.append((y, np.random.default_rng(n).permutation(n) / 2, treated))
    return cases


exercise_function("6.14-qini", _qini, _orders, "the curve", slips=_QINI_SLIPS)


def _imputed(y, treated, mu_0, mu_1):
    return np.array([
        y[i] - mu_0[i] if treated[i] else mu_1[i] - y[i] for i in range(len(y))
    ])  # fmt: skip


_IMPUTED_SLIPS = {
    "for people without a letter it is the other way round: with less without": (
        lambda y, t, m_0, m_1: np.where(t, y - m_0, y - m_1)
    ),
    "each takes the model of the arm they were not in": (
        lambda y, t, m_0, m_1: np.where(t, y - m_1, m_0 - y)
    ),
    "those are the models alone: what was seen is better than its prediction": (
        lambda y, t, m_0, m_1: m_1 - m_0
    ),
    "the sign is turned: with a letter less without": (lambda *case: -_imputed(*case)),
}
exercise_function(
    "6.14-imputed",
    _imputed,
    lambda: [_trial(n, n) for n in (3, 6, 11)],
    "the imputed effects",
    slips=_IMPUTED_SLIPS,
)


def _pseudo(y, treated, e, mu_0, mu_1, sign=-1.0, own=True, swapped=False):
    values = []
    for i in range(len(y)):
        mine = mu_1[i] if treated[i] == own else mu_0[i]
        chance = e[i] if treated[i] != swapped else 1 - e[i]
        error = (y[i] - mine) / chance
        values.append(mu_1[i] - mu_0[i] + (error if treated[i] else sign * error))
    return np.array(values)


_PSEUDO_SLIPS = {
    "the errors are missing: that is the T-learner": (
        lambda y, t, e, m_0, m_1: m_1 - m_0
    ),
    "the models are missing: that is the transformed outcome": (
        lambda y, t, e, m_0, m_1: np.where(t, y / e, -y / (1 - e))
    ),
    "an error counts against the effect where there was no letter": (
        lambda *case: _pseudo(*case, sign=1.0)
    ),
    "the error is of the arm that the person was in": (
        lambda *case: _pseudo(*case, own=False)
    ),
    "the propensities are swapped: divide by the probability of what happened": (
        lambda *case: _pseudo(*case, swapped=True)
    ),
    "the errors are not divided by a probability": lambda y, t, e, m_0, m_1: (
        m_1 - m_0 + np.where(t, y - m_1, m_0 - y)
    ),
}


def _pseudo_cases():
    cases = []
    for n in (3, 6, 11):
        y, treated, mu_0, mu_1 = _trial(n, n)
        e = np.random.default_rng(n).choice([0.2, 0.4, 0.5, 0.8], n)
        cases.append((y, treated, e, mu_0, mu_1))
    return cases


exercise_function(
    "6.14-pseudo", _pseudo, _pseudo_cases, "the outcomes", slips=_PSEUDO_SLIPS
)


def _r_loss(y, treated, effect, e, mean):
    left = [y[i] - mean[i] - (int(treated[i]) - e) * effect[i] for i in range(len(y))]
    return sum(value**2 for value in left) / len(y)


_R_LOSS_SLIPS = {
    "the treatment enters less its propensity, t − e": lambda y, t, tau, e, m: np.mean(
        (y - m - t * tau) ** 2
    ),
    "the outcome enters less its mean m(x)": lambda y, t, tau, e, m: np.mean(
        (y - (t - e) * tau) ** 2
    ),
    "what the effect explains is subtracted": lambda y, t, tau, e, m: np.mean(
        (y - m + (t - e) * tau) ** 2
    ),
    "what is left is squared before the mean is taken": lambda y, t, tau, e, m: np.mean(
        y - m - (t - e) * tau
    ),
    "that is the sum: take the mean over all people": lambda y, t, tau, e, m: np.sum(
        (y - m - (t - e) * tau) ** 2
    ),
    "that is its root: leave the squares": lambda y, t, tau, e, m: np.sqrt(
        np.mean((y - m - (t - e) * tau) ** 2)
    ),
}


def _r_loss_cases():
    cases = []
    for n, e in ((4, 0.25), (7, 0.5), (12, 0.9)):
        y, treated, mu_0, mu_1 = _trial(n, n)
        cases.append((y, treated, mu_1 - mu_0, e, mu_0))
    return cases


exercise_function(
    "6.14-r-loss", _r_loss, _r_loss_cases, "the R-loss", slips=_R_LOSS_SLIPS
)


def _letters(effect, margin, cost, budget, key="ratio", skip=False, least=0.0):
    keys = {
        "ratio": lambda i: margin * effect[i] / cost[i],
        "effect": lambda i: effect[i],
        "net": lambda i: margin * effect[i] - cost[i],
    }
    chosen, paid = np.zeros(len(effect), dtype=bool), 0.0
    for i in sorted(range(len(effect)), key=lambda i: -keys[key](i)):
        if margin * effect[i] - cost[i] <= least:
            continue
        if paid + cost[i] > budget:
            if skip:
                continue
            break
        chosen[i], paid = True, paid + cost[i]
    return chosen


_LETTERS_SLIPS = {
    "a letter that costs more than it brings is not sent, whatever the budget": (
        lambda *case: _letters(*case, least=-np.inf)
    ),
    "a large effect may be an expensive one: what does a euro bring?": (
        lambda *case: _letters(*case, key="effect")
    ),
    "the largest profit may eat the budget: what does a euro bring?": (
        lambda *case: _letters(*case, key="net")
    ),
    "stop at the first who does not fit": lambda *case: _letters(*case, skip=True),
    "the budget counts": lambda e, g, c, _: _letters(e, g, c, np.inf),
}
exercise_function(
    "6.14-budget",
    _letters,
    lambda: [
        (np.array([0.5, 0.125, 0.25, 0.02]), 16.0, np.array([4.0, 0.5, 2.0, 1.0]), 5.0),
        (
            np.array([0.25, 0.15, 0.5, 0.04]),
            8.0,
            np.array([0.5, 0.75, 3.0, 0.25]),
            1.0,
        ),
        (np.array([0.3, 0.01, 0.2, 0.4]), 10.0, np.array([1.0, 1.0, 0.5, 3.0]), 9.0),
        (np.array([0.7, 0.4, 0.45, 0.0625]), 10.0, np.array([6, 0.5, 3, 0.0625]), 3.5),
    ],
    "who gets a letter",
    slips=_LETTERS_SLIPS,
)
