"""Similarity: beside plain loops from the definition, by property and by hand."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from recbook import datasets
from recbook.similarity import (
    adjusted_cosine,
    cosine,
    jaccard,
    kernels,
    nearest,
    pearson,
)
from recbook.similarity.kernels import TILE
from recbook.similarity.packed import FIELD, GRID, pack, packs, unpack

MEASURES = {
    "cosine": cosine,
    "pearson-own": lambda X, **options: pearson(X, mean="own", **options),
    "pearson-corated": lambda X, **options: pearson(X, mean="corated", **options),
    "adjusted_cosine": adjusted_cosine,
}
each_measure = pytest.mark.parametrize("name", MEASURES)
each_over = pytest.mark.parametrize("over", ["corated", "all"])


# ---------------------------------------------------------------- the definition


def mean_of(values):
    return math.fsum(values) / len(values)


def is_constant(values):
    return max(values) - min(values) <= 1e-12 * max(abs(v) for v in values)


def centred(X, name, u, v, i):
    """The number that stands for X[u, i] in the sums of the pair (u, v)."""
    rated = range(X.shape[1])
    if name == "cosine":
        return X[u, i]
    if name == "pearson-own":
        used = [X[u, j] for j in rated if X[u, j]]
    elif name == "pearson-corated":
        used = [X[u, j] for j in rated if X[u, j] and X[v, j]]
    else:
        used = [X[w, i] for w in range(X.shape[0]) if X[w, i]]
    # Exactly 0 where the rating is its mean: 1e-17 would be a direction of its own.
    difference = X[u, i] - mean_of(used)
    return 0.0 if is_constant([X[u, i], mean_of(used)]) else difference


def pair(X, name, over, min_support, shrinkage, u, v):
    """One similarity, with Python's own loops and sums."""
    rated = {w: [i for i in range(X.shape[1]) if X[w, i]] for w in (u, v)}
    both = [i for i in rated[u] if i in rated[v]]
    x = {i: centred(X, name, u, v, i) for i in rated[u]} if both else {}
    y = {i: centred(X, name, v, u, i) for i in rated[v]} if both else {}
    xx = math.fsum(x[i] ** 2 for i in (both if over == "corated" else x))
    yy = math.fsum(y[i] ** 2 for i in (both if over == "corated" else y))
    if u == v:
        return float(xx > 0)
    if len(both) < min_support or xx == 0 or yy == 0:
        return 0.0
    value = math.fsum(x[i] * y[i] for i in both) / math.sqrt(xx * yy)
    return value * len(both) / (len(both) + shrinkage)


def oracle(X, name, over, min_support, shrinkage):
    n = len(X)
    S = [
        [pair(X, name, over, min_support, shrinkage, u, v) for v in range(n)]
        for u in range(n)
    ]
    return np.array(S).reshape(n, n)


def table(seed, n=9, m=12, low=-5, high=6, density=0.55):
    """Random ratings; about half of the cells are absent, some rows are constant."""
    rng = np.random.default_rng(seed)
    X = rng.integers(low, high, (n, m)) * (rng.random((n, m)) < density)
    X = X.astype(float)
    X[0] = 3.0 * (X[0] != 0)  # a row that is constant
    X[1] = 0.0  # a row without an entry
    X[2] *= np.cumsum(X[2] != 0) == 1  # a row with one
    return X


# ------------------------------------------------------------------------ oracles


@each_measure
@each_over
@pytest.mark.parametrize("min_support", [1, 3])
@pytest.mark.parametrize("shrinkage", [0.0, 2.5])
@pytest.mark.parametrize("low", [1, -5], ids=["stars", "signed"])
def test_agrees_with_plain_loops(name, over, min_support, shrinkage, low):
    for seed in range(4):
        X = table(seed, low=low)
        options = {"over": over, "min_support": min_support, "shrinkage": shrinkage}
        expected = oracle(X, name, **options)
        actual = MEASURES[name](sparse.csr_array(X), **options)
        np.testing.assert_allclose(actual, expected, atol=1e-12)


@each_measure
@each_over
def test_agrees_with_plain_loops_on_fractions(name, over):
    """Tenths have no exact binary form, so a constant row is so up to rounding."""
    X = table(5) * 0.1
    expected = oracle(X, name, over, 1, 0.0)
    actual = MEASURES[name](X, over=over)
    np.testing.assert_allclose(actual, expected, atol=1e-12)


