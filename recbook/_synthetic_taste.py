r"""Who rates what, when and how well: the generative core behind :mod:`recbook.synthetic`.

Every random number comes from `rng.random()`, and every real number is rounded to nine decimals before
it is sorted or compared. No matrix product is taken. Together they make the bytes the same wherever
IEEE arithmetic is.
"""

from dataclasses import dataclass

import numpy as np

N_FACTORS = 12
FACTOR_SD = 0.86 ** np.arange(N_FACTORS)
FACTOR_SD /= np.sqrt((FACTOR_SD**2).sum())  # a typical pair's taste has variance 1
STAR_SHARES = (0.061, 0.114, 0.271, 0.342, 0.212)

# The dials of the model; the data card has the formulas they stand in.
TASTE = 0.62  # stars that one standard deviation of taste is worth
TASTE_IN_CHOICE = 0.75  # logits that it is worth when a film is chosen
NOISE = 0.83
USER_BIAS, USER_SPREAD = 0.46, 0.20
ITEM_BIAS, ITEM_BIAS_RARE = 0.40, 0.25
DRIFT, DRIFT_SD = -0.12, 0.15
N_SHELVES = 48
SHELF_NOISE = 0.05

DAY = 86_400
WINDOW_START = 874_713_600  # 1997-09-20 00:00:00 UTC, in seconds since 1970
COHORTS = np.array([80, 110, 236, 104, 117, 89, 133, 74])  # first visits, by month
MONTH_DAYS = np.array([11, 31, 30, 31, 31, 28, 31, 22])
WINDOW_DAYS = int(MONTH_DAYS.sum())
HOURS = np.array(
    "52 51 46 49 42 42 35 15 11 20 12 6 10 17 31 31 54 63 68 71 63 82 72 57".split(),
    float,
)


@dataclass(frozen=True)
class Items:
    """Films as the model sees them: `factors` (n, N_FACTORS), `quality` and `popularity` (n,) standard
    scores, `release` (n,) days after the window's start (negative: before it)."""

    factors: np.ndarray
    quality: np.ndarray
    popularity: np.ndarray
    release: np.ndarray


def normal(rng, *shape):
    """Standard normal draws to within a hair, :math:`\\sum_{j=1}^{12} U_j - 6`, of this shape."""
    total = np.full(shape, -6.0)
    for _ in range(12):
        total += rng.random(shape)
    return total


def ranks(x):
    """Place of each value in ascending order, (n,) int; ties by position."""
    place = np.empty(len(x), np.int64)
    place[np.argsort(np.round(x, 9), kind="stable")] = np.arange(len(x))
    return place


def _to_sum(x, total, low, high):
    """Integers near c·x for the c that makes them, once clipped to [low, high], sum to `total`."""
    lo, hi = 0.0, total / x.max()
    for _ in range(80):
        c = (lo + hi) / 2
        lo, hi = (c, hi) if np.clip(c * x, low, high).sum() < total else (lo, c)
    exact = np.round(np.clip(lo * x, low, high), 9)
    counts = np.floor(exact).astype(np.int64)
    short = total - int(counts.sum())
    order = np.argsort(-(exact - counts), kind="stable")
    order = order[counts[order] < high]
    counts[order[:short]] += 1
    return counts


