"""Architectures that attend to a few steps of a sequence, or to one ad's past."""

from math import exp

from drawing import GREY, LINE, box, text
from layers import (
    ITEM,
    MIXED,
    USER,
    WEIGHT,
    figure,
    group,
    learnt,
    math,
    node,
    number,
    path,
    pill,
    shape,
    tint,
    up,
    vector,
    weights,
)

# The six films and the query that chapter 4.4 works by hand: thrill, and warmth.
STEPS = [(2, 0), (2, 1), (1, 0), (0, 2), (0, 1), (1, 2)]
FILMS = ("Alien", "Dune", "Heat", "Up", "Coco", "Babe")
QUERY = (1, 0)
COLUMNS = [104 + 54 * t for t in range(6)]


def softmax(found):
    powers = [0.0 if e is None else exp(e) for e in found]
    return [power / sum(powers) for power in powers]


def weighted(shares, top, bottom, cx=239):
    """Return the weighted sum: a line from every weight, as wide as it is."""
    parts = []
    for x, share in zip(COLUMNS, shares, strict=True):
        look = {"tip": False, "color": WEIGHT, "width": round(1 + 9 * share, 1)}
        parts.append(path((x, bottom), (cx + (x - cx) * 0.12, top + 13), **look))
    return [*parts, node(cx, top, "Σ", 16)]


def column(cx, top, color, values, words="{}"):
    """Draw a vector upright, with its numbers in the cells."""
    parts, height, width = [], 24, 26 if words == "{}" else 40
    for place, value in enumerate(values):
        y, fill = top + height * place, tint(color, 0.3 * value)
        parts.append(box(cx - width / 2, y, width, height, fill, color, 1))
        parts.append(text(cx, y + 17, words.format(value), 13))
    return "".join(parts)


def attention():
    found = [sum(a * b for a, b in zip(QUERY, h, strict=True)) for h in STEPS]
    shares = softmax(found)
    pairs = list(zip(shares, STEPS, strict=True))
    context = [sum(share * h[place] for share, h in pairs) for place in (0, 1)]
    parts = [column(239, 14, MIXED, context, "{:.2f}")]
    parts += [math(208, 43, "c", anchor="end"), shape(272, 43, "= Σ_t α_t h_t")]
    parts += [up(239, 94, 64), *weighted(shares, 108, 158)]
    parts.append(math(70, 177, "α_t", anchor="end"))
    for x, share, e in zip(COLUMNS, shares, found, strict=True):
        parts += [number(x, 158, share, f"{share:.2f}"), up(x, 210, 186)]
        parts += [up(x, 270, 238), box(x - 21, 272, 42, 26, "none", WEIGHT, 2)]
        parts += [text(x, 290, e, 13), up(x, 324, 300)]
    parts.append(pill(239, 212, 318, "softmax: positive, adding up to 1", write=text))
    parts.append(math(70, 291, "e_t", anchor="end"))
    parts.append(path((56, 338), (COLUMNS[-1] - 14, 338), color=USER))
    for x, h, film in zip(COLUMNS, STEPS, FILMS, strict=True):
        parts += [up(x, 378, 353), node(x, 338, "·", 14)]
        parts += [column(x, 380, ITEM, h), text(x, 448, film, 13)]
    parts += [column(40, 314, USER, QUERY), math(40, 305, "s")]
    parts += [shape(40, 384, "s^⊤ h_t", "middle"), math(78, 409, "h_t", anchor="end")]
    values = [(COLUMNS[-1] + 15, 404), (404, 404), (404, 108), (257, 108)]
    parts += [path(*values, color=ITEM), text(398, 100, "values", 13, GREY, "end")]
    return figure(458, parts, "Attention: scores, weights and a weighted average")


def matrix(cx, top, color, columns=6, start=0, gap=0):
    """Draw four vectors, one in each row; a gap cuts them into two heads."""
    parts = []
    for row in range(4):
        values = [((7 * row + 5 * place + start) % 8 + 1) / 9 for place in range(6)]
        if not gap:
            parts.append(vector(cx, top + 12 * row, color, columns, 12, values))
            continue
        for half in (0, 1):
            x = cx - 18 - gap / 2 if half == 0 else cx + 18 + gap / 2
            part = values[3 * half : 3 * half + 3]
            parts.append(vector(x, top + 12 * row, color, 3, 12, part))
    return "".join(parts)


def multi_head():
    parts = [matrix(210, 14, MIXED, start=3), shape(254, 42, "T × d")]
    parts += [up(210, 90, 64), learnt(210, 90, 100, "W^O"), up(210, 142, 120)]
    parts += [matrix(210, 144, MIXED, start=5, gap=8), shape(260, 172, "T × d")]
    for k, x, dash in ((1, 108, "none"), (2, 312, "5 3")):
        parts.append(group(x - 94, 218, 188, 196, f"head {k}"))
        parts.append(matrix(x, 250, MIXED, 3, 5 * k))
        side = -26 if k == 1 else 26
        parts.append(path((x, 248), (x, 206), (210 + side, 206), (210 + side, 194)))
        parts += [up(x, 336, 300), shape(x + 22, 278, "T × d/2")]
        shares = [
            [((5 * r + 3 * c + 4 * k) % 7) / 7 for c in range(4)] for r in range(4)
        ]
        parts += [weights(x - 32, 338, shares), shape(x + 38, 374, "T × T")]
        parts.append(text(x - 38, 374, "weights", 13, GREY, "end"))
        for source in (80, 210, 340):
            start = source - 22 if k == 1 else source + 22
            look = {"dash": dash, "color": GREY if k == 1 else LINE}
            parts.append(path((start, 452), (x + (source - 210) / 3, 416), **look))
    for x, name in ((80, "Q"), (210, "K"), (340, "V")):
        parts.append(matrix(x, 454, ITEM, start=x // 10, gap=8))
        parts.append(math(x + 48, 482, name))
        parts += [up(x, 530, 506), learnt(x, 530, 84, f"W^{name}"), up(x, 580, 560)]
    parts.append(path((80, 580), (340, 580), tip=False))
    parts += [path((210, 596), (210, 580), tip=False), matrix(210, 596, ITEM)]
    parts += [math(160, 624, "X", anchor="end"), shape(254, 624, "T steps × d")]
    return figure(656, parts, "Multi-head attention: two small attentions side by side")


FIGURES = {"attention": attention, "multi-head": multi_head}
