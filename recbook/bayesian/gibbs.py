"""The Gibbs sampler of :class:`recbook.BayesianMF`: draw each block given all others.

The row w of a user (bias and factors) is the sum of its features' vectors, W = X V.
Given the rows of the items, it is a regression with the design (1, q_i) at each
rating. ``row_sums`` computes the sums of that regression row by row. Then every
column of X, one per feature, has a Gaussian of its own (``draw_columns``).
"""

import numpy as np
from scipy.special import gammaln

from recbook._core.jit import FAST, njit

__all__ = [
    "LEAST",
    "SHAPES",
    "Block",
    "Chain",
    "Levels",
    "draw_columns",
    "residuals",
    "row_sums",
]

SHAPES = np.geomspace(0.5, 50.0, 40)  # the grid of possible shapes
LEAST = 1e-6  # smallest variance of noise or chain, in variances of train

# Normal-gamma prior of each group and coordinate: l ~ Gamma(A0 / 2, b0 / 2) and
# m ~ N(0, 1 / (G0 l)).
A0, G0 = 1.0, 1.0


class Levels:
    r"""Precisions of many rows, drawn under a shared gamma prior.

    .. math:: a_u \sim \Gamma(s,\ s \beta), \qquad
        a_u \mid \cdot \sim \Gamma(s + n_u / 2,\ s \beta + S_u / 2)

    :math:`S_u` is the row's sum of squares. The prior mean is :math:`1/\beta`, and the
    shape s, which is sampled on a grid, says how alike the rows are. With ``factor``
    the values multiply other precisions that already have a level, so :math:`\beta`
    stays at 1 / start.

    The priors are flat in :math:`\ln \beta` and in :math:`\ln s` on the grid. For
    chains in time that is improper where all variances go to 0. If the data show no
    drift, ``LEAST`` is the floor.
    """

    def __init__(self, start, n, factor=False):
        self.values, self.beta, self.shape = np.full(n, start), 1.0 / start, 5.0
        self.factor = factor

    def draw(self, counts, squares, rng):
        """Draw values, beta and shape. A row without counts gets the mean."""
        known = counts > 0
        n, some = known.sum(), (counts[known], squares[known])
        rate = self.shape * self.beta + some[1] / 2
        a = rng.gamma(self.shape + some[0] / 2, 1 / rate)
        a = np.minimum(a, 1 / LEAST)
        if not self.factor:
            self.beta = rng.gamma(n * self.shape, 1 / (self.shape * a.sum()))
        s = SHAPES
        log_p = n * (s * np.log(s * self.beta) - gammaln(s))
        log_p += (s - 1) * np.log(a).sum() - s * self.beta * a.sum()
        p = np.exp(log_p - log_p.max())
        self.shape = s[np.searchsorted(np.cumsum(p / p.sum()), rng.random())]
        self.values[:] = 1 / self.beta
        self.values[known] = a


class Chain:
    """One run of the sampler: the current values of all unknowns, and ``sweep``.

    ``values`` are the ratings of train in units of their standard deviation, about
    their mean. ``who`` is the row of ``noise`` for each rating. Its precision is
    multiplied by the item's in ``noise_of_films``, if there is one. ``states``
    (n_nodes, C) are those of the chains in time, and ``z`` is their sum at each rating.
    """

    def __init__(self, model, train, values, sides, timeline, rng):
        self.users, self.items, self.values = train.users, train.items, values
        self.timeline, self.rng, self.mu = timeline, rng, 0.0
        pairs = [(train.users, train.items), (train.items, train.users)]
        self.blocks = [
            Block(side, *codes, model, rng)
            for side, codes in zip(sides, pairs, strict=True)
        ]
        shared = model.noise == "shared"
        self.who = np.zeros_like(train.users) if shared else train.users
        self.counts = np.bincount(self.who, minlength=1 if shared else train.n_users)
        self.noise = Levels(1.0, self.counts.size)
        self.noise_of_films = None
        if model.noise == "both":
            self.of_films = np.bincount(train.items, minlength=train.n_items)
            self.noise_of_films = Levels(1.0, train.n_items, factor=True)
        self.z, self.squares = np.zeros(values.size), np.nan
        if timeline is not None:
            n_nodes, C = timeline.decay.shape
            self.states, self.nodes = np.zeros((n_nodes, C)), np.diff(timeline.first)
            self.drift = [Levels(20.0, train.n_users) for _ in range(C)]

    def rest(self):
        """Return what users and items have to explain of each value, (n,)."""
        return self.values - self.mu - self.z

    def errors(self):
        """Return the current error of the model at each value, (n,)."""
        W, H = (block.W for block in self.blocks)
        return residuals(self.users, self.items, self.rest(), W, H)

    def sweep(self):
        """Draw each unknown once, given all the others."""
        error, rng = self.errors(), self.rng
        # Sums and no dot products: on some processors BLAS rounds those differently,
        # depending on where in memory an array happens to lie.
        self.squares = (error**2).sum()
        a = self.draw_noise(error**2)
        self.mu += rng.normal((a * error).sum() / a.sum(), 1 / np.sqrt(a.sum()))
        users, films = self.blocks
        rest = self.rest()
        users.draw(films, rest, a, rng)
        films.draw(users, rest, a, rng)
        if self.timeline is not None:
            self.draw_time(a)

    def draw_noise(self, squares):
        """Draw the precision of the noise; return that of each rating."""
        films, items, rng = self.noise_of_films, self.items, self.rng
        scaled = squares if films is None else squares * films.values[items]
        S = np.bincount(self.who, scaled, self.counts.size)
        self.noise.draw(self.counts, S, rng)
        a = self.noise.values[self.who]
        if films is None:
            return a
        S = np.bincount(items, a * squares, self.of_films.size)
        films.draw(self.of_films, S, rng)
        return a * films.values[items]

    def variance(self):
        """Return the stationary variance of each user's chains, (n_users, C)."""
        return np.stack([1 / level.values for level in self.drift], axis=1)

    def draw_time(self, a):
        """Draw the chains in time, and the precision of each for every user."""
        line, error = self.timeline, self.errors() + self.z
        n_nodes = len(self.states)
        precision = np.bincount(line.node, a, n_nodes)
        mean = np.bincount(line.node, a * error, n_nodes) / precision
        self.states = line.draw(precision, mean, self.variance(), self.rng)
        self.z = self.states.sum(axis=1)[line.node]
        squares = line.squares(self.states)
        for c, level in enumerate(self.drift):
            level.draw(self.nodes, squares[:, c], self.rng)


