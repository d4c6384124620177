"""What is kept of one chain of :class:`recbook.BayesianMF`, and what it answers."""

import numpy as np
from tqdm import tqdm

from recbook._core.jit import FAST, njit

__all__ = ["Draws", "r_hat", "run_chain"]

THIN = 10  # of the kept draws, one in so many serves the deviations as well


def run_chain(model, chain, mean, unit):
    """Return a run's kept draws, and its trace, name to a list of numbers."""
    n_nodes, C = (0, 0) if chain.timeline is None else chain.states.shape
    shape = [block.W.shape[0] for block in chain.blocks]
    n_kept = model.n_iterations - model.burn_in
    draws, trace = Draws(shape, n_nodes, n_kept, model.n_factors, C), []
    sweeps = tqdm(range(model.n_iterations), unit="sweep", disable=not model.verbose)
    for sweep in sweeps:
        chain.sweep()
        if sweep >= model.burn_in:
            draws.keep(sweep - model.burn_in, chain, mean, unit)
        trace.append(what_to_watch(chain, mean, unit))
    return draws, {name: [row[name] for row in trace] for name in trace[0]}


def what_to_watch(chain, mean, unit):
    """Return numbers of a chain that all forms of the same predictions share.

    Level and biases can trade constants, and tastes their means for biases; so the
    level is that of all cells, and the taste what a double centring leaves.
    """
    W, H = (block.W for block in chain.blocks)
    w, h = W.mean(axis=0), H.mean(axis=0)
    P, Q = (W - w)[:, 1:], (H - h)[:, 1:]
    squares = ((P.T @ P) * (Q.T @ Q)).sum() / (len(P) * len(Q))
    return {
        "rmse": unit * np.sqrt(chain.squares / chain.values.size),
        "noise": unit * np.sqrt((1 / chain.noise.values).mean()),
        "level": mean + unit * (chain.mu + w[0] + h[0] + w[1:] @ h[1:]),
        "taste": unit * np.sqrt(squares),
    }


def r_hat(draws):
    r"""Return how far apart chains are, for how far each one wanders; 1 is together.

    Each chain is cut into halves, so that one that drifts disagrees with itself. With m
    halves of n draws, B/n the variance between their means and W the mean of their own
    variances,

    .. math:: \hat R = \sqrt{\frac{\frac{n - 1}{n} W + \frac{1}{n} B}{W}} .

    More than 1.01 (Vehtari) or 1.1 (Gelman): run longer, or throw more away at first.

    Parameters
    ----------
    draws : (n_chains, n_draws) array
        Of one number, such as a row of ``trace_`` less its burn-in; 4 draws or more.

    Returns
    -------
    float
        1.0 where all draws are equal; infinite where only the chains differ.

    Raises
    ------
    ValueError
        For another shape, or a draw that is not finite.

    References
    ----------
    Gelman & Rubin, "Inference from Iterative Simulation Using Multiple Sequences",
    Statistical Science 1992; Gelman et al., "Bayesian Data Analysis", 3rd edition,
    equation 11.4.

    Examples
    --------
    >>> round(r_hat([[1.0, 3.0, 1.0, 3.0], [1.0, 3.0, 3.0, 1.0]]), 3)
    0.707
    >>> r_hat([[1.0, 2.0, 1.0, 2.0], [5.0, 6.0, 5.0, 6.0]]) > 2
    True
    """
    draws = np.asarray(draws, dtype=np.float64)
    if draws.ndim != 2 or draws.shape[1] < 4 or not np.isfinite(draws).all():
        raise ValueError(
            "draws must be finite numbers, a row a chain, of 4 draws or more; got "
            f"shape {draws.shape}"
        )
    n = draws.shape[1] // 2
    halves = np.concatenate([draws[:, :n], draws[:, -n:]])
    W, between = halves.var(axis=1, ddof=1).mean(), halves.mean(axis=1).var(ddof=1)
    if W == 0.0:
        return 1.0 if between == 0.0 else np.inf
    return float(np.sqrt((n - 1) / n + between / W))


