"""A descent over a landscape of loss, drawn moving, with a still for print.

Markup and style alone, no script: the browser moves a dot along each path, one step
taking the same time as another, so that a slow approach is seen to be slow. Print, and
readers who ask for less motion, get the whole paths at rest.
"""

import hashlib
from html import escape

import numpy as np

# First: it says so where Matplotlib is not there.
from recbook.plots.style import COLORS, signed

__all__ = ["Motion", "descent"]

WIDTH, HEIGHT = 520, 380
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 34, 48
SECONDS, MOVING = 8, 80  # one round, and the share (%) of it in which dots move
MOST = 48  # waypoints of a path: a few hundred bytes each
SHADES = [COLORS[name] for name in ("ours", "item-knn", "mf", "als")]


class Motion:
    """A descent as a notebook shows it: moving on a page, at rest elsewhere.

    >>> Motion("<svg></svg>", "<div>moving</div>")._repr_svg_()
    '<svg></svg>'
    """

    def __init__(self, still, moving):
        self.still, self.moving = still, moving

    def _repr_html_(self):
        return self.moving

    def _repr_svg_(self):
        return self.still

    def __repr__(self):
        return "<a descent, shown moving>"


def descent(loss, paths, x, y, labels, title, alt, marks=None, levels=14):
    """Draw the contours of a loss of two numbers and let paths run down over them.

    Parameters
    ----------
    loss : callable
        ``loss(X, Y)`` of two arrays of one shape: the height at each place.
    paths : dict of str to (n_steps, 2) array
        At most four; where a descent stood after each of its steps, start included.
    x, y : (float, float)
        The part of the plane that is shown. Paths are cut off at its edges.
    labels : (str, str)
        Names of the two axes.
    title, alt : str
        The message of the figure, and a description of it in words.
    marks : dict of str to (float, float), optional
        Places to name, such as the minimum.
    levels : int or sequence of float
        Number of contours, at even quantiles of the heights, or the heights themselves.

    Returns
    -------
    Motion
        Shown as moving HTML in a notebook; ``.still`` is an SVG of its own.

    Raises
    ------
    ValueError
        If there is no path, more than four, or one that is no (n_steps, 2) array.

    Examples
    --------
    >>> path = [[1.0, 1.0], [0.5, 0.25], [0.0, 0.0]]
    >>> shown = descent(lambda a, b: a**2 + b**2, {"A": path}, (-1, 1), (-1, 1),
    ...                 ("a", "b"), "One bowl", "A dot rolls into a bowl.")
    >>> shown.still.count("<path"), "@keyframes" in shown.moving
    (15, True)
    """
    tracks = {name: _waypoints(name, path) for name, path in paths.items()}
    if not 1 <= len(tracks) <= len(SHADES):
        raise ValueError(f"paths has {len(tracks)} of them: give 1 to {len(SHADES)}")
    place = _scale(x, y)
    tracks = {name: place(track) for name, track in tracks.items()}
    marks = {name: place(np.array([at]))[0] for name, at in (marks or {}).items()}
    body = _contours(loss, x, y, place, levels) + _axes(x, y, place, labels, title)
    body += [_named(name, at, "×", 0) for name, at in marks.items()]
    for number, (name, track) in enumerate(tracks.items()):
        body += _track(number, name, track)
    return _assemble("".join(body), list(tracks.values()), alt)


def _waypoints(name, path):
    """At most MOST points of a path, at even numbers of steps."""
    path = np.asarray(path, dtype=float)
    if path.ndim != 2 or path.shape[1:] != (2,) or len(path) < 2:
        raise ValueError(
            f"path {name!r} has shape {path.shape}: give (n_steps, 2), at least two"
        )
    few = np.linspace(0, len(path) - 1, min(MOST, len(path))).round().astype(int)
    return path[few]


def _scale(x, y):
    """From the plane to the picture, whose y grows downwards."""
    inner = np.array([WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM])

    def place(points):
        share = (np.asarray(points) - [x[0], y[0]]) / [x[1] - x[0], y[1] - y[0]]
        share = np.clip(share, -0.5, 1.5)  # far outside, nothing is to be seen
        return np.stack(
            [LEFT + share[:, 0] * inner[0], TOP + (1 - share[:, 1]) * inner[1]], axis=1
        )

    return place


def _contours(loss, x, y, place, levels):
    """One path for each level; the line is darker where the loss is lower."""
    X, Y = np.meshgrid(np.linspace(*x, 81), np.linspace(*y, 81))
    Z = loss(X, Y)
    if isinstance(levels, int):
        levels = np.quantile(Z, (np.arange(levels) + 0.5) / levels)
    from matplotlib.figure import Figure

    contours = Figure().gca().contour(X, Y, Z, levels=np.unique(levels))
    lines = []
    for depth, segments in enumerate(contours.allsegs):
        drawn = "".join(_line(place(s)) for s in segments if len(s) > 1)
        faint = 0.55 - 0.35 * depth / max(len(contours.allsegs) - 1, 1)
        lines.append(
            f'<path d="{drawn}" fill="none" stroke="currentColor" '
            f'stroke-opacity="{faint:.2f}"/>'
        )
    return lines


