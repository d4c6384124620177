"""Architectures that read a whole row, or a graph: autoencoders, LightGCN, triples."""

from drawing import GREY, INK, LINE, box, tag, text
from layers import (
    ITEM,
    LEARNT,
    MIXED,
    TARGET,
    TARGET_INK,
    USER,
    figure,
    hatched,
    learnt,
    loss,
    math,
    node,
    numbers,
    path,
    pill,
    shape,
    sparse,
    tint,
    up,
    vector,
)

PEOPLE = ("Ann", "Bob", "Cem", "Dee", "Eve")


def stars(left, top, values, side=44, height=26):
    """Return a row of cells with a number in each, hatched where it is not known."""
    parts = []
    for index, value in enumerate(values):
        x = left + index * side
        if value is None:
            parts.append(hatched(x, top, side, height))
            continue
        parts.append(box(x, top, side, height, tint(ITEM, 0.3), ITEM, 1))
        parts.append(text(x + side / 2, top + 18, value, 14))
    return parts


HEAT = {"Ann": (4, 17 / 5), "Bob": (5, 17 / 5), "Cem": (4, 10 / 3), "Dee": (2, 17 / 5)}
MEANS = 15 / 4 - 3.5  # Heat's mean less that of all ratings of the toy table


def deviations():
    """Return the ratings of Heat less the baseline of film and person."""
    found = [stars - mean - MEANS for stars, mean in HEAT.values()]
    return [f"{d:+.1f}".replace("-", "−") for d in found]


def autorec():
    """The row of Heat in the toy table, which Eve has not rated."""
    known = deviations()
    parts = [loss(190, 14, 300, "mean of (d_{ui} − d̂_{ui})^2 over what is known")]
    parts.append(math(66, 132, "d̂_i", anchor="end"))
    for index in range(5):
        share = numbers(index)[0]
        parts.append(box(80 + 44 * index, 114, 44, 26, tint(ITEM, share), ITEM, 1))
        if index < 4:
            parts.append(up(102 + 44 * index, 112, 46, color=TARGET))
    parts.append(text(308, 124, "Eve's: predicted,", 13, GREY, "start"))
    parts.append(text(308, 141, "not in the loss", 13, GREY, "start"))
    parts += [
        up(190, 174, 142),
        shape(198, 162, "m"),
        learnt(190, 174, 150, "W h + c'"),
    ]
    parts += [up(190, 232, 204), vector(190, 234, ITEM, 5)]
    parts += [math(146, 246, "h", anchor="end"), shape(234, 246, "f")]
    parts += [up(190, 280, 250), learnt(190, 280, 150, "σ(V z + c)")]
    parts += [up(190, 346, 310), shape(198, 332, "2m"), math(24, 376, "z")]
    parts.append(math(66, 366, "d_i", anchor="end"))
    parts += stars(80, 348, [*known, None])
    parts.append(math(66, 395, "o_i", anchor="end"))
    for index, (name, o) in enumerate(zip(PEOPLE, (1, 1, 1, 1, 0), strict=True)):
        x = 80 + 44 * index
        parts.append(box(x, 378, 44, 24, INK if o else "#FFFFFF", LINE, 1))
        parts.append(text(x + 22, 395, o, 14, "#FFFFFF" if o else INK))
        parts.append(text(x + 22, 420, name, 13))
    parts.append(text(308, 366, "not known: 0", 13, GREY, "start"))
    parts.append(text(308, 395, "rated or not", 13, GREY, "start"))
    parts.append(
        path((48, 350), (38, 350), (38, 400), (48, 400), tip=False, color=LINE)
    )
    return figure(432, parts, "AutoRec: a film's ratings, squeezed and given back")


SHARES = (0.2, 0.9, 0.1, 0.3, 0.6, 0.1, 0.2, 0.5, 0.1, 0.8, 0.3, 0.1)


