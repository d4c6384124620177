"""Semantic IDs, their trie, and the network that spells the next item."""

import itertools

import numpy as np
import pytest
from contract import NetworkContract, network
from estimators import EstimatorContract, Example
from hypothesis import given, settings
from hypothesis import strategies as st

from recbook import GenerativeRetrieval, NotFittedError, Ratings, datasets
from recbook.deep.lazy import tf
from recbook.deep.semantic import SemanticIDs, Trie, sequence_vectors

N_ITEMS = 7
SEQUENCES = [[0, 1, 2, 3, 4], [5, 3, 1], [6], [2, 0, 6, 5, 4, 3, 1], []]


def table(sequences, n_items=N_ITEMS):
    """Return ratings whose time is their place in the sequence, in mixed order."""
    rows = [(u, i, t) for u, items in enumerate(sequences) for t, i in enumerate(items)]
    rows = np.array(rows)[np.random.default_rng(0).permutation(len(rows))]
    ids = np.arange(len(sequences)), np.arange(n_items)
    return Ratings(rows[:, 0], rows[:, 1], np.full(len(rows), 4.0), rows[:, 2], *ids)


# Semantic IDs -----------------------------------------------------------------------


def test_words_of_six_films_on_a_line():
    """0, 1, 2 and 20, 23, 23 in two codes: means 1 and 22, then what they leave.

    What is left is -1, 0, 1 and -2, 1, 1. Its best two clusters are {-2, -1} with the
    mean -3/2 and {0, 1, 1, 1} with the mean 3/4, whose squares leave 1/4 + 1/4 and
    9/16 + 3 · 1/16, together 1.25. Two clusters on {-1, 0, 1, -2, 1, 1} can do no
    better: {-2}, {-1, 0, 1, 1, 1} leaves 3.2 and {-2, -1, 0}, {1, 1, 1} leaves 2.
    """
    V = np.array([0.0, 1, 2, 20, 23, 23])[:, None]
    found = [SemanticIDs(2, 2, seed=s).fit(V) for s in range(9)]
    ids = min(found, key=lambda ids: ids.left_[1])
    np.testing.assert_allclose(np.sort(ids.codebooks_[0].ravel()), [1, 22])
    np.testing.assert_allclose(np.sort(ids.codebooks_[1].ravel()), [-1.5, 0.75])
    # 1 + 0 + 1 + 4 + 1 + 1 = 8 and then 1.25, of 0 + 1 + 4 + 400 + 529 + 529 = 1463.
    np.testing.assert_allclose(ids.left_, [8 / 1463, 1.25 / 1463])
    low, high = ids.encode([[0.0], [23.0]])[:, 0]
    down, up = ids.encode([[0.0], [2.0]])[:, 1]
    expected = [
        *([low, down, 0], [low, up, 0], [low, up, 1]),
        *([high, down, 0], [high, up, 0], [high, up, 1]),
    ]
    assert ids.codes_.tolist() == np.array(expected).tolist()


def by_loop(codebooks, v):
    """Codes and residual of one vector, from the definition."""
    codes, r = [], np.array(v, dtype=float)
    for centroids in codebooks:
        gaps = [sum((x - y) ** 2 for x, y in zip(r, m, strict=True)) for m in centroids]
        codes.append(gaps.index(min(gaps)))
        r = r - centroids[codes[-1]]
    return codes, r


@given(
    n=st.integers(1, 30),
    d=st.integers(1, 4),
    n_codes=st.integers(1, 6),
    n_levels=st.integers(1, 4),
    seed=st.integers(0, 99),
)
@settings(max_examples=25, deadline=None)
def test_the_codes_are_the_nearest_centroids_and_what_is_left_falls(
    n, d, n_codes, n_levels, seed
):
    V = np.random.default_rng(seed).normal(size=(n, d))
    ids = SemanticIDs(n_codes, n_levels, seed=seed).fit(V)
    assert ids.codebooks_.shape == (n_levels, n_codes, d)
    total = 0.0
    for v, word in zip(V, ids.codes_, strict=True):
        codes, r = by_loop(ids.codebooks_, v)
        assert word[:-1].tolist() == codes
        np.testing.assert_allclose(ids.decode([codes])[0], v - r, atol=1e-9)
        total += r @ r
    assert ids.encode(V).tolist() == ids.codes_[:, :-1].tolist()
    assert ids.left_[-1] == pytest.approx(total / np.sum(V**2), abs=1e-9)
    assert (np.diff([1.0, *ids.left_]) <= 1e-12).all()
    assert len(np.unique(ids.codes_, axis=0)) == n


