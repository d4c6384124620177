"""Each check passes what is good unchanged and names what is bad."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

import recbook
from recbook._core import validate

FORMS = [np.asarray, sparse.csr_matrix, sparse.csc_array, sparse.coo_array]


def test_not_fitted_error_is_public_and_both_kinds():
    assert recbook.NotFittedError is validate.NotFittedError
    assert issubclass(recbook.NotFittedError, ValueError)
    assert issubclass(recbook.NotFittedError, AttributeError)


def test_check_fitted_names_the_model_and_passes_a_fitted_one():
    class Mean:
        pass

    model = Mean()
    with pytest.raises(recbook.NotFittedError, match=r"this Mean .* call fit"):
        validate.check_fitted(model, "mu_")
    model.mu_ = 0.0
    assert validate.check_fitted(model, "mu_") is None


@given(st.lists(st.integers(0, 9)))
def test_check_codes_keeps_good_codes(codes):
    checked = validate.check_codes("users", codes, 10)
    assert checked.dtype == np.int64
    assert checked.tolist() == codes


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ([0, 3], r"users\[1\] is 3, but a code is from 0 to 2"),
        ([0, 1, -1], r"users\[2\] is -1"),
        ([0, 7, 8], r"users\[1\] is 7"),  # the first of them
        ([0.0], r"users must hold integer codes, got .*0\.0"),
        ([np.nan], r"users must hold integer codes, got .*nan"),
        (["Ann"], r"users must hold integer codes, got .*Ann"),
        ([True, False], r"users must hold integer codes, got .*True"),
        ([None], r"users must hold integer codes, got None"),
        (2, r"users must be one-dimensional, got 2 .* write \[code\]"),
        ([[0], [1]], r"users must be one-dimensional"),
        ([[0], [1, 2]], r"users must be a flat list"),
        (np.array([2**63], dtype=np.uint64), r"users\[0\] is 9223372036854775808"),
    ],
)
def test_check_codes_names_what_is_wrong(codes, message):
    with pytest.raises(ValueError, match=message):
        validate.check_codes("users", codes, 3)


def test_check_codes_of_an_empty_space():
    assert validate.check_codes("items", [], 0).tolist() == []
    with pytest.raises(ValueError, match=r"items\[0\] is 0, but there are no codes; c"):
        validate.check_codes("items", [0], 0)


@pytest.mark.parametrize(
    ("ids", "value", "end"),
    [
        ([20, 30, 40], 40, "40 is an id, whose code is 2"),
        ([20, 30, 40], 25, "codes are places in ratings.user_ids, not ids"),
        ([20, 30, 40], 30.0, "30.0 is an id, whose code is 1"),
        ([1, 2, 3], True, "codes are places in ratings.user_ids, not ids"),
        (["Ann", "Bob", "Cem"], "Bob", "'Bob' is an id, whose code is 1"),
        (None, 40, "codes are places in ratings.user_ids, not ids"),
    ],
)
def test_an_id_in_place_of_a_code_is_told_its_code(ids, value, end):
    ids = None if ids is None else np.array(ids)
    with pytest.raises(ValueError, match=rf"users.*; {end}$"):
        validate.check_codes("users", [value], 3, ids)


def test_check_pairs_wants_one_length():
    with pytest.raises(ValueError, match="got 2 users and 1 items"):
        validate.check_pairs([0, 1], [0], 2, 2)
    with pytest.raises(ValueError, match=r"items\[0\] is 5"):
        validate.check_pairs([0], [5], 2, 5)


@pytest.mark.parametrize("value", [0, -1, 1.0, True, "3", None, np.nan, np.True_])
def test_check_positive_int_refuses(value):
    with pytest.raises(ValueError, match="k must be an integer of at least 1, got"):
        validate.check_positive_int("k", value)


def test_check_positive_int_takes_numpy_and_a_minimum():
    checked = validate.check_positive_int("k", np.int32(0), minimum=0)
    assert checked == 0
    assert type(checked) is int


@pytest.mark.parametrize(
    "value",
    [
        *(-0.1, 1.1, np.nan, np.inf, -np.inf, "0", None, True, np.True_, 1j, [0.5]),
        pytest.param(10**400, id="more than a float holds"),
    ],
)
def test_check_number_refuses(value):
    with pytest.raises(ValueError, match="reg must be a finite number of at least 0"):
        validate.check_number("reg", value, minimum=0, maximum=1)


@pytest.mark.parametrize("value", [0, -1.0, 1, np.nan, np.inf, "half"])
def test_bounds_that_are_not_allowed_themselves(value):
    message = f"alpha must be a finite number above 0 and below 1, got {value!r}"
    with pytest.raises(ValueError, match=f"^{message}$"):
        validate.check_number("alpha", value, above=0, below=1)
    assert validate.check_number("alpha", 5e-324, above=0, below=1) == 5e-324
    for zero in (Fraction(1, 10**400), np.longdouble("1e-4000")):  # as a float
        with pytest.raises(ValueError, match="alpha must be a finite number above 0"):
            validate.check_number("alpha", zero, above=0)


@given(st.floats(0, 1))
def test_check_number_keeps_what_is_within(value):
    assert validate.check_number("reg", value, minimum=0, maximum=1) == value
    assert type(validate.check_number("reg", np.float32(value))) is float


@pytest.mark.parametrize("value", ["cosin", "", None, 1, ["all"], np.array(["all"])])
def test_check_choice_refuses(value):
    with pytest.raises(ValueError, match="over must be 'corated' or 'all', got"):
        validate.check_choice("over", value, ["corated", "all"])


@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=5),
        elements=st.sampled_from([-1.5, 0.0, 2.0]),
    ),
    st.sampled_from(FORMS),
)
def test_check_matrix_takes_every_form(dense, form):
    matrix = validate.check_matrix("X", form(dense))
    assert isinstance(matrix, sparse.csr_array)
    assert matrix.dtype == np.float64
    assert matrix.nnz == np.count_nonzero(dense)
    assert matrix.has_canonical_format
    np.testing.assert_array_equal(matrix.toarray(), dense)


def test_check_matrix_sums_repeats_and_drops_zeros_in_a_copy():
    # Row 0 holds column 1 twice (1 + 2 = 3) and a stored zero, out of order.
    given_ = sparse.csr_array(([1.0, 0.0, 2.0], [1, 0, 1], [0, 3]), shape=(1, 2))
    matrix = validate.check_matrix("X", given_)
    assert (matrix.indices.tolist(), matrix.data.tolist()) == ([1], [3.0])
    assert given_.data.tolist() == [1.0, 0.0, 2.0]
    assert given_.indices.tolist() == [1, 0, 1]


def test_check_matrix_mends_either_fault_alone():
    zero = sparse.csr_array(([0.0, 2.0], [0, 1], [0, 2]), shape=(1, 2))
    assert validate.check_matrix("X", zero).indices.tolist() == [1]
    repeat = sparse.csr_array(([1.0, 2.0], [1, 1], [0, 2]), shape=(1, 2))
    assert validate.check_matrix("X", repeat).data.tolist() == [3.0]
    unsorted = sparse.csr_array(([1.0, 2.0], [1, 0], [0, 2]), shape=(1, 2))
    assert validate.check_matrix("X", unsorted).indices.tolist() == [0, 1]
    good = sparse.csr_array([[0.0, 2.0]])  # nothing to mend, so nothing to copy
    assert np.shares_memory(validate.check_matrix("X", good).data, good.data)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[0, np.nan]], r"X\[0, 1\] is nan"),
        (sparse.csr_array([[0.0, 0.0], [np.inf, 0.0]]), r"X\[1, 0\] is inf"),
        ([1, 2], r"two-dimensional, got shape \(2,\)"),
        (3, r"two-dimensional, got shape \(\)"),
        ([["a"]], "must hold real numbers"),
        ([[1j]], "must hold real numbers"),
        ([[None]], "must hold real numbers"),
    ],
)
def test_check_matrix_refuses(X, message):
    with pytest.raises(ValueError, match=message):
        validate.check_matrix("X", X)


@pytest.mark.parametrize(
    "form", [sparse.coo_array, sparse.coo_matrix, sparse.csc_array]
)
def test_check_matrix_adds_up_small_integers_without_overflow(form):
    entries = np.array([100, 100, 1], np.int8), ([0, 0, 0], [0, 0, 1])
    X = form(entries, shape=(1, 2))
    if form is sparse.csc_array:  # it would have added them up itself
        X = form((entries[0], [0, 0, 0], [0, 2, 3]), shape=(1, 2))
    assert validate.check_matrix("X", X).toarray().tolist() == [[200.0, 1.0]]


def test_rows_of_unequal_length_are_no_matrix():
    with pytest.raises(ValueError, match="X must be an array, its rows of one length"):
        validate.check_matrix("X", [[1, 2], [3]])


def test_check_k_lets_a_small_table_be_filled_up():
    assert [validate.check_k(k, 6) for k in (1, 6, 1000)] == [1, 6, 1000]
    assert validate.check_k(1682, 1682) == 1682
    for k, n_items in ((1001, 6), (1683, 1682), (10**30, 6), (0, 6), (2.0, 6)):
        with pytest.raises(ValueError, match=f"k must be .*, got {k}"):
            validate.check_k(k, n_items)
