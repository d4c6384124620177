"""Examination and attraction: models, propensities, counts, beside plain loops."""

import itertools
import math

import numpy as np
import pytest
from estimators import EstimatorContract, Example
from scipy import optimize

from recbook.base import DivergenceError
from recbook.marketing import positions, worlds

WORLD = worlds.product_lists(n_lists=4, n_products=5, seed=3)
COLUMNS = ["item", "position", "clicked"]


def arrays(log, *names):
    return [log[name].to_numpy() for name in names or COLUMNS]


@pytest.fixture(scope="module")
def log():
    return WORLD.log(3000, shares=(1, 1, 1), seed=1)


def impressions(rng):
    """A small log in which all items were at all positions, and clicked."""
    item, position = np.repeat([0, 1, 2], 40), np.tile([1, 2, 3, 4], 30)
    clicked = rng.random(120) < 0.9 / position / (1 + item)
    clicked[:12] = np.arange(12) % 3 > 0
    return {"item": item, "position": position, "clicked": clicked * 1}


class TestPositionBased(EstimatorContract):
    cases = [
        Example(positions.PositionBased, impressions, {"predict": ("item", "position")})
    ]


class TestCascade(EstimatorContract):
    cases = [
        Example(
            positions.Cascade,
            lambda rng: {"session": np.arange(120) // 4} | impressions(rng),
            {"predict": ("session", "item", "position")},
        )
    ]


# The position-based model ------------------------------------------------------------


def minus_likelihood(parameters, item, position, clicked, n_positions):
    """Of all impressions, one by one, with ln θ_1 = 0."""
    theta = np.append(0.0, parameters[: n_positions - 1])
    gamma = parameters[n_positions - 1 :]
    total = 0.0
    for i, k, c in zip(item, position, clicked, strict=True):
        p = math.exp(min(theta[k - 1] + gamma[i], -1e-9))
        total -= math.log(p) if c else math.log(1 - p)
    return total


def test_the_fit_is_the_top_of_the_likelihood():
    item, position, clicked = impressions(np.random.default_rng(4)).values()
    model = positions.PositionBased().fit(item, position, clicked)
    found = optimize.minimize(
        minus_likelihood,
        np.full(6, -1.0),
        (item, position, clicked, 4),
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000},
    )
    np.testing.assert_allclose(model.log_likelihood_, -found.fun, rtol=1e-9)
    logs = np.log(np.append(model.examination_[1:], model.attraction_))
    np.testing.assert_allclose(logs, found.x, atol=1e-4)
    assert model.examination_[0] == 1


def test_em_by_plain_loops_climbs_to_the_same_model(log):
    item, position, clicked = arrays(log)
    theta, gamma = np.full(5, 0.5), np.full(20, 0.2)
    n, c = np.zeros((2, 20, 5))
    for i, k, click in zip(item, position, clicked, strict=True):
        n[i, k - 1] += 1
        c[i, k - 1] += click
    for _ in range(3000):
        p = np.outer(gamma, theta)
        misses = (n - c) / (1 - p)
        one = (c + misses * (theta - p)).sum(axis=0) / n.sum(axis=0)
        other = (c + misses * (gamma[:, None] - p)).sum(axis=1) / n.sum(axis=1)
        theta, gamma = one, other
    model = positions.PositionBased().fit(item, position, clicked)
    np.testing.assert_allclose(model.examination_, theta / theta[0], rtol=1e-6)
    np.testing.assert_allclose(model.attraction_, gamma * theta[0], rtol=1e-6)
    assert model.n_iter_ < 30


def test_clicks_are_as_many_as_were_predicted_for_each_item_and_position(log):
    """The slopes of the likelihood, in the form that does not need the model."""
    item, position, clicked = arrays(log)
    model = positions.PositionBased().fit(item, position, clicked)
    p = model.predict(item, position)
    slope = (clicked - p) / (1 - p)
    for codes in (item, position):
        np.testing.assert_allclose(np.bincount(codes, slope), 0, atol=1e-7)


