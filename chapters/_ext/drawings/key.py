"""The legend of the architectures: what each of their parts stands for."""

from drawing import text
from layers import (
    ITEM,
    MIXED,
    USER,
    figure,
    hatched,
    learnt,
    loss,
    node,
    number,
    pill,
    sparse,
    table,
    up,
    vector,
)

ROW = 44
LEGEND = [
    ("a code: one cell of many is 1", lambda y: sparse(66, y - 6, 6)),
    ("a table that is learnt, a row looked up", lambda y: table(66, y - 18, USER, 4)),
    ("a person's vector, stronger where larger", lambda y: vector(66, y - 7, USER)),
    ("an item's vector", lambda y: vector(66, y - 7, ITEM)),
    ("a vector in which both are mixed", lambda y: vector(66, y - 7, MIXED)),
    ("a layer with weights to learn", lambda y: learnt(66, y - 14, 90, "W x + b")),
    (
        "a calculation with nothing to learn",
        lambda y: node(42, y, "+") + pill(88, y - 13, 56, "Σ"),
    ),
    ("a weight of attention", lambda y: number(66, y - 13, 0.44, "0.44")),
    (
        "padding, the future, the unknown: not seen",
        lambda y: "".join(hatched(45 + 14 * k, y - 7, 14) for k in range(3)),
    ),
    ("where data go, and the shape of them", lambda y: up(56, y + 18, y - 18, "n × f")),
    ("what training makes small", lambda y: loss(66, y - 15, 96, "(r − r̂)^2")),
]


def key():
    parts = []
    for place, (words, draw) in enumerate(LEGEND):
        y = 26 + ROW * place
        parts += [draw(y), text(136, y + 5, words, 14, anchor="start")]
    return figure(8 + ROW * len(LEGEND), parts, "The parts of a network's figure")


FIGURES = {"key": key}
