"""A test of two checkout pages, as a shop exports it, and two exports of other tests.

``test.csv`` has a row for each customer, with what was spent in the eight weeks of the
test and in the eight before. With page B it is 4 % more. In the other two files the
pages make no difference: ``refused/visits.csv`` has a row for each visit, and
``refused/stopped.csv`` is a test that somebody ended at the first good look.
"""

from datetime import date, timedelta

import numpy as np

from recbook.synthetic.draw import normal
from recbook.synthetic.exports.trial import as_file

__all__ = ["LIFT", "LOOKS", "files"]

LIFT = 0.04  # what page B adds to what is spent
N, NEW = 10_000, 0.12  # customers, and the share of those who came after the start
N_VISITORS = 2000
LOOKS, BATCH, ORDER_RATE = 10, 600, 0.12
START = date(2026, 7, 6)


def files(seed=0):
    """Return {name: bytes} of the test, the visits, and the test that was stopped.

    >>> sorted(files())
    ['refused/stopped.csv', 'refused/visits.csv', 'test.csv']
    """
    rng = np.random.default_rng([seed, 84])
    return {
        "test.csv": as_file("customer;arm;ordered;spent;spent_before", test(rng)),
        "refused/visits.csv": as_file("customer;day;arm;spent", visits(rng)),
        "refused/stopped.csv": as_file("customer;day;arm;ordered", stopped(rng)),
    }


def money(cents):
    """Return an amount as a spreadsheet writes it where commas are decimal.

    >>> money(1250)
    '12,50'
    """
    return f"{cents // 100},{cents % 100:02d}"


def arms(rng, n):
    """Draw the page of each customer, a random half each."""
    return np.where(rng.random(n) < 0.5, "B", "A")


def spent(rng, habit, orders=0.97):
    """Draw what customers of these habits spend in eight weeks, in cents."""
    some = rng.random(len(habit)) < orders
    noise = np.exp(0.3 * normal(rng, len(habit)))
    return np.round(some * 4600 * habit * noise, 3)


def test(rng):
    """Return a row for each customer of the test."""
    habit, arm = np.exp(0.5 * normal(rng, N)), arms(rng, N)
    before = spent(rng, habit).astype(int)
    during = (spent(rng, habit) * np.where(arm == "B", 1 + LIFT, 1)).astype(int)
    new = rng.random(N) < NEW
    for row in range(N):
        ordered = "yes" if during[row] else "no"
        known = "" if new[row] else money(before[row])
        cells = f"{20_318 + 3 * row:06d}", arm[row], ordered, money(during[row]), known
        yield ";".join(cells)


def visits(rng):
    """Return a row for each visit: some customers come often, and spend alike."""
    often = -np.log1p(-rng.random(N_VISITORS)) * 3
    habit, arm = np.exp(0.6 * normal(rng, N_VISITORS)), arms(rng, N_VISITORS)
    for person in range(N_VISITORS):
        for _ in range(1 + int(often[person])):
            day = START + timedelta(days=int(56 * rng.random()))
            cents = int(rng.random() < 0.3) * int(np.round(3000 * habit[person], 3))
            number = f"{30_211 + 3 * person:06d}"
            yield f"{number};{day:%d.%m.%Y};{arm[person]};{money(cents)}"


def stopped(rng):
    """Return the first test of two equal pages that a look has ended too early.

    Somebody looks ten times, and stops once the difference is beyond 1.96 standard
    errors: nearly one in ten of such tests ends so.
    """
    while True:
        arm = arms(rng, LOOKS * BATCH)
        ordered = rng.random(LOOKS * BATCH) < ORDER_RATE
        for look in range(1, LOOKS):
            n = look * BATCH
            if beyond(ordered[:n], arm[:n] == "B") > 1.96:
                break
        else:
            continue
        for row in range(n):
            day = START + timedelta(days=7 * (row // BATCH) + row % 7)
            said = "yes" if ordered[row] else "no"
            yield f"{40_127 + 3 * row:06d};{day:%d.%m.%Y};{arm[row]};{said}"
        return


def beyond(ordered, treated):
    """Return by how many standard errors page B is ahead.

    >>> round(float(beyond(np.array([1, 0, 1, 0]), np.array([1, 1, 0, 0]) == 1)), 2)
    0.0
    """
    both = [ordered[arm] for arm in (treated, ~treated)]
    error = np.sqrt(sum(arm.mean() * (1 - arm.mean()) / len(arm) for arm in both))
    return np.round((both[0].mean() - both[1].mean()) / error, 9)
