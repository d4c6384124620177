"""Checks of chapter 3.4, ranking from pairs: the answers by pencil."""

import numpy as np

from recbook.checks import exercise_value

exercise_value(
    "3.4-prior",
    lambda: [2 * 0.01, (2 * 0.01) ** -0.5],
    "(reg, kappa)",
    atol=[1e-4, 0.05],  # a pencil's digits for kappa, all of them for reg
    slips={
        "the slope of a square has a factor of two, so reg is not the program's λ": (
            lambda: [0.01, (2 * 0.01) ** -0.5]
        ),
        "a square has a two in its slope, and a normal prior a half in its exponent": (
            lambda: [0.01, 0.01**-0.5]
        ),
        "the exponent of a normal prior has a half in front": (
            lambda: [2 * 0.01, 0.01**-0.5]
        ),
        "a variance is not yet a standard deviation": lambda: [2 * 0.01, 1 / 0.02],
        "the prior belongs to the program's λ, not to reg": (
            lambda: [2 * 0.01, (2 * 0.02) ** -0.5]
        ),
    },
)


def _offsets(log=np.log, powers=(0.0, 0.5, 1.0)):
    return [float(log(8.0) - a * log(8.0)) for a in powers]


exercise_value(
    "3.4-offset",
    _offsets,
    "[uniform, root, popularity]",
    atol=0.01,
    slips={
        "the logarithm is the natural one, not that to the base 2": (
            lambda: _offsets(np.log2)
        ),
        "the logarithm is the natural one, not that to the base 10": (
            lambda: _offsets(np.log10)
        ),
        "biases differ by a logarithm, not by a ratio": (
            lambda: [8.0, 8.0**0.5, 8.0**0.0]
        ),
        "a root becomes a factor in front of the logarithm": (
            lambda: [np.log(8.0), np.log(8.0) ** 0.5, 0.0]
        ),
        "the sampler that takes nothing off for popularity comes first": (
            lambda: _offsets()[::-1]
        ),
    },
)
