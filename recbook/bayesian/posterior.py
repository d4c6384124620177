"""The kept draws of one chain of :class:`recbook.BayesianMF`, and their predictions."""

import numpy as np
from tqdm import tqdm

from recbook._core.arrays import check_reals
from recbook._core.jit import FAST, njit

__all__ = ["Draws", "r_hat", "run_chain"]

THIN = 10  # one in this many kept draws also serves the standard deviations


def run_chain(model, chain, mean, unit):
    """Return a run's kept draws and its trace, a dict of lists of numbers."""
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
    """Return numbers of a chain that do not depend on how a prediction is split up.

    The level and the biases can exchange constants, and the factors can exchange their
    means with the biases. So the level is that of all cells, and the taste is what
    remains after double centring.
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
    r"""Return Gelman and Rubin's measure of how far apart several chains are.

    Each chain is cut into halves, so that a drifting chain disagrees with itself. For
    halves of n draws, let B/n be the variance between their means and W the mean of
    their own variances. Then

    .. math:: \hat R = \sqrt{\frac{\frac{n - 1}{n} W + \frac{1}{n} B}{W}} .

    1 means that the chains agree. Above 1.01 (Vehtari) or 1.1 (Gelman), run them longer
    or discard more draws at the beginning.

    Parameters
    ----------
    draws : (n_chains, n_draws) array
        Draws of one number, such as an entry of ``trace_`` of
        :class:`~recbook.BayesianMF` without its burn-in. At least 4 per chain.

    Returns
    -------
    float
        1.0 if all draws are equal, infinity if only the chains differ.

    Raises
    ------
    ValueError
        If the shape is another or a draw is not finite.

    References
    ----------
    Gelman & Rubin, "Inference from Iterative Simulation Using Multiple Sequences",
    Statistical Science 1992.

    Gelman et al., "Bayesian Data Analysis", 3rd edition, equation 11.4.

    Examples
    --------
    >>> round(r_hat([[1.0, 3.0, 1.0, 3.0], [1.0, 3.0, 3.0, 1.0]]), 3)
    0.707
    >>> r_hat([[1.0, 2.0, 1.0, 2.0], [5.0, 6.0, 5.0, 6.0]]) > 2
    True
    """
    draws = check_reals("draws", draws)
    shaped = draws.ndim == 2 and len(draws) > 0 and draws.shape[1] >= 4
    if not shaped or not np.isfinite(draws).all():
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
    """The kept draws of one chain, in stars.

    ``keep`` adds the chain's current state. All arrays but the means are float32.

    Attributes
    ----------
    b, c : (n_users,) and (n_items,) arrays
        Means of the additive parts, with mu inside c.
    z : (n_nodes, C) array
        Mean states of the chains in time.
    mu, bu, bi : float, (n_users,) and (n_items,) arrays
        Mean predictions for new users or new items.
    P, Q : (n_users, S, k) and (n_items, S, k) arrays
        Factors of all S draws.
    W, H : (n_users, T, 1 + k) and (n_items, T, 1 + k) arrays
        Rows of T = S / 10 draws, for the standard deviations. Features without ratings
        are drawn from their prior. H is about train's mean, so that squares keep their
        digits.
    states, drift : (n_nodes, T, C) and (n_users, T, C) arrays
        States of the chains in time, and their standard deviations.
    noise, noise_of_films : (n_users, T) and (n_items, T) arrays
        Standard deviations of the noise, to be multiplied.
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
        """Keep draw s. ``mean`` and ``unit`` convert its numbers to stars."""
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
        """Keep what the standard deviations need of draw t."""
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
        """Return the mean of each pair's predictions, (n,), without clipping."""
        found = self.b[users] + self.c[items] + dots(users, items, self.P, self.Q)
        if bridge is not None:
            left, right, wl, wr, _ = bridge
            found += (wl * self.z[left] + wr * self.z[right]).sum(axis=1)
        return found

    def table(self, users):
        """Return the mean predictions of the users for all items, without clipping."""
        S, k = self.P.shape[1:]
        P, Q = (X.reshape(-1, S * k).astype(float) for X in (self.P[users], self.Q))
        products = P @ Q.T / S
        return self.b[users][:, None] + self.c + products

    def moments(self, users, items, bridge):
        """Return each pair's two moments over the T draws, with noise in the second.

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
    """Return rows (bias, factors) in stars, so that products of factors are, too."""
    scale = np.full(W.shape[1], np.sqrt(unit))
    scale[0] = unit
    return W * scale


@njit(cache=True, fastmath=FAST)
def dots(users, items, P, Q):
    """Return the mean over the draws of each pair's dot product, (n,)."""
    found = np.empty(users.size)
    for n in range(users.size):
        p, q = P[users[n]], Q[items[n]]
        total = 0.0
        for s in range(p.shape[0]):
            for f in range(p.shape[1]):
                total += np.float64(p[s, f]) * q[s, f]
        found[n] = total / p.shape[0]
    return found
