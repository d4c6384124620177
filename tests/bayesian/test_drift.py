"""Chains in time against dense Gaussian algebra, which knows nothing of filters.

A draw is linear in its normals. So its exact mean is the draw of no normals, and the
columns of its covariance's root are the draws of one normal at a time.
"""

import numpy as np
import pytest
from kernels import plain

from recbook.bayesian import drift
from recbook.bayesian.drift import Timeline, _draw, _filter

CONSTANTS = (60.0, 1.0, 3600.0, 86400.0)
# User 0 has seven seconds, one of them twice; 1 and 4 have none; 2 has one, 3 has two.
USERS = np.array([0, 3, 0, 0, 2, 0, 0, 3, 0, 0, 0, 2])
TIMES = np.array([500, 7, 430, 431, 9, 90_000, 433, 3, 431, 500, 3000, 9])
FIRST = [0, 6, 6, 7, 9, 9]
SECONDS = [430, 431, 433, 500, 3000, 90_000, 9, 3, 7]
NODE = [3, 8, 0, 1, 6, 5, 2, 7, 1, 3, 4, 6]
TIGHT = {"rtol": 1e-9, "atol": 1e-9}


@pytest.fixture(params=["compiled", "plain"])
def either(request, monkeypatch):
    """Let the module run as compiled, then as Python."""
    if request.param == "plain":
        for name in ("_sides", "_squares", "_draw", "_filter", "_sample", "_add_noise"):
            kernel = getattr(drift, name)
            monkeypatch.setattr(drift, name, plain(kernel))


def events(C=3, users=USERS, times=TIMES, n_users=5):
    return Timeline(users, times, n_users, CONSTANTS[:C])


def observed(line, seed=0):
    """Return (precision, mean, variance) of all nodes, the third node left unseen."""
    rng = np.random.default_rng(seed)
    n, C = line.decay.shape
    precision, mean = rng.uniform(0.3, 4, n), rng.normal(size=n)
    if n > 2:
        precision[2], mean[2] = 0, np.nan  # 0/0 is what an average of nothing gives
    return precision, mean, rng.uniform(0.05, 0.9, (line.first.size - 1, C))


def prior(times, others, variance, constants):
    """Return the covariance of all chains at ``times`` with all chains at ``others``.

    (n C, m C), node by node: v_c exp(-|t - s| / τ_c) for the same chain, else 0.
    """
    apart = np.abs(np.subtract.outer(times, others))
    C = len(constants)
    K = np.zeros((len(times), C, len(others), C))
    for c in range(C):
        K[:, c, :, c] = variance[c] * np.exp(-apart / constants[c])
    return K.reshape(len(times) * C, len(others) * C)


def posterior(times, precision, mean, variance, constants):
    """Return mean (n, C) and covariance (n C, n C) of one user's chains."""
    K = prior(times, times, variance, constants)
    seen = precision > 0
    H = np.kron(np.eye(len(times)), np.ones(len(constants)))[seen]
    S = H @ K @ H.T + np.diag(1 / precision[seen])
    gain = np.linalg.solve(S, H @ K).T
    return (gain @ mean[seen]).reshape(-1, len(constants)), K - gain @ H @ K


def law_of_draw(line, precision, mean, variance):
    """Return the exact mean (n C,) and root (n C, n C) of the draw's distribution."""
    facts = (line.first, line.decay, line.spread, precision, mean, variance)
    shape, size = line.decay.shape, line.decay.size
    draw = drift._draw
    centre = draw(*facts, np.zeros(shape)).ravel()
    units = np.eye(size).reshape(size, *shape)
    return centre, np.array([draw(*facts, z).ravel() - centre for z in units]).T


def test_nodes_are_the_users_seconds_in_time():
    line = events()
    assert line.node.tolist() == NODE
    assert line.first.tolist() == FIRST
    assert line.times.tolist() == SECONDS
    assert line.node.dtype == line.first.dtype == np.int64


