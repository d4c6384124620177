"""Draw the two piles of chapter 1.1: who orders most, and whom the letter changes."""

from drawing import BLUE, GREY, INK, VERMILION, svg, tag, text

# Of the page's table: orders of a hundred with a letter, and without.
GROUPS = ((8.0, 6.5), (4.4, 0.9))
LETTERS, MARGIN, COST = 10_000, 20, 0.60
WIDTH, GROUND, SIDE, ACROSS = 566, 176, 14, 10


def squares(x, start, end, look):
    """Return squares ``start`` to ``end`` of a pile, in rows from the ground up."""
    corners = [
        (x + SIDE * (n % ACROSS) + 1, GROUND - SIDE * (n // ACROSS + 1) + 1)
        for n in range(start, end)
    ]
    side = SIDE - 3
    outline = " ".join(f"M{a} {b}h{side}v{side}h-{side}z" for a, b in corners)
    return tag("path", d=outline, **look)


def level(orders):
    """How high a pile of so many orders is, ten to a square."""
    return round(GROUND - SIDE * orders / (10 * ACROSS), 1)


def pile(x, group, rates):
    """Return a group's orders, their numbers, and what its letters earn."""
    orders, anyway = (round(LETTERS * rate / 100) for rate in rates)
    added = orders - anyway
    earns = round(added * MARGIN - LETTERS * COST)
    sign, color = ("+", BLUE) if earns > 0 else ("−", VERMILION)
    beside = x + SIDE * ACROSS + 12
    high, low = level(added + 0.65 * anyway) + 5, level(min(added, 150) / 2) + 5
    return [
        text(x, 50, f"Group {group}, {LETTERS:,} letters", 13, INK, "start"),
        squares(x, 0, added // 10, {"fill": BLUE}),
        squares(x, added // 10, orders // 10, {"fill": "none", "stroke": GREY}),
        text(beside, high, f"{anyway} come anyway", 13, GREY, "start"),
        text(beside, low, f"{added} added", 13, BLUE, "start"),
        text(x, GROUND + 22, f"{sign}{abs(earns):,} €", 15, color, "start", "bold"),
    ]


def piles():
    left, right, paid = 8, 300, round(LETTERS * COST / MARGIN)
    at = left + SIDE * ACROSS + 12
    line = {"x1": left - 6, "y1": level(paid), "x2": WIDTH - 4, "y2": level(paid)}
    title = "Group 1 orders more, and its letters lose money"
    parts = [
        text(left, 20, title, 15, INK, "start", "bold"),
        *pile(left, 1, GROUPS[0]),
        *pile(right, 2, GROUPS[1]),
        tag("line", **line, stroke=VERMILION, stroke_width=3),
        text(at, level(paid) - 7, f"{paid} pay the postage", 13, VERMILION, "start"),
    ]
    return svg(WIDTH, GROUND + 34, parts, title)
