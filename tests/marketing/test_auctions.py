"""Auctions beside plain loops, best responses by brute force, numbers by hand."""

import itertools

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from estimators import EstimatorContract, Example
from hypothesis import given
from hypothesis.extra.numpy import arrays

from recbook.marketing import auctions

FEW = hypothesis.settings(max_examples=40)
EUROS = st.integers(0, 8).map(lambda tenths: tenths / 4)
VALUES, CLICKS = [10.0, 4.0, 2.0], [200.0, 199.0]  # of Edelman et al. 2007


# One thing to sell -------------------------------------------------------------------


def plain_sale(bids, reserve):
    """Winner, second price and first price, by a loop over the bidders."""
    winner = -1
    for i, bid in enumerate(bids):
        if bid >= reserve and (winner < 0 or bid > bids[winner]):
            winner = i
    if winner < 0:
        return -1, 0.0, 0.0
    others = [bid for i, bid in enumerate(bids) if i != winner]
    return winner, max([reserve, *others]), bids[winner]


@FEW
@given(st.lists(EUROS, min_size=1, max_size=5), EUROS)
def test_a_sale_is_what_a_loop_over_bidders_says(bids, reserve):
    winner, second, first = plain_sale(bids, reserve)
    assert auctions.second_price(bids, reserve) == (winner, second)
    assert auctions.first_price(bids, reserve) == (winner, first)


@FEW
@given(arrays(float, (4, 3), elements=EUROS), EUROS)
def test_rows_are_auctions_of_their_own(bids, reserve):
    for sale in (auctions.second_price, auctions.first_price):
        winner, price = sale(bids, reserve)
        rows = [sale(row, reserve) for row in bids]
        assert winner.tolist() == [row[0] for row in rows]
        assert price.tolist() == [row[1] for row in rows]


def surplus(sale, bids, i, value):
    winner, price = sale(bids)
    return value - price if winner == i else 0.0


@FEW
@given(EUROS, st.lists(EUROS, min_size=1, max_size=4), EUROS)
def test_the_value_is_the_best_bid_at_the_second_price(value, others, bid):
    true = surplus(auctions.second_price, [value, *others], 0, value)
    assert true >= surplus(auctions.second_price, [bid, *others], 0, value)
    assert surplus(auctions.first_price, [value, *others], 0, value) == 0.0


def test_sales_by_hand():
    assert auctions.second_price([3, 5, 4]) == (1, 4.0)
    assert auctions.second_price([3, 5, 4], reserve=5) == (1, 5.0)  # reached, just so
    assert auctions.second_price([3, 5, 4], reserve=6) == (-1, 0.0)
    assert auctions.second_price([2]) == (0, 0.0)  # no rival, no reserve
    assert auctions.second_price([5, 5]) == (0, 5.0)  # the first of those who tie


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_revenue_is_that_of_order_statistics(n):
    # Second of n uniform values: (n - 1)/(n + 1). Shaded first price: (n - 1)/n of the
    # highest, whose mean is n/(n + 1): the same.
    values = np.random.default_rng(n).random((40_000, n))
    expected = (n - 1) / (n + 1)
    _, second = auctions.second_price(values)
    _, first = auctions.first_price(values * (n - 1) / n)
    for price in (second, first):
        assert abs(price.mean() - expected) < 4 * price.std() / 200


def test_reserve_by_hand():
    # 1 · 3/3, 2 · 2/3, 3 · 1/3: 1, 1.33, 1. With a worth of 1.5: -.5, .33, .5.
    assert auctions.optimal_reserve([3, 1, 2]) == 2.0
    assert auctions.optimal_reserve([3, 1, 2], own_value=1.5) == 3.0
    assert auctions.optimal_reserve([3, 1, 2], own_value=4) == 4.0
    assert auctions.optimal_reserve([0, 0]) == 0.0
    assert auctions.optimal_reserve([2, 2, 4]) == 2.0  # 2 · 1 before 4 · 1/3


