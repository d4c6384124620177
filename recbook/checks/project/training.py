"""Checks of chapter 5.3, training the model of the film project."""

import functools

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _new_prediction(factor=2, of_q=1, late=False):
    p, q, r, lr = np.array([1.0, 0.0]), np.array([2.0, 1.0]), 4.0, 0.1
    move = factor * lr * (r - p @ q)
    new = p + move * q
    return float(new @ (q + of_q * move * (new if late else p)))


def _gradients(p, q, r, reg, of_square=2, of_penalty=2):
    """With other factors: a slip."""
    error = of_square * (r - p @ q)
    reg = of_penalty * reg
    return -error * q + reg * p, -error * p + reg * q


GRADIENT = {
    "the square of the error has a 2 in its slope": (
        functools.partial(_gradients, of_square=1)
    ),
    "the penalty is a square, too, and has a 2 in its slope": (
        functools.partial(_gradients, of_penalty=1)
    ),
    "the 2 of both squares is missing": (
        functools.partial(_gradients, of_square=1, of_penalty=1)
    ),
    "a prediction above the rating is to be lowered: the error has the wrong sign": (
        functools.partial(_gradients, of_square=-2)
    ),
    "the penalty pulls to 0: its sign must not be that of the error": (
        functools.partial(_gradients, of_penalty=-2)
    ),
    "each slope of the error has the other's row as a factor, not its own": (
        lambda p, q, r, reg: tuple(
            -2 * (r - p @ q) * own + 2 * reg * own for own in (p, q)
        )
    ),
    "the penalty is missing": functools.partial(_gradients, of_penalty=0),
    "the slope of p comes first": lambda *case: _gradients(*case)[::-1],
}


def _rows():
    rng = np.random.default_rng(53)
    return [
        (rng.normal(size=3), rng.normal(size=3), float(r), reg)
        for r, reg in ((5, 0.0), (1, 0.5), (3, 2.0))
    ]


def _early_stopping(errors, patience, first=1, latest=False):
    """Counting from another ``first``, or with the latest of equal ones, is a slip."""
    for epoch in range(1, len(errors) + 1):
        best = 1 + int(np.argmin(errors[:epoch]))
        if latest:
            best = epoch - int(np.argmin(errors[:epoch][::-1]))
        if epoch - best >= patience:
            break
    return epoch - 1 + first, best - 1 + first


def _worse_in_a_row(errors, patience):
    worse = 0
    for epoch in range(1, len(errors) + 1):
        worse = worse + 1 if epoch > 1 and errors[epoch - 1] >= errors[epoch - 2] else 0
        if worse >= patience:
            break
    return epoch, 1 + int(np.argmin(errors[:epoch]))


STOP = {
    "epochs are counted from 0 here: they are to be counted from 1": functools.partial(
        _early_stopping, first=0
    ),
    "it stops an epoch too late": lambda *case: _early_stopping(case[0], case[1] + 1),
    "it stops an epoch too early": lambda *case: _early_stopping(case[0], case[1] - 1),
    "better than the epoch before is not better than the best": _worse_in_a_row,
    "it goes on to the end: where does patience stop it?": (
        lambda errors, _: _early_stopping(errors, len(errors))
    ),
    "what comes after the stop is never seen: the best is among the epochs run": (
        lambda *case: (_early_stopping(*case)[0], 1 + int(np.argmin(case[0])))
    ),
    "of equal errors the latest is taken: the earliest is the best": (
        functools.partial(_early_stopping, latest=True)
    ),
    "these are the best error's epoch and the last: first the epochs run": (
        lambda *case: _early_stopping(*case)[::-1]
    ),
}