def user_counts(rng, n_users, n_items, n_ratings):
    """Ratings a user: 20 plus a Weibull variable of shape 0.85, at most 45 % of the catalogue; sums to
    `n_ratings`. (n_users,) int."""
    low = min(20, n_ratings // n_users)
    high = max(int(0.45 * n_items), -(-n_ratings // n_users))
    p = (ranks(rng.random(n_users)) + 0.5) / n_users
    extra = (-np.log(1 - p)) ** (1 / 0.85)
    return low + _to_sum(extra, n_ratings - low * n_users, 0, high - low)


def item_targets(n_users, n_items, n_ratings):
    r"""Expected ratings of the item of popularity rank x·n, :math:`\propto e^{-\sqrt x(3.6+1.3x+2.2x^4)}`,
    from 1 to 62 % of the users; the most popular first. (n_items,) int."""
    x = (np.arange(n_items) + 0.5) / n_items
    curve = np.exp(-np.sqrt(x) * (3.6 + 1.3 * x + 2.2 * x**4))
    return _to_sum(curve, n_ratings, 1, max(0.62 * n_users, 1.5 * n_ratings / n_items))


def taste(people, items):
    r"""Taste :math:`\sum_f \sigma_f p_{uf} q_{if}` of every pair, (len(people), n_items)."""
    total = np.zeros((len(people), len(items)))
    for f, sd in enumerate(FACTOR_SD):  # a sum in a fixed order: no BLAS, no surprise
        total += (sd * people[:, f])[:, None] * items[None, :, f]
    return total


def _logits(people, start, items, appeal):
    """Log-odds that a film is chosen, but for the user's own level: popularity, taste, release."""
    logit = appeal + TASTE_IN_CHOICE * taste(people, items.factors)
    logit[items.release[None, :] > start[:, None]] = -60.0  # not in the cinemas yet
    return logit


def fit_appeal(people, start, counts, items, targets, sweeps=25):
    r"""Appeal :math:`a_i` with which the expected counts come near their targets.

    Alternates the user levels :math:`\theta_u` and :math:`a_i` of
    :math:`P(u \text{ rates } i) = \sigma(a_i + \gamma t_{ui} - \theta_u)` until row sums are `counts` and
    column sums `targets`: iterative proportional fitting. (n_items,) float.
    """
    appeal = np.log(targets / len(people))
    base = _logits(people, start, items, 0.0)
    level = np.zeros(len(people))
    for _ in range(sweeps):
        for _ in range(2):
            p = 1 / (1 + np.exp(-(base + appeal - level[:, None])))
            level += np.log(p.sum(axis=1) / counts)
        p = 1 / (1 + np.exp(-(base + appeal - level[:, None])))
        appeal += np.clip(np.log(targets / p.sum(axis=0)), -1, 1)
    return np.round(appeal, 6)


def choose(rng, people, start, counts, items, appeal, block=1_000_000):
    """Each user's films: the `counts[u]` of highest log-odds plus logistic noise. Two (n,) int arrays,
    by user."""
    n_items, users, chosen = len(appeal), [], []
    step = max(1, block // n_items)
    for first in range(0, len(people), step):
        some = slice(first, first + step)
        key = _logits(people[some], start[some], items, appeal)
        u = np.maximum(rng.random(key.shape), 1e-12)
        key = np.round(key + np.log(u / (1 - u)), 9)
        for row, n in zip(range(len(key)), counts[some], strict=True):
            top = (
                np.argpartition(-key[row], n - 1)[:n]
                if n < n_items
                else np.arange(n_items)
            )
            users.append(np.full(n, first + row, np.int64))
            chosen.append(np.sort(top))
    return np.concatenate(users), np.concatenate(chosen)


def leave_none_out(rng, users, chosen, start, release):
    """Give each item that nobody chose one rating, taken from the most popular item of a user who has seen
    the light of its day; changes `chosen` in place."""
    count = np.bincount(chosen, minlength=len(release))
    first = np.searchsorted(users, np.arange(len(start)))
    last = np.searchsorted(users, np.arange(len(start)), side="right")
    for item in np.flatnonzero(count == 0):
        able = np.flatnonzero(start >= release[item])
        u = able[int(rng.random() * len(able))]
        place = first[u] + int(np.argmax(count[chosen[first[u] : last[u]]]))
        if count[chosen[place]] > 1:
            count[chosen[place]] -= 1
            count[item] += 1
            chosen[place] = item


def shelve(rng, items):
    """A shelf for each item, by nearness in taste to one of N_SHELVES anchors, and its place in the
    catalogue on it in [0, 1): items of like appeal and like taste stand together. Two (n,) arrays."""
    anchors = normal(rng, N_SHELVES, N_FACTORS)
    shelf = np.argmax(np.round(taste(items.factors, anchors), 9), axis=1)
    return shelf, ranks(-items.popularity + 0.6 * items.factors[:, 0]) / len(shelf)


def order(rng, users, chosen, n_users, items, family):
    """Rank in time of each rating among its user's, (n,) int from 0.

    A user goes through shelf after shelf, on each in the catalogue's order, the more popular shelves
    rather earlier; a series (`family`) keeps together, first part first.
    """
    shelf, place = shelve(rng, items)
    head = family[chosen]  # a sequel stands where the first film of its series does
    typical = ranks(normal(rng, N_SHELVES)) / N_SHELVES
    visit = typical[None, :] + 0.35 * normal(rng, n_users, N_SHELVES)
    lateness = 0.9 * place[head] + visit[users, shelf[head]]
    del lateness
    within = place[head] + SHELF_NOISE * normal(rng, len(users))
    key = visit[users, shelf[head]] - 0.0
    # shelves apart by their visit, inside by the catalogue: one lexicographic sort
    sort = np.lexsort((chosen, np.round(within, 9), np.round(key, 9), users))
    starts = np.searchsorted(users, np.arange(n_users))
    rank = np.empty(len(users), np.int64)
    rank[sort] = np.arange(len(users)) - starts[users]
    return rank


def first_visits(rng, n_users):
    """Second at which each user first came: month by COHORTS, hour by HOURS. (n_users,) int64."""
    p = (ranks(rng.random(n_users)) + 0.5) / n_users
    month = np.searchsorted(np.cumsum(COHORTS) / COHORTS.sum(), p)
    begin = np.concatenate(([0], np.cumsum(MONTH_DAYS)))[month]
    day = begin + np.floor(rng.random(n_users) * MONTH_DAYS[month])
    hour = np.searchsorted(np.cumsum(HOURS) / HOURS.sum(), rng.random(n_users))
    return WINDOW_START + (
        (day * 24 + hour) * 3600 + np.floor(rng.random(n_users) * 3600)
    ).astype(np.int64)


def clock(rng, users, rank, start):
    """Timestamps (n,) int64: pages of one to a few films share a second; some users come back.

    Half of the ratings open a new page, a page takes 5 s and an exponential time of mean 75 s, and a
    returning user (three in ten) breaks off at a few of the pages for days.
    """
    n, n_users = len(users), len(start)
    sort = np.lexsort((rank, users))
    u = users[sort]
    opens = (rng.random(n) < 0.5) | (rank[sort] == 0)
    gap = np.where(opens, 5 - 75 * np.log(1 - rng.random(n)), 0.0)
    back = rng.random(n_users) < 0.30
    size = np.bincount(users, minlength=n_users)
    visits = 1 + 6 * -np.log(1 - rng.random(n_users))  # breaks of a returning user
    broken = (
        opens & back[u] & (rng.random(n) < (2 * visits / size)[u]) & (rank[sort] > 0)
    )
    weight = np.where(broken, 0.1 - np.log(1 - rng.random(n)), 0.0)
    left = np.maximum(WINDOW_START + WINDOW_DAYS * DAY - 3 * DAY - start, 0)
    stay = left * rng.random(n_users)  # seconds from first to last visit
    total = np.bincount(u, weight, minlength=n_users)
    gap += weight / np.maximum(total, 1e-9)[u] * stay[u]
    gap[rank[sort] == 0] = 0.0
    elapsed = np.cumsum(np.floor(gap).astype(np.int64))
    origin = elapsed[np.searchsorted(u, np.arange(n_users))]
    time = np.empty(n, np.int64)
    time[sort] = start[u] + elapsed - origin[u]
    return time


def rate(rng, users, chosen, people, items, rank, counts, spread=None):
    r"""Stars (n,) int 1..5: an ordered cut, at the published shares, of a latent liking.

    :math:`y = b_u + b_i + \tau\,t_{ui} + (d + d_u)\,x + s_u \varepsilon`, x from 0 (the user's first rating) to 1.
    """
    n_users = len(people)
    spread = np.exp(USER_SPREAD * normal(rng, n_users)) if spread is None else spread
    liking = np.zeros(len(users))
    for f, sd in enumerate(FACTOR_SD):
        liking += sd * people[users, f] * items.factors[chosen, f]
    x = rank / np.maximum(counts[users] - 1, 1)
    drift = DRIFT + DRIFT_SD * normal(rng, n_users)
    bias = USER_BIAS * normal(rng, n_users)
    item_bias = ITEM_BIAS * items.quality + ITEM_BIAS_RARE * np.minimum(
        items.popularity, 1.0
    )
    y = bias[users] + item_bias[chosen] + drift[users] * x
    y += spread[users] * (TASTE * liking + NOISE * normal(rng, len(users)))
    edges = np.floor(np.cumsum(STAR_SHARES) * len(users) + 1e-6)[:4]
    return 1 + np.searchsorted(edges, ranks(y), side="right")


def simulate(rng, items, family, people, n_ratings, cover=False):
    """All of it: choose, order, clock, rate. Returns users, items, stars, timestamps, (n_ratings,) int64 each,
    by user and then item."""
    n_users, n_items = len(people), len(family)
    counts = user_counts(rng, n_users, n_items, n_ratings)
    start = first_visits(rng, n_users)
    day = (start - WINDOW_START) // DAY
    targets = np.empty(n_items)
    targets[np.argsort(-np.round(items.popularity, 9), kind="stable")] = item_targets(
        n_users, n_items, n_ratings
    )
    some = slice(0, min(n_users, 1000))  # the fit needs no more than a thousand of them
    share = counts[some].sum() / counts.sum()
    appeal = fit_appeal(people[some], day[some], counts[some], items, targets * share)
    users, chosen = choose(rng, people, day, counts, items, appeal)
    if cover:
        leave_none_out(rng, users, chosen, day, items.release)
    rank = order(rng, users, chosen, n_users, items, family)
    time = clock(rng, users, rank, start)
    stars = rate(rng, users, chosen, people, items, rank, counts)
    return users, chosen, stars, time