def test_a_centroid_is_the_mean_of_its_residuals():
    V = np.random.default_rng(5).normal(size=(200, 3))
    ids, residuals = SemanticIDs(6, 3).fit(V), V.copy()
    for level, centroids in enumerate(ids.codebooks_):
        of = ids.codes_[:, level]
        means = [residuals[of == k].mean(axis=0) for k in range(6)]
        np.testing.assert_allclose(centroids, means, atol=1e-9)
        residuals = residuals - centroids[of]


def test_equal_vectors_are_counted_in_the_order_of_their_rows():
    ids = SemanticIDs(4, 2).fit([[1.0], [5.0], [1.0], [1.0], [5.0]])
    assert ids.codes_[:, -1].tolist() == [0, 0, 1, 2, 1]
    zeros = SemanticIDs(3, 2).fit(np.zeros((4, 2)))
    assert zeros.codes_.tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 2], [0, 0, 3]]
    assert zeros.left_.tolist() == [0.0, 0.0]


def test_one_seed_gives_the_same_words_and_another_others():
    V = np.random.default_rng(1).normal(size=(60, 4))
    one, two, other = (SemanticIDs(5, 2, seed=s).fit(V).codes_ for s in (0, 0, 1))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_the_clusters_are_planted_ones():
    """Three far groups, each of two near ones: levels one and two find them."""
    rng = np.random.default_rng(2)
    far = np.repeat([[0.0, 0], [40, 0], [0, 40]], 20, axis=0)
    near = np.tile(np.repeat([[-3.0, 0], [3, 0]], 10, axis=0), (3, 1))
    V = far + near + rng.normal(0, 0.1, far.shape)
    codes = SemanticIDs(3, 2, seed=1).fit(V).codes_
    group = np.repeat(np.arange(3), 20)
    assert len(set(zip(codes[:, 0], group, strict=True))) == 3
    side = near[:, 0] > 0
    for code in range(3):  # of level 2: on one side only
        assert len(set(side[codes[:, 1] == code])) <= 1


@pytest.mark.parametrize(
    ("V", "said"),
    [
        ([[1.0], [np.nan]], r"V\[1, 0\] is nan"),
        ([[1.0, np.inf]], r"V\[0, 1\] is inf"),
        ([1.0, 2.0], r"V must be a table .* shape \(2,\)"),
        (np.zeros((0, 3)), r"V must be a table .* shape \(0, 3\)"),
        ([[1.0], [2.0, 3.0]], "V"),
        ([["a"]], "V must be numbers"),
        ([[1e200]], r"V\[0, 0\] is 1e\+200.*scale"),
    ],
)
def test_bad_vectors_are_named(V, said):
    with pytest.raises(ValueError, match=said):
        SemanticIDs(2, 2).fit(V)
    fitted = SemanticIDs(2, 2).fit([[0.0], [1.0]])
    with pytest.raises(ValueError, match=said):
        fitted.encode(V)


def test_words_are_read_and_refused():
    ids = SemanticIDs(2, 2)
    with pytest.raises(NotFittedError, match="SemanticIDs"):
        ids.decode([[0, 0]])
    ids.fit([[0.0, 0], [1, 1], [8, 8], [9, 9]])
    with pytest.raises(ValueError, match=r"V has 1 columns, but .* fit had 2"):
        ids.encode([[1.0]])
    with pytest.raises(ValueError, match=r"codes\[1, 0\] is 2, .* from 0 to 1"):
        ids.decode([[0, 0], [2, 0]])
    with pytest.raises(ValueError, match="codes must hold integer"):
        ids.decode([[0.0, 1.0]])
    with pytest.raises(ValueError, match="codes must be a table"):
        ids.decode([0, 1])
    assert ids.decode(np.zeros((3, 0), dtype=int)).tolist() == [[0.0, 0.0]] * 3
    np.testing.assert_array_equal(ids.decode(ids.codes_), ids.decode(ids.codes_[:, :2]))


# Vectors ----------------------------------------------------------------------------


@pytest.mark.parametrize("window", [1, 2, 30])
def test_neighbours_in_time_are_counted_by_a_plain_loop(window):
    counts = np.zeros((N_ITEMS, N_ITEMS))
    for sequence in SEQUENCES:
        for a, b in itertools.combinations(range(len(sequence)), 2):
            if b - a <= window:
                counts[sequence[a], sequence[b]] += 1
                counts[sequence[b], sequence[a]] += 1
    n, N = counts.sum(axis=1), counts.sum()
    M = np.zeros_like(counts)
    for i, j in np.argwhere(counts > 0):
        M[i, j] = max(0.0, np.log(counts[i, j] * N / (n[i] * n[j])))
    values, vectors = np.linalg.eigh(M)
    V = vectors[:, ::-1][:, :3] * np.sqrt(np.maximum(values[::-1][:3], 0))
    cosines = V @ V.T / np.outer(*[np.linalg.norm(V, axis=1)] * 2)
    found = sequence_vectors(table(SEQUENCES), n_factors=3, window=window)
    np.testing.assert_allclose(found @ found.T, cosines, atol=1e-8)


