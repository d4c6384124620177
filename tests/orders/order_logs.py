"""Logs of orders for the tests: drawn rows, and the columns' names."""

import pandas as pd
from hypothesis import strategies as st

NAMES = {"customer": "who", "time": "day", "item": "what"}
ALL = {**NAMES, "amount": "euros", "quantity": "n", "order": "number"}

ROW = st.tuples(
    st.sampled_from(["007", "08", "Ann, B.", "", "guest"]),
    st.integers(0, 20),  # days
    st.sampled_from(["tea", 'cup "big"', "=1+1", ""]),
    st.integers(-3, 3),
    st.integers(0, 2000),  # cents of a piece
    st.sampled_from(["A1", "A2", ""]),
)


def table(rows):
    """Return the rows of ROW as a table, in which a return costs less than nothing."""
    frame = pd.DataFrame(rows, columns=["who", "day", "what", "n", "euros", "number"])
    days = pd.Timestamp("2026-01-01") + pd.to_timedelta(frame["day"], unit="D")
    return frame.assign(day=days, euros=frame["euros"] * frame["n"] / 100)


def logs(min_size=1, max_size=25):
    """Return a strategy of tables of which at least one line is kept."""
    sure = ("007", 0, "tea", 3, 100, "A1")  # more than two lines can take back
    rows = st.lists(ROW, min_size=min_size, max_size=max_size)
    return rows.map(lambda rows: table([("sure", *sure[1:]), *rows]))
