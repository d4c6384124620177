"""Architectures that read what somebody took, in its order: DIN, GRU4Rec, SASRec."""

from drawing import GREY, LINE, text
from layers import (
    ITEM,
    MIXED,
    TARGET_INK,
    USER,
    WEIGHT,
    figure,
    group,
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
    weights,
)
from steps import softmax


def looked_up(columns, names, top, label="embeddings of films"):
    """Return films at the bottom, and their vectors from the shared table."""
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
    return [*parts, learnt(middle, top + 38, width, label)]


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
    columns, given, candidate = (52, 116, 180, 244), (None, 1.4, -0.3, 0.7), 362
    parts = [*layers_of_din(), up(130, 296, 270), node(130, 310, "Σ", 14, 16)]
    for x, share in zip(columns, given, strict=True):
        if share is None:
            parts += [hatched(x - 21, 352, 42, 26), text(x, 370, "0", 13)]
            continue
        look = {"tip": False, "color": WEIGHT, "width": round(1 + 5 * abs(share), 1)}
        look |= {"dash": "none" if share > 0 else "4 3"}
        parts.append(path((x, 352), (130 + (x - 130) * 0.1, 323), **look))
        words = f"{share}".replace("-", "−")
        parts += [number(x, 352, max(share, 0) / 2, words), up(x, 404, 380)]
    parts.append(math(272, 370, "w_t", anchor="start"))
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


STEPS = (76, 172, 268, 364)
TAKEN, NEXT = ("", "Alien", "Dune", "Heat"), ("", "Dune", "Heat", "Up")


def next_films(top, output):
    """Return the loss, and at every step a softmax over films and what came next."""
    parts = [loss(220, top, 372, "−ln π_t of the film that came next, mean over t")]
    for t, (x, name) in enumerate(zip(STEPS, NEXT, strict=True)):
        if name:
            values = numbers(t, 6)
            values[(2 * t) % 6] = 1.0
            parts += [
                up(x, top + 54, top + 32),
                text(x, top + 68, name, 14, TARGET_INK),
            ]
            parts.append(vector(x, top + 78, ITEM, 6, 11, values))
            parts.append(up(x, top + 112, top + 91))
    parts.append(math(STEPS[1] - 42, top + 88, "π_t", anchor="end"))
    parts.append(learnt(220, top + 112, 372, f"softmax({output} + b): Q is used again"))
    for x in STEPS[1:]:
        parts.append(vector(x, top + 164, USER, 4, 12, numbers(x // 50)))
        parts.append(up(x, top + 162, top + 142))
    parts += [shape(STEPS[3] + 38, top + 88, "n"), shape(STEPS[3] + 29, top + 175, "f")]
    return [*parts, math(STEPS[1] - 32, top + 175, "h_t", anchor="end")]


def gru4rec():
    parts = next_films(14, "Q (V h_t + c)")
    for x in STEPS[1:]:
        parts += [up(x, 218, 192), learnt(x, 218, 58, "GRU", 36, text), up(x, 278, 256)]
    starts = STEPS[0] + 4, STEPS[1] + 29, STEPS[2] + 29
    for t, (left, right) in enumerate(zip(starts, STEPS[1:], strict=True)):
        parts.append(path((left, 236), (right - 31, 236), color=USER))
        parts.append(math((left + right - 32) / 2, 229, f"h_{t}", 13, USER))
    parts.append(math(STEPS[0] - 4, 241, "0", anchor="end"))
    parts += looked_up(STEPS, TAKEN, 280, "films' table Q")
    return figure(396, parts, "GRU4Rec: a memory that is rewritten at each step")


def causal(row, column):
    """Whether a step may see another: itself and earlier steps, but no padding."""
    return 1 <= column <= row


def block(top):
    """Return a block of SASRec: two branches, whose results are added to the stream."""
    parts, stream = [group(30, top, 378, 252, "one of the blocks", anchor="end")], 78
    parts.append(path((stream, top + 252), (stream, top + 178)))
    parts += [path((stream, top + 150), (stream, top + 68)), up(stream, top + 40, top)]
    for y, width, label in (
        (top + 30, 206, "W_2 ReLU(W_1 x + b_1) + b_2"),
        (top + 140, 150, "attention"),
    ):
        parts += [node(stream, y + 24, "+"), path((140, y + 24), (93, y + 24))]
        parts += [
            learnt(140 + width / 2, y + 10, width, label),
            up(215, y + 58, y + 40),
        ]
        parts.append(learnt(215, y + 58, 150, "normalise, LN", 26, text))
        parts.append(path((stream, y + 98), (215, y + 98), (215, y + 86)))
    shares = [[0.0] * 4]
    for n in (1, 2, 3):
        shares.append(softmax([None, *range(n), *[None] * (3 - n)]))
    parts.append(shape(stream + 8, top + 222, "T × f"))
    parts.append(shape(352, top + 138, "T × T", "middle"))
    parts.append(weights(320, top + 146, shares, 16, causal))
    parts.append(path((314, top + 164), (292, top + 164), tip=False, color=LINE))
    parts.append(text(352, top + 226, "no future,", 13, GREY))
    parts.append(text(352, top + 242, "no padding", 13, GREY))
    return parts


def sasrec():
    parts = [
        *next_films(14, "Q h_t"),
        learnt(220, 210, 372, "normalise, LN", 26, text),
        *block(252),
    ]
    for x in STEPS[1:]:
        parts += [up(x, 208, 192), up(x, 252, 238), up(x, 522, 506), up(x, 568, 552)]
    parts.append(learnt(220, 524, 372, "+ a vector for each place", write=text))
    parts += looked_up(STEPS, TAKEN, 570, "films' table Q")
    return figure(686, parts, "SASRec: each step attends to itself and its past")


FIGURES = {"din": din, "gru4rec": gru4rec, "sasrec": sasrec}