class Block:
    """One side, users or items: its features, their prior and its place in train.

    ``V`` (n_columns, 1 + k) holds one vector for each column of X, the weight first.
    ``W = X V`` (n_rows, 1 + k) are the rows that the ratings use. ``order`` sorts the
    ratings by row.
    """

    def __init__(self, side, rows, partners, model, rng):
        self.X, self.group, self.b0 = side.X, side.group, model.prior
        self.rows_of_X = self.X.tocsr()
        self.order = np.argsort(rows, kind="stable")
        ends = np.searchsorted(rows[self.order], np.arange(side.X.shape[0] + 1))
        self.first = ends.astype(np.int64)
        self.partner = partners[self.order]
        rated = (np.diff(self.first) > 0).astype(float)
        self.told = (
            np.asarray(abs(self.X).T @ rated) > 0
        )  # columns of rows with a rating
        self.members = [
            np.flatnonzero((self.group == g) & self.told)
            for g in range(self.group.max(initial=-1) + 1)
        ]
        self.drawn = np.flatnonzero(self.told).astype(np.int64)
        n_columns, K = side.X.shape[1], model.n_factors + 1
        self.V = (
            rng.normal(0.0, abs(model.init_std), (n_columns, K)) * self.told[:, None]
        )
        self.mean = np.zeros((len(self.members), K))
        self.precision = np.ones((len(self.members), K))
        self.A = np.empty((side.X.shape[0], K, K))
        self.g = np.empty((side.X.shape[0], K))
        self.W = self.rows_of_X @ self.V  # (n_rows, 1 + k)

    def draw(self, other, rest, precision, rng):
        """Draw the prior of every group, then every column.

        ``rest`` is what the two sides have to explain of each rating, in the order of
        train, and ``precision`` is the precision of its noise.
        """
        self.draw_prior(rng)
        of_ratings = rest[self.order], np.sqrt(precision[self.order])
        sums = self.A, self.g
        row_sums(self.first, self.partner, *of_ratings, self.W, other.W, *sums)
        draw_columns(
            self.X.indptr,
            self.X.indices,
            self.X.data,
            self.drawn,
            self.V,
            self.mean[self.group],
            self.precision[self.group],
            self.A,
            self.g,
            rng.standard_normal((self.drawn.size, self.V.shape[1])),
        )
        self.V[~self.told] = self.mean[self.group[~self.told]]
        self.W = self.rows_of_X @ self.V

    def draw_prior(self, rng):
        """Draw the mean and precision of every group, a pair for each coordinate."""
        for g, members in enumerate(self.members):
            n, V = members.size, self.V[members]
            center = V.sum(axis=0) / max(n, 1)
            squares = ((V - center) ** 2).sum(axis=0) + G0 * n / (G0 + n) * center**2
            rate = (self.b0 + squares) / 2
            self.precision[g] = rng.gamma((A0 + n) / 2, 1 / rate)
            spread = 1 / np.sqrt((n + G0) * self.precision[g])
            self.mean[g] = rng.normal(n * center / (n + G0), spread)

    def with_strangers(self, rng):
        """Return W with the columns without ratings drawn from their prior."""
        V, new = self.V.copy(), np.flatnonzero(~self.told)
        spread = 1 / np.sqrt(self.precision[self.group[new]])
        V[new] += spread * rng.standard_normal(spread.shape)
        return self.rows_of_X @ V


