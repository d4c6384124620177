"""Architectures that read what somebody took, in its order: DIN, GRU4Rec, SASRec."""

from itertools import pairwise

from drawing import GREY, text
from layers import (
    ITEM,
    MIXED,
    TARGET,
    USER,
    WEIGHT,
    figure,
    hatched,
    learnt,
    loss,
    math,
    node,
    number,
    numbers,
    path,
    shape,
    up,
    vector,
)


def looked_up(columns, names, top, label="embeddings of films"):
    """Return films at the bottom, and the vectors that the one table has for them."""
    parts = []
    for x, name in zip(columns, names, strict=True):
        if name:
            parts.append(vector(x, top, ITEM, 4, 12, numbers(len(name) + x // 64)))
            parts.append(up(x, top + 38, top + 14))
            parts += [up(x, top + 86, top + 66), text(x, top + 102, name, 14)]
        else:
            parts += [hatched(x - 24 + 12 * k, top, 12) for k in range(4)]
            parts.append(text(x, top + 102, "padding", 13, GREY))
    middle, width = (columns[0] + columns[-1]) / 2, columns[-1] - columns[0] + 62
    return [*parts, learnt(middle, top + 38, width, label, write=text)]


def layers_of_din():
    """Return the upper half: layers on a context, the candidate, their product."""
    parts = [loss(180, 14, 250, "−y \u2009ln \u2009σ(z) − (1−y) \u2009ln(1−σ(z))")]
    parts += [
        up(180, 80, 46),
        math(196, 68, "z"),
        learnt(180, 80, 150, "w^⊤ a_2 + b_i"),
    ]
    parts += [up(180, 130, 110), learnt(180, 130, 150, "ReLU(W_2 a_1 + b_2)")]
    parts += [up(180, 180, 160), learnt(180, 180, 150, "ReLU(W_1 x + b_1)")]
    parts += [up(180, 232, 210), math(96, 245, "x", anchor="end")]
    parts.append(shape(264, 245, "3f"))
    for place, color in enumerate((MIXED, ITEM, MIXED)):
        parts.append(vector(130 + 50 * place, 234, color, 4, 12, numbers(place)))
        parts.append(math(130 + 50 * place, 264, ("c", "s", "c ⊙ s")[place]))
    return parts


def din():
    columns, given, candidate = (52, 116, 180, 244), (None, 1.4, 0.1, 0.7), 362
    parts = [*layers_of_din(), up(130, 296, 270), node(130, 310, "Σ", 14, 16)]
    for x, share in zip(columns, given, strict=True):
        if share is None:
            parts += [hatched(x - 21, 352, 42, 26), text(x, 370, "0", 13)]
            continue
        look = {"tip": False, "color": WEIGHT, "width": round(1 + 5 * share, 1)}
        parts.append(path((x, 352), (130 + (x - 130) * 0.1, 323), **look))
        parts += [number(x, 352, share / 2, f"{share}"), up(x, 404, 380)]
    parts.append(math(272, 370, "α_t", anchor="start"))
    parts.append(text(302, 362, "of any size:", 13, GREY, "start"))
    parts.append(text(302, 379, "no softmax", 13, GREY, "start"))
    parts.append(path((candidate, 454), (candidate, 418), (278, 418), color=ITEM))
    for x in columns[1:]:
        parts += [up(x, 452, 434), learnt(x, 404, 58, "unit", write=text)]
    parts += [math(276, 467, "h_t", anchor="start"), math(398, 466, "s")]
    parts += looked_up(columns, ("", "Alien", "Dune", "Heat"), 454, "films and ages")
    parts += [vector(candidate, 454, ITEM, 4, 12, numbers(1)), up(candidate, 492, 468)]
    parts += [learnt(candidate, 492, 78, "films", write=text)]
    parts += [up(candidate, 540, 520), text(candidate, 556, "Coco", 14)]
    parts.append(text(148, 576, "taken so far", 13, GREY))
    parts.append(text(candidate, 576, "candidate", 13, GREY))
    return figure(588, parts, "DIN: the past, weighted anew for each candidate")


TAKEN, NEXT = ("Alien", "Dune", "Heat", "Up"), ("Dune", "Heat", "Up", "Coco")
STEPS = (76, 172, 268, 364)


def next_films(top):
    """Return the loss over all steps, a softmax over films at each, and what came."""
    parts = [loss(220, top, 372, "−ln π_t of the film that came next, mean over t")]
    for t, (x, name) in enumerate(zip(STEPS, NEXT, strict=True), 1):
        parts += [up(x, top + 54, top + 32), text(x, top + 68, name, 14, TARGET)]
        values = [((3 * t + 5 * k) % 7 + 1) / 12 for k in range(6)]
        values[(2 * t) % 6] = 0.95
        parts += [vector(x, top + 78, ITEM, 6, 11, values), up(x, top + 112, top + 91)]
    parts.append(math(36, top + 88, "π_t", anchor="end"))
    return parts


def gru4rec():
    parts = next_films(14)
    parts.append(learnt(220, 126, 372, "softmax(Q h_t + b), all n films"))
    for x in STEPS:
        parts += [
            up(x, 178, 156),
            vector(x, 180, USER, 4, 12, numbers(x // 50)),
            up(x, 222, 194),
        ]
        parts.append(learnt(x, 222, 58, "GRU", 36, text))
    for left, right in pairwise(STEPS):
        parts.append(path((left + 29, 240), (right - 31, 240), color=USER))
    parts.append(math(220, 233, "h_2", 13, USER))
    parts += [math(124, 233, "h_1", 13, USER), math(316, 233, "h_3", 13, USER)]
    parts += [path((22, 240), (45, 240), color=USER), math(14, 245, "0")]
    parts.append(math(46, 191, "h_t", anchor="end"))
    for x in STEPS:
        parts.append(up(x, 290, 260))
    parts += looked_up(STEPS, TAKEN, 292)
    return figure(410, parts, "GRU4Rec: a memory that is rewritten at each step")


FIGURES = {"din": din, "gru4rec": gru4rec}