def multvae():
    parts = [loss(204, 14, 280, "−Σ_i x_{ui} \u2009ln \u2009π_{ui} + β KL")]
    parts += [up(190, 78, 46), math(98, 92, "π_u", anchor="end")]
    parts += [vector(190, 80, ITEM, 12, values=SHARES), up(190, 120, 96)]
    parts += [shape(198, 112, "n"), pill(190, 120, 100, "softmax"), up(190, 168, 148)]
    parts += [learnt(190, 168, 150, "W_2 z + b_2"), up(190, 222, 198)]
    parts += [vector(190, 224, USER), math(226, 236, "z_u", anchor="start")]
    parts += [shape(256, 236, "f"), up(190, 270, 240), node(190, 284, "+")]
    parts += [up(190, 336, 299), vector(190, 338, USER, values=numbers(4))]
    parts += [
        math(154, 350, "μ_u", anchor="end"),
        up(296, 336, 299),
        node(296, 284, "⊙"),
    ]
    parts += [vector(296, 338, MIXED, values=numbers(2)), path((282, 284), (205, 284))]
    parts += [math(262, 350, "σ_u", anchor="end"), path((332, 284), (312, 284))]
    parts.append(vector(362, 277, GREY, values=numbers(6)))
    parts += [math(362, 268, "ε ∼ N(0, I)"), text(362, 308, "drawn", 13, GREY)]
    parts.append(path((326, 345), (404, 345), tip=False, color=TARGET, dash="4 3"))
    rise = (404, 345), (404, 60), (320, 60), (320, 46)
    parts.append(path(*rise, color=TARGET, dash="4 3"))
    parts.append(text(398, 190, "KL", 13, TARGET_INK, "end"))
    for x, name in ((190, "μ"), (296, "σ")):
        parts += [up(x, 378, 354), learnt(x, 378, 98, f"W_{name} x + b_{name}")]
        parts.append(up(x, 430, 408))
    dashed = {"stroke_dasharray": "6 4", "stroke_width": 1.6}
    parts.append(box(8, 290, 124, 28, "none", INK, 4, **dashed))
    parts += [math(70, 309, "tanh(W_1 x + b_1)"), text(70, 338, "MultDAE", 13, GREY)]
    parts.append(path((70, 288), (70, 231), (158, 231), dash="6 4"))
    parts.append(path((70, 430), (70, 346), dash="6 4"))
    parts += [
        path((70, 430), (296, 430), tip=False),
        path((190, 450), (190, 430), tip=False),
    ]
    parts += [pill(190, 450, 230, "x_u / ‖x_u‖, parts hidden"), up(190, 504, 478)]
    parts += [sparse(190, 506, 12, (1, 4, 9), 14), math(98, 518, "x_u", anchor="end")]
    parts.append(shape(282, 518, "n films"))
    return figure(534, parts, "MultVAE, and MultDAE beside it without sampling")


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
    """Three people and three films; each layer averages the one below."""
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


FACTS = [(224, "Sci-Fi", "genre"), (302, "Alien", "series"), (380, "1970s", "decade")]


def facts(top):
    """Return the facts about a film: an entity's vector less that of the relation."""
    parts = [text(302, top + 140, "what is known of it", 13, GREY)]
    for x, entity, relation in FACTS:
        start = len(entity + relation)
        parts += [up(x, top + 24, top), node(x, top + 38, "−", 12)]
        for side, color in ((-1, ITEM), (1, GREY)):
            foot, joint = (x + 18 * side, top + 76), (x + 7 * side, top + 50)
            parts.append(path(foot, joint, tip=False))
            strip = numbers(start + side)
            parts.append(vector(x + 18 * side, top + 78, color, 4, 8, strip))
        parts.append(text(x, top + 104, entity, 13))
        parts.append(text(x, top + 120, relation, 13, GREY))
    return parts


def knowledge_mf():
    """A film's vector is the sum of its own and of its facts; both losses use it."""
    parts = [loss(112, 14, 190, "−ln softmax(ŝ_u) at films of u")]
    parts += [loss(316, 14, 176, "[γ + true − false]_+")]
    parts += [up(112, 86, 46), math(134, 70, "ŝ_{ui}"), node(112, 100, "·")]
    parts += [vector(48, 148, USER), math(48, 180, "p_u")]
    parts += [path((48, 146), (48, 100), (97, 100))]
    parts += [vector(180, 148, ITEM), math(144, 160, "q_i", anchor="end")]
    parts += [path((180, 146), (180, 100), (127, 100)), up(180, 194, 164)]
    parts += [up(316, 86, 46), pill(316, 86, 150, "‖q_i + c_r − t_e‖")]
    parts += [path((210, 155), (316, 155), (316, 114)), node(180, 208, "+")]
    parts += [path((228, 208), (195, 208)), pill(312, 195, 166, "mean of t_e − c_r")]
    parts.append(vector(104, 252, ITEM, values=numbers(5)))
    parts += [math(68, 264, "f_i", anchor="end"), *facts(223)]
    parts += [path((104, 250), (104, 208), (166, 208))]
    parts.append(text(104, 286, "its own part", 13, GREY))
    return figure(374, parts, "KnowledgeMF: films placed by ratings and by facts")


FIGURES = {
    "autorec": autorec,
    "multvae": multvae,
    "lightgcn": lightgcn,
    "knowledge-mf": knowledge_mf,
}
