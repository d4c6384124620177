"""The book's figures: one style, one palette, and a helper for each recurring message.

Importing this module sets matplotlib's defaults for the session: the page's own
sans-serif type, transparent ground, no frame above and to the right, and the eight
colours of Okabe and Ito, which colour-blind readers and grey printers can tell apart.
In a notebook, figures become SVG whose bytes depend on the data alone. A figure is 7.2
inches wide, which is the page's column, and has no text of less than 9 points. Give a
layer of thousands of points ``rasterized=True``: it becomes pixels, its axes do not.

A colour means the same in every chapter: look it up by name in ``COLORS``.
"""

from recbook.plots.animation import descent
from recbook.plots.charts import bars_with_error, dots, heatmap, mean_and_spread
from recbook.plots.labels import headline, name_lines, name_points
from recbook.plots.pictograms import person, squares
from recbook.plots.style import COLORS
from recbook.plots.timelines import drain, hourly, lanes

__all__ = [
    "mean_and_spread",
    "bars_with_error",
    "dots",
    "heatmap",
    "descent",
    "headline",
    "name_points",
    "name_lines",
    "person",
    "squares",
    "drain",
    "hourly",
    "lanes",
    "COLORS",
]
