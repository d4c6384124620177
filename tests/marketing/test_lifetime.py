"""Histories, RFM, BG/NBD, gamma–gamma and lifetime value, against their definitions."""

import math

import numpy as np
import pandas as pd
import pytest
from estimators import EstimatorContract, Example
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial.legendre import leggauss
from scipy import special, stats

from recbook.marketing import worlds
from recbook.marketing.lifetime import (
    BetaGeo,
    GammaGamma,
    lifetime_value,
    purchases,
    rfm,
    spend,
    summary,
)

PUBLISHED = (0.243, 4.414, 0.793, 2.426)  # Fader, Hardie and Lee (2005), CDNOW
HISTORIES = [(0, 0.0, 38.0), (1, 2.0, 38.0), (2, 30.43, 38.86), (7, 20.0, 30.0)]


def bgnbd(r, alpha, a, b):
    """A model with given parameters."""
    model = BetaGeo()
    model.r_, model.alpha_, model.a_, model.b_ = r, alpha, a, b
    return model


def gammagamma(p, q, v):
    model = GammaGamma()
    model.p_, model.q_, model.v_ = p, q, v
    return model


def columns(histories):
    return tuple(np.array(column, float) for column in zip(*histories, strict=True))


def drawn(n=2000, seed=3, parameters=(0.55, 9.0, 0.9, 2.8)):
    """Histories drawn person by person, order by order."""
    r, alpha, a, b = parameters
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        T = rng.uniform(13, 104)
        rate, leaving = rng.gamma(r, 1 / alpha), rng.beta(a, b)
        x, last, time = 0, 0.0, 0.0
        while (time := time + rng.exponential(1 / max(rate, 1e-9))) < T:
            x, last = x + 1, time
            if rng.random() < leaving:
                break
        rows.append((x, last, T))
    return columns(rows)


# From a log --------------------------------------------------------------------------


def summary_by_loop(log, end, days):
    """One person after the other: sets of days, in weeks of the given days."""
    rows = {}
    for user in sorted({who for who, _, _ in log}):
        worth = {}
        for who, day, value in log:
            if who == user and day <= end:
                worth[day] = worth.get(day, 0.0) + value
        if not worth:
            continue
        first, *later = sorted(worth)
        spent = [worth[day] for day in later]
        mean = sum(spent) / len(spent) if spent else 0.0
        last = later[-1] if later else first
        span = ((last - first) / days, (end - first) / days)
        rows[user] = (len(later), *span, mean)
    return rows


ORDER = st.tuples(
    st.sampled_from("abcde"), st.integers(0, 40), st.integers(0, 90).map(float)
)


@settings(max_examples=12, deadline=None)
@given(st.lists(ORDER, min_size=1, max_size=25), st.integers(0, 40), st.booleans())
def test_a_summary_is_what_a_loop_over_people_finds(log, end, weeks):
    users, days, values = zip(*log, strict=True)
    start = np.datetime64("2026-01-01")
    dates = [start + np.timedelta64(day, "D") for day in days]
    unit = "W" if weeks else "D"
    if min(days) > end:
        with pytest.raises(ValueError, match="end lies before the first order"):
            summary(users, dates, values, start + np.timedelta64(end, "D"), unit)
        return
    table = summary(users, dates, values, start + np.timedelta64(end, "D"), unit)
    expected = summary_by_loop(log, end, 7 if weeks else 1)
    assert list(table.index) == list(expected)
    np.testing.assert_allclose(table.to_numpy(), list(expected.values()))
    # Numbers are times in a unit of their own; those of days say the same.
    days_table = summary(users, np.array(days), values, end)
    np.testing.assert_allclose(
        days_table["T"], table["T"] * (7 if weeks else 1), atol=1e-12
    )
    assert list(days_table["frequency"]) == list(table["frequency"])


def test_hours_of_a_day_are_one_order_and_the_end_is_the_last_orders_day():
    times = pd.to_datetime(["2026-03-01 08:00", "2026-03-01 21:00", "2026-03-08 09:00"])
    table = summary([7, 7, 7], times, [10, 20, 5.0])
    # 30 € on the first day, 5 € a week later: one repeat order of 5 €.
    assert table.loc[7].tolist() == [1, 1.0, 1.0, 5.0]
    assert "monetary" not in summary([7, 7, 7], times)


