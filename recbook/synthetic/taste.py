r"""Who rates what, and how well: the generative core behind :mod:`recbook.synthetic`.

No matrix product is taken: sums run in a fixed order, so that no BLAS has a say.
The model's formulas stand in the data card, ``data/ml-100k/README.md``.
"""

from dataclasses import dataclass

import numpy as np

from recbook.synthetic.draw import normal, ranks
from recbook.synthetic.titles import GENRES
from recbook.synthetic.visits import DAY, WINDOW_START, clock, first_visits, order

N_FACTORS = 12
FACTOR_SD = 0.85 ** np.arange(N_FACTORS)
FACTOR_SD /= np.sqrt((FACTOR_SD**2).sum())  # a typical pair's taste has variance 1
STAR_SHARES = (0.061, 0.114, 0.271, 0.342, 0.212)

# The dials of the model; the data card has the formulas they stand in.
TASTE = 0.55  # stars that one standard deviation of taste is worth
TASTE_IN_CHOICE = 0.75  # logits that it is worth when a film is chosen
EXPOSURE = (1.2, 1.0)  # logits that era and fame are worth to a typical user
NOISE = 0.74
USER_BIAS, USER_SPREAD = 0.43, 0.27
ITEM_BIAS, ITEM_BIAS_RARE = 0.53, 0.36
ACTIVITY_BIAS = 0.10  # stars a busy user is kinder, e-fold for e-fold
DRIFT, DRIFT_SD = -0.12, 0.15
N_SHELVES = 60
AFFECTION = 0.10  # stars: a user's own soft spot for a shelf, past what taste explains
AFFECTION_IN_CHOICE = 1.0
FONDNESS_IN_CHOICE = 0.8  # logits: a user's own leaning to a main genre
N_GENRES = len(GENRES)
LOYALTY = 0.75  # stars: a user's own fondness for a series


@dataclass(frozen=True)
class Items:
    """Films as the model sees them.

    Parameters
    ----------
    factors : (n, N_FACTORS) array
        :math:`q_i`, each column of mean 0 and variance 1.
    quality, popularity, era : (n,) arrays
        Standard scores; ``era`` grows with a film's age.
    shelf : (n,) int array
        Shelf in [0, N_SHELVES) that the film stands on.
    genre : (n,) int array
        Its main genre, in [0, N_GENRES).
    release : (n,) int array
        Days from the window's start; negative before it.
    """

    factors: np.ndarray
    quality: np.ndarray
    popularity: np.ndarray
    era: np.ndarray
    shelf: np.ndarray
    genre: np.ndarray
    release: np.ndarray


@dataclass(frozen=True)
class Users:
    """People as the model sees them.

    Parameters
    ----------
    factors : (n, N_FACTORS) array
        :math:`p_u`.
    exposure : (n, 2) array
        Leaning to old and to well-known films.
    affection : (n, N_SHELVES) array
        Soft spot for each shelf.
    fondness : (n, N_GENRES) array
        Leaning to each main genre, when choosing.
    start : (n,) int array
        Second of the first visit.
    counts : (n,) int array
        Number of ratings.
    """

    factors: np.ndarray
    exposure: np.ndarray
    affection: np.ndarray
    fondness: np.ndarray
    start: np.ndarray
    counts: np.ndarray

    def subset(self, which):
        """The users of a slice."""
        return Users(
            *(getattr(self, name)[which] for name in self.__dataclass_fields__)
        )