@FEW
@given(st.lists(EUROS, min_size=1, max_size=8), EUROS)
def test_no_price_earns_more_than_the_reserve(values, worth):
    def gain(r):
        return (r - worth) * np.mean([value >= r for value in values])

    best = gain(auctions.optimal_reserve(values, worth))
    assert all(best >= gain(r) - 1e-12 for r in [*values, worth])


def test_reserve_of_two_uniform_bidders():
    # r = (1 - F)/f = 1 - r gives 1/2; revenue 1/3 without it and 5/12 with it.
    values = np.random.default_rng(0).random((40_000, 2))
    assert auctions.optimal_reserve(values.ravel()) == pytest.approx(0.5, abs=0.02)
    _, price = auctions.second_price(values, reserve=0.5)
    assert price.mean() == pytest.approx(5 / 12, abs=4 * price.std() / 200)


# Places of a page --------------------------------------------------------------------


def plain_places(bids, clicks, quality):
    """Order by score, and both payments of an hour, from the definitions."""
    score = [b * q for b, q in zip(bids, quality, strict=True)]
    order = [i for i in sorted(range(len(bids)), key=lambda i: -score[i]) if score[i]]

    def welfare(takers):
        return sum(a * score[i] for a, i in zip(clicks, takers, strict=False))

    position_of = [-1] * len(bids)
    gsp, vcg = [0.0] * len(bids), [0.0] * len(bids)
    for k, i in enumerate(order[: len(clicks)]):
        position_of[i] = k
        price = score[order[k + 1]] / quality[i] if k + 1 < len(order) else 0.0
        gsp[i] = clicks[k] * quality[i] * price
        without = welfare([j for j in order if j != i])
        vcg[i] = without - (welfare(order) - clicks[k] * score[i])
    return position_of, gsp, vcg


@st.composite
def pages(draw):
    n = draw(st.integers(1, 5))
    bids = draw(st.lists(EUROS, min_size=n, max_size=n))
    quality = draw(st.lists(st.sampled_from([0.5, 1, 2]), min_size=n, max_size=n))
    clicks = draw(st.lists(st.integers(0, 40).map(float), min_size=1, max_size=4))
    return bids, sorted(clicks, reverse=True), quality


@FEW
@given(pages())
def test_places_are_what_the_definitions_say(page):
    position_of, gsp, vcg = plain_places(*page)
    for auction, expected in ((auctions.gsp, gsp), (auctions.vcg, vcg)):
        found, payment = auction(*page)
        assert found.tolist() == position_of
        np.testing.assert_allclose(payment, expected, atol=1e-12)
    assert (auctions.vcg(*page)[1] <= auctions.gsp(*page)[1] + 1e-12).all()


def earned(auction, values, bids, clicks, quality, i):
    """What bidder i earns in an hour."""
    position_of, payment = auction(bids, clicks, quality)
    if position_of[i] < 0:
        return 0.0
    return clicks[position_of[i]] * quality[i] * values[i] - payment[i]


@FEW
@given(pages(), st.data())
def test_truth_is_a_best_bid_under_vcg(page, data):
    bids, clicks, quality = page
    i = data.draw(st.integers(0, len(bids) - 1))
    value = data.draw(EUROS)
    values = [value] * len(bids)

    def earns(bid):
        mine = [*bids[:i], bid, *bids[i + 1 :]]
        return earned(auctions.vcg, values, mine, clicks, quality, i)

    assert all(earns(value) >= earns(k / 8) - 1e-9 for k in range(20))


def test_the_case_of_edelman_and_others():
    position_of, payment = auctions.gsp(VALUES, CLICKS)
    assert position_of.tolist() == [0, 1, -1]
    assert payment.tolist() == [800, 398, 0]  # 200 · 4 and 199 · 2, 1,198 in all
    # The first moves down from its place for 1 + 199 · 2 = 402; the second for 398.
    assert auctions.vcg(VALUES, CLICKS)[1].tolist() == [402, 398, 0]
    ones = [1.0] * 3
    first = [
        earned(auctions.gsp, VALUES, [bid, 4, 2], CLICKS, ones, 0) for bid in (10, 3)
    ]
    assert first == [1200, 1592]  # 6 · 200, and 8 · 199
    assert (
        earned(auctions.vcg, VALUES, [10, 4, 2], CLICKS, ones, 0) == 1598
    )  # 2000 - 402


