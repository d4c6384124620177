"""The data card's table: statistics of the embedded data beside those of ML-100K."""

import numpy as np

# Statistics of the real data (not its rows), computed from the published files.
REAL = {
    "ratings, users, items": "100,000, 943, 1682",
    "shares of 1 to 5 stars, %": "6.1, 11.4, 27.1, 34.2, 21.2",
    "mean and standard deviation of stars": "3.530, 1.126",
    "ratings a user: least, median, most": "20, 65, 737",
    "ratings an item: least, median, most": "1, 27, 583",
    "items with one rating": "141",
    "standard deviation of user means": "0.445",
    "standard deviation of item means (50 ratings and more)": "0.457",
    "correlation of an item's mean with the log of its count": "0.516",
    "mean stars of items with at most 5 and over 200 ratings": "2.65, 3.81",
    "pairs of items with a user in common, %": "69.5",
    "of these, pairs with exactly one, %": "29.8",
    "distinct timestamps": "49,282",
    "users with a tie at their last timestamp": "415",
    "median hours from first to last rating": "0.8",
    "distinct titles": "1664",
    "films from 1993 on, %": "74.2",
    "genres a film": "1.72",
    "drama, comedy, action, % of films": "43.1, 30.0, 14.9",
    "women, %; median age": "29.0; 31",
    "variance of films' means that genre, decade, both explain, %": "17, 19, 35",
    "a person's leaning: films of the same genres, of none in common": "+0.038, -0.020",
    "spread of people's shares of genres, past chance": "0.128",
    "ratings on a page with others, %; most on a page": "75.8; 10",
    "fame of films rated alone, on pages of four and more": "-0.08, +0.05",
    "year of films rated alone, on pages of four and more": "1989.9, 1986.1",
}


def table(data):
    """The table of statistics in Markdown.

    Parameters
    ----------
    data : Synthetic
        Data of the size of ML-100K, to be comparable.

    Returns
    -------
    str
        A line a statistic: its name, its value in ``data``, its value in ML-100K.
    """
    ours = [
        *_rating_lines(data),
        *_time_lines(data.table),
        *_people_and_film_lines(data),
        *_leaning_lines(data),
        *_page_lines(data),
    ]
    lines = ["| statistic | embedded | ML-100K |", "|---|---|---|"]
    for (name, real), value in zip(REAL.items(), ours, strict=True):
        lines.append(f"| {name} | {value} | {real} |")
    return "\n".join(lines)


def _rating_lines(data):
    table, n_items = data.table, len(data.items)
    stars = table[:, 2].astype(float)
    users, items = _counts(table, n_items)
    user_mean = np.bincount(table[:, 0], stars)[1:] / users
    item_mean = np.bincount(table[:, 1], stars, minlength=n_items + 1)[1:] / items
    shares = np.bincount(table[:, 2], minlength=6)[1:] / len(table)
    count = items[table[:, 1] - 1]
    shared, single = _overlap(table, len(users), n_items)
    yield f"{len(table):,}, {len(users)}, {n_items}"
    yield ", ".join(f"{100 * share:.1f}" for share in shares)
    yield f"{stars.mean():.3f}, {stars.std():.3f}"
    yield f"{users.min()}, {np.median(users):.0f}, {users.max()}"
    yield f"{items.min()}, {np.median(items):.0f}, {items.max()}"
    yield f"{(items == 1).sum()}"
    yield f"{user_mean.std(ddof=1):.3f}"
    yield f"{item_mean[items >= 50].std(ddof=1):.3f}"
    yield f"{np.corrcoef(np.log(items), item_mean)[0, 1]:.3f}"
    yield f"{stars[count <= 5].mean():.2f}, {stars[count > 200].mean():.2f}"
    yield f"{100 * shared:.1f}"
    yield f"{100 * single:.1f}"


def _time_lines(table):
    yield f"{len(np.unique(table[:, 3])):,}"
    ties, hours = 0, []
    for user in np.unique(table[:, 0]):
        times = table[table[:, 0] == user, 3]
        ties += (times == times.max()).sum() > 1
        hours.append((times.max() - times.min()) / 3600)
    yield f"{ties}"
    yield f"{np.median(hours):.1f}"


def _people_and_film_lines(data):
    titles = [line[1] for line in data.items]
    flags = np.array([line[5:] for line in data.items]).astype(int)
    years = np.array([int(t[-5:-1]) if t.endswith(")") else 0 for t in titles])
    ages = [int(line[1]) for line in data.people]
    yield f"{len(set(titles))}"
    yield f"{100 * (years >= 1993).mean():.1f}"
    yield f"{flags.sum(axis=1).mean():.2f}"
    yield ", ".join(f"{100 * flags[:, k].mean():.1f}" for k in (8, 5, 1))
    women = np.mean([line[2] == "F" for line in data.people])
    yield f"{100 * women:.1f}; {np.median(ages):.0f}"