@pytest.mark.parametrize("min_support", [1, 3])
@pytest.mark.parametrize("shrinkage", [0.0, 4.0])
def test_jaccard_agrees_with_sets(min_support, shrinkage):
    X = table(2)
    sets = [set(np.flatnonzero(row).tolist()) for row in X]
    S = jaccard(X, min_support=min_support, shrinkage=shrinkage)
    for u, v in itertools.product(range(len(X)), repeat=2):
        n_uv = len(sets[u] & sets[v])
        if u == v:
            expected = float(n_uv > 0)
        elif n_uv < min_support:
            expected = 0.0
        else:
            shrunk = n_uv / (n_uv + shrinkage)
            expected = n_uv / len(sets[u] | sets[v]) * shrunk
        assert S[u, v] == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("decimals", [0, 1, 9])
@pytest.mark.parametrize("k", [1, 3, 8, 9, 12])
def test_nearest_agrees_with_sorted(k, decimals):
    """Rounded similarities have ties by the dozen: the lower index goes first."""
    S = np.random.default_rng(1).uniform(-1, 1, (9, 9)).round(decimals)
    indices, values = nearest(S, k)
    assert indices.shape == values.shape == (9, k)
    for u in range(9):
        others = sorted((v for v in range(9) if v != u), key=lambda v: (-S[u, v], v))
        pads = max(k - 8, 0)
        assert indices[u].tolist() == others[:k] + [-1] * pads
        assert values[u].tolist() == [S[u, v] for v in others[:k]] + [0.0] * pads


def test_nearest_over_more_rows_than_one_block():
    S = np.random.default_rng(3).random((600, 600)).round(2)
    indices, _ = nearest(S, 7)
    for u in (0, 255, 256, 599):
        others = sorted((v for v in range(600) if v != u), key=lambda v: (-S[u, v], v))
        assert indices[u].tolist() == others[:7]


# --------------------------------------------------------------------- properties

ratings = arrays(
    np.float64,
    st.tuples(st.integers(0, 7), st.integers(1, 7)),
    elements=st.sampled_from([0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, -1.5, 0.1]),
)
wild = arrays(
    np.float64,
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    elements=st.one_of(st.just(0.0), st.floats(allow_nan=False, allow_infinity=False)),
)


@each_measure
@each_over
@settings(deadline=None, max_examples=60)
@given(X=st.one_of(ratings, wild), shrinkage=st.sampled_from([0.0, 1.0, 1e300]))
def test_symmetric_finite_and_bounded(name, over, X, shrinkage):
    S = MEASURES[name](X, over=over, shrinkage=shrinkage)
    assert S.dtype == np.float64
    assert S.shape == (len(X), len(X))
    assert np.isfinite(S).all()
    assert (np.abs(S) <= 1).all()
    assert (S == S.T).all()
    assert set(np.diagonal(S).tolist()) <= {0.0, 1.0}


@settings(deadline=None, max_examples=60)
@given(
    X=ratings,
    slope=st.floats(0.1, 10),
    start=st.floats(-8, 8),
    over=st.sampled_from(["corated", "all"]),
)
def test_pearson_ignores_how_a_row_uses_the_scale(X, slope, start, over):
    """Every rating r of a row becomes a r + b, a > 0: no correlation moves."""
    Y = np.where(X != 0, slope * X + start, 0.0)
    if ((Y == 0) != (X == 0)).any() or len(X) == 0:
        return  # a rating fell on 0, which is "not rated"
    mixed = np.vstack([Y[:1], X[1:]])
    for mean in ("own", "corated"):
        before = pearson(X, mean=mean, over=over)
        after = pearson(mixed, mean=mean, over=over)
        np.testing.assert_allclose(after, before, atol=1e-9)


@settings(deadline=None, max_examples=60)
@given(X=ratings, factor=st.floats(1e-3, 1e3), over=st.sampled_from(["corated", "all"]))
def test_cosine_ignores_the_length_of_a_row(X, factor, over):
    Y = X.copy()
    Y[:1] *= factor
    np.testing.assert_allclose(cosine(Y, over=over), cosine(X, over=over), atol=1e-12)


