"""Checks of chapter 4.6, several behaviours and the moment."""

import numpy as np

from recbook.checks import exercise_function, exercise_value

# Lamp: 6 views and a cart; desk: 2 views and a purchase; weights 1, 3 and 10.
exercise_value(
    "4.6-share", lambda: (2 * 1 + 10) / (6 * 1 + 3 + 2 * 1 + 10), "the share", atol=5e-4
)


def _conversion(views, purchases):
    bought = {tuple(row) for row in np.asarray(purchases).tolist()}
    looked = {tuple(row) for row in np.asarray(views).tolist()}
    return sum(row in bought for row in looked) / len(looked)


def _pairs():
    """Rows (visit, product); views repeat, and something is bought without a view."""
    rng = np.random.default_rng(46)
    drawn = [(rng.integers(0, 6, (n, 2)), rng.integers(0, 6, (m, 2)))
            for n, m in ((25, 12), (40, 9))]  # fmt: skip
    views = np.array([[1, 7], [1, 7], [2, 7], [3, 4], [3, 4], [3, 4]])
    return [(views, np.array([[1, 7], [2, 9], [1, 4]])), *drawn]


exercise_function("4.6-conversion", _conversion, _pairs, "the conversion")


def _visits(times, gap):
    number, numbers = 0, []
    for place, time in enumerate(times):
        if place and time - times[place - 1] > gap:
            number += 1
        numbers.append(number)
    return np.array(numbers)


exercise_function(
    "4.6-visits",
    _visits,
    [
        (np.array([0, 100, 1900, 1901, 9000]), 1800),
        (np.array([5, 6, 8, 11, 15, 20]), 3),
        (np.array([0, 1800, 3601, 5401]), 1800),
        (np.array([42]), 60),
    ],
    "the visits",
)


def _decayed(items, weights, days, half_life, n_items):
    scores = np.zeros(n_items)
    for item, weight, age in zip(items, weights, days, strict=True):
        scores[item] += weight * 0.5 ** (age / half_life)
    return scores


def _histories():
    rng = np.random.default_rng(461)
    return [
        (
            rng.integers(0, n_items - 1, n),
            rng.choice([1.0, 3.0, 10.0], n),
            rng.uniform(0, 40, n).round(1),
            half_life,
            n_items,
        )
        for n, n_items, half_life in ((12, 5, 7.0), (30, 8, 3.0), (4, 6, 30.0))
    ]


exercise_function("4.6-decay", _decayed, _histories, "the scores")


def _known(times, place, gap):
    while place and times[place] - times[place - 1] <= gap:
        place -= 1
    return place


exercise_function(
    "4.6-known",
    _known,
    [
        (np.array([0, 100, 5000, 5100, 5200]), 4, 1800),
        (np.array([0, 100, 5000, 5100, 5200]), 2, 1800),
        (np.array([0, 100, 200]), 2, 1800),
        (np.array([0, 3000, 6000, 6001]), 3, 1800),
        (np.array([0, 10, 21, 31, 41]), 4, 10),
    ],
    "the number of events",
)


def _moment(w, V, v_user, v_moment):
    return np.array(
        [
            weight
            + sum(x * (p + c) for x, p, c in zip(row, v_user, total, strict=True))
            for weight, row in zip(w, V, strict=True)
            for total in [np.asarray(v_moment).sum(axis=0)]
        ]
    )


def _machines():
    rng = np.random.default_rng(462)
    return [
        (
            rng.normal(size=n),
            rng.normal(size=(n, k)),
            rng.normal(size=k),
            rng.normal(size=(c, k)),
        )
        for n, k, c in ((5, 3, 2), (7, 2, 3), (4, 4, 1))
    ]


exercise_function("4.6-moment", _moment, _machines, "the scores")


def _look_back(h, s, behaviour, real):
    if not real.any():
        return np.zeros(h.shape[1])
    e = [float((row + behaviour[t]) @ s) / np.sqrt(len(s)) for t, row in enumerate(h)]
    top = max(e[t] for t in np.flatnonzero(real))
    weight = [np.exp(e[t] - top) if real[t] else 0.0 for t in range(len(h))]
    total = sum(weight)
    return sum(weight[t] / total * (h[t] + behaviour[t]) for t in range(len(h)))


def _windows():
    """Windows with padding on the left, one of padding alone, one of large scores."""
    rng = np.random.default_rng(463)
    made = []
    for n_real, size in ((3, 1.0), (5, 1.0), (0, 1.0), (4, 40.0)):
        h, behaviour = size * rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
        made.append((h, rng.normal(size=4), behaviour, np.arange(5) >= 5 - n_real))
    return made


exercise_function("4.6-look-back", _look_back, _windows, "c", atol=1e-8)