@pytest.mark.parametrize("how", ["zone", "text", "objects"])
def test_the_day_is_that_of_the_zones_own_clock(how):
    """Two orders of one afternoon in Los Angeles, on either side of UTC's midnight."""
    local = pd.to_datetime(["2026-03-01 15:30", "2026-03-01 16:30", "2026-03-02 10:00"])
    times = local.tz_localize("America/Los_Angeles")
    if how == "text":
        times = [time.isoformat() for time in times]
    if how == "objects":  # of two zones
        times = [
            times[0],
            times[1].to_pydatetime(),
            local[2].tz_localize("Europe/Rome"),
        ]
    assert summary([7, 7, 7], times, unit="D").loc[7].tolist() == [1, 1.0, 1.0]


def test_text_is_read_as_iso_dates():
    days = ["2026-01-05", "20260105", "2026-01-05T23:59:59.5Z", "2026-01-12 08:00"]
    assert summary(["a"] * 4, days).loc["a"].tolist() == [1, 1.0, 1.0]
    numbers = [20231301, 20240105]  # no month has the number 13: a unit of one's own
    assert summary(["a"] * 2, numbers).loc["a", "T"] == 8804


REFUSED_LOGS = {
    "user has 1 rows, but 2": (["a"], [0.0, 1.0], None),
    "user\\[1\\] is missing": (["a", None], [0.0, 1.0], None),
    "time\\[1\\] is nan": (["a", "b"], [0.0, np.nan], None),
    "time\\[1\\] is missing": (["a", "b"], pd.to_datetime(["2026-01-01", None]), None),
    "time\\[0\\] is 'soon', not a date in ISO form": (["a"], ["soon"], None),
    # Months come first where all days are up to 12, so text says which is which.
    "time\\[1\\] is '12/01/2023', .* say which is the day, such as pd.to_d": (
        ["a", "b"],
        ["2023-01-11", "12/01/2023"],
        None,
    ),
    "time\\[0\\] is '2026-02-30'": (["a"], ["2026-02-30"], None),
    "time\\[0\\] is '2026'": (["a"], ["2026"], None),
    "time\\[1\\] is missing: drop the row or": (["a", "b"], ["2026-01-01", None], None),
    "time\\[1\\] is 7, not a date: give dates or their text throughout": (
        ["a", "b"],
        ["2026-01-01", 7],
        None,
    ),
    "time\\[0\\] is 20230112, which reads like a date: give": (
        ["a", "b"],
        [20230112, 20230201],
        None,
    ),
    "value\\[0\\] is -3.0": (["a"], [1.0], [-3.0]),
    "value has 2 rows, but 1": (["a"], [1.0], [3.0, 4.0]),
    "time .*at least one": ([], [], None),
}


@pytest.mark.parametrize("end", ["01.02.2026", 20260201])
def test_an_end_is_a_date_where_times_are(end):
    with pytest.raises(ValueError, match=f"end is {end!r}"):
        summary(["a"], ["2026-01-01"], end=end)


@pytest.mark.parametrize("words", REFUSED_LOGS)
def test_a_log_with_a_fault_is_refused(words):
    with pytest.raises(ValueError, match=words):
        summary(*REFUSED_LOGS[words])


def test_what_summary_is_asked_is_checked():
    with pytest.raises(ValueError, match="unit must be 'D' or 'W', got 'M'"):
        summary(["a"], ["2026-01-01"], unit="M")
    with pytest.raises(ValueError, match="end must be a finite number"):
        summary(["a"], [1.0], end=np.nan)


def test_the_shops_table_is_the_summary_of_its_log():
    shop = worlds.customers(500, seed=1)
    table = summary(shop.orders["customer"], shop.orders["week"], end=104.0)
    for column in ("frequency", "recency", "T"):
        expected = shop.table[column]
        np.testing.assert_allclose(table[column], expected, atol=1e-9)


# RFM ---------------------------------------------------------------------------------