@each_measure
@each_over
def test_rows_in_another_order_give_the_same_pairs(name, over):
    X = table(7)
    order = np.random.default_rng(0).permutation(len(X))
    S = MEASURES[name](X, over=over)
    np.testing.assert_allclose(
        MEASURES[name](X[order], over=over), S[np.ix_(order, order)], atol=1e-13
    )


@pytest.mark.parametrize("name", ["cosine", "pearson-own", "pearson-corated"])
@each_over
def test_pairs_do_not_depend_on_how_many_rows_there_are(name, over):
    """The walk goes by tiles of rows; these straddle an edge of one."""
    X = table(9, n=TILE + 40, m=10)
    some = [3, 4, *range(TILE - 3, TILE + 2), TILE + 39]
    S = MEASURES[name](X, over=over, min_support=2)[np.ix_(some, some)]
    expected = MEASURES[name](X[some], over=over, min_support=2)
    np.testing.assert_allclose(S, expected, atol=1e-14)
    assert np.count_nonzero(expected) > 20


@each_measure
def test_powers_of_two_change_no_digit_however_large(name):
    X = table(3)
    for exponent in (-900, 900):
        scaled = MEASURES[name](np.ldexp(X, exponent))
        np.testing.assert_array_equal(scaled, MEASURES[name](X))


@each_over
def test_stars_and_fractions_go_different_ways_to_one_answer(over):
    """Whole numbers are summed once, exactly; others are centred first."""
    X = table(8, n=20, m=30, low=1)
    stars = pearson(X, mean="corated", over=over)
    np.testing.assert_allclose(
        pearson(X / 3, mean="corated", over=over), stars, atol=1e-12
    )
    # Over the three that both rated the second row is constant, exactly.
    S = pearson([[1, 2, 3, 5], [5, 5, 5, 0]], mean="corated", over=over)
    assert S[0, 1] == 0


@each_measure
@each_over
@pytest.mark.parametrize("options", [{}, {"min_support": 3, "shrinkage": 2.5}])
def test_packed_sums_are_those_of_the_general_way(name, over, options, monkeypatch):
    X = table(12, n=40, m=60, low=1) / 2  # half stars
    S = MEASURES[name](X, over=over, **options)
    ways = []
    monkeypatch.setattr(kernels, "packs", lambda X: ways.append(packs(X)))
    general = MEASURES[name](X, over=over, **options)
    assert ways == [name in ("cosine", "pearson-corated")]
    np.testing.assert_allclose(S, general, atol=1e-12)
    assert np.count_nonzero(general) > len(general)


@pytest.mark.parametrize("more", [0, 1])
def test_sums_that_fill_their_field_and_sums_that_would_not_fit(more):
    """Squares of 15 over 9320 columns are 2^21 - 152; one column more is too much."""
    X = np.full((2, 9320 + more), 15.0)
    assert packs(sparse.csr_array(X / GRID)) == (more == 0)
    X[1, 1::2] = 14.0
    x, y = X.astype(int).tolist()
    expected = sum(a * b for a, b in zip(x, y, strict=True)) / math.sqrt(
        sum(a * a for a in x) * sum(b * b for b in y)
    )
    assert cosine(X)[0, 1] == pytest.approx(expected, abs=1e-14)
    X[0, :3] = 1.0
    expected = np.corrcoef(X)[0, 1]
    assert pearson(X, mean="corated")[0, 1] == pytest.approx(expected, abs=1e-12)


def test_only_small_whole_numbers_are_packed():
    for value, answer in ((15, True), (16, False), (0.5, False), (-1, False)):
        assert packs(sparse.csr_array([[value / GRID, 1 / GRID]])) == answer
    assert packs(sparse.csr_array((0, 0)))


def test_unpack_undoes_pack():
    full = 2**FIELD - 1
    sums = [[0, 1, full, 0, 0], [0, 2, 0, full, 0], [0, 3, 0, 0, full]]
    sums = np.array(sums, dtype=np.int64)
    apart = np.zeros(sums.shape)
    unpack(pack(*sums), *apart)
    np.testing.assert_array_equal(apart, sums)