def _leaning_lines(data):
    """What genre and decade tell of a film's mean, and genres of a person's taste."""
    table, (kinds, decade) = data.table, described(data)
    item = table[:, 1] - 1
    level, rest = residuals(table)
    n = np.bincount(item)
    both = explained(np.hstack([kinds, decade]), level, n)
    shares = explained(kinds, level, n), explained(decade, level, n), both
    yield ", ".join(f"{100 * share:.0f}" for share in shares)
    yield ", ".join(f"{value:+.3f}" for value in leaning(table, kinds, rest))
    yield f"{spread(table, kinds):.3f}"


def described(data):
    """Genres of each film, shares (n, 19), and its decade, one-hot (n, 8)."""
    flags = np.array([line[5:] for line in data.items]).astype(float)
    decade = np.clip(years(data) // 10 - 192, 0, 7)
    return flags / flags.sum(axis=1, keepdims=True), np.eye(8)[decade]


def years(data):
    """Year in each film's title, the commonest where there is none."""
    ends = [line[1][-5:-1] for line in data.items]
    return np.array([int(end) if end.isdigit() else 1995 for end in ends])


def residuals(table, sweeps=20):
    """Level of each film (n_items,), and what it and the user's leave of the stars."""
    user, item = table[:, 0] - 1, table[:, 1] - 1
    stars = table[:, 2] - table[:, 2].mean()
    of_item = np.zeros(item.max() + 1)
    for _ in range(sweeps):
        of_user = np.bincount(user, stars - of_item[item]) / (np.bincount(user) + 5)
        of_item = np.bincount(item, stars - of_user[user]) / (np.bincount(item) + 5)
    level = np.bincount(item, stars - of_user[user]) / np.bincount(item)
    return level, stars - of_user[user] - of_item[item]


def explained(x, y, weight):
    """Share of the weighted variance of ``y`` (n,) that ``x`` (n, k) explains."""
    root = np.sqrt(weight)[:, None]
    y = y - np.average(y, weights=weight)
    fit = x @ np.linalg.lstsq(root * x, root[:, 0] * y, rcond=1e-6)[0]
    left, all_ = (np.average(v**2, weights=weight) for v in (y - fit, y))
    return 1 - left / all_


def leaning(table, kinds, rest):
    """Mean product of one user's residuals for two films: of like genres, of unlike.

    Each user's pairs weigh as much as their number of films.
    """
    total, weight = np.zeros(2), np.zeros(2)
    flags = (kinds > 0).astype(int)
    order = np.argsort(table[:, 0], kind="stable")
    ends = np.cumsum(np.bincount(table[:, 0])[1:])
    for mine in np.split(order, ends[:-1]):
        own = flags[table[mine, 1] - 1]
        common, most = own @ own.T, np.maximum.outer(own.sum(axis=1), own.sum(axis=1))
        product, pair = np.outer(rest[mine], rest[mine]), np.tri(len(mine), k=-1) > 0
        for k, which in enumerate((pair & (common == most), pair & (common == 0))):
            total[k] += product[which].sum() / len(mine)
            weight[k] += which.sum() / len(mine)
    return total / weight


def spread(table, kinds, least=50):
    """How far people's shares of genres lie from all people's, less what chance does.

    The root of a sum of variances over the genres, of people with `least` ratings.
    """
    user, mine = table[:, 0] - 1, kinds[table[:, 1] - 1]
    n = np.bincount(user)
    share = np.stack([np.bincount(user, column) / n for column in mine.T], axis=1)
    many = n >= least
    found = ((share - mine.mean(axis=0))[many] ** 2).sum(axis=1).mean()
    return np.sqrt(found - mine.var(axis=0).sum() * (1 / n[many]).mean())


def _page_lines(data):
    """Films of one user and second: how many, and how they differ from others."""
    table = data.table
    size = page_sizes(table)
    user, item = table[:, 0] - 1, table[:, 1] - 1
    known = np.log(np.bincount(item))[item]
    known = known - (np.bincount(user, known) / np.bincount(user))[user]
    year = years(data)[item]
    alone, many = size == 1, size >= 4
    yield f"{100 * (size > 1).mean():.1f}; {size.max()}"
    yield f"{known[alone].mean():+.2f}, {known[many].mean():+.2f}"
    yield f"{year[alone].mean():.1f}, {year[many].mean():.1f}"


def page_sizes(table):
    """How many ratings the user of each rating gave in the same second, (n,) int."""
    moments = np.unique(table[:, [0, 3]], axis=0, return_inverse=True)[1].ravel()
    return np.bincount(moments)[moments]


def _counts(table, n_items):
    users = np.bincount(table[:, 0])[1:]
    items = np.bincount(table[:, 1], minlength=n_items + 1)[1:]
    return users, items


def _overlap(table, n_users, n_items):
    """Share of item pairs with a user in common, and of these with exactly one."""
    seen = np.zeros((n_users, n_items), np.float32)
    seen[table[:, 0] - 1, table[:, 1] - 1] = 1
    shared = (seen.T @ seen)[np.triu_indices(n_items, 1)]
    return (shared > 0).mean(), (shared == 1).sum() / (shared > 0).sum()
