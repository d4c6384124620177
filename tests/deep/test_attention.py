"""Attention by plain loops from its definition, by hand, and by what it must not do."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recbook.deep import attention
from recbook.deep.attention import (
    additive_score,
    attend,
    causal_mask,
    dot_score,
    merge_heads,
    multi_head,
    softmax,
    split_heads,
)
from recbook.deep.lazy import keras, tf

rng = np.random.default_rng(4)


def plain(queries, keys, values, score, may):
    """c and alpha of each query, the sums written out."""
    contexts, weights = [], []
    for s, row in zip(queries, may, strict=True):
        powers = [
            np.exp(score(s, h)) if ok else 0.0 for h, ok in zip(keys, row, strict=True)
        ]
        alpha = [p / sum(powers) if any(row) else 0.0 for p in powers]
        weights.append(alpha)
        contexts.append(sum(a * h for a, h in zip(alpha, values, strict=True)))
    return np.array(contexts), np.array(weights)


# Functions ---------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [True, False])
def test_attend_is_its_definition(scale):
    q, k, v = (rng.normal(size=shape) for shape in ((3, 4), (5, 4), (5, 2)))
    may = rng.random((3, 5)) < 0.6
    may[1] = False  # may look at nothing
    root = 2.0 if scale else 1.0  # sqrt(4)
    expected = plain(q, k, v, lambda s, h: sum(s * h) / root, may)
    for one, other in zip(attend(q, k, v, may, scale=scale), expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)
    assert not attend(q, k, v, may)[0][1].any()


def test_additive_score_is_its_definition():
    q, k, v = (rng.normal(size=shape) for shape in ((3, 4), (5, 2), (5, 6)))
    W_q, W_k, out = (rng.normal(size=shape) for shape in ((4, 7), (2, 7), (7,)))

    def score(s, h):
        units = [np.tanh(s @ W_q[:, a] + h @ W_k[:, a]) for a in range(7)]
        return sum(o * unit for o, unit in zip(out, units, strict=True))

    expected = plain(q, k, v, score, np.ones((3, 5)))
    found = attend(q, k, v, score=lambda q, k: additive_score(q, k, W_q, W_k, out))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_by_hand():
    # s = (2, 1), h = (2, 0), (1, 1), (0, 2): s.h = 4, 3, 2. Less the largest: 0, -1,
    # -2; exponentials 1, .3679, .1353, together 1.5032; weights .6652, .2447, .0900.
    # c = .6652 (2, 0) + .2447 (1, 1) + .0900 (0, 2) = (1.5752, .4248).
    h = np.array([[2.0, 0], [1, 1], [0, 2]])
    np.testing.assert_array_equal(dot_score([2, 1], h, scale=False), [4, 3, 2])
    context, weights = attend([2, 1], h, h, scale=False)
    np.testing.assert_allclose(weights, [0.6652, 0.2447, 0.0900], atol=5e-5)
    np.testing.assert_allclose(context, [1.5752, 0.4248], atol=5e-5)


def test_the_scale_makes_the_variance_one():
    # Var of a product of two independent numbers, mean 0, variance 1, is 1; d of them
    # add up to d. 200 000 draws: the standard error of the variance is .0032 at most.
    for d in (4, 64):
        q, k = rng.normal(size=(2, 200_000, 1, d))
        assert dot_score(q, k).var() == pytest.approx(1.0, abs=0.02)
        assert dot_score(q, k, scale=False).var() == pytest.approx(d, rel=0.02)


@pytest.mark.parametrize("lead", [(2,), (2, 3)])
def test_batch_axes_are_so_many_single_ones(lead):
    q, k = rng.normal(size=(*lead, 3, 4)), rng.normal(size=(*lead, 5, 4))
    v, may = rng.normal(size=(*lead, 5, 2)), rng.random((*lead, 1, 5)) < 0.5
    W_q, W_k, out = (rng.normal(size=shape) for shape in ((4, 7), (4, 7), (7,)))

    def additive(q, k):
        return additive_score(q, k, W_q, W_k, out)

    for score in ("dot", additive):
        context, weights = attend(q, k, v, may, score)
        for at in np.ndindex(*lead):
            one = attend(q[at], k[at], v[at], may[at], score)
            np.testing.assert_allclose(context[at], one[0], atol=1e-12)
            np.testing.assert_allclose(weights[at], one[1], atol=1e-12)
            single = attend(q[at][1], k[at], v[at], may[at][0], score)
            np.testing.assert_allclose(context[at][1], single[0], atol=1e-12)


scores_and_masks = hnp.array_shapes(min_dims=1, max_dims=3, max_side=5).flatmap(
    lambda shape: st.tuples(
        hnp.arrays(float, shape, elements=st.floats(-1e300, 1e300)),
        hnp.arrays(bool, shape),
    )
)


@given(scores_and_masks)
def test_softmax_sums_to_one_over_what_is_real(pair):
    scores, mask = pair
    weights = softmax(scores, mask)
    assert weights.shape == scores.shape
    assert (weights >= 0).all()
    assert not weights[~mask].any()
    np.testing.assert_allclose(weights.sum(axis=-1), mask.any(axis=-1), atol=1e-12)


@given(scores_and_masks)
def test_padding_may_hold_anything(pair):
    scores, mask = pair
    for junk in (np.nan, np.inf, -np.inf, 1e308):
        np.testing.assert_array_equal(
            softmax(np.where(mask, scores, junk), mask), softmax(scores, mask)
        )


def test_softmax_does_not_mind_a_shift_nor_large_numbers():
    e = np.array([0.0, 1.0, -2.0])
    np.testing.assert_allclose(softmax(e + 1e4), softmax(e), atol=1e-12)
    np.testing.assert_array_equal(softmax([1e300, -1e300]), [1.0, 0.0])
    np.testing.assert_array_equal(softmax([-np.inf, 3.0]), [0.0, 1.0])
    np.testing.assert_array_equal(softmax([-np.inf, -np.inf]), [0.0, 0.0])
    assert softmax(np.zeros((2, 0))).shape == (2, 0)
    assert softmax(np.float32([1, 2])).dtype == np.float64


def test_a_mask_may_be_zeros_and_ones_and_broadcasts():
    scores = rng.normal(size=(2, 3, 4))
    mask = np.array([1, 0, 1, 1])
    expected = softmax(scores, np.tile(mask == 1, (2, 3, 1)))
    np.testing.assert_array_equal(softmax(scores, mask), expected)


def test_no_query_learns_of_what_comes_after():
    x = rng.normal(size=(6, 4))
    before, _ = attend(x, x, x, causal_mask(6))
    for t in range(6):
        changed = x.copy()
        changed[t + 1 :] = 9.0
        after, weights = attend(changed, changed, changed, causal_mask(6))
        np.testing.assert_allclose(after[: t + 1], before[: t + 1], atol=1e-12)
        assert (weights[t, : t + 1] > 0).all()  # the present included
    assert causal_mask(0).shape == (0, 0)


def test_a_change_of_order_changes_nothing_but_the_order():
    x, order = rng.normal(size=(6, 4)), rng.permutation(6)
    matrices = [rng.normal(size=(4, 4)) for _ in range(4)]
    whole, _ = multi_head(x, x, x, matrices, 2)
    y = x[order]
    moved, _ = multi_head(y, y, y, matrices, 2)
    np.testing.assert_allclose(moved, whole[order], atol=1e-12)


def test_heads_are_small_attentions():
    x, z = rng.normal(size=(2, 3, 6)), rng.normal(size=(2, 5, 6))
    may = rng.random((2, 3, 5)) < 0.7
    W_q, W_k, W_v, W_o = (rng.normal(size=(6, 6)) for _ in range(4))
    outputs, weights = multi_head(x, z, z, (W_q, W_k, W_v, W_o), 3, may)
    total = 0.0
    for head in range(3):
        part = slice(2 * head, 2 * head + 2)  # two columns each
        small = [x @ W_q[:, part], z @ W_k[:, part], z @ W_v[:, part]]
        found, alpha = attend(*small, may)
        np.testing.assert_allclose(weights[:, head], alpha, atol=1e-12)
        total = total + found @ W_o[part]
    np.testing.assert_allclose(outputs, total, atol=1e-12)
    np.testing.assert_array_equal(merge_heads(split_heads(x, 3)), x)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: dot_score(np.ones((2, 3)), np.ones((2, 4))), "queries have 3"),
        (lambda: dot_score(1.0, np.ones((2, 4))), "queries has shape"),
        (lambda: attend(np.ones((1, 2)), np.ones((3, 2)), np.ones((4, 2))), "3 keys"),
        (lambda: attend(*np.ones((3, 2, 2)), score="cosine"), "cosine"),
        (lambda: softmax([0.0, np.nan]), "NaN"),
        (lambda: softmax([0.0, np.inf]), "inf"),
        (lambda: softmax([0.0, 1.0], [0.0, -1e9]), "mask must hold True"),
        (lambda: softmax([0.0, 1.0], [True, True, False]), "mask has shape"),
        (lambda: softmax([0.0, 1.0], np.ones((3, 2), bool)), "mask has shape"),
        (lambda: split_heads(np.ones((2, 5)), 2), "n_heads=2"),
        (lambda: split_heads(np.ones((2, 5)), 0), "n_heads"),
        (lambda: causal_mask(-1), "n must"),
    ],
)
def test_bad_input_is_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_nothing_else_is_there():
    with pytest.raises(AttributeError, match="attend_to"):
        _ = attention.attend_to


def test_functions_need_no_tensorflow():
    code = (
        "import sys; from recbook.deep.attention import DIN, attend; DIN(); "
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# The Keras layer ---------------------------------------------------------------------


def float32(*shape):
    return rng.normal(size=shape).astype(np.float32)


def pair(dropout=0.0):
    """Ours and Keras's, with the same weights, biases included."""
    x, z = float32(2, 4, 6), float32(2, 5, 3)
    ours = attention.MultiHeadAttention(2, 3, dropout=dropout, seed=1)
    theirs = keras.layers.MultiHeadAttention(2, 3, dropout=dropout, seed=1)
    ours(x, z), theirs(x, z)
    weights = [float32(*w.shape) for w in theirs.get_weights()]
    ours.set_weights(weights), theirs.set_weights(weights)
    return ours, theirs, x, z


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("causal", [False, True])
def test_the_layer_does_what_keras_does(masked, causal):
    ours, theirs, x, z = pair()
    mask = rng.random((2, 4, 5)) < 0.6 if masked else None
    if masked:
        mask[..., 0] = True  # every query may look at something
    found = ours(x, z, attention_mask=mask, causal=causal, return_weights=True)
    known = theirs(
        x, z, attention_mask=mask, use_causal_mask=causal, return_attention_scores=True
    )
    for one, other in zip(found, known, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_layer_is_multi_head_of_numpy():
    layer = attention.MultiHeadAttention(2, 3, seed=5)
    x = float32(2, 4, 6)
    outputs, weights = layer(x, causal=True, return_weights=True)
    kernels = [np.array(w).reshape(6, 6) for w in layer.get_weights()[::2]]
    expected = multi_head(x, x, x, kernels, 2, causal_mask(4))
    np.testing.assert_allclose(outputs, expected[0], atol=1e-5)
    np.testing.assert_allclose(weights, expected[1], atol=1e-6)


def test_the_layer_keeps_values_of_their_own_apart():
    ours, _, x, z = pair()
    values = float32(2, 5, 3)
    assert np.abs(ours(x, z, values) - ours(x, z)).max() > 0.1
    np.testing.assert_array_equal(ours(x, z, z), ours(x, z))


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_row_of_padding_gets_zeros(dtype):
    layer = attention.MultiHeadAttention(2, 3, dtype=dtype)
    x = float32(2, 4, 6)
    mask = np.array([[True, True, False, False], [False] * 4])[:, None]
    outputs, weights = layer(x, attention_mask=mask, return_weights=True)
    assert not weights.numpy()[1].any()
    assert not weights.numpy()[0, ..., 2:].any()
    np.testing.assert_allclose(weights.numpy()[0].sum(axis=-1), 1.0, atol=2e-3)
    assert not outputs.numpy()[1].any()  # its bias starts at zero


def test_padding_changes_nothing():
    layer = attention.MultiHeadAttention(2, 3)
    x = float32(1, 4, 6)
    longer = np.concatenate([1e3 * float32(1, 2, 6), x], axis=1)  # padded left
    mask = np.array([[[False, False, True, True, True, True]]])
    np.testing.assert_allclose(
        layer(longer, attention_mask=mask)[:, 2:], layer(x), atol=1e-5
    )


def test_dropout_is_off_at_prediction_and_seeded():
    ours, _, x, z = pair(dropout=0.5)
    np.testing.assert_array_equal(ours(x, z), ours(x, z))
    assert np.abs(ours(x, z, training=True) - ours(x, z)).max() > 0.01
    starts = [attention.MultiHeadAttention(2, 3, seed=seed) for seed in (1, 1, 2)]
    one, same, other = (layer(x).numpy() for layer in starts)
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.01


def test_the_layer_learns_in_a_functional_network():
    inputs = keras.Input((4, 6))
    network = keras.Model(
        inputs, attention.MultiHeadAttention(2, 3)(inputs, causal=True)
    )
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(network(float32(2, 4, 6)) ** 2)
    slopes = tape.gradient(value, network.trainable_variables)
    assert len(slopes) == 8
    assert all(np.isfinite(slope).all() for slope in slopes)