def test_rfm_by_hand():
    # quiet 3, 10, 10, 50: the best is one of four, the two equal ones in the middle.
    table = rfm([3, 10, 10, 50], [9, 0, 0, 0], [5, 6, 7, 8], n_groups=4)
    # Below 50 weeks reversed: n_< + n_= / 2 = 3.5, 2, 2, .5, of 4 in 4 groups.
    assert table["recency"].tolist() == [4, 3, 3, 1]
    # Three times 0 orders: 1.5, so group 2 for all three; 3.5 for the other.
    assert table["frequency"].tolist() == [4, 2, 2, 2]
    assert table["monetary"].tolist() == [1, 2, 3, 4]
    assert table["score"].tolist() == [9, 7, 8, 7]


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=30), st.integers(2, 7))
def test_rfm_scores_as_a_loop_and_whatever_the_order(values, k):
    n = len(values)
    expected = [
        1 + int(k * (sum(w < v for w in values) + values.count(v) / 2) / n)
        for v in values
    ]
    table = rfm(np.zeros(n), values, np.zeros(n), k)
    assert table["frequency"].tolist() == expected
    turned = rfm(np.zeros(n), values[::-1], np.zeros(n), k)["frequency"]
    assert turned.tolist() == expected[::-1]
    assert (table["recency"] == table["recency"][0]).all()
    assert table["recency"].between(1, k).all()


def test_rfm_refuses():
    with pytest.raises(ValueError, match=r"quiet\[1\] is -1.0"):
        rfm([0, -1], [0, 0], [1, 1])
    with pytest.raises(ValueError, match="n_groups must be an integer of at least 2"):
        rfm([0], [0], [0], 1)


# BG/NBD ------------------------------------------------------------------------------


def by_quadrature(parameters, histories, later):
    """Likelihood, P(alive) and E[X(later)] of histories, by sums over λ and p.

    From the story: orders at λ until T, or until the last, after which the person left.
    """
    r, alpha, a, b = parameters
    rate, by_rate = special.roots_genlaguerre(120, r - 1)
    rate, by_rate = rate[:, None] / alpha, by_rate[:, None] / math.gamma(r)
    leaving, by_leaving = special.roots_jacobi(80, b - 1, a - 1)
    leaving, by_leaving = (leaving + 1) / 2, by_leaving / by_leaving.sum()
    weight = by_rate * by_leaving
    found = []
    for x, t_x, T in histories:
        stays = weight * rate**x * np.exp(-rate * T) * (1 - leaving) ** x
        left = np.zeros(1)
        if x:
            left = weight * rate**x * np.exp(-rate * t_x)
            left = left * leaving * (1 - leaving) ** (x - 1)
        total = stays.sum() + left.sum()
        coming = stays * -np.expm1(-rate * leaving * later) / leaving
        found.append((total, stays.sum() / total, coming.sum() / total))
    return np.array(found).T


def test_likelihood_alive_and_expectation_are_the_integrals_of_the_story():
    parameters = (0.8, 6.0, 1.4, 2.5)
    x, t_x, T = columns(HISTORIES)
    likelihood, alive, coming = by_quadrature(parameters, HISTORIES, 39.0)
    model = bgnbd(*parameters)
    np.testing.assert_allclose(model.p_alive(x, t_x, T), alive, rtol=1e-6)
    expected = model.expected_purchases(39.0, x, t_x, T)
    np.testing.assert_allclose(expected, coming, rtol=1e-5)
    for row in range(len(x)):
        one = (x[row : row + 1], t_x[row : row + 1], T[row : row + 1])
        value, _ = purchases.log_likelihood(parameters, *one)
        assert math.exp(value) == pytest.approx(likelihood[row], rel=1e-6)


def test_likelihoods_of_all_histories_add_up_to_one():
    # x orders within T, the last at t_x: the others anywhere before, t_x^(x-1)/(x-1)!.
    r, alpha, a, b = parameters = (0.8, 6.0, 0.9, 2.5)
    T, total = 20.0, 0.0
    points, weights = leggauss(60)
    t_x, weights = T * (points + 1) / 2, weights * T / 2
    for x in range(120):
        if x == 0:
            total += (alpha / (alpha + T)) ** r
            continue
        stays = math.exp(
            purchases.log_likelihood(
                parameters, np.array([x]), np.array([T]), np.array([T])
            )[0]
        )
        # Those who stay have their orders anywhere in T, those who leave end at t_x.
        shape = math.lgamma(r + x) - math.lgamma(r) + r * math.log(alpha)
        beta_stays = math.lgamma(a) + math.lgamma(b + x) - math.lgamma(a + b + x)
        beta_prior = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
        A = math.exp(shape + beta_stays - beta_prior)
        alive = A * (alpha + T) ** -(r + x)
        left = A * a / (b + x - 1) * (alpha + t_x) ** -(r + x)
        at_end = A * a / (b + x - 1) * (alpha + T) ** -(r + x)
        assert alive + at_end == pytest.approx(stays, rel=1e-9)
        paths = [T**x / math.factorial(x), t_x ** (x - 1) / math.factorial(x - 1)]
        total += alive * paths[0] + (weights * left * paths[1]).sum()
    assert total == pytest.approx(1.0, abs=1e-6)


