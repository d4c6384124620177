"""When the invented people rate: first visits, ways through shelves, pages, breaks."""

import numpy as np

from recbook.synthetic.draw import normal, ranks

SHELF_NOISE = 0.45  # of a film's place on its shelf, whose length is 1
VISIT_NOISE = 0.55  # of a shelf's turn, likewise
FAME_NOISE = 1.5  # of the pass in which a film turns up, in standard scores

# Log-odds that a film is rated on the page of the film before it.
PAGE, PAGE_SD = 0.45, 0.42  # among people; some rate by the page, some one by one
PAGE_FAME, PAGE_AGE, PAGE_GAP = 0.4, 0.3, 0.2  # a standard score of the two films
PAGE_LENGTH = 10  # films a page at most

DAY = 86_400
WINDOW_START = 874_713_600  # 1997-09-20 00:00:00 UTC, in seconds since 1970
COHORTS = np.array([80, 110, 236, 104, 117, 89, 133, 74])  # first visits, by month
MONTH_DAYS = np.array([11, 31, 30, 31, 31, 28, 31, 22])
WINDOW_DAYS = int(MONTH_DAYS.sum())
HOURS = np.repeat([48, 25, 14, 53, 68], [6, 4, 5, 3, 6])  # first visits, by hour of day


def order(rng, who, what, n_users, items, family):
    """Rank in time of each rating among its user's, (n,) int from 0.

    A user goes through the shelves twice, first for the better known films, and on each
    shelf roughly in the catalogue's order. The turn of the shelves is half the site's,
    half the user's own. A series stands together, first part first.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of all draws.
    who, what : (n,) int arrays
        Users and items.
    n_users : int
        Number of users.
    items : Items
        Their ``factors``, ``popularity`` and ``shelf`` count.
    family : (n_items,) int array
        The first film of each one's series.
    """
    n_shelves = int(items.shelf.max()) + 1
    place = ranks(items.factors[:, 0] + 0.5 * normal(rng, len(family))) / len(family)
    turn = ranks(normal(rng, n_shelves)) / n_shelves
    turn = turn + VISIT_NOISE * normal(rng, n_users, n_shelves)
    head = family[what]  # a sequel stands where the first film of its series does
    n = len(who)
    fame = items.popularity[head] + FAME_NOISE * normal(rng, n)
    second_pass = fame < np.median(fame)
    within = np.round(place[head] + SHELF_NOISE * normal(rng, n), 9)
    turn = np.round(turn[who, items.shelf[head]], 9)
    sort = np.lexsort((what, within, turn, second_pass, who))
    rank = np.empty(n, np.int64)
    rank[sort] = np.arange(n) - np.searchsorted(who, np.arange(n_users))[who]
    return rank


def first_visits(rng, n_users):
    """Second of each user's first visit, (n_users,) int, by COHORTS and HOURS."""
    p = (ranks(rng.random(n_users)) + 0.5) / n_users
    month = np.searchsorted(np.cumsum(COHORTS) / COHORTS.sum(), p)
    begin = (np.cumsum(MONTH_DAYS) - MONTH_DAYS)[month]
    day = begin + np.floor(rng.random(n_users) * MONTH_DAYS[month]).astype(np.int64)
    hour = np.searchsorted(np.cumsum(HOURS) / HOURS.sum(), rng.random(n_users))
    second = np.floor(rng.random(n_users) * 3600).astype(np.int64)
    return WINDOW_START + day * DAY + hour * 3600 + second


def clock(rng, who, what, rank, start, items):
    """Timestamps of the ratings, (n,) int: a page shares one, some users come back.

    About half of the ratings open a new page; a page takes 5 s and an exponential time
    of mean 75 s. Three users in ten break off now and then, and spread their visits
    over a uniform share of what is left of the window.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of all draws.
    who, what, rank : (n,) int arrays
        User, item, and place among the user's ratings from 0; ``who`` ascends.
    start : (n_users,) int array
        Second of the first visit.
    items : Items
        Their ``popularity`` and ``era`` count: see :func:`_opens`.
    """
    n, n_users = len(who), len(start)
    sort = np.lexsort((rank, who))
    u, later = who[sort], rank[sort] > 0
    opens = later & _opens(rng, u, what[sort], n_users, items)
    gap = np.where(opens, 5 - 75 * np.log(1 - rng.random(n)), 0.0)
    returns = rng.random(n_users) < 0.30
    breaks = 2 - 12 * np.log(1 - rng.random(n_users))  # hoped for, by a returning user
    chance = returns * breaks / np.bincount(who, minlength=n_users)
    away = opens & (rng.random(n) < chance[u])
    weight = np.where(away, 0.1 - np.log(1 - rng.random(n)), 0.0)
    remaining = WINDOW_START + (WINDOW_DAYS - 3) * DAY - start
    stay = np.maximum(remaining, 0) * rng.random(n_users)
    total = np.bincount(u, weight, minlength=n_users)
    gap += weight / np.maximum(total, 1e-9)[u] * stay[u]
    elapsed = np.cumsum(np.floor(np.round(gap, 6)).astype(np.int64))
    first = np.searchsorted(u, np.arange(n_users))
    elapsed -= elapsed[first][u]
    last = start + elapsed[np.append(first[1:], n) - 1]
    late = np.maximum(last - (WINDOW_START + WINDOW_DAYS * DAY - 1), 0)
    time = np.empty(n, np.int64)
    time[sort] = (start - late)[u] + elapsed  # who would overrun came earlier
    return time


def _opens(rng, u, film, n_users, items):
    """Whether a rating, of user ``u`` in order of time, opens a page: (n,) bool.

    Films that are well known to a user's measure, old, or of one era were listed and
    are rated together. Others are looked up one by one.
    """
    fame, era = items.popularity[film], items.era[film]
    usual = np.bincount(u, fame, n_users) / np.bincount(u, minlength=n_users)
    fame, old = (np.minimum(x[1:], x[:-1]) for x in (fame - usual[u], era))
    stay = (PAGE + PAGE_SD * normal(rng, n_users))[u[1:]]
    stay += PAGE_FAME * fame + PAGE_AGE * old - PAGE_GAP * np.abs(np.diff(era))
    chance = np.round(1 / (1 + np.exp(-stay)), 9)
    opens = np.append(True, (rng.random(len(chance)) >= chance) | (np.diff(u) > 0))
    place = np.arange(len(u))
    first = np.maximum.accumulate(np.where(opens, place, 0))  # of the page
    return opens | ((place - first) % PAGE_LENGTH == 0)
