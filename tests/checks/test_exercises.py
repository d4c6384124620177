"""The checks of all exercises: junk, constants, slips, and what readers answer."""

import re
import sys

import bookpages
import numpy as np
import pytest
from numpy.linalg import inv
from scipy import sparse, special
from scipy.special import ndtri
from verdicts import verdict

from recbook import checks
from recbook.checks import check
from recbook.checks.compare import decimals
from recbook.checks.registry import REGISTRY
from recbook.deep import attention

ALL_IDS = checks.ids()
BY_CASES = [id for id in ALL_IDS if hasattr(REGISTRY[id], "cases")]
WITH_SLIPS = [id for id in BY_CASES if REGISTRY[id].slips]
JUNK = [None, ..., 0, -1.5, np.nan, "", "x", [], {}, np.zeros((2, 3)), object(), int]
JUNK += [lambda *a, **k: ..., lambda *a, **k: 0, lambda: 1, lambda *a: "x"]
JUNK += [lambda *a: np.zeros(3), lambda *a: 1 / 0, lambda *a: sys.exit(3)]


@pytest.mark.parametrize("id", ALL_IDS)
def test_junk_is_refused_in_one_line(id, capsys):
    with np.errstate(all="ignore"):
        refused = [not verdict(capsys, id, junk)[0] for junk in JUNK]
    # One item of junk may be the true answer of a question (0, say); not two.
    assert sum(refused) >= len(JUNK) - 1
    assert refused[0]  # None, an unfilled starter
    assert refused[1]  # ..., an unfilled starter
    assert not any(check(id, junk) for junk in JUNK if callable(junk))


@pytest.mark.parametrize("id", BY_CASES)
def test_a_hard_coded_answer_fails(id, capsys):
    compare = REGISTRY[id]
    cases = compare.cases()
    assert len(cases) >= 2
    for case in cases:
        constant = compare.reference(*case)
        assert not verdict(capsys, id, lambda *a, constant=constant, **k: constant)[0]


@pytest.mark.parametrize("id", BY_CASES)
def test_a_reference_is_accepted(id, capsys):
    compare = REGISTRY[id]
    assert verdict(capsys, id, lambda *a: compare.reference(*a)) == (True, "right")


@pytest.mark.parametrize("id", WITH_SLIPS)
def test_a_slip_gets_its_own_message(id, capsys):
    for message, slip in REGISTRY[id].slips.items():
        with np.errstate(all="ignore"):
            result = verdict(capsys, id, lambda *a, slip=slip: slip(*a))
        assert result == (False, message)


def on_the_pages():
    """(id, text of the exercise, its starter) of each check that a page calls."""
    return [
        (id, exercise.text, cell.source)
        for page in bookpages.notebooks()
        for exercise in page.exercises
        for cell in exercise.starters
        for id in bookpages.CHECK.findall(cell.source)
    ]


def test_each_exercise_with_a_function_names_a_mistake():
    starters = {id: starter for id, _, starter in on_the_pages()}
    asked = {id for id, starter in starters.items() if re.search(r"(?m)^def ", starter)}
    named = {id for id in ALL_IDS if getattr(REGISTRY[id], "slips", None)}
    missing = sorted(asked - named - {id for id, _, _ in MISTAKES + DEEP_MISTAKES})
    assert len(asked) >= 50
    assert not missing


def test_a_rounded_answer_has_its_decimals_in_the_text():
    words = {
        0: "whole",
        1: "one decimal",
        2: "two decimals",
        3: "three decimals",
        4: "to four",
    }
    missing = []
    for id, text, _ in on_the_pages():
        check_of = REGISTRY[id]
        if np.max(getattr(check_of, "atol", 0)) < 1e-4:
            continue  # not a value, or one that is not rounded
        values = np.ravel(check_of.value())
        atols = np.resize(check_of.atol, values.shape)
        for value, atol in zip(values, atols, strict=True):
            n = max(0, decimals(atol))
            if not np.isclose(value, round(value, n)) and words[n] not in text:
                missing.append(f"{id} asks for {words[n]}")
    assert not missing


