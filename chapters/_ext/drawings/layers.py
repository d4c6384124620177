"""The parts of a network, each drawn in one way in all figures of part 4.

Data flow upwards: what goes in is at the bottom, the loss at the top. A row of cells is
a vector, shaded by its numbers; blue is a person's, orange an item's, green what both
have entered. A one-hot row has one dark cell, a framed box is learnt, a round node
calculates and learns nothing, purple is a weight of attention, hatching is what must
not be seen, and vermilion is the loss and what it compares with. Shapes are in grey.
"""

import re
from math import atan2, cos, sin

from drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LINE,
    ORANGE,
    VERMILION,
    box,
    head,
    svg,
    tag,
    text,
)

WIDTH = 420  # of every figure: a phone's column shows it at six sevenths of its size
PURPLE = "#8A3D6B"
USER, ITEM, MIXED, TARGET, WEIGHT = BLUE, ORANGE, GREEN, VERMILION, PURPLE
TARGET_INK = "#A84A00"  # for words, which need more contrast than lines
GROUND, LEARNT = "#F7F9FB", "#E7ECF1"
SERIF = "'Source Serif 4', Cambria, 'Times New Roman', serif"
SHADES = (0.75, 0.3, 0.55, 0.15, 0.9, 0.4, 0.65, 0.2)
TOKEN = re.compile(r"_\{(.*?)\}|_(.)|\^\{(.*?)\}|\^(.)|([^\W\d_]+[\u0300-\u036f]?)")

INDEX = re.compile(r"&\w+;|[^\W\d_]+")


def tint(color, share):
    """Mix the colour with white: a share of 0 is nearly white, one of 1 the colour."""
    parts = [int(color[place : place + 2], 16) for place in (1, 3, 5)]
    mixed = [round(255 - (255 - part) * (0.08 + 0.92 * share)) for part in parts]
    return "#{:02X}{:02X}{:02X}".format(*mixed)


def letter(word, size, longest=1):
    """Return a letter in italics, a word or a name of a function upright."""
    if word[0] == "&" or len(word.rstrip("\u0300\u0301\u0302\u0303")) > longest:
        return word
    look = {"font_style": "italic", "font_family": SERIF, "font_size": size}
    return tag("tspan", word, **look)


def math(x, y, source, size=14, fill=INK, anchor="middle"):
    """Write a formula: ``_`` and ``^`` lower and raise what follows, or a {group}."""
    out, end, small = [], 0, round(0.8 * size, 1)
    for found in TOKEN.finditer(source):
        low, high = found[1] or found[2], found[3] or found[4]
        out.append(source[end : found.start()])
        end = found.end()
        if found[5]:
            out.append(letter(found[5], size + 2))
            continue
        shift = 4 if low else -5
        inner = INDEX.sub(lambda word: letter(word[0], small + 1, 2), low or high)
        out.append(tag("tspan", inner, dy=shift, font_size=small))
        out.append(tag("tspan", "\u200b", dy=-shift))
    look = {"font_size": size, "fill": fill, "text_anchor": anchor}
    return tag("text", "".join([*out, source[end:]]), x=x, y=y, **look)


def shape(x, y, source, anchor="start"):
    """Write the shape of an array beside the arrow that carries it."""
    return math(x, y, source, 13, GREY, anchor)


def path(*points, color=GREY, width=1.8, dash="none", tip=True):
    """Draw a line through the points, with an arrow head at the last one."""
    (x1, y1), (x2, y2) = points[-2:]
    angle, back = atan2(y2 - y1, x2 - x1), 6 if tip else 0
    last = round(x2 - back * cos(angle), 1), round(y2 - back * sin(angle), 1)
    line = " ".join(f"{x},{y}" for x, y in [*points[:-1], last])
    look = {"stroke": color, "stroke_width": width, "stroke_dasharray": dash}
    drawn = tag("polyline", points=line, fill="none", **look)
    return drawn + (head(x2, y2, angle, color, 8) if tip else "")


def up(x, bottom, top, label=None, color=GREY):
    """Draw an arrow upwards, with a shape to the right of its middle."""
    drawn = path((x, bottom), (x, top), color=color)
    return drawn + (shape(x + 8, (bottom + top) / 2 + 4, label) if label else "")


def numbers(start, n=4):
    """Return numbers for a vector's cells, different for each start."""
    return [((5 * index + 3 * start) % 7 + 1) / 8 for index in range(n)]


# -- arrays --------------------------------------------------------------------------