class Draws:
    """The kept draws of one chain, in stars; ``keep`` takes what the chain is at.

    Of all S: ``b`` (n_users,) and ``c`` (n_items,), the means of the parts that are
    added (mu is in c); ``P`` (n_users, S, k) and ``Q`` (n_items, S, k); ``z``
    (n_nodes, C), the mean states of the chains in time; ``mu``, ``bu``, ``bi``, what
    strangers are predicted on each side. Of T = S / 10, for deviations: ``W``, ``H``
    (rows, T, 1 + k), in which strangers are drawn, not at their mean, ``states``
    (n_nodes, T, C), ``drift`` (n_users, T, C), the chains' deviations, and ``noise``
    (n_users, T), the ratings' own, times ``noise_of_films`` (n_items, T); H is about
    train's mean, so that squares keep their digits. All but the means are float32.
    """

    def __init__(self, shape, n_nodes, n_kept, n_factors, n_constants):
        n_users, n_items = shape
        S, T, k, C = n_kept, -(-n_kept // THIN), n_factors, n_constants
        self.b, self.c = np.zeros(n_users), np.zeros(n_items)
        self.mu, self.bu, self.bi = 0.0, np.zeros(n_users), np.zeros(n_items)
        self.z = np.zeros((n_nodes, C))

        def empty(*shape):
            return np.empty(shape, dtype=np.float32)

        self.P, self.Q = empty(n_users, S, k), empty(n_items, S, k)
        self.W, self.H = empty(n_users, T, 1 + k), empty(n_items, T, 1 + k)
        self.states, self.drift = empty(n_nodes, T, C), empty(n_users, T, C)
        self.noise, self.noise_of_films = empty(n_users, T), empty(n_items, T)
        self.noise_of_films[:] = 1.0

    def keep(self, s, chain, mean, unit):
        """Keep draw s; ``mean`` and ``unit`` bring its numbers back to stars."""
        S, mu = self.P.shape[1], mean + unit * chain.mu
        users, films = chain.blocks
        W, H = in_stars(users.W, unit), in_stars(films.W, unit)
        self.P[:, s], self.Q[:, s] = W[:, 1:], H[:, 1:]
        self.b += W[:, 0] / S
        self.c += (mu + H[:, 0]) / S
        w, h = (in_stars(block.mean[:1], unit)[0] for block in (users, films))
        stranger = mu + w[0] + h[0] + w[1:] @ h[1:]
        self.mu += stranger / S
        self.bu += (mu + W[:, 0] + h[0] + W[:, 1:] @ h[1:] - stranger) / S
        self.bi += (mu + w[0] + H[:, 0] + H[:, 1:] @ w[1:] - stranger) / S
        if chain.timeline is not None:
            self.z += unit * chain.states / S
        if s % THIN == 0:
            self._spread(s // THIN, chain, unit)

    def _spread(self, t, chain, unit):
        """Keep what the deviations need of draw t."""
        for block, kept in zip(chain.blocks, (self.W, self.H), strict=True):
            kept[:, t] = in_stars(block.with_strangers(chain.rng), unit)
        self.H[:, t, 0] += unit * chain.mu
        noise = unit / np.sqrt(chain.noise.values)
        self.noise[:, t] = noise if noise.size > 1 else noise[0]
        if chain.noise_of_films is not None:
            self.noise_of_films[:, t] = 1 / np.sqrt(chain.noise_of_films.values)
        if chain.timeline is not None:
            self.states[:, t] = unit * chain.states
            self.drift[:, t] = unit * np.sqrt(chain.variance())

    def means(self, users, items, bridge):
        """Return the mean of each pair's predictions, (n,), not clipped."""
        found = self.b[users] + self.c[items] + dots(users, items, self.P, self.Q)
        if bridge is not None:
            left, right, wl, wr, _ = bridge
            found += (wl * self.z[left] + wr * self.z[right]).sum(axis=1)
        return found

    def table(self, users):
        """Return the mean predictions of users on all films, not clipped."""
        S, k = self.P.shape[1:]
        P, Q = (X.reshape(-1, S * k).astype(float) for X in (self.P[users], self.Q))
        products = P @ Q.T / S
        return self.b[users][:, None] + self.c + products

    def moments(self, users, items, bridge):
        """Return each pair's two moments over the T draws, noise in the second.

        They are about train's mean.
        """
        W, H = self.W, self.H
        sums, squares = np.zeros(users.size), np.zeros(users.size)
        for t in range(W.shape[1]):
            w, h = W[users, t].astype(float), H[items, t].astype(float)
            found = w[:, 0] + h[:, 0] + (w[:, 1:] * h[:, 1:]).sum(axis=1)
            noise = self.noise[users, t].astype(float)
            variance = (noise * self.noise_of_films[items, t]) ** 2
            if bridge is not None:
                left, right, wl, wr, share = bridge
                states = self.states[:, t]
                found += (wl * states[left] + wr * states[right]).sum(axis=1)
                drift = self.drift[users, t].astype(float)
                variance += (share * drift**2).sum(axis=1)
            sums += found
            squares += found**2 + variance
        return sums / W.shape[1], squares / W.shape[1]


def in_stars(W, unit):
    """Return rows (bias, factors) times unit, so that products of two are too."""
    scale = np.full(W.shape[1], np.sqrt(unit))
    scale[0] = unit
    return W * scale


@njit(cache=True, fastmath=FAST)
def dots(users, items, P, Q):
    """Return the mean over the draws of each pair's product, (n,)."""
    found = np.empty(users.size)
    for n in range(users.size):
        p, q = P[users[n]], Q[items[n]]
        total = 0.0
        for s in range(p.shape[0]):
            for f in range(p.shape[1]):
                total += np.float64(p[s, f]) * q[s, f]
        found[n] = total / p.shape[0]
    return found
