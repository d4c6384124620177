"""The look of the book's figures: palette, type and ground, set at import.

M. Okabe and K. Ito, "Color universal design", 2008, https://jfly.uni-koeln.de/color/
"""

import os
from pathlib import Path

import numpy as np
from cycler import cycler

from recbook._core.install import missing

try:
    import matplotlib as mpl
    from matplotlib import font_manager
except ImportError as error:
    raise ImportError(missing("recbook.plots", "Matplotlib", "book")) from error

__all__ = ["COLORS", "MUTED", "SMALLEST", "apply", "as_text", "luminance", "signed"]

_BLUE, _ORANGE, _GREEN, _VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
_PURPLE, _SKY, _YELLOW, _BLACK = "#CC79A7", "#56B4E9", "#F0E442", "#000000"
_GREY = "#767676"

#: What stands for what, in all chapters, as name to colour. Ours is blue, whatever it
#: beats is grey.
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
# A subset of Source Sans 3, in which the pages are set too (fonts/OFL.txt says why it
# has another name). The browser takes the first of these that it knows.
FONTS = Path(__file__).with_name("fonts")
_FAMILIES = ["Recbook Sans", "Source Sans 3", "Segoe UI", "Roboto", "Helvetica Neue"]
_FAMILIES += ["Arial", "Liberation Sans", "DejaVu Sans"]
_INK, _SOFT, _FRAME = "#1A1A1A", "#333333", "#767676"
MUTED = "#4D4D4D"  # the title of a panel, below the figure's own

SMALLEST = 9  # points: no text in a figure is smaller
WIDTH = 7.2  # inches: the page's column, in which 11 points are the size of a caption

_STYLE = {
    "font.family": "sans-serif",
    "font.sans-serif": _FAMILIES,
    "font.size": 11,
    # Formulas, and with them the powers of ten of a logarithmic axis, in the same type.
    "mathtext.fontset": "custom",
    "mathtext.rm": "Recbook Sans",
    "mathtext.it": "Recbook Sans:italic",
    "mathtext.bf": "Recbook Sans:bold",
    **dict.fromkeys(["mathtext.bfit", "mathtext.cal"], "Recbook Sans:italic"),
    **dict.fromkeys(["mathtext.sf", "mathtext.tt"], "Recbook Sans"),
    "axes.titlesize": 12.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.labelpad": 6,
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.title_fontsize": 10,
    "figure.labelsize": 11,
    "figure.titlesize": 12.5,
    "figure.titleweight": "bold",
    # Quiet axes: the data are what is black and coloured.
    "text.color": _INK,
    "axes.titlecolor": _INK,
    "axes.labelcolor": _SOFT,
    "xtick.labelcolor": _SOFT,
    "ytick.labelcolor": _SOFT,
    "axes.edgecolor": _FRAME,
    "xtick.color": _FRAME,
    "ytick.color": _FRAME,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=_CYCLE),
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.7,
    "lines.linewidth": 2,
    "legend.frameon": False,
    # All figures are as wide as the column, so that their text has one size. The layout
    # keeps labels inside; a figure says no `tight_layout()` of its own.
    "figure.figsize": (WIDTH, 3.6),
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "figure.dpi": 110,
    "svg.fonttype": "none",  # text stays text: small, sharp, searchable
    "svg.hashsalt": "recbook",  # the same figure has the same bytes, run after run
}


def apply():
    """Set matplotlib's defaults, and in a notebook the form of inline figures."""
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for file in sorted(FONTS.glob("*.ttf")):
        if str(file) not in known:
            font_manager.fontManager.addfont(file)
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

    Its size is the one that was asked for, not what its ink takes up. Layers that are
    pixels (``rasterized=True``, for thousands of points) are sharp on paper, too. The
    site sets its figures on its own ground, light or dark. In a notebook nobody does,
    so ink gets white paper there.
    """
    settings = {"bbox_inches": None, "dpi": 220, "metadata": {"Date": None}}
    for_site = os.environ.get("RECBOOK_SITE")  # set where the book is built
    return settings if for_site else {**settings, "facecolor": "white"}


def luminance(rgba):
    """Relative luminance of WCAG 2, roughly: 0 is black, 1 is white."""
    return float(np.dot(np.asarray(rgba[:3]) ** 2.2, [0.2126, 0.7152, 0.0722]))


def signed(value, fmt="g"):
    """Return a number as text, with a true minus, as the axes have it.

    >>> signed(-0.25), signed(2, ".1f")
    ('−0.25', '2.0')
    """
    return format(value, fmt).replace("-", "−")


def as_text(color):
    """The colour, as dark as words on white need it: a contrast of 4.5."""
    rgb = np.array(mpl.colors.to_rgb(color))
    light = luminance(rgb)
    return tuple(rgb * min(1, 0.175 / max(light, 1e-9)) ** (1 / 2.2))


apply()
