"""What is kept of a chain's draws, and means and deviations from them, by loops."""

from itertools import pairwise

import numpy as np
import pytest
from kernels import plain
from tables import ASKED, MOVIES, SMALL, TIMES, TRAIN, USERS

from recbook import BayesianMF
from recbook.bayesian import drift, gibbs, posterior
from recbook.bayesian.gibbs import Chain
from recbook.bayesian.posterior import Draws, r_hat


def spied(monkeypatch, train=TRAIN, **options):
    """A fitted model, and all that its chains went through, in train's units."""
    went, sweep, start = [], Chain.sweep, Chain.__init__

    def note(chain):
        films = chain.noise_of_films
        state = {
            "mu": chain.mu,
            "rows": [block.W.copy() for block in chain.blocks],
            "means": [block.mean[0].copy() for block in chain.blocks],
            "error": chain.errors(),
            "noise": np.broadcast_to(1 / chain.noise.values, train.n_users),
            "film": np.ones(train.n_items) if films is None else 1 / films.values,
        }
        if chain.timeline is not None:
            state |= {"x": chain.states.copy(), "drift": chain.variance()}
        went[-1].append(state)

    def begin(chain, *facts):
        start(chain, *facts)
        went.append([])
        note(chain)

    def step(chain):
        sweep(chain)
        note(chain)

    monkeypatch.setattr(Chain, "__init__", begin)
    monkeypatch.setattr(Chain, "sweep", step)
    model = BayesianMF(**{**SMALL, **options}).fit(train, MOVIES, USERS)
    monkeypatch.undo()
    return model, went


def at(state, users, items):
    """A state's predictions without time, a pair at a time, in train's units."""
    W, H = state["rows"]
    pairs = zip(users, items, strict=True)
    return np.array([
        state["mu"] + W[u, 0] + H[i, 0] + sum(W[u, 1:] * H[i, 1:]) for u, i in pairs
    ])  # fmt: skip


def drift_at(model, state, users, times):
    """Mean and variance of z given a state's nodes, by dense algebra for each pair."""
    line, found = model._timeline, []
    for u, t in zip(users, times, strict=True):
        mean = variance = 0.0
        nodes = slice(line.first[u], line.first[u + 1])
        for c, tau in enumerate(TIMES):
            near = np.exp(-abs(line.times[nodes] - t) / tau)
            apart = np.subtract.outer(line.times[nodes], line.times[nodes])
            weights = np.linalg.solve(np.exp(-abs(apart) / tau), near)
            mean += weights @ state["x"][nodes, c]
            variance += (1 - weights @ near) * state["drift"][u, c]
        found.append((mean, variance))
    return np.array(found).T


@pytest.mark.parametrize("constants", [None, TIMES])
@pytest.mark.parametrize("noise", ["both", "user", "shared"])
def test_means_and_deviations_are_those_of_the_draws(monkeypatch, constants, noise):
    options = {"noise": noise, "time": constants, "n_chains": 2}
    model, went = spied(monkeypatch, **options)
    mean, unit = TRAIN.values.mean(), TRAIN.values.std()
    users, items, times = (a[:5] for a in ASKED)
    known = (users != 3) & (items != 2)  # a stranger has another deviation, see below
    all_draws, spread = [], []
    for chain in went:
        kept = chain[1:][SMALL["burn_in"] :]
        for s, state in enumerate(kept):
            x = at(state, users, items)
            variance = state["noise"][users] * state["film"][items]
            if constants:
                z = drift_at(model, state, users, times)
                x, variance = x + z[0], variance + z[1]
            all_draws.append(x)
            if s % 10 == 0:
                spread.append((x, variance))
    expected = mean + unit * np.mean(all_draws, axis=0)
    found, std = model.predict(users, items, times, return_std=True)
    np.testing.assert_allclose(found, np.clip(expected, 1, 5), rtol=1e-6)
    x, variance = np.transpose(spread, (1, 0, 2))
    expected = unit * np.sqrt(x.var(axis=0) + variance.mean(axis=0))
    np.testing.assert_allclose(std[known], expected[known], rtol=1e-5)
    np.testing.assert_array_equal(model.predict(users, items, times), found)