def test_ids_name_their_chapter_are_sorted_and_unique():
    assert all(
        re.fullmatch(r"\d+(\.\d+)*-[^\W_A-Z]+(-[^\W_A-Z]+)*", id) for id in ALL_IDS
    )
    assert sorted(set(ALL_IDS)) == ALL_IDS
    assert len(BY_CASES) > 100


# Checks of chapter 3.4 ------------------------------------------------------------


def negatives(rng, seen, users):
    """One number for each user, looked up among the free films."""
    free = np.cumsum(~seen[users], axis=1)
    n_free = free[:, -1]
    place = rng.integers(np.maximum(n_free, 1)) + 1
    found = (free >= place[:, None]).argmax(axis=1)
    return np.where(n_free > 0, found, -1)


def negatives_by_largest(rng, seen, users):
    """The largest of random numbers, of which those of rated films do not count."""
    numbers = np.where(seen[users], -1.0, rng.random(seen[users].shape))
    return np.where(seen[users].all(axis=1), -1.0, numbers.argmax(axis=1))


def negatives_one_by_one(rng, seen, users):
    films = [np.flatnonzero(~seen[u]) for u in users]
    return [int(rng.choice(free)) if free.size else -1 for free in films]


def negatives_again_and_again(rng, seen, users):
    drawn = []
    for u in users:
        j = -1 if seen[u].all() else rng.integers(seen.shape[1])
        while j >= 0 and seen[u, j]:
            j = rng.integers(seen.shape[1])
        drawn.append(j)
    return np.array(drawn)


def negatives_in_rounds(rng, seen, users):
    drawn = rng.integers(seen.shape[1], size=len(users))
    while (bad := seen[users, drawn] & ~seen[users].all(axis=1)).any():
        drawn[bad] = rng.integers(seen.shape[1], size=bad.sum())
    return np.where(seen[users].all(axis=1), -1, drawn)


def negatives_of_its_own(rng, seen, users):
    return negatives(np.random.default_rng(0), seen, users)


def negatives_of_all(rng, seen, users):
    return negatives(np.random.default_rng(), seen, users)


def half_its_own(rng, seen, users):
    rng.random()
    return negatives_of_all(rng, seen, users)


def beside(bu, bi, P, Q, other=1):
    """Biases beside the factors, each with another number in the other's row."""
    A = np.column_stack([bu, np.full(len(bu), other), P])
    return A, np.column_stack([np.full(len(bi), other), bi, Q])


def log_sigma(x):
    return -np.logaddexp(0, -x), np.exp(-np.logaddexp(0, x))


def log_sigma_by_scipy(x):
    return special.log_expit(x), special.expit(-x)


def log_sigma_by_branches(x):
    small = np.exp(-np.abs(x))
    slope = np.where(x > 0, small, 1) / (1 + small)
    return (np.minimum(x, 0) - np.log1p(small)).tolist(), slope


# Checks of chapter 3.5 ------------------------------------------------------------


def solve(P, x):
    """The new inverse by Sherman and Morrison; its name is what students call it."""
    v = P @ x
    return P - np.outer(v, v) / (1 + x @ v)


def arrives_by_inverse(P, x):
    return inv(inv(P) + np.outer(x, x))


# Checks of chapter 3.6 ------------------------------------------------------------


def share(truth, draws, alpha, level, ddof=0, noise=None):
    noise = np.mean(1 / alpha) if noise is None else noise
    sd = np.sqrt(draws.var(axis=0, ddof=ddof) + noise)
    return np.mean(np.abs(truth - draws.mean(axis=0)) <= ndtri((1 + level) / 2) * sd)


def ranked(mean, sd, bar, k):
    return np.argsort((bar - mean) / sd, kind="stable")[:k]


