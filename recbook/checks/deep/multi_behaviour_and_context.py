"""Checks of chapter 4.6, several behaviours and the moment."""

import functools

import numpy as np

from recbook.checks import exercise_function

# Lamp: 6 views and a cart; desk: 2 views and a purchase; weights 1, 3 and 10.


def _conversion(views, purchases):
    bought = {tuple(row) for row in np.asarray(purchases).tolist()}
    looked = {tuple(row) for row in np.asarray(views).tolist()}
    return sum(row in bought for row in looked) / len(looked)


def _pairs():
    """Rows (visit, product); views repeat, and something is bought without a view."""
    rng = np.random.default_rng(46)
    drawn = [(rng.integers(0, 6, (n, 2)), rng.integers(0, 6, (m, 2)))
            for n, m in ((25, 12), (40, 9))]  # fmt: skip
    views = np.array([[1, 7], [1, 7], [2, 7], [3, 4], [3, 4], [3, 4]])
    return [(views, np.array([[1, 7], [2, 9], [1, 4]])), *drawn]


def _event_by_event(views, purchases):
    bought = set(map(tuple, purchases.tolist()))
    return np.mean([tuple(row) in bought for row in views.tolist()])


def _any_visit(views, purchases):
    return _conversion(np.unique(views, axis=0) * [0, 1], purchases * [0, 1])


CONVERSION = {
    "a product that is viewed five times in a visit is viewed once": _event_by_event,
    "a purchase without a view counts here: it is not to": (
        lambda *pair: len(np.unique(pair[1], axis=0)) / len(np.unique(pair[0], axis=0))
    ),
    "what was bought in another visit counts here: it is not to": _any_visit,
    "that is the fraction of the purchases that had a view": (
        lambda views, purchases: _conversion(purchases, views)
    ),
}
exercise_function(
    "4.6-conversion", _conversion, _pairs, "the conversion", slips=CONVERSION
)


def _visits(times, gap, first=0, ends=np.greater):
    number, numbers = first, []
    for index, time in enumerate(times):
        if index and ends(time - times[index - 1], gap):
            number += 1
        numbers.append(number)
    return np.array(numbers)


def _by_length(times, gap):
    """A visit is over ``gap`` seconds after it has begun: a slip."""
    begin, number, numbers = times[0], 0, []
    for time in times:
        if time - begin > gap:
            begin, number = time, number + 1
        numbers.append(number)
    return np.array(numbers)


VISITS = {
    "a silence of exactly the gap ends a visit here: it is not to": (
        functools.partial(_visits, ends=np.greater_equal)
    ),
    "visits are counted from 1 here: they are to be counted from 0": functools.partial(
        _visits, first=1
    ),
    "a visit ends here by its length: only a silence is to end it": _by_length,
    "that says where a visit begins: number the visits": (
        lambda times, gap: np.diff(times, prepend=times[0]) > gap
    ),
}


exercise_function(
    "4.6-visits",
    _visits,
    [
        (np.array([0, 100, 1900, 1901, 9000]), 1800),
        (np.array([5, 6, 8, 11, 15, 20]), 3),
        (np.array([0, 1800, 3601, 5401]), 1800),
        (np.array([42]), 60),
        (np.array([0, 50, 99, 150]), 60),  # a visit longer than any silence
    ],
    "the visits",
    slips=VISITS,
)


def _decayed(items, weights, days, half_life, n_items, base=0.5):
    scores = np.zeros(n_items)
    for item, weight, age in zip(items, weights, days, strict=True):
        scores[item] += weight * base ** (age / half_life)
    return scores


def _once_each(items, weights, days, half_life, n_items):
    scores = np.zeros(n_items)
    scores[items] += weights * 0.5 ** (days / half_life)
    return scores


def _histories():
    rng = np.random.default_rng(461)
    return [
        (
            rng.integers(0, n_items - 1, n),
            rng.choice([1.0, 3.0, 10.0], n),
            rng.uniform(0, 40, n).round(1),
            half_life,
            n_items,
        )
        for n, n_items, half_life in ((12, 5, 7.0), (30, 8, 3.0), (4, 6, 30.0))
    ]


DECAY = {
    "with an array, += counts an item only once, however often it stands there": (
        _once_each
    ),
    "after a half-life a half is left, not the e-th part": (
        functools.partial(_decayed, base=np.exp(-1.0))
    ),
    "this grows with age: it is to fade": functools.partial(_decayed, base=2.0),
    "items without an event have a score, too": (
        lambda *case: _decayed(*case)[: case[0].max() + 1]
    ),
    "the weights are missing": (
        lambda items, weights, *rest: _decayed(items, np.ones_like(weights), *rest)
    ),
}
exercise_function("4.6-decay", _decayed, _histories, "the scores", slips=DECAY)


def _known(times, index, gap, ends=np.greater):
    while index and not ends(times[index] - times[index - 1], gap):
        index -= 1
    return index


