"""A user's drift in time: Ornstein–Uhlenbeck chains along the user's own ratings.

The drift is the sum of C independent stationary chains. Chain c has a time constant τ_c
and, for each user, a variance v_c. For s < t, x_c(t) = ρ x_c(s) + N(0, v_c (1 − ρ²))
with ρ = exp(−(t − s)/τ_c). Only their sum is observed, with noise, when the user rates.
"""

import numpy as np

from recbook._core.jit import njit

__all__ = ["Timeline"]


class Timeline:
    r"""All users' events. The distinct seconds of a user are nodes along one line.

    Parameters
    ----------
    users, timestamps : (n_ratings,) arrays
        User code and second of each rating, in any order. Ratings that one user gave
        in one second share a node. A user without ratings has no node.
    n_users : int
        Number of users.
    constants : sequence of float
        The C time constants :math:`\tau_c > 0`, in seconds.

    Attributes
    ----------
    node : (n_ratings,) int64 array
        Node of each rating. Nodes are numbered user by user, in order of time.
    first : (n_users + 1,) int64 array
        The nodes of user u are ``first[u]:first[u + 1]``.
    times : (n_nodes,) float64 array
        Second of each node.
    decay : (n_nodes, C) float64 array
        :math:`\rho = e^{-gap/\tau_c}` since the user's previous node, 0 at the first.
    spread : (n_nodes, C) float64 array
        :math:`1 - \rho^2`, without cancellation where the gap is short.

    Examples
    --------
    >>> line = Timeline([1, 0, 1, 1], [60, 5, 0, 60], 3, (60.0,))
    >>> line.node.tolist(), line.first.tolist()
    ([2, 0, 1, 2], [0, 1, 3, 3])
    >>> line.decay.round(3).tolist()
    [[0.0], [0.0], [0.368]]
    """

    def __init__(self, users, timestamps, n_users, constants):
        users, times = np.asarray(users), np.asarray(timestamps, dtype=np.float64)
        self.constants = np.array(constants, dtype=np.float64)
        order = np.lexsort((times, users))
        users, times = users[order], times[order]
        opens = (np.diff(users, prepend=-1) > 0) | (np.diff(times, prepend=0) != 0)
        self.node = np.empty(users.size, dtype=np.int64)
        self.node[order] = np.cumsum(opens) - 1
        self.times = times[opens]
        first = np.searchsorted(users[opens], np.arange(n_users + 1))
        self.first = first.astype(np.int64)
        gap = np.diff(self.times, prepend=0)
        gap[np.diff(users[opens], prepend=-1) > 0] = np.inf
        gap = gap[:, None] / self.constants
        self.decay, self.spread = np.exp(-gap), -np.expm1(-2 * gap)

    def draw(self, precision, mean, variance, rng):
        """Draw all chains at all nodes, (n_nodes, C), exactly, given the observations.

        Forward filtering and backward sampling draw a user's states from their joint
        distribution given that mean[t] = Σ_c x_c(t) + N(0, 1/precision[t]).

        Parameters
        ----------
        precision, mean : (n_nodes,) arrays
            Sum of the noise precisions of a node's ratings, and their mean residual,
            weighted by precision. A node with precision 0 has no observation.
        variance : (n_users, C) array
            Stationary variance of each chain. A chain of variance 0 stays at 0.
        rng : numpy.random.Generator
            Draws n_nodes × C normal numbers.
        """
        normals = rng.standard_normal(self.decay.shape)
        line = (self.first, self.decay, self.spread)
        return _draw(*line, precision, mean, variance, normals)

    def squares(self, states):
        """Return (n_users, C) sums of (x_t − ρ x_{t−1})² / (1 − ρ²) over the nodes."""
        return _squares(self.first, self.decay, self.spread, states)

    def bridge(self, users, timestamps):
        """Return (left, right, wl, wr, share): other times, given the nearest nodes.

        Chain c of user u is then normal with mean wl[:, c] states[left, c] + wr[:, c]
        states[right, c] and variance share[:, c] variance[u, c]. ``left`` and ``right``
        are (n,) node numbers, the other three are (n, C). At a node it is the node's
        state, with share 0. Before the first or after the last node, only that node
        counts. A user without nodes has weights 0 and share 1.
        """
        users = np.asarray(users, dtype=np.int64)
        times = np.asarray(timestamps, dtype=np.float64)
        left, right, *gaps = _sides(self.first, self.times, users, times)
        since, until = (gap[:, None] / self.constants for gap in gaps)
        # sinh(until) / sinh(since + until) and so on, in a form that cannot overflow.
        before, after = -np.expm1(-2 * since), -np.expm1(-2 * until)
        whole = -np.expm1(-2 * (since + until))
        wl, wr = np.exp(-since) * after / whole, np.exp(-until) * before / whole
        return left, right, wl, wr, before * after / whole