def test_the_error_is_that_of_the_whole_information(log):
    """Items solved out by blocks, beside the inverse of the full matrix."""
    item, position, clicked = arrays(log)
    model = positions.PositionBased().fit(item, position, clicked)
    p = model.predict(item, position)
    design = np.zeros((len(item), 4 + 20))
    lower = position > 1
    design[np.flatnonzero(lower), position[lower] - 2] = 1
    design[np.arange(len(item)), 4 + item] = 1
    covariance = np.linalg.inv((design.T * (p / (1 - p))) @ design)
    relative = np.sqrt(np.diag(covariance)[:4])
    ours = model.estimates_.standard_error / model.examination_
    np.testing.assert_allclose(ours, np.append(0, relative), rtol=1e-8)


def test_a_model_at_its_edge_stays_a_model():
    """Item 0 is always clicked at position 1: its probability there is 1."""
    item, position = np.repeat([0, 1], 40), np.tile(np.repeat([1, 2], 20), 2)
    clicked = np.array([1] * 20 + [1] * 10 + [0] * 10 + [1] * 8 + [0] * 12 + [1] * 4
                       + [0] * 16)  # fmt: skip
    model = positions.PositionBased(100_000).fit(item, position, clicked)
    assert model.attraction_.max() <= 1
    np.testing.assert_allclose(model.attraction_, [1.0, 0.4], atol=1e-3)
    np.testing.assert_allclose(model.examination_, [1.0, 0.5], atol=1e-3)
    assert np.isfinite(model.estimates_.standard_error).all()


def test_an_item_without_a_click_or_an_impression_has_a_value():
    item = np.repeat([0, 1, 3], 40)
    position = np.tile(np.repeat([1, 2], 20), 3)
    clicked = np.tile(np.arange(20) < 8, 6) & (item != 3)
    model = positions.PositionBased().fit(item, position, clicked)
    assert model.attraction_[3] == 0  # shown, never clicked
    np.testing.assert_allclose(model.attraction_[2], 0.8 / 3)  # the mean of the three


def test_one_position_is_the_click_rate():
    model = positions.PositionBased().fit([0, 0, 1, 1, 1], [1] * 5, [1, 0, 1, 0, 0])
    np.testing.assert_allclose(model.attraction_, [1 / 2, 1 / 3])
    assert model.examination_.tolist() == [1.0]


@pytest.mark.parametrize(
    ("item", "position", "words"),
    [
        ([0, 0, 1, 1], [1, 1, 2, 2], "position 2 shares no item .* with position 1"),
        ([0, 0, 1, 1], [1, 1, 3, 3], "position has no 2, but has 3: .* without a gap"),
        ([0, 0, 0, 0], [1, 2, 1, 2], "position 2 has no click"),
        ([0, 0, 0, 0], [0, 1, 1, 1], r"position\[0\] is 0.0: .* at least 1"),
        ([0, 0, 0, 0.5], [1, 1, 1, 1], r"item\[3\] is 0.5: give a whole number"),
        (["a", "b", "c", "d"], [1, 1, 1, 1], r"item\[0\] is 'a', .* pd.factorize"),
        ([0, 0, 10**9, 1], [1, 2, 1, 2], r"item\[2\] is 1000000000, .* pd.factorize"),
    ],
)
def test_logs_that_tell_nothing_are_refused(item, position, words):
    with pytest.raises(ValueError, match=words):
        positions.PositionBased().fit(item, position, [1, 0, 1, 0])


def test_positions_linked_by_a_chain_of_items_are_taken():
    """Item 0 links 1 and 2, item 1 links 2 and 3; no item was at 1 and at 3."""
    item = np.repeat([0, 0, 1, 1], 10)
    position = np.repeat([1, 2, 2, 3], 10)
    clicked = np.concatenate([np.arange(10) < c for c in (8, 4, 4, 2)])
    model = positions.PositionBased().fit(item, position, clicked)
    np.testing.assert_allclose(model.examination_, [1, 0.5, 0.25], atol=1e-9)
    harvested = positions.harvest_propensities(item, position, clicked)
    np.testing.assert_allclose(harvested.value, [1, 0.5, 0.25])


def test_too_few_steps_are_an_error(log):
    with pytest.raises(DivergenceError, match="n_iterations=2 steps"):
        positions.PositionBased(2).fit(*arrays(log))


def test_what_fit_did_not_see_is_not_predicted(log):
    model = positions.PositionBased().fit(*arrays(log))
    with pytest.raises(ValueError, match=r"item\[1\] is 20, but fit saw no item above"):
        model.predict([0, 20], [1, 1])
    with pytest.raises(ValueError, match=r"position\[0\] is 6, but fit saw no pos"):
        model.predict([0], [6])


