"""Checks of chapter 4.1, embeddings and factorization machines."""

import itertools

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _codes():
    """Codes, how many there are, and a table of vectors."""
    rng = np.random.default_rng(41)
    made = []
    for n, size, k in [(3, 4, 2), (6, 5, 3), (1, 2, 1)]:
        made.append((rng.integers(0, size, n), rng.normal(size=(size, k)).round(2)))
    return made


def _onehot(codes, E):
    """Every code's row, by the product that the lookup replaces."""
    return np.array([[float(c == row) for row in range(len(E))] for c in codes]) @ E


ONEHOT = {
    "the row before is looked up: the first row of the table has code 0": (
        lambda codes, E: E[codes - 1]
    ),
    "these are the one-hot rows alone: multiply them with the table": (
        lambda codes, E: np.eye(len(E))[codes]
    ),
    "the rows are added up: each code keeps a row of its own": (
        lambda codes, E: E[codes].sum(axis=0)
    ),
}
exercise_function("4.1-onehot", _onehot, _codes, "the vectors", atol=1e-8, slips=ONEHOT)

# 4.1-pencil: Eve and Up, one genre, k = 2; the numbers stand in the exercise.
_V = np.array([[1.0, 2.0], [2.0, -1.0], [0.5, 0.5]])
_PAIRS = float(sum(_V[a] @ _V[b] for a, b in itertools.combinations(range(3), 2)))


def _fm(pairs=_PAIRS, single=0.3 + 0.2 - 0.1, start=3.5, most=np.inf):
    return [pairs, min(start + single + pairs, most)]


exercise_value(
    "4.1-pencil",
    _fm,
    "[all pairs, the prediction]",
    atol=0.005,
    slips={
        "the half in front is missing: each pair is counted once": (
            lambda: _fm(2 * _PAIRS)
        ),
        "the squares are to be taken off: no feature pairs with itself": (
            lambda: _fm((_V.sum(axis=0) ** 2).sum() / 2)
        ),
        "clipping comes at the very end: ŷ is asked for as it is": lambda: _fm(
            most=5.0
        ),
        "the prediction begins with w₀": lambda: _fm(start=0.0),
        "each feature has a weight of its own, too": lambda: _fm(single=0.0),
    },
)


def _genres():
    """Truth tables of films and genres; one film has none."""
    rng = np.random.default_rng(411)
    made = [rng.random(shape) < 0.5 for shape in ((4, 3), (5, 6))]
    made[0][1] = False
    made[1][2] = True
    return [(table,) for table in made]


def _shares(table):
    rows = []
    for row in table:
        count = sum(bool(x) for x in row)
        rows.append([1.0 / count if x else 0.0 for x in row])
    return np.array(rows)


def _undefined(table):
    with np.errstate(invalid="ignore"):
        return table / table.sum(axis=1, keepdims=True)


GENRES = {
    "a film without a genre gives 0 / 0": _undefined,
    "the ones are not divided yet": lambda table: table.astype(float),
    "divide by how many genres a film has, not by how many there are": (
        lambda table: table / table.shape[1]
    ),
    "divide by how many genres a film has, not by how many films a genre has": (
        lambda table: table / np.maximum(table.sum(axis=0), 1)
    ),
}
exercise_function("4.1-genres", _shares, _genres, "the rows", atol=1e-8, slips=GENRES)


def _rows():
    """A sparse row and the vectors of its features."""
    rng = np.random.default_rng(412)
    made = []
    for n, k in [(5, 2), (9, 4), (3, 1)]:
        x = rng.normal(size=n).round(1) * (rng.random(n) < 0.7)
        x[0] = 0.5  # never an empty row
        made.append((x, rng.normal(size=(n, k)).round(2)))
    return made


def _pooled(x, V):
    total = np.zeros(V.shape[1])
    for a, b in itertools.combinations(range(len(x)), 2):
        total = total + x[a] * V[a] * x[b] * V[b]
    return total


# What pooling gives with a slip, for each factor; the pairs are their sum.
POOL = {
    "each pair is counted twice": lambda x, V: 2 * _pooled(x, V),
    "features are paired with themselves, too: their own squares must go": (
        lambda x, V: (x @ V) ** 2 / 2
    ),
    "the x in a feature's own square is not squared": (
        lambda x, V: ((x @ V) ** 2 - x @ V**2) / 2
    ),
}
PAIRS = {
    message: lambda x, V, slip=slip: slip(x, V).sum() for message, slip in POOL.items()
} | {
    "square the sum of each factor by itself, before factors are added up": (
        lambda x, V: ((x @ V).sum() ** 2 - (x**2 @ V**2).sum()) / 2
    ),
    "one number is asked for: add up the factors as well": _pooled,
}
exercise_function(
    "4.1-pairs",
    lambda x, V: float(_pooled(x, V).sum()),
    _rows,
    "the pairs",
    atol=1e-8,
    slips=PAIRS,
)
exercise_function(
    "4.1-pool", _pooled, _rows, "the pooled vector", atol=1e-8, slips=POOL
)


def _slope(x, V):
    """The slope of all pairs in V by differences: exact for a square, but rounding."""
    slope = np.empty_like(V)
    for place in np.ndindex(V.shape):
        step = np.zeros_like(V)
        step[place] = 0.5
        higher = _pooled(x, V + step).sum()
        slope[place] = higher - _pooled(x, V - step).sum()
    return slope


SLOPE = {
    "a feature meets itself, too: take it out of its own sum": (
        lambda x, V: np.outer(x, x @ V)
    ),
    "what a feature takes out of the sum has its x as a factor": (
        lambda x, V: x[:, None] * (x @ V - V)
    ),
    "the x of the feature itself is missing as a factor": (
        lambda x, V: x @ V - x[:, None] * V
    ),
}
exercise_function("4.1-slope", _slope, _rows, "the slopes", atol=1e-7, slips=SLOPE)

# 4.1-floor: a sigmoid of a sigmoid lies between 1/2 and 1 / (1 + 1/e).


def _floors(log=np.log, best=(1, 0)):
    """With s as high as it gets for a 1, and as low as it gets for a 0."""
    return [float(log(1 + np.exp(z))) for z in (-best[0], best[1])]


exercise_value(
    "4.1-floor",
    _floors,
    "[of a 1, of a 0]",
    atol=0.005,
    slips={
        "the loss sees what the layer gives, which never leaves 0 to 1": (
            lambda: [0.0, 0.0]
        ),
        "a logit at its other end serves y = 0 best": lambda: _floors(best=(1, 1)),
        "the layer's sigmoid goes on up: a logit of 0 is not the best for y = 1": (
            lambda: _floors(best=(0, 0))
        ),
        "y = 1 comes first, y = 0 second": lambda: _floors()[::-1],
        "the logarithm is the natural one, not that to the base 2": (
            lambda: _floors(np.log2)
        ),
    },
)
