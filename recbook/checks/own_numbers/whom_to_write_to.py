"""Checks of chapter 8.3, whom to write to."""

from datetime import datetime

from recbook.checks import exercise_function, exercise_value


def _even(unit=100, margin=28):
    return unit * 0.70 / margin


exercise_value(
    "8.3-even",
    _even,
    "the effect",
    0.006,
    slips={
        "in points: a hundredth is one point": lambda: _even(unit=1),
        "the other way round: how much effect does one letter need?": (
            lambda: 28 / 0.70
        ),
        "the margin stays whole: an effect times it has to reach the cost": (
            lambda: _even(margin=28 - 0.70)
        ),
    },
)


def _euros(margin=20, cost=0.60, ends=(0.010, 0.060)):
    return [end * margin - cost for end in ends]


exercise_value(
    "8.3-euros",
    _euros,
    "the interval",
    0.006,
    slips={
        "a letter has its cost, too": lambda: _euros(cost=0),
        "a point is a hundredth": lambda: _euros(ends=(1, 6)),
        "every letter costs, not only those that bring an order": (
            lambda: _euros(margin=20 - 0.60, cost=0)
        ),
        "those are points: an order has a margin": lambda: _euros(margin=1),
        "in euros, not in cents": lambda: [100 * end for end in _euros()],
        "the low end comes first, and what is lost has a minus": (
            lambda: [-end for end in _euros()]
        ),
    },
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


def _season(orders=2000 * (300 / 2000 - 50 / 500), letters=2000, cost=0.60):
    return orders * 20 - letters * cost


exercise_value(
    "8.3-season",
    _season,
    "the profit",
    0.6,
    slips={
        "part of the 300 orders would have come without a letter": (
            lambda: _season(orders=300)
        ),
        "the 250 orders fewer are of a smaller group: compare the rates": (
            lambda: _season(orders=300 - 50)
        ),
        "the letters cost something": lambda: _season(cost=0),
        "only those who got a letter were written to": (
            lambda: _season(orders=2500 * 0.05, letters=2500)
        ),
        "the letters brought the orders: those held out got none": (
            lambda: _season(letters=2500)
        ),
    },
)
