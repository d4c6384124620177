"""How Matplotlib draws in a page: by Agg, like the notebooks, and shown when asked.

The backend "svg" would measure words by other points than the figure has: a label that
was placed by their size would lie on what it was to keep away from.
"""

import recbook_shows
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg


class Manager(FigureManagerBase):
    """Shows a figure below its cell, once."""

    def show(self):
        """For ``figure.show()``."""
        recbook_shows.display(self.canvas.figure)
        Gcf.destroy(self)

    @classmethod
    def pyplot_show(cls, *, block=None):
        """For ``plt.show()``: all that are open."""
        for manager in Gcf.get_all_fig_managers():
            manager.show()


class FigureCanvas(FigureCanvasAgg):
    """The name that Matplotlib looks for in a backend."""

    manager_class = Manager
