"""Policies at work in a world whose click rates are known."""

import numpy as np

from recbook._core.arrays import check_reals
from recbook._core.validate import check_codes, check_positive_int
from recbook.marketing.bandits import kernels
from recbook.marketing.bandits.linear import LinearPolicy
from recbook.marketing.bandits.policies import CountPolicy
from recbook.marketing.base import check_features

__all__ = ["simulate"]


def _check_means(means, n_actions):
    """Return click rates as (n_segments, n_actions)."""
    means = check_reals("means", means)
    rows = means[None] if means.ndim == 1 else means
    rows = check_features("means", rows)
    if rows.shape[1] != n_actions:
        raise ValueError(
            f"means has {rows.shape[1]} actions, but the policy has {n_actions}"
        )
    wrong = (rows < 0) | (rows > 1)
    if wrong.any():
        place = tuple(np.argwhere(wrong)[0].tolist())
        raise ValueError(
            f"means{list(place)} is {rows[place]}: give a probability, from 0 to 1"
        )
    return _as_compiled(rows)


def _as_compiled(array):
    """Return an array that may be written to: for others numba compiles anew."""
    return np.require(array, requirements="CW")


def _check_contexts(policy, contexts, n_segments):
    """Return what the policy sees of each segment: features, or a table's number."""
    if isinstance(policy, LinearPolicy):
        if contexts is None:
            raise ValueError(
                f"{type(policy).__name__} needs contexts: give an array "
                f"({n_segments}, {policy.n_features})"
            )
        seen = check_features("contexts", contexts, policy.n_features)
    elif contexts is None:
        seen = np.zeros(n_segments, dtype=np.int64)
    else:
        seen = check_codes("contexts", contexts, n_segments)
    if len(seen) != n_segments:
        raise ValueError(
            f"contexts has {len(seen)} rows, but means has {n_segments} segments"
        )
    return _as_compiled(seen)


def simulate(policy, means, n_rounds, n_repeats=1, seed=0, contexts=None, batch=1):
    r"""Let a policy play against known click rates, and return its regret.

    .. math::
        \sum_{i \le t} \Bigl( \max_k \mu_{s_i k} - \mu_{s_i a_i} \Bigr)

    is the number of clicks that are lost, on average, until round t by showing
    :math:`a_i` in place of the best action for segment :math:`s_i`.

    Parameters
    ----------
    policy : Policy
        Gives the rule and its settings. Each repetition starts knowing nothing; the
        policy itself is neither used nor changed.
    means : (n_actions,) or (n_segments, n_actions) array_like
        Click rates :math:`\mu`, from 0 to 1. All segments are equally frequent.
    n_rounds : int
        Page impressions of one repetition.
    n_repeats : int
        Repetitions with other visitors. The first ones are the same for any number.
    seed : int
        The same regret for the same seed, with numba and without.
    contexts : array_like, optional
        What the policy sees of a segment. For ``LinUCB`` and ``LinThompson`` an array
        (n_segments, n_features). For the others codes (n_segments,): segments with the
        same code share their counts. By default all do.
    batch : int
        The policy is told the rewards after every ``batch`` rounds.

    Returns
    -------
    (n_repeats, n_rounds) array
        Regret in clicks until each round. It never falls, and is 0 where all actions
        have the same rate.

    Raises
    ------
    ValueError
        That names the argument and the value.

    Examples
    --------
    >>> from recbook.marketing.bandits import BetaThompson, EpsilonGreedy
    >>> at_random = EpsilonGreedy(2, epsilon=1.0)
    >>> simulate(at_random, [0.0, 1.0], n_rounds=4, n_repeats=2).tolist()
    [[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]
    >>> learned = simulate(BetaThompson(2), [0.0, 1.0], n_rounds=100)
    >>> float(learned[0, -1]) < 10
    True
    """
    if not isinstance(policy, CountPolicy | LinearPolicy):
        raise ValueError(
            f"policy is {policy!r}: give one of this module, such as BetaThompson(8)"
        )
    run = kernels.run_linear if isinstance(policy, LinearPolicy) else kernels.run
    means = _check_means(means, policy.n_actions)
    seen = _check_contexts(policy, contexts, len(means))
    n_rounds = check_positive_int("n_rounds", n_rounds)
    n_repeats = check_positive_int("n_repeats", n_repeats)
    seed = check_positive_int("seed", seed, minimum=0)
    batch = check_positive_int("batch", batch)
    regret = np.empty((n_repeats, n_rounds))
    for repeat in range(n_repeats):
        rng = np.random.default_rng([seed, repeat])
        run(policy.rule, policy.dials, means, seen, batch, rng, regret[repeat])
    return regret
