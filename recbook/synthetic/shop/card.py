"""The shop's data card: every effect that was put in, as it shows in the files."""

import numpy as np

from recbook.synthetic.shop.customers import DAY, N_DAYS, START
from recbook.synthetic.shop.products import CATEGORIES

__all__ = ["table"]

VISIT = 1800  # seconds of silence that end a visit


def table(data):
    """Return the table of statistics of a :class:`ShopFiles` in Markdown."""
    events, products = _frames(data)
    bought = events[events["behaviour"] == "p"]
    lines = [
        *_sizes(events, data),
        *_funnel(events),
        *_moments(bought),
        *_again(bought),
        *_accessories(bought),
        *_thrift(bought, products),
    ]
    head = ["| statistic | in the files |", "|---|---|"]
    return "\n".join([*head, *(f"| {name} | {value} |" for name, value in lines)])


def _frames(data):
    import pandas as pd

    kinds = pd.DataFrame([k._asdict() for k in CATEGORIES]).drop(columns="price")
    products = pd.DataFrame(
        data.products, columns=["product", "name", "category", "price"]
    ).merge(kinds.rename(columns={"name": "category"}), on="category")
    columns = ["user", "product", "behaviour", "time", "device"]
    events = pd.DataFrame(data.events, columns=columns)
    events["time"] = events["time"].astype("int64")
    events = events.merge(products, on="product")
    events = events.sort_values(["user", "time"], kind="stable", ignore_index=True)
    new = events["user"].ne(events["user"].shift())
    events["visit"] = (new | events["time"].diff().gt(VISIT)).cumsum()
    return events, products


def _sizes(events, data):
    n = events["behaviour"].value_counts()
    last = np.datetime64(START + N_DAYS * DAY, "s").astype("datetime64[D]") - 1
    yield (
        "events; customers; products",
        (f"{len(events):,}; {len(data.users):,}; {len(data.products)}"),
    )
    yield "views; carts; purchases", f"{n['v']:,}; {n['c']:,}; {n['p']:,}"
    yield (
        "first and last day",
        f"{np.datetime64(START, 's').astype('datetime64[D]')} to {last}",
    )
    refused = np.mean([line[3] == "no" for line in data.users])
    yield (
        "customers who refused that views and carts are kept, %",
        f"{100 * refused:.1f}",
    )


def _funnel(events):
    for behaviour, name in (("v", "only viewed"), ("c", "left in the cart")):
        days = _bought_later(events, behaviour)
        shares = [
            np.mean((days > a) & (days <= b)) for a, b in ((0, 3), (3, 6), (6, 9))
        ]
        shown = ", ".join(f"{100 * share:.1f}" for share in shares)
        yield f"bought in days 1–3, 4–6, 7–9 after being {name}, %", shown


def _bought_later(events, behaviour):
    """Days from the last ``behaviour`` of a visit that bought nothing to a purchase.

    One entry a (visit, product): the days to the person's next purchase of that
    product, NaN where there is none.
    """
    bought = events[events["behaviour"] == "p"]
    rows = events[events["behaviour"] == behaviour]
    rows = rows[~rows["visit"].isin(bought["visit"])]
    rows = rows.drop_duplicates(["visit", "product"], keep="last")
    times = bought.groupby(["user", "product"])["time"].apply(np.array).to_dict()
    days = np.full(len(rows), np.nan)
    for r, (key, time) in enumerate(
        zip(zip(rows["user"], rows["product"], strict=True), rows["time"], strict=True)
    ):
        later = times.get(key, np.empty(0))
        later = later[later > time]
        if later.size:
            days[r] = (later[0] - time) / DAY
    return days


def _moments(bought):
    hour, weekday = bought["time"] // 3600 % 24, (bought["time"] - START) // DAY % 7
    night = (bought["device"] == "p") & hour.isin([21, 22, 23, 0])
    noon = (bought["device"] == "d") & hour.isin([11, 12, 13])
    for name, at in (
        ("night phone", night),
        ("noon desktop", noon),
        ("weekend", weekday >= 5),
    ):
        theirs = bought["moment"] == name
        yield (
            f"purchases at the moment “{name}”: of its categories, of “any”, %",
            f"{100 * at[theirs].mean():.1f}, "
            f"{100 * at[bought['moment'] == 'any'].mean():.1f}",
        )


def _again(bought):
    days = bought.groupby(["user", "product"])["time"].diff() / DAY
    for role, name in (("consumable", "consumable"), ("plain", "plain product")):
        theirs = bought["role"] == role
        yield (
            f"purchases of a {name} that repeat one of 24 to 36 days before, %",
            f"{100 * days[theirs].between(24, 36).mean():.1f}",
        )


def _accessories(bought):
    mains = bought[bought["role"] == "main"].groupby(["user", "category"])["time"]
    times, paired, chance = mains.apply(np.array).to_dict(), [], []
    for row in bought[bought["role"] == "accessory"].itertuples():
        gaps = row.time - times.get((row.user, row.with_), np.empty(0))
        paired.append(((gaps > 0) & (gaps < 9 * DAY)).any())
        gaps = row.time + 30 * DAY - times.get((row.user, row.with_), np.empty(0))
        chance.append(((gaps > 0) & (gaps < 9 * DAY)).any())
    yield (
        "accessories bought within 9 days after their main product, %; a month off, %",
        f"{100 * np.mean(paired):.1f}; {100 * np.mean(chance):.1f}",
    )


def _thrift(bought, products):
    price = np.log(products["price"].astype(float))
    mean = price.groupby(products["category"]).transform("mean")
    level = dict(zip(products["product"], price - mean, strict=True))
    half = {kind.name: c % 2 for c, kind in enumerate(CATEGORIES)}
    rows = bought.assign(
        price_level=bought["product"].map(level), half=bought["category"].map(half)
    )
    both = rows.pivot_table("price_level", "user", "half").dropna()
    yield (
        "correlation of a person's price level between two halves of the categories",
        f"{both.corr().iloc[0, 1]:.2f}",
    )