def test_vectors_of_little_are_zero_and_long_ones_are_filled_up():
    lonely = sequence_vectors(table([[0], [3], []]), n_factors=9)
    assert lonely.tolist() == np.zeros((N_ITEMS, 9)).tolist()
    V = sequence_vectors(table(SEQUENCES), n_factors=20)
    assert V.shape == (N_ITEMS, 20)
    np.testing.assert_allclose(np.linalg.norm(V, axis=1), 1)
    no_one = sequence_vectors(table([[0, 1, 2]]), n_factors=2)
    assert (no_one[3:] == 0).all()
    for bad in ({"window": 0}, {"n_factors": 0}, {"window": 1.5}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            sequence_vectors(table(SEQUENCES), **bad)
    toy = datasets.load_toy()
    parts = toy.users, toy.items, toy.values, None, toy.user_ids, toy.item_ids
    with pytest.raises(ValueError, match=r"train\.timestamps is None"):
        sequence_vectors(Ratings(*parts))


# The trie ---------------------------------------------------------------------------

WORDS = np.array([[0, 1, 0], [0, 1, 1], [0, 0, 0], [2, 1, 0], [1, 1, 0]])


def test_the_trie_holds_what_a_set_of_beginnings_holds():
    trie = Trie(WORDS)
    assert trie.sizes == [3, 2, 2]
    for level in range(3):
        heads = sorted({tuple(word[:level]) for word in WORDS.tolist()})
        assert [tuple(row) for row in trie.beginnings[level].tolist()] == heads
        for node, head in enumerate(heads):
            nexts = {w[level] for w in WORDS.tolist() if tuple(w[:level]) == head}
            assert set(np.flatnonzero(trie.allowed[level][node])) == nexts
        of = [heads.index(tuple(word[:level])) for word in WORDS.tolist()]
        assert trie.nodes[:, level].tolist() == of
        of_next = range(5) if level == 2 else trie.nodes[:, level + 1]
        assert trie.children[level][of, WORDS[:, level]].tolist() == list(of_next)
        assert ((trie.children[level] < 0) == ~trie.allowed[level]).all()


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ([[0, 1], [1, 0], [0, 1]], r"codes\[0\] and codes\[2\] are both \[0, 1\]"),
        ([[0, -1]], r"codes\[0, 1\] is -1"),
        ([[0.0, 1.0]], "codes must hold integer"),
        ([0, 1], "codes must be a table"),
        (np.zeros((0, 2), dtype=int), "must have a word for each item"),
    ],
)
def test_bad_words_are_named(codes, said):
    with pytest.raises(ValueError, match=said):
        Trie(codes)


# The network ------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[True, False], ids=["masked", "free"])
def model(request):
    """An untrained model whose weights are all drawn, and large."""
    model = GenerativeRetrieval(
        n_codes=3,
        n_levels=2,
        masked=request.param,
        n_factors=4,
        n_steps=5,
        n_epochs=0,
        validation_share=0,
    ).fit(table(SEQUENCES), vectors=[[0], [0], [3], [3.5], [9], [8], [0.1]])
    rng = np.random.default_rng(1)
    model.weights_ = [rng.normal(0, 0.7, w.shape) for w in model.weights_]
    model.network_.set_weights(model.weights_)
    return model


def parts(model):
    words = model.network_.get_layer("words")
    return {w.name: np.float64(w) for w in words.weights}


def state(model, history):
    """The state after a history, from the equations of a GRU."""
    w, codes = parts(model), model.ids_.codes_
    W, U, (b, c) = (np.float64(x) for x in model.network_.get_layer("gru").weights)
    h = np.zeros(4)
    for i in history:
        x = sum(w[f"E{level}"][code] for level, code in enumerate(codes[i]))
        (z, r, n), (uz, ur, un) = np.split(x @ W + b, 3), np.split(h @ U + c, 3)
        z, r = (1 / (1 + np.exp(-s)) for s in (z + uz, r + ur))
        h = z * h + (1 - z) * np.tanh(n + r * un)
    return h