exercise_value(
    "5.3-step",
    _new_prediction,
    atol=0.005,
    slips={
        "the square brings a factor that is not in η": lambda: _new_prediction(1),
        "the step of q takes the p from before": lambda: _new_prediction(late=True),
        "q moves, too": lambda: _new_prediction(of_q=0),
        "the step goes down the slope, towards the rating": lambda: _new_prediction(-2),
        "that is the prediction before the step": lambda: _new_prediction(0),
    },
)
exercise_function("5.3-gradient", _gradients, _rows, what="(dp, dq)", slips=GRADIENT)
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
        ([1.0, 0.9, 0.95, 0.93, 0.94, 0.92], 2),
        ([0.9, 0.9, 0.9, 0.9, 0.9], 2),
    ],
    what="(run, best)",
    slips=STOP,
)


def _adam_step(theta, m, v, t, g, lr, betas=(0.9, 0.999), power=2, late=0):
    """With swapped shares, another power or count of steps: a slip."""
    m = betas[0] * m + (1 - betas[0]) * g
    v = betas[1] * v + (1 - betas[1]) * np.abs(g) ** power
    first, second = _corrected(m, v, t + late)
    return theta - lr * first / (np.sqrt(second) + 1e-7), m, v


def _corrected(m, v, t):
    return m / (1 - 0.9**t), v / (1 - 0.999**t)


def _corrected_for_good(theta, m, v, t, g, lr):
    theta, m, v = _adam_step(theta, m, v, t, g, lr)
    return theta, *_corrected(m, v, t)


def _without_root(theta, m, v, t, g, lr):
    _, m, v = _adam_step(theta, m, v, t, g, lr)
    first, second = _corrected(m, v, t)
    return theta - lr * first / (second + 1e-7), m, v


def _epsilon_under_root(theta, m, v, t, g, lr):
    _, m, v = _adam_step(theta, m, v, t, g, lr)
    first, second = _corrected(m, v, t)
    return theta - lr * first / np.sqrt(second + 1e-7), m, v


def _upwards(theta, *rest):
    new, m, v = _adam_step(theta, *rest)
    return 2 * theta - new, m, v


ADAM = {
    "a running mean that begins with 0 is too small at first: correct it": (
        functools.partial(_adam_step, late=10**6)
    ),
    "the corrected means are for this step alone: return them as they were": (
        _corrected_for_good
    ),
    "the correction is a step ahead: t counts the steps with this one": (
        functools.partial(_adam_step, late=1)
    ),
    "the root below the line is missing": _without_root,
    "epsilon is added to the root, not under it": _epsilon_under_root,
    "most of a running mean is what it was before": functools.partial(
        _adam_step, betas=(0.1, 0.001)
    ),
    "v is a running mean of squares": functools.partial(_adam_step, power=1),
    "this goes up the slope": _upwards,
}


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


def _next_batch(n, size, seed, n_steps, shuffles=1, whole=False):
    """Other shuffles, or none but ``whole`` batches: a slip."""
    rng = np.random.default_rng(seed)
    done, place = divmod(n_steps, max(n // size, 1) if whole else -(-n // size))
    for _ in range(done * shuffles + 1):
        order = rng.permutation(n)
    return order[size * place : size * (place + 1)]


RESUME = {
    "examples are shuffled anew before each epoch, and this is the first shuffle": (
        functools.partial(_next_batch, shuffles=0)
    ),
    "the last batch of an epoch is shorter, but it is one": (
        functools.partial(_next_batch, whole=True)
    ),
    "that batch is done already: which comes next?": (
        lambda n, size, seed, n_steps: _next_batch(n, size, seed, max(n_steps - 1, 0))
    ),
    "that is the batch after the next": (
        lambda n, size, seed, n_steps: _next_batch(n, size, seed, n_steps + 1)
    ),
    "one generator makes all the shuffles: a new seed for each epoch is another one": (
        lambda n, size, seed, n_steps: _next_batch(
            n, size, seed + n_steps // -(-n // size), n_steps % -(-n // size)
        )
    ),
}
exercise_function("5.3-adam", _adam_step, _slopes, what="(theta, m, v)", slips=ADAM)
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
    slips=RESUME,
)
