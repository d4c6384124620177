"""A log of orders as a shop exports it: ids with zeros, commas, returns, guests.

Customers come, order at a rate of their own and leave after some order, which is the
world of the BG/NBD model. What they order follows a taste: groups of products that they
like, and a style within a group. Then the log is made as untidy as an export is.
"""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from recbook.synthetic.draw import Dice, normal
from recbook.synthetic.exports.shelves import shelves

__all__ = ["Line", "as_file", "files", "log"]

START, N_DAYS = date(2024, 6, 3), 826  # 118 weeks, from a Monday
N_CUSTOMERS = 980
RATE, LEAVING = 8.0, 4.5  # weeks between two orders in the mean; b of beta(1, b)
FAN, STYLE = 1.7, 1.5  # spread of the taste for groups, weight of the style
AGAIN = 0.4  # share of lines that repeat a product of the customer's own
GUESTS, RETURNED = 0.06, 0.03  # shares of orders, of lines
FEW = 16  # one customer in so many is in the file of too few
EARLIER = {"order": "199802", "product": "Spring Box", "pieces": -1, "cents": -2490}
HEAD = "order_no;customer_no;order_date;product;pieces;total"


class Line(NamedTuple):
    """A line of the export, as text; ``day`` is its place in time."""

    day: int
    order: str
    customer: str
    product: str
    pieces: int
    cents: int


def files(seed=0):
    """Return {name: bytes}: the log, and two pieces of it that are too small.

    >>> files()["orders.csv"][:20]
    b'order_no;customer_no'
    """
    lines = log(seed)
    some = {number(customer) for customer in range(0, N_CUSTOMERS, FEW)}
    pieces = {
        "orders.csv": lines,
        "refused/three-weeks.csv": [line for line in lines if line.day < 21],
        "refused/few-customers.csv": [line for line in lines if line.customer in some],
    }
    return {name: as_file(piece) for name, piece in pieces.items()}


def number(customer):
    """Return a customer's number, with zeros in front.

    >>> number(0)
    '000417'
    """
    return f"{417 + 7 * customer:06d}"


def as_file(lines):
    r"""Write lines as a spreadsheet does: semicolons, decimal commas, Windows-1252.

    >>> as_file([Line(0, "1", "007", "Crème", 1, 1250)]).splitlines()[1]
    b'1;007;03.06.2024;Cr\xe8me;1;12,50'
    """
    rows = [HEAD]
    for line in lines:
        day = (START + timedelta(days=line.day)).strftime("%d.%m.%Y")
        euros, cents = divmod(abs(line.cents), 100)
        total = f"{'-' if line.cents < 0 else ''}{euros},{cents:02d}"
        cells = line.order, line.customer, day, line.product, line.pieces, total
        rows.append(";".join(map(str, cells)))
    return ("\r\n".join(rows) + "\r\n").encode("cp1252")


def log(seed=0):
    """Return the lines of the export, in the order of their numbers."""
    rng = np.random.default_rng(seed)
    goods = shelves(rng)
    orders = []
    for customer in range(N_CUSTOMERS):
        person = Person(rng, goods)
        for day in person.days():
            basket = [(goods.names[one], n) for one, n in person.basket(day)]
            orders.append((day, number(customer), basket))
    orders.sort(key=lambda order: order[0])  # stable
    return untidy(Dice(rng), numbered(Dice(rng), orders))


class Person:
    """A customer: when they order, and what."""

    def __init__(self, rng, goods):
        self.rng, self.dice, self.goods = rng, Dice(rng), goods
        liking = np.exp(FAN * normal(rng, len(goods.weights))) * goods.weights
        pull = goods.appeal + STYLE * goods.style @ normal(rng, 2)
        self.pull = np.round(liking[goods.group] * np.exp(pull), 9)
        self.size = 0.2 + 0.5 * rng.random()  # chance of one line more
        self.own = []

    def days(self):
        """Return the days of the orders: random gaps, until the customer leaves."""
        rng = self.rng
        day = 0.0 if rng.random() < 0.1 else rng.random() * N_DAYS
        gap = 7 * RATE / -np.log(1 - rng.random())  # its rate is exponential
        leaves = 1 - rng.random() ** (1 / LEAVING)
        found = []
        while day < N_DAYS:
            found.append(int(day))
            if rng.random() < leaves:
                break
            day = round(day - gap * np.log(1 - rng.random()), 9)
        return found

    def basket(self, day):
        """Return [(product, pieces)] of an order."""
        wanted = []
        while not wanted or (self.rng.random() < self.size and len(wanted) < 8):
            product = self.choose(day)
            if product not in [one for one, _ in wanted]:
                wanted.append((product, 1 + (self.rng.random() < 0.2)))
        self.own += [product for product, _ in wanted]
        return wanted

    def choose(self, day):
        """Draw a product: one of their own again, or one by taste."""
        if self.own and self.rng.random() < AGAIN:
            product = self.own[self.dice.below(len(self.own))]
            if self.goods.sold(day)[product]:
                return product
        return self.dice.weighted(np.cumsum(self.pull * self.goods.sold(day)))


def numbered(dice, orders):
    """Return the lines of all orders; some are of guests, some products come back."""
    lines = []
    for place, (day, customer, basket) in enumerate(orders):
        order = str(200_117 + 3 * place)
        draw = dice.rng.random()
        who = customer if draw > GUESTS else "guest" if draw > GUESTS / 2 else ""
        for (name, cents), pieces in basket:
            lines.append(Line(day, order, who, name, pieces, pieces * cents))
            if dice.rng.random() < RETURNED:
                back = min(pieces, 1 + dice.below(2))
                day_back = day + 3 + dice.below(18)
                sent = (order, who, name, -back, -back * cents)
                if day_back < N_DAYS:
                    lines.append(Line(day_back, *sent))
    return lines


def untidy(dice, lines):
    """Return the lines as exported: sorted by day, with what no log should have."""
    found = []
    for line in lines:
        found.append(line)
        draw = dice.rng.random()
        if draw < 0.006:  # a voucher has no product
            found.append(line._replace(product="", pieces=1, cents=2500))
        elif draw < 0.009:  # a gift of the shop's
            found.append(line._replace(product="Sample bag", pieces=0, cents=0))
    first = [line for line in found if line.day < 14][::9]  # bought before the export
    found += [line._replace(day=line.day + 9, **EARLIER) for line in first]
    found.sort(key=lambda line: line.day)
    # The shop exports by quarters: one day stands in two of them.
    days = np.array([line.day for line in found])
    one, other = np.searchsorted(days, [455, 457])
    return found[:other] + found[one:other] + found[other:]