def test_the_gradient_is_the_slope_of_the_likelihood():
    x, t_x, T = columns(HISTORIES * 2)
    parameters = np.array([0.6, 5.0, 0.7, 2.2])
    again = np.linspace(0.5, 2.0, len(x))  # how often each counts
    data = x, t_x, T, again
    _, gradient = purchases.log_likelihood(parameters, *data)
    for k in range(4):
        step = np.eye(4)[k] * 1e-5
        up, down = (
            purchases.log_likelihood(parameters + s, *data)[0] for s in (step, -step)
        )
        assert gradient[k] == pytest.approx((up - down) / 2e-5, rel=1e-6)
    z = np.array([30.0, 12.0, 55.0, 8.0])
    theta = np.array([6.0, 3.5, 15.0])
    data = np.array([1.0, 2, 3, 9]), z, np.array([0.5, 1.0, 2.0, 1.5])
    _, gradient = spend.log_likelihood(theta, *data)
    for k in range(3):
        step = np.eye(3)[k] * 1e-5
        up, down = (spend.log_likelihood(theta + s, *data)[0] for s in (step, -step))
        assert gradient[k] == pytest.approx((up - down) / 2e-5, rel=1e-6)


def test_alive_and_expectation_by_hand():
    # CDNOW's customer 1: (.793 / 3.426) · (43.274 / 34.844)^2.243 = .2315 · 1.6258
    # = .3763, and 1 / 1.3763 = .7266.
    model = bgnbd(*PUBLISHED)
    alive = model.p_alive([2.0], [30.43], [38.86])
    assert alive[0] == pytest.approx(0.7266, abs=1e-4)
    # Published: 1.226 orders in the next 39 weeks.
    coming = model.expected_purchases(39.0, [2.0], [30.43], [38.86])
    assert coming[0] == pytest.approx(1.226, abs=5e-4)


@settings(max_examples=30, deadline=None)
@given(
    st.floats(0.1, 5), st.floats(1, 50), st.floats(0.2, 4), st.floats(0.2, 9),
    st.integers(1, 30), st.floats(1, 90), st.floats(0, 60),
)  # fmt: skip
def test_what_must_hold_for_any_customer(r, alpha, a, b, x, t_x, more):
    model = bgnbd(r, alpha, a, b)
    T = t_x + more
    alive = model.p_alive([x, x, 0], [t_x, t_x, 0.0], [T, T + 5, T])
    assert alive[1] < alive[0] < 1 == alive[2]
    t = [0.0, 1.0, 10.0, 50.0, 51.0]
    coming = model.expected_purchases(t, [x], [t_x], [T])[0]
    assert coming[0] == 0
    assert (np.diff(coming) > 0).all()
    assert coming[2] - coming[1] > 9 * (coming[4] - coming[3])  # it slows down
    assert coming[4] <= alive[0] * 51 * (r + x) / (alpha + T)  # no faster than alive
    np.testing.assert_allclose(
        model.expected_purchases(10.0, [x], [t_x], [T]), coming[2], rtol=1e-12
    )


def test_nothing_happens_where_a_is_one():
    histories = columns(HISTORIES)
    at, below, above = (
        bgnbd(0.6, 5.0, a, 2.2).expected_purchases([1, 30.0], *histories)
        for a in (1.0, 0.998, 1.002)
    )
    np.testing.assert_allclose(at, (below + above) / 2, rtol=1e-5)
    edge = [bgnbd(0.6, 5.0, 1 + e, 2.2).expected_purchases(30.0, *histories)
            for e in (0.99e-4, 1.01e-4)]  # fmt: skip
    np.testing.assert_allclose(*edge, rtol=1e-4)