# The cascade -------------------------------------------------------------------------


def test_the_cascade_by_a_plain_loop():
    world = worlds.product_lists(4, 5, decay=0.5, behaviour="positions", seed=2)
    log = world.log(400, seed=3)  # lists have several clicks: the first one counts
    shuffled = log.sample(frac=1, random_state=1)
    examined, clicks = np.zeros((2, 20))
    for _, rows in log.groupby("session"):
        for row in rows.sort_values("position").itertuples():
            examined[row.item] += 1
            clicks[row.item] += row.clicked
            if row.clicked:
                break
    model = positions.Cascade().fit(*arrays(shuffled, "session", *COLUMNS))
    np.testing.assert_array_equal(model.examined_, examined)
    np.testing.assert_allclose(model.attraction_, clicks / examined)
    one, n = model.attraction_[7], examined[7]
    error = model.estimates_.standard_error[7]
    np.testing.assert_allclose(error, math.sqrt(one * (1 - one) / n))


def test_the_cascade_predicts_one_click_for_a_list_at_most():
    world = worlds.product_lists(4, 5, decay=0.0, behaviour="cascade", seed=2)
    log = world.log(2000, seed=3)
    model = positions.Cascade().fit(*arrays(log, "session", *COLUMNS))
    p = model.predict(*arrays(log, "session", "item", "position"))
    gamma = model.attraction_[log["item"]].reshape(-1, 5)
    for k in range(5):
        expected = gamma[:, k] * np.prod(1 - gamma[:, :k], axis=1)
        np.testing.assert_allclose(p.reshape(-1, 5)[:, k], expected, rtol=1e-10)
    assert abs(p.sum() - log["clicked"].sum()) < 5 * math.sqrt(p.sum())


def test_an_item_that_nobody_reached_has_the_mean_share():
    model = positions.Cascade().fit(
        [0, 0, 1, 1], [0, 1, 0, 1], [1, 2, 1, 2], [1, 0] * 2
    )
    assert model.examined_.tolist() == [2, 0]
    assert model.attraction_.tolist() == [1.0, 1.0]
    np.testing.assert_allclose(
        model.predict([5, 5], [0, 1], [1, 2]), [1, 0], atol=1e-12
    )


def test_a_frame_is_no_column():
    frame = WORLD.log(3)[["item"]]
    with pytest.raises(ValueError, match="item must be a flat list"):
        positions.ips_attraction(frame, [1] * len(frame), [1] * len(frame), [1.0])


@pytest.mark.parametrize("session", [["x"] * 4, [2**60] * 4])
def test_ids_of_lists_are_made_codes(session):
    with pytest.raises(ValueError, match=r"session\[0\] is .* pd.factorize"):
        positions.Cascade().fit(session, [0, 1, 2, 3], [1, 2, 3, 4], [0, 0, 0, 1])


def test_codes_of_lists_may_be_long():
    log = [0, 1, 0, 1], [1, 2, 1, 2], [0, 1, 1, 0]
    found = positions.Cascade().fit([10**12, 10**12, 5, 5], *log)
    assert found.attraction_.tolist() == [0.5, 1.0]


def test_a_list_with_a_position_twice_is_refused():
    with pytest.raises(ValueError, match="session 3 has two impressions at position 1"):
        positions.Cascade().fit([3, 3], [0, 1], [1, 1], [0, 1])


# Propensities ------------------------------------------------------------------------


def test_swaps_by_hand():
    """1,000 lists as ranked, 200 clicks; 1,000 with the product at 2, 90 clicks."""
    position = np.repeat([1, 2], 1000)
    clicked = np.concatenate([np.arange(1000) < 200, np.arange(1000) < 90])
    found = positions.swap_propensities(position, clicked)
    # .09 / .20 = .45; 1/90 - 1/1000 + 1/200 - 1/1000 = .01411, root .1188; e^.2328
    np.testing.assert_allclose(found.value, [1, 0.45])
    np.testing.assert_allclose(found.standard_error, [0, 0.45 * 0.11879], rtol=1e-4)
    np.testing.assert_allclose(found.high[1], 0.45 * math.exp(0.23282), rtol=1e-4)
    np.testing.assert_allclose(found.low[1] * found.high[1], 0.45**2)


