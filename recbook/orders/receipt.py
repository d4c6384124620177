"""The receipt: what was done to a reader's table, so that rows and amounts add up."""

import pandas as pd

__all__ = ["receipt_of"]


def receipt_of(steps, lines, back, net):
    """Return a table of steps. What was read is what was kept plus what was dropped.

    Parameters
    ----------
    steps : list of (str, int, float)
        What was done before, beginning with "read".
    lines, back, net : DataFrame
        The purchases, what came back of which, and the purchases that are left.

    Returns
    -------
    DataFrame
        By step: rows and amount. Amounts are NaN where the table has none.

    Examples
    --------
    >>> lines = pd.DataFrame({"quantity": [2.0], "amount": [9.0], "size": [2.0]})
    >>> back = pd.DataFrame({"back": [0], "line": [0], "size": [1.0], "amount": [-4.5]})
    >>> net = lines * [0.5, 0.5, 1]
    >>> receipt_of([("read", 2, 4.5)], lines, back, net).reset_index()
                     step  rows  amount
    0                read     2     4.5
    1             returns     1    -4.5
    2  returned purchases     0     4.5
    3                kept     1     4.5
    """
    here = back["line"].isin(lines.index)
    kinds = [
        ("returns", here),
        ("returns of earlier purchases", ~here & (back["line"] >= 0)),
        ("returns without a purchase", back["line"] < 0),
    ]
    steps, counted = list(steps), set()
    for step, some in kinds:
        rows = set(back["back"][some]) - counted  # a return is a row only once
        counted |= rows
        if some.any():
            steps.append((step, len(rows), back["amount"][some].sum(skipna=False)))
    gone = lines["amount"].sum(skipna=False) - net["amount"].sum(skipna=False)
    if here.any():
        steps.append(("returned purchases", len(lines) - len(net), gone))
    steps.append(("kept", len(net), net["amount"].sum(skipna=False)))
    table = pd.DataFrame(steps, columns=["step", "rows", "amount"])
    return table.set_index("step")
