"""Checks of chapter 6.3, orders that have not come yet."""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _still_comes(share=0.1, days=3.0, delay=6.0):
    """Orders that still come, out of all clicks that show none."""
    later = share * np.exp(-days / delay)
    return later / (1 - share + later)


_LATER = 0.1 * np.exp(-3 / 6)
exercise_value(
    "6.3-belief",
    _still_comes,
    "the probability",
    atol=6e-4,
    slips={
        "that is the chance of *not yet* among all clicks: divide by all that show no "
        "order": lambda: _LATER,
        "that is the delay alone: it may also bring none ever": lambda: 10 * _LATER,
        "that is the chance that the order comes in the first 3 days": (
            lambda: 0.1 - _LATER
        ),
        "that is the probability of no order by now": lambda: 0.9 + _LATER,
        "those are odds: divide by all that show no order, not by never": (
            lambda: _LATER / 0.9
        ),
        "give it as a probability: 0.05 for 5 %": lambda: 100 * _still_comes(),
        "the mean delay is 6 days, so the rate is 1/6 per day": (
            lambda: round(_still_comes(delay=1 / 6), 3)
        ),
    },
)


def _clicks():
    """Logs of clicks: converted, time to the order or to now, age."""
    rng = np.random.default_rng(63)
    made = [
        (np.array([1.0, 0, 0, 0]), np.array([2.0, 5, 1, 9]), np.array([4.0, 5, 1, 9]))
    ]
    for n, mean in [(8, 3.0), (30, 6.0), (60, 2.0)]:
        age, delay = np.round(12 * rng.random(n) + 0.1, 3), rng.exponential(mean, n)
        converted = ((rng.random(n) < 0.5) & (delay < age)).astype(float)
        converted[:2] = 1.0, 0.0
        delay[0] = age[0] / 2
        time = np.where(converted == 1, delay, age)
        made.append((converted, time, age))
    return made


def _counted(converted, age, mean_delay):
    came = sum(1 - np.exp(-a / mean_delay) for a in age)
    return sum(converted) / came


def _aged():
    means = [5.0, 3.0, 6.0, 2.0]
    return [(y, age, mean) for (y, _, age), mean in zip(_clicks(), means, strict=True)]


_COUNTED_SLIPS = {
    "an order counts as one: only the clicks are counted in part": (
        lambda converted, age, mean_delay: (
            (converted * (1 - np.exp(-age / mean_delay))).sum()
            / (1 - np.exp(-age / mean_delay)).sum()
        )
    ),
    "young clicks count as failures: count each by 1 - exp(-age / mean_delay)": (
        lambda converted, age, mean_delay: converted.mean()
    ),
    "the rate of the delay is 1 over its mean": (
        lambda converted, age, mean_delay: _counted(converted, age, 1 / mean_delay)
    ),
    "that is the share that is still to come: the share that has come is 1 minus it": (
        lambda converted, age, mean_delay: (
            converted.sum() / np.exp(-age / mean_delay).sum()
        )
    ),
    "divide sum by sum: a click that has just come would weigh without limit": (
        lambda converted, age, mean_delay: np.mean(
            converted / (1 - np.exp(-age / mean_delay))
        )
    ),
    "clicks with an order count in part, too, by their age": (
        lambda converted, age, mean_delay: (
            converted.sum()
            / np.where(converted == 1, 1.0, 1 - np.exp(-age / mean_delay)).sum()
        )
    ),
}
exercise_function("6.3-counted", _counted, _aged, "the rate", slips=_COUNTED_SLIPS)


def _likelihood(converted, time, p, rate, order=None, none=None):
    total = 0.0
    for y, t, share, speed in zip(converted, time, p, rate, strict=True):
        late = np.exp(-speed * t)
        if y:
            total += (
                np.log(share * speed * late)
                if order is None
                else order(share, speed, late)
            )
        else:
            total += (
                np.log(1 - share + share * late)
                if none is None
                else none(share, speed, late)
            )
    return total


def _logs():
    rng = np.random.default_rng(630)
    made = []
    for converted, time, _ in _clicks():
        p = np.round(rng.uniform(0.1, 0.7, len(time)), 3)
        made.append(
            (converted, time, p, np.round(rng.uniform(0.05, 0.8, len(time)), 3))
        )
    return made


_LIKELIHOOD_SLIPS = {
    "a click without an order may still bring one: 1 - p + p exp(-rate time)": (
        lambda *case: _likelihood(*case, none=lambda p, rate, late: np.log(1 - p))
    ),
    "an order's time has a density: p rate exp(-rate time)": (
        lambda *case: _likelihood(*case, order=lambda p, rate, late: np.log(p * late))
    ),
    "an order counts by the density at its day, not by the chance to have come": (
        lambda *case: _likelihood(
            *case, order=lambda p, rate, late: np.log(p * (1 - late))
        )
    ),
    "when the order came counts, too: the delay's density is missing": (
        lambda *case: _likelihood(*case, order=lambda p, rate, late: np.log(p))
    ),
    "the sign is turned: the log-likelihood is asked for, not the loss": (
        lambda *case: -_likelihood(*case)
    ),
    "the sum over the clicks is asked for, not the mean": (
        lambda *case: _likelihood(*case) / len(case[0])
    ),
}
exercise_function(
    "6.3-likelihood",
    _likelihood,
    _logs,
    "the log-likelihood",
    slips=_LIKELIHOOD_SLIPS,
)


