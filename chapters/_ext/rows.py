"""Architectures that read a whole row, or a graph: autoencoders, LightGCN, triples."""

from drawing import GREY, INK, LINE, box, tag, text
from layers import (
    ITEM,
    LEARNT,
    MIXED,
    TARGET,
    USER,
    figure,
    hatched,
    learnt,
    loss,
    math,
    node,
    path,
    pill,
    shape,
    sparse,
    tint,
    up,
    vector,
)

PEOPLE = ("Ann", "Bob", "Cem", "Dee", "Eve")


def stars(left, top, values, color, side=44, height=26):
    """Return a row of cells with a number in each, hatched where it is not known."""
    parts = []
    for index, value in enumerate(values):
        x = left + index * side
        if value is None:
            parts.append(hatched(x, top, side, height))
            continue
        fill = tint(color, float(value) / 8)
        parts.append(box(x, top, side, height, fill, color, 1))
        parts.append(text(x + side / 2, top + 18, value, 14))
    return parts


def autorec():
    known = (4, 5, 4, 2, None)
    parts = [loss(190, 14, 250, "Σ_{u known} (r_{ui} − r̂_{ui})^2 + penalty")]
    parts.append(math(66, 132, "r̂_i", anchor="end"))
    parts += stars(80, 114, ("4.2", "4.6", "4.3", "1.8", "2.1"), ITEM)
    for index, value in enumerate(known):
        if value is not None:
            parts.append(up(102 + 44 * index, 112, 46, color=TARGET))
    parts.append(text(308, 84, "a prediction,", 13, GREY, "start"))
    parts.append(text(308, 101, "no term in the loss", 13, GREY, "start"))
    parts += [up(190, 176, 142), shape(198, 164, "m")]
    parts.append(learnt(190, 176, 150, "W h + b"))
    parts += [up(190, 238, 206), vector(190, 238, ITEM, 5)]
    parts += [math(146, 250, "h", anchor="end"), shape(234, 250, "f")]
    parts += [up(190, 286, 254), learnt(190, 286, 150, "g(V r + μ)")]
    parts += [up(190, 354, 316), shape(198, 340, "m")]
    parts.append(math(66, 374, "r_i", anchor="end"))
    parts += stars(80, 356, known, ITEM)
    for index, name in enumerate(PEOPLE):
        parts.append(text(102 + 44 * index, 400, name, 13))
    parts.append(text(308, 366, "not known:", 13, GREY, "start"))
    parts.append(text(308, 383, "goes in as 0", 13, GREY, "start"))
    return figure(412, parts, "AutoRec: a film's ratings, squeezed and given back")


SHARES = (0.2, 0.9, 0.1, 0.3, 0.6, 0.1, 0.2, 0.5, 0.1, 0.8, 0.3, 0.1)


def decoder():
    """Return what MultDAE and MultVAE share: from z to a probability for each film."""
    parts = [up(170, 78, 46), math(78, 92, "π_u", anchor="end")]
    parts.append(vector(170, 80, ITEM, 12, values=SHARES))
    parts += [up(170, 120, 96), shape(178, 112, "n"), pill(170, 120, 100, "softmax")]
    parts += [up(170, 168, 148), learnt(170, 168, 170, "W_4 h + b_4")]
    parts += [up(170, 218, 198), learnt(170, 218, 170, "tanh(W_3 z + b_3)")]
    parts += [up(170, 272, 248), vector(170, 272, USER)]
    parts += [math(134, 284, "z_u", anchor="end"), shape(206, 284, "f")]
    return parts