def side_by_side(P, Q):
    return [np.hstack(list(side)) / len(P) ** 0.5 for side in (P, Q)]


@pytest.mark.parametrize(
    ("id", "answer"),
    [
        ("3.4-draw", negatives),
        ("3.4-draw", negatives_by_largest),
        ("3.4-draw", negatives_one_by_one),
        ("3.4-log", log_sigma),
        ("3.4-log", log_sigma_by_branches),
        ("3.5-arrives", lambda P, x: solve(P, x)),
        ("3.6-coverage", share),
        ("3.6-coverage", lambda *case: share(*case, ddof=1)),
        ("3.6-promise", lambda *case: tuple(ranked(*case).tolist())),
        ("3.6-store", side_by_side),
        ("3.6-store", lambda *case: tuple(a.tolist() for a in side_by_side(*case))),
        ("3.6-store", lambda *case: [sparse.csr_array(a) for a in side_by_side(*case)]),
    ],
)
def test_right_answers_pass_in_any_form(capsys, id, answer):
    assert verdict(capsys, id, answer)[0]


MISTAKES = [
    ("0.1-numeric", lambda f, x: f(x + 1e-5) - f(x), "divide it by how far"),
    ("3.1-turn", lambda P, Q: (P, Q), "can be less"),
    ("3.2-longer", lambda bu, bi, P, Q: beside(bu, bi, P, Q, 0), "each bias must meet"),
    ("3.4-draw", negatives_again_and_again, "draws again and again"),
    ("3.4-draw", negatives_in_rounds, "draws again and again"),
    ("3.4-draw", negatives_of_its_own, "generator of your own"),
    ("3.4-draw", negatives_of_all, "equal seeds"),
    ("3.4-draw", half_its_own, "equal seeds"),
    ("3.4-log", log_sigma_by_scipy, "now without scipy"),
    ("3.4-log", lambda x: (log_sigma(x)[0], log_sigma(-x)[1]), "not σ(x)"),
    ("3.5-arrives", arrives_by_inverse, "by another inverse"),
    ("3.6-coverage", lambda *case: share(*case, noise=0.0), "noise is missing"),
    ("3.6-coverage", lambda *case: share(*case, noise=1 / case[2].mean()), "1/α"),
    ("3.6-coverage", lambda *case: share(*case, noise=1.0), "the fraction is off"),
    ("3.6-promise", lambda m, sd, bar, k: ranked(m, sd, bar - 0.5, k), "half a star"),
    ("3.6-promise", lambda m, sd, bar, k: np.argsort(-m - sd)[:k], "you have 3"),
    (  # ends where the chances fall under a half
        "3.6-promise",
        lambda m, sd, bar, k: [i for i in ranked(m, sd, bar, k) if m[i] > bar],
        "shape (3,)",
    ),
    (  # of equal chances the larger number first
        "3.6-promise",
        lambda m, sd, bar, k: np.argsort((m - bar) / sd, kind="stable")[::-1][:k],
        "kind= of argsort",
    ),
    ("3.6-store", lambda P, Q: (P[0].tolist(), "Q"), "two arrays of numbers"),
    ("3.6-store", lambda P, Q: (P.mean(0).tolist(), Q.mean(0)), "mirror images"),
    ("6.1-size", 9615, "their variances add up"),
    ("6.1-size", 42212, "of both arms together"),
    ("6.1-size", 10330, "the power is missing"),
    # As readers have written them: days after the end are in, x = 0 is no case.
    (
        "6.15-history",
        lambda d, end: [len(set(d)) - 1, end - max(d), end - min(d)],
        "recency runs from the first order",
    ),
    (
        "6.15-alive",
        lambda r, alpha, a, b, x, t_x, T: (
            1 / (1 + a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x))
        ),
        "for x = 0 it is 1",
    ),
]


@pytest.mark.parametrize(("id", "answer", "says"), MISTAKES)
def test_wrong_answers_are_told_what_is_off(capsys, id, answer, says):
    right, line = verdict(capsys, id, answer)
    assert not right
    assert says in line


