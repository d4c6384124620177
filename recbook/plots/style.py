"""The look of the book's figures: palette, type and ground, set at import.

M. Okabe and K. Ito, "Color universal design", 2008, https://jfly.uni-koeln.de/color/
"""

import os

import numpy as np
from cycler import cycler

from recbook._core.install import missing

try:
    import matplotlib as mpl
except ImportError as error:
    raise ImportError(missing("recbook.plots", "Matplotlib", "book")) from error

__all__ = ["COLORS", "apply", "luminance"]

_BLUE, _ORANGE, _GREEN, _VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
_PURPLE, _SKY, _YELLOW, _BLACK = "#CC79A7", "#56B4E9", "#F0E442", "#000000"
_GREY = "#767676"

# The colour of each model, in all chapters. Ours is blue, the baselines are grey.
COLORS = {
    "ours": _BLUE,
    "baseline": _GREY,
    "global-mean": "#A6A6A6",
    "popularity": _GREY,
    "bias": "#4D4D4D",
    "user-knn": _ORANGE,
    "item-knn": _VERMILION,
    "mf": _GREEN,
    "svdpp": _SKY,
    "als": _PURPLE,
    "implicit-als": "#8A3D6B",  # of ALS's hue, and darker
    "bpr": "#8C6D00",  # yellow, dark enough for a line
    "deep": _BLACK,
    # The networks, one colour per family: darker than the classics, with markers.
    "fm": "#5B2C83",
    "neural-cf": "#2F4B7C",
    "autoencoder": "#A34700",
    "sasrec": _BLACK,
    "lightgcn": "#0B6E4F",
}

_CYCLE = [_BLUE, _ORANGE, _GREEN, _VERMILION, _PURPLE, _SKY, _BLACK, _YELLOW]
_FONTS = ["Segoe UI", "Roboto", "Helvetica Neue", "Arial", "Liberation Sans"]
_FONTS += ["Noto Sans", "DejaVu Sans"]
_STYLE = {
    # matplotlib lays text out in the first of these that is installed; the reader's
    # browser sets it in the first that it has, which is what the page itself uses.
    "font.family": "sans-serif",
    "font.sans-serif": _FONTS,
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=_CYCLE),
    "axes.axisbelow": True,
    "grid.color": "#D0D0D0",
    "grid.linewidth": 0.7,
    "lines.linewidth": 2,
    "legend.frameon": False,
    "figure.figsize": (7, 3.6),
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "figure.dpi": 110,
    "svg.fonttype": "none",  # text stays text: small, sharp, searchable
    "svg.hashsalt": "recbook",  # the same figure has the same bytes, run after run
}


def apply():
    """Set matplotlib's defaults, and in a notebook the form of inline figures."""
    mpl.rcParams.update(_STYLE)
    try:
        from IPython import get_ipython
        from matplotlib_inline.config import InlineBackend
    except ImportError:
        return
    shell = get_ipython()
    if shell is not None and hasattr(shell, "kernel"):
        inline = InlineBackend.instance(parent=shell)
        inline.print_figure_kwargs = inline_settings()
        inline.figure_formats = {"svg"}


def inline_settings():
    """How a notebook draws a figure: the same bytes run after run, and to be read.

    The site inverts its figures in the dark, for which they need a clear ground. In a
    notebook nobody does, so dark ink gets white paper there.
    """
    settings = {"bbox_inches": "tight", "metadata": {"Date": None}}
    for_site = os.environ.get("RECBOOK_SITE")  # set where the book is built
    return settings if for_site else {**settings, "facecolor": "white"}


def luminance(rgba):
    """Relative luminance of WCAG 2, roughly: 0 is black, 1 is white."""
    return float(np.dot(np.asarray(rgba[:3]) ** 2.2, [0.2126, 0.7152, 0.0722]))


apply()