def next_codes(model, h, head):
    """{code: ln p} of the codes that may follow a beginning, from the definition."""
    w, words = parts(model), model.ids_.codes_.tolist()
    level = len(head)
    g = h @ w[f"A{level}"] + w[f"a{level}"]
    if level:
        g = g + sum(w[f"E{m}"][c] for m, c in enumerate(head)) @ w[f"B{level}"]
    logits = w[f"E{level}"] @ np.tanh(g) + w[f"b{level}"]
    exist = {word[level] for word in words if tuple(word[:level]) == tuple(head)}
    options = exist if model.masked else range(len(logits))
    total = np.log(sum(np.exp(logits[k]) for k in options))
    return {code: logits[code] - total for code in exist}


def spelled(model, h, item):
    """ln p of each code of an item's word, from the definition."""
    word = model.ids_.codes_.tolist()[item]
    return [next_codes(model, h, word[:n])[code] for n, code in enumerate(word)]


def log_probability(model, h, item):
    return sum(spelled(model, h, item))


@pytest.mark.parametrize("history", [[3], [0, 1, 2, 3, 4], [6, 6, 2]])
def test_the_scores_are_those_of_the_equations(model, history):
    h = state(model, history)
    expected = [log_probability(model, h, i) for i in range(N_ITEMS)]
    found = model.score_histories([history])[0]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    total = np.exp(found).sum()
    assert total == pytest.approx(1, abs=1e-5) if model.masked else total < 0.999


def test_a_spelling_has_a_number_for_each_code_and_adds_up_to_the_score(model):
    history, items = [2, 0, 5], [4, 0, 1, 6, 0]
    found = model.spelling(history, items)
    h, scores = state(model, history), model.score_histories([history])[0]
    expected = [spelled(model, h, i) for i in items]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), scores[items], rtol=1e-4, atol=1e-5)
    assert (found[0, -1] == 0) == model.masked  # item 4 shares its codes with none
    assert model.spelling(history, []).shape == (0, 3)


def beam_by_loop(model, history, width):
    """Items and ln p that a search over tuples of codes keeps."""
    words = {tuple(w): i for i, w in enumerate(model.ids_.codes_.tolist())}
    h, kept = state(model, history), {(): 0.0}
    for _ in range(3):
        grown = {
            (*head, code): total + p
            for head, total in kept.items()
            for code, p in next_codes(model, h, head).items()
        }
        kept = dict(sorted(grown.items(), key=lambda pair: -pair[1])[:width])
    return [words[w] for w in kept], [*kept.values()]


@pytest.mark.parametrize("width", [1, 2, 5])
def test_a_beam_keeps_what_a_plain_loop_keeps(model, width):
    histories = [[2, 0, 5], [4], [1, 1, 6, 3]]
    items, log_p = model.beam_search(histories, width)
    assert items.shape == log_p.shape == (3, width)
    for history, row, p in zip(histories, items, log_p, strict=True):
        expected, values = beam_by_loop(model, history, width)
        assert row[: len(expected)].tolist() == expected
        np.testing.assert_allclose(p[: len(values)], values, rtol=1e-4)


def test_a_wide_beam_is_exact_and_a_free_one_may_leave_the_trie(model):
    histories = [[2, 0, 5], [4]]
    scores = model.score_histories(histories)
    items, log_p = model.beam_search(histories, 9)
    assert (items[:, 7:] == -1).all()
    assert np.isneginf(log_p[:, 7:]).all()
    assert items[:, :7].tolist() == np.argsort(-scores, axis=1).tolist()
    np.testing.assert_allclose(log_p[:, :7], -np.sort(-scores), rtol=1e-4, atol=1e-5)
    sizes = Trie(model.ids_.codes_).sizes
    items, log_p = model.beam_search(histories, np.prod(sizes), trie=False)
    assert (np.sort(items)[:, -7:] == np.arange(7)).all()
    assert (items == -1).sum() == 2 * (np.prod(sizes) - 7)
    np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1, atol=1e-5)
    with pytest.raises(ValueError, match="width must be"):
        model.beam_search(histories, 0)


@pytest.mark.parametrize(
    ("history", "items", "said"),
    [
        ([], [0], r"histories\[0\] is empty"),
        ([7], [0], r"histories\[0\]\[0\] is 7"),
        ([0], [7], r"items\[0\] is 7"),
        ([0], 3, "for one code write"),
    ],
)
def test_bad_histories_and_items_are_named(model, history, items, said):
    with pytest.raises(ValueError, match=said):
        model.spelling(history, items)
    if items == [0]:
        with pytest.raises(ValueError, match=said):
            model.beam_search([history])