@njit(cache=True)
def _sides(first, times, users, at):
    """Return the nodes left and right of each time, and the seconds to each."""
    left, right = np.zeros((2, at.size), dtype=np.int64)
    since, until = np.full((2, at.size), np.inf)
    for n in range(at.size):
        a, b = first[users[n]], first[users[n] + 1]
        if a == b:
            continue
        after = a + np.searchsorted(times[a:b], at[n], side="right")
        left[n], right[n] = max(after - 1, a), min(after, b - 1)
        since[n] = at[n] - times[left[n]] if after > a else np.inf
        until[n] = times[right[n]] - at[n] if after < b else np.inf
    return left, right, since, until


@njit(cache=True)
def _squares(first, decay, spread, x):
    """Return the sums of squared innovations (n_users, C), in units of variance."""
    total = np.zeros((first.size - 1, decay.shape[1]))
    for u in range(first.size - 1):
        for t in range(first[u], first[u + 1]):
            for c in range(decay.shape[1]):  # at a user's first node, decay is 0
                step = x[t, c] - decay[t, c] * x[t - 1, c]
                total[u, c] += step * step / spread[t, c]
    return total


@njit(cache=True)
def _draw(first, decay, spread, precision, mean, variance, normals):
    """Return states (n_nodes, C), linear in ``mean`` and ``normals``."""
    states = np.zeros(decay.shape)
    for u in range(first.size - 1):
        a, b = first[u], first[u + 1]
        P = np.zeros((b - a, decay.shape[1], decay.shape[1]))
        user = (decay[a:b], spread[a:b], variance[u], states[a:b], P)
        _filter(*user, precision[a:b], mean[a:b])
        _sample(*user, normals[a:b])
    return states


@njit(cache=True)
def _filter(decay, spread, v, m, P, precision, mean):
    """Write each state's mean m[t] and covariance P[t], given observations up to t."""
    h = np.empty(v.size)  # covariance of each chain with their sum
    for t in range(mean.size):
        r, S = decay[t], P[t]
        for i in range(v.size):  # at t = 0, r is 0 and the entry before is finite
            m[t, i] = r[i] * m[t - 1, i]
            for j in range(v.size):
                S[i, j] = r[i] * r[j] * P[t - 1, i, j]
            S[i, i] += v[i] * spread[t, i]
        if precision[t] > 0:
            for i in range(v.size):
                h[i] = S[i].sum()
            gain = precision[t] / (1 + precision[t] * h.sum())
            missed = gain * (mean[t] - m[t].sum())
            for i in range(v.size):
                m[t, i] += missed * h[i]
                for j in range(v.size):
                    S[i, j] -= gain * (h[i] * h[j])


@njit(cache=True)
def _sample(decay, spread, v, x, P, normals):
    """Draw from the last node to the first. x starts as the filter's means."""
    k = np.empty(v.size)
    for t in range(len(x) - 1, -1, -1):
        S = P[t]
        for c in range(v.size if t < len(x) - 1 else 0):
            # Chain c at t + 1 is a noisy observation of chain c at t alone.
            r, q = decay[t + 1, c], v[c] * spread[t + 1, c]
            seen = q + r * r * S[c, c]
            if seen > 0:  # otherwise the chain has no variance
                k[:] = S[c]
                gain = r / seen
                missed = gain * (x[t + 1, c] - r * x[t, c])
                for i in range(v.size):
                    x[t, i] += missed * k[i]
                    for j in range(v.size):
                        S[i, j] -= gain * r * (k[i] * k[j])
                for i in range(v.size):  # the same, without cancellation
                    S[i, c] = S[c, i] = k[i] * q / seen
        _add_noise(S, normals[t], x[t])


@njit(cache=True)
def _add_noise(S, z, x):
    """Add N(0, S) to x: the Cholesky factor of S, written over S, times z."""
    for j in range(z.size):
        for i in range(j, z.size):
            for l in range(j):
                S[i, j] -= S[i, l] * S[j, l]
            if i == j:
                S[j, j] = np.sqrt(max(S[j, j], 0.0))  # below 0 only by rounding
            elif S[j, j] > 0:  # otherwise S[i, j] is 0, too
                S[i, j] /= S[j, j]
            x[i] += S[i, j] * z[j]