def test_corated_means_are_the_correlation_of_statistics():
    X = table(11, low=1)
    S = pearson(X, mean="corated", min_support=3)
    compared = 0
    for u, v in itertools.combinations(range(3, len(X)), 2):
        both = (X[u] != 0) & (X[v] != 0)
        x, y = X[u, both], X[v, both]
        if both.sum() >= 3 and x.std() > 0 and y.std() > 0:
            assert S[u, v] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-12)
            compared += 1
    assert compared > 5


# ------------------------------------------------------------------------ by hand

ANN, BOB, CEM, DEE, EVE = range(5)
ALIEN, DUNE, HEAT, UP, COCO, BABE = range(6)


@pytest.fixture(scope="module")
def toy():
    return datasets.load_toy().csr


def test_cosine_of_ann_and_bob(toy):
    # In common: Alien, Dune, Heat, Up, with (5, 5, 4, 1) and (4, 5, 5, 2).
    # product 20 + 25 + 20 + 2 = 67; norms 25+25+16+1 = 67 and 16+25+25+4 = 70
    assert cosine(toy)[ANN, BOB] == pytest.approx(67 / math.sqrt(67 * 70))
    # over all: Ann adds Coco, 2² = 4; Bob adds Babe, 1² = 1
    all_of_it = cosine(toy, over="all")[ANN, BOB]
    assert all_of_it == pytest.approx(67 / math.sqrt(71 * 71))


def test_pearson_of_ann_and_bob(toy):
    # Means over the four in common: 15/4 and 4. Deviations
    # (1.25, 1.25, .25, -2.75) and (0, 1, 1, -2): product 0 + 1.25 + .25 + 5.5 = 7
    # squares 1.5625 + 1.5625 + .0625 + 7.5625 = 10.75 and 0 + 1 + 1 + 4 = 6
    S = pearson(toy, mean="corated")
    assert S[ANN, BOB] == pytest.approx(7 / math.sqrt(10.75 * 6))  # .8716
    # Own means: 17/5 = 3.4 for Ann and 17/5 = 3.4 for Bob. Deviations
    # (1.6, 1.6, .6, -2.4) and (.6, 1.6, 1.6, -1.4):
    # product .96 + 2.56 + .96 + 3.36 = 7.84; squares 2.56 + 2.56 + .36 + 5.76 = 11.24
    # and .36 + 2.56 + 2.56 + 1.96 = 7.44
    S = pearson(toy, mean="own")
    assert S[ANN, BOB] == pytest.approx(7.84 / math.sqrt(11.24 * 7.44))  # .8573
    # Norms over all: Ann adds Coco, (2 - 3.4)² = 1.96; Bob adds Babe, 2.4² = 5.76
    S = pearson(toy, mean="own", over="all")
    assert S[ANN, BOB] == pytest.approx(7.84 / math.sqrt(13.2 * 13.2))
    # Co-rated means and norms over all: Ann adds (2 - 3.75)² = 3.0625,
    # Bob adds (1 - 4)² = 9
    S = pearson(toy, mean="corated", over="all")
    assert S[ANN, BOB] == pytest.approx(7 / math.sqrt(13.8125 * 15))


def test_two_films_in_common_make_a_perfect_pearson(toy):
    # Ann gives Up 1 and Coco 2, Eve 4 and 5: they disagree, yet both lines rise.
    assert pearson(toy, mean="corated")[ANN, EVE] == pytest.approx(1)
    # Own means 3.4 and 4.5: (-2.4, -1.4) · (-.5, .5) = 1.2 - .7 = .5,
    # squares 5.76 + 1.96 = 7.72 and .25 + .25 = .5
    own = pearson(toy, mean="own")[ANN, EVE]
    assert own == pytest.approx(0.5 / math.sqrt(7.72 * 0.5))
    # Shrunk by 2 / (2 + 8) = .2; or refused for lack of support
    assert pearson(toy, mean="corated", shrinkage=8)[ANN, EVE] == pytest.approx(0.2)
    assert pearson(toy, mean="corated", min_support=3)[ANN, EVE] == 0


def test_one_film_in_common_makes_cosine_1_and_pearson_0(toy):
    assert cosine(toy)[BOB, EVE] == 1  # Up only: 2 · 4 / (2 · 4)
    assert pearson(toy, mean="corated")[BOB, EVE] == 0  # 0/0


