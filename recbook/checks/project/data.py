"""Checks of chapter 5.1, the data of the film project."""

import sqlite3
from contextlib import closing

import numpy as np
from scipy import sparse

from recbook import datasets
from recbook.checks import exercise, exercise_function, exercise_value, same
from recbook.checks.guard import remember


def _tables():
    rng = np.random.default_rng(51)
    for shape in ((3, 4), (6, 5)):
        full = rng.integers(1, 6, shape) * (rng.random(shape) < 0.6)
        full[0, 0] = 3
        full[1] = 0  # a person without ratings
        yield sparse.csr_array(full.astype(float))


def _lookup(data, indices, indptr, u, i, unknown=np.nan):
    row = slice(indptr[u], indptr[u + 1])
    ratings = data[row][indices[row] == i]
    return ratings[0] if len(ratings) else unknown


def _as_if_full(data, indices, indptr, u, i):
    place = indptr[u] + i
    return data[place] if place < indptr[u + 1] else np.nan


LOOKUP = {
    "what is not known is nan here, not 0": lambda *case: _lookup(*case, unknown=0.0),
    "a row holds its known ratings alone: film i is not its entry number i": (
        _as_if_full
    ),
    "this looks into all rows: look into the row of u alone": (
        lambda data, indices, indptr, u, i: next(iter(data[indices == i]), np.nan)
    ),
    "that is the row of the person before: person 0 has the first": (
        lambda data, indices, indptr, u, i: (
            _lookup(data, indices, indptr, u - 1, i) if u else np.nan
        )
    ),
}


def _by_appearance(ids):
    distinct = list(dict.fromkeys(np.asarray(ids).tolist()))
    return np.array(distinct), np.array([distinct.index(x) for x in ids.tolist()])


def _from_one(ids):
    distinct, codes = np.unique(ids, return_inverse=True)
    return distinct, codes + 1


def _first_places(ids):
    return np.unique(ids, return_index=True)


RECODE = {
    "the distinct ids are to be sorted, not as they appear": (_by_appearance),
    "these codes count from 1: positions count from 0": _from_one,
    "these are the positions where each id comes first: each entry has a code": (
        _first_places
    ),
    "the codes come second": lambda ids: np.unique(ids, return_inverse=True)[::-1],
}


def _strangers(train, test):
    return (~np.isin(test, train)).mean() if len(test) else np.nan


STRANGERS = {
    "that is a fraction of people: a person with many test ratings counts for each": (
        lambda train, test: _strangers(train, np.unique(test))
    ),
    "that is the fraction of those who are known": (
        lambda train, test: 1 - _strangers(train, test)
    ),
    "an empty test has no fraction, not even 0": (
        lambda train, test: _strangers(train, test) if len(test) else 0.0
    ),
    "that is the fraction of training whose people are not in the test": (
        lambda train, test: _strangers(test, train)
    ),
    "that is a number of ratings: a fraction is asked for": (
        lambda train, test: (~np.isin(test, train)).sum()
    ),
}


def _places():
    return [
        (R.data, R.indices, R.indptr, u, i)
        for R in _tables()
        for u in range(R.shape[0])
        for i in range(R.shape[1])
    ]


def _indptr():
    return datasets.load_toy().csr.indptr.tolist()


exercise_value(
    "5.1-indptr",
    _indptr,
    slips={
        "those are the counts: add one after the other": lambda: [5, 5, 3, 5, 2],
        "where does the row of the first person begin?": lambda: _indptr()[1:],
        "where does the row of the last person end?": lambda: _indptr()[:-1],
        "positions are counted from zero": lambda: [x + 1 for x in _indptr()],
        "a row ends at the position after its last rating": (
            lambda: [0, *(x - 1 for x in _indptr()[1:])]
        ),
    },
)
exercise_function("5.1-lookup", _lookup, _places, what="the rating", slips=LOOKUP)
exercise_function(
    "5.1-recode",
    lambda ids: np.unique(np.asarray(ids), return_inverse=True),
    [
        (np.array(["K-9", "A-17", "K-9"]),),
        (np.array([30, -2, 7, 7, 30]),),
        (np.array(["b", "a", "c", "a"]),),
    ],
    what="(distinct, codes)",
    slips=RECODE,
)
exercise_function(
    "5.1-strangers",
    _strangers,
    [
        (np.array([3, 1, 1, 4]), np.array([1, 5, 5, 5])),
        (np.array([0, 7]), np.array([7, 0, 7])),
        (np.array([2, 2, 9]), np.array([8, 2, 2, 5, 2, 2])),
        (np.array([1, 2]), np.array([], dtype=int)),
    ],
    what="the share",
    atol=1e-6,
    slips=STRANGERS,
)


def _last_words(log, wins=lambda old, new: old[3] <= new[3]):
    """One row for each pair. With another rule for which one wins: a slip."""
    last = {}
    for row in log:
        if row[:2] not in last or wins(last[row[:2]], row):
            last[row[:2]] = row
    return np.array([last[pair] for pair in sorted(last)])


def _in_order_of_time(log):
    last = {}
    for row in sorted(log, key=lambda row: row[3]):
        last.pop(row[:2], None)
        last[row[:2]] = row
    return np.array(list(last.values()))


