"""What all of the book's SVG drawings share: palette, type, boxes and arrows.

The same bytes every time, so that a test can hold the files to the code. Grounds are
transparent and ink is dark; a page has the dark twin of each colour (dark_colors.py).
"""

import math
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "_static"
BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
INK, GREY, PALE, LINE = "#1A1A1A", "#5A5A5A", "#EAF2F8", "#8A9BA8"
FONT = "'Source Sans 3', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"


def tag(name, content=None, **attributes):
    """Return one element; a trailing or inner underscore stands for a hyphen."""
    words = [f'{k.strip("_").replace("_", "-")}="{v}"' for k, v in attributes.items()]
    opening = " ".join([name, *words])
    return f"<{opening}/>" if content is None else f"<{opening}>{content}</{name}>"


def text(x, y, words, size=13, fill=INK, anchor="middle", weight="normal"):
    look = {"font_size": size, "fill": fill, "text_anchor": anchor}
    return tag("text", words, x=x, y=y, font_weight=weight, **look)


def box(x, y, width, height, fill=PALE, stroke=LINE, radius=6, **more):
    place = {"x": x, "y": y, "width": width, "height": height, "rx": radius}
    return tag("rect", **place, fill=fill, stroke=stroke, **more)


def head(x, y, angle, color, size=9):
    """Return an arrow head whose tip is at (x, y), pointing along the angle."""
    corners = []
    for turn, reach in ((0, 0), (math.pi - 0.45, size), (math.pi + 0.45, size)):
        px, py = x + reach * math.cos(angle + turn), y + reach * math.sin(angle + turn)
        corners.append(f"{px:.1f},{py:.1f}")
    return tag("polygon", points=" ".join(corners), fill=color)


def arrow(x1, y1, x2, y2, color=GREY, width=2):
    angle = math.atan2(y2 - y1, x2 - x1)
    ends = {"x1": x1, "y1": y1}
    ends |= {"x2": f"{x2 - 6 * math.cos(angle):.1f}"}
    ends |= {"y2": f"{y2 - 6 * math.sin(angle):.1f}"}
    line = tag("line", **ends, stroke=color, stroke_width=width)
    return line + head(x2, y2, angle, color)


def svg(width, height, parts, title):
    body = "\n".join([tag("title", title), *parts])
    frame = {"viewBox": f"0 0 {width} {height}", "width": width, "height": height}
    return (
        tag(
            "svg",
            f"\n{body}\n",
            xmlns="http://www.w3.org/2000/svg",
            **frame,
            role="img",
            font_family=FONT,
        )
        + "\n"
    )


def write(figures):
    """Write each file of a dict from its name to the function that draws it."""
    for name, draw in figures.items():
        (STATIC / name).write_text(draw(), encoding="utf-8", newline="\n")
