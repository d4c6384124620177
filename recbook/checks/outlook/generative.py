"""Checks of chapter 7.5, generative retrieval."""

import itertools

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _nearest(R, centroids):
    return np.array([[np.sum((r - m) ** 2) for m in centroids] for r in R]).argmin(1)


def _level(R, centroids, turned=False, closest=_nearest, moved=True):
    codes = closest(R, centroids)
    left = R - centroids[codes] if moved else R
    return codes, -left if turned else left


def _levels():
    rng = np.random.default_rng(75)
    cases = [(np.array([[1.0, 8.0], [8.0, 3.0]]), np.array([[8.0, 2.0], [2.0, 7.0]]))]
    for n, k, d in ((5, 3, 2), (9, 4, 3), (6, 2, 1)):
        cases.append((rng.normal(0, 3, (n, d)), rng.normal(0, 3, (k, d))))
    return cases


def _by_length(R, centroids):
    lengths = [[np.linalg.norm(m) for m in centroids] for _ in R]
    gaps = np.abs(np.array(lengths) - np.linalg.norm(R, axis=1, keepdims=True))
    return gaps.argmin(axis=1)


_LEVEL_SLIPS = {
    "a residual is the vector less its centroid, not the other way round": (
        lambda *case: _level(*case, turned=True)
    ),
    "the codes are right; the residuals are the vectors less their centroids": (
        lambda *case: _level(*case, moved=False)
    ),
    "the largest dot product is not the smallest distance": (
        lambda *case: _level(*case, closest=lambda R, C: (R @ C.T).argmax(axis=1))
    ),
    "that is the farthest centroid": (
        lambda *case: _level(
            *case,
            closest=lambda R, C: np.array(
                [[np.sum((r - m) ** 2) for m in C] for r in R]
            ).argmax(axis=1),
        )
    ),
    "vectors of one length may point anywhere: square the differences, then add": (
        lambda *case: _level(*case, closest=_by_length)
    ),
}
exercise_function(
    "7.5-step", _level, _levels, "(codes, residuals)", atol=1e-9, slips=_LEVEL_SLIPS
)


def _allowed(words, beginning, size, look=None):
    words, beginning = np.asarray(words), tuple(beginning)
    level, mask = len(beginning), np.zeros(size, dtype=bool)
    for word in words.tolist():
        if look is None:
            fits = tuple(word[:level]) == beginning
        else:
            fits = look(word, level, beginning)
        if fits:
            mask[word[level]] = True
    return mask


def _tries():
    a = np.array
    small = a([[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 0, 1], [1, 1, 0]])
    rng = np.random.default_rng(76)
    large = np.unique(rng.integers(0, 5, (40, 3)), axis=0)
    return [
        (small, (0, 1), 2),
        (small, (1,), 2),
        (a([[2, 0], [0, 1], [2, 1]]), (), 3),
        (large, (3,), 5),
        (large, tuple(large[7, :2].tolist()), 5),
        (a([[0, 1, 0], [1, 1, 2], [2, 1, 1], [0, 0, 3]]), (1, 1), 4),
        (small, (1, 2), 2),
    ]


_MASK_SLIPS = {
    "those are all codes of this level: only words with this beginning count": (
        lambda *case: _allowed(*case, look=lambda *_: True)
    ),
    "the whole beginning must agree, not its last code alone": (
        lambda *case: _allowed(
            *case,
            look=lambda w, n, head: n == 0 or w[n - 1] == head[-1],
        )
    ),
    "the whole beginning must agree, not its first code alone": (
        lambda *case: _allowed(
            *case,
            look=lambda w, n, head: n == 0 or w[0] == head[0],
        )
    ),
    "True is for the codes that exist": lambda *case: ~_allowed(*case),
}
exercise_function("7.5-mask", _allowed, _tries, "the mask", slips=_MASK_SLIPS)


def _beam(steps, depth, width, add=True, each=False, turned=False):
    kept = [((), 0.0)]
    for level in range(depth):
        grown = []
        for head, total in kept:
            below = [
                ((*head, code), (total if add else 0.0) + float(p))
                for code, p in enumerate(steps[head])
                if np.isfinite(p)
            ]
            below.sort(key=lambda pair: pair[1] if turned else -pair[1])
            grown += below[:width] if each else below
        grown.sort(key=lambda pair: pair[1] if turned else -pair[1])
        last = level == depth - 1
        kept = grown if each and not last else grown[:width]
    return [list(word) for word, _ in kept]


def _steps(rng, sizes, gone=0.0):
    steps = {}
    for level, size in enumerate(sizes):
        for head in itertools.product(*[range(n) for n in sizes[:level]]):
            p = rng.dirichlet(np.full(size, 0.6))
            p[rng.random(size) < gone] = 0.0
            p[rng.integers(size)] += 0.05
            with np.errstate(divide="ignore"):
                steps[head] = np.log(p / p.sum())
    return steps