LATEST = {
    "the row that comes last in the log is not always the latest": (
        lambda log: _last_words(log, lambda old, new: True)
    ),
    "the row that comes first in the log is not always the latest": (
        lambda log: _last_words(log, lambda old, new: False)
    ),
    "of equal times the row that comes later in the log wins": (
        lambda log: _last_words(log, lambda old, new: old[3] < new[3])
    ),
    "the rows are sorted by their times: sort them by user_id and movie_id": (
        _in_order_of_time
    ),
    "the highest rating is not the latest": (
        lambda log: _last_words(log, lambda old, new: old[2] <= new[2])
    ),
}


@exercise("5.1-latest", slips=LATEST)
def latest(answer):
    """One row for each pair: the latest, and of equal times the one that came last."""
    import pandas as pd

    names = ["user_id", "movie_id", "rating", "timestamp"]
    # Many equal times in a shuffled log: only a stable rule gets them all.
    shuffled = np.random.default_rng(51).integers((1, 1, 1, 0), (4, 4, 6, 9), (400, 4))
    logs = [
        [(2, 1, 5, 10), (1, 7, 3, 4), (2, 1, 2, 30), (1, 7, 4, 4)],
        [(1, 1, 1, 9), (1, 1, 5, 2), (1, 2, 3, 5), (3, 1, 4, 1)],
        [tuple(row) for row in shuffled.tolist()],
    ]
    frames = [pd.DataFrame(log, columns=names) for log in logs]
    for log, frame in zip(logs, frames, strict=True):
        got = answer(frame)
        if not isinstance(got, pd.DataFrame):
            return f"return a DataFrame, not a {type(got).__name__}"
        if list(got.columns) != names:
            return f"the columns are {list(got.columns)}: keep those of the log"
        if list(got.index) != list(range(len(got))):
            return "the index is not 0, 1, 2, …: give the rows a fresh one"
        expected = _last_words(log)
        if problem := same(got.to_numpy(), expected, "the table"):
            tables = [np.array(answer(frame)) for frame in frames]
            remember((frame,))
            for slip, wrong in LATEST.items():
                if not any(map(same, tables, map(wrong, logs))):
                    return slip
            but_ratings = [0, 1, 3]
            if same(got.to_numpy()[:, but_ratings], expected[:, but_ratings]) is None:
                return "rows of equal times are mixed: does your sort keep their order?"
            return problem
    return None


_SHOP = """
CREATE TABLE customers (customer_id INTEGER PRIMARY KEY);
CREATE TABLE products (product_id INTEGER PRIMARY KEY);
INSERT INTO customers VALUES (1), (2);
INSERT INTO products VALUES (7);
"""
_ORDERS = [  # a row, whether it may come in, what it is
    ((1, 1, 7, 1, 0), True, "one piece for nothing"),
    ((2, 1, 7, 99, 1250), True, "99 pieces"),
    ((3, 2, 7, 2, 4_000_000_000), True, "a price of 4,000,000,000 cents"),
    ((3, 1, 7, 1, 100), False, "an order number that stands there already"),
    (("four", 1, 7, 1, 100), False, "an order number of 'four'"),
    ((4, 3, 7, 1, 100), False, "an order of an unknown customer"),
    ((4, 1, 8, 1, 100), False, "an order of an unknown product"),
    ((4, 1, 7, 0, 100), False, "an order of 0 pieces"),
    ((4, 1, 7, 100, 100), False, "an order of 100 pieces"),
    ((4, 1, 7, 1.5, 100), False, "an order of 1.5 pieces"),
    ((4, 1, 7, "many", 100), False, "an order of 'many' pieces"),
    ((4, 1, 7, 1, -1), False, "a price of -1 cents"),
    ((4, 1, 7, 1, 0.5), False, "a price of 0.5 cents"),
    ((4, 1, 7, 1, "free"), False, "a price of 'free'"),
    ((4, None, 7, 1, 100), False, "an order without a customer"),
    ((4, 1, None, 1, 100), False, "an order without a product"),
    ((4, 1, 7, None, 100), False, "an order without pieces"),
    ((4, 1, 7, 1, None), False, "an order without a price"),
]


@exercise("5.1-schema")
def schema(answer):
    """Rows that may come in do, and the others do not."""
    if not isinstance(answer, str):
        return f"write the statement as a text, not as a {type(answer).__name__}"
    with closing(sqlite3.connect(":memory:")) as shop:
        shop.execute("PRAGMA foreign_keys = ON")
        shop.executescript(_SHOP)
        try:
            shop.execute(answer)
        except (sqlite3.Error, sqlite3.Warning) as error:
            return f"SQLite does not take the statement: {error}"
        table = shop.execute("PRAGMA table_info(orders)").fetchall()
        names = ["order_id", "customer_id", "product_id", "pieces", "cents"]
        if [column[1] for column in table] != names:
            return f"make a table orders with the columns {', '.join(names)}"
        for row, good, what in _ORDERS:
            problem = _refusal(shop, row)
            if good and problem:
                return f"the table refuses {what}: {problem}"
            if not good and not problem:
                return f"the table lets in {what}"
        _refusal(shop, (None, 2, 7, 1, 100))  # SQLite may give it the next number
        if shop.execute("SELECT 1 FROM orders WHERE order_id IS NULL").fetchall():
            return "the table lets in an order without a number"
    return None


def _refusal(shop, row):
    """What SQLite has against a row, after a commit too: a rule may be deferred."""
    try:
        with shop:
            shop.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", row)
    except sqlite3.Error as error:
        return str(error)
    return None
