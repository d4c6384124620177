"""Checks of chapter 8.5, which banner."""

import numpy as np

from recbook.checks import exercise, exercise_function, exercise_value, same


def _story(n=6, chances=(0.5, 0.25, 0.5), clicks=(1, 1, 1), power=-1):
    """The weights of the rows that show the story, times clicks, over n."""
    weights = np.power(chances, power)
    return (weights * clicks).sum() / n


exercise_value(
    "8.5-mean",
    _story,
    "the mean",
    0.006,
    slips={
        "the rows where the policies differ have the weight 0, and count": (
            lambda: _story(n=3)
        ),
        "the weight is one over the chance": lambda: _story(power=1.0),
        "that is their sum: divide by the number of impressions": lambda: _story(n=1),
        "where the policies differ, the new one never shows it: the weight is 0": (
            lambda: _story(chances=(0.5, 0.25, 0.25, 0.25, 0.5, 0.5), clicks=1)
        ),
    },
)
exercise_value(
    "8.5-snips",
    lambda: _story(clicks=(1, 1, 0)) / _story(),
    "the click rate",
    0.006,
    slips={
        "that is IPS: divide it by the mean of the weights": (
            lambda: _story(clicks=(1, 1, 0))
        ),
        "each row that counts has its weight": lambda: 2 / 3,
        "rows without the story have the weight 0, clicked or not": lambda: 2 / 6,
        "upside down: the mean of the weights stands below": (
            lambda: _story() / _story(clicks=(1, 1, 0))
        ),
    },
)


@exercise("8.5-support")
def support(answer):
    """A context and a banner, in either sequence."""
    words = [answer] if isinstance(answer, str) else answer
    if not isinstance(words, list | tuple) or len(words) != 2:
        return same(answer, ["", ""], "your answer") or "a context and a banner"
    pair = {str(word).strip().lower() for word in words}
    if pair in ({"new", "club"}, {"member", "new in"}):
        return "that was never shown, and the policy does not show it either"
    return None if pair == {"returning", "offer"} else "the log has rows there: look on"


def _means(context, weight):
    return np.array([weight[context == one].mean() for one in range(max(context) + 1)])


exercise_function(
    "8.5-contexts",
    _means,
    lambda: [
        (np.array([0, 1, 0]), np.array([2.0, 1.0, 0.5])),
        (np.array([2, 0, 2, 1, 2]), np.array([5.0, 0.5, 0.0, 2.0, 2.5])),
    ],
    "the means",
    slips={
        "those are the sums: divide each by its own number of rows": (
            lambda context, weight: np.bincount(context, weight)
        ),
        "divide by the rows of the context, and not by all rows": (
            lambda context, weight: np.bincount(context, weight) / len(weight)
        ),
        "that is one mean over the whole log": (
            lambda context, weight: np.full(max(context) + 1, weight.mean())
        ),
    },
)


def _off_by(counts, chances, spread=lambda p: p * (1 - p)):
    counts, p = np.asarray(counts), np.asarray(chances)
    n = counts.sum()
    return (counts - n * p) / np.sqrt(n * spread(p))


exercise_function(
    "8.5-draw",
    _off_by,
    [
        ([40, 25, 15, 20], [0.4, 0.2, 0.2, 0.2]),
        ([500, 300], [0.5, 0.5]),
        ([922, 455, 460, 423], [0.25, 0.25, 0.25, 0.25]),
    ],
    "the distances",
    atol=1e-6,
    slips={
        "the variance is n p (1 − p)": (
            lambda counts, chances: _off_by(counts, chances, lambda p: p)
        ),
        "the sign is turned: counted less expected": (
            lambda counts, chances: -_off_by(counts, chances)
        ),
        "the standard error is the root of the variance": (
            lambda counts, chances: (
                _off_by(counts, chances)
                / np.sqrt(sum(counts) * np.multiply(chances, np.subtract(1, chances)))
            )
        ),
    },
)


def _rows_needed(rows=9000, reach=20, power=2):
    return int(rows * (reach / 5) ** power)


exercise_value(
    "8.5-next",
    _rows_needed,
    "the number of rows",
    60,
    slips={
        "the width falls with the root of the rows: take the square": (
            lambda: _rows_needed(power=1)
        ),
        "that is what is judged on: as many again are learnt from": (
            lambda: _rows_needed(9000 / 2)
        ),
        "the interval is ± 20 now, which is half of its whole width": (
            lambda: _rows_needed(reach=40)
        ),
        "the gain is not the reach: how far is an end from it?": (
            lambda: _rows_needed(reach=24)
        ),
    },
)
