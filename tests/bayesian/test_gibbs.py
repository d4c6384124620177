"""The Gibbs sampler against densities, dense regressions, and draws from the prior."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from kernels import plain
from scipy import sparse, stats

from recbook import datasets
from recbook.bayesian import gibbs
from recbook.bayesian.drift import Timeline
from recbook.bayesian.features import sides
from recbook.bayesian.gibbs import LEAST, SHAPES, Chain, Levels

TIGHT = {"rtol": 1e-9, "atol": 1e-9}
TOY = datasets.load_toy()
GENRES = {"Action": [1, 1, 1, 0, 0, 1], "Family": [0, 1, 0, 0, 1, 0]}
MOVIES = pd.DataFrame({"movie_id": TOY.item_ids, **GENRES}).astype(
    dict.fromkeys(GENRES, bool)
)
USERS = pd.DataFrame({"user_id": TOY.user_ids, "gender": list("FMMFF")})


@pytest.fixture(params=["compiled", "plain"])
def either(request, monkeypatch):
    """Let the module run as compiled, then as Python."""
    if request.param == "plain":
        for name in ("residuals", "row_sums", "draw_columns", "gaussian"):
            kernel = getattr(gibbs, name)
            monkeypatch.setattr(gibbs, name, plain(kernel))


class Stub:
    """A generator that notes what it is asked, and answers what it was told to."""

    def __init__(self, gammas=(), normal=0.0, uniform=0.5):
        self.gammas, self.z, self.uniform, self.asked = (
            list(gammas),
            normal,
            uniform,
            [],
        )

    def gamma(self, shape, scale):
        self.asked.append(stats.gamma(shape, scale=scale))
        return self.gammas.pop(0)

    def normal(self, loc, scale):
        self.asked.append(stats.norm(loc, scale))
        return loc + self.z * scale

    def standard_normal(self, shape):
        return np.full(shape, self.z)

    def random(self):
        return self.uniform


def chain_of(train, noise="user", constants=None, k=2, prior=0.5, seed=0):
    """A chain on all that can be told, its values in no order."""
    settings = SimpleNamespace(n_factors=k, prior=prior, init_std=0.3, noise=noise)
    line = None
    if constants is not None:
        line = Timeline(train.users, train.timestamps, train.n_users, constants)
    both, rng = sides(train, MOVIES, USERS, True, True), np.random.default_rng(seed)
    return Chain(settings, train, rng.normal(size=train.n_ratings), both, line, rng)


def with_strangers():
    """The toy, but Dee rated nothing and nobody rated Heat."""
    return TOY.subset((TOY.users != 3) & (TOY.items != 2))


# A column given all the others --------------------------------------------------------


def regression(seed=0):
    """Rows with columns, ratings with a design, and what is left of their values."""
    rng = np.random.default_rng(seed)
    X = np.where(rng.random((5, 6)) < 0.6, rng.normal(size=(5, 6)), 0.0)
    rows = np.array([0, 0, 0, 1, 3, 3, 4, 4, 4, 4])  # row 2 rated nothing
    first = np.searchsorted(rows, np.arange(6))
    partner, design = rng.integers(0, 4, rows.size), rng.normal(size=(4, 3))
    return X, rows, first, partner, design, rng.uniform(0.5, 3, rows.size), rng


def loop_sums(rows, partner, design, a, error):
    A, g = np.zeros((5, 3, 3)), np.zeros((5, 3))
    for t, row in enumerate(rows):
        d = design[partner[t]]
        A[row] += a[t] * np.outer(d, d)
        g[row] += a[t] * error[t] * d
    return A, g


@pytest.mark.usefixtures("either")
def test_sums_of_rows():
    _, rows, first, partner, design, a, rng = regression()
    error, W, H = rng.normal(size=rows.size), rng.normal(size=(5, 3)), design.copy()
    design[:, 0] = 1.0  # the partner's own bias is no part of it
    rest = error + H[partner, 0] + (W[rows] * design[partner]).sum(axis=1)
    A, g = np.full((5, 3, 3), np.nan), np.full((5, 3), np.nan)
    gibbs.row_sums(first, partner, rest, np.sqrt(a), W, H, A, g)
    for found, expected in zip(
        (A, g), loop_sums(rows, partner, design, a, error), strict=True
    ):
        np.testing.assert_allclose(found, expected, **TIGHT)


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize("seed", range(3))
def test_a_column_is_drawn_from_the_whole_regression(seed):
    X, rows, _, partner, design, a, rng = regression(seed)
    columns, values = sparse.csc_array(X), rng.normal(size=rows.size)
    V, m = rng.normal(size=(2, 6, 3))
    l = rng.uniform(0.5, 2, (6, 3))

    def left():
        return values - ((X @ V)[rows] * design[partner]).sum(axis=1)

    def draw(V, A, g, normals):
        facts = columns.indptr, columns.indices, columns.data, np.array([d])
        gibbs.draw_columns(*facts, V, m, l, A, g, normals)
        return V[d]

    A, g = loop_sums(rows, partner, design, a, left())
    for d in rng.permutation(6):
        Z = X[rows, d][:, None] * design[partner]  # what a unit of v_d adds
        precision = np.diag(l[d]) + Z.T @ (a[:, None] * Z)
        target = left() + Z @ V[d]  # without this column
        mean = np.linalg.solve(precision, l[d] * m[d] + Z.T @ (a * target))
        units = [draw(V.copy(), A, g.copy(), z[None]) - mean for z in np.eye(3)]
        np.testing.assert_allclose(
            np.transpose(units) @ units, np.linalg.inv(precision), **TIGHT
        )
        np.testing.assert_allclose(draw(V, A, g, np.zeros((1, 3))), mean, **TIGHT)
        np.testing.assert_allclose(
            g, loop_sums(rows, partner, design, a, left())[1], **TIGHT
        )


@pytest.mark.usefixtures("either")
def test_columns_follow_each_other_each_with_normals_of_its_own():
    X, rows, _, partner, design, a, rng = regression()
    columns, drawn = sparse.csc_array(X), np.array([4, 0, 5])
    V, m = rng.normal(size=(2, 6, 3))
    A, g = loop_sums(rows, partner, design, a, rng.normal(size=rows.size))
    normals, facts = (
        rng.normal(size=(3, 3)),
        (columns.indptr, columns.indices, columns.data),
    )
    one, all_at_once = (V.copy(), A, g.copy()), (V.copy(), A, g.copy())
    gibbs.draw_columns(
        *facts, drawn, all_at_once[0], m, m**2, *all_at_once[1:], normals
    )
    for d, z in zip(drawn, normals, strict=True):
        gibbs.draw_columns(*facts, np.array([d]), one[0], m, m**2, *one[1:], z[None])
    np.testing.assert_array_equal(one[0], all_at_once[0])
    np.testing.assert_array_equal(one[2], all_at_once[2])
    np.testing.assert_array_equal(one[0][[1, 2, 3]], V[[1, 2, 3]])  # not drawn


@pytest.mark.usefixtures("either")
def test_errors_are_what_the_rows_leave():
    rng = np.random.default_rng(0)
    W, H, values = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=7)
    users, items = rng.integers(0, 3, 7), rng.integers(0, 5, 7)
    for t, error in enumerate(gibbs.residuals(users, items, values, W, H)):
        w, h = W[users[t]], H[items[t]]
        assert error == pytest.approx(values[t] - w[0] - h[0] - w[1:] @ h[1:])


# Priors and levels against the joint density ------------------------------------------


def is_constant(difference):
    np.testing.assert_allclose(difference, np.mean(difference), rtol=0, atol=1e-8)


@pytest.mark.parametrize("side", [0, 1])
def test_a_group_s_prior_is_drawn_from_its_conditional(side):
    chain = chain_of(with_strangers())
    block, levels = chain.blocks[side], np.geomspace(0.1, 9.0, 4)
    claims = []
    for l in levels:
        rng = Stub([np.full(3, l)] * len(block.members), normal=0.7)
        block.draw_prior(rng)
        np.testing.assert_array_equal(block.precision, l)
        loc = [law.mean() + 0.7 * law.std() for law in rng.asked[1::2]]
        np.testing.assert_allclose(block.mean, loc, **TIGHT)
        claims.append(rng.asked)
    known = block.told.nonzero()[0]  # what nobody rated tells nothing of a group
    for g in range(len(block.members)):
        for f in range(3):
            v = block.V[known[block.group[known] == g], f]
            off = []
            for l, claim in zip(levels, claims, strict=True):
                for m in (-0.4, 0.0, 1.3):
                    joint = stats.gamma.logpdf(l, 0.5, scale=2 / 0.5)
                    joint += stats.norm.logpdf(m, 0.0, l**-0.5)
                    joint += stats.norm.logpdf(v, m, l**-0.5).sum()
                    claimed = claim[2 * g].logpdf(l)[f] + claim[2 * g + 1].logpdf(m)[f]
                    off.append(joint - claimed)
            is_constant(off)


def test_strangers_have_the_mean_of_their_group_until_deviations_are_asked():
    chain = chain_of(with_strangers())
    chain.sweep()
    for block, stranger in zip(chain.blocks, (3, 2), strict=True):
        X, spread = block.X.toarray(), block.precision[block.group] ** -0.5
        np.testing.assert_array_equal(block.V[stranger], block.mean[0])
        np.testing.assert_allclose(block.W, X @ block.V, **TIGHT)
        moved = block.with_strangers(Stub(normal=1.0)) - block.W
        expected = np.zeros_like(moved)
        expected[stranger] = spread[stranger]
        np.testing.assert_allclose(moved, expected, **TIGHT)


def joint_of_levels(a, beta, s, counts, squares):
    """Log density of precisions, level and shape, and of the squares they left."""
    prior = stats.gamma.logpdf(a, s, scale=1 / (s * beta)).sum() - np.log(beta)
    return prior + (counts / 2 * np.log(a) - a * squares / 2).sum()


def test_levels_are_drawn_from_their_conditionals():
    counts, squares = np.array([3, 0, 8, 1]), np.array([2.0, 0.0, 3.0, 5.0])
    known, n, S = counts > 0, counts[counts > 0], squares[counts > 0]
    grid, rng = np.geomspace(0.1, 5.0, 7), np.random.default_rng(0)
    levels = Levels(0.8, 4)
    assert levels.values.tolist() == [0.8] * 4
    for _ in range(30):
        beta, s, a = levels.beta, levels.shape, rng.uniform(0.3, 2, 3)
        stub = Stub([a, rng.uniform(0.5, 2)], uniform=rng.random())
        levels.draw(counts, squares, stub)
        of_a, of_beta = stub.asked
        is_constant(
            [
                joint_of_levels(x + a, beta, s, n, S) - of_a.logpdf(x + a).sum()
                for x in grid
            ]
        )
        is_constant([joint_of_levels(a, x, s, n, S) - of_beta.logpdf(x) for x in grid])
        log_p = np.array([joint_of_levels(a, levels.beta, x, n, S) for x in SHAPES])
        p = np.exp(log_p - log_p.max())
        place = SHAPES.tolist().index(levels.shape)
        below, upto = (p[:place].sum() / p.sum(), p[: place + 1].sum() / p.sum())
        assert below <= stub.uniform <= upto
        np.testing.assert_array_equal(levels.values[known], a)
        assert levels.values[1] == 1 / levels.beta  # nothing is known of it


def test_a_factor_keeps_its_level():
    levels, stub = Levels(1.0, 3, factor=True), Stub([np.array([0.5, 2.0, 7.0])])
    levels.draw(np.array([1, 2, 3]), np.ones(3), stub)
    assert levels.beta == 1.0
    assert len(stub.asked) == 1  # the values alone


def test_no_level_passes_what_can_be_told_from_nothing():
    levels = Levels(1.0, 2)
    levels.draw(np.array([5, 5]), np.zeros(2), Stub([np.array([1e9, 2.0]), 1.0]))
    assert levels.values.tolist() == [1 / LEAST, 2.0]


# A sweep ------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", ["both", "user", "shared"])
def test_noise_and_mean_are_drawn_from_the_errors(noise):
    train, asked = with_strangers(), []
    chain = chain_of(train, noise=noise)
    chain.mu = 0.3
    W, H = (block.W for block in chain.blocks)
    errors = np.array(
        [
            x - 0.3 - W[u, 0] - H[i, 0] - W[u, 1:] @ H[i, 1:]
            for u, i, x in zip(train.users, train.items, chain.values, strict=True)
        ]
    )
    a = np.array([0.5, 2.0, 3.0, 1.0, 4.0])[: 1 if noise == "shared" else 5]
    before, after = np.linspace(0.5, 2, 6), np.linspace(3, 1, 6)  # of the films

    def drawn(level, values):
        def draw(counts, squares, rng):
            asked.append((counts, squares))
            level.values = values

        return draw

    chain.noise.draw, chain.rng = drawn(chain.noise, a), Stub(normal=1.0)
    who = np.zeros(train.n_ratings, int) if noise == "shared" else train.users
    factor, a_t = np.ones(train.n_ratings), a[who]
    sums = [(np.zeros(a.size), np.zeros(a.size))]
    if noise == "both":
        films = chain.noise_of_films
        films.values, films.draw = before, drawn(films, after)
        factor, a_t = before[train.items], a[who] * after[train.items]
        sums.append((np.zeros(6), np.zeros(6)))
    for block in chain.blocks:
        block.draw = lambda *facts: asked.append(facts)
    chain.sweep()
    for t, (u, i) in enumerate(zip(who, train.items, strict=True)):
        sums[0][0][u] += 1
        sums[0][1][u] += errors[t] ** 2 * factor[t]
        if noise == "both":
            sums[1][0][i] += 1
            sums[1][1][i] += errors[t] ** 2 * a[u]
    for found, expected in zip(asked, sums, strict=False):
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_allclose(found[1], expected[1], **TIGHT)
    assert chain.squares == pytest.approx((errors**2).sum())
    (law,) = chain.rng.asked

    def joint(mu):
        return stats.norm.logpdf(errors + 0.3, mu, a_t**-0.5).sum()

    # The law is that of the step from 0.3.
    is_constant([joint(mu) - law.logpdf(mu - 0.3) for mu in (-1.0, 0.0, 0.4)])
    assert chain.mu == pytest.approx(0.3 + law.mean() + law.std())
    for n, (other, rest, precision, _) in enumerate(asked[len(sums) :]):
        assert other is chain.blocks[1 - n]
        np.testing.assert_allclose(precision, a_t, **TIGHT)
        np.testing.assert_array_equal(rest, chain.values - chain.mu - chain.z)


def test_the_variance_of_a_chain_in_time_is_drawn_from_its_steps():
    train, asked = with_strangers(), []
    chain = chain_of(train, constants=(2.0, 20.0))
    for level in chain.drift:
        level.draw = lambda *facts: asked.append(facts)
    chain.sweep()
    x, line = chain.states, chain.timeline
    z = [x[node, 0] + x[node, 1] for node in line.node]
    np.testing.assert_allclose(chain.z, z, **TIGHT)
    for c, (counts, squares, _) in enumerate(asked):
        np.testing.assert_array_equal(counts, np.bincount(train.users, minlength=5))
        np.testing.assert_allclose(squares, line.squares(x)[:, c], **TIGHT)


def start_from_prior(chain, rng):
    """Draw all unknowns but noise, and then the values, as the docstring has them."""
    for block in chain.blocks:
        block.precision = rng.gamma(0.5, 2 / block.b0, block.precision.shape)
        block.mean = rng.normal(0.0, block.precision**-0.5)
        m, l = block.mean[block.group], block.precision[block.group]
        block.V = np.where(block.told[:, None], rng.normal(m, l**-0.5), m)
        block.W = block.X @ block.V
    if chain.timeline is not None:
        line, v = chain.timeline, chain.variance()
        x, user = (
            chain.states,
            np.repeat(np.arange(len(v)), np.diff(line.first).astype(np.intp)),
        )
        for t, u in enumerate(user):
            past = x[t - 1] if t else 0.0
            x[t] = line.decay[t] * past + np.sqrt(v[u] * line.spread[t]) * rng.normal(
                size=v.shape[1]
            )
        chain.z = x[line.node].sum(axis=1)
    chain.mu, chain.values = 0.0, np.zeros(chain.values.size)
    noise = rng.normal(size=chain.values.size) / np.sqrt(chain.noise.values[chain.who])
    chain.values = noise - chain.errors()


def pivots(chain):
    """What is standard normal, whatever else was drawn: name -> array."""
    found, (W, H) = {}, (block.W for block in chain.blocks)
    for name, block in zip(("user", "film"), chain.blocks, strict=True):
        l = block.precision
        u = stats.gamma.cdf(l, 0.5, scale=2 / block.b0)
        found[f"{name} precision"] = stats.norm.ppf(np.clip(u, 1e-12, 1 - 1e-12))
        found[f"{name} mean"] = block.mean * np.sqrt(l)
        off = (block.V - block.mean[block.group]) * np.sqrt(l[block.group])
        found[f"{name} weights"], found[f"{name} factors"] = (
            off[block.told].T[0],
            off[block.told][:, 1:],
        )
    e = chain.errors() * np.sqrt(chain.noise.values[chain.who])
    taste = (W[chain.users, 1:] * H[chain.items, 1:]).sum(axis=1)
    found["errors"] = e
    found["errors by taste"] = e * np.sign(taste)
    found["errors by user"] = e * np.sign(W[chain.users, 0])
    found["errors by film"] = e * np.sign(H[chain.items, 0])
    if chain.timeline is not None:
        line, v, x = chain.timeline, chain.variance(), chain.states
        user = np.repeat(np.arange(len(v)), np.diff(line.first).astype(np.intp))
        past = np.vstack([np.zeros(x.shape[1]), x[:-1]])
        found["chains"] = (x - line.decay * past) / np.sqrt(v[user] * line.spread)
        found["errors by z"] = e * np.sign(chain.z)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("constants", [None, (2.0, 20.0)])
def test_sweeps_leave_the_joint_distribution_as_it_is(constants):
    """From unknowns and values drawn together, sweeps go on drawing them together.

    A wrong conditional drifts away. The mean has a flat prior; being a shift, it may
    start at 0. Noise and the chains' variances, whose level is flat, stand still.
    """
    n, sweeps, rng = 600, 3, np.random.default_rng(0)
    chain = chain_of(with_strangers(), constants=constants, k=1, prior=1.0)
    chain.rng = rng
    held = [chain.noise, *(chain.drift if constants else [])]
    for level in held:
        level.values = rng.uniform(0.4, 3.0, level.values.size)
        level.draw = lambda *facts: None
    total = {}
    for _ in range(n):
        start_from_prior(chain, rng)
        for _ in range(sweeps):
            chain.sweep()
        for name, z in pivots(chain).items():
            sums = total.setdefault(name, np.zeros(3))
            sums += z.sum(), (z**2).sum(), z.size
    for name, (one, two, size) in total.items():
        assert abs(one) / np.sqrt(size) < 4, name
        assert abs(two - size) / np.sqrt(2 * size) < 4, name