@njit(cache=True, fastmath=FAST)
def residuals(users, items, values, W, H):
    """Return the error of the rows at each value, (n,)."""
    error = np.empty(values.size)
    for t in range(values.size):
        w, h = W[users[t]], H[items[t]]
        fitted = w[0] + h[0]
        for f in range(1, w.size):
            fitted += w[f] * h[f]
        error[t] = values[t] - fitted
    return error


@njit(cache=True, fastmath=FAST)
def row_sums(first, partner, rest, root, W, H, A, g):
    r"""Fill A (n_rows, K, K) and g (n_rows, K) with the sums over each row's ratings.

    .. math:: A = \sum_t a_t\, d_t d_t^\top, \qquad g = \sum_t a_t e_t d_t

    The design :math:`d_t` is (1, factors of the partner), :math:`e_t` is what the rows
    leave unexplained of ``rest``, and ``root`` is :math:`\sqrt{a_t}`.
    """
    K = W.shape[1]
    most = (first[1:] - first[:-1]).max() + 3
    D, errors = np.empty((most, K)), np.empty(most)  # both times the root
    for row in range(first.size - 1):
        w, n = W[row], first[row + 1] - first[row]
        for t in range(n):
            here = first[row] + t
            h, a = H[partner[here]], root[here]
            e = rest[here] - w[0] - h[0]
            D[t, 0] = a
            for f in range(1, K):
                e -= w[f] * h[f]
                D[t, f] = a * h[f]
            errors[t] = a * e
        A[row] = 0.0
        g[row] = 0.0
        D[n : n + 3], errors[n : n + 3] = 0.0, 0.0
        for t in range(0, n, 4):  # by fours: each entry of A is written less often
            a, b, c, d = D[t], D[t + 1], D[t + 2], D[t + 3]
            for f in range(K):
                g[row, f] += errors[t] * a[f] + errors[t + 1] * b[f]
                g[row, f] += errors[t + 2] * c[f] + errors[t + 3] * d[f]
                for h in range(f + 1):
                    A[row, f, h] += (
                        a[f] * a[h] + b[f] * b[h] + c[f] * c[h] + d[f] * d[h]
                    )
        for f in range(K):
            for h in range(f):
                A[row, h, f] = A[row, f, h]


@njit(cache=True, fastmath=FAST)
def draw_columns(indptr, rows, x, drawn, V, mean, precision, A, g, normals):
    r"""Draw the vector of each column in turn, given all the others.

    .. math:: \Lambda = \mathrm{diag}(l) + \sum_r x_r^2 A_r, \qquad
        \Lambda\,\hat v = l m + \sum_r x_r (g_r + x_r A_r v), \qquad
        v \leftarrow \hat v + \Lambda^{-1/2} \varepsilon

    The sums are over the rows r that have the column. Each new v updates the
    :math:`g_r`.
    """
    K = V.shape[1]
    L, b, delta = np.empty((K, K)), np.empty(K), np.empty(K)
    for place in range(drawn.size):
        d = drawn[place]
        v = V[d]
        L[:] = 0.0
        b[:] = 0.0
        for entry in range(indptr[d], indptr[d + 1]):
            r, here = rows[entry], x[entry]
            for f in range(K):
                b[f] += here * g[r, f]
                for h in range(f + 1):
                    L[f, h] += here * here * A[r, f, h]
        for f in range(K):  # the residuals without this column
            for h in range(f + 1):
                b[f] += L[f, h] * v[h]
                if h < f:
                    b[h] += L[f, h] * v[f]
        for f in range(K):
            b[f] += precision[d, f] * mean[d, f]
            L[f, f] += precision[d, f]
        gaussian(L, b, normals[place])
        for f in range(K):
            delta[f] = b[f] - v[f]
            v[f] = b[f]
        for entry in range(indptr[d], indptr[d + 1]):
            r, here = rows[entry], x[entry]
            for f in range(K):
                step = 0.0
                for h in range(K):
                    step += A[r, f, h] * delta[h]
                g[r, f] -= here * step


@njit(cache=True, fastmath=FAST)
def gaussian(L, b, normals):
    r"""Write a draw of N(Λ⁻¹ b, Λ⁻¹) into b. L is the lower half of Λ and is destroyed.

    With :math:`\Lambda = L L^\top` the draw is
    :math:`L^{-\top} (L^{-1} b + \varepsilon)`.
    """
    K = b.size
    for f in range(K):
        for h in range(f + 1):
            s = L[f, h]
            for j in range(h):
                s -= L[f, j] * L[h, j]
            L[f, h] = np.sqrt(s) if f == h else s / L[h, h]
    for f in range(K):
        for h in range(f):
            b[f] -= L[f, h] * b[h]
        b[f] /= L[f, f]
    for f in range(K):
        b[f] += normals[f]
    for f in range(K - 1, -1, -1):
        for h in range(f + 1, K):
            b[f] -= L[h, f] * b[h]
        b[f] /= L[f, f]
