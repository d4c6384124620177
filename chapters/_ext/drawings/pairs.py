"""Architectures whose score is made of pairs: factorization machines and NeuralCF."""

from drawing import GREY, INK, box, text
from layers import (
    GROUND,
    ITEM,
    MIXED,
    TARGET,
    USER,
    figure,
    group,
    learnt,
    loss,
    math,
    node,
    path,
    pill,
    shape,
    sparse,
    table,
    up,
    vector,
)

FIELDS = [  # name, colour, centre, cells, which are not 0
    ("user", USER, 118, 6, (1,)),
    ("film", ITEM, 208, 6, (4,)),
    ("genres", ITEM, 298, 6, (0, 3)),
    ("age", USER, 378, 4, (2,)),
]


def fields(top):
    """Return a row of sparse fields, and above each the sum of the rows it looks up."""
    parts = [text(246, top + 166, "one row: all zeros but a few", 13, GREY)]
    parts.append(math(72, top + 71, "v_a", anchor="end"))
    parts.append(math(72, top + 12, "x_a v_a", anchor="end"))
    for name, color, cx, n, hot in FIELDS:
        rows = {6: hot, 4: (3,)}[n]
        parts.append(vector(cx, top, color))
        parts.append(up(cx, top + 44, top + 17))
        parts.append(table(cx, top + 45, color, hot=rows))
        parts.append(up(cx, top + 114, top + 93))
        parts.append(sparse(cx, top + 115, n, hot))
        parts.append(text(cx, top + 146, name, 14))
    return parts


def linear(top, bottom):
    """Return the linear part, which goes past the embeddings on the left."""
    parts = [path((80, bottom), (30, bottom), (30, top + 28))]
    return [*parts, pill(46, top, 80, "Σ w_a x_a")]


def target(cx, top, width, label, name):
    """Return the loss at the top, and at its right what the score is compared with."""
    x = cx + width / 2
    parts = [loss(cx, top, width, label)]
    parts.append(vector(x + 40, top + 8, TARGET, 1, values=(0.7,)))
    parts.append(path((x + 31, top + 15), (x + 3, top + 15), color=TARGET))
    return [*parts, math(x + 53, top + 20, name, anchor="start")]


def total(cx, cy, parts_at):
    """Return the sum of the parts, with the arrows that come from left and right."""
    parts = [node(cx, cy, "+"), up(cx, cy - 13, 50), math(cx + 16, cy - 24, "ŷ")]
    for x, bottom in parts_at:
        side = 14 if x > cx else -14
        parts.append(path((x, bottom), (x, cy), (cx + side, cy)))
    return parts


def fm():
    parts = target(230, 16, 110, "(y − ŷ)^2", "y")
    parts += total(230, 108, [(46, 170)])
    parts += [up(230, 170, 122), math(300, 113, "w_0"), path((284, 108), (245, 108))]
    parts += linear(170, 361)
    parts.append(pill(246, 170, 300, "Σ_{a&lt;b} v_a^⊤ v_b x_a x_b"))
    parts.append(text(388, 158, "every pair", 13, GREY, anchor="end"))
    parts += [up(cx, 238, 198) for _, _, cx, _, _ in FIELDS]
    parts.append(shape(386, 222, "k"))
    parts += fields(240)
    return figure(418, parts, "A factorization machine: a linear part, and all pairs")


def nfm():
    parts = target(230, 16, 110, "(y − ŷ)^2", "y")
    parts += total(230, 108, [(46, 345)])
    parts += [math(300, 113, "w_0"), path((284, 108), (245, 108))]
    parts += [up(230, 150, 122, "1"), learnt(230, 150, 120, "h^⊤ a_2")]
    parts += [up(230, 206, 180), learnt(230, 206, 200, "ReLU(W_2 a_1 + b_2)")]
    parts += [up(230, 262, 236), learnt(230, 262, 200, "ReLU(W_1 a_0 + b_1)")]
    parts += [up(230, 318, 292, "k"), vector(230, 318, MIXED)]
    parts.append(math(194, 330, "a_0", anchor="end"))
    parts += linear(345, 536)
    parts += [up(230, 362, 334)]
    parts.append(pill(246, 362, 300, "Σ_{a&lt;b} x_a v_a ⊙ x_b v_b"))
    parts += [up(cx, 413, 390) for _, _, cx, _, _ in FIELDS]
    parts += fields(415)
    return figure(593, parts, "A neural factorization machine: pairs, then layers")