# Checks of parts 4 and 5 ----------------------------------------------------------


def softened(scores):
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def exploded(scores):
    with np.errstate(over="ignore", invalid="ignore"):
        powers = np.exp(scores)
        return powers / powers.sum()


def masked(scores, mask, weights=softened):
    found = np.zeros(len(scores))
    if mask.any():
        found[mask] = weights(scores[mask])
    return found


def masked_by_the_book(scores, mask):
    return attention.softmax(np.where(mask, scores, 0.0), mask)


def may_look(codes, k=0):
    return np.tri(codes.shape[1], k=k, dtype=bool) & (codes != 0)[:, None]


def look_back(h, s, behaviour, real, weights=softened):
    events = h + behaviour
    return masked(events @ s / np.sqrt(len(s)), real, weights) @ events


def chance_by_scipy(place, n_items, n_negatives, k):
    j = np.arange(min(k, n_negatives + 1))
    above, below = place - 1, n_items - place
    ways = special.comb(above, j) * special.comb(below, n_negatives - j)
    return ways.sum() / special.comb(n_items - 1, n_negatives)


def log_likelihood(x, logits):
    def log_softmax(z):  # a helper of this name is not SciPy's
        return z - z.max() - np.log(np.exp(z - z.max()).sum())

    return x @ log_softmax(logits)


def log_likelihood_by_scipy(x, logits):
    return x @ special.log_softmax(logits)


def log_likelihood_by_an_import(x, logits):
    from scipy.special import logsumexp

    return x @ (logits - logsumexp(logits))


def folded_in(films, V, c, W, b, k, backwards=False):
    scores = np.tanh(V[films].sum(axis=0) / np.sqrt(len(films)) + c) @ W + b
    order = np.argsort(scores if backwards else -scores, kind="stable")
    return [i for i in order[:: -1 if backwards else 1] if i not in films][:k]


def gained(scores, target, seen, k):
    """By sorting: of equal scores the lower code stands first."""
    order = [i for i in np.argsort(-scores, kind="stable") if i not in seen]
    place = order.index(target)
    return 1 / np.log2(place + 2) if place < k else 0.0


def gained_by_counting(scores, target, seen, k):
    place = (np.delete(scores, seen) > scores[target]).sum()
    return 1 / np.log2(place + 2) if place < k else 0.0


def additive(S, H, W_q, W_k, v):
    return np.array([[v @ np.tanh(W_q @ s + W_k @ h) for h in H] for s in S])


def response(eigenvalues, n_layers):
    total, k = 0.0 * eigenvalues, 0
    while k <= n_layers:
        total, k = total + eigenvalues**k, k + 1
    return total / (n_layers + 1)


def indexed(P, Q, h, b):
    return np.insert(P, 0, 1.0, axis=1).tolist(), np.insert(Q * h, 0, b, axis=1)


def latest(frame, first="timestamp", kind="stable"):
    pair = ["user_id", "movie_id"]
    last = frame.sort_values(first, kind=kind).drop_duplicates(pair, keep="last")
    return last.sort_values(pair, ignore_index=True)


def as_points(people, films, root=np.sqrt, extra=0.0):
    squares = (films**2).sum(axis=1)
    extra = np.full((len(people), 1), extra)
    fill = root(np.maximum(squares.max() - squares, 0))
    return np.hstack([people, extra]), np.column_stack([films, fill])


def on_a_circle(n, endpoint=False):
    angle = np.linspace(0, 2 * np.pi, n, endpoint=endpoint)
    return [np.column_stack([np.cos(angle), np.sin(angle)])] * 2


