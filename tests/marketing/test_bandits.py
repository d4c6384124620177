"""The bandits beside plain loops, direct inverses, closed forms and numbers by hand."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from estimators import SettingsContract
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln, ndtr, ndtri

from recbook.marketing.bandits import (
    UCB1,
    BetaThompson,
    EpsilonGreedy,
    ExploreThenCommit,
    LinThompson,
    LinUCB,
    kernels,
    simulate,
)
from recbook.marketing.bandits.base import chance_of_best

MEANS = [0.05, 0.1, 0.3]
COUNTS = {
    "greedy": lambda: EpsilonGreedy(3, 0.2),
    "test": lambda: ExploreThenCommit(3, 60),
    "ucb": lambda: UCB1(3, 0.1),
    "thompson": lambda: BetaThompson(3, 0.5, 2.0),
}
LINEAR = {
    "ucb": lambda: LinUCB(3, 2, 0.5, reg=2.0),
    "thompson": lambda: LinThompson(3, 2, 0.3, reg=2.0),
}


def fed(policy, rounds, context=None):
    """Give a policy (action, clicks, impressions) triples."""
    for action, clicks, views in rounds:
        for i in range(views):
            policy.update(action, i < clicks, context)
    return policy


TWO = [(0, 2, 10), (1, 1, 2)]  # A: 2 of 10, B: 1 of 2


# By hand ------------------------------------------------------------------------------


def test_greedy_by_hand():
    # Rates .2 and .5; a tenth of the impressions is drawn, half of it for A.
    policy = fed(EpsilonGreedy(2, 0.1), TWO)
    np.testing.assert_allclose(policy.propensities(), [0.05, 0.95], atol=1e-15)
    # Three actions, two of them level at 0: they share what is not drawn.
    level = fed(EpsilonGreedy(3, 0.3), [(0, 0, 1)])
    np.testing.assert_allclose(level.propensities(), [1 / 3] * 3, atol=1e-15)


def test_upper_bounds_by_hand():
    # .2 + sqrt(2 ln 12 / 10) = .2 + .7050, .5 + sqrt(2 ln 12 / 2) = .5 + 1.5764
    policy = fed(UCB1(2), TWO)
    np.testing.assert_allclose(policy.bounds(), [0.904969, 2.076359], atol=1e-6)
    # With a variance of .03 the widths are sqrt(.03 / .25) = .34641 times as large.
    small = fed(UCB1(2, variance=0.03), TWO)
    widths = small.bounds() - [0.2, 0.5]
    np.testing.assert_allclose(widths, [0.244209, 0.546067], atol=1e-6)
    assert UCB1(2).bounds().tolist() == [np.inf, np.inf]


def exact_chance(a, b, c, d):
    """P(B(c, d) > B(a, b)) for whole c: a sum of beta functions."""
    return sum(
        math.exp(betaln(a + i, b + d) - math.log(d + i) - betaln(1 + i, d)
                 - betaln(a, b))
        for i in range(c)
    )  # fmt: skip


def test_thompson_by_hand():
    # P(B(2, 2) > B(3, 9)): of .824, the pencil's figure.
    policy = fed(BetaThompson(2), TWO)
    assert exact_chance(3, 9, 2, 2) == pytest.approx(0.824, abs=5e-4)
    assert policy.propensities()[1] == pytest.approx(exact_chance(3, 9, 2, 2), abs=1e-3)


def test_the_test_commits_to_its_winner():
    policy = fed(ExploreThenCommit(2, 12), TWO)
    assert policy.choose() == (1, 1.0)
    fed(policy, [(1, 0, 50)])  # later rewards count no more
    assert policy.choose() == (1, 1.0)
    assert policy.shown.tolist() == [10, 2]


def test_linear_by_hand():
    # One feature, always 1, lambda = 1: A = 1 + 3, b = 2, so theta = 1/2, width 1/2.
    policy = LinUCB(2, 1, alpha=1.0, reg=1.0)
    for reward in (1.0, 1.0, 0.0):
        policy.update(0, reward, [1.0])
    means, widths = policy.estimates([1.0])
    np.testing.assert_allclose(means, [0.5, 0.0], atol=1e-15)
    np.testing.assert_allclose(widths, [0.5, 1.0], atol=1e-15)
    assert {policy.choose([1.0])[0] for _ in range(20)} == {0, 1}  # 1.0 beside 1.0
    two = LinThompson(2, 1, scale=0.2, reg=1.0).update(0, 1.0, [1.0])
    # theta = 1/2, deviations .2 / sqrt(2) and .2: z = .5 / (.2 sqrt(1.5)) = 2.0412
    assert two.propensities([1.0])[0] == pytest.approx(ndtr(2.0412415), abs=2e-4)


# Plain loops --------------------------------------------------------------------------


def plain_pick(policy, shown, clicks, t, rng):
    """One choice, from the definitions."""
    K = len(shown)
    if isinstance(policy, BetaThompson):
        draws = rng.beta(policy.a + clicks, policy.b + shown - clicks)
        return int(draws.argmax())
    rates = np.array([c / n if n else 0.0 for c, n in zip(clicks, shown, strict=True)])
    if isinstance(policy, UCB1):
        rates = np.array([
            r + math.sqrt(8 * policy.variance * math.log(t) / n) if n else np.inf
            for r, n in zip(rates, shown, strict=True)
        ])  # fmt: skip
    if rng.random() < getattr(policy, "epsilon", 0) or t < getattr(
        policy, "n_explore", 0
    ):
        return int(rng.integers(K))
    return int(rng.choice(np.flatnonzero(rates == rates.max())))


def plain_regret(policy, n_rounds, seed):
    rng = np.random.default_rng(seed)
    shown, clicks, total = np.zeros(3), np.zeros(3), 0.0
    for t in range(n_rounds):
        k = plain_pick(policy, shown, clicks, t, rng)
        if not isinstance(policy, ExploreThenCommit) or t < policy.n_explore:
            shown[k] += 1
            clicks[k] += rng.random() < MEANS[k]
        total += max(MEANS) - MEANS[k]
    return total


@pytest.mark.parametrize("name", COUNTS)
def test_regret_is_that_of_a_plain_loop(name):
    policy = COUNTS[name]()
    plain = np.array([plain_regret(policy, 100, seed) for seed in range(60)])
    ours = simulate(policy, MEANS, 100, 300)[:, -1]
    error = np.hypot(plain.std() / 60**0.5, ours.std() / 300**0.5)
    assert abs(plain.mean() - ours.mean()) < 3.5 * error


@pytest.mark.parametrize("make", [*COUNTS.values(), *LINEAR.values()])
def test_the_loop_of_choose_and_update_is_the_simulation(make):
    policy, rng = make(), np.random.default_rng([7, 0])
    x, total = np.array([1.0, 0.5]), 0.0
    policy._rng = rng  # one stream for choices and visitors, as in the simulation
    linear = hasattr(policy, "coef")
    means = np.array([MEANS])
    expected = simulate(policy, means, 80, seed=7, contexts=[x] if linear else None)
    for t in range(80):
        kernels.anyone(1, rng)
        action = int(policy._choose(x))
        policy.update(action, rng.random() < MEANS[action], x)
        total += max(MEANS) - MEANS[action]
        assert total == pytest.approx(expected[0, t], abs=1e-12)


def test_kernels_are_the_same_without_compilation():
    plain = getattr(kernels.run, "py_func", kernels.run)
    means = np.array([MEANS])
    for make in COUNTS.values():
        policy, found = make(), np.empty(60)
        tables, rng = np.zeros(1, dtype=np.int64), np.random.default_rng([3, 0])
        plain(policy.rule, policy.dials, means, tables, 1, rng, found)
        np.testing.assert_allclose(
            found, simulate(policy, means, 60, seed=3)[0], atol=1e-12
        )


@pytest.mark.parametrize("shape", [0.5, 1.0, 3.5, 200.0])
def test_gamma_draws_have_the_moments(shape):
    rng = np.random.default_rng(1)
    draws = np.array([kernels.gamma(shape, rng) for _ in range(6000)])
    assert abs(draws.mean() - shape) < 4 * (shape / 6000) ** 0.5
    # The variance of a sample variance: mu4 - sigma^4 = 3 s^2 + 6 s - s^2, over n.
    assert abs(draws.var() - shape) < 4 * ((2 * shape**2 + 6 * shape) / 6000) ** 0.5


def test_draws_follow_the_posteriors():
    # The shortcut of best_draw changes nothing: shares beside NumPy's own draws.
    a, n, s = 1.0, np.array([40.0, 900.0, 300.0]), np.array([2.0, 40.0, 14.0])
    rng = np.random.default_rng(2)
    ours = [kernels.best_draw(n, s, a, a, rng) for _ in range(20000)]
    theirs = rng.beta(a + s, a + n - s, (20000, 3)).argmax(axis=1)
    shares = [np.bincount(x, minlength=3) / 20000 for x in (ours, theirs)]
    assert np.abs(shares[0] - shares[1]).max() < 4 * (0.5 / 20000) ** 0.5
    policy = BetaThompson(3)
    policy.shown[:], policy.clicks[:] = n, s
    assert np.abs(policy.propensities() - shares[1]).max() < 3 * (0.25 / 20000) ** 0.5


# Ridge --------------------------------------------------------------------------------


@pytest.mark.parametrize("reg", [1e-3, 1.0, 50.0])
def test_the_inverse_stays_the_direct_one(reg):
    rng = np.random.default_rng(4)
    policy = LinUCB(2, 5, reg=reg)
    X, rewards = rng.normal(size=(5000, 5)), rng.random(5000)
    for x, reward in zip(X, rewards, strict=True):
        policy.update(0, reward, x)
    A = X.T @ X + reg * np.eye(5)
    np.testing.assert_allclose(policy.inverse[0], np.linalg.inv(A), atol=1e-8)
    np.testing.assert_allclose(
        policy.coef[0], np.linalg.solve(A, X.T @ rewards), atol=1e-8
    )
    x = X[0]
    means, widths = policy.estimates(x)
    assert widths[0] == pytest.approx(math.sqrt(x @ np.linalg.solve(A, x)), abs=1e-8)
    assert widths[1] == pytest.approx(math.sqrt(x @ x / reg), rel=1e-12)
    assert means[1] == 0.0


def test_a_feature_that_is_one_for_each_segment_counts_apart():
    # With one-hot contexts and a small penalty the coefficient is the observed rate.
    policy = LinUCB(2, 3, reg=1e-9)
    for segment, clicks, views in ((0, 1, 4), (2, 3, 5)):
        fed(policy, [(1, clicks, views)], np.eye(3)[segment])
    np.testing.assert_allclose(policy.coef[1], [0.25, 0.0, 0.6], atol=1e-8)


# Propensities -------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-2, 2), st.floats(0.01, 3)), min_size=2, max_size=2
    )
)  # fmt: skip
def test_two_normals_have_a_closed_form(pair):
    means, widths = np.array(pair).T
    shares = chance_of_best(
        lambda u: means + widths * ndtri(u),
        lambda x: ndtr((x - means) / widths),
    )
    exact = ndtr((means[0] - means[1]) / np.hypot(*widths))
    assert shares[0] == pytest.approx(exact, abs=2e-3)
    assert shares.sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("make", [*COUNTS.values(), *LINEAR.values()])
def test_chosen_as_often_as_the_propensity_says(make):
    policy, x = make(), np.array([1.0, -1.0])
    fed(policy, [(0, 2, 20), (1, 3, 20), (2, 6, 30)], x)
    chosen = [int(policy._choose(x)) for _ in range(4000)]
    if not policy.drawn:
        assert math.isnan(policy.choose(x)[1])
        with pytest.raises(ValueError, match="draws nothing"):
            policy.propensities(x)
        return
    p = policy.propensities(x)
    found = np.bincount(chosen, minlength=3) / 4000
    assert (np.abs(found - p) <= 4 * np.sqrt(p * (1 - p) / 4000) + 3e-3).all()
    action, propensity = policy.choose(x)
    assert propensity == p[action]


def test_a_hopeless_action_keeps_a_small_positive_propensity():
    policy = BetaThompson(2)
    policy.shown[:], policy.clicks[:] = [1000, 1000], [20, 60]
    # P(B(21, 981) > B(61, 941)): some 3e-6 by the closed form.
    exact = exact_chance(61, 941, 21, 981)
    assert policy.propensities()[0] == pytest.approx(exact, rel=0.02)
    kept = policy.propensities()
    kept[:] = 0  # a copy: the policy's own numbers are not touched
    assert policy.propensities()[0] > 0


# Simulation ---------------------------------------------------------------------------


def test_regret_of_chance_by_hand():
    # A fifth of a click is lost whenever the worse of two is drawn: .1 a round.
    found = simulate(EpsilonGreedy(2, 1.0), [0.1, 0.3], 2000, 50)
    assert found[:, -1].mean() == pytest.approx(200, abs=4 * 0.1 * (2000 / 50) ** 0.5)


@pytest.mark.parametrize("make", COUNTS.values())
def test_regret_never_falls_and_is_zero_among_equals(make):
    found = simulate(make(), MEANS, 200, 3)
    assert (np.diff(found, axis=1, prepend=0.0) >= 0).all()
    assert not simulate(make(), [0.2] * 3, 50).any()


def test_repetitions_do_not_depend_on_their_number_nor_on_the_policy_s_state():
    policy = fed(BetaThompson(3), [(0, 9, 9)])
    few, many = (simulate(policy, MEANS, 100, n, seed=5) for n in (2, 4))
    np.testing.assert_array_equal(few, many[:2])
    assert policy.shown.tolist() == [9, 0, 0]
    assert not np.array_equal(few, simulate(policy, MEANS, 100, 2, seed=6))


def test_batches_know_nothing_until_they_end():
    # Greedy without knowledge draws at random; afterwards it follows the better one.
    sure = [0.0, 1.0]
    found = simulate(EpsilonGreedy(2, 0.0), sure, 60, 40, batch=30)
    first, second = found[:, 29], found[:, -1] - found[:, 29]
    assert first.mean() == pytest.approx(15, abs=2)
    assert not second.any()
    linear = simulate(LinUCB(2, 1, 0.0), sure, 60, 5, contexts=[[1.0]], batch=30)
    assert not (linear[:, -1] - linear[:, 29]).any()


def test_kernels_get_arrays_as_they_were_compiled_for(monkeypatch):
    """For arrays that may not be written to, numba would compile for ten seconds."""
    seen = []
    for name in ("run", "run_linear"):
        monkeypatch.setattr(kernels, name, lambda *given: seen.extend(given[2:4]))
    means, codes, features = np.full((2, 2), 0.1), np.arange(2), np.eye(2)
    for array in (means, codes, features):
        array.flags.writeable = False
    simulate(BetaThompson(2), means, 4, contexts=codes)
    simulate(LinUCB(2, 2), means, 4, contexts=features)
    assert len(seen) == 4
    assert all(array.flags.writeable and array.flags.c_contiguous for array in seen)
    assert not means.flags.writeable


def test_tables_are_shared_by_code():
    # Two segments with opposite tastes: one table cannot serve both, two tables can.
    means = [[0.0, 1.0], [1.0, 0.0]]
    pooled = simulate(BetaThompson(2), means, 400, 5)[:, -1]
    apart = simulate(BetaThompson(2), means, 400, 5, contexts=[0, 1])[:, -1]
    seen = simulate(LinUCB(2, 2, 1.0), means, 400, 5, contexts=np.eye(2))[:, -1]
    assert pooled.min() > 120
    assert apart.max() < 20
    assert seen.max() < 20


# Refusals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: BetaThompson(2).update(2, 1), "action is 2, but there are 2: give 0"),
        (lambda: BetaThompson(2).update(-1, 1), "action must be"),
        (lambda: BetaThompson(2).update(0, 2), "reward must be .* at most 1, got 2"),
        (lambda: UCB1(2).update(0, float("nan")), "reward must be .* got nan"),
        (lambda: LinUCB(2, 3).choose(), "LinUCB needs the context of each round"),
        (lambda: LinUCB(2, 3).choose([1, 2]), "context has 2 rows, but 3 are needed"),
        (
            lambda: LinUCB(2, 2).update(0, 1, [1, float("inf")]),
            r"context\[1\] is inf: give a finite number",
        ),
        (lambda: simulate("best", MEANS, 9), "policy is 'best': give one of this"),
        (lambda: simulate(UCB1(2), MEANS, 9), "means has 3 actions, but .* has 2"),
        (
            lambda: simulate(UCB1(3), [0.1, -0.2, 0.3], 9),
            r"means\[0, 1\] is -0.2: give a probability",
        ),
        (lambda: simulate(UCB1(2), [0.1, float("nan")], 9), r"means\[0, 1\] is nan"),
        (lambda: simulate(UCB1(3), MEANS, 0), "n_rounds must be"),
        (lambda: simulate(UCB1(3), MEANS, 9, 0), "n_repeats must be"),
        (lambda: simulate(UCB1(3), MEANS, 9, batch=0), "batch must be"),
        (lambda: simulate(LinUCB(3, 2), MEANS, 9), "LinUCB needs contexts"),
        (
            lambda: simulate(LinUCB(3, 2), MEANS, 9, contexts=[[1, 2], [3, 4]]),
            "contexts has 2 rows, but means has 1 segments",
        ),
        (
            lambda: simulate(UCB1(3), [MEANS, MEANS], 9, contexts=[0, 5]),
            r"contexts\[1\] is 5",
        ),
    ],
)
def test_refusals_name_what_is_wrong(make, words):
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize("rule", [LinUCB, LinThompson])
def test_a_context_whose_square_overflows_is_refused(rule):
    policy = rule(2, 1)
    for call in (policy.choose, lambda x: policy.update(0, 1.0, x)):
        with pytest.raises(ValueError, match=r"context\[0\] is 1e\+200"):
            call([1e200])


# Settings -----------------------------------------------------------------------------


class Policies(NamedTuple):
    name: str
    make: Callable


class TestSettings(SettingsContract):
    cases = [Policies(*pair) for pair in (*COUNTS.items(), *LINEAR.items())]

    # A policy starts in its constructor, which therefore refuses a setting.
    test_constructor_stores_its_arguments_and_nothing_else = None

    def test_another_setting_starts_anew(self, case):
        policy, fresh = case.make().update(0, 1, [1.0, 2.0]), case.make()
        policy.set_params(seed=0)
        for name, value in vars(fresh).items():
            if name != "_rng":
                np.testing.assert_array_equal(getattr(policy, name), value)

    def test_a_setting_that_is_refused_changes_and_forgets_nothing(self, case):
        """A kernel would work beyond arrays that do not fit the settings."""
        policy = case.make().update(0, 1, [1.0, 2.0])
        shown, before = repr(policy), vars(policy).copy()
        for wrong in ({"n_actions": 1}, {"n_actions": 30, "seed": -1}):
            with pytest.raises(ValueError, match=f"{[*wrong][-1]} must be"):
                policy.set_params(**wrong)
        with pytest.raises((ValueError, MemoryError, OverflowError)):
            policy.set_params(n_actions=2**62, seed=9)  # more than memory holds
        policy.set_params()
        assert repr(policy) == shown
        assert vars(policy).keys() == before.keys()
        assert all(vars(policy)[name] is before[name] for name in before)

    def test_numbers_of_other_types_are_taken_as_floats(self, case):
        """Of ``longdouble`` NumPy makes arrays that no kernel takes."""
        plain = case.make()
        floats = {n: v for n, v in plain.get_params().items() if isinstance(v, float)}
        wide = case.make().set_params(**{n: np.longdouble(floats[n]) for n in floats})
        for policy in (plain, wide):
            policy.update(0, 1, [1.0, 2.0]).choose([1.0, 2.0])
        if plain.drawn:
            chances = (policy.propensities([1.0, 2.0]) for policy in (plain, wide))
            np.testing.assert_array_equal(*chances)
        if hasattr(plain, "bounds"):
            np.testing.assert_array_equal(plain.bounds(), wide.bounds())