def test_the_order_of_the_ratings_says_nothing():
    order, line = np.random.default_rng(1).permutation(USERS.size), events()
    other = events(users=USERS[order], times=TIMES[order])
    assert np.array_equal(other.node, line.node[order])
    for name in ("first", "times", "decay", "spread"):
        assert np.array_equal(getattr(other, name), getattr(line, name))


def test_decay_and_spread_are_those_of_the_gaps():
    gaps = [np.inf, 1, 2, 67, 2500, 87_000, np.inf, np.inf, 4]
    rho = np.exp(-np.divide.outer(gaps, CONSTANTS[:3]))
    line = events()
    assert np.allclose(line.decay, rho, rtol=1e-14, atol=0)
    assert np.allclose(line.spread, 1 - rho**2, rtol=1e-9, atol=0)


def test_a_short_gap_keeps_its_digits_and_a_long_one_is_no_error():
    # 1 - exp(-2e-12) is 2e-12 less 2e-24; as written it would lose four digits.
    short = Timeline([0, 0], [0, 1], 1, [1e12])
    assert short.spread[1, 0] == pytest.approx(2e-12 - 2e-24, rel=1e-14, abs=0)
    long = Timeline([0, 0], [-(10**17), 10**17], 1, [1.0])
    assert (long.decay[1, 0], long.spread[1, 0]) == (0, 1)


@pytest.mark.parametrize("C", [1, 2, 3, 4])
def test_the_filter_ends_where_dense_conditioning_does(C):
    line = events(C)
    precision, mean, variance = observed(line)
    for u, (a, b) in enumerate(zip(line.first, line.first[1:], strict=False)):
        m, P = np.zeros((b - a, C)), np.zeros((b - a, C, C))
        facts = (line.decay[a:b], line.spread[a:b], variance[u], m, P)
        _filter(*facts, precision[a:b], mean[a:b])
        if b > a:
            given = (line.times[a:b], precision[a:b], mean[a:b], variance[u])
            expected, covariance = posterior(*given, line.constants)
            assert np.allclose(m[-1], expected[-1], **TIGHT)
            assert np.allclose(P[-1], covariance[-C:, -C:], **TIGHT)
            assert np.array_equal(P, P.transpose(0, 2, 1))


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize("C", [1, 2, 3, 4])
def test_a_draw_is_from_the_joint_posterior(C):
    line = events(C)
    facts = observed(line)
    centre, root = law_of_draw(line, *facts)
    expected = np.zeros((centre.size, centre.size))  # users know nothing of each other
    for u, (a, b) in enumerate(zip(line.first, line.first[1:], strict=False)):
        given = (line.times[a:b], facts[0][a:b], facts[1][a:b], facts[2][u])
        where = slice(a * C, b * C)
        m, expected[where, where] = posterior(*given, line.constants)
        assert np.allclose(centre[where], m.ravel(), **TIGHT)
    assert np.allclose(root @ root.T, expected, **TIGHT)


def test_a_draw_takes_its_normals_from_the_generator():
    line = events()
    facts = observed(line)
    normals = np.random.default_rng(3).standard_normal(line.decay.shape)
    expected = _draw(line.first, line.decay, line.spread, *facts, normals)
    assert np.array_equal(line.draw(*facts, np.random.default_rng(3)), expected)


@pytest.mark.usefixtures("either")
def test_nothing_seen_leaves_the_stationary_prior():
    line = events()
    variance = observed(line)[2]
    nothing = np.zeros(line.times.size)
    centre, root = law_of_draw(line, nothing, nothing, variance)
    expected = prior(line.times[:6], line.times[:6], variance[0], line.constants)
    assert not centre.any()
    assert np.allclose((root @ root.T)[:18, :18], expected, **TIGHT)


