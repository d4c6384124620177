"""Compiled choices of the policies, and the loops in which they are simulated.

The random numbers come from a NumPy generator that is passed in. So a kernel gives the
same with numba and without.
"""

import math

import numpy as np

from recbook._core.jit import njit

GREEDY, COMMIT, UCB, THOMPSON = range(4)  # rules on counts
LINEAR_UCB, LINEAR_THOMPSON = range(2)  # rules on features


@njit(cache=True)
def largest(values, rng):
    """Return the place of the largest value. Ties are broken at random."""
    chosen, ties = 0, 1
    for k in range(1, len(values)):
        if values[k] > values[chosen]:
            chosen, ties = k, 1
        elif values[k] == values[chosen]:
            ties += 1
            if rng.random() * ties < 1.0:
                chosen = k
    return chosen


@njit(cache=True)
def anyone(n, rng):
    """Return one of n places, each with the same probability."""
    return int(rng.random() * n)


@njit(cache=True)
def rates(shown, clicks, scores):
    """Write the observed click rate of each action to scores, 0 where never shown."""
    for k in range(len(shown)):
        scores[k] = clicks[k] / shown[k] if shown[k] else 0.0
    return scores


@njit(cache=True)
def upper_bounds(shown, clicks, variance, scores):
    """Write rate plus sqrt(8 variance ln t / n) to scores, inf where never shown."""
    log_t = math.log(max(shown.sum(), 1.0))
    for k in range(len(shown)):
        if shown[k]:
            width = math.sqrt(8.0 * variance * log_t / shown[k])
            scores[k] = clicks[k] / shown[k] + width
        else:
            scores[k] = np.inf
    return scores


@njit(cache=True)
def gamma(shape, rng):
    """Draw from a gamma distribution of rate 1, by Marsaglia and Tsang (2000)."""
    raised = shape + 1.0 if shape < 1.0 else shape  # the method needs 1 or more
    d = raised - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = rng.standard_normal()
        v = 1.0 + c * x
        if v <= 0.0:
            continue
        v, square, u = v * v * v, x * x, rng.random()
        # The first test is quick, nearly always enough, and implies the second.
        if u < 1.0 - 0.0331 * square * square or (
            math.log(u) < 0.5 * square + d * (1.0 - v + math.log(v))
        ):
            break
    if raised > shape:
        return d * v * rng.random() ** (1.0 / shape)
    return d * v


@njit(cache=True)
def best_draw(shown, clicks, a, b, rng):
    """Draw a rate from each action's beta posterior; return the place of the largest.

    A beta draw is x / (x + y) of two gamma draws, and the odds x / y are enough for
    the order. y falls below b - 8 sqrt(b) less often than once in 10^13, so where even
    that y would lose, it is not drawn. The action shown most goes first: after it, most
    others need only x.
    """
    n_actions = len(shown)
    first = shown.argmax()
    chosen, top = first, 0.0
    for step in range(n_actions):
        k = first + step
        if k >= n_actions:
            k -= n_actions
        failures = b + shown[k] - clicks[k]
        x = gamma(a + clicks[k], rng)
        if x <= top * (failures - 8.0 * math.sqrt(failures)):
            continue
        odds = x / gamma(failures, rng)
        if odds > top:
            chosen, top = k, odds
    return chosen


@njit(cache=True)
def choose(rule, dials, shown, clicks, scores, rng):
    """Return the action that a rule on counts chooses; scores is room to work in."""
    if rule == THOMPSON:
        return best_draw(shown, clicks, dials[0], dials[1], rng)
    if rule == UCB:
        return largest(upper_bounds(shown, clicks, dials[0], scores), rng)
    explores = rng.random() < dials[0] if rule == GREEDY else shown.sum() < dials[0]
    if explores:
        return anyone(len(shown), rng)
    return largest(rates(shown, clicks, scores), rng)


@njit(cache=True)
def learn(rule, dials, shown, clicks, action, reward):
    """Count one round. A test that is over counts no more."""
    if rule != COMMIT or shown.sum() < dials[0]:
        shown[action] += 1.0
        clicks[action] += reward