@pytest.mark.parametrize("x", [0, 1, 40, 400])
@pytest.mark.parametrize("a", [0.05, 0.8, 1.5])
@pytest.mark.parametrize("b", [0.3, 20.0])
def test_many_orders_and_far_horizons_keep_their_digits(a, b, x):
    # SciPy's function as printed is off by any factor for a = .8, b = 20 and x = 40.
    history = ([x], [float(x > 0)], [40.0])
    tau = np.array([0.1, 52.0, 5e4]) / 49.0
    model = bgnbd(0.5, 9.0, a, b)
    answer = model.expected_purchases(49.0 * tau, *history)[0]
    points, weights = leggauss(300)
    level = (points + 1) / 2
    p = special.betaincinv(a, b + x, level**3)[:, None]
    orders = -np.expm1(-(0.5 + x) * np.log1p(p * tau)) / np.maximum(p, 1e-300)
    expected = (1.5 * weights * level**2) @ orders * model.p_alive(*history)
    np.testing.assert_allclose(answer, expected, rtol=2e-4)


@pytest.mark.parametrize("r", [1e-4, 1e4])
@pytest.mark.parametrize("a", [1e-4, 1.0, 1e4])
@pytest.mark.parametrize("b", [1e-4, 1e4])
def test_at_the_limits_of_all_parameters_there_is_a_number(r, a, b):
    x, t_x, T = columns([(0, 0.0, 0.0), (1, 1.0, 1.0), (300, 39.0, 40.0)])
    coming = bgnbd(r, 50.0, a, b).expected_purchases([0.0, 1.0, 1e8], x, t_x, T)
    assert np.isfinite(coming).all()
    assert (np.diff(coming, axis=1) >= -1e-6 * coming[:, 1:]).all()


@pytest.fixture(scope="module")
def shop():
    return worlds.customers(10_000, seed=2)


@pytest.fixture(scope="module")
def many():
    return drawn()


def test_a_fit_finds_what_the_customers_were_drawn_from(many):
    model = BetaGeo().fit(*many)
    # Rates and shares of leaving, of which 2,000 people know the means to some percent.
    assert model.r_ / model.alpha_ == pytest.approx(0.55 / 9, rel=0.12)
    assert model.a_ / (model.a_ + model.b_) == pytest.approx(0.9 / 3.7, rel=0.12)
    # No higher than elsewhere: each parameter moved by a percent makes it lower.
    fitted = np.array([model.r_, model.alpha_, model.a_, model.b_])
    for k in range(4):
        for factor in (0.99, 1.01):
            moved = np.where(np.arange(4) == k, fitted * factor, fitted)
            value, _ = purchases.log_likelihood(moved, *many)
            assert value < model.log_likelihood_


@pytest.mark.parametrize("unit", [7.0, 1 / 52, 1e6, 1e-6])
def test_days_for_weeks_change_the_unit_and_nothing_else(many, unit):
    x, t_x, T = (column[:300] for column in many)
    weeks, other = BetaGeo().fit(x, t_x, T), BetaGeo().fit(x, t_x * unit, T * unit)
    for name, factor in {"r_": 1, "alpha_": unit, "a_": 1, "b_": 1}.items():
        expected = getattr(weeks, name) * factor
        assert getattr(other, name) == pytest.approx(expected, rel=1e-4)
    # A likelihood of times is a density, per unit of time for each repeat order.
    shift = -x.sum() * math.log(unit)
    assert other.log_likelihood_ - weeks.log_likelihood_ == pytest.approx(shift)
    np.testing.assert_allclose(
        other.p_alive(x, t_x * unit, T * unit), weeks.p_alive(x, t_x, T), rtol=1e-4
    )


def test_p_alive_is_the_share_of_those_who_are(shop):
    table = shop.table
    history = [table[name] for name in ("frequency", "recency", "T")]
    alive = BetaGeo().fit(*history).p_alive(*history)
    for low, high in ((0, 0.3), (0.3, 0.6), (0.6, 0.9)):
        group = (alive >= low) & (alive < high)
        share = shop.truth.alive[group].mean()
        error = math.sqrt(share * (1 - share) / group.sum())
        assert abs(alive[group].mean() - share) < 4 * error