def test_bids_with_the_payments_of_vcg_are_an_equilibrium_without_envy():
    # Place k + 1 bids what VCG lets place k pay for a click; the rest bids its value.
    values, clicks = np.array([10.0, 7.0, 4.0, 2.0]), np.array([100.0, 60.0, 20.0])
    _, due = auctions.vcg(values, clicks)
    bids = np.append(11.0, due[:3] / clicks)
    _, paid = auctions.gsp(bids, clicks)
    np.testing.assert_allclose(paid, due)
    ones = np.ones(4)
    for i, bid in itertools.product(range(4), np.linspace(0, 12, 121)):
        other = bids.copy()
        other[i] = bid
        now, then = (
            earned(auctions.gsp, values, b, clicks, ones, i) for b in (bids, other)
        )
        assert then <= now + 1e-9
    gains = np.append(clicks, 0.0) * values[:, None] - np.append(paid[:3], 0.0)
    assert (gains.diagonal() >= gains.max(axis=1) - 1e-9).all()  # nobody would swap


def test_quality_lets_a_lower_bid_stand_first():
    # Scores 2 · 3 = 6 and 4 · 1 = 4: the first pays 4/3 a click, of which it gets 300.
    position_of, payment = auctions.gsp([2.0, 4.0], [100.0], quality=[3.0, 1.0])
    assert position_of.tolist() == [0, -1]
    assert payment[0] == pytest.approx(300 * 4 / 3)


def test_places_that_nobody_takes():
    position_of, payment = auctions.gsp([0.0, 3.0], [10.0, 5.0, 2.0])
    assert position_of.tolist() == [-1, 0]
    assert payment.tolist() == [0.0, 0.0]


# Bids below the value ----------------------------------------------------------------


def log_logistic(b, median=0.6, slope=3.0):
    return 1 / (1 + (median / np.maximum(b, 1e-50)) ** slope)


def test_a_win_curve_finds_the_rivals_from_wins_and_losses():
    rng = np.random.default_rng(0)
    u = rng.random(20_000)
    rivals = 0.6 * (u / (1 - u)) ** (1 / 3)  # log-logistic, median .6, slope 3
    bids = 3 * rng.random(20_000) + 0.01
    curve = auctions.WinCurve().fit(bids, bids > rivals)
    assert curve.median_ == pytest.approx(0.6, rel=0.03)
    assert curve.slope_ == pytest.approx(3, rel=0.05)
    np.testing.assert_allclose(
        curve.predict([0.3, 0.6, 2]), log_logistic(np.array([0.3, 0.6, 2])), atol=0.015
    )
    assert curve.predict([0.0]).tolist() == [0.0]


def test_a_win_curve_passes_through_two_shares():
    # 1 of 4 at a bid of 1, 3 of 4 at 9: log odds -ln 3 and ln 3 over ln 9 = 2 ln 3, so
    # the slope is 1, and half is won between them, at 3.
    bids, won = np.repeat([1.0, 9.0], 4), [1, 0, 0, 0, 1, 1, 1, 0]
    curve = auctions.WinCurve(reg=1e-9).fit(bids, won)
    assert curve.slope_ == pytest.approx(1, abs=1e-6)
    assert curve.median_ == pytest.approx(3, abs=1e-6)


@pytest.mark.parametrize("n", [2, 3, 6])
def test_best_bid_against_uniform_rivals(n):
    # (v - b) b^(n-1): v (n-1) b^(n-2) = n b^(n-1), so b = v (n - 1)/n.
    value = np.array([0.0, 0.3, 1.0])
    bids = auctions.best_bid(value, lambda b: np.clip(b, 0, 1) ** (n - 1))
    np.testing.assert_allclose(bids, value * (n - 1) / n, atol=1e-6)