@pytest.mark.parametrize(
    ("id", "answer"),
    [
        ("4.1-onehot", lambda codes, E: [E[code].tolist() for code in codes]),
        ("4.1-pairs", lambda x, V: np.triu(np.outer(x, x) * (V @ V.T), 1).sum()),
        ("4.2-dot", indexed),
        ("4.2-twice", (-1.0, -0.0012)),
        ("4.3-masked", lambda D, o, said: np.average((D - said) ** 2, weights=o)),
        ("4.3-kl", lambda m, s: (m**2 + s**2 - 1 - np.log(s**2)).sum(axis=1) / 2),
        ("4.3-likelihood", log_likelihood),
        ("4.3-fold-in", folded_in),
        ("4.4-masks", may_look),
        ("4.4-masks", lambda codes: may_look(codes) & (codes != 0)[:, :, None]),
        ("4.4-softmax", lambda *row: masked(*row).tolist()),
        ("4.5-gain", gained_by_counting),
        ("4.6-look-back", look_back),
        ("4.7-filter", lambda x, n: (x[:, None] ** np.arange(n + 1)).mean(axis=1)),
        ("5.1-latest", latest),
        ("5.2-circle", on_a_circle),
        ("5.2-distance", as_points),
        ("5.2-scores", lambda P, Q, users: np.float32(P[users]) @ np.float32(Q).T),
        ("5.6-percentile", lambda s, q: np.quantile(s, q, method="inverted_cdf")),
    ],
)
def test_right_answers_of_parts_4_and_5_pass(capsys, id, answer):
    assert verdict(capsys, id, answer) == (True, "right")


DEEP_MISTAKES = [
    ("4.2-dot", lambda P, Q, h, b: (P * h, Q), "b is missing"),
    ("4.2-dot", lambda P, Q, h, b: indexed(P, Q, h / h, b), "h is missing"),
    ("4.2-chance", chance_by_scipy, "now without scipy"),
    ("4.3-fold-in", lambda *case: folded_in(*case, backwards=True), "lower code"),
    ("4.3-likelihood", log_likelihood_by_scipy, "now without scipy"),
    ("4.3-likelihood", log_likelihood_by_an_import, "now without scipy"),
    ("4.4-additive", additive, "now without a loop"),
    ("4.4-masks", lambda codes: may_look(codes, k=-1), "hides a step from itself"),
    ("4.4-masks", lambda codes: may_look(codes, k=1), "off by one"),
    ("4.4-softmax", lambda *row: masked(*row, weights=exploded), "overflows"),
    ("4.4-softmax", lambda scores, mask: softened(scores) * mask, "too late"),
    ("4.4-softmax", masked_by_the_book, "now without recbook"),
    ("4.5-gain", gained, "ties are to count for the target"),
    ("4.6-look-back", lambda *case: look_back(*case, weights=exploded), "overflows"),
    ("4.7-filter", response, "now without a loop"),
    ("5.1-latest", lambda frame: latest(frame, "user_id"), "comes last in the log"),
    ("5.1-latest", lambda frame: latest(frame[::-1]), "of equal times"),
    ("5.2-circle", lambda n: on_a_circle(n, endpoint=True), "where the first one lies"),
    ("5.2-distance", lambda *case: as_points(*case, root=np.abs), "no root yet"),
    ("5.2-distance", lambda *case: as_points(*case, extra=1.0), "nothing to fill up"),
    ("5.2-scores", lambda P, Q, users: np.array([Q @ P[u] for u in users]), "a loop"),
]


@pytest.mark.parametrize(("id", "answer", "says"), DEEP_MISTAKES)
def test_wrong_answers_of_parts_4_and_5_are_told_what_is_off(capsys, id, answer, says):
    with np.errstate(all="ignore"):
        right, line = verdict(capsys, id, answer)
    assert not right
    assert says in line


def test_what_failed_in_a_check_of_its_own_can_be_had(capsys):
    verdict(capsys, "4.4-softmax", lambda *row: masked(*row, weights=exploded))
    assert checks.last()[0].max() == 1e4
    verdict(capsys, "5.1-latest", lambda frame: latest(frame, "user_id"))
    assert len(checks.last()[0]) == 4