def test_the_loss_is_the_mean_over_the_real_steps(model):
    model.dropout, kept = 0.0, model.dropout
    network = model._build()
    network.set_weights(model.weights_)
    model.dropout = kept
    windows = np.array([[0, 0, 3, 1, 5], [0, 0, 0, 0, 2]])
    targets = np.array([[0, 0, 1, 5, 7], [0, 0, 0, 0, 6]])
    steps = [([2], 0), ([2, 0], 4), ([2, 0, 4], 6), ([1], 5)]
    expected = [-log_probability(model, state(model, past), j) for past, j in steps]
    loss = float(model._loss(network)(windows, tf.constant(targets)))
    assert loss == pytest.approx(np.mean(expected), rel=1e-4)
    nothing = tf.zeros((2, 5), tf.int32)
    assert float(model._loss(network)(windows, nothing)) == 0.0


SMALL = {"n_codes": 3, "n_levels": 2, "n_factors": 8, "n_steps": 4, "batch_size": 8}
SMALL |= {"dropout": 0.0, "lr": 0.02, "lr_decay": 1.0, "validation_share": 0.0}


@pytest.mark.parametrize("masked", [True, False])
def test_a_circle_of_items_is_learned(masked):
    rng = np.random.default_rng(3)
    starts = rng.integers(0, N_ITEMS, 40)
    train = table([[(s + t) % N_ITEMS for t in range(5)] for s in starts])
    model = GenerativeRetrieval(masked=masked, n_epochs=25, **SMALL).fit(train)
    following = model.score_histories([[i, (i + 1) % N_ITEMS] for i in range(N_ITEMS)])
    assert following.argmax(axis=1).tolist() == [(i + 2) % 7 for i in range(N_ITEMS)]


def test_an_item_without_ratings_is_known_by_its_vector():
    """Evens follow evens and odds odds; items 8 and 9 are in no history."""
    rng = np.random.default_rng(4)
    sequences = [2 * rng.permutation(4) + n % 2 for n in range(40)]
    train = table(sequences, n_items=10)
    vectors = np.column_stack([np.arange(10) % 2 * 9.0, np.arange(10) * 0.1])
    settings = SMALL | {"n_codes": 2, "n_levels": 1}
    model = GenerativeRetrieval(n_epochs=15, **settings).fit(train, vectors)
    for evens, odds in zip(*[iter(model.score_histories([[0, 4], [1, 5]]))] * 2,
                           strict=True):  # fmt: skip
        assert evens[8] > evens[9] + 1
        assert odds[9] > odds[8] + 1


def test_words_come_from_train_or_from_vectors():
    train = table(SEQUENCES)
    model = GenerativeRetrieval(n_epochs=0, **SMALL).fit(train)
    words = SemanticIDs(3, 2).fit(sequence_vectors(train, window=3)).codes_
    assert model.ids_.codes_.tolist() == words.tolist()
    held = GenerativeRetrieval(n_epochs=0, **SMALL | {"validation_share": 0.5})
    fewer = table([s[: len(s) - len(s) // 2] for s in SEQUENCES])
    words = SemanticIDs(3, 2).fit(sequence_vectors(fewer, window=3)).codes_
    assert held.fit(train).ids_.codes_.tolist() == words.tolist()
    for bad, said in (
        (np.zeros((3, 2)), "vectors has 3 rows, but train has 7 items"),
        (np.full((7, 2), np.nan), r"vectors\[0, 0\] is nan"),
        (np.zeros(7), "vectors must be a table"),
    ):
        with pytest.raises(ValueError, match=said):
            model.fit(train, vectors=bad)


def test_without_time_there_is_no_order():
    toy = datasets.load_toy()
    columns = toy.users, toy.items, toy.values, None, toy.user_ids, toy.item_ids
    with pytest.raises(ValueError, match=r"train\.timestamps is None"):
        GenerativeRetrieval().fit(Ratings(*columns))
    with pytest.raises(ValueError, match=r"train\.timestamps is None"):
        GenerativeRetrieval(**SMALL).fit(Ratings(*columns), vectors=np.eye(6))


class TestSemanticIDs(EstimatorContract):
    cases = [
        Example(
            lambda: SemanticIDs(4, 2, seed=1),
            lambda rng: {"V": rng.normal(size=(30, 3))},
            {"encode": ("V",)},
        )
    ]


class TestContract(NetworkContract):
    cases = [
        network(
            lambda: GenerativeRetrieval(
                n_codes=4,
                n_levels=2,
                n_factors=8,
                n_steps=20,
                n_epochs=60,
                batch_size=32,
                lr=0.02,
                lr_decay=1.0,
                dropout=0.3,
                validation_share=0.0,
            ),
            rates=False,
        ),
    ]
