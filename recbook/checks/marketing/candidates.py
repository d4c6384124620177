"""Checks of chapter 6.18, retrieve and rank."""

import itertools
import math

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _lift(log=math.log, of_a=0.4, of_b=0.05):
    return log(0.3 / of_b) - log(0.6 / of_a)


exercise_value(
    "6.18-lift",
    _lift,
    "the difference of scores",
    atol=0.01,
    slips={
        "that is the optimum with the correction: here there was none": (
            lambda: _lift(of_a=1, of_b=1)
        ),
        "scores are logarithms: subtract these, not the ratios": (
            lambda: _lift(log=lambda x: x)
        ),
        "scores are logarithms: that is a ratio of ratios": lambda: math.exp(_lift()),
        "the logarithm is the natural one, not that to the base 2": (
            lambda: _lift(math.log2)
        ),
        "the score of B less that of A, not the other way round": lambda: -_lift(),
        "frequencies are taken off the score, not added to it": (
            lambda: _lift(of_a=1 / 0.4, of_b=1 / 0.05)
        ),
    },
)


def _loss(S, log_q=None, sign=-1.0, axis=1, own=True):
    """Return the mean of -ln of the softmax at the diagonal, row by row."""
    total = 0.0
    for a, row in enumerate(S):
        logits = []
        for c, score in enumerate(row):
            shift = 0.0 if log_q is None else log_q[c if axis else a]
            logits.append(score + sign * shift)
        others = [x for c, x in enumerate(logits) if own or c != a]
        top = max(others)
        total += top + math.log(sum(math.exp(x - top) for x in others)) - logits[a]
    return total / len(S)


def _scores():
    rng = np.random.default_rng(61)
    cases = []
    for size, scale in ((3, 1.0), (5, 2.0), (4, 2000.0)):
        S = rng.normal(0, scale, (size, size))
        cases += [(S, np.log(rng.dirichlet(np.ones(size)))), (S + 7.0,)]
    return cases


_LOSS_SLIPS = {
    "ln q is subtracted, not added": lambda *case: _loss(*case, sign=1.0),
    "as if there were no log_q: it has a number for each column; by row it cancels": (
        lambda *case: _loss(*case, axis=0)
    ),
    "the row's own column belongs in the sum, too": lambda *case: _loss(
        *case, own=False
    ),
    "the mean over the rows is asked for, not the sum": (
        lambda *case: _loss(*case) * len(case[0])
    ),
    "ln is negative: the loss is minus its mean": lambda *case: -_loss(*case),
}
exercise_function("6.18-loss", _loss, _scores, "the loss", atol=1e-8, slips=_LOSS_SLIPS)


def _ceiling(first, second, bought, k, padding=False, once=True, limit=True):
    found = 0
    for code in set(np.asarray(bought).tolist()):
        times = [code in np.asarray(one).tolist() for one in (first, second)]
        found += max(times) if once else sum(times)
    found += padding and (-1 in first or -1 in second)
    return (min(k, found) if limit else found) / len(set(np.asarray(bought).tolist()))


def _unions():
    a = np.array
    return [
        (a([1, 2, 3]), a([4, 2, -1]), a([2, 4, 9, 7]), 10),
        (a([5, 1]), a([1, 5]), a([1, 5, 6]), 5),
        (a([8, 3, 6, 2]), a([7, 9, -1, -1]), a([8, 3, 6, 2, 7, 1]), 3),
        (a([4, -1]), a([-1, -1]), a([3, 5]), 2),
        (a([0, 4, 2]), a([6, 0, 1]), a([0, 6]), 1),
    ]


_CEILING_SLIPS = {
    "at most k products fit on the list": lambda *case: _ceiling(*case, limit=False),
    "a product that both sources found counts once": (
        lambda *case: _ceiling(*case, once=False)
    ),
    "-1 is padding, not a product": lambda *case: _ceiling(*case, padding=True),
    "the second list counts, too": lambda a, b, *rest: _ceiling(a, a, *rest),
    "recall divides by what was bought, not by k": (
        lambda a, b, bought, k: _ceiling(a, b, bought, k) * len(bought) / k
    ),
    "that divides by the number of candidates: it is a precision": (
        lambda a, b, bought, k: (
            _ceiling(a, b, bought, k) * len(bought) / len({*a.tolist(), *b.tolist()})
        )
    ),
}
exercise_function(
    "6.18-ceiling", _ceiling, _unions, "the recall", atol=1e-9, slips=_CEILING_SLIPS
)