@pytest.mark.usefixtures("either")
def test_a_chain_of_no_variance_stays_at_zero():
    line, rng = events(), np.random.default_rng(0)
    precision, mean, variance = observed(line)
    variance[:, 1] = 0
    states = line.draw(precision, mean, variance, rng)
    assert not states[:, 1].any()
    assert states[:, [0, 2]].all()
    assert not line.draw(precision, mean, 0 * variance, rng).any()


def test_all_but_certain_observations_hold_the_sum():
    line = events(4)
    _, mean, variance = observed(line)
    mean[2] = -0.5
    for precision in 10.0 ** np.arange(13, 25):  # rounding may make pivots negative
        rng = np.random.default_rng(0)
        states = line.draw(np.full(9, precision), mean, variance, rng)
        assert np.allclose(states.sum(axis=1), mean, atol=3e-6)


def test_chains_that_hardly_move_are_drawn_all_the_same():
    # A second is 1e-12 of the constants: the variance of a step is v times 2e-12.
    line = Timeline(np.zeros(5, int), [0, 1, 2, 3, 4], 1, (1e12, 2e12))
    precision, mean, _ = observed(line)
    variance = np.array([[0.5, 2.0]])
    centre, root = law_of_draw(line, precision, mean, variance)
    m, _ = posterior(line.times, precision, mean, variance[0], line.constants)
    assert np.allclose(centre, m.ravel(), atol=1e-7)
    # 2 v / τ is 1e-12 and 2e-12, of which noise of about 1 tells next to nothing.
    steps = np.diff(root.reshape(5, 2, 10), axis=0)
    spread = (steps**2).sum(axis=-1)
    assert np.allclose(spread, np.tile([1e-12, 2e-12], (4, 1)), rtol=1e-8, atol=0)


def test_users_do_not_see_each_other():
    line = events()
    precision, mean, variance = observed(line)
    both = line.draw(precision, mean, variance, np.random.default_rng(0))
    mean[:6] += 1
    variance[3] *= 2
    changed = line.draw(precision, mean, variance, np.random.default_rng(0))
    same = (both == changed).all(axis=1)
    assert same.tolist() == [False] * 6 + [True] + [False] * 2


@pytest.mark.usefixtures("either")
def test_squares_are_the_innovations_in_units_of_variance():
    line = events()
    x = np.random.default_rng(0).normal(size=line.decay.shape)
    expected = np.zeros((5, 3))
    for u in range(5):
        mine = [(t, s) for s, t in enumerate(SECONDS) if FIRST[u] <= s < FIRST[u + 1]]
        for n, (t, s) in enumerate(mine):
            for c, tau in enumerate(CONSTANTS[:3]):
                rho = np.exp(-(t - mine[n - 1][0]) / tau) if n else 0.0
                before = x[mine[n - 1][1], c] if n else 0.0
                expected[u, c] += (x[s, c] - rho * before) ** 2 / (1 - rho**2)
    assert np.allclose(line.squares(x), expected, rtol=1e-9)
    assert not expected[[1, 4]].any()


def test_squares_of_prior_draws_are_the_variance_times_the_nodes_on_average():
    line = events()
    variance, nothing = observed(line)[2], np.zeros(line.times.size)
    _, root = law_of_draw(line, nothing, nothing, variance)
    total = sum(line.squares(column.reshape(line.decay.shape)) for column in root.T)
    assert np.allclose(total, variance * np.diff(FIRST)[:, None], **TIGHT)