def _beams():
    rng = np.random.default_rng(77)
    garden = {
        (): np.log([0.55, 0.45]),
        (0,): np.log([0.34, 0.33, 0.33]),
        (1,): np.log([0.9, 0.05, 0.05]),
    }
    narrow = {  # of three good beginnings of two codes, a beam of two drops the best
        (): np.log([0.5, 0.3, 0.2]),
        (0,): np.log([0.34, 0.33, 0.33]),
        (1,): np.log([0.6, 0.4]),
        (2,): np.log([0.5, 0.5]),
        **dict.fromkeys([(0, 0), (1, 0), (1, 1), (2, 0), (2, 1)], np.log([0.55, 0.45])),
        **dict.fromkeys([(0, 1), (0, 2)], np.log([0.98, 0.02])),
    }
    return [
        (garden, 2, 1),
        (narrow, 3, 2),
        (garden, 2, 2),
        (_steps(rng, (3, 3)), 2, 2),
        (_steps(rng, (3, 4, 2)), 3, 3),
        (_steps(rng, (4, 4, 3), gone=0.4), 3, 2),
        (_steps(rng, (5, 3, 3), gone=0.2), 3, 4),
    ]


_BEAM_SLIPS = {
    "a word's ln p is the sum over its codes: the earlier ones count, too": (
        lambda *case: _beam(*case, add=False)
    ),
    "keep width beginnings in all, not width below each": (
        lambda *case: _beam(*case, each=True)
    ),
    "nothing was dropped on the way: that is the exact search": (
        lambda steps, depth, width: _beam(steps, depth, 10**6)[:width]
    ),
    "the most probable ones are kept, with the largest ln p": (
        lambda *case: _beam(*case, turned=True)
    ),
    "that follows the best code alone: several beginnings are kept": (
        lambda steps, depth, width: _beam(steps, depth, 1)
    ),
}
exercise_function("7.5-beam", _beam, _beams, "the words", slips=_BEAM_SLIPS)


def _encode(v, codebooks, move=True, sign=1.0, closest=_nearest):
    r, word = np.array(v, dtype=float), []
    for centroids in codebooks:
        word.append(int(closest(r[None], centroids)[0]))
        if move:
            r = r - sign * centroids[word[-1]]
    return word


def _newcomers():
    rng = np.random.default_rng(78)
    toy = np.array([[[2.0, 7.0], [8.0, 2.0]], [[-0.5, 1.0], [1.0, -2.0]]])
    cases = [(np.array([8.0, 1.0]), toy), (np.array([1.0, 9.0]), toy)]
    for levels, k, d in ((3, 4, 2), (4, 3, 3), (2, 6, 2)):
        books = (
            rng.normal(size=(levels, k, d)) * 2.0 ** -np.arange(levels)[:, None, None]
        )
        cases += [(rng.normal(0, 1.2, d), books) for _ in range(2)]
    return cases


_NEW_SLIPS = {
    "from the second level on, the residual looks for its centroid, not the vector": (
        lambda *case: _encode(*case, move=False)
    ),
    "subtract the centroid": lambda *case: _encode(*case, sign=-1.0),
    "the largest dot product is not the smallest distance": (
        lambda *case: _encode(*case, closest=lambda R, C: (R @ C.T).argmax(axis=1))
    ),
}
exercise_function("7.5-new", _encode, _newcomers, "the word", slips=_NEW_SLIPS)


# Six films on the toy's trie, and a network that knows no trie.
FIRST, SECOND, LAST = (0.3, 0.7), ((0.6, 0.4), (0.5, 0.5)), (0.8, 0.2)


def _mass(second=SECOND, whole=1.0, half=LAST[0]):
    """Words whose last number is 0 or 1, and those of which only 0 is a film."""
    return sum(FIRST[a] * (second[a][0] * whole + second[a][1] * half) for a in (0, 1))


exercise_value(
    "7.5-mass",
    _mass,
    "the sum",
    atol=0.001,
    slips={
        "that is what no film has: how much do the films have?": lambda: 1 - _mass(),
        "below two of the codes both last numbers are films": (
            lambda: _mass(whole=LAST[0])
        ),
        "below two of the codes only one last number is a film": lambda: _mass(
            half=1.0
        ),
        "after 0 the second code has other probabilities than after 1": (
            lambda: _mass(second=[SECOND[1]] * 2)
        ),
        "the other way round: which second codes have both last numbers?": (
            lambda: _mass(whole=LAST[0], half=1.0)
        ),
        "the first codes do not have the same probability": (
            lambda: sum(
                x * (y[0] + y[1] * LAST[0])
                for x, y in zip((0.5, 0.5), SECOND, strict=True)
            )
        ),
    },
)


def _fewer(codes=4, alphabet=256):
    return 1_000_000 / (codes * alphabet)


exercise_value(
    "7.5-outputs",
    _fewer,
    "how many times fewer",
    atol=1.0,
    slips={
        "a word has several codes, and each has its softmax": lambda: _fewer(codes=1),
        "that is how many outputs a word needs: how many times fewer is it?": (
            lambda: 4 * 256
        ),
        "the softmaxes stand one after the other: their outputs add up": (
            lambda: _fewer(codes=1, alphabet=256**4)
        ),
        "upside down: how many times fewer?": lambda: 1 / _fewer(),
        "the last number is one of the codes already": lambda: _fewer(codes=5),
    },
)
