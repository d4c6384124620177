"""The colour in the dark theme for each colour of a figure.

Colours with a meaning are in a table and keep their hue, so that "the orange line" is
orange in both themes. For all others the lightness in OKLab is reversed and the hue is
kept: a pale background becomes dark, and dark ink becomes pale.

B. Ottosson, "A perceptual color space for image processing", 2020,
https://bottosson.github.io/posts/oklab/
"""

import functools

import numpy as np

PAPER, INK = "#171b21", "#e6e6e6"  # of the dark page: background and text

# The lines, bars and points of recbook.plots.COLORS and drawing.py.
TWINS = {
    "#ffffff": PAPER,
    "#000000": INK,
    "#1a1a1a": INK,
    "#333333": "#c9ced6",  # labels of axes
    "#767676": "#9a9fa8",  # axes and baselines
    "#a6a6a6": "#7a7f88",
    "#4d4d4d": "#c4c8ce",
    "#dddddd": "#343a44",  # the grid
    "#0072b2": "#4ba3e3",
    "#56b4e9": "#93d2f7",
    "#e69f00": "#e69f00",
    "#d55e00": "#ee7b30",
    "#009e73": "#22b98c",
    "#cc79a7": "#d68bb5",
    "#8a3d6b": "#b4699a",
    "#f0e442": "#f0e442",
    "#8c6d00": "#b99a2e",
    "#5b2c83": "#a47fd0",
    "#2f4b7c": "#7f9fd6",
    "#a34700": "#c8743a",
    "#0b6e4f": "#3f9a7a",
}

TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def rgb(color):
    """Red, green and blue of "#rrggbb", from 0 to 1."""
    return np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255


def linear(values):
    return np.where(
        values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4
    )


def luminance(color):
    """Relative luminance, as in WCAG 2."""
    return float(linear(rgb(color)) @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    """Contrast of two colours, as in WCAG 2: from 1 to 21."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def oklab(color):
    return TO_LAB @ np.cbrt(TO_LMS @ linear(rgb(color)))


def from_oklab(lab):
    """Return "#rrggbb", with less chroma where a screen cannot show all of it."""
    for share in np.linspace(1, 0, 41):
        lms = np.linalg.solve(TO_LAB, lab * [1, share, share]) ** 3
        light = np.linalg.solve(TO_LMS, lms)
        if light.min() >= -1e-4 and light.max() <= 1 + 1e-4:
            break
    light = np.clip(light, 0, 1)
    values = np.where(
        light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055
    )
    return "#" + "".join(f"{round(255 * v):02x}" for v in values)


@functools.cache
def dark(color, ink=False):
    """Return the colour that stands for "#rrggbb" in the dark theme.

    ``ink`` is True for a line or a word. It becomes lighter than an area does, because
    words on an area of middle lightness have to be readable, too.

    >>> dark("#E69F00"), dark("#ffffff")
    ('#e69f00', '#171b21')
    """
    color = color.lower()
    if color in TWINS:
        return TWINS[color]
    lightness, *hue = oklab(color)
    low, high = oklab(PAPER)[0], oklab(INK)[0]
    turned = low + (high - low) * (1 - lightness ** (1.7 if ink else 1.25))
    return from_oklab(np.array([turned, *hue]))
