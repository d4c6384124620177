"""Off-policy estimators beside plain loops, exact expectations and numbers by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recbook.marketing import ope, worlds
from recbook.marketing.ope import BanditLog

WORLD = worlds.banners()


def softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def random_case(seed, n=60, n_actions=4):
    """A log, a policy and a model whose numbers have nothing to do with each other."""
    rng = np.random.default_rng(seed)
    logging = 0.05 + 0.8 * softmax(rng.normal(size=(3, n_actions)))
    logging /= logging.sum(axis=1, keepdims=True)
    context = rng.integers(0, 3, n)
    action = np.array([rng.choice(n_actions, p=logging[x]) for x in context])
    action[:n_actions] = np.arange(n_actions)  # each is seen at least once
    reward = rng.normal(2, 1, n)
    log = BanditLog(context, action, reward, logging[context, action])
    policy = softmax(2 * rng.normal(size=(3, n_actions)))[context]
    return log, policy, rng.normal(2, 1, (n, n_actions))


# The pencil's log: A clicked, A not, A not, B clicked, B not; A has .8, B has .2.
HAND = BanditLog([0] * 5, [0, 0, 0, 1, 1], [1, 0, 0, 1, 0], [0.8] * 3 + [0.2] * 2)
ALWAYS_B = np.tile([0.0, 1.0], (5, 1))


# By hand -----------------------------------------------------------------------------


def test_the_pencils_log():
    # Weights 0, 0, 0, 1/.2, 1/.2. IPS (5 · 1 + 5 · 0)/5 = 1; SNIPS 5/10 = .5.
    np.testing.assert_allclose(ope.weights(HAND, ALWAYS_B), [0, 0, 0, 5, 5])
    ips, snips = ope.ips(HAND, ALWAYS_B), ope.snips(HAND, ALWAYS_B)
    assert ips.value == pytest.approx(1.0, abs=1e-15)
    assert snips.value == pytest.approx(0.5, abs=1e-15)
    # Terms 0, 0, 0, 5, 0: variance (4 · 1 + 16)/4 = 5, error sqrt(5/5) = 1.
    assert ips.standard_error == pytest.approx(1.0, abs=1e-15)
    # Mean weight 2; mean of w²(r - .5)² is 2 · 25 · .25/5 = 2.5; sqrt(2.5)/2/sqrt(5).
    assert snips.standard_error == pytest.approx(np.sqrt(0.125), abs=1e-15)
    # (5 + 5)²/(25 + 25) = 2 rounds count, and both with 5.
    for estimate in (ips, snips):
        assert (estimate.effective_n, estimate.max_weight) == (2.0, 5.0)
        assert estimate.mean_weight == 2.0  # (5 + 5)/5
    # Cut to 2: (2 · 1)/5, and the mean weight (2 + 2)/5.
    cut = ope.ips(HAND, ALWAYS_B, clip=2.0)
    assert (cut.value, cut.mean_weight) == pytest.approx((0.4, 0.8), abs=1e-15)


def test_the_pencils_log_with_a_model():
    q_hat = np.tile([0.3, 0.4], (5, 1))
    direct = ope.direct(HAND, ALWAYS_B, q_hat)
    assert (direct.value, direct.standard_error) == pytest.approx((0.4, 0.0), abs=1e-15)
    assert (direct.effective_n, direct.max_weight, direct.mean_weight) == (
        5.0,
        1.0,
        1.0,
    )
    # .4 + (5 · (1 - .4) + 5 · (0 - .4))/5 = .4 + .2.
    robust = ope.doubly_robust(HAND, ALWAYS_B, q_hat)
    assert robust.value == pytest.approx(0.6, abs=1e-15)
    # Corrections 0, 0, 0, 3, -2: mean .2, squares .12 + 2.8² + 2.2² = 12.8; /4/5 = .64.
    assert robust.standard_error == pytest.approx(0.8, abs=1e-15)
    switched = ope.switch_dr(HAND, ALWAYS_B, q_hat, threshold=4.9)
    assert switched.value == pytest.approx(0.4, abs=1e-15)
    assert (switched.effective_n, switched.max_weight, switched.mean_weight) == (
        0,
        0,
        0,
    )
    at = ope.switch_dr(
        HAND, ALWAYS_B, q_hat, threshold=ope.weights(HAND, ALWAYS_B).max()
    )
    assert at == robust  # a weight at the threshold still corrects


def test_cell_means_by_hand():
    log = BanditLog([0, 0, 1, 1], [0, 0, 0, 1], [1.0, 0.0, 1.0, 0.5], [0.5] * 4)
    # Action 0: mean 2/3; (1 + 2 · 2/3)/4 and (1 + 2 · 2/3)/3. Action 1: .5 all round.
    # Action 2 is never shown: the mean of all, 2.5/4.
    expected = [[7 / 12, 0.5, 0.625], [7 / 9, 0.5, 0.625]]
    np.testing.assert_allclose(ope.cell_means(log, 2, 3, damping=2), expected)
    plain = ope.cell_means(log, 3, 2, damping=0)
    np.testing.assert_allclose(plain, [[0.5, 0.5], [1.0, 0.5], [2 / 3, 0.5]])


# Plain loops -------------------------------------------------------------------------


def plain(log, policy, q_hat, threshold):
    """Every estimator in one loop, from the definitions."""
    n = len(log)
    w, terms, model = [], [], []
    for i in range(n):
        a = log.action[i]
        w.append(policy[i][a] / log.propensity[i])
        model.append(sum(p * q for p, q in zip(policy[i], q_hat[i], strict=True)))
        terms.append(w[i] * (log.reward[i] - q_hat[i][a]))
    ips = sum(w[i] * log.reward[i] for i in range(n)) / n
    snips = sum(w[i] * log.reward[i] for i in range(n)) / sum(w)
    used = [t if w[i] <= threshold else 0.0 for i, t in enumerate(terms)]
    return {
        "ips": ips,
        "clipped": sum(min(w[i], 1.5) * log.reward[i] for i in range(n)) / n,
        "snips": snips,
        "direct": sum(model) / n,
        "doubly_robust": (sum(model) + sum(terms)) / n,
        "switch_dr": (sum(model) + sum(used)) / n,
        "effective_n": sum(w) ** 2 / sum(v**2 for v in w),
        "max_weight": max(w),
        "snips_se": np.sqrt(
            sum((w[i] * (log.reward[i] - snips)) ** 2 for i in range(n))
        ) / sum(w),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_against_plain_loops(seed):
    log, policy, q_hat = random_case(seed)
    expected = plain(log, policy, q_hat, threshold=1.5)
    found = {
        "ips": ope.ips(log, policy),
        "clipped": ope.ips(log, policy, clip=1.5),
        "snips": ope.snips(log, policy),
        "direct": ope.direct(log, policy, q_hat),
        "doubly_robust": ope.doubly_robust(log, policy, q_hat),
        "switch_dr": ope.switch_dr(log, policy, q_hat, threshold=1.5),
    }
    for name, estimate in found.items():
        assert estimate.value == pytest.approx(expected[name], rel=1e-12), name
    for name in ("ips", "snips", "doubly_robust"):
        for number in ("effective_n", "max_weight"):
            assert getattr(found[name], number) == pytest.approx(expected[number])
    assert found["snips"].standard_error == pytest.approx(expected["snips_se"])
    terms = ope.weights(log, policy) * log.reward
    expected_error = terms.std(ddof=1) / np.sqrt(len(log))
    assert found["ips"].standard_error == pytest.approx(expected_error)


# Expectations, over all logs that can happen ------------------------------------------

LOGGING = np.array([[0.7, 0.3], [0.4, 0.6]])
TARGET = np.array([[0.2, 0.8], [0.9, 0.1]])
RATES = np.array([[0.3, 0.6], [0.5, 0.2]])  # of a click


def all_logs(n):
    """Each log of n rounds of two contexts and two actions, with its probability."""
    rounds = list(itertools.product((0, 1), (0, 1), (0, 1)))
    for log in itertools.product(rounds, repeat=n):
        x, a, r = np.array(log).T
        clicked = np.where(r == 1, RATES[x, a], 1 - RATES[x, a])
        yield np.prod(0.5 * LOGGING[x, a] * clicked), x, a, r.astype(float)


def expectation(estimate, n=2):
    total = 0.0
    for probability, x, a, r in all_logs(n):
        log = BanditLog(x, a, r, LOGGING[x, a])
        total += probability * estimate(log, TARGET[x])
    return total


@pytest.fixture
def everything_counts(monkeypatch):
    """Two rounds cannot show all: let the estimators take that."""
    monkeypatch.setattr("recbook.marketing.ope.support.MOST_UNSEEN", 1.0)


def true_value(policy=TARGET):
    return (policy * RATES).sum(axis=1).mean()


@pytest.mark.usefixtures("everything_counts")
def test_ips_is_right_on_average_and_clipping_is_too_low():
    assert expectation(lambda log, policy: ope.ips(log, policy).value) == pytest.approx(
        true_value(), abs=1e-12
    )
    clipped = expectation(lambda log, policy: ope.ips(log, policy, clip=1.2).value)
    assert clipped < true_value() - 0.05


@pytest.mark.usefixtures("everything_counts")
def test_doubly_robust_is_right_if_either_is():
    wrong = np.array([[0.9, 0.1], [0.2, 0.7]])  # any model, right propensities
    value = expectation(
        lambda log, policy: ope.doubly_robust(log, policy, wrong[log.context]).value
    )
    assert value == pytest.approx(true_value(), abs=1e-12)
    # And wrong propensities, halved, with the right model; IPS is then twice as much.
    total, doubled = 0.0, 0.0
    for probability, x, a, r in all_logs(2):
        log = BanditLog(x, a, r, LOGGING[x, a] / 2)
        robust = ope.doubly_robust(log, TARGET[x], RATES[x])
        total += probability * robust.value
        doubled += probability * ope.ips(log, TARGET[x]).value
    assert total == pytest.approx(true_value(), abs=1e-12)
    assert doubled == pytest.approx(2 * true_value(), abs=1e-12)


@pytest.mark.usefixtures("everything_counts")
def test_the_variance_splits_in_two_and_a_perfect_model_takes_the_second():
    w = TARGET / LOGGING
    chance = 0.5 * LOGGING  # of a context and an action
    noise = (chance * w**2 * RATES * (1 - RATES)).sum()
    signal = (chance * (w * RATES) ** 2).sum() - true_value() ** 2
    between = ((TARGET * RATES).sum(axis=1)).var()

    def variance(estimate):
        mean = expectation(estimate)
        return expectation(lambda *case: (estimate(*case) - mean) ** 2)

    found = 2 * variance(lambda log, policy: ope.ips(log, policy).value)
    assert found == pytest.approx(noise + signal, abs=1e-12)
    found = 2 * variance(
        lambda log, policy: ope.doubly_robust(log, policy, RATES[log.context]).value
    )
    assert found == pytest.approx(noise + between, abs=1e-12)


# Properties --------------------------------------------------------------------------

CASES = st.integers(0, 10_000)


@settings(max_examples=25, deadline=None)
@given(CASES)
def test_the_logging_policy_itself_earns_the_mean(seed):
    log, _, q_hat = random_case(seed)
    table = np.zeros((len(log), 4))
    rest = (1 - log.propensity) / 3
    table[:] = rest[:, None]
    table[np.arange(len(log)), log.action] = log.propensity
    mean = log.reward.mean()
    assert ope.ips(log, table).value == pytest.approx(mean)
    estimate = ope.snips(log, table)
    assert estimate.value == pytest.approx(mean)
    assert estimate.effective_n == pytest.approx(len(log))
    q_hat[np.arange(len(log)), log.action] = log.reward  # an exact model
    exact = ope.doubly_robust(log, table, q_hat).value
    assert exact == pytest.approx(ope.direct(log, table, q_hat).value)


@settings(max_examples=25, deadline=None)
@given(CASES, st.floats(-5, 5), st.floats(0.1, 10))
def test_another_scale_of_rewards(seed, shift, factor):
    """SNIPS and DR follow a shift; plain IPS is off by the mean weight."""
    log, policy, q_hat = random_case(seed)
    moved = BanditLog(
        log.context, log.action, factor * log.reward + shift, log.propensity
    )
    for name in ("snips", "doubly_robust", "ips"):
        more = [[], [q_hat]][name == "doubly_robust"]
        less = [[], [factor * q_hat + shift]][name == "doubly_robust"]
        before = getattr(ope, name)(log, policy, *more)
        after = getattr(ope, name)(moved, policy, *less)
        step = shift * (ope.weights(log, policy).mean() if name == "ips" else 1.0)
        assert after.value == pytest.approx(factor * before.value + step, abs=1e-9)
        if name != "ips":
            error = factor * before.standard_error
            assert after.standard_error == pytest.approx(error, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(CASES)
def test_bounds_and_limits(seed):
    log, policy, q_hat = random_case(seed)
    estimate = ope.snips(log, policy)
    assert log.reward.min() <= estimate.value <= log.reward.max()
    assert 1 <= estimate.effective_n <= len(log)
    ips = ope.ips(log, policy)
    assert ope.ips(log, policy, clip=1e9) == ips
    zero = np.zeros_like(q_hat)
    assert ope.doubly_robust(log, policy, zero).value == pytest.approx(ips.value)
    robust = ope.doubly_robust(log, policy, q_hat)
    assert ope.switch_dr(log, policy, q_hat, threshold=1e9) == robust
    model = ope.switch_dr(log, policy, q_hat, threshold=0).value
    assert model == pytest.approx(ope.direct(log, policy, q_hat).value)
    order = np.random.default_rng(seed).permutation(len(log))
    again = ope.snips(log.rows(order), policy[order])
    assert again.value == pytest.approx(estimate.value)


def test_the_interval_of_an_estimate():
    low, high = ope.ips(HAND, ALWAYS_B).interval
    # 1 ± 1.959964 · 1
    assert (low, high) == pytest.approx((-0.959964, 2.959964), abs=1e-6)


# Logs --------------------------------------------------------------------------------


def test_a_log_has_the_rates_of_its_policy_and_its_world():
    policy = softmax(np.arange(128.0).reshape(16, 8) % 5)
    n = 100_000
    log = ope.draw_log(WORLD, policy, n, seed=2)
    np.testing.assert_array_equal(log.propensity, policy[log.context, log.action])
    for context in (0, 15):
        shown = np.bincount(log.action[log.context == context], minlength=8)
        p = policy[context]
        spread = np.sqrt(shown.sum() * p * (1 - p))
        assert (np.abs(shown - shown.sum() * p) < 5 * spread).all()
    truth = (policy * WORLD.truth.clicks).sum(axis=1).mean()
    assert abs(log.reward.mean() - truth) < 5 * np.sqrt(truth / n)
    stays = ope.draw_log(WORLD, policy, n, seed=2, reward="minutes")
    np.testing.assert_array_equal(stays.action, log.action)
    truth = (policy * WORLD.truth.minutes).sum(axis=1).mean()
    assert abs(stays.reward.mean() - truth) < 0.02


def test_a_log_never_shows_what_has_no_chance():
    policy = np.zeros((16, 8))
    policy[:, [1, 4]] = [0.3, 0.7 - 5e-7]  # sums to nearly 1
    log = ope.draw_log(WORLD, policy, 5000)
    assert set(log.action) == {1, 4}


def test_intervals_cover_the_truth():
    """Of 100 logs, about 95 intervals hold the value; under 88 is no accident."""
    logging = 0.5 / 8 + 0.5 * softmax(20 * WORLD.truth.clicks)
    target = softmax(60 * WORLD.truth.clicks)
    truth = (target * WORLD.truth.clicks).sum(axis=1).mean()
    held = np.zeros(2)
    for seed in range(100):
        log = ope.draw_log(WORLD, logging, 2000, seed=seed)
        for k, estimate in enumerate((ope.ips, ope.snips)):
            low, high = estimate(log, target[log.context]).interval
            held[k] += low <= truth <= high
    assert (held >= 88).all()


def test_cross_fitting_uses_other_rounds():
    log, _, _ = random_case(1)
    table = ope.cross_fitted(
        log, lambda part: ope.cell_means(part, 3, 4), n_folds=3, seed=5
    )
    # At random: the rounds in the order of random numbers, dealt out in turn.
    order = np.random.default_rng(5).random(len(log)).argsort()
    fold = order % 3
    for k in range(3):
        model = ope.cell_means(log.rows(fold != k), 3, 4)
        np.testing.assert_array_equal(table[fold == k], model[log.context[fold == k]])


def test_cross_fitting_of_a_log_that_alternates():
    """Odd rounds come from one page, even ones from another: each fold knows both."""
    x = np.arange(4_000) % 2
    rng = np.random.default_rng(3)
    a, r = rng.integers(0, 2, 4_000), 1.0 + x + 0.1 * rng.normal(size=4_000)
    log = BanditLog(x, a, r, np.full(4_000, 0.5))
    q_hat = ope.cross_fitted(log, lambda part: ope.cell_means(part, 2, 2))
    np.testing.assert_allclose(q_hat[:2], [[1, 1], [2, 2]], atol=0.05)


# Lists -------------------------------------------------------------------------------


def test_lists_by_hand():
    reward = [[0, 1], [1, 1]]
    propensity, policy = [[0.5, 0.25], [0.5, 0.5]], [[0.4, 0.5], [1.0, 0.25]]
    # Ratios .8, 2 and 2, .5. Standard: 1.6 · 1 and 1 · 2, mean 1.8.
    # Cascade: .8 · 0 + 1.6 · 1 and 2 · 1 + 1 · 1, mean 2.3.
    # Independent: 2 · 1 and 2 + .5, mean 2.25.
    for kind, value, most in [("standard", 1.8, 1.6), ("cascade", 2.3, 2.0),
                              ("independent", 2.25, 2.0)]:  # fmt: skip
        estimate = ope.slate_ips(reward, propensity, policy, kind)
        assert estimate.value == pytest.approx(value), kind
        assert estimate.max_weight == pytest.approx(most), kind
    # Two lists of 1.6 and 1: (2.6)²/(2.56 + 1) = 1.899; the error |1.6 - 2|/2.
    standard = ope.slate_ips(reward, propensity, policy)
    assert standard.effective_n == pytest.approx(6.76 / 3.56)
    assert standard.standard_error == pytest.approx(0.2)
    # At the first place weights .8 and 2, at the second 1.6 and 1: the worse is the
    # first, (2.8)²/(.64 + 4) = 1.690.
    cascade = ope.slate_ips(reward, propensity, policy, "cascade")
    assert cascade.effective_n == pytest.approx(7.84 / 4.64)
    # Mean weights 1.4 and 1.3: the first is further from 1.
    assert cascade.mean_weight == pytest.approx(1.4)


def test_lists_of_one_place_are_ips():
    log, policy, _ = random_case(3)
    mine = policy[np.arange(len(log)), log.action][:, None]
    for kind in ("standard", "cascade", "independent"):
        estimate = ope.slate_ips(
            log.reward[:, None], log.propensity[:, None], mine, kind
        )
        assert estimate.value == pytest.approx(ope.ips(log, policy).value)
        assert estimate.standard_error == pytest.approx(
            ope.ips(log, policy).standard_error
        )


def test_independent_weights_are_wrong_under_a_cascade():
    """Expectations over all lists of two of three: right for two kinds of weights."""
    items = np.array([0.2, 0.3, 0.5])
    target = np.array([0.6, 0.3, 0.1])

    def given_first(p, first, second):
        return p[second] / (1 - p[first])

    total = dict.fromkeys(("standard", "cascade", "independent"), 0.0)
    truth = 0.0
    for first, second in itertools.permutations(range(3), 2):
        at_second = sum(
            items[f] * given_first(items, f, second) for f in range(3) if f != second
        )
        target_second = sum(
            target[f] * given_first(target, f, second) for f in range(3) if f != second
        )
        mu = [items[first], given_first(items, first, second)]
        pi = [target[first], given_first(target, first, second)]
        reward = [0.1 * first, 0.5 if first < second else 0.1]  # hangs on what is above
        truth += pi[0] * pi[1] * sum(reward)
        for kind in total:
            odds, new = np.array([mu, mu]), np.array([pi, pi])
            if kind == "independent":
                odds[:, 1], new[:, 1] = at_second, target_second
            value = ope.slate_ips([reward] * 2, odds, new, kind).value
            total[kind] += mu[0] * mu[1] * value
    assert total["standard"] == pytest.approx(truth, abs=1e-12)
    assert total["cascade"] == pytest.approx(truth, abs=1e-12)
    assert abs(total["independent"] - truth) > 0.01


# Support -----------------------------------------------------------------------------


def shown(odds, n, seed):
    """Contexts, actions and clicks of n rounds, drawn with odds (n_contexts, K)."""
    rng = np.random.default_rng([seed, 28])
    x = rng.integers(0, len(odds), n)
    a = (rng.random(n)[:, None] >= np.cumsum(odds, axis=1)[x]).sum(axis=1)
    return x, a, (rng.random(n) < 0.05).astype(float)


ESTIMATORS = {
    "ips": ope.ips,
    "snips": ope.snips,
    "doubly_robust": lambda *case: ope.doubly_robust(
        *case, np.full((len(case[0]), 3), 0.1)
    ),
    "switch_dr": lambda *case: ope.switch_dr(*case, np.full((len(case[0]), 3), 0.1)),
}


@pytest.mark.parametrize("estimate", ESTIMATORS.values(), ids=ESTIMATORS)
def test_off_support_for_one_kind_of_visitor_is_refused(estimate):
    odds = np.array([[0.5, 0.5, 0.0], [0.3, 0.3, 0.4]])  # kind 0 never sees banner 2
    x, a, r = shown(odds, 5_000, seed=1)
    log = BanditLog(x, a, r, odds[x, a])
    to_two = np.tile([0.1, 0.1, 0.8], (5_000, 1))
    with pytest.raises(
        ValueError, match=r"takes action 2 in .* worst: context 0: show"
    ):
        estimate(log, to_two)
    # Kind 1 alone can be asked about, and so can a policy that keeps off banner 2.
    ones = log.context == 1
    assert 0.95 < estimate(log.rows(ones), to_two[ones]).mean_weight < 1.05
    estimate(log, np.tile([0.9, 0.1, 0.0], (5_000, 1)))


@pytest.mark.parametrize("estimate", ESTIMATORS.values(), ids=ESTIMATORS)
def test_propensities_that_are_not_those_of_the_draw_are_refused(estimate):
    odds = np.array([[0.6, 0.3, 0.1], [0.1, 0.2, 0.7]])
    x, a, r = shown(odds, 5_000, seed=2)
    policy = np.tile([0.1, 0.1, 0.8], (5_000, 1))
    even = BanditLog(x, a, r, np.full(5_000, 1 / 3))
    with pytest.raises(
        ValueError, match=r"the weights average 1\.\d\d, not 1: the prop"
    ):
        estimate(even, policy)
    w = ope.weights(even, policy)  # which can be looked at
    assert w.mean() > 1.1
    # Too many of kind 1 saw banner 2; the odds there were .7 and not .33.
    with pytest.raises(
        ValueError, match=r"worst: context 1, action 2, with 40.* % of the"
    ):
        estimate(even, policy)
    with pytest.raises(
        ValueError, match=r"average 0\.5\d, not 1: for 4\d % of the policy.s cho"
    ):
        estimate(
            BanditLog(x, a, r, np.minimum(2 * odds[x, a], 1)), policy[:, [1, 2, 0]]
        )


def test_one_banner_for_each_kind_of_visitor_is_no_lot():
    """Each banner was shown to somebody, all rounds count, and half is unknown."""
    x = np.arange(1_000) % 2
    log = BanditLog(x, x, x.astype(float), np.ones(1_000))
    with pytest.raises(ValueError, match=r"takes action [01] in 25.0 % of its choices"):
        ope.snips(log, np.full((1_000, 2), 0.5))
    # Odds that do not add up cannot say so, but the mean weight does.
    log = BanditLog(x, x, x.astype(float), np.full(1_000, 0.9))
    with pytest.raises(
        ValueError, match=r"average 0.56, not 1: for 44 % of the policy.s choices"
    ):
        ope.snips(log, np.full((1_000, 2), 0.5))


def test_good_logs_are_not_refused_however_heavy_their_weights():
    """300 logs with the right odds, some with a few rounds of large weight."""
    rng = np.random.default_rng(28)
    for draw in range(300):
        n = (300, 1_000, 10_000)[draw % 3]
        spread = (0.3, 0.5, 3.0)[draw % 7 % 3]
        odds, policy = rng.gamma(spread, 1.0, (2, 16, 8)) + 1e-9
        odds = 0.98 * odds / odds.sum(axis=1, keepdims=True) + 0.02 / 8
        policy /= policy.sum(axis=1, keepdims=True)
        x, a, r = shown(odds, n, draw)
        estimate = ope.snips(BanditLog(x, a, r, odds[x, a]), policy[x])
        assert estimate.max_weight > estimate.mean_weight > 0.3


def test_lists_whose_weights_do_not_average_one():
    rng = np.random.default_rng(0)
    reward = (rng.random((2_000, 2)) < 0.1).astype(float)
    odds = np.tile([0.5, 0.5], (2_000, 1))
    policy = np.tile([0.5, 0.2], (2_000, 1))  # of the items that were shown there
    with pytest.raises(ValueError, match=r"weights of position 1 average 0.40, not 1"):
        ope.slate_ips(reward, odds, policy, "independent")
    policy[:, 1] = 0.0  # what it would show there, no list has
    for kind in ("independent", "cascade"):
        with pytest.raises(
            ValueError, match=r"weights of position 1 average 0.00, not"
        ):
            ope.slate_ips(reward, odds, policy, kind)


# Refusals ----------------------------------------------------------------------------

GOOD = {"context": [0, 0, 1], "action": [0, 1, 1], "reward": [1, 0, 2],
        "propensity": [0.5, 0.5, 1.0]}  # fmt: skip
LOG = BanditLog(**GOOD)
OPEN = BanditLog(**{**GOOD, "propensity": [0.5, 0.5, 0.9]})  # room for action 0
HALF = np.full((3, 2), 0.5)
LONG = np.array([[0.5, 0.5], [0.5, 0.5]])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"propensity": [0.5, 0.0, 1]},
            r"propensity\[1\] is 0.0: give the probability",
        ),
        ({"propensity": [0.5, 1.2, 1]}, r"propensity\[1\] is 1.2"),
        ({"propensity": [0.5, np.nan, 1]}, r"propensity\[1\] is nan"),
        ({"propensity": [0.5, 1]}, "propensity has 2 rows, but 3 are needed"),
        ({"reward": [1, np.inf, 0]}, r"reward\[1\] is inf: give a finite number"),
        ({"reward": [1, 0]}, "reward has 2 rows, but 3 are needed"),
        ({"context": [0, 0]}, "context has 2 rows, but 3 are needed"),
        ({"context": [0, -1, 0]}, r"context\[1\] is -1"),
        ({"action": [0, 1.0, 1]}, "action must hold integer codes"),
        ({"action": [0]}, "action has 1 samples: a log needs at least two"),
    ],
)
def test_refusals_of_a_log(change, words):
    with pytest.raises(ValueError, match=words):
        BanditLog(**{**GOOD, **change})


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ope.ips(LOG, HALF[:2]), "policy has 2 rows, but 3 are needed"),
        (lambda: ope.ips(LOG, [0.5, 0.5]), "policy must have a row for each"),
        (lambda: ope.snips(LOG, HALF * 1.1), r"policy\[0\] sums to 1.1"),
        (lambda: ope.snips(LOG, [[1.5, -0.5]] * 3), r"policy\[0, 1\] is -0.5"),
        (lambda: ope.snips(LOG, [[np.nan, 1]] * 3), r"policy\[0, 0\] is nan"),
        (
            lambda: ope.ips(LOG, [[1.0]] * 3),
            r"log.action\[1\] is 1, but the policy has",
        ),
        (lambda: ope.ips(LOG, [[0.5, 0.3, 0.2]] * 3), "action 2 in 20.0 % of its"),
        (
            lambda: ope.doubly_robust(LOG, [[0.0, 0.0, 1.0]] * 3, np.zeros((3, 3))),
            "action 2 in 100.0 %",
        ),
        (lambda: ope.ips(OPEN, [[0, 1], [1, 0], [1, 0]]), "never takes the action of"),
        (lambda: ope.ips(LOG, HALF), "action 0 in 16.7 % of its .* worst: context 1"),
        (lambda: ope.ips(LOG, HALF, clip=0), "clip must be"),
        (lambda: ope.ips(LOG, HALF, clip=np.nan), "clip must be"),
        (lambda: ope.direct(LOG, HALF, HALF[:2]), r"q_hat has shape \(2, 2\)"),
        (lambda: ope.direct(LOG, HALF, HALF * np.inf), r"q_hat\[0, 0\] is inf"),
        (lambda: ope.switch_dr(LOG, HALF, HALF, -1), "threshold must be"),
        (lambda: ope.cell_means(LOG, 1, 2), r"log.context\[2\] is 1"),
        (lambda: ope.cell_means(LOG, 2, 1), r"log.action\[1\] is 1"),
        (lambda: ope.cell_means(LOG, 2, 2, -1), "damping must be"),
        (lambda: ope.cross_fitted(LOG, lambda part: HALF, 1), "n_folds must be"),
        (lambda: ope.cross_fitted(LOG, lambda part: HALF, 3), None),
        (lambda: ope.cross_fitted(LOG, lambda part: HALF, 4), "only 3 samples"),
        (lambda: ope.draw_log(WORLD, HALF, 5), r"policy has shape \(3, 2\)"),
        (lambda: ope.draw_log(WORLD, np.full((16, 8), 0.125), 1), "n must be"),
        (lambda: ope.draw_log(WORLD, HALF, 5, reward="euros"), "reward must be"),
        (lambda: ope.slate_ips(LONG, LONG, LONG, "ranked"), "kind must be"),
        (lambda: ope.slate_ips(LONG[:1], LONG[:1], LONG[:1]), "reward has 1 lists"),
        (lambda: ope.slate_ips(LONG, LONG[:, :1], LONG), r"propensity has shape"),
        (lambda: ope.slate_ips(LONG, [[0.5, 0], [1, 1]], LONG), r"propensity\[0, 1\]"),
        (lambda: ope.slate_ips(LONG, LONG, LONG * 3), r"policy\[0, 0\] is 1.5"),
        (lambda: ope.slate_ips(LONG, LONG, LONG * 0), "policy never shows a list"),
    ],
)
def test_refusals(call, words):
    if words is None:
        assert call().shape == (3, 2)
        return
    with pytest.raises(ValueError, match=words):
        call()


def test_weights_that_overflow():
    tiny = BanditLog([0, 0], [0, 1], [1.0, 0.0], [5e-324, 0.5])
    for call in (ope.weights, ope.ips, ope.snips):
        with pytest.raises(ValueError, match=r"propensity\[0\] is 5e-324: the weight"):
            call(tiny, LONG)
    large = BanditLog([0, 0], [0, 1], [1e300, 0.0], [1e-10, 0.5])
    with pytest.raises(ValueError, match="weights times rewards overflow"):
        ope.ips(large, LONG)
    heavy = BanditLog([0, 0], [0, 1], [1.0, 0.0], [1e-200, 0.5])
    estimate = ope.snips(heavy, LONG)  # all is in one round, and it says so
    assert (estimate.value, estimate.effective_n) == pytest.approx((1.0, 1.0))
    with pytest.raises(ValueError, match="weight of list 0 overflows"):
        ope.slate_ips(LONG, [[1e-200, 1e-200], [1, 1]], LONG)
    with pytest.raises(ValueError, match="weights times rewards overflow"):
        ope.slate_ips(LONG * 1e300, [[1e-10, 1e-10], [1, 1]], LONG)


def test_equal_rewards_have_no_spread():
    silent = BanditLog([0, 0, 1], [0, 1, 1], [0, 0, 0], [0.5, 0.5, 0.9])
    for call in (ope.ips, ope.snips):
        estimate = call(silent, HALF)
        assert (estimate.value, estimate.standard_error) == (0.0, 0.0)


# The difference to the policy of the log ---------------------------------------------


def test_the_gain_on_the_pencils_log():
    # SNIPS .5 less the mean reward .4. Weights over their mean: 0, 0, 0, 2.5, 2.5, so
    # u = -.6, .4, .4, 2.5 · .5 - .6 = .65, -2.5 · .5 + .4 = -.85, whose squares are
    # .36 + .16 + .16 + .4225 + .7225 = 1.825; error sqrt(1.825)/5.
    effect = ope.gain(HAND, ALWAYS_B)
    assert effect.value == pytest.approx(0.1, abs=1e-15)
    assert effect.standard_error == pytest.approx(np.sqrt(1.825) / 5, abs=1e-15)
    # With a model that says .4 of B: terms less rewards .4 - 1, .4, .4, .4 + 3 - 1,
    # .4 - 2 = -.6, .4, .4, 2.4, -1.6, mean .2; squares about it .64 + .04 + .04 + 4.84
    # + 3.24 = 8.8; error sqrt(8.8/4/5).
    robust = ope.gain(HAND, ALWAYS_B, np.tile([0.0, 0.4], (5, 1)))
    assert robust.value == pytest.approx(0.2, abs=1e-15)
    assert robust.standard_error == pytest.approx(np.sqrt(0.44), abs=1e-15)


def test_the_gain_of_the_policy_of_the_log_is_nothing_for_sure():
    logging = np.array([[0.5, 0.5], [0.2, 0.8]])
    context = np.repeat([0, 1], 200)
    action = np.random.default_rng(1).random(400) > logging[context, 0]
    log = BanditLog(context, action * 1, np.arange(400.0), logging[context, action * 1])
    effect = ope.gain(log, logging[context])
    assert (effect.value, effect.standard_error, effect.p) == (0, 0, 1)


@pytest.mark.parametrize("seed", range(4))
def test_the_gain_is_a_plain_loop_over_samples(seed):
    log, policy, q_hat = random_case(seed)
    w = [policy[i, log.action[i]] / log.propensity[i] for i in range(len(log))]
    value = sum(w[i] * log.reward[i] for i in range(len(log))) / sum(w)
    mean, squares, terms = sum(log.reward) / len(log), 0.0, []
    for i, r in enumerate(log.reward):
        squares += (w[i] / np.mean(w) * (r - value) - (r - mean)) ** 2
        base = sum(policy[i, a] * q_hat[i, a] for a in range(policy.shape[1]))
        terms.append(base + w[i] * (r - q_hat[i, log.action[i]]) - r)
    plain, robust = ope.gain(log, policy), ope.gain(log, policy, q_hat)
    assert plain.value == pytest.approx(value - mean)
    assert plain.standard_error == pytest.approx(squares**0.5 / len(log))
    assert robust.value == pytest.approx(np.mean(terms))
    assert robust.standard_error == pytest.approx(np.std(terms, ddof=1) / 60**0.5)


def test_the_gain_knows_the_columns_of_frames():
    import pandas as pd

    log, policy, q_hat = random_case(1)
    turned = [pd.DataFrame(t)[[3, 1, 0, 2]] for t in (policy, q_hat)]
    for frames, arrays in ((turned, (policy, q_hat)), (turned[:1], (policy,))):
        found, wanted = ope.gain(log, *frames), ope.gain(log, *arrays)
        assert found.value == pytest.approx(wanted.value)
        assert found.standard_error == pytest.approx(wanted.standard_error)


def test_the_gain_asks_what_its_estimators_ask():
    with pytest.raises(ValueError, match="never shows it"):
        ope.gain(HAND, np.tile([0.0, 0.5, 0.5], (5, 1)))
    with pytest.raises(ValueError, match="q_hat has shape"):
        ope.gain(HAND, ALWAYS_B, np.zeros((5, 3)))


def test_the_gain_of_the_own_policy_is_not_what_rounding_leaves():
    # Thirds: weights differ from 1 in the last bit, and no decision may hang on it.
    log = BanditLog([0] * 9, [0, 1, 2] * 3, np.arange(9.0), [1 / 3] * 9)
    policy = np.full((9, 3), 1 / 3 + 1e-16)
    effect = ope.gain(log, policy / policy.sum(axis=1, keepdims=True) * (1 - 2e-16))
    assert (effect.value, effect.interval) == (0, (0, 0))