def multvae():
    parts = [loss(200, 14, 270, "−Σ_i x_{ui} \u2009ln \u2009π_{ui} + β KL"), *decoder()]
    parts += [up(170, 318, 288), node(170, 332, "+")]
    parts += [path((170, 400), (170, 347)), node(262, 332, "⊙")]
    parts += [path((248, 332), (185, 332)), path((262, 400), (262, 347))]
    parts += [sparse(330, 325, 4, (), 14), path((300, 332), (277, 332))]
    for index in range(4):
        parts.append(box(302 + 14 * index, 325, 14, 14, "#E3E3E3", GREY, 1))
    parts += [math(330, 318, "ε ∼ N(0, I)"), text(330, 356, "a draw", 13, GREY)]
    parts += [vector(170, 402, USER), vector(262, 402, MIXED, values=SHARES)]
    parts += [
        math(134, 414, "μ_u", anchor="end"),
        math(298, 414, "σ_u", anchor="start"),
    ]
    bend = [(338, 409), (396, 409), (396, 60), (312, 60), (312, 46)]
    parts.append(path((320, 409), *bend[1:], color=TARGET, dash="4 3"))
    parts.append(text(390, 300, "KL", 13, TARGET, "end"))
    left = [(134, 425), (58, 425), (58, 279), (110, 279)]
    parts.append(path((170, 425), *left[1:3], (108, 279), dash="6 4"))
    parts.append(text(66, 372, "MultDAE", 13, GREY, "start"))
    parts += [up(170, 446, 418), up(262, 446, 418)]
    parts += [learnt(216, 446, 170, "W_2 h + b_2"), up(216, 496, 476)]
    parts += [learnt(216, 496, 170, "tanh(W_1 x + b_1)"), up(216, 546, 526)]
    parts += [pill(216, 546, 210, "x_u / ‖x_u‖, dropout"), up(216, 598, 574)]
    parts += [sparse(216, 600, 12, (1, 4, 9), 14), math(124, 612, "x_u", anchor="end")]
    parts.append(shape(306, 612, "n films"))
    return figure(628, parts, "MultVAE, and MultDAE as its path without sampling")


PLACES = {"user": (62, 112, 162), "item": (238, 288, 338)}
EDGES = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2)]  # who has which film


def graph(y, share):
    """Return the people and the films of a layer, as dots."""
    parts = []
    for kind, color in (("user", USER), ("item", ITEM)):
        for x in PLACES[kind]:
            look = {"fill": tint(color, share), "stroke": color}
            parts.append(tag("circle", cx=x, cy=y, r=10, **look))
    return parts


def spread(low, high):
    """Return the edges along which a layer passes to the next; Ann's are dark."""
    parts = []
    for user, item in EDGES:
        u, i = PLACES["user"][user], PLACES["item"][item]
        look = {"tip": False, "color": LINE, "width": 1.3}
        parts.append(path((u, low - 11), (i, high + 11), **look))
        if user != 0:
            parts.append(path((i, low - 11), (u, high + 11), **look))
    for user, item in EDGES[:2]:
        ends = (PLACES["item"][item], low - 10), (PLACES["user"][user] + 4, high + 12)
        parts.append(path(*ends, color=INK))
    return parts


def lightgcn():
    """Three people and three films; each layer averages what the one below it says."""
    parts = [loss(200, 14, 310, "−ln softmax(ŝ_u) at films of u, + penalty")]
    parts += [up(200, 80, 46), math(222, 68, "ŝ_{ui}"), node(200, 94, "·")]
    parts += [vector(112, 128, USER), vector(288, 128, ITEM)]
    parts += [path((112, 126), (112, 94), (185, 94))]
    parts += [path((288, 126), (288, 94), (215, 94))]
    parts += [math(78, 140, "e_u", anchor="end"), math(322, 140, "e_i", anchor="start")]
    parts += [up(112, 170, 144), up(288, 170, 144), shape(120, 162, "f")]
    parts.append(pill(200, 170, 250, "mean of all layers", write=text))
    for layer, y in ((2, 244), (1, 324), (0, 404)):
        parts += [*graph(y, 0.9 - 0.3 * layer), *(spread(y + 80, y) if layer else [])]
        parts.append(math(386, y + 5, f"E^{{({layer})}}"))
        parts.append(path((404, y), (412, y), (412, 183), tip=False, color=LINE))
        if layer < 2:
            parts += [up(386, y - 16, y - 58), math(376, y - 34, "Â", anchor="end")]
    parts.append(path((412, 183), (328, 183), color=LINE))
    for x, name in zip(PLACES["user"], ("Ann", "Bob", "Cem"), strict=True):
        parts.append(text(x, 434, name, 13))
    for x, name in zip(PLACES["item"], ("Alien", "Dune", "Heat"), strict=True):
        parts.append(text(x, 434, name, 13))
    frame = {"stroke_width": 1.6}
    parts.insert(0, box(40, 386, 320, 36, LEARNT, INK, 4, **frame))
    parts.append(text(200, 460, "learnt: a vector of f numbers each", 13, GREY))
    return figure(472, parts, "LightGCN: smooth over the graph, then average layers")


FIGURES = {
    "autorec": autorec,
    "multvae": multvae,
    "lightgcn": lightgcn,
}