def vector(cx, top, color, n=4, side=14, values=SHADES, upright=False):
    """Draw a vector as a row of cells, or a column: the darker, the larger."""
    parts = []
    for index in range(n):
        x, y = cx - n * side / 2 + index * side, top
        if upright:
            x, y = cx - side / 2, top + index * side
        fill = tint(color, values[index % len(values)])
        parts.append(box(x, y, side, side, fill, color, 1))
    return "".join(parts)


def sparse(cx, top, n=6, hot=(2,), side=12, hidden=(), color=INK):
    """Draw a row of zeros with ones in it, and hatched cells where nothing is known."""
    parts = []
    for index in range(n):
        x = cx - n * side / 2 + index * side
        if index in hidden:
            parts.append(hatched(x, top, side))
            continue
        fill = color if index in hot else "#FFFFFF"
        parts.append(box(x, top, side, side, fill, LINE, 1))
    return "".join(parts)


def hatched(x, top, side, height=None):
    """Draw a cell that must not be seen: padding, the future, an unknown value."""
    height, step = height or side, 5
    lines = []
    for start in range(step, int(side + height), step):
        x1, y1 = min(start, side), max(0, start - side)
        x2, y2 = max(0, start - height), min(start, height)
        lines.append(f"M{x + x1:g} {top + y1:g}L{x + x2:g} {top + y2:g}")
    cross = tag("path", d="".join(lines), stroke=LINE, stroke_width=1)
    return box(x, top, side, height, GROUND, LINE, 1) + cross


def table(cx, top, color, rows=5, columns=4, hot=(2,), side=9):
    """Draw a table that is learnt, with the rows that are looked up."""
    left, parts = cx - columns * side / 2, []
    for row in range(rows):
        for column in range(columns):
            share = SHADES[(column + 3 * row) % 8] if row in hot else 0.06
            place = left + column * side, top + row * side
            parts.append(box(*place, side, side, tint(color, share), "#C9D3DB", 0))
    frame = {"stroke_width": 1.6}
    parts.append(box(left, top, columns * side, rows * side, "none", INK, 1, **frame))
    return "".join(parts)


def weights(left, top, rows, side=16, visible=lambda row, column: True):
    """Draw rows of attention weights, hatched where they may not look."""
    parts = []
    for row, shares in enumerate(rows):
        for column, share in enumerate(shares):
            place = left + column * side, top + row * side
            if visible(row, column):
                parts.append(box(*place, side, side, tint(WEIGHT, share), WEIGHT, 1))
            else:
                parts.append(hatched(*place, side))
    return "".join(parts)


def number(cx, top, share, words, width=42, height=26):
    """Draw a weight of attention: a cell as dark as it is, and its number."""
    cell = box(cx - width / 2, top, width, height, tint(WEIGHT, 0.6 * share), WEIGHT, 2)
    return cell + text(cx, top + height / 2 + 5, words, 13)


# -- what is done with them ----------------------------------------------------------


def learnt(cx, top, width, label, height=28, write=math):
    """Draw a layer with weights of its own: a framed box."""
    frame = box(cx - width / 2, top, width, height, LEARNT, INK, 4, stroke_width=1.6)
    return frame + write(cx, top + height / 2 + 5, label, 14)


def node(cx, cy, sign, radius=13, size=17):
    """Draw a calculation without weights: a round node."""
    size = 26 if sign == "·" else size  # a dot has to be seen
    ring = tag("circle", cx=cx, cy=cy, r=radius, fill=GROUND, stroke=INK)
    return ring + text(cx, cy + size / 3, sign, size)


def pill(cx, top, width, label, height=26, write=math):
    """Draw a calculation without weights whose name is longer than a sign."""
    frame = box(cx - width / 2, top, width, height, GROUND, INK, height / 2)
    return frame + write(cx, top + height / 2 + 5, label, 14)


def loss(cx, top, width, label, height=30):
    frame = box(
        cx - width / 2, top, width, height, "#FDF0E8", TARGET, 4, stroke_width=2
    )
    return frame + math(cx, top + height / 2 + 5, label, 14)


def group(x, top, width, height, label, color=LINE, anchor="start"):
    """Draw a dashed frame round layers that belong together, its name at the top."""
    dash = {"stroke_dasharray": "5 4"}
    frame = box(x, top, width, height, "none", color, 8, **dash)
    place = x + 10 if anchor == "start" else x + width - 10
    return frame + math(place, top + 18, label, 13, GREY, anchor)


def figure(height, parts, title):
    return svg(WIDTH, height, parts, title)
