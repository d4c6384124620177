"""Checks of chapter 1.2, what a machine can learn: the page has no code of its own."""

from recbook.checks import exercise_value


def _happy(favourable, times):
    """Fractions of happy buyers, where these or the others write so much more often."""
    q = favourable / 100
    return [q / (q + (1 - q) * times), q * times / (q * times + 1 - q)]


exercise_value(
    "1.2-inverse",
    _happy,
    "[happy ones write more, unhappy ones write more]",
    atol=0.006,
    slips={
        "the two are swapped: who writes more often is fewer than it seems": (
            lambda **own: _happy(**own)[::-1]
        ),
        "those are the odds, p/(1 - p)": lambda favourable, times: [
            favourable / (100 - favourable) / times,
            favourable / (100 - favourable) * times,
        ],
        "give fractions: 0.05 for 5 %": lambda **own: [100 * p for p in _happy(**own)],
    },
    numbers={
        "favourable": [90, 60, 70, 75, 80, 84, 88, 92, 95],
        "times": [3, 2, 4, 5, 6],
    },
)


def _days(error, exploring, each=5000):
    """Days until banner B's click rate near 5 % has this standard error in points."""
    return 0.05 * 0.95 / (error / 100) ** 2 / (each * exploring)


exercise_value(
    "1.2-explore",
    _days,
    "the number of days in (b)",
    atol=lambda **own: max(0.06, 0.012 * _days(**own)),
    slips={
        "B gets one half of the impressions that are drawn at random": (
            lambda **own: _days(**own, each=10_000)
        ),
        "those are the impressions: how many does B get a day?": (
            lambda **own: _days(**own, each=1) * own["exploring"]
        ),
        "a point is 0.01, so that its square is 0.0001": (
            lambda **own: _days(**own) / 100**2
        ),
    },
    numbers={
        "error": [0.2, 0.1, 0.15, 0.25, 0.3, 0.4, 0.5],
        "exploring": [0.05, 0.02, 0.04, 0.08, 0.1, 0.2],
    },
    where=lambda **own: 2 < _days(**own) < 500,
)