def test_adjusted_cosine_of_up_and_coco(toy):
    # Users of both: Ann (1, 2) about 3.4, Dee (5, 4) about 17/5 = 3.4,
    # Eve (4, 5) about 4.5. Up: -2.4, 1.6, -.5; Coco: -1.4, .6, .5.
    # product 3.36 + .96 - .25 = 4.07; squares 5.76 + 2.56 + .25 = 8.57 and
    # 1.96 + .36 + .25 = 2.57
    S = adjusted_cosine(toy.T)
    assert S[UP, COCO] == pytest.approx(4.07 / math.sqrt(8.57 * 2.57))
    # over all: Up adds Bob, (2 - 3.4)² = 1.96; Coco adds Cem, (1 - 10/3)² = 49/9
    S = adjusted_cosine(toy.T, over="all")
    expected = 4.07 / math.sqrt(10.53 * (2.57 + 49 / 9))
    assert S[UP, COCO] == pytest.approx(expected)


def test_jaccard_of_ann_and_bob(toy):
    # 4 films in common of the 6 that either rated
    assert jaccard(toy)[ANN, BOB] == pytest.approx(4 / 6)


def test_nearest_of_the_toy(toy):
    indices, values = nearest(pearson(toy, mean="own"), 2)
    assert indices[ANN].tolist() == [CEM, BOB]
    assert values[ANN, 1] == pytest.approx(7.84 / math.sqrt(11.24 * 7.44))


# ------------------------------------------------------------------- degenerate


@each_measure
@each_over
@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (1, 4), (4, 1), (3, 3)])
def test_nothing_rated_is_all_zeros(name, over, shape):
    S = MEASURES[name](np.zeros(shape), over=over)
    np.testing.assert_array_equal(S, np.zeros((shape[0], shape[0])))


@pytest.mark.parametrize("value", [3.0, 0.1, -2.7, 1e-300, 1e300])
@pytest.mark.parametrize("mean", ["own", "corated"])
@each_over
def test_constant_rows_have_no_correlation(value, mean, over):
    X = np.full((3, 7), value)
    X[1] = [1, 2, 3, 4, 5, 4, 3]
    S = pearson(X, mean=mean, over=over)
    np.testing.assert_array_equal(S, np.diag([0.0, 1.0, 0.0]))


@pytest.mark.parametrize("mean", ["own", "corated"])
@each_over
def test_constant_up_to_rounding(mean, over):
    X = np.array([[0.3, 0.1 + 0.2, 0.3, 0.3], [1, 2, 3, 5], [5, 1, 3, 2]])
    assert X[0, 0] != X[0, 1]
    S = pearson(X, mean=mean, over=over)
    assert S[0].tolist() == [0, 0, 0]
    assert S[1, 2] != 0


def test_a_rating_equal_to_its_mean_has_no_direction():
    """.1 + .2 + .3 over 3 is not .2 to the last bit; the rest must not become ±1."""
    X = np.array([[0.1, 0.2, 0.3], [0.0, 4.0, 1.0]])
    X[1, 2] = 0.0  # only the middle one is co-rated
    X = np.vstack([X, [1.0, 5.0, 0.0]])
    assert pearson(X, mean="own")[0, 1] == 0
    # Columns: (.1, .2, .3) and (7, 8, 9), the second row on both their means.
    S = adjusted_cosine([[0.1, 7], [0.2, 8], [0.3, 9]])
    assert S[0, 1] == S[1, 1] == 0
    assert S[0, 2] == pytest.approx(-1)


def test_a_rating_equal_to_its_mean_still_counts_as_rated():
    # Deviations (0, -1, 1) and (0, -1, 1): three co-rated, one product of them 0.
    X = np.array([[2.0, 1.0, 3.0], [4.0, 3.0, 5.0]])
    assert pearson(X, min_support=3)[0, 1] == 1
    assert pearson(X, min_support=4)[0, 1] == 0
    assert pearson(X, shrinkage=3)[0, 1] == 0.5
    columns = np.array([[2.0, 1.0, 4.0], [2.0, 3.0, 2.0], [2.0, 2.0, 3.0]])
    # about the means (2, 2, 3): (0, -1, 1), (0, 1, -1)
    assert adjusted_cosine(columns, min_support=3)[0, 1] == pytest.approx(-1)