def _streamed(stream, n_items, alpha, start=None, move=True, inverse=False, turn=False):
    q = np.zeros(n_items)
    for item in range(n_items):
        times = [t for t, code in enumerate(stream) if code == item]
        if not move:
            steps = [t - times[0] for t in times[1:]]
        else:
            steps = [after - at for at, after in itertools.pairwise(times)]
        if not steps:
            continue
        values = [1 / step for step in steps] if inverse else steps
        kept = alpha if turn else 1 - alpha
        mean = values[0] if start is None else kept * start + (1 - kept) * values[0]
        for value in values[1:]:
            mean = kept * mean + (1 - kept) * value
        q[item] = mean if inverse else 1 / mean
    return q


def _streams():
    rng = np.random.default_rng(62)
    long = rng.choice(4, 60, p=[0.5, 0.3, 0.15, 0.05]).tolist()
    return [
        ([0, 1, 0, 2, 0, 0, 1], 4, 0.5),
        ([2, 2, 0, 2, 1, 1, 0, 2], 3, 0.1),
        (long, 5, 0.2),
        (long[::-1], 4, 0.8),
    ]


_STREAM_SLIPS = {
    "the time of the last sighting moves on with each one": (
        lambda *case: _streamed(*case, move=False)
    ),
    "average the gaps, then invert: a mean of inverses is too large": (
        lambda *case: _streamed(*case, inverse=True)
    ),
    "alpha weighs the new gap, 1 - alpha the old one": (
        lambda *case: _streamed(*case, turn=True)
    ),
    "the first gap is taken as it is: nothing to average with yet": (
        lambda *case: _streamed(*case, start=0.0)
    ),
    "those are counts over the length: that needs a finished log": (
        lambda stream, n, _: np.bincount(stream, minlength=n) / len(stream)
    ),
    "that is the gap: q is 1 over it": lambda *case: np.divide(
        1.0, _streamed(*case), out=np.zeros(case[1]), where=_streamed(*case) > 0
    ),
}
exercise_function(
    "6.18-stream", _streamed, _streams, "the shares", atol=1e-9, slips=_STREAM_SLIPS
)


def _quotas(lists, quotas, again=False, cut=False, padding=False):
    taken = []
    for codes, quota in zip(lists, quotas, strict=True):
        codes, n = [int(code) for code in codes], 0
        for code in codes[:quota] if cut else codes:
            new = again or code not in taken
            if n < quota and new and (padding or code >= 0):
                taken.append(code)
                n += 1
    return np.array((taken + [-1] * sum(quotas))[: sum(quotas)])


def _by_turns(lists, quotas):
    columns = zip(*[[*one, *[-1] * 9] for one in lists], strict=False)
    taken = list(dict.fromkeys(int(c) for turn in columns for c in turn if c >= 0))
    return np.array((taken + [-1] * sum(quotas))[: sum(quotas)])


def _sources():
    a = np.array
    return [
        ([a([4, 7, 1]), a([7, 4, 2, 9])], [2, 2]),
        ([a([3, -1, -1]), a([5, 3, 8])], [2, 2]),
        ([a([6, 5, 4]), a([6, 5, 4]), a([4, 1, 6, 0])], [1, 1, 2]),
        ([a([2, 8]), a([8, 2]), a([-1, -1])], [2, 1, 1]),
        ([a([9, 1, 0]), a([1, 0, 9, 3])], [0, 3]),
    ]


_QUOTA_SLIPS = {
    "an item is in the list once": lambda *case: _quotas(*case, again=True),
    "an item that is there already does not use up the quota": (
        lambda *case: _quotas(*case, cut=True)
    ),
    "-1 is padding, not an item, and comes at the end": (
        lambda *case: _quotas(*case, padding=True)
    ),
    "source by source, not in turn": _by_turns,
}
exercise_function("6.18-quota", _quotas, _sources, "the codes", slips=_QUOTA_SLIPS)
