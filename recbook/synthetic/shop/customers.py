"""What the invented customers do: visits with views, carts and purchases."""

import heapq
from typing import NamedTuple

import numpy as np

from recbook.synthetic.draw import Dice, normal
from recbook.synthetic.shop.products import CATEGORIES, N_STYLES

__all__ = ["DEVICES", "N_DAYS", "START", "Walk", "welcome"]

START = 1_736_121_600  # Monday 2025-01-06, 00:00 of the shop's clock
DAY, HOUR = 86_400, 3600
N_DAYS = 182
DEVICES = ("desktop", "phone", "tablet")
AGES = ("18-29", "30-44", "45-59", "60+")
PHONE = (0.72, 0.58, 0.42, 0.28)  # share of visits by phone, by age band
# How many of a day's visits begin in each hour.
HOURS = np.repeat(
    [2.0, 0.6, 2.0, 5.0, 7.0, 4.5, 7.0, 8.5, 4.0], [1, 5, 2, 3, 3, 4, 2, 3, 1]
)

# The effects, in the order of the card.
VIEW_SCALE = 3.0  # days: mean delay of a purchase after a visit of views alone
CART_SCALE = 1.5  # days: of one whose product was left in the cart
RETURNS, BUYS_THEN = 0.40, 0.60  # who comes back after views, and buys then
NOW, LEAVES_CART, CART_BOUGHT = 0.22, 0.22, 0.50
MOMENT = 8.0  # a category is looked for so many times more often at its moment
WEEKEND = 0.65  # share of the weekend categories' visits moved to the weekend
AGAIN, AGAIN_DAYS, AGAIN_SPREAD = 0.60, 30.0, 3.0
FITTING, FITTING_DAYS = 0.50, 6.0  # accessories: share, and days at the most
PRICE, STYLE = 1.3, 0.7  # weight of dearness times the trait, and of style


class People(NamedTuple):
    """Customers: ``lines`` of users.csv, and per customer the traits.

    ``thrift`` (n,) standard scores: above 0 buys cheap; ``style`` (n, N_STYLES),
    ``liking`` (n, n_categories) weights, ``phone`` (n,) shares, ``journeys`` (n,) int,
    ``joined`` (n,) days, ``consent`` (n,) bool.
    """

    lines: list
    thrift: np.ndarray
    style: np.ndarray
    liking: np.ndarray
    phone: np.ndarray
    journeys: np.ndarray
    joined: np.ndarray
    consent: np.ndarray


def welcome(rng, n):
    """Invent ``n`` customers."""
    age = np.searchsorted([0.28, 0.62, 0.86], rng.random(n), side="right")
    phone = np.clip(np.array(PHONE)[age] + 0.15 * normal(rng, n), 0.05, 0.95)
    liking = np.exp(1.1 * normal(rng, n, len(CATEGORIES)))
    liking *= [kind.weight for kind in CATEGORIES]
    joined = np.where(rng.random(n) < 0.7, 0.0, rng.random(n) * (N_DAYS - 20))
    busy = 2 - 15.5 * np.log(1 - rng.random(n)) * (1 - 0.8 * joined / N_DAYS)
    consent = rng.random(n) >= 0.12
    day = np.datetime64(START, "s") + np.floor(joined).astype("timedelta64[D]")
    lines = [
        [str(u + 1), AGES[age[u]], str(day[u])[:10], "yes" if consent[u] else "no"]
        for u in range(n)
    ]
    thrift, style = normal(rng, n), normal(rng, n, N_STYLES)
    numbers = [np.round(x, 9) for x in (thrift, style, liking, phone)]
    return People(lines, *numbers, np.floor(busy).astype(int), joined, consent)


