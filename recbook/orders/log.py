"""A log of orders as an object: who bought what, when, for how much."""

import numpy as np
import pandas as pd

from recbook.ratings import Ratings

__all__ = ["Orders"]

COLUMNS = ["customer", "item", "time", "quantity", "amount"]


class Orders:
    """A log of orders with the shop's own ids, and a receipt of what was read.

    Examples
    --------
    >>> log = pd.DataFrame({"who": ["007", "008"], "what": ["tea", "tea"],
    ...                     "day": ["2026-01-05", "2026-02-02"]})
    >>> orders = Orders.from_frame(log, customer="who", item="what", time="day")
    >>> len(orders), orders.frame()["customer"].tolist()
    (2, ['007', '008'])
    """

    def __init__(self, frame, customer_ids, item_ids, receipt):
        self._frame = frame
        self.customer_ids = customer_ids
        self.item_ids = item_ids
        self.receipt = receipt

    @classmethod
    def from_frame(
        cls, df, customer, time, item, amount=None, quantity=None, order=None,
        date_format=None,
    ):  # fmt: skip
        """Make the log from a table with a row for each line of an order."""
        frame = pd.DataFrame(
            {
                "customer": df[customer].to_numpy(),
                "item": df[item].to_numpy(),
                "time": pd.to_datetime(df[time], format=date_format or "ISO8601"),
                "quantity": 1.0 if quantity is None else df[quantity].to_numpy(float),
                "amount": np.nan if amount is None else df[amount].to_numpy(float),
            }
        ).sort_values("time", kind="stable", ignore_index=True)
        receipt = pd.DataFrame([["read", len(frame), frame["amount"].sum()]])
        receipt.columns = ["step", "rows", "amount"]
        customers, items = (np.unique(frame[name]) for name in ("customer", "item"))
        return cls(frame, customers, items, receipt)

    def __len__(self):
        return len(self._frame)

    def frame(self):
        """Return the lines that were kept, sorted by time."""
        return self._frame.copy()

    def split(self, at):
        """Return the log before a moment, and the log from it on."""
        later = (self._frame["time"] >= pd.Timestamp(at)).to_numpy()
        ids = self.customer_ids, self.item_ids, self.receipt
        return tuple(Orders(self._frame[rows].reset_index(drop=True), *ids)
                     for rows in (~later, later))  # fmt: skip

    def ratings(self, new_to=None):
        """Return how often each customer bought each item, and when first."""
        pairs = self._pairs()
        if new_to is not None:
            pairs = pairs[~pairs.index.isin(new_to._pairs().index)]
        users, items = (pairs.index.get_level_values(level) for level in (0, 1))
        seconds = pairs["first"].to_numpy().astype("datetime64[s]").astype(np.int64)
        ids = self.customer_ids, self.item_ids
        return Ratings(users, items, pairs["times"], seconds, *ids)

    def _pairs(self):
        keys = pd.DataFrame({
            "user": np.searchsorted(self.customer_ids, self._frame["customer"]),
            "item": np.searchsorted(self.item_ids, self._frame["item"]),
            "time": self._frame["time"].to_numpy(),
        })  # fmt: skip
        return keys.groupby(["user", "item"])["time"].agg(times="size", first="min")

    def customers(self, end=None, unit="W"):
        """Return frequency, recency, T and spend of each customer, by their id."""
        days = self._frame.assign(day=self._frame["time"].dt.floor("D"))
        last = days["day"].max() if end is None else pd.Timestamp(end)
        days = days[days["day"] <= last]
        length = pd.Timedelta(days={"D": 1, "W": 7}[unit])
        people = days.groupby("customer")
        first, latest = people["day"].min(), people["day"].max()
        return pd.DataFrame(
            {
                "frequency": people["day"].nunique() - 1,
                "recency": (latest - first) / length,
                "T": (last - first) / length,
                "spend": people["amount"].sum(),
            }
        )

    def holdout(self, weeks=26):
        """Return the customers at a cut, and the orders of the weeks after it."""
        cut = self._frame["time"].max().floor("D") - pd.Timedelta(weeks=weeks)
        before, after = self.split(cut + pd.Timedelta(days=1))
        table = before.customers(end=cut)
        days = after._frame["time"].dt.floor("D")
        orders = days.groupby(after._frame["customer"]).nunique()
        return table.assign(orders=orders.reindex(table.index, fill_value=0))