def test_a_weight_is_that_many_rows_and_a_start_changes_nothing(shop):
    x, t_x, T = shop.table[["frequency", "recency", "T"]].to_numpy()[:1500].T
    z = shop.table["spend"].to_numpy(float)[:1500]
    times = np.arange(1500) % 3  # every third row is left out
    rows = np.repeat(np.arange(1500), times)
    whole = BetaGeo().fit(x, t_x, T)
    worth = GammaGamma().fit(x + 1, z)
    by_rows = BetaGeo().fit(x[rows], t_x[rows], T[rows])
    rows_worth = GammaGamma().fit(x[rows] + 1, z[rows])
    for start in (None, whole):
        fit = BetaGeo().fit(x, t_x, T, weights=times, start=start)
        for name in ("r_", "alpha_", "a_", "b_", "log_likelihood_"):
            assert getattr(fit, name) == pytest.approx(getattr(by_rows, name), rel=1e-4)
    for start in (None, worth):
        fit = GammaGamma().fit(x + 1, z, weights=times, start=start)
        for name in ("p_", "q_", "v_", "log_likelihood_"):
            wanted = pytest.approx(getattr(rows_worth, name), rel=1e-4)
            assert getattr(fit, name) == wanted
    with pytest.raises(ValueError, match="weights"):
        BetaGeo().fit(x, t_x, T, weights=times[1:])
    with pytest.raises(ValueError, match="weights"):
        GammaGamma().fit(x + 1, z, weights=-times)


def test_people_who_do_not_differ_end_at_a_limit_and_are_still_predicted():
    x, t_x, T = [3] * 9, [30.0, 31, 32, 33, 34, 35, 36, 37, 38], [40.0] * 9
    with pytest.warns(UserWarning, match="BetaGeo: r ended at the limit"):
        model = BetaGeo().fit(x, t_x, T)
    assert model.r_ == pytest.approx(1e4)
    coming = model.expected_purchases([1.0, 400.0], x, t_x, T)
    assert np.isfinite(coming).all()
    assert model.log_likelihood_ < 0


REFUSED_HISTORIES = {
    "frequency\\[1\\] is 1.5": ([0, 1.5], [0, 1], [2, 2]),
    "frequency\\[0\\] is -1": ([-1, 1], [0, 1], [2, 2]),
    "recency\\[1\\] is 3.0, after T = 2.0": ([0, 1], [0, 3], [2, 2]),
    "recency\\[0\\] is 1.0, but frequency is 0": ([0, 1], [1, 1], [2, 2]),
    "recency\\[1\\] is 0.0, but frequency is 4": ([0, 4], [0, 0], [2, 2]),
    "T\\[0\\] is -2": ([0, 1], [0, 1], [-2, 2]),
    "frequency is 0 in all rows": ([0, 0], [0, 0], [2, 2]),
}


@pytest.mark.parametrize("words", REFUSED_HISTORIES)
def test_what_is_no_history_is_refused(words):
    with pytest.raises(ValueError, match=words):
        BetaGeo().fit(*REFUSED_HISTORIES[words])


def test_models_ask_to_be_fitted_and_horizons_are_checked():
    for call in (
        lambda: BetaGeo().p_alive([0], [0.0], [1.0]),
        lambda: BetaGeo().expected_purchases(1.0, [0], [0.0], [1.0]),
        lambda: GammaGamma().expected_spend([0], [0.0]),
    ):
        with pytest.raises(ValueError, match="is not fitted yet"):
            call()
    with pytest.raises(ValueError, match=r"t\[0\] is -1.0"):
        bgnbd(*PUBLISHED).expected_purchases(-1.0, [0], [0.0], [1.0])


# Gamma–gamma -------------------------------------------------------------------------


def test_the_density_of_mean_values_is_the_integral_of_the_story():
    p, q, v = 2.5, 3.5, 40.0
    rate, weights = special.roots_genlaguerre(100, q - 1)
    rate, weights = rate / v, weights / math.gamma(q)
    for x, z in [(1, 12.0), (3, 40.0), (8, 75.0)]:
        # The mean of x gammas of shape p is a gamma of shape px, at x times the rate.
        density = stats.gamma.pdf(z, p * x, scale=1 / (x * rate))
        value, _ = spend.log_likelihood((p, q, v), np.array([x]), np.array([z]))
        assert math.exp(value) == pytest.approx((weights * density).sum(), rel=1e-5)
        mean = (weights * density * p / rate).sum() / (weights * density).sum()
        answer = gammagamma(p, q, v).expected_spend([x], [z])[0]
        assert answer == pytest.approx(mean, rel=1e-5)


