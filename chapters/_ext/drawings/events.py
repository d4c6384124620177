"""The architecture that attends to events of several kinds: MultiBehaviour."""

from drawing import GREY, text
from layers import (
    ITEM,
    MIXED,
    USER,
    WEIGHT,
    figure,
    learnt,
    loss,
    math,
    node,
    number,
    numbers,
    path,
    pill,
    shape,
    up,
    vector,
)

EVENTS = [  # centre, what was done, with what, weight of attention
    (126, "view", "lamp", 0.15),
    (194, "cart", "lamp", 0.55),
    (262, "view", "desk", 0.3),
]
NOW = 360
KINDS = ("item", "behaviour", "age", "context")


def sums(top):
    """Return the sums of embeddings that make up the events and the query."""
    parts = []
    for line, name in enumerate(KINDS):
        y = top + 28 + 17 * line
        parts.append(text(88, y + 11, name, 13, GREY, "end"))
        for x, *_ in EVENTS if line < 3 else ():  # an event has no context of its own
            color = GREY if line else ITEM
            parts.append(vector(x, y, color, 4, 12, numbers(line + x // 17)))
        if line != 2:
            color = GREY if line else USER
            parts.append(vector(NOW, y, color, 4, 12, numbers(line + 5)))
    for x, behaviour, item, _ in EVENTS:
        parts += [text(x, top + 116, behaviour, 13), text(x, top + 132, item, 13)]
    parts += [text(NOW, top + 116, "purchase?", 13), text(NOW, top + 132, "now", 13)]
    parts.append(text(NOW + 28, top + 39, "user", 13, GREY, "start"))
    for x in [x for x, *_ in EVENTS] + [NOW]:
        parts += [up(x, top + 26, top + 2), node(x, top - 8, "+", 10, 15)]
        color, y = (USER if x == NOW else ITEM), top - 52
        parts += [
            up(x, top - 19, top - 38),
            vector(x, y, color, 4, 12, numbers(x // 9)),
        ]
    return parts


def multi_behaviour():
    parts = [loss(194, 14, 250, "−ln π of the item that was bought")]
    parts += [up(194, 64, 46), vector(194, 66, ITEM, 8, 12, numbers(2, 8))]
    parts += [math(140, 77, "π", anchor="end"), shape(250, 77, "n"), up(194, 98, 80)]
    parts += [learnt(194, 98, 200, "softmax(Q z + d + Σ g_t)"), up(194, 146, 128)]
    parts += [math(304, 117, "Q: same item table", 12, GREY, "start")]
    parts += [vector(194, 148, MIXED, 4, 12), math(164, 159, "z", anchor="end")]
    parts += [up(194, 180, 162), learnt(194, 180, 200, "W [s; c] + layers")]
    parts += [up(194, 228, 210), vector(168, 230, MIXED, 4, 12, numbers(6))]
    parts += [vector(220, 230, USER, 4, 12, numbers(4)), math(134, 241, "c")]
    parts += [math(254, 241, "s"), up(168, 258, 244), node(168, 272, "Σ", 14, 16)]
    for x, _, _, share in EVENTS:
        width = round(1 + 9 * share, 1)
        ends = (x, 312), (168 + (x - 168) * 0.1, 286)
        parts.append(path(*ends, tip=False, color=WEIGHT, width=width))
        parts += [number(x, 312, share, f"{share:.2f}"), up(x, 360, 340)]
        parts += [up(x, 408, 388), learnt(x, 410, 62, "f(h_t, s)"), up(x, 460, 440)]
    parts.append(math(88, 330, "α_t", anchor="end"))
    parts.append(pill(194, 361, 220, "softmax, in each head", write=text))
    parts += [math(88, 473, "h_t", anchor="end"), math(NOW + 34, 473, "s")]
    parts.append(path((NOW, 460), (NOW, 424), (296, 424), color=USER))
    again = (95, 424), (22, 424), (22, 112), (92, 112)
    parts += [path(*again, color=ITEM), math(32, 218, "g_t", anchor="start")]
    parts.append(text(32, 236, "to its", 13, GREY, "start"))
    parts.append(text(32, 252, "own item", 13, GREY, "start"))
    parts += sums(514)
    return figure(656, parts, "MultiBehaviour: attention over events of every kind")


FIGURES = {"multi-behaviour": multi_behaviour}
