"""Checks of chapter 5.3, training the model of the film project."""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _new_prediction():
    p, q, r, lr = np.array([1.0, 0.0]), np.array([2.0, 1.0]), 4.0, 0.1
    error = r - p @ q
    return float((p + 2 * lr * error * q) @ (q + 2 * lr * error * p))


def _gradients(p, q, r, reg):
    error = r - p @ q
    return -2 * error * q + 2 * reg * p, -2 * error * p + 2 * reg * q


def _rows():
    rng = np.random.default_rng(53)
    return [
        (rng.normal(size=3), rng.normal(size=3), float(r), reg)
        for r, reg in ((5, 0.0), (1, 0.5), (3, 2.0))
    ]


def _early_stopping(errors, patience):
    for epoch in range(1, len(errors) + 1):
        best = 1 + int(np.argmin(errors[:epoch]))
        if epoch - best >= patience:
            break
    return epoch, best


exercise_value("5.3-step", _new_prediction, atol=0.005)
exercise_function("5.3-gradient", _gradients, _rows, what="(dp, dq)")
exercise_function(
    "5.3-stop",
    _early_stopping,
    [
        ([1.0, 0.9, 0.95, 0.97, 0.5], 2),
        ([1.0, 0.9, 0.95, 0.85, 0.86, 0.87], 2),
        ([3.0, 2.0, 1.0], 1),
        ([0.9, 0.9, 0.9, 0.8], 2),  # of equal errors the first is the best
        ([0.7, 0.8, 0.6], 1),
    ],
    what="(run, best)",
)