def test_two_positions_are_harvested_by_mantel_and_haenszel():
    rng = np.random.default_rng(2)
    item, position = rng.integers(0, 6, 900), rng.integers(1, 3, 900)
    item[position == 2] %= 5  # item 5 was at position 1 alone, and tells nothing
    clicked = rng.random(900) < (0.1 + 0.1 * item) / position
    top = bottom = 0.0
    for i in range(5):
        n = [(position[item == i] == k).sum() for k in (1, 2)]
        c = [clicked[(item == i) & (position == k)].sum() for k in (1, 2)]
        top += c[1] * n[0] / sum(n)
        bottom += c[0] * n[1] / sum(n)
    found = positions.harvest_propensities(item, position, clicked)
    np.testing.assert_allclose(found.value, [1, top / bottom])


def test_the_harvest_weighs_all_pairs(log):
    """Least squares by a plain loop over pairs, weights from the cells' rates."""
    item, position, clicked = arrays(log)
    n, c = np.zeros((2, 20, 5))
    np.add.at(n, (item, position - 1), 1)
    np.add.at(c, (item, position - 1), clicked)
    rate = c / np.maximum(n, 1)
    spread = rate * (1 - rate) / np.maximum(n, 1)
    rows, logs, weights = [], [], []
    for m, k in itertools.combinations(range(5), 2):
        a = np.divide(n[:, k] * n[:, m], n[:, k] + n[:, m], where=n[:, k] + n[:, m] > 0,
                      out=np.zeros(20))  # fmt: skip
        one, other = a @ rate[:, k], a @ rate[:, m]
        rows.append((np.arange(5) == k) * 1.0 - (np.arange(5) == m))
        logs.append(math.log(one / other))
        weights.append(
            1 / (a**2 @ spread[:, k] / one**2 + a**2 @ spread[:, m] / other**2)
        )
    root = np.sqrt(weights)[:, None]
    design = np.array(rows)[:, 1:] * root
    theta = np.linalg.lstsq(design, np.array(logs) * root[:, 0])[0]
    found = positions.harvest_propensities(item, position, clicked)
    np.testing.assert_allclose(np.log(found.value[1:]), theta)


def test_swaps_of_one_product_are_a_harvest_and_a_model():
    """With one item, all three are the same ratio with the same error."""
    rng = np.random.default_rng(5)
    position = rng.integers(1, 4, 3000)
    clicked = rng.random(3000) < 0.4 / position
    item = np.zeros(3000, dtype=int)
    swaps = positions.swap_propensities(position, clicked)
    harvest = positions.harvest_propensities(item, position, clicked)
    model = positions.PositionBased().fit(item, position, clicked).estimates_
    for found in (harvest, model):
        np.testing.assert_allclose(found.value, swaps.value, rtol=1e-8)
        error = found.standard_error
        np.testing.assert_allclose(error, swaps.standard_error, rtol=1e-8)


def test_what_nothing_links_is_not_harvested():
    with pytest.raises(ValueError, match="no item with clicks at two positions"):
        positions.harvest_propensities([0, 1], [1, 2], [1, 1])
    item, position = np.repeat([0, 0, 1, 1], 5), np.repeat([1, 2, 3, 4], 5)
    with pytest.raises(ValueError, match="groups that share no item with clicks"):
        positions.harvest_propensities(item, position, np.arange(20) % 2)
    with pytest.raises(ValueError, match="position 2 has no click"):
        positions.swap_propensities([1, 2], [1, 0])


@pytest.mark.parametrize("n", [1, 2])
def test_a_harvest_of_few_impressions_each_knows_its_error(n):
    """Click rates of 0 and 1 have no spread of their own, and yet an error."""
    theta, off = 1 / np.arange(1, 4), []
    item, position = np.repeat(np.arange(800), 3 * n), np.tile([1, 2, 3], 800 * n)
    for seed in range(60):
        rng = np.random.default_rng(seed)
        chance = rng.uniform(0.05, 0.4, 800)[item] * theta[position - 1]
        found = positions.harvest_propensities(
            item, position, rng.random(len(item)) < chance
        )
        relative = (found.standard_error / found.value)[1:]
        off.append(np.log(found.value / theta)[1:] / relative)
    assert 0.8 < np.std(off) < (1.4 if n == 1 else 1.2)
    assert abs(np.mean(off)) < 0.4


