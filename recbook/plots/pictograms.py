"""Pictograms: squares to be counted, and people."""

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from recbook.plots.style import COLORS

__all__ = ["person", "squares"]

SIDE = 0.8  # of a square, whose neighbour is 1 away
CORNERS = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * SIDE + (1 - SIDE) / 2
HEAD = Path.circle((0.5, 0.77), 0.19)
SHOULDERS = Path.arc(0, 180)
CODES = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY]


def squares(ax, n, at=(0, 0), *, across=10, start=0, color=COLORS["ours"], filled=True):
    r"""Draw so many squares in rows, to be counted like tiles.

    A square takes one unit of both axes, gap included, and the axes get an equal
    aspect. Square :math:`i` stands in column :math:`i \bmod across` of row
    :math:`\lfloor i / across \rfloor`, the first row at the bottom.

    Parameters
    ----------
    ax : Axes
        Where to draw. ``ax.invert_yaxis()`` puts the first row on top.
    n : int
        How many squares. All together are one path, however many they are.
    at : (float, float)
        The corner from which the rows are counted.
    across : int
        Squares in a row.
    start : int
        How many squares stand there already: the first of these comes after them.
    color : str
        Any matplotlib colour; take it from ``recbook.plots.COLORS``.
    filled : bool
        False draws outlines. Blue and grey look alike on a grey printer, a full and
        an empty square do not.

    Returns
    -------
    int
        How many squares stand there now, the ``start`` of what comes next.

    Raises
    ------
    ValueError
        If ``n`` or ``start`` is negative, or ``across`` less than 1.

    Examples
    --------
    Three orders, two of which would have come anyway:

    >>> import matplotlib.pyplot as plt
    >>> ax = plt.figure().gca()
    >>> gained = squares(ax, 1)
    >>> squares(ax, 2, start=gained, color=COLORS["baseline"], filled=False)
    3
    >>> plt.close("all")
    """
    if n < 0 or start < 0 or across < 1:
        raise ValueError(
            f"n={n}, start={start}, across={across}: squares are counted from 0, "
            "and a row has at least one"
        )
    ax.set_aspect("equal")
    row, column = np.divmod(np.arange(start, start + n), across)
    lower_left = np.column_stack([column, row]) + np.asarray(at, dtype=float)
    outline = (lower_left[:, None] + CORNERS).reshape(-1, 2)
    look = {"facecolor": color, "linewidth": 0}
    if not filled:
        look = {"facecolor": "none", "edgecolor": color, "linewidth": 1}
    ax.add_patch(PathPatch(Path(outline, np.tile(CODES, n)), **look))
    ax.autoscale_view()
    return start + n


def person(ax, at=(0, 0), size=1.0, color=COLORS["baseline"]):
    """Draw a person, a head above shoulders, in a square of the axes' units.

    Parameters
    ----------
    ax : Axes
        Where to draw. They get an equal aspect.
    at : (float, float)
        The lower left corner of the square.
    size : float
        Its side.
    color : str
        Any matplotlib colour; take it from ``recbook.plots.COLORS``.

    Returns
    -------
    matplotlib PathPatch
        The person.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ann = person(plt.figure().gca(), at=(2, 0), size=3)
    >>> float(ann.get_path().get_extents().y0)  # stands on the ground
    0.0
    >>> plt.close("all")
    """
    ax.set_aspect("equal")
    arc = SHOULDERS.vertices * [0.42, 0.5] + [0.5, 0]
    body = Path([*arc, arc[0]], [*SHOULDERS.codes, Path.CLOSEPOLY])
    whole = Path.make_compound_path(HEAD, body)
    outline = whole.vertices * size + np.asarray(at, dtype=float)
    patch = PathPatch(Path(outline, whole.codes), facecolor=color, linewidth=0)
    ax.add_patch(patch)
    ax.autoscale_view()
    return patch
