"""Checks of chapter 6.19, what we owe the people in the table."""

import math

import numpy as np

from recbook.checks import exercise_function


def _alike(rows, k, at_most=False, first=False):
    """The share of people in groups of fewer than k, each row against all."""
    rows = [tuple(row[:1] if first else row) for row in np.asarray(rows).tolist()]
    sizes = [rows.count(row) for row in rows]
    small = [size <= k if at_most else size < k for size in sizes]
    return sum(small) / len(small)


def _share_of_groups(rows, k):
    rows = [tuple(row) for row in np.asarray(rows).tolist()]
    groups = set(rows)
    return sum(rows.count(group) < k for group in groups) / len(groups)


exercise_function(
    "6.19-alike",
    _alike,
    [
        (np.array([[0, 1], [0, 1], [1, 1], [0, 0], [0, 1]]), 2),
        (np.array([[2, 7, 1], [2, 7, 1], [2, 5, 1], [2, 5, 1], [3, 7, 1]]), 2),
        (np.array([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [2, 2], [1, 1]]), 3),
        (np.array([[4], [4], [4]]), 3),
    ],
    "the share",
    slips={
        "a group of exactly k is large enough: count those with fewer than k": (
            lambda rows, k: _alike(rows, k, at_most=True)
        ),
        "that is the fraction of groups: return the fraction of people": (
            _share_of_groups
        ),
        "all columns together make a group, not the first alone": (
            lambda rows, k: _alike(rows, k, first=True)
        ),
        "that is the fraction of the hidden": lambda rows, k: 1 - _alike(rows, k),
    },
)


def _off(epsilon, sensitivity, t):
    return math.exp(-t * epsilon / sensitivity)


exercise_function(
    "6.19-off",
    _off,
    [(0.5, 1.0, 6.0), (1.0, 1.0, 2.0), (0.1, 4.0, 25.0), (2.0, 3.0, 0.5)],
    "the probability",
    slips={
        "that is one side: the answer can be too high or too low": (
            lambda epsilon, sensitivity, t: _off(epsilon, sensitivity, t) / 2
        ),
        "that is the probability of being closer than that": (
            lambda epsilon, sensitivity, t: 1 - _off(epsilon, sensitivity, t)
        ),
        "the scale is the sensitivity divided by ε: a larger ε means less noise": (
            lambda epsilon, sensitivity, t: math.exp(-t / (epsilon * sensitivity))
        ),
        "the sensitivity widens the noise": lambda epsilon, sensitivity, t: math.exp(
            -t * epsilon
        ),
        "more sensitivity means more noise, not less": (
            lambda epsilon, sensitivity, t: math.exp(-t * epsilon * sensitivity)
        ),
    },
)


def _believe(answer, c, epsilon, prior=0.5, turned=False, signed=False):
    """What to believe of "the person is in it", when the count is c without them."""
    if signed:
        there, away = (-(answer - c - 1) * epsilon, -(answer - c) * epsilon)
    else:
        there, away = (-abs(answer - c - 1) * epsilon, -abs(answer - c) * epsilon)
    odds = prior / (1 - prior) * math.exp(there - away)
    return 1 / (1 + odds) if turned else odds / (1 + odds)


exercise_function(
    "6.19-believe",
    _believe,
    [
        (14.2, 11, 0.5, 0.5),
        (11.5, 11, 2.0, 0.1),
        (9.0, 11, 1.0, 0.3),
        (11.8, 11, 3.0, 0.5),
    ],
    "the probability",
    slips={
        "that is the probability that the person is not in it": (
            lambda *case: _believe(*case, turned=True)
        ),
        "the prior is missing: it weighs the two densities": (
            lambda answer, c, epsilon, prior: _believe(answer, c, epsilon)
        ),
        "Laplace's density falls on both sides: take the absolute value": (
            lambda *case: _believe(*case, signed=True)
        ),
        "that is the ratio of densities alone": lambda answer, c, epsilon, prior: (
            math.exp((abs(answer - c) - abs(answer - c - 1)) * epsilon)
        ),
        "the scale is 1 / ε, so ε is a factor in the exponent": (
            lambda answer, c, epsilon, prior: _believe(answer, c, 1 / epsilon, prior)
        ),
    },
)


def _loss(answers):
    """What a person loses at most: the worst group's sum."""
    total = {}
    for group, epsilon in answers:
        total[group] = total.get(group, 0.0) + epsilon
    return max(total.values())


def _largest(answers):
    return max(epsilon for _, epsilon in answers)