def test_a_huge_rating_outside_the_overlap_costs_no_digit():
    X = np.array([[1e9, 1, 2, 4], [0, 1, 3, 2]])
    expected = np.corrcoef([1, 2, 4], [1, 3, 2])[0, 1]
    assert pearson(X, mean="corated")[0, 1] == pytest.approx(expected, abs=1e-12)


def test_a_tiny_rating_has_a_direction_too():
    # Only the first column is co-rated, by 1e-13 and 1: one product over its own norm.
    assert cosine([[1e-13, 1.0], [1.0, 0.0]])[0, 1] == 1


def test_no_overlap_is_zero():
    X = [[1, 2, 0, 0], [0, 0, 3, 4]]
    for measure in (*MEASURES.values(), jaccard):
        assert measure(X)[0, 1] == 0


@each_measure
def test_diagonal_does_not_depend_on_support_or_shrinkage(name):
    X = table(3)
    S = MEASURES[name](X, min_support=100, shrinkage=50)
    np.testing.assert_array_equal(S, np.diag(np.diagonal(MEASURES[name](X))))
    assert S[3, 3] == 1


# ------------------------------------------------------------------------- inputs


@each_measure
def test_every_kind_of_matrix_gives_the_same(name):
    X = table(4)
    expected = MEASURES[name](X)
    explicit = sparse.csr_array(np.ones_like(X))
    explicit.data[:] = X.ravel()  # zeros among the stored entries
    forms = [X.astype(int), X.astype(np.float32), X.tolist(), np.asfortranarray(X)]
    forms += [sparse.coo_array(X), sparse.csc_matrix(X), sparse.csr_array(X), explicit]
    codes = tuple(code.astype(np.int64) for code in X.nonzero())
    forms += [sparse.csr_array((X[codes], codes), shape=X.shape)]
    for form in forms:
        np.testing.assert_array_equal(MEASURES[name](form), expected)


@each_measure
def test_input_is_left_as_it_was(name):
    dense = table(4)
    X = sparse.csr_array(dense)
    X.data.flags.writeable = False
    MEASURES[name](X, over="all")
    np.testing.assert_array_equal(X.toarray(), dense)


@pytest.mark.parametrize("measure", [*MEASURES.values(), jaccard])
def test_bad_arguments_are_refused(measure):
    X = table(1)
    with pytest.raises(ValueError, match="X"):
        measure(np.where(X == 3, np.nan, X))
    with pytest.raises(ValueError, match="X"):
        measure(np.where(X == 3, np.inf, X))
    with pytest.raises(ValueError, match="X"):
        measure(X[0])
    with pytest.raises(ValueError, match=r"min_support.*-1"):
        measure(X, min_support=-1)
    with pytest.raises(ValueError, match=r"min_support.*2\.5"):
        measure(X, min_support=2.5)
    with pytest.raises(ValueError, match=r"shrinkage.*-2"):
        measure(X, shrinkage=-2)
    with pytest.raises(ValueError, match=r"shrinkage.*nan"):
        measure(X, shrinkage=np.nan)


def test_unknown_words_are_refused():
    with pytest.raises(ValueError, match=r"over.*common"):
        cosine([[1]], over="common")
    with pytest.raises(ValueError, match=r"mean.*all"):
        pearson([[1]], mean="all")


def test_nearest_refuses_what_is_no_similarity():
    with pytest.raises(ValueError, match=r"S.*\(2, 3\)"):
        nearest(np.ones((2, 3)), 1)
    with pytest.raises(ValueError, match=r"S.*\(2,\)"):
        nearest([1.0, 2.0], 1)
    with pytest.raises(ValueError, match="finite"):
        nearest([[1.0, np.nan], [0.0, 1.0]], 1)
    with pytest.raises(ValueError, match=r"k.*0"):
        nearest(np.eye(2), 0)


@pytest.mark.parametrize("n", [0, 1])
def test_nearest_of_nobody_is_padding(n):
    indices, values = nearest(np.ones((n, n)), 3)
    np.testing.assert_array_equal(indices, np.full((n, 3), -1))
    np.testing.assert_array_equal(values, np.zeros((n, 3)))


def test_nearest_counts_those_who_are_unlike_too():
    indices, values = nearest([[1, -0.5, 0], [-0.5, 1, -1], [0, -1, 1]], 2)
    assert indices.tolist() == [[2, 1], [0, 2], [0, 1]]
    assert values[1].tolist() == [-0.5, -1]
