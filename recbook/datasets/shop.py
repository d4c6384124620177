"""The shop's log: views, carts and purchases of half a year, all of it invented."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from recbook._core.validate import check_number
from recbook.datasets.bundled import bundled
from recbook.ratings import Ratings

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Shop", "load_shop"]

BEHAVIOURS = {"v": "view", "c": "cart", "p": "purchase"}
DEVICES = {"d": "desktop", "p": "phone", "t": "tablet"}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY = 86_400


@dataclass(frozen=True, eq=False)
class Shop:
    """A shop's log, with its customers and products.

    Parameters
    ----------
    events : pandas.DataFrame
        One row per event, ordered by time: user_id, product_id, behaviour ("view",
        "cart", "purchase"), timestamp (seconds since 1970, the shop's clock), device
        ("desktop", "phone", "tablet"), and from the timestamp hour (0 to 23) and
        weekday ("Mon" to "Sun").
    products : pandas.DataFrame
        Row c is the product of code c: product_id, name, category, price (euros).
    users : pandas.DataFrame
        Row c is the customer of code c: user_id, age (a band), joined (date), consent
        (whether views and carts may be kept; without it only purchases are there).

    Examples
    --------
    >>> shop = load_shop()
    >>> len(shop.users), len(shop.products), shop.events.behaviour.iloc[0]
    (1500, 600, 'view')
    """

    events: "pd.DataFrame" = field(repr=False)
    products: "pd.DataFrame" = field(repr=False)
    users: "pd.DataFrame" = field(repr=False)

    def split(self, days=30) -> "tuple[pd.DataFrame, pd.DataFrame]":
        """Return the events before the last ``days`` days, and those of them.

        Examples
        --------
        >>> before, after = load_shop().split(days=30)
        >>> bool(before.timestamp.max() < after.timestamp.min())
        True
        """
        check_number("days", days, 0.0)
        time = self.events["timestamp"].to_numpy()
        midnight = -(-(int(time.max()) + 1) // DAY) * DAY  # after the last event
        late = time >= midnight - round(days * DAY)
        return self.events[~late], self.events[late]

    def purchases(self, events=None) -> Ratings:
        """Return who bought what, as :class:`recbook.Ratings` in the shop's codes.

        Parameters
        ----------
        events : pandas.DataFrame, optional
            Rows of ``self.events``. By default all of them.

        Returns
        -------
        Ratings
            One entry per (customer, product). The value is the number of purchases,
            the timestamp that of the last one.

        Notes
        -----
        Split the events by time (:meth:`split`) before you count them, as the examples
        of the book do. This table split by time would leak: what was bought again is
        stamped late, so it leaves train, and a repurchase counts as a discovery.

        Examples
        --------
        >>> shop = load_shop()
        >>> shop.purchases().n_users, shop.purchases().n_items
        (1500, 600)
        """
        events = self.events if events is None else events
        bought = events[events["behaviour"] == "purchase"]
        pairs = bought.groupby(["user_id", "product_id"])["timestamp"]
        table = pairs.agg(["size", "max"]).reset_index()
        ids = self.users["user_id"].to_numpy(), self.products["product_id"].to_numpy()
        return Ratings(
            np.searchsorted(ids[0], table["user_id"]),
            np.searchsorted(ids[1], table["product_id"]),
            table["size"].to_numpy(dtype=np.float64),
            table["max"].to_numpy(),
            *ids,
        )


def load_shop() -> Shop:
    """Load the book's log of a shop: views, carts and purchases of half a year.

    Everything in it is invented, and its effects were put in so that there is
    something to find: ``data/shop/README.md`` names each with its size.

    Returns
    -------
    Shop
        1500 customers, 600 products in 20 categories, some 100,000 events.

    Raises
    ------
    FileNotFoundError
        If the package was installed without its data.

    Examples
    --------
    >>> load_shop().events.columns.tolist()[:5]
    ['user_id', 'product_id', 'behaviour', 'timestamp', 'device']
    """
    import pandas as pd

    folder = bundled("shop", "the shop's log")
    events = pd.read_csv(folder / "events.csv")
    events["behaviour"] = events["behaviour"].map(BEHAVIOURS)
    events["device"] = events["device"].map(DEVICES)
    events["hour"] = events["timestamp"] // 3600 % 24
    weekday = (events["timestamp"] // DAY + 3) % 7  # 1 January 1970 was a Thursday
    events["weekday"] = np.array(WEEKDAYS)[weekday]
    users = pd.read_csv(folder / "users.csv", parse_dates=["joined"])
    users["consent"] = users["consent"] == "yes"
    return Shop(events, pd.read_csv(folder / "products.csv"), users)
