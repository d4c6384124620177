"""A log of orders as an object: who bought what, when, for how much."""

from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd

from recbook._core.arrays import plain
from recbook._core.frames import as_frame
from recbook._core.progress import bar
from recbook._core.validate import check_choice, check_positive_int
from recbook.orders.build import build, check_names, columns_of
from recbook.orders.counts import history
from recbook.orders.dates import clock
from recbook.orders.reading import read_table
from recbook.orders.receipt import receipt_of
from recbook.orders.returns import kept
from recbook.ratings import Ratings

__all__ = ["Orders"]

DAYS = {"D": 1, "W": 7}
COLUMNS = ["customer", "item", "time", "quantity", "amount"]


class Orders:
    """A log of orders with the shop's own ids, and a receipt of what was done to it.

    Made with :meth:`from_frame` or :meth:`read`. Times are those of the log's own
    clock. A purchase that was returned later counts until it was returned: the first
    half of a :meth:`split` knows only the returns before the cut.

    Attributes
    ----------
    customer_ids, item_ids : ndarray
        The catalogue: the ids of those who bought and of what was bought, sorted. Both
        halves of a split have that of the whole.

    Examples
    --------
    >>> log = pd.DataFrame({"who": ["007", "008", "007"], "n": [2, 1, -1],
    ...                     "day": ["2026-01-05", "2026-02-02", "2026-03-01"],
    ...                     "what": "tea"})
    >>> orders = Orders.from_frame(log, customer="who", item="what", time="day",
    ...                            quantity="n")
    >>> orders
    Orders(2 lines, 2 customers × 1 items, 2026-01-05 to 2026-02-02)
    >>> orders.receipt["rows"].to_dict()
    {'read': 3, 'returns': 1, 'returned purchases': 0, 'kept': 2}
    >>> before, after = orders.split(at="2026-02-01")
    >>> before.frame()[["customer", "quantity"]].to_numpy().tolist()
    [['007', 2.0]]
    """

    def __init__(self, parts):
        self._parts = parts
        self.customer_ids = parts.customer_ids
        self.item_ids = parts.item_ids

    @classmethod
    def read(
        cls, path_or_buffer, customer="customer", time="date", item="product",
        amount=None, quantity=None, order=None, sep=None, decimal=".", date_format=None,
    ) -> "Orders":  # fmt: skip
        r"""Make the log from a file with one line for each line of an order.

        Recognised are the encoding (UTF-8, with or without a byte-order mark, UTF-16,
        else Windows-1252), the separator (comma, semicolon, tab or bar), quoted cells
        and empty lines. What can be read in two ways is asked for: the error names
        column, line and value, and the argument to give.

        Parameters
        ----------
        path_or_buffer : str, path, file or bytes
            The file, open as text or as bytes, or its bytes.
        customer, time, item : str
            Names of the columns: who bought, when, and what. Ids are text, as in the
            file, so that "007" keeps its zeros.
        amount : str, optional
            Name of the column of what the line cost in all.
        quantity : str, optional
            Name of the column of pieces.
        order : str, optional
            Name of the column of the order's number.
        sep : str, optional
            The separator, where it is another.
        decimal : {".", ","}
            The decimal sign of amount and quantity.
        date_format : str, optional
            How the times are written, as in "%d.%m.%Y" or "%d.%m.%Y %H:%M", unless in
            ISO form. Days without a time, and with one, are read with the same format.

        Raises
        ------
        ValueError
            That names column, line, value and the way out.

        Notes
        -----
        Lines that are equal in *every* column are counted once where ``order`` or
        ``quantity`` is given. With neither they stay, because two such lines may be two
        pieces of one purchase. The receipt gives their number.

        Lines without a customer are dropped, because all guests together are not one
        customer; so are lines without an item and those of 0 pieces.

        A line with a quantity or an amount below 0 is a return. It takes back the
        customer's latest purchase of that item that is not later, first of all within
        its own order. Of a purchase of which only some came back, quantity and amount
        stay in proportion, in pieces where the quantity is given and in money where it
        is not. A return without a purchase is dropped, and counted in the receipt.

        Examples
        --------
        >>> file = b"who;day;what;euros\n007;31.12.2026;Tea, green;12,50\n"
        >>> orders = Orders.read(file, customer="who", time="day", item="what",
        ...                      amount="euros", decimal=",", date_format="%d.%m.%Y")
        >>> orders.frame()[["customer", "item", "amount"]].to_numpy().tolist()
        [['007', 'Tea, green', 12.5]]
        """
        names = {"customer": customer, "time": time, "item": item, "amount": amount,
                 "quantity": quantity, "order": order}  # fmt: skip
        check_choice("decimal", decimal, [".", ","])
        with bar(desc="reading the orders", total=7, unit="step") as steps:
            columns, done = read_table(path_or_buffer, names, sep, steps.update)
            parts = build(columns, names, date_format, decimal, done, tick=steps.update)
        return cls(parts)._checked()

    @classmethod
    def from_frame(
        cls, df, customer, time, item, amount=None, quantity=None, order=None,
        date_format=None,
    ) -> "Orders":  # fmt: skip
        """Make the log from a table with one row for each line of an order.

        As :meth:`read`, whose notes say what is done to the rows. Integer ids stay
        integers, and text stays text.

        Parameters
        ----------
        df : DataFrame
            Of pandas, polars or pyarrow, a dict of columns or a list of dicts.
        customer, time, item, amount, quantity, order : str
            Names of the columns, as for :meth:`read`. Times are dates or text in ISO
            form. With a time zone, the day is that of the zone's own clock.
        date_format : str, optional
            How the times are written, where they are text or whole numbers.

        Raises
        ------
        TypeError
            If ``df`` is no table.
        ValueError
            That names column, row, value and the way out.

        Examples
        --------
        >>> log = {"who": [7, 8], "what": ["tea", "cup"], "day": [20261231, 20270101]}
        >>> Orders.from_frame(log, customer="who", item="what", time="day",
        ...                   date_format="%Y%m%d")
        Orders(2 lines, 2 customers × 2 items, 2026-12-31 to 2027-01-01)
        """
        names = {"customer": customer, "time": time, "item": item, "amount": amount,
                 "quantity": quantity, "order": order}  # fmt: skip
        df = as_frame("df", df)
        check_names(names, list(df.columns))
        labels = df.index
        zone = getattr(df[time].dtype, "tz", None)
        with bar(desc="reading the orders", total=5, unit="step") as steps:
            columns = columns_of(df, names, lambda row: f"row {plain(labels[row])!r}")
            steps.update()
            parts = build(columns, names, date_format, zone=zone, tick=steps.update)
        return cls(parts)._checked()

    def _checked(self):
        """Return the log; raise where nothing of it was kept."""
        self._last_day()
        return self

    @cached_property
    def _net(self):
        """The kept lines, with codes for ids."""
        return kept(self._parts.lines, self._parts.back)

    @property
    def receipt(self) -> pd.DataFrame:
        """What was done to the table: kept and dropped add up to what was read.

        Returns
        -------
        DataFrame
            By step, rows and amount, one row for each thing done. A half of a split
            begins with the lines of its own time.
        """
        parts = self._parts
        return receipt_of(parts.steps, parts.lines, parts.back, self._net)

    def __len__(self) -> int:
        """Return the number of lines that were kept."""
        return len(self._net)

    def __repr__(self) -> str:
        """Say sizes and dates, never rows."""
        net = self._net
        span = "empty"
        if len(net):
            span = f"{net['time'].iloc[0]:%Y-%m-%d} to {net['time'].iloc[-1]:%Y-%m-%d}"
        sizes = (
            f"{net['customer'].nunique():,} customers × {net['item'].nunique():,} items"
        )
        return f"Orders({len(net):,} lines, {sizes}, {span})"

    def frame(self) -> pd.DataFrame:
        """Return the kept lines, sorted by time, with the reader's own ids.

        Returns
        -------
        DataFrame
            customer, item, time, quantity (1 where the table has none) and amount (NaN
            where it has none), both less what was returned.
        """
        net = self._net
        columns = {
            "customer": self.customer_ids[net["customer"]],
            "item": self.item_ids[net["item"]],
            **{name: net[name].to_numpy() for name in COLUMNS[2:]},
        }
        return pd.DataFrame(columns)

    def returned(self) -> pd.DataFrame:
        """Return what customers bought and gave back whole.

        Such a pair is in no :meth:`frame` and in no :meth:`ratings`, and is no
        discovery all the same: a list that holds it would offer it again.

        Returns
        -------
        DataFrame
            customer and item, one row for each pair of which nothing was kept.
        """
        pair = ["customer", "item"]
        lines, net = self._parts.lines[pair], self._net[pair]
        pairs = pd.MultiIndex.from_frame(lines[~lines.index.isin(net.index)])
        pairs = pairs.unique().difference(pd.MultiIndex.from_frame(net))
        users, items = (pairs.get_level_values(level).to_numpy(int) for level in (0, 1))
        columns = {"customer": self.customer_ids[users], "item": self.item_ids[items]}
        return pd.DataFrame(columns)

    def split(self, at) -> "tuple[Orders, Orders]":
        """Return the log before a moment, and the log from it on.

        Both keep the catalogue of the whole, so their ratings have one shape and one
        code. A return counts from the time at which it happened: the first half keeps
        a purchase that was returned only later, because nobody knew at the cut.

        Parameters
        ----------
        at : str, date or Timestamp
            By the log's own clock. A date is its first moment.

        Raises
        ------
        ValueError
            If ``at`` is no date, or leaves nothing on one side.
        """
        moment = clock("at", at, self._parts.zone)
        halves = self._window(None, moment), self._window(moment, None)
        if not all(map(len, halves)):
            first, last = self._parts.lines["time"].iloc[[0, -1]]
            raise ValueError(
                f"at is {str(at)!r}, but the orders are from {first} to {last}; give a "
                "date between them"
            )
        return halves

    def _window(self, start, stop):
        """Return what happened from ``start`` on and before ``stop``."""
        tables = []
        for table in (self._parts.lines, self._parts.back):
            here = np.ones(len(table), dtype=bool)
            if start is not None:
                here &= (table["time"] >= start).to_numpy()
            if stop is not None:
                here &= (table["time"] < stop).to_numpy()
            tables.append(table[here])
        lines, back = tables
        amount = lines["amount"].sum(skipna=False) + back["amount"].sum()
        steps = [("read", len(lines) + back["back"].nunique(), amount)]
        return Orders(replace(self._parts, lines=lines, back=back, steps=steps))

    def ratings(self, new_to=None) -> Ratings:
        """Return how many times each customer bought each item, and when first.

        Parameters
        ----------
        new_to : Orders, optional
            The other half of a split: pairs of it are left out, which leaves the
            discoveries.

        Returns
        -------
        Ratings
            The value of a pair is the number of its orders, or of its different times
            where the log has no order numbers. Its timestamp is the first time, in
            seconds since 1970 by the log's own clock.
        """
        pairs = self._pairs()
        if new_to is not None:
            self._check_catalogue(new_to)
            pairs = pairs[~pairs.index.isin(new_to._pairs().index)]
        users, items = np.divmod(pairs.index.to_numpy(), max(len(self.item_ids), 1))
        seconds = pairs["first"].to_numpy().astype("datetime64[s]").astype(np.int64)
        ids = self.customer_ids, self.item_ids
        return Ratings(users, items, pairs["times"].to_numpy(), seconds, *ids)

    def _check_catalogue(self, other):
        """Raise unless the other log is of the same catalogue."""
        same = isinstance(other, Orders) and all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("customer_ids", "item_ids")
        )
        if not same:
            raise ValueError(
                "new_to must be the other half of one log, as from orders.split(at)"
            )

    def _pairs(self):
        """Return times and first by pair, numbered customer * items + item."""
        net = self._net
        moments = net["time"].to_numpy().astype(np.int64)
        table = pd.DataFrame(
            {
                "pair": net["customer"].astype(np.int64) * len(self.item_ids)
                + net["item"],
                "occasion": np.where(net["order"] >= 0, net["order"], -1),
                "moment": np.where(net["order"] >= 0, 0, moments),
                "time": net["time"],
            }
        ).drop_duplicates(["pair", "occasion", "moment"])
        return table.groupby("pair")["time"].agg(times="size", first="min")

    def customers(self, end=None, unit="W") -> pd.DataFrame:
        """Return what each customer's orders were like, until a day.

        Orders of one customer on one day are one order, as for
        :func:`recbook.marketing.lifetime.summary`.

        Parameters
        ----------
        end : str or date, optional
            The day on which the log is read; it is counted, too. By default that of
            the last order. Later orders and later returns are left out.
        unit : {"W", "D"}
            Weeks or days.

        Returns
        -------
        DataFrame
            By customer id: ``frequency`` (orders after the first), ``recency`` (time
            from the first order to the last), ``T`` (time from the first order to the
            end) and ``spend`` (amount of all orders, NaN where the log has none).

        Raises
        ------
        ValueError
            If ``end`` lies before the first order.
        """
        length = DAYS[check_choice("unit", unit, DAYS)]
        if end is None:
            return _history(self, self._last_day(), length)
        last = clock("end", end, self._parts.zone).floor("D")
        log = self._window(None, last + pd.Timedelta(days=1))
        if not len(log):
            raise ValueError(f"end is {str(end)!r}, before the first order")
        return _history(log, last, length)

    def _last_day(self):
        """Return the day of the last order."""
        if not len(self):
            raise ValueError("the log has no orders: what was bought was returned")
        return self._net["time"].iloc[-1].floor("D")

    def holdout(self, weeks=26) -> pd.DataFrame:
        """Return the customers at a cut, and how often they ordered after it.

        Parameters
        ----------
        weeks : int
            Length of the time after the cut, which ends with the last order's day.

        Returns
        -------
        DataFrame
            That of :meth:`customers` at the cut, in weeks, and ``orders``, the number
            of days with an order in the weeks after it. Only customers who had ordered
            by the cut.

        Raises
        ------
        ValueError
            If the log is not longer than ``weeks``.
        """
        weeks = check_positive_int("weeks", weeks)
        last, first = self._last_day(), self._net["time"].iloc[0].floor("D")
        cut = last - pd.Timedelta(weeks=weeks)
        if cut < first:
            there = (last - first).days / 7
            raise ValueError(f"weeks is {weeks}, the log has {there:.1f}; give fewer")
        table = self.customers(end=cut)
        after = self._window(cut + pd.Timedelta(days=1), None)._net
        days = after["time"].dt.floor("D").groupby(after["customer"]).nunique()
        days.index = self.customer_ids[days.index]
        return table.assign(orders=days.reindex(table.index, fill_value=0).astype(int))


def _history(log, last, length):
    """Return the histories of a log's customers on a day, by id."""
    net = log._net
    days = net["time"].to_numpy().astype("datetime64[D]").astype(np.int64)
    table = pd.DataFrame(
        {"user": net["customer"], "time": days, "value": net["amount"]}
    )
    end = np.datetime64(last, "D").astype(np.int64)
    table = history(table, end, length)
    table.index = pd.Index(log.customer_ids[table.index], name="customer")
    spend = table["total"] if net["amount"].notna().any() else np.nan
    return table[["frequency", "recency", "T"]].assign(spend=spend)