class Walk:
    """One customer's half year: what they plan, and the events that come of it."""

    def __init__(self, rng, stock, people, user):
        self.rng, self.dice, self.stock = rng, Dice(rng), stock
        self.phone, self.consent = people.phone[user], people.consent[user]
        pull = stock.appeal + STYLE * stock.style @ people.style[user]
        self.pull = pull - PRICE * people.thrift[user] * stock.dearness
        self.liking = np.cumsum(people.liking[user])
        joined = people.joined[user]
        days = joined + rng.random(people.journeys[user]) * (N_DAYS - joined)
        self.plans = [(d, k, self.browse, None) for k, d in enumerate(days.tolist())]
        heapq.heapify(self.plans)
        self.clock, self.events = 0, []

    def events_of(self):
        """Return the events, (product, behaviour, timestamp, device) in time."""
        while self.plans:
            day, _, act, about = heapq.heappop(self.plans)
            if day < N_DAYS:
                act(day, about)
        kept = [e for e in self.events if e[2] < START + N_DAYS * DAY]
        return kept if self.consent else [e for e in kept if e[1] == "p"]

    def plan(self, day, act, about):
        """Do ``act`` on a later day; plans of one day keep the order they came in."""
        heapq.heappush(self.plans, (day, 1000 + len(self.events), act, about))

    # Visits ---------------------------------------------------------------------------

    def arrive(self, day, category):
        """Set clock and device to the begin of a visit that looks for ``category``."""
        moment = CATEGORIES[category].moment
        day = int(day)
        if moment == "weekend" and self.rng.random() < WEEKEND:
            day += max(0, 5 - day % 7)  # Monday is 0; to Saturday, or stay on Sunday
        weight = HOURS[:, None] * self.habit()
        if moment == "night phone":
            weight[[21, 22, 23, 0], 1] *= MOMENT
        elif moment == "noon desktop":
            weight[11:14, 0] *= MOMENT
        place = self.dice.weighted(np.cumsum(np.round(weight, 9)))
        begin = START + day * DAY + place // 3 * HOUR + self.dice.below(HOUR - 900)
        if begin < self.clock + 2 * HOUR:  # no two visits at once: the next day
            begin += DAY * (1 + (self.clock + 2 * HOUR - begin) // DAY)
        self.clock, self.device = begin, DEVICES[place % 3][0]

    def habit(self):
        """Share of the devices in each hour, (24, 3): phones more in the evening."""
        phone = np.full(24, self.phone)
        phone[9:18] *= 0.75
        rest = 1 - phone
        return np.stack([0.88 * rest, phone, 0.12 * rest], axis=1)

    def note(self, product, behaviour, least, most):
        """Write an event, ``least`` to ``most`` seconds after the one before."""
        self.clock += least + self.dice.below(most - least)
        self.events.append((product, behaviour, self.clock, self.device))

    # What is planned ------------------------------------------------------------------

    def browse(self, day, category):
        """Look at products of a category; buy one, leave it in the cart, or neither."""
        if category is None:
            category = self.dice.weighted(self.liking)
        self.arrive(day, category)
        shelf = np.flatnonzero(self.stock.category == category)
        pull = self.pull[shelf]
        n_views = min(1 + int(-2.6 * np.log(1 - self.rng.random())), 12)
        seen = shelf[self.favourites(pull, 1.0, n_views)]
        for product in seen[np.argsort(self.rng.random(len(seen)), kind="stable")]:
            self.note(product, "v", 15, 140)
        wanted = seen[self.favourites(self.pull[seen], 0.6, 1)[0]]
        draw, day = self.rng.random(), (self.clock - START) / DAY
        if draw < NOW:
            self.buy(wanted)
        elif draw < NOW + LEAVES_CART:
            self.note(wanted, "c", 10, 60)
            if self.rng.random() < CART_BOUGHT:
                self.plan(day + self.delay(CART_SCALE), self.redeem, wanted)
        elif self.rng.random() < RETURNS:
            about = (wanted, seen)
            self.plan(day + self.delay(VIEW_SCALE), self.come_back, about)

    def come_back(self, day, about):
        """Look again at one or two of the products seen, and perhaps buy."""
        wanted, seen = about
        self.arrive(day, self.stock.category[wanted])
        if len(seen) > 1 and self.rng.random() < 0.5:
            self.note(seen[self.dice.below(len(seen))], "v", 15, 140)
        self.note(wanted, "v", 15, 140)
        if self.rng.random() < BUYS_THEN:
            self.buy(wanted)

    def redeem(self, day, product):
        """Buy what was left in the cart."""
        self.arrive(day, self.stock.category[product])
        if self.rng.random() < 0.4:
            self.note(product, "v", 15, 140)
        self.buy(product, carted=True)

    def replace(self, day, product):
        """Buy a consumable again."""
        self.arrive(day, self.stock.category[product])
        if self.rng.random() < 0.5:
            self.note(product, "v", 15, 140)
        self.buy(product)

    def add_to(self, day, main):
        """Look at what fits a product bought, and perhaps buy one of the two."""
        pair = np.array(self.stock.fits[main])
        self.arrive(day, self.stock.category[pair[0]])
        for product in pair:
            self.note(product, "v", 15, 140)
        self.buy(pair[self.favourites(self.pull[pair], 0.6, 1)[0]])

    def buy(self, product, carted=False):
        """Cart, purchase, and what follows from it."""
        product = int(product)
        if not carted:
            self.note(product, "c", 10, 60)
        self.note(product, "p", 40, 240)
        day = (self.clock - START) / DAY
        role = CATEGORIES[self.stock.category[product]].role
        if role == "consumable" and self.rng.random() < AGAIN:
            later = AGAIN_DAYS + AGAIN_SPREAD * normal(self.rng, 1)[0]
            self.plan(day + later, self.replace, product)
        if role == "main" and self.rng.random() < FITTING:
            later = 1 + (FITTING_DAYS - 1) * self.rng.random()
            self.plan(day + later, self.add_to, product)

    def delay(self, scale):
        """Draw an exponential delay of mean ``scale`` days."""
        return -scale * np.log(1 - self.rng.random())

    def favourites(self, pull, noise, k):
        """Places of the k largest of pull plus Gumbel noise, the largest first."""
        drawn = pull - noise * np.log(-np.log(1 - self.rng.random(len(pull))))
        return np.argsort(-np.round(drawn, 9), kind="stable")[:k]