def deepfm():
    parts = target(172, 16, 110, "(y − ŷ)^2", "y")
    parts += total(172, 120, [(46, 334), (326, 150)])
    parts += [math(104, 88, "w_0"), path((116, 91), (162, 112))]
    parts += linear(334, 530)
    parts += [up(172, 334, 134), pill(172, 334, 150, "Σ v_a^⊤ v_b x_a x_b")]
    parts.append(text(164, 326, "pairs", 13, GREY, anchor="end"))
    parts += [learnt(326, 150, 90, "h^⊤ a_2"), shape(334, 144, "1")]
    parts += [up(326, 214, 180), learnt(326, 214, 160, "ReLU(W_2 a_1 + b_2)")]
    parts += [up(326, 272, 244), learnt(326, 272, 160, "ReLU(W_1 a_0 + b_1)")]
    parts.append(up(326, 332, 302))
    for place, (_, color, *_) in enumerate(FIELDS):
        parts.append(vector(278 + 32 * place, 334, color, 4, 8))
    parts.append(math(382, 323, "a_0", 14, GREY))
    for _, _, cx, _, _ in FIELDS:
        parts.append(path((cx, 407), (cx, 386), tip=False))
    parts.append(path((118, 386), (378, 386), tip=False))
    parts += [up(172, 386, 362), up(312, 386, 344)]
    parts += fields(409)
    return figure(587, parts, "DeepFM: pairs and layers over the same embeddings")


def looked_up(cx, color, name):
    """Return a table with the row that is looked up, and the vector that it gives."""
    row = 2 if color == USER else 4
    parts = [vector(cx, 372, color), table(cx, 405, color, 6, hot=(row,), side=8)]
    parts.append(up(cx, 404, 388))
    return [*parts, math(cx, 366, name) if name else ""]


def neural_cf():
    parts = target(196, 16, 236, "−y \u2009ln \u2009σ(z) − (1−y) \u2009ln(1−σ(z))", "y")
    parts += [
        up(210, 80, 48),
        math(230, 68, "z_{ui}"),
        learnt(210, 80, 220, "h^⊤ [p_u ⊙ q_i; a_2] + b"),
    ]
    parts += [up(210, 134, 110), shape(218, 126, "f + 32")]
    parts += [vector(182, 134, MIXED), vector(238, 134, MIXED)]
    parts += [path((112, 212), (112, 172), (182, 172), (182, 150))]
    parts += [path((312, 212), (312, 172), (238, 172), (238, 150))]
    parts.append(group(14, 188, 190, 272, "GMF"))
    parts.append(group(216, 188, 192, 272, "MLP", anchor="end"))
    parts += [vector(112, 214, MIXED), up(112, 303, 230), node(112, 316, "⊙")]
    parts += [math(72, 240, "p_u ⊙ q_i"), math(356, 226, "a_2")]
    parts += [
        path((64, 350), (64, 316), (98, 316)),
        path((160, 350), (160, 316), (126, 316)),
    ]
    parts += [vector(312, 214, MIXED), up(312, 250, 230)]
    parts += [learnt(312, 250, 150, "ReLU(W_2 a_1 + b_2)"), up(312, 304, 280)]
    parts += [learnt(312, 304, 176, "ReLU(W_1 [p_u; q_i] + b_1)")]
    parts += [up(276, 352, 334), up(348, 352, 334), shape(312, 350, "2f", "middle")]
    places = [(64, USER, "p_u"), (160, ITEM, "q_i"), (276, USER, ""), (348, ITEM, "")]
    for cx, color, name in places:
        parts += looked_up(cx, color, name)
    for start, columns, y, color in [
        (112, (64, 276), 484, USER),
        (312, (160, 348), 472, ITEM),
    ]:
        ends = sorted({start, *columns})
        parts.append(path((start, 500), (start, y), color=color, tip=False))
        parts.append(path((ends[0], y), (ends[-1], y), color=color, tip=False))
        parts += [up(x, y, 452, color=color) for x in columns]
    parts += [sparse(112, 500), sparse(312, 500, hot=(4,))]
    parts += [math(112, 532, "user u"), math(312, 532, "film i")]
    return figure(542, parts, "NeuralCF: a product, layers, or both, and a logit")


