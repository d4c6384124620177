"""Architectures that attend to a few steps of a sequence, or to one ad's past."""

from math import exp, sqrt

from drawing import GREY, LINE, box, text
from layers import (
    ITEM,
    MIXED,
    USER,
    WEIGHT,
    figure,
    group,
    hatched,
    learnt,
    math,
    node,
    number,
    path,
    pill,
    shape,
    up,
    vector,
    weights,
)

# Six steps, the first of them padding, and a query; every number drawn follows.
STEPS = [(), (3, 0, 1, 0), (0, 2, 1, 3), (2, 1, 3, 0), (0, 3, 0, 1), (3, 1, 2, 1)]
QUERY = (2, 0, 1, 0)
COLUMNS = [104 + 54 * t for t in range(6)]


def scores():
    """Return e_t of every step, None of padding."""
    d = len(QUERY)
    found = []
    for h in STEPS:
        dot = sum(a * b for a, b in zip(QUERY, h, strict=False))
        found.append(dot / sqrt(d) if h else None)
    return found


def softmax(found):
    powers = [0.0 if e is None else exp(e) for e in found]
    return [power / sum(powers) for power in powers]


def weighted(shares, top, bottom, cx=239):
    """Return the weighted sum: a line from every weight, as wide as it is."""
    parts = []
    for x, share in zip(COLUMNS, shares, strict=True):
        if share:
            look = {"tip": False, "color": WEIGHT, "width": round(1 + 9 * share, 1)}
            parts.append(path((x, bottom), (cx + (x - cx) * 0.12, top + 13), **look))
    return [*parts, node(cx, top, "Σ", 16)]


def attention():
    found = scores()
    shares = softmax(found)
    real = [(a, h) for a, h in zip(shares, STEPS, strict=True) if h]
    context = [sum(a * h[place] for a, h in real) / 3 for place in range(len(QUERY))]
    parts = [vector(239, 14, MIXED, 4, 16, context), math(200, 27, "c", anchor="end")]
    parts += [shape(276, 27, "= Σ_t α_t h_t"), up(239, 72, 32)]
    parts += weighted(shares, 90, 140)
    parts.append(math(70, 159, "α_t", anchor="end"))
    for x, share, e in zip(COLUMNS, shares, found, strict=True):
        if e is None:
            parts += [hatched(x - 21, 140, 42, 26), text(x, 158, "0", 13)]
            parts += [hatched(x - 21, 254, 42, 26)]
            parts += [hatched(x - 8, 374 + 16 * k, 16) for k in range(4)]
            continue
        parts += [
            number(x, 140, share, f"{share:.2f}"),
            up(x, 192, 168),
            up(x, 252, 220),
        ]
        parts.append(box(x - 21, 254, 42, 26, "none", WEIGHT, 2))
        parts += [text(x, 272, f"{e:.1f}", 13), up(x, 306, 282)]
    parts.append(
        pill(239, 194, 318, "softmax over the steps that are real", write=text)
    )
    parts.append(math(70, 273, "e_t", anchor="end"))
    parts.append(path((56, 320), (COLUMNS[-1] - 14, 320), color=USER))
    for x, h in zip(COLUMNS[1:], STEPS[1:], strict=True):
        parts += [up(x, 372, 335), node(x, 320, "·", 14, 24)]
        values = [value / 3 for value in h]
        parts.append(vector(x, 374, ITEM, 4, 16, values, upright=True))
    parts.append(vector(40, 288, USER, 4, 16, [v / 3 for v in QUERY], upright=True))
    parts.append(shape(40, 372, "s^⊤ h_t / √d", "middle"))
    parts += [math(40, 280, "s"), math(70, 411, "h_t", anchor="end")]
    for t, x in enumerate(COLUMNS, 1):
        parts.append(text(x, 458, "padding" if t == 1 else f"{t}", 13, GREY))
    parts.append(text(70, 458, "step", 13, GREY, "end"))
    values = [(COLUMNS[-1] + 10, 400), (404, 400), (404, 90), (257, 90)]
    parts.append(path(*values, color=ITEM))
    parts.append(text(398, 82, "values", 13, GREY, "end"))
    return figure(470, parts, "Attention: scores, weights and a weighted average")


def matrix(cx, top, color, columns=6, start=0, gap=0):
    """Draw four vectors, one a row; with a gap, cut into two heads."""
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