def simulate(rng, items, family, factors, n_ratings, cover=False):
    """Choose, order, clock and rate.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of all draws.
    items : Items
        The catalogue.
    family : (n_items,) int array
        The first film of each one's series.
    factors : (n_users, N_FACTORS) array
        Tastes :math:`p_u`.
    n_ratings : int
        How many, all users together.
    cover : bool
        Whether each item must have a rating.

    Returns
    -------
    users, items, stars, timestamps : (n_ratings,) int arrays
        By user and then item.
    """
    n_users, n_items = len(factors), len(family)
    # most like the well-known a little more than others do, a few dig deep
    fame = 1 + np.log(1 - rng.random(n_users))
    exposure = np.stack([normal(rng, n_users), fame], axis=1)
    users = Users(
        factors,
        exposure,
        normal(rng, n_users, N_SHELVES),
        normal(rng, n_users, N_GENRES),
        first_visits(rng, n_users),
        user_counts(rng, n_users, n_items, n_ratings),
    )
    targets = np.empty(n_items)
    by_fame = np.argsort(-np.round(items.popularity, 9), kind="stable")
    targets[by_fame] = item_targets(n_users, n_items, n_ratings)
    # the fit needs no more than some hundreds of users
    sample = users.subset(slice(0, max(300, 2_000_000 // n_items)))
    expected = np.maximum(targets * sample.counts.sum() / n_ratings, 1e-3)
    appeal = fit_appeal(sample, items, expected)
    who, what = choose_films(rng, users, items, appeal)
    if cover:
        leave_none_out(rng, who, what, users, items.release)
    rank = order(rng, who, what, n_users, items, family)
    time = clock(rng, who, what, rank, users.start, items)
    return who, what, rate(rng, who, what, users, items, family, rank), time


def user_counts(rng, n_users, n_items, n_ratings):
    """Ratings of each user, (n_users,) int: 20 and a Weibull variable of shape 0.8.

    They sum to ``n_ratings``; nobody rates more than 45 % of the catalogue where that
    leaves room, and the 20 give way in tables with fewer ratings than 20 a user.
    """
    low = min(20, n_ratings // n_users)
    high = max(int(0.45 * n_items), -(-n_ratings // n_users))
    p = (ranks(rng.random(n_users)) + 0.5) / n_users
    extra = (-np.log(1 - p)) ** (1 / 0.8)
    return low + _to_sum(extra, n_ratings - low * n_users, 0, high - low)


def item_targets(n_users, n_items, n_ratings):
    r"""Expected ratings of each item, the most popular first, (n_items,) int.

    :math:`\propto e^{-\sqrt x(4+0.6x+2.4x^4)}` at popularity rank :math:`x\in(0,1)`,
    and between 1 and 62 % of the users.
    """
    x = (np.arange(n_items) + 0.5) / n_items
    curve = np.exp(-np.sqrt(x) * (4.0 + 0.6 * x + 2.4 * x**4))
    high = min(n_users, max(0.62 * n_users, 1.5 * n_ratings / n_items))
    return _to_sum(curve, n_ratings, min(1, n_ratings / n_items), high)


def _to_sum(x, total, low, high):
    """Integers near c·x within [low, high], c such that they sum to ``total``."""
    lo, hi = 0.0, total / x[x > 0].min()
    for _ in range(100):
        c = (lo + hi) / 2
        lo, hi = (c, hi) if np.clip(c * x, low, high).sum() < total else (lo, c)
    exact = np.round(np.clip(lo * x, low, high), 9)
    counts = np.floor(exact).astype(np.int64)
    order = np.argsort(counts - exact, kind="stable")
    order = order[counts[order] < high]
    counts[order[: total - int(counts.sum())]] += 1
    return counts


def fit_appeal(users, items, targets, sweeps=25):
    r"""Appeal :math:`a_i`, (n_items,), with which expected counts come near `targets`.

    Alternates the user levels :math:`\theta_u` and :math:`a_i` of
    :math:`P(u \text{ rates } i) = \sigma(a_i + z_{ui} - \theta_u)` until the sums over
    items are ``users.counts`` and those over users ``targets`` (iterative proportional
    fitting).
    """
    base = _logits(users, items)
    appeal, level = np.log(targets / len(base)), np.zeros((len(base), 1))
    for sweep in range(2 * sweeps):
        p = 1 / (1 + np.exp(level - base - appeal))
        if sweep % 2 == 0:
            level += np.log(p.sum(axis=1) / users.counts)[:, None]
        else:
            appeal += np.clip(np.log(targets / p.sum(axis=0)), -1, 1)
    return np.round(appeal, 6)


def choose_films(rng, users, items, appeal, block=200_000):
    """Each user's ``counts[u]`` films of highest log-odds plus logistic noise.

    Returns users and items, (n_ratings,) int each, by user and then item. `block` cells
    at a time are held in memory.
    """
    n_users, n_items, who, what = len(users.counts), len(appeal), [], []
    step = max(1, block // n_items)
    for first in range(0, n_users, step):
        few = users.subset(slice(first, first + step))
        u = np.maximum(rng.random((len(few.counts), n_items)), 1e-12)
        key = np.round(_logits(few, items) + appeal + np.log(u / (1 - u)), 9)
        for row, n in enumerate(few.counts):
            top = np.argpartition(-key[row], min(n, n_items - 1))[:n]
            who.append(np.full(n, first + row, np.int64))
            what.append(np.sort(top))
    return np.concatenate(who), np.concatenate(what)


def _logits(users, items):
    r"""Log-odds that a film is chosen but for appeal and level, (len(users), n_items).

    :math:`\gamma\sum_f\sigma_f p_{uf}q_{if}` + affection for the shelf and fondness for
    the main genre + era + fame.
    """
    logit = (AFFECTION_IN_CHOICE * users.affection)[:, items.shelf]
    logit += (FONDNESS_IN_CHOICE * users.fondness)[:, items.genre]
    pairs = [
        (TASTE_IN_CHOICE * sd * users.factors[:, f], items.factors[:, f])
        for f, sd in enumerate(FACTOR_SD)
    ]
    pairs.append((EXPOSURE[0] * users.exposure[:, 0], items.era))
    pairs.append((EXPOSURE[1] * users.exposure[:, 1], items.popularity))
    for row, column in pairs:
        logit += row[:, None] * column
    day = (users.start - WINDOW_START) // DAY
    logit[items.release > day[:, None]] = -60.0  # not in the cinemas yet
    return logit


def leave_none_out(rng, who, what, users, release):
    """Give each item that nobody chose one rating, in place of its rater's best known.

    The rater is the busier of two who raised their hands, busy users oftener, as only
    those dig so deep. Changes ``what`` in place.
    """
    count = np.bincount(what, minlength=len(release))
    day = (users.start - WINDOW_START) // DAY
    first = np.cumsum(users.counts) - users.counts
    for item in np.flatnonzero(count == 0):
        able = who[day[who] >= release[item]]
        hands = able[np.floor(rng.random(2) * len(able)).astype(np.int64)]
        u = hands[np.argmax(users.counts[hands])]
        own = what[first[u] : first[u] + users.counts[u]]
        place = first[u] + int(np.argmax(count[own]))
        if count[what[place]] > 1:
            count[what[place]] -= 1
            count[item] += 1
            what[place] = item


def rate(rng, who, what, users, items, family, rank):
    r"""Stars (n,) int 1..5: an ordered cut, at STAR_SHARES, of a latent liking.

    :math:`y = b_u + b_i + (d + d_u)\,x + s_u (\tau\,t_{ui} + \alpha f_{u,shelf(i)} +
    \lambda l_{u,series(i)} + \sigma\varepsilon)`, where x is 0 at the user's first
    rating and 1 at the last.
    """
    n_users = len(users.counts)
    spread = np.exp(USER_SPREAD * normal(rng, n_users))
    liking = LOYALTY * _loyalty(rng, who, what, n_users, family)
    liking += AFFECTION * users.affection[who, items.shelf[what]]
    for f, sd in enumerate(FACTOR_SD):
        liking += TASTE * sd * users.factors[who, f] * items.factors[what, f]
    bias = USER_BIAS * normal(rng, n_users)
    bias += ACTIVITY_BIAS * np.log(users.counts / users.counts.mean())
    fame = np.minimum(items.popularity, 1.0)
    drift = DRIFT + DRIFT_SD * normal(rng, n_users)
    y = bias[who] + (ITEM_BIAS * items.quality + ITEM_BIAS_RARE * fame)[what]
    y += drift[who] * rank / np.maximum(users.counts[who] - 1, 1)
    y += spread[who] * (liking + NOISE * normal(rng, len(who)))
    edges = np.floor(np.cumsum(STAR_SHARES) * len(who) + 1e-6)[:4]
    return 1 + np.searchsorted(edges, ranks(y), side="right")


def _loyalty(rng, who, what, n_users, family):
    """Each rating's fondness for its film's series, (n,) normal; 0 without one."""
    in_series = np.bincount(family, minlength=len(family))[family] > 1
    heads, series = np.unique(family[in_series], return_inverse=True)
    column = np.full(len(family), len(heads))
    column[in_series] = series
    fond = np.zeros((n_users, len(heads) + 1))
    fond[:, :-1] = normal(rng, n_users, len(heads))
    return fond[who, column[what]]