def test_spend_by_hand():
    # p v / (q - 1) = 6.25 · 15.44 / 2.74 = 35.22; two orders of 30 € on average weigh
    # 12.5 / (12.5 + 2.74) = .8202: .1798 · 35.22 + .8202 · 30 = 30.94.
    model = gammagamma(6.25, 3.74, 15.44)
    answer = model.expected_spend([0, 2], [0.0, 30.0])
    np.testing.assert_allclose(answer, [35.22, 30.94], atol=0.005)


def test_a_fit_of_spend_finds_what_was_drawn_whatever_the_currency():
    rng = np.random.default_rng(0)
    x = rng.integers(1, 8, 4000)
    rate = rng.gamma(3.75, 1 / 24.6, 4000)
    z = np.round(rng.gamma(6.25 * x) / rate / x, 4)
    euros, cents = GammaGamma().fit(x, z), GammaGamma().fit(x, 100 * z)
    # p alone is weakly known, even by 4,000 people; the mean of all orders is not.
    assert euros.q_ == pytest.approx(3.75, rel=0.1)
    assert euros.p_ * euros.v_ / (euros.q_ - 1) == pytest.approx(55.9, rel=0.05)
    assert euros.log_likelihood_ > spend.log_likelihood((6.25, 3.75, 24.6), x, z)[0]
    answer = euros.expected_spend(x, z)
    assert answer.mean() == pytest.approx((6.25 / rate).mean(), rel=0.03)
    assert ((answer - 6.25 / rate) ** 2).mean() < 0.9 * ((z - 6.25 / rate) ** 2).mean()
    for name, factor in {"p_": 1, "q_": 1, "v_": 100}.items():
        expected = getattr(euros, name) * factor
        assert getattr(cents, name) == pytest.approx(expected, rel=1e-4)
    shift = len(x) * math.log(100)
    assert euros.log_likelihood_ - cents.log_likelihood_ == pytest.approx(shift)
    # People without an order change nothing.
    more = GammaGamma().fit(np.append(x, 0), np.append(z, 0.0))
    assert more.p_ == pytest.approx(euros.p_, rel=1e-9)


REFUSED_SPENDS = {
    "monetary\\[0\\] is 0.0 with frequency 2": ([2, 1], [0.0, 5.0]),
    "monetary\\[1\\] is -5.0": ([2, 1], [4.0, -5.0]),
    "frequency is 0 in all rows": ([0, 0], [0.0, 0.0]),
    "frequency\\[0\\] is 0.5": ([0.5, 1], [1.0, 1.0]),
}


@pytest.mark.parametrize("words", REFUSED_SPENDS)
def test_what_is_no_spend_is_refused(words):
    with pytest.raises(ValueError, match=words):
        GammaGamma().fit(*REFUSED_SPENDS[words])


def test_values_without_a_mean_are_refused():
    with pytest.raises(ValueError, match=r"q_ is 0\.900, at most 1"):
        gammagamma(2.0, 0.9, 10.0).expected_spend([0], [0.0])


# Lifetime value ----------------------------------------------------------------------


def test_a_lifetime_value_by_hand():
    # .5 orders in the first month, .3 in the second, 20 € each:
    # 10 / 1.01 + 6 / 1.0201 = 9.901 + 5.882 = 15.783.
    value = lifetime_value([[0.5, 0.8]], [50.0], 0.4, 0.01)
    assert value[0] == pytest.approx(15.783, abs=5e-4)
    assert lifetime_value([[0.5, 0.8]], [50.0], 0.4, 0.0)[0] == pytest.approx(16.0)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 3), min_size=1, max_size=12), st.floats(0, 0.5))
def test_a_lifetime_value_is_a_sum_over_periods(orders, rate):
    expected = 0.0
    for k, number in enumerate(orders, start=1):
        expected += 0.3 * 40.0 * number / (1 + rate) ** k
    value = lifetime_value([np.cumsum(orders)] * 2, [40.0, 80.0], 0.3, rate)
    np.testing.assert_allclose(value, [expected, 2 * expected], atol=1e-9)