QUERIES = {
    0: [0, 429, 430, 430.25, 431, 432, 460, 500, 2999, 50_000, 90_000, 90_003, 10**6],
    2: [-50, 8, 9, 10, 4000],
    3: [2, 3, 5, 6, 7, 8],
}


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize("u", QUERIES)
def test_a_bridge_is_dense_conditioning_on_all_nodes(u):
    line, times = events(), np.array(QUERIES[u], dtype=float)
    variance = np.array([0.3, 0.7, 1.1])
    left, right, wl, wr, share = line.bridge(np.full(times.size, u), times)
    a, b = FIRST[u], FIRST[u + 1]
    assert ((a <= left) & (left <= right) & (right < b)).all()
    for c, tau in enumerate(CONSTANTS[:3]):
        one = (variance[c : c + 1], [tau])
        among = prior(line.times[a:b], line.times[a:b], *one)
        weights = np.linalg.solve(among, prior(line.times[a:b], times, *one)).T
        found = np.zeros((times.size, line.times.size))
        np.add.at(found, (np.arange(times.size), left), wl[:, c])
        np.add.at(found, (np.arange(times.size), right), wr[:, c])
        assert np.allclose(found[:, a:b], weights, **TIGHT)
        left_over = variance[c] - np.sum(weights @ among * weights, axis=1)
        assert np.allclose(share[:, c] * variance[c], left_over, **TIGHT)


def test_a_bridge_at_a_node_is_the_node_and_nothing_else():
    line = events(4)
    left, right, wl, wr, share = line.bridge(USERS, TIMES)
    states = np.random.default_rng(0).normal(size=line.decay.shape)
    assert np.array_equal(left, line.node)
    assert np.array_equal(wl * states[left] + wr * states[right], states[line.node])
    assert not share.any()


@pytest.mark.usefixtures("either")
def test_a_user_without_nodes_has_the_prior():
    left, right, wl, wr, share = events().bridge([1, 4, 1], [0, 10, 500])
    assert left.tolist() == right.tolist() == [0, 0, 0]
    assert not wl.any()
    assert not wr.any()
    assert np.array_equal(share, np.ones((3, 3)))


def test_long_gaps_are_bridged_without_overflow():
    # In the middle of 2e9 constants the nodes say nothing; a constant from one of
    # them, that one says 1/e, and the other nothing.
    line = Timeline([0, 0], [0, 2 * 10**9], 1, [1.0])
    at = [10**9, 1, 2 * 10**9 - 1, -(10**9), 3 * 10**9]
    _, _, wl, wr, share = line.bridge(np.zeros(5, int), at)
    e = np.exp(-1)
    assert np.allclose(wl[:, 0], [0, e, 0, 0, 0], rtol=1e-14, atol=0)
    assert np.allclose(wr[:, 0], [0, 0, e, 0, 0], rtol=1e-14, atol=0)
    assert np.allclose(share[:, 0], [1, 1 - e**2, 1 - e**2, 1, 1], rtol=1e-14)


def test_a_short_bridge_is_a_straight_line():
    # A Brownian bridge in the limit: weights 3/4, 1/4; variance 2/τ · 1 · 3/4 of v.
    line = Timeline([0, 0], [0, 4], 1, [1e12])
    _, _, wl, wr, share = line.bridge([0], [1])
    assert (wl[0, 0], wr[0, 0]) == pytest.approx((0.75, 0.25), rel=1e-10)
    assert share[0, 0] == pytest.approx(1.5e-12, rel=1e-10, abs=0)


def test_one_query_or_all_give_the_same_bits():
    line = events(4)
    users = np.repeat(np.arange(5), 200)
    times = np.random.default_rng(0).integers(-100, 100_000, users.size)
    every = line.bridge(users, times)
    for n in range(0, users.size, 7):
        one = line.bridge(users[n : n + 1], times[n : n + 1])
        assert all(np.array_equal(a[n], b[0]) for a, b in zip(every, one, strict=True))


@pytest.mark.parametrize("users", [[], [1], [2]])
def test_few_or_no_events_are_defined(users):
    line = Timeline(np.array(users, dtype=np.int32), [5] * len(users), 3, (1.0, 60.0))
    facts = (np.ones(len(users)), np.ones(len(users)), np.ones((3, 2)))
    states = line.draw(*facts, np.random.default_rng(0))
    assert states.shape == (len(users), 2)
    assert states.all()
    assert line.squares(states).any(axis=1).tolist() == [u in users for u in range(3)]
    assert line.bridge([0], [9])[4].tolist() == [[1.0, 1.0]]
