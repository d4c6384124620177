"""Draw the picture of chapter 7.3: who has tested which claim about the future."""

from drawing import BLUE, GREY, INK, LINE, VERMILION, svg, tag, text

WIDTH, LEFT, STEP, TOP = 566, 296, 32, 56
COLUMNS = [
    ("its authors,", "offline"),
    ("others,", "offline"),
    ("its owner,", "online"),
    ("randomised,", "in the open"),
]
# One sign for each column: + for the claim, x against it, o both, - nothing found.
CLAIMS = [
    ("Writing codes beats looking items up", "+o+-"),
    ("More compute makes better lists", "+o+-"),
    ("A language model makes better lists", "ox+-"),
    ("Words end the cold start", "+o--"),
    ("Privacy technology replaces cookies", "---x"),
    ("A plain A/B test is enough", "-xx-"),
    ("Recommenders make purchases alike", "+-+-"),
    ("Recommenders move opinions", "---x"),
    ("Agents will buy for us", "--xo"),
]
MEANING = [("+", "for"), ("x", "against"), ("o", "both"), ("-", "nothing found")]


def sign(x, y, kind):
    """Return the mark of one test, told apart by its shape as well as its colour."""
    if kind == "+":
        return tag("circle", cx=x, cy=y, r=8, fill=BLUE)
    if kind == "o":
        ring = {"fill": "none", "stroke": BLUE, "stroke_width": 2}
        half = f"M{x} {y - 8} a8 8 0 0 0 0 16 z"
        ring = tag("circle", cx=x, cy=y, r=8, **ring)
        return ring + tag("path", d=half, fill=BLUE)
    if kind == "x":
        cross = f"M{x - 7} {y - 7} L{x + 7} {y + 7} M{x - 7} {y + 7} L{x + 7} {y - 7}"
        return tag("path", d=cross, fill="none", stroke=VERMILION, stroke_width=3.5)
    return tag("line", x1=x - 5, y1=y, x2=x + 5, y2=y, stroke=LINE, stroke_width=2)


def evidence():
    places = [LEFT + 76 * n for n in range(len(COLUMNS))]
    parts = []
    for x, (who, how) in zip(places, COLUMNS, strict=True):
        parts.append(text(x, 20, who, 13, INK, weight="bold"))
        parts.append(text(x, 37, how, 13, INK, weight="bold"))
    for row, (claim, signs) in enumerate(CLAIMS):
        y = TOP + STEP * row + STEP // 2
        rule = {"x1": 8, "y1": y - STEP // 2, "x2": WIDTH - 8, "y2": y - STEP // 2}
        parts.append(tag("line", **rule, stroke=LINE, stroke_width=0.7))
        parts.append(text(12, y + 5, claim, 14, INK, "start"))
        for x, kind in zip(places, signs, strict=True):
            parts.append(sign(x, y, kind))
    bottom = TOP + STEP * len(CLAIMS) + 26
    for n, (kind, word) in enumerate(MEANING):
        x = 24 + (0, 84, 194, 280)[n]
        parts.append(sign(x, bottom - 5, kind))
        parts.append(text(x + 16, bottom, word, 13, GREY, "start"))
    title = "Nine claims about recommenders, and four kinds of tests of them"
    return svg(WIDTH, bottom + 16, parts, title)