REFUSED_VALUES = {
    "never fall along a row": ([[0.5, 0.4]], [50.0], 0.4, 0.01),
    "cumulative\\[0, 1\\] is nan": ([[0.5, np.nan]], [50.0], 0.4, 0.01),
    "cumulative\\[0, 0\\] is -1.0": ([[-1.0, 1.0]], [50.0], 0.4, 0.01),
    "got shape \\(2,\\)": ([0.5, 0.8], [50.0], 0.4, 0.01),
    "spend has 2 rows": ([[0.5]], [50.0, 1.0], 0.4, 0.01),
    "spend\\[0\\] is -1": ([[0.5]], [-1.0], 0.4, 0.01),
    "margin must be": ([[0.5]], [1.0], 40, 0.01),
    "rate must be": ([[0.5]], [1.0], 0.4, -0.01),
}


@pytest.mark.parametrize("words", REFUSED_VALUES)
def test_what_has_no_lifetime_value_is_refused(words):
    with pytest.raises(ValueError, match=words):
        lifetime_value(*REFUSED_VALUES[words])


# What the shop's customers do next ---------------------------------------------------


def test_the_future_goes_by_the_truth_and_by_its_seed(shop):
    future = shop.truth.future(52, seed=1)
    pd.testing.assert_frame_equal(future, shop.truth.future(52, seed=1))
    assert not future.equals(shop.truth.future(52, seed=2))
    assert shop.truth.alive[future["customer"]].all()
    assert future["week"].between(0, 52).all()
    assert future[["customer", "week"]].equals(
        future[["customer", "week"]].sort_values(["customer", "week"])
    )
    # Of each who is a customer (1 - exp(-λ p t)) / p orders are expected.
    rate, leaving = shop.truth.rate, shop.truth.leaving
    coming = -np.expm1(-rate * leaving * 52) / leaving * shop.truth.alive
    count = np.bincount(future["customer"], minlength=10_000)
    error = (count - coming).std() / math.sqrt(10_000)
    assert abs((count - coming).mean()) < 4 * error
    ratio = future["value"] / shop.truth.mean_value[future["customer"]]
    assert ratio.mean() == pytest.approx(1, abs=4 * ratio.std() / len(ratio) ** 0.5)
    assert shop.truth.future(0).empty
    with pytest.raises(ValueError, match="weeks must be"):
        shop.truth.future(-1)


def test_the_model_expects_what_the_future_brings(shop):
    history = [shop.table[name] for name in ("frequency", "recency", "T")]
    expected = BetaGeo().fit(*history).expected_purchases(52.0, *history)
    count = np.bincount(shop.truth.future(52, seed=3)["customer"], minlength=10_000)
    error = math.sqrt(((count - expected) ** 2).sum())
    # Its own error, beside that of the parameters: 4 % of the total is far from both.
    assert abs(count.sum() - expected.sum()) < 3 * error + 0.04 * count.sum()
    assert np.corrcoef(count, expected)[0, 1] > 0.5


def test_parameters_at_their_limit_are_told():
    few = [2, 0, 5], [30, 0, 20], [38.0] * 3
    with pytest.warns(UserWarning, match=r"BetaGeo: b .* limit of the search: 3 cust"):
        model = BetaGeo().fit(*few)
    assert "b" in model.at_limit_
    assert BetaGeo().fit(*drawn(500)).at_limit_ == ()
    with pytest.warns(UserWarning, match="GammaGamma: .* search: 3 customers"):
        model = GammaGamma().fit([1, 2, 3], [20.0, 20.0, 20.0])
    assert model.at_limit_


# What all estimators promise ----------------------------------------------------------


def histories(rng):
    names = ("frequency", "recency", "T")
    return dict(zip(names, drawn(300, rng), strict=True))


def spends(rng):
    x = rng.integers(1, 8, 300)
    return {"frequency": x, "monetary": rng.gamma(6 * x) / rng.gamma(4, 0.04, 300) / x}


class TestContract(EstimatorContract):
    cases = [
        Example(BetaGeo, histories, {"p_alive": ("frequency", "recency", "T")}),
        Example(GammaGamma, spends, {"expected_spend": ("frequency", "monetary")}),
    ]