KNOWN = {
    "a silence of exactly the gap ends a visit here: it is not to": (
        functools.partial(_known, ends=np.greater_equal)
    ),
    "the visit of the purchase itself is looked at: stop before it begins": (
        lambda times, index, gap: index
    ),
    "a visit ends here by its length: only a silence is to end it": (
        lambda times, index, gap: int((times < times[index] - gap).sum())
    ),
    "one too few: the last event before the visit may be looked at": (
        lambda *case: max(_known(*case) - 1, 0)
    ),
    "that is how many events of the visit come first: count those before the visit": (
        lambda times, index, gap: index - _known(times, index, gap)
    ),
}


exercise_function(
    "4.6-known",
    _known,
    [
        (np.array([0, 100, 5000, 5100, 5200]), 4, 1800),
        (np.array([0, 100, 5000, 5100, 5200]), 2, 1800),
        (np.array([0, 100, 200]), 2, 1800),
        (np.array([0, 3000, 6000, 6001]), 3, 1800),
        (np.array([0, 10, 21, 31, 41]), 4, 10),
    ],
    "the number of events",
    slips=KNOWN,
)


def _moment(w, V, v_user, v_moment):
    return np.array(
        [
            weight
            + sum(x * (p + c) for x, p, c in zip(row, v_user, total, strict=True))
            for weight, row in zip(w, V, strict=True)
            for total in [np.asarray(v_moment).sum(axis=0)]
        ]
    )


def _machines():
    rng = np.random.default_rng(462)
    return [
        (
            rng.normal(size=n),
            rng.normal(size=(n, k)),
            rng.normal(size=k),
            rng.normal(size=(c, k)),
        )
        for n, k, c in ((5, 3, 2), (7, 2, 3), (4, 4, 1))
    ]


MOMENT = {
    "you average the circumstances: add them up": (
        lambda w, V, v_user, v_moment: w + V @ (v_user + v_moment.mean(axis=0))
    ),
    "the items' own weights are missing": (lambda w, *rest: _moment(0 * w, *rest)),
    "the person is missing": (
        lambda w, V, v_user, v_moment: _moment(w, V, 0 * v_user, v_moment)
    ),
    "the moment is missing": (
        lambda w, V, v_user, v_moment: _moment(w, V, v_user, 0 * v_moment)
    ),
}
exercise_function("4.6-moment", _moment, _machines, "the scores", slips=MOMENT)


def _look_back(h, s, behaviour, real, scale=None, after=None):
    """Another scale, or weights that are masked ``after`` the softmax, is a slip."""
    if not real.any():
        return np.zeros(h.shape[1])
    events = h + behaviour
    e = events @ s / (scale or np.sqrt(len(s)))
    taking_part = real if after is None else np.ones_like(real)
    weights = np.exp(e - e[taking_part].max()) * taking_part
    return weights / weights.sum() * (1 if after is None else after) @ events


def _events_alone(h, s, behaviour, real):
    """The weights of all that was done, and the mean of ``h`` alone."""
    if not real.any():
        return np.zeros(h.shape[1])
    e = (h + behaviour)[real] @ s / np.sqrt(len(s))
    weights = np.exp(e - e.max())
    return weights / weights.sum() @ h[real]


def _overflowing(h, s, behaviour, real):
    events = (h + behaviour)[real]
    with np.errstate(all="ignore"):
        powers = np.exp(events @ s / np.sqrt(len(s)))
        return powers / powers.sum() @ events


def _mean_of_nothing(h, s, behaviour, real):
    if real.any():
        return _look_back(h, s, behaviour, real)
    return (h + behaviour).mean(axis=0)


def _padding_at_zero(h, s, behaviour, real):
    e = np.where(real, (h + behaviour) @ s / np.sqrt(len(s)), 0.0)
    weights = np.exp(e - e.max())
    return weights / weights.sum() @ (h + behaviour)


def _undefined(h, s, behaviour, real):
    return _look_back(h, s, behaviour, real) if real.any() else np.full(len(s), np.nan)


def _windows():
    """Windows with padding on the left, one of padding alone, one of huge scores."""
    rng = np.random.default_rng(463)
    made = []
    for n_real, size in ((3, 1.0), (5, 1.0), (0, 1.0), (4, 4000.0)):
        h, behaviour = size * rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
        made.append((h, rng.normal(size=4), behaviour, np.arange(5) >= 5 - n_real))
    return made


LOOK_BACK = {
    "the mask comes too late: padding has taken part in the sum": (
        lambda *case: _look_back(*case, after=case[-1])
    ),
    "the padding takes part: only real events are to": functools.partial(
        _look_back, after=1
    ),
    "the score is not scaled": functools.partial(_look_back, scale=1),
    "behaviours belong into what is averaged, as into what is scored": _events_alone,
    "the exponential overflows: what can be taken off all scores?": _overflowing,
    "where nothing is real, this is an average of padding": _mean_of_nothing,
    "padding has a score of 0, which is a score like others": _padding_at_zero,
    "a window without a real event is no number: what shall c be?": _undefined,
    "how the events were done is missing": (
        lambda h, s, behaviour, real: _look_back(h, s, 0 * behaviour, real)
    ),
}
exercise_function(
    "4.6-look-back", _look_back, _windows, "c", atol=1e-8, slips=LOOK_BACK
)
