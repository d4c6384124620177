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
}


def table(data):
    """The table of statistics in Markdown.

    Parameters
    ----------
    data : Synthetic
        Of the size of ML-100K, to be comparable.

    Returns
    -------
    str
        A line a statistic: its name, its value in ``data``, its value in ML-100K.
    """
    ours = [
        *_rating_lines(data),
        *_time_lines(data.table),
        *_people_and_film_lines(data),
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