def outline():
    parts = target(210, 16, 110, "(r_{ui} − r̂_{ui})^2", "r_{ui}")
    parts += [up(210, 93, 48, "1"), math(202, 76, "r̂_{ui}", anchor="end")]
    parts += [node(210, 106, "·"), text(210, 140, "Dot", 14)]
    for cx, side, color, name, rows, letter in [
        (100, -14, USER, "user_id", 944, "p_u"),
        (320, 14, ITEM, "movie_id", 1683, "q_i"),
    ]:
        parts.append(path((cx, 160), (cx, 106), (210 + side, 106)))
        parts += [vector(cx, 161, color, 6), shape(cx + 48, 173, "50")]
        parts.append(math(cx - 48, 173, letter, anchor="end"))
        parts += [up(cx, 206, 177), pill(cx, 206, 84, "Flatten", write=text)]
        parts += [up(cx, 256, 234, "1 × 50")]
        parts.append(table(cx, 257, color, 8, 6, hot=(5,)))
        parts += [shape(cx, 348, f"Embedding: {rows} × 50", "middle")]
        parts += [up(cx, 382, 356), box(cx - 22, 383, 44, 22, GROUND, INK, 2)]
        parts.append(text(cx, 399, {944: "196", 1683: "242"}[rows], 14))
        parts.append(text(cx, 424, name, 14))
    return figure(432, parts, "The outline's model: two tables and a product")


TOWERS = [  # centre, colour, side of the weights, names, lit rows, fields
    (
        128, USER, -1, ("p_u", "b_u", "V", "c", "x_u"), (1, 4, 6, 9),
        [("id", 3), ("rated", 5), ("age …", 2)],
    ),
    (
        292, ITEM, 1, ("q_i", "b_i", "W", "d", "y_i"), (2, 4, 5, 8),
        [("id", 3), ("genres", 3), ("raters", 4)],
    ),
]  # fmt: skip


def tower(cx, color, side, names, hot, fields):
    """Return a tower: a row of features, and the sums of the lit rows of two tables."""
    vector_name, weight_name, table_name, weights_name, row_name = names
    out, width = cx + 84 * side, 10 * 13
    parts = [path((cx, 222), (cx, 166), (210 + 14 * side, 166))]
    parts += [vector(cx, 223, color, 6), shape(cx + 46, 235, "k")]
    parts.append(math(cx - 48, 235, vector_name, anchor="end"))
    parts += [up(cx, 284, 240, f"{table_name}^⊤ {row_name}")]
    parts.append(table(cx, 285, color, 10, 6, hot=hot))
    parts.append(math(cx - 32, 334, table_name, anchor="end"))
    parts.append(table(out, 285, color, 10, 1, hot=hot))
    parts.append(path((out, 284), (out, 106), (210 + 14 * side, 106)))
    parts.append(math(out + 8 * side, 125, weight_name, anchor=END[side]))
    parts.append(math(out + 10 * side, 334, weights_name, anchor=END[side]))
    parts += [up(cx, 415, 378), path((out, 396), (out, 378))]
    parts.append(path((cx, 396), (out, 396), tip=False))
    parts.append(sparse(cx, 416, 10, hot, side=13))
    left = cx - width / 2
    parts.append(math(left - 8, 427, row_name, anchor="end") if side < 0 else
                 math(left + width + 8, 427, row_name, anchor="start"))  # fmt: skip
    for name, n in fields:
        parts.append(path((left + 2, 436), (left + 13 * n - 2, 436), tip=False))
        parts.append(text(left + 6.5 * n, 453, name, 13))
        left += 13 * n
    return parts


END = {-1: "end", 1: "start"}


def towers():
    parts = target(210, 16, 110, "(r_{ui} − r̂_{ui})^2", "r_{ui}")
    parts += [up(210, 93, 48, "1"), math(202, 76, "r̂_{ui}", anchor="end")]
    parts += [node(210, 106, "+"), up(210, 152, 120), node(210, 166, "·")]
    parts += [math(262, 89, "μ"), path((254, 87), (222, 99))]
    for column in TOWERS:
        parts += tower(*column)
    parts.append(text(128, 482, "a person's features", 14))
    parts.append(text(292, 482, "a film's features", 14))
    return figure(492, parts, "Two towers: sums of the features' vectors, a product")


FIGURES = {"fm": fm, "nfm": nfm, "deepfm": deepfm, "neural-cf": neural_cf}
FIGURES |= {"outline": outline, "towers": towers}
