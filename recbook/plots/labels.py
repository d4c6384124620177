"""Names beside points and at the ends of lines, and a headline above panels."""

import numpy as np
from matplotlib.transforms import blended_transform_factory

from recbook.plots.style import MUTED, SMALLEST, as_text

__all__ = ["headline", "name_lines", "name_points"]

PLACES = [  # (x, y) in points, horizontal and vertical alignment
    (6, 0, "left", "center"),
    (-6, 0, "right", "center"),
    (0, 6, "center", "bottom"),
    (0, -6, "center", "top"),
]
ROOM = 1.08  # the reader's browser may set the names in a wider type than ours


def headline(figure, title, *panels):
    """Write what a figure of several panels shows above them, and name the panels.

    The headline begins where the first axes do, as the title of a single panel does,
    and stays there whatever the layout makes of them. The panels' titles are smaller
    and lighter, so that the eye reads what was found first.

    Parameters
    ----------
    figure : Figure
        Its axes are those to name, in their order.
    title : str
        The finding.
    *panels : str
        Titles of the first panels. Those that have a title keep it, in the same look.

    Returns
    -------
    matplotlib Text
        The headline.

    Raises
    ------
    ValueError
        If there are more titles than panels.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> fig, axes = plt.subplots(1, 2)
    >>> headline(fig, "Both fall, one faster", "MF", "ALS").get_text()
    'Both fall, one faster'
    >>> [ax.get_title("left") for ax in axes]
    ['MF', 'ALS']
    >>> plt.close("all")
    """
    axes = figure.axes
    if len(panels) > len(axes):
        raise ValueError(f"{len(panels)} titles for {len(axes)} panels: give fewer")
    names = [*panels, *(ax.get_title("left") for ax in axes[len(panels) :])]
    look = {"loc": "left", "fontsize": 11, "fontweight": "normal", "color": MUTED}
    for ax, name in zip(axes, names, strict=True):
        ax.set_title(name, **look)
    # Of its place only the height is a fraction of the figure, which the layout sets.
    at = blended_transform_factory(axes[0].transAxes, figure.transSubfigure)
    return figure.suptitle(title, x=0, ha="left", transform=at)


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
        Passed on to matplotlib's text, such as ``fontsize`` (at least 9 points) and
        ``color``.

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
    text["fontsize"] = max(text.get("fontsize", 10), SMALLEST)
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


def name_lines(ax, lines=None, at=None, **text):
    """Write the label of each line beside it, in its colour, for a legend.

    A name stands at the right end of its line. Where lines end in one point, ``at`` is
    a place at which they are apart. Names that would lie on each other move apart, up
    and down, and keep the order of the lines. Draw the lines and set the limits of the
    axes before.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    lines : sequence of Line2D, optional
        Those to name; by default all lines of the axes that have a label.
    at : float, optional
        Where the names stand above their lines instead: 0 is the left edge of the
        axes, 1 the right one.
    **text
        Passed on to matplotlib's text, such as ``fontsize`` (at least 9 points).

    Returns
    -------
    list of Annotation
        The names, in the order of the lines.

    Raises
    ------
    ValueError
        If there is no line with a label.

    Examples
    --------
    Two lines that end at almost the same place: their names do not.

    >>> import matplotlib.pyplot as plt
    >>> fig, ax = plt.subplots()
    >>> _ = ax.plot([0, 1], [0, 0.5], label="mean")
    >>> _ = ax.plot([0, 1], [1, 0.51], label="median")
    >>> low, high = [name.get_window_extent() for name in name_lines(ax)]
    >>> bool(low.y1 <= high.y0)
    True
    >>> plt.close("all")
    """
    lines = ax.get_lines() if lines is None else lines
    lines = [line for line in lines if not line.get_label().startswith("_")]
    if not lines:
        raise ValueError("no line has a label: give ax.plot(..., label=name)")
    text["fontsize"] = max(text.get("fontsize", 10), SMALLEST)
    ax.figure.draw_without_rendering()  # the layout decides how high the axes are
    points = [_point(line, at) for line in lines]
    side, dx = ("left", 6) if at is None else ("center", 0)
    names = []
    for line, point in zip(lines, points, strict=True):
        color = as_text(line.get_color())
        look = {"color": color, "ha": side, "va": "center", "annotation_clip": False}
        place = {"xytext": (dx, 0), "textcoords": "offset points"}
        names.append(ax.annotate(line.get_label(), point, **place, **look | text))
    boxes = [name.get_window_extent() for name in names]
    level = ax.transData.transform(points)[:, 1]
    wish = level
    if at is not None:
        wish = np.array([_above(*pair) for pair in zip(lines, boxes, strict=True)])
    heights = np.array([box.height for box in boxes]) * ROOM
    for name, shift in zip(names, _apart(wish, heights) - level, strict=True):
        name.set_position((dx, shift * 72 / ax.figure.dpi))
    return names


def _point(line, at):
    """The point of a line that its name belongs to, by default the last."""
    points = line.get_xydata()
    points = points[np.isfinite(points).all(axis=1)]
    if at is None:
        return points[points[:, 0].argmax()]
    points = points[np.argsort(points[:, 0], kind="stable")]
    to_data = line.axes.transAxes + line.axes.transData.inverted()
    x = to_data.transform((at, 0))[0]
    return x, np.interp(x, *points.T)


def _above(line, box):
    """How high the centre of a name is that clears its line by 3 points."""
    points = line.get_xydata()
    points = line.axes.transData.transform(points[np.isfinite(points).all(axis=1)])
    points = points[np.argsort(points[:, 0], kind="stable")]
    beneath = np.interp(np.linspace(box.x0, box.x1, 50), *points.T)
    return beneath.max() + box.height / 2 + 3 * line.figure.dpi / 72


def _apart(at, heights):
    """Centres nearest to ``at`` at which boxes of these heights do not overlap.

    Boxes that touch form a group, which stands where the mean of its members would
    have it: pool adjacent violators, of the centres less what stands below them.
    """
    order = np.argsort(at, kind="stable")
    below = np.cumsum(heights[order]) - heights[order] / 2
    groups = []  # (mean, size), rising
    for wish in at[order] - below:
        mean, size = wish, 1
        while groups and groups[-1][0] >= mean:
            other, number = groups.pop()
            mean = (mean * size + other * number) / (size + number)
            size += number
        groups.append((mean, size))
    means, sizes = zip(*groups, strict=True)
    placed = np.empty(len(at))
    placed[order] = np.repeat(means, sizes) + below
    return placed
