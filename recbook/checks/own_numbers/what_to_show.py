"""Checks of chapter 8.1, what to show next."""

from recbook.checks import exercise_function

exercise_function(
    "8.1-receipt",
    lambda rows: rows[0] - sum(rows[1:]),
    [
        [10, 2, 8],
        [100, 3, 4, 90],
        [50, 50],
        [7167, 19, 434, 31, 22, 195, 27, 175, 6264],
    ],
    "the rows unaccounted for",
    slips={
        "what was kept is accounted for, too": lambda rows: rows[0] - sum(rows[1:-1]),
        "the first row is what was read; the others are taken from it": sum,
        "the other way round: rows that are missing count above 0": (
            lambda rows: sum(rows[1:]) - rows[0]
        ),
    },
)


def _left(pieces, latest=True):
    kept = []
    for n in pieces:
        if n > 0:
            kept.append(n)
            continue
        back = -n
        places = range(len(kept))
        for place in reversed(places) if latest else places:
            taken = min(kept[place], back)
            kept[place], back = kept[place] - taken, back - taken
    return kept


def _below_zero(pieces):
    """Each return is taken from the last purchase alone."""
    kept = []
    for n in pieces:
        if n > 0:
            kept.append(n)
        elif kept:
            kept[-1] += n
    return kept


exercise_function(
    "8.1-returns",
    _left,
    [[2, -1], [1, 1, -1], [1, 2, -3, 1], [-1, 1], [3, 1, -2, 2, -1, -5, 4]],
    "what is left",
    slips={
        "a return takes back the latest purchase first": lambda p: _left(p, False),
        "a return larger than the last purchase goes on to the one before, and "
        "nothing falls below 0": _below_zero,
    },
)


def _cuts(days, n):
    length = days // 2 // n
    return [days - length * left for left in range(n, 0, -1)]


exercise_function(
    "8.1-cuts",
    _cuts,
    [(20, 2), (100, 4), (826, 4), (365, 3)],
    "the cuts",
    slips={
        "the windows divide the second half of the log, not all of it": (
            lambda days, n: [days - days // n * left for left in range(n, 0, -1)]
        ),
        "the last window ends with the log: count back from its end": (
            lambda days, n: [days // 2 + days // 2 // n * k for k in range(n)]
        ),
        "a window has whole days": (
            lambda days, n: [days - days / 2 / n * left for left in range(n, 0, -1)]
        ),
        "the end of the log is no cut": (
            lambda days, n: [days - days // 2 // n * k for k in range(n - 1, -1, -1)]
        ),
        "in the order of time, the earliest first": (
            lambda days, n: _cuts(days, n)[::-1]
        ),
    },
)


def _discoveries(before, after, new=True, known=True):
    people = {customer for customer, _ in before}
    pairs = set(after) - set(before) if new else set(after)
    return {pair for pair in pairs if pair[0] in people or not known}


def _logs():
    return [
        ([("a", 1)], [("a", 2), ("a", 1)]),
        ([("a", 1), ("b", 2)], [("c", 1), ("b", 1), ("b", 2), ("b", 1)]),
        ([("a", 1), ("a", 2)], [("a", 2), ("d", 3)]),
    ]


exercise_function(
    "8.1-discoveries",
    _discoveries,
    _logs,
    "the discoveries",
    slips={
        "a customer who had bought nothing before the cut discovers nothing here": (
            lambda before, after: _discoveries(before, after, known=False)
        ),
        "what a customer buys again is no discovery": (
            lambda before, after: _discoveries(before, after, new=False)
        ),
    },
)


def _hits(lists, bought):
    found = [len(set(a) & set(b)) for a, b in zip(lists, bought, strict=True)]
    return 100 * sum(found) / len(found)


def _some(lists, bought):
    """How many customers have a hit, at least one."""
    return sum(bool(set(a) & set(b)) for a, b in zip(lists, bought, strict=True)) or 1


def _served():
    return [
        ([[1, 2], [3, 4]], [{2}, {5}]),
        (
            [["a", "b", "c"], ["a", "c", "d"], ["b", "c", "d"]],
            [{"a", "c"}, {"b"}, {"d"}],
        ),
        ([[1, 2, 3]] * 4, [{1}, {1, 2, 3}, set(), {9}]),
    ]


exercise_function(
    "8.1-hits",
    _hits,
    _served,
    "the hits of 100 customers",
    slips={
        "that is divided by the length of the lists, too": (
            lambda lists, bought: _hits(lists, bought) / len(lists[0])
        ),
        "of 100 customers: times 100": (
            lambda lists, bought: _hits(lists, bought) / 100
        ),
        "customers without a hit count, too": (
            lambda lists, bought: (
                _hits(lists, bought) * len(lists) / _some(lists, bought)
            )
        ),
        "a list with two hits has two, not one": (
            lambda lists, bought: 100 * _some(lists, bought) / len(lists)
        ),
    },
)

exercise_function(
    "8.1-send",
    lambda low, high, n: "model" if low > 0 and n >= 30 else "best-sellers",
    [
        (2.0, 9.0, 200),
        (-1.0, 12.0, 200),
        (3.0, 20.0, 12),
        (-8.0, -2.0, 90),
        (0.5, 3, 30),
    ],
    "the choice",
    slips={
        "an interval that holds 0 shows no lead": (
            lambda low, high, n: "model" if high > 0 and n >= 30 else "best-sellers"
        ),
        "below 30 customers nothing is sent on the interval's word": (
            lambda low, high, n: "model" if low > 0 else "best-sellers"
        ),
    },
)
