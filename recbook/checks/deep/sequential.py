"""Checks of chapter 4.5, what comes next."""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _transitions(sequences, n_items):
    counts = np.zeros((n_items, n_items))
    for sequence in sequences:
        for place in range(1, len(sequence)):
            counts[sequence[place - 1], sequence[place]] += 1
    return counts


def _sequences():
    rng = np.random.default_rng(451)
    drawn = [rng.integers(0, 6, size).tolist() for size in (5, 1, 0, 9, 7)]
    return [
        ([[0, 1, 2], [1, 2], [2]], 4),
        ([[0, 0, 0, 1], []], 2),  # the same film three times running
        (drawn, 6),
    ]


exercise_function("4.5-transitions", _transitions, _sequences, "the counts", atol=1e-12)

exercise_value(
    "4.5-smoothed",
    lambda: ((1 + 2 * 0.1) / (1 + 2), 2 * 0.2 / (1 + 2)),
    "the two probabilities",
    atol=0.005,
)


def _window(history, n_steps):
    last = [int(i) + 1 for i in history][-n_steps:]
    return np.array([0] * (n_steps - len(last)) + last)


def _histories():
    return [
        ([3, 0, 7], 5),
        ([3, 0, 7], 2),
        ([], 3),
        ([4, 4, 1, 9, 0, 2, 6], 7),
        (list(range(30)), 1),
    ]


exercise_function("4.5-window", _window, _histories, "the window")


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _state(x, h, W, U, b_in, b_state):
    W_z, W_r, W_h = W
    U_z, U_r, U_h = U
    z = _sigmoid(W_z @ x + U_z @ h + b_in[0] + b_state[0])
    r = _sigmoid(W_r @ x + U_r @ h + b_in[1] + b_state[1])
    new = np.tanh(W_h @ x + b_in[2] + r * (U_h @ h + b_state[2]))
    return z * h + (1 - z) * new


def _steps():
    rng = np.random.default_rng(452)
    cases = []
    for d, width in ((1, 1), (3, 2), (2, 4)):
        W = [rng.normal(size=(d, width)) for _ in range(3)]
        U = [rng.normal(size=(d, d)) for _ in range(3)]
        b_in, b_state = (list(rng.normal(size=(3, d))) for _ in range(2))
        cases.append((rng.normal(size=width), rng.normal(size=d), W, U, b_in, b_state))
    return cases


exercise_function("4.5-state", _state, _steps, "the new state", atol=1e-9)


def _may_look(window):
    n = len(window)
    return np.array([[j <= t and window[j] > 0 for j in range(n)] for t in range(n)])


def _windows():
    rows = ([0, 0, 3, 1], [5, 2, 2, 8], [0, 0, 0], [7], [0, 4])
    return [(np.array(row),) for row in rows]


exercise_function("4.5-mask", _may_look, _windows, "the mask")


def _slope(scores, j):
    powers = np.exp(scores - scores.max())
    slope = powers / powers.sum()
    slope[j] -= 1
    return slope


def _scores():
    rng = np.random.default_rng(453)
    return [
        (np.array([0.0, 0.0]), 0),
        (rng.normal(0, 3, 7), 4),
        (np.array([1000.0, 999.0, 0.0]), 1),  # no overflow on the way
    ]


exercise_function("4.5-slope", _slope, _scores, "the gradient", atol=1e-9)


def _gain(scores, target, seen, k):
    place = 1 + sum(
        1
        for i, s in enumerate(scores)
        if i not in {*seen, target} and s > scores[target]
    )
    return float(1 / np.log2(place + 1)) if place <= k else 0.0


def _lists():
    rng = np.random.default_rng(454)
    s = rng.permutation(12).astype(float)
    return [
        (np.array([0.5, 2.0, 1.0, 3.0]), 2, [3], 10),
        (s, 4, [0, 1, 2], 10),
        (s, int(s.argmin()), [], 10),  # too far down
        (s, int(s.argmin()), [], 12),
        (s, int(s.argmax()), [5], 1),
    ]


exercise_function("4.5-gain", _gain, _lists, "the gain", atol=1e-9)