def _belief(converted, time, p, rate):
    late = p * np.exp(-rate * time)
    return np.where(converted == 1, 1.0, late / (1 - p + late))


def _slopes(converted, time, p, rate, q=None):
    q = _belief(converted, time, p, rate) if q is None else q
    pairs = [
        (b - s, y - b * r * t)
        for y, t, s, r, b in zip(converted, time, p, rate, q, strict=True)
    ]
    return np.array(pairs).sum(axis=0)


_SLOPE_SLIPS = {
    "a click without an order counts by the belief, and not as a failure": (
        lambda y, t, p, rate: _slopes(y, t, p, rate, q=y)
    ),
    "of a click with an order the belief is 1": (
        lambda y, t, p, rate: _slopes(y, t, p, rate, q=_belief(0 * y, t, p, rate))
    ),
    "those are the slopes if nothing is pending: put the belief in both": (
        lambda y, t, p, rate: np.array([(y - p).sum(), (y - rate * t).sum()])
    ),
    "the slope of c is that of ln λ: times the rate": (
        lambda y, t, p, rate: np.array(
            [
                _slopes(y, t, p, rate)[0],
                (y / rate - _belief(y, t, p, rate) * t).sum(),
            ]
        )
    ),
    "days without an order count by the belief: q λ t": (
        lambda y, t, p, rate: np.array(
            [_slopes(y, t, p, rate)[0], (y - rate * t).sum()]
        )
    ),
    "the sign is turned: slopes of the log-likelihood, which rises": (
        lambda *case: -_slopes(*case)
    ),
    "sums are asked for, not means": lambda *case: _slopes(*case) / len(case[0]),
}
exercise_function("6.3-gradient", _slopes, _logs, "the array", slips=_SLOPE_SLIPS)


def _em(converted, time, p, rate, n_steps):
    for _ in range(n_steps):
        q = _belief(converted, time, p, rate)
        p, rate = sum(q) / len(q), sum(converted) / sum(q * time)
    return np.array([p, rate])


def _starts():
    settings = [(0.5, 0.4, 1), (0.3, 0.5, 2), (0.4, 0.2, 7), (0.6, 1.0, 40)]
    logs = [(converted, time) for converted, time, _ in _clicks()]
    return [(*log, *start) for log, start in zip(logs, settings, strict=True)]


def _all_wait(converted, time, p, rate, n_steps):
    for _ in range(n_steps):
        q = _belief(converted, time, p, rate)
        p, rate = q.mean(), converted.sum() / time.sum()
    return np.array([p, rate])


def _moved_first(converted, time, p, rate, n_steps):
    for _ in range(n_steps):
        p = _belief(converted, time, p, rate).mean()
        rate = converted.sum() / (_belief(converted, time, p, rate) * time).sum()
    return np.array([p, rate])


def _orders_alone(converted, time, p, rate, n_steps):
    for _ in range(n_steps):
        q = _belief(converted, time, p, rate)
        p, rate = q.mean(), converted.sum() / (converted * time).sum()
    return np.array([p, rate])


_EM_SLIPS = {
    "a click waits only as far as it is believed to: the sum of q times t": _all_wait,
    "both come from the same beliefs: p must not change between them": _moved_first,
    "clicks without an order wait, too: that is the mean delay of the orders seen": (
        _orders_alone
    ),
    "that is one turn: take n_steps of them": (
        lambda converted, time, p, rate, n_steps: _em(converted, time, p, rate, 1)
    ),
}
exercise_function("6.3-em", _em, _starts, "the pair", slips=_EM_SLIPS)

exercise_value(
    "6.3-product",
    lambda: 0.04 * (0.01 + 0.05) / (0.06 * 0.01 + 0.02 * 0.05),
    "the ratio",
    atol=6e-3,
    slips={
        "it is upside down: predicted over true": (
            lambda: (0.06 * 0.01 + 0.02 * 0.05) / (0.04 * (0.01 + 0.05))
        ),
        "each stage is right in total, but their errors go together": lambda: 1.0,
        "half of the impressions are on phones: in what is true as well": (
            lambda: 0.04 * (0.01 + 0.05) / (0.06 * 0.01 + 0.02 * 0.05) * 2
        ),
        "that is a difference: how many times as many are predicted?": (
            lambda: (0.04 * (0.01 + 0.05) - (0.06 * 0.01 + 0.02 * 0.05)) / 2
        ),
    },
)
