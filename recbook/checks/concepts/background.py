"""Checks of chapter 1.1, what marketing decides: the page has no code of its own."""

from recbook.checks import exercise_value

RESPONSE = (8.0, 4.4, 2.6, 1.6, 1.1, 0.8, 0.6, 0.4, 0.3, 0.2)  # per cent, of ten groups
LETTERS, LETTER = 10_000, 0.60  # to each group, and the price of one in euros


def _profit(margin, fixed, groups=None):
    """Letters to the groups that pay, or to the first ones, earn this."""
    gains = [LETTERS * (rate / 100 * margin - LETTER) for rate in RESPONSE]
    return sum(gains[:groups] if groups else [x for x in gains if x > 0]) - fixed


def _paying(margin, fixed):
    return sum(rate / 100 * margin > LETTER for rate in RESPONSE)


exercise_value(
    "1.1-margin",
    _profit,
    "the profit in euros",
    atol=1,
    slips={
        "the fixed cost is to be paid, once": lambda **own: (
            _profit(**own) + own["fixed"]
        ),
        "that is a letter to everybody": lambda **own: _profit(**own, groups=10),
        "one group too many: its letters cost more than they bring": (
            lambda **own: _profit(**own, groups=_paying(**own) + 1)
        ),
        "one more group pays for its letters": (
            lambda **own: _profit(**own, groups=_paying(**own) - 1)
        ),
    },
    numbers={
        "margin": [25, 22, 24, 26, 28, 30, 32, 34, 36, 40, 45, 50],  # it was 20
        "fixed": [5000, 2000, 3000, 4000, 6000, 8000],
    },
    where=lambda **own: _paying(**own) > 1 and _profit(**own) > 1000,
)


def _half_widths(rate_with, rate_without, left_out, errors=1.96, squared=True):
    """Half of each interval in points: with so many left out, and with 5,000."""
    p, q = rate_with / 100, rate_without / 100
    squares = [(p * (1 - p) / (10_000 - n), q * (1 - q) / n) for n in (left_out, 5000)]
    if not squared:  # the errors themselves are added
        return [100 * errors * (a**0.5 + b**0.5) for a, b in squares]
    return [100 * errors * (a + b) ** 0.5 for a, b in squares]


exercise_value(
    "1.1-control",
    _half_widths,
    "[half-width of (a), of (b)] in points",
    atol=0.03,
    slips={
        "those are standard errors: 1.96 of them to each side": (
            lambda **own: _half_widths(**own, errors=1)
        ),
        "the squares of the two errors add up": lambda **own: _half_widths(
            **own, squared=False
        ),
        "those are whole widths: half of them to each side": (
            lambda **own: [2 * x for x in _half_widths(**own)]
        ),
        "those are fractions: give points": (
            lambda **own: [x / 100 for x in _half_widths(**own)]
        ),
    },
    numbers={
        "rate_with": [8.0, 6.0, 7.0, 9.0, 10.0, 12.0],
        "rate_without": [6.5, 4.5, 5.0, 5.5, 7.5, 8.5, 10.0],
        "left_out": [1000, 500, 800, 1500, 2000],
    },
    where=lambda rate_with, rate_without, left_out: (
        1 <= rate_with - rate_without <= 2.5
    ),
)
