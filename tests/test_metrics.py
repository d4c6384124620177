"""Metrics against plain loops, hand-worked numbers and the laws they must keep."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from recbook import metrics
from recbook.metrics import ranking

PER_USER = {
    name: getattr(metrics, name)
    for name in (
        "precision",
        "recall",
        "ndcg",
        "average_precision",
        "reciprocal_rank",
        "hit_rate",
    )
}
each_metric = pytest.mark.parametrize("metric", PER_USER.values(), ids=PER_USER)


def csr(rows, n_items=None):
    """Rows of relevant codes as a csr matrix."""
    n_items = n_items or 1 + max((max(row) for row in rows if row), default=0)
    dense = np.zeros((len(rows), n_items))
    for u, row in enumerate(rows):
        dense[u, list(row)] = 1
    return sparse.csr_array(dense)


# Plain loops from the definitions ----------------------------------------------------


def oracle_precision(row, wanted, k):
    return sum(item in wanted for item in row[:k] if item >= 0) / k


def oracle_recall(row, wanted, k):
    return sum(item in wanted for item in row[:k] if item >= 0) / len(wanted)


def oracle_hit_rate(row, wanted, k):
    return float(any(item in wanted for item in row[:k]))


def oracle_reciprocal_rank(row, wanted, k):
    for place, item in enumerate(row[:k], start=1):
        if item in wanted:
            return 1 / place
    return 0.0


def oracle_average_precision(row, wanted, k):
    found, total = 0, 0.0
    for place, item in enumerate(row[:k], start=1):
        if item in wanted:
            found += 1
            total += found / place
    return total / min(k, len(wanted))


def oracle_ndcg(row, wanted, k):
    dcg = sum(
        1 / math.log2(place + 1)
        for place, item in enumerate(row[:k], start=1)
        if item in wanted
    )
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(k, len(wanted)) + 1))
    return dcg / ideal


@st.composite
def problems(draw, min_relevant=0):
    """Lists with pads at the end, sets of relevant items, and a k."""
    n_items = draw(st.integers(2, 12))
    n_users = draw(st.integers(1, 5))
    width = draw(st.integers(1, n_items))
    codes = st.permutations(range(n_items))
    rows, wanted = [], []
    for _ in range(n_users):
        filled = draw(st.integers(0, width))
        rows.append(list(draw(codes))[:filled] + [-1] * (width - filled))
        size = draw(st.integers(min_relevant, n_items))
        wanted.append(set(list(draw(codes))[:size]))
    return np.array(rows), wanted, n_items, draw(st.integers(1, width + 2))


@pytest.mark.parametrize("name", PER_USER)
@given(problem=problems())
@settings(max_examples=60, deadline=None)
def test_equals_the_plain_loop(name, problem):
    rows, wanted, n_items, k = problem
    oracle = globals()[f"oracle_{name}"]
    expected = [
        oracle(row.tolist(), w, k) if w else np.nan
        for row, w in zip(rows, wanted, strict=True)
    ]
    got = PER_USER[name](rows, csr(wanted, n_items), k)
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, expected, rtol=1e-14)


# Hand-worked -------------------------------------------------------------------------


def test_hand_worked_list():
    # Relevant: 1, 4, 7 (three items). The list 4 0 1 2 3 hits at places 1 and 3; k = 5.
    ranked, relevant = [[4, 0, 1, 2, 3]], csr([{1, 4, 7}], 8)
    expected = {
        "precision": 2 / 5,
        "recall": 2 / 3,
        "hit_rate": 1,
        "reciprocal_rank": 1,  # the first hit is in place 1
        "average_precision": (1 / 1 + 2 / 3) / 3,  # precisions at places 1, 3
        # (1/log2(2) + 1/log2(4)) / (1/log2(2) + 1/log2(3) + 1/log2(4))
        "ndcg": 1.5 / (1.5 + 1 / math.log2(3)),  # 0.7039
    }
    for name, value in expected.items():
        assert PER_USER[name](ranked, relevant, 5)[0] == pytest.approx(value), name
    assert metrics.ndcg(ranked, relevant, 5)[0] == pytest.approx(0.7039, abs=5e-5)


def test_only_the_first_k_places_count():
    ranked, relevant = [[0, 1, 2]], csr([{2}], 3)
    for metric in PER_USER.values():
        assert metric(ranked, relevant, 2)[0] == 0
        assert metric(ranked, relevant, 3)[0] > 0


def test_precision_divides_by_k_and_average_precision_by_what_can_be_had():
    # One relevant item, found first, k = 10: nine places are wasted, none is missed.
    ranked, relevant = [[3] + [-1] * 9], csr([{3}], 20)
    assert metrics.precision(ranked, relevant, 10)[0] == 0.1
    assert metrics.average_precision(ranked, relevant, 10)[0] == 1
    # Fifty relevant items and a perfect list of ten: ten is all that ten places hold.
    relevant = csr([set(range(50))])
    ranked = [list(range(10))]
    assert metrics.recall(ranked, relevant, 10)[0] == 0.2
    assert metrics.average_precision(ranked, relevant, 10)[0] == 1
    assert metrics.ndcg(ranked, relevant, 10)[0] == 1


def test_rmse_and_mae_by_hand():
    truth, predicted = [5, 3, 1, 4], [4, 3, 3, 4]  # errors 1, 0, -2, 0
    assert metrics.rmse(truth, predicted) == pytest.approx(math.sqrt(5 / 4))
    assert metrics.mae(truth, predicted) == 3 / 4
    assert metrics.rmse(predicted, truth) == metrics.rmse(truth, predicted)
    assert type(metrics.rmse(truth, predicted)) is float
    assert type(metrics.mae(truth, predicted)) is float


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=20))
def test_mae_never_exceeds_rmse(errors):
    zeros = np.zeros(len(errors))
    assert metrics.mae(errors, zeros) <= metrics.rmse(errors, zeros) + 1e-12
    assert metrics.rmse(errors, errors) == metrics.mae(errors, errors) == 0


# Laws --------------------------------------------------------------------------------


@each_metric
@given(problem=problems(min_relevant=1))
@settings(max_examples=40, deadline=None)
def test_bounds_and_order_of_users(metric, problem):
    rows, wanted, n_items, k = problem
    relevant = csr(wanted, n_items)
    values = metric(rows, relevant, k)
    assert np.all((values >= 0) & (values <= 1))
    order = np.random.default_rng(0).permutation(len(rows))
    np.testing.assert_array_equal(
        metric(rows[order], relevant[order], k), values[order]
    )


@pytest.mark.parametrize(
    "name", ["ndcg", "average_precision", "reciprocal_rank", "hit_rate"]
)
def test_perfect_is_exactly_one(name):
    for n_relevant in range(1, 61):
        for k in (1, 2, 3, 7, 10, 50, 100):
            ranked = [list(range(60))]
            value = PER_USER[name](ranked, csr([set(range(n_relevant))], 60), k)
            assert value[0] == 1.0, (n_relevant, k)


@each_metric
@given(problem=problems(min_relevant=1), data=st.data())
@settings(max_examples=60, deadline=None)
def test_moving_a_relevant_item_up_never_hurts(metric, problem, data):
    rows, wanted, n_items, k = problem
    row = rows[:1].copy()
    place = data.draw(st.integers(0, row.shape[1] - 1))
    to = data.draw(st.integers(0, place))
    relevant = csr(wanted[:1], n_items)
    before = metric(row, relevant, k)[0]
    if row[0, place] in wanted[0]:
        row[0, to : place + 1] = np.roll(row[0, to : place + 1], 1)
        assert metric(row, relevant, k)[0] >= before - 1e-15


# What counts as relevant, as a list, as a user ---------------------------------------


@each_metric
def test_nothing_relevant_is_nan_and_nothing_else_is(metric):
    relevant = csr([{0}, set(), {2}], 3)
    values = metric([[0, 1], [0, 1], [-1, -1]], relevant, 2)
    np.testing.assert_array_equal(np.isnan(values), [False, True, False])
    assert values[2] == 0  # an empty list misses all


@each_metric
def test_explicit_zeros_are_not_relevant(metric):
    relevant = sparse.csr_array(([0.0, 1.0, 0.0], ([0, 0, 1], [0, 1, 0])), shape=(2, 3))
    values = metric([[0, 2], [0, 1]], relevant, 2)
    np.testing.assert_array_equal(values, [0, np.nan])


@each_metric
def test_any_sparse_form_and_dtype_serves(metric):
    dense = np.array([[0, 2, 0, 5], [-1, 0, 0, 0]])
    ranked = np.array([[3, 0], [1, 0]])
    expected = metric(ranked, sparse.csr_array(dense != 0), 2)
    assert np.all(expected > 0)  # user 0 likes 1 and 3, user 1 likes 0, at place 2
    for form in (sparse.csr_array, sparse.csr_matrix, sparse.coo_array, np.array):
        for dtype in (float, int, bool, np.float32):
            got = metric(ranked, form(dense.astype(dtype)), 2)
            np.testing.assert_array_equal(got, expected)
    for dtype in (np.int32, np.int16, np.int64):
        got = metric(ranked.astype(dtype), sparse.csr_array(dense), 2)
        np.testing.assert_array_equal(got, expected)


@each_metric
def test_doubled_entries_count_once_and_input_is_left_alone(metric):
    doubled = sparse.csr_array((np.ones(3), [2, 0, 2], [0, 3]), shape=(1, 3))
    clean = sparse.csr_array([[1.0, 0.0, 2.0]])
    value = metric([[2, 1]], doubled, 2)
    np.testing.assert_array_equal(value, metric([[2, 1]], clean, 2))
    assert doubled.indices.tolist() == [2, 0, 2]


@each_metric
def test_a_list_shorter_than_k_counts_as_padded(metric):
    relevant = csr([{0, 2, 5}], 6)
    short, padded = [[2, 1]], [[2, 1, -1, -1, -1]]
    np.testing.assert_array_equal(
        metric(short, relevant, 5), metric(padded, relevant, 5)
    )


@each_metric
def test_pads_in_the_middle_are_misses(metric):
    relevant = csr([{0}], 3)
    np.testing.assert_array_equal(
        metric([[-1, 0, -1]], relevant, 3), metric([[1, 0, 2]], relevant, 3)
    )


@each_metric
def test_no_users_no_values(metric):
    empty = metric(np.zeros((0, 3), int), sparse.csr_array((0, 5)), 3)
    assert empty.shape == (0,)


# Bad input ---------------------------------------------------------------------------


@each_metric
@pytest.mark.parametrize(
    ("ranked", "k", "match"),
    [
        ([[0, 1, 0]], 3, "item 0 twice in row 0, again at position 2"),
        ([[0, 4]], 2, "4 in row 0 at position 1: codes run from 0 to 3"),
        ([[-2, 1]], 2, "-2 in row 0 at position 0"),
        ([[0, 1], [1, 0]], 2, "ranked has 2 rows and relevant 1"),
        ([0, 1], 2, "ranked must be .* shape"),
        (np.zeros((1, 0), int), 2, "ranked must be"),
        ([[0.0, 1.0]], 2, "integer item codes; got float64"),
        ([[True, False]], 2, "integer item codes; got bool"),
        ([[0, 1]], 0, "k must be .* got 0"),
        ([[0, 1]], -3, "k must be .* got -3"),
        ([[0, 1]], 1.5, "k must be .* got 1.5"),
    ],
)
def test_bad_lists(metric, ranked, k, match):
    with pytest.raises(ValueError, match=match):
        metric(ranked, csr([{0, 3}], 4), k)


@each_metric
@pytest.mark.parametrize(
    ("relevant", "match"),
    [
        ([1, 0, 1], "relevant must be"),
        ([[1.0, np.nan, 0.0]], "relevant holds NaN"),
        ([[1j, 0, 1]], "relevant must hold real numbers or bools, got dtype complex"),
        ([[None, 0, 1]], "relevant must hold real numbers or bools, got dtype object"),
    ],
)
def test_bad_relevance(metric, relevant, match):
    with pytest.raises(ValueError, match=match):
        metric([[0, 1]], np.array(relevant), 2)


def test_lists_that_are_read_only_compile_nothing():
    pytest.importorskip("numba")
    ranked, relevant = np.array([[0, 1]]), csr([{0}], 2)
    metrics.precision(ranked, relevant, 2)
    known = len(ranking._mark.signatures)
    ranked.flags.writeable = False
    assert metrics.precision(ranked, relevant, 2).tolist() == [0.5]
    assert len(ranking._mark.signatures) == known


def test_duplicates_and_faults_after_place_k_are_not_looked_at():
    assert metrics.precision([[0, 1, 0]], csr([{0}], 2), 2)[0] == 0.5


@pytest.mark.parametrize("metric", [metrics.rmse, metrics.mae])
@pytest.mark.parametrize(
    ("truth", "predicted", "match"),
    [
        ([1, 2], [1], r"shapes \(2,\) and \(1,\)"),
        ([[1]], [[1]], "1-d"),
        ([], [], "truth is empty"),
        ([1, np.nan], [1, 2], "truth must be finite; got nan at position 1"),
        ([1, 2], [np.inf, 2], "predicted must be finite; got inf at position 0"),
        ([1, 2j], [1, 2], r"truth\[1\] is 2j, not a real number"),
        (np.array([366, 1], "m8[D]"), [1, 2], r"truth\[0\] is np.timedelta64\(366"),
        ([1, 2], [True, 2], r"predicted\[0\] is True, not a real number"),
        (np.ma.array([1, 2], mask=[1, 0]), [1, 2], "truth has masked entries"),
        ([[1, 2], [3]], [1, 2], r"truth\[0\] is \[1, 2\], not a real number"),
    ],
)
def test_bad_pairs(metric, truth, predicted, match):
    with pytest.raises(ValueError, match=match):
        metric(truth, predicted)


def test_entries_that_stand_twice_do_not_overflow():
    entries = (
        np.array([100, 100, 56], np.int8),
        ([0, 0, 0], [1, 1, 1]),
    )  # 256 is 0 there
    relevant = sparse.coo_array(entries, shape=(1, 2))
    assert metrics.precision([[1]], relevant, 1).tolist() == [1.0]


# Lists as a whole --------------------------------------------------------------------


def test_coverage_by_hand():
    # Items 0, 1 and 3 of five are shown.
    assert metrics.coverage([[0, 1], [1, 3], [0, -1]], 5) == 3 / 5
    assert metrics.coverage([[-1, -1]], 5) == 0
    assert metrics.coverage([[0, 1, 2]], 3) == 1


def test_gini_by_hand():
    # Counts 0, 1, 3 of n = 3: ((2-4)*0 + (4-4)*1 + (6-4)*3) / (3 * 4) = 6 / 12.
    assert metrics.gini([[1, 2], [2, -1], [-1, 2]], 3) == 6 / 12
    assert metrics.gini([[0, 1], [2, 3]], 4) == 0
    assert metrics.gini([[0], [0], [0]], 10) == pytest.approx(9 / 10)
    assert math.isnan(metrics.gini([[-1]], 4))
    # The sum of a large catalogue has more than 32 bits, NumPy's int maybe not.
    everybody = np.zeros((2000, 1), dtype=np.int32)
    assert metrics.gini(everybody, 3_000_000) == pytest.approx(1 - 1 / 3_000_000, 1e-12)


@given(problem=problems())
@settings(max_examples=60, deadline=None)
def test_gini_is_half_the_relative_mean_difference(problem):
    rows, _, n_items, _ = problem
    counts = np.bincount(rows[rows >= 0], minlength=n_items)
    if counts.sum():
        pairs = np.abs(counts[:, None] - counts[None, :]).sum()
        expected = pairs / (2 * n_items * counts.sum())
        assert metrics.gini(rows, n_items) == pytest.approx(expected)


def test_novelty_by_hand():
    # Shares 1/2, 1/4, 1/4: 1, 2 and 2 bits. Places: 0, 1, 0 -> (1 + 2 + 1) / 3.
    assert metrics.novelty([[0, 1], [0, -1]], [2, 1, 1]) == pytest.approx(4 / 3)
    assert metrics.novelty([[0, 1], [0, -1]], [0.5, 0.25, 0.25]) == pytest.approx(4 / 3)
    # Item 2 was never chosen: as surprising as item 1, the rarest that was: 3 bits.
    assert metrics.novelty([[2]], [7, 1, 0]) == metrics.novelty([[1]], [7, 1, 0]) == 3
    assert metrics.novelty([[0]], [4, 0]) == 0
    assert math.isnan(metrics.novelty([[-1]], [1, 2]))


def test_diversity_by_hand():
    S = np.array([[1, 0.5, -0.2], [0.5, 1, 0.0], [-0.2, 0.0, 1]])
    # List 0 1 2: 1 - (0.5 - 0.2 + 0.0) / 3 = 0.9. List 0 1: 0.5. Of one: left out.
    assert metrics.diversity([[0, 1, 2]], S) == pytest.approx(0.9)
    ranked = [[0, 1, 2], [1, 0, -1], [2, -1, -1]]
    assert metrics.diversity(ranked, S) == pytest.approx((0.9 + 0.5) / 2)
    assert metrics.diversity([[1, -1, 0]], S) == pytest.approx(0.5)
    assert metrics.diversity([[0, 1]], sparse.csr_array(S)) == pytest.approx(0.5)
    assert metrics.diversity([[0, 1]], np.ones((2, 2))) == 0
    assert math.isnan(metrics.diversity([[0], [1]], S))


@given(problem=problems(), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_diversity_equals_the_plain_loop(problem, seed):
    rows, _, n_items, _ = problem
    S = np.random.default_rng(seed).uniform(-1, 1, (n_items, n_items))
    means = []
    for row in rows:
        items = [i for i in row if i >= 0]
        pairs = [1 - S[i, j] for i in items for j in items if i != j]
        if pairs:
            means.append(sum(pairs) / len(pairs))
    if means:
        assert metrics.diversity(rows, S) == pytest.approx(np.mean(means))


def test_whole_list_metrics_return_floats():
    for value in (
        metrics.coverage([[0, 1]], 3),
        metrics.gini([[0, 1]], 3),
        metrics.novelty([[0, 1]], [1, 2, 3]),
        metrics.diversity([[0, 1]], np.eye(3)),
        metrics.diversity([[0]], np.eye(3)),
        metrics.gini([[-1]], 3),
    ):
        assert type(value) is float


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: metrics.coverage([[0, 3]], 3), "3 in row 0 at position 1"),
        (lambda: metrics.coverage([[1, 1]], 3), "item 1 twice"),
        (lambda: metrics.coverage([[0]], 0), "n_items must be"),
        (lambda: metrics.gini([[0, 3]], 3), "3 in row 0 at position 1"),
        (lambda: metrics.gini([[0.5]], 3), "integer"),
        (lambda: metrics.novelty([[3]], [1, 1, 1]), "3 in row 0"),
        (lambda: metrics.novelty([[0]], [-1, 2]), "popularity must be"),
        (lambda: metrics.novelty([[0]], [np.nan, 2]), "popularity must be"),
        (lambda: metrics.novelty([[0]], [[1, 2]]), "popularity must be"),
        (lambda: metrics.novelty([[0]], [0, 0]), "popularity has sum 0"),
        (lambda: metrics.novelty([[0]], [1, 2j]), r"popularity\[1\] is 2j"),
        (lambda: metrics.diversity([[0]], [[1, 2], [1]]), "item_similarity"),
        (lambda: metrics.coverage([[0, 1], [1]], 3), "ranked must be an array"),
        (lambda: metrics.coverage([[0]], 10**30), r"n_items must be .*below 2\*\*63"),
        (lambda: metrics.recall([[0]], [[1, 0], [1]], 1), "relevant must be an array"),
        (lambda: metrics.ndcg([[0]], csr([{0}]), 10**30), "k must be an integer below"),
        (lambda: metrics.diversity([[0]], np.ones((2, 3))), "square"),
        (lambda: metrics.diversity([[0]], np.full((2, 2), np.inf)), "square"),
        (lambda: metrics.diversity([[0, 2]], np.eye(2)), "2 in row 0"),
    ],
)
def test_bad_whole_lists(call, match):
    with pytest.raises(ValueError, match=match):
        call()


def test_kernel_is_the_same_function_in_plain_python():
    from recbook.metrics import ranking

    plain = getattr(ranking._mark, "py_func", ranking._mark)
    rng = np.random.default_rng(0)
    ranked = np.array([rng.permutation(9)[:4] for _ in range(20)])
    relevant = sparse.csr_array(rng.random((20, 9)) < 0.3)
    results = []
    for mark in (plain, ranking._mark):
        hits, n_relevant = np.zeros(ranked.shape, bool), np.zeros(20, np.int64)
        arrays = relevant.indptr, relevant.indices, relevant.data != 0
        assert mark(ranked, *arrays, 9, hits, n_relevant) == -1
        results.append((hits.tolist(), n_relevant.tolist()))
    assert results[0] == results[1]
