"""Checks of chapter 8.3, whom to write to."""

from datetime import datetime

from recbook.checks import exercise, exercise_function, exercise_value, same

EVEN = 100 * 0.70 / 28


@exercise("8.3-even")
def even(answer):
    """Points, with what is often given instead."""
    for message, wrong in {
        "in points: a hundredth is one point": EVEN / 100,
        "the other way round: how much effect does one letter need?": 28 / 0.70,
    }.items():
        if same(answer, wrong, "", 1e-6) is None:
            return message
    return same(answer, EVEN, "the effect", 0.006)


exercise_value(
    "8.3-euros", lambda: [0.010 * 20 - 0.60, 0.060 * 20 - 0.60], "the interval", 0.006
)


def _days(last, sent, form="%d.%m.%Y"):
    return (datetime.strptime(sent, form) - datetime.strptime(last, form)).days


exercise_function(
    "8.3-days",
    _days,
    [
        ("31.08.2026", "07.09.2026"),
        ("03.08.2026", "07.09.2026"),
        ("12.01.2024", "01.03.2024"),
    ],
    "the days",
    slips={
        "that counts from the later day back to the earlier": (
            lambda last, sent: -_days(last, sent)
        ),
    },
)


def _people(n, low, high, smallest, z=1.96, power=2.8, square=2):
    return n * (power * (high - low) / 2 / z / smallest) ** square


exercise_function(
    "8.3-people",
    _people,
    [(8000, 1200.0, 3600.0, 500.0), (3000, -400.0, 900.0, 250.0), (500, 0.0, 60.0, 9)],
    "the people",
    atol=0.6,
    slips={
        "half of the interval is 1.96 standard errors": (
            lambda n, low, high, smallest: _people(n, low, high, smallest, z=0.98)
        ),
        "the interval is 1.96 standard errors to each side: divide by it": (
            lambda n, low, high, smallest: _people(n, low, high, smallest, z=1)
        ),
        "the error falls with the root: take the square of the ratio": (
            lambda n, low, high, smallest: _people(n, low, high, smallest, square=1)
        ),
        "1.96 errors are found one time in two: four in five need 2.8": (
            lambda n, low, high, smallest: _people(n, low, high, smallest, power=1.96)
        ),
    },
)


def _decide(forecast, lead, everybody):
    if forecast[0] <= 0:
        return "nothing"
    if lead[1] <= 0 < everybody[1]:
        return "everybody"
    return "trial" if forecast[1] <= 0 else "list"


exercise_function(
    "8.3-decide",
    _decide,
    [
        ((900, 200, 1600), (700, 100, 1300), (200, -300, 700)),
        ((900, -100, 1900), (700, 100, 1300), (200, -300, 700)),
        ((-5, -300, 290), (40, -200, 280), (-45, -400, 310)),
        ((900, 200, 1600), (100, -300, 500), (800, 300, 1300)),
        ((900, 200, 1600), (300, -100, 700), (600, -10, 1210)),
        ((900, -100, 1900), (300, -100, 700), (600, -10, 1210)),
        ((900, -100, 1900), (-100, -400, 200), (1000, 100, 1900)),
    ],
    "the decision",
    slips={
        "everybody gets it only where that is shown to earn": (
            lambda forecast, lead, everybody: (
                "everybody"
                if forecast[0] > 0 and lead[1] <= 0
                else _decide(forecast, lead, everybody)
            )
        ),
        "an interval that holds 0 makes the list the next trial": (
            lambda forecast, lead, everybody: (
                found
                if (found := _decide(forecast, lead, everybody)) != "trial"
                else "list"
            )
        ),
        "a forecast that is not above 0 is nothing to send": (
            lambda forecast, lead, everybody: (
                found
                if (found := _decide(forecast, lead, everybody)) != "nothing"
                else "trial"
            )
        ),
        "a list is work: if its lead is not shown, everybody may be the answer": (
            lambda forecast, lead, everybody: _decide(forecast, (1, 1, 1), everybody)
        ),
    },
)


@exercise("8.3-season")
def season(answer):
    """Euros, with what is often given instead."""
    right = 2000 * (0.05 * 20 - 0.60)
    for message, wrong in {
        "part of the 300 orders would have come without a letter": 300 * 20 - 1200,
        "the 250 orders fewer are of a smaller group: compare the rates": (
            250 * 20 - 1200
        ),
        "the letters cost something": 2000.0,
        "only those who got a letter were written to": 2500 * (0.05 * 20 - 0.60),
    }.items():
        if same(answer, wrong, "", 1e-6) is None:
            return message
    return same(answer, right, "the profit", 0.6)