exercise_function(
    "6.19-loss",
    _loss,
    [
        [("north", 0.5), ("south", 0.5), ("north", 0.25)],
        [("a", 0.1), ("a", 0.1), ("a", 0.1), ("b", 0.2)],
        [("a", 0.5), ("b", 1.0), ("c", 0.25)],
        [("x", 0.2), ("y", 0.1), ("x", 0.2), ("y", 0.6), ("y", 0.1)],
    ],
    "the loss",
    slips={
        "nobody is in two groups: only answers about one person's own group add up": (
            lambda answers: sum(epsilon for _, epsilon in answers)
        ),
        "answers about the same people add up": _largest,
        "the promise holds for everybody: take the group that loses most": (
            lambda answers: min(
                sum(e for g, e in answers if g == group) for group, _ in answers
            )
        ),
        "the promise holds for everybody, not on average over groups": (
            lambda answers: (
                sum(e for _, e in answers) / len({group for group, _ in answers})
            )
        ),
    },
)


def _seen(ranked, group, by_rank=False, items=False):
    """The share of attention that the members of a group get."""
    inside, total = 0.0, 0.0
    for row in np.asarray(ranked).tolist():
        for place, item in enumerate(row, start=1):
            weight = 1.0 if items else 1 / math.log2(1 + place)
            weight = 1 / place if by_rank else weight
            inside += weight * bool(group[item])
            total += weight
    return inside / total


def _seen_lists():
    one = np.array([[0, 1], [2, 0], [0, 3]])
    two = np.array([[4, 1, 0, 2], [1, 4, 2, 3], [0, 3, 4, 1]])
    three = np.array([[2, 3, 1], [1, 0, 2]])
    return [
        (one, np.array([False, True, True, True])),
        (two, np.array([True, False, False, True, False])),
        (three, np.array([True, True, False, False])),
    ]


exercise_function(
    "6.19-seen",
    _seen,
    _seen_lists,
    "the share",
    slips={
        "that counts positions: the first is seen more than the last": (
            lambda ranked, group: _seen(ranked, group, items=True)
        ),
        "the weight of position j is 1 / log2(1 + j), not 1 / j": (
            lambda ranked, group: _seen(ranked, group, by_rank=True)
        ),
        "that is the others' exposure": lambda ranked, group: 1 - _seen(ranked, group),
        "divide by the weights of all positions: it lies between 0 and 1": (
            lambda ranked, group: (
                _seen(ranked, group)
                * sum(
                    1 / math.log2(1 + place)
                    for place in range(1, np.shape(ranked)[1] + 1)
                )
                * len(ranked)
            )
        ),
    },
)


def _rerank(scores, group, share, k, at_end=False, ceiling=False):
    """Rows by score, but a member where the floor would be missed, place by place."""
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    members = [i for i in order if group[i]]
    others = [i for i in order if not group[i]]
    if at_end:  # the floor is met at the last place only
        m = math.floor(share * k + 1e-9)
        kept = members[:m]
        kept += [i for i in order if i not in kept][: k - m]
        return np.array(sorted(kept, key=order.index))
    chosen, have = [], 0
    for p in range(1, k + 1):
        need = math.floor(share * p + 1e-9)
        need = math.ceil(share * p - 1e-9) if ceiling else need
        forced = have < need
        if members and (
            forced or not others or order.index(members[0]) < order.index(others[0])
        ):
            chosen.append(members.pop(0))
            have += 1
        else:
            chosen.append(others.pop(0))
    return np.array(chosen)


exercise_function(
    "6.19-rerank",
    _rerank,
    lambda: [
        (
            np.array([9.0, 8.0, 7.0, 6.0, 5.0]),
            np.array([0, 0, 0, 1, 1], dtype=bool),
            0.5,
            4,
        ),
        (
            np.array([1.0, 5.0, 4.0, 3.0, 2.0, 6.0]),
            np.array([1, 0, 0, 0, 1, 0], dtype=bool),
            0.4,
            5,
        ),
        (
            np.array([9.0, 8.0, 7.0, 6.0, 5.0, 4.0]),
            np.array([1, 1, 1, 0, 0, 1], dtype=bool),
            0.25,
            5,
        ),
        (
            np.array([3.0, 1.0, 2.0, 0.5]),
            np.array([0, 1, 0, 0], dtype=bool),
            0.34,
            3,
        ),
    ],
    "the rows in order",
    slips={
        "the floor holds for each beginning of the list, not only for the whole": (
            lambda *case: _rerank(*case, at_end=True)
        ),
        "the floor is rounded down: half of one position is none yet": (
            lambda *case: _rerank(*case, ceiling=True)
        ),
        "without need a position goes to the best of all; a floor is not a quota": (
            lambda scores, group, share, k: _quota(scores, group, share, k)
        ),
        "that is the list without a floor": lambda scores, group, share, k: np.argsort(
            -scores, kind="stable"
        )[:k],
    },
)


def _quota(scores, group, share, k):
    """Members exactly where the floor rises, others everywhere else."""
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    members = [i for i in order if group[i]]
    others = [i for i in order if not group[i]]
    chosen = []
    for p in range(1, k + 1):
        rises = math.floor(share * p + 1e-9) > math.floor(share * (p - 1) + 1e-9)
        first, second = (members, others) if rises else (others, members)
        chosen.append((first or second).pop(0))
    return np.array(chosen)
