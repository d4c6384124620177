"""Draw the book's logo, cover and diagrams as SVG.

Usage: python chapters/_ext/drawings/figures.py
"""

import math
import random

from drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    VERMILION,
    arrow,
    box,
    svg,
    tag,
    text,
    write,
)
from evidence import evidence
from piles import piles
from road import road

STARS = {1: "#CFE3F1", 2: "#9CC7E3", 3: "#5FA6D1", 4: "#2487C1", 5: BLUE}


# -- logo and cover: a sparse table of ratings with one gap to fill ------------------


def cell(x, y, side, stars):
    """Return a square for a rating, a dot for none, a frame for the wanted one."""
    if stars == 0:
        return tag(
            "circle", cx=x + side / 2, cy=y + side / 2, r=side / 8, fill="#9AA7B1"
        )
    if stars == "?":
        inner = side - 2
        dash = {"stroke_width": 2.5, "stroke_dasharray": "4 2"}
        return box(x + 1, y + 1, inner, inner, "none", VERMILION, 3, **dash)
    return box(x, y, side, side, STARS[stars], "none", 3)


def logo():
    table = [[5, 4, 0, 1], [4, "?", 2, 0], [0, 5, 3, 2], [1, 0, 4, 5]]
    step = 16
    parts = [
        cell(2 + step * column, 2 + step * row, 13, stars)
        for row, line in enumerate(table)
        for column, stars in enumerate(line)
    ]
    return svg(65, 65, parts, "recbook: a table of ratings with one gap to fill")


def cover():
    """Two tastes and two kinds of film, most cells empty, one to predict."""
    draw, step, parts = random.Random(100), 20, []
    for row in range(11):
        for column in range(54):
            match = (row < 5) == (column < 23)
            stars = draw.choice([3, 4, 5, 5] if match else [1, 1, 2, 3])
            known = draw.random() < (0.36 if match else 0.13)
            if (row, column) == (3, 12):
                stars, known = "?", True
            place = 4 + step * column, 4 + step * row
            parts.append(cell(*place, 16, stars if known else 0))
    return svg(1084, 224, parts, "A sparse table of ratings with one gap to fill")


# -- the loop, and the five words ----------------------------------------------------

STEPS = [
    ("collect", "what happened?"),
    ("learn", "what would happen?"),
    ("decide", "what is best now?"),
    ("act", "show it, send it"),
    ("measure", "was it better?"),
]


def loop():
    """Five boxes on an ellipse; the last arrow, which closes the loop, stands out."""
    width, height, parts = 144, 56, []
    places = []
    for index in range(5):
        angle = 2 * math.pi * index / 5 - math.pi / 2
        places.append((260 + 178 * math.cos(angle), 168 + 128 * math.sin(angle)))
    for index, (x1, y1) in enumerate(places):
        x2, y2 = places[(index + 1) % 5]
        closing = index == 4
        start = edge(x1, y1, x2, y2, width, height, 4)
        end = edge(x2, y2, x1, y1, width, height, 4)
        color, thick = (VERMILION, 3) if closing else (GREY, 2)
        parts.append(arrow(*start, *end, color, thick))
    for index, ((x, y), (name, question)) in enumerate(
        zip(places, STEPS, strict=True), 1
    ):
        corner = round(x - width / 2, 1), round(y - height / 2, 1)
        parts.append(box(*corner, width, height))
        middle = round(x, 1)
        parts.append(
            text(middle, round(y - 5, 1), f"{index} {name}", 15, weight="bold")
        )
        parts.append(text(middle, round(y + 15, 1), question, 13, GREY))
    parts.append(text(260, 164, "what we do today decides", 13, VERMILION))
    parts.append(text(260, 182, "what we can learn tomorrow", 13, VERMILION))
    return svg(520, 312, parts, "Collect, learn, decide, act, measure, and round again")


def edge(x1, y1, x2, y2, width, height, pad):
    """Return where the line to (x2, y2) leaves the padded box around (x1, y1)."""
    dx, dy = x2 - x1, y2 - y1
    reach = min(
        (width / 2 + pad) / abs(dx) if dx else math.inf,
        (height / 2 + pad) / abs(dy) if dy else math.inf,
    )
    return round(x1 + reach * dx, 1), round(y1 + reach * dy, 1)


def nested():
    shells = [
        (118, 20, 284, 216, "#F4F8FB", "Artificial intelligence", "acts well"),
        (134, 74, 252, 150, "#E0EDF6", "Machine learning", "learns it from data"),
        (150, 130, 220, 82, "#BBD9EC", "Deep learning", "learns the features too"),
    ]
    parts = []
    for x, y, width, height, fill, name, how in shells:
        parts.append(box(x, y, width, height, fill, BLUE, 12))
        parts.append(text(x + 14, y + 24, name, 15, INK, "start", "bold"))
        parts.append(text(x + 14, y + 42, how, 13, "#404040", "start"))
    for row in range(3):
        parts.append(box(28, 104 + 18 * row, 44, 13, ORANGE, "none", 3))
    parts.append(arrow(78, 128, 114, 128, INK, 3))
    parts.append(text(50, 180, "big data", 14, INK, weight="bold"))
    parts.append(text(50, 197, "what goes in", 13, GREY))
    parts.append(arrow(406, 128, 442, 128, INK, 3))
    parts.append(tag("circle", cx=466, cy=112, r=9, fill=GREEN))
    parts.append(tag("path", d="M450 150 a16 22 0 0 1 32 0 z", fill=GREEN))
    parts.append(text(462, 180, "personalisation", 14, INK, weight="bold"))
    parts.append(text(462, 197, "what it is for", 13, GREY))
    return svg(520, 256, parts, "Artificial intelligence, machine and deep learning")


FIGURES = {
    "logo.svg": logo,
    "favicon.svg": logo,
    "cover.svg": cover,
    "loop.svg": loop,
    "nested.svg": nested,
    "road.svg": road,
    "evidence.svg": evidence,
    "piles.svg": piles,
}

if __name__ == "__main__":
    write(FIGURES)