@njit(cache=True)
def best_of(means):
    """Return the highest click rate of each segment."""
    best = np.empty(len(means))
    for s in range(len(means)):
        best[s] = means[s].max()
    return best


@njit(cache=True)
def run(rule, dials, means, tables, batch, rng, regret):
    """Let a rule on counts play len(regret) rounds, and write its growing regret.

    A visitor of segment s clicks on action k with probability means[s, k]. Segments
    with the same tables[s] share their counts. What is learned is known to the rule
    after every ``batch`` rounds.
    """
    n_segments, n_actions = means.shape
    new_shown = np.zeros((tables.max() + 1, n_actions))
    new_clicks = np.zeros((tables.max() + 1, n_actions))
    shown, clicks = new_shown, new_clicks
    if batch > 1:
        shown, clicks = new_shown.copy(), new_clicks.copy()
    best, scores, total = best_of(means), np.empty(n_actions), 0.0
    for t in range(len(regret)):
        if batch > 1 and t % batch == 0:
            shown[:], clicks[:] = new_shown, new_clicks
        s = anyone(n_segments, rng)
        table = tables[s]
        k = choose(rule, dials, shown[table], clicks[table], scores, rng)
        reward = 1.0 if rng.random() < means[s, k] else 0.0
        learn(rule, dials, new_shown[table], new_clicks[table], k, reward)
        total += best[s] - means[s, k]
        regret[t] = total


@njit(cache=True)
def times(A, x, y):
    """Write A x to y, and return x' A x. For so small an A quicker than BLAS."""
    total = 0.0
    for i in range(len(x)):
        y[i] = 0.0
        for j in range(len(x)):
            y[i] += A[i, j] * x[j]
        total += x[i] * y[i]
    return total


@njit(cache=True)
def absorb(inverse, moment, coef, x, reward):
    """Add one round to a ridge regression, by the formula of Sherman and Morrison."""
    v = np.empty(len(x))
    scale = 1.0 + times(inverse, x, v)
    for i in range(len(x)):
        for j in range(len(x)):
            inverse[i, j] -= v[i] * v[j] / scale
        moment[i] += reward * x[i]
    times(inverse, moment, coef)


@njit(cache=True)
def choose_linear(rule, dial, inverse, coef, x, scores, rng):
    """Return the action that a rule on features chooses for the context x."""
    v = np.empty(len(x))
    for k in range(len(coef)):
        width = dial * math.sqrt(max(times(inverse[k], x, v), 0.0))
        if rule == LINEAR_THOMPSON:
            width *= rng.standard_normal()
        scores[k] = width
        for i in range(len(x)):
            scores[k] += coef[k, i] * x[i]
    return largest(scores, rng)


@njit(cache=True)
def run_linear(rule, dials, means, contexts, batch, rng, regret):
    """Let a rule on features play; contexts (n_segments, d) are what it sees."""
    n_segments, n_actions = means.shape
    d = contexts.shape[1]
    new_inverse, moment = np.zeros((n_actions, d, d)), np.zeros((n_actions, d))
    for i in range(d):
        new_inverse[:, i, i] = 1.0 / dials[1]
    new_coef = np.zeros((n_actions, d))
    inverse, coef = new_inverse, new_coef
    if batch > 1:
        inverse, coef = new_inverse.copy(), new_coef.copy()
    best, scores, total = best_of(means), np.empty(n_actions), 0.0
    for t in range(len(regret)):
        if batch > 1 and t % batch == 0:
            inverse[:], coef[:] = new_inverse, new_coef
        s = anyone(n_segments, rng)
        k = choose_linear(rule, dials[0], inverse, coef, contexts[s], scores, rng)
        reward = 1.0 if rng.random() < means[s, k] else 0.0
        absorb(new_inverse[k], moment[k], new_coef[k], contexts[s], reward)
        total += best[s] - means[s, k]
        regret[t] = total