def test_best_bid_beats_a_grid_and_solves_its_condition():
    for value in (0.2, 0.8, 3.2, 50.0):
        bid = auctions.best_bid(value, log_logistic)
        grid = np.linspace(0, value, 20_001)
        most = ((value - grid) * log_logistic(grid)).max()
        assert (value - bid) * log_logistic(bid) >= most - 1e-12
        # F' = F (1 - F) c/b for a log-logistic, so (v - b) (1 - F) c = b.
        assert (value - bid) * (1 - log_logistic(bid)) * 3 == pytest.approx(
            bid, rel=1e-5
        )


def test_best_bid_where_nothing_can_be_gained():
    assert auctions.best_bid(0.0, log_logistic) == 0.0
    assert auctions.best_bid(2.0, lambda b: (b > 2).astype(float)) == 0.0
    # Against one known price of 2 it is best to bid hardly more.
    assert auctions.best_bid(9.0, lambda b: (b > 2).astype(float)) == pytest.approx(2)


def test_best_bid_takes_a_fitted_curve():
    curve = auctions.WinCurve(reg=1e-9)
    curve.fit(np.repeat([1.0, 9.0], 4), [1, 0, 0, 0, 1, 1, 1, 0])
    # F = b/(b + 3): (v - b) b/(b + 3) is best at b = sqrt(9 + 3 v) - 3.
    for value in (1.0, 9.0):
        best = auctions.best_bid(value, curve)
        assert best == pytest.approx(np.sqrt(9 + 3 * value) - 3, abs=1e-5)


# What is refused ---------------------------------------------------------------------

NAN = float("nan")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: auctions.second_price([]), "at least one bidder"),
        (lambda: auctions.second_price([1, NAN]), r"bids\[1\] is nan"),
        (lambda: auctions.first_price([[1, 2], [3, -1]]), r"bids\[1, 1\] is -1.0"),
        (lambda: auctions.first_price([1], reserve=-1), "reserve must be"),
        (lambda: auctions.first_price(["a"]), "bids must be numbers"),
        (lambda: auctions.optimal_reserve([]), "values must be a flat list"),
        (lambda: auctions.optimal_reserve([1, -2]), r"values\[1\] is -2.0"),
        (lambda: auctions.optimal_reserve([1], own_value=NAN), "own_value must be"),
        (lambda: auctions.gsp([1, -1], [2]), r"bids\[1\] is -1.0"),
        (lambda: auctions.gsp([1, 1], [2, 3]), r"clicks\[1\] is 3.0, more than 2.0"),
        (lambda: auctions.vcg([1, 1], [2], [1, 0]), r"quality\[1\] is 0.0"),
        (lambda: auctions.vcg([1, 1], [2], [1]), "quality has 1 rows, but 2"),
        (lambda: auctions.WinCurve().fit([1, 0], [1, 0]), r"bids\[1\] is 0.0"),
        (lambda: auctions.WinCurve().fit([1, 2], [1, 1]), "won is True in all rows"),
        (lambda: auctions.WinCurve().fit([2, 2], [1, 0]), "bids is 2.0 in all rows"),
        (lambda: auctions.WinCurve().fit([1, 2], [1, 0]), "won less often"),
        (lambda: auctions.best_bid(-1, log_logistic), r"value\[0\] is -1.0"),
        (lambda: auctions.best_bid(1, lambda b: 2 * b + 1), "a chance lies between"),
        (lambda: auctions.best_bid(1, lambda b: 0.5), "a chance for each bid"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def tried(rng):
    bids = rng.random(60) + 0.1
    return {"bids": bids, "won": rng.random(60) < bids}


class TestContract(EstimatorContract):
    cases = [Example(auctions.WinCurve, tried, {"predict": ("bids",)})]
