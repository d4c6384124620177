"""What a log can speak about: what it never shows, and weights whose mean is not 1."""

import numpy as np

from recbook.marketing.ope.log import ROUNDING

__all__ = ["check_mean", "check_support", "too_far", "weight_sizes"]

MOST_UNSEEN = 0.01  # share of a policy's choices of which no sample may tell
REACH, TAIL = 5.0, 28.0  # standard errors, and largest weights seen over n


def check_support(log, policy):
    """Raise where more than 1 % of a policy's choices cannot stand in the log.

    An action cannot if no sample shows it, or if no sample of its context does and the
    propensities there add up to 1 without it.
    """
    n_actions = policy.shape[1]
    contexts, row = np.unique(log.context, return_inverse=True)
    odds = np.zeros((len(contexts), n_actions))
    odds[row, log.action] = log.propensity
    differs = np.abs(odds[row, log.action] - log.propensity) > ROUNDING
    closed = np.abs(odds.sum(axis=1) - 1) <= ROUNDING
    closed[row[differs]] = False  # odds that changed say nothing about what is left
    nowhere = np.bincount(log.action, minlength=n_actions) == 0
    off = (odds == 0) & (closed[:, None] | nowhere)
    if not off.any():
        return
    share = np.where(off, _by_cell(row, policy), 0.0) / len(log)
    if share.sum() <= MOST_UNSEEN:
        return
    action = int(share.sum(axis=0).argmax())
    words = f"in {100 * share[:, action].sum():.1f} % of its choices"
    if nowhere[action]:
        why = "but the log never shows it"
    else:
        context = contexts[share[:, action].argmax()]
        why = (
            "where the log can never show it, as its propensities add up to 1 "
            f"without it; worst: context {context}"
        )
    raise ValueError(
        f"policy takes action {action} {words}, {why}: show it at times from "
        "now on, or judge a policy without it"
    )


def weight_sizes(w):
    r"""Return :math:`(\sum w)^2 / \sum w^2` (0 of zeros), the largest weight, the mean.

    >>> weight_sizes(np.array([0.0, 2.0, 4.0]))
    (1.8, 4.0, 2.0)
    """
    largest = float(w.max())
    if not largest:
        return 0.0, 0.0, 0.0
    unit = w / largest  # whose squares cannot overflow
    return (
        float(unit.sum() ** 2 / (unit @ unit)), largest, largest * float(unit.mean())
    )  # fmt: skip


def too_far(w):
    r"""Return whether the mean of weights is further from 1 than luck takes it.

    .. math::
       |\bar w - 1| > 5\, \frac{s(w)}{\sqrt{n \min(\bar w, 1)}} + 28\, \frac{\max w}{n}

    After the empirical Bernstein bound of Maurer and Pontil (2009, theorem 4), whose
    numbers at one chance in 100,000 are near 5 and 28. Theirs needs the largest weight
    that is *possible*; here stands the largest that was *seen*, so the chance holds
    only where the log shows weights of every size. A right log that lacks a rare sample
    with a very large weight is refused, too: it cannot speak about that share of the
    choices. The mean under the root widens the error where large weights are too few.
    Five standard errors alone would refuse good logs of which few samples have large
    weights.

    >>> too_far(np.full(1000, 0.5)), too_far(np.full(10, 0.5))
    (True, False)
    """
    _, largest, mean = weight_sizes(w)
    error = largest * float((w / largest).std(ddof=1)) / np.sqrt(len(w) * min(mean, 1))
    return bool(abs(mean - 1) > REACH * error + TAIL * largest / len(w))


def check_mean(log, policy, w):
    """Raise where the mean weight is too far from 1, and name the worst place."""
    if not too_far(w):
        return
    n, mean = len(log), w.mean()
    contexts, row = np.unique(log.context, return_inverse=True)
    choices = _by_cell(row, policy) / n
    shown = np.zeros_like(choices)
    np.add.at(shown, (row, log.action), w / n)
    gap = (choices - shown) * np.sign(1 - mean)
    place = np.unravel_index(gap.argmax(), gap.shape)
    share = f"{100 * (1 - mean):.0f} % of the policy's choices"
    missing = f"for {share} the log has no samples, or " if mean < 1 else ""
    raise ValueError(
        f"the weights average {mean:.2f}, not 1: {missing}the "
        f"propensities are not those of the draw; worst: context {contexts[place[0]]}, "
        f"action {place[1]}, with {100 * choices[place]:.1f} % of the choices and "
        f"{100 * shown[place]:.1f} % of the weight; see how the propensities were "
        "logged, or judge a policy nearer to that of the log"
    )


def _by_cell(row, table):
    """Return the sum of the rows of each context, (n_contexts, n_actions)."""
    return np.stack([np.bincount(row, column) for column in table.T], axis=1)
