"""Names beside points, placed so that none covers another."""

import numpy as np

__all__ = ["name_points"]

PLACES = [  # (x, y) in points, horizontal and vertical alignment
    (6, 0, "left", "center"),
    (-6, 0, "right", "center"),
    (0, 6, "center", "bottom"),
    (0, -6, "center", "top"),
]
ROOM = 1.08  # the reader's browser may set the names in a wider type than ours


def name_points(ax, x, y, names, **text):
    """Write names beside points, each where it lies on no other name or point.

    A name is tried to the right of its point, to the left, above and below, and left
    out if it would lie on another there or leave the axes: sort what matters first.
    Draw the points and set the limits of the axes before.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    x, y : (n,) arrays
        The points.
    names : sequence of str
        One for each point. If there are fewer names, the last points stay without one.
    **text
        Passed on to matplotlib's text, such as ``fontsize`` and ``color``.

    Returns
    -------
    list of int
        The places, in ``names``, of those that were written.

    Raises
    ------
    ValueError
        If x and y differ in length, or there are more names than points.

    Examples
    --------
    Two films at one place: the second name finds another side.

    >>> import matplotlib.pyplot as plt
    >>> fig, ax = plt.subplots()
    >>> _ = ax.set(xlim=(0, 1), ylim=(0, 1))
    >>> name_points(ax, [0.5, 0.5, 0.99], [0.5, 0.5, 0.5], ["Up", "Coco", "Babe" * 40])
    [0, 1]
    >>> plt.close("all")
    """
    if not len(names) <= len(x) == len(y):
        raise ValueError(
            f"x, y and names have {len(x)}, {len(y)} and {len(names)} entries: "
            "give as many of x as of y, and no more names"
        )
    spots = ax.transData.transform(np.column_stack([x, y]))
    frame, taken, written = ax.get_window_extent(), [], []
    for place, name in enumerate(names):
        for dx, dy, ha, va in PLACES:
            label = ax.annotate(
                name,
                (x[place], y[place]),
                xytext=(dx, dy),
                textcoords="offset points",
                ha=ha,
                va=va,
                **text,
            )
            box = label.get_window_extent().expanded(ROOM, ROOM)
            on_point = box.count_contains(np.delete(spots, place, axis=0)) > 0
            inside = frame.count_contains([box.min, box.max]) == 2
            if inside and not on_point and box.count_overlaps(taken) == 0:
                taken.append(box)
                written.append(place)
                break
            label.remove()
    return written