def test_many_items_of_few_impressions_mislead_the_model_and_not_the_harvest():
    theta, found = 1 / np.arange(1, 6), []
    item, position = np.repeat(np.arange(1000), 5), np.tile([1, 2, 3, 4, 5], 1000)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        chance = rng.uniform(0.02, 0.3, 1000)[item] * theta[position - 1]
        log = item, position, rng.random(5000) < chance
        model = positions.PositionBased().fit(*log).examination_
        found.append([model, positions.harvest_propensities(*log).value])
    model, harvest = np.log(found / theta)[:, :, 1:].mean(axis=(0, 2))
    assert model < -0.15
    assert abs(harvest) < 0.05


def test_a_harvest_of_clicks_without_a_miss():
    found = positions.harvest_propensities([0] * 4, [1, 1, 2, 2], [1] * 4)
    assert found.value.tolist() == [1.0, 1.0]
    assert found.standard_error.tolist() == [0.0, 0.0]


# Counts ------------------------------------------------------------------------------


def test_weights_and_expectations_by_hand():
    item, position = [0, 0, 0, 0, 1, 1], [1, 1, 2, 2, 2, 2]
    clicked, theta = [1, 0, 1, 0, 1, 0], [1.0, 0.25]
    ips = positions.ips_attraction(item, position, clicked, theta)
    assert ips.value.tolist() == [5 / 4, 2.0]  # (1 + 4) / 4 and 4 / 2
    # Item 0: 1, 0, 4, 0 around 1.25, variance 10.75 / 3, over 4.
    np.testing.assert_allclose(ips.standard_error[0], math.sqrt(10.75 / 3 / 4))
    clipped = positions.ips_attraction(item, position, clicked, theta, clip=2.0)
    assert clipped.value.tolist() == [3 / 4, 1.0]
    coec = positions.clicks_over_expected(item, position, clicked, theta)
    assert coec.value.tolist() == [2 / 2.5, 1 / 0.5]
    # Item 0: p is .8 twice and .2 twice, 2 · .16 + 2 · .16, over 2.5 squared.
    np.testing.assert_allclose(coec.standard_error[0], 0.8 / 2.5)


def test_the_error_of_a_harvest_is_what_its_estimates_vary_by():
    found = [
        positions.harvest_propensities(*arrays(WORLD.log(3000, (1, 1, 1), seed=seed)))
        for seed in range(60)
    ]
    spread = np.std([np.log(each.value[1:]) for each in found], axis=0, ddof=1)
    error = np.mean([each.standard_error[1:] / each.value[1:] for each in found], 0)
    # The deviation of 60 numbers is known to 1 / sqrt(118) = 9 %.
    np.testing.assert_allclose(error, spread, rtol=0.35)
    assert abs((error / spread).mean() - 1) < 0.2


def test_both_counts_are_right_on_average_and_expectations_vary_less():
    theta, found = WORLD.truth.examination, {"ips": [], "coec": []}
    for seed in range(40):
        args = arrays(WORLD.log(2000, seed=seed))
        found["ips"].append(positions.ips_attraction(*args, theta).value)
        found["coec"].append(positions.clicks_over_expected(*args, theta).value)
    for name, values in found.items():
        error = np.std(values, axis=0) / math.sqrt(40)
        gap = np.mean(values, axis=0) - WORLD.truth.attraction
        assert (np.abs(gap) < 4.5 * error).all(), name
    assert np.std(found["coec"], 0).mean() < 0.95 * np.std(found["ips"], 0).mean()


def test_at_one_position_both_counts_are_the_click_rate():
    item, clicked = np.array([0, 1, 0, 3, 3]), [1, 0, 0, 1, 1]
    for count in (positions.ips_attraction, positions.clicks_over_expected):
        found = count(item, [1] * 5, clicked, [1.0])
        np.testing.assert_allclose(found.value, [0.5, 0, 0, 1])
        assert (found.low[1], found.high[1]) == (0, 0)
        assert np.isfinite([found.low, found.high]).all()


@pytest.mark.parametrize(
    ("theta", "clip", "words"),
    [
        ([1.0], None, "examination has 1 positions, but position has 2"),
        ([1.0, 0.0], None, r"examination\[1\] is 0.0: .* above 0"),
        ([1.0, 0.5], 0, "clip must be a finite number above 0, got 0"),
    ],
)
def test_counts_refuse(theta, clip, words):
    with pytest.raises(ValueError, match=words):
        positions.ips_attraction([0, 0], [1, 2], [1, 0], theta, clip)