def _axes(x, y, place, labels, title):
    """Ticks, what they measure, and the message."""
    low, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    drawn = [
        f'<polyline points="{LEFT},{TOP} {LEFT},{low} {right},{low}" fill="none" '
        'stroke="currentColor"/>'
    ]
    for at in np.linspace(*x, 5):
        drawn.append(_text(place([[at, y[0]]])[0][0], low + 17, signed(at)))
    for at in np.linspace(*y, 5):
        drawn.append(_text(LEFT - 7, place([[x[0], at]])[0][1] + 4, signed(at), "end"))
    middle = (TOP + low) / 2
    turned = f' transform="rotate(-90 14 {middle:.1f})"'
    drawn.append(_text((LEFT + right) / 2, HEIGHT - 8, labels[0]))
    drawn.append(_text(14, middle, labels[1], more=turned))
    bold = ' font-weight="bold" font-size="15"'
    return [*drawn, _text(LEFT, 18, title, "start", bold)]


def _track(number, name, track):
    """A path, its start, and the dot that walks it, at rest at its end."""
    shade, (a, b), end = SHADES[number], track[0], track[-1]
    shift = 19 if track[1][1] < b else -11  # below a path that sets out upwards
    return [
        f'<g clip-path="url(#frame)"><path class="t{number}" d="{_line(track)}" '
        f'fill="none" stroke="{shade}" stroke-width="2.5" stroke-linejoin="round"/>'
        f'<circle class="o{number}" r="6" fill="{shade}" stroke="white" '
        f'transform="translate({end[0]:.1f} {end[1]:.1f})"/></g>'
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="none" stroke="{shade}" '
        'stroke-width="2"/>' + _named(name, (a, b), "", shift)
    ]


def _named(name, at, sign, shift):
    """Write a sign at a place and a name beside it, on the side that has room."""
    side, anchor = (-9, "end") if at[0] > 0.72 * WIDTH else (9, "start")
    sign = _text(at[0], at[1] + 5, sign, more=' font-size="17"') if sign else ""
    halo = "paint-order:stroke;stroke-width:4px;"  # clears the contours behind it
    halo += "stroke:var(--pst-color-background,Canvas)"
    words = _text(at[0] + side, at[1] + 4 + shift, name, anchor, f' style="{halo}"')
    return sign + words


def _line(points):
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in points)


def _text(x, y, words, anchor="middle", more=""):
    look = f'text-anchor="{anchor}"{more}'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(words)}</text>'


def _assemble(inside, tracks, alt):
    """Wrap what was drawn: the still, and the same with a switch and its motion."""
    key = "d" + hashlib.sha256(inside.encode()).hexdigest()[:8]
    inside = inside.replace("url(#frame)", f"url(#{key})")
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    still = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-label="{escape(alt)}" font-family="sans-serif" '
        f'font-size="13" fill="currentColor"><defs><clipPath id="{key}">'
        f'<rect x="{LEFT}" y="{TOP}" width="{width}" height="{height}"/>'
        f"</clipPath></defs>{inside}</svg>"
    )
    # The switch stands before the picture, for the style sheet to see it from there.
    switch = (
        f'<input type="checkbox" id="{key}m" checked> '
        f'<label for="{key}m">Let the dots move</label>'
    )
    style = f"<style>{_style(key, tracks)}</style>"
    return Motion(still, f'<div class="{key}">{style}{switch}{still}</div>')


def _style(key, tracks):
    """The motion: a dot's place and the length of its trail at each waypoint."""
    on, run = f".{key} input:checked~svg", f"{SECONDS}s linear infinite"
    frames, rules = "", ""
    for number, track in enumerate(tracks):
        gone = np.r_[0, np.hypot(*np.diff(track, axis=0).T).cumsum()]
        times = [*np.linspace(0, MOVING, len(track)), 100]
        dots, trail = "", ""
        for at, (a, b), way in zip(
            times, [*track, track[-1]], [*gone, gone[-1]], strict=True
        ):
            dots += f"{at:.1f}%{{transform:translate({a:.1f}px,{b:.1f}px)}}"
            trail += f"{at:.1f}%{{stroke-dashoffset:{gone[-1] - way:.1f}}}"
        frames += f"@keyframes {key}o{number}{{{dots}}}"
        frames += f"@keyframes {key}t{number}{{{trail}}}"
        rules += f"{on} .o{number}{{animation:{key}o{number} {run}}}"
        rules += f"{on} .t{number}{{stroke-dasharray:{gone[-1]:.1f};"
        rules += f"animation:{key}t{number} {run}}}"
    quiet = f".{key} input,.{key} label{{display:none}}"
    return (
        f".{key}{{max-width:36rem}}.{key} svg{{display:block;width:100%}}{frames}"
        f"@media screen and (prefers-reduced-motion:no-preference){{{rules}}}"
        f"@media print,(prefers-reduced-motion:reduce){{{quiet}}}"
    )
