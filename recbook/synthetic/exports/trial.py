"""A trial of letters, and all who may get the next one, as a shop exports them.

Of the shop's customers some thousands took part in the trial, and a random half of them
got a letter with a voucher. The letter moves those who have used a voucher before and
have ordered seldom, and annoys good customers a little: ``effects`` has the numbers.
"""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from recbook.synthetic.draw import normal

__all__ = ["People", "effects", "files", "people", "rates"]

N_TRIAL, N_ALL = 8000, 8000
SENT = date(2026, 9, 7)  # the day of the trial's letters, and of the last order at most
CHANNELS = np.array(["web", "shop", "phone"])
TRIAL = "customer;arm;bought;last_order;orders;spend;channel;voucher;age"
EVERYONE = "customer;last_order;orders;spend;channel;voucher;age;consent"


class People(NamedTuple):
    """What the shop knows of its customers: arrays with a value for each."""

    number: np.ndarray  # of the customer, six digits in the file
    quiet: np.ndarray  # days since the last order
    orders: np.ndarray
    cents: np.ndarray  # spent so far
    channel: np.ndarray  # place in CHANNELS
    voucher: np.ndarray  # whether one was ever used
    age: np.ndarray  # 0 where it is not known


def people(rng, n, first):
    """Draw n customers; ``first`` is the lowest number that one may have."""
    orders = 1 + (np.log1p(-rng.random(n)) / np.log(0.75)).astype(int).clip(0, 39)
    basket = 3800 * np.exp(0.35 * normal(rng, n))
    known = rng.random(n) < 0.88
    return People(
        number=first + 7 * np.arange(n),
        quiet=(-70 * np.log1p(-rng.random(n))).astype(int).clip(0, 500),
        orders=orders,
        cents=np.round(orders * basket, 3).astype(int),
        channel=np.searchsorted([0.55, 0.85], rng.random(n)),
        voucher=rng.random(n) < 0.35,
        age=np.where(known, 18 + (67 * rng.random(n)).astype(int), 0),
    )


def rates(group):
    """Return the probability of an order within three weeks, without a letter."""
    odds = -3.4 + 0.9 * np.log(group.orders) - 0.004 * group.quiet
    odds += 0.2 * (group.channel == 0)
    return np.round(1 / (1 + np.exp(-odds)), 9)


def effects(group):
    """Return what a letter adds to that probability.

    Ten points for those who have used a voucher and ordered five times at most, two
    points less for those who ordered eight times or more without one, half a point for
    the others.
    """
    wavering = group.voucher & (group.orders <= 5)
    loyal = ~group.voucher & (group.orders >= 8)
    return np.select([wavering, loyal], [0.14, -0.03], 0.005)


def files(seed=0):
    """Return {name: bytes} of the trial and of everybody.

    >>> made = files()
    >>> made["customers.csv"].splitlines()[0].decode() == EVERYONE
    True
    """
    rng = np.random.default_rng([seed, 83])
    tried, all_ = people(rng, N_TRIAL, 10_403), people(rng, N_ALL, 10_406)
    letter = rng.random(N_TRIAL) < 0.5
    bought = rng.random(N_TRIAL) < rates(tried) + letter * effects(tried)
    consent = rng.random(N_ALL) < 0.88
    arm, said = np.where(letter, "letter", "none"), np.where(bought, "yes", "no")
    trial = [
        f"{number};{arm[row]};{said[row]};{rest}"
        for row, (number, rest) in enumerate(cells(tried))
    ]
    everyone = [
        f"{number};{rest};{'yes' if yes else 'no'}"
        for (number, rest), yes in zip(cells(all_), consent, strict=True)
    ]
    return {
        "trial.csv": as_file(TRIAL, trial),
        "customers.csv": as_file(EVERYONE, everyone),
    }


def cells(group):
    """Yield each customer's number and the other cells, as a shop exports them."""
    for number, quiet, orders, cents, channel, voucher, age in zip(*group, strict=True):
        day = (SENT - timedelta(days=int(quiet))).strftime("%d.%m.%Y")
        spent = f"{cents // 100},{cents % 100:02d}"
        used = "yes" if voucher else "no"
        rest = day, orders, spent, CHANNELS[channel], used, age or ""
        yield f"{number:06d}", ";".join(map(str, rest))


def as_file(head, rows):
    r"""Return a file with semicolons and the line ends of a spreadsheet.

    >>> as_file("a;b", ["1;2"])
    b'a;b\r\n1;2\r\n'
    """
    return ("\r\n".join([head, *rows]) + "\r\n").encode()
