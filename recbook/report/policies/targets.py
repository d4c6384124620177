"""The policy that is to be judged: a reader's own, or one learnt from the log."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from recbook._core.validate import generator
from recbook.marketing import ope
from recbook.report import columns
from recbook.report.policies.logs import key_of

__all__ = ["greedy", "halves", "read_policy"]

ROUNDING = 1e-6
DAMPING = 20.0  # samples, as in chapter 6.11; set before the first run
SEEN = 10  # samples of a banner in a context, from which it can be chosen


def halves(named, seed):
    """Return the samples to learn from and those to judge on, drawn at random.

    >>> from recbook.report.policies.logs import read_log
    >>> table = {"banner": ["A", "B"] * 3, "p": [0.5] * 6, "click": [0, 1] * 3}
    >>> named = read_log(table, "banner", "p", "click", None)
    >>> [len(half.log) for half in halves(named, seed=0)]
    [3, 3]
    """
    n = len(named.log)
    first = generator(seed).permutation(n) < n // 2
    return named.rows(first), named.rows(~first)


def greedy(named):
    """Return for each context the banner of the best damped mean, as probabilities.

    Only banners that the context has seen at least ten times; where there are none, the
    one that was shown there most often.
    """
    shape = named.counts.shape
    means = ope.cell_means(named.log, *shape, DAMPING)
    known = named.counts >= SEEN
    scores = np.where(known, means, -np.inf)
    best = np.where(
        known.any(axis=1), scores.argmax(axis=1), named.counts.argmax(axis=1)
    )
    return np.eye(shape[1])[best]


def read_policy(named, policy):
    """Return a policy as (n_contexts, n_banners), and the labels of its banners.

    Labels that the log does not know stand after those that it does.

    >>> from recbook.report.policies.logs import read_log
    >>> table = {"banner": ["A", "B"] * 2, "p": [0.5] * 4, "click": [0, 1] * 2}
    >>> table["who"] = ["x", "y"] * 2
    >>> named = read_log(table, "banner", "p", "click", "who")
    >>> read_policy(named, {"x": "B", "y": {"A": 0.5, "B": 0.5}})[0].tolist()
    [[0.0, 1.0], [0.5, 0.5]]
    """
    wanted = _by_context(named, policy)
    missing = [key for key in named.keys if key not in wanted]
    if missing:
        raise ValueError(
            f"policy says nothing for {columns.listed(missing)}: give each context of "
            "the log a banner, or probabilities by banner"
        )
    places = {columns.word(label): k for k, label in enumerate(named.banners)}
    banners = list(named.banners)
    for key in named.keys:
        for label in wanted[key]:
            if columns.word(label) not in places:
                places[columns.word(label)] = len(banners)
                banners.append(label)
    table = np.zeros((len(named.keys), len(banners)))
    for row, key in enumerate(named.keys):
        for label, share in wanted[key].items():
            table[row, places[columns.word(label)]] += _share(key, label, share)
        if abs(table[row].sum() - 1) > ROUNDING:
            raise ValueError(
                f"policy adds up to {table[row].sum():.6g} for {key!r}: give "
                "probabilities by banner, 1 in all"
            )
    return table, banners


def _share(key, label, share):
    """Return one probability of a policy."""
    try:
        share = float(share)
    except (TypeError, ValueError):
        share = float("nan")
    if not 0 <= share <= 1:
        raise ValueError(
            f"policy has {share} for {label!r} in {key!r}: give a probability from 0 "
            "to 1"
        )
    return share


def _by_context(named, policy):
    """Return a policy as {context: {banner: probability}}."""
    if isinstance(policy, pd.DataFrame):
        policy = _from_frame(named, policy)
    elif isinstance(policy, pd.Series):
        policy = policy.to_dict()
    known = {columns.word(label) for label in named.banners}
    alone = len(named.keys) == 1 and list(named.contexts.columns) == ["context"]
    if not isinstance(policy, Mapping):  # one banner for everybody
        if not isinstance(policy, str | int | float):
            raise ValueError(
                "policy must be a banner, or a dict or a frame of a banner or of "
                f"probabilities for each context, not {type(policy).__name__}"
            )
        return {key: {policy: 1.0} for key in named.keys}
    if alone and {columns.word(label) for label in policy} & known:
        return {named.keys[0]: dict(policy)}
    return {
        key_of(key): dict(what) if isinstance(what, Mapping) else {what: 1.0}
        for key, what in policy.items()
    }


def _from_frame(named, frame):
    """Return a frame as a dict of contexts: by its index, or by columns of the log."""
    names = list(named.contexts.columns)
    if set(names) <= set(frame.columns):
        frame = frame.set_index(names[0] if len(names) == 1 else names)
    twice = frame.index.duplicated()
    if twice.any():
        raise ValueError(f"policy has {frame.index[twice.argmax()]!r} twice; keep one")
    if frame.shape[1] == 1 and frame.columns[0] == named.shown:
        return frame.iloc[:, 0].to_dict()
    return dict(zip(frame.index, frame.to_dict("records"), strict=True))