def test_without_timestamps_the_drift_is_at_its_mean_and_as_unsure_as_can_be(
    monkeypatch,
):
    model, went = spied(monkeypatch, time=TIMES)
    mean, unit = TRAIN.values.mean(), TRAIN.values.std()
    users, items = np.array([0, 1, 4]), np.array([3, 0, 1])
    kept = went[0][1:][SMALL["burn_in"] :]
    x = np.array([at(state, users, items) for state in kept])
    found, std = model.predict(users, items, return_std=True)
    everyone = model.scores(np.arange(5))[users, items]
    np.testing.assert_allclose(everyone, mean + unit * x.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(found, np.clip(everyone, 1, 5), rtol=1e-12)
    variance = [
        s["noise"][users] * s["film"][items] + s["drift"][users].sum(axis=1)
        for s in kept[::10]
    ]
    expected = unit * np.sqrt(x[::10].var(axis=0) + np.mean(variance, axis=0))
    np.testing.assert_allclose(std, expected, rtol=1e-5)
    # Long after the last event, nothing is left of it either.
    late = np.full(3, 10**6)
    np.testing.assert_allclose(model.predict(users, items, late), found, rtol=1e-12)


def test_strangers_and_traces_are_those_of_the_draws(monkeypatch):
    model, went = spied(monkeypatch, n_chains=2, time=(9.0,))
    mean, unit = TRAIN.values.mean(), TRAIN.values.std()
    mu, bu, bi = [], [], []
    for n, chain in enumerate(went):
        for s, (before, now) in enumerate(pairwise(chain)):
            rmse = unit * np.sqrt(np.mean(before["error"] ** 2))
            assert model.trace_["rmse"][n, s] == pytest.approx(rmse)
            (W, H), (w, h) = now["rows"], now["means"]
            cells = W[:, 1:] @ H[:, 1:].T
            level = cells + now["mu"] + W[:, :1] + H[:, 0]
            assert model.trace_["level"][n, s] == pytest.approx(
                mean + unit * level.mean()
            )
            cells -= cells.mean(axis=0)
            cells -= cells.mean(axis=1)[:, None]
            taste = unit * np.sqrt(np.mean(cells**2))
            assert model.trace_["taste"][n, s] == pytest.approx(taste)
            noise = unit * np.sqrt(now["noise"].mean())
            assert model.trace_["noise"][n, s] == pytest.approx(noise)
            if s < SMALL["burn_in"]:
                continue
            mu.append(mean + unit * (now["mu"] + w[0] + h[0] + w[1:] @ h[1:]))
            users = [now["mu"] + r[0] + h[0] + r[1:] @ h[1:] for r in W]
            films = [now["mu"] + w[0] + r[0] + r[1:] @ w[1:] for r in H]
            bu.append(mean + unit * np.array(users) - mu[-1])
            bi.append(mean + unit * np.array(films) - mu[-1])
    assert len(mu) == 40
    for found, draws in ((model.mu_, mu), (model.bu_, bu), (model.bi_, bi)):
        np.testing.assert_allclose(found, np.mean(draws, axis=0), rtol=1e-9, atol=1e-9)


def test_of_certain_parameters_the_noise_alone_is_left():
    draws = Draws((2, 3), 0, 30, 2, 0)
    draws.W[:], draws.H[:] = 0.7, -1.2
    draws.noise[:] = [[0.5, 1.0, 2.0], [3.0, 3.0, 3.0]]
    first, second = draws.moments(np.array([0, 1]), np.array([2, 0]), None)
    # Three draws of 30, one in ten: variances .25, 1 and 4 of user 0 have mean 1.75.
    np.testing.assert_allclose(second - first**2, [1.75, 9.0], rtol=1e-6)
    np.testing.assert_allclose(first, 0.7 - 1.2 - 2 * 0.7 * 1.2, rtol=1e-6)


def test_compiled_and_plain_draws_are_the_same_but_for_rounding(monkeypatch):
    model = BayesianMF(**SMALL, time=TIMES)
    compiled = model.fit(TRAIN, MOVIES, USERS).predict(*ASKED, return_std=True)
    for module in (gibbs, posterior, drift):
        for name, thing in vars(module).copy().items():
            if hasattr(thing, "py_func"):
                monkeypatch.setattr(module, name, plain(thing))
    model = BayesianMF(**SMALL, time=TIMES)
    bare = model.fit(TRAIN, MOVIES, USERS).predict(*ASKED, return_std=True)
    np.testing.assert_allclose(bare, compiled, rtol=1e-6)


def test_products_are_added_up_in_float64_with_numba_and_without():
    rng = np.random.default_rng(0)
    P, Q = (rng.normal(size=(3, 40, 6)).astype(np.float32) for _ in "PQ")
    users, items = np.array([0, 2, 1]), np.array([1, 1, 0])
    expected = [np.vdot(P[u].astype(float), Q[i].astype(float)) / 40
                for u, i in zip(users, items, strict=True)]  # fmt: skip
    for dots in (posterior.dots, plain(posterior.dots)):
        np.testing.assert_allclose(dots(users, items, P, Q), expected, rtol=1e-11)


def test_r_hat_is_that_of_the_halves():
    draws = np.random.default_rng(0).normal([[0], [1], [3]], 1.0, (3, 11))
    halves = [half for row in draws for half in (row[:5], row[6:])]
    n, m = 5, 6
    means = [sum(half) / n for half in halves]
    B = n * sum((x - sum(means) / m) ** 2 for x in means) / (m - 1)
    within = [sum((x - c) ** 2 for x in h) / (n - 1)
              for h, c in zip(halves, means, strict=True)]  # fmt: skip
    W = sum(within) / m
    assert r_hat(draws) == pytest.approx((((n - 1) / n * W + B / n) / W) ** 0.5)
    assert r_hat(np.ones((2, 8))) == 1.0
    assert r_hat([[1.0] * 4, [2.0] * 4]) == np.inf
    words = [["a", "b", "c", "d"]]
    for bad in (draws[0], draws[:, :3], [[1.0, 2.0, np.nan, 3.0]], draws[:0], words):
        with pytest.raises(ValueError, match="draws must be"):
            r_hat(bad)


def test_memory_is_as_told():
    draws = Draws((50, 70), 900, 120, 6, 3)
    bytes_of = {name: a.nbytes for name, a in vars(draws).items() if np.ndim(a)}
    told = 120 * (4.4 * (6 + 2) * (50 + 70) + 0.4 * 3 * 900)
    assert 0.8 * told < sum(bytes_of.values()) < 1.1 * told
    # Of a table as large as MovieLens 100K, rated in 80 000 seconds, four runs of the
    # defaults: from 80 to 500 MB.
    size = (360 * (4.4 * 12 * (943 + 1682) + 0.4 * 3 * 80_000)) * 4
    assert 80e6 < size < 500e6
