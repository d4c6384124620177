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
        ([1.0, 0.9, 0.95, 0.93, 0.8], 2),  # better than the last is not the best
        ([3.0, 2.0, 1.0], 1),
        ([0.9, 0.9, 0.9, 0.8], 2),  # of equal errors the first is the best
        ([0.7, 0.8, 0.6], 1),
    ],
    what="(run, best)",
)


def _adam_step(theta, m, v, t, g, lr):
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    step = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)
    return theta - lr * step, m, v


def _slopes():
    rng = np.random.default_rng(530)
    zero = np.zeros(3)
    first = (rng.normal(size=3), zero, zero, 1, np.array([1e-3, -40.0, 2.0]), 0.01)
    shape = (2, 4)
    later = [
        (
            *rng.normal(size=(2, *shape)),
            rng.random(shape),
            t,
            rng.normal(size=shape),
            lr,
        )
        for t, lr in ((2, 0.1), (17, 0.004), (900, 1.0))
    ]
    return [first, *later]


def _next_batch(n, size, seed, n_steps):
    rng = np.random.default_rng(seed)
    done, place = divmod(n_steps, -(-n // size))
    for _ in range(done + 1):
        order = rng.permutation(n)
    return order[size * place : size * (place + 1)]


exercise_function("5.3-adam", _adam_step, _slopes, what="(theta, m, v)")
exercise_function(
    "5.3-resume",
    _next_batch,
    [
        (10, 4, 0, 0),
        (10, 4, 0, 2),  # the short one
        (10, 4, 3, 7),
        (12, 4, 1, 3),  # an epoch has just ended, without a short one
        (7, 10, 5, 2),  # a batch is an epoch
    ],
    what="the batch",
)
