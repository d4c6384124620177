"""Returns, each led back to the purchase that it takes back."""

from collections import defaultdict

import numpy as np
import pandas as pd

__all__ = ["kept", "match"]

TINY = 1e-9  # of a purchase: less is nothing left


def match(purchases, returns):
    """Return which purchase each return takes back, and how much of it.

    A return takes back the latest purchase of the same customer and item that is not
    later and still has something left. Purchases with the return's own order number
    come first. Times are walked through in order, and at one time purchases before
    returns, so that what happens later changes nothing before it.

    Parameters
    ----------
    purchases, returns : DataFrame
        Columns customer, item, time, order (-1 where there is none), and size: pieces,
        or money where pieces are not known, above 0.

    Returns
    -------
    DataFrame
        Columns back (position of the return), line (position of the purchase, -1 for
        what is left without one) and size.

    Examples
    --------
    >>> log = pd.DataFrame({"customer": 0, "item": 0, "time": [1, 2], "order": -1,
    ...                     "size": [1.0, 1.0]})
    >>> back = log.iloc[:1].assign(time=3, size=3.0)
    >>> match(log, back).to_numpy().tolist()
    [[0.0, 1.0, 1.0], [0.0, 0.0, 1.0], [0.0, -1.0, 1.0]]
    """
    links = []
    sizes = purchases["size"].tolist()
    rest = list(sizes)
    stacks = defaultdict(
        list
    )  # (customer, item, order or None) -> purchases with a rest
    for is_return, place, customer, item, order, size in _events(purchases, returns):
        keys = [(customer, item, order)] if order >= 0 else []
        keys.append((customer, item, None))
        if not is_return:
            for key in keys:
                stacks[key].append(place)
            continue
        whole = size
        for key in keys:
            stack = stacks[key]
            while stack and size > TINY * whole:
                line = stack[-1]
                taken = min(rest[line], size)
                if taken > 0:
                    links.append((place, line, taken))
                rest[line], size = rest[line] - taken, size - taken
                if rest[line] <= TINY * sizes[line]:
                    stack.pop()
        if size > TINY * whole:
            links.append((place, -1, size))
    columns = np.array(links, dtype=float).reshape(-1, 3)
    return pd.DataFrame(columns, columns=["back", "line", "size"])


def _events(purchases, returns):
    """Return the returns, and the purchases that they may take back, by time."""
    pair = ["customer", "item"]
    known = pd.MultiIndex.from_frame(returns[pair])
    some = pd.MultiIndex.from_frame(purchases[pair]).isin(known.unique())
    parts = [
        table.assign(is_return=is_return, place=np.arange(len(table)))
        for table, is_return in [(purchases, False), (returns, True)]
    ]
    # At one time the purchases stay before the returns, and the rows as they were.
    events = pd.concat([parts[0][some], parts[1]]).sort_values("time", kind="stable")
    columns = ["is_return", "place", *pair, "order", "size"]
    return zip(*(events[name].tolist() for name in columns), strict=True)


def kept(lines, back):
    """Return the lines of which something was kept, reduced by what came back.

    >>> lines = pd.DataFrame({"quantity": [2.0, 1.0], "amount": [9.0, 5.0],
    ...                       "size": [2.0, 1.0]})
    >>> back = pd.DataFrame({"line": [0, 1], "size": [1.0, 1.0]})
    >>> kept(lines, back)[["quantity", "amount"]].to_numpy().tolist()
    [[1.0, 4.5]]
    """
    taken = back.groupby("line")["size"].sum()
    touched = lines.index.intersection(taken.index)
    size = lines["size"].loc[touched]
    left = size - taken.loc[touched]
    gone = left <= TINY * size
    net = lines.drop(touched[gone])
    some = touched[~gone]
    for name in ("quantity", "amount"):
        net.loc[some, name] = lines.loc[some, name] * left[some] / size[some]
    return net
