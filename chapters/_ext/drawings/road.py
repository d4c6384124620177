"""The two roads of a request through the service of chapter 5.6."""

from drawing import BLUE, GREY, INK, LINE, ORANGE, PALE, arrow, box, svg, tag, text

WIDTH, HIGH = 700, 64
SMALL = 12.5  # the column shows the drawing a little narrower than it is


def stop(x, y, width, name, what, color=LINE, fill=PALE):
    """Return a box with a name and a line below it."""
    return [
        box(x, y, width, HIGH, fill, color),
        text(x + width / 2, y + 27, name, 14, INK, weight="bold"),
        text(x + width / 2, y + 47, what, SMALL, GREY),
    ]


def road():
    parts = [box(10, 40, 92, 300, "none", LINE, 10)]
    parts += [text(56, 178, "the page", 14, INK, weight="bold")]
    parts += [text(56, 197, "in a browser", SMALL, GREY)]
    parts += [box(146, 40, 112, 300, PALE, LINE, 10)]
    parts += [text(202, 160, "checks", 14, INK, weight="bold")]
    for n, words in enumerate(("address, size", "types, limits", "known or not")):
        parts.append(text(202, 181 + 18 * n, words, SMALL, GREY))

    # A star: there, on to the disk, and only then back.
    parts += [text(10, 24, "A star is given", 14, INK, "start", "bold")]
    parts += [arrow(102, 76, 146, 76, ORANGE), arrow(258, 76, 300, 76, ORANGE)]
    parts += stop(300, 46, 130, "store", "one row a film", ORANGE, "#FDF3DF")
    parts += [arrow(430, 76, 486, 76, ORANGE)]
    parts += stop(486, 46, 130, "disk", "flushed: it is there", ORANGE, "#FDF3DF")
    back = "M551 110 V128 H124 V96 H108"
    look = {"fill": "none", "stroke": ORANGE, "stroke_width": 2}
    parts.append(tag("path", d=back, stroke_dasharray="6 4", **look))
    parts.append(arrow(114, 96, 102, 96, ORANGE))
    parts.append(text(430, 146, "200, and not before", SMALL, INK))

    # A list: fewer films at every stop.
    parts += [text(10, 362, "A list is asked for", 14, INK, "start", "bold")]
    parts += [arrow(102, 226, 146, 226, BLUE), arrow(258, 226, 300, 226, BLUE)]
    parts += stop(300, 194, 110, "describe", "stars → a vector", BLUE)
    parts += [arrow(410, 226, 438, 226, BLUE)]
    parts += stop(438, 194, 110, "retrieve", "all films → 100", BLUE)
    parts += [arrow(548, 226, 576, 226, BLUE)]
    parts += stop(576, 194, 110, "filter", "may be shown", BLUE)
    parts += [arrow(631, 258, 631, 284, BLUE)]
    parts += stop(576, 284, 110, "arrange", "100 → 10", BLUE)
    parts += [arrow(576, 316, 548, 316, BLUE)]
    parts += stop(438, 284, 110, "explain", "nearest liked film", BLUE)
    parts += [arrow(438, 316, 258, 316, BLUE), arrow(146, 316, 102, 316, BLUE)]
    parts.append(text(348, 306, "titles, stars, reasons", SMALL, INK))
    title = "Two roads of a request: a star to the disk, and a list back to the page"
    return svg(WIDTH, 376, parts, title)
