"""Drawings with the time from left to right: a day of squares, a budget, swim lanes."""

import numpy as np

from recbook.plots.pictograms import squares
from recbook.plots.style import COLORS

__all__ = ["drain", "hourly", "lanes"]

FAINT = "#DDDDDD"  # the grid's grey


def drain(ax, left, at=0, height=1, color=COLORS["mf"]):
    """Draw what is left of a budget over a day, as an area that becomes thinner.

    Parameters
    ----------
    ax : Axes
        Where to draw, with the hours of the day along x.
    left : (n,) array
        The fraction that is left at n moments, evenly spaced from 0:00 to 24:00.
    at : float
        Where the area is flat.
    height : float
        Of the full budget, from there; below 0 the area hangs.
    color : str
        Any matplotlib colour; take it from ``recbook.plots.COLORS``.

    Returns
    -------
    float
        The hour at which less than a thousandth is left, 24 if that never happens.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> drain(plt.figure().gca(), [1, 0.5, 0, 0, 0])
    12.0
    >>> plt.close("all")
    """
    left = np.asarray(left, dtype=float)
    hours = np.linspace(0, 24, len(left))
    empty = hours[left < 0.001]
    end = float(empty[0]) if empty.size else 24.0
    shown = np.append(np.arange(0, end, 0.25), end)  # 100 points draw what 30,000 do
    area = at + height * np.interp(shown, hours, left)
    ax.fill_between(shown, at, area, color=color, lw=0)
    return end


def hourly(ax, hours, amounts, unit, at=0, color=COLORS["ours"]):
    """Draw what each hour of a day brought, as a column of squares to be counted.

    The running total is rounded to whole squares, so that all columns together are the
    day's total, rounded once.

    Parameters
    ----------
    ax : Axes
        Where to draw. A square takes one unit of both axes.
    hours : (n,) int array
        The hour of each event, 0 to 23.
    amounts : (n,) array
        What each event brought, at least 0.
    unit : float
        What one square stands for.
    at : float
        Where the columns begin. They hang from a line below 0 and stand on any other.
    color : str
        Any matplotlib colour; take it from ``recbook.plots.COLORS``.

    Returns
    -------
    (24,) int array
        How many squares each hour has.

    Raises
    ------
    ValueError
        If an hour or amount is negative, or unit not positive.

    Examples
    --------
    Three euros at 1 a.m. and four at 2 a.m., with a square for two euros:

    >>> import matplotlib.pyplot as plt
    >>> ax = plt.figure().gca()
    >>> hourly(ax, [1, 2, 2], [3, 1, 3], unit=2)[:4].tolist()
    [0, 2, 2, 0]
    >>> plt.close("all")
    """
    amounts = np.asarray(amounts, dtype=float)
    if unit <= 0 or (amounts < 0).any():
        raise ValueError("amounts must be at least 0 and unit above 0")
    total = np.cumsum(np.bincount(hours, amounts, minlength=24)) / unit
    counts = np.diff(np.round(total), prepend=0).astype(int)
    for hour, n in enumerate(counts.tolist()):
        squares(ax, n, (hour, at - n if at < 0 else at), across=1, color=color)
    return counts


def lanes(ax, names, days, channels, order=None, off=(), colors=None):
    """Draw what a person met and when: a lane for each channel, a dot for each contact.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    names : sequence of str
        The channels, from top to bottom.
    days, channels : (n,) sequences
        When each contact was, and by which channel.
    order : float, optional
        When the person ordered: a star in a lane of its own, at the bottom.
    off : sequence of str
        Channels whose contacts are taken away: of their dots the outlines stay.
    colors : dict, optional
        Channel → colour. By default that of a baseline.

    Returns
    -------
    int
        How many contacts there are, without those that were taken away.

    Raises
    ------
    ValueError
        If days and channels differ in length, or a channel has no lane.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax, met = plt.figure().gca(), ["e-mail", "e-mail", "search"]
    >>> lanes(ax, ["e-mail", "search"], [2, 5, 5], met, order=6, off=["search"])
    2
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['e-mail', 'search', 'order']
    >>> plt.close("all")
    """
    rows, places = [*names, "order"], np.arange(len(names) + 1)
    if len(days) != len(channels) or not {*channels, *off} <= {*names}:
        raise ValueError("give one day for each contact, and only channels with a lane")
    ax.hlines(places, 0, 1, FAINT, lw=0.8, transform=ax.get_yaxis_transform())
    for row, name in enumerate(names):
        met = [d for d, c in zip(days, channels, strict=True) if c == name]
        look = {"color": (colors or {}).get(name, COLORS["baseline"]), "ms": 7}
        look["fillstyle"] = "none" if name in off else "full"
        ax.plot(met, [row] * len(met), "o", **look)
    if order is not None:
        ax.plot(order, len(names), "*", ms=17, color=COLORS["ours"])
    ax.set_yticks(places, rows)
    ax.set_ylim(len(rows) - 0.4, -0.6)  # the first on top
    ax.set(xlim=(-1, 1 + max(*days, order or 0)), xticks=[], frame_on=False)
    ax.tick_params(length=0)
    return sum(channel not in off for channel in channels)
